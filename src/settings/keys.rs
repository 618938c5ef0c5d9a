//! The closed list of settings, and how the text of each is read. Leaves where a text comes from to `mod` and `file`.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use crate::cli::{self, AtEnd, IfRunning, Output, When};
use crate::support::duration;

/// What a setting holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Secret,
    /// Words of a command: an array in a file, shell quoting in a variable.
    Command,
    Path,
    Switch,
    Duration,
    /// A duration that must not be zero.
    Limit,
    PollInterval,
    ShortestInterval,
    Output,
    When,
    IfRunning,
    /// A number that a process can end with.
    ExitCode,
    AtEnd,
}

/// A setting that exists.
#[derive(Debug)]
pub(crate) struct Key {
    pub name: &'static str,
    pub kind: Kind,
    /// Whether it is a part of who we are.
    pub identity: bool,
    /// Whether it stands in `[compat]` instead of `[defaults]` and profiles.
    pub compat: bool,
    pub default: &'static str,
}

const fn key(name: &'static str, kind: Kind, default: &'static str) -> Key {
    Key { name, kind, identity: false, compat: false, default }
}

const fn identity(name: &'static str, kind: Kind) -> Key {
    Key { identity: true, ..key(name, kind, "") }
}

const fn compat(name: &'static str, kind: Kind) -> Key {
    Key { compat: true, ..key(name, kind, "") }
}

/// Every setting. An empty default means none.
pub(crate) const KEYS: [Key; 31] = [
    identity("login_url", Kind::Text),
    identity("pod", Kind::Text),
    identity("username", Kind::Text),
    identity("password_command", Kind::Command),
    identity("password_file", Kind::Path),
    identity("password", Kind::Secret),
    key("expect_org", Kind::Text, ""),
    key("wait", Kind::Switch, "false"),
    key("timeout", Kind::Duration, ""),
    key("poll_interval", Kind::PollInterval, ""),
    key("min_poll_interval", Kind::ShortestInterval, "2s"),
    key("patience", Kind::Duration, "15m"),
    key("connect_timeout", Kind::Limit, "10s"),
    key("request_timeout", Kind::Limit, "30s"),
    key("start_timeout", Kind::Limit, "120s"),
    key("output", Kind::Output, "text"),
    key("color", Kind::When, "auto"),
    key("progress", Kind::When, "auto"),
    key("warnings_ok", Kind::Switch, "false"),
    key("if_running", Kind::IfRunning, "start"),
    key("on_timeout", Kind::AtEnd, "leave"),
    key("on_signal", Kind::AtEnd, "leave"),
    key("reconcile_for", Kind::Duration, "90s"),
    key("once_dir", Kind::Path, ""),
    key("once_keep", Kind::Limit, "400d"),
    key("session_cache", Kind::Switch, "true"),
    key("allow_readable_secret", Kind::Switch, "false"),
    key("ca_file", Kind::Path, ""),
    key("proxy", Kind::Text, ""),
    key("log_file", Kind::Path, ""),
    compat("nowait_exit", Kind::ExitCode),
];

/// A setting's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Words(Vec<String>),
    Path(PathBuf),
    Switch(bool),
    Duration(Duration),
    Output(Output),
    When(When),
    IfRunning(IfRunning),
    ExitCode(u8),
    AtEnd(AtEnd),
}

impl Kind {
    /// Reads a text. The error says what is wrong with it, and never repeats a secret.
    pub(crate) fn read(self, text: &str) -> Result<Value, String> {
        let duration = |text: &str| duration::parse(text).map_err(|error| error.to_string());
        Ok(match self {
            Self::Text | Self::Secret if text.chars().any(char::is_control) => {
                return Err("it has control characters".to_owned());
            }
            Self::Text | Self::Secret if text.is_empty() => return Err("it is empty".to_owned()),
            Self::Text | Self::Secret => Value::Text(text.to_owned()),
            Self::Command => match shell_words::split(text) {
                Ok(words) if !words.is_empty() => Value::Words(words),
                Ok(_) => return Err("it is empty".to_owned()),
                Err(_) => return Err("its quotes do not match".to_owned()),
            },
            Self::Path => Value::Path(text.into()),
            Self::Switch => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Value::Switch(true),
                "false" | "0" | "no" | "off" => Value::Switch(false),
                _ => return Err(format!("'{text}' is neither true nor false")),
            },
            Self::Duration => Value::Duration(duration(text)?),
            Self::Limit => Value::Duration(cli::limit(text)?),
            Self::PollInterval => Value::Duration(cli::poll_interval(text)?),
            Self::ShortestInterval => match duration(text)? {
                interval if (Duration::from_millis(100)..=Duration::from_secs(30)).contains(&interval) => {
                    Value::Duration(interval)
                }
                _ => return Err(format!("'{text}' is not between 100ms and 30s")),
            },
            Self::Output => Value::Output(choice(text)?),
            Self::When => Value::When(choice(text)?),
            Self::IfRunning => Value::IfRunning(choice(text)?),
            Self::ExitCode => {
                Value::ExitCode(text.parse().map_err(|_| format!("'{text}' is not a number from 0 to 255"))?)
            }
            Self::AtEnd => Value::AtEnd(choice(text)?),
        })
    }
}

/// The name of a choice, as people write it.
pub(crate) fn name<T: ValueEnum>(value: &T) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn choice<T: ValueEnum>(text: &str) -> Result<T, String> {
    let names = || T::value_variants().iter().map(name).collect::<Vec<_>>().join(", ");
    T::from_str(text, false).map_err(|_| format!("'{text}' is none of {}", names()))
}

/// A text as it may be shown: without the user info of a URL, which may hold a password.
pub(crate) fn masked(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((before, after)) => {
            let scheme = before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
            format!("{scheme}********@{after}")
        }
        None => text.to_owned(),
    }
}

/// The key of a name, or the known name nearest to it.
pub(crate) fn find(name: &str) -> Result<&'static Key, Option<&'static str>> {
    KEYS.iter().find(|key| key.name == name).ok_or_else(|| near(name, KEYS.iter().map(|key| key.name)))
}

/// The candidate most like a word, if one is.
pub(crate) fn near<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = candidates.map(|candidate| (strsim::jaro_winkler(word, candidate), candidate));
    scored.filter(|(score, _)| *score > 0.8).max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, name)| name)
}
