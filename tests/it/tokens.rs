//! Logins by a JSON Web Token: each token is sent once, whatever comes of it, and its session is kept like any other.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use runajob::support::clock::Clock;

use crate::virtual_world::VirtualWorld;
use crate::world::Outcome;

const SCENARIO: &str = "
[[accounts]]
username = 'saml'
[[task]]
name = 'good'
takes = '60s'
";

fn world(scenario: &str, faults: &[&str]) -> VirtualWorld {
    let world = VirtualWorld::new(&format!("{scenario}{SCENARIO}"), faults).with_token_file();
    world.put_token("sandbox-0");
    world
}

/// A token that expires so many seconds after the beginning.
fn expiring(world: &VirtualWorld, seconds: i64) -> String {
    let claims = format!("{{\"exp\":{}}}", world.clock.utc().as_second() + seconds);
    format!("sandbox-.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
}

/// What must be true of every command: no token in what it says.
fn run(world: &VirtualWorld, line: &str) -> Outcome {
    let outcome = world.run(line);
    for said in [&outcome.stdout, &outcome.stderr] {
        assert!(!said.contains("sandbox-") && !said.contains("c2ln"), "{outcome:?}");
    }
    outcome
}

#[test]
fn a_token_logs_in_and_its_session_is_kept() {
    let world = world("", &[]);
    for line in ["start good -t MTT --wait", "find", "start good -t MTT --wait -vv", "status -o json"] {
        assert_eq!(run(&world, line).code, 0, "{line}");
    }
    assert_eq!(world.sent_tokens(), ["sandbox-0"]);
    assert_eq!((world.logins(), world.count("user/loginOAuth"), world.count("/user/logout")), (1, 1, 0));
    assert_eq!(run(&world, "logout").stdout, "logged out\n");
    assert_eq!(world.count("/user/logout"), 1);
}

#[test]
fn a_used_token_is_never_sent_again() {
    let world = world("", &[]);
    assert_eq!(run(&world, "login").code, 0);
    for line in ["login", "config check", "find --no-session-cache", "start good -t MTT -o json"] {
        run(&world, "logout");
        let outcome = run(&world, line);
        assert_eq!(outcome.code, 77, "{line}: {outcome:?}");
        assert!(outcome.stderr.contains("token_file has a used token"), "{outcome:?}");
        assert!(outcome.stderr.contains("put a new one into it: each login takes a token of its own"), "{outcome:?}");
    }
    assert_eq!((world.count("loginOAuth"), world.start_requests()), (1, 0));
    world.put_token("sandbox-1");
    assert_eq!(run(&world, "start good -t MTT").code, 0);
    assert_eq!(world.sent_tokens(), ["sandbox-0", "sandbox-1"]);
}

#[test]
fn a_login_that_fails_leaves_the_kept_session() {
    let world = world("", &[]);
    assert_eq!(run(&world, "login").code, 0);
    assert_eq!(run(&world, "login").code, 77);
    assert_eq!((run(&world, "find").code, world.count("loginOAuth")), (0, 1));
}

#[test]
fn a_lost_answer_uses_a_token_up() {
    for fault in ["lost-answer", "hang", "truncated", "503", "reset", "html", "429"] {
        let world = world("", &[&format!("login:{fault}*1")]);
        let lost = run(&world, "find -o json");
        assert_eq!((lost.code, world.sent_tokens().len()), (77, 1), "{fault}: {lost:?}");
        assert!(lost.stderr.contains("token_file has a used token, which was sent a moment ago: the"), "{lost:?}");
        assert_eq!((run(&world, "find").code, world.sent_tokens().len()), (77, 1), "{fault}");
        world.put_token("sandbox-new");
        assert_eq!((run(&world, "find").code, world.sent_tokens().len()), (0, 2), "{fault}");
    }
}

#[test]
fn a_try_after_a_lost_answer_takes_a_token_of_its_own() {
    let world = world("", &["login:lost-answer*2"]).with_renewed_tokens();
    assert_eq!(run(&world, "find").code, 0);
    assert_eq!(world.sent_tokens(), ["sandbox-0", "sandbox-1", "sandbox-2"]);
    run(&world, "logout");
    world.fault("login:503");
    assert_eq!((run(&world, "find").code, world.sent_tokens().len()), (69, 6));
}

#[test]
fn a_token_that_was_not_sent_is_still_good() {
    let waits = world("", &[]).unreachable("loginOAuth", 2);
    assert_eq!((run(&waits, "find").code, waits.sent_tokens().len()), (0, 1));
    let gives_up = world("", &[]).unreachable("loginOAuth", 3);
    assert_eq!((run(&gives_up, "find").code, gives_up.sent_tokens().len()), (69, 0));
    assert_eq!((run(&gives_up, "find").code, gives_up.sent_tokens().len()), (0, 1));
}

#[test]
fn a_token_that_has_expired_is_refused_with_its_time_and_used_up() {
    let world = world("", &[]);
    world.put_token(&expiring(&world, -60));
    let refused = run(&world, "find -o json");
    assert_eq!((refused.code, world.count("loginOAuth")), (77, 1), "{refused:?}");
    let what = refused.json()["error"]["what"].to_string();
    assert!(what.contains("the token says that it expired at 2026-03-03T09:59:00Z"), "{what}");
    assert!(refused.fix().ends_with(": runajob login"), "{}", refused.fix());
    assert_eq!((run(&world, "find").code, world.count("loginOAuth")), (77, 1));
}

#[test]
fn a_token_is_remembered_until_it_expires() {
    let world = world("", &[]);
    world.put_token(&expiring(&world, 3 * 86_400));
    for hours in [0, 1, 30, 40] {
        world.clock.advance(Duration::from_secs(hours * 3600));
        let expected = if hours == 0 { 0 } else { 77 };
        assert_eq!((run(&world, "find").code, world.count("loginOAuth")), (expected, 1), "{hours}");
    }
    let tokens = || std::fs::read_dir(world.home.path().join(".local/state/runajob/tokens")).unwrap().count();
    assert_eq!(tokens(), 1);
    world.clock.advance(Duration::from_secs(2 * 3600));
    world.put_token("sandbox-new");
    assert_eq!((run(&world, "find").code, tokens()), (0, 1));
}

#[test]
fn the_login_of_another_process_is_waited_for() {
    let world = world("", &[]);
    assert_eq!(run(&world, "login").code, 0);
    let files = crate::world::files(&world.home.path().join(".local/state/runajob/sessions"));
    let lock = files.iter().find(|file| file.extension().is_some_and(|end| end == "lock")).unwrap();
    let held = std::fs::File::open(lock).unwrap();
    held.try_lock().unwrap();
    assert_eq!(run(&world, "find").code, 0, "a session that is there needs no lock");
    run(&world, "logout");
    world.put_token("sandbox-1");
    let before = world.clock.now().as_secs();
    assert_eq!((run(&world, "find").code, world.sent_tokens().len()), (0, 2));
    assert_eq!(world.clock.now().as_secs() - before, 120);
}

#[test]
fn without_a_state_folder_a_warning_says_what_is_not_remembered() {
    let world = world("", &["login:lost-answer*1"]).with("RUNAJOB_STATE_DIR", "/proc/nothing");
    let lost = run(&world, "find");
    assert_eq!((lost.code, world.sent_tokens().len()), (77, 1), "{lost:?}");
    let warning = "the session is not kept and a used token is not remembered, because /proc/nothing cannot be written";
    assert!(lost.stderr.contains(warning), "{lost:?}");
    // Nothing keeps another command from sending it, and the service refuses it.
    let again = run(&world, "find");
    assert_eq!((again.code, world.sent_tokens().len()), (77, 2), "{again:?}");
    assert!(again.stderr.contains("the login by a token for organisation 00SBX1 was refused"), "{again:?}");
}

const LONG: &str = "
[timing]
jwt_life = '20m'
[quirks]
session = 'jwt'
session_length = 16000
[[task]]
name = 'long'
takes = '3h'
";

#[test]
fn a_long_wait_renews_its_session_with_a_new_token_each_time() {
    let world = world(LONG, &[]).with_renewed_tokens();
    assert_eq!(run(&world, "start long -t MTT --wait").code, 0);
    let tokens = world.sent_tokens();
    assert!((9..=11).contains(&tokens.len()), "{tokens:?}");
    assert!((0..tokens.len()).all(|number| tokens[number] == format!("sandbox-{number}")), "{tokens:?}");
    assert_eq!((world.logins(), world.start_requests()), (tokens.len(), 1));
}

#[test]
fn a_wait_is_patient_with_a_token_that_is_not_renewed_in_time() {
    let world = world(LONG, &[]);
    let outcome = run(&world, "start long -t MTT --wait -o json");
    assert_eq!((outcome.code, world.sent_tokens().len()), (6, 1), "{outcome:?}");
    let waited = world.clock.now().as_secs() / 60;
    assert!((35..=36).contains(&waited), "{waited}");
    assert!(outcome.stderr.contains("token_file has a used token; failing for 15 minutes"), "{outcome:?}");
}

#[test]
fn a_wait_is_patient_with_a_source_that_brings_nothing() {
    let world = world(LONG, &[]);
    assert_eq!(run(&world, "login").code, 0);
    std::fs::remove_file(world.home.path().join("token")).unwrap();
    let outcome = run(&world, "start long -t MTT --wait");
    assert_eq!((outcome.code, world.clock.now().as_secs() / 60), (6, 35), "{outcome:?}");
    assert!(outcome.stderr.contains("token: No such file or directory"), "{outcome:?}");
}

#[test]
fn a_session_that_is_a_token_is_kept_until_it_expires() {
    let world = world(LONG, &[]).with_renewed_tokens();
    for minutes in [0, 10, 9, 2] {
        world.clock.advance(Duration::from_secs(minutes * 60));
        assert_eq!(run(&world, "find").code, 0);
    }
    assert_eq!(world.sent_tokens(), ["sandbox-0", "sandbox-1"]);
    let refused = world.exchanges().iter().filter(|one| one.status != Some(200)).count();
    assert_eq!(refused, 0, "a session was sent that had expired");
}

#[test]
fn a_token_for_another_organisation_is_refused_by_the_service_or_beforehand() {
    let other = world("", &[]).with("RUNAJOB_ORG_ID", "00ELSE");
    let refused = run(&other, "find -o json");
    assert_eq!((refused.code, other.sent_tokens().len()), (77, 1), "{refused:?}");
    let odd = world("", &[]).with("RUNAJOB_ORG_ID", "00ELSE").with("RUNAJOB_EXPECT_ORG", "00SBX1");
    let refused = run(&odd, "find -o json");
    assert_eq!((refused.code, odd.sent_tokens().len()), (78, 0), "{refused:?}");
    assert!(refused.stderr.contains("org_id is 00ELSE, but expect_org is 00SBX1"), "{refused:?}");
}

#[test]
fn a_saml_user_who_tries_a_password_is_told() {
    let world = VirtualWorld::new(SCENARIO, &[]).with_password("saml");
    let refused = run(&world, "find -o json");
    assert_eq!((refused.code, world.count("user/login")), (77, 1));
    assert!(refused.fix().contains("SAML users have no password here, and need token_command with org_id"));
}

#[test]
fn runajobs_mode_takes_the_token_of_the_settings() {
    let world = world("", &[]);
    let outcome = run(&world, "runAJobCli -t MTT -n good");
    assert_eq!((outcome.code, world.sent_tokens().len()), (0, 1), "{outcome:?}");
    let with_password = run(&world, "runAJobCli -t MTT -n good -p secret");
    assert_eq!((with_password.code, world.sent_tokens().len()), (5, 1), "{with_password:?}");
    assert!(with_password.stdout.contains("logs in by a token, not by a password"), "{with_password:?}");
    let other_user = run(&world, "runAJobCli -t MTT -n good -u ops");
    assert_eq!(other_user.code, 5, "{other_user:?}");
    assert!(other_user.stdout.contains("is another account: one without username at http"), "{other_user:?}");
}

#[test]
fn no_file_has_a_token() {
    let world = world("", &["login:lost-answer*1"]).with_renewed_tokens();
    let token = expiring(&world, 600);
    world.put_token(&token);
    let log = world.home.path().join("jobs.log");
    let line = format!("start good -t MTT --once k --wait -vv --log-file {}", log.display());
    assert_eq!(run(&world, &line).code, 0);
    assert_eq!(world.sent_tokens(), [token, "sandbox-1".to_owned()]);
    let files = crate::world::files(world.home.path());
    let of_state = files.iter().filter(|path| !path.ends_with("token"));
    assert!(log.exists() && of_state.clone().count() >= 4, "{files:?}");
    for file in of_state {
        let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
        assert!(!text.contains("sandbox-"), "{}: {text}", file.display());
    }
}
