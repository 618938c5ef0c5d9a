//! `config check --probe`: starts a harmless task, watches it closely, and says what that shows of the service. `points` says
//! what is found out; this file makes the requests for it, in an order in which each is safe.

mod course;
mod evidence;
mod point;
mod points;
mod record;
mod report;
mod requests;
mod watching;

use std::cell::{Cell, RefCell};

use crate::api::jobs::StartOptions;
use crate::api::probing::NO_TASK;
use crate::job::path::folder_of;
use crate::job::{Engine, JobRun, Run, TaskQuery, TaskSelector};
use crate::ops::ctx::Ctx;
use crate::ops::probe::course::{Course, seen, unless};
use crate::ops::probe::record::{Conduct, Record, TO_ITS_END, label};
pub use crate::ops::probe::report::ProbeReport;
use crate::ops::probe::watching::{Reached, Until, watch};
use crate::ops::resolve::Target;
use crate::ops::start;
use crate::ops::start::attempt::{NoAnswer, StartAttempt};
use crate::ops::start::outcome::{StartOutcome, unknown};
use crate::ops::start::request::StartRequest;
use crate::output::SafeLine;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

const TOO_SHORT: &str = "the run ended before the monitor showed it; a task that runs longer shows more";

/// What to probe with.
pub(crate) struct ProbePlan {
    pub query: TaskQuery,
    pub target: Target,
    /// Whether further runs are started to be stopped.
    pub stop: bool,
    pub callback_url: Option<String>,
}

impl ProbePlan {
    /// What it will do to the account, in words.
    pub(crate) fn announcement(&self) -> String {
        let task = format!("{} ({})", self.target.task.label(), self.target.kind);
        if self.stop {
            format!(
                "the probe starts {task} 4 times: one run goes to its end, one is started while another is active, which the \
                 service should end at once, and two are stopped; a stop hits every run of the task"
            )
        } else {
            format!("the probe starts {task} once and waits until the run has ended")
        }
    }
}

/// Makes the probe. Whatever ends it, what was seen so far is in the report.
pub(crate) async fn run(ctx: &Ctx<'_>, plan: &ProbePlan) -> ProbeReport {
    let Target { selector, kind, task } = &plan.target;
    let conduct = Conduct {
        kind: *kind,
        stop: plan.stop,
        callback: plan.callback_url.is_some(),
        addressed_by: Conduct::addressing(selector),
        in_default: task.path.as_deref().map(|path| folder_of(path) == "Default"),
        has_federated_id: task.federated_id.is_some(),
        runs: Vec::new(),
        skipped: Vec::new(),
        is_complete: false,
    };
    let course = Course { ctx, conduct: conduct.into(), open: RefCell::default() };
    let done = all(&course, plan).await;
    let Course { conduct, open, .. } = course;
    let mut conduct = conduct.into_inner();
    conduct.is_complete = done.is_ok();
    let exit = done.as_ref().map_or_else(|failure| failure.exit, |()| Exit::Good);
    if let Err(failure) = done {
        ctx.console.failure(&failure);
    }
    // Handles are IDs, so they are not in the report.
    for run in open.into_inner() {
        let wait = ctx.settings.command(&format!("wait {run}"));
        ctx.console.trouble(format!("{run} was left running").into(), None, Some(SafeLine::whole(&wait)));
    }
    ProbeReport::new(&Record { conduct, seen: ctx.observer.seen() }, exit)
}

async fn all(course: &Course<'_, '_>, plan: &ProbePlan) -> Result<(), Failure> {
    course.guard(requests::around_the_runs(course)).await?;
    if plan.target.kind.engine() == Engine::Ingestion {
        let (index, run) = start(course, plan, TO_ITS_END).await?;
        return course.guard(watching::ingestion(course, index, &run)).await;
    }
    let nothing = Target { selector: TaskSelector::Id(NO_TASK.to_owned()), ..plan.target.clone() };
    start_in_vain(course, label::REFUSED_START, &nothing).await?;
    let task_id = first_run(course, plan).await?;
    if plan.stop {
        stopped_run(course, plan).await?;
        cleanly_stopped_run(course, plan).await?;
        course.guard(requests::stop_of_nothing(course, &task_id, &plan.target)).await?;
    }
    Ok(())
}

/// Starts the task as `start` does. The first run has the callback.
async fn start(course: &Course<'_, '_>, plan: &ProbePlan, purpose: &'static str) -> Result<(usize, Run), Failure> {
    course.ask(label::START, Some(course.observer().runs()));
    let callback_url = plan.callback_url.clone().filter(|_| purpose == TO_ITS_END);
    let request = StartRequest { options: StartOptions { callback_url, ..StartOptions::default() }, once: None };
    let signal = Cell::new(None);
    let starting = start::start(course.ctx, &plan.query, plan.target.clone(), &request, &signal);
    match Box::pin(starting).await? {
        StartOutcome::Run { watched, started_here: true, signal } => {
            let index = course.add(purpose, &watched.run);
            unless(signal)?;
            Ok((index, watched.run))
        }
        StartOutcome::Run { .. } | StartOutcome::Over(_) => {
            Err(Failure::of(Exit::AlreadyRunning, "another command has started the task"))
        }
    }
}

/// The same for a task of the job resource.
async fn start_job(
    course: &Course<'_, '_>,
    plan: &ProbePlan,
    purpose: &'static str,
) -> Result<(usize, Run, JobRun), Failure> {
    let (index, run) = start(course, plan, purpose).await?;
    match run.as_job().cloned() {
        Some(job) => Ok((index, run, job)),
        None => Err(Failure::of(Exit::Running, "the service started a run of another kind")),
    }
}

/// Sends one start that should not run anything. None when it was refused.
async fn start_in_vain(
    course: &Course<'_, '_>,
    label: &'static str,
    target: &Target,
) -> Result<Option<(usize, Run)>, Failure> {
    course.ask(label, Some(course.observer().runs()));
    let signal = Cell::new(None);
    let options = StartOptions::default();
    let StartAttempt { sent_at, answer } = Box::pin(StartAttempt::send(course.ctx, target, &options, &signal)).await;
    let run = match (sent_at, answer) {
        (_, Ok(started)) => Some((course.add(label, &started.run), started.run)),
        (None, Err(NoAnswer::Error(error))) => seen(Err(error)).map(|()| None)?,
        (None, Err(NoAnswer::Interrupted(_))) => None,
        // Nothing can come of a start of nothing.
        (Some(_), Err(_)) if label == label::REFUSED_START => None,
        (Some(_), Err(NoAnswer::Error(error))) => return Err(unknown(target, &error.to_string(), None)),
        (Some(_), Err(NoAnswer::Interrupted(why))) => return Err(unknown(target, &why, None)),
    };
    unless(signal.get())?;
    Ok(run)
}

/// A run that goes to its end. Gives the ID of its task.
async fn first_run(course: &Course<'_, '_>, plan: &ProbePlan) -> Result<String, Failure> {
    let (index, run, job) = start_job(course, plan, TO_ITS_END).await?;
    course
        .guard(async {
            match watch(course, index, &job, Until::Active).await? {
                Reached::Active => {
                    requests::while_active(course).await?;
                    watch(course, index, &job, Until::Logged).await?;
                }
                Reached::Logged => requests::skip_while_active(course, TOO_SHORT),
            }
            course.close(&run);
            requests::after_the_end(course, &job, &plan.target).await
        })
        .await?;
    Ok(job.task_id)
}

/// A run that a second start disturbs and a stop ends.
async fn stopped_run(course: &Course<'_, '_>, plan: &ProbePlan) -> Result<(), Failure> {
    let (index, run, job) = start_job(course, plan, label::STOP).await?;
    let mut second = None;
    match course.guard(watch(course, index, &job, Until::Active)).await? {
        Reached::Active => {
            second = start_in_vain(course, label::SECOND_START, &plan.target).await?;
            course.guard(requests::stop(course, label::STOP, index, &job, false)).await?;
        }
        Reached::Logged => [label::SECOND_START, label::STOP].iter().for_each(|label| course.skip(label, TOO_SHORT)),
    }
    course
        .guard(async {
            watch(course, index, &job, Until::Logged).await?;
            course.close(&run);
            if let Some((index, run)) = second
                && let Some(job) = run.as_job()
            {
                watch(course, index, job, Until::Logged).await?;
                course.close(&run);
            }
            Ok(())
        })
        .await
}

async fn cleanly_stopped_run(course: &Course<'_, '_>, plan: &ProbePlan) -> Result<(), Failure> {
    let (index, run, job) = start_job(course, plan, label::CLEAN_STOP).await?;
    course
        .guard(async {
            match watch(course, index, &job, Until::Active).await? {
                Reached::Active => requests::stop(course, label::CLEAN_STOP, index, &job, true).await?,
                Reached::Logged => course.skip(label::CLEAN_STOP, TOO_SHORT),
            }
            watch(course, index, &job, Until::Logged).await?;
            course.close(&run);
            Ok(())
        })
        .await
}
