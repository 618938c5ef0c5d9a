//! The runs of a task, or of all tasks, that have ended since a time.

use jiff::{SignedDuration, Timestamp};

use crate::api;
use crate::api::retry::RetryPolicy;
use crate::api::taskflow::FlowRun;
use crate::job::{Engine, Run, RunResult, RunStatus, Task, TaskType};
use crate::ops::ctx::Ctx;
use crate::ops::resolve::Target;
use crate::ops::resolve::taskflows::TaskflowIndex;
use crate::ops::runs::with_id;
use crate::support::failure::Failure;

/// Past runs, newest first.
#[derive(Default)]
pub(crate) struct PastRuns {
    pub runs: Vec<(Run, Task, RunResult)>,
    /// Rows that cannot be read, or do not say which run they are about.
    pub unreadable: usize,
    /// Whether there may be more runs since then.
    pub is_cut: bool,
}

/// Those of a task.
pub(crate) async fn of_task(
    ctx: &Ctx<'_>,
    target: Target,
    since: Timestamp,
    limit: usize,
) -> Result<PastRuns, Failure> {
    let target = with_id(ctx, target).await?;
    match target.kind.engine() {
        Engine::Jobs => jobs(ctx, Some(&target.task), since, limit).await,
        Engine::Taskflows => {
            let index = TaskflowIndex::new(ctx, &target).await?;
            let runs = flows(ctx, since, |run| index.owns(run)).await?;
            let with_task = |(run, _, result)| (run, target.task.clone(), result);
            Ok(newest(runs.into_iter().map(with_task).collect(), limit))
        }
        Engine::Ingestion => {
            let runs = api::ingestion::runs(ctx.client, target.known_id()?).await?.into_iter();
            let ended = |(run, status)| match status {
                RunStatus::Ended(result) if is_since(&result, since) => Some((run, target.task.clone(), *result)),
                _ => None,
            };
            Ok(newest(runs.filter_map(ended).collect(), limit))
        }
    }
}

/// Those of all tasks, or of all of a type. File ingestion has no list of all runs.
pub(crate) async fn all(
    ctx: &Ctx<'_>,
    kind: Option<TaskType>,
    since: Timestamp,
    limit: usize,
) -> Result<PastRuns, Failure> {
    let wants = |engine| kind.is_none_or(|kind| kind.engine() == engine);
    let mut past = PastRuns::default();
    if wants(Engine::Jobs) {
        past = jobs(ctx, None, since, limit).await?;
        past.runs.retain(|(run, ..)| kind.is_none_or(|kind| run.kind() == kind));
    }
    if wants(Engine::Taskflows) {
        past.runs.extend(flows(ctx, since, |_| true).await?);
    }
    if wants(Engine::Ingestion) {
        ctx.console.note("runs of file ingestion tasks are listed only for a task that is named");
    }
    let PastRuns { runs, is_cut, .. } = newest(past.runs, limit);
    Ok(PastRuns { runs, is_cut: is_cut || past.is_cut, unreadable: past.unreadable })
}

async fn jobs(ctx: &Ctx<'_>, task: Option<&Task>, since: Timestamp, limit: usize) -> Result<PastRuns, Failure> {
    let id = task.and_then(|task| task.id.as_deref());
    let history = api::history::runs(ctx.client, id, since, limit).await?;
    let task = task.cloned().unwrap_or_default();
    let with_task = |(run, result): (_, RunResult)| (Run::from(run), task.clone(), result);
    Ok(PastRuns {
        runs: history.runs.into_iter().map(with_task).collect(),
        unreadable: history.unreadable,
        is_cut: history.is_cut,
    })
}

async fn flows(
    ctx: &Ctx<'_>,
    since: Timestamp,
    filter: impl Fn(&FlowRun) -> bool,
) -> Result<Vec<(Run, Task, RunResult)>, Failure> {
    let span = ctx.client.server_time().duration_since(since).max(SignedDuration::ZERO);
    let runs = api::taskflow::runs(ctx.client, span, None, RetryPolicy::Idempotent, filter).await?;
    let ended = |run: FlowRun| match run.status {
        RunStatus::Ended(result) if is_since(&result, since) => {
            let task = Task { name: Some(run.name), kind: Some(TaskType::Taskflow), ..Task::default() };
            Some((run.run, task, *result))
        }
        _ => None,
    };
    Ok(runs.into_iter().filter_map(ended).collect())
}

fn is_since(result: &RunResult, since: Timestamp) -> bool {
    result.ended_at.or(result.started_at).is_none_or(|at| at >= since)
}

/// The newest of these runs, by their ends.
fn newest(mut runs: Vec<(Run, Task, RunResult)>, limit: usize) -> PastRuns {
    runs.sort_by_key(|(.., result)| std::cmp::Reverse(result.ended_at.or(result.started_at)));
    let is_cut = runs.len() > limit;
    runs.truncate(limit);
    PastRuns { runs, unreadable: 0, is_cut }
}
