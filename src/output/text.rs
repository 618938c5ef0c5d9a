//! Times as people read them, and columns under titles.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::output::line::SafeLine;

/// A moment in local time, with its offset.
pub fn local(moment: Timestamp) -> String {
    moment.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S%:z").to_string()
}

/// The same to the minute, without the offset.
pub(crate) fn minute(moment: Timestamp) -> String {
    moment.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Rows under titles, in columns.
pub fn columns<const N: usize>(titles: [&str; N], rows: &[[String; N]]) -> Vec<SafeLine> {
    SafeLine::aligned(&[&[titles.map(str::to_owned)], rows].concat())
}

/// States with how many have each, by their first times; each has a flag to sort by, which is that of the first.
pub(crate) fn tally<'s>(states: impl Iterator<Item = (bool, &'s str)>) -> Vec<(bool, &'s str, usize)> {
    let mut counts: Vec<(bool, &str, usize)> = Vec::new();
    for (flag, state) in states {
        match counts.iter_mut().find(|(_, other, _)| *other == state) {
            Some((_, _, count)) => *count += 1,
            None => counts.push((flag, state, 1)),
        }
    }
    counts
}

/// The same as people read it, such as `2 succeeded, 1 failed`.
pub(crate) fn counted(counts: &[(bool, &str, usize)]) -> String {
    counts.iter().map(|(_, state, count)| format!("{count} {state}")).collect::<Vec<_>>().join(", ")
}
