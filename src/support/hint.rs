//! What to do now: plain text, and commands of ours that can be pasted.

use std::path::Path;

/// Text and commands in the order in which they are read. It becomes a sentence only together with the flags that lead
/// to the account, so that no command in it can lack them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hint(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Command(String),
}

/// What leads a command of ours to the account: the `--profile` and `--config` that were given, each with a space in front,
/// and in front of the program what must be typed first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFlags {
    setup: String,
    flags: String,
}

impl AccountFlags {
    pub fn new(profile: Option<&str>, config: Option<&Path>) -> Self {
        let config = config.map(|path| path.display().to_string());
        let given = [("--profile", profile), ("--config", config.as_deref())].into_iter();
        let flags = given.filter_map(|(flag, value)| Some(format!(" {flag} {}", shell_words::quote(value?)))).collect();
        Self { setup: String::new(), flags }
    }

    /// A command line of ours that a person can paste; `words` begins with the verb.
    pub fn command(&self, words: &str) -> String {
        format!("{}runajob{} {words}", self.setup, self.flags)
    }

    /// The same with something to type first, such as variables that are set for the command.
    #[must_use]
    pub fn after(mut self, setup: String) -> Self {
        self.setup = setup;
        self
    }

    /// The same for a profile that nobody has given yet.
    #[must_use]
    pub fn with_profile(mut self, profile: &str) -> Self {
        self.flags.push_str(&format!(" --profile {}", shell_words::quote(profile)));
        self
    }
}

impl Hint {
    /// A command of ours; `words` begins with the verb, and is quoted for a shell.
    pub fn command(words: impl Into<String>) -> Self {
        Self(vec![Piece::Command(words.into())])
    }

    /// Adds what follows.
    #[must_use]
    pub fn then(mut self, next: impl Into<Self>) -> Self {
        self.0.extend(next.into().0);
        self
    }

    /// The complete text. A command in the middle of a sentence is set off from its words.
    pub fn render(&self, flags: &AccountFlags) -> String {
        let mut text = String::new();
        for (index, piece) in self.0.iter().enumerate() {
            match piece {
                Piece::Text(words) => text.push_str(words),
                Piece::Command(words) => {
                    let ends = !matches!(self.0.get(index + 1), Some(Piece::Text(next)) if !next.starts_with(';'));
                    let command = flags.command(words);
                    text.push_str(&if ends { command } else { format!("`{command}`") });
                }
            }
        }
        text
    }
}

impl From<&str> for Hint {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Hint {
    fn from(text: String) -> Self {
        Self(vec![Piece::Text(text)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_the_flags_of_the_account() {
        let flags = AccountFlags::new(Some("my org"), Some(Path::new("/etc/a b.toml")));
        let hint = Hint::from("to see what runs: ").then(Hint::command("status"));
        let hint = hint.then("; ").then(Hint::command("find")).then(" shows the IDs");
        assert_eq!(
            hint.render(&flags),
            "to see what runs: runajob --profile 'my org' --config '/etc/a b.toml' status; \
             `runajob --profile 'my org' --config '/etc/a b.toml' find` shows the IDs"
        );
        assert_eq!(Hint::command("wait x").render(&AccountFlags::default()), "runajob wait x");
        assert_eq!(Hint::from("check the path").render(&flags), "check the path");
    }
}
