//! Who started a run, and when: this identifies a run whose handle was lost.

use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// Who started a run, how, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartInfo {
    /// The name of the user.
    pub by: Option<String>,
    /// Whether it was started over the REST API.
    pub over_rest: bool,
    pub at: Moment,
}

/// A moment as the service writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// In UTC.
    At(Timestamp),
    /// In US Eastern time, read as if it were UTC.
    Eastern(Timestamp),
    /// The service does not say it.
    Unknown,
}

impl Moment {
    /// Whether it can lie between these two; false where the service does not say it.
    pub fn may_lie_between(self, begin: Timestamp, end: Timestamp) -> bool {
        self.candidates().into_iter().flatten().any(|moment| begin <= moment && moment <= end)
    }

    /// Whether it surely lies before this one; false where the service does not say it.
    pub fn is_before(self, other: Timestamp) -> bool {
        self != Self::Unknown && self.candidates().into_iter().flatten().all(|moment| moment < other)
    }

    /// The moments that it can be: two in the hour that the end of daylight saving time doubles.
    fn candidates(self) -> [Option<Timestamp>; 2] {
        match self {
            Self::At(moment) => [Some(moment), None],
            Self::Eastern(clock) => eastern(clock),
            Self::Unknown => [None, None],
        }
    }
}

/// The US rule since 2007, which needs no time zone database.
const EASTERN: &str = "EST5EDT,M3.2.0,M11.1.0";

/// The moments at which clocks in the east of the US show what `clock` shows in UTC.
fn eastern(clock: Timestamp) -> [Option<Timestamp>; 2] {
    let Ok(zone) = TimeZone::posix(EASTERN) else { return [None, None] };
    let shown = Offset::UTC.to_datetime(clock);
    match zone.to_ambiguous_timestamp(shown).offset() {
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Gap { before: offset, .. } => {
            [offset.to_timestamp(shown).ok(), None]
        }
        AmbiguousOffset::Fold { before, after } => [before, after].map(|offset| offset.to_timestamp(shown).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eastern_time_is_converted_by_the_offset_of_its_date() {
        for (shown, utc) in [
            ("2026-01-15T07:00:00Z", &["2026-01-15T12:00:00Z"][..]),
            ("2026-07-15T08:00:00Z", &["2026-07-15T12:00:00Z"]),
            ("2026-03-08T01:59:59Z", &["2026-03-08T06:59:59Z"]),
            ("2026-03-08T03:00:00Z", &["2026-03-08T07:00:00Z"]),
            ("2026-11-01T00:59:59Z", &["2026-11-01T04:59:59Z"]),
            ("2026-11-01T01:30:00Z", &["2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"]),
            ("2026-11-01T02:00:00Z", &["2026-11-01T07:00:00Z"]),
        ] {
            let found: Vec<_> = eastern(shown.parse().unwrap()).into_iter().flatten().collect();
            let expected: Vec<Timestamp> = utc.iter().map(|utc| utc.parse().unwrap()).collect();
            assert_eq!(found, expected, "{shown}");
        }
    }

    #[test]
    fn a_moment_is_before_another_only_when_it_surely_is() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let doubled = Moment::Eastern(at("2026-11-01T01:30:00Z"));
        assert!(!doubled.is_before(at("2026-11-01T06:00:00Z")) && doubled.is_before(at("2026-11-01T06:30:01Z")));
        let exact = Moment::At(at("2026-11-01T06:00:00Z"));
        assert!(!exact.is_before(at("2026-11-01T06:00:00Z")) && exact.is_before(at("2026-11-01T06:00:01Z")));
        assert!(!Moment::Unknown.is_before(Timestamp::MAX));
    }
}
