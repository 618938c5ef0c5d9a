//! A run that has ended.

use std::time::Duration;

use jiff::Timestamp;

use crate::job::outcome::{ClassifiedBy, Outcome};
use crate::job::subtask::{Rows, Subtask};

/// A run that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunResult {
    pub task_name: Option<String>,
    pub outcome: Outcome,
    pub classified_by: ClassifiedBy,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// The name of the user who started it.
    pub started_by: Option<String>,
    pub rows: Rows,
    /// The error text of the run itself; its parts have their own.
    pub error: Option<String>,
    pub subtasks: Vec<Subtask>,
    /// The ID of the log's row, which the session log is downloaded by.
    pub log_id: Option<String>,
}

impl RunResult {
    /// The time from start to end; none where the service does not say both.
    pub fn duration(&self) -> Option<Duration> {
        Duration::try_from(self.ended_at?.duration_since(self.started_at?)).ok()
    }
}
