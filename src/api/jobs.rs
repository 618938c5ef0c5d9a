//! The job resource: starts and stops tasks, and polls their runs in the monitor and the log.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::api::attempt::Attempt;
use crate::api::client::Client;
use crate::api::error::Error;
use crate::api::request::{ApiRequest, V2};
use crate::api::retry::RetryPolicy;
use crate::api::taskflow::FlowOptions;
use crate::api::together::together;
use crate::api::transport::{Method, Operation};
use crate::api::wire::bodies::{ErrorBody, Misread};
use crate::api::wire::rows::Frame;
use crate::api::{log, monitor};
use crate::job::{Activity, JobRun, RunProgress, RunResult, RunStatus, TaskSelector, TaskType, is_id};

/// What goes along with a start.
#[derive(Debug, Clone, Default)]
pub struct StartOptions {
    /// Lets a mapping task run while another instance of it is active.
    pub allow_concurrent: bool,
    /// The parameter file's name on the Secure Agent.
    pub parameter_file: Option<String>,
    /// Its folder there.
    pub parameter_dir: Option<String>,
    /// The URL that the service calls when the job ends.
    pub callback_url: Option<String>,
    /// Of a taskflow, which takes none of the others.
    pub flow: FlowOptions,
}

/// What the service says it started.
#[derive(Debug, Clone)]
pub struct StartedJob {
    pub run: JobRun,
    pub task_name: Option<String>,
}

/// Starts a task, once.
pub(crate) async fn start(
    client: &Client<'_>,
    selector: &TaskSelector,
    kind: TaskType,
    options: &StartOptions,
    attempt: &Attempt,
) -> Result<StartedJob, Error> {
    let mut body = addressed(selector, kind);
    if let Some(url) = &options.callback_url {
        body.insert("callbackURL".to_owned(), json!(url));
    }
    if options.allow_concurrent || options.parameter_file.is_some() || options.parameter_dir.is_some() {
        let mut runtime = Map::from_iter([("@type".to_owned(), json!("mtTaskRuntime"))]);
        let keys = [("parameterFileName", &options.parameter_file), ("parameterFileDir", &options.parameter_dir)];
        let given = keys.into_iter().filter_map(|(key, value)| Some((key.to_owned(), json!(value.as_ref()?))));
        runtime.extend(given);
        body.insert("runtime".to_owned(), Value::Object(runtime));
    }
    let body = Value::Object(body);
    client.call_json(post(Operation::Start, "/api/v2/job", &body, attempt), |answer| started(answer, kind)).await
}

/// The job that the answer to a start is.
fn started(answer: &Frame, kind: TaskType) -> Result<StartedJob, Misread> {
    let members = answer.members().unwrap_or_default();
    if !members.has("taskId") && !members.has("runId") {
        return Err(Misread::nothing("without a task ID and a run ID"));
    }
    let (Some(task_id), Some(run_id)) = (members.word("taskId").filter(|id| is_id(id)), members.number("runId")) else {
        return Err(Misread::odd("with a task ID and a run ID of which one is missing or is no ID"));
    };
    let kind = members.word("taskType").and_then(|kind| TaskType::of_job(&kind)).unwrap_or(kind);
    Ok(StartedJob { run: JobRun { kind, task_id, run_id }, task_name: members.word("taskName") })
}

/// Stops all runs of a task: the service addresses the task, not the run. Answers once the job is down, or, for a clean
/// stop, once it was asked to finish its current work.
pub async fn stop(
    client: &Client<'_>,
    selector: &TaskSelector,
    kind: TaskType,
    clean: bool,
    attempt: &Attempt,
) -> Result<(), Error> {
    let path = if clean { "/api/v2/job/stop?cleanStop=true" } else { "/api/v2/job/stop" };
    let body = Value::Object(addressed(selector, kind));
    let done = |answer: &Frame| match ErrorBody::of(answer) {
        Some(_) => Err(Misread::nothing("with an error")),
        None => Ok(()),
    };
    client.call_json(post(Operation::Stop, path, &body, attempt), done).await
}

/// Polls every run once. One run costs a filtered log request; many cost one monitor request for all, and log requests only
/// for those that the monitor does not show as active. With `with_monitor`, a single run is looked up there too. `start_sent_at` says
/// when a run was started, where that is known.
pub(crate) async fn poll(
    client: &Client<'_>,
    runs: &[&JobRun],
    with_monitor: bool,
    start_sent_at: impl Fn(&JobRun) -> Option<Timestamp>,
) -> Result<Vec<RunStatus>, Error> {
    let mut active: HashMap<JobRun, RunProgress> = HashMap::new();
    if runs.len() > 1 || with_monitor {
        let wanted: HashSet<&JobRun> = runs.iter().copied().collect();
        let details = runs.len() == 1 && runs[0].kind == TaskType::Workflow;
        let listing = monitor::runs(client, details, RetryPolicy::Never, |monitored| {
            monitored.run.as_ref().is_some_and(|run| wanted.contains(run))
        })
        .await?;
        // A row that cannot be read hides its own run, whose result the log may have.
        active = listing.rows.into_iter().filter_map(|row| Some((row.run?, row.progress))).collect();
    }
    let is_at_work = |run: &JobRun| active.get(run).is_some_and(|progress| progress.activity != Activity::Ending);
    let polls = runs.iter().map(async |&run| {
        let is_known = runs.len() > 1 && is_at_work(run);
        let result =
            if is_known { Ok(None) } else { log::result(client, run, start_sent_at(run), RetryPolicy::Never).await };
        // A list that refuses the ID does not have the run.
        let result = result.or_else(|error| if error.refuses_id() { Ok(None) } else { Err(error) })?;
        Ok(status(result, active.get(run)))
    });
    let polled: Vec<Result<RunStatus, Error>> = together(polls).await;
    // An answer that cannot be used costs its own run alone, as long as other runs have a status.
    if polled.iter().all(Result::is_err) {
        return polled.into_iter().collect();
    }
    let unavailable = |status: Result<RunStatus, Error>| match status {
        Err(error @ Error::Unreadable { status: 200, .. }) => Ok(error.as_status()),
        other => other,
    };
    polled.into_iter().map(unavailable).collect()
}

fn status(result: Option<RunResult>, progress: Option<&RunProgress>) -> RunStatus {
    match (result, progress) {
        (Some(result), _) => RunStatus::Ended(Box::new(result)),
        (None, Some(progress)) => RunStatus::Active(progress.clone()),
        (None, None) => RunStatus::NotListed,
    }
}

/// The body that addresses a task. A path is never sent: it is looked up first.
fn addressed(selector: &TaskSelector, kind: TaskType) -> Map<String, Value> {
    let (key, value) = match selector {
        TaskSelector::Id(id) => ("taskId", id),
        TaskSelector::FederatedId(id) => ("taskFederatedId", id),
        TaskSelector::Name(name) | TaskSelector::Path(name) => ("taskName", name),
    };
    Map::from_iter([
        ("@type".to_owned(), json!("job")),
        (key.to_owned(), json!(value)),
        ("taskType".to_owned(), json!(kind.code())),
    ])
}

fn post<'q>(operation: Operation, path: &str, body: &'q Value, attempt: &'q Attempt) -> ApiRequest<'q> {
    let request = ApiRequest::change(operation, Method::Post, V2, path.to_owned());
    ApiRequest { body: Some(body), attempt: Some(attempt), ..request }
}

#[cfg(test)]
mod tests;
