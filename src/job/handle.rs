//! Reads the handles of runs.

use std::str::FromStr;

use thiserror::Error;

use crate::job::kind::TaskType;
use crate::job::run::{JobRun, Run};

/// Why a text is not the handle of a run.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum HandleError {
    /// It does not have the shape; it may be a path.
    #[error("not a handle, which looks like MTT/01ABCD0Z00000000001S/18")]
    Shape,
    /// It has the shape of a handle with a mistake in it.
    #[error("almost a handle like MTT/01ABCD0Z00000000001S/18, but {0}")]
    Typo(&'static str),
}

impl FromStr for Run {
    type Err = HandleError;

    fn from_str(text: &str) -> Result<Self, HandleError> {
        let parts: Vec<&str> = text.split('/').collect();
        let (kind, rest) = (parts[0], &parts[1..]);
        match (TaskType::ALL.into_iter().find(|known_type| known_type.code() == kind), rest) {
            (None, [run_id]) if is_taskflow_run_id(run_id) => Err(NO_TYPE),
            (None, [task_id, run_id]) if is_number(run_id) && TaskType::of_id(task_id).is_some() => Err(NO_TYPE),
            (Some(TaskType::Taskflow), [run_id]) if is_taskflow_run_id(run_id) => {
                Ok(Self::Taskflow { run_id: (*run_id).to_owned() })
            }
            (Some(TaskType::Taskflow), [run_id]) if !run_id.is_empty() => {
                Err(HandleError::Typo("its run ID is not 18 to 20 digits"))
            }
            (Some(TaskType::Taskflow), [_, run_id]) if is_taskflow_run_id(run_id) => {
                Err(HandleError::Typo("that of a taskflow has no task ID, as in TASKFLOW/778812345678901234"))
            }
            (Some(kind), [task_id, run_id])
                if kind != TaskType::Taskflow && !task_id.is_empty() && !run_id.is_empty() =>
            {
                with_task(kind, task_id, run_id)
            }
            (Some(kind), rest)
                if rest.len() < 2 || (kind != TaskType::Taskflow && rest.iter().any(|part| part.is_empty())) =>
            {
                Err(HandleError::Typo("a part is missing"))
            }
            _ => Err(HandleError::Shape),
        }
    }
}

const NO_TYPE: HandleError = HandleError::Typo("its first part is not a task type in capitals");

fn with_task(kind: TaskType, task_id: &str, run_id: &str) -> Result<Run, HandleError> {
    if !is_id(task_id) {
        return Err(HandleError::Typo("its task ID is not made of letters and digits"));
    }
    let task_id = task_id.to_owned();
    if kind == TaskType::FileIngestion {
        if task_id.len() != 22 {
            return Err(HandleError::Typo("its task ID does not have 22 characters"));
        }
        let run_id = is_id(run_id).then(|| run_id.to_owned());
        return run_id.map_or(Err(HandleError::Typo("its run ID is not made of letters and digits")), |run_id| {
            Ok(Run::Ingestion { task_id, run_id })
        });
    }
    match run_id.parse::<u64>().ok().filter(|_| is_number(run_id)) {
        Some(run_id) => Ok(JobRun { kind, task_id, run_id }.into()),
        None => Err(HandleError::Typo("its run number is not a number")),
    }
}

/// Whether a text can be the ID of a task or a run: 1 to 64 letters, digits, `_` and `-`.
pub fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text looks like the run ID of a taskflow: 18 to 20 digits.
fn is_taskflow_run_id(text: &str) -> bool {
    is_number(text) && (18..=20).contains(&text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_reads_as_it_is_written() {
        let job = JobRun { kind: TaskType::Mtt, task_id: "01ABCD0Z00000000001S".into(), run_id: 18 };
        let flow = Run::Taskflow { run_id: "778812345678901234".into() };
        let task_id = "7kQmWz0RbVn3XcLpTyHd1s".to_owned();
        let files = Run::Ingestion { task_id, run_id: "40318".into() };
        for (handle, run, kind, task_id) in [
            ("MTT/01ABCD0Z00000000001S/18", Run::from(job), TaskType::Mtt, Some("01ABCD0Z00000000001S")),
            ("TASKFLOW/778812345678901234", flow, TaskType::Taskflow, None),
            (
                "FILE_INGESTION/7kQmWz0RbVn3XcLpTyHd1s/40318",
                files,
                TaskType::FileIngestion,
                Some("7kQmWz0RbVn3XcLpTyHd1s"),
            ),
        ] {
            assert_eq!(handle.parse(), Ok(run.clone()));
            assert_eq!(run.to_string(), handle);
            assert_eq!((run.kind(), run.task_id()), (kind, task_id));
        }
    }

    #[test]
    fn a_handle_with_a_typo_is_told_from_a_path() {
        let typo = |text: &str| matches!(text.parse::<Run>(), Err(HandleError::Typo(_)));
        for text in [
            "MTT/01ABCD0Z00000000001S/x8",
            "MTT/01ABCD0Z00000000001S/",
            "MTT/01ABCD0Z00000000001S/-1",
            "MTT/01ABCD0Z00000000001S/+1",
            "MTT/01ABCD0Z00000000001S",
            "MTT//18",
            "MTX/01ABCD0Z00000000001S/18",
            "mtt/01ABCD0Z00000000001S/18",
            "MTT/01ABCD0Z00000000001S/99999999999999999999",
            "TASKFLOW/",
            "TASKFLOW/77881234567890123",
            "TASKFLOW/778812345678901234567",
            "TASKFLOW/77881234567890123x",
            "TASKFLOW/load_orders/778812345678901234",
            "taskflow/778812345678901234",
            "FILE_INGESTION/7kQmWz0RbVn3XcLpTyHd1s",
            "FILE_INGESTION/7kQmWz0RbVn3XcLpTyHd1/40318",
            "FILE_INGESTION/7kQmWz0RbVn3XcLpTyHd1s/40 318",
        ] {
            assert!(typo(text), "{text}");
        }
        for text in ["TASKFLOW", "TASKFLOW/", "MTT/01ABCD0Z00000000001S", "MTT//18"] {
            assert_eq!(text.parse::<Run>(), Err(HandleError::Typo("a part is missing")), "{text}");
        }
        let digits = "TASKFLOW/77881234567890123x".parse::<Run>();
        assert_eq!(digits, Err(HandleError::Typo("its run ID is not 18 to 20 digits")));
        for text in [
            "Sales/Nightly/Load customers",
            "Sales/load",
            "load",
            "Sales/2024/18",
            "TASKFLOW/Nightly/load",
            "MTT/a/b/c",
            "",
        ] {
            assert_eq!(text.parse::<Run>(), Err(HandleError::Shape), "{text}");
        }
    }
}
