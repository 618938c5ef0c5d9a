//! What a fault does to an answer: either it takes the place of the answer, or it damages it.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::faults::{Call, Retry, StatusBody, What};
use crate::quirks::Quirks;
use crate::wire::{Delivery, Reply, Request};
use crate::{errors, hostile, odd, pages, times};

/// More than any client should read.
const OVERSIZED: u64 = 150 * 1024 * 1024;

/// The call that a fault strikes.
pub(crate) struct FaultedCall<'s> {
    pub call: Call,
    pub path: &'s [&'s str],
    pub request: &'s Request,
    pub now: Timestamp,
    /// Numbers the requests.
    pub serial: usize,
}

impl FaultedCall<'_> {
    fn is_v3(&self) -> bool {
        !errors::is_v2(self.path)
    }

    fn error(&self, status: u16, code: &str, message: &str) -> Reply {
        if self.is_v3() { errors::v3(status, code, message, self.serial) } else { errors::v2(status, code, message) }
    }

    fn status(&self, status: u16, body: StatusBody) -> Reply {
        match body {
            StatusBody::Html => errors::gateway_page(status),
            StatusBody::Json => self.error(status, "APP_00500", "An internal error occurred."),
            StatusBody::Empty => Reply::empty(status),
        }
    }
}

/// The answer in place of that of the service, which then does nothing. None for a fault that lets the request through.
pub(crate) fn instead(what: What, faulted: &FaultedCall<'_>, quirks: &Quirks) -> Option<Reply> {
    let reply = match what {
        What::Reset => Reply::empty(500).delivered(Delivery::ResetBefore),
        What::Hang => Reply::empty(500).delivered(Delivery::Never),
        What::Redirect => Reply::empty(302).with_header("Location", "/login.html"),
        What::Refused if faulted.call == Call::Login => errors::login_refused(quirks, faulted.is_v3(), faulted.serial),
        What::Refused => faulted.error(403, "APP_13425", "You do not have the privilege for this."),
        What::HostileRefusal => {
            let reply = instead(What::Refused, faulted, quirks)?;
            altered(reply, |body| hostile::refusal(body).to_string().into_bytes())
        }
        What::NoSession(status) => {
            let status = status.unwrap_or(quirks.expired_session_status);
            errors::no_session(quirks, status, faulted.is_v3(), faulted.serial)
        }
        What::Status { status, body, retry } => {
            let reply = faulted.status(status, body);
            match retry {
                None => reply,
                Some(Retry::Seconds(seconds)) => reply.with_header("Retry-After", seconds.to_string()),
                Some(Retry::Date) => {
                    let then = times::later(faulted.now, Duration::from_secs(2));
                    reply.with_header("Retry-After", times::http_date(then))
                }
            }
        }
        _ => return None,
    };
    Some(reply)
}

/// Damages the answer of the service after its work.
pub(crate) fn spoil(what: What, mut reply: Reply, faulted: &FaultedCall<'_>) -> Reply {
    match what {
        What::LostAnswer => reply.delivered(Delivery::LostAfter),
        What::HangAfter => reply.delivered(Delivery::Never),
        What::Stalled => reply.delivered(Delivery::Stalled),
        What::Truncated => reply.delivered(Delivery::Truncated),
        What::Oversized => {
            reply.padding = OVERSIZED;
            reply
        }
        What::Html => errors::gateway_page(200),
        What::Empty => Reply::empty(200),
        What::Null => Reply::json(200, &Value::Null),
        What::Wrapped => altered(reply, |body| wrapped(body).to_string().into_bytes()),
        What::Strings => altered(reply, |body| in_strings(body).to_string().into_bytes()),
        What::OddRows => altered(reply, |body| odd::spell(&body)),
        What::BrokenRow => altered(reply, |body| odd::broken(&body, false)),
        What::BrokenRows => altered(reply, |body| odd::broken(&body, true)),
        What::EndlessPages => altered(reply, |body| pages::filled(body, faulted.request).to_string().into_bytes()),
        What::OddIds(odd) => altered(reply, |body| hostile::odd_ids(body, odd).to_string().into_bytes()),
        What::AddedError => altered(reply, |body| hostile::with_error(body).to_string().into_bytes()),
        What::HostileText => altered(reply, |body| hostile::texts(body).to_string().into_bytes()),
        What::HostileStates => altered(reply, |body| hostile::states(body).to_string().into_bytes()),
        What::LongText => altered(reply, |body| hostile::long(body).to_string().into_bytes()),
        What::StatusAfter { status, body } => faulted.status(status, body),
        _ => reply,
    }
}

/// The same answer with another body, if its body is JSON.
fn altered(mut reply: Reply, alter: impl FnOnce(Value) -> Vec<u8>) -> Reply {
    if let Ok(body) = serde_json::from_slice(&reply.body) {
        reply.body = alter(body);
    }
    reply
}

/// An object where an array is expected, an array where anything else is.
fn wrapped(body: Value) -> Value {
    match body {
        Value::Array(rows) => Map::from_iter([("rows".to_owned(), Value::Array(rows))]).into(),
        other => Value::Array(vec![other]),
    }
}

/// Every number as a string.
fn in_strings(body: Value) -> Value {
    match body {
        Value::Number(number) => Value::from(number.to_string()),
        Value::Array(elements) => elements.into_iter().map(in_strings).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, value)| (key, in_strings(value))).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(reply: &Reply) -> &str {
        std::str::from_utf8(&reply.body).unwrap()
    }

    /// What happens to a start under a fault.
    fn struck(by: impl FnOnce(&FaultedCall<'_>) -> Reply) -> Reply {
        let (path, request) = (["saas", "api", "v2", "job"], Request::default());
        let now = "2026-03-03T10:00:00Z".parse().unwrap();
        by(&FaultedCall { call: Call::Start, path: &path, request: &request, now, serial: 1 })
    }

    fn spoiled(what: What, reply: Reply) -> Reply {
        struck(|faulted| spoil(what, reply, faulted))
    }

    #[test]
    fn a_body_gets_the_wrong_types() {
        let row = || Reply::json(200, &json!([{"runId": 7, "entries": [{"state": 1}], "done": true}]));
        let strings = spoiled(What::Strings, row());
        assert_eq!(text(&strings), r#"[{"runId":"7","entries":[{"state":"1"}],"done":true}]"#);
        assert!(text(&spoiled(What::Wrapped, row())).starts_with(r#"{"rows":[{"#));
        assert_eq!(text(&spoiled(What::Wrapped, Reply::json(200, &json!({"a": 1})))), r#"[{"a":1}]"#);
        let page = errors::gateway_page(200);
        assert_eq!(spoiled(What::Strings, page.clone()).body, page.body);
    }

    #[test]
    fn retry_after_is_spelled_both_ways() {
        let retry_after = |retry| {
            let what = What::Status { status: 429, body: StatusBody::Empty, retry };
            let reply = struck(|faulted| instead(what, faulted, &Quirks::default()).unwrap());
            reply.headers.into_iter().find(|(name, _)| name == "Retry-After").map(|(_, value)| value)
        };
        assert_eq!(retry_after(Some(Retry::Seconds(7))).as_deref(), Some("7"));
        assert_eq!(retry_after(Some(Retry::Date)).as_deref(), Some("Tue, 03 Mar 2026 10:00:02 GMT"));
        assert_eq!(retry_after(None), None);
    }
}
