//! One run as a sentence, with its details, and as a member of the JSON document.

use serde_json::{Value, json};

use crate::job::{ClassifiedBy, Outcome, Rows, Run, RunProgress, RunResult, Subtask, Task, TaskType};
use crate::output::runs::members::{moment, rows_json, run_id_json, subtask_json};
use crate::output::runs::wording::{ended, outcome_word, rows_text, tree};
use crate::output::text::{clean, local};
use crate::support::duration::show;
use crate::support::exit::Exit;

/// What is known of a run.
#[derive(Debug)]
pub enum Stage {
    /// The service accepted it; no more is known.
    Accepted,
    Active(Option<RunProgress>),
    /// Nothing but its handle speaks for it: the service has not shown it.
    NotSeen,
    Ended(Box<RunResult>),
    /// There is no run, and this is why.
    None(String),
}

/// What became of one run, or why there is none.
#[derive(Debug)]
pub struct RunReport {
    pub task: Task,
    pub run: Option<Run>,
    pub stage: Stage,
    /// The exit it stands for.
    pub exit: Exit,
    /// Whether the run was found again after the answer to its start was lost.
    pub adopted: bool,
    pub started_here: bool,
    /// The run because of which the service ended this one.
    pub other_run: Option<Run>,
}

impl RunReport {
    fn new(run: Option<Run>, task: Task, stage: Stage, exit: Exit) -> Self {
        Self { task, run, stage, exit, adopted: false, started_here: false, other_run: None }
    }

    pub fn ended(run: Run, task: Task, result: RunResult) -> Self {
        let exit = Exit::from(result.outcome);
        Self::new(Some(run), task, Stage::Ended(Box::new(result)), exit)
    }

    pub fn active(run: Run, task: Task, progress: RunProgress) -> Self {
        let exit = if progress.is_suspended() { Exit::Suspended } else { Exit::Running };
        Self::new(Some(run), task, Stage::Active(Some(progress)), exit)
    }

    pub fn accepted(run: Run, task: Task) -> Self {
        Self::new(Some(run), task, Stage::Accepted, Exit::Good)
    }

    /// A task of which nothing was started, and why.
    pub fn none(task: Task, why: String, exit: Exit) -> Self {
        Self::new(None, task, Stage::None(why), exit)
    }

    pub fn word(&self) -> &'static str {
        match &self.stage {
            Stage::Accepted => "accepted",
            Stage::NotSeen => "unknown",
            Stage::Ended(result) => outcome_word(result.outcome),
            // A signal that came before the start left nothing running.
            Stage::None(_) if self.run.is_none() && self.exit.word() == Some("running") => "not_run",
            Stage::Active(_) | Stage::None(_) => self.exit.word().unwrap_or("not_run"),
        }
    }

    /// Whether its task may be started again. A run that was not found may be running all the same.
    pub fn rerun_safe(&self) -> bool {
        let lost = self.exit == Exit::NotFound && self.run.is_some();
        self.exit.rerun_safe() && !lost && !matches!(self.stage, Stage::Accepted)
    }

    /// The rows that the run, or its parts, have written, where rows are counted.
    pub(crate) fn rows_written(&self) -> Option<u64> {
        let (rows, parts) = match &self.stage {
            Stage::Ended(result) => (result.rows, &result.subtasks),
            Stage::Active(Some(progress)) => (progress.rows, &progress.subtasks),
            Stage::Accepted | Stage::Active(None) | Stage::NotSeen | Stage::None(_) => return None,
        };
        counts_rows(self.run.as_ref()).then(|| written(rows, parts))
    }

    /// What a rerun of a run that ended badly may do to the rows that it has written.
    pub fn caution(&self) -> Option<String> {
        let Stage::Ended(result) = &self.stage else { return None };
        match self.rows_written().filter(|_| matches!(result.outcome, Outcome::Failed | Outcome::Stopped))? {
            0 => None,
            1 => Some("1 row was written; a rerun may write it again".to_owned()),
            rows => Some(format!("{rows} rows were written; a rerun may write them again")),
        }
    }

    pub(crate) fn label(&self) -> String {
        self.run.as_ref().map_or_else(|| self.task.label().to_owned(), Run::to_string)
    }

    /// The run as a member of the document.
    pub fn json(&self) -> Value {
        let (mut started, mut ended, mut duration, mut rows, mut error) = (None, None, None, None, None);
        let (mut subtasks, mut classified_by, mut log_id, mut name) = (&[][..], None, None, None);
        match &self.stage {
            Stage::Ended(result) => {
                (started, ended, rows) = (result.started_at, result.ended_at, Some(result.rows));
                duration = result.duration().map(|duration| duration.as_secs());
                error.clone_from(&result.error);
                subtasks = &result.subtasks;
                classified_by = Some(result.classified_by.word());
                log_id.clone_from(&result.log_id);
                name.clone_from(&result.task_name);
            }
            Stage::Active(Some(progress)) => {
                (started, rows) = (progress.started_at, Some(progress.rows));
                error.clone_from(&progress.error);
                subtasks = &progress.subtasks;
                classified_by = progress.is_suspended().then_some(ClassifiedBy::State.word());
                name.clone_from(&progress.task_name);
            }
            Stage::NotSeen => error = Some(NOT_SEEN.to_owned()),
            Stage::None(why) => error = Some(why.clone()),
            Stage::Accepted | Stage::Active(None) => {}
        }
        let run = self.run.as_ref();
        json!({
            "handle": run.map(Run::to_string),
            "task": {
                "id": run.and_then(Run::task_id).or(self.task.id.as_deref()),
                "federated_id": self.task.federated_id,
                "name": self.task.name.clone().or(name),
                "path": self.task.path,
                "type": run.map(Run::kind).or(self.task.kind).map(TaskType::code),
            },
            "run_id": run.map(run_id_json),
            "outcome": self.word(),
            "outcome_code": self.exit.code(),
            "rerun_safe": self.rerun_safe(),
            "adopted": self.adopted,
            "started_here": self.started_here,
            "other_run": self.other_run.as_ref().map(ToString::to_string),
            "classified_by": classified_by,
            "started_at": moment(started),
            "ended_at": moment(ended),
            "duration_s": duration,
            "rows": rows.filter(|_| counts_rows(run)).map(rows_json),
            "rows_written": self.rows_written(),
            "error": error,
            "subtasks": subtasks.iter().map(|subtask| subtask_json(subtask, counts_rows(run))).collect::<Vec<_>>(),
            "log_id": log_id,
        })
    }

    /// The run in one sentence.
    pub fn sentence(&self) -> String {
        let name = match &self.stage {
            Stage::Ended(result) => result.task_name.as_deref(),
            Stage::Active(Some(progress)) => progress.task_name.as_deref(),
            _ => None,
        };
        let name = self.task.path.as_deref().or(name).unwrap_or_else(|| self.task.label());
        let mut text = match &self.stage {
            Stage::Ended(result) => format!("{name} {}", ended(result.outcome)),
            Stage::Active(Some(progress)) if progress.is_suspended() => format!("{name} is suspended"),
            Stage::Active(Some(progress)) => format!("{name} {}", progress.activity),
            Stage::NotSeen => format!("{name} has not been seen"),
            Stage::Accepted | Stage::Active(None) | Stage::None(_) => {
                format!("{name} {}", self.word().replace('_', " "))
            }
        };
        match &self.stage {
            // What never ran has neither rows nor a duration worth a word.
            Stage::Ended(result) if matches!(result.outcome, Outcome::NotRun | Outcome::AlreadyRunning) => {}
            Stage::Ended(result) => {
                if let Some(duration) = result.duration() {
                    text.push_str(&format!(" after {}", show(duration)));
                }
                if counts_rows(self.run.as_ref()) {
                    text.push_str(&format!(": {}", rows_text(result.rows, " rows")));
                }
            }
            Stage::Active(Some(progress)) if progress.is_suspended() => {}
            Stage::Active(Some(progress)) => {
                if let Some(started_at) = progress.started_at {
                    text.push_str(&format!(" since {}", local(started_at)));
                }
                if counts_rows(self.run.as_ref()) {
                    text.push_str(&format!(": {}", rows_text(progress.rows, " rows")));
                }
            }
            Stage::None(why) => text.push_str(&format!(": {why}")),
            Stage::Accepted | Stage::Active(None) | Stage::NotSeen => {}
        }
        clean(&text)
    }

    /// When a run that is over began and ended.
    pub(crate) fn times(&self) -> Option<String> {
        let Stage::Ended(result) = &self.stage else { return None };
        Some(format!("from {} to {}", local(result.started_at?), local(result.ended_at?)))
    }

    /// What a person needs to see of a run that did not simply succeed: its error, and its parts as a tree.
    pub fn details(&self) -> Vec<String> {
        let (error, subtasks) = match &self.stage {
            Stage::Ended(result) => (result.error.as_deref(), &result.subtasks[..]),
            Stage::Active(Some(progress)) => (progress.error.as_deref(), &progress.subtasks[..]),
            _ => (None, &[][..]),
        };
        let mut lines: Vec<String> = error.map(|error| format!("  {}", clean(error))).into_iter().collect();
        tree(subtasks, 1, &mut lines);
        lines
    }
}

/// Why there is no more to say of a run.
const NOT_SEEN: &str = "the service has not shown this run";

fn counts_rows(run: Option<&Run>) -> bool {
    run.is_none_or(|run| run.kind().engine().counts_rows())
}

/// The rows that a run has written or, where they say more, its parts.
pub(crate) fn written(rows: Rows, parts: &[Subtask]) -> u64 {
    let by_parts = parts.iter().map(|part| written(part.rows, &part.parts)).fold(0, u64::saturating_add);
    rows.target.ok.max(by_parts)
}
