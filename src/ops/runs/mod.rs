//! The one dispatch over kinds: each function asks the engine that runs the task.

pub(crate) mod history;

use std::time::Duration;

use jiff::Timestamp;

use crate::api::retry::RetryPolicy;
use crate::api::{self, Error};
use crate::job::{Engine, JobRun, Run, RunProgress, RunResult, RunStatus, Task, TaskQuery, TaskSelector, TaskType};
use crate::ops::ctx::Ctx;
use crate::ops::recent::{self, was_started_here};
use crate::ops::resolve::api_names::API_NAME;
use crate::ops::resolve::taskflows::TaskflowIndex;
use crate::ops::resolve::{self, Target};
use crate::output::RunReport;
use crate::support::duration::show;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// How long a run is searched for that no list shows, and the pause between two searches.
const SEARCH: Duration = Duration::from_secs(15);
const SEARCH_PAUSE: Duration = Duration::from_secs(1);
/// The same for a run whose number speaks against it.
const SHORT_SEARCH: Duration = Duration::from_secs(1);
/// At most so many runs of a task are taken to be under way that the log does not have yet.
const UNLOGGED: u64 = 10;

/// An active run of a task.
pub(crate) struct TaskRun {
    pub run: Run,
    /// The run of the linear taskflow that it is a part of.
    pub parent: Option<JobRun>,
    pub progress: RunProgress,
}

/// The result of a run; none while it is active. `start_sent_at` is when it was started by the service's clock, where the
/// caller knows it; otherwise what this machine remembers counts.
pub(crate) async fn result(
    ctx: &Ctx<'_>,
    run: &Run,
    start_sent_at: Option<Timestamp>,
) -> Result<Option<RunResult>, Error> {
    match run {
        Run::Job(job) => {
            let start_sent_at = start_sent_at.or_else(|| recent::start_sent_at(ctx, run));
            api::log::result(ctx.client, job, start_sent_at, RetryPolicy::Idempotent).await
        }
        Run::Taskflow { .. } | Run::Ingestion { .. } => Ok(ended(poll_one(ctx, run, false).await?)),
    }
}

/// Polls a run once; of a job also in the monitor, with `with_monitor`.
pub(crate) async fn poll_one(ctx: &Ctx<'_>, run: &Run, with_monitor: bool) -> Result<RunStatus, Error> {
    let statuses = poll(ctx, std::slice::from_ref(run), with_monitor, |_| None).await?;
    Ok(statuses.into_iter().next().unwrap_or(RunStatus::NotListed))
}

/// Polls each run once. A result from before its start is another run's: when that was, the caller knows by `start_sent_at`,
/// or this machine remembers it.
pub(crate) async fn poll(
    ctx: &Ctx<'_>,
    runs: &[Run],
    with_monitor: bool,
    start_sent_at: impl Fn(&JobRun) -> Option<Timestamp>,
) -> Result<Vec<RunStatus>, Error> {
    let remembered = |run: &JobRun| recent::start_sent_at(ctx, &run.clone().into());
    api::runs::poll(ctx.client, runs, with_monitor, |run| start_sent_at(run).or_else(|| remembered(run))).await
}

/// The status of a run of which only the handle is known. It may be in neither list right after its start, and between its end
/// and the log, so it is searched for a while; a run that can hardly be so new only for a moment.
pub(crate) async fn status_of_run(ctx: &Ctx<'_>, run: &Run) -> Result<RunStatus, Error> {
    let began = ctx.clock.now();
    let mut end = None;
    loop {
        let status = poll_one(ctx, run, true).await?;
        if matches!(status, RunStatus::Ended(_) | RunStatus::Active(_)) {
            return Ok(status);
        }
        if end.is_none() {
            let is_new = was_started_here(ctx, run) || may_be_new(ctx, run).await;
            let patience = if is_new { SEARCH } else { SHORT_SEARCH };
            end = Some(began + patience);
            if is_new {
                ctx.console
                    .note(&format!("the service does not show {run} yet; searching for up to {}", show(patience)));
            }
        }
        if end.is_some_and(|end| ctx.clock.now() >= end) {
            return Ok(status);
        }
        ctx.clock.sleep(SEARCH_PAUSE).await;
    }
}

/// Whether a run that no list shows may have started or ended just now. The number of such a run follows those of the log.
/// The process engine and the ingestion service know a run as soon as they have given its ID.
async fn may_be_new(ctx: &Ctx<'_>, run: &Run) -> bool {
    let Run::Job(run) = run else { return false };
    match api::log::last_run(ctx.client, &run.task_id, run.kind).await {
        Ok(last) => {
            let last = last.map_or(0, |(last, _)| last.run_id);
            (last..=last.saturating_add(UNLOGGED)).contains(&run.run_id)
        }
        Err(error) => !error.refuses_id(),
    }
}

/// The result of a run of which only the handle is known; none while it is active.
pub(crate) async fn ended_soon(ctx: &Ctx<'_>, run: &Run) -> Result<Option<RunResult>, Failure> {
    match status_of_run(ctx, run).await? {
        RunStatus::Ended(result) => Ok(Some(*result)),
        RunStatus::Active(_) => Ok(None),
        RunStatus::NotListed | RunStatus::Unavailable(_) => Err(not_shown(run)),
    }
}

fn ended(status: RunStatus) -> Option<RunResult> {
    match status {
        RunStatus::Ended(result) => Some(*result),
        RunStatus::NotListed | RunStatus::Active(_) | RunStatus::Unavailable(_) => None,
    }
}

/// Whether the service has an answer that speaks against a run which no list shows: the log has a later run of its task, or
/// the service refuses the task's ID. An answer that does not come speaks for nothing.
pub(crate) async fn is_doubtful(ctx: &Ctx<'_>, run: &Run) -> bool {
    match run {
        Run::Job(run) => match api::log::last_run(ctx.client, &run.task_id, run.kind).await {
            Ok(last) => last.is_some_and(|(last, _)| last.run_id > run.run_id),
            Err(error) => error.refuses_id(),
        },
        // The IDs of their runs do not say which of two is later.
        Run::Taskflow { .. } | Run::Ingestion { .. } => false,
    }
}

/// A task with the ID that the lists of its engine know it by.
pub(crate) async fn with_id(ctx: &Ctx<'_>, mut target: Target) -> Result<Target, Failure> {
    match target.kind.engine() {
        Engine::Jobs => target.task.id = Some(resolve::v2_id(ctx, &target).await?),
        Engine::Taskflows | Engine::Ingestion => {}
    }
    Ok(target)
}

/// The runs of a task, as far as its engine lists them.
pub(crate) enum TaskRuns {
    /// Those of the job with this type and v2 ID.
    Job(TaskType, String),
    Taskflow(TaskflowIndex),
    /// All of them: the ingestion service has one list, with the last run first.
    Ingestion(Vec<(Run, RunStatus)>),
}

impl TaskRuns {
    pub(crate) async fn of(ctx: &Ctx<'_>, target: &Target) -> Result<Self, Failure> {
        Ok(match target.kind.engine() {
            Engine::Jobs => Self::Job(target.kind, resolve::v2_id(ctx, target).await?),
            Engine::Taskflows => Self::Taskflow(TaskflowIndex::new(ctx, target).await?),
            Engine::Ingestion => Self::Ingestion(api::ingestion::runs(ctx.client, target.known_id()?).await?),
        })
    }

    /// The active ones.
    pub(crate) async fn active(&self, ctx: &Ctx<'_>) -> Result<Vec<TaskRun>, Failure> {
        let status = |(run, status)| match status {
            RunStatus::Active(progress) => Some(TaskRun { run, parent: None, progress }),
            RunStatus::NotListed | RunStatus::Ended(_) | RunStatus::Unavailable(_) => None,
        };
        Ok(match self {
            Self::Job(_, id) => {
                let runs = api::monitor::active_runs(ctx.client, id).await?.into_iter();
                runs.map(|one| TaskRun { run: one.run.into(), parent: one.parent, progress: one.progress }).collect()
            }
            Self::Taskflow(index) => {
                let runs = index.active(ctx).await?.into_iter();
                runs.map(|run| (run.run, run.status)).filter_map(status).collect()
            }
            Self::Ingestion(runs) => runs.iter().cloned().filter_map(status).collect(),
        })
    }

    /// The last one; of a job, the last that has ended.
    pub(crate) async fn last(&self, ctx: &Ctx<'_>) -> Result<Option<(Run, RunStatus)>, Failure> {
        Ok(match self {
            Self::Job(kind, id) => {
                let last = api::log::last_run(ctx.client, id, *kind).await?;
                last.map(|(run, result)| (run.into(), RunStatus::Ended(Box::new(result))))
            }
            Self::Taskflow(index) => index.last_run(ctx).await?.map(|run| (run.run, run.status)),
            Self::Ingestion(runs) => runs.first().cloned(),
        })
    }

    /// The last one, if it has ended.
    pub(crate) async fn last_result(&self, ctx: &Ctx<'_>) -> Result<Option<(Run, RunResult)>, Failure> {
        Ok(self.last(ctx).await?.and_then(|(run, status)| Some((run, ended(status)?))))
    }
}

/// The run of a task that `wait` means: the active one. An old result is never given for it.
pub(crate) async fn only_active(ctx: &Ctx<'_>, target: Target) -> Result<(Run, Task), Failure> {
    let target = with_id(ctx, target).await?;
    let of_task = TaskRuns::of(ctx, &target).await?;
    let (parts, runs): (Vec<_>, Vec<_>) = of_task.active(ctx).await?.into_iter().partition(|run| run.parent.is_some());
    let label = target.task.label();
    match &runs[..] {
        [one] => return Ok((one.run.clone(), target.task)),
        [] => {}
        several => {
            let handles = Run::list(&several.iter().map(|one| &one.run).collect::<Vec<_>>()).join(" ");
            let failure = Failure::of(Exit::NotFound, format!("{} runs of {label} are active", several.len()));
            let hint = format!("to wait for all of them: {}", ctx.settings.command(&format!("wait {handles}")));
            return Err(failure.hint(hint));
        }
    }
    if let Some(TaskRun { parent: Some(parent), .. }) = parts.first() {
        // The log has a part only inside the row of its parent.
        let failure =
            Failure::of(Exit::NotFound, format!("{label} runs as a part of the linear taskflow's run {parent}"));
        let hint = format!("to wait for that: {}", ctx.settings.command(&format!("wait {parent}")));
        return Err(failure.hint(hint));
    }
    let failure = Failure::of(Exit::NotFound, format!("no run of {label} is active"));
    if !target.kind.engine().lists_active_runs() {
        return Err(
            failure.hint("the service lists only runs that have ended; wait for one by the handle that its start gave")
        );
    }
    Err(match of_task.last(ctx).await? {
        Some((last, _)) => {
            failure.hint(format!("its last run has ended: {}", ctx.settings.command(&format!("status {last}"))))
        }
        None => failure.hint(never_ran(&target)),
    })
}

/// The status of a task: its active run, else its last one.
pub(crate) async fn status(ctx: &Ctx<'_>, target: Target) -> Result<RunReport, Failure> {
    let target = with_id(ctx, target).await?;
    let of_task = TaskRuns::of(ctx, &target).await?;
    let mut runs = of_task.active(ctx).await?;
    if runs.len() > 1 {
        let handles = Run::list(&runs.iter().map(|one| &one.run).collect::<Vec<_>>()).join(" ");
        ctx.console.note(&format!("{} runs of {} are active: {handles}", runs.len(), target.task.label()));
    }
    let (run, status) = match runs.pop() {
        Some(TaskRun { run, parent, progress }) => {
            if let Some(parent) = parent {
                ctx.console.note(&format!("{run} is a part of {parent}"));
            }
            (run, RunStatus::Active(progress))
        }
        None => of_task.last(ctx).await?.ok_or_else(|| {
            Failure::of(Exit::NotFound, format!("{} has no run", target.task.label())).hint(never_ran(&target))
        })?,
    };
    match details(ctx, &run, status).await? {
        RunStatus::Ended(result) => Ok(RunReport::ended(run, target.task, *result)),
        RunStatus::Active(progress) => Ok(RunReport::active(run, target.task, progress)),
        RunStatus::NotListed | RunStatus::Unavailable(_) => Err(not_shown(&run)),
    }
}

/// The status of a listed run with all that its engine says of it.
async fn details(ctx: &Ctx<'_>, run: &Run, listed: RunStatus) -> Result<RunStatus, Error> {
    match run {
        Run::Job(_) => Ok(listed),
        // Their lists say less of a run than its own status.
        Run::Taskflow { .. } | Run::Ingestion { .. } => Ok(match poll_one(ctx, run, false).await? {
            own @ (RunStatus::Ended(_) | RunStatus::Active(_)) => own,
            RunStatus::NotListed | RunStatus::Unavailable(_) => listed,
        }),
    }
}

fn never_ran(target: &Target) -> &'static str {
    match target.kind.engine() {
        Engine::Jobs => "it has never run, as far as the log goes back",
        Engine::Taskflows => "it has not run within a week",
        Engine::Ingestion => "it has not run for as long as its runs are listed",
    }
}

/// A run that the service does not show.
pub(crate) fn not_shown(run: &Run) -> Failure {
    let what = match run {
        Run::Job(_) => format!("neither the monitor nor the log shows {run}"),
        Run::Taskflow { .. } | Run::Ingestion { .. } => format!("the service does not know {run}"),
    };
    Failure::of(Exit::NotFound, what).hint("check the handle; `runajob status` shows the active runs")
}

/// Refuses a stop that the engine of a task cannot do.
pub(crate) fn can_be_stopped(kind: TaskType, label: &str, clean: bool) -> Result<(), Failure> {
    let failure = match kind.engine() {
        Engine::Ingestion => Failure::of(Exit::NotRun, "the service has no call that stops a file ingestion job")
            .hint("stop it on the web page, under Monitor; `runajob wait` sees its end"),
        Engine::Taskflows if clean => Failure::of(Exit::Usage, "a taskflow can only be terminated")
            .hint("omit --clean; the jobs that it has started are stopped by their own handles"),
        Engine::Jobs | Engine::Taskflows => return Ok(()),
    };
    Err(failure.context(format!("{label} was not stopped")))
}

/// Refuses `--if-running` for tasks whose active runs are not listed.
pub(crate) fn can_be_seen_running(target: &Target) -> Result<(), Failure> {
    if target.kind.engine().lists_active_runs() {
        return Ok(());
    }
    Err(Failure::of(Exit::Usage, "the service has no list of the file ingestion jobs that run")
        .context(format!("could not find out whether {} is running; nothing was started", target.task.label()))
        .hint("omit --if-running"))
}

/// Why a start whose answer was lost is not searched for, and what to check; `None` if it can be searched for.
pub(crate) fn lost(target: &Target) -> Option<(&'static str, String)> {
    let label = shell_words::quote(target.task.label()).into_owned();
    match target.kind.engine() {
        Engine::Jobs => None,
        Engine::Taskflows => Some((
            "runs of taskflows are listed by name, user and time, which another start can share",
            format!(
                "compare the start times of the runs of {label} before you start it again: \
                 runajob status -t TASKFLOW, and Monitor on the web page"
            ),
        )),
        Engine::Ingestion => Some((
            "runs of file ingestion tasks are not listed before they have ended",
            format!("look for a job of {label} in Monitor on the web page before you start it again"),
        )),
    }
}

/// The failure when the service answers a start with “not found”. `asked` is the task as the user named it.
pub(crate) async fn not_found(ctx: &Ctx<'_>, asked: &TaskQuery, target: &Target, why: &str) -> Failure {
    if target.kind.engine() == Engine::Jobs {
        let asked = TaskQuery { kind: Some(target.kind), ..asked.clone() };
        return resolve::not_found(ctx, &asked, why).await;
    }
    let failure = Failure::of(Exit::NotFound, why);
    let TaskSelector::Name(name) = &target.selector else {
        return failure
            .context(format!("no {} task with the {}", target.kind, target.selector))
            .hint("`runajob find` shows the IDs of tasks");
    };
    // Named by its place it is there, so that places are no help.
    if let Some(path) = &target.task.path {
        return failure.context(format!("{path} does not have the API name '{name}'")).hint(API_NAME);
    }
    let failure = failure.context(format!("no taskflow has the API name '{name}'"));
    if let Some(hint) = resolve::without_quotes(name) {
        return failure.hint(hint);
    }
    let candidates = resolve::candidates(ctx, name, Some(target.kind)).await;
    let near = resolve::did_you_mean(ctx, &candidates).map(|near| format!("; {near}")).unwrap_or_default();
    failure.hint(format!("{API_NAME}{near}"))
}

/// The failure of a start that was not processed; the kind of the task may say more about a refusal than the refusal does.
pub(crate) fn not_processed(target: &Target, error: Error, not_done: String) -> Failure {
    let is_refusal = matches!(error, Error::Refused { .. } | Error::SessionRefused);
    let failure = crate::ops::failures::not_processed(error, not_done);
    match target.kind.engine() {
        Engine::Taskflows if is_refusal => {
            failure.hint("the account must be among the allowed users or groups of the published taskflow")
        }
        Engine::Jobs | Engine::Taskflows | Engine::Ingestion => failure,
    }
}
