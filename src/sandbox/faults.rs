//! Faults: which call they strike, when, how often, and what they do. Leaves doing it to `damage`, and the working service
//! to the other files.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use thiserror::Error;

use crate::duration;

/// A call that faults can be aimed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Login,
    Logout,
    Validate,
    Lookup,
    Start,
    Stop,
    Monitor,
    Log,
    Other,
}

const CALLS: [(&str, Call); 9] = [
    ("login", Call::Login),
    ("logout", Call::Logout),
    ("validate", Call::Validate),
    ("lookup", Call::Lookup),
    ("start", Call::Start),
    ("stop", Call::Stop),
    ("monitor", Call::Monitor),
    ("log", Call::Log),
    ("other", Call::Other),
];

impl Call {
    pub(super) fn of(words: &[&str]) -> Self {
        match words {
            [.., "login"] => Self::Login,
            [.., "logout" | "logoutall"] => Self::Logout,
            [.., "validSessionId"] => Self::Validate,
            [.., "v2", "job"] => Self::Start,
            [.., "v2", "job", "stop"] => Self::Stop,
            [.., "activityMonitor"] => Self::Monitor,
            [_, _, "v2", "activity", ..] => Self::Log,
            [_, _, "v2", "task" | "mttask" | "workflow", ..]
            | [_, "public", "core", "v3", "lookup" | "objects", ..] => Self::Lookup,
            _ => Self::Other,
        }
    }

    pub(super) fn name(self) -> &'static str {
        CALLS.iter().find(|(_, call)| *call == self).map_or("other", |(name, _)| name)
    }
}

/// A fault, written `CALL:WHAT`, then `*N` for so many calls only, `+K` to spare the first K, and `@D` or `@D..D` for calls
/// from a time on or between two times, counted from the beginning.
#[derive(Debug, Clone)]
pub struct Fault {
    text: String,
    /// None strikes every call.
    call: Option<Call>,
    what: What,
    spared: u32,
    left: Option<u32>,
    from: Duration,
    until: Option<Duration>,
}

/// Why a text is no fault.
#[derive(Debug, Error)]
#[error(
    "'{0}' is not a fault: CALL:WHAT, CALL being any, login, logout, validate, lookup, start, stop, monitor, log or other, \
     WHAT being reset, hang, lost-answer, hang-after, stalled, truncated, oversized, html, empty, null, wrapped, strings, \
     redirect, refused, no-session, no-session=STATUS, expire-session, latency=D, or a status such as 503, 503-json, \
     503-empty, 503-after, 503=SECONDS, 503=date; then *N for N calls, +K to spare the first K, @D or @D..D for a time; see \
     `runajob sandbox --print-scenario`"
)]
pub struct FaultError(String);

/// What is done to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Reset,
    Hang,
    LostAnswer,
    HangAfter,
    Stalled,
    Truncated,
    Oversized,
    Html,
    Empty,
    Null,
    Wrapped,
    Strings,
    Redirect,
    Refused,
    NoSession(Option<u16>),
    ExpireSession,
    Latency(Duration),
    Status { status: u16, body: StatusBody, retry: Option<Retry> },
    StatusAfter(u16),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusBody {
    Html,
    Json,
    Empty,
}

/// How `Retry-After` is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retry {
    Seconds(u32),
    /// Two seconds from now.
    Date,
}

impl What {
    /// Whether the service does the work all the same.
    pub(super) fn lets_through(self) -> bool {
        !matches!(
            self,
            Self::Reset | Self::Hang | Self::Redirect | Self::Refused | Self::NoSession(_) | Self::Status { .. }
        )
    }
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
    let (rest, window) = cut(rest, '@');
    let (rest, spared) = cut(rest, '+');
    let (what, left) = cut(rest, '*');
    let (from, until) = match window.map(|window| window.split_once("..").map_or((window, None), |(a, b)| (a, Some(b))))
    {
        None => (Duration::ZERO, None),
        Some((from, None)) => (duration::parse(from).ok()?, None),
        Some((from, Some(until))) => (duration::parse(from).ok()?, Some(duration::parse(until).ok()?)),
    };
    Some(Fault {
        text: text.to_owned(),
        call,
        what: what_of(what)?,
        spared: spared.map_or(Some(0), |spared| spared.parse().ok())?,
        left: left.map_or(Some(None), |left| left.parse().ok().map(Some))?,
        from,
        until,
    })
}

fn cut(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn what_of(text: &str) -> Option<What> {
    Some(match text.split_once('=').unwrap_or((text, "")) {
        ("reset", "") => What::Reset,
        ("hang", "") => What::Hang,
        ("lost-answer", "") => What::LostAnswer,
        ("hang-after", "") => What::HangAfter,
        ("stalled", "") => What::Stalled,
        ("truncated", "") => What::Truncated,
        ("oversized", "") => What::Oversized,
        ("html", "") => What::Html,
        ("empty", "") => What::Empty,
        ("null", "") => What::Null,
        ("wrapped", "") => What::Wrapped,
        ("strings", "") => What::Strings,
        ("redirect", "") => What::Redirect,
        ("refused", "") => What::Refused,
        ("no-session", "") => What::NoSession(None),
        ("no-session", status) => What::NoSession(Some(bad_status(status)?)),
        ("expire-session", "") => What::ExpireSession,
        ("latency", time) => What::Latency(duration::parse(time).ok()?),
        (status, "") => status_of(status)?,
        (status, retry) => {
            let retry = if retry == "date" { Retry::Date } else { Retry::Seconds(retry.parse().ok()?) };
            What::Status { status: bad_status(status)?, body: StatusBody::Empty, retry: Some(retry) }
        }
    })
}

/// A status with what it comes with: a page, unless something else is said.
fn status_of(text: &str) -> Option<What> {
    let (number, what) = cut(text, '-');
    let status = bad_status(number)?;
    let body = match what {
        None => StatusBody::Html,
        Some("json") => StatusBody::Json,
        Some("empty") => StatusBody::Empty,
        Some("after") => return Some(What::StatusAfter(status)),
        Some(_) => return None,
    };
    Some(What::Status { status, body, retry: None })
}

fn bad_status(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (300..600).contains(status))
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Fault {
    /// Whether it strikes this call, which then counts.
    fn strikes(&mut self, call: Call, elapsed: Duration) -> bool {
        let aimed = self.call.is_none_or(|aim| aim == call);
        let in_time = elapsed >= self.from && self.until.is_none_or(|until| elapsed < until);
        if !aimed || !in_time || self.left == Some(0) {
            return false;
        }
        if self.spared > 0 {
            self.spared -= 1;
            return false;
        }
        self.left = self.left.map(|left| left - 1);
        true
    }
}

/// What strikes one call.
#[derive(Debug, Default)]
pub(super) struct Struck {
    pub delay: Duration,
    pub what: Option<What>,
    /// The faults, as they were written.
    pub faults: Vec<String>,
}

/// The faults that strike a call so long after the beginning: every latency, and of the others the first.
pub(super) fn strike(faults: &mut [Fault], call: Call, elapsed: Duration) -> Struck {
    let mut struck = Struck::default();
    for fault in faults {
        let is_latency = matches!(fault.what, What::Latency(_));
        if (is_latency || struck.what.is_none()) && fault.strikes(call, elapsed) {
            struck.faults.push(fault.text.clone());
            match fault.what {
                What::Latency(time) => struck.delay += time,
                what => struck.what = Some(what),
            }
        }
    }
    struck
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_are_read_or_explained() {
        for spec in [
            "start:lost-answer",
            "any:latency=2s",
            "log:503*3",
            "start:429=5",
            "start:429=date",
            "monitor:html*2@10s",
            "login:reset",
            "log:no-session=403*1+2@1m..2m",
            "stop:503-after",
            "logout:500-json",
            "validate:502-empty",
        ] {
            assert_eq!(spec.parse::<Fault>().unwrap().to_string(), spec);
        }
        for spec in [
            "",
            "start",
            "begin:503",
            "start:200",
            "start:latency",
            "log:503*x",
            "log:html=3",
            "log:503-loud",
            "log:503+x",
            "log:503@1m..",
            "log:503@1m..x",
            "log:503=soon",
        ] {
            assert!(spec.parse::<Fault>().is_err(), "{spec}");
        }
    }

    fn hits(spec: &str, calls: &[(Call, u64)]) -> Vec<bool> {
        let mut faults = vec![spec.parse().unwrap()];
        let hit = |&(call, seconds)| strike(&mut faults, call, Duration::from_secs(seconds)).what.is_some();
        calls.iter().map(hit).collect()
    }

    #[test]
    fn a_fault_strikes_its_call_so_often_after_the_spared_ones_and_in_its_time() {
        let log = |second| (Call::Log, second);
        assert_eq!(
            hits("log:503*2@10s", &[log(9), (Call::Start, 10), log(10), log(11), log(12)]),
            [false, false, true, true, false]
        );
        assert_eq!(hits("log:503*1+2", &[log(0), log(0), log(0), log(0)]), [false, false, true, false]);
        assert_eq!(hits("any:503@1s..3s", &[log(0), log(1), (Call::Login, 2), log(3)]), [false, true, true, false]);
    }

    #[test]
    fn latency_comes_on_top_and_of_the_others_the_first_counts() {
        let mut faults: Vec<Fault> =
            ["log:latency=2s", "log:503*1", "log:html", "any:latency=1s"].map(|spec| spec.parse().unwrap()).into();
        let first = strike(&mut faults, Call::Log, Duration::ZERO);
        assert_eq!((first.delay, first.faults.len()), (Duration::from_secs(3), 3));
        assert!(matches!(first.what, Some(What::Status { status: 503, .. })));
        assert_eq!(strike(&mut faults, Call::Log, Duration::ZERO).what, Some(What::Html));
    }
}
