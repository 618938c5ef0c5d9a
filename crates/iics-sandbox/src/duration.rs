//! Durations as people write them in scenarios and faults, `1h30m`. A bare number is refused: nobody agrees on its unit.

use std::time::Duration;

use thiserror::Error;

/// Why a text is not a duration.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum DurationError {
    #[error("'{0}' has no unit; write {0}s or {0}m, say")]
    NoUnit(String),
    #[error("'{0}' is longer than ten years")]
    TooLong(String),
    #[error("'{0}' is not a duration; write digits with ms, s, m, h or d, such as 90s or 1h30m")]
    Malformed(String),
}

const LONGEST: Duration = Duration::from_secs(3653 * 86_400);

/// Reads digits with `ms`, `s`, `m`, `h` or `d`, joined. Libraries for this also accept spaces, fractions and words, which
/// scenarios never had.
pub(crate) fn parse(text: &str) -> Result<Duration, DurationError> {
    let malformed = || DurationError::Malformed(text.to_owned());
    let too_long = || DurationError::TooLong(text.to_owned());
    if text.is_empty() {
        return Err(malformed());
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DurationError::NoUnit(text.to_owned()));
    }
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let (number, tail) = rest.split_at(rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len()));
        let (unit, tail) = tail.split_at(tail.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(tail.len()));
        let milliseconds: u64 = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(malformed()),
        };
        if number.is_empty() {
            return Err(malformed());
        }
        let part = number.parse::<u64>().ok().and_then(|number| number.checked_mul(milliseconds));
        let sum = part.and_then(|part| total.checked_add(Duration::from_millis(part)));
        total = sum.filter(|sum| *sum <= LONGEST).ok_or_else(too_long)?;
        rest = tail;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_join() {
        let accepted = [("100ms", 100), ("0s", 0), ("90s", 90_000), ("1h30m", 5_400_000), ("2d1s", 172_801_000)];
        for (text, milliseconds) in accepted.into_iter().chain([("1s1s", 2000), ("007m", 420_000)]) {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        assert_eq!(parse("3653d"), Ok(LONGEST));
    }

    #[test]
    fn anything_else_is_refused() {
        assert_eq!(parse("90"), Err(DurationError::NoUnit("90".into())));
        for text in
            ["", "5x", "-3s", "1.5h", "s", "1h30", "1 h", "1h 30m", "1H", "５s", "1hm", "1 hour", "never", "+1s"]
        {
            assert_eq!(parse(text), Err(DurationError::Malformed(text.into())), "{text}");
        }
        for text in ["99999999999999999999s", "18446744073709551615d", "3653d1ms", "4000d"] {
            assert_eq!(parse(text), Err(DurationError::TooLong(text.into())), "{text}");
        }
    }
}
