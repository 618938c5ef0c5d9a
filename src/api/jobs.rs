//! The job resource, the activity monitor and the activity log. Leaves when to look, and how often, to `wait`.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::api::activity::{List, Row};
use crate::api::client::{ApiRequest, V2};
use crate::api::retry::RetryPolicy;
use crate::api::runs::Started;
use crate::api::taskflow::FlowOptions;
use crate::api::wire::Job;
use crate::api::{Call, Client, Error};
use crate::job::{Activity, JobRun, RunProgress, RunResult, RunStatus, StartInfo, TaskSelector, TaskType};

/// How many log requests of one look are under way at once.
const AT_ONCE: usize = 8;
/// Rows of the log in one page; what the service sends by default.
const LOG_PAGE: usize = 200;

/// What goes along with a start.
#[derive(Debug, Clone, Default)]
pub struct StartOptions {
    /// Lets a mapping task run beside another instance of itself.
    pub allow_concurrent: bool,
    /// The parameter file's name on the Secure Agent.
    pub parameter_file: Option<String>,
    /// Its folder there.
    pub parameter_dir: Option<String>,
    /// The URL that the service calls when the job ends.
    pub callback_url: Option<String>,
    /// What goes along with the start of a taskflow instead of all that.
    pub flow: FlowOptions,
}

/// A run in one of the lists, by what tells whose it is.
#[derive(Debug, Clone)]
pub struct ListedRun {
    /// The run.
    pub run: JobRun,
    /// The name of its task.
    pub task_name: Option<String>,
    /// Who began it, how, and when.
    pub start_info: StartInfo,
}

/// A run of a task that is going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveRun {
    /// The run.
    pub run: JobRun,
    /// The run of the linear taskflow that it is a part of.
    pub inside: Option<JobRun>,
    /// How it stands.
    pub progress: RunProgress,
}

/// A run that the monitor shows.
#[derive(Debug, Clone)]
pub struct Active {
    /// The run; none when the row lacks a key, or is of a type that the job resource does not run.
    pub run: Option<JobRun>,
    /// The type as the service spells it.
    pub kind: String,
    /// How it stands.
    pub progress: RunProgress,
}

/// What was found in a list, and how many of its rows cannot be read.
#[derive(Debug)]
pub struct Found<T> {
    /// What was found.
    pub rows: Vec<T>,
    /// Rows that are no objects, are broken beyond repair, or lack what would tell whose they are.
    pub odd: usize,
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), odd: 0 }
    }
}

impl<T> Found<T> {
    /// What was found, if every row could be read: one that could not may be the one that matters.
    pub(crate) fn whole(self) -> Result<Vec<T>, String> {
        match self.odd {
            0 => Ok(self.rows),
            1 => Err("one of its rows cannot be read".to_owned()),
            odd => Err(format!("{odd} of its rows cannot be read")),
        }
    }
}

/// A row does not tell whose it is.
struct Untold;

/// The run of this task that a row is about; none when it is about something else.
fn run_of(row: &Row, task_id: &str) -> Result<Option<JobRun>, Untold> {
    match (&row.task_id, &row.kind, row.run_id) {
        (Some(other), ..) if other != task_id => Ok(None),
        // What the job resource does not run, such as the test of a mapping.
        (_, Some(kind), _) if TaskType::of_job(kind).is_none() => Ok(None),
        (Some(_), Some(kind), Some(run_id)) => {
            let run = |kind| JobRun { kind, task_id: task_id.to_owned(), run_id };
            Ok(TaskType::of_job(kind).map(run))
        }
        _ => Err(Untold),
    }
}

impl Active {
    fn new(row: &Row) -> Self {
        let kind = row.kind.clone().unwrap_or_default();
        let run = match (TaskType::of_job(&kind), row.task_id.clone(), row.run_id) {
            (Some(kind), Some(task_id), Some(run_id)) => Some(JobRun { kind, task_id, run_id }),
            _ => None,
        };
        Self { run, kind, progress: row.progress() }
    }

    /// Whether it is still going on by the monitor's account, where ended runs may stay for a while.
    pub fn is_going_on(&self) -> bool {
        self.progress.activity != Activity::Ending
    }
}

impl Client<'_> {
    /// Starts a task of the job resource, once.
    pub(crate) async fn start_job(
        &self,
        selector: &TaskSelector,
        kind: TaskType,
        options: &StartOptions,
    ) -> Result<Started, Error> {
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
        let answer = self.call_json(post(Call::Start, "/api/v2/job", &Value::Object(body))).await?;
        let unreadable = |what: &str| Error::Unreadable { call: Call::Start, status: 200, what: what.to_owned() };
        let job: Job = serde_json::from_value(answer).map_err(|_| unreadable("with JSON that is no job"))?;
        let (Some(task_id), Some(run_id)) = (job.task_id, job.run_id) else {
            return Err(unreadable("without a task ID and a run ID"));
        };
        let kind = job.task_type.and_then(|kind| TaskType::of_job(&kind)).unwrap_or(kind);
        Ok(Started { run: JobRun { kind, task_id, run_id }.into(), task_name: job.task_name })
    }

    /// Stops whatever runs of a task: the service addresses the task, not the run. Answers once the job is down, or,
    /// for a clean stop, once it was told to finish its current work.
    pub async fn stop(&self, selector: &TaskSelector, kind: TaskType, clean: bool) -> Result<(), Error> {
        let path = if clean { "/api/v2/job/stop?cleanStop=true" } else { "/api/v2/job/stop" };
        self.call_json(post(Call::Stop, path, &Value::Object(addressed(selector, kind)))).await.map(|_| ())
    }

    /// The end of a run, if the log has it. A row that cannot be read may be the run's: then it is not known.
    pub async fn result(&self, run: &JobRun, retry: RetryPolicy) -> Result<Option<RunResult>, Error> {
        let path = format!("/api/v2/activity/activityLog?taskId={}&runId={}", run.task_id, run.run_id);
        let add = |found: &mut Found<Option<RunResult>>, element: &[u8]| match Row::read(element, List::Log) {
            Some(row) if row.is(&run.task_id, run.run_id) && row.state.is_some() => found.rows.push(row.result()),
            Some(row) if is_another(&row, &run.task_id, run.run_id) => {}
            Some(_) | None => found.odd += 1,
        };
        self.call_rows(get(Call::Log, path, retry), add, |mut found| {
            match found.rows.iter_mut().find_map(Option::take) {
                Some(result) => Ok(Some(result)),
                None => found.whole().map(|_| None),
            }
        })
        .await
    }

    /// The run of a task that ended last.
    pub async fn last_run(&self, task_id: &str, kind: TaskType) -> Result<Option<(JobRun, RunResult)>, Error> {
        let path = format!("/api/v2/activity/activityLog?taskId={task_id}&rowLimit=1");
        let add = |found: &mut Found<(JobRun, RunResult)>, element: &[u8]| match Row::read(element, List::Log) {
            Some(Row { task_id: Some(other), .. }) if other != task_id => {}
            Some(row @ Row { task_id: Some(_), run_id: Some(run_id), state: Some(_), .. }) => {
                let run = JobRun { kind, task_id: task_id.to_owned(), run_id };
                found.rows.extend(row.result().map(|result| (run, result)));
            }
            Some(_) | None => found.odd += 1,
        };
        let ended = self.call_rows(get(Call::Log, path, RetryPolicy::Idempotent), add, Found::whole).await?;
        Ok(ended.into_iter().next())
    }

    /// What runs now and passes `keep`. With `details` the parts of linear taskflows come along.
    pub async fn active(
        &self,
        details: bool,
        retry: RetryPolicy,
        keep: impl Fn(&Active) -> bool,
    ) -> Result<Found<Active>, Error> {
        let path = format!("/api/v2/activity/activityMonitor?details={details}");
        let add = |found: &mut Found<Active>, element: &[u8]| match Row::read(element, List::Monitor) {
            Some(row) => found.rows.extend(Some(Active::new(&row)).filter(&keep)),
            None => found.odd += 1,
        };
        self.call_rows(get(Call::Monitor, path, retry), add, Ok).await
    }

    /// The runs of one task that are going on, also those inside a linear taskflow. An error when a row does not tell
    /// whether it is one.
    pub async fn active_runs(&self, task_id: &str) -> Result<Vec<ActiveRun>, Error> {
        let add = |found: &mut Found<ActiveRun>, element: &[u8]| {
            let Some(row) = Row::read(element, List::Monitor) else {
                found.odd += 1;
                return;
            };
            add_instance(found, &row, None, task_id);
            for part in &row.parts {
                add_instance(found, part, Some(&row), task_id);
            }
            if row.has_odd_parts && Active::new(&row).is_going_on() {
                found.odd += 1;
            }
        };
        let path = "/api/v2/activity/activityMonitor?details=true".to_owned();
        self.call_rows(get(Call::Monitor, path, RetryPolicy::Idempotent), add, Found::whole).await
    }

    /// The runs of a task in either list, each once: all that go on, and those that have ended since `since`. An error when
    /// a row does not tell whether it is one.
    pub async fn listed_runs(&self, task_id: &str, since: Timestamp) -> Result<Vec<ListedRun>, Error> {
        let path = "/api/v2/activity/activityMonitor?details=false".to_owned();
        let add = |found: &mut Found<ListedRun>, element: &[u8]| match Row::read(element, List::Monitor) {
            Some(row) => add_trace(found, &row, task_id),
            None => found.odd += 1,
        };
        let mut traces = self.call_rows(get(Call::Monitor, path, RetryPolicy::Never), add, Found::whole).await?;
        for page in 0.. {
            let path =
                format!("/api/v2/activity/activityLog?taskId={task_id}&offset={}&rowLimit={LOG_PAGE}", page * LOG_PAGE);
            let add = |(found, rows, reached): &mut (Found<ListedRun>, usize, bool), element: &[u8]| {
                *rows += 1;
                let Some(row) = Row::read(element, List::Log) else {
                    found.odd += 1;
                    return;
                };
                add_trace(found, &row, task_id);
                // The list has the newest end first.
                *reached |= row.result().and_then(|result| result.ended_at).is_some_and(|ended| ended < since);
            };
            let done = |(found, rows, reached): (Found<ListedRun>, usize, bool)| Ok((found.whole()?, rows, reached));
            let (found, rows, reached) = self.call_rows(get(Call::Log, path, RetryPolicy::Never), add, done).await?;
            // A run may be in both lists, and one that ends between two pages moves the others down.
            for trace in found {
                if !traces.iter().any(|known| known.run == trace.run) {
                    traces.push(trace);
                }
            }
            if reached || rows < LOG_PAGE {
                break;
            }
        }
        Ok(traces)
    }

    /// Looks once for every run. One run costs a filtered log request; many cost one monitor request for all, and
    /// log requests only for those that it does not show at work. With `monitor`, one run is looked up there too.
    pub(crate) async fn poll_jobs(&self, runs: &[&JobRun], monitor: bool) -> Result<Vec<RunStatus>, Error> {
        let mut active: HashMap<JobRun, RunProgress> = HashMap::new();
        if runs.len() > 1 || monitor {
            let wanted: HashSet<&JobRun> = runs.iter().copied().collect();
            let details = runs.len() == 1 && runs[0].kind == TaskType::Workflow;
            let keep = |active: &Active| active.run.as_ref().is_some_and(|run| wanted.contains(run));
            let rows = self.active(details, RetryPolicy::Never, keep).await?;
            // A row that cannot be read hides its own run, of which the log is asked then.
            active = rows.rows.into_iter().filter_map(|row| Some((row.run?, row.progress))).collect();
        }
        let at_work = |run: &JobRun| active.get(run).is_some_and(|progress| progress.activity != Activity::Ending);
        let ask_log = |run: &JobRun| runs.len() == 1 || !at_work(run);
        let looks = runs.iter().map(async |&run| {
            let result = if ask_log(run) { self.result(run, RetryPolicy::Never).await } else { Ok(None) };
            // A list in which the ID cannot be does not have the run.
            let result = result.or_else(|error| if error.refuses_id() { Ok(None) } else { Err(error) })?;
            Ok(match (result, active.get(run)) {
                (Some(result), _) => RunStatus::Ended(Box::new(result)),
                (None, Some(progress)) => RunStatus::Active(progress.clone()),
                (None, None) => RunStatus::NotListed,
            })
        });
        let found: Vec<Result<RunStatus, Error>> = stream::iter(looks).buffered(AT_ONCE).collect().await;
        // An answer that cannot be used costs its own run alone, as long as others are seen.
        if found.iter().all(Result::is_err) {
            return found.into_iter().collect();
        }
        let missed = |result: Result<RunStatus, Error>| match result {
            Err(error @ Error::Unreadable { status: 200, .. }) => Ok(error.as_status()),
            other => other,
        };
        found.into_iter().map(missed).collect()
    }
}

/// Whether a row is surely another run's.
fn is_another(row: &Row, task_id: &str, run_id: u64) -> bool {
    row.task_id.as_deref().is_some_and(|other| other != task_id) || row.run_id.is_some_and(|other| other != run_id)
}

/// Adds the run of the task that a row or one of its parts shows to be going on.
fn add_instance(found: &mut Found<ActiveRun>, row: &Row, whole: Option<&Row>, task_id: &str) {
    let active = Active::new(row);
    if !active.is_going_on() {
        return;
    }
    let inside = whole.map(Active::new);
    // The parts of a linear taskflow are runs of tasks; those of any other run may be anything, and say so by no task ID.
    let is_piece = inside.as_ref().is_some_and(|whole| TaskType::of_job(&whole.kind) != Some(TaskType::Workflow));
    if is_piece && row.task_id.is_none() {
        return;
    }
    match run_of(row, task_id) {
        Ok(Some(run)) if found.rows.iter().all(|known| known.run != run) => {
            found.rows.push(ActiveRun { run, inside: inside.and_then(|whole| whole.run), progress: active.progress });
        }
        Ok(_) => {}
        Err(Untold) => found.odd += 1,
    }
}

/// Adds the run of the task that a row of either list shows.
fn add_trace(found: &mut Found<ListedRun>, row: &Row, task_id: &str) {
    match run_of(row, task_id) {
        Ok(Some(run)) if found.rows.iter().all(|known| known.run != run) => {
            found.rows.push(ListedRun { run, task_name: row.name(), start_info: row.start_info() });
        }
        Ok(_) => {}
        Err(Untold) => found.odd += 1,
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

fn post<'q>(call: Call, path: &str, body: &'q Value) -> ApiRequest<'q> {
    ApiRequest::post(call, V2, path.to_owned(), body, RetryPolicy::IfNotProcessed)
}

fn get(call: Call, path: String, retry: RetryPolicy) -> ApiRequest<'static> {
    ApiRequest::get(call, V2, path, retry)
}

#[cfg(test)]
mod tests;
