//! The exit codes: each with its meaning, and which of several wins.

use std::process::ExitCode;

/// How the program ends. Below 64 the number speaks of the job; from 64 on nothing was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It succeeded; without waiting, it was accepted.
    Good,
    /// It finished with warnings.
    Warning,
    /// It failed.
    Failed,
    /// The time to wait passed.
    TimedOut,
    /// Someone stopped it.
    Stopped,
    /// It was running when last seen.
    Running,
    /// The service refused it, or nothing could run it.
    NotRun,
    /// Another instance is running.
    AlreadyRunning,
    /// No such task or run, or more than one.
    NotFound,
    /// Whether it was started is unknown.
    Unknown,
    /// A taskflow waits for a person.
    Suspended,
    /// The command line makes no sense.
    Usage,
    /// The service cannot be reached.
    Unreachable,
    /// A bug.
    Bug,
    /// The credentials are missing or refused.
    Credentials,
    /// The configuration cannot be used.
    Config,
    /// SIGINT while waiting.
    Interrupted,
    /// SIGTERM or SIGHUP while waiting.
    Terminated,
}

impl Exit {
    /// Every exit, by number.
    pub const ALL: [Self; 18] = [
        Self::Good,
        Self::Warning,
        Self::Failed,
        Self::TimedOut,
        Self::Stopped,
        Self::Running,
        Self::NotRun,
        Self::AlreadyRunning,
        Self::NotFound,
        Self::Unknown,
        Self::Suspended,
        Self::Usage,
        Self::Unreachable,
        Self::Bug,
        Self::Credentials,
        Self::Config,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// Worst first. A run that may still go on outranks one that failed, because a rerun would collide with it.
    const WORST_FIRST: [Self; 18] = [
        Self::Bug,
        Self::Unknown,
        Self::Terminated,
        Self::Interrupted,
        Self::Running,
        Self::TimedOut,
        Self::Suspended,
        Self::Failed,
        Self::Stopped,
        Self::AlreadyRunning,
        Self::NotRun,
        Self::NotFound,
        Self::Credentials,
        Self::Config,
        Self::Unreachable,
        Self::Usage,
        Self::Warning,
        Self::Good,
    ];

    /// The number. 2 is RunAJob's "did not wait", and 99 means "skipped" to Airflow: neither is ever used.
    pub const fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Warning => 1,
            Self::Failed => 3,
            Self::TimedOut => 4,
            Self::Stopped => 5,
            Self::Running => 6,
            Self::NotRun => 7,
            Self::AlreadyRunning => 8,
            Self::NotFound => 9,
            Self::Unknown => 10,
            Self::Suspended => 11,
            Self::Usage => 64,
            Self::Unreachable => 69,
            Self::Bug => 70,
            Self::Credentials => 77,
            Self::Config => 78,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// The outcome word of a run that ends the program so, where the number speaks of a run.
    pub const fn word(self) -> Option<&'static str> {
        match self {
            Self::Good => Some("succeeded"),
            Self::Warning => Some("warning"),
            Self::Failed => Some("failed"),
            Self::Stopped => Some("stopped"),
            Self::TimedOut | Self::Running | Self::Interrupted | Self::Terminated => Some("running"),
            Self::NotRun => Some("not_run"),
            Self::AlreadyRunning => Some("already_running"),
            Self::NotFound => Some("not_found"),
            Self::Unknown => Some("unknown"),
            Self::Suspended => Some("suspended"),
            Self::Usage | Self::Unreachable | Self::Bug | Self::Credentials | Self::Config => None,
        }
    }

    /// What it means, in a line.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Good => "succeeded; without waiting: accepted",
            Self::Warning => "finished with warnings",
            Self::Failed => "failed",
            Self::TimedOut => "still running when --timeout passed",
            Self::Stopped => "stopped by someone",
            Self::Running => "running when last seen",
            Self::NotRun => "not run: the service refused, or nothing could run it",
            Self::AlreadyRunning => "not run: another instance of the task is running",
            Self::NotFound => "task or run not found, or the name is ambiguous",
            Self::Unknown => "the start was sent, no answer came: it may be running",
            Self::Suspended => "a taskflow waits for a person",
            Self::Usage => "usage error",
            Self::Unreachable => "service unreachable, nothing was started",
            Self::Bug => "a bug in runajob",
            Self::Credentials => "credentials missing or refused",
            Self::Config => "configuration unreadable, invalid or missing",
            Self::Interrupted => "Ctrl-C while waiting; the job goes on",
            Self::Terminated => "SIGTERM or SIGHUP while waiting; the job goes on",
        }
    }

    /// Whether the same command may be run again, in words.
    pub const fn rerun(self) -> &'static str {
        match self {
            Self::Good | Self::Warning => "it would run again",
            Self::Failed | Self::Stopped | Self::NotRun | Self::Unreachable => "yes",
            Self::TimedOut | Self::Running | Self::Interrupted | Self::Terminated => "no: wait for it",
            Self::AlreadyRunning => "when that one ends",
            Self::Unknown => "no: check first",
            Self::Suspended => "no: resume",
            Self::NotFound | Self::Usage | Self::Credentials | Self::Config => "after a fix",
            Self::Bug => "as printed",
        }
    }

    /// Whether a start of one task that ended so can be run again without colliding with a run under way, or repeating one
    /// that ended well.
    pub const fn rerun_safe(self) -> bool {
        match self {
            Self::Failed
            | Self::Stopped
            | Self::NotRun
            | Self::NotFound
            | Self::Usage
            | Self::Unreachable
            | Self::Credentials
            | Self::Config => true,
            Self::Good
            | Self::Warning
            | Self::TimedOut
            | Self::Running
            | Self::AlreadyRunning
            | Self::Unknown
            | Self::Suspended
            | Self::Bug
            | Self::Interrupted
            | Self::Terminated => false,
        }
    }

    /// The same of a start with `--once`, which returns the code of a run that ended well and joins one that goes on.
    pub const fn rerun_safe_under_key(self) -> bool {
        match self {
            Self::Good
            | Self::Warning
            | Self::TimedOut
            | Self::Running
            | Self::Suspended
            | Self::Interrupted
            | Self::Terminated => true,
            other => other.rerun_safe(),
        }
    }

    /// What a task ends with that could not be started while others of the same command were: 9 and those from 64 on say
    /// of a start that nothing was started.
    #[must_use]
    pub const fn beside_others(self) -> Self {
        match self {
            Self::NotFound | Self::Usage | Self::Unreachable | Self::Credentials | Self::Config => Self::NotRun,
            other => other,
        }
    }

    /// The worst of several, which the command ends with; `Good` if there are none.
    pub fn worst(exits: impl IntoIterator<Item = Self>) -> Self {
        let rank = |exit: &Self| Self::WORST_FIRST.iter().position(|other| other == exit);
        exits.into_iter().min_by_key(rank).unwrap_or(Self::Good)
    }

    /// The table for `--help`: a line per code.
    pub fn table() -> String {
        let lines = Self::ALL.iter().map(|exit| format!("  {:>3}  {}", exit.code(), exit.meaning()));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// The number that the process ends with: that of an exit, or in RunAJob's mode the one that stands for it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code(u8);

impl Code {
    /// The number.
    pub const fn code(self) -> u8 {
        self.0
    }
}

impl From<u8> for Code {
    fn from(number: u8) -> Self {
        Self(number)
    }
}

impl From<Exit> for Code {
    fn from(exit: Exit) -> Self {
        Self(exit.code())
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_ascending_and_never_2_or_99() {
        let codes: Vec<u8> = Exit::ALL.iter().map(|exit| exit.code()).collect();
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{codes:?}");
        assert!(!codes.contains(&2) && !codes.contains(&99));
    }

    #[test]
    fn a_process_ends_with_the_number_of_its_exit() {
        for exit in Exit::ALL {
            let code = Code::from(exit);
            assert_eq!(code.code(), exit.code());
            // An `ExitCode` can only be compared by what it shows.
            assert_eq!(format!("{:?}", ExitCode::from(code)), format!("{:?}", ExitCode::from(exit.code())));
        }
    }

    #[test]
    fn every_exit_has_its_rank() {
        let mut ranked = Exit::WORST_FIRST.to_vec();
        ranked.sort_by_key(|exit| exit.code());
        assert_eq!(ranked, Exit::ALL);
    }

    #[test]
    fn a_run_that_may_go_on_outranks_a_failed_one() {
        assert_eq!(Exit::worst([Exit::Good, Exit::Failed, Exit::TimedOut]), Exit::TimedOut);
        assert_eq!(Exit::worst([Exit::Suspended, Exit::Failed, Exit::Stopped]), Exit::Suspended);
        assert_eq!(Exit::worst([Exit::Suspended, Exit::TimedOut]), Exit::TimedOut);
        assert_eq!(Exit::worst([Exit::Warning, Exit::Unreachable]), Exit::Unreachable);
        assert_eq!(Exit::worst([]), Exit::Good);
    }
}
