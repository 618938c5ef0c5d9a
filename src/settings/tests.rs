//! Settings as truth tables: who wins, who is whom, what is refused.

use clap::FromArgMatches;

use crate::settings::*;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

fn cli(line: &str) -> Cli {
    let words = shell_words::split(&format!("runajob {line}")).unwrap();
    Cli::from_arg_matches(&crate::cli::command().try_get_matches_from(words).unwrap()).unwrap()
}

/// Settings from a config file's text, variables and a command line.
fn settle<const N: usize>(file: &str, vars: [(&str, &str); N], line: &str) -> Result<Settings, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, file).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let mut env = Env::of(vars);
    let home = Env::of([(env::CONFIG, path.to_str().unwrap())]);
    env = Env::merge(&env, &home);
    resolve(&cli(line), &env)
}

fn said(result: Result<Settings, Error>) -> String {
    result.map(|_| ()).unwrap_err().to_string()
}

const ACCOUNT: &str =
    "login_url = 'https://dm-us.informaticacloud.com/ma'\nusername = 'ops'\npassword_command = ['pass', 'x']\n";

#[test]
fn the_stronger_source_wins() {
    let file = "default_profile = 'p'\n[defaults]\ntimeout = '2h'\n[profiles.p]\ntimeout = '3h'\n";
    let timeout = |settings: Settings| settings.timeout.map(|timeout| timeout.as_secs() / 3600);
    let all = settle(file, [("RUNAJOB_TIMEOUT", "4h")], "wait x --timeout 5h").unwrap();
    assert_eq!(timeout(all), Some(5));
    assert_eq!(timeout(settle(file, [("RUNAJOB_TIMEOUT", "4h")], "wait x").unwrap()), Some(4));
    assert_eq!(timeout(settle(file, [], "wait x").unwrap()), Some(3));
    assert_eq!(timeout(settle("[defaults]\ntimeout = '2h'\n", [], "wait x").unwrap()), Some(2));
    assert_eq!(timeout(settle("", [("RUNAJOB_TIMEOUT", "")], "wait x").unwrap()), None);
}

#[test]
fn every_value_knows_where_it_comes_from() {
    let file = "[defaults]\n\npatience = '1m'\n";
    let settings = settle(file, [("RUNAJOB_OUTPUT", "json")], "start x --wait").unwrap();
    let origin = |key| settings.entries().iter().find(|entry| entry.key == key).unwrap().origin.to_string();
    assert_eq!(origin("patience"), "[defaults], line 3");
    assert_eq!(origin("output"), "RUNAJOB_OUTPUT");
    assert_eq!(origin("wait"), "--wait");
    assert_eq!(origin("request_timeout"), "built in");
}

#[test]
fn waiting_options_need_waiting_only_as_flags() {
    assert_eq!(said(settle("", [], "start x --timeout 5s")), "--timeout needs waiting");
    assert_eq!(said(settle("", [], "start x --warnings-ok")), "--warnings-ok needs waiting");
    assert_eq!(said(settle("", [], "stop x --patience 5s")), "--patience needs waiting");
    assert!(settle("[defaults]\nwait = true\n", [], "start x --timeout 5s").is_ok());
    assert!(settle("[defaults]\ntimeout = '5s'\n", [], "start x").is_ok());
    assert!(settle("", [], "wait x --timeout 5s").is_ok());
    assert!(settle("[defaults]\nwait = true\n", [], "start x --no-wait --poll-interval 5s").is_err());
}

#[test]
fn one_identity_comes_from_one_source() {
    let file = format!("default_profile = 'p'\n[profiles.p]\n{ACCOUNT}[profiles.q]\nusername = 'q'\n");
    let who = |settings: Settings| match settings.identity() {
        Ok(Identity::Password { username, .. }) => username.clone(),
        Ok(Identity::Session { server_url, .. }) => server_url.clone(),
        Err(error) => error.to_string(),
    };
    assert_eq!(who(settle(&file, [], "status").unwrap()), "ops");
    let partial = "the environment has a part of an account only: login_url is missing";
    assert_eq!(who(settle(&file, [("RUNAJOB_USERNAME", "x")], "status").unwrap()), partial);
    let explicit = settle(&file, [("RUNAJOB_USERNAME", "x")], "status --profile p").unwrap();
    assert_eq!(explicit.notes.len(), 1);
    assert_eq!(who(explicit), "ops");
    let session = [("RUNAJOB_SESSION_ID", "s"), ("RUNAJOB_SERVER_URL", "https://pod.example.com/saas/")];
    assert_eq!(who(settle(&file, session, "status").unwrap()), "https://pod.example.com/saas");
    let half = "the environment has a part of an account only: RUNAJOB_SERVER_URL is missing";
    assert_eq!(who(settle(&file, [("RUNAJOB_SESSION_ID", "s")], "status").unwrap()), half);
    let lacking = "the config file has a part of an account only: login_url is missing";
    assert_eq!(who(settle(&file, [], "status --profile q").unwrap()), lacking);
    assert_eq!(who(settle("", [], "status").unwrap()), "no account is set up");
}

#[test]
fn the_exit_of_not_waiting_stands_in_a_table_of_its_own() {
    let settings = settle("[compat]\nnowait_exit = 6\n", [], "start x").unwrap();
    let entry = settings.entries().iter().find(|entry| entry.key == "nowait_exit").unwrap();
    assert_eq!((settings.nowait_exit, entry.origin.to_string()), (Some(6), "[compat], line 2".to_owned()));
    assert_eq!(
        settle("[compat]\nnowait_exit = 6\n", [("RUNAJOB_NOWAIT_EXIT", "7")], "start x").unwrap().nowait_exit,
        Some(7)
    );
    assert_eq!(settle("", [], "start x").unwrap().nowait_exit, None);
    for (file, why) in [
        ("[compat]\nnowait_exit = 256", "config.toml:2: nowait_exit: '256' is not a number from 0 to 255"),
        ("[compat]\nnowait_exit = 'x'", "config.toml:2: nowait_exit: it is a number"),
        ("[compat]\ntimeout = '5s'", "config.toml:2: timeout stands in [defaults] or in [profiles.NAME]"),
        ("[defaults]\nnowait_exit = 6", "config.toml:2: nowait_exit stands in [compat]"),
    ] {
        assert!(said(settle(file, [], "start x")).ends_with(why), "{}", said(settle(file, [], "start x")));
    }
}

#[test]
fn a_password_alone_is_kept_for_who_says_the_rest() {
    let lone = settle("", [("RUNAJOB_PASSWORD", "secret")], "start x").unwrap();
    assert!(matches!(lone.lone_secret(), Ok(Some(SecretSource::Value(_)))));
    assert!(matches!(lone.identity(), Err(Error::Partial { .. })));
    let named = settle("", [("RUNAJOB_PASSWORD", "secret"), ("RUNAJOB_USERNAME", "ops")], "start x").unwrap();
    assert!(matches!(named.lone_secret(), Ok(None)));
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let tail = |result| said(result).rsplit('/').next().unwrap().to_owned();
    let toml = |text: &str| tail(settle(text, [], "status"));
    assert_eq!(
        toml("[defaults]\ntimout = '1h'\n"),
        "config.toml:2: there is no setting 'timout'; did you mean timeout?"
    );
    assert_eq!(
        toml("[defaults]\ntimeout = 90\n"),
        "config.toml:2: timeout: it is a string with a unit, such as \"90s\""
    );
    assert!(toml("[defaults]\r\n\r\ntimeout = '90'\r\n").starts_with("config.toml:3: timeout: '90' has no unit"));
    assert_eq!(toml("[defaults]\nwait = 'yes'\n"), "config.toml:2: wait: it is true or false");
    assert!(toml("[default]\n").starts_with("config.toml:1: there is no 'default' here; did you mean defaults?"));
    assert!(toml("[defaults\n").starts_with("config.toml:1: "));
    assert!(toml("[defaults]\nrequest_timeout = '0s'\n").contains("longer than zero"));
    assert!(toml("default_profile = 'prd'\n[profiles.prod]\n").contains("no profile 'prd'; known: prod"));
    assert!(said(settle("", [("RUNAJOB_WAIT", "maybe")], "status")).contains("RUNAJOB_WAIT: 'maybe'"));
    assert!(said(settle("", [("RUNAJOB_TIMOUT", "1h")], "status")).contains("did you mean RUNAJOB_TIMEOUT?"));
    assert!(settle("\u{feff}[defaults]\r\nwait = true\r\n", [], "status").unwrap().wait);
}

#[test]
fn no_error_repeats_a_password() {
    let file = format!("[defaults]\n{ACCOUNT}password = 'hunter2'\n");
    let settings = settle(&file, [], "status").unwrap();
    let error = settings.identity().unwrap_err().to_string();
    assert!(!error.contains("hunter2"), "{error}");
    let shown: String = settings.entries().iter().map(|entry| entry.value.clone()).collect();
    assert!(!shown.contains("hunter2") && shown.contains("********"));
    let proxy = settle("[defaults]\nproxy = 'http://me:hunter2@proxy:3128'\n", [], "status").unwrap();
    assert!(proxy.entries().iter().any(|entry| entry.value == "http://********@proxy:3128"));
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "hunter2\n").unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    let name = path.to_str().unwrap();
    let account =
        [("RUNAJOB_LOGIN_URL", "https://x.example.com"), ("RUNAJOB_USERNAME", "u"), ("RUNAJOB_PASSWORD_FILE", name)];
    let settle = |more: &Env| resolve(&cli("status"), &Env::merge(&Env::of(account), more)).unwrap();
    let failure = Failure::from(settle(&Env::default()).identity().unwrap_err());
    assert_eq!((failure.exit, failure.hint.as_deref()), (Exit::Config, Some(format!("chmod 600 {name}").as_str())));
    let allowed = settle(&Env::of([("RUNAJOB_ALLOW_READABLE_SECRET", "1")]));
    assert_eq!(allowed.notes.len(), 1);
    let given = settle(&Env::of([(env::CREDENTIALS_DIRECTORY, folder.path().to_str().unwrap())]));
    assert_eq!(given.notes.len(), 1);
}

#[cfg(unix)]
#[test]
fn a_readable_config_with_a_password_anywhere_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, "[profiles.other]\npassword = 'hunter2'\n").unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    let error = resolve(&cli("status"), &Env::of([(env::CONFIG, path.to_str().unwrap())])).map(|_| ()).unwrap_err();
    assert!(matches!(error, Error::Readable { mode: 0o644, .. }), "{error}");
}

#[test]
fn files_that_cannot_be_used_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let read = |path: &Path| said(resolve(&cli("status"), &Env::of([(env::CONFIG, path.to_str().unwrap())])));
    assert!(read(&folder.path().join("none")).contains("No such file"));
    assert!(read(folder.path()).contains("it is a folder"));
    let odd = folder.path().join("odd");
    std::fs::write(&odd, [0xff, 0xfe]).unwrap();
    assert!(read(&odd).contains("not UTF-8"));
    std::fs::write(&odd, vec![b'#'; 2 << 20]).unwrap();
    assert!(read(&odd).contains("longer than 1 MiB"));
}

#[test]
fn a_password_comes_from_the_first_line_of_what_a_command_prints() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let fetch = |words: &[&str]| {
        let source = SecretSource::Command(words.iter().map(|word| (*word).to_owned()).collect());
        runtime.block_on(source.fetch(&crate::support::clock::SystemClock))
    };
    assert_eq!(fetch(&["printf", "s3cret\r\nmore\n"]).unwrap().reveal(), "s3cret");
    for words in
        [&["printf", ""][..], &["sh", "-c", "echo s3cret; exit 3"], &["no-such-command-at-all"], &["printf", "\\377"]]
    {
        let error = fetch(words).unwrap_err().to_string();
        assert!(error.starts_with("no password from "), "{error}");
    }
}

#[test]
fn a_password_command_gets_thirty_seconds() {
    let clock = crate::support::clock::ManualClock::new("2026-03-01T00:00:00Z".parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    let source = SecretSource::Command(vec!["sleep".to_owned(), "600".to_owned()]);
    let error = clock.run(source.fetch(&clock)).unwrap_err();
    assert!(error.to_string().ends_with("longer than 30s"), "{error}");
}
