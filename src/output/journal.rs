//! The log file, which gets one JSON line for each command. The lines repeat what the document says, so that no secret is
//! in them.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::output::line::SafeLine;
use crate::support::clock::Clock;
use crate::support::env::Env;
use crate::support::exit::Exit;

/// When a command began, and the clock that says how long it takes.
#[derive(Clone, Copy)]
pub struct Beginning<'w> {
    pub clock: &'w dyn Clock,
    pub at: Timestamp,
    reading: Duration,
}

impl<'w> Beginning<'w> {
    /// The command begins now.
    pub fn now(clock: &'w dyn Clock) -> Self {
        Self { clock, at: clock.utc(), reading: clock.now() }
    }
}

/// The line of one command. The file is not touched before the line is written.
pub struct Journal<'w> {
    file: PathBuf,
    env: &'w Env,
    began: Beginning<'w>,
}

impl<'w> Journal<'w> {
    pub fn new(file: PathBuf, env: &'w Env, began: Beginning<'w>) -> Self {
        Self { file, env, began }
    }

    /// Appends the line of the command whose document this is. The error names the file.
    pub fn append(&self, document: &Value, exit: Exit) -> Result<(), String> {
        let line = self.line(document, exit);
        let mut options = std::fs::OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        // One write, so that the lines of commands that end together do not mix.
        let line = format!("{}\n", SafeLine::json(&line));
        let written = options.open(&self.file).and_then(|mut file| file.write_all(line.as_bytes()));
        written.map_err(|error| format!("cannot write to {}: {error}", self.file.display()))
    }

    fn line(&self, document: &Value, exit: Exit) -> Value {
        const OF_RUN: [&str; 7] = ["task", "handle", "outcome", "started_at", "duration_s", "rows", "rows_written"];
        let runs = document["runs"].as_array().map_or(&[][..], Vec::as_slice);
        let short = |run: &Value| Value::from_iter(OF_RUN.map(|key| (key, run[key].clone())));
        let rows: Vec<u64> = runs.iter().filter_map(|run| run["rows_written"].as_u64()).collect();
        let Self { env, began: Beginning { clock, at, reading }, .. } = self;
        json!({
            "time": clock.utc().to_string(),
            "started_at": at.to_string(),
            "duration_s": clock.now().saturating_sub(*reading).as_secs(),
            "user": env.get("USER").or(env.get("LOGNAME")).or(env.get("USERNAME")),
            "host": host(env),
            "command": document["command"],
            "profile": document["profile"],
            "org": document["org"],
            "exit_code": document["exit_code"],
            "outcome": outcome(runs, exit),
            "rows_written": (!rows.is_empty()).then(|| rows.iter().fold(0, |sum: u64, rows| sum.saturating_add(*rows))),
            "runs": runs.iter().map(short).collect::<Vec<_>>(),
            "error": document["error"]["what"],
        })
    }
}

/// The outcome of the command: that of its runs if they all have the same one, else that of its exit code.
fn outcome(runs: &[Value], exit: Exit) -> &str {
    let of_runs = runs.first().and_then(|first| first["outcome"].as_str());
    match (of_runs, exit) {
        (Some(word), _) if runs.iter().all(|run| run["outcome"] == word) => word,
        (None, Exit::Interrupted) => "interrupted",
        (None, Exit::Terminated) => "terminated",
        (_, Exit::Usage) => "usage",
        (_, Exit::Unreachable) => "unreachable",
        (_, Exit::Bug) => "bug",
        (_, Exit::Credentials) => "credentials",
        (_, Exit::Config) => "config",
        (_, exit) => exit.word().unwrap_or("unknown"),
    }
}

#[cfg(unix)]
fn host(_: &Env) -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().map(str::to_owned)
}

#[cfg(not(unix))]
fn host(env: &Env) -> Option<String> {
    env.get("COMPUTERNAME").map(str::to_owned)
}
