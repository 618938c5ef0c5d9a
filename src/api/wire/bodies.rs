//! Errors, answers to starts, objects and tasks. A field that is null or of another type counts as absent.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::api::error::Error;
use crate::api::wire::activity;
use crate::api::wire::lenient::value;

/// A field of the expected type, or none.
pub(crate) fn optional<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

/// A whole number. Some parts of the documentation have run IDs as strings.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(activity::number(&Value::deserialize(deserializer)?.to_string()).ok().flatten())
}

#[derive(Debug)]
pub struct ErrorBody {
    /// Such as `APP_13404`; the v3 resources may give none.
    pub code: Option<String>,
    /// The service's words.
    pub message: String,
}

impl ErrorBody {
    /// The error that a body is: with `@type` `error` in the v2 resources, below `error` in the v3 resources.
    pub fn of(value: &Value) -> Option<Self> {
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let (inner, message_key) = match value.get("error") {
            Some(inner) if inner.is_object() => (inner, "message"),
            _ if value.get("@type").and_then(Value::as_str) == Some("error") => (value, "description"),
            _ => return None,
        };
        let code = text(inner, "code");
        let message = text(inner, message_key).filter(|text| !text.trim().is_empty());
        Some(Self { code, message: message.unwrap_or_else(|| "the service gives no reason".to_owned()) })
    }

    pub fn refusal(self, status: u16) -> Error {
        Error::Refused { status, code: self.code, message: self.message }
    }
}

/// Why the answer to a start does not say which run it began.
pub(crate) enum NoRun {
    /// It has no ID at all.
    NoIds(&'static str),
    /// It has one, but not all that a handle needs, or one that is no ID.
    OddIds(&'static str),
}

/// The answer to a start.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    #[serde(default, deserialize_with = "optional")]
    pub task_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub task_name: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub task_type: Option<String>,
    #[serde(default, deserialize_with = "number")]
    pub run_id: Option<u64>,
}

/// An object of the v3 resources.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Object {
    #[serde(deserialize_with = "optional")]
    pub id: Option<String>,
    #[serde(deserialize_with = "optional")]
    pub path: Option<String>,
    #[serde(rename = "type", deserialize_with = "optional")]
    pub kind: Option<String>,
    #[serde(deserialize_with = "optional")]
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
pub struct ListedTask {
    #[serde(deserialize_with = "optional")]
    pub id: Option<String>,
    #[serde(deserialize_with = "optional")]
    pub name: Option<String>,
}

impl ListedTask {
    /// The task that an element of a list is; none when it is not an object, or broken beyond repair.
    pub fn read(element: &[u8]) -> Option<Self> {
        if !element.starts_with(b"{") {
            return None;
        }
        serde_json::from_slice(element).ok().or_else(|| serde_json::from_value(value(element)?).ok())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_listed_task_is_read_however_it_is_spelled() {
        for good in [
            &br#"{"id":"a","name":"n"}"#[..],
            b"{\"id\":\"a\",\"more\":\"\xe9\",\"name\":\"n\"}",
            br#"{"id":null,"id":"a","name":"n"}"#,
        ] {
            let task = ListedTask::read(good).unwrap();
            assert_eq!((task.id.as_deref(), task.name.as_deref()), (Some("a"), Some("n")));
        }
        for broken in ["null", "[]", "7", r#"{"id"}"#] {
            assert!(ListedTask::read(broken.as_bytes()).is_none(), "{broken}");
        }
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
