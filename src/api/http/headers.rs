//! The two headers of an answer that say when.

use std::time::Duration;

use jiff::Timestamp;

/// Reads a date as HTTP writes it.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text.trim()).ok().map(|zoned| zoned.timestamp())
}

/// Reads `Retry-After` as seconds or as a date, which counts from the service's own `Date`.
pub(crate) fn retry_after(text: &str, date: Option<Timestamp>) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    Some(Duration::try_from(moment(text)?.duration_since(date?)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let read = |text| retry_after(text, moment("Tue, 03 Mar 2026 10:00:00 GMT"));
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(read("Tue, 03 Mar 2026 10:00:09 GMT"), Some(Duration::from_secs(9)));
        assert_eq!(read("Tue, 03 Mar 2026 09:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("soon"), None);
        assert_eq!(retry_after("Tue, 03 Mar 2026 10:00:09 GMT", None), None);
    }
}
