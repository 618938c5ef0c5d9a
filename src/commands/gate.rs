//! What makes a start needless: a run under the same key, a run that is under way. Leaves starting to `starting`.

use std::time::Duration;

use super::reconcile::{self, Found, Sent};
use super::resolve::Target;
use super::starting::{Begun, Once, keep, unknown};
use super::watching::Watched;
use super::{Ctx, kinds};
use crate::api::jobs::Instance;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::job::{Ending, JobRun, Naming, Outcome, Run};
use crate::latest::Latest;
use crate::once::{self, Held, Key, Mark};
use crate::output::RunReport;
use crate::state::Lock;

/// Whether the start may go on under its key.
pub(super) enum Under {
    Key(Held),
    Begun(Box<Begun>),
}

pub(super) async fn under_key(
    ctx: &Ctx<'_>,
    target: &Target,
    once: &Once,
    latest: &impl Fn(&str) -> Option<Latest>,
) -> Result<Under, Failure> {
    let Some(id) = id_of(target) else { return Err(no_id(target)) };
    once::sweep(&once.folder, ctx.clock.utc(), ctx.settings.once_keep);
    let key = Key::new(&once.folder, &ctx.host(), &format!("{}/{id}", target.kind), &once.key);
    // Another process holds the key only while its start is under way or being looked for.
    let patience = ctx.settings.start_timeout + ctx.settings.reconcile_for + Duration::from_secs(30);
    let held = key.take(ctx.clock, patience).await?;
    let run = match held.mark()? {
        None => return Ok(Under::Key(held)),
        Some(Mark::Started(run)) => run,
        Some(Mark::Asked(at)) => {
            ctx.console.note(&format!(
                "a start under the key '{}' left no answer at {}; looking for its run",
                once.key,
                ctx.console.time(at)
            ));
            if let Some((why, _)) = kinds::lost(target) {
                return Err(unknown(ctx, target, why, Some(held.path().to_owned())));
            }
            let known = |run: &JobRun| is_latest(latest(id), run);
            match reconcile::look(ctx, id, Sent::Once(at), ctx.settings.reconcile_for, known).await {
                Found::Ours(run, _) => {
                    let run = Run::from(run);
                    keep(ctx, held.adopt(at, &run));
                    ctx.console.warn(&format!("{run} is the run of that start"));
                    run
                }
                Found::Unknown(why) => return Err(unknown(ctx, target, &why, Some(held.path().to_owned()))),
            }
        }
    };
    Ok(match kinds::ending(ctx, &run).await? {
        Some(ending) if matches!(ending.outcome, Outcome::Succeeded | Outcome::Warning) => {
            ctx.console.note(&format!("{run} has run under the key '{}'; nothing was started", once.key));
            Under::Begun(Box::new(Begun::Over(finished(ctx, target, run, ending))))
        }
        Some(ending) => {
            let word = Exit::from(ending.outcome).word().unwrap_or_default().replace('_', " ");
            ctx.console.note(&format!("{run} under the key '{}' is over ({word}); starting anew", once.key));
            Under::Key(held)
        }
        None => {
            ctx.console.note(&format!("{run} is under way under the key '{}'; joining it", once.key));
            Under::Begun(Box::new(Begun::Run(watched(target.clone(), run, false), None)))
        }
    })
}

fn finished(ctx: &Ctx<'_>, target: &Target, run: Run, ending: Ending) -> RunReport {
    let mut report = RunReport::over(run, target.task.clone(), ending);
    if report.exit == Exit::Warning && ctx.settings.warnings_ok {
        report.exit = Exit::Good;
    }
    report
}

/// What runs of the task there are.
pub(super) enum Beside {
    /// None that is known of, and the lock that lets no other command on this machine look before this one has started.
    Nothing(Option<Lock>),
    Run(Run),
}

pub(super) async fn beside(
    ctx: &Ctx<'_>,
    target: &Target,
    latest: &impl Fn(&str) -> Option<Latest>,
) -> Result<Beside, Failure> {
    let Some(id) = id_of(target) else { return Err(no_id(target)) };
    let latest = latest(id);
    let turn = match &latest {
        None => None,
        // Where there can be no lock the service is still asked.
        Some(latest) => match latest.lock(ctx.clock, ctx.settings.start_timeout + Duration::from_secs(10)).await {
            Err(_) => None,
            Ok(Some(turn)) => Some(turn),
            Ok(None) => {
                let what = format!("another command on this machine is starting {}", target.task.label());
                return Err(Failure::of(Exit::AlreadyRunning, what).fix("look with `runajob status`"));
            }
        },
    };
    if let Some(run) = shown(ctx, target, id).await? {
        return Ok(Beside::Run(run));
    }
    for run in latest.map(|latest| latest.recent(ctx.clock.utc())).unwrap_or_default() {
        if kinds::ending(ctx, &run).await?.is_none() {
            return Ok(Beside::Run(run));
        }
    }
    Ok(Beside::Nothing(turn))
}

/// A run of the task that the service shows under way.
async fn shown(ctx: &Ctx<'_>, target: &Target, id: &str) -> Result<Option<Run>, Failure> {
    if !target.kind.is_job() {
        return Ok(kinds::under_way(ctx, target).await?.into_iter().next().map(|(run, _)| run));
    }
    let mut instances = ctx.service.instances(id).await?;
    instances
        .sort_by(|one, other| (one.inside.is_some(), other.run.run_id).cmp(&(other.inside.is_some(), one.run.run_id)));
    match instances.into_iter().next() {
        None => Ok(None),
        Some(Instance { run, inside: None, .. }) => Ok(Some(run.into())),
        Some(Instance { inside: Some(whole), .. }) => Err(runs_already(ctx, target, &whole.into())
            .context(format!("{} runs as a part of a linear taskflow", target.task.label()))),
    }
}

pub(super) fn runs_already(ctx: &Ctx<'_>, target: &Target, run: &Run) -> Failure {
    let what = format!("{} is running already: {run}", target.task.label());
    Failure::of(Exit::AlreadyRunning, what).fix(ctx.settings.command(&format!("wait {run}")))
}

fn no_id(target: &Target) -> Failure {
    Failure::of(Exit::NotFound, format!("the ID of {} is not known", target.task.label())).fix("name the task by --id")
}

/// The ID by which keys and marks know a task; of a taskflow, its API name.
pub(super) fn id_of(target: &Target) -> Option<&str> {
    match &target.naming {
        _ if target.kind.is_job() => target.task.id.as_deref(),
        Naming::Id(word) | Naming::FederatedId(word) | Naming::Name(word) => Some(word),
        Naming::Path(_) => None,
    }
}

pub(super) fn is_latest(latest: Option<Latest>, run: &JobRun) -> bool {
    latest.and_then(|latest| latest.read()).is_some_and(|(other, _)| other.as_job() == Some(run))
}

pub(super) fn watched(target: Target, run: Run, adopted: bool) -> Watched {
    Watched { run, task: target.task, own: true, adopted }
}
