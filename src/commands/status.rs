//! `status`: shows what runs now, or the status of a run.

use serde_json::{Map, Value, json};

use crate::api;
use crate::api::monitor::MonitoredRun;
use crate::api::retry::RetryPolicy;
use crate::cli::Status;
use crate::job::{Engine, Run, RunStatus, Task, TaskQuery, TaskType};
use crate::ops::busy::with_busy_line;
use crate::ops::ctx::Ctx;
use crate::ops::resolve::selectors::{Selection, named, selections};
use crate::ops::resolve::{self, taskflows as flows};
use crate::ops::runs as kinds;
use crate::output::{Report, RunReport, RunsReport, SafeLine};
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// Refuses a command line that can mean nothing, before it matters whose account it is for.
pub fn validate(status: &Status) -> Result<(), Failure> {
    named(&status.what, &status.tasks).map(drop)
}

pub async fn run(ctx: &Ctx<'_>, status: &Status) -> Result<Box<dyn Report>, Failure> {
    let selected = selections(&status.what, &status.tasks, &status.list, "nothing is shown", ctx.console)?;
    let asking = async {
        if selected.is_empty() && status.list.from_file.is_none() {
            return Ok(Box::new(everything(ctx, status).await?) as Box<dyn Report>);
        }
        let runs = of_all(ctx, selected).await?;
        Ok(Box::new(RunsReport { runs, outcomes: true, details: true, exit: None }) as _)
    };
    with_busy_line(ctx, "asking what runs", Box::pin(ctx.before_start(asking))).await
}

async fn of_all(ctx: &Ctx<'_>, selected: Vec<Selection>) -> Result<Vec<RunReport>, Failure> {
    let is_alone = selected.len() == 1;
    let mut reports = Vec::new();
    for selection in selected {
        let report = match &selection {
            Selection::Run(run) => of_run(ctx, run.clone()).await,
            Selection::Task(query) => of_task(ctx, query).await,
        };
        reports.push(match report {
            // One of several that is not found does not hide the others.
            Err(failure) if failure.exit == Exit::NotFound && !is_alone => {
                ctx.console.failure(&failure);
                selection.failed(&failure)
            }
            report => report?,
        });
    }
    Ok(reports)
}

async fn of_run(ctx: &Ctx<'_>, run: Run) -> Result<RunReport, Failure> {
    match kinds::status_of_run(ctx, &run).await? {
        RunStatus::Ended(result) => Ok(RunReport::ended(run, Task::default(), *result)),
        RunStatus::Active(progress) => Ok(RunReport::active(run, Task::default(), progress)),
        RunStatus::NotListed | RunStatus::Unavailable(_) => Err(kinds::not_shown(&run)),
    }
}

async fn of_task(ctx: &Ctx<'_>, query: &TaskQuery) -> Result<RunReport, Failure> {
    kinds::status(ctx, resolve::target(ctx, query, false).await?).await
}

/// Everything that runs now.
struct Everything {
    runs: RunsReport,
    /// Rows that the job resource cannot address, by their type and name.
    others: Vec<(String, String)>,
}

async fn everything(ctx: &Ctx<'_>, status: &Status) -> Result<Everything, Failure> {
    let kind = status.tasks.kind;
    let runs = RunsReport { runs: Vec::new(), outcomes: true, details: true, exit: Some(Exit::Good) };
    let mut all = Everything { runs, others: Vec::new() };
    match kind.map(TaskType::engine) {
        None => {
            add_jobs(ctx, kind, &mut all).await?;
            // Not every organisation has taskflows, and not every account may see them: a refusal is not worth a second try.
            if let Err(failure) = add_taskflows(ctx, RetryPolicy::Never, &mut all).await {
                ctx.console.note(&format!("taskflows are not shown: {}", failure.what()));
            }
        }
        Some(Engine::Jobs) => add_jobs(ctx, kind, &mut all).await?,
        Some(Engine::Taskflows) => add_taskflows(ctx, RetryPolicy::Idempotent, &mut all).await?,
        Some(Engine::Ingestion) => {
            let status = ctx.settings.command("status --name NAME -t FILE_INGESTION");
            return Err(Failure::of(Exit::Usage, "the service has no list of the file ingestion jobs that run")
                .hint(format!("name a run by its handle, or a task: {status}")));
        }
    }
    if all.runs.runs.is_empty() && all.others.is_empty() {
        ctx.console.note("nothing runs now");
    }
    Ok(all)
}

async fn add_taskflows(ctx: &Ctx<'_>, retry: RetryPolicy, all: &mut Everything) -> Result<(), Failure> {
    for run in flows::active(ctx, retry, |_| true).await? {
        let task = Task { name: Some(run.name), kind: Some(TaskType::Taskflow), ..Task::default() };
        if let RunStatus::Active(progress) = run.status {
            all.runs.runs.push(RunReport::active(run.run, task, progress));
        }
    }
    Ok(())
}

async fn add_jobs(ctx: &Ctx<'_>, kind: Option<TaskType>, all: &mut Everything) -> Result<(), Failure> {
    let keep = |active: &MonitoredRun| kind.is_none_or(|kind| active.run.as_ref().is_some_and(|run| run.kind == kind));
    let rows = api::monitor::runs(ctx.client, false, RetryPolicy::Idempotent, keep).await?;
    if rows.unreadable > 0 {
        let count = if rows.unreadable == 1 { "one row".to_owned() } else { format!("{} rows", rows.unreadable) };
        ctx.console.note(&format!("{count} of the activity monitor could not be read, so runs may be missing here"));
    }
    for row in rows.rows.into_iter().filter(MonitoredRun::is_active) {
        match row.run {
            Some(run) => all.runs.runs.push(RunReport::active(run.into(), Task::default(), row.progress)),
            None => all.others.push((row.kind, row.progress.task_name.unwrap_or_default())),
        }
    }
    Ok(())
}

impl Report for Everything {
    fn lines(&self) -> Vec<SafeLine> {
        let run = |run: &RunReport| {
            let handle = run.run.as_ref().map(ToString::to_string).unwrap_or_default();
            [handle, run.word().to_owned(), run.sentence().to_string()]
        };
        let other =
            |(kind, name): &(String, String)| ["-".to_owned(), "running".to_owned(), format!("{name} ({kind})")];
        SafeLine::aligned(&self.runs.runs.iter().map(run).chain(self.others.iter().map(other)).collect::<Vec<_>>())
    }

    fn json(&self) -> Map<String, Value> {
        let mut members = self.runs.json();
        let others = self.others.iter().map(|(kind, name)| json!({"type": kind, "name": name})).collect();
        members.insert("other_jobs".to_owned(), others);
        members
    }

    fn runs(&self) -> &[RunReport] {
        self.runs.runs()
    }

    fn exit(&self) -> Exit {
        self.runs.exit()
    }

    fn rerun_safe(&self) -> bool {
        self.runs.rerun_safe()
    }
}
