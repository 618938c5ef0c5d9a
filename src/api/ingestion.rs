//! File ingestion tasks, which the ingestion service runs: start, status, lists of tasks and of runs. A task's ID is its
//! federated ID.

use jiff::Timestamp;
use serde_json::json;

use crate::api::attempt::Attempt;
use crate::api::client::Client;
use crate::api::error::Error;
use crate::api::request::{ApiRequest, POD};
use crate::api::retry::RetryPolicy;
use crate::api::together::together;
use crate::api::transport::{Method, Operation};
use crate::api::url::{query_value, segment};
use crate::api::wire::ingestion::{rows, status, text, time};
use crate::api::wire::taskflow::{id, member, started_id};
use crate::job::{Run, RunStatus, Task, TaskType, is_id};

/// Rows of a task's history that are read; the documented maximum.
const HISTORY: usize = 100;

/// Starts a task by its ID, once.
pub async fn start(client: &Client<'_>, task_id: &str, attempt: &Attempt) -> Result<Run, Error> {
    let body = json!({"taskId": task_id});
    let request = ApiRequest::change(Operation::Start, Method::Post, POD, "/mftsaas/api/v1/job".to_owned());
    let request = ApiRequest { body: Some(&body), attempt: Some(attempt), ..request };
    let run_id = client.call_start(request, |answer| started_id(answer, is_id)).await?;
    Ok(Run::Ingestion { task_id: task_id.to_owned(), run_id })
}

/// Polls each run once, by task ID and run ID.
pub(crate) async fn poll(client: &Client<'_>, runs: &[(&str, &str)]) -> Vec<Result<RunStatus, Error>> {
    let polls = runs.iter().map(async |&(task_id, run_id)| poll_one(client, task_id, run_id).await);
    together(polls).await
}

async fn poll_one(client: &Client<'_>, task_id: &str, run_id: &str) -> Result<RunStatus, Error> {
    let path = format!("/mftsaas/api/v1/job/{}/status", segment(run_id));
    let answer = match client.call_json(ApiRequest::get(Operation::Status, POD, path, RetryPolicy::Never)).await {
        Err(error) if error.denies_run() => return Ok(RunStatus::NotListed),
        answer => answer?,
    };
    let is_other = |key: &str, ours: &str| member(&answer, key).and_then(id).is_some_and(|other| other != ours);
    if is_other("taskId", task_id) || is_other("runId", run_id) {
        return Err(Error::unreadable(Operation::Status, "about another run"));
    }
    status(&answer).ok_or_else(|| Error::unreadable(Operation::Status, "without a status"))
}

/// The tasks of the organisation that pass `filter`, with their IDs and names.
pub async fn tasks(client: &Client<'_>, filter: impl Fn(&Task) -> bool) -> Result<Vec<Task>, Error> {
    let path = "/mftsaas/api/v1/mitasks".to_owned();
    let answer = client.call_json(ApiRequest::get(Operation::Lookup, POD, path, RetryPolicy::Idempotent)).await?;
    let tasks = rows(&answer).into_iter().filter_map(|row| {
        // The documentation says `taskId` and `taskName`, its sample says `id` and `name`.
        let task_id = text(row, &["id", "taskId"])?;
        let name = text(row, &["name", "taskName"]);
        Some(Task { id: Some(task_id), name, kind: Some(TaskType::FileIngestion), ..Task::default() })
    });
    Ok(tasks.filter(filter).collect())
}

/// The runs of a task that its history lists, newest first. The documentation promises only ended runs.
pub async fn runs(client: &Client<'_>, task_id: &str) -> Result<Vec<(Run, RunStatus)>, Error> {
    let task = query_value(task_id);
    let path = format!("/mftsaas/api/v1/mitasks/activityLog?taskId={task}&offset=0&rowLimit={HISTORY}");
    let answer = client.call_json(ApiRequest::get(Operation::Log, POD, path, RetryPolicy::Idempotent)).await?;
    let mut runs: Vec<(Option<Timestamp>, Run, RunStatus)> = Vec::new();
    for row in rows(&answer) {
        if member(row, "taskId").and_then(id).is_some_and(|other| other != task_id) {
            continue;
        }
        let (Some(run_id), Some(status)) = (member(row, "runId").and_then(id).filter(|id| is_id(id)), status(row))
        else {
            // It may be the run that matters.
            return Err(Error::unreadable(Operation::Log, "one of its rows has no run ID or no status"));
        };
        runs.push((time(row, "startTime"), Run::Ingestion { task_id: task_id.to_owned(), run_id }, status));
    }
    // The order is not documented; rows without a time go last.
    runs.sort_by(|(one, ..), (other, ..)| other.cmp(one));
    Ok(runs.into_iter().map(|(_, run, status)| (run, status)).collect())
}

#[cfg(test)]
mod tests;
