//! File ingestion tasks, which the ingestion service runs: start, status, lists of tasks and of jobs. Leaves which task is
//! meant, and when to look, to others.
//!
//! Only the calls and a few keys are documented, so every body is read leniently: keys in any capitals, lists under any
//! key. A task's ID is its federated ID.

use jiff::Timestamp;
use serde_json::{Value, json};

use futures_util::{StreamExt, stream};

use super::retry::Repeat;
use super::service::{POD, Question};
use super::taskflow_wire::{id, member};
use super::{Call, Error, Service};
use crate::job::{Activity, ClassifiedBy, Ending, Outcome, Progress, Rows, Run, Sighting, Subtask, Task, TaskType};

/// How many status requests of one look are under way at once.
const AT_ONCE: usize = 8;
/// Rows of a task's history that are read; the documented maximum.
const HISTORY: usize = 100;

impl Service<'_> {
    /// Starts a task by its ID, once. The error tells whether the service can have started it all the same.
    pub async fn start_ingestion(&self, task_id: &str) -> Result<Run, Error> {
        let body = json!({"taskId": task_id});
        let path = "/mftsaas/api/v1/job".to_owned();
        let answer = self.ask_json(Question::post(Call::Start, POD, path, &body, Repeat::Unprocessed)).await?;
        let run_id = member(&answer, "runId").and_then(id).or_else(|| id(&answer));
        let plain =
            |run_id: &String| run_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let what = "without a run ID".to_owned();
        let run_id = run_id.filter(plain).ok_or(Error::Unreadable { call: Call::Start, status: 200, what })?;
        Ok(Run::Ingestion { task_id: task_id.to_owned(), run_id })
    }

    /// Looks once at each run, by task ID and run ID.
    pub(super) async fn look_at_ingestions(&self, runs: &[(&str, &str)]) -> Vec<Result<Sighting, Error>> {
        let looks = runs.iter().map(async |&(task_id, run_id)| self.look_at_ingestion(task_id, run_id).await);
        stream::iter(looks).buffered(AT_ONCE).collect().await
    }

    async fn look_at_ingestion(&self, task_id: &str, run_id: &str) -> Result<Sighting, Error> {
        let path = format!("/mftsaas/api/v1/job/{run_id}/status");
        let answer = match self.ask_json(Question::get(Call::Status, POD, path, Repeat::Never)).await {
            Ok(answer) => answer,
            Err(Error::Refused { status: 400 | 404, .. } | Error::Unreadable { status: 404, .. }) => {
                return Ok(Sighting::Unseen);
            }
            Err(error) => return Err(error),
        };
        let unreadable = |what: &str| Error::Unreadable { call: Call::Status, status: 200, what: what.to_owned() };
        let other = |key: &str, ours: &str| member(&answer, key).and_then(id).is_some_and(|found| found != ours);
        if other("taskId", task_id) || other("runId", run_id) {
            return Err(unreadable("about another run"));
        }
        sighting(&answer).ok_or_else(|| unreadable("without a status"))
    }

    /// The tasks of the organisation that pass `keep`, with their IDs and names.
    pub async fn ingestion_tasks(&self, keep: impl Fn(&Task) -> bool) -> Result<Vec<Task>, Error> {
        let path = "/mftsaas/api/v1/mitasks".to_owned();
        let answer = self.ask_json(Question::get(Call::Lookup, POD, path, Repeat::Passing)).await?;
        let tasks = rows(&answer).into_iter().filter_map(|row| {
            // The documents say `taskId` and `taskName`, their sample says `id` and `name`.
            let task_id = text(row, &["id", "taskId"])?;
            let name = text(row, &["name", "taskName"]);
            Some(Task { id: Some(task_id), name, kind: Some(TaskType::FileIngestion), ..Task::default() })
        });
        Ok(tasks.filter(keep).collect())
    }

    /// The runs of a task that its history lists, newest first. Documents promise only those that are over.
    pub async fn ingestion_runs(&self, task_id: &str) -> Result<Vec<(Run, Sighting)>, Error> {
        let path = format!("/mftsaas/api/v1/mitasks/activityLog?taskId={task_id}&offset=0&rowLimit={HISTORY}");
        let answer = self.ask_json(Question::get(Call::Log, POD, path, Repeat::Passing)).await?;
        let mut runs: Vec<(Option<Timestamp>, Run, Sighting)> = rows(&answer)
            .iter()
            .filter_map(|row| {
                let run_id = member(row, "runId").and_then(id)?;
                let ours = member(row, "taskId").and_then(id).is_none_or(|found| found == task_id);
                let run = Run::Ingestion { task_id: task_id.to_owned(), run_id };
                ours.then_some((time(row, "startTime"), run, sighting(row)?))
            })
            .collect();
        // The order is not documented; rows without a time stay behind.
        runs.sort_by(|(one, ..), (other, ..)| other.cmp(one));
        Ok(runs.into_iter().map(|(_, run, sighting)| (run, sighting)).collect())
    }
}

/// The objects of an answer that is an array, or that has one under some key.
fn rows(answer: &Value) -> Vec<&Value> {
    let list = match answer {
        Value::Array(list) => Some(list),
        Value::Object(members) => members.values().find_map(Value::as_array),
        _ => None,
    };
    list.into_iter().flatten().filter(|row| row.is_object()).collect()
}

fn text(row: &Value, keys: &[&str]) -> Option<String> {
    let words = keys.iter().filter_map(|key| member(row, key)?.as_str());
    words.map(str::trim).find(|word| !word.is_empty() && *word != "null").map(str::to_owned)
}

fn time(row: &Value, key: &str) -> Option<Timestamp> {
    text(row, &[key])?.parse().ok()
}

/// How a run stands; none when the answer does not say.
fn sighting(answer: &Value) -> Option<Sighting> {
    let word = text(answer, &["jobStatus", "status"])?;
    let (task_name, started_at) = (text(answer, &["taskName"]), time(answer, "startTime"));
    let subtasks = files(answer);
    let Some(outcome) = outcome(&word) else {
        return Some(Sighting::Active(Progress {
            task_name,
            activity: activity(&word),
            rows: Rows::default(),
            started_at,
            started_by: text(answer, &["startedBy"]),
            subtasks,
        }));
    };
    Some(Sighting::Over(Box::new(Ending {
        task_name,
        outcome,
        classified_by: ClassifiedBy::State,
        started_at,
        ended_at: time(answer, "endTime"),
        rows: Rows::default(),
        error: text(answer, &["errorMessage", "messageText", "message", "error"])
            .filter(|_| outcome != Outcome::Succeeded),
        subtasks,
        log_id: None,
    })))
}

/// The files of a run, wherever the answer has them.
fn files(answer: &Value) -> Vec<Subtask> {
    let mut lists = rows(answer);
    if lists.is_empty()
        && let Value::Object(members) = answer
    {
        lists = members.values().filter(|value| value.is_object()).flat_map(rows).collect();
    }
    let file = |row: &&Value| {
        let word = text(row, &["fileStatus", "status", "jobStatus"]);
        let outcome = word.as_deref().and_then(outcome);
        let error = text(row, &["errorMessage", "messageText", "message", "error"]);
        Some(Subtask {
            name: text(row, &["fileName", "name", "sourceFileName"])?,
            kind: "FILE".to_owned(),
            run_id: None,
            outcome,
            activity: word.as_deref().filter(|_| outcome.is_none()).map(activity),
            error: error.filter(|_| !matches!(outcome, None | Some(Outcome::Succeeded))),
            rows: Rows::default(),
            parts: Vec::new(),
        })
    };
    lists.iter().filter_map(file).collect()
}

/// What a status word ends a run with. Only `SUCCESS` is documented, so the known words for an end are taken in any
/// capitals, and a word that is not known is no end.
fn outcome(word: &str) -> Option<Outcome> {
    Some(match word.to_ascii_uppercase().replace([' ', '-'], "_").as_str() {
        "SUCCESS" | "SUCCEEDED" | "SUCCESSFUL" | "COMPLETED" => Outcome::Succeeded,
        "WARNING" | "SUCCESS_WITH_WARNINGS" | "COMPLETED_WITH_WARNINGS" | "COMPLETED_WITH_ERRORS" => Outcome::Warning,
        "FAILED" | "FAILURE" | "ERROR" => Outcome::Failed,
        "STOPPED" | "ABORTED" | "TERMINATED" | "CANCELED" | "CANCELLED" => Outcome::Stopped,
        _ => return None,
    })
}

fn activity(word: &str) -> Activity {
    match word.to_ascii_uppercase().as_str() {
        "QUEUED" => Activity::Queued,
        "RUNNING" => Activity::Running,
        "STOPPING" => Activity::Stopping,
        _ => Activity::Other(word.to_lowercase()),
    }
}
