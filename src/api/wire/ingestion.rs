//! What the ingestion service says of tasks and runs. Only the calls and a few keys are documented, so keys are read in any
//! capitals, and lists under any key.

use jiff::Timestamp;
use serde_json::Value;

use crate::api::wire::taskflow::member;
use crate::job::{Activity, ClassifiedBy, Outcome, Rows, RunProgress, RunResult, RunStatus, Subtask};

/// The elements of an answer that is an array, or that has one under some key.
pub(crate) fn rows(answer: &Value) -> Vec<&Value> {
    let list = match answer {
        Value::Array(list) => Some(list),
        Value::Object(members) => members.values().find_map(Value::as_array),
        _ => None,
    };
    list.into_iter().flatten().collect()
}

pub(crate) fn text(row: &Value, keys: &[&str]) -> Option<String> {
    let words = keys.iter().filter_map(|key| member(row, key)?.as_str());
    words.map(str::trim).find(|word| !word.is_empty() && *word != "null").map(str::to_owned)
}

pub(crate) fn time(row: &Value, key: &str) -> Option<Timestamp> {
    text(row, &[key])?.parse().ok()
}

/// The status of a run; none when the answer does not say.
pub(crate) fn status(answer: &Value) -> Option<RunStatus> {
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
        started_by: text(answer, &["startedBy"]),
        rows: Rows::default(),
        error: text(answer, &["errorMessage", "messageText", "message", "error"])
            .filter(|_| outcome != Outcome::Succeeded),
        subtasks,
        log_id: None,
    })))
}

/// The files of a run, under whichever key the answer has them.
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
            log_item: None,
            outcome,
            activity: word.as_deref().filter(|_| outcome.is_none()).map(activity),
            error: error.filter(|_| !matches!(outcome, None | Some(Outcome::Succeeded))),
            rows: Rows::default(),
            started_at: time(row, "startTime"),
            ended_at: time(row, "endTime"),
            parts: Vec::new(),
        })
    };
    lists.iter().filter_map(file).collect()
}

/// The outcome that a status word stands for. Only `SUCCESS` is documented; the others are those of the service's other
/// resources, in any capitals. A run with an unknown word is active.
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
