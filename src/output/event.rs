//! The events of `-o jsonl`: one JSON object a line on stdout, as things happen.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::job::{Rows, Run, Task};
use crate::output::runs::RunReport;
use crate::output::runs::members::{rows_json, task_json};

/// What happens while a command works.
pub enum JsonEvent<'e> {
    /// A run stands for a task: it was started, adopted or joined.
    Accepted { run: &'e Run, task: &'e Task, adopted: bool, started_here: bool },
    /// The state of a run was seen to change. The rows are those at the time.
    State { run: &'e Run, task_name: &'e str, state: &'e str, rows: Rows },
    /// A run has ended, or waits for a person.
    Ended(&'e RunReport),
    /// Something that a person should act on.
    Warning(&'e str),
    /// The command ends. Nothing follows.
    Result(Value),
}

impl JsonEvent<'_> {
    /// The event as it is written at this moment.
    pub(crate) fn json(&self, at: Timestamp) -> Value {
        let (name, members) = match self {
            Self::Accepted { run, task, adopted, started_here } => (
                "accepted",
                json!({
                    "handle": run.to_string(),
                    "task": task_json(Some(run), task, None),
                    "adopted": adopted,
                    "started_here": started_here,
                }),
            ),
            Self::State { run, task_name, state, rows } => {
                let rows = run.kind().engine().counts_rows().then(|| rows_json(*rows));
                ("state", json!({"handle": run.to_string(), "task_name": task_name, "state": state, "rows": rows}))
            }
            Self::Ended(report) => {
                ("ended", json!({"handle": report.run.as_ref().map(Run::to_string), "run": report.json()}))
            }
            Self::Warning(text) => ("warning", json!({"text": text})),
            Self::Result(document) => ("result", json!({"document": document})),
        };
        let mut event = json!({"schema": "runajob/v1", "event": name, "at": format!("{at:.3}")});
        if let (Value::Object(event), Value::Object(members)) = (&mut event, members) {
            event.extend(members);
        }
        event
    }
}
