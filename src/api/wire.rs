//! The bodies as the service spells them, and what they mean in our words. Every field may be absent, null, or of another
//! type: then it counts as absent, because one odd field must not cost a verdict.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::Error;
use crate::job::{Activity, Beginning, ClassifiedBy, Count, Ending, Moment, Outcome, Progress, Rows, RunId, Subtask};

/// A field of the type we expect, or none.
pub(super) fn lenient<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

/// A whole number, which some descriptions of the service spell as a string.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// Elements of the type we expect; others are left out.
fn list<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let values = match Value::deserialize(deserializer)? {
        Value::Array(values) => values,
        _ => Vec::new(),
    };
    Ok(values.into_iter().filter_map(|value| serde_json::from_value(value).ok()).collect())
}

/// An error in either of the two shapes.
#[derive(Debug)]
pub struct ErrorBody {
    /// Such as `APP_13404`; the v3 resources may give none.
    pub code: Option<String>,
    /// The service's words.
    pub message: String,
}

impl ErrorBody {
    /// The error that a body holds, if it holds one.
    pub fn of(value: &Value) -> Option<Self> {
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let (inner, words) = match value.get("error") {
            Some(inner) if inner.is_object() => (inner, "message"),
            _ if value.get("@type").and_then(Value::as_str) == Some("error") => (value, "description"),
            _ => return None,
        };
        let code = text(inner, "code");
        let message = text(inner, words).filter(|words| !words.trim().is_empty());
        Some(Self { code, message: message.unwrap_or_else(|| "the service gives no reason".to_owned()) })
    }

    /// The error as a refusal.
    pub fn refusal(self, status: u16) -> Error {
        Error::Refused { status, code: self.code, message: self.message }
    }
}

/// The answer to a start.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    #[serde(default, deserialize_with = "lenient")]
    #[allow(missing_docs)]
    pub task_id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    #[allow(missing_docs)]
    pub task_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    #[allow(missing_docs)]
    pub task_type: Option<String>,
    #[serde(default, deserialize_with = "number")]
    #[allow(missing_docs)]
    pub run_id: Option<u64>,
}

/// A row of the monitor or of the log, or one of its parts. The monitor says `taskId`, the log says `objectId`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct Row {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<String>,
    #[serde(rename = "type", deserialize_with = "lenient")]
    pub kind: Option<String>,
    #[serde(alias = "objectId", deserialize_with = "lenient")]
    pub task_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub task_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub object_name: Option<String>,
    #[serde(deserialize_with = "number")]
    pub run_id: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub agent_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub start_time: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub end_time: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub start_time_utc: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub end_time_utc: Option<String>,
    #[serde(deserialize_with = "number")]
    pub state: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub is_stopped: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    pub execution_state: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub error_msg: Option<String>,
    #[serde(deserialize_with = "number")]
    pub success_source_rows: Option<u64>,
    #[serde(deserialize_with = "number")]
    pub failed_source_rows: Option<u64>,
    #[serde(deserialize_with = "number")]
    pub success_target_rows: Option<u64>,
    #[serde(deserialize_with = "number")]
    pub failed_target_rows: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub started_by: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub run_context_type: Option<String>,
    #[serde(deserialize_with = "list")]
    pub entries: Vec<Row>,
}

impl Row {
    /// Whether the row belongs to a run, by both keys: run IDs of different tasks coincide.
    pub fn is(&self, task_id: &str, run_id: u64) -> bool {
        self.task_id.as_deref() == Some(task_id) && self.run_id == Some(run_id)
    }

    /// The name of the task or object.
    pub fn name(&self) -> Option<String> {
        [&self.task_name, &self.object_name].into_iter().flatten().find(|name| !name.is_empty()).cloned()
    }

    fn rows(&self) -> Rows {
        let count = |ok: Option<u64>, failed: Option<u64>| Count { ok: ok.unwrap_or(0), failed: failed.unwrap_or(0) };
        Rows {
            source: count(self.success_source_rows, self.failed_source_rows),
            target: count(self.success_target_rows, self.failed_target_rows),
        }
    }

    fn activity(&self) -> Option<Activity> {
        let word = self.execution_state.as_deref()?;
        Some(match word.to_ascii_uppercase().as_str() {
            "QUEUED" => Activity::Queued,
            "INITIALIZED" => Activity::Initialized,
            "RUNNING" => Activity::Running,
            "STOPPING" => Activity::Stopping,
            "COMPLETED" | "FAILED" => Activity::Ending,
            _ => Activity::Other(word.to_lowercase()),
        })
    }

    /// The row as a run under way.
    pub fn progress(&self) -> Progress {
        Progress {
            task_name: self.name(),
            activity: self.activity().unwrap_or(Activity::Running),
            rows: self.rows(),
            started_at: time(self.start_time_utc.as_deref()),
            started_by: self.started_by.clone(),
            subtasks: self.subtasks(),
        }
    }

    /// The row as a run that is over; none while its state is not one of the three final ones.
    pub fn ending(&self) -> Option<Ending> {
        let (outcome, classified_by) = self.verdict()?;
        Some(Ending {
            task_name: self.name(),
            outcome,
            classified_by,
            started_at: time(self.start_time_utc.as_deref()),
            ended_at: time(self.end_time_utc.as_deref()),
            rows: self.rows(),
            error: self.error_msg.clone().filter(|text| !text.trim().is_empty()),
            subtasks: self.subtasks(),
            log_id: self.id.clone(),
        })
    }

    /// What the row tells of who began the run, how, and when.
    pub fn beginning(&self) -> Beginning {
        let context = self.run_context_type.as_deref().unwrap_or_default();
        Beginning {
            by: self.started_by.clone(),
            // Seen is REST_API_V2, documents say REST-API.
            over_rest: context.to_ascii_uppercase().starts_with("REST"),
            at: match (time(self.start_time_utc.as_deref()), time(self.start_time.as_deref())) {
                (Some(utc), _) => Moment::At(utc),
                (None, Some(eastern)) => Moment::Eastern(eastern),
                (None, None) => Moment::Unknown,
            },
        }
    }

    fn verdict(&self) -> Option<(Outcome, ClassifiedBy)> {
        let by_state = match self.state? {
            1 => Outcome::Succeeded,
            2 => Outcome::Warning,
            3 => Outcome::Failed,
            _ => return None,
        };
        if self.is_stopped == Some(true) {
            return Some((Outcome::Stopped, ClassifiedBy::StoppedFlag));
        }
        let text = self.error_msg.as_deref().unwrap_or("").to_lowercase();
        Some(if by_state == Outcome::Failed && self.never_ran() {
            let other = text.contains("another instance");
            (if other { Outcome::AlreadyRunning } else { Outcome::NotRun }, ClassifiedBy::Structure)
        } else if by_state != Outcome::Succeeded && text.contains("was stopped by user") {
            (Outcome::Stopped, ClassifiedBy::Message)
        } else {
            (by_state, ClassifiedBy::State)
        })
    }

    /// Whether the run ended at its beginning, on no Secure Agent and without a row: nothing ran it.
    fn never_ran(&self) -> bool {
        let start = self.start_time_utc.as_ref().or(self.start_time.as_ref());
        let end = self.end_time_utc.as_ref().or(self.end_time.as_ref());
        start.is_some() && start == end && self.rows() == Rows::default() && !self.had_agent()
    }

    fn had_agent(&self) -> bool {
        self.agent_id.is_some() || self.entries.iter().any(Self::had_agent)
    }

    /// The named parts. A mapping task has one nameless part, which repeats the task itself.
    fn subtasks(&self) -> Vec<Subtask> {
        let named = self.entries.iter().filter_map(|entry| Some((entry.name()?, entry)));
        named.map(|(name, entry)| entry.subtask(name)).collect()
    }

    fn subtask(&self, name: String) -> Subtask {
        let outcome = self.verdict().map(|(outcome, _)| outcome);
        let error = self.error_msg.clone().or_else(|| self.entries.iter().find_map(|entry| entry.error_msg.clone()));
        Subtask {
            name,
            kind: self.kind.clone().unwrap_or_default(),
            run_id: self.run_id.map(RunId::Number),
            outcome,
            activity: self.activity(),
            error: error.filter(|_| !matches!(outcome, None | Some(Outcome::Succeeded))),
            rows: self.rows(),
            parts: self.subtasks(),
        }
    }
}

/// A time in UTC. The fields without `Utc` in their names carry US Eastern time behind a false `Z`, and are not read.
fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}

/// An object of the v3 resources.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct Object {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub path: Option<String>,
    #[serde(rename = "type", deserialize_with = "lenient")]
    pub kind: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub update_time: Option<String>,
    /// Of taskflows, among other things whether they are published.
    pub custom_attributes: Value,
}

impl Object {
    /// Whether it is published; none where the service does not say.
    pub fn is_published(&self) -> Option<bool> {
        let status = self.custom_attributes.get("publicationStatus")?.as_str()?;
        Some(status.eq_ignore_ascii_case("published"))
    }
}

/// A task of the v2 lists.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct ListedTask {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub name: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(value: Value) -> Row {
        serde_json::from_value(value).unwrap()
    }

    fn over(state: u64, error: &str, end: &str, extra: &Value) -> (Outcome, ClassifiedBy) {
        let mut body = json!({
            "state": state, "errorMsg": error, "startTimeUtc": "2026-03-01T10:00:00.000Z", "endTimeUtc": end,
            "entries": [{"objectName": "", "agentId": "01ABCD0800000000000A"}],
        });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let ending = row(body).ending().unwrap();
        (ending.outcome, ending.classified_by)
    }

    const SAME: &str = "2026-03-01T10:00:00.000Z";
    const LATER: &str = "2026-03-01T10:00:09.000Z";

    #[test]
    fn the_state_decides_and_the_text_does_not() {
        let plain = json!({});
        assert_eq!(over(1, "[ERROR] something", LATER, &plain), (Outcome::Succeeded, ClassifiedBy::State));
        assert_eq!(over(1, "job was stopped by user x", LATER, &plain), (Outcome::Succeeded, ClassifiedBy::State));
        assert_eq!(over(2, "", LATER, &plain), (Outcome::Warning, ClassifiedBy::State));
        assert_eq!(over(3, "Another instance is running", LATER, &plain), (Outcome::Failed, ClassifiedBy::State));
    }

    #[test]
    fn stopped_is_told_by_flag_or_text() {
        let flag = json!({"isStopped": true});
        assert_eq!(over(3, "", LATER, &flag), (Outcome::Stopped, ClassifiedBy::StoppedFlag));
        assert_eq!(over(1, "", LATER, &flag), (Outcome::Stopped, ClassifiedBy::StoppedFlag));
        let text = "The job was stopped by user ops using the UI.";
        assert_eq!(over(3, text, LATER, &json!({})), (Outcome::Stopped, ClassifiedBy::Message));
        assert_eq!(over(2, text, LATER, &json!({"isStopped": "no"})), (Outcome::Stopped, ClassifiedBy::Message));
    }

    #[test]
    fn a_run_that_never_ran_is_told_by_its_structure() {
        let no_agent = json!({"entries": [{"objectName": ""}]});
        let other = "Another instance of the task is currently running.";
        assert_eq!(over(3, other, SAME, &no_agent), (Outcome::AlreadyRunning, ClassifiedBy::Structure));
        assert_eq!(over(3, "no active Secure Agent", SAME, &no_agent), (Outcome::NotRun, ClassifiedBy::Structure));
        // It failed within its first second, on an agent.
        assert_eq!(over(3, "parse error", SAME, &json!({})), (Outcome::Failed, ClassifiedBy::State));
        let rows = json!({"entries": [], "successSourceRows": 4});
        assert_eq!(over(3, "", SAME, &rows), (Outcome::Failed, ClassifiedBy::State));
    }

    #[test]
    fn an_unknown_state_is_not_an_end() {
        for state in [json!(0), json!(4), json!("x"), json!(null), json!({}), json!(-1), json!(1.5)] {
            assert_eq!(row(json!({"state": state})).ending(), None);
        }
        assert_eq!(row(json!({"state": "1"})).ending().unwrap().outcome, Outcome::Succeeded);
    }

    #[test]
    fn wrong_types_count_as_absent() {
        let odd = row(json!({
            "id": 7, "taskId": ["x"], "runId": "18", "executionState": null, "successSourceRows": "many",
            "entries": {"a": 1}, "startTimeUtc": "yesterday", "more": true,
        }));
        assert_eq!((odd.run_id, odd.progress().activity), (Some(18), Activity::Running));
        assert_eq!(odd.progress().started_at, None);
    }

    #[test]
    fn errors_of_both_families_are_read() {
        let v2 = json!({"@type": "error", "code": "APP_13404", "description": "no", "statusCode": 403});
        let v3 = json!({"error": {"code": null, "message": "Method not supported.", "requestId": "x"}});
        assert_eq!(ErrorBody::of(&v2).unwrap().code.as_deref(), Some("APP_13404"));
        assert_eq!(ErrorBody::of(&v3).unwrap().message, "Method not supported.");
        assert!(ErrorBody::of(&json!({"@type": "job"})).is_none());
        assert!(ErrorBody::of(&json!([])).is_none());
    }
}
