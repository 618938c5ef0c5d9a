//! What makes a start needless: a run under the same key, a run that is under way. Leaves starting to `starting`.

use std::cmp::Reverse;
use std::time::Duration;

use serde_json::{Value, json};

use crate::api::jobs::StartOptions;
use crate::job::{JobRun, Outcome, Run, RunResult, TaskType};
use crate::ops::recent::RecentRun;
use crate::ops::resolve::Target;
use crate::ops::runs::TaskRun;
use crate::ops::start::key::{Key, KeyState, LockedKey, Reading};
use crate::ops::start::reconcile::{self, Found, Sent};
use crate::ops::start::{Once, StartOutcome, StartRequest, keep, key as once, unknown};
use crate::ops::watch::WatchedRun;
use crate::ops::{Ctx, runs as kinds};
use crate::output::RunReport;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::state::Lock;

/// Whether the start may go on under its key.
pub(crate) enum KeyClaim {
    Free(Box<LockedKey>),
    Found(Box<StartOutcome>),
}

pub(crate) async fn claim_key(
    ctx: &Ctx<'_>,
    target: &Target,
    once: &Once,
    options: &StartOptions,
    latest: &impl Fn(&str) -> Option<RecentRun>,
) -> Result<KeyClaim, Failure> {
    let Some(id) = kinds::id_of(target) else { return Err(no_id(target)) };
    // Another process holds the key only while its start is under way or being looked for.
    let patience = ctx.settings.start_timeout + ctx.settings.reconcile_for + Duration::from_secs(30);
    let mut held = key(ctx, target, id, once, options).take(ctx.clock, patience).await?;
    let run = match held.mark() {
        None => return Ok(KeyClaim::Free(Box::new(held))),
        Some(KeyState::Started(run)) => {
            keep(ctx, held.touch(reading(ctx)));
            run
        }
        Some(KeyState::Pending(at)) => {
            ctx.console.note(&format!(
                "a start under the key '{}' left no answer at {}; looking for its run",
                once.key,
                ctx.console.time(at.ours)
            ));
            if let Some((why, _)) = kinds::lost(target) {
                return Err(unknown(ctx, target, why, Some(held.path().to_owned())));
            }
            let known = |run: &JobRun| is_latest(latest(id), run);
            match reconcile::search(ctx, id, Sent::Once(at), ctx.settings.reconcile_for, known).await {
                Found::Ours(run, _) => {
                    let run = Run::from(run);
                    keep(ctx, held.adopt(&run, reading(ctx)));
                    ctx.console.warn(&format!("{run} is the run of that start"));
                    run
                }
                Found::Unknown(why) => return Err(unknown(ctx, target, &why, Some(held.path().to_owned()))),
            }
        }
    };
    Ok(match kinds::result(ctx, &run).await? {
        Some(result) if matches!(result.outcome, Outcome::Succeeded | Outcome::Warning) => {
            ctx.console.note(&format!("{run} has run under the key '{}'; nothing was started", once.key));
            KeyClaim::Found(Box::new(StartOutcome::Over(Box::new(finished(ctx, target, run, result)))))
        }
        Some(result) => {
            let word = Exit::from(result.outcome).word().unwrap_or_default().replace('_', " ");
            ctx.console.note(&format!("{run} under the key '{}' is over ({word}); starting anew", once.key));
            KeyClaim::Free(Box::new(held))
        }
        None => {
            ctx.console.note(&format!("{run} is under way under the key '{}'; joining it", once.key));
            KeyClaim::Found(Box::new(StartOutcome::joined(target.clone(), run)))
        }
    })
}

/// Refuses a start of several tasks before the first of them, when the key of one was used with another request.
pub(crate) fn check_keys(ctx: &Ctx<'_>, targets: &[Target], order: &StartRequest) -> Result<(), Failure> {
    let Some(once) = &order.once else { return Ok(()) };
    for target in targets {
        if let Some(id) = kinds::id_of(target)
            && let Err(error @ once::Error::OtherRequest { .. }) = key(ctx, target, id, once, &order.options).fits()
        {
            return Err(error.into());
        }
    }
    Ok(())
}

fn key(ctx: &Ctx<'_>, target: &Target, id: &str, once: &Once, options: &StartOptions) -> Key {
    let task = format!("{}/{id}", target.kind);
    Key::new(&once.folder, &ctx.host(), &task, &once.key, request(target.kind, options))
}

/// What of a start decides what its job does. Whether it may run beside another instance, and whom the service calls when
/// it ends, do not.
fn request(kind: TaskType, options: &StartOptions) -> Value {
    let StartOptions { allow_concurrent: _, parameter_file, parameter_dir, callback_url: _, flow } = options;
    let inputs = (!flow.inputs.is_empty()).then(|| Value::Object(flow.inputs.clone()));
    let members = [
        ("type", Some(json!(kind.code()))),
        ("inputs", inputs),
        ("run_name", flow.run_name.as_ref().map(|name| json!(name))),
        ("parameter_file", parameter_file.as_ref().map(|file| json!(file))),
        ("parameter_dir", parameter_dir.as_ref().map(|dir| json!(dir))),
    ];
    // What is not given is left out, so that digests stay what they are when more can be given.
    let given = members.into_iter().filter_map(|(member, value)| Some((member.to_owned(), value?)));
    Value::Object(given.collect())
}

/// The time by both clocks.
pub(crate) fn reading(ctx: &Ctx<'_>) -> Reading {
    Reading { ours: ctx.clock.utc(), service: ctx.client.date_at(ctx.clock.now()) }
}

fn finished(ctx: &Ctx<'_>, target: &Target, run: Run, result: RunResult) -> RunReport {
    let mut report = RunReport::ended(run, target.task.clone(), result);
    if report.exit == Exit::Warning && ctx.settings.warnings_ok {
        report.exit = Exit::Good;
    }
    report
}

/// What runs of the task there are.
pub(crate) enum ActiveRunCheck {
    /// None that is known of, and the lock that lets no other command on this machine look before this one has started.
    None(Option<Lock>),
    Found(Run),
}

pub(crate) async fn find_active_run(
    ctx: &Ctx<'_>,
    target: &Target,
    latest: &impl Fn(&str) -> Option<RecentRun>,
) -> Result<ActiveRunCheck, Failure> {
    let Some(id) = kinds::id_of(target) else { return Err(no_id(target)) };
    let latest = latest(id);
    let turn = match &latest {
        None => None,
        // Where there can be no lock the service is still asked.
        Some(latest) => match latest.lock(ctx.clock, ctx.settings.start_timeout + Duration::from_secs(10)).await {
            Err(_) => None,
            Ok(Some(turn)) => Some(turn),
            Ok(None) => {
                let what = format!("another command on this machine is starting {}", target.task.label());
                return Err(Failure::of(Exit::AlreadyRunning, what).hint("look with `runajob status`"));
            }
        },
    };
    if let Some(run) = shown(ctx, target).await? {
        return Ok(ActiveRunCheck::Found(run));
    }
    for run in latest.map(|latest| latest.recent(ctx.clock.utc())).unwrap_or_default() {
        if kinds::result(ctx, &run).await?.is_none() {
            return Ok(ActiveRunCheck::Found(run));
        }
    }
    Ok(ActiveRunCheck::None(turn))
}

/// A run of the task that the service shows under way.
async fn shown(ctx: &Ctx<'_>, target: &Target) -> Result<Option<Run>, Failure> {
    let mut active = kinds::active_runs(ctx, target).await?;
    // Those with a parent last, and of the job resource the latest first.
    active.sort_by_key(|one| (one.parent.is_some(), one.run.as_job().map(|run| Reverse(run.run_id))));
    match active.into_iter().next() {
        None => Ok(None),
        Some(TaskRun { run, parent: None, .. }) => Ok(Some(run)),
        Some(TaskRun { parent: Some(parent), .. }) => Err(runs_already(ctx, target, &parent.into())
            .context(format!("{} runs as a part of a linear taskflow", target.task.label()))),
    }
}

pub(crate) fn runs_already(ctx: &Ctx<'_>, target: &Target, run: &Run) -> Failure {
    let what = format!("{} is running already: {run}", target.task.label());
    Failure::of(Exit::AlreadyRunning, what).hint(ctx.settings.command(&format!("wait {run}")))
}

fn no_id(target: &Target) -> Failure {
    Failure::of(Exit::NotFound, format!("the ID of {} is not known", target.task.label())).hint("name the task by --id")
}

pub(crate) fn is_latest(latest: Option<RecentRun>, run: &JobRun) -> bool {
    latest.and_then(|latest| latest.read()).is_some_and(|(other, _)| other.as_job() == Some(run))
}

pub(crate) fn watched(target: Target, run: Run, adopted: bool) -> WatchedRun {
    WatchedRun { adopted, ..WatchedRun::new(run, target.task, true) }
}
