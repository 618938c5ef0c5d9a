//! The parts of a run as members of the JSON document.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::job::{Activity, Count, Rows, Run, RunId, Subtask};
use crate::output::runs::wording::outcome_word;
use crate::support::exit::Exit;

pub(crate) fn moment(moment: Option<Timestamp>) -> Option<String> {
    moment.map(|moment| moment.to_string())
}

/// The run ID: the job resource counts the runs of a task, the others give IDs that are too long for a JSON number.
pub(crate) fn run_id_json(run: &Run) -> Value {
    match run {
        Run::Job(run) => run.run_id.into(),
        Run::Taskflow { run_id } | Run::Ingestion { run_id, .. } => run_id.as_str().into(),
    }
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
        "rows": counts_rows.then(|| rows_json(subtask.rows)),
        "error": subtask.error,
        "subtasks": subtask.parts.iter().map(|part| subtask_json(part, counts_rows)).collect::<Vec<_>>(),
    })
}
