//! What a stop hits, and sending it until it is known to have arrived. The service stops by task, not by run: so a stop that
//! is meant for a run is sent only when that run is known to be there and no other run of its task would be hit.

pub mod at_end;

use std::time::Duration;

use jiff::Timestamp;

use crate::api::attempt::Attempt;
use crate::api::monitor::ActiveRun;
use crate::api::{self, Error};
use crate::job::{Activity, JobRun, Run, RunResult, RunStatus, Task, TaskQuery, TaskSelector, TaskType};
use crate::ops::active::ActiveRuns;
use crate::ops::ctx::Ctx;
use crate::ops::failures::not_processed;
use crate::ops::recent::was_started_here;
use crate::ops::resolve::selectors::Selection;
use crate::ops::resolve::{self, Target};
use crate::ops::runs::{self as kinds, TaskRun, TaskRuns};
use crate::ops::watch::WatchedRun;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// A stop whose answer is lost is sent so often, each time after a check whether the one before has arrived.
const TRIES: u32 = 3;
/// The pauses before each of these checks.
const CHECKS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// The monitor lags: a run that it does not show, and that was not started here, is searched for this long, at this interval.
const SEARCH: Duration = Duration::from_secs(30);
const SEARCH_INTERVAL: Duration = Duration::from_secs(2);

/// What to stop, and the runs that this ends. Without `all` that is one run.
pub(crate) struct StopPlan {
    pub target: Target,
    pub runs: Vec<Run>,
    /// The run that was named, where nothing says that there is such a run: only with `all`.
    pub unseen: Option<Run>,
    /// Whether other runs of the task may be hit too.
    all: bool,
    /// Whether the run is known to be there, whatever the lists show: it was started here.
    started_here: bool,
    /// When the only run was started by the service's clock, where this command knows it.
    start_sent_at: Option<Timestamp>,
}

impl StopPlan {
    /// What messages call it: the task where it is known, else its runs.
    pub(crate) fn label(&self) -> String {
        let name = self.target.task.path_or_name();
        name.map_or_else(|| Run::list(&self.runs).join(", "), str::to_owned)
    }
}

/// What a stop would hit.
pub(crate) enum StopTarget {
    Active(StopPlan),
    /// There is nothing to stop: this run has ended.
    Ended(Task, Run, Box<RunResult>),
}

/// Refuses at once what can never be stopped so.
pub(crate) fn can_be_meant(wanted: &Selection, clean: bool) -> Result<(), Failure> {
    let (kind, label) = match wanted {
        Selection::Run(run) => (Some(run.kind()), run.to_string()),
        Selection::Task(task) => (task.kind, format!("the task with the {}", task.selector)),
    };
    match kind {
        Some(kind) => kinds::can_be_stopped(kind, &label, clean),
        None => Ok(()),
    }
}

/// Plans the stop of one run, or with `all` of all runs of its task.
pub(crate) async fn at_run(ctx: &Ctx<'_>, run: &Run, all: bool, clean: bool) -> Result<StopTarget, Failure> {
    at_watched(ctx, &WatchedRun::new(run.clone(), Task::default(), false), all, clean).await
}

/// The same for a run that this command waits for, and may have started.
pub(crate) async fn at_watched(
    ctx: &Ctx<'_>,
    watched: &WatchedRun,
    all: bool,
    clean: bool,
) -> Result<StopTarget, Failure> {
    let WatchedRun { run, exists, start_sent_at, .. } = watched;
    kinds::can_be_stopped(run.kind(), &run.to_string(), clean)?;
    let not_stopped = format!("{run} was not stopped");
    let (started_here, start_sent_at) = (*exists || was_started_here(ctx, run), *start_sent_at);
    let (task, selector) = match run.task_id() {
        Some(id) => (
            Task { id: Some(id.to_owned()), kind: Some(run.kind()), ..Task::default() },
            TaskSelector::Id(id.to_owned()),
        ),
        None => (Task { kind: Some(run.kind()), ..Task::default() }, TaskSelector::Name(run.to_string())),
    };
    let target = Target { selector, kind: run.kind(), task };
    if !all {
        if let Some(result) = only(ctx, run, (started_here, start_sent_at), &not_stopped).await? {
            return Ok(already_ended(ctx, run, result));
        }
        let runs = vec![run.clone()];
        return Ok(StopTarget::Active(StopPlan { target, runs, unseen: None, all, started_here, start_sent_at }));
    }
    let polled = poll(ctx, run, start_sent_at).await;
    let (status, others) = polled.map_err(|failure| failure.context(not_stopped))?;
    if let RunStatus::Ended(result) = status {
        return Ok(already_ended(ctx, run, result));
    }
    let mut unseen = None;
    if !matches!(status, RunStatus::Active(_)) && !started_here {
        ctx.console.warn(&format!("neither the monitor nor the log shows {run}; all runs of its task are stopped"));
        unseen = Some(run.clone());
    }
    let mut runs = others.runs();
    runs.push(run.clone());
    Ok(StopTarget::Active(StopPlan { target, runs, unseen, all, started_here, start_sent_at: None }))
}

fn already_ended(ctx: &Ctx<'_>, run: &Run, result: Box<RunResult>) -> StopTarget {
    ctx.console.note(&format!("{run} has already ended"));
    StopTarget::Ended(Task::default(), run.clone(), result)
}

/// Finds out whether a stop would hit this run and no other. None when it would; its result when the run is over. A run
/// that was not started here and is not shown is looked for, because the monitor lags; the pair says whether it was, and when
/// where that is known. `not_done` begins each failure.
async fn only(
    ctx: &Ctx<'_>,
    run: &Run,
    (started_here, start_sent_at): (bool, Option<Timestamp>),
    not_done: &str,
) -> Result<Option<Box<RunResult>>, Failure> {
    let not_done = |failure: Failure| failure.context(not_done.to_owned());
    let end = ctx.clock.now() + SEARCH;
    let mut is_announced = false;
    loop {
        let (status, others) = poll(ctx, run, start_sent_at).await.map_err(not_done)?;
        if let RunStatus::Ended(result) = status {
            return Ok(Some(result));
        }
        if !others.runs().is_empty() {
            let why = format!(
                "the service stops a task, not a run, and other runs of this task are active: {}",
                others.list()
            );
            return Err(not_done(hits_others(ctx, std::slice::from_ref(run), why)));
        }
        if matches!(status, RunStatus::Active(_)) || started_here {
            return Ok(None);
        }
        let now = ctx.clock.now();
        if now >= end || ctx.deadline.is_some_and(|deadline| deadline <= now + SEARCH_INTERVAL) {
            return Err(not_done(not_seen(ctx, run)));
        }
        if !is_announced {
            ctx.console.note(&format!(
                "the service does not show {run} yet; searching for it for {}",
                crate::support::duration::show(SEARCH)
            ));
            is_announced = true;
        }
        ctx.clock.sleep(SEARCH_INTERVAL.min(end.saturating_sub(now))).await;
    }
}

fn not_seen(ctx: &Ctx<'_>, run: &Run) -> Failure {
    let check = format!("check the handle: {}", ctx.settings.command(&format!("status {run}")));
    let Run::Job(_) = run else {
        return Failure::of(Exit::Running, "it was not seen: the service has no status for it").hint(check);
    };
    let all = ctx.settings.command(&format!("stop {run} --all"));
    Failure::of(Exit::Running, "it was not seen, neither in the monitor nor in the log")
        .hint(format!("{check}; to stop whatever runs of its task: {all}"))
}

/// Asks for a run, and for the other runs that a stop of its task would hit. The run of a taskflow is stopped by its own ID
/// and never hits another.
async fn poll(ctx: &Ctx<'_>, run: &Run, start_sent_at: Option<Timestamp>) -> Result<(RunStatus, ActiveRuns), Failure> {
    let Run::Job(job) = run else {
        return Ok((kinds::poll_one(ctx, run, false).await?, ActiveRuns::default()));
    };
    if let Some(result) = kinds::result(ctx, run, start_sent_at).await? {
        return Ok((RunStatus::Ended(Box::new(result)), ActiveRuns::default()));
    }
    let shown = api::monitor::active_runs(ctx.client, &job.task_id).await?;
    let status = match shown.iter().find(|one| one.run == *job) {
        Some(ActiveRun { parent: Some(parent), .. }) => return Err(part_of(ctx, run, parent)),
        Some(one) => RunStatus::Active(one.progress.clone()),
        None => RunStatus::NotListed,
    };
    let shown = shown.into_iter().map(|one| one.run.into()).collect();
    Ok((status, ActiveRuns::new(ctx, Some(&job.task_id), shown, Some(run)).await?))
}

/// Plans the stop of the active run of a task, or with `all` of all of them. A run that this machine has just started counts
/// before the service shows it.
pub(crate) async fn at_task(ctx: &Ctx<'_>, wanted: &TaskQuery, all: bool, clean: bool) -> Result<StopTarget, Failure> {
    let target = resolve::target(ctx, wanted, false).await?;
    let label = target.task.label().to_owned();
    kinds::can_be_stopped(target.kind, &label, clean)?;
    let not_stopped = |failure: Failure| failure.context(format!("{label} was not stopped"));
    let target = kinds::with_id(ctx, target).await?;
    let of_task = TaskRuns::of(ctx, &target).await.map_err(not_stopped)?;
    let active = of_task.active(ctx).await.map_err(not_stopped)?;
    if let [TaskRun { run, parent: Some(parent), .. }] = &active[..] {
        return Err(not_stopped(part_of(ctx, run, parent)));
    }
    let shown = active.into_iter().map(|one| one.run).collect();
    let active = ActiveRuns::new(ctx, target.key_id(), shown, None).await.map_err(|error| not_stopped(error.into()))?;
    let runs = active.runs();
    if runs.len() > 1 && !all {
        let why = format!("{} runs of it are active: {}", runs.len(), active.list());
        return Err(not_stopped(hits_others(ctx, &runs, why)));
    }
    if !runs.is_empty() {
        for run in &active.unshown {
            ctx.console.note(&format!("this machine has just started {run}; the service does not show it yet"));
        }
        let started_here = runs.iter().all(|run| active.unshown.contains(run) || was_started_here(ctx, run));
        let start_sent_at = None;
        return Ok(StopTarget::Active(StopPlan { target, runs, unseen: None, all, started_here, start_sent_at }));
    }
    match of_task.last_result(ctx).await? {
        Some((last, result)) => {
            ctx.console.note(&format!("{label} is not running; its last run is {last}"));
            Ok(StopTarget::Ended(target.task, last, Box::new(result)))
        }
        None => Err(Failure::of(Exit::NotFound, format!("no run of {label} is active"))
            .hint(format!("to see what runs: {}", ctx.settings.command("status")))),
    }
}

/// The refusal of a stop that would hit runs that are not meant. A handle with `--all` stops all of its task; taskflows are
/// stopped by run.
fn hits_others(ctx: &Ctx<'_>, runs: &[Run], why: String) -> Failure {
    let command = match runs.first() {
        Some(run @ Run::Job(_)) => format!("stop {run} --all"),
        _ => format!("stop {}", Run::list(runs).join(" ")),
    };
    Failure::of(Exit::NotRun, why).hint(format!("to stop them all: {}", ctx.settings.command(&command)))
}

fn part_of(ctx: &Ctx<'_>, run: &Run, parent: &JobRun) -> Failure {
    Failure::of(Exit::NotRun, format!("{run} is part of a linear taskflow, the run {parent}"))
        .hint(format!("to stop the linear taskflow: {}", ctx.settings.command(&format!("stop {parent}"))))
}

/// Sends the stop, and again while it is not known to have arrived. `sent` hears that one has left. Returns when the one was
/// sent, by the service's clock, that is known to have been taken; none when the runs ended without that being known.
pub(crate) async fn send(
    ctx: &Ctx<'_>,
    plan: &StopPlan,
    clean: bool,
    sent: impl Fn(),
) -> Result<Option<Timestamp>, Failure> {
    let mut lost = None;
    for _ in 0..TRIES {
        sent();
        let attempt = Attempt::default();
        let error = match stop(ctx, plan, clean, &attempt).await {
            Ok(()) => return Ok(time_of(ctx, &attempt)),
            Err(error) if error.may_have_been_processed() => error,
            // A 403 may say that the job was down already, or that it did not go down in time; of a taskflow it is not known
            // how that is said.
            Err(error @ Error::Refused { status, .. }) if status == 403 || plan.target.kind == TaskType::Taskflow => {
                if are_over(ctx, plan).await? {
                    return Ok(None);
                }
                return match checked(ctx, plan).await {
                    StopProgress::NotSeen => Err(not_processed(error, format!("{} was not stopped", plan.label()))),
                    StopProgress::Stopping => Ok(time_of(ctx, &attempt)),
                    StopProgress::Ended => Ok(None),
                };
            }
            Err(error) => return Err(not_processed(error, format!("{} was not stopped", plan.label()))),
        };
        ctx.console.note(&format!("{error}; checking whether the stop has arrived"));
        match checked(ctx, plan).await {
            StopProgress::NotSeen => {}
            StopProgress::Stopping => return Ok(time_of(ctx, &attempt)),
            StopProgress::Ended => return Ok(None),
        }
        lost = Some(error);
        let not_again = format!("the stop of {} may not have arrived, and was not sent again", plan.label());
        match still_hits(ctx, plan, &not_again).await {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            // An error of this search says nothing about the stop that was sent.
            Err(failure) if failure.exit != Exit::NotRun => return Err(Failure { exit: Exit::Running, ..failure }),
            Err(failure) => return Err(failure),
        }
    }
    let why = lost.map(|error| error.to_string()).unwrap_or_default();
    let poll = ctx.settings.command(&format!("status {}", Run::list(&plan.runs).join(" ")));
    Err(Failure::of(Exit::Running, why)
        .context(format!("it is unknown whether the stop of {} has arrived", plan.label()))
        .hint(format!("check before you stop it again: {poll}")))
}

/// Sends one stop: by task, but a taskflow's by run.
async fn stop(ctx: &Ctx<'_>, plan: &StopPlan, clean: bool, attempt: &Attempt) -> Result<(), Error> {
    if plan.target.kind != TaskType::Taskflow {
        return api::jobs::stop(ctx.client, &plan.target.selector, plan.target.kind, clean, attempt).await;
    }
    let run_id = |run: &Run| if let Run::Taskflow { run_id } = run { Some(run_id.clone()) } else { None };
    let run_ids: Vec<String> = plan.runs.iter().filter_map(run_id).collect();
    api::taskflow::terminate(ctx.client, &run_ids, attempt).await
}

/// When a stop was sent, by the service's clock.
fn time_of(ctx: &Ctx<'_>, attempt: &Attempt) -> Option<Timestamp> {
    ctx.client.server_time_at(attempt.sent_at()?)
}

async fn are_over(ctx: &Ctx<'_>, plan: &StopPlan) -> Result<bool, Error> {
    for run in &plan.runs {
        if kinds::result(ctx, run, plan.start_sent_at).await?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What the service shows of a stop whose answer was lost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum StopProgress {
    NotSeen,
    Stopping,
    Ended,
}

/// Looks several times whether a stop has arrived.
async fn checked(ctx: &Ctx<'_>, plan: &StopPlan) -> StopProgress {
    for pause in CHECKS {
        ctx.clock.sleep(pause).await;
        match progress(ctx, plan).await {
            StopProgress::NotSeen => {}
            seen => return seen,
        }
    }
    StopProgress::NotSeen
}

/// What holds for all runs of the plan.
async fn progress(ctx: &Ctx<'_>, plan: &StopPlan) -> StopProgress {
    let of = |status: &RunStatus| match status {
        RunStatus::Ended(_) => StopProgress::Ended,
        RunStatus::Active(progress) if progress.activity == Activity::Stopping => StopProgress::Stopping,
        RunStatus::Active(_) | RunStatus::NotListed | RunStatus::Unavailable(_) => StopProgress::NotSeen,
    };
    let seen = kinds::poll(ctx, &plan.runs, true, |_| plan.start_sent_at).await;
    seen.ok().and_then(|statuses| statuses.iter().map(of).min()).unwrap_or(StopProgress::NotSeen)
}

/// Whether a stop that is sent again would still hit what is meant: a run that has started meanwhile is not. False when there
/// is nothing left to stop. `not_done` begins each failure.
pub(crate) async fn still_hits(ctx: &Ctx<'_>, plan: &StopPlan, not_done: &str) -> Result<bool, Failure> {
    match &plan.runs[..] {
        [run] if !plan.all => {
            let start = (plan.started_here, plan.start_sent_at);
            Ok(only(ctx, run, start, not_done).await?.is_none())
        }
        _ => Ok(true),
    }
}
