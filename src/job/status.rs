//! What one poll says of a run.

use std::time::Duration;

use jiff::Timestamp;

use crate::job::activity::Activity;
use crate::job::result::RunResult;
use crate::job::subtask::{Rows, Subtask};

/// What one poll says of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunStatus {
    /// No list shows it, or only the log was asked and has no row: it is not over, or not logged yet, or no run at all.
    NotListed,
    Active(RunProgress),
    Ended(Box<RunResult>),
    /// Its resource could not be asked, while another resource that was asked in the same poll answered.
    Unavailable(PollFailure),
}

/// Why a poll brought nothing about a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollFailure {
    pub why: String,
    /// How long the service asks not to be called.
    pub retry_after: Option<Duration>,
}

/// An active run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunProgress {
    pub task_name: Option<String>,
    pub activity: Activity,
    /// Rows so far.
    pub rows: Rows,
    /// When it started, where the service says it in UTC.
    pub started_at: Option<Timestamp>,
    /// The user who started it.
    pub started_by: Option<String>,
    /// Why it is suspended; other active runs have none.
    pub error: Option<String>,
    /// Its parts, where they were asked for.
    pub subtasks: Vec<Subtask>,
}

impl RunProgress {
    /// Whether the run waits until a person resumes or terminates it.
    pub fn is_suspended(&self) -> bool {
        self.activity == Activity::Suspended
    }
}
