//! What became of a request to start a task.

use jiff::Timestamp;

use crate::job::Run;
use crate::ops::resolve::Target;
use crate::ops::runs as kinds;
use crate::ops::watch::WatchedRun;
use crate::output::RunReport;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::Hint;
use crate::support::signals::Signal;

/// What became of a request to start a task.
pub(crate) enum StartOutcome {
    /// A run is active.
    Run {
        watched: WatchedRun,
        /// Whether this command started it, rather than joining it.
        started_here: bool,
        /// A signal that was received during the start. It ends the command now that the handle is known.
        signal: Option<Signal>,
    },
    /// Nothing was started: a run under the same key has ended well.
    Over(Box<RunReport>),
}

impl StartOutcome {
    /// A run that another command has started, at `start_sent_at` by the service's clock, where that is known.
    pub(crate) fn joined(target: Target, run: Run, start_sent_at: Option<Timestamp>) -> Self {
        let watched = WatchedRun { start_sent_at, ..WatchedRun::new(run, target.task, true) };
        Self::Run { watched, started_here: false, signal: None }
    }
}

/// The failure of a start that may have created a run whose handle is unknown.
pub(crate) fn unknown(target: &Target, why: &str, forget: Option<String>) -> Failure {
    let task = &target.task;
    let name = match (&task.id, &task.path) {
        (Some(id), _) => format!("id:{id}"),
        (None, Some(path)) => shell_words::quote(path).into_owned(),
        (None, None) => shell_words::quote(task.label()).into_owned(),
    };
    let (mut hint, again) = match kinds::lost(target) {
        Some((_, hint)) => (Hint::from(hint), "does not start it again"),
        None => (
            Hint::from("check before you start it again: ")
                .then(Hint::command(format!("status {name} -t {}", target.kind))),
            "searches for the run again",
        ),
    };
    if let Some(words) = forget {
        let text = format!("; the same command {again}; if there is no run, forget the key: ");
        hint = hint.then(text).then(Hint::command(words));
    }
    Failure::of(Exit::Unknown, why).context(format!("it is unknown whether {} was started", task.label())).hint(hint)
}
