//! The activity monitor, which lists the active runs of the job resource. Ended runs may stay in it for a while.

use crate::api::client::Client;
use crate::api::error::Error;
use crate::api::listing::{Listing, UnknownRun, run_of};
use crate::api::request::{ApiRequest, V2};
use crate::api::retry::RetryPolicy;
use crate::api::transport::Operation;
use crate::api::wire::activity::{List, Row};
use crate::job::{Activity, JobRun, RunProgress, TaskType, is_id};

/// A row of the monitor.
#[derive(Debug, Clone)]
pub struct MonitoredRun {
    /// None when the row lacks a key or has one that is no ID, or is of a type that the job resource does not run.
    pub run: Option<JobRun>,
    /// The type as the service spells it.
    pub kind: String,
    pub progress: RunProgress,
}

impl MonitoredRun {
    fn new(row: &Row) -> Self {
        let kind = row.kind.clone().unwrap_or_default();
        let run = match (TaskType::of_job(&kind), row.task_id.clone().filter(|id| is_id(id)), row.run_id) {
            (Some(kind), Some(task_id), Some(run_id)) => Some(JobRun { kind, task_id, run_id }),
            _ => None,
        };
        Self { run, kind, progress: row.progress() }
    }

    pub fn is_active(&self) -> bool {
        self.progress.activity != Activity::Ending
    }
}

/// An active run of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveRun {
    pub run: JobRun,
    /// The run of the linear taskflow that it is a part of.
    pub parent: Option<JobRun>,
    pub progress: RunProgress,
}

/// The rows that pass `filter`. With `details` they have the parts of linear taskflows.
pub async fn runs(
    client: &Client<'_>,
    details: bool,
    retry: RetryPolicy,
    filter: impl Fn(&MonitoredRun) -> bool,
) -> Result<Listing<MonitoredRun>, Error> {
    let add = |listing: &mut Listing<MonitoredRun>, element: &[u8]| {
        let row = listing.read(element, List::Monitor);
        listing.rows.extend(row.as_ref().map(MonitoredRun::new).filter(&filter));
    };
    client.call_rows(request(details, retry), add, Ok).await
}

/// The active runs of one task, also those inside a linear taskflow. An error when it is unclear of
/// a row whether it is one of them.
pub async fn active_runs(client: &Client<'_>, task_id: &str) -> Result<Vec<ActiveRun>, Error> {
    let add = |listing: &mut Listing<ActiveRun>, element: &[u8]| {
        let Some(row) = listing.read(element, List::Monitor) else { return };
        add_active(listing, &row, None, task_id);
        for part in &row.parts {
            add_active(listing, part, Some(&row), task_id);
        }
        if row.has_odd_parts && MonitoredRun::new(&row).is_active() {
            listing.unreadable += 1;
        }
    };
    client.call_rows(request(true, RetryPolicy::Idempotent), add, Listing::complete).await
}

pub(crate) fn request(details: bool, retry: RetryPolicy) -> ApiRequest<'static> {
    let path = format!("/api/v2/activity/activityMonitor?details={details}");
    ApiRequest::get(Operation::Monitor, V2, path, retry)
}

/// Adds the run of the task that a row or one of its parts shows as active.
fn add_active(listing: &mut Listing<ActiveRun>, row: &Row, parent: Option<&Row>, task_id: &str) {
    let monitored = MonitoredRun::new(row);
    if !monitored.is_active() {
        return;
    }
    let parent = parent.map(MonitoredRun::new);
    // The parts of a linear taskflow are runs of tasks; those of any other run may be anything, and then have no task ID.
    let is_piece = parent.as_ref().is_some_and(|parent| TaskType::of_job(&parent.kind) != Some(TaskType::Workflow));
    if is_piece && row.task_id.is_none() {
        return;
    }
    match run_of(row, task_id) {
        Ok(Some(run)) if listing.rows.iter().all(|other| other.run != run) => {
            let parent = parent.and_then(|parent| parent.run);
            listing.rows.push(ActiveRun { run, parent, progress: monitored.progress });
        }
        Ok(_) => {}
        Err(UnknownRun) => listing.unreadable += 1,
    }
}

#[cfg(test)]
mod tests;
