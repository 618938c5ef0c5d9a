//! Settings as truth tables: who wins, who is whom, what is refused.

use clap::FromArgMatches;

use std::collections::BTreeSet;

use crate::settings::table::SETTINGS;
use crate::settings::value::Kind;
use crate::settings::*;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

mod account;

fn cli(line: &str) -> Cli {
    let words = shell_words::split(&format!("runajob {line}")).unwrap();
    Cli::from_arg_matches(&crate::cli::command().try_get_matches_from(words).unwrap()).unwrap()
}

/// Settings from a config file's text, variables and a command line.
pub(crate) fn settle<const N: usize>(file: &str, vars: [(&str, &str); N], line: &str) -> Result<Settings, Error> {
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

pub(crate) fn said(result: Result<Settings, Error>) -> String {
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
        Ok(Identity::Token { org, .. }) => org.clone(),
        Ok(Identity::Session { server_url, .. }) => server_url.clone(),
        Err(error) => error.to_string(),
    };
    assert_eq!(who(settle(&file, [], "status").unwrap()), "ops");
    let partial = "the environment has only a part of an account: login_url is missing";
    assert_eq!(who(settle(&file, [("RUNAJOB_USERNAME", "x")], "status").unwrap()), partial);
    let explicit = settle(&file, [("RUNAJOB_USERNAME", "x")], "status --profile p").unwrap();
    assert_eq!(explicit.notes.len(), 1);
    assert_eq!(who(explicit), "ops");
    let session = [("RUNAJOB_SESSION_ID", "s"), ("RUNAJOB_SERVER_URL", "https://pod.example.com/saas/")];
    assert_eq!(who(settle(&file, session, "status").unwrap()), "https://pod.example.com/saas");
    let half = "the environment has only a part of an account: RUNAJOB_SERVER_URL is missing";
    assert_eq!(who(settle(&file, [("RUNAJOB_SESSION_ID", "s")], "status").unwrap()), half);
    let lacking = "the config file has only a part of an account: login_url is missing";
    assert_eq!(who(settle(&file, [], "status --profile q").unwrap()), lacking);
    assert_eq!(who(settle("", [], "status").unwrap()), "no account is set up");
}

#[test]
fn the_exit_of_not_waiting_is_in_a_table_of_its_own() {
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
        ("[compat]\ntimeout = '5s'", "config.toml:2: timeout belongs in [defaults] or in [profiles.NAME]"),
        ("[defaults]\nnowait_exit = 6", "config.toml:2: nowait_exit belongs in [compat]"),
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
    assert_eq!((failure.exit, failure.hint), (Exit::Config, Some(format!("chmod 600 {name}").into())));
    let allowed = settle(&Env::of([("RUNAJOB_ALLOW_READABLE_SECRET", "1")]));
    assert_eq!(allowed.notes.len(), 1);
    let given = settle(&Env::of([(env::CREDENTIALS_DIRECTORY, folder.path().to_str().unwrap())]));
    assert_eq!(given.notes.len(), 1);
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
        runtime.block_on(source.fetch("password", &crate::support::clock::SystemClock))
    };
    assert_eq!(fetch(&["printf", "s3cret\r\nmore\n"]).unwrap().reveal(), "s3cret");
    assert_eq!(fetch(&["printf", "%02000d", "7"]).unwrap().reveal().len(), 2000, "the line comes whole");
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
    let error = clock.run(source.fetch("password", &clock)).unwrap_err();
    assert!(error.to_string().ends_with("longer than 30s"), "{error}");
}

/// A value that an option of this setting takes.
fn sample(kind: Kind) -> &'static str {
    match kind {
        Kind::Duration | Kind::Limit | Kind::PollInterval | Kind::ShortestInterval => "7s",
        Kind::Output => "json",
        Kind::When => "never",
        Kind::IfRunning => "fail",
        Kind::AtEnd => "stop",
        Kind::Proxy => "none",
        _ => "x",
    }
}

#[test]
fn every_option_with_the_name_of_a_setting_is_its_flag() {
    let mut seen = BTreeSet::new();
    let command = crate::cli::command();
    for verb in command.get_subcommands() {
        for option in command.get_arguments().chain(verb.get_arguments()) {
            let Some(long) = option.get_long() else { continue };
            let key = long.trim_start_matches("no-").replace('-', "_");
            let Ok(setting) = table::find(&key) else { continue };
            let value = if option.get_action().takes_values() { sample(setting.kind) } else { "" };
            let word = if ["start", "stop", "wait"].contains(&verb.get_name()) { "x" } else { "" };
            // What options need beside them.
            let beside = match (verb.get_name(), long) {
                ("start", "once-dir") => "--once k --wait",
                ("start" | "stop", "wait" | "no-wait") | ("wait", _) => "",
                ("start" | "stop", _) => "--wait",
                _ => "",
            };
            let line = format!("{} {word} --{long} {value} {beside}", verb.get_name());
            let Ok(cli) = crate::cli::command()
                .try_get_matches_from(shell_words::split(&format!("runajob {line}")).unwrap())
                .and_then(|matches| Cli::from_arg_matches(&matches))
            else {
                continue; // A verb that needs more words; another one takes the same global option.
            };
            let settings = resolve(&cli, &Env::default()).unwrap();
            let entry = settings.entries().iter().find(|entry| entry.key == key).unwrap();
            assert_eq!(entry.origin, Origin::Flag(format!("--{long}")), "{line}");
            seen.insert(format!("--{long}"));
        }
    }
    let flags = SETTINGS.iter().flat_map(|setting| setting.flags).map(|flag| flag.name);
    let named: BTreeSet<String> = flags.filter(|name| name.starts_with("--")).map(str::to_owned).collect();
    assert_eq!(seen, named);
}

#[test]
fn the_help_says_what_is_built_in() {
    let command = crate::cli::command();
    let mut compared = BTreeSet::new();
    for verb in command.get_subcommands() {
        for option in command.get_arguments().chain(verb.get_arguments()) {
            let key = option.get_long().unwrap_or_default().replace('-', "_");
            let Ok(setting) = table::find(&key) else { continue };
            let help = option.get_help().map(ToString::to_string).unwrap_or_default();
            let said = help.split("[default: ").nth(1).map(|rest| rest.split([']', ',']).next().unwrap());
            if let (Some(said), false) = (said, setting.default.is_empty()) {
                assert_eq!(setting.kind.read(said), setting.kind.read(setting.default), "--{key}: {help}");
                compared.insert(key);
            }
        }
    }
    assert!(compared.len() >= 7, "{compared:?}");
}

#[test]
fn every_default_can_be_read() {
    for setting in SETTINGS.iter().filter(|setting| !setting.default.is_empty()) {
        assert!(setting.kind.read(setting.default).is_ok(), "{}", setting.name);
    }
    assert!(Values::defaults().get::<bool>("session_cache").unwrap());
}

#[test]
fn the_user_info_of_a_url_and_what_a_command_is_given_are_masked() {
    let file = "[defaults]\nusername = 'ops@example.com'\nexpect_org = 'a@b'\nonce_dir = '/srv/a@b'\n\
        login_url = 'https://me:hunt@er2@host'\npassword_command = ['get', 'https://me:hunter2@vault/x', 'a@b']\n\
        proxy = 'me:hunter2@proxy:3128'\n";
    let settings = settle(file, [], "status").unwrap();
    let shown = |key| settings.entries().iter().find(|entry| entry.key == key).unwrap().value.clone();
    assert_eq!(shown("username"), "ops@example.com");
    assert_eq!(shown("expect_org"), "a@b");
    assert_eq!(shown("once_dir"), "/srv/a@b");
    assert_eq!(shown("login_url"), "https://********@host");
    assert_eq!(shown("password_command"), "get ********");
    assert_eq!(shown("proxy"), "********@proxy:3128");
}

pub(crate) const ENV_ACCOUNT: [(&str, &str); 3] = [
    ("RUNAJOB_LOGIN_URL", "https://dm-us.informaticacloud.com"),
    ("RUNAJOB_USERNAME", "from_env"),
    ("RUNAJOB_PASSWORD", "hunter2"),
];

#[test]
fn the_profile_is_the_one_whose_account_is_used() {
    let file = format!("default_profile = 'p'\n[profiles.p]\ntimeout = '3h'\n{ACCOUNT}");
    assert_eq!(settle(&file, [], "status").unwrap().profile.as_deref(), Some("p"));
    let by_env = settle(&file, ENV_ACCOUNT, "status").unwrap();
    assert_eq!((by_env.profile, by_env.timeout), (None, Some(Duration::from_secs(3 * 3600))));
    assert_eq!(settle(&file, ENV_ACCOUNT, "status --profile p").unwrap().profile.as_deref(), Some("p"));
    let session = [("RUNAJOB_SESSION_ID", "s"), ("RUNAJOB_SERVER_URL", "https://pod.example.com/saas/")];
    assert_eq!(settle(&file, session, "status").unwrap().profile, None);
    let mut other = settle(&file, [], "status").unwrap();
    other.set_identity(other.identity().unwrap().clone());
    assert_eq!(other.profile.as_deref(), Some("p"));
    other.set_identity(by_env.identity.unwrap().unwrap());
    assert_eq!(other.profile, None);
}

#[test]
fn a_file_in_a_default_place_that_cannot_be_read_is_needed_only_without_an_account() {
    let home = tempfile::tempdir().unwrap();
    // A folder cannot be read as a file, whoever runs the test.
    let config = home.path().join("runajob/config.toml");
    std::fs::create_dir_all(&config).unwrap();
    let place = Env::of([("XDG_CONFIG_HOME", home.path().to_str().unwrap()), ("HOME", home.path().to_str().unwrap())]);
    if !cfg!(target_os = "linux") {
        return;
    }
    let settle = |vars: &Env, line: &str| resolve(&cli(line), &Env::merge(&place, vars));
    let settings = settle(&Env::of(ENV_ACCOUNT), "status").unwrap();
    assert!(settings.identity().is_ok());
    assert!(settings.notes[0].contains("config.toml: it is a folder; the account comes from the environment"));
    let unreadable = |result: Result<Settings, Error>| matches!(result, Err(Error::Unreadable { .. }));
    assert!(unreadable(settle(&Env::default(), "status")));
    assert!(unreadable(settle(&Env::of([("RUNAJOB_USERNAME", "u")]), "status")));
    assert!(unreadable(settle(&Env::of(ENV_ACCOUNT), "status --profile p")));
    let named = Env::merge(&Env::of(ENV_ACCOUNT), &Env::of([(env::CONFIG, config.to_str().unwrap())]));
    assert!(unreadable(settle(&named, "status")));
    let line = format!("status --config {}", config.display());
    assert_eq!(Failure::from(settle(&Env::of(ENV_ACCOUNT), &line).map(|_| ()).unwrap_err()).exit, Exit::Config);
}

#[test]
fn the_log_file_is_known_before_the_settings_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, "[profiles.p]\nlog_file = 'jobs.log'\n[defaults]\nlog_file = 'all.log'\n").unwrap();
    let log = |flag: Option<&str>, profile, env: &Env| log_file(flag.map(PathBuf::from), Some(&path), profile, env);
    let env = Env::of([("RUNAJOB_LOG_FILE", "env.log")]);
    assert_eq!(log(Some("flag.log"), None, &env), Some("flag.log".into()));
    assert_eq!(log(None, None, &env), Some("env.log".into()));
    assert_eq!(log(None, Some("p"), &Env::default()), Some(folder.path().join("jobs.log")));
    assert_eq!(log(None, Some("none"), &Env::default()), Some(folder.path().join("all.log")));
    assert_eq!(log_file(None, Some(&folder.path().join("none")), None, &Env::default()), None);
}
