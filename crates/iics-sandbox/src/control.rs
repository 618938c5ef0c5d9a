//! The control API, by which a test steers a served sandbox: see what runs, end a run now, switch faults. Browsers and
//! hosts that only resolve to this machine are kept out, and so is whoever lacks the token.

use std::fmt;
use std::hint::black_box;
use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::kind::Outcome;
use crate::progress;
use crate::state::State;
use crate::wire::{Reply, Request, text};

/// The name of its calls in the request log.
pub(crate) const CALL: &str = "control";
/// The first segment of every path of this API.
pub(crate) const ROOT: &str = "_sandbox";
/// The header that carries the token.
const TOKEN_HEADER: &str = "X-Sandbox-Token";

/// Whom the control API admits.
pub(crate) struct Control {
    token: String,
}

impl Control {
    /// None for an empty token, which everybody would know.
    pub(crate) fn new(token: String) -> Option<Self> {
        (!token.is_empty()).then_some(Self { token })
    }

    /// The refusal of a request that does not come from a tool of this machine with the token.
    fn refusal(&self, request: &Request) -> Option<Reply> {
        if !request.header("Host").is_some_and(is_loopback) {
            return Some(error(403, "The host must be 127.0.0.1, [::1] or localhost."));
        }
        if request.header("Origin").is_some() {
            return Some(error(403, "Browsers are not admitted: leave the header Origin out."));
        }
        let admitted = request.header(TOKEN_HEADER).is_some_and(|given| same(given.as_bytes(), self.token.as_bytes()));
        let message = format!("The header {TOKEN_HEADER} must carry the token of this sandbox.");
        (!admitted).then(|| error(401, &message))
    }

    /// Answers a request below [`ROOT`]. Faults never strike it.
    pub(crate) fn answer(
        &self,
        state: &mut State,
        faults: &mut Vec<Fault>,
        request: &Request,
        path: &[&str],
        now: Timestamp,
    ) -> Reply {
        if let Some(refusal) = self.refusal(request) {
            return refusal;
        }
        match (path, request.method.as_str()) {
            ([_, "state"], "GET" | "HEAD") => show(state, faults, now),
            ([_, "runs", handle @ .., "end"], "POST") => end(state, request, &handle.join("/"), now),
            ([_, "faults"], "POST") => add(faults, request),
            ([_, "faults"], "DELETE") => remove(faults, request.parameter("fault").as_deref()),
            ([_, "state"], _) => wrong_method("GET, HEAD"),
            ([_, "runs", .., "end"], _) => wrong_method("POST"),
            ([_, "faults"], _) => wrong_method("POST, DELETE"),
            _ => error(404, "There is only /_sandbox/state, /_sandbox/runs/HANDLE/end and /_sandbox/faults."),
        }
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Control")
    }
}

/// Whether the host of a `Host` header is this machine by its own name or address. A name of somebody else's that
/// resolves to it is not.
fn is_loopback(authority: &str) -> bool {
    let bracketed = authority.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (host, port) = bracketed.unwrap_or_else(|| authority.split_at(authority.find(':').unwrap_or(authority.len())));
    let has_port = port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    let is_address = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    (port.is_empty() || has_port) && (is_address || host.eq_ignore_ascii_case("localhost"))
}

/// Compares in a time that tells nothing of where two texts of one length differ.
fn same(given: &[u8], expected: &[u8]) -> bool {
    let difference = given.iter().zip(expected).fold(0, |sum, (left, right)| black_box(sum | (left ^ right)));
    given.len() == expected.len() && difference == 0
}

fn show(state: &State, faults: &[Fault], now: Timestamp) -> Reply {
    Reply::json(200, &json!({"now": now, "runs": progress::all(state, now), "faults": listed(faults)}))
}

fn end(state: &mut State, request: &Request, handle: &str, now: Timestamp) -> Reply {
    let wanted = request.json_object().and_then(|body| serde_json::from_value(body.get("outcome")?.clone()).ok());
    let outcome = wanted.filter(|outcome| *outcome != Outcome::NoAgent);
    let Some(outcome) = outcome else {
        let message =
            r#"The body must be {"outcome": "success"}; or warning, failure, stopped, or suspended for a taskflow."#;
        return error(400, message);
    };
    match progress::end(state, handle, outcome, now) {
        Ok(run) => Reply::json(200, &run),
        Err(progress::Refusal::Unknown) => error(404, &format!("There is no run {handle}.")),
        Err(progress::Refusal::Impossible(why)) => error(409, why),
    }
}

/// Adds the fault of the body behind the others.
fn add(faults: &mut Vec<Fault>, request: &Request) -> Reply {
    let body = request.json_object().unwrap_or_default();
    let Some(spec) = text(&body, "fault") else {
        return error(400, r#"The body must be {"fault": "log:503*3"}, say."#);
    };
    match spec.parse() {
        Ok(fault) => {
            faults.push(fault);
            Reply::json(200, &json!({"faults": listed(faults)}))
        }
        Err(why) => error(400, &why.to_string()),
    }
}

/// Removes every fault, or those that were written like this.
fn remove(faults: &mut Vec<Fault>, spec: Option<&str>) -> Reply {
    let before = faults.len();
    faults.retain(|fault| spec.is_some_and(|spec| fault.text != spec));
    match spec {
        Some(spec) if faults.len() == before => error(404, &format!("There is no fault {spec}.")),
        _ => Reply::json(200, &json!({"faults": listed(faults)})),
    }
}

fn listed(faults: &[Fault]) -> Vec<Value> {
    faults.iter().map(|fault| json!({"fault": fault.text, "left": fault.left})).collect()
}

fn wrong_method(allowed: &str) -> Reply {
    error(405, &format!("The method must be one of {allowed}.")).with_header("Allow", allowed)
}

fn error(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({"error": message}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machines_own_names_are_loopback() {
        for own in ["127.0.0.1", "127.0.0.1:8085", "127.8.0.1:1", "[::1]:8085", "[::1]", "localhost:80", "LOCALHOST"] {
            assert!(is_loopback(own), "{own}");
        }
        for other in [
            "",
            ":80",
            "evil.example",
            "127.0.0.1.evil.example:8085",
            "localhost.evil.example",
            "10.0.0.1:8085",
            "::1",
            "127.0.0.1:x",
            "127.0.0.1@evil.example",
            "[::1]evil",
            "0.0.0.0:8085",
        ] {
            assert!(!is_loopback(other), "{other}");
        }
    }

    #[test]
    fn tokens_are_the_same_only_as_a_whole() {
        assert!(same(b"secret", b"secret"));
        for wrong in ["", "secre", "secrets", "Secret", "secreT"] {
            assert!(!same(wrong.as_bytes(), b"secret"), "{wrong}");
        }
        assert!(Control::new(String::new()).is_none());
        assert_eq!(format!("{:?}", Control::new("secret".to_owned()).unwrap()), "Control");
    }
}
