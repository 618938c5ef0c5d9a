//! What the activity monitor and the activity log share: rows that cannot be read, and rows that do not say which run they are about.

use crate::api::wire::activity::Row;
use crate::job::{JobRun, TaskType};

/// The rows of a list that are wanted, and how many of all its rows cannot be read.
#[derive(Debug)]
pub struct Listing<T> {
    pub rows: Vec<T>,
    /// Rows that are no objects, are broken beyond repair, or do not say which run they are about.
    pub unreadable: usize,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), unreadable: 0 }
    }
}

impl<T> Listing<T> {
    /// The rows, if every row could be read: one that could not may be the one that matters.
    pub(crate) fn complete(self) -> Result<Vec<T>, String> {
        match self.unreadable {
            0 => Ok(self.rows),
            1 => Err("one of its rows cannot be read".to_owned()),
            count => Err(format!("{count} of its rows cannot be read")),
        }
    }
}

/// A row does not say which run it is about.
pub(crate) struct UnknownRun;

/// The run of this task that a row is about; none when it is about something else.
pub(crate) fn run_of(row: &Row, task_id: &str) -> Result<Option<JobRun>, UnknownRun> {
    match (&row.task_id, &row.kind, row.run_id) {
        (Some(other), ..) if other != task_id => Ok(None),
        // What the job resource does not run, such as the test of a mapping.
        (_, Some(kind), _) if TaskType::of_job(kind).is_none() => Ok(None),
        (Some(_), Some(kind), Some(run_id)) => {
            let run = |kind| JobRun { kind, task_id: task_id.to_owned(), run_id };
            Ok(TaskType::of_job(kind).map(run))
        }
        _ => Err(UnknownRun),
    }
}
