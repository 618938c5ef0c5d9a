//! File ingestion tasks, which the ingestion service runs: start, status, lists of tasks and of runs. A task's ID is its
//! federated ID.

use jiff::Timestamp;
use serde_json::json;

use crate::api::attempt::Attempt;
use crate::api::client::Client;
use crate::api::error::Error;
use crate::api::listing::Listing;
use crate::api::request::{ApiRequest, POD};
use crate::api::retry::RetryPolicy;
use crate::api::together::together;
use crate::api::transport::{Method, Operation};
use crate::api::url::{query_value, segment};
use crate::api::wire::bodies::Misread;
use crate::api::wire::ingestion::status;
use crate::api::wire::members::Members;
use crate::api::wire::rows::{Frame, ListAt};
use crate::api::wire::taskflow::started_id;
use crate::job::{Run, RunStatus, Task, TaskType, is_id};

/// Rows of a task's history that are read; the documented maximum.
const HISTORY: usize = 100;
/// Rows beyond this many have nothing to do with what was asked for.
const MOST: usize = 10 * HISTORY;

/// Starts a task by its ID, once.
pub async fn start(client: &Client<'_>, task_id: &str, attempt: &Attempt) -> Result<Run, Error> {
    let body = json!({"taskId": task_id});
    let request = ApiRequest::change(Operation::Start, Method::Post, POD, "/mftsaas/api/v1/job".to_owned());
    let request = ApiRequest { body: Some(&body), attempt: Some(attempt), ..request };
    let run_id = client.call_json(request, |answer| started_id(answer, is_id)).await?;
    Ok(Run::Ingestion { task_id: task_id.to_owned(), run_id })
}

/// Polls each run once, by task ID and run ID.
pub(crate) async fn poll(client: &Client<'_>, runs: &[(&str, &str)]) -> Vec<Result<RunStatus, Error>> {
    let polls = runs.iter().map(async |&(task_id, run_id)| poll_one(client, task_id, run_id).await);
    together(polls).await
}

async fn poll_one(client: &Client<'_>, task_id: &str, run_id: &str) -> Result<RunStatus, Error> {
    let path = format!("/mftsaas/api/v1/job/{}/status", segment(run_id));
    let request = ApiRequest::get(Operation::Status, POD, path, RetryPolicy::Never);
    let read = |answer: &Frame| {
        let members = answer.members().unwrap_or_default();
        let Some(status) = status(&members) else { return Err(Misread::nothing("without a status")) };
        let is_other = |key: &str, ours: &str| members.id(key).is_some_and(|other| other != ours);
        if is_other("taskId", task_id) || is_other("runId", run_id) {
            return Err(Misread::odd("about another run"));
        }
        Ok(status)
    };
    match client.call_json(request, read).await {
        Err(error) if error.denies_run() => Ok(RunStatus::NotListed),
        status => status,
    }
}

/// The tasks of the organisation that pass `filter`, with their IDs and names.
pub async fn tasks(client: &Client<'_>, filter: impl Fn(&Task) -> bool) -> Result<Vec<Task>, Error> {
    let path = "/mftsaas/api/v1/mitasks".to_owned();
    let request = ApiRequest::get(Operation::Lookup, POD, path, RetryPolicy::Idempotent);
    let add = |listing: &mut Listing<Task>, element: &[u8]| {
        // The documentation says `taskId` and `taskName`, its sample says `id` and `name`.
        let task = |members: &Members<'_>| Task {
            id: members.text_of(&["id", "taskId"]),
            name: members.text_of(&["name", "taskName"]),
            kind: Some(TaskType::FileIngestion),
            ..Task::default()
        };
        match Members::read(element, task) {
            Some(task) => listing.rows.extend(Some(task).filter(|task| task.id.is_some() && filter(task))),
            None => listing.unreadable += 1,
        }
    };
    client.call_list(request, ListAt::First, add, listed).await
}

/// The runs of a task that its history lists, newest first. The documentation promises only ended runs.
pub async fn runs(client: &Client<'_>, task_id: &str) -> Result<Vec<(Run, RunStatus)>, Error> {
    let task = query_value(task_id);
    let path = format!("/mftsaas/api/v1/mitasks/activityLog?taskId={task}&offset=0&rowLimit={HISTORY}");
    let request = ApiRequest::get(Operation::Log, POD, path, RetryPolicy::Idempotent);
    let add = |listing: &mut Listing<HistoryRow>, element: &[u8]| {
        let row = |members: &Members<'_>| {
            if members.id("taskId").is_some_and(|other| other != task_id) {
                return Some(None);
            }
            let run_id = members.id("runId").filter(|id| is_id(id))?;
            let run = Run::Ingestion { task_id: task_id.to_owned(), run_id };
            Some(Some((members.time("startTime"), run, status(members)?)))
        };
        match Members::read(element, row).flatten() {
            Some(row) if listing.rows.len() < MOST => listing.rows.extend(row),
            // It may be the run that matters.
            _ => listing.unreadable += 1,
        }
    };
    let mut runs = client.call_list(request, ListAt::First, add, listed).await?;
    // The order is not documented; rows without a time go last.
    runs.sort_by(|(one, ..), (other, ..)| other.cmp(one));
    Ok(runs.into_iter().map(|(_, run, status)| (run, status)).collect())
}

/// The start of a run, the run, and its status.
type HistoryRow = (Option<Timestamp>, Run, RunStatus);

/// The rows of a list, if there is a list and every row could be read.
fn listed<T>(listing: Listing<T>, answer: &Frame) -> Result<Vec<T>, Misread> {
    let has_list = match answer {
        Frame::Array => true,
        Frame::Object(_) => answer.members().is_some_and(|members| members.values().any(|value| value == "[]")),
        Frame::Bare(_) => false,
    };
    if !has_list {
        return Err(Misread::nothing("with JSON that has no list"));
    }
    listing.complete().map_err(Misread::Odd)
}

#[cfg(test)]
mod tests;
