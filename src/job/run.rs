//! Runs, and how they are written as handles.

use std::fmt;

use crate::job::kind::TaskType;

/// One run of one task, by the resource that runs it. Shown and read as a handle: `MTT/01ABCD0Z00000000001S/18`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Run {
    /// Of the job resource.
    Job(JobRun),
    /// Of a taskflow: its ID is unique in the organisation, so the handle has no task.
    Taskflow {
        /// 18 to 20 digits, more than a JSON number holds.
        run_id: String,
    },
    /// Of a file ingestion task.
    Ingestion {
        /// The task's ID, 22 letters and digits.
        task_id: String,
        /// The run ID as the service spells it.
        run_id: String,
    },
}

impl Run {
    pub fn kind(&self) -> TaskType {
        match self {
            Self::Job(run) => run.kind,
            Self::Taskflow { .. } => TaskType::Taskflow,
            Self::Ingestion { .. } => TaskType::FileIngestion,
        }
    }

    /// The ID of the task, where the handle has it.
    pub fn task_id(&self) -> Option<&str> {
        match self {
            Self::Job(run) => Some(&run.task_id),
            Self::Taskflow { .. } => None,
            Self::Ingestion { task_id, .. } => Some(task_id),
        }
    }

    /// The run of the job resource, if it is one.
    pub fn as_job(&self) -> Option<&JobRun> {
        match self {
            Self::Job(run) => Some(run),
            Self::Taskflow { .. } | Self::Ingestion { .. } => None,
        }
    }

    /// The handles of several runs.
    pub fn list<R: fmt::Display>(runs: &[R]) -> Vec<String> {
        runs.iter().map(ToString::to_string).collect()
    }
}

impl From<JobRun> for Run {
    fn from(run: JobRun) -> Self {
        Self::Job(run)
    }
}

impl fmt::Display for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Job(run) => run.fmt(formatter),
            Self::Taskflow { run_id } => formatter.pad(&format!("{}/{run_id}", self.kind())),
            Self::Ingestion { task_id, run_id } => formatter.pad(&format!("{}/{task_id}/{run_id}", self.kind())),
        }
    }
}

/// A run that the job resource started, and that the activity monitor and the activity log show.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobRun {
    pub kind: TaskType,
    /// The v2 ID of the task.
    pub task_id: String,
    /// Counts the runs of this task only: run IDs of different tasks coincide.
    pub run_id: u64,
}

impl fmt::Display for JobRun {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&format!("{}/{}/{}", self.kind, self.task_id, self.run_id))
    }
}
