//! `start`: find every task, start each once, say the handles at once, and with waiting see them to the end.

use std::cell::Cell;
use std::path::Path;

use crate::api::jobs::StartOptions;
use crate::cli::{IfRunning, Start};
use crate::job::{TaskQuery, TaskType};
use crate::ops::resolve::selectors::{Selection, selections, usage};
use crate::ops::resolve::taskflows::API_NAME;
use crate::ops::resolve::{self, Target, options as inputs, taskflows as flows};
use crate::ops::start::preflight::check_keys;
use crate::ops::start::{Once, StartOutcome, StartRequest, begin, sweep};
use crate::ops::stop::at_end as afterwards;
use crate::ops::watch::reports::{note_with_time, reports, with_results};
use crate::ops::watch::runs::watch_all;
use crate::ops::watch::summary::summarize;
use crate::ops::watch::{Verdict, WatchedRun};
use crate::ops::{Ctx, interrupted, runs as kinds};
use crate::output::{RunReport, RunsReport, StartReport};
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::signals::Signal;
use crate::support::state::Reserved;

/// Runs the command.
pub async fn run(ctx: &Ctx<'_>, start: &Start) -> Result<StartReport, Failure> {
    let began = ctx.clock.now();
    let tasks = tasks(ctx, start)?;
    let order = StartRequest { options: options(ctx, start)?, once: once(ctx, start)? };
    match &tasks[..] {
        [] => {}
        [task] => ctx.console.note(&format!("starting the task with the {}", task.selector)),
        tasks => ctx.console.note(&format!("starting {} tasks", tasks.len())),
    }
    let targets = ctx.before_start(find_all(ctx, &tasks, start)).await?;
    check_keys(ctx, &targets, &order)?;
    let once = order.once.is_some();
    let report = |runs| StartReport { runs, once };
    if start.dry_run {
        return Ok(report(shown(ctx, &targets)));
    }
    let handle_file = start.handle_file.as_deref().map(|path| HandleFile::new(path, tasks.len())).transpose()?;
    let started = Box::pin(start_all(ctx, &tasks, targets, &order)).await;
    // Only now, because the answers to the starts have told the service's time.
    if let Some(once) = &order.once {
        sweep(ctx, once);
    }
    let Started { reports: accepted, mut watched, signal } = started?;
    if let Some(file) = handle_file {
        file.fill(ctx, &watched);
    }
    let signal = match signal {
        None => flows::check_places(ctx, &watched).await,
        signal => signal,
    };
    if watched.is_empty() || (!ctx.settings.wait && signal.is_none()) {
        return Ok(report(RunsReport { runs: accepted, outcomes: ctx.settings.wait, details: false, exit: None }));
    }
    let verdicts = match signal {
        Some(signal) => watched.iter().map(|_| Verdict::Interrupted(signal)).collect(),
        None => watch_all(ctx, &mut watched, ctx.deadline, start.on_suspended.unwrap_or_default()).await,
    };
    let verdicts = afterwards::act(ctx, &watched, verdicts).await;
    let mut results = reports(ctx, &watched, verdicts);
    afterwards::name_the_other(ctx, &mut results).await;
    let runs = with_results(accepted, results);
    summarize(ctx, &runs, began);
    Ok(report(RunsReport { runs, outcomes: ctx.settings.wait, details: false, exit: None }))
}

fn tasks(ctx: &Ctx<'_>, start: &Start) -> Result<Vec<TaskQuery>, Failure> {
    let tasks =
        selections(&start.what, &start.tasks, "nothing was started", ctx.console)?.into_iter().map(
            |wanted| match wanted {
                Selection::Task(task) => Ok(task),
                Selection::Run(run) => {
                    let failure = usage(format!("{run} is the handle of a run, and a run cannot be started again"));
                    Err(failure.hint(match run.task_id() {
                        Some(id) => format!("start its task: runajob start --id {id} -t {}", run.kind()),
                        None => format!("to start its taskflow, {API_NAME}"),
                    }))
                }
            },
        );
    let tasks = tasks.collect::<Result<Vec<_>, _>>()?;
    for task in &tasks {
        task.kind.map_or(Ok(()), |kind| inputs::fits(start, &task.selector, kind))?;
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
        flow: inputs::flow_options(start)?,
    })
}

fn once(ctx: &Ctx<'_>, start: &Start) -> Result<Option<Once>, Failure> {
    let Some(key) = start.once.clone() else { return Ok(None) };
    let kept = || Some(ctx.settings.state_dir.as_ref()?.join("once"));
    match ctx.settings.once_dir.clone().or_else(kept) {
        Some(folder) => Ok(Some(Once { key, folder })),
        None => Err(Failure::of(Exit::Config, "there is no folder to keep the key of --once in")
            .hint("give one with --once-dir or RUNAJOB_STATE_DIR; nothing was started")),
    }
}

/// Finds all tasks before any is started. One alone is left to the service to resolve where it can; a key, or a look at
/// what runs, needs its ID.
async fn find_all(ctx: &Ctx<'_>, tasks: &[TaskQuery], start: &Start) -> Result<Vec<Target>, Failure> {
    let verify = tasks.len() > 1 || start.dry_run;
    let needs_id = start.once.is_some() || ctx.settings.if_running != IfRunning::Start;
    let mut targets = Vec::new();
    for task in tasks {
        let mut target = flows::startable(ctx, resolve::target(ctx, task, verify).await?).await?;
        inputs::fits(start, &target.selector, target.kind)?;
        if ctx.settings.if_running != IfRunning::Start {
            kinds::can_be_seen_running(&target)?;
        }
        if needs_id {
            target = kinds::with_id(ctx, target).await?;
        }
        targets.push(target);
    }
    Ok(targets)
}

/// What would be started.
fn shown(ctx: &Ctx<'_>, targets: &[Target]) -> RunsReport {
    for target in targets {
        ctx.console.note(&format!("would start {} ({}) by its {}", target.task.label(), target.kind, target.selector));
    }
    if targets.iter().any(|target| target.kind == TaskType::Taskflow) {
        ctx.console.note("whether an API name exists, and starts for this account, shows only when it is started");
    }
    ctx.console.note("dry run: nothing was started");
    RunsReport { runs: Vec::new(), outcomes: false, details: false, exit: Some(Exit::Good) }
}

/// What was started of what was asked for.
struct Started {
    /// One for each task, in their order.
    reports: Vec<RunReport>,
    /// The runs among them that are under way.
    watched: Vec<WatchedRun>,
    /// The signal that ended the starting.
    signal: Option<Signal>,
}

/// Starts the tasks one after the other. The first failure ends a command of one task; of several, the others go on.
async fn start_all(
    ctx: &Ctx<'_>,
    tasks: &[TaskQuery],
    targets: Vec<Target>,
    order: &StartRequest,
) -> Result<Started, Failure> {
    let mut done = Started { reports: Vec::new(), watched: Vec::new(), signal: None };
    let alone = targets.len() == 1;
    for (asked, target) in tasks.iter().zip(targets) {
        if let Some(signal) = done.signal {
            let why = interrupted(signal).what();
            done.reports.push(RunReport::none(target.task, why, signal.exit()));
            continue;
        }
        let task = target.task.clone();
        let heard = Cell::new(None);
        match begin(ctx, asked, target, order, &heard).await {
            Ok(StartOutcome::Run { watched, started_here, signal }) => {
                let run = format!("{} ({})", watched.run, watched.task.label());
                if ctx.settings.wait {
                    note_with_time(ctx, &format!("started {run}"));
                } else {
                    // Without the time: finding the time zone is a quarter of the work of such a start, and nobody waits.
                    ctx.console.note(&format!("{run}: accepted, not waited for"));
                }
                let report = RunReport::accepted(watched.run.clone(), watched.task.clone());
                done.reports.push(RunReport { adopted: watched.adopted, started_here, ..report });
                done.watched.push(watched);
                done.signal = signal;
            }
            Ok(StartOutcome::Over(report)) => done.reports.push(*report),
            Err(failure) if alone => return Err(failure),
            Err(failure) => {
                ctx.console.failure(&failure);
                let why = failure.why().unwrap_or_else(|| failure.what());
                done.signal = match failure.exit {
                    Exit::Interrupted => Some(Signal::Interrupt),
                    Exit::Terminated => Some(Signal::Terminate),
                    _ => heard.get(),
                };
                done.reports.push(RunReport::none(task, why, failure.exit));
            }
        }
    }
    done.count_what_was_not_started();
    Ok(done)
}

impl Started {
    /// Where a run is under way, or may be, the exits that say that nothing was started are not those of the others. A
    /// signal is told by the runs that are under way, which are left because of it.
    fn count_what_was_not_started(&mut self) {
        let something = self.reports.iter().any(|report| report.run.is_some() || report.exit == Exit::Unknown);
        let signal_is_told = !self.watched.is_empty();
        for report in self.reports.iter_mut().filter(|report| something && report.run.is_none()) {
            report.exit = match report.exit {
                Exit::Interrupted | Exit::Terminated if signal_is_told => Exit::NotRun,
                exit => exit.beside_others(),
            };
        }
    }
}

/// The file for the handles, with room for them set aside before anything is started.
struct HandleFile<'p> {
    path: &'p Path,
    room: Reserved,
}

impl<'p> HandleFile<'p> {
    fn new(path: &'p Path, handles: usize) -> Result<Self, Failure> {
        let unusable = |why: std::io::Error| {
            Failure::new(Exit::Config, why)
                .context(format!("the handles cannot be written to {}", path.display()))
                .hint("nothing was started; choose another --handle-file")
        };
        if path.metadata().is_ok_and(|facts| !facts.is_file()) {
            return Err(unusable(std::io::Error::other("it is not a plain file")));
        }
        // A handle is a type, an ID and a number.
        let room = Reserved::for_others(path, handles * 128).map_err(unusable)?;
        Ok(Self { path, room })
    }

    /// Writes the handles whole, for a reader that may come at any moment.
    fn fill(self, ctx: &Ctx<'_>, watched: &[WatchedRun]) {
        let handles: String = watched.iter().map(|watched| format!("{}\n", watched.run)).collect();
        if let Err(error) = self.room.fill(handles.as_bytes()) {
            ctx.console.warn(&format!("the handles could not be written to {}: {error}", self.path.display()));
        }
    }
}
