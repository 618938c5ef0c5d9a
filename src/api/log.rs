//! The activity log, which lists the ended runs of the job resource. Only the log decides how a run ended.

use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};

use crate::api::client::Client;
use crate::api::error::Error;
use crate::api::listing::Listing;
use crate::api::request::{ApiRequest, V2};
use crate::api::retry::RetryPolicy;
use crate::api::transport::Operation;
use crate::api::url::query_value;
use crate::api::wire::activity::{List, Row};
use crate::job::{JobRun, RunResult, TaskType};

/// A row that ended so long before a start is not its run's, whatever number it has.
const BEFORE_START: SignedDuration = SignedDuration::from_mins(5);

/// Whether a row is about a run that was over before a start, by the service's clock: task and number are the same where the
/// run counter began anew.
pub(crate) fn is_older(row: &Row, start_sent_at: Option<Timestamp>) -> bool {
    start_sent_at
        .and_then(|start_sent_at| start_sent_at.checked_sub(BEFORE_START).ok())
        .is_some_and(|limit| row.end().is_before(limit))
}

/// The result of a run, if the log has it. `start_sent_at` is when it was started by the service's clock, where that is known. A row
/// that cannot be read may be the run's: then it is not known.
pub async fn result(
    client: &Client<'_>,
    run: &JobRun,
    start_sent_at: Option<Timestamp>,
    retry: RetryPolicy,
) -> Result<Option<RunResult>, Error> {
    let add = |listing: &mut Listing<RunResult>, element: &[u8]| match Row::read(element, List::Log) {
        Some(row) if is_older(&row, start_sent_at) || is_another(&row, run) => {}
        Some(row @ Row { task_id: Some(_), run_id: Some(_), state: Some(_), .. }) => listing.rows.extend(row.result()),
        Some(_) | None => listing.unreadable += 1,
    };
    let done =
        |listing: Listing<RunResult>| if listing.rows.is_empty() { listing.complete() } else { Ok(listing.rows) };
    let request = request(&run.task_id, &format!("&runId={}", run.run_id), retry);
    let results = client.call_rows(request, add, done).await?;
    Ok(results.into_iter().next())
}

/// The run of a task that ended last.
pub async fn last_run(
    client: &Client<'_>,
    task_id: &str,
    kind: TaskType,
) -> Result<Option<(JobRun, RunResult)>, Error> {
    let add = |listing: &mut Listing<(JobRun, RunResult)>, element: &[u8]| match Row::read(element, List::Log) {
        Some(Row { task_id: Some(other), .. }) if other != task_id => {}
        Some(row @ Row { task_id: Some(_), run_id: Some(run_id), state: Some(_), .. }) => {
            let run = JobRun { kind, task_id: task_id.to_owned(), run_id };
            listing.rows.extend(row.result().map(|result| (run, result)));
        }
        Some(_) | None => listing.unreadable += 1,
    };
    let request = request(task_id, "&rowLimit=1", RetryPolicy::Idempotent);
    let ended = client.call_rows(request, add, Listing::complete).await?;
    Ok(ended.into_iter().next())
}

/// The path of the log with these parameters.
pub(crate) fn path(
    task_id: Option<&str>,
    run_id: Option<u64>,
    offset: Option<usize>,
    row_limit: Option<usize>,
) -> String {
    let number = |key: &str, value: Option<u64>| value.map(|value| format!("{key}={value}"));
    let length = |value: Option<usize>| value.map(|value| value as u64);
    let given = [
        task_id.map(|id| format!("taskId={}", query_value(id))),
        number("runId", run_id),
        number("offset", length(offset)),
        number("rowLimit", length(row_limit)),
    ];
    let mut path = "/api/v2/activity/activityLog".to_owned();
    for (index, parameter) in given.into_iter().flatten().enumerate() {
        let _ = write!(path, "{}{parameter}", if index == 0 { '?' } else { '&' });
    }
    path
}

/// The newest rows of a task come first.
pub(crate) fn request(task_id: &str, filter: &str, retry: RetryPolicy) -> ApiRequest<'static> {
    let path = format!("/api/v2/activity/activityLog?taskId={}{filter}", query_value(task_id));
    ApiRequest::get(Operation::Log, V2, path, retry)
}

/// Whether a row is surely another run's. Run IDs of different tasks coincide, so either key can say so.
fn is_another(row: &Row, run: &JobRun) -> bool {
    row.task_id.as_ref().is_some_and(|other| *other != run.task_id)
        || row.run_id.is_some_and(|other| other != run.run_id)
}

#[cfg(test)]
mod tests;
