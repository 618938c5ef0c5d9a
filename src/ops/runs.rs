//! What the verbs ask about runs of every kind, answered by the resource that has them; and what is said where a resource
//! cannot do what the job resource can. Leaves the job resource's own to `resolve` and `reconcile`.

use crate::api::Error;
use crate::api::retry::RetryPolicy;
use crate::job::{Outcome, Run, RunResult, RunStatus, Task, TaskSelector, TaskType};
use crate::ops::ctx::Ctx;
use crate::ops::resolve::api_names::API_NAME;
use crate::ops::resolve::{self, Target, taskflows as flows};
use crate::output::RunReport;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// The end of a run, if it is over. A suspended one is not.
pub(crate) async fn result(ctx: &Ctx<'_>, run: &Run) -> Result<Option<RunResult>, Error> {
    if let Run::Job(run) = run {
        return ctx.client.result(run, RetryPolicy::Idempotent).await;
    }
    let statuses = ctx.client.poll(std::slice::from_ref(run), false).await?;
    Ok(statuses.into_iter().find_map(|status| match status {
        RunStatus::Ended(result) if result.outcome != Outcome::Suspended => Some(*result),
        _ => None,
    }))
}

/// The runs of a task that are under way, of another resource than the job resource.
pub(crate) async fn under_way(ctx: &Ctx<'_>, target: &Target) -> Result<Vec<(Run, RunStatus)>, Failure> {
    match ingestion_id(target) {
        None => Ok(flows::under_way(ctx, target).await?.into_iter().map(|run| (run.run, run.status)).collect()),
        Some(id) => {
            let mut runs = ctx.client.ingestion_runs(id).await?;
            runs.retain(|(_, status)| matches!(status, RunStatus::Active(_)));
            Ok(runs)
        }
    }
}

/// The last run of a task, of another resource than the job resource.
pub(crate) async fn last(ctx: &Ctx<'_>, target: &Target) -> Result<Option<(Run, RunStatus)>, Failure> {
    match ingestion_id(target) {
        None => Ok(flows::last(ctx, target).await?.map(|run| (run.run, run.status))),
        Some(id) => Ok(ctx.client.ingestion_runs(id).await?.into_iter().next()),
    }
}

/// The last run of a task of any kind, if it is over.
pub(crate) async fn last_result(ctx: &Ctx<'_>, target: &Target) -> Result<Option<(Run, RunResult)>, Failure> {
    if target.kind.is_job() {
        let id = resolve::v2_id(ctx, target).await?;
        return Ok(ctx.client.last_run(&id, target.kind).await?.map(|(run, result)| (run.into(), result)));
    }
    Ok(last(ctx, target).await?.and_then(|(run, status)| match status {
        RunStatus::Ended(result) => Some((run, *result)),
        _ => None,
    }))
}

/// The run of a task that is under way. An old verdict is never given for it.
pub(crate) async fn only_one(ctx: &Ctx<'_>, target: Target) -> Result<(Run, Task), Failure> {
    let mut runs: Vec<Run> = under_way(ctx, &target).await?.into_iter().map(|(run, _)| run).collect();
    if runs.len() > 1 {
        let failure = Failure::of(Exit::NotFound, format!("{} runs of it are under way", runs.len()));
        return Err(failure.hint(format!("say which: runajob wait {}", Run::list(&runs).join(" "))));
    }
    if let Some(run) = runs.pop() {
        return Ok((run, target.task));
    }
    let failure = Failure::of(Exit::NotFound, format!("no run of {} is under way", target.task.label()));
    Err(match (last(ctx, &target).await?, target.kind) {
        (_, TaskType::FileIngestion) => {
            failure.hint("the service promises to list only runs that are over; wait for one by its handle")
        }
        (Some((last, _)), _) => failure.hint(format!("its last run is over: runajob status {last}")),
        (None, _) => failure.hint("it has not run for a week"),
    })
}

/// How a task stands: the run of it that is under way, else its last one.
pub(crate) async fn status(ctx: &Ctx<'_>, target: Target) -> Result<RunReport, Failure> {
    let mut runs = under_way(ctx, &target).await?;
    if runs.len() > 1 {
        let handles: Vec<String> = runs.iter().map(|(run, _)| run.to_string()).collect();
        ctx.console.note(&format!("{} runs of it are under way: {}", runs.len(), handles.join(" ")));
    }
    let found = match runs.pop() {
        Some(found) => Some(found),
        None => last(ctx, &target).await?,
    };
    let Some((run, status)) = found else {
        return Err(Failure::of(Exit::NotFound, format!("{} has no run", target.task.label()))
            .hint("it has not run for as long as runs are listed"));
    };
    // A list may tell less of a run than its own answer.
    let seen = ctx.client.poll(std::slice::from_ref(&run), false).await?.into_iter().next();
    match seen.filter(|seen| matches!(seen, RunStatus::Ended(_) | RunStatus::Active(_))).unwrap_or(status) {
        RunStatus::Ended(result) => Ok(RunReport::ended(run, target.task, *result)),
        RunStatus::Active(progress) => Ok(RunReport::active(run, target.task, progress)),
        RunStatus::NotListed | RunStatus::Unavailable(_) => Err(unseen(&run)),
    }
}

/// A run that the service does not show.
pub(crate) fn unseen(run: &Run) -> Failure {
    let place = if run.kind().is_job() { "in the monitor or the log" } else { "known to the service" };
    Failure::of(Exit::NotFound, format!("no run {run} is {place}"))
        .hint("check the handle; `runajob status` shows what runs")
}

/// Why nothing stops the runs of a file ingestion task.
pub(crate) fn unstoppable(label: &str) -> Failure {
    Failure::of(Exit::NotRun, "no call of the service is known that stops a file ingestion job")
        .context(format!("{label} was not stopped"))
        .hint("stop it on the web page, under Monitor; `runajob wait` sees its end")
}

/// Why it cannot be told whether a file ingestion task runs.
pub(crate) fn never_seen_running(target: &Target) -> Failure {
    Failure::of(Exit::Usage, "the service has no list of the file ingestion jobs that run")
        .context(format!("it cannot be told whether {} is running; nothing was started", target.task.label()))
        .hint("leave if_running at start")
}

/// Why the runs of a taskflow are not stopped cleanly.
pub(crate) fn no_clean_stop(label: &str) -> Failure {
    Failure::of(Exit::Usage, "a taskflow can only be terminated")
        .context(format!("{label} was not stopped"))
        .hint("leave --clean out; the jobs that it has started are stopped by their own handles")
}

/// Why a lost start of this kind is not looked up, and what to look at; none for the job resource.
pub(crate) fn lost(target: &Target) -> Option<(&'static str, String)> {
    let label = shell_words::quote(target.task.label()).into_owned();
    match target.kind {
        TaskType::Taskflow => Some((
            "runs of taskflows are listed by name, user and time, which another start can share",
            format!(
                "compare the start times of the runs of {label} before you start it again: \
                 runajob status -t TASKFLOW, and Monitor on the web page"
            ),
        )),
        TaskType::FileIngestion => Some((
            "runs of file ingestion tasks are not listed before they are over",
            format!("look for a job of {label} in Monitor on the web page before you start it again"),
        )),
        _ => None,
    }
}

/// A taskflow or file ingestion task that the service would not start because it does not know it.
pub(crate) async fn not_found(ctx: &Ctx<'_>, target: &Target, why: &str) -> Failure {
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
    let failure = crate::ops::not_processed(error, not_done);
    if is_refusal && target.kind == TaskType::Taskflow {
        return failure.hint("the account must be among the allowed users or groups of the published taskflow");
    }
    failure
}

fn ingestion_id(target: &Target) -> Option<&str> {
    let id = || match &target.selector {
        TaskSelector::Id(id) | TaskSelector::FederatedId(id) => Some(id.as_str()),
        TaskSelector::Name(_) | TaskSelector::Path(_) => target.task.id.as_deref(),
    };
    (target.kind == TaskType::FileIngestion).then(id).flatten()
}
