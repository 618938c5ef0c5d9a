//! The options of every verb that waits for runs, and what may be done when the waiting ends or a taskflow is suspended.

use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::cli::values::poll_interval;
use crate::support::duration;

/// How to wait.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Waiting")]
pub struct Waiting {
    /// Give up after this long, counted from the start of the command [default: never]
    #[arg(long, value_name = "D", value_parser = duration::parse)]
    pub timeout: Option<Duration>,
    /// Poll at this fixed interval, 100ms to 1h [default: about 5 % of the elapsed time, 2s to 30s]
    #[arg(long, value_name = "D", value_parser = poll_interval, hide_short_help = true)]
    pub poll_interval: Option<Duration>,
    /// Tolerate unbroken failure to reach the service for this long [default: 15m]
    #[arg(long, value_name = "D", value_parser = duration::parse, hide_short_help = true)]
    pub patience: Option<Duration>,
}

/// What becomes of a job that goes on when waiting for it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum AtEnd {
    /// Let it go on
    #[default]
    Leave,
    /// Stop it
    Stop,
    /// Stop it once its current work is finished
    CleanStop,
}

/// What waiting does when a taskflow is suspended: one of its steps has failed, and it waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum OnSuspended {
    /// End with 11
    #[default]
    Fail,
    /// Wait until someone resumes or terminates it
    Wait,
    /// Resume it once, at the step that failed
    Resume,
    /// Resume it once, behind the step that failed
    Skip,
}
