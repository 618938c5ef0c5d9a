//! `start`: find every task, start each once, say the handles at once, and with waiting see them to the end.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use tokio::select;

use super::Ctx;
use super::naming::{Wanted, usage, wanted};
use super::resolve::{self, Target};
use super::watching::{Watched, see_to_the_end};
use crate::api::Error;
use crate::api::jobs::{StartOptions, Started};
use crate::cli::{IfRunning, Start};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::job::{Naming, Run, TaskRef};
use crate::output::{RunReport, RunsReport, Stage};

/// After a signal, the answer to a start under way is waited for this long.
const LAST_WORD: Duration = Duration::from_secs(5);

/// Runs the command.
pub async fn run(ctx: &Ctx<'_>, start: &Start) -> Result<RunsReport, Failure> {
    let tasks = tasks(ctx, start)?;
    let options = options(ctx, start)?;
    if let [task] = &tasks[..] {
        ctx.console.note(&format!("starting the task with the {}", task.naming));
    } else {
        ctx.console.note(&format!("starting {} tasks", tasks.len()));
    }
    let targets = ctx.before_start(find_all(ctx, &tasks, start)).await?;
    if start.dry_run {
        return Ok(shown(ctx, &targets));
    }
    let (reports, watched) = start_all(ctx, &tasks, targets, &options).await?;
    if let Some(file) = &start.handle_file {
        keep_handles(file, &watched).unwrap_or_else(|error| {
            ctx.console.warn(&format!("the handles could not be written to {}: {error}", file.display()));
        });
    }
    if !ctx.settings.wait {
        for _ in &watched {
            ctx.console.note("accepted, not waited for");
        }
        return Ok(RunsReport { runs: reports, outcomes: false, details: false, exit: None });
    }
    for watched in &watched {
        ctx.console.note(&format!("started {}", watched.run));
    }
    let mut endings = see_to_the_end(ctx, &watched).await.into_iter();
    let runs = reports.into_iter().map(|report| match report.stage {
        Stage::Accepted => endings.next().unwrap_or(report),
        _ => report,
    });
    Ok(RunsReport { runs: runs.collect(), outcomes: true, details: false, exit: None })
}

fn tasks(ctx: &Ctx<'_>, start: &Start) -> Result<Vec<TaskRef>, Failure> {
    let tasks = wanted(&start.what, &start.tasks, ctx.console)?.into_iter().map(|wanted| match wanted {
        Wanted::Task(task) => Ok(task),
        Wanted::Run(Run::Job(run)) => {
            Err(usage(format!("{run} is the handle of a run, and a run cannot be started again"))
                .fix(format!("start its task: runajob start --id {} -t {}", run.task_id, run.kind)))
        }
    });
    let tasks = tasks.collect::<Result<Vec<_>, _>>()?;
    if tasks.is_empty() && start.tasks.from_file.is_none() {
        return Err(usage("no task is named").fix("runajob start PATH, or see `runajob start --help`"));
    }
    Ok(tasks)
}

fn options(ctx: &Ctx<'_>, start: &Start) -> Result<StartOptions, Failure> {
    if let Some(url) = &start.callback_url
        && !(url.starts_with("https://") || url.starts_with("http://"))
    {
        return Err(usage(format!("--callback-url '{url}' is not an http or https URL")));
    }
    for name in start.agent_param_file.iter().chain(&start.agent_param_dir) {
        if Path::new(name).exists() {
            ctx.console.note(&format!("'{name}' exists here too, but it is the Secure Agent's own that is used"));
        }
    }
    Ok(StartOptions {
        allow_concurrent: start.allow_concurrent,
        parameter_file: start.agent_param_file.clone(),
        parameter_dir: start.agent_param_dir.clone(),
        callback_url: start.callback_url.clone(),
    })
}

/// Finds all tasks before any is started. One alone is left to the service to resolve where it can.
async fn find_all(ctx: &Ctx<'_>, tasks: &[TaskRef], start: &Start) -> Result<Vec<Target>, Failure> {
    let verify = tasks.len() > 1 || start.dry_run;
    let mut targets = Vec::new();
    for task in tasks {
        targets.push(resolve::target(ctx, task, verify).await?);
    }
    if ctx.settings.if_running == IfRunning::Fail {
        for target in &targets {
            refuse_if_running(ctx, target).await?;
        }
    }
    Ok(targets)
}

async fn refuse_if_running(ctx: &Ctx<'_>, target: &Target) -> Result<(), Failure> {
    let id = resolve::v2_id(ctx, target).await?;
    let Some(other) = ctx.service.instances(&id).await?.into_iter().next() else { return Ok(()) };
    let handle = other.run.map(|run| run.to_string()).unwrap_or_default();
    let failure = Failure::of(Exit::AlreadyRunning, format!("{} is running already: {handle}", target.task.label()));
    Err(failure.fix(format!("runajob wait {handle}")))
}

/// What would be started.
fn shown(ctx: &Ctx<'_>, targets: &[Target]) -> RunsReport {
    for target in targets {
        ctx.console.note(&format!("would start {} ({}) by its {}", target.task.label(), target.kind, target.naming));
    }
    ctx.console.note("dry run: nothing was started");
    RunsReport { runs: Vec::new(), outcomes: false, details: false, exit: Some(Exit::Good) }
}

/// Starts the tasks one after the other. The first failure ends a command of one task; of several, the others go on.
async fn start_all(
    ctx: &Ctx<'_>,
    tasks: &[TaskRef],
    targets: Vec<Target>,
    options: &StartOptions,
) -> Result<(Vec<RunReport>, Vec<Watched>), Failure> {
    let mut reports = Vec::new();
    let mut watched = Vec::new();
    let alone = targets.len() == 1;
    for (asked, target) in tasks.iter().zip(targets) {
        match start_one(ctx, asked, &target, options).await {
            Ok(started) => {
                let mut task = target.task;
                if task.name.is_none() {
                    task.name.clone_from(&started.task_name);
                }
                let run = Run::from(started.run);
                let (stage, exit) = (Stage::Accepted, Exit::Good);
                reports.push(RunReport { task: task.clone(), run: Some(run.clone()), stage, exit });
                watched.push(Watched { run, task, own: true });
            }
            Err(failure) if alone => return Err(failure),
            Err(failure) => {
                ctx.console.failure(&failure);
                let why = failure.why().unwrap_or_else(|| failure.what());
                let exit = failure.exit;
                reports.push(RunReport { task: target.task, run: None, stage: Stage::None(why), exit });
            }
        }
    }
    Ok((reports, watched))
}

async fn start_one(
    ctx: &Ctx<'_>,
    asked: &TaskRef,
    target: &Target,
    options: &StartOptions,
) -> Result<Started, Failure> {
    let mut sending = std::pin::pin!(ctx.service.start(&target.naming, target.kind, options));
    let answer = select! {
        biased;
        answer = &mut sending => answer,
        _ = ctx.signals.next() => {
            ctx.console.alarm("the start was sent; waiting 5s for its answer");
            select! {
                answer = &mut sending => answer,
                signal = ctx.signals.next() => return Err(unknown(target, &format!("a second signal came: {signal:?}"))),
                () = ctx.clock.sleep(LAST_WORD) => return Err(unknown(target, "no answer came in 5s after the signal")),
            }
        }
    };
    let label = target.task.label().to_owned();
    match answer {
        Ok(started) => {
            check(ctx, target, &started);
            Ok(started)
        }
        Err(error) if error.may_have_been_processed() => Err(unknown(target, &error.to_string())),
        Err(error) if error.is_not_found() => {
            let asked = TaskRef { kind: Some(target.kind), ..asked.clone() };
            Err(resolve::not_found(ctx, &asked, &error.to_string()).await)
        }
        Err(error @ Error::Busy(_)) => {
            let failure = Failure::new(Exit::NotRun, error).context(format!("{label} was not started"));
            Err(failure.fix("it is safe to try again later"))
        }
        Err(error) => Err(Failure::from(error).context(format!("{label} was not started"))),
    }
}

/// The start may have begun a run that nobody knows the handle of.
fn unknown(target: &Target, why: &str) -> Failure {
    let id = target.task.id.as_ref().map(|id| format!("id:{id}"));
    let name = id.unwrap_or_else(|| shell_words::quote(target.task.label()).into_owned());
    Failure::of(Exit::Unknown, why)
        .context(format!("it is unknown whether {} was started", target.task.label()))
        .fix(format!("look before you start it again: runajob status {name} -t {}", target.kind))
}

/// The service says what it started: another task than the one asked for is worth a warning.
fn check(ctx: &Ctx<'_>, target: &Target, started: &Started) {
    let run = &started.run;
    if run.kind != target.kind {
        ctx.console.warn(&format!("asked for a {}, the service started a {}: {run}", target.kind, run.kind));
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

/// Writes the handles whole, for a reader that may come at any moment.
fn keep_handles(file: &Path, watched: &[Watched]) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    for watched in watched {
        writeln!(draft, "{}", watched.run)?;
    }
    draft.persist(file)?;
    Ok(())
}
