//! Faults: which calls they strike, when, and how often.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::hostile::OddId;

/// A call that faults can be aimed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Login,
    Logout,
    Validate,
    Lookup,
    Start,
    Stop,
    Monitor,
    Log,
    Status,
    Resume,
    Terminate,
    Other,
}

pub(crate) const CALLS: [(&str, Call); 12] = [
    ("login", Call::Login),
    ("logout", Call::Logout),
    ("validate", Call::Validate),
    ("lookup", Call::Lookup),
    ("start", Call::Start),
    ("stop", Call::Stop),
    ("monitor", Call::Monitor),
    ("log", Call::Log),
    ("status", Call::Status),
    ("resume", Call::Resume),
    ("terminate", Call::Terminate),
    ("other", Call::Other),
];

impl Call {
    pub(crate) fn of(words: &[&str]) -> Self {
        match words {
            [.., "login" | "loginOAuth"] => Self::Login,
            [.., "logout" | "logoutall"] => Self::Logout,
            [.., "validSessionId"] => Self::Validate,
            [.., "v2", "job"] | ["active-bpel", "rt", _] | ["mftsaas", "api", "v1", "job"] => Self::Start,
            ["active-bpel", "services", "tf", "status", ..] | ["mftsaas", .., "job", _, "status"] => Self::Status,
            [.., "resumeWithFaultRetry" | "resumeWithFaultSkip", _] => Self::Resume,
            ["active-bpel", .., "terminate"] => Self::Terminate,
            ["mftsaas", .., "mitasks", "activityLog"] => Self::Log,
            ["mftsaas", .., "mitasks"] | ["mftsaas", .., "mitasks", _] => Self::Lookup,
            [.., "v2", "job", "stop"] => Self::Stop,
            [.., "activityMonitor"] => Self::Monitor,
            [_, _, "v2", "activity", ..] => Self::Log,
            [_, _, "v2", "task" | "mttask" | "workflow", ..]
            | [_, "public", "core", "v3", "lookup" | "objects", ..] => Self::Lookup,
            _ => Self::Other,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        CALLS.iter().find(|(_, call)| *call == self).map_or("other", |(name, _)| name)
    }
}

/// A fault, parsed from `CALL:WHAT` with optional suffixes: `*N` strikes N calls only, `+K` spares the first K, and `@D` or
/// `@D..D` strikes from a time on or between two times, counted from the beginning. [`DEFAULT_SCENARIO`] lists all of them.
///
/// [`DEFAULT_SCENARIO`]: crate::DEFAULT_SCENARIO
#[derive(Debug, Clone)]
pub struct Fault {
    pub(crate) text: String,
    /// `None` strikes every call.
    pub(crate) call: Option<Call>,
    pub(crate) what: What,
    pub(crate) spared: u32,
    pub(crate) left: Option<u32>,
    pub(crate) from: Duration,
    pub(crate) until: Option<Duration>,
}

/// What is done to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
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
    OddRows,
    BrokenRow,
    BrokenRows,
    SamePage,
    EndlessPages,
    RestartCounters,
    OddIds(OddId),
    AddedError,
    HostileText,
    HostileStates,
    HostileRefusal,
    LongText,
    Redirect,
    Refused,
    NoSession(Option<u16>),
    ExpireSession,
    Latency(Duration),
    Status { status: u16, body: StatusBody, retry: Option<Retry> },
    StatusAfter { status: u16, body: StatusBody },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatusBody {
    Html,
    Json,
    Empty,
}

/// How `Retry-After` is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    Seconds(u32),
    /// Two seconds from now.
    Date,
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
pub(crate) struct Struck {
    pub delay: Duration,
    pub what: Option<What>,
    /// The faults, as they were written.
    pub faults: Vec<String>,
}

/// The faults that strike a call so long after the beginning: every latency, and of the others the first.
pub(crate) fn strike(faults: &mut [Fault], call: Call, elapsed: Duration) -> Struck {
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
