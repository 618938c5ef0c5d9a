//! What waiting does about a suspended taskflow, as `--on-suspended` says: end, wait on, or resume it once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use crate::api::{self, Error};
use crate::cli::OnSuspended;
use crate::job::{Run, RunProgress, RunStatus};
use crate::ops::ctx::Ctx;
use crate::ops::watch::verdict::Polled;

/// The service may call a run suspended for this long after it was resumed.
const GRACE: Duration = Duration::from_secs(30);

/// Decides which suspended runs are still waited for.
pub(crate) struct Suspensions<'a, 'c> {
    ctx: &'a Ctx<'c>,
    action: OnSuspended,
    runs: RefCell<HashMap<Run, Handling>>,
}

/// What has been done about a suspended run.
#[derive(Debug, Clone, Copy)]
enum Handling {
    /// The note that it is suspended has been printed.
    Announced,
    /// It was resumed at this reading of the clock, or may have been, and every poll since then has shown it suspended.
    Resumed(Duration),
    /// It was resumed, and went on or could not go on. What suspends it after that is left to a person.
    Done,
}

impl<'a, 'c> Suspensions<'a, 'c> {
    pub(crate) fn new(ctx: &'a Ctx<'c>, action: OnSuspended) -> Self {
        Self { ctx, action, runs: RefCell::default() }
    }

    /// Resumes what is to be resumed, and marks the runs that only a person can help.
    pub(crate) async fn handle(&self, runs: &[Run], statuses: Vec<RunStatus>) -> Vec<Polled> {
        let mut polled = Vec::new();
        for (run, status) in runs.iter().zip(statuses) {
            polled.push(match status {
                RunStatus::Active(progress) if progress.is_suspended() => {
                    if self.goes_on(run, &progress).await {
                        Polled::Status(RunStatus::Active(progress))
                    } else {
                        Polled::NeedsPerson(Box::new(progress))
                    }
                }
                RunStatus::Active(_) => {
                    if let Some(handling @ Handling::Resumed(_)) = self.runs.borrow_mut().get_mut(run) {
                        *handling = Handling::Done;
                    }
                    Polled::Status(status)
                }
                RunStatus::Ended(_) | RunStatus::NotListed | RunStatus::Unavailable(_) => Polled::Status(status),
            });
        }
        polled
    }

    /// Whether a suspended run is still waited for.
    async fn goes_on(&self, run: &Run, progress: &RunProgress) -> bool {
        let handling = self.runs.borrow().get(run).copied();
        match (self.action, handling) {
            (OnSuspended::Fail, _) | (_, Some(Handling::Done)) => false,
            (OnSuspended::Wait, Some(_)) => true,
            (OnSuspended::Wait, None) => {
                self.remember(run, Handling::Announced);
                self.announce(run, progress, "waiting until someone resumes or terminates it");
                true
            }
            (OnSuspended::Resume | OnSuspended::Skip, Some(Handling::Resumed(at))) => {
                self.ctx.clock.now().saturating_sub(at) < GRACE
            }
            (OnSuspended::Resume | OnSuspended::Skip, _) => self.resume(run, progress).await,
        }
    }

    /// Resumes a run, once. Returns whether it may go on.
    async fn resume(&self, run: &Run, progress: &RunProgress) -> bool {
        let Run::Taskflow { run_id } = run else { return false };
        let skip = self.action == OnSuspended::Skip;
        if !self.runs.borrow().contains_key(run) {
            let what = if skip { "skipping the step that failed" } else { "resuming it at the step that failed" };
            self.announce(run, progress, what);
        }
        // Remembered before it is sent, because the poll may be cancelled while the request is out.
        self.remember(run, Handling::Resumed(self.ctx.clock.now()));
        match api::taskflow::resume(self.ctx.client, run_id, skip).await {
            Ok(()) => true,
            Err(error) if error.may_have_been_processed() => {
                self.ctx.console.warn(&format!("{run} may not have been resumed: {error}"));
                true
            }
            Err(error) if error.is_transient() && !matches!(error, Error::SessionRefused) => {
                // It has not reached the service, so the next poll tries again.
                self.remember(run, Handling::Announced);
                true
            }
            Err(error) => {
                self.ctx.console.warn(&format!("could not resume {run}: {error}"));
                self.remember(run, Handling::Done);
                false
            }
        }
    }

    fn remember(&self, run: &Run, handling: Handling) {
        self.runs.borrow_mut().insert(run.clone(), handling);
    }

    fn announce(&self, run: &Run, progress: &RunProgress, what: &str) {
        let why = progress.error.as_deref().map(|error| format!(" ({error})")).unwrap_or_default();
        self.ctx.console.note(&format!("{run} is suspended{why}: {what}"));
    }
}
