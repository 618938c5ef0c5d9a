//! `stop`: stops runs or tasks, now or cleanly, and with `--wait` waits until they have stopped. `ops::stop` decides what a
//! stop hits.

use jiff::Timestamp;
use tokio::select;

use crate::cli::Stop;
use crate::job::Run;
use crate::ops::ctx::Ctx;
use crate::ops::resolve::selectors::{Selection, require, selections};
use crate::ops::stop as stopping;
use crate::ops::stop::at_end::by_our_stop;
use crate::ops::stop::{StopPlan, StopTarget};
use crate::ops::watch::reports::{reports, with_results};
use crate::ops::watch::runs::watch_stopping;
use crate::ops::watch::{Verdict, WatchedRun};
use crate::output::{RunReport, RunsReport, Stage};
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::Hint;

/// Stops that have been sent, with the runs that they end.
#[derive(Default)]
struct Stopping {
    plans: Vec<StopPlan>,
    watched: Vec<WatchedRun>,
    /// When the stop of each watched run was sent, by the service's clock.
    sent_at: Vec<Option<Timestamp>>,
}

/// Refuses a command line that can mean nothing, before it matters whose account it is for.
pub fn validate(stop: &Stop) -> Result<(), Failure> {
    require(&stop.what, &stop.tasks, &stop.list, Hint::from("to see what runs: ").then(Hint::command("status")))
}

/// Runs the command.
pub async fn run(ctx: &Ctx<'_>, stop: &Stop) -> Result<RunsReport, Failure> {
    let wanted = selections(&stop.what, &stop.tasks, &stop.list, "nothing was stopped", ctx.console)?;
    for wanted in &wanted {
        stopping::can_be_meant(wanted, stop.clean)?;
    }
    let mut done: Vec<RunReport> = Vec::new();
    let mut stopping = Stopping::default();
    let alone = wanted.len() == 1;
    for wanted in wanted {
        match stop_one(ctx, wanted.clone(), stop, &mut stopping).await {
            Ok(reports) => done.extend(reports),
            Err(failure) if alone => return Err(failure),
            // One of several that cannot be stopped keeps no other from it.
            Err(failure) => {
                ctx.console.failure(&failure);
                let ended = matches!(failure.exit, Exit::Interrupted | Exit::Terminated);
                done.push(wanted.failed(&failure));
                if ended {
                    break;
                }
            }
        }
    }
    if !stop.wait {
        return Ok(RunsReport { runs: done, outcomes: false, details: false, exit: None });
    }
    let verdicts = see_them_down(ctx, stop, &stopping).await;
    let sent = stopping.watched.iter().zip(&stopping.sent_at);
    let proved = verdicts.into_iter().zip(sent).map(|(verdict, (watched, at))| by_our_stop(&watched.run, verdict, *at));
    let runs = with_results(done, reports(ctx, &stopping.watched, proved.collect()));
    // The command's purpose is that they are over, however they ended.
    let exits = runs.iter().map(|run| if matches!(run.stage, Stage::Ended(_)) { Exit::Good } else { run.exit });
    let exit = Some(Exit::worst(exits));
    Ok(RunsReport { runs, outcomes: true, details: false, exit })
}

/// Aims at one thing and sends its stop. Returns a report for each run that this ends, or that was over.
async fn stop_one(
    ctx: &Ctx<'_>,
    wanted: Selection,
    stop: &Stop,
    stopping: &mut Stopping,
) -> Result<Vec<RunReport>, Failure> {
    let aiming = async {
        match &wanted {
            Selection::Task(task) => stopping::at_task(ctx, task, stop.all, stop.clean).await,
            Selection::Run(run) => stopping::at_run(ctx, run, stop.all, stop.clean).await,
        }
    };
    let plan = match ctx.unless_ended("nothing was stopped", Exit::Unreachable, aiming).await? {
        StopTarget::Active(plan) => plan,
        StopTarget::Ended(task, run, result) => {
            return Ok(vec![RunReport { exit: Exit::Good, ..RunReport::ended(run, task, *result) }]);
        }
    };
    ctx.console.note(&format!("stopping {}", Run::list(&plan.runs).join(", ")));
    let sending = stopping::send(ctx, &plan, stop.clean, || {});
    let sent_at = ctx.unless_ended("the stop may have arrived", Exit::TimedOut, sending).await?;
    let reports = plan.runs.iter().map(|run| RunReport::accepted(run.clone(), plan.target.task.clone()));
    let reports: Vec<RunReport> = reports.collect();
    for run in &plan.runs {
        let (run, task) = (run.clone(), plan.target.task.clone());
        let exists = plan.unseen.as_ref() != Some(&run);
        stopping.watched.push(WatchedRun::new(run, task, exists));
        stopping.sent_at.push(sent_at);
    }
    stopping.plans.push(plan);
    Ok(reports)
}

/// Watches the runs until they are over; with `--escalate-after`, clean stops that take too long are followed by hard ones.
async fn see_them_down(ctx: &Ctx<'_>, stop: &Stop, stopping: &Stopping) -> Vec<Verdict> {
    let Some(after) = stop.escalate_after else {
        return watch_stopping(ctx, &stopping.watched, ctx.deadline).await;
    };
    let escalation = ctx.clock.now() + after;
    let first = ctx.deadline.map_or(escalation, |deadline| deadline.min(escalation));
    let mut verdicts = watch_stopping(ctx, &stopping.watched, Some(first)).await;
    let late = |verdict: &Verdict| matches!(verdict, Verdict::TimedOut);
    if !verdicts.iter().any(late) || ctx.deadline.is_some_and(|deadline| deadline <= escalation) {
        return verdicts;
    }
    let open: Vec<usize> = (0..verdicts.len()).filter(|&index| late(&verdicts[index])).collect();
    let still: Vec<WatchedRun> = open.iter().map(|&index| stopping.watched[index].clone()).collect();
    ctx.console.note("the clean stop takes too long; stopping hard");
    for plan in &stopping.plans {
        if !plan.runs.iter().any(|run| still.iter().any(|watched| watched.run == *run)) {
            continue;
        }
        let sending = async {
            let not_done = format!("{} was not stopped hard", plan.label());
            if stopping::still_hits(ctx, plan, &not_done).await? {
                stopping::send(ctx, plan, false, || {}).await?;
            }
            Ok::<_, Failure>(())
        };
        let failed = select! {
            biased;
            signal = ctx.signals.next() => {
                for index in open {
                    verdicts[index] = Verdict::Interrupted(signal);
                }
                return verdicts;
            }
            sent = sending => sent.err(),
        };
        if let Some(failure) = failed {
            ctx.console.failure(&failure);
        }
    }
    for (index, verdict) in open.into_iter().zip(watch_stopping(ctx, &still, ctx.deadline).await) {
        verdicts[index] = verdict;
    }
    verdicts
}
