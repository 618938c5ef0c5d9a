//! The runs of file ingestion tasks. They are numbered across tasks, because the status is asked for by the run alone.

use jiff::Timestamp;

use crate::kind::Outcome;

/// The run ID of the first run.
const FIRST: usize = 1001;

#[derive(Debug)]
pub(crate) struct IngestionRun {
    pub task: usize,
    pub began: Timestamp,
    pub ended: Timestamp,
    pub outcome: Outcome,
    pub user: String,
}

impl IngestionRun {
    pub(crate) fn status(&self, now: Timestamp) -> &'static str {
        if now < self.ended { "RUNNING" } else { self.outcome.status() }
    }
}

#[derive(Debug, Default)]
pub(crate) struct IngestionRuns(Vec<IngestionRun>);

impl IngestionRuns {
    /// Adds a run. Gives its ID.
    pub(crate) fn add(&mut self, run: IngestionRun) -> usize {
        self.0.push(run);
        FIRST + self.0.len() - 1
    }

    pub(crate) fn find(&self, run_id: &str) -> Option<&IngestionRun> {
        self.0.get(index_of(run_id)?)
    }

    /// A run with its ID.
    pub(crate) fn find_mut(&mut self, run_id: &str) -> Option<(usize, &mut IngestionRun)> {
        let index = index_of(run_id)?;
        Some((FIRST + index, self.0.get_mut(index)?))
    }

    pub(crate) fn count_of(&self, task: usize) -> u64 {
        self.0.iter().filter(|run| run.task == task).count() as u64
    }

    /// All runs with their IDs.
    pub(crate) fn oldest_first(&self) -> impl DoubleEndedIterator<Item = (usize, &IngestionRun)> {
        self.0.iter().enumerate().map(|(index, run)| (FIRST + index, run))
    }
}

fn index_of(run_id: &str) -> Option<usize> {
    run_id.parse::<usize>().ok()?.checked_sub(FIRST)
}
