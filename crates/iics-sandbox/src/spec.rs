//! The syntax of faults: `CALL:WHAT*N+K@D..D`.

use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

use crate::duration;
use crate::faults::{CALLS, Fault, Retry, StatusBody, What};
use crate::hostile::ODD_IDS;

/// The text is not a fault. The message explains the syntax.
#[derive(Debug, Error)]
#[error(
    "'{0}' is not a fault: CALL:WHAT, CALL being any, login, logout, validate, lookup, start, stop, monitor, log, status, resume, terminate or \
     other, WHAT being reset, hang, lost-answer, hang-after, stalled, truncated, oversized, html, empty, null, wrapped, strings, \
     odd-rows, broken-row, broken-rows, same-page, endless-pages, restart-counters, odd-ids=SHAPE, \
     added-error, hostile-text, hostile-states, hostile-refusal, long-text, redirect, refused, no-session, no-session=STATUS, expire-session, latency=D, or a status such as 503, 503-json, \
     503-empty, 503-after, 503-after-json, 503=SECONDS, 503=date; then *N for N calls, +K to spare the first K, @D or @D..D for a time"
)]
pub struct FaultError(String);

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
        ("odd-rows", "") => What::OddRows,
        ("broken-row", "") => What::BrokenRow,
        ("broken-rows", "") => What::BrokenRows,
        ("same-page", "") => What::SamePage,
        ("endless-pages", "") => What::EndlessPages,
        ("restart-counters", "") => What::RestartCounters,
        ("odd-ids", shape) => What::OddIds(ODD_IDS.iter().find(|(known, _)| *known == shape)?.1),
        ("added-error", "") => What::AddedError,
        ("hostile-text", "") => What::HostileText,
        ("hostile-states", "") => What::HostileStates,
        ("hostile-refusal", "") => What::HostileRefusal,
        ("long-text", "") => What::LongText,
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

/// A status and its body, which is a page by default.
fn status_of(text: &str) -> Option<What> {
    let (number, what) = cut(text, '-');
    let status = bad_status(number)?;
    let body = match what {
        None => StatusBody::Html,
        Some("json") => StatusBody::Json,
        Some("empty") => StatusBody::Empty,
        Some("after") => return Some(What::StatusAfter { status, body: StatusBody::Html }),
        Some("after-json") => return Some(What::StatusAfter { status, body: StatusBody::Json }),
        Some(_) => return None,
    };
    Some(What::Status { status, body, retry: None })
}

fn bad_status(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (300..600).contains(status))
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
            "log:odd-rows",
            "monitor:broken-row*1",
            "log:broken-rows",
            "log:same-page",
            "lookup:endless-pages",
            "start:restart-counters*1",
            "start:odd-ids=slashes",
            "start:added-error",
            "any:hostile-text",
            "monitor:hostile-states",
            "start:hostile-refusal*1",
            "log:long-text",
            "stop:403-after-json*1",
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
            "start:odd-ids",
            "start:odd-ids=round",
            "log:503-after-loud",
        ] {
            assert!(spec.parse::<Fault>().is_err(), "{spec}");
        }
    }
}
