//! Outcomes, rows and subtasks as people read them.

use crate::job::{Outcome, Rows, Subtask};
use crate::output::line::SafeLine;
use crate::support::exit::Exit;

pub(crate) fn outcome_word(outcome: Outcome) -> &'static str {
    Exit::from(outcome).word().unwrap_or("unknown")
}

/// How a run ended, as the predicate of a sentence.
pub fn ended(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Warning => "finished with warnings",
        Outcome::Failed => "failed",
        Outcome::Stopped => "was stopped",
        Outcome::NotRun => "did not run",
        Outcome::AlreadyRunning => "did not run: another instance is already running",
    }
}

/// Rows as people read them, `unit` being what the first number counts where that is not clear.
pub fn rows_text(rows: Rows, unit: &str) -> String {
    let mut text = format!("{}{unit} read, {} written", rows.source.ok, rows.target.ok);
    let rejected = rows.rejected();
    if rejected > 0 {
        text.push_str(&format!(", {rejected} rejected"));
    }
    text
}

pub(crate) fn tree(subtasks: &[Subtask], depth: usize, lines: &mut Vec<SafeLine>) {
    for subtask in subtasks {
        let state = subtask.outcome.map(|outcome| outcome_word(outcome).replace('_', " "));
        let state = state.or_else(|| subtask.activity.as_ref().map(ToString::to_string)).unwrap_or_default();
        let mut line = format!("{:indent$}- {} {state}", "", subtask.name, indent = depth * 2);
        if let Some(error) = &subtask.error {
            line.push_str(&format!(": {error}"));
        }
        lines.push(line.into());
        tree(&subtask.parts, depth + 1, lines);
    }
}
