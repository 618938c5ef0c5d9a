//! The job resource, the activity monitor and the activity log. Leaves when to look, and how often, to `wait`.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::retry::Repeat;
use super::runs::Started;
use super::service::{Question, V2};
use super::taskflow::FlowOptions;
use super::wire::{Job, Row};
use super::{Call, Error, Service};
use crate::job::{Activity, Beginning, Ending, JobRun, Naming, Progress, Sighting, TaskType};

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
pub struct Trace {
    /// The run.
    pub run: JobRun,
    /// The name of its task.
    pub task_name: Option<String>,
    /// Who began it, how, and when.
    pub beginning: Beginning,
}

/// A run of a task that is going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// The run.
    pub run: JobRun,
    /// The run of the linear taskflow that it is a part of.
    pub inside: Option<JobRun>,
    /// How it stands.
    pub progress: Progress,
}

/// A run that the monitor shows.
#[derive(Debug, Clone)]
pub struct Active {
    /// The run; none when the row lacks a key, or is of a type that the job resource does not run.
    pub run: Option<JobRun>,
    /// The type as the service spells it.
    pub kind: String,
    /// How it stands.
    pub progress: Progress,
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

impl Service<'_> {
    /// Starts a task of the job resource, once.
    pub(super) async fn start_job(
        &self,
        naming: &Naming,
        kind: TaskType,
        options: &StartOptions,
    ) -> Result<Started, Error> {
        let mut body = addressed(naming, kind);
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
        let answer = self.ask_json(post(Call::Start, "/api/v2/job", &Value::Object(body))).await?;
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
    pub async fn stop(&self, naming: &Naming, kind: TaskType, clean: bool) -> Result<(), Error> {
        let path = if clean { "/api/v2/job/stop?cleanStop=true" } else { "/api/v2/job/stop" };
        self.ask_json(post(Call::Stop, path, &Value::Object(addressed(naming, kind)))).await.map(|_| ())
    }

    /// The end of a run, if the log has it.
    pub async fn ending(&self, run: &JobRun, repeat: Repeat) -> Result<Option<Ending>, Error> {
        let path = format!("/api/v2/activity/activityLog?taskId={}&runId={}", run.task_id, run.run_id);
        let mut ending = None;
        self.ask_rows(get(Call::Log, path, repeat), |element| {
            if let Ok(row) = serde_json::from_slice::<Row>(element)
                && row.is(&run.task_id, run.run_id)
            {
                ending = ending.take().or(row.ending());
            }
        })
        .await?;
        Ok(ending)
    }

    /// The run of a task that ended last.
    pub async fn last_run(&self, task_id: &str, kind: TaskType) -> Result<Option<(JobRun, Ending)>, Error> {
        let path = format!("/api/v2/activity/activityLog?taskId={task_id}&rowLimit=1");
        let mut last = None;
        self.ask_rows(get(Call::Log, path, Repeat::Passing), |element| {
            if let Ok(row) = serde_json::from_slice::<Row>(element)
                && row.task_id.as_deref() == Some(task_id)
                && let (Some(run_id), Some(ending)) = (row.run_id, row.ending())
            {
                last.get_or_insert((JobRun { kind, task_id: task_id.to_owned(), run_id }, ending));
            }
        })
        .await?;
        Ok(last)
    }

    /// What runs now and passes `keep`. With `details` the parts of linear taskflows come along.
    pub async fn active(
        &self,
        details: bool,
        repeat: Repeat,
        mut keep: impl FnMut(&Active) -> bool,
    ) -> Result<Vec<Active>, Error> {
        let path = format!("/api/v2/activity/activityMonitor?details={details}");
        let mut found = Vec::new();
        self.ask_rows(get(Call::Monitor, path, repeat), |element| {
            if let Ok(row) = serde_json::from_slice::<Row>(element) {
                found.push(Active::new(&row));
                found.pop_if(|active| !keep(active));
            }
        })
        .await?;
        Ok(found)
    }

    /// The runs of one task that are going on, also those inside a linear taskflow.
    pub async fn instances(&self, task_id: &str) -> Result<Vec<Instance>, Error> {
        let mut found = Vec::new();
        let question = get(Call::Monitor, "/api/v2/activity/activityMonitor?details=true".to_owned(), Repeat::Passing);
        self.ask_rows(question, |element| {
            if let Ok(row) = serde_json::from_slice::<Row>(element) {
                let family = std::iter::once((&row, None)).chain(row.entries.iter().map(|part| (part, Some(&row))));
                let same = family.filter(|(row, _)| row.task_id.as_deref() == Some(task_id));
                let going_on = same.map(|(row, whole)| (Active::new(row), whole)).filter(|(one, _)| one.is_going_on());
                found.extend(going_on.filter_map(|(active, whole)| {
                    let inside = whole.and_then(|whole| Active::new(whole).run);
                    Some(Instance { run: active.run?, inside, progress: active.progress })
                }));
            }
        })
        .await?;
        Ok(found)
    }

    /// The runs of a task in either list, each once: all that go on, and those that have ended since `since`.
    pub async fn traces(&self, task_id: &str, since: Timestamp) -> Result<Vec<Trace>, Error> {
        let mut found: Vec<Trace> = Vec::new();
        let mut add = |row: &Row| {
            if row.task_id.as_deref() == Some(task_id)
                && let Some(run) = Active::new(row).run
                && !found.iter().any(|trace| trace.run == run)
            {
                found.push(Trace { run, task_name: row.name(), beginning: row.beginning() });
            }
        };
        let path = "/api/v2/activity/activityMonitor?details=false".to_owned();
        self.ask_rows(get(Call::Monitor, path, Repeat::Never), |element| {
            if let Ok(row) = serde_json::from_slice(element) {
                add(&row);
            }
        })
        .await?;
        for page in 0.. {
            let path =
                format!("/api/v2/activity/activityLog?taskId={task_id}&offset={}&rowLimit={LOG_PAGE}", page * LOG_PAGE);
            let (mut rows, mut reached) = (0, false);
            self.ask_rows(get(Call::Log, path, Repeat::Never), |element| {
                rows += 1;
                if let Ok(row) = serde_json::from_slice::<Row>(element) {
                    add(&row);
                    // The list has the newest end first.
                    reached |= row.ending().and_then(|ending| ending.ended_at).is_some_and(|ended| ended < since);
                }
            })
            .await?;
            if reached || rows < LOG_PAGE {
                break;
            }
        }
        Ok(found)
    }

    /// Looks once for every run. One run costs a filtered log request; many cost one monitor request for all, and
    /// log requests only for those that it does not show at work. With `monitor`, one run is looked up there too.
    pub(super) async fn look_at_jobs(&self, runs: &[&JobRun], monitor: bool) -> Result<Vec<Sighting>, Error> {
        let mut active: HashMap<JobRun, Progress> = HashMap::new();
        if runs.len() > 1 || monitor {
            let wanted: HashSet<&JobRun> = runs.iter().copied().collect();
            let details = runs.len() == 1 && runs[0].kind == TaskType::Workflow;
            let keep = |active: &Active| active.run.as_ref().is_some_and(|run| wanted.contains(run));
            let rows = self.active(details, Repeat::Never, keep).await?;
            active = rows.into_iter().filter_map(|row| Some((row.run?, row.progress))).collect();
        }
        let at_work = |run: &JobRun| active.get(run).is_some_and(|progress| progress.activity != Activity::Ending);
        let ask_log = |run: &JobRun| runs.len() == 1 || !at_work(run);
        let looks = runs.iter().map(async |&run| {
            let ending = if ask_log(run) { self.ending(run, Repeat::Never).await? } else { None };
            Ok(match (ending, active.get(run)) {
                (Some(ending), _) => Sighting::Over(Box::new(ending)),
                (None, Some(progress)) => Sighting::Active(progress.clone()),
                (None, None) => Sighting::Unseen,
            })
        });
        let found: Vec<Result<Sighting, Error>> = stream::iter(looks).buffered(AT_ONCE).collect().await;
        found.into_iter().collect()
    }
}

/// The body that addresses a task. A path is never sent: it is looked up first.
fn addressed(naming: &Naming, kind: TaskType) -> Map<String, Value> {
    let (key, value) = match naming {
        Naming::Id(id) => ("taskId", id),
        Naming::FederatedId(id) => ("taskFederatedId", id),
        Naming::Name(name) | Naming::Path(name) => ("taskName", name),
    };
    Map::from_iter([
        ("@type".to_owned(), json!("job")),
        (key.to_owned(), json!(value)),
        ("taskType".to_owned(), json!(kind.code())),
    ])
}

fn post<'q>(call: Call, path: &str, body: &'q Value) -> Question<'q> {
    Question::post(call, V2, path.to_owned(), body, Repeat::Unprocessed)
}

fn get(call: Call, path: String, repeat: Repeat) -> Question<'static> {
    Question::get(call, V2, path, repeat)
}
