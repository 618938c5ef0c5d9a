//! What the sandbox was asked and what it did about it, for tests that count and for request logs. Never secrets:
//! neither headers nor bodies are kept.

use jiff::Timestamp;
use serde::Serialize;

/// When so many exchanges are kept, the older half of them is forgotten.
const MOST_KEPT: usize = 100_000;

/// One request and its fate.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    /// When it came in, on the caller's clock.
    pub at: Timestamp,
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// What it is for, in the words at which faults are aimed.
    pub call: &'static str,
    /// The status that was sent, if anything was.
    pub status: Option<u16>,
    /// Whether the service did the work, which a fault may prevent or hide.
    pub processed: bool,
    /// The faults that struck it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// What the work changed.
    #[serde(rename = "deed", skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
}

/// What a request changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// A session was made.
    LoggedIn {
        /// Whose.
        user: String,
    },
    /// A login was refused.
    LoginRefused,
    /// One session, or all of an account, ended.
    LoggedOut,
    /// A run was created.
    Started {
        /// The v2 ID of the task.
        task_id: String,
        /// Its name.
        task: String,
        /// The run.
        run_id: u64,
        /// False for a run that ended at once because nothing could run it.
        ran: bool,
    },
    /// A taskflow was started.
    TaskflowStarted {
        /// Its place and name.
        task: String,
        /// The run, which may have more digits than a JSON number keeps.
        run_id: String,
        /// The name given to the run.
        #[serde(skip_serializing_if = "Option::is_none")]
        run_name: Option<String>,
        /// The names of the inputs that came along.
        inputs: Vec<String>,
    },
    /// A suspended taskflow goes on.
    Resumed {
        /// The run.
        run_id: String,
        /// Whether the step that failed is left out.
        skipped: bool,
    },
    /// Taskflows were ended.
    Terminated {
        /// The runs that were under way or suspended.
        run_ids: Vec<String>,
    },
    /// A task was told to stop.
    Stopped {
        /// The v2 ID of the task.
        task_id: String,
        /// Its name.
        task: String,
        /// The runs that go down; empty when nothing was running.
        run_ids: Vec<u64>,
    },
}

/// The exchanges so far, oldest first.
#[derive(Debug, Default)]
pub(crate) struct RequestLog(Vec<Exchange>);

impl Exchange {
    /// The exchange as one JSON line.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl std::fmt::Display for Exchange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let status = self.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        write!(formatter, "{} {} {status}", self.method, self.target)?;
        if self.faults.is_empty() { Ok(()) } else { write!(formatter, " ({})", self.faults.join(", ")) }
    }
}

impl RequestLog {
    /// Adds one.
    pub(crate) fn push(&mut self, exchange: Exchange) {
        if self.0.len() >= MOST_KEPT {
            self.0.drain(..MOST_KEPT / 2);
        }
        self.0.push(exchange);
    }

    /// All that are kept.
    pub(crate) fn exchanges(&self) -> &[Exchange] {
        &self.0
    }
}
