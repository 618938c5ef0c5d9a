//! Durations as people write them, `1h30m`, and as they read them. Bare numbers are refused: nobody agrees on their unit.

use std::time::Duration;

use thiserror::Error;

#[derive(Debug, Error, PartialEq, Eq)]
pub enum DurationError {
    #[error("'{0}' has no unit; write {0}s or {0}m, for example")]
    NoUnit(String),
    #[error("'{0}' is longer than ten years")]
    TooLong(String),
    #[error("'{0}' is not a duration; write digits with ms, s, m, h or d, such as 90s or 1h30m")]
    Shape(String),
}

const LONGEST: Duration = Duration::from_secs(3653 * 86_400);

/// Reads digits with `ms`, `s`, `m`, `h` or `d`, joined.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let shape = || DurationError::Shape(text.to_owned());
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at(digits);
        let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, tail) = tail.split_at(letters);
        if number.is_empty() {
            return Err(shape());
        }
        if unit.is_empty() && tail.is_empty() && number.len() == text.len() {
            return Err(DurationError::NoUnit(text.to_owned()));
        }
        let millis: u64 = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(shape()),
        };
        let part = number.parse::<u64>().ok().and_then(|number| number.checked_mul(millis));
        let sum = part.and_then(|part| total.checked_add(Duration::from_millis(part)));
        total = sum.filter(|sum| *sum <= LONGEST).ok_or_else(|| DurationError::TooLong(text.to_owned()))?;
        rest = tail;
    }
    if text.is_empty() { Err(shape()) } else { Ok(total) }
}

/// Writes all of it as [`parse`] reads it: `1m30s`.
pub fn exact(duration: Duration) -> String {
    let (seconds, millis) = (duration.as_secs(), u64::from(duration.subsec_millis()));
    let units = [
        (seconds / 86_400, "d"),
        (seconds / 3600 % 24, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
        (millis, "ms"),
    ];
    let parts: String =
        units.iter().filter(|(amount, _)| *amount > 0).map(|(amount, unit)| format!("{amount}{unit}")).collect();
    if parts.is_empty() { "0s".to_owned() } else { parts }
}

/// Writes at most the two largest units: `2d 3h`, `1m 5s`, `340ms`.
pub fn show(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis > 0 && millis < 1000 {
        return format!("{millis}ms");
    }
    let seconds = duration.as_secs();
    let units = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let Some(first) = units.iter().position(|(amount, _)| *amount > 0) else { return "0s".to_owned() };
    let parts = units[first..].iter().take(2).filter(|(amount, _)| *amount > 0);
    parts.map(|(amount, unit)| format!("{amount}{unit}")).collect::<Vec<_>>().join(" ")
}

/// Writes the largest unit of which there are at least two as a sentence has it: `15 minutes`.
pub fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        1 => "1 second".to_owned(),
        0..120 => format!("{seconds} seconds"),
        120..7200 => format!("{} minutes", seconds / 60),
        _ => format!("{} hours", seconds / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_join() {
        assert_eq!(parse("1h30m"), Ok(Duration::from_secs(90 * 60)));
        assert_eq!(parse("100ms"), Ok(Duration::from_millis(100)));
        assert_eq!(parse("2d1s"), Ok(Duration::from_secs(172_801)));
        assert_eq!(parse("0s"), Ok(Duration::ZERO));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        assert_eq!(parse("90"), Err(DurationError::NoUnit("90".into())));
        for text in ["", "5x", "-3s", "1.5h", "s", "1h30", "1 h", "1H", "５s", "1hm"] {
            assert_eq!(parse(text), Err(DurationError::Shape(text.into())), "{text}");
        }
        for text in ["99999999999999999999s", "18446744073709551615d", "4000d"] {
            assert_eq!(parse(text), Err(DurationError::TooLong(text.into())), "{text}");
        }
    }

    #[test]
    fn what_is_written_exactly_reads_the_same() {
        for text in ["1d2h3m4s5ms", "1m30s", "100ms", "0s", "30d"] {
            assert_eq!(exact(parse(text).unwrap()), text);
        }
    }

    #[test]
    fn people_read_two_units() {
        let shown = |seconds| show(Duration::from_secs(seconds));
        assert_eq!([shown(0), shown(65), shown(3600), shown(90_061)], ["0s", "1m 5s", "1h", "1d 1h"]);
        assert_eq!(show(Duration::from_millis(340)), "340ms");
    }

    #[test]
    fn sentences_have_words_for_units() {
        let words = |seconds| in_words(Duration::from_secs(seconds));
        assert_eq!([words(1), words(119), words(900)], ["1 second", "119 seconds", "15 minutes"]);
        assert_eq!([words(7199), words(7200)], ["119 minutes", "2 hours"]);
    }
}
