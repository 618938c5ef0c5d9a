//! From the command line to the exit code: each verb goes the same way, also inside `sandbox --`, which runs programs too.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::world::{Outcome, program, run};

fn sandboxed(home: &Path, words: &[&str]) -> Outcome {
    run(program(home).args(["sandbox", "--"]).args(words))
}

/// The words that lead to each verb, hidden ones too.
fn verbs(command: &clap::Command, path: &[&str], found: &mut Vec<String>) {
    if !command.has_subcommands() {
        return found.push(path.join(" "));
    }
    for verb in command.get_subcommands() {
        verbs(verb, &[path, &[verb.get_name()]].concat(), found);
    }
}

#[test]
fn what_works_on_the_command_line_works_inside_the_sandbox() {
    let home = tempfile::TempDir::new().unwrap();
    let restenv = home.path().join("restenv.properties");
    std::fs::write(&restenv, "baseUrl=https://dm-us.informaticacloud.com/ma\nusername=ops\npassword=secret\n").unwrap();
    std::fs::write(home.path().join("cli.sh"), "").unwrap();
    let lines = [
        ("start", "start m_succeeds --wait", 0, " succeeded\n"),
        ("stop", "stop m_already_running -t MTT", 0, "MTT/00SBX10Z000000000006/1\n"),
        ("wait", "wait MTT/00SBX10Z000000000006/1 --timeout 100ms", 4, "MTT/00SBX10Z000000000006/1 running\n"),
        ("status", "status", 0, "m_already_running"),
        ("history", "history m_succeeds -q", 0, "MTT/00SBX10Z000000000001/2\n"),
        ("logs", "logs m_fails -t MTT --tail 1", 0, "Session ended: WRT_8229"),
        ("find", "find m_succeeds -q", 0, "Default/m_succeeds\n"),
        ("login", "login", 0, "the session is kept for later commands"),
        ("logout", "logout", 0, "no session was kept"),
        ("config path", "config path", 0, "/config.toml\n"),
        ("config show", "config show", 0, "RUNAJOB_USERNAME"),
        ("config check", "config check", 0, "login: ok, organisation 00SBX1"),
        ("config import", "config import restenv.properties", 0, "[profiles.restenv]"),
        ("doctor", "doctor", 0, "login: ok, organisation 00SBX1"),
        ("once list", "once list -o json", 0, "\"keys\":[]"),
        ("once forget", "once forget k -o json", 9, "no key 'k' is kept in "),
        ("sandbox", "sandbox --print-scenario", 0, "# A scenario"),
        ("runAJobCli", "runAJobCli -t MTT -n m_no_agent", 7, "State: NOT RUN"),
        ("compat install", "compat install .", 0, "wrote ./cli.bat"),
        ("compat run", "compat run ./cli.sh runAJobCli -t MTT -n m_warns -w false", 5, "Error: "),
        ("help", "help exit-codes", 0, "still running when --timeout passed"),
        ("completions", "completions bash", 0, "complete -F _runajob"),
    ];
    let mut every = Vec::new();
    verbs(&runajob::cli::command(), &[], &mut every);
    assert_eq!(lines.map(|(verb, ..)| verb).to_vec(), every);
    for (verb, line, code, part) in lines {
        if verb == "compat install" {
            std::fs::remove_file(home.path().join("cli.sh")).unwrap();
        }
        let outcome =
            sandboxed(home.path(), &shell_words::split(line).unwrap().iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(outcome.code, code, "{line}: {outcome:?}");
        assert!(outcome.stdout.contains(part), "{line}: {outcome:?}");
    }
    let inner = sandboxed(home.path(), &["sandbox", "--", "status"]);
    assert_eq!(inner.code, 64, "{inner:?}");
    assert!(inner.stderr.contains("a sandbox cannot run inside a sandbox"), "{inner:?}");
}

#[test]
fn what_goes_on_in_a_private_sandbox_ends_with_it() {
    let home = tempfile::TempDir::new().unwrap();
    let left = sandboxed(home.path(), &["wait", "MTT/00SBX10Z000000000006/1", "--timeout", "100ms"]);
    assert!(left.stderr.contains("left running"), "{left:?}");
    assert!(left.stderr.contains("the private sandbox ends with this command"), "{left:?}");
    assert!(!left.stderr.contains("runajob wait"), "nobody could wait for it: {left:?}");
}

#[test]
fn the_same_verb_says_the_same_without_the_sandbox() {
    let home = tempfile::TempDir::new().unwrap();
    for words in [&["completions", "zsh"][..], &["sandbox", "--print-scenario"], &["start", "-h"], &["--version"]] {
        let outside = run(program(home.path()).args(words));
        let inside = sandboxed(home.path(), words);
        assert_eq!((outside.code, &outside.stdout), (0, &inside.stdout), "{words:?}");
    }
    for words in [&["start"][..], &["wait", "MTT/x"], &["status", "--nonsense"]] {
        let outside = run(program(home.path()).args(words));
        let inside = sandboxed(home.path(), words);
        assert_eq!((outside.code, &outside.stderr), (64, &inside.stderr), "{words:?}");
    }
}

#[test]
fn options_in_front_are_handed_through_to_a_verb() {
    let home = tempfile::TempDir::new().unwrap();
    let json = |words: &[&str]| run(program(home.path()).args(["sandbox", "-o", "json", "-q", "--"]).args(words));
    let status = json(&["status"]);
    assert_eq!((status.code, &status.json()["command"], &status.stderr[..]), (0, &"status".into(), ""));
    assert!(json(&["status", "-o", "text"]).stdout.starts_with("MTT/"));
    assert_eq!(json(&["start", "--nonsense"]).json()["command"], "start");
    assert_eq!(json(&["runAJobCli", "-t", "MTT", "-n", "m_no_agent"]).json()["runs"][0]["outcome"], "not_run");
    let log = home.path().join("log");
    run(program(home.path()).args(["sandbox", "--log-file"]).arg(&log).args(["--", "start", "m_succeeds"]));
    assert!(std::fs::read_to_string(&log).unwrap().contains("\"command\":\"start\""));
}

#[test]
fn help_shows_commands_and_topics() {
    let home = tempfile::TempDir::new().unwrap();
    let help = |words: &[&str]| run(program(home.path()).arg("help").args(words));
    for words in [&[][..], &["start"], &["config", "check"], &["runAJobCli"]] {
        let asked = help(words);
        let long = run(program(home.path()).args(words).arg("--help"));
        assert_eq!((asked.code, &asked.stdout), (0, &long.stdout), "{words:?}");
        assert!(asked.stdout.starts_with("Examples:"), "{words:?}: {asked:?}");
    }
    for (topic, text) in runajob::commands::help::TOPICS {
        assert_eq!((help(&[topic]).code, help(&[topic]).stdout.as_str()), (0, text), "{topic}");
    }
    for (words, part) in [
        (&["nonsense"][..], "unrecognized subcommand 'nonsense'"),
        (&["exit-codes", "start"], "unrecognized subcommand 'exit-codes'"),
        (&["runAJobCli", "x"], "name a command or a topic, without its arguments"),
    ] {
        let refused = help(words);
        assert_eq!((refused.code, refused.stdout.as_str()), (64, ""), "{words:?}");
        assert!(refused.stderr.contains(part), "{words:?}: {refused:?}");
    }
}

#[test]
fn the_words_of_other_tools_lead_to_the_command() {
    let home = tempfile::TempDir::new().unwrap();
    for (word, verb) in [("ls", "find"), ("ps", "status"), ("run", "start"), ("kill", "stop"), ("finnd", "find")] {
        let refused = run(program(home.path()).arg(word));
        assert_eq!((refused.code, refused.stdout.as_str()), (64, ""), "{word}");
        assert!(refused.stderr.contains(&format!("exists: '{verb}'")), "{word}: {}", refused.stderr);
    }
}

#[test]
fn without_a_command_the_short_help_is_on_stderr() {
    let home = tempfile::TempDir::new().unwrap();
    let bare = run(&mut program(home.path()));
    let short = run(program(home.path()).arg("-h"));
    assert_eq!((bare.code, &bare.stdout[..], &bare.stderr), (64, "", &short.stdout));
    let json = run(program(home.path()).env("RUNAJOB_OUTPUT", "json"));
    assert_eq!(json.json()["error"]["what"], "no command is given");
}

#[cfg(unix)]
mod programs {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn script(home: &Path, name: &str, text: &str) {
        std::fs::write(home.join(name), text).unwrap();
        std::fs::set_permissions(home.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn a_program_has_the_account_of_the_sandbox_and_nothing_of_ours_beside_it() {
        let home = tempfile::TempDir::new().unwrap();
        let runajob = assert_cmd::cargo::cargo_bin!("runajob").display();
        script(
            home.path(),
            "nightly.sh",
            &format!("#!/bin/sh\nenv\n'{runajob}' start \"$1\" -t MTT --once k --wait\n"),
        );
        let mut command = program(home.path());
        command.env("RUNAJOB_PROFILE", "prod").env("RUNAJOB_TIMEOUT", "nonsense").env("KEPT", "as it was");
        let outcome = run(command.env("PATH", "/usr/bin:/bin").args(["sandbox", "--", "./nightly.sh", "m_warns"]));
        assert_eq!(outcome.code, 1, "{outcome:?}");
        let variables = outcome.stdout.lines().filter_map(|line| line.split_once('=')).collect::<Vec<_>>();
        let value = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let mut ours: Vec<&str> =
            variables.iter().map(|(name, _)| *name).filter(|name| name.starts_with("RUNAJOB_")).collect();
        ours.sort_unstable();
        assert_eq!(
            ours,
            ["CONFIG", "LOGIN_URL", "PASSWORD", "SANDBOX", "STATE_DIR", "USERNAME"]
                .map(|name| format!("RUNAJOB_{name}"))
        );
        assert_eq!((value("KEPT"), value("RUNAJOB_SANDBOX")), (Some("as it was"), value("RUNAJOB_LOGIN_URL")));
        let config = Path::new(value("RUNAJOB_CONFIG").unwrap());
        assert!(!config.parent().unwrap().exists(), "{} is left", config.display());
        assert!(outcome.stdout.ends_with(" warning\n"), "{outcome:?}");
    }

    #[test]
    fn it_ends_as_the_program_ends() {
        let home = tempfile::TempDir::new().unwrap();
        script(home.path(), "here.sh", "#!/bin/sh\nexit 7\n");
        script(home.path(), "broken.sh", "#!/no/such/interpreter\n");
        std::fs::write(home.path().join("plain.txt"), "").unwrap();
        for (words, code, said) in [
            (&["sh", "-c", "exit 42"][..], 42, ""),
            (&["sh", "-c", "kill -KILL $$"], 137, ""),
            (&["sh", "-c", "kill -TERM $$"], 143, ""),
            (&["./here.sh"], 7, ""),
            (&["here.sh", "x"], 64, "did you mean: runajob sandbox -- ./here.sh x"),
            (&["strat", "m_succeeds", "--wait"], 64, "did you mean: runajob sandbox -- start m_succeeds --wait"),
            (&["./strat"], 64, "./strat is neither a command of runajob nor a program"),
            (&["./broken.sh"], 64, "the program that its first line names does not exist"),
            (&["./plain.txt"], 78, "chmod +x ./plain.txt"),
            (&["./status"], 64, "./status is neither"),
        ] {
            let mut command = program(home.path());
            let outcome = run(command.env("PATH", "/usr/bin:/bin").args(["sandbox", "--"]).args(words));
            assert_eq!(outcome.code, code, "{words:?}: {outcome:?}");
            assert!(outcome.stderr.contains(said), "{words:?}: {outcome:?}");
        }
    }

    fn signal(child: &std::process::Child, name: &str) {
        assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
    }

    #[test]
    fn a_signal_reaches_the_program() {
        let home = tempfile::TempDir::new().unwrap();
        for (name, trapped) in [("-INT", "INT"), ("-TERM", "TERM")] {
            // The shell waits for its child before it looks at the signal, but `wait` returns at once.
            let text = format!("trap 'echo told; exit 9' {trapped}; sleep 60 & echo ready; wait");
            let mut command = program(home.path());
            command.env("PATH", "/usr/bin:/bin").args(["sandbox", "--", "sh", "-c", &text]);
            let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            let mut stdout = BufReader::new(child.stdout.take().unwrap());
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            assert_eq!(line, "ready\n");
            signal(&child, name);
            stdout.read_line(&mut line).unwrap();
            assert_eq!((child.wait().unwrap().code(), &line[..]), (Some(9), "ready\ntold\n"));
        }
    }

    #[test]
    fn a_served_sandbox_says_that_it_serves_and_how_to_end_it() {
        let home = tempfile::TempDir::new().unwrap();
        let mut command = program(home.path());
        command.args(["sandbox", "--addr", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        assert!(line.starts_with("serving a simulated service at http://127.0.0.1:"), "{line}");
        assert!(line.ends_with("; Ctrl-C ends it\n"), "{line}");
        signal(&child, "-INT");
        let mut stdout = String::new();
        child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        assert_eq!((child.wait().unwrap().code(), stdout.lines().count()), (Some(0), 4));
    }
}
