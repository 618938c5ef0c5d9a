//! What every step of a probe works with: whom it asks, what it has done so far, and which of its runs are active.

use std::cell::RefCell;

use crate::api::Error;
use crate::api::observing::Observer;
use crate::job::{JobRun, Run};
use crate::ops::ctx::Ctx;
use crate::ops::probe::record::Conduct;
use crate::ops::watch::is_final;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::signals::Signal;

pub(super) const STATE: &str = "what was seen so far is in the report";

/// A probe under way.
pub(super) struct Course<'p, 'c> {
    pub ctx: &'p Ctx<'c>,
    pub conduct: RefCell<Conduct>,
    /// The runs that it has started and that are not known to have ended.
    pub open: RefCell<Vec<Run>>,
}

impl Course<'_, '_> {
    pub(super) fn observer(&self) -> &Observer {
        self.ctx.observer
    }

    /// Says what the next requests are for, and about which run.
    pub(super) fn ask(&self, label: &'static str, about: Option<usize>) {
        self.observer().ask(label, about);
    }

    /// Says why a request was left out.
    pub(super) fn skip(&self, label: &'static str, why: &'static str) {
        self.conduct.borrow_mut().skipped.push((label, why));
    }

    /// Does work that a signal or the deadline may end. Starts are not done so: they must not be dropped.
    pub(super) async fn guard<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        Box::pin(self.ctx.unless_ended(STATE, Exit::TimedOut, work)).await
    }

    /// Keeps a run that was started for this purpose. Its index stands for it in the record.
    pub(super) fn add(&self, purpose: &'static str, run: &Run) -> usize {
        let index = self.observer().runs();
        self.observer().recognise(run);
        self.conduct.borrow_mut().runs.push(purpose);
        self.open.borrow_mut().push(run.clone());
        self.ctx.console.note(&format!("started {run}"));
        index
    }

    /// A run has ended.
    pub(super) fn close(&self, run: &Run) {
        self.open.borrow_mut().retain(|open| open != run);
    }

    /// The runs of the probe that may be active.
    pub(super) fn ours(&self) -> Vec<JobRun> {
        self.open.borrow().iter().filter_map(Run::as_job).cloned().collect()
    }
}

/// An answer was seen, whatever it was, unless the probe cannot go on with it.
pub(super) fn seen(answer: Result<(), Error>) -> Result<(), Failure> {
    match answer {
        Err(error) if is_final(&error) => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Ends the probe when a signal came.
pub(super) fn unless(signal: Option<Signal>) -> Result<(), Failure> {
    match signal {
        Some(signal) => Err(Failure::of(signal.exit(), format!("interrupted; {STATE}"))),
        None => Ok(()),
    }
}
