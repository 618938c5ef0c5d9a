//! Errors, objects and tasks. A field that is null or of another type counts as absent.

use crate::api::error::Error;
use crate::api::wire::members::Members;
use crate::api::wire::rows::Frame;

#[derive(Debug)]
pub struct ErrorBody {
    /// Such as `APP_13404`; the v3 resources may give none.
    pub code: Option<String>,
    /// The service's words.
    pub message: String,
}

impl ErrorBody {
    /// The error that a body is: with `@type` `error` in the v2 resources, below `error` in the v3 resources.
    pub(crate) fn of(frame: &Frame) -> Option<Self> {
        let members = frame.members()?;
        let (code, message) = match members.object("error") {
            Some(inner) => (inner.word("code"), inner.word("message")),
            None if members.word("@type").as_deref() == Some("error") => {
                (members.word("code"), members.word("description"))
            }
            None => return None,
        };
        Some(Self { code, message: message.unwrap_or_else(|| "the service gives no reason".to_owned()) })
    }

    pub fn refusal(self, status: u16) -> Error {
        Error::Refused { status, code: self.code, message: self.message }
    }
}

/// Why an answer is not the one that was expected, in words that follow "HTTP 200,".
#[derive(Debug)]
pub(crate) enum Misread {
    /// It has nothing of it, so that it may be an error object instead.
    Nothing(String),
    /// It has some of it, but not all that is needed, or something that cannot be used.
    Odd(String),
}

impl Misread {
    pub(crate) fn nothing(what: &str) -> Self {
        Self::Nothing(what.to_owned())
    }

    pub(crate) fn odd(what: &str) -> Self {
        Self::Odd(what.to_owned())
    }
}

/// An object of the v3 resources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object {
    pub id: Option<String>,
    pub path: Option<String>,
    pub kind: Option<String>,
    pub update_time: Option<String>,
    /// Whether it is published, as the service says of taskflows.
    pub is_published: Option<bool>,
}

impl Object {
    /// The object that an element of a list is; none when it is no object, or broken beyond repair.
    pub(crate) fn read(element: &[u8]) -> Option<Self> {
        Members::read(element, |members| Self {
            id: members.word("id"),
            path: members.word("path"),
            kind: members.word("type"),
            update_time: members.word("updateTime"),
            is_published: members
                .object("customAttributes")
                .and_then(|attributes| attributes.word("publicationStatus"))
                .map(|status| status.eq_ignore_ascii_case("published")),
        })
    }
}

/// A task of the v2 lists.
#[derive(Debug, Clone, Default)]
pub struct ListedTask {
    pub id: Option<String>,
    pub name: Option<String>,
}

impl ListedTask {
    /// The task that an element of a list is; none when it is not an object, or broken beyond repair.
    pub fn read(element: &[u8]) -> Option<Self> {
        Members::read(element, |members| Self { id: members.word("id"), name: members.word("name") })
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
        let of = |body: serde_json::Value| ErrorBody::of(&Frame::Object(body.to_string()));
        let v2 = json!({"@type": "error", "code": "APP_13404", "description": "no", "statusCode": 403});
        let v3 = json!({"error": {"code": null, "message": "Method not supported.", "requestId": "x"}});
        assert_eq!(of(v2).unwrap().code.as_deref(), Some("APP_13404"));
        assert_eq!(of(v3).unwrap().message, "Method not supported.");
        assert_eq!(of(json!({"error": {"code": 7, "message": " "}})).unwrap().message, "the service gives no reason");
        assert!(of(json!({"@type": "job"})).is_none() && of(json!({"error": "no"})).is_none());
        assert!(ErrorBody::of(&Frame::Array).is_none());
    }
}
