//! `start`: finds every task, starts each at most once, prints the handles, and with `--wait` waits for the runs.

use std::path::Path;

use crate::api::jobs::StartOptions;
use crate::cli::Start;
use crate::job::{Task, TaskQuery, TaskType};
use crate::ops::busy::with_busy_line;
use crate::ops::ctx::Ctx;
use crate::ops::logs::on_failure::print_failed;
use crate::ops::resolve::api_names::API_NAME;
use crate::ops::resolve::inputs::flow_options;
use crate::ops::resolve::options::check_options;
use crate::ops::resolve::selectors::{Selection, require, selections, usage};
use crate::ops::start::all::{StartedTasks, start_all};
use crate::ops::start::claim::{check_keys, sweep_keys};
use crate::ops::start::handle_file::HandleFile;
use crate::ops::start::places::check_places;
use crate::ops::start::request::{FoundTask, Once, StartRequest};
use crate::ops::start::state::check_folders;
use crate::ops::start::targets::find_all;
use crate::ops::stop::at_end;
use crate::ops::watch::Verdict;
use crate::ops::watch::reports::{reports, with_results};
use crate::ops::watch::runs::watch_all;
use crate::ops::watch::summary::summarize;
use crate::output::{Planned, RunsReport, StartReport};
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::Hint;

/// Refuses a command line that makes no sense, even if no account is set up.
pub fn validate(start: &Start) -> Result<(), Failure> {
    require(&start.what, &start.tasks, &start.list, Hint::from("to see all tasks: ").then(Hint::command("find")))
}

pub async fn run(ctx: &Ctx<'_>, start: &Start) -> Result<StartReport, Failure> {
    let began = ctx.clock.now();
    if start.logs_on_failure && !ctx.settings.wait {
        return Err(usage("--logs-on-failure needs --wait, because only a run that has ended has a log"));
    }
    let queries = queries(ctx, start)?;
    let request = StartRequest { options: options(ctx, start)?, once: once(ctx, start)? };
    let looking_up = match &queries[..] {
        [] => String::new(),
        [query] => {
            ctx.console.note(&format!("starting the task with the {}", query.selector));
            "looking up the task".to_owned()
        }
        queries => {
            ctx.console.note(&format!("starting {} tasks", queries.len()));
            format!("looking up {} tasks", queries.len())
        }
    };
    if !queries.is_empty() {
        check_folders(ctx, &request)?;
    }
    let tasks = with_busy_line(ctx, &looking_up, Box::pin(ctx.before_start(find_all(ctx, &queries, start)))).await?;
    check_keys(ctx, &tasks, &request)?;
    let once = request.once.is_some();
    let report = |runs| StartReport { runs, once, plan: None };
    if start.dry_run {
        return Ok(StartReport { plan: Some(dry_run(ctx, tasks)), ..report(RunsReport::of_nothing()) });
    }
    let handle_file = start.handle_file.as_deref().map(|path| HandleFile::new(path, tasks.len())).transpose()?;
    let started = Box::pin(start_all(ctx, tasks, &request)).await;
    // Only now is the service's time known, from the answers to the starts.
    if let Some(once) = &request.once {
        sweep_keys(ctx, once);
    }
    let StartedTasks { reports: accepted, mut watched, signal } = started?;
    if let Some(file) = handle_file {
        file.fill(ctx, &watched);
    }
    let signal = match signal {
        None => check_places(ctx, &watched).await,
        signal => signal,
    };
    if watched.is_empty() || (!ctx.settings.wait && signal.is_none()) {
        return Ok(report(RunsReport { runs: accepted, outcomes: ctx.settings.wait, details: false, exit: None }));
    }
    let verdicts = match signal {
        Some(signal) => watched.iter().map(|_| Verdict::Interrupted(signal)).collect(),
        None => watch_all(ctx, &mut watched, ctx.deadline, start.on_suspended.unwrap_or_default()).await,
    };
    let verdicts = at_end::act(ctx, &watched, verdicts).await;
    let mut results = reports(ctx, &watched, verdicts);
    at_end::name_other_instance(ctx, &mut results).await;
    let runs = with_results(accepted, results);
    if start.logs_on_failure {
        print_failed(ctx, &runs).await;
    }
    summarize(ctx, &runs, began);
    Ok(report(RunsReport { runs, outcomes: ctx.settings.wait, details: false, exit: None }))
}

fn queries(ctx: &Ctx<'_>, start: &Start) -> Result<Vec<TaskQuery>, Failure> {
    let mut queries = Vec::new();
    for selection in selections(&start.what, &start.tasks, &start.list, "nothing was started", ctx.console)? {
        let query = match selection {
            Selection::Task(query) => query,
            Selection::Run(run) => {
                let failure = usage(format!("{run} is the handle of a run, and a run cannot be started again"));
                return Err(failure.hint(match run.task_id() {
                    Some(id) => {
                        let command = ctx.settings.command(&format!("start --id {id} -t {}", run.kind()));
                        format!("to start its task: {command}")
                    }
                    None => format!("to start its taskflow, {API_NAME}"),
                }));
            }
        };
        if let Some(kind) = query.kind {
            check_options(start, &query.selector, kind)?;
        }
        queries.push(query);
    }
    Ok(queries)
}

fn options(ctx: &Ctx<'_>, start: &Start) -> Result<StartOptions, Failure> {
    if let Some(url) = &start.callback_url
        && !(url.starts_with("https://") || url.starts_with("http://"))
    {
        return Err(usage(format!("--callback-url '{url}' is not an http or https URL")));
    }
    for name in start.agent_param_file.iter().chain(&start.agent_param_dir) {
        if Path::new(name).exists() {
            ctx.console.note(&format!("'{name}' exists on this machine too, but the Secure Agent uses its own"));
        }
    }
    Ok(StartOptions {
        allow_concurrent: start.allow_concurrent,
        parameter_file: start.agent_param_file.clone(),
        parameter_dir: start.agent_param_dir.clone(),
        callback_url: start.callback_url.clone(),
        flow: flow_options(start)?,
    })
}

fn once(ctx: &Ctx<'_>, start: &Start) -> Result<Option<Once>, Failure> {
    let Some(key) = start.once.clone() else { return Ok(None) };
    match ctx.settings.once_folder() {
        Some(folder) => Ok(Some(Once { key, folder })),
        None => Err(Failure::of(Exit::Config, "there is no folder for the key of --once")
            .hint("nothing was started; choose a folder with --once-dir or RUNAJOB_STATE_DIR")),
    }
}

fn dry_run(ctx: &Ctx<'_>, tasks: Vec<FoundTask>) -> Vec<Planned> {
    for FoundTask { target, .. } in &tasks {
        ctx.console.note(&format!("would start {} ({}) by its {}", target.task.label(), target.kind, target.selector));
    }
    if tasks.iter().any(|task| task.target.kind == TaskType::Taskflow) {
        ctx.console.note("only a start shows whether an API name exists and whether this account may start it");
    }
    ctx.console.note("dry run: nothing was started");
    let planned = |FoundTask { target, .. }: FoundTask| {
        let task = Task { kind: Some(target.kind), ..target.task };
        Planned { task, selector: target.selector }
    };
    tasks.into_iter().map(planned).collect()
}
