//! Starting one task at most once, and finding out what became of the start when its answer is lost.

mod active_check;
pub mod all;
pub mod attempt;
pub mod claim;
pub mod duplicates;
pub mod handle_file;
pub mod key;
pub mod outcome;
pub mod places;
pub mod reconcile;
pub mod request;
pub mod state;
pub mod targets;

use std::cell::Cell;
use std::time::Duration;

use tokio::select;

use crate::api::runs::StartedRun;
use crate::cli::IfRunning;
use crate::job::{Run, Task, TaskQuery, TaskSelector};
use crate::ops::ctx::{Ctx, interrupted};
use crate::ops::recent::recent;
use crate::ops::resolve::{self, Target};
use crate::ops::runs as kinds;
use crate::ops::start::active_check::{ActiveRunCheck, already_running, find_active_run};
use crate::ops::start::attempt::{NoAnswer, StartAttempt};
use crate::ops::start::claim::{KeyClaim, claim_key, clocks, warn_unless_written};
use crate::ops::start::key::PendingKey;
use crate::ops::start::outcome::{StartOutcome, unknown};
use crate::ops::start::reconcile::{Reconciled, SentAt};
use crate::ops::start::request::StartRequest;
use crate::ops::watch::WatchedRun;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::signals::Signal;

/// Starts a task, unless a key or an active run makes that unnecessary. A signal that arrives while the start has
/// no answer is put into `interrupted_by`.
pub(crate) async fn start(
    ctx: &Ctx<'_>,
    query: &TaskQuery,
    target: Target,
    request: &StartRequest,
    interrupted_by: &Cell<Option<Signal>>,
) -> Result<StartOutcome, Failure> {
    let key = match &request.once {
        None => None,
        Some(once) => match ctx.before_start(Box::pin(claim_key(ctx, &target, once, &request.options))).await? {
            KeyClaim::Free(key) => Some(key),
            KeyClaim::Found(outcome) => return Ok(*outcome),
        },
    };
    let _lock = match ctx.settings.if_running {
        IfRunning::Start => None,
        IfRunning::Fail | IfRunning::Join => match ctx.before_start(find_active_run(ctx, &target)).await? {
            ActiveRunCheck::None(lock) => Some(lock),
            ActiveRunCheck::Found(run) if ctx.settings.if_running == IfRunning::Join => {
                ctx.console.note(&format!("{run} is active; joining it"));
                if let Some(key) = key {
                    warn_unless_written(ctx, key.adopt(&run, clocks(ctx)));
                }
                return Ok(StartOutcome::joined(target, run));
            }
            ActiveRunCheck::Found(run) => return Err(already_running(ctx, &target, &run)),
        },
    };
    ctx.before_start(async { Ok(ctx.client.open().await?) }).await?;
    let key = key.map(|key| key.pending(clocks(ctx))).transpose()?;
    send(ctx, query, target, request, key, interrupted_by).await
}

/// Sends the start, once, and finds out what became of it.
async fn send(
    ctx: &Ctx<'_>,
    query: &TaskQuery,
    target: Target,
    request: &StartRequest,
    key: Option<PendingKey>,
    interrupted_by: &Cell<Option<Signal>>,
) -> Result<StartOutcome, Failure> {
    let StartAttempt { sent_at, answer } = StartAttempt::send(ctx, &target, &request.options, interrupted_by).await;
    let Some(sent_at) = sent_at else {
        // A key that cannot be withdrawn makes the next command search for a run that does not exist.
        if let Some(key) = key {
            warn_unless_written(ctx, key.withdraw());
        }
        return Err(not_started(ctx, query, &target, answer, interrupted_by.get()).await);
    };
    let forget = key.as_ref().map(PendingKey::forget_words);
    let (run, name, adopted) = match answer {
        Ok(started) => {
            warn_of_another_task(ctx, &target, &started);
            (started.run, started.task_name, false)
        }
        Err(NoAnswer::Interrupted(why)) => return Err(unknown(&target, &why, forget)),
        Err(NoAnswer::Error(error)) if interrupted_by.get().is_some() => {
            return Err(unknown(&target, &error.to_string(), forget));
        }
        Err(NoAnswer::Error(error)) => {
            if let Some((why, _)) = kinds::lost(&target) {
                return Err(unknown(&target, &format!("{error}; {why}"), forget));
            }
            let seconds = crate::support::duration::show(ctx.settings.reconcile_for);
            ctx.console.note(&format!("{error}; searching for the run for {seconds}"));
            match reconciled(ctx, &target, SentAt::Here(sent_at), interrupted_by).await {
                Reconciled::Ours(run, name) => {
                    ctx.console.warn(&format!("the answer to the start was lost; {run} is its run"));
                    (Run::from(run), name, true)
                }
                Reconciled::Unknown(why) => {
                    return Err(unknown(&target, &format!("{error}; {why}"), forget));
                }
            }
        }
    };
    if let Some(key) = key {
        warn_unless_written(ctx, key.started(&run, clocks(ctx)));
    }
    if let Some(recent) = run.task_id().or(target.key_id()).and_then(|id| recent(ctx, id)) {
        recent.write(&run, ctx.clock.utc());
    }
    let task = Task { name: target.task.name.or(name), ..target.task };
    let start_sent_at = ctx.client.server_time_at(sent_at);
    let watched = WatchedRun { adopted, start_sent_at, ..WatchedRun::new(run, task, true) };
    Ok(StartOutcome::Run { watched, started_here: true, signal: interrupted_by.get() })
}

/// The failure of a start that was not processed.
async fn not_started(
    ctx: &Ctx<'_>,
    query: &TaskQuery,
    target: &Target,
    answer: Result<StartedRun, NoAnswer>,
    interrupted_by: Option<Signal>,
) -> Failure {
    let label = target.task.label().to_owned();
    match answer {
        Err(NoAnswer::Error(error)) if error.is_not_found() => {
            kinds::not_found(ctx, query, target, &error.to_string()).await
        }
        Err(NoAnswer::Error(error)) => kinds::not_processed(target, error, format!("{label} was not started")),
        Ok(_) | Err(NoAnswer::Interrupted(_)) => interrupted(interrupted_by.unwrap_or(Signal::Interrupt)),
    }
}

/// Searches for the run of a start that this process has sent, until `--reconcile-for` or the deadline has passed or a signal
/// arrives.
async fn reconciled(ctx: &Ctx<'_>, target: &Target, sent: SentAt, interrupted_by: &Cell<Option<Signal>>) -> Reconciled {
    let left = ctx.deadline.map(|deadline| deadline.saturating_sub(ctx.clock.now()));
    let patience = left.map_or(ctx.settings.reconcile_for, |left| left.min(ctx.settings.reconcile_for));
    let end = ctx.clock.now().saturating_add(patience);
    let search = async {
        let id = loop {
            match resolve::v2_id(ctx, target).await {
                Ok(id) => break id,
                Err(failure) if failure.exit != Exit::Unreachable || ctx.clock.now() >= end => {
                    return Reconciled::Unknown(failure.what());
                }
                Err(_) => ctx.clock.sleep(Duration::from_secs(2)).await,
            }
        };
        reconcile::search(ctx, &id, sent, end.saturating_sub(ctx.clock.now())).await
    };
    select! {
        biased;
        signal = ctx.signals.next() => {
            interrupted_by.set(Some(signal));
            Reconciled::Unknown("interrupted while searching for it".to_owned())
        }
        reconciled = search => reconciled,
    }
}

/// Warns when the service started another task than the one that was named.
fn warn_of_another_task(ctx: &Ctx<'_>, target: &Target, started: &StartedRun) {
    let run = &started.run;
    if run.kind() != target.kind {
        ctx.console.warn(&format!("the service started a {} task instead of a {}: {run}", run.kind(), target.kind));
    }
    let wanted = match &target.selector {
        TaskSelector::Name(name) => Some(name),
        _ => target.task.name.as_ref(),
    };
    if let (Some(wanted), Some(name)) = (wanted, &started.task_name)
        && wanted != name
    {
        ctx.console.warn(&format!("the service started '{name}' instead of '{wanted}': {run}"));
    }
}
