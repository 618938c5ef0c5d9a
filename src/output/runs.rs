//! Runs as lines and as members of the document. Leaves which runs, and what became of them, to the commands.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::job::{
    Activity, ClassifiedBy, Count, Outcome, Rows, Run, RunId, RunProgress, RunResult, Subtask, Task, TaskType,
};
use crate::output::Report;
use crate::output::console::{clean, local};
use crate::support::duration::show;
use crate::support::exit::Exit;

/// How far a run is known.
#[derive(Debug)]
pub enum Stage {
    /// The service took it; no more is known.
    Accepted,
    /// It is under way.
    Active(Option<RunProgress>),
    /// Nothing but its handle speaks for it: the service has not shown it.
    NotSeen,
    /// It is over.
    Ended(Box<RunResult>),
    /// There is no run, and this is why.
    None(String),
}

/// What became of one run, or of the wish to have it.
#[derive(Debug)]
pub struct RunReport {
    /// Its task, as far as known.
    pub task: Task,
    /// The run, if there is one.
    pub run: Option<Run>,
    /// How far it is known.
    pub stage: Stage,
    /// The exit it stands for.
    pub exit: Exit,
    /// Whether the run was found again after the answer to its start was lost.
    pub adopted: bool,
    /// Whether this command started the run.
    pub started_here: bool,
    /// The run because of which the service ended this one.
    pub other_run: Option<Run>,
}

impl RunReport {
    fn new(run: Option<Run>, task: Task, stage: Stage, exit: Exit) -> Self {
        Self { task, run, stage, exit, adopted: false, started_here: false, other_run: None }
    }

    /// A run that is over.
    pub fn ended(run: Run, task: Task, result: RunResult) -> Self {
        let exit = Exit::from(result.outcome);
        Self::new(Some(run), task, Stage::Ended(Box::new(result)), exit)
    }

    /// An active run.
    pub fn active(run: Run, task: Task, progress: RunProgress) -> Self {
        let exit = if progress.is_suspended() { Exit::Suspended } else { Exit::Running };
        Self::new(Some(run), task, Stage::Active(Some(progress)), exit)
    }

    /// A run that the service took.
    pub fn accepted(run: Run, task: Task) -> Self {
        Self::new(Some(run), task, Stage::Accepted, Exit::Good)
    }

    /// A task of which nothing was started, and why.
    pub fn none(task: Task, why: String, exit: Exit) -> Self {
        Self::new(None, task, Stage::None(why), exit)
    }

    /// The outcome word.
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
    fn rows_written(&self) -> Option<u64> {
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

    fn label(&self) -> String {
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
    fn times(&self) -> Option<String> {
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

/// Runs, as the result of a command.
#[derive(Debug)]
pub struct RunsReport {
    /// The runs, in the order asked for.
    pub runs: Vec<RunReport>,
    /// Whether stdout has the outcomes too, not the handles alone.
    pub outcomes: bool,
    /// Whether stdout tells more than that.
    pub details: bool,
    /// What the command ends with when it is not the worst of the runs.
    pub exit: Option<Exit>,
}

impl Report for RunsReport {
    fn text(&self) -> String {
        let mut text = String::new();
        for run in &self.runs {
            text.push_str(&run.label());
            if self.outcomes || run.run.is_none() {
                text.push_str(&format!(" {}", run.word()));
            }
            text.push('\n');
            if self.details {
                text.push_str(&format!("  {}\n", run.sentence()));
                if let Some(times) = run.times() {
                    text.push_str(&format!("  {times}\n"));
                }
                for line in run.details() {
                    text.push_str(&format!("{line}\n"));
                }
                if let Some(caution) = run.caution() {
                    text.push_str(&format!("  {caution}\n"));
                }
            }
        }
        text
    }

    fn json(&self) -> Map<String, Value> {
        Map::from_iter([("runs".to_owned(), self.runs.iter().map(RunReport::json).collect())])
    }

    fn exit(&self) -> Exit {
        self.exit.unwrap_or_else(|| Exit::worst(self.runs.iter().map(|run| run.exit)))
    }

    fn rerun_safe(&self) -> bool {
        self.runs.iter().all(RunReport::rerun_safe)
    }
}

/// What became of a command that starts tasks.
#[derive(Debug)]
pub struct StartReport {
    /// One for each task, in the order asked for.
    pub runs: RunsReport,
    /// Whether a key keeps each task from being started twice.
    pub once: bool,
}

impl Report for StartReport {
    fn text(&self) -> String {
        self.runs.text()
    }

    fn json(&self) -> Map<String, Value> {
        self.runs.json()
    }

    fn exit(&self) -> Exit {
        self.runs.exit()
    }

    /// Of several tasks some would run a second time, unless a key stops that.
    fn rerun_safe(&self) -> bool {
        match &self.runs.runs[..] {
            runs if self.once => runs.iter().all(|run| run.exit.rerun_safe_under_key()),
            several @ [_, _, ..] if several.iter().any(|run| run.run.is_some()) => false,
            _ => self.runs.rerun_safe(),
        }
    }
}

/// Why there is no more to say of a run.
const NOT_SEEN: &str = "the service has not shown this run";

fn outcome_word(outcome: Outcome) -> &'static str {
    Exit::from(outcome).word().unwrap_or("unknown")
}

/// The end of a run, as a sentence says it.
pub fn ended(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Warning => "finished with warnings",
        Outcome::Failed => "failed",
        Outcome::Stopped => "was stopped",
        Outcome::NotRun => "did not run",
        Outcome::AlreadyRunning => "did not run: another instance is already running",
    }
}

fn moment(moment: Option<Timestamp>) -> Option<String> {
    moment.map(|moment| moment.to_string())
}

/// The run ID: the job resource counts the runs of a task, the others give IDs that are too long for a JSON number.
fn run_id_json(run: &Run) -> Value {
    match run {
        Run::Job(run) => run.run_id.into(),
        Run::Taskflow { run_id } | Run::Ingestion { run_id, .. } => run_id.as_str().into(),
    }
}

/// Only the job resource counts rows.
fn counts_rows(run: Option<&Run>) -> bool {
    run.is_none_or(|run| run.kind().engine().counts_rows())
}

fn rows_json(rows: Rows) -> Value {
    let count = |count: Count| json!({"ok": count.ok, "failed": count.failed});
    json!({"source": count(rows.source), "target": count(rows.target)})
}

/// Rows as people read them, `unit` being what the first number counts where that is not clear.
pub fn rows_text(rows: Rows, unit: &str) -> String {
    let mut text = format!("{}{unit} read, {} written", rows.source.ok, rows.target.ok);
    let rejected = rows.source.failed + rows.target.failed;
    if rejected > 0 {
        text.push_str(&format!(", {rejected} rejected"));
    }
    text
}

/// The rows that were written by a whole or, where they say more, by its parts.
fn written(rows: Rows, parts: &[Subtask]) -> u64 {
    let by_parts = parts.iter().map(|part| written(part.rows, &part.parts)).fold(0, u64::saturating_add);
    rows.target.ok.max(by_parts)
}

fn subtask_json(subtask: &Subtask, counts_rows: bool) -> Value {
    let run_id = match &subtask.run_id {
        Some(RunId::Number(number)) => (*number).into(),
        Some(RunId::Text(text)) => text.as_str().into(),
        None => Value::Null,
    };
    // A suspended part has had the outcome "suspended" since the document's first version.
    let suspended = subtask.activity.as_ref().filter(|activity| **activity == Activity::Suspended);
    let activity = subtask.activity.as_ref().filter(|_| suspended.is_none());
    json!({
        "name": subtask.name,
        "type": subtask.kind,
        "run_id": run_id,
        "outcome": subtask.outcome.map(outcome_word).or(suspended.and(Exit::Suspended.word())),
        "activity": activity.map(ToString::to_string),
        "rows": counts_rows.then(|| rows_json(subtask.rows)),
        "error": subtask.error,
        "subtasks": subtask.parts.iter().map(|part| subtask_json(part, counts_rows)).collect::<Vec<_>>(),
    })
}

fn tree(subtasks: &[Subtask], depth: usize, lines: &mut Vec<String>) {
    for subtask in subtasks {
        let state = subtask.outcome.map(|outcome| outcome_word(outcome).replace('_', " "));
        let state = state.or_else(|| subtask.activity.as_ref().map(ToString::to_string)).unwrap_or_default();
        let mut line = format!("{:indent$}- {} {state}", "", subtask.name, indent = depth * 2);
        if let Some(error) = &subtask.error {
            line.push_str(&format!(": {error}"));
        }
        lines.push(clean(&line));
        tree(&subtask.parts, depth + 1, lines);
    }
}

#[cfg(test)]
mod tests;
