//! How a run can end, and which exit each outcome stands for.

use crate::support::exit::Exit;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Succeeded,
    /// It reached its end, with rejected rows or failed parts.
    Warning,
    Failed,
    /// Somebody stopped it.
    Stopped,
    /// It ended at once, because nothing could run it.
    NotRun,
    /// It ended at once, because another instance of the task was running.
    AlreadyRunning,
}

impl Outcome {
    /// Whether the run reached its end, with or without warnings.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Succeeded | Self::Warning)
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Succeeded => Self::Good,
            Outcome::Warning => Self::Warning,
            Outcome::Failed => Self::Failed,
            Outcome::Stopped => Self::Stopped,
            Outcome::NotRun => Self::NotRun,
            Outcome::AlreadyRunning => Self::AlreadyRunning,
        }
    }
}

/// What the outcome was read from, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClassifiedBy {
    /// The `state` of the log's row, or the status word of another resource.
    State,
    /// The `isStopped` flag of the log's row.
    StoppedFlag,
    /// State 3 without rows and without a Secure Agent, and a text that says why it never began.
    Structure,
    /// The text of its error message alone.
    Message,
    /// It ended after our own stop was sent.
    OwnStop,
}

impl ClassifiedBy {
    /// The word in the JSON document.
    pub fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::StoppedFlag => "is_stopped",
            Self::Structure => "structure",
            Self::Message => "message",
            Self::OwnStop => "own_stop",
        }
    }
}
