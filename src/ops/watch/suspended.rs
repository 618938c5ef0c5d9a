//! What waiting does with a suspended taskflow: end, wait on, or resume it once. Leaves seeing that it is suspended to the
//! look, and what it ends with to the report.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use crate::api::Error;
use crate::cli::OnSuspended;
use crate::job::{Activity, Outcome, Run, RunProgress, RunResult, RunStatus};
use crate::ops::Ctx;

/// A run that was resumed may be called suspended for this long before it counts as suspended again.
const GRACE: Duration = Duration::from_secs(30);

/// Turns what a look saw into what it means under `--on-suspended`.
pub(crate) struct Suspensions<'a, 'c> {
    ctx: &'a Ctx<'c>,
    action: OnSuspended,
    runs: RefCell<HashMap<Run, Known>>,
}

/// What has been done about a suspended run.
#[derive(Debug, Clone, Copy)]
enum Known {
    /// A person was told that it is suspended.
    Told,
    /// It was resumed at this reading of the clock, or may have been, and has been seen suspended ever since.
    Resumed(Duration),
    /// It was resumed, and went on. What suspends it after that is a person's to see.
    WentOn,
}

impl<'a, 'c> Suspensions<'a, 'c> {
    pub(crate) fn new(ctx: &'a Ctx<'c>, action: OnSuspended) -> Self {
        Self { ctx, action, runs: RefCell::default() }
    }

    /// Resumes what is to be resumed, and shows a suspended run as one under way while it is to be waited for.
    pub(crate) async fn settle(&self, runs: &[Run], statuses: Vec<RunStatus>) -> Vec<RunStatus> {
        let mut settled = Vec::new();
        for (run, status) in runs.iter().zip(statuses) {
            settled.push(match status {
                RunStatus::Ended(result) if result.outcome == Outcome::Suspended => {
                    if self.goes_on(run, &result).await {
                        RunStatus::Active(waiting(*result))
                    } else {
                        RunStatus::Ended(result)
                    }
                }
                RunStatus::Active(progress) => {
                    if let Some(known @ Known::Resumed(_)) = self.runs.borrow_mut().get_mut(run) {
                        *known = Known::WentOn;
                    }
                    RunStatus::Active(progress)
                }
                other => other,
            });
        }
        settled
    }

    /// Whether a suspended run is still waited for.
    async fn goes_on(&self, run: &Run, result: &RunResult) -> bool {
        let known = self.runs.borrow().get(run).copied();
        match (self.action, known) {
            (OnSuspended::Fail, _) | (_, Some(Known::WentOn)) => false,
            (OnSuspended::Wait, Some(_)) => true,
            (OnSuspended::Wait, None) => {
                self.remember(run, Known::Told);
                self.say(run, result, "waiting until someone resumes or terminates it");
                true
            }
            (_, Some(Known::Resumed(at))) => self.ctx.clock.now().saturating_sub(at) < GRACE,
            (action, _) => self.resume(run, result, action == OnSuspended::Skip).await,
        }
    }

    /// Resumes a run, once. Gives whether it may go on.
    async fn resume(&self, run: &Run, result: &RunResult, skip: bool) -> bool {
        let Run::Taskflow { run_id } = run else { return false };
        if !self.runs.borrow().contains_key(run) {
            self.say(run, result, if skip { "skipping the step that failed" } else { "resuming it at that step" });
        }
        // Remembered before it is sent: the look may be cut off while the request is out.
        self.remember(run, Known::Resumed(self.ctx.clock.now()));
        match self.ctx.client.resume_taskflow(run_id, skip).await {
            Ok(()) => true,
            Err(error) if error.may_have_been_processed() => {
                self.ctx.console.warn(&format!("{run}: it was told to go on, but {error}"));
                true
            }
            Err(error) if error.is_transient() && !matches!(error, Error::SessionRefused) => {
                // It has not reached the service; the next look tries again.
                self.remember(run, Known::Told);
                true
            }
            Err(error) => {
                self.ctx.console.warn(&format!("{run}: it was not resumed: {error}"));
                self.remember(run, Known::WentOn);
                false
            }
        }
    }

    fn remember(&self, run: &Run, known: Known) {
        self.runs.borrow_mut().insert(run.clone(), known);
    }

    fn say(&self, run: &Run, result: &RunResult, what: &str) {
        let why = result.error.as_deref().map(|error| format!(" ({error})")).unwrap_or_default();
        self.ctx.console.note(&format!("{run} is suspended{why}: {what}"));
    }
}

/// A suspended run as one under way.
fn waiting(result: RunResult) -> RunProgress {
    RunProgress {
        task_name: result.task_name,
        activity: Activity::Suspended,
        rows: result.rows,
        started_at: result.started_at,
        started_by: None,
        subtasks: result.subtasks,
    }
}
