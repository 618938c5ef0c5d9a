//! What the ingestion service says of tasks and runs. Only the calls and a few keys are documented, so keys are read in any
//! capitals, and lists under any key.

use crate::api::wire::members::{Members, elements};
use crate::job::{Activity, ClassifiedBy, Outcome, Rows, RunProgress, RunResult, RunStatus, Subtask};

/// The keys under which an error is told.
const ERROR: [&str; 4] = ["errorMessage", "messageText", "message", "error"];

/// The status of a run; none when the answer does not say.
pub(crate) fn status(answer: &Members<'_>) -> Option<RunStatus> {
    let word = answer.text_of(&["jobStatus", "status"])?;
    let (task_name, started_at) = (answer.text_of(&["taskName"]), answer.time("startTime"));
    let subtasks = files(answer);
    let Some(outcome) = outcome(&word) else {
        return Some(RunStatus::Active(RunProgress {
            task_name,
            activity: activity(&word),
            rows: Rows::default(),
            started_at,
            started_by: answer.text_of(&["startedBy"]),
            error: None,
            subtasks,
        }));
    };
    Some(RunStatus::Ended(Box::new(RunResult {
        task_name,
        outcome,
        classified_by: ClassifiedBy::State,
        started_at,
        ended_at: answer.time("endTime"),
        started_by: answer.text_of(&["startedBy"]),
        rows: Rows::default(),
        error: answer.message(&ERROR).filter(|_| outcome != Outcome::Succeeded),
        subtasks,
        log_id: None,
    })))
}

/// The files of a run, under whichever key the answer has them.
fn files(answer: &Members<'_>) -> Vec<Subtask> {
    let own = answer.values().find_map(elements).filter(|files| !files.is_empty());
    let deeper = || answer.values().filter_map(Members::of).find_map(|inner| inner.values().find_map(elements));
    let file = |row: &str| {
        let row = Members::of(row)?;
        let word = row.text_of(&["fileStatus", "status", "jobStatus"]);
        let outcome = word.as_deref().and_then(outcome);
        Some(Subtask {
            name: row.text_of(&["fileName", "name", "sourceFileName"])?,
            kind: "FILE".to_owned(),
            run_id: None,
            log_item: None,
            outcome,
            activity: word.as_deref().filter(|_| outcome.is_none()).map(activity),
            error: row.message(&ERROR).filter(|_| !matches!(outcome, None | Some(Outcome::Succeeded))),
            rows: Rows::default(),
            started_at: row.time("startTime"),
            ended_at: row.time("endTime"),
            parts: Vec::new(),
        })
    };
    own.or_else(deeper).unwrap_or_default().into_iter().filter_map(file).collect()
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
