//! Our words for the service's things: tasks, runs, what is seen of them. Leaves the wire's spelling to `api::wire`.

mod kind;
mod run;

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub use crate::job::kind::TaskType;
pub use crate::job::kind::UnknownType;
pub use crate::job::run::HandleError;
pub use crate::job::run::JobRun;
pub use crate::job::run::Run;

/// How a person names a task.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TaskSelector {
    /// The v2 ID.
    Id(String),
    /// The federated ID, which the v3 resources use.
    FederatedId(String),
    /// The bare name.
    Name(String),
    /// `Project/Folder/Name`, without a leading `Explore/`.
    Path(String),
}

impl fmt::Display for TaskSelector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(formatter, "ID {id}"),
            Self::FederatedId(id) => write!(formatter, "federated ID {id}"),
            Self::Name(name) => write!(formatter, "name '{name}'"),
            Self::Path(path) => write!(formatter, "path '{path}'"),
        }
    }
}

/// A task as a person asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TaskQuery {
    /// Which task.
    pub selector: TaskSelector,
    /// Its type, when it was said.
    pub kind: Option<TaskType>,
}

/// What is known of a task. Grows while the service is asked about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Task {
    /// The v2 ID.
    pub id: Option<String>,
    /// The federated ID.
    pub federated_id: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// Project, folder and name.
    pub path: Option<String>,
    /// The type.
    pub kind: Option<TaskType>,
}

impl Task {
    /// What messages call the task: its path, else its name, else an ID.
    pub fn label(&self) -> &str {
        [&self.path, &self.name, &self.id, &self.federated_id]
            .into_iter()
            .flatten()
            .next()
            .map_or("a task", String::as_str)
    }
}

/// Rows that went well and rows that did not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Rows without error.
    pub ok: u64,
    /// Rows rejected.
    pub failed: u64,
}

/// The row counts of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rows {
    /// Rows read.
    pub source: Count,
    /// Rows written.
    pub target: Count,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Without errors.
    Succeeded,
    /// To its end, with rejected rows or failed parts.
    Warning,
    /// With an error.
    Failed,
    /// By somebody's stop.
    Stopped,
    /// At once, because nothing could run it.
    NotRun,
    /// At once, because another instance of the task was running.
    AlreadyRunning,
    /// Not at all yet: a step of the taskflow failed, and it waits for a person to resume or to terminate it.
    Suspended,
}

/// What the outcome was read from, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClassifiedBy {
    /// The `state` of the log's row.
    State,
    /// Its `isStopped` flag.
    StoppedFlag,
    /// State 3, no duration and no rows, with a text that says why it never began.
    Structure,
    /// The text of its error message alone.
    Message,
    /// Its end came after our own stop was sent.
    OwnStop,
}

impl ClassifiedBy {
    /// The word in the JSON document.
    pub fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::StoppedFlag => "is_stopped",
            Self::Structure => "structure",
            Self::Message => "message",
            Self::OwnStop => "own_stop",
        }
    }
}

/// What a run under way is doing, by the monitor's word for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Activity {
    /// Waiting for a place.
    Queued,
    /// Being prepared.
    Initialized,
    /// At work.
    Running,
    /// On its way to a stop.
    Stopping,
    /// Waiting for a person to resume it.
    Suspended,
    /// Over by the monitor's account; the log has the last word.
    Ending,
    /// A word that was not known when this was written. It means "not over".
    Other(String),
}

impl fmt::Display for Activity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Queued => "queued",
            Self::Initialized => "initialized",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Suspended => "suspended",
            Self::Ending => "ending",
            Self::Other(word) => word,
        })
    }
}

/// A part of a run: a task of a taskflow, linear or not, an object of a replication task, or an ingested file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subtask {
    /// The name of the task or object.
    pub name: String,
    /// The type as the service spells it; an open set.
    pub kind: String,
    /// The run ID of this part.
    pub run_id: Option<RunId>,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
    /// What it is doing, while it is.
    pub activity: Option<Activity>,
    /// Its error text. Present on successful parts too at times, so it never decides the outcome.
    pub error: Option<String>,
    /// Its rows.
    pub rows: Rows,
    /// Its own parts.
    pub parts: Vec<Self>,
}

/// The run ID of a part, which may belong to any resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunId {
    /// The job resource counts the runs of each task.
    Number(u64),
    /// Other resources give IDs that are too long for the numbers of JSON.
    Text(String),
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(formatter),
            Self::Text(text) => text.fmt(formatter),
        }
    }
}

/// What one look found of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunStatus {
    /// No list shows it, or only the log was asked and has no row: it is not over, or not logged yet, or no run at all.
    NotListed,
    /// The monitor shows it.
    Active(RunProgress),
    /// The log shows its end.
    Ended(Box<RunResult>),
    /// The resource that runs it could not be asked, while another that was asked in the same look could.
    Unavailable(PollFailure),
}

/// Why a run was not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollFailure {
    /// What went wrong.
    pub why: String,
    /// How long the service asks to be left alone.
    pub retry_after: Option<Duration>,
}

/// Who began a run, how, and when: by this a run is known whose handle was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartInfo {
    /// The user's name.
    pub by: Option<String>,
    /// Whether it was begun over the REST API.
    pub over_rest: bool,
    /// When.
    pub at: Moment,
}

/// A moment as the service tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// In UTC.
    At(Timestamp),
    /// In US Eastern time, read as if it were UTC: whether by four or by five hours is not said.
    Eastern(Timestamp),
    /// Not at all.
    Unknown,
}

impl Moment {
    /// Whether it can lie between these two.
    pub fn may_lie_between(self, begin: Timestamp, end: Timestamp) -> bool {
        let within = |moment: Timestamp| begin <= moment && moment <= end;
        match self {
            Self::At(moment) => within(moment),
            Self::Eastern(moment) => [4, 5].into_iter().any(|hours| within(moment + SignedDuration::from_hours(hours))),
            Self::Unknown => false,
        }
    }
}

/// A run under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunProgress {
    /// The name of its task.
    pub task_name: Option<String>,
    /// What it is doing.
    pub activity: Activity,
    /// Rows so far.
    pub rows: Rows,
    /// When it began, where the service says it in UTC.
    pub started_at: Option<Timestamp>,
    /// Who started it.
    pub started_by: Option<String>,
    /// Its parts, when they were asked for.
    pub subtasks: Vec<Subtask>,
}

/// A run that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunResult {
    /// The name of its task.
    pub task_name: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// What says so.
    pub classified_by: ClassifiedBy,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Rows read and written.
    pub rows: Rows,
    /// The error text of the run itself.
    pub error: Option<String>,
    /// Its parts.
    pub subtasks: Vec<Subtask>,
    /// The ID of the log's row, by which its session log can be had.
    pub log_id: Option<String>,
}

impl RunResult {
    /// From the beginning to the end, where both are known.
    pub fn duration(&self) -> Option<Duration> {
        Duration::try_from(self.ended_at?.duration_since(self.started_at?)).ok()
    }
}
