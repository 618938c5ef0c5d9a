//! Starting the tasks of one command, one after the other.

use std::cell::Cell;

use crate::ops::busy::with_busy_line;
use crate::ops::ctx::{Ctx, interrupted};
use crate::ops::start;
use crate::ops::start::outcome::StartOutcome;
use crate::ops::start::request::{FoundTask, StartRequest};
use crate::ops::watch::WatchedRun;
use crate::ops::watch::reports::note_with_time;
use crate::output::{JsonEvent, RunReport};
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::signals::Signal;

/// What was started of what was asked for.
pub(crate) struct StartedTasks {
    /// One for each task, in their order.
    pub reports: Vec<RunReport>,
    /// The active runs among them.
    pub watched: Vec<WatchedRun>,
    /// The signal that ended the starting.
    pub signal: Option<Signal>,
}

/// Starts the tasks. The first failure ends a command of one task; of several tasks the others are started all the same.
pub(crate) async fn start_all(
    ctx: &Ctx<'_>,
    tasks: Vec<FoundTask>,
    request: &StartRequest,
) -> Result<StartedTasks, Failure> {
    let mut done = StartedTasks { reports: Vec::new(), watched: Vec::new(), signal: None };
    let is_only = tasks.len() == 1;
    for FoundTask { query, target } in tasks {
        if let Some(signal) = done.signal {
            let why = interrupted(signal).what();
            done.reports.push(RunReport::none(target.task, why, signal.exit()));
            continue;
        }
        let task = target.task.clone();
        let signal = Cell::new(None);
        let starting = format!("starting {}", task.label());
        let outcome = Box::pin(start::start(ctx, &query, target, request, &signal));
        match with_busy_line(ctx, &starting, outcome).await {
            Ok(StartOutcome::Run { watched, started_here, signal }) => {
                note_started(ctx, &watched, started_here);
                let report = RunReport::accepted(watched.run.clone(), watched.task.clone());
                done.reports.push(RunReport { adopted: watched.adopted, started_here, ..report });
                done.watched.push(watched);
                done.signal = signal;
            }
            Ok(StartOutcome::Over(report)) => {
                ctx.console.event(&JsonEvent::Ended(&report));
                done.reports.push(*report);
            }
            Err(failure) if is_only => return Err(failure),
            Err(failure) => {
                ctx.console.failure(&failure);
                let why = failure.why().unwrap_or_else(|| failure.what());
                done.signal = match failure.exit {
                    Exit::Interrupted => Some(Signal::Interrupt),
                    Exit::Terminated => Some(Signal::Terminate),
                    _ => signal.get(),
                };
                done.reports.push(RunReport::none(task, why, failure.exit));
            }
        }
    }
    done.count_what_was_not_started();
    Ok(done)
}

fn note_started(ctx: &Ctx<'_>, watched: &WatchedRun, started_here: bool) {
    let WatchedRun { run, task, adopted, .. } = watched;
    ctx.console.event(&JsonEvent::Accepted { run, task, adopted: *adopted, started_here });
    let run = format!("{run} ({})", task.label());
    if ctx.settings.wait {
        note_with_time(ctx, &format!("started {run}"));
    } else {
        // Without the time: finding the time zone is a quarter of the work of such a start, and nobody waits.
        ctx.console.note(&format!("{run}: accepted, not waited for"));
    }
}

impl StartedTasks {
    /// While a run is active, or may be, the exits that say that nothing was started do not fit the other tasks. A signal is
    /// reported with the active runs, which it leaves running.
    fn count_what_was_not_started(&mut self) {
        let something = self.reports.iter().any(|report| report.run.is_some() || report.exit == Exit::Unknown);
        let signal_is_reported = !self.watched.is_empty();
        for report in self.reports.iter_mut().filter(|report| something && report.run.is_none()) {
            report.exit = match report.exit {
                Exit::Interrupted | Exit::Terminated if signal_is_reported => Exit::NotRun,
                exit => exit.beside_others(),
            };
        }
    }
}
