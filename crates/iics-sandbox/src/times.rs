//! The formats in which the service writes times, and arithmetic on times that cannot overflow.

use std::time::Duration;

use jiff::civil::{DateTime, date};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// `time` as US Eastern wall clock with a `Z` that is not true, as seen in recorded answers.
pub(crate) fn eastern(time: Timestamp) -> String {
    let hours = if is_daylight_saving(time) { -4 } else { -5 };
    with_zero_milliseconds(Offset::constant(hours).to_datetime(time))
}

/// `time` in UTC, for the newer fields whose names end in `Utc`.
pub(crate) fn utc(time: Timestamp) -> String {
    with_zero_milliseconds(Offset::UTC.to_datetime(time))
}

/// `time` in UTC without milliseconds, as the third version of the API spells it.
pub(crate) fn utc_seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `time` as the logs of an agent spell it, here of one that keeps UTC.
pub(crate) fn american(time: Timestamp) -> String {
    time.strftime("%m/%d/%Y %H:%M:%S").to_string()
}

/// `time` as HTTP headers spell it.
pub(crate) fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// `time` moved into the future, or the last representable moment.
pub(crate) fn later(time: Timestamp, by: Duration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// `time` moved into the past, or the first representable moment.
pub(crate) fn earlier(time: Timestamp, by: Duration) -> Timestamp {
    time.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// `time` moved by a clock skew that may point either way.
pub(crate) fn shifted(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(time)
}

/// How long after `from` the moment `to` is; zero when it is before.
pub(crate) fn elapsed(from: Timestamp, to: Timestamp) -> Duration {
    to.duration_since(from).try_into().unwrap_or(Duration::ZERO)
}

/// The US rule since 2007, written out because a machine may have no time zone database.
fn is_daylight_saving(time: Timestamp) -> bool {
    let civil = Offset::UTC.to_datetime(time);
    let moment = (civil.month(), civil.day(), civil.hour());
    let begins = (3, first_sunday(civil.year(), 3) + 7, 7);
    let ends = (11, first_sunday(civil.year(), 11), 6);
    begins <= moment && moment < ends
}

fn first_sunday(year: i16, month: i8) -> i8 {
    let weekday_of_the_first = date(year, month, 1).weekday().to_sunday_zero_offset();
    1 + (7 - weekday_of_the_first) % 7
}

fn with_zero_milliseconds(time: DateTime) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eastern_of(utc: &str) -> String {
        eastern(utc.parse().unwrap())
    }

    #[test]
    fn eastern_time_follows_the_us_rule_in_winter_and_summer() {
        assert_eq!(eastern_of("2026-01-15T12:00:00Z"), "2026-01-15T07:00:00.000Z");
        assert_eq!(eastern_of("2026-07-15T12:00:00Z"), "2026-07-15T08:00:00.000Z");
        assert_eq!(eastern_of("2026-01-01T03:00:00Z"), "2025-12-31T22:00:00.000Z");
    }

    #[test]
    fn eastern_time_changes_at_two_o_clock_local_time() {
        assert_eq!(eastern_of("2026-03-08T06:59:59Z"), "2026-03-08T01:59:59.000Z");
        assert_eq!(eastern_of("2026-03-08T07:00:00Z"), "2026-03-08T03:00:00.000Z");
        assert_eq!(eastern_of("2026-11-01T05:59:59Z"), "2026-11-01T01:59:59.000Z");
        assert_eq!(eastern_of("2026-11-01T06:00:00Z"), "2026-11-01T01:00:00.000Z");
    }

    #[test]
    fn milliseconds_are_always_zero() {
        assert_eq!(utc("2026-07-15T12:00:00.987Z".parse().unwrap()), "2026-07-15T12:00:00.000Z");
    }

    #[test]
    fn a_date_header_is_spelled_as_http_wants_it() {
        assert_eq!(http_date("2026-11-24T00:25:08Z".parse().unwrap()), "Tue, 24 Nov 2026 00:25:08 GMT");
    }
}
