//! Faults: which call they strike, how often, and what they do to it. Leaves the working service to the other files.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use thiserror::Error;

use super::errors;
use super::times;
use super::wire::{Delivery, Reply};
use crate::duration;

/// A call that faults can be aimed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Login,
    Lookup,
    Start,
    Stop,
    Monitor,
    Log,
    Other,
}

impl Call {
    pub(super) fn of(method: &str, words: &[&str]) -> Self {
        match (method, words) {
            ("POST", [.., "login"]) => Self::Login,
            ("POST", [.., "v2", "job"]) => Self::Start,
            ("POST", [.., "job", "stop"]) => Self::Stop,
            (_, [.., "activityMonitor"]) => Self::Monitor,
            (_, [_, _, "v2", "activity", ..]) => Self::Log,
            (_, [.., "lookup" | "objects" | "task" | "references"] | [_, _, "v2", "mttask" | "workflow", ..]) => {
                Self::Lookup
            }
            _ => Self::Other,
        }
    }
}

const CALLS: [(&str, Call); 6] = [
    ("login", Call::Login),
    ("lookup", Call::Lookup),
    ("start", Call::Start),
    ("stop", Call::Stop),
    ("monitor", Call::Monitor),
    ("log", Call::Log),
];

/// A fault, written `CALL:WHAT`, with `*N` behind it for the first N calls only, and `@D` for calls from then on.
#[derive(Debug, Clone)]
pub struct Fault {
    /// None strikes every call.
    call: Option<Call>,
    verdict: Verdict,
    left: Option<u32>,
    from: Duration,
}

/// Why a text is no fault.
#[derive(Debug, Error)]
#[error(
    "'{0}' is not a fault: CALL:WHAT, CALL being any, login, lookup, start, stop, monitor or log, WHAT being lost-answer, \
     reset, hang, truncated, html, empty, null, oversized, redirect, expire-session, latency=D, 429, 429=SECONDS, or a \
     status such as 503; then *N for the first N calls, @D from a time on"
)]
pub struct FaultError(String);

/// What is done to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    LostAnswer,
    Reset,
    Hang,
    Truncated,
    Html,
    Empty,
    Null,
    Oversized,
    Redirect,
    ExpireSession,
    Latency(Duration),
    Busy(Option<u64>),
    Status(u16),
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        read(text).ok_or_else(|| FaultError(text.to_owned()))
    }
}

fn read(text: &str) -> Option<Fault> {
    let (call, rest) = text.split_once(':')?;
    let call = match call {
        "any" => None,
        name => Some(CALLS.iter().find(|(known, _)| *known == name)?.1),
    };
    let (rest, from) = match rest.split_once('@') {
        Some((rest, from)) => (rest, duration::parse(from).ok()?),
        None => (rest, Duration::ZERO),
    };
    let (what, left) = match rest.split_once('*') {
        Some((what, times)) => (what, Some(times.parse().ok()?)),
        None => (rest, None),
    };
    let verdict = match what.split_once('=').unwrap_or((what, "")) {
        ("lost-answer", "") => Verdict::LostAnswer,
        ("reset", "") => Verdict::Reset,
        ("hang", "") => Verdict::Hang,
        ("truncated", "") => Verdict::Truncated,
        ("html", "") => Verdict::Html,
        ("empty", "") => Verdict::Empty,
        ("null", "") => Verdict::Null,
        ("oversized", "") => Verdict::Oversized,
        ("redirect", "") => Verdict::Redirect,
        ("expire-session", "") => Verdict::ExpireSession,
        ("latency", time) => Verdict::Latency(duration::parse(time).ok()?),
        ("429", "") => Verdict::Busy(None),
        ("429", seconds) => Verdict::Busy(Some(seconds.parse().ok()?)),
        (status, "") => Verdict::Status(status.parse().ok().filter(|status| (400..600).contains(status))?),
        _ => return None,
    };
    Some(Fault { call, verdict, left, from })
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = CALLS.iter().find(|(_, call)| call == self).map_or("other", |(name, _)| name);
        formatter.write_str(name)
    }
}

/// The first fault that strikes a call so long after the beginning.
pub(super) fn strike(faults: &mut [Fault], call: Call, elapsed: Duration) -> Option<Verdict> {
    let fault = faults
        .iter_mut()
        .find(|fault| fault.call.is_none_or(|aim| aim == call) && fault.left != Some(0) && elapsed >= fault.from)?;
    fault.left = fault.left.map(|left| left - 1);
    Some(fault.verdict)
}

/// More than any client should read.
const OVERSIZED: u64 = 150 * 1024 * 1024;

impl Verdict {
    /// Whether the service does the work all the same.
    pub(super) fn lets_through(self) -> bool {
        matches!(
            self,
            Self::LostAnswer
                | Self::Truncated
                | Self::Latency(_)
                | Self::ExpireSession
                | Self::Html
                | Self::Empty
                | Self::Null
        )
    }

    /// The answer in place of the service's.
    pub(super) fn reply(self, now: Timestamp) -> Reply {
        match self {
            Self::Reset => Reply::empty(500).delivered(Delivery::ResetBefore),
            Self::Hang => Reply::empty(500).delivered(Delivery::Never),
            Self::Redirect => Reply::empty(302).with_header("Location", "/login.html"),
            Self::Busy(None) => Reply::empty(429)
                .with_header("Retry-After", times::http_date(times::later(now, Duration::from_secs(2)))),
            Self::Busy(Some(seconds)) => Reply::empty(429).with_header("Retry-After", seconds.to_string()),
            Self::Oversized => {
                let mut reply = Reply::json(200, &serde_json::json!([]));
                reply.padding = OVERSIZED;
                reply
            }
            Self::Status(status) => errors::gateway_page(status),
            _ => errors::gateway_page(500),
        }
    }

    /// The service's answer, spoilt.
    pub(super) fn change(self, reply: Reply) -> Reply {
        match self {
            Self::LostAnswer => reply.delivered(Delivery::LostAfter),
            Self::Truncated => reply.delivered(Delivery::Truncated),
            Self::Latency(time) => reply.after(time),
            Self::Html => errors::gateway_page(200),
            Self::Empty => Reply::empty(200),
            Self::Null => Reply::json(200, &serde_json::Value::Null),
            _ => reply,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_are_read_or_explained() {
        for spec in
            ["start:lost-answer", "any:latency=2s", "log:503*3", "start:429=5", "monitor:html*2@10s", "login:reset"]
        {
            assert!(spec.parse::<Fault>().is_ok(), "{spec}");
        }
        for spec in ["", "start", "begin:503", "start:200", "start:latency", "log:503*x", "log:html=3"] {
            assert!(spec.parse::<Fault>().is_err(), "{spec}");
        }
    }

    #[test]
    fn a_fault_strikes_its_call_so_often_and_from_its_time_on() {
        let mut faults = vec!["log:503*2@10s".parse().unwrap()];
        let mut hit = |call, seconds| strike(&mut faults, call, Duration::from_secs(seconds)).is_some();
        assert!(!hit(Call::Log, 9));
        assert!(!hit(Call::Start, 10));
        assert!(hit(Call::Log, 10) && hit(Call::Log, 11) && !hit(Call::Log, 12));
    }
}
