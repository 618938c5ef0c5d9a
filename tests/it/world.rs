//! The harness: a temporary home, an empty environment, a sandbox being served, and the program run in it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use tempfile::TempDir;

/// Tasks that end soon, one in each way, for scenarios to begin with.
pub(crate) const ENDS: &str = "
[[task]]
name = 'good'
takes = '300ms'
[[task]]
name = 'warns'
takes = '300ms'
ends = ['warning']
rejected = 3
[[task]]
name = 'fails'
takes = '300ms'
ends = ['failure']
error = 'no such table'
[[task]]
name = 'stopped'
takes = '300ms'
ends = ['stopped']
[[task]]
name = 'no_agent'
ends = ['no_agent']
[[task]]
name = 'busy'
busy = true
[[task]]
name = 'long'
takes = '10m'
";

/// A home folder and a served sandbox.
pub(crate) struct World {
    pub(crate) home: TempDir,
    server: Child,
    login_url: String,
}

/// What became of one run of the program.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program with nothing of this machine around it.
pub(crate) fn program(home: &Path) -> Command {
    let mut command = Command::new(cargo_bin!("runajob"));
    command.env_clear().env("HOME", home).current_dir(home).stdin(Stdio::null());
    command
}

pub(crate) fn run(command: &mut Command) -> Outcome {
    Outcome::of(command.output().unwrap())
}

impl World {
    pub(crate) fn new() -> Self {
        Self::serving(&[])
    }

    /// A world whose sandbox has more arguments.
    pub(crate) fn serving(more: &[&str]) -> Self {
        let home = TempDir::new().unwrap();
        let mut command = program(home.path());
        command.args(["sandbox", "--addr", "127.0.0.1:0", "-q", "--request-log"]).arg(home.path().join("requests"));
        let mut server = command.args(more).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let login_url = line.trim().strip_prefix("export RUNAJOB_LOGIN_URL=").unwrap().to_owned();
        Self { home, server, login_url }
    }

    /// A world whose sandbox plays this scenario.
    pub(crate) fn playing(scenario: &str, more: &[&str]) -> Self {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), scenario).unwrap();
        Self::serving(&[&["--scenario", file.path().to_str().unwrap()], more].concat())
    }

    /// A command line against the sandbox, from this home, still to be run.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = program(self.home.path());
        self.account(&mut command);
        command.args(shell_words::split(line).unwrap());
        command
    }

    /// Tells a command the sandbox's account.
    pub(crate) fn account(&self, command: &mut Command) {
        command
            .env("RUNAJOB_LOGIN_URL", &self.login_url)
            // The home may be on tmpfs or overlay, where only a sandbox's keys may be kept.
            .env("RUNAJOB_SANDBOX", &self.login_url)
            .env("RUNAJOB_USERNAME", "sandbox")
            .env("RUNAJOB_PASSWORD", "sandbox");
    }

    /// Runs command lines side by side, and gives their outcomes in their order.
    pub(crate) fn run_at_once(&self, lines: impl IntoIterator<Item = String>) -> Vec<Outcome> {
        let spawn = |line: String| self.command(&line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let children: Vec<Child> = lines.into_iter().map(spawn).collect();
        children.into_iter().map(|child| Outcome::of(child.wait_with_output().unwrap())).collect()
    }

    /// How many runs the service has begun of each task, by the tasks' names.
    pub(crate) fn started(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for exchange in self.exchanges() {
            if let Some(task) = exchange["deed"]["started"]["task"].as_str() {
                *counts.entry(task.rsplit('/').next().unwrap().to_owned()).or_insert(0) += 1;
            }
        }
        counts
    }

    /// Runs a command line against the sandbox, from this home.
    pub(crate) fn run(&self, line: &str) -> Outcome {
        self.run_from(self.home.path(), line)
    }

    /// Runs a command line against the sandbox, from another home.
    pub(crate) fn run_from(&self, home: &Path, line: &str) -> Outcome {
        let mut command = program(home);
        self.account(&mut command);
        run(command.args(shell_words::split(line).unwrap()))
    }

    pub(crate) fn login_url(&self) -> &str {
        &self.login_url
    }

    /// What reached the service: its method and target, in order.
    pub(crate) fn requests(&self) -> Vec<String> {
        let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
        self.exchanges().iter().map(|one| format!("{} {}", text(one, "method"), text(one, "target"))).collect()
    }

    fn exchanges(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.requests_file()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn requests_file(&self) -> PathBuf {
        self.home.path().join("requests")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Outcome {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Stdout as the one document it must be.
    pub(crate) fn json(&self) -> Value {
        let document: Value = serde_json::from_str(&self.stdout).unwrap();
        assert_eq!(document["schema"], "runajob/v1");
        assert_eq!(document["exit_code"], self.code, "{document:#}");
        document
    }

    /// The hint of a failure, from the document.
    pub(crate) fn fix(&self) -> String {
        self.json()["error"]["fix"].as_str().unwrap().to_owned()
    }
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
