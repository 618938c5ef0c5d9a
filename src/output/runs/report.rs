//! One run as a sentence, with its details, and as a member of the JSON document.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::job::{ClassifiedBy, Outcome, Rows, Run, RunProgress, RunResult, Subtask, Task};
use crate::output::line::SafeLine;
use crate::output::runs::members::{error_code, moment, rows_json, run_id_json, subtask_json, task_json};
use crate::output::runs::wording::{ended, outcome_word, rows_text, tree};
use crate::output::text::local;
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

/// What the service says of a run, be it active or over. Nothing is set where it says nothing.
#[derive(Default)]
pub(crate) struct Facts<'r> {
    task_name: Option<&'r str>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub started_by: Option<&'r str>,
    /// None where rows are not counted.
    pub rows: Option<Rows>,
    pub error: Option<&'r str>,
    pub subtasks: &'r [Subtask],
}

impl Facts<'_> {
    /// The time from start to end; none where the service does not say both.
    pub(crate) fn duration(&self) -> Option<Duration> {
        Duration::try_from(self.ended_at?.duration_since(self.started_at?)).ok()
    }
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

    pub(crate) fn facts(&self) -> Facts<'_> {
        let counts_rows = self.run.as_ref().is_none_or(|run| run.kind().engine().counts_rows());
        match &self.stage {
            Stage::Ended(result) => Facts {
                task_name: result.task_name.as_deref(),
                started_at: result.started_at,
                ended_at: result.ended_at,
                started_by: result.started_by.as_deref(),
                rows: counts_rows.then_some(result.rows),
                error: result.error.as_deref(),
                subtasks: &result.subtasks,
            },
            Stage::Active(Some(progress)) => Facts {
                task_name: progress.task_name.as_deref(),
                started_at: progress.started_at,
                ended_at: None,
                started_by: progress.started_by.as_deref(),
                rows: counts_rows.then_some(progress.rows),
                error: progress.error.as_deref(),
                subtasks: &progress.subtasks,
            },
            Stage::Accepted | Stage::Active(None) | Stage::NotSeen | Stage::None(_) => Facts::default(),
        }
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
        let facts = self.facts();
        Some(written(facts.rows?, facts.subtasks))
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

    /// What people call its task: the path, else the name that the service gives, else what the command called it.
    pub(crate) fn name(&self) -> String {
        self.task.path.as_deref().or(self.facts().task_name).unwrap_or_else(|| self.task.label()).to_owned()
    }

    pub(crate) fn label(&self) -> String {
        self.run.as_ref().map_or_else(|| self.task.label().to_owned(), Run::to_string)
    }

    /// The run as a member of the document.
    pub fn json(&self) -> Value {
        let facts = self.facts();
        let (result, error) = match &self.stage {
            Stage::Ended(result) => (Some(result), facts.error),
            Stage::Active(_) | Stage::Accepted => (None, facts.error),
            Stage::NotSeen => (None, Some(NOT_SEEN)),
            Stage::None(why) => (None, Some(why.as_str())),
        };
        let classified_by = match &self.stage {
            Stage::Ended(result) => Some(result.classified_by),
            Stage::Active(Some(progress)) if progress.is_suspended() => Some(ClassifiedBy::State),
            _ => None,
        };
        let subtask = |subtask| subtask_json(subtask, facts.rows.is_some());
        let run = self.run.as_ref();
        json!({
            "handle": run.map(Run::to_string),
            "task": task_json(run, &self.task, facts.task_name),
            "run_id": run.map(run_id_json),
            "outcome": self.word(),
            "outcome_code": self.exit.code(),
            "rerun_safe": self.rerun_safe(),
            "adopted": self.adopted,
            "started_here": self.started_here,
            "other_run": self.other_run.as_ref().map(ToString::to_string),
            "classified_by": classified_by.map(ClassifiedBy::word),
            "started_at": moment(facts.started_at),
            "ended_at": moment(facts.ended_at),
            "started_by": facts.started_by,
            "duration_s": facts.duration().map(|duration| duration.as_secs()),
            "rows": facts.rows.map(rows_json),
            "rows_written": self.rows_written(),
            "error": error,
            "error_code": error.and_then(error_code),
            "subtasks": facts.subtasks.iter().map(subtask).collect::<Vec<_>>(),
            "log_id": result.and_then(|result| result.log_id.as_deref()),
        })
    }

    /// The run in one sentence.
    pub fn sentence(&self) -> SafeLine {
        let facts = self.facts();
        let name = self.name();
        let rows = facts.rows.map(|rows| format!(": {}", rows_text(rows, " rows"))).unwrap_or_default();
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
                text.push_str(&rows);
            }
            Stage::Active(Some(progress)) if progress.is_suspended() => {}
            Stage::Active(Some(progress)) => {
                if let Some(started_at) = progress.started_at {
                    text.push_str(&format!(" since {}", local(started_at)));
                }
                text.push_str(&rows);
            }
            Stage::None(why) => text.push_str(&format!(": {why}")),
            Stage::Accepted | Stage::Active(None) | Stage::NotSeen => {}
        }
        text.into()
    }

    /// When a run that is over began and ended.
    pub(crate) fn times(&self) -> Option<String> {
        let Stage::Ended(result) = &self.stage else { return None };
        Some(format!("from {} to {}", local(result.started_at?), local(result.ended_at?)))
    }

    /// What a person needs to see of a run that did not simply succeed: its error, and its parts as a tree.
    pub fn details(&self) -> Vec<SafeLine> {
        let Facts { error, subtasks, .. } = self.facts();
        let mut lines: Vec<SafeLine> = error.map(|error| format!("  {error}").into()).into_iter().collect();
        tree(subtasks, 1, &mut lines);
        lines
    }
}

/// Why there is no more to say of a run.
const NOT_SEEN: &str = "the service has not shown this run";

/// The rows that a run has written or, where they say more, its parts.
pub(crate) fn written(rows: Rows, parts: &[Subtask]) -> u64 {
    let by_parts = parts.iter().map(|part| written(part.rows, &part.parts)).fold(0, u64::saturating_add);
    rows.target.ok.max(by_parts)
}
