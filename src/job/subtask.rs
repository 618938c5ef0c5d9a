//! What a run consists of: its rows and its parts.

use std::fmt;

use jiff::Timestamp;

use crate::job::activity::Activity;
use crate::job::outcome::Outcome;

/// Rows that went well and rows that did not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub ok: u64,
    /// Rows rejected.
    pub failed: u64,
}

/// The row counts of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rows {
    /// Rows read.
    pub source: Count,
    /// Rows written.
    pub target: Count,
}

impl Rows {
    /// The rows that were rejected, read or written.
    pub fn rejected(self) -> u64 {
        self.source.failed + self.target.failed
    }
}

/// A part of a run: a task of a taskflow, linear or not, an object of a replication task, or an ingested file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subtask {
    /// The name of the task or object.
    pub name: String,
    /// The type as the service spells it; an open set.
    pub kind: String,
    pub run_id: Option<RunId>,
    /// The ID of its item in the row of the log, which its session log is downloaded by.
    pub log_item: Option<String>,
    /// None until the part has ended.
    pub outcome: Option<Outcome>,
    /// None once the part has ended.
    pub activity: Option<Activity>,
    /// Its error text. Present on successful parts too at times, so it never decides the outcome.
    pub error: Option<String>,
    pub rows: Rows,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub parts: Vec<Self>,
}

/// The run ID of a part, which may belong to any resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunId {
    /// The job resource counts the runs of each task.
    Number(u64),
    /// Other resources give IDs that are too long for the numbers of JSON.
    Text(String),
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(formatter),
            Self::Text(text) => text.fmt(formatter),
        }
    }
}
