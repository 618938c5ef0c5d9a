//! `--if-running`: whether the task that is to be started already runs.

use std::cmp::Reverse;
use std::time::Duration;

use crate::job::Run;
use crate::ops::ctx::Ctx;
use crate::ops::recent::recent;
use crate::ops::resolve::Target;
use crate::ops::runs::{self as kinds, TaskRun, TaskRuns};
use crate::ops::start::state;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::state::Lock;

/// Whether the task has an active run.
pub(crate) enum ActiveRunCheck {
    /// None is known, and the lock keeps other commands on this machine from checking before this one has started.
    None(Lock),
    Found(Run),
}

pub(crate) async fn find_active_run(ctx: &Ctx<'_>, target: &Target) -> Result<ActiveRunCheck, Failure> {
    let Some(recent) = recent(ctx, target.known_id()?) else {
        return Err(state::no_state_folder(ctx, "there is no state folder"));
    };
    let lock = match recent.lock(ctx.clock, ctx.settings.start_timeout + Duration::from_secs(10)).await {
        Err(error) => return Err(state::no_state_folder(ctx, &error.to_string())),
        Ok(Some(lock)) => lock,
        Ok(None) => {
            let what = format!("another command on this machine is starting {}", target.task.label());
            let status = ctx.settings.command("status");
            return Err(Failure::of(Exit::AlreadyRunning, what).hint(format!("to see what runs: {status}")));
        }
    };
    if let Some(run) = shown(ctx, target).await? {
        return Ok(ActiveRunCheck::Found(run));
    }
    for run in recent.recent(ctx.clock.utc()) {
        if kinds::result(ctx, &run, None).await?.is_none() {
            return Ok(ActiveRunCheck::Found(run));
        }
    }
    Ok(ActiveRunCheck::None(lock))
}

/// An active run of the task that the service shows.
async fn shown(ctx: &Ctx<'_>, target: &Target) -> Result<Option<Run>, Failure> {
    let mut active = TaskRuns::of(ctx, target).await?.active(ctx).await?;
    // Those with a parent last, and of the job resource the latest first.
    active.sort_by_key(|one| (one.parent.is_some(), one.run.as_job().map(|run| Reverse(run.run_id))));
    match active.into_iter().next() {
        None => Ok(None),
        Some(TaskRun { run, parent: None, .. }) => Ok(Some(run)),
        Some(TaskRun { parent: Some(parent), .. }) => Err(already_running(ctx, target, &parent.into())
            .context(format!("{} is running as part of a linear taskflow", target.task.label()))),
    }
}

pub(crate) fn already_running(ctx: &Ctx<'_>, target: &Target, run: &Run) -> Failure {
    let what = format!("{} is already running: {run}", target.task.label());
    Failure::of(Exit::AlreadyRunning, what).hint(ctx.settings.command(&format!("wait {run}")))
}
