//! Values inside URLs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// A slash may stand in a query, and paths are easier to read so.
const RESERVED_IN_QUERY: &AsciiSet = &RESERVED.remove(b'/');

/// One segment of a path. It is plain ASCII, so that a header can carry it too. A URL takes dots alone, however they are
/// encoded, for a step upwards; with a blank behind them they are a name again, which nothing has.
pub(crate) fn segment(text: &str) -> String {
    let blank = if matches!(text, "." | "..") { "%20" } else { "" };
    format!("{}{blank}", utf8_percent_encode(text, RESERVED))
}

pub(crate) fn query_value(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED_IN_QUERY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_encoded() {
        let query = query_value("location=='Sales/Übung 1'").to_string();
        assert_eq!(query, "location%3D%3D%27Sales/%C3%9Cbung%201%27");
        assert_eq!(segment("a/b c-._~?&#"), "a%2Fb%20c-._~%3F%26%23");
        assert_eq!([".", "..", "...", "a.b"].map(segment), [".%20", "..%20", "...", "a.b"]);
    }
}
