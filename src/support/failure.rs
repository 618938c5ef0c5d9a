//! An end that is not a run's outcome: the exit, what happened and why, and what to do now.

use std::fmt;

use crate::support::exit::Exit;

/// What a person reads and a script gets when a command cannot go on.
#[derive(Debug)]
pub struct Failure {
    /// The exit it ends with.
    pub exit: Exit,
    /// What happened is its message, why is its chain of causes.
    pub cause: anyhow::Error,
    /// What to do now.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure that says what happened; add causes and the way out to it.
    pub fn new(exit: Exit, cause: impl Into<anyhow::Error>) -> Self {
        Self { exit, cause: cause.into(), hint: None }
    }

    /// A failure from a sentence.
    pub fn of(exit: Exit, what: impl fmt::Display) -> Self {
        Self::new(exit, anyhow::anyhow!("{what}"))
    }

    /// Says what to do now.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Puts a wider statement of what happened in front; what was there becomes the cause.
    #[must_use]
    pub fn context(mut self, what: impl fmt::Display + Send + Sync + 'static) -> Self {
        self.cause = self.cause.context(what);
        self
    }

    /// What happened.
    pub fn what(&self) -> String {
        self.cause.to_string()
    }

    /// Why, as far as known.
    pub fn why(&self) -> Option<String> {
        let causes: Vec<String> = self.cause.chain().skip(1).map(ToString::to_string).collect();
        (!causes.is_empty()).then(|| causes.join(": "))
    }
}
