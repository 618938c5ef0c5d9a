//! Why a command cannot go on: the exit code, what happened, why, and a hint at what to do now.

use std::fmt;

use crate::support::exit::Exit;
use crate::support::hint::Hint;

#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    /// Its message says what happened, its chain of causes why.
    pub cause: anyhow::Error,
    pub hint: Option<Hint>,
}

impl Failure {
    pub fn new(exit: Exit, cause: impl Into<anyhow::Error>) -> Self {
        Self { exit, cause: cause.into(), hint: None }
    }

    /// A failure from a sentence.
    pub fn of(exit: Exit, what: impl fmt::Display) -> Self {
        Self::new(exit, anyhow::anyhow!("{what}"))
    }

    /// Says what to do now: text, or a [`Hint`] where that has a command of ours in it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Puts a wider statement of what happened in front; what was there becomes the cause.
    #[must_use]
    pub fn context(mut self, what: impl fmt::Display + Send + Sync + 'static) -> Self {
        self.cause = self.cause.context(what);
        self
    }

    pub fn what(&self) -> String {
        self.cause.to_string()
    }

    pub fn why(&self) -> Option<String> {
        let causes: Vec<String> = self.cause.chain().skip(1).map(ToString::to_string).collect();
        (!causes.is_empty()).then(|| causes.join(": "))
    }
}
