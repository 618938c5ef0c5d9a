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
