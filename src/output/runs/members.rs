//! The parts of a run as members of the JSON document.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::job::{Activity, Count, Rows, Run, RunId, Subtask, Task, TaskType};
use crate::output::runs::wording::outcome_word;
use crate::support::exit::Exit;

pub(crate) fn moment(moment: Option<Timestamp>) -> Option<String> {
    moment.map(|moment| moment.to_string())
}

/// The code that an error text of the service begins with, such as `TE_7002`.
pub(crate) fn error_code(text: &str) -> Option<&str> {
    let word = text.split([' ', ':', '\n', ',']).next()?;
    let (letters, number) = word.split_once('_')?;
    let is_code = letters.len() >= 2
        && letters.bytes().all(|letter| letter.is_ascii_uppercase())
        && !number.is_empty()
        && number.bytes().all(|digit| digit.is_ascii_digit());
    is_code.then_some(word)
}

/// The run ID: the job resource counts the runs of a task, the others give IDs that are too long for a JSON number.
pub(crate) fn run_id_json(run: &Run) -> Value {
    match run {
        Run::Job(run) => run.run_id.into(),
        Run::Taskflow { run_id } | Run::Ingestion { run_id, .. } => run_id.as_str().into(),
    }
}

/// The task of a run; `seen_name` is what the service calls it, where the command did not find out.
pub(crate) fn task_json(run: Option<&Run>, task: &Task, seen_name: Option<&str>) -> Value {
    json!({
        "id": run.and_then(Run::task_id).or(task.id.as_deref()),
        "federated_id": task.federated_id,
        "name": task.name.as_deref().or(seen_name),
        "path": task.path,
        "type": run.map(Run::kind).or(task.kind).map(TaskType::code),
    })
}

pub(crate) fn rows_json(rows: Rows) -> Value {
    let count = |count: Count| json!({"ok": count.ok, "failed": count.failed});
    json!({"source": count(rows.source), "target": count(rows.target)})
}

pub(crate) fn subtask_json(subtask: &Subtask, counts_rows: bool) -> Value {
    let run_id = match &subtask.run_id {
        Some(RunId::Number(number)) => (*number).into(),
        Some(RunId::Text(text)) => text.as_str().into(),
        None => Value::Null,
    };
    // A suspended part has had the outcome "suspended" since the document's first version.
    let suspended = subtask.activity.as_ref().filter(|activity| **activity == Activity::Suspended);
    let activity = subtask.activity.as_ref().filter(|_| suspended.is_none());
    json!({
        "name": subtask.name,
        "type": subtask.kind,
        "run_id": run_id,
        "outcome": subtask.outcome.map(outcome_word).or(suspended.and(Exit::Suspended.word())),
        "activity": activity.map(ToString::to_string),
        "started_at": moment(subtask.started_at),
        "ended_at": moment(subtask.ended_at),
        "rows": counts_rows.then(|| rows_json(subtask.rows)),
        "error": subtask.error,
        "error_code": subtask.error.as_deref().and_then(error_code),
        "subtasks": subtask.parts.iter().map(|part| subtask_json(part, counts_rows)).collect::<Vec<_>>(),
    })
}
