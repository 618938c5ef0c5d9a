//! Which logs a run has. Of a run of the job resource that is one, of a linear taskflow one for each part, of a taskflow those
//! of the tasks that it has started.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use crate::api;
use crate::api::log_files::LogFile;
use crate::api::retry::RetryPolicy;
use crate::job::{JobRun, Run, RunId, RunResult, Subtask, TaskType};
use crate::ops::ctx::Ctx;
use crate::support::failure::Failure;

/// How long the log may take to show a run that has ended, and the pause between two polls.
const LOG_GAP: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_secs(2);

/// A log, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogOf {
    /// The task's name.
    pub name: String,
    /// The run's handle.
    pub run: String,
    pub file: LogFile,
    /// Whether the run or the part ended badly.
    pub failed: bool,
}

impl LogOf {
    pub(crate) fn what(&self) -> &'static str {
        match self.file {
            LogFile::Session { .. } => "session log",
            LogFile::Rejected { .. } => "file of rejected rows",
        }
    }
}

/// The logs of a run that has ended: session logs, and where rows were rejected, these.
pub(crate) async fn logs_of(ctx: &Ctx<'_>, run: &Run, result: &RunResult) -> Result<Vec<LogOf>, Failure> {
    match run {
        Run::Job(run) => Ok(of_job(run, result)),
        Run::Taskflow { .. } => of_parts(ctx, &result.subtasks).await,
        // The service documents no form of their logs.
        Run::Ingestion { .. } => Ok(Vec::new()),
    }
}

fn of_job(run: &JobRun, result: &RunResult) -> Vec<LogOf> {
    let Some(log_id) = &result.log_id else { return Vec::new() };
    let name = result.task_name.clone().unwrap_or_else(|| run.task_id.clone());
    let session = |name: &str, item: Option<&String>, failed| LogOf {
        name: name.to_owned(),
        run: run.to_string(),
        file: LogFile::Session { log_id: log_id.clone(), item: item.cloned() },
        failed,
    };
    let mut logs: Vec<LogOf> = match run.kind {
        TaskType::Workflow => {
            let part = |part: &Subtask| Some(session(&part.name, Some(part.log_item.as_ref()?), is_bad(part)));
            result.subtasks.iter().filter_map(part).collect()
        }
        _ => vec![session(&name, None, !result.outcome.is_good())],
    };
    if result.rows.rejected() > 0 {
        let file = LogFile::Rejected { log_id: log_id.clone() };
        logs.push(LogOf { name, run: run.to_string(), file, failed: !result.outcome.is_good() });
    }
    logs
}

fn is_bad(part: &Subtask) -> bool {
    part.outcome.is_some_and(|outcome| !outcome.is_good())
}

/// The parts of a taskflow name their runs by task name and number, so the tasks are looked up once.
async fn of_parts(ctx: &Ctx<'_>, parts: &[Subtask]) -> Result<Vec<LogOf>, Failure> {
    let mut runs = Vec::new();
    job_runs(parts, &mut runs);
    let mut ids: HashMap<TaskType, HashMap<String, Vec<String>>> = HashMap::new();
    let mut logs = Vec::new();
    for (name, kind, run_id) in runs {
        if let Entry::Vacant(entry) = ids.entry(kind) {
            let mut of_kind: HashMap<String, Vec<String>> = HashMap::new();
            for task in api::lookup::listed_tasks(ctx.client, kind, |_| true).await? {
                if let (Some(name), Some(id)) = (task.name, task.id) {
                    of_kind.entry(name).or_default().push(id);
                }
            }
            entry.insert(of_kind);
        }
        // Several tasks can share a name; only one of them has this run.
        let runs: Vec<JobRun> =
            ids[&kind].get(name).into_iter().flatten().map(|id| JobRun { kind, task_id: id.clone(), run_id }).collect();
        if let Some((run, result)) = in_log(ctx, name, &runs).await? {
            logs.extend(of_job(&run, &result));
        }
    }
    Ok(logs)
}

/// The one of these runs that the log has. A part that has just ended is not in it yet.
async fn in_log(ctx: &Ctx<'_>, name: &str, runs: &[JobRun]) -> Result<Option<(JobRun, RunResult)>, Failure> {
    let end = ctx.clock.now() + LOG_GAP;
    let mut is_said = false;
    loop {
        for run in runs {
            if let Some(result) = api::log::result(ctx.client, run, None, RetryPolicy::Idempotent).await? {
                return Ok(Some((run.clone(), result)));
            }
        }
        if runs.is_empty() || ctx.clock.now() >= end {
            ctx.console.note(&format!("the activity log does not show the run of {name}, so its log is left out"));
            return Ok(None);
        }
        if !std::mem::replace(&mut is_said, true) {
            ctx.console.note(&format!("waiting for the activity log to show the run of {name}"));
        }
        ctx.clock.sleep(PAUSE).await;
    }
}

/// The runs of the job resource among parts, and parts of parts.
fn job_runs<'p>(parts: &'p [Subtask], runs: &mut Vec<(&'p str, TaskType, u64)>) {
    for part in parts {
        if let (Some(kind), Some(RunId::Number(run_id))) = (TaskType::of_job(&part.kind), &part.run_id) {
            runs.push((&part.name, kind, *run_id));
        }
        job_runs(&part.parts, runs);
    }
}
