//! The harness: a temporary home, an empty environment, a sandbox being served, and the program run in it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use tempfile::TempDir;

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
    let output = command.output().unwrap();
    Outcome {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
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

    /// Runs a command line against the sandbox, from this home.
    pub(crate) fn run(&self, line: &str) -> Outcome {
        self.run_from(self.home.path(), line)
    }

    /// Runs a command line against the sandbox, from another home.
    pub(crate) fn run_from(&self, home: &Path, line: &str) -> Outcome {
        let mut command = program(home);
        command.env("RUNAJOB_LOGIN_URL", &self.login_url).env("RUNAJOB_USERNAME", "sandbox");
        run(command.env("RUNAJOB_PASSWORD", "sandbox").args(shell_words::split(line).unwrap()))
    }

    pub(crate) fn login_url(&self) -> &str {
        &self.login_url
    }

    /// What reached the service: its method and target, in order.
    pub(crate) fn requests(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.requests_file()).unwrap();
        let exchanges = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        exchanges
            .map(|one| format!("{} {}", one["method"].as_str().unwrap(), one["target"].as_str().unwrap()))
            .collect()
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
    /// Stdout as the one document it must be.
    pub(crate) fn json(&self) -> Value {
        let document: Value = serde_json::from_str(&self.stdout).unwrap();
        assert_eq!(document["schema"], "runajob/v1");
        assert_eq!(document["exit_code"], self.code, "{document:#}");
        document
    }
}
