//! RunAJob's mode keeps its numbers: every row of the table, the account, and the output.

#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "these are processes, which live in real time")]

mod scripts;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::world::{ENDS, Outcome, World, program, run};

const QUICK: &str = "
[timing]
monitor_delay = '100ms'
log_gap = '100ms'
[[task]]
name = 'load customers'
folder = 'Finance/ETL'
takes = '300ms'
[[task]]
name = 'flow'
type = 'TASKFLOW'
parts = ['good']
[[task]]
name = 'halts'
type = 'TASKFLOW'
takes = '300ms'
ends = ['suspended']
";

/// A sandbox, and a folder with spaces in its name, into which `compat install` has written.
struct Old {
    world: World,
    folder: PathBuf,
}

impl Old {
    fn new() -> Self {
        Self::with(&[], "")
    }

    /// A sandbox with more arguments, and a file with more lines.
    fn with(sandbox: &[&str], lines: &str) -> Self {
        let world = World::playing(&format!("{QUICK}{ENDS}"), sandbox);
        let folder = world.home.path().join("run a job");
        std::fs::create_dir(&folder).unwrap();
        let installed = run(program(world.home.path()).args(["compat", "install"]).arg(&folder));
        assert_eq!(installed.code, 0, "{installed:?}");
        let old = Self { world, folder };
        let url = old.world.login_url();
        old.restenv(&format!("baseUrl={url}/ma\r\nusername=sandbox\r\npassword=sandbox\r\n{lines}\r\n"));
        old
    }

    fn restenv(&self, text: &str) {
        let file = self.folder.join("restenv.properties");
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// A process of this home, in which waiting looks often.
    fn process(&self, name: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(name);
        command.env_clear().env("HOME", self.world.home.path()).env("PATH", "/usr/bin:/bin");
        command.env("RUNAJOB_MIN_POLL_INTERVAL", "100ms").stdin(Stdio::null()).current_dir(self.world.home.path());
        command
    }

    fn cli(&self) -> Command {
        self.process(self.folder.join("cli.sh"))
    }

    fn call(&self, options: &str) -> Outcome {
        run(self.cli().arg("runAJobCli").args(shell_words::split(options).unwrap()))
    }

    /// Runs a script, whose first argument is the folder.
    fn script(&self, shell: &str, text: &str) -> Outcome {
        run(self.process(shell).args(["-c", text, "script"]).arg(&self.folder))
    }

    fn starts(&self) -> usize {
        self.world.requests().iter().filter(|request| request.ends_with("/api/v2/job")).count()
    }
}

#[test]
fn how_a_job_ends_has_its_number_and_its_state() {
    let old = Old::new();
    for (options, number, state) in [
        ("-t MTT -n good -w true", 0, "SUCCEEDED"),
        ("-t mtt -n good", 0, "SUCCEEDED"),
        ("-t MTT -n warns", 1, "WARNING"),
        ("-t MTT -n good -w false", 2, "ACCEPTED"),
        ("-t MTT -n fails", 3, "FAILED"),
        ("-t MTT -n stopped", 3, "STOPPED"),
        ("-t MTT -n busy", 3, "ALREADY RUNNING"),
        ("-t MTT -n no_agent", 7, "NOT RUN"),
        ("-t TASKFLOW -un flow -in tonight", 0, "SUCCEEDED"),
        ("-t TASKFLOW -un halts", 3, "SUSPENDED"),
    ] {
        let outcome = old.call(options);
        assert_eq!(outcome.code, number, "{options}: {outcome:?}");
        assert!(outcome.stdout.contains(&format!("\nState: {state}\n")), "{outcome:?}");
    }
    let failed = old.call("-t MTT -n fails");
    let lines: Vec<&str> = failed.stdout.lines().collect();
    assert_eq!((lines[0], lines[1], lines[3]), ("Task: Default/fails", "User: sandbox", "Run ID: 2"));
    assert!(lines[2].starts_with("Start time: 20") && lines[5].starts_with("Rows: "), "{lines:?}");
    assert_eq!(lines[6], "Error: no such table");
    let import = format!("config import '{}/restenv.properties'; ", old.folder.display());
    let native = format!("the same as: runajob {import}runajob --profile restenv start --path Default/fails -t MTT");
    assert!(failed.stderr.contains(&native), "{failed:?}");
    assert!(failed.stderr.contains("started MTT/"), "{failed:?}");
}

#[test]
fn what_starts_nothing_is_5_or_255() {
    let old = Old::new();
    let unknown = old.call("-t MTT -n 'load customers'");
    assert_eq!(unknown.code, 5, "{unknown:?}");
    let call = format!("'{}/cli.sh' runAJobCli -t MTT -fp Finance/ETL -n 'load customers'\n", old.folder.display());
    assert!(unknown.stderr.ends_with(&format!("now: did you mean: {call}")), "{unknown:?}");
    // Another home, because a session that is kept needs no password.
    let wrong = "HOME=\"$1\" \"$1/cli.sh\" runAJobCli -t MTT -n good -u sandbox -p wrong-password";
    let refused = old.script("sh", wrong);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert!(!format!("{refused:?}").contains("wrong-password"));
    assert!(refused.stderr.contains("now: correct the account, which -u and -p or in "), "{refused:?}");
    let dead = old.call("-t MTT -n good -bu http://127.0.0.1:9/ma");
    assert_eq!(dead.code, 255, "{dead:?}");
    let broken = run(old.cli().args(["runAJobCli", "-t", "MTT", "-n", "good"]).env("RUNAJOB_CONFIG", "/nonexistent"));
    assert_eq!(broken.code, 5, "{broken:?}");
    let before = old.world.requests().len();
    for (options, names) in [
        ("-t MTT", "-n (--taskName)"),
        ("-n good", "-t (--taskType)"),
        ("-t MTT -n good -i x", "-n and -i"),
        ("-t MTT -un good", "-un"),
        ("-t NOSUCH -n good", "NOSUCH"),
        ("-t TASKFLOW -n flow", "-un"),
        ("-t TASKFLOW -un flow -in ' '", "-in"),
        ("-t MTT -n good -w maybe", "-w"),
        ("-t MTT -n good wait", "'wait'"),
        ("-t MTT -n good -q", "-q"),
        ("", "-t"),
    ] {
        let refused = old.call(options);
        assert_eq!(refused.code, 5, "{options}: {refused:?}");
        assert!(refused.stdout.contains(names) && refused.stdout.contains("State: NOT STARTED"), "{refused:?}");
    }
    assert_eq!(run(old.cli().arg("encryptText")).code, 5);
    assert_eq!((old.world.requests().len(), old.starts()), (before, 0));
}

#[test]
fn a_start_of_unknown_fate_is_5_and_sent_once() {
    let old = Old::with(&["--fault", "start:lost-answer"], "");
    let mut call = old.cli();
    let lost =
        run(call.args(["runAJobCli", "-t", "MTT", "-n", "good", "-w", "true"]).env("RUNAJOB_RECONCILE_FOR", "0s"));
    assert_eq!((lost.code, old.starts()), (5, 1), "{lost:?}");
    assert!(lost.stdout.contains("State: UNKNOWN"), "{lost:?}");
}

#[test]
fn what_goes_on_is_6() {
    let old = Old::with(&[], "RETRYCOUNT=1\nTOTALWAIT=0");
    let began = Instant::now();
    let late = old.call("-t MTT -n long");
    assert_eq!(late.code, 6, "{late:?}");
    assert!(late.stdout.contains("State: RUNNING") && late.stderr.contains("RETRYCOUNT"), "{late:?}");
    assert!((9..14).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    let lost = Old::with(&["--fault", "log:503"], "");
    let mut call = lost.cli();
    let lost = run(call.args(["runAJobCli", "-t", "MTT", "-n", "good"]).env("RUNAJOB_PATIENCE", "1s"));
    assert_eq!(lost.code, 6, "{lost:?}");
}

#[test]
fn a_signal_while_waiting_is_6_too() {
    for signal in ["-INT", "-TERM"] {
        let old = Old::new();
        let mut call = old.cli();
        call.args(["runAJobCli", "-t", "MTT", "-n", "long"]).stdout(Stdio::null()).stderr(Stdio::null());
        let child = call.spawn().unwrap();
        wait_until(|| old.starts() == 1);
        assert_eq!(end(child, signal), 6);
    }
}

/// Sends a signal a moment later, and gives the number that the process ends with.
fn end(mut child: std::process::Child, signal: &str) -> i32 {
    std::thread::sleep(Duration::from_millis(300));
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    child.wait().unwrap().code().unwrap()
}

fn wait_until(mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_number_of_not_waiting_can_be_chosen() {
    let old = Old::new();
    let call = |wait: &str, name: &str, value: &str| {
        let mut call = old.cli();
        call.args(["runAJobCli", "-t", "MTT", "-n", "long", "-w", wait]).env(name, value);
        run(&mut call).code
    };
    assert_eq!([call("nowait", "X", ""), call("false", "X", "")], [0, 2]);
    assert_eq!([call("nowait", "RUNAJOB_NOWAIT_EXIT", "6"), call("false", "RUNAJOB_NOWAIT_EXIT", "0")], [6, 0]);
    assert_eq!(call("nowait", "RUNAJOB_NOWAIT_EXIT", "many"), 5);
    let config = old.world.home.path().join("config.toml");
    std::fs::write(&config, "[compat]\nnowait_exit = 7\n").unwrap();
    assert_eq!(call("false", "RUNAJOB_CONFIG", config.to_str().unwrap()), 7);
}

#[cfg(target_os = "linux")]
#[test]
fn the_password_leaves_the_process_list() {
    let old = Old::new();
    old.restenv(&format!("baseUrl={}/ma\nusername=sandbox\n", old.world.login_url()));
    let mut call = old.cli();
    call.args(["runAJobCli", "-t", "MTT", "-p", "sandbox", "-n", "long"]).stderr(Stdio::null()).stdout(Stdio::null());
    let child = call.spawn().unwrap();
    wait_until(|| old.starts() == 1);
    let of_process = |name: &str| {
        let bytes = std::fs::read(Path::new("/proc").join(child.id().to_string()).join(name)).unwrap();
        bytes.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect::<Vec<_>>()
    };
    let words = of_process("cmdline");
    assert!(!words.iter().any(|word| word == "sandbox" || word == "-p"), "{words:?}");
    assert_eq!(words[words.len() - 4..], ["--passwordOnStdin", "-n", "long", ""]);
    assert!(!of_process("environ").iter().any(|variable| variable.contains("=sandbox")));
    assert_eq!(end(child, "-TERM"), 6);
}

#[test]
fn an_account_can_come_from_the_environment_or_a_profile() {
    let old = Old::new();
    let url = old.world.login_url();
    old.restenv(&format!("baseUrl={url}/ma\nusername=sandbox\npassword=Zm9v\nuse.encryption=true\n"));
    let encrypted = old.call("-t MTT -n good");
    assert_eq!(encrypted.code, 5, "{encrypted:?}");
    assert!(encrypted.stdout.contains("use.encryption=true") && encrypted.stderr.contains("config import"));
    let mut call = old.cli();
    assert_eq!(run(call.args(["runAJobCli", "-t", "MTT", "-n", "good"]).env("RUNAJOB_PASSWORD", "sandbox")).code, 0);
    let file = old.folder.join("restenv.properties");
    let mut import = old.process(assert_cmd::cargo::cargo_bin!("runajob"));
    import.args(["config", "import", "--profile", "prod", "--password-command", "echo sandbox"]).arg(&file);
    let imported = run(&mut import);
    assert_eq!(imported.code, 0, "{imported:?}");
    assert!(imported.stdout.contains("[profiles.prod]"), "{imported:?}");
    old.restenv("runajob.profile=prod\nRETRYCOUNT=\n");
    let named = old.call("-t MTT -n fails");
    assert_eq!(named.code, 3, "{named:?}");
    assert!(named.stderr.contains("runajob --profile prod start --path Default/fails"), "{named:?}");
}

#[test]
fn an_imported_profile_starts_natively() {
    let old = Old::with(&[], "TOTALWAIT=60000\nRETRYCOUNT=30");
    let native = |line: &str| {
        let mut command = old.process(assert_cmd::cargo::cargo_bin!("runajob"));
        run(command.args(shell_words::split(line).unwrap()))
    };
    let imported = native("config import 'run a job/restenv.properties'");
    assert_eq!(imported.code, 0, "{imported:?}");
    let folder = old.world.home.path().join(".config/runajob");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join("config.toml"))), (0o700, 0o600));
    assert_eq!(mode(&folder.join("restenv.password")), 0o600);
    let shown = native("config show");
    assert!(shown.stdout.lines().any(|line| line.starts_with("timeout ") && line.contains("35m")), "{shown:?}");
    let started = native("start --name good -t MTT --wait");
    assert_eq!(started.code, 0, "{started:?}");
    let again = native("config import 'run a job/restenv.properties' -o json");
    assert_eq!((again.code, &again.json()["error"]["code"]), (78, &78.into()));
}

#[test]
fn the_output_is_lines_unless_json_is_asked_for_outright() {
    let old = Old::new();
    let mut call = old.cli();
    let lines = run(call.args(["runAJobCli", "-t", "MTT", "-n", "fails"]).env("RUNAJOB_OUTPUT", "json"));
    assert!(lines.stdout.starts_with("Task: "), "{lines:?}");
    let json = |options: &str| {
        let mut command = old.process(assert_cmd::cargo::cargo_bin!("runajob"));
        command.env("RUNAJOB_LOGIN_URL", old.world.login_url()).env("RUNAJOB_USERNAME", "sandbox");
        command.env("RUNAJOB_PASSWORD", "sandbox").args(["-o", "json", "runAJobCli"]);
        run(command.args(shell_words::split(options).unwrap()))
    };
    let failed = json("-t MTT -n fails");
    assert_eq!((failed.code, &failed.json()["runs"][0]["outcome_code"]), (3, &3.into()));
    let stopped = json("-t MTT -n stopped");
    assert_eq!((stopped.code, &stopped.json()["runs"][0]["outcome_code"]), (3, &5.into()));
    let refused = json("-t MTT");
    assert_eq!((refused.code, &refused.json()["error"]["code"]), (5, &64.into()));
}

#[test]
fn a_private_sandbox_runs_it_too() {
    let home = TempDir::new().unwrap();
    let line = ["sandbox", "--", "runAJobCli", "-t", "MTT", "-n", "m_no_agent", "-w", "true"];
    let outcome = run(program(home.path()).args(line));
    assert_eq!(outcome.code, 7, "{outcome:?}");
    let help = run(program(home.path()).args(["runAJobCli", "--help"]));
    assert_eq!(help.code, 0);
    assert!(help.stdout.contains("--waitForCompletion"), "{help:?}");
    for asked in ["-h", "--help"] {
        assert_eq!(run(program(home.path()).args(["compat", "run", "./cli.sh", asked])).stdout, help.stdout);
    }
}

#[test]
fn with_both_streams_in_one_file_each_error_is_said_once() {
    let old = Old::new();
    for (options, error) in [
        ("-t MTT -n fails", "no such table"),
        ("-t MTT -n nowhere", "no MTT task with the path 'Default/nowhere'"),
        ("-t MTT", "-n (--taskName) or -i (--taskId) is missing"),
        ("-t MTT -n good -bu http://127.0.0.1:9/ma", "the service cannot be reached"),
        ("-t TASKFLOW -un halts -fp Finance", "State: SUSPENDED"),
    ] {
        let outcome = old.call(options);
        let both = format!("{}{}", outcome.stdout, outcome.stderr);
        assert_eq!(both.matches(error).count(), 1, "{options}: {outcome:?}");
        assert!(outcome.stdout.contains(error), "{options}: {outcome:?}");
    }
    let folder_given = |more: &str| old.call(&format!("-t TASKFLOW -un flow -fp Finance{more}")).stderr;
    assert!(!folder_given("").contains("-fp") && folder_given(" -d").contains("warning: -fp is ignored"));
}

#[test]
fn the_native_commands_that_are_printed_work() {
    let old = Old::new();
    let shell = |line: &str, input: &str| {
        let program = assert_cmd::cargo::cargo_bin!("runajob");
        let mut shell = old.process("bash");
        let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
        let shell = shell.env("PATH", path).args(["-c", line]).stdin(Stdio::piped());
        let mut child = shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
        Outcome::of(child.wait_with_output().unwrap())
    };
    let hint = |options: &str| {
        let stderr = old.call(options).stderr;
        stderr.lines().find_map(|line| line.split_once("; wait for it: ")).unwrap().1.to_owned()
    };
    let typed = hint("-t MTT -n good -w false -u sandbox -p sandbox");
    assert!(typed.starts_with("read -rs RUNAJOB_PASSWORD; "), "{typed}");
    assert_eq!(shell(&typed, "sandbox\n").code, 0, "{typed}");
    // From then on the profile gives the account, being the only one.
    for begin in ["runajob config import ", "runajob wait MTT/"] {
        let native = hint("-t MTT -n good -w false");
        assert!(native.starts_with(begin), "{native}");
        assert_eq!(shell(&native, "").code, 0, "{native}");
    }
}

#[test]
fn a_folder_that_does_not_exist_is_not_made() {
    let home = TempDir::new().unwrap();
    let refused = run(program(home.path()).args(["compat", "install", "typo", "-o", "json"]));
    assert_eq!((refused.code, &refused.json()["error"]["what"]), (78, &"the folder typo does not exist".into()));
    assert!(!home.path().join("typo").exists());
}

#[test]
fn a_foreign_script_is_kept() {
    let old = Old::new();
    std::fs::write(old.folder.join("cli.sh"), "#!/bin/bash\njava -jar runAJobCli.jar\n").unwrap();
    let install = |more: &[&str]| {
        let mut command = old.process(assert_cmd::cargo::cargo_bin!("runajob"));
        run(command.args(["compat", "install"]).arg(&old.folder).args(more))
    };
    let refused = install(&[]);
    assert_eq!(refused.code, 78, "{refused:?}");
    assert!(refused.stderr.contains("--force"), "{refused:?}");
    let forced = install(&["--force"]);
    assert_eq!(forced.code, 0, "{forced:?}");
    assert!(forced.stdout.contains("to go back: mv ") && forced.stdout.contains("cli.sh.before-runajob"), "{forced:?}");
    assert!(old.folder.join("cli.sh.before-runajob").exists());
    assert_eq!(old.call("-t MTT -n good").code, 0);
}
