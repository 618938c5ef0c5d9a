//! One start: sending it at most once, and what is known when its answer is lost. Leaves what makes it needless to `gate`,
//! several tasks, and waiting, to `start`.

pub mod key;
pub mod preflight;
pub mod reconcile;

use std::cell::Cell;
use std::path::PathBuf;
use std::time::Duration;

use tokio::select;

use crate::api::Error;
use crate::api::jobs::StartOptions;
use crate::api::runs::Started;
use crate::cli::IfRunning;
use crate::job::{JobRun, Run, TaskQuery, TaskSelector};
use crate::ops::recent::RecentRun;
use crate::ops::resolve::{self, Target};
use crate::ops::start::key as once;
use crate::ops::start::key::{Asked, Swept};
use crate::ops::start::preflight::{
    ActiveRunCheck, KeyClaim, claim_key, find_active_run, is_latest, reading, runs_already, watched,
};
use crate::ops::start::reconcile::{Found, Sent};
use crate::ops::watch::WatchedRun;
use crate::ops::{Ctx, interrupted, runs as kinds};
use crate::output::RunReport;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::signals::Signal;

/// After a signal, the answer to a start under way is waited for this long.
const LAST_WORD: Duration = Duration::from_secs(5);

/// What is asked for beside the task.
pub(crate) struct StartRequest {
    pub options: StartOptions,
    pub once: Option<Once>,
}

/// The key under which the start happens once, and where it is kept.
pub(crate) struct Once {
    pub key: String,
    pub folder: PathBuf,
}

/// What became of the wish to start a task.
pub(crate) enum StartOutcome {
    /// A run is under way.
    Run {
        watched: WatchedRun,
        /// Whether this command started it, rather than joined it.
        started_here: bool,
        /// A signal that came while it was being started ends the command now that its handle is known.
        signal: Option<Signal>,
    },
    /// Nothing was started: a run under the same key is over, and well.
    Over(Box<RunReport>),
}

impl StartOutcome {
    /// A run that another command has started.
    pub(crate) fn joined(target: Target, run: Run) -> Self {
        Self::Run { watched: watched(target, run, false), started_here: false, signal: None }
    }
}

/// Starts a task, unless a key or a run under way makes that needless. A signal that comes while the start is out is put
/// into `heard`.
pub(crate) async fn begin(
    ctx: &Ctx<'_>,
    asked: &TaskQuery,
    target: Target,
    order: &StartRequest,
    heard: &Cell<Option<Signal>>,
) -> Result<StartOutcome, Failure> {
    let latest = |id: &str| Some(RecentRun::new(ctx.settings.state_dir.as_deref()?, &ctx.host(), id));
    let key = match &order.once {
        None => None,
        Some(once) => match ctx.before_start(Box::pin(claim_key(ctx, &target, once, &order.options, &latest))).await? {
            KeyClaim::Free(held) => Some(held),
            KeyClaim::Found(begun) => return Ok(*begun),
        },
    };
    let _turn = match ctx.settings.if_running {
        IfRunning::Start => None,
        IfRunning::Fail | IfRunning::Join => match ctx.before_start(find_active_run(ctx, &target, &latest)).await? {
            ActiveRunCheck::None(turn) => turn,
            ActiveRunCheck::Found(run) if ctx.settings.if_running == IfRunning::Join => {
                ctx.console.note(&format!("{run} is under way; joining it"));
                if let Some(held) = key {
                    keep(ctx, held.adopt(&run, reading(ctx)));
                }
                return Ok(StartOutcome::joined(target, run));
            }
            ActiveRunCheck::Found(run) => return Err(runs_already(ctx, &target, &run)),
        },
    };
    ctx.before_start(async { Ok(ctx.client.open().await?) }).await?;
    let key = key.map(|held| held.call(reading(ctx))).transpose()?;
    send(ctx, asked, target, order, key, &latest, heard).await
}

/// Sends the start, once, and finds out what became of it.
async fn send(
    ctx: &Ctx<'_>,
    asked: &TaskQuery,
    target: Target,
    order: &StartRequest,
    key: Option<Asked>,
    latest: &impl Fn(&str) -> Option<RecentRun>,
    heard: &Cell<Option<Signal>>,
) -> Result<StartOutcome, Failure> {
    let answer = send_and_wait(ctx, &target, order, heard).await;
    let may_have_started = match &answer {
        Ok(_) => true,
        // The error can be that of a login after a start which a dead session kept from being processed.
        Err(NoAnswer::Error(error)) => error.may_have_been_processed() && ctx.client.may_have_started(),
        Err(NoAnswer::Gone(_)) => ctx.client.may_have_started(),
    };
    if !may_have_started {
        // A key that cannot be withdrawn makes the next command look for a run that there is not.
        if let Some(key) = key {
            keep(ctx, key.withdraw());
        }
        return Err(not_started(ctx, asked, &target, answer, heard.get()).await);
    }
    let key_file = key.as_ref().map(|key| key.path().to_owned());
    let (run, name, adopted) = match answer {
        Ok(started) => {
            check(ctx, &target, &started);
            (started.run, started.task_name, false)
        }
        Err(NoAnswer::Gone(why)) => return Err(unknown(ctx, &target, &why, key_file)),
        Err(NoAnswer::Error(error)) if heard.get().is_some() => {
            return Err(unknown(ctx, &target, &error.to_string(), key_file));
        }
        Err(NoAnswer::Error(error)) => {
            if let Some((why, _)) = kinds::lost(&target) {
                return Err(unknown(ctx, &target, &format!("{error}; {why}"), key_file));
            }
            let seconds = crate::support::duration::show(ctx.settings.reconcile_for);
            ctx.console.note(&format!("{error}; looking for the run for {seconds}"));
            let sent = Sent::Here(ctx.client.sent());
            match reconciled(ctx, &target, sent, latest, heard).await {
                Found::Ours(run, name) => {
                    ctx.console.warn(&format!("the answer to the start was lost; {run} is its run"));
                    (Run::from(run), name, true)
                }
                Found::Unknown(why) => {
                    return Err(unknown(ctx, &target, &format!("{error}; {why}"), key_file));
                }
            }
        }
    };
    if let Some(key) = key {
        keep(ctx, key.started(&run, reading(ctx)));
    }
    if let Some(latest) = run.task_id().or(kinds::id_of(&target)).and_then(latest) {
        latest.write(&run, ctx.clock.utc());
    }
    let mut watched = watched(target, run, adopted);
    if watched.task.name.is_none() {
        watched.task.name = name;
    }
    Ok(StartOutcome::Run { watched, started_here: true, signal: heard.get() })
}

/// Why a start has no answer of the service.
enum NoAnswer {
    Error(Error),
    /// A signal ended the waiting for it.
    Gone(String),
}

/// Sends the start and waits for its answer; after a signal for a few seconds more.
async fn send_and_wait(
    ctx: &Ctx<'_>,
    target: &Target,
    order: &StartRequest,
    heard: &Cell<Option<Signal>>,
) -> Result<Started, NoAnswer> {
    let mut sending = std::pin::pin!(ctx.client.start(&target.selector, target.kind, &order.options));
    let signal = select! {
        biased;
        answer = &mut sending => return answer.map_err(NoAnswer::Error),
        signal = ctx.signals.next() => signal,
    };
    heard.set(Some(signal));
    if !ctx.client.may_have_started() {
        return Err(NoAnswer::Gone("interrupted".to_owned()));
    }
    ctx.console.alarm("the start was sent; waiting 5s for its answer");
    select! {
        biased;
        answer = &mut sending => answer.map_err(NoAnswer::Error),
        _ = ctx.signals.next() => Err(NoAnswer::Gone("a second signal came before the answer".to_owned())),
        () = ctx.clock.sleep(LAST_WORD) => Err(NoAnswer::Gone("no answer came within 5s of the signal".to_owned())),
    }
}

/// The failure of a start that began nothing.
async fn not_started(
    ctx: &Ctx<'_>,
    asked: &TaskQuery,
    target: &Target,
    answer: Result<Started, NoAnswer>,
    heard: Option<Signal>,
) -> Failure {
    let label = target.task.label().to_owned();
    match answer {
        Err(NoAnswer::Error(error)) if error.is_not_found() => {
            kinds::not_found(ctx, asked, target, &error.to_string()).await
        }
        Err(NoAnswer::Error(error)) => kinds::not_processed(target, error, format!("{label} was not started")),
        Ok(_) | Err(NoAnswer::Gone(_)) => interrupted(heard.unwrap_or(Signal::Interrupt)),
    }
}

/// Looks for the run of a start that this process has sent, until its time, the deadline's last look, or a signal.
async fn reconciled(
    ctx: &Ctx<'_>,
    target: &Target,
    sent: Sent,
    latest: &impl Fn(&str) -> Option<RecentRun>,
    heard: &Cell<Option<Signal>>,
) -> Found {
    let left = ctx.deadline.map(|deadline| deadline.saturating_sub(ctx.clock.now()));
    let patience = left.map_or(ctx.settings.reconcile_for, |left| left.min(ctx.settings.reconcile_for));
    let end = ctx.clock.now().saturating_add(patience);
    let looking = async {
        let id = loop {
            match resolve::v2_id(ctx, target).await {
                Ok(id) => break id,
                Err(failure) if failure.exit != Exit::Unreachable || ctx.clock.now() >= end => {
                    return Found::Unknown(failure.what());
                }
                Err(_) => ctx.clock.sleep(Duration::from_secs(2)).await,
            }
        };
        let known = |run: &JobRun| is_latest(latest(&id), run);
        reconcile::search(ctx, &id, sent, end.saturating_sub(ctx.clock.now()), known).await
    };
    select! {
        biased;
        signal = ctx.signals.next() => {
            heard.set(Some(signal));
            Found::Unknown("interrupted while looking for it".to_owned())
        }
        found = looking => found,
    }
}

/// The start may have begun a run that nobody knows the handle of.
pub(crate) fn unknown(ctx: &Ctx<'_>, target: &Target, why: &str, key_file: Option<PathBuf>) -> Failure {
    let task = &target.task;
    let name = match (&task.id, &task.path) {
        (Some(id), _) => format!("id:{id}"),
        (None, Some(path)) => shell_words::quote(path).into_owned(),
        (None, None) => shell_words::quote(task.label()).into_owned(),
    };
    let (mut hint, again) = match kinds::lost(target) {
        Some((_, hint)) => (hint, "does not start it again"),
        None => (
            format!(
                "look before you start it again: {}",
                ctx.settings.command(&format!("status {name} -t {}", target.kind))
            ),
            "looks for the run again",
        ),
    };
    if let Some(file) = key_file {
        let file = file.display().to_string();
        let file = shell_words::quote(&file);
        hint.push_str(&format!("; the same command {again}; if there is none, rm {file} frees the key"));
    }
    Failure::of(Exit::Unknown, why).context(format!("it is unknown whether {} was started", task.label())).hint(hint)
}

/// The service says what it started: another task than the one asked for is worth a warning.
fn check(ctx: &Ctx<'_>, target: &Target, started: &Started) {
    let run = &started.run;
    if run.kind() != target.kind {
        ctx.console.warn(&format!("asked for a {}, the service started a {}: {run}", target.kind, run.kind()));
    }
    let asked = match &target.selector {
        TaskSelector::Name(name) => Some(name),
        _ => target.task.name.as_ref(),
    };
    if let (Some(asked), Some(name)) = (asked, &started.task_name)
        && asked != name
    {
        ctx.console.warn(&format!("asked for '{asked}', the service started '{name}': {run}"));
    }
}

/// Removes keys that nobody uses any more.
pub(crate) fn sweep(ctx: &Ctx<'_>, once: &Once) {
    let keep = ctx.settings.once_keep;
    let Some(Swept { examined, found, removed }) = once::sweep(&once.folder, reading(ctx), keep) else { return };
    if ctx.console.style().verbose > 0 {
        ctx.console.note(&format!(
            "examined {examined} keys in {}: {removed} not used for {} were removed, {found} go if they are still too old \
             in a day",
            once.folder.display(),
            crate::support::duration::show(keep)
        ));
    }
}

/// What could not be written of a start that has happened. The next command under the key looks for the run.
pub(crate) fn keep(ctx: &Ctx<'_>, written: std::io::Result<()>) {
    if let Err(error) = written {
        ctx.console.warn(&format!("the key could not be brought up to date: {error}"));
    }
}

/// A key that cannot do its work starts nothing.
impl From<once::Error> for Failure {
    fn from(error: once::Error) -> Self {
        let (exit, hint) = match &error {
            once::Error::Unusable { .. } => {
                (Exit::Config, "nothing was started; make room or choose another --once-dir".to_owned())
            }
            once::Error::Damaged { path } => {
                let path = path.display().to_string();
                let path = shell_words::quote(&path).into_owned();
                (Exit::Config, format!("nothing was started; see whether the task has run, then rm {path}"))
            }
            once::Error::OtherRequest { .. } => (
                Exit::Usage,
                "nothing was started; give the inputs and parameters of then, or another key with --once".to_owned(),
            ),
            once::Error::LockedKey => (Exit::AlreadyRunning, "look with `runajob status`".to_owned()),
        };
        Self::new(exit, error).hint(hint)
    }
}
