//! The requests of a probe that start nothing: reads in every variant, and stops.

use crate::api;
use crate::api::attempt::Attempt;
use crate::api::monitor::active_runs;
use crate::api::probing::{Look, log_entry, look};
use crate::job::{JobRun, Run, Task};
use crate::ops::probe::course::{Course, seen};
use crate::ops::probe::record::label;
use crate::ops::resolve::Target;
use crate::ops::stop as stopping;
use crate::ops::stop::StopTarget;
use crate::ops::watch::WatchedRun;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// One more than the largest page that clients ask for.
const TOO_MANY: usize = 1001;
const BEYOND: usize = 1_000_000;
const OTHERS: &str = "another run of the task was active";

/// Reads that need no run.
const AROUND: [(&str, Look<'static>); 7] = [
    (label::LOOKUP_HIT, Look::Lookup { hit: true, miss: false }),
    (label::LOOKUP_MISS, Look::Lookup { hit: false, miss: true }),
    (label::LOOKUP_MIXED, Look::Lookup { hit: true, miss: true }),
    (label::UNKNOWN_PATH, Look::UnknownPath),
    (label::LINEAR_TASKFLOWS, Look::LinearTaskflows),
    (label::NO_SESSION_V2, Look::NoSessionV2),
    (label::NO_SESSION_V3, Look::NoSessionV3),
];

/// Variants of the monitor, which differ only while a run is active.
const WHILE_ACTIVE: [(&str, Look<'static>); 3] = [
    (label::MONITOR_PLAIN, Look::Monitor { details: false, filter: false }),
    (label::MONITOR_DETAILS, Look::Monitor { details: true, filter: false }),
    (label::MONITOR_FILTER, Look::Monitor { details: false, filter: true }),
];

async fn look_at(course: &Course<'_, '_>, looks: &[(&'static str, Look<'_>)]) -> Result<(), Failure> {
    for &(label, what) in looks {
        course.ask(label, None);
        seen(look(course.ctx.client, what).await)?;
    }
    Ok(())
}

pub(super) async fn around_the_runs(course: &Course<'_, '_>) -> Result<(), Failure> {
    look_at(course, &AROUND).await
}

pub(super) async fn while_active(course: &Course<'_, '_>) -> Result<(), Failure> {
    look_at(course, &WHILE_ACTIVE).await
}

/// Leaves out what only an active run shows.
pub(super) fn skip_while_active(course: &Course<'_, '_>, why: &'static str) {
    course.skip(label::MONITOR, why);
    for (label, _) in WHILE_ACTIVE {
        course.skip(label, why);
    }
}

/// The log in every variant, once it has a row of the run.
pub(super) async fn after_the_end(course: &Course<'_, '_>, run: &JobRun, target: &Target) -> Result<(), Failure> {
    let id = Some(run.task_id.as_str());
    let page = |offset, row_limit| Look::Log { task_id: id, run_id: None, offset, row_limit };
    let federated = target.task.federated_id.as_deref();
    let of_run = |task_id| Look::Log { task_id, run_id: Some(run.run_id), offset: None, row_limit: Some(10) };
    look_at(
        course,
        &[
            (label::LOG_DEFAULT, page(None, None)),
            (label::LOG_FIRST, page(Some(0), Some(1))),
            (label::LOG_SECOND, page(Some(1), Some(1))),
            (label::LOG_BEYOND, page(Some(BEYOND), Some(1))),
            (label::LOG_MOST, page(None, Some(TOO_MANY))),
            (label::LOG_RUN_ALONE, of_run(None)),
        ],
    )
    .await?;
    if federated.is_some() {
        look_at(course, &[(label::LOG_FEDERATED, of_run(federated))]).await?;
    }
    course.ask(label::OTHER, None);
    if let Ok(Some(entry)) = log_entry(course.ctx.client, &run.task_id, run.run_id).await {
        look_at(course, &[(label::LOG_ENTRY, Look::LogEntry(&entry))]).await?;
    }
    Ok(())
}

/// Whether no run of the task is active but those of the probe.
async fn is_only_ours(course: &Course<'_, '_>, task_id: &str) -> Result<bool, Failure> {
    let ours = course.ours();
    let active = active_runs(course.ctx.client, task_id).await?;
    Ok(active.iter().all(|one| one.parent.is_none() && ours.contains(&one.run)))
}

/// Stops a run of the probe, and with it every other run of the probe, but nobody else's.
pub(super) async fn stop(
    course: &Course<'_, '_>,
    label: &'static str,
    index: usize,
    run: &JobRun,
    clean: bool,
) -> Result<(), Failure> {
    course.ask(label, Some(index));
    if !is_only_ours(course, &run.task_id).await? {
        course.skip(label, OTHERS);
        return Ok(());
    }
    let ours = WatchedRun::new(Run::from(run.clone()), Task::default(), true);
    let stopped = match stopping::at_watched(course.ctx, &ours, true, clean).await {
        Ok(StopTarget::Active(plan)) => stopping::send(course.ctx, &plan, clean, || {}).await.map(drop),
        Ok(StopTarget::Ended(..)) => {
            course.skip(label, "the run ended before the stop was sent");
            Ok(())
        }
        Err(failure) => Err(failure),
    };
    match stopped {
        // How it was refused is in the record, and the run goes to its end.
        Err(failure) if matches!(failure.exit, Exit::NotRun | Exit::Running) => {
            course.ctx.console.note(&format!("{}; waiting until the run ends by itself", failure.what()));
            Ok(())
        }
        other => other,
    }
}

/// A stop after all runs of the task have ended.
pub(super) async fn stop_of_nothing(course: &Course<'_, '_>, task_id: &str, target: &Target) -> Result<(), Failure> {
    course.ask(label::OTHER, None);
    if !active_runs(course.ctx.client, task_id).await?.is_empty() {
        course.skip(label::STOP_OF_NOTHING, OTHERS);
        return Ok(());
    }
    course.ask(label::STOP_OF_NOTHING, None);
    let (selector, kind) = (&target.selector, target.kind);
    seen(api::jobs::stop(course.ctx.client, selector, kind, false, &Attempt::default()).await)
}
