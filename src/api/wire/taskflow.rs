//! What the process engine says of the runs of taskflows.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::api::wire::activity::time;
use crate::api::wire::bodies::{NoRun, optional};
use crate::job::{
    Activity, ClassifiedBy, Outcome, Rows, Run, RunId, RunProgress, RunResult, RunStatus, Subtask, TaskType, is_id,
};

/// A text; `null`, the word "null" and an empty text all mean that there is none.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text: Option<String> = optional(deserializer)?;
    Ok(text.filter(|text| !text.trim().is_empty() && text != "null"))
}

/// An ID that is a text or a number. It can have more digits than a floating-point number
/// holds, so it becomes a text.
pub(crate) fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        _ => None,
    }
}

/// The value of a key of an answer, whatever its capitals: `RunId` in some answers is `runId` in others.
pub(crate) fn member<'v>(answer: &'v Value, key: &str) -> Option<&'v Value> {
    answer.as_object()?.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
}

/// The run ID in the answer to a start: under a key of any capitals, or the whole answer.
pub(crate) fn started_id(answer: &Value, is_id: impl Fn(&str) -> bool) -> Result<String, NoRun> {
    let given = if answer.is_object() { member(answer, "runId") } else { Some(answer) };
    let given = given.filter(|given| !given.is_null()).ok_or(NoRun::NoIds("without a run ID"))?;
    id(given).filter(|text| is_id(text)).ok_or(NoRun::OddIds("with a run ID that cannot be one"))
}

fn id_field<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(id(&Value::deserialize(deserializer)?))
}

/// A run of a taskflow, or one of its parts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct FlowRow {
    #[serde(deserialize_with = "text")]
    pub asset_name: Option<String>,
    #[serde(deserialize_with = "text")]
    asset_type: Option<String>,
    #[serde(deserialize_with = "text")]
    start_time: Option<String>,
    #[serde(deserialize_with = "text")]
    end_time: Option<String>,
    #[serde(deserialize_with = "text")]
    error_message: Option<String>,
    #[serde(deserialize_with = "text")]
    pub location: Option<String>,
    #[serde(deserialize_with = "id_field")]
    pub run_id: Option<String>,
    #[serde(deserialize_with = "text")]
    started_by: Option<String>,
    #[serde(deserialize_with = "text")]
    pub status: Option<String>,
    subtask_details: Value,
}

impl FlowRow {
    /// The rows of an answer, which is one row or an array of them; none when it is neither. An element that is no row becomes
    /// an empty row, so that callers who must see every run notice it.
    pub(crate) fn all(answer: Value) -> Option<Vec<Self>> {
        match answer {
            Value::Array(rows) => Some(rows.into_iter().map(Self::one).collect()),
            other => serde_json::from_value(other).ok().map(|row| vec![row]),
        }
    }

    fn one(row: Value) -> Self {
        if row.is_object() { serde_json::from_value(row).unwrap_or_default() } else { Self::default() }
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
        let tasks = self.subtask_details.pointer("/details/tasks").cloned().unwrap_or(Value::Null);
        let rows = if tasks.is_array() { Self::all(tasks).unwrap_or_default() } else { Vec::new() };
        rows.iter().filter_map(|row| Some(row.subtask(row.asset_name.clone()?))).collect()
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
    use serde_json::json;

    use super::*;

    fn status_of(body: Value) -> Option<RunStatus> {
        FlowRow::all(body).unwrap().remove(0).status()
    }

    fn ended(word: &str) -> Option<Outcome> {
        match status_of(json!({"status": word}))? {
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
        let Some(RunStatus::Active(odd)) = status_of(json!({"status": "Compensating"})) else { panic!() };
        assert_eq!(odd.activity, Activity::Other("compensating".into()));
        let running = json!({"status": "Running", "errorMessage": "no such table"});
        let Some(RunStatus::Active(running)) = status_of(running) else { panic!() };
        assert_eq!((running.activity, running.error), (Activity::Running, None));
        let suspended = json!({"status": "Suspended", "errorMessage": "no such table"});
        let Some(RunStatus::Active(suspended)) = status_of(suspended) else { panic!() };
        assert_eq!((suspended.activity, suspended.error.as_deref()), (Activity::Suspended, Some("no such table")));
        for odd in [json!({}), json!({"status": null}), json!({"status": ""}), json!({"status": 1})] {
            assert_eq!(status_of(odd.clone()), None, "{odd}");
        }
    }

    #[test]
    fn an_absent_end_has_three_spellings() {
        for end in [json!(null), json!("null"), json!("")] {
            let body = json!({"status": "FAILED", "startTime": "2026-03-01T10:00:00Z", "endTime": end, "runId": "1"});
            let Some(RunStatus::Ended(result)) = status_of(body) else { panic!() };
            assert_eq!((result.started_at.is_some(), result.ended_at), (true, None));
        }
    }

    #[test]
    fn an_id_is_a_text_or_a_number_of_full_length() {
        assert_eq!(id(&json!("778812345678901234")).as_deref(), Some("778812345678901234"));
        assert_eq!(id(&json!(778_812_345_678_901_234_u64)).as_deref(), Some("778812345678901234"));
        assert_eq!(id(&json!(u64::MAX)).as_deref(), Some("18446744073709551615"));
        for odd in [json!(1.5), json!(null), json!(""), json!([]), json!(-1)] {
            assert_eq!(id(&odd), None, "{odd}");
        }
        assert_eq!(member(&json!({"RUNID": 1}), "runId"), Some(&json!(1)));
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
        let Some(RunStatus::Ended(result)) = status_of(flow) else { panic!() };
        let [load, inner] = &result.subtasks[..] else { panic!("{:?}", result.subtasks) };
        assert_eq!((&load.run_id, &load.error), (&Some(RunId::Number(18)), &None));
        assert_eq!(inner.run_id, Some(RunId::Text("778812345678901299".into())));
        assert_eq!(inner.error.as_deref(), Some("no such table"));
        let [last] = &inner.parts[..] else { panic!("{:?}", inner.parts) };
        assert_eq!((&last.run_id, &last.activity), (&Some(RunId::Number(4)), &Some(Activity::Running)));
        assert_eq!(last.error, None);
        let waiting = json!({"assetName": "m_stuck", "status": "SUSPENDED", "errorMessage": "no such table"});
        let flow = json!({"status": "SUSPENDED", "subtaskDetails": {"details": {"tasks": [waiting]}}});
        let Some(RunStatus::Active(progress)) = status_of(flow) else { panic!() };
        assert_eq!(progress.subtasks[0].error.as_deref(), Some("no such table"));
    }

    #[test]
    fn odd_details_are_no_parts() {
        for details in [json!(null), json!([]), json!({"details": []}), json!({"details": {"tasks": {"a": 1}}})] {
            let Some(RunStatus::Ended(result)) = status_of(json!({"status": "SUCCESS", "subtaskDetails": details}))
            else {
                panic!()
            };
            assert_eq!(result.subtasks, []);
        }
    }
}
