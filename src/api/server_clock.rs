//! The service's clock, from the `Date` headers of its answers.

use std::cell::Cell;
use std::time::Duration;

use jiff::Timestamp;

/// A `Date` gives way to any newer one once it is this old, however quickly its answer came.
const LONGEST_USE: Duration = Duration::from_secs(600);

/// A `Date`, which was written at some moment while its request was under way.
#[derive(Debug, Clone, Copy)]
struct DateReading {
    date: Timestamp,
    /// The reading of our clock when the request was sent.
    sent_at: Duration,
    took: Duration,
}

/// The difference between our clock and the service's.
#[derive(Debug, Default)]
pub(crate) struct ServerClock {
    reading: Cell<Option<DateReading>>,
}

impl ServerClock {
    /// What the service's clock showed at this reading of ours, at the latest: the answer may have been on its way for a
    /// while. None before the first `Date`.
    pub(crate) fn at(&self, reading: Duration) -> Option<Timestamp> {
        let DateReading { date, sent_at, .. } = self.reading.get()?;
        date.checked_sub(sent_at.saturating_sub(reading)).ok()?.checked_add(reading.saturating_sub(sent_at)).ok()
    }

    /// Takes the `Date` of an answer, unless a quicker answer, which is more exact, came not long ago.
    pub(crate) fn set(&self, date: Timestamp, sent_at: Duration, now: Duration) {
        let took = now.saturating_sub(sent_at);
        let is_better = |kept: DateReading| kept.took < took && sent_at.saturating_sub(kept.sent_at) < LONGEST_USE;
        if !self.reading.get().is_some_and(is_better) {
            self.reading.set(Some(DateReading { date, sent_at, took }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quickest_answer_of_the_last_ten_minutes_tells_the_time() {
        let clock = ServerClock::default();
        let seconds = Duration::from_secs;
        let date = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        assert_eq!(clock.at(seconds(1)), None);
        clock.set(date(100), seconds(10), seconds(12));
        assert_eq!(clock.at(seconds(10)), Some(date(100)));
        assert_eq!((clock.at(seconds(4)), clock.at(seconds(70))), (Some(date(94)), Some(date(160))));
        clock.set(date(500), seconds(20), seconds(29));
        assert_eq!(clock.at(seconds(10)), Some(date(100)), "a slower answer is less exact");
        clock.set(date(200), seconds(30), seconds(31));
        assert_eq!(clock.at(seconds(30)), Some(date(200)));
        clock.set(date(900), seconds(630), seconds(650));
        assert_eq!(clock.at(seconds(630)), Some(date(900)), "an old one gives way");
    }
}
