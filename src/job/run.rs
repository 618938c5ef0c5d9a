//! Runs, and the handles that people keep of them. Leaves what is seen of a run to the module above.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::TaskType;

/// One run of one task, by the resource that runs it. Shown and read as a handle: `MTT/0119Y40Z00000000001S/18`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Run {
    /// Of the job resource.
    Job(JobRun),
}

impl Run {
    /// The type of the task.
    pub fn kind(&self) -> TaskType {
        match self {
            Self::Job(run) => run.kind,
        }
    }

    /// The ID of the task, where the handle has it.
    pub fn task_id(&self) -> Option<&str> {
        match self {
            Self::Job(run) => Some(&run.task_id),
        }
    }
}

impl Run {
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
        }
    }
}

/// A run that the job resource started, and that the activity monitor and the activity log show.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobRun {
    /// The type of the task.
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

/// Why a text is not the handle of a run.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum HandleError {
    /// It does not have the shape; it may be a path.
    #[error("not a handle, which looks like MTT/0119Y40Z00000000001S/18")]
    Shape,
    /// It has the shape of a handle with a mistake in it.
    #[error("almost a handle like MTT/0119Y40Z00000000001S/18, but {0}")]
    Typo(&'static str),
}

impl FromStr for Run {
    type Err = HandleError;

    fn from_str(text: &str) -> Result<Self, HandleError> {
        let parts: Vec<&str> = text.split('/').collect();
        let [kind, task_id, run_id] = parts[..] else {
            let begun = parts.len() < 3 || parts[1..].iter().any(|part| part.is_empty());
            let known = TaskType::ALL.iter().any(|kind| kind.code() == parts[0]);
            return Err(if begun && known { HandleError::Typo("a part is missing") } else { HandleError::Shape });
        };
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let number = run_id.parse::<u64>().ok().filter(|_| run_id.bytes().all(|byte| byte.is_ascii_digit()));
        match TaskType::ALL.into_iter().find(|known| known.code() == kind) {
            None if number.is_some() && TaskType::of_id(task_id).is_some() => {
                Err(HandleError::Typo("its first part is not a task type in capitals"))
            }
            None => Err(HandleError::Shape),
            Some(_) if !plain(task_id) => Err(HandleError::Typo("its task ID is not made of letters and digits")),
            Some(kind) => match number {
                Some(run_id) => Ok(JobRun { kind, task_id: task_id.to_owned(), run_id }.into()),
                None => Err(HandleError::Typo("its run number is not a number")),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_reads_as_it_is_written() {
        let run: Run = "MTT/0119Y40Z00000000001S/18".parse().unwrap();
        let job = JobRun { kind: TaskType::Mtt, task_id: "0119Y40Z00000000001S".into(), run_id: 18 };
        assert_eq!((run.kind(), run.task_id()), (TaskType::Mtt, Some("0119Y40Z00000000001S")));
        assert_eq!(run, Run::from(job));
        assert_eq!(run.to_string(), "MTT/0119Y40Z00000000001S/18");
    }

    #[test]
    fn a_handle_with_a_typo_is_told_from_a_path() {
        let typo = |text: &str| matches!(text.parse::<Run>(), Err(HandleError::Typo(_)));
        for text in [
            "MTT/0119Y40Z00000000001S/x8",
            "MTT/0119Y40Z00000000001S/",
            "MTT/0119Y40Z00000000001S/-1",
            "MTT/0119Y40Z00000000001S/+1",
            "MTT/0119Y40Z00000000001S",
            "MTT//18",
            "MTX/0119Y40Z00000000001S/18",
            "mtt/0119Y40Z00000000001S/18",
            "MTT/0119Y40Z00000000001S/99999999999999999999",
        ] {
            assert!(typo(text), "{text}");
        }
        for text in ["Sales/Nightly/Load customers", "Sales/load", "load", "Sales/2024/18", ""] {
            assert_eq!(text.parse::<Run>(), Err(HandleError::Shape), "{text}");
        }
    }
}
