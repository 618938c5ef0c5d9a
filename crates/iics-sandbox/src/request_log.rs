//! What reached the service and what it changed. Headers and bodies are not kept, because they hold secrets.

use jiff::Timestamp;
use serde::Serialize;

/// At this length the older half of the log is dropped.
const MOST_KEPT: usize = 100_000;

/// A request and what became of it. As JSON it is a line of a request log.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    /// When the request arrived, by the clock of the caller and not by that of the service, which may be skewed.
    pub at: Timestamp,
    /// In upper case.
    pub method: String,
    /// Path and query, still percent-encoded.
    pub target: String,
    /// The name by which faults are aimed at this call, such as `start` or `log`; `control` for the control API, at which
    /// none can be aimed.
    pub call: &'static str,
    /// `None` if a fault kept the answer back.
    pub status: Option<u16>,
    /// Whether the service did the work. A fault may prevent the work, or only hide it.
    pub processed: bool,
    /// The faults that struck it, as they were written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// `None` if the request changed nothing. The JSON key is `deed`.
    #[serde(rename = "deed", skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
}

/// What a request changed in the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// A session was opened.
    LoggedIn {
        /// The user name of the account.
        user: String,
    },
    /// A wrong user name, password or token was sent, which a real service counts.
    LoginRefused,
    /// One session was closed, or all sessions of an account.
    LoggedOut,
    /// A run of a job or of a file ingestion task was created.
    Started {
        /// The v2 ID of the task; of a file ingestion task the federated ID.
        task_id: String,
        /// The path of the task.
        task: String,
        /// Counted for each task, and across all file ingestion tasks.
        run_id: u64,
        /// False if the run ended at once, without an agent or because of another instance.
        ran: bool,
    },
    /// A run of a taskflow was created.
    TaskflowStarted {
        /// The path of the taskflow.
        task: String,
        /// A text, because it may have more digits than a JSON number keeps.
        run_id: String,
        /// The name that the request gave to the run.
        #[serde(skip_serializing_if = "Option::is_none")]
        run_name: Option<String>,
        /// The names of the inputs in body and query.
        inputs: Vec<String>,
    },
    /// A suspended taskflow was resumed.
    Resumed {
        /// The run ID of the taskflow.
        run_id: String,
        /// Whether the step that failed is skipped instead of repeated.
        skipped: bool,
    },
    /// Taskflows were terminated.
    Terminated {
        /// Only the runs that were running or suspended.
        run_ids: Vec<String>,
    },
    /// A stop of a task was requested.
    Stopped {
        /// The v2 ID of the task.
        task_id: String,
        /// The path of the task.
        task: String,
        /// The runs that the stop hits; empty if none was active.
        run_ids: Vec<u64>,
    },
}

/// The exchanges so far, oldest first.
#[derive(Debug, Default)]
pub(crate) struct RequestLog(Vec<Exchange>);

impl Exchange {
    /// One line of JSON without the line break.
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
