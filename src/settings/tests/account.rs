//! Which account counts, and where the config file and what it names are.

use super::*;

#[test]
fn a_profile_alone_is_taken_where_nothing_else_has_an_account() {
    let alone = format!("[profiles.p]\n{ACCOUNT}");
    assert_eq!(settle(&alone, [], "status").unwrap().profile.as_deref(), Some("p"));
    let [login, user, password] =
        ["login_url = 'https://x.example.com'\n", "username = 'base'\n", "password_command = ['pass', 'y']\n"];
    for part in
        [login, user, password, &[login, user].concat(), &[login, password].concat(), &[user, password].concat()]
    {
        let over_defaults = format!("[defaults]\n{part}[profiles.p]\n{ACCOUNT}");
        assert_eq!(settle(&over_defaults, [], "status").unwrap().profile.as_deref(), Some("p"), "{part}");
    }
    for (file, vars) in [
        (format!("[profiles.p]\nwait = true\n{ACCOUNT}"), &ENV_ACCOUNT[..]),
        (format!("[defaults]\n{ACCOUNT}[profiles.p]\nwait = true\nusername = 'other'\n"), &[]),
        (format!("[profiles.p]\nwait = true\n{ACCOUNT}[profiles.q]\n{ACCOUNT}"), &[]),
    ] {
        let vars: Vec<(&str, &str)> = vars.to_vec();
        let settings = match vars.len() {
            0 => settle(&file, [], "status"),
            _ => settle(&file, ENV_ACCOUNT, "status"),
        };
        let settings = settings.unwrap();
        assert_eq!((settings.profile, settings.wait), (None, false), "{file}");
    }
}

#[cfg(unix)]
#[test]
fn a_readable_config_with_a_password_anywhere_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let resolve = |text: &str| {
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        resolve(&cli("status"), &Env::of([(env::CONFIG, path.to_str().unwrap())])).map(|_| ())
    };
    let error = resolve("[profiles.other]\npassword = 'hunter2'\n").unwrap_err();
    assert!(matches!(error, Error::Readable { mode: 0o644, .. }), "{error}");
    assert!(resolve("[profiles.other]\npassword_command = ['pass', 'x']\n").is_ok(), "it holds no secret");
}

#[test]
fn a_session_beside_a_login_is_one_account_too_many() {
    let session = [("RUNAJOB_SESSION_ID", "s"), ("RUNAJOB_SERVER_URL", "https://pod.example.com/saas")];
    let both = settle("", [session[0], session[1], ("RUNAJOB_USERNAME", "ops")], "status").unwrap();
    assert!(matches!(both.identity(), Err(Error::Twice(..))), "{:?}", both.identity());
}

#[test]
fn beside_a_sandbox_only_an_account_of_it_is_used() {
    let with = |login_url: &str| {
        let file = format!("[defaults]\nlogin_url = '{login_url}'\nusername = 'u'\npassword_command = ['pass']\n");
        settle(&file, [("RUNAJOB_SANDBOX", "http://127.0.0.1:8085")], "status").unwrap()
    };
    assert!(with("http://127.0.0.1:8085/ma").identity().is_ok());
    let outside = with("https://dm-us.informaticacloud.com");
    let Err(Error::OutsideSandbox { host, sandbox }) = outside.identity() else { panic!("it is not the sandbox") };
    assert_eq!((host.as_str(), sandbox.as_str()), ("https://dm-us.informaticacloud.com", "http://127.0.0.1:8085"));
    assert_eq!(
        said(settle("", [("RUNAJOB_SANDBOX", "https://dm-us.informaticacloud.com")], "status")),
        "RUNAJOB_SANDBOX: 'https://dm-us.informaticacloud.com' is not on this machine, and a sandbox is"
    );
}

#[test]
fn another_session_is_another_account() {
    let session = |url| settle("", [("RUNAJOB_SESSION_ID", "s"), ("RUNAJOB_SERVER_URL", url)], "status").unwrap();
    let own = session("https://pod.example.com/saas").identity().unwrap().clone();
    assert!(own.is_same_account(session("https://pod.example.com/saas/").identity().unwrap()));
    assert!(!own.is_same_account(session("https://other.example.com/saas").identity().unwrap()));
}

#[test]
fn the_config_file_is_where_it_is_named_or_in_the_users_folder() {
    let named = Env::of([(env::CONFIG, "/srv/named.toml"), ("XDG_CONFIG_HOME", "/home/ops/.config")]);
    assert_eq!(config_places(Some(Path::new("/srv/flag.toml")), &named), [PathBuf::from("/srv/flag.toml")]);
    assert_eq!(config_places(None, &named), [PathBuf::from("/srv/named.toml")]);
    if cfg!(target_os = "linux") {
        let home = Env::of([("XDG_CONFIG_HOME", "/home/ops/.config"), ("HOME", "/home/ops")]);
        let place = PathBuf::from("/home/ops/.config/runajob/config.toml");
        assert_eq!(config_places(None, &home), [place], "a made environment must not find the machine's file");
    }
}

#[test]
fn a_path_in_the_file_is_relative_to_it_and_a_tilde_is_home() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let once_folder = |once_dir: &str| {
        std::fs::write(&path, format!("[defaults]\nonce_dir = '{once_dir}'\n")).unwrap();
        let env = Env::of([(env::CONFIG, path.to_str().unwrap()), ("HOME", "/home/ops")]);
        resolve(&cli("status"), &env).unwrap().once_folder().unwrap()
    };
    assert_eq!(once_folder("keys"), folder.path().join("keys"));
    assert_eq!(once_folder("/srv/keys"), Path::new("/srv/keys"));
    if cfg!(unix) {
        assert_eq!(once_folder("~/keys"), Path::new("/home/ops/keys"));
    }
}

#[test]
fn options_that_are_no_settings_need_waiting_too() {
    assert_eq!(said(settle("", [], "start x --on-suspended wait")), "--on-suspended needs waiting");
    assert_eq!(said(settle("", [], "stop x --clean --escalate-after 5s")), "--escalate-after needs waiting");
    assert!(settle("", [], "start x --wait --on-suspended wait").is_ok());
}
