//! What an active run is doing.

use std::fmt;

/// What an active run is doing, by the service's word for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Activity {
    Queued,
    Initialized,
    Running,
    Stopping,
    /// A step of the taskflow failed, and the run waits until a person resumes or terminates it.
    Suspended,
    /// The activity monitor says that it is over, and only the log decides how.
    Ending,
    /// A word that this program does not know. It means "not over".
    Other(String),
}

impl fmt::Display for Activity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Queued => "queued",
            Self::Initialized => "initialized",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Suspended => "suspended",
            Self::Ending => "ending",
            Self::Other(word) => word,
        })
    }
}
