//! Secrets that come in by other ways than as a password: in URLs, among the words of commands, in memory.

use std::fs;
use std::process::{Command, Stdio};

use crate::virtual_world::VirtualWorld;
use crate::world::{files, program, run};

const SCENARIO: &str = "
[[task]]
name = 'good'
takes = '60s'
[[task]]
name = 'flow'
type = 'TASKFLOW'
";

/// A URL with a password and a token in it.
const HOOK: &str = "https://hook:hunter2@hooks.example.com/iics?token=s3cret";

/// Words of a command line, and variables.
type Case<'c> = (&'c [&'c str], &'c [(&'c str, &'c str)]);

fn check(place: &str, text: &str) {
    assert!(!text.contains("hunter2") && !text.contains("s3cret"), "{place}: {text}");
}

#[test]
fn a_callback_url_is_never_repeated() {
    for faults in [&[][..], &["start:lost-answer"], &["start:refused"], &["start:hang"], &["login:refused"]] {
        for (line, code) in [
            ("start good -t MTT --wait", None),
            ("start good flow --dry-run", Some(64)),
            ("start good -t MTT --once k --dry-run", None),
            ("start flow -t TASKFLOW", Some(64)),
            ("start nope -t MTT", None),
            ("start good -t MTT --if-running fail --once k --wait", None),
        ] {
            for form in ["text", "json", "jsonl"] {
                let world = VirtualWorld::new(SCENARIO, faults);
                let log = world.home.path().join("jobs.log");
                let outcome =
                    world.run(&format!("--log-file {} -vv -o {form} {line} --callback-url '{HOOK}'", log.display()));
                assert!(
                    faults.first() == Some(&"login:refused") || code.is_none_or(|code| code == outcome.code),
                    "{outcome:?}"
                );
                check(line, &format!("{}{}", outcome.stdout, outcome.stderr));
                for file in files(world.home.path()) {
                    check(&file.display().to_string(), &String::from_utf8_lossy(&fs::read(&file).unwrap()));
                }
            }
        }
    }
    let world = VirtualWorld::new(SCENARIO, &[]);
    let outcome = world.run("start good -t MTT --callback-url ftp://hook:hunter2@host/?token=s3cret");
    assert_eq!(outcome.code, 64);
    check("not http", &outcome.stderr);
}

#[test]
fn a_command_line_that_is_refused_does_not_repeat_a_callback_url() {
    let home = tempfile::TempDir::new().unwrap();
    for words in [
        &["start", "x", "--callback-ulr", HOOK][..],
        &["start", "x", &format!("--callback-ulr={HOOK}")],
        &["start", "x", "--callback-url", HOOK, "--callback-url", HOOK],
        &["start", "x", "--callback-url", HOOK, "--nonsense"],
        &["stop", "x", "--callback-url", HOOK],
        &["sandbox", "--", "strat", "x", "--callback-url", HOOK],
        &["sandbox", "--", "strat", "x", &format!("--callback-url={HOOK}")],
        &["sandbox", "--", "start", "x", "--callback-url", HOOK, "--nonsense"],
    ] {
        for form in ["text", "json"] {
            let outcome = run(program(home.path()).args(["-o", form]).args(words));
            assert_eq!(outcome.code, 64, "{words:?}: {outcome:?}");
            check(&format!("{words:?}"), &format!("{}{}", outcome.stdout, outcome.stderr));
        }
    }
}

#[test]
fn a_login_url_with_user_info_is_refused_and_not_repeated_wherever_it_stands() {
    const URL: &str = "https://ops:hunter2@dm-us.informaticacloud.com/ma";
    let home = tempfile::TempDir::new().unwrap();
    let config = home.path().join("config.toml");
    fs::write(&config, format!("[defaults]\nlogin_url = '{URL}'\nusername = 'a'\npassword_file = 'p'\n")).unwrap();
    let restenv = home.path().join("restenv.properties");
    fs::write(&restenv, format!("baseUrl={URL}\nusername=a\npassword=b\n")).unwrap();
    let (config, restenv) = (config.to_str().unwrap(), restenv.to_str().unwrap());
    let account = [("RUNAJOB_USERNAME", "a"), ("RUNAJOB_PASSWORD", "b")];
    let session = [("RUNAJOB_SESSION_ID", "x"), ("RUNAJOB_SERVER_URL", URL)];
    let cases: [Case; 7] = [
        (&["status"], &[account[0], account[1], ("RUNAJOB_LOGIN_URL", URL)]),
        (&["--config", config, "status"], &[]),
        (&["status"], &session),
        (&["status"], &[account[0], account[1], ("RUNAJOB_LOGIN_URL", "http://127.0.0.1:1"), ("RUNAJOB_SANDBOX", URL)]),
        (&["runAJobCli", "-t", "MTT", "-n", "x", "-bu", URL, "-u", "a"], &[("RUNAJOB_PASSWORD", "b")]),
        (&["runAJobCli", "-t", "MTT", "-n", "x"], &[]),
        (&["config", "import", restenv], &[]),
    ];
    for (words, variables) in cases {
        for form in ["text", "json"] {
            let outcome =
                run(program(home.path()).args(["-vv", "-o", form]).args(words).envs(variables.iter().copied()));
            assert!(matches!(outcome.code, 78 | 5), "{words:?}: {outcome:?}");
            check(&format!("{words:?}"), &format!("{}{}", outcome.stdout, outcome.stderr));
        }
    }
    let shown = run(program(home.path()).args(["--config", config, "config", "show"]));
    check("config show", &format!("{}{}", shown.stdout, shown.stderr));
}

/// On a machine that writes core dumps.
#[cfg(target_os = "linux")]
#[test]
fn no_core_dump_is_written() {
    use std::io::{BufRead, BufReader};
    use std::os::unix::process::ExitStatusExt;
    let home = tempfile::TempDir::new().unwrap();
    // Aborted as soon as it has said something.
    let aborted = |line: &str| {
        let mut shell = Command::new("sh");
        shell.current_dir(home.path()).env_clear().env("HOME", home.path()).env("PATH", "/usr/bin:/bin");
        shell.args(["-c", &format!("ulimit -c \"$(ulimit -H -c)\"; {line}")]);
        let mut child = shell.arg(assert_cmd::cargo::cargo_bin!("runajob")).stdout(Stdio::piped()).spawn().unwrap();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
        Command::new("kill").args(["-ABRT", &child.id().to_string()]).status().unwrap();
        child.wait().unwrap()
    };
    let other = aborted("echo; exec sleep 1000");
    let ours = aborted("exec \"$0\" sandbox --addr 127.0.0.1:0 -q");
    assert_eq!((other.signal(), ours.signal()), (Some(6), Some(6)));
    if other.core_dumped() {
        assert!(!ours.core_dumped(), "{ours:?}");
    }
}
