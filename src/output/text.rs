//! Text as people read it: without control characters, in columns, with local times.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A text from elsewhere without control characters, which could move the cursor or worse. Line ends become spaces.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// A moment in local time, with its offset.
pub fn local(moment: Timestamp) -> String {
    moment.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S%:z").to_string()
}

/// The same to the minute, without the offset.
pub(crate) fn minute(moment: Timestamp) -> String {
    moment.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Rows under titles, each column as wide as its widest cell, and no space at the ends of lines.
pub fn columns<const N: usize>(titles: [&str; N], rows: &[[String; N]]) -> String {
    aligned(&[&[titles.map(str::to_owned)], rows].concat())
}

/// The same without titles.
pub fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let rows: Vec<[String; N]> = rows.iter().map(|row| row.each_ref().map(|cell| clean(cell))).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}
