//! Claiming a key of `--once`: whether its task may be started, was started, or runs.

use std::time::Duration;

use serde_json::{Value, json};

use crate::api::jobs::StartOptions;
use crate::job::{Outcome, Run, TaskType};
use crate::ops::ctx::Ctx;
use crate::ops::resolve::Target;
use crate::ops::runs as kinds;
use crate::ops::start::key::file::{self, Clocks};
use crate::ops::start::key::sweep::{self, Swept};
use crate::ops::start::key::{KeyState, LockedKey, OnceKey};
use crate::ops::start::outcome::{StartOutcome, unknown};
use crate::ops::start::reconcile::{self, Reconciled, SentAt};
use crate::ops::start::request::{FoundTask, Once, StartRequest};
use crate::ops::watch::reports::report;
use crate::ops::watch::{Verdict, WatchedRun};
use crate::support::duration::show;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::Hint;

/// What a key says about a start under it.
pub(crate) enum KeyClaim {
    /// The task may be started.
    Free(Box<LockedKey>),
    /// The key already has a run that makes the start needless.
    Found(Box<StartOutcome>),
}

pub(crate) async fn claim_key(
    ctx: &Ctx<'_>,
    target: &Target,
    once: &Once,
    options: &StartOptions,
) -> Result<KeyClaim, Failure> {
    let id = target.known_id()?;
    // Another process keeps the key locked only while it starts the task or searches for its run.
    let patience = ctx.settings.start_timeout + ctx.settings.reconcile_for + Duration::from_secs(30);
    let mut locked = key(ctx, target, id, once, options).lock(ctx.clock, patience).await?;
    let (run, adopted) = match locked.state() {
        None => return Ok(KeyClaim::Free(Box::new(locked))),
        Some(KeyState::Started(run)) => {
            warn_unless_written(ctx, locked.touch(clocks(ctx)));
            (run, false)
        }
        Some(KeyState::Pending(at)) => {
            ctx.console.note(&format!(
                "the answer to a start under the key '{}' was lost at {}; searching for its run",
                once.key,
                ctx.console.time(at.ours)
            ));
            if let Some((why, _)) = kinds::lost(target) {
                return Err(unknown(target, why, Some(locked.forget_words())));
            }
            match reconcile::search(ctx, id, SentAt::Recorded(at), ctx.settings.reconcile_for).await {
                Reconciled::Ours(run, _) => {
                    let run = Run::from(run);
                    warn_unless_written(ctx, locked.adopt(&run, clocks(ctx)));
                    ctx.console.warn(&format!("{run} is the run of that start"));
                    (run, true)
                }
                Reconciled::Unknown(why) => return Err(unknown(target, &why, Some(locked.forget_words()))),
            }
        }
    };
    Ok(match kinds::result(ctx, &run, locked.start_sent_at()).await? {
        Some(result) if matches!(result.outcome, Outcome::Succeeded | Outcome::Warning) => {
            ctx.console
                .note(&format!("the task already ran under the key '{}' as {run}; nothing was started", once.key));
            let watched = WatchedRun { adopted, ..WatchedRun::new(run, target.task.clone(), true) };
            let report = report(ctx, &watched, Verdict::Ended(Box::new(result)));
            KeyClaim::Found(Box::new(StartOutcome::Over(Box::new(report))))
        }
        Some(result) => {
            let word = Exit::from(result.outcome).word().unwrap_or_default().replace('_', " ");
            ctx.console.note(&format!("{run} under the key '{}' ended ({word}); starting the task again", once.key));
            KeyClaim::Free(Box::new(locked))
        }
        None => {
            ctx.console.note(&format!("{run} is active under the key '{}'; joining it", once.key));
            let start_sent_at = locked.start_sent_at();
            let watched = WatchedRun { adopted, start_sent_at, ..WatchedRun::new(run, target.task.clone(), true) };
            KeyClaim::Found(Box::new(StartOutcome::Run { watched, started_here: false, signal: None }))
        }
    })
}

/// Refuses a start of several tasks before the first of them, when the key of one was used with another request.
pub(crate) fn check_keys(ctx: &Ctx<'_>, tasks: &[FoundTask], request: &StartRequest) -> Result<(), Failure> {
    let Some(once) = &request.once else { return Ok(()) };
    for FoundTask { target, .. } in tasks {
        if let Some(id) = target.key_id()
            && let Err(error @ file::Error::OtherRequest { .. }) = key(ctx, target, id, once, &request.options).check()
        {
            return Err(error.into());
        }
    }
    Ok(())
}

fn key(ctx: &Ctx<'_>, target: &Target, id: &str, once: &Once, options: &StartOptions) -> OnceKey {
    let task = format!("{}/{id}", target.kind);
    OnceKey::new(&once.folder, &ctx.host(), &task, &once.key, digested(target.kind, options))
}

/// The parts of a request that decide what its job does. Whether it may run at the same time as another run, and which URL
/// the service calls when it ends, are not among them.
fn digested(kind: TaskType, options: &StartOptions) -> Value {
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

pub(crate) fn clocks(ctx: &Ctx<'_>) -> Clocks {
    Clocks { ours: ctx.clock.utc(), service: ctx.client.server_time_at(ctx.clock.now()) }
}

/// Removes keys that nobody has used for long.
pub(crate) fn sweep_keys(ctx: &Ctx<'_>, once: &Once) {
    let keep = ctx.settings.once_keep;
    let Some(Swept { examined, found, removed }) = sweep::sweep(&once.folder, clocks(ctx), keep) else { return };
    if ctx.console.style().verbose > 0 {
        ctx.console.note(&format!(
            "examined {examined} keys in {}: {removed} were not used for {} and were removed, {found} follow in a day \
             if they are still unused",
            once.folder.display(),
            show(keep)
        ));
    }
}

/// Warns of a key that could not be written after its start. The next command under the key searches for the run.
pub(crate) fn warn_unless_written(ctx: &Ctx<'_>, written: std::io::Result<()>) {
    if let Err(error) = written {
        ctx.console.warn(&format!("the key could not be updated: {error}"));
    }
}

impl From<file::Error> for Failure {
    fn from(error: file::Error) -> Self {
        let (exit, hint): (Exit, Hint) = match &error {
            file::Error::Unusable { .. } => {
                (Exit::Config, "nothing was started; choose another folder with --once-dir, or free space".into())
            }
            file::Error::Damaged { forget, .. } => (
                Exit::Config,
                Hint::from("nothing was started; check whether the task has run, then forget the key: ")
                    .then(Hint::command(forget)),
            ),
            file::Error::OtherRequest { .. } => (
                Exit::Usage,
                "nothing was started; use the same inputs and parameters as then, or another key with --once".into(),
            ),
            file::Error::Locked => (Exit::AlreadyRunning, "wait for the other command, then try again".into()),
        };
        Self::new(exit, error).hint(hint)
    }
}
