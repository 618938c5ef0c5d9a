//! The log file: one JSON line per command, appended. Never a secret, because it repeats only what the document says.

use std::io::Write;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::env::Env;

/// Appends a line about the command whose document this is.
pub fn append(file: &Path, document: &Value, now: Timestamp, env: &Env) -> std::io::Result<()> {
    let runs = document["runs"].as_array().cloned().unwrap_or_default().into_iter();
    let runs: Vec<Value> =
        runs.map(|run| json!({"task": run["task"], "handle": run["handle"], "outcome": run["outcome"]})).collect();
    let line = json!({
        "time": now.to_string(),
        "user": env.get("USER").or(env.get("LOGNAME")).or(env.get("USERNAME")),
        "host": host(),
        "command": document["command"],
        "profile": document["profile"],
        "org": document["org"],
        "exit_code": document["exit_code"],
        "runs": runs,
        "error": document["error"]["what"],
    });
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // One write, so that lines of commands that end together do not mix.
    options.open(file)?.write_all(format!("{line}\n").as_bytes())
}

#[cfg(unix)]
fn host() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().map(str::to_owned)
}

#[cfg(not(unix))]
fn host() -> Option<String> {
    None
}
