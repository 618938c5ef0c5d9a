//! Logins as processes: a password from stdin, tokens from a command, and many commands that need one session at once.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::world::{ENDS, Outcome, World, files, program, run};

/// A command for the sandbox's user, whose password nobody has said.
fn without_password(world: &World, line: &str) -> Command {
    let mut command = world.command(line);
    command.env_remove("RUNAJOB_PASSWORD");
    command
}

fn with_stdin(mut command: Command, stdin: &[u8]) -> Outcome {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that reads nothing may have closed its end.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    Outcome::of(child.wait_with_output().unwrap())
}

fn logins(world: &World) -> usize {
    world.requests().iter().filter(|request| request.contains("/user/login")).count()
}

#[test]
fn a_password_from_stdin_makes_a_session_for_commands_that_have_none() {
    let world = World::playing(ENDS, &[]);
    let login = |stdin: &[u8]| with_stdin(without_password(&world, "login --password-stdin"), stdin);
    let bare = |line: &str| run(&mut without_password(&world, line));
    let before = bare("start good -t MTT -o json");
    assert_eq!((before.code, logins(&world)), (78, 0), "{before:?}");
    assert!(before.fix().ends_with("or keep a session: runajob login --password-stdin"), "{}", before.fix());
    for stdin in [&b"sandbox"[..], b"sandbox\n", b"\xef\xbb\xbfsandbox\r\nmore\n"] {
        let kept = login(stdin);
        assert_eq!(kept.code, 0, "{kept:?}");
        assert!(kept.stdout.ends_with("the session is kept for later commands\n"), "{kept:?}");
    }
    let used = logins(&world);
    for line in ["start good -t MTT --wait", "config check", "find", "status"] {
        assert_eq!(bare(line).code, 0, "{line}");
    }
    assert_eq!(bare("runAJobCli -t MTT -n good").code, 0);
    assert!(bare("config check").stdout.starts_with("kept session: found, organisation 00SBX1"));
    assert_eq!(logins(&world), used);
    // A login without a password does not end the session.
    assert_eq!((bare("login").code, bare("find").code), (78, 0));
    for file in files(world.home.path()).iter().filter(|file| !file.ends_with("requests")) {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(!text.contains("\"sandbox\"") || file.to_str().unwrap().contains("/sessions/"), "{}", file.display());
        assert!(!text.contains("password"), "{}", file.display());
    }
    assert_eq!((bare("logout").code, bare("find").code), (0, 78));
}

#[test]
fn a_password_from_stdin_that_is_wrong_or_absent_makes_no_session() {
    let world = World::playing(ENDS, &[]);
    let login = |stdin: &[u8]| with_stdin(without_password(&world, "login --password-stdin -o json"), stdin);
    for stdin in [&b""[..], b"\n", b"\nsandbox\n"] {
        let empty = login(stdin);
        assert_eq!((empty.code, logins(&world)), (77, 0), "{empty:?}");
        assert_eq!(empty.json()["error"]["what"], "no password from stdin");
        assert_eq!(empty.json()["error"]["why"], "it gave an empty first line");
    }
    assert_eq!(login(b"\xff\n").code, 77);
    let endless = login(&vec![b'x'; 1 << 20]);
    assert_eq!(endless.code, 77, "{endless:?}");
    let before = logins(&world);
    // A refused password is not sent a second time, by whichever way it comes.
    for _ in 0..2 {
        let wrong = login(b"hunter2\n");
        assert_eq!(wrong.code, 77, "{wrong:?}");
        assert!(!wrong.stdout.contains("hunter2") && !wrong.stderr.contains("hunter2"), "{wrong:?}");
    }
    assert_eq!(logins(&world), before + 1);
    let beats = with_stdin(world.command("login --password-stdin"), b"else\n");
    assert_eq!(beats.code, 77, "stdin takes the place of RUNAJOB_PASSWORD: {beats:?}");
}

/// A command for an account whose tokens come from these words, or from this file.
fn by_token(world: &World, name: &str, value: &str, line: &str) -> Command {
    let mut command = program(world.home.path());
    command
        .env("RUNAJOB_LOGIN_URL", world.login_url())
        .env("RUNAJOB_SANDBOX", world.login_url())
        .env("RUNAJOB_ORG_ID", "00SBX1")
        .env(name, value)
        .args(shell_words::split(line).unwrap());
    command
}

/// A command that prints a new token each time, and how often it has run.
fn fetcher(folder: &Path) -> (String, impl Fn() -> usize) {
    let (script, log) = (folder.join("get-token"), folder.join("fetched"));
    std::fs::write(&log, "").unwrap();
    std::fs::write(&script, format!("echo x >> {0}\necho sandbox-$$-$(wc -l < {0})\n", log.display())).unwrap();
    let count = move || std::fs::read_to_string(&log).unwrap().lines().count();
    (format!("sh {} --secret hunter2", script.display()), count)
}

fn at_once(commands: impl Iterator<Item = Command>) -> Vec<Outcome> {
    let spawn = |mut command: Command| command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children: Vec<_> = commands.map(spawn).collect();
    children.into_iter().map(|child| Outcome::of(child.wait_with_output().unwrap())).collect()
}

#[test]
fn commands_at_once_share_one_login_by_token() {
    let world = World::playing(ENDS, &[]);
    let (command, fetched) = fetcher(world.home.path());
    let line = |_| by_token(&world, "RUNAJOB_TOKEN_COMMAND", &command, "find -vv");
    for outcome in at_once((0..8).map(line)) {
        assert_eq!(outcome.code, 0, "{outcome:?}");
        assert!(!outcome.stderr.contains("sandbox-") && !outcome.stderr.contains("hunter2"), "{outcome:?}");
    }
    assert_eq!((logins(&world), fetched()), (1, 1));
    let again = run(&mut by_token(&world, "RUNAJOB_TOKEN_COMMAND", &command, "login"));
    assert_eq!((again.code, logins(&world), fetched()), (0, 2, 2), "{again:?}");
}

#[test]
fn of_commands_at_once_one_sends_a_token_and_the_others_do_not() {
    let world = World::playing(ENDS, &[]);
    let file = world.home.path().join("token");
    std::fs::write(&file, "sandbox-one\n").unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let file = file.to_str().unwrap();
    let line = |_| by_token(&world, "RUNAJOB_TOKEN_FILE", file, "find --no-session-cache");
    let mut codes: Vec<i32> = at_once((0..8).map(line)).iter().map(|outcome| outcome.code).collect();
    codes.sort_unstable();
    assert_eq!((codes, logins(&world)), (vec![0, 77, 77, 77, 77, 77, 77, 77], 1));
}

#[test]
fn a_command_that_prints_a_used_token_or_none_is_said() {
    let world = World::playing(ENDS, &[]);
    let end = |command: &str, line: &str| run(&mut by_token(&world, "RUNAJOB_TOKEN_COMMAND", command, line));
    assert_eq!(end("echo sandbox-same", "login").code, 0);
    let used = end("echo sandbox-same", "login -o json");
    assert_eq!((used.code, logins(&world)), (77, 1), "{used:?}");
    assert_eq!(used.json()["error"]["what"], "token_command printed a used token");
    assert!(used.fix().starts_with("make it fetch a new one"), "{}", used.fix());
    let failing = end("sh -c 'echo sandbox-secret; exit 3' hunter2", "find -vv -o json");
    assert_eq!((failing.code, logins(&world)), (77, 1), "{failing:?}");
    assert_eq!(failing.json()["error"]["what"], "no token from sh");
    for said in [&failing.stdout, &failing.stderr] {
        assert!(!said.contains("sandbox-secret") && !said.contains("hunter2"), "{failing:?}");
    }
    let stdin = with_stdin(by_token(&world, "RUNAJOB_TOKEN_COMMAND", "echo x", "login --password-stdin"), b"sandbox\n");
    assert_eq!((stdin.code, logins(&world)), (78, 1), "{stdin:?}");
}

#[test]
fn a_session_of_sixteen_thousand_characters_goes_through() {
    let scenario = format!("{ENDS}[quirks]\nsession = 'jwt'\nsession_length = 16000\n");
    let world = World::playing(&scenario, &[]);
    for line in ["start good -t MTT --wait", "find", "logout"] {
        assert_eq!(world.run(line).code, 0, "{line}");
    }
    assert_eq!(logins(&world), 1);
}
