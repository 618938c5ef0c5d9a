//! What a service that was taken over could put into an answer: texts that act on a terminal, IDs that act on a URL.

use serde_json::{Map, Value};

/// An ID of a shape that the service never gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OddId {
    Slashes,
    Spaces,
    Long,
    Control,
    Html,
    Empty,
}

pub(crate) const ODD_IDS: [(&str, OddId); 6] = [
    ("slashes", OddId::Slashes),
    ("spaces", OddId::Spaces),
    ("long", OddId::Long),
    ("control", OddId::Control),
    ("html", OddId::Html),
    ("empty", OddId::Empty),
];

impl OddId {
    fn text(self) -> String {
        match self {
            Self::Slashes => "../../user/logoutall?x=1#y".to_owned(),
            Self::Spaces => "00 SBX1 7".to_owned(),
            Self::Long => "7".repeat(70),
            Self::Control => "7\u{1b}[2J\r\n\u{0}7".to_owned(),
            Self::Html => "<img src=x onerror=alert(1)>".to_owned(),
            Self::Empty => String::new(),
        }
    }
}

/// The keys of the IDs of tasks and runs.
const IDS: [&str; 6] = ["taskId", "objectId", "taskFederatedId", "runId", "RunId", "id"];
/// The keys of names and messages. Paths are not among them: a scenario can give its tasks such names.
const TEXTS: [&str; 12] = [
    "name",
    "taskName",
    "objectName",
    "assetName",
    "description",
    "message",
    "debugMessage",
    "errorMsg",
    "errorMessage",
    "startedBy",
    "scheduleName",
    "runContextType",
];
const STATES: [&str; 3] = ["executionState", "status", "jobStatus"];

/// A coloured word with a title for the window, a text that turns round, zero-width marks, line breaks, C1 and DEL.
const TAIL: &str =
    "\u{1b}[31mred\u{1b}]0;title\u{7}\u{202e}txt.\u{2066}\u{200b}\u{feff}\r\nrunajob: done\u{9b}2J\u{7f}\t!";

/// The IDs of tasks and runs, at every depth, in an odd shape.
pub(crate) fn odd_ids(body: Value, odd: OddId) -> Value {
    replaced(body, &|key, value| (IDS.contains(&key) && !value.is_null()).then(|| odd.text().into()))
}

/// Every name and message with a tail that acts on terminals.
pub(crate) fn texts(body: Value) -> Value {
    replaced(body, &|key, value| with_tail(TEXTS.contains(&key), value))
}

/// Every name and message with a tail of 1 MiB.
pub(crate) fn long(body: Value) -> Value {
    let tail = " long".repeat((1 << 20) / 5);
    replaced(body, &|key, value| Some(format!("{}{tail}", value.as_str().filter(|_| TEXTS.contains(&key))?).into()))
}

/// Every text of a refusal with the tail, its code among them.
pub(crate) fn refusal(body: Value) -> Value {
    replaced(body, &|key, value| with_tail(key == "code" || TEXTS.contains(&key), value))
}

/// Every state that is a word with the same tail.
pub(crate) fn states(body: Value) -> Value {
    replaced(body, &|key, value| with_tail(STATES.contains(&key), value))
}

fn with_tail(aimed: bool, value: &Value) -> Option<Value> {
    let text = value.as_str().filter(|_| aimed)?;
    Some(format!("{text}{TAIL}").into())
}

/// An object with an empty error beside its other members.
pub(crate) fn with_error(body: Value) -> Value {
    match body {
        Value::Object(mut members) => {
            members.insert("error".to_owned(), Map::new().into());
            members.into()
        }
        other => other,
    }
}

fn replaced(body: Value, other: &impl Fn(&str, &Value) -> Option<Value>) -> Value {
    match body {
        Value::Array(elements) => elements.into_iter().map(|element| replaced(element, other)).collect(),
        Value::Object(members) => {
            let member = |(key, value): (String, Value)| {
                let value = other(&key, &value).unwrap_or_else(|| replaced(value, other));
                (key, value)
            };
            members.into_iter().map(member).collect()
        }
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_replaced_at_every_depth_and_nothing_else_is() {
        let body = json!({"taskId": "a", "runId": 7, "taskName": "b", "entries": [{"id": "c", "state": 1}]});
        let odd = odd_ids(body, OddId::Long);
        let long = "7".repeat(70);
        let expected = json!({"taskId": long, "runId": long, "taskName": "b", "entries": [{"id": long, "state": 1}]});
        assert_eq!(odd, expected);
        for (name, odd) in ODD_IDS {
            let text = odd.text();
            let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            assert!(!plain || !(1..=64).contains(&text.len()), "{name}");
        }
    }

    #[test]
    fn texts_and_states_get_the_tail_apart_from_each_other() {
        let body =
            || json!([{"objectName": "m", "errorMsg": "e", "executionState": "RUNNING", "path": "a/b", "state": 3}]);
        let (text, state) = (texts(body()), states(body()));
        let ends = |value: &Value| value.as_str().unwrap().ends_with(TAIL);
        assert!(ends(&text[0]["objectName"]) && ends(&text[0]["errorMsg"]) && ends(&state[0]["executionState"]));
        assert_eq!(
            (&text[0]["executionState"], &text[0]["path"], &text[0]["state"]),
            (&json!("RUNNING"), &json!("a/b"), &json!(3))
        );
        assert_eq!(state[0]["objectName"], "m");
    }
}
