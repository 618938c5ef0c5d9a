//! What is measured against: a served sandbox with a scenario of its own, the program set up for it, and `curl`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;
use tempfile::TempDir;

/// A home folder with a config file in it, and a sandbox that is served.
pub(crate) struct World {
    pub(crate) home: TempDir,
    pub(crate) url: String,
    server: Child,
}

/// The program with nothing of this machine around it.
pub(crate) fn program() -> Command {
    bare(env!("CARGO_BIN_EXE_runajob"))
}

/// `curl`, which reads no settings of this machine either.
pub(crate) fn curl() -> Command {
    let mut curl = bare("curl");
    curl.args(["-q", "-s", "-S", "-f"]);
    curl
}

fn bare(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
    command
}

/// `curl` posting JSON.
pub(crate) fn post(url: &str, body: &Value) -> Command {
    let mut curl = curl();
    curl.args(["-H", "Content-Type: application/json", "-H", "Accept: application/json"]);
    curl.args(["-d", &body.to_string(), url]);
    curl
}

/// `curl` starting the task `quick`.
pub(crate) fn post_start(server_url: &str, session: &str) -> Command {
    let body = serde_json::json!({"@type": "job", "taskName": "quick", "taskType": "MTT"});
    let mut curl = post(&format!("{server_url}/api/v2/job"), &body);
    curl.args(["-H", &format!("icSessionId: {session}")]);
    curl
}

impl World {
    /// Serves a scenario.
    pub(crate) fn serving(scenario: &str) -> Result<Self> {
        let home = TempDir::new()?;
        std::fs::write(home.path().join("scenario.toml"), scenario)?;
        let mut command = program();
        command.current_dir(home.path()).args(["sandbox", "--addr", "127.0.0.1:0", "-q"]);
        command.args(["--scenario", "scenario.toml", "--request-log", "requests"]);
        let mut server = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        BufReader::new(server.stdout.take().context("no stdout")?).read_line(&mut line)?;
        let url = line.trim().strip_prefix("export RUNAJOB_LOGIN_URL=").context("no URL")?.to_owned();
        let file = home.path().join("config.toml");
        let account = format!("login_url = '{url}'\nusername = 'sandbox'\npassword = 'sandbox'\n");
        std::fs::write(&file, format!("default_profile = 'bench'\n[profiles.bench]\n{account}"))?;
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(Self { home, url, server })
    }

    /// The program with this world's account, its state in a folder of that name.
    pub(crate) fn program(&self, state: &str, line: &str) -> Command {
        let mut command = program();
        command.env("RUNAJOB_CONFIG", self.home.path().join("config.toml"));
        command.env("RUNAJOB_STATE_DIR", self.home.path().join(state));
        command.args(line.split_whitespace());
        command
    }

    /// `curl` logging in.
    pub(crate) fn post_login(&self) -> Command {
        let body = serde_json::json!({"@type": "login", "username": "sandbox", "password": "sandbox"});
        post(&format!("{}/ma/api/v2/user/login", self.url), &body)
    }

    /// A session of the served sandbox.
    pub(crate) fn session(&self) -> Result<String> {
        let answer: Value = serde_json::from_slice(&self.post_login().output()?.stdout)?;
        Ok(answer["icSessionId"].as_str().context("no session")?.to_owned())
    }

    /// What reached the service so far.
    pub(crate) fn exchanges(&self) -> Result<Vec<Value>> {
        let text = std::fs::read_to_string(self.home.path().join("requests"))?;
        Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
