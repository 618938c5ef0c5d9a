//! How the values of options are read that have bounds of their own.

use std::time::Duration;

use crate::support::duration;

/// Reads a poll interval, which has bounds of its own.
pub fn poll_interval(text: &str) -> Result<Duration, String> {
    let interval = duration::parse(text).map_err(|error| error.to_string())?;
    let allowed = Duration::from_millis(100)..=Duration::from_secs(3600);
    if allowed.contains(&interval) { Ok(interval) } else { Err(format!("'{text}' is not between 100ms and 1h")) }
}

/// Reads the key of `--once`, which must say something.
pub(crate) fn once_key(text: &str) -> Result<String, String> {
    match text {
        _ if text.trim().is_empty() => Err("a key cannot be empty".to_owned()),
        _ if text.chars().any(char::is_control) => Err("a key cannot have control characters".to_owned()),
        _ if text.len() > 1024 => Err("a key cannot be longer than 1024 bytes".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

/// Reads an input field: its name, and its value, which is always a text.
pub(crate) fn input(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.to_owned(), value.to_owned())),
        Some(_) => Err("the name of the field is missing before the =".to_owned()),
        None => Err(format!("'{text}' is not KEY=VALUE")),
    }
}

/// Reads a name for a run.
pub fn run_name(text: &str) -> Result<String, String> {
    match text {
        _ if text.trim().is_empty() => Err("it is empty".to_owned()),
        _ if text.chars().any(char::is_control) => Err("it has control characters".to_owned()),
        name => Ok(name.to_owned()),
    }
}

/// Reads how many of something are wanted, which must be at least one.
pub(crate) fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("it must be a number from 1".to_owned()),
        Ok(count) => Ok(count),
    }
}

/// Reads the limit of a request, which must be longer than zero.
pub fn limit(text: &str) -> Result<Duration, String> {
    match duration::parse(text).map_err(|error| error.to_string())? {
        Duration::ZERO => Err("it must be longer than zero".to_owned()),
        limit => Ok(limit),
    }
}
