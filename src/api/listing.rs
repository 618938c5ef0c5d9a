//! What the activity monitor and the activity log share: rows that cannot be read, and rows that do not say which run they are about.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::api::error::Error;
use crate::api::transport::Operation;
use crate::api::wire::activity::{List, Row};
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
    /// The row that an element of the list is. One that is none is counted.
    pub(crate) fn read(&mut self, element: &[u8], list: List) -> Option<Row> {
        let row = Row::read(element, list);
        self.unreadable += usize::from(row.is_none());
        row
    }

    /// The rows, if every row could be read: one that could not may be the one that matters.
    pub(crate) fn complete(self) -> Result<Vec<T>, String> {
        match self.unreadable {
            0 => Ok(self.rows),
            1 => Err("one of its rows cannot be read".to_owned()),
            count => Err(format!("{count} of its rows cannot be read")),
        }
    }

    /// The same with the error of a request.
    pub(crate) fn complete_of(self, operation: Operation) -> Result<Vec<T>, Error> {
        self.complete().map_err(|what| Error::unreadable(operation, what))
    }
}

/// The rows that the pages of a list have shown. A list whose pages ignore where they should begin would never end.
#[derive(Default)]
pub(crate) struct SeenRows(HashSet<u64>);

impl SeenRows {
    /// What stands for a row, by its text.
    pub(crate) fn key(text: &[u8]) -> u64 {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        hasher.finish()
    }

    /// Adds the rows of a page. It is an error if the page has rows and all of them were on earlier pages. A single row can
    /// be listed twice, because new rows push it onto the next page between two requests.
    pub(crate) fn add(&mut self, page: impl IntoIterator<Item = u64>) -> Result<(), String> {
        let page: HashSet<u64> = page.into_iter().collect();
        if !page.is_empty() && page.is_subset(&self.0) {
            return Err("the pages of the list repeat".to_owned());
        }
        self.0.extend(page);
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_a_new_row_repeats() {
        let mut seen = SeenRows::default();
        for page in [&[1, 2, 3][..], &[3, 4], &[]] {
            assert_eq!(seen.add(page.iter().copied()), Ok(()), "{page:?}");
        }
        for page in [&[1, 2, 3][..], &[4], &[2, 2]] {
            assert!(seen.add(page.iter().copied()).is_err(), "{page:?}");
        }
        assert_ne!(SeenRows::key(b"{}"), SeenRows::key(b"[]"));
    }
}
