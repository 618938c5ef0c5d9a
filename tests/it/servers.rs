//! Where the answer to a login leads: a session goes to the login's own domain or to an allowed host, and nowhere else.

use std::path::PathBuf;

use serde_json::Value;

use crate::virtual_world::VirtualWorld;

const ELSEWHERE: &str = "https://pod.elsewhere.example.com/saas";

/// A service whose logins lead to `server_url`, and a network on which nothing gets there.
fn leading_to(server_url: &str) -> VirtualWorld {
    let scenario = format!("[quirks]\nserver_url = '{server_url}'\n[[task]]\nname = 'good'\n");
    VirtualWorld::new(&scenario, &[])
}

/// The file of the stored session.
fn stored(world: &VirtualWorld) -> PathBuf {
    let folder = world.home.path().join(".local/state/runajob/sessions");
    let mut files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.find(|path| path.extension().is_none()).unwrap()
}

#[test]
fn a_login_that_leads_elsewhere_ends_with_the_line_that_would_allow_it() {
    let world = leading_to(ELSEWHERE).unreachable("elsewhere", usize::MAX);
    for tried in 1..=2 {
        for line in ["start good -t MTT -o json", "login"] {
            let outcome = world.run(line);
            assert_eq!((outcome.code, world.start_requests()), (78, 0), "{outcome:?}");
            let allow = "config file: allowed_hosts = [\"pod.elsewhere.example.com\"]\n";
            assert!(outcome.stderr.contains(allow), "{outcome:?}");
        }
        // The password was right, and is not taken for a refused one.
        assert_eq!((world.logins(), world.exchanges().len()), (2 * tried, 2 * tried));
    }
}

#[test]
fn an_allowed_host_gets_the_session() {
    let world = leading_to(ELSEWHERE);
    let config = world.home.path().join("c.toml");
    for hosts in ["['pod.elsewhere.example.com']", "['*.example.com']"] {
        std::fs::write(&config, format!("[defaults]\nallowed_hosts = {hosts}\n")).unwrap();
        let outcome = world.run(&format!("start good -t MTT --wait --config {}", config.display()));
        assert_eq!(outcome.code, 0, "{hosts}: {outcome:?}");
    }
    std::fs::write(&config, "[defaults]\nallowed_hosts = ['other.example.com']\n").unwrap();
    let outcome = world.run(&format!("status --config {}", config.display()));
    assert_eq!(outcome.code, 78, "{outcome:?}");
    assert!(outcome.stderr.contains(r#"allowed_hosts = ["other.example.com", "pod.elsewhere.example.com"]"#));
}

#[test]
fn a_server_with_user_info_or_without_tls_is_refused_and_not_repeated() {
    for url in ["https://hunter2:x@127.0.0.1:1/saas", "http://hunter2.example.com/saas", "https://127.0.0.1:1/?hunter2"]
    {
        let world = leading_to(url).unreachable("hunter2", usize::MAX);
        let outcome = world.run("start good -t MTT -o json");
        assert_eq!((outcome.code, world.exchanges().len()), (78, 1), "{url}: {outcome:?}");
        assert!(!format!("{outcome:?}").contains("hunter2"), "{url}: {outcome:?}");
        assert!(outcome.stderr.contains("no session was sent there"), "{url}: {outcome:?}");
    }
}

#[test]
fn a_stored_session_for_a_server_that_is_not_allowed_is_replaced() {
    for url in [ELSEWHERE, "https://user@127.0.0.1:1/saas", "not a url", ""] {
        let world = VirtualWorld::new("[[task]]\nname = 'good'\n", &[]);
        let world = world.unreachable("elsewhere", usize::MAX);
        assert_eq!(world.run("status").code, 0);
        let file = stored(&world);
        let mut session: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        session["server_url"] = url.into();
        std::fs::write(&file, session.to_string()).unwrap();
        let outcome = world.run("status");
        assert_eq!((outcome.code, world.logins()), (0, 2), "{url}: {outcome:?}");
        let session: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert_eq!(session["server_url"], "http://127.0.0.1:1/saas", "{url}");
        // Nor is it logged out there.
        std::fs::write(&file, session.to_string().replace("http://127.0.0.1:1", "https://pod.elsewhere.example.com"))
            .unwrap();
        let outcome = world.run("logout");
        assert_eq!((outcome.code, world.count("logout"), file.exists()), (0, 0, false), "{url}: {outcome:?}");
    }
}
