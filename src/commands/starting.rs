//! One start: what may make it needless, sending it at most once, and what is known when its answer is lost. Leaves several
//! tasks, and waiting, to `start`.

use std::cell::Cell;
use std::path::PathBuf;
use std::time::Duration;

use tokio::select;

use super::reconcile::{self, Found, Sent};
use super::resolve::{self, Target};
use super::watching::Watched;
use super::{Ctx, interrupted, kinds};
use crate::api::Error;
use crate::api::jobs::{Instance, StartOptions};
use crate::api::runs::Started;
use crate::cli::IfRunning;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::job::{Ending, JobRun, Naming, Outcome, Run, TaskRef};
use crate::latest::Latest;
use crate::once::{self, Asked, Held, Key, Mark};
use crate::output::RunReport;
use crate::signals::Signal;
use crate::state::Lock;

/// After a signal, the answer to a start under way is waited for this long.
const LAST_WORD: Duration = Duration::from_secs(5);
/// A run that this machine started, and that the monitor does not show, counts as running for so long.
const UNSHOWN: Duration = Duration::from_secs(600);

/// What is asked for beside the task.
pub(super) struct Order {
    pub options: StartOptions,
    pub once: Option<Once>,
}

/// The key under which the start happens once, and where it is kept.
pub(super) struct Once {
    pub key: String,
    pub folder: PathBuf,
}

/// What became of the wish to start a task.
pub(super) enum Begun {
    /// A run is under way. A signal that came while it was being started ends the command now that its handle is known.
    Run(Watched, Option<Signal>),
    /// Nothing was started: a run under the same key is over, and well.
    Over(RunReport),
}

/// Starts a task, unless a key or a run under way makes that needless.
pub(super) async fn begin(ctx: &Ctx<'_>, asked: &TaskRef, target: Target, order: &Order) -> Result<Begun, Failure> {
    let latest = |id: &str| Some(Latest::new(ctx.settings.state_dir.as_deref()?, &ctx.host(), id));
    let key = match &order.once {
        None => None,
        Some(once) => match ctx.before_start(under_key(ctx, &target, once, &latest)).await? {
            Under::Key(held) => Some(held),
            Under::Begun(begun) => return Ok(*begun),
        },
    };
    let _turn = match ctx.settings.if_running {
        IfRunning::Start => None,
        IfRunning::Fail | IfRunning::Join => match ctx.before_start(beside(ctx, &target, &latest)).await? {
            Beside::Nothing(turn) => turn,
            Beside::Run(run) if ctx.settings.if_running == IfRunning::Join => {
                ctx.console.note(&format!("{run} is under way; joining it"));
                if let Some(held) = key {
                    keep(ctx, held.adopt(ctx.clock.utc(), &run));
                }
                return Ok(Begun::Run(watched(target, run, false), None));
            }
            Beside::Run(run) => return Err(runs_already(&target, &run)),
        },
    };
    ctx.before_start(async { Ok(ctx.service.open().await?) }).await?;
    let key = key.map(|held| held.ask(ctx.clock.utc())).transpose()?;
    send(ctx, asked, target, order, key, &latest).await
}

/// Whether the start may go on under its key.
enum Under {
    Key(Held),
    Begun(Box<Begun>),
}

async fn under_key(
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
                return Err(unknown(target, why, Some(held.path().to_owned())));
            }
            let known = |run: &JobRun| is_latest(latest(id), run);
            match reconcile::look(ctx, id, Sent::Once(at), ctx.settings.reconcile_for, known).await {
                Found::Ours(run, _) => {
                    let run = Run::from(run);
                    keep(ctx, held.adopt(at, &run));
                    ctx.console.warn(&format!("{run} is the run of that start"));
                    run
                }
                Found::Unknown(why) => return Err(unknown(target, &why, Some(held.path().to_owned()))),
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
enum Beside {
    /// None that is known of, and the lock that lets no other command on this machine look before this one has started.
    Nothing(Option<Lock>),
    Run(Run),
}

async fn beside(ctx: &Ctx<'_>, target: &Target, latest: &impl Fn(&str) -> Option<Latest>) -> Result<Beside, Failure> {
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
    if let Some((run, at)) = latest.and_then(|latest| latest.read()) {
        let age = ctx.clock.utc().duration_since(at);
        let recent = Duration::try_from(age).is_ok_and(|age| age < UNSHOWN);
        if recent && kinds::ending(ctx, &run).await?.is_none() {
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
        Some(Instance { inside: Some(whole), .. }) => Err(runs_already(target, &whole.into())
            .context(format!("{} runs as a part of a linear taskflow", target.task.label()))),
    }
}

fn runs_already(target: &Target, run: &Run) -> Failure {
    let what = format!("{} is running already: {run}", target.task.label());
    Failure::of(Exit::AlreadyRunning, what).fix(format!("runajob wait {run}"))
}

fn no_id(target: &Target) -> Failure {
    Failure::of(Exit::NotFound, format!("the ID of {} is not known", target.task.label())).fix("name the task by --id")
}

/// The ID by which keys and marks know a task; of a taskflow, its API name.
fn id_of(target: &Target) -> Option<&str> {
    match &target.naming {
        _ if target.kind.is_job() => target.task.id.as_deref(),
        Naming::Id(word) | Naming::FederatedId(word) | Naming::Name(word) => Some(word),
        Naming::Path(_) => None,
    }
}

fn is_latest(latest: Option<Latest>, run: &JobRun) -> bool {
    latest.and_then(|latest| latest.read()).is_some_and(|(other, _)| other.as_job() == Some(run))
}

fn watched(target: Target, run: Run, adopted: bool) -> Watched {
    Watched { run, task: target.task, own: true, adopted }
}

/// Sends the start, once, and finds out what became of it.
async fn send(
    ctx: &Ctx<'_>,
    asked: &TaskRef,
    target: Target,
    order: &Order,
    key: Option<Asked>,
    latest: &impl Fn(&str) -> Option<Latest>,
) -> Result<Begun, Failure> {
    let heard = Cell::new(None);
    let answer = hear_out(ctx, &target, order, &heard).await;
    let may_have_started = match &answer {
        Ok(_) => true,
        Err(Unheard::Error(error)) => error.may_have_been_processed(),
        Err(Unheard::Gone(_)) => ctx.service.may_have_started(),
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
        Err(Unheard::Gone(why)) => return Err(unknown(&target, &why, key_file)),
        Err(Unheard::Error(error)) if heard.get().is_some() => {
            return Err(unknown(&target, &error.to_string(), key_file));
        }
        Err(Unheard::Error(error)) if !target.kind.is_job() => {
            let why = kinds::lost(&target).map_or("", |(why, _)| why);
            return Err(unknown(&target, &format!("{error}; {why}"), key_file));
        }
        Err(Unheard::Error(error)) => {
            let seconds = crate::duration::show(ctx.settings.reconcile_for);
            ctx.console.note(&format!("{error}; looking for the run for {seconds}"));
            let sent = Sent::Here(ctx.service.sent());
            match reconciled(ctx, &target, sent, latest, &heard).await {
                Found::Ours(run, name) => {
                    ctx.console.warn(&format!("the answer to the start was lost; {run} is its run"));
                    (Run::from(run), name, true)
                }
                Found::Unknown(why) => {
                    return Err(unknown(&target, &format!("{error}; {why}"), key_file));
                }
            }
        }
    };
    if let Some(key) = key {
        keep(ctx, key.started(&run));
    }
    if let Some(latest) = run.task_id().or(id_of(&target)).and_then(latest) {
        latest.write(&run, ctx.clock.utc());
    }
    let mut watched = watched(target, run, adopted);
    if watched.task.name.is_none() {
        watched.task.name = name;
    }
    Ok(Begun::Run(watched, heard.get()))
}

/// Why a start has no answer of the service.
enum Unheard {
    Error(Error),
    /// A signal ended the waiting for it.
    Gone(String),
}

/// Sends the start and waits for its answer; after a signal for a few seconds more.
async fn hear_out(
    ctx: &Ctx<'_>,
    target: &Target,
    order: &Order,
    heard: &Cell<Option<Signal>>,
) -> Result<Started, Unheard> {
    let mut sending = std::pin::pin!(ctx.service.start(&target.naming, target.kind, &order.options));
    let signal = select! {
        biased;
        answer = &mut sending => return answer.map_err(Unheard::Error),
        signal = ctx.signals.next() => signal,
    };
    heard.set(Some(signal));
    if !ctx.service.may_have_started() {
        return Err(Unheard::Gone("interrupted".to_owned()));
    }
    ctx.console.alarm("the start was sent; waiting 5s for its answer");
    select! {
        biased;
        answer = &mut sending => answer.map_err(Unheard::Error),
        _ = ctx.signals.next() => Err(Unheard::Gone("a second signal came before the answer".to_owned())),
        () = ctx.clock.sleep(LAST_WORD) => Err(Unheard::Gone("no answer came within 5s of the signal".to_owned())),
    }
}

/// The failure of a start that began nothing.
async fn not_started(
    ctx: &Ctx<'_>,
    asked: &TaskRef,
    target: &Target,
    answer: Result<Started, Unheard>,
    heard: Option<Signal>,
) -> Failure {
    let label = target.task.label().to_owned();
    match answer {
        Err(Unheard::Error(error)) if error.is_not_found() && !target.kind.is_job() => {
            kinds::not_found(ctx, target, &error.to_string()).await
        }
        Err(Unheard::Error(error)) if error.is_not_found() => {
            let asked = TaskRef { kind: Some(target.kind), ..asked.clone() };
            resolve::not_found(ctx, &asked, &error.to_string()).await
        }
        Err(Unheard::Error(error)) => kinds::not_processed(target, error, format!("{label} was not started")),
        Ok(_) | Err(Unheard::Gone(_)) => interrupted(heard.unwrap_or(Signal::Interrupt)),
    }
}

/// Looks for the run of a start that this process has sent, until its time, the deadline's last look, or a signal.
async fn reconciled(
    ctx: &Ctx<'_>,
    target: &Target,
    sent: Sent,
    latest: &impl Fn(&str) -> Option<Latest>,
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
        reconcile::look(ctx, &id, sent, end.saturating_sub(ctx.clock.now()), known).await
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
fn unknown(target: &Target, why: &str, key_file: Option<PathBuf>) -> Failure {
    let task = &target.task;
    let name = match (&task.id, &task.path) {
        (Some(id), _) => format!("id:{id}"),
        (None, Some(path)) => shell_words::quote(path).into_owned(),
        (None, None) => shell_words::quote(task.label()).into_owned(),
    };
    let (mut fix, again) = match kinds::lost(target) {
        Some((_, fix)) => (fix, "does not start it again"),
        None => (
            format!("look before you start it again: runajob status {name} -t {}", target.kind),
            "looks for the run again",
        ),
    };
    if let Some(file) = key_file {
        let file = file.display().to_string();
        let file = shell_words::quote(&file);
        fix.push_str(&format!("; the same command {again}; if there is none, rm {file} frees the key"));
    }
    Failure::of(Exit::Unknown, why).context(format!("it is unknown whether {} was started", task.label())).fix(fix)
}

/// The service says what it started: another task than the one asked for is worth a warning.
fn check(ctx: &Ctx<'_>, target: &Target, started: &Started) {
    let run = &started.run;
    if run.kind() != target.kind {
        ctx.console.warn(&format!("asked for a {}, the service started a {}: {run}", target.kind, run.kind()));
    }
    let asked = match &target.naming {
        Naming::Name(name) => Some(name),
        _ => target.task.name.as_ref(),
    };
    if let (Some(asked), Some(name)) = (asked, &started.task_name)
        && asked != name
    {
        ctx.console.warn(&format!("asked for '{asked}', the service started '{name}': {run}"));
    }
}

/// What could not be written of a start that has happened. The next command under the key looks for the run.
fn keep(ctx: &Ctx<'_>, written: std::io::Result<()>) {
    if let Err(error) = written {
        ctx.console.warn(&format!("the key could not be brought up to date: {error}"));
    }
}

/// A key that cannot do its work starts nothing.
impl From<once::Error> for Failure {
    fn from(error: once::Error) -> Self {
        let (exit, fix) = match &error {
            once::Error::Unusable { .. } => {
                (Exit::Config, "nothing was started; make room or choose another --once-dir".to_owned())
            }
            once::Error::Damaged { path } => {
                let path = path.display().to_string();
                let path = shell_words::quote(&path).into_owned();
                (Exit::Config, format!("nothing was started; see whether the task has run, then rm {path}"))
            }
            once::Error::Held => (Exit::AlreadyRunning, "look with `runajob status`".to_owned()),
        };
        Self::new(exit, error).fix(fix)
    }
}
