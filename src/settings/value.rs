//! What a setting can hold: how its text is read, and how it is shown.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use crate::cli::{self, AtEnd, IfRunning, Output, When};
use crate::settings::proxy;
use crate::support::duration::{self, exact};
use crate::support::host_url::HostPattern;
use crate::support::masked::{MASK, without_user_info};

/// What the text of a setting must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// Shown without its user info, which may hold a password.
    Url,
    Secret,
    /// The URL of a proxy, or `none`. Shown without its user info.
    Proxy,
    /// Words of a command: an array in a file, shell quoting in a variable.
    Command,
    /// Hosts and domains: an array in a file, separated by commas or spaces in a variable.
    Hosts,
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Words(Vec<String>),
    Hosts(Vec<HostPattern>),
    Path(PathBuf),
    Switch(bool),
    Duration(Duration),
    Output(Output),
    When(When),
    IfRunning(IfRunning),
    ExitCode(u8),
    AtEnd(AtEnd),
}

/// A type that the fields of `Settings` have. None for a value of another type.
pub(crate) trait FromValue: Sized {
    fn from_value(value: &Value) -> Option<Self>;
}

macro_rules! held_as {
    ($($variant:ident: $type:ty),*) => {$(
        impl FromValue for $type {
            fn from_value(value: &Value) -> Option<Self> {
                if let Value::$variant(value) = value { Some(value.clone()) } else { None }
            }
        }
    )*};
}

held_as!(
    Text: String, Words: Vec<String>, Hosts: Vec<HostPattern>, Path: PathBuf, Switch: bool, Duration: Duration, Output: Output, When: When,
    IfRunning: IfRunning, ExitCode: u8, AtEnd: AtEnd
);

impl Kind {
    /// Reads a text. The error says what is wrong with it, and never repeats a secret.
    pub(crate) fn read(self, text: &str) -> Result<Value, String> {
        let duration = |text: &str| duration::parse(text).map_err(|error| error.to_string());
        Ok(match self {
            Self::Text | Self::Url | Self::Secret | Self::Proxy if text.chars().any(char::is_control) => {
                return Err("it has control characters".to_owned());
            }
            Self::Text | Self::Url | Self::Secret | Self::Proxy if text.is_empty() => {
                return Err("it is empty".to_owned());
            }
            Self::Proxy => Value::Text(proxy::read(text)?),
            Self::Text | Self::Url | Self::Secret => Value::Text(text.to_owned()),
            Self::Command => match shell_words::split(text) {
                Ok(words) if !words.is_empty() => Value::Words(words),
                Ok(_) => return Err("it is empty".to_owned()),
                Err(_) => return Err("its quotes do not match".to_owned()),
            },
            Self::Hosts => {
                let words = text.split([',', ' ', '\t']).filter(|word| !word.is_empty());
                Value::Hosts(words.map(HostPattern::parse).collect::<Result<_, _>>()?)
            }
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

    /// A value of this kind as `config show` prints it.
    pub(crate) fn show(self, value: &Value) -> String {
        match value {
            Value::Text(_) if self == Self::Secret => MASK.to_owned(),
            Value::Text(text) if matches!(self, Self::Url | Self::Proxy) => without_user_info(text),
            Value::Text(text) => text.clone(),
            // The other words can hold what opens the place of the secret.
            Value::Words(words) => match &words[..] {
                [program, _, ..] => format!("{} {MASK}", shell_words::quote(program)),
                words => shell_words::join(words),
            },
            Value::Hosts(hosts) => hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            Value::Path(path) => path.display().to_string(),
            Value::Switch(switch) => switch.to_string(),
            Value::Duration(duration) => exact(*duration),
            Value::Output(value) => name(value),
            Value::When(value) => name(value),
            Value::IfRunning(value) => name(value),
            Value::AtEnd(value) => name(value),
            Value::ExitCode(number) => number.to_string(),
        }
    }
}

/// The name of a choice, as people write it.
fn name<T: ValueEnum>(value: &T) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn choice<T: ValueEnum>(text: &str) -> Result<T, String> {
    let names = || T::value_variants().iter().map(name).collect::<Vec<_>>().join(", ");
    T::from_str(text, false).map_err(|_| format!("'{text}' is none of {}", names()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::settings::file;
    use crate::support::env::Env;

    #[test]
    fn hosts_are_an_array_in_the_file_and_words_in_a_variable() {
        let shown = |value: Value| Kind::Hosts.show(&value);
        for text in
            ["pod.example.com,*.example.org", " POD.example.com   .example.org ", "pod.example.com .example.org"]
        {
            assert_eq!(Kind::Hosts.read(text).map(shown).unwrap(), "pod.example.com .example.org", "{text}");
        }
        let in_file = |value: &str| {
            let text = format!("[defaults]\nallowed_hosts = {value}\n");
            let file = file::parse(Path::new("c"), &text, &Env::default()).map_err(|error| error.to_string())?;
            Ok::<_, String>(shown(file.defaults["allowed_hosts"].0.clone()))
        };
        assert_eq!(in_file("['pod.example.com', '*.example.org']").unwrap(), "pod.example.com .example.org");
        assert_eq!(in_file("[]").unwrap(), "");
        for wrong in ["'pod.example.com'", "[1]", "['https://pod.example.com']", "['.com']", "true"] {
            assert!(in_file(wrong).unwrap_err().contains("c:2: allowed_hosts: "), "{wrong}");
        }
    }

    #[test]
    fn a_text_has_characters_and_none_that_control() {
        for kind in [Kind::Text, Kind::Url, Kind::Secret] {
            assert_eq!(kind.read("ops"), Ok(Value::Text("ops".to_owned())));
            assert_eq!(kind.read(""), Err("it is empty".to_owned()));
            assert_eq!(kind.read("o\u{1b}ps"), Err("it has control characters".to_owned()));
        }
    }

    #[test]
    fn a_command_has_words() {
        let words = ["get", "a b"].map(str::to_owned).to_vec();
        assert_eq!(Kind::Command.read("get 'a b'"), Ok(Value::Words(words)));
        assert_eq!(Kind::Command.read(" "), Err("it is empty".to_owned()));
        assert_eq!(Kind::Command.read("get 'a"), Err("its quotes do not match".to_owned()));
    }

    #[test]
    fn the_shortest_pause_has_bounds() {
        for (text, millis) in [("100ms", 100), ("30s", 30_000)] {
            assert_eq!(Kind::ShortestInterval.read(text), Ok(Value::Duration(Duration::from_millis(millis))));
        }
        for text in ["99ms", "31s"] {
            let why = format!("'{text}' is not between 100ms and 30s");
            assert_eq!(Kind::ShortestInterval.read(text), Err(why));
        }
    }

    #[test]
    fn a_choice_is_shown_as_it_is_written() {
        for (kind, word) in
            [(Kind::Output, "jsonl"), (Kind::When, "never"), (Kind::IfRunning, "join"), (Kind::AtEnd, "clean-stop")]
        {
            assert_eq!(kind.show(&kind.read(word).unwrap()), word);
        }
        assert_eq!(Kind::When.read("x"), Err("'x' is none of auto, always, never".to_owned()));
    }
}
