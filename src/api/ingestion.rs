//! File ingestion tasks, which the ingestion service runs: start, status, lists of tasks and of jobs. Leaves which task is
//! meant, and when to look, to others.
//!
//! Only the calls and a few keys are documented, so every body is read leniently: keys in any capitals, lists under any
//! key. A task's ID is its federated ID.

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::api::client::{ApiRequest, POD};
use crate::api::retry::RetryPolicy;
use crate::api::taskflow_wire::{id, member};
use crate::api::{Call, Client, Error};
use crate::job::{
    Activity, ClassifiedBy, Outcome, Rows, Run, RunProgress, RunResult, RunStatus, Subtask, Task, TaskType,
};

/// How many status requests of one look are under way at once.
const AT_ONCE: usize = 8;
/// Rows of a task's history that are read; the documented maximum.
const HISTORY: usize = 100;

impl Client<'_> {
    /// Starts a task by its ID, once. The error tells whether the service can have started it all the same.
    pub async fn start_ingestion(&self, task_id: &str) -> Result<Run, Error> {
        let body = json!({"taskId": task_id});
        let path = "/mftsaas/api/v1/job".to_owned();
        let answer =
            self.call_json(ApiRequest::post(Call::Start, POD, path, &body, RetryPolicy::IfNotProcessed)).await?;
        let run_id = member(&answer, "runId").and_then(id).or_else(|| id(&answer));
        let plain =
            |run_id: &String| run_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let what = "without a run ID".to_owned();
        let run_id = run_id.filter(plain).ok_or(Error::Unreadable { call: Call::Start, status: 200, what })?;
        Ok(Run::Ingestion { task_id: task_id.to_owned(), run_id })
    }

    /// Looks once at each run, by task ID and run ID.
    pub(crate) async fn poll_ingestions(&self, runs: &[(&str, &str)]) -> Vec<Result<RunStatus, Error>> {
        let looks = runs.iter().map(async |&(task_id, run_id)| self.poll_ingestion(task_id, run_id).await);
        stream::iter(looks).buffered(AT_ONCE).collect().await
    }

    async fn poll_ingestion(&self, task_id: &str, run_id: &str) -> Result<RunStatus, Error> {
        let path = format!("/mftsaas/api/v1/job/{run_id}/status");
        let answer = match self.call_json(ApiRequest::get(Call::Status, POD, path, RetryPolicy::Never)).await {
            Ok(answer) => answer,
            Err(Error::Refused { status: 400 | 404, .. } | Error::Unreadable { status: 404, .. }) => {
                return Ok(RunStatus::NotListed);
            }
            Err(error) => return Err(error),
        };
        let unreadable = |what: &str| Error::Unreadable { call: Call::Status, status: 200, what: what.to_owned() };
        let other = |key: &str, ours: &str| member(&answer, key).and_then(id).is_some_and(|found| found != ours);
        if other("taskId", task_id) || other("runId", run_id) {
            return Err(unreadable("about another run"));
        }
        status(&answer).ok_or_else(|| unreadable("without a status"))
    }

    /// The tasks of the organisation that pass `keep`, with their IDs and names.
    pub async fn ingestion_tasks(&self, keep: impl Fn(&Task) -> bool) -> Result<Vec<Task>, Error> {
        let path = "/mftsaas/api/v1/mitasks".to_owned();
        let answer = self.call_json(ApiRequest::get(Call::Lookup, POD, path, RetryPolicy::Idempotent)).await?;
        let tasks = rows(&answer).into_iter().filter_map(|row| {
            // The documents say `taskId` and `taskName`, their sample says `id` and `name`.
            let task_id = text(row, &["id", "taskId"])?;
            let name = text(row, &["name", "taskName"]);
            Some(Task { id: Some(task_id), name, kind: Some(TaskType::FileIngestion), ..Task::default() })
        });
        Ok(tasks.filter(keep).collect())
    }

    /// The runs of a task that its history lists, newest first. Documents promise only those that are over.
    pub async fn ingestion_runs(&self, task_id: &str) -> Result<Vec<(Run, RunStatus)>, Error> {
        let path = format!("/mftsaas/api/v1/mitasks/activityLog?taskId={task_id}&offset=0&rowLimit={HISTORY}");
        let answer = self.call_json(ApiRequest::get(Call::Log, POD, path, RetryPolicy::Idempotent)).await?;
        let mut runs: Vec<(Option<Timestamp>, Run, RunStatus)> = Vec::new();
        for row in rows(&answer) {
            if member(row, "taskId").and_then(id).is_some_and(|other| other != task_id) {
                continue;
            }
            let (Some(run_id), Some(status)) = (member(row, "runId").and_then(id), status(row)) else {
                // It may be the run that matters.
                let what = "one of its rows does not tell which run it is, or how that stands".to_owned();
                return Err(Error::Unreadable { call: Call::Log, status: 200, what });
            };
            runs.push((time(row, "startTime"), Run::Ingestion { task_id: task_id.to_owned(), run_id }, status));
        }
        // The order is not documented; rows without a time stay behind.
        runs.sort_by(|(one, ..), (other, ..)| other.cmp(one));
        Ok(runs.into_iter().map(|(_, run, status)| (run, status)).collect())
    }
}

/// The elements of an answer that is an array, or that has one under some key.
fn rows(answer: &Value) -> Vec<&Value> {
    let list = match answer {
        Value::Array(list) => Some(list),
        Value::Object(members) => members.values().find_map(Value::as_array),
        _ => None,
    };
    list.into_iter().flatten().collect()
}

fn text(row: &Value, keys: &[&str]) -> Option<String> {
    let words = keys.iter().filter_map(|key| member(row, key)?.as_str());
    words.map(str::trim).find(|word| !word.is_empty() && *word != "null").map(str::to_owned)
}

fn time(row: &Value, key: &str) -> Option<Timestamp> {
    text(row, &[key])?.parse().ok()
}

/// How a run stands; none when the answer does not say.
fn status(answer: &Value) -> Option<RunStatus> {
    let word = text(answer, &["jobStatus", "status"])?;
    let (task_name, started_at) = (text(answer, &["taskName"]), time(answer, "startTime"));
    let subtasks = files(answer);
    let Some(outcome) = outcome(&word) else {
        return Some(RunStatus::Active(RunProgress {
            task_name,
            activity: activity(&word),
            rows: Rows::default(),
            started_at,
            started_by: text(answer, &["startedBy"]),
            error: None,
            subtasks,
        }));
    };
    Some(RunStatus::Ended(Box::new(RunResult {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::fake::{FakeTransport, lines};

    const TASK: &str = "7kQmWz0RbVn3XcLpTyHd1s";

    #[test]
    fn a_start_names_the_task_and_gives_a_run() {
        for body in
            [json!({"RunId": 40318}), json!({"runId": "40318"}), json!("40318"), json!({"runid": "40318", "x": 1})]
        {
            let (run, asked) =
                FakeTransport::serve(|_| (200, body.to_string()), async |client| client.start_ingestion(TASK).await);
            assert_eq!(run.unwrap().to_string(), format!("FILE_INGESTION/{TASK}/40318"));
            assert_eq!(
                (asked[0].line.as_str(), asked[0].session),
                ("POST /mftsaas/api/v1/job", Some("IDS-SESSION-ID"))
            );
            assert_eq!(asked[0].body, json!({"taskId": TASK}));
        }
        for body in ["{}", "", "{\"runId\":\"a/b\"}"] {
            let (run, asked) =
                FakeTransport::serve(|_| (200, body.to_owned()), async |client| client.start_ingestion(TASK).await);
            assert!(run.unwrap_err().may_have_been_processed(), "{body}");
            assert_eq!(asked.len(), 1);
        }
    }

    fn look(status: u16, body: &Value) -> Result<RunStatus, Error> {
        let (mut seen, asked) = FakeTransport::serve(
            |_| (status, body.to_string()),
            async |client| client.poll_ingestions(&[(TASK, "40318")]).await,
        );
        assert_eq!(lines(&asked), ["GET /mftsaas/api/v1/job/40318/status"]);
        seen.remove(0)
    }

    #[test]
    fn the_known_words_end_a_run_and_others_do_not() {
        for (word, outcome) in [
            ("SUCCESS", Outcome::Succeeded),
            ("success", Outcome::Succeeded),
            ("Completed with errors", Outcome::Warning),
            ("FAILED", Outcome::Failed),
            ("Error", Outcome::Failed),
            ("ABORTED", Outcome::Stopped),
        ] {
            let Ok(RunStatus::Ended(result)) = look(200, &json!({"jobStatus": word})) else { panic!("{word}") };
            assert_eq!(result.outcome, outcome, "{word}");
        }
        for word in ["RUNNING", "Queued", "VALIDATING"] {
            let Ok(RunStatus::Active(progress)) = look(200, &json!({"jobStatus": word})) else { panic!("{word}") };
            assert_eq!(progress.activity.to_string(), word.to_lowercase());
        }
    }

    #[test]
    fn the_run_is_told_by_both_keys() {
        let ours = json!({"taskId": TASK, "runId": 40318, "jobStatus": "SUCCESS"});
        assert!(matches!(look(200, &ours), Ok(RunStatus::Ended(_))));
        for (key, value) in [("taskId", json!("7kQmWz0RbVn3XcLpTyHd1t")), ("runId", json!("40319"))] {
            let mut other = ours.clone();
            other[key] = value;
            assert!(matches!(look(200, &other), Err(Error::Unreadable { .. })), "{key}");
        }
        assert!(matches!(look(200, &json!({})), Err(Error::Unreadable { .. })));
        assert!(matches!(look(404, &json!({})), Ok(RunStatus::NotListed)));
        assert!(matches!(look(500, &json!({})), Err(Error::Unreadable { .. })));
    }

    #[test]
    fn files_are_the_parts_of_a_run() {
        let files = json!([
            {"fileName": "a.csv", "status": "SUCCESS", "message": "copied"},
            {"fileName": "b.csv", "fileStatus": "FAILED", "errorMessage": "disk full"},
            {"size": 3}, "odd",
        ]);
        for body in [
            json!({"jobStatus": "FAILED", "messageText": "1 file failed", "fileDetails": files}),
            json!({"jobStatus": "FAILED", "messageText": "1 file failed", "jobDetails": {"fileDetails": files}}),
        ] {
            let Ok(RunStatus::Ended(result)) = look(200, &body) else { panic!() };
            assert_eq!(result.error.as_deref(), Some("1 file failed"));
            let parts: Vec<_> =
                result.subtasks.iter().map(|file| (file.name.as_str(), file.outcome, file.error.as_deref())).collect();
            assert_eq!(
                parts,
                [("a.csv", Some(Outcome::Succeeded), None), ("b.csv", Some(Outcome::Failed), Some("disk full")),]
            );
        }
    }

    #[test]
    fn tasks_and_runs_are_found_under_any_key() {
        let tasks = json!({"mitasks": [
            {"id": TASK, "name": "files", "description": ""},
            {"taskId": "7kQmWz0RbVn3XcLpTyHd1t", "taskName": "other"},
            {"name": "no ID"},
        ]});
        for body in [tasks.clone(), tasks["mitasks"].clone()] {
            let (found, asked) = FakeTransport::serve(
                |_| (200, body.to_string()),
                async |client| client.ingestion_tasks(|task| task.name.as_deref() != Some("x")).await,
            );
            let names: Vec<_> = found.unwrap().into_iter().map(|task| (task.id, task.name)).collect();
            let some = |text: &str| Some(text.to_owned());
            assert_eq!(names, [(some(TASK), some("files")), (some("7kQmWz0RbVn3XcLpTyHd1t"), some("other"))]);
            assert_eq!(lines(&asked), ["GET /mftsaas/api/v1/mitasks"]);
        }
        let history = json!({"totaljobCount": 3, "jobs": [
            {"runId": 1, "taskId": TASK, "status": "SUCCESS", "startTime": "2026-03-01T10:00:00Z"},
            {"runId": 3, "taskId": TASK, "status": "RUNNING", "startTime": "2026-03-03T10:00:00Z"},
            {"runId": 2, "taskId": "another", "status": "RUNNING", "startTime": "2026-03-02T10:00:00Z"},
        ]});
        let (runs, _) =
            FakeTransport::serve(|_| (200, history.to_string()), async |client| client.ingestion_runs(TASK).await);
        let handles: Vec<String> = runs.unwrap().iter().map(|(run, _)| run.to_string()).collect();
        assert_eq!(handles, [format!("FILE_INGESTION/{TASK}/3"), format!("FILE_INGESTION/{TASK}/1")]);
        for odd in [json!(null), json!({"taskId": TASK, "status": "RUNNING"}), json!({"runId": 4, "taskId": TASK})] {
            let history = json!({"jobs": [odd]}).to_string();
            let (runs, _) =
                FakeTransport::serve(|_| (200, history.clone()), async |client| client.ingestion_runs(TASK).await);
            assert!(matches!(runs, Err(Error::Unreadable { .. })), "{odd}");
        }
    }
}
