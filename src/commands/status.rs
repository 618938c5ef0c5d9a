//! `status`: one look at what runs, or at how a run stands or ended.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::api::jobs::{Active, ActiveRun};
use crate::api::retry::RetryPolicy;
use crate::api::taskflow::FlowRun;
use crate::cli::Status;
use crate::job::{JobRun, Run, RunStatus, Task, TaskQuery, TaskType};
use crate::ops::resolve::selectors::{Selection, named, selections};
use crate::ops::resolve::{self, taskflows as flows};
use crate::ops::{Ctx, runs as kinds};
use crate::output::{Report, RunReport, RunsReport, aligned};
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// A run may be in neither list right after its start, and between its end and the log. It is looked for this long.
const PATIENCE: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_secs(1);

/// Refuses a command line that can mean nothing, before it matters whose account it is for.
pub fn validate(status: &Status) -> Result<(), Failure> {
    named(&status.what, &status.tasks).map(drop)
}

/// Runs the command.
pub async fn run(ctx: &Ctx<'_>, status: &Status) -> Result<Box<dyn Report>, Failure> {
    let wanted = selections(&status.what, &status.tasks, &status.list, "nothing is shown", ctx.console)?;
    ctx.console.busy("looking at what runs");
    if wanted.is_empty() && status.list.from_file.is_none() {
        return Ok(Box::new(ctx.before_start(everything(ctx, status)).await?));
    }
    let alone = wanted.len() == 1;
    let poll = async {
        let mut runs = Vec::new();
        for wanted in wanted {
            let found = match &wanted {
                Selection::Run(run) => of_run(ctx, run.clone()).await,
                Selection::Task(task) => of_task(ctx, task).await,
            };
            runs.push(match found {
                // One of several that is not found does not hide the others.
                Err(failure) if failure.exit == Exit::NotFound && !alone => {
                    ctx.console.failure(&failure);
                    wanted.failed(&failure)
                }
                found => found?,
            });
        }
        Ok(runs)
    };
    let runs = Box::pin(ctx.before_start(poll)).await?;
    Ok(Box::new(RunsReport { runs, outcomes: true, details: true, exit: None }))
}

async fn of_run(ctx: &Ctx<'_>, run: Run) -> Result<RunReport, Failure> {
    let end = ctx.clock.now() + PATIENCE;
    loop {
        let statuses = ctx.client.poll(std::slice::from_ref(&run), true).await?;
        match statuses.into_iter().next() {
            Some(RunStatus::Ended(result)) => return Ok(RunReport::ended(run, Task::default(), *result)),
            Some(RunStatus::Active(progress)) => return Ok(RunReport::active(run, Task::default(), progress)),
            _ if ctx.clock.now() < end => ctx.clock.sleep(PAUSE).await,
            _ => return Err(kinds::unseen(&run)),
        }
    }
}

async fn of_task(ctx: &Ctx<'_>, wanted: &TaskQuery) -> Result<RunReport, Failure> {
    let target = resolve::target(ctx, wanted, false).await?;
    if !target.kind.is_job() {
        return kinds::status(ctx, target).await;
    }
    let id = resolve::v2_id(ctx, &target).await?;
    let mut instances = ctx.client.active_runs(&id).await?;
    if instances.len() > 1 {
        let runs: Vec<JobRun> = instances.iter().map(|one| one.run.clone()).collect();
        ctx.console.note(&format!("{} runs of it are under way: {}", runs.len(), Run::list(&runs).join(" ")));
    }
    if let Some(ActiveRun { run, progress, inside }) = instances.pop() {
        if let Some(whole) = inside {
            ctx.console.note(&format!("{run} is a part of {whole}"));
        }
        return Ok(RunReport::active(run.into(), target.task, progress));
    }
    match ctx.client.last_run(&id, target.kind).await? {
        Some((run, result)) => Ok(RunReport::ended(run.into(), target.task, result)),
        None => Err(Failure::of(Exit::NotFound, format!("{} has no run", target.task.label()))
            .hint("it has never run, as far as the log goes back")),
    }
}

/// Everything that runs now.
struct Everything {
    runs: Vec<RunReport>,
    /// Rows that the job resource cannot address, by their type and name.
    others: Vec<(String, String)>,
}

async fn everything(ctx: &Ctx<'_>, status: &Status) -> Result<Everything, Failure> {
    let kind = status.tasks.kind;
    let mut found = Everything { runs: Vec::new(), others: Vec::new() };
    if kind.is_none_or(TaskType::is_job) {
        add_jobs(ctx, kind, &mut found).await?;
    }
    match kind {
        // Not every organisation has taskflows, and not every account may see them: a refusal is not worth a second try.
        None => match flows::active(ctx, RetryPolicy::Never, |_| true).await {
            Ok(runs) => found.runs.extend(runs.into_iter().filter_map(of_flow)),
            Err(failure) => ctx.console.note(&format!("taskflows are not shown: {}", failure.what())),
        },
        Some(TaskType::Taskflow) => {
            found
                .runs
                .extend(flows::active(ctx, RetryPolicy::Idempotent, |_| true).await?.into_iter().filter_map(of_flow));
        }
        Some(TaskType::FileIngestion) => {
            return Err(Failure::of(Exit::Usage, "the service has no list of the file ingestion jobs that run")
                .hint("look at one by its handle, or at a task: runajob status --name NAME -t FILE_INGESTION"));
        }
        Some(_) => {}
    }
    if found.runs.is_empty() && found.others.is_empty() {
        ctx.console.note("nothing runs now");
    }
    Ok(found)
}

/// A run of a taskflow as a report.
fn of_flow(run: FlowRun) -> Option<RunReport> {
    let task = Task { name: Some(run.name), kind: Some(TaskType::Taskflow), ..Task::default() };
    match run.status {
        RunStatus::Active(progress) => Some(RunReport::active(run.run, task, progress)),
        RunStatus::Ended(result) => Some(RunReport::ended(run.run, task, *result)),
        RunStatus::NotListed | RunStatus::Unavailable(_) => None,
    }
}

async fn add_jobs(ctx: &Ctx<'_>, kind: Option<TaskType>, found: &mut Everything) -> Result<(), Failure> {
    let keep = |active: &Active| kind.is_none_or(|kind| active.run.as_ref().is_some_and(|run| run.kind == kind));
    let rows = ctx.client.active(false, RetryPolicy::Idempotent, keep).await?;
    if rows.odd > 0 {
        let count = if rows.odd == 1 { "one row".to_owned() } else { format!("{} rows", rows.odd) };
        ctx.console.note(&format!("{count} of the activity monitor could not be read, so runs may be missing here"));
    }
    for row in rows.rows.into_iter().filter(Active::is_going_on) {
        match row.run {
            Some(run) => found.runs.push(RunReport::active(run.into(), Task::default(), row.progress)),
            None => found.others.push((row.kind, row.progress.task_name.unwrap_or_default())),
        }
    }
    Ok(())
}

impl Report for Everything {
    fn text(&self) -> String {
        let run = |run: &RunReport| {
            let handle = run.run.as_ref().map(ToString::to_string).unwrap_or_default();
            [handle, run.word().to_owned(), run.sentence()]
        };
        let other =
            |(kind, name): &(String, String)| ["-".to_owned(), "running".to_owned(), format!("{name} ({kind})")];
        aligned(&self.runs.iter().map(run).chain(self.others.iter().map(other)).collect::<Vec<_>>())
    }

    fn json(&self) -> Map<String, Value> {
        let runs = RunsReport { runs: Vec::new(), outcomes: true, details: true, exit: None };
        let mut members = runs.json();
        let rows = self.runs.iter().map(RunReport::json).collect();
        members.insert("runs".to_owned(), rows);
        let others = self.others.iter().map(|(kind, name)| json!({"type": kind, "name": name})).collect();
        members.insert("other_jobs".to_owned(), others);
        members
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }

    fn rerun_safe(&self) -> bool {
        self.runs.iter().all(RunReport::rerun_safe)
    }
}
