//! What the process engine says of the runs of taskflows.

use std::cell::Cell;

use crate::api::wire::bodies::Misread;
use crate::api::wire::members::{Members, elements, id};
use crate::api::wire::rows::Frame;
use crate::api::wire::values::time;
use crate::job::{
    Activity, ClassifiedBy, Outcome, Rows, Run, RunId, RunProgress, RunResult, RunStatus, Subtask, TaskType, is_id,
};

/// Parts of parts are read to this depth.
const DEEPEST: usize = 32;
/// Parts of one run that are read, however deep they lie.
const PARTS: usize = 10_000;

/// The run ID in the answer to a start: under a key of any capitals, or the whole answer.
pub(crate) fn started_id(answer: &Frame, is_id: impl Fn(&str) -> bool) -> Result<String, Misread> {
    let none = || Misread::nothing("without a run ID");
    let given = match answer {
        Frame::Object(_) => {
            let members = answer.members().filter(|members| members.has("runId")).ok_or_else(none)?;
            members.id("runId")
        }
        Frame::Bare(null) if null == "null" => return Err(none()),
        Frame::Bare(value) => id(value),
        Frame::Array => None,
    };
    given.filter(|text| is_id(text)).ok_or_else(|| Misread::odd("with a run ID that cannot be one"))
}

/// A run of a taskflow, or one of its parts.
#[derive(Debug, Clone, Default)]
pub(crate) struct FlowRow {
    pub asset_name: Option<String>,
    asset_type: Option<String>,
    start_time: Option<String>,
    end_time: Option<String>,
    error_message: Option<String>,
    pub location: Option<String>,
    pub run_id: Option<String>,
    started_by: Option<String>,
    pub status: Option<String>,
    parts: Vec<FlowRow>,
}

impl FlowRow {
    /// The row that an element of a list is. One that is no row becomes an empty row, so that callers who must see every run
    /// notice it.
    pub(crate) fn read(element: &[u8]) -> Self {
        Members::read(element, |members| Self::of(members, 0, &Cell::new(PARTS))).unwrap_or_default()
    }

    /// The row that an answer of one piece is; none when it is no object.
    pub(crate) fn of_answer(answer: &Frame) -> Option<Self> {
        answer.members().map(|members| Self::of(&members, 0, &Cell::new(PARTS)))
    }

    /// `room` is how many more parts are read.
    fn of(members: &Members<'_>, depth: usize, room: &Cell<usize>) -> Self {
        // `null`, the word "null" and an empty text all mean that there is none.
        let text = |key| members.text_of(&[key]);
        let tasks = |details: Members<'_>| {
            details.object("details")?.find("tasks", |tasks| {
                let rows = elements(tasks)?.into_iter();
                let take = |row| {
                    let left = room.get().checked_sub(1)?;
                    room.set(left);
                    Members::of(row).map(|members| Self::of(&members, depth + 1, room))
                };
                Some(rows.filter_map(take).collect())
            })
        };
        let details = members.object("subtaskDetails").filter(|_| depth < DEEPEST);
        Self {
            asset_name: text("assetName"),
            asset_type: text("assetType"),
            start_time: text("startTime"),
            end_time: text("endTime"),
            error_message: members.message(&["errorMessage"]),
            location: text("location"),
            run_id: members.id("runId"),
            started_by: text("startedBy"),
            status: text("status"),
            parts: details.and_then(tasks).unwrap_or_default(),
        }
    }

    pub(crate) fn run(&self) -> Option<Run> {
        Some(Run::Taskflow { run_id: self.run_id.clone().filter(|id| is_id(id))? })
    }

    /// None when the row has no status.
    pub(crate) fn status(&self) -> Option<RunStatus> {
        let word = self.status.as_deref()?;
        let Some(outcome) = outcome(word) else {
            return Some(RunStatus::Active(RunProgress {
                task_name: self.asset_name.clone(),
                activity: activity(word),
                rows: Rows::default(),
                started_at: time(self.start_time.as_deref()),
                started_by: self.started_by.clone(),
                error: self.error_message.clone().filter(|_| activity(word) == Activity::Suspended),
                subtasks: self.subtasks(),
            }));
        };
        Some(RunStatus::Ended(Box::new(RunResult {
            task_name: self.asset_name.clone(),
            outcome,
            classified_by: ClassifiedBy::State,
            started_at: time(self.start_time.as_deref()),
            ended_at: time(self.end_time.as_deref()),
            started_by: self.started_by.clone(),
            rows: Rows::default(),
            error: self.error_message.clone(),
            subtasks: self.subtasks(),
            log_id: None,
        })))
    }

    fn subtasks(&self) -> Vec<Subtask> {
        self.parts.iter().filter_map(|row| Some(row.subtask(row.asset_name.clone()?))).collect()
    }

    fn subtask(&self, name: String) -> Subtask {
        let word = self.status.as_deref();
        let outcome = word.and_then(outcome);
        let kind = self.asset_type.clone().unwrap_or_default();
        let number = TaskType::of_job(&kind).and_then(|_| self.run_id.as_ref()?.parse().ok());
        Subtask {
            name,
            kind,
            run_id: number.map(RunId::Number).or_else(|| self.run_id.clone().map(RunId::Text)),
            log_item: None,
            outcome,
            activity: word.filter(|_| outcome.is_none()).map(activity),
            error: self.error_message.clone().filter(|_| match outcome {
                Some(outcome) => outcome != Outcome::Succeeded,
                None => word.map(activity) == Some(Activity::Suspended),
            }),
            rows: Rows::default(),
            started_at: time(self.start_time.as_deref()),
            ended_at: time(self.end_time.as_deref()),
            parts: self.subtasks(),
        }
    }
}

/// The outcome that a status word stands for. Only `SUCCESS`, `FAILED` and `SUSPENDED` are documented; the others are known
/// from other clients. A suspended run is active, and so is one with an unknown word.
fn outcome(word: &str) -> Option<Outcome> {
    Some(match word.to_ascii_uppercase().as_str() {
        "SUCCESS" | "COMPLETED" => Outcome::Succeeded,
        "WARNING" => Outcome::Warning,
        "FAILED" => Outcome::Failed,
        "STOPPED" | "TERMINATED" | "ABORTED" => Outcome::Stopped,
        _ => return None,
    })
}

fn activity(word: &str) -> Activity {
    match word.to_ascii_uppercase().as_str() {
        "RUNNING" => Activity::Running,
        "SUSPENDED" => Activity::Suspended,
        _ => Activity::Other(word.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn status_of(body: &Value) -> Option<RunStatus> {
        FlowRow::read(body.to_string().as_bytes()).status()
    }

    fn ended(word: &str) -> Option<Outcome> {
        match status_of(&json!({"status": word}))? {
            RunStatus::Ended(result) => Some(result.outcome),
            _ => None,
        }
    }

    #[test]
    fn words_are_known_in_any_case_and_an_unknown_one_is_no_end() {
        for (word, outcome) in [
            ("SUCCESS", Outcome::Succeeded),
            ("Completed", Outcome::Succeeded),
            ("warning", Outcome::Warning),
            ("Failed", Outcome::Failed),
            ("STOPPED", Outcome::Stopped),
            ("terminated", Outcome::Stopped),
            ("Aborted", Outcome::Stopped),
        ] {
            assert_eq!(ended(word), Some(outcome), "{word}");
        }
        let Some(RunStatus::Active(odd)) = status_of(&json!({"status": "Compensating"})) else { panic!() };
        assert_eq!(odd.activity, Activity::Other("compensating".into()));
        let running = json!({"status": "Running", "errorMessage": "no such table"});
        let Some(RunStatus::Active(running)) = status_of(&running) else { panic!() };
        assert_eq!((running.activity, running.error), (Activity::Running, None));
        let suspended = json!({"status": "Suspended", "errorMessage": "no such table"});
        let Some(RunStatus::Active(suspended)) = status_of(&suspended) else { panic!() };
        assert_eq!((suspended.activity, suspended.error.as_deref()), (Activity::Suspended, Some("no such table")));
        for odd in &[json!({}), json!({"status": null}), json!({"status": ""}), json!({"status": 1})] {
            assert_eq!(status_of(odd), None, "{odd}");
        }
    }

    #[test]
    fn an_absent_end_has_three_spellings() {
        for end in [json!(null), json!("null"), json!("")] {
            let body = json!({"status": "FAILED", "startTime": "2026-03-01T10:00:00Z", "endTime": end, "runId": "1"});
            let Some(RunStatus::Ended(result)) = status_of(&body) else { panic!() };
            assert_eq!((result.started_at.is_some(), result.ended_at), (true, None));
        }
    }

    #[test]
    fn parts_form_a_tree_with_run_ids_of_their_own() {
        let flow = json!({
            "assetName": "nightly", "status": "FAILED", "runId": "778812345678901234", "subtasks": "2",
            "subtaskDetails": {"details": {"tasks": [
                {"assetName": "m_load", "assetType": "MTT", "runId": 18, "status": "SUCCESS", "errorMessage": "none"},
                {"assetName": "inner", "assetType": "TASKFLOW", "runId": "778812345678901299", "status": "FAILED",
                 "errorMessage": "no such table", "subtaskDetails": {"details": {"tasks": [
                    {"assetName": "m_last", "assetType": "MTT", "runId": "4", "status": "RUNNING",
                     "errorMessage": "none"},
                    {"assetName": null}, "odd",
                 ]}}},
            ]}},
        });
        let Some(RunStatus::Ended(result)) = status_of(&flow) else { panic!() };
        let [load, inner] = &result.subtasks[..] else { panic!("{:?}", result.subtasks) };
        assert_eq!((&load.run_id, &load.error), (&Some(RunId::Number(18)), &None));
        assert_eq!(inner.run_id, Some(RunId::Text("778812345678901299".into())));
        assert_eq!(inner.error.as_deref(), Some("no such table"));
        let [last] = &inner.parts[..] else { panic!("{:?}", inner.parts) };
        assert_eq!((&last.run_id, &last.activity), (&Some(RunId::Number(4)), &Some(Activity::Running)));
        assert_eq!(last.error, None);
        let waiting = json!({"assetName": "m_stuck", "status": "SUSPENDED", "errorMessage": "no such table"});
        let flow = json!({"status": "SUSPENDED", "subtaskDetails": {"details": {"tasks": [waiting]}}});
        let Some(RunStatus::Active(progress)) = status_of(&flow) else { panic!() };
        assert_eq!(progress.subtasks[0].error.as_deref(), Some("no such table"));
    }

    #[test]
    fn odd_details_are_no_parts() {
        for details in [json!(null), json!([]), json!({"details": []}), json!({"details": {"tasks": {"a": 1}}})] {
            let Some(RunStatus::Ended(result)) = status_of(&json!({"status": "SUCCESS", "subtaskDetails": details}))
            else {
                panic!()
            };
            assert_eq!(result.subtasks, []);
        }
    }
}
