//! The types of tasks, and the engines that run them.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A task type that the service runs on request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TaskType {
    /// A data masking task.
    Dmask,
    /// A replication task.
    Drs,
    /// A synchronization task.
    Dss,
    /// A file ingestion and replication task, which the ingestion service runs.
    FileIngestion,
    /// A mapping task.
    Mtt,
    /// A PowerCenter task.
    Pcs,
    /// A taskflow, which the process engine runs.
    Taskflow,
    /// A linear taskflow.
    Workflow,
}

impl TaskType {
    /// Every type, in the order of their codes.
    pub const ALL: [Self; 8] =
        [Self::Dmask, Self::Drs, Self::Dss, Self::FileIngestion, Self::Mtt, Self::Pcs, Self::Taskflow, Self::Workflow];

    /// The types that the job resource runs; activity monitor, activity log and the v2 task lists know only these.
    pub const JOBS: [Self; 6] = [Self::Dmask, Self::Drs, Self::Dss, Self::Mtt, Self::Pcs, Self::Workflow];

    /// The resource that runs it.
    pub fn engine(self) -> Engine {
        match self {
            Self::Dmask | Self::Drs | Self::Dss | Self::Mtt | Self::Pcs | Self::Workflow => Engine::Jobs,
            Self::Taskflow => Engine::Taskflows,
            Self::FileIngestion => Engine::Ingestion,
        }
    }

    /// The code that people and handles use; for the types of the job resource it is also the service's.
    pub fn code(self) -> &'static str {
        match self {
            Self::Dmask => "DMASK",
            Self::Drs => "DRS",
            Self::Dss => "DSS",
            Self::FileIngestion => "FILE_INGESTION",
            Self::Mtt => "MTT",
            Self::Pcs => "PCS",
            Self::Taskflow => "TASKFLOW",
            Self::Workflow => "WORKFLOW",
        }
    }

    /// The word that people use, also accepted as an alias of the code.
    pub fn alias(self) -> &'static str {
        match self {
            Self::Dmask => "masking",
            Self::Drs => "replication",
            Self::Dss => "synchronization",
            Self::FileIngestion => "file-ingestion",
            Self::Mtt => "mapping-task",
            Self::Pcs => "powercenter",
            Self::Taskflow => "taskflow",
            Self::Workflow => "linear-taskflow",
        }
    }

    /// What the v3 objects and lookup resources call it: file ingestion is `MI_TASK` there, after its old name.
    pub fn object_type(self) -> &'static str {
        match self {
            Self::FileIngestion => "MI_TASK",
            other => other.code(),
        }
    }

    /// The type that a word of the job resource, the monitor or the log stands for. Other words occur there too, and a
    /// row of another type is never taken for a run of the job resource.
    pub fn of_job(word: &str) -> Option<Self> {
        Self::JOBS.into_iter().find(|kind| word.eq_ignore_ascii_case(kind.code()))
    }

    /// The type that a word of the v3 resources stands for.
    pub fn of_object(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| word.eq_ignore_ascii_case(kind.object_type()))
    }

    /// The type that the code inside a 20-character v2 ID stands for: `0Z`, `0N` and `0I` are known from recorded answers.
    pub fn of_id(id: &str) -> Option<Self> {
        match id.get(6..8).filter(|_| id.len() == 20)? {
            "0Z" => Some(Self::Mtt),
            "0N" => Some(Self::Workflow),
            "0I" => Some(Self::Dss),
            _ => None,
        }
    }
}

impl fmt::Display for TaskType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.code())
    }
}

/// The resource that runs tasks of some types: where their runs are started, polled and stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The job resource, whose runs the activity monitor and the activity log show.
    Jobs,
    /// The process engine, which runs taskflows.
    Taskflows,
    /// The ingestion service, which runs file ingestion tasks.
    Ingestion,
}

impl Engine {
    /// Whether it counts the rows that a run reads and writes.
    pub fn counts_rows(self) -> bool {
        match self {
            Self::Jobs => true,
            Self::Taskflows | Self::Ingestion => false,
        }
    }

    /// Whether a run can be stopped after its current work.
    pub fn has_clean_stop(self) -> bool {
        match self {
            Self::Jobs => true,
            Self::Taskflows | Self::Ingestion => false,
        }
    }

    /// Whether it lists the active runs of a task.
    pub fn lists_active_runs(self) -> bool {
        match self {
            Self::Jobs | Self::Taskflows => true,
            Self::Ingestion => false,
        }
    }
}

/// A word that is no task type.
#[derive(Debug, Error)]
#[error(
    "'{0}' is not a task type; known are {known}",
    known = TaskType::ALL.map(TaskType::code).join(", ")
)]
pub struct UnknownType(String);

impl FromStr for TaskType {
    type Err = UnknownType;

    fn from_str(word: &str) -> Result<Self, UnknownType> {
        Self::ALL
            .into_iter()
            .find(|kind| word.eq_ignore_ascii_case(kind.code()) || word.eq_ignore_ascii_case(kind.alias()))
            .ok_or_else(|| UnknownType(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_known_by_code_and_alias_in_any_case() {
        for kind in TaskType::ALL {
            assert_eq!(kind.code().to_lowercase().parse::<TaskType>().unwrap(), kind);
            assert_eq!(kind.alias().to_uppercase().parse::<TaskType>().unwrap(), kind);
        }
        let unknown = "MI_TASK".parse::<TaskType>().unwrap_err().to_string();
        assert_eq!(
            unknown,
            "'MI_TASK' is not a task type; known are DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW, WORKFLOW"
        );
    }

    #[test]
    fn the_job_resource_runs_exactly_the_types_of_its_list() {
        for kind in TaskType::ALL {
            assert_eq!(TaskType::JOBS.contains(&kind), kind.engine() == Engine::Jobs, "{kind}");
        }
    }

    #[test]
    fn each_engine_can_do_what_its_resource_has_calls_for() {
        let can = |engine: Engine| [engine.counts_rows(), engine.has_clean_stop(), engine.lists_active_runs()];
        assert_eq!(can(Engine::Jobs), [true, true, true]);
        assert_eq!(can(Engine::Taskflows), [false, false, true]);
        assert_eq!(can(Engine::Ingestion), [false, false, false]);
    }

    #[test]
    fn each_resource_has_its_own_words() {
        assert_eq!(TaskType::of_job("Workflow"), Some(TaskType::Workflow));
        for word in ["TASKFLOW", "FILE_INGESTION", "mapping-task", "MTT_TEST", ""] {
            assert_eq!(TaskType::of_job(word), None, "{word}");
        }
        assert_eq!(TaskType::of_object("MI_TASK"), Some(TaskType::FileIngestion));
        assert_eq!(TaskType::of_object("taskflow"), Some(TaskType::Taskflow));
        for word in ["FILE_INGESTION", "DTEMPLATE", "linear-taskflow"] {
            assert_eq!(TaskType::of_object(word), None, "{word}");
        }
    }

    #[test]
    fn an_id_tells_its_type_only_in_the_full_shape() {
        assert_eq!(TaskType::of_id("01ABCD0Z00000000001S"), Some(TaskType::Mtt));
        assert_eq!(TaskType::of_id("01ABCD0N00000000001S"), Some(TaskType::Workflow));
        assert_eq!(TaskType::of_id("01ABCD0I00000000001S"), Some(TaskType::Dss));
        assert_eq!(TaskType::of_id("01ABCD0K00000000001S"), None);
        assert_eq!(TaskType::of_id("01ABCD0Z"), None);
        assert_eq!(TaskType::of_id("äöüäöüäöüä"), None);
    }
}
