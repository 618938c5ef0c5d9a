//! The runs that go into the wait loop, and the answers, events and verdicts that come out of it.

use std::time::Duration;

use jiff::Timestamp;

use crate::api::Error;
use crate::job::{Run, RunProgress, RunResult, RunStatus, Task};
use crate::support::signals::Signal;

/// A run to wait for.
#[derive(Debug, Clone)]
pub struct WatchedRun {
    pub run: Run,
    pub task: Task,
    /// Whether it is known to exist, whatever the lists show: this command started it, or a poll showed it.
    pub exists: bool,
    /// Whether it was found by a search after the answer to its start was lost.
    pub adopted: bool,
    /// When its start was sent by the service's clock, where this command knows it.
    pub start_sent_at: Option<Timestamp>,
    /// Whether its result has been printed.
    pub reported: bool,
}

impl WatchedRun {
    pub fn new(run: Run, task: Task, exists: bool) -> Self {
        Self { run, task, exists, adopted: false, start_sent_at: None, reported: false }
    }
}

/// What a poll says of one run.
#[derive(Debug)]
pub enum Polled {
    Status(RunStatus),
    /// It is suspended, and only a person can resume it.
    NeedsPerson(Box<RunProgress>),
    /// No list shows it, and the service has an answer that speaks against there being such a run.
    Doubtful,
}

/// How waiting for one run ended.
#[derive(Debug, Clone)]
pub enum Verdict {
    Ended(Box<RunResult>),
    /// It is suspended, and only a person can resume it.
    Suspended(Box<RunProgress>),
    /// The deadline passed.
    TimedOut,
    /// Polling has failed for too long, or cannot succeed any more.
    LostContact(String),
    /// No list has shown it for too long.
    NotListed,
    /// A signal ended the waiting.
    Interrupted(Signal),
    /// A signal ended the waiting, and our stop was sent to the run.
    Stopping {
        signal: Signal,
        accepted: bool,
    },
}

/// What a person may want to know while waiting. Runs are named by their place in the list of runs.
#[derive(Debug)]
pub enum Event<'a> {
    Status(usize, &'a RunStatus),
    /// No list shows a run that has never been seen.
    NotSeen(usize),
    /// Waiting for this run is over; waiting for others may go on.
    Verdict(usize, &'a Verdict),
    /// A poll failed; unbroken failure has lasted this long.
    PollFailed(&'a Error, Duration),
    /// A poll succeeded after one that failed.
    Recovered,
    /// The next poll comes after this pause.
    Pause(Duration),
}
