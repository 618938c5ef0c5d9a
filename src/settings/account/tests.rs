//! Accounts that log in by a token, and passwords from stdin.

use crate::settings::error::Error;
use crate::settings::identity::{Identity, SecretSource};
use crate::settings::tests::{ENV_ACCOUNT, said, settle};
use crate::support::exit::Exit;
use crate::support::failure::Failure;

const TOKEN: [(&str, &str); 3] = [
    ("RUNAJOB_LOGIN_URL", "https://dm-us.informaticacloud.com"),
    ("RUNAJOB_ORG_ID", "01ABCD"),
    ("RUNAJOB_TOKEN_COMMAND", "get-token --audience 'a b'"),
];

#[test]
fn a_token_makes_an_account_with_its_organisation() {
    let settings = settle("", TOKEN, "status").unwrap();
    let Ok(Identity::Token { org, username: None, source: SecretSource::Command(words), .. }) = settings.identity()
    else {
        panic!()
    };
    assert_eq!((org.as_str(), &words[..]), ("01ABCD", &["get-token", "--audience", "a b"].map(str::to_owned)[..]));
    let file = "[profiles.p]\npod = 'usw1'\norg_id = '01ABCD'\ntoken_file = 'token'\nusername = 'ada'\n";
    let settings = settle(file, [], "status").unwrap();
    assert!(matches!(
        settings.identity(),
        Ok(Identity::Token { username: Some(name), source: SecretSource::File(path), .. })
            if name == "ada" && path.is_absolute()
    ));
}

#[test]
fn an_account_has_a_password_or_a_token_and_a_token_has_its_organisation() {
    let table = |lines: &str| {
        let settings =
            settle(&format!("[defaults]\nlogin_url = 'https://x.example.com'\n{lines}"), [], "status").unwrap();
        let failure = Failure::from(settings.identity().unwrap_err());
        assert_eq!(failure.exit, Exit::Config, "{lines}");
        settings.identity().unwrap_err().to_string()
    };
    let token = "token_command = ['get']\n";
    for (lines, why) in [
        (token.to_owned(), "has only a part of an account: org_id is missing"),
        (format!("{token}username = 'u'\n"), "has only a part of an account: org_id is missing"),
        ("org_id = 'o'\n".to_owned(), "has only a part of an account: token_command or token_file is missing"),
        (format!("{token}org_id = 'o'\ntoken_file = 't'\n"), "has more than one of token_command and token_file"),
        (
            format!("{token}org_id = 'o'\nusername = 'u'\npassword_file = 'p'\n"),
            "more than one of a password and a token",
        ),
        (format!("{token}org_id = 'o'\npassword_command = ['p']\n"), "more than one of a password and a token"),
        ("org_id = 'o'\nusername = 'u'\npassword_command = ['p']\n".to_owned(), "it goes with a token"),
        (format!("{token}org_id = 'o'\nexpect_org = 'p'\n"), "org_id is o, but expect_org is p"),
    ] {
        let said = table(&lines);
        assert!(said.contains(why), "{lines}: {said}");
    }
    let same = settle("", [TOKEN[0], TOKEN[1], TOKEN[2], ("RUNAJOB_EXPECT_ORG", "01ABCD")], "status").unwrap();
    assert!(same.identity().is_ok());
    let session = [TOKEN[1], ("RUNAJOB_SESSION_ID", "s"), ("RUNAJOB_SERVER_URL", "https://pod.example.com/saas")];
    assert!(matches!(settle("", session, "status").unwrap().identity(), Err(Error::Twice(..))));
    assert!(said(settle("", [("RUNAJOB_TOKEN", "x")], "status")).contains("did you mean RUNAJOB_TOKEN_FILE?"));
}

#[test]
fn accounts_of_tokens_differ_by_organisation_and_source() {
    let identity = |org: &str, command: &str| {
        let vars = [TOKEN[0], ("RUNAJOB_ORG_ID", org), ("RUNAJOB_TOKEN_COMMAND", command)];
        settle("", vars, "status").unwrap().identity().unwrap().clone()
    };
    let one = identity("01ABCD", "get a");
    assert!(one.is_same_account(&identity("01ABCD", "get  'a'")));
    for other in [identity("01ABCE", "get a"), identity("01ABCD", "get b")] {
        assert!(!one.is_same_account(&other), "{other:?}");
    }
    let place = |words: &[&str]| SecretSource::Command(words.iter().map(|word| (*word).to_owned()).collect()).place();
    assert_eq!(place(&["get", "a b"]), "get 'a b'");
    let folder = std::env::current_dir().unwrap();
    assert_eq!(SecretSource::File("t".into()).place(), folder.join("t").display().to_string());
    assert_eq!(place(&["bin/get", "x"]), shell_words::join([folder.join("bin/get").to_str().unwrap(), "x"]));
}

#[test]
fn a_token_account_in_the_defaults_is_complete() {
    let file = "[defaults]\npod = 'usw1'\norg_id = '01ABCD'\ntoken_file = 'token'\n[profiles.p]\nwait = true\n";
    let settings = settle(file, [], "start x").unwrap();
    assert_eq!((settings.profile, settings.wait), (None, false));
}

#[test]
fn a_password_from_stdin_completes_an_account_or_takes_the_place_of_another() {
    let source = |vars: &[(&str, &str)], line: &str| {
        let vars: [(&str, &str); 3] = std::array::from_fn(|index| vars.get(index).copied().unwrap_or(("HOME", "/")));
        match settle("", vars, line).unwrap().identity() {
            Ok(Identity::Password { source, .. }) => format!("{source:?}"),
            Ok(other) => panic!("{other:?}"),
            Err(error) => error.to_string(),
        }
    };
    let bare = &ENV_ACCOUNT[..2];
    assert_eq!(source(bare, "login --password-stdin"), "Stdin");
    assert_eq!(source(&ENV_ACCOUNT, "login --password-stdin"), "Stdin");
    assert_eq!(source(&ENV_ACCOUNT, "login"), "Value(Secret(..))");
    assert_eq!(source(bare, "status"), "Missing { source_name: \"the environment\" }");
    let partial = "the environment has only a part of an account: username is missing";
    assert_eq!(source(&bare[..1], "login --password-stdin"), partial);
    let refused = "--password-stdin: the account logs in by a token, and has no password";
    assert_eq!(source(&TOKEN, "login --password-stdin"), refused);
    let session = [("RUNAJOB_SESSION_ID", "s"), ("RUNAJOB_SERVER_URL", "https://pod.example.com/saas")];
    assert_eq!(
        source(&session, "login --password-stdin"),
        "--password-stdin: the session is given, so that nobody logs in"
    );
}

#[test]
fn the_arguments_of_a_command_are_in_no_error() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for words in [["false", "hunter2"], ["no-such-command-at-all", "hunter2"], ["true", "hunter2"]] {
        let source = SecretSource::Command(words.map(str::to_owned).to_vec());
        let error = runtime.block_on(source.fetch("token", &crate::support::clock::SystemClock)).unwrap_err();
        let failure = Failure::from(error.clone());
        let said = format!("{error} {} {:?} {:?}", failure.what(), failure.why(), failure.hint);
        assert!(said.starts_with(&format!("no token from {}", words[0])) && !said.contains("hunter2"), "{said}");
    }
}
