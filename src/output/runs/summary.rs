//! Several runs as the result of a command.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::job::{Task, TaskSelector};
use crate::output::document::Report;
use crate::output::line::SafeLine;
use crate::output::runs::members::task_json;
use crate::output::runs::report::RunReport;
use crate::support::exit::Exit;

#[derive(Debug)]
pub struct RunsReport {
    /// In the order asked for.
    pub runs: Vec<RunReport>,
    /// Whether stdout has the outcomes too, not the handles alone.
    pub outcomes: bool,
    /// Whether stdout has sentences and subtasks too.
    pub details: bool,
    /// What the command ends with when it is not the worst of the runs.
    pub exit: Option<Exit>,
}

impl RunsReport {
    /// The result of a command that was asked for no run.
    pub fn of_nothing() -> Self {
        Self { runs: Vec::new(), outcomes: false, details: false, exit: Some(Exit::Good) }
    }
}

impl Report for RunsReport {
    fn lines(&self) -> Vec<SafeLine> {
        let mut lines = Vec::new();
        for run in &self.runs {
            let word = if self.outcomes || run.run.is_none() { format!(" {}", run.word()) } else { String::new() };
            lines.push(SafeLine::from(run.label()).then(word));
            if self.details {
                lines.push(format!("  {}", run.sentence()).into());
                lines.extend(run.times().map(|times| format!("  {times}").into()));
                lines.extend(run.details());
                lines.extend(run.caution().map(|caution| format!("  {caution}").into()));
            }
        }
        lines
    }

    fn json(&self) -> Map<String, Value> {
        Map::from_iter([
            ("runs".to_owned(), self.runs.iter().map(RunReport::json).collect()),
            ("summary".to_owned(), summary(&self.runs)),
        ])
    }

    fn runs(&self) -> &[RunReport] {
        &self.runs
    }

    fn exit(&self) -> Exit {
        self.exit.unwrap_or_else(|| Exit::worst(self.runs.iter().map(|run| run.exit)))
    }

    fn rerun_safe(&self) -> bool {
        self.runs.iter().all(RunReport::rerun_safe)
    }
}

/// A task that a dry run would have started.
#[derive(Debug)]
pub struct Planned {
    pub task: Task,
    /// What the start request would name it by.
    pub selector: TaskSelector,
}

impl Planned {
    fn json(&self) -> Value {
        json!({"task": task_json(None, &self.task, None), "by": self.selector.word()})
    }
}

/// How many runs there are, and of each outcome.
fn summary(runs: &[RunReport]) -> Value {
    let mut outcomes = BTreeMap::<&str, usize>::new();
    for run in runs {
        *outcomes.entry(run.word()).or_default() += 1;
    }
    json!({"runs": runs.len(), "outcomes": outcomes})
}

/// The result of a command that starts tasks.
#[derive(Debug)]
pub struct StartReport {
    /// One for each task, in the order asked for.
    pub runs: RunsReport,
    /// Whether a key keeps each task from being started twice.
    pub once: bool,
    /// What a dry run would have started.
    pub plan: Option<Vec<Planned>>,
}

impl Report for StartReport {
    fn lines(&self) -> Vec<SafeLine> {
        self.runs.lines()
    }

    fn json(&self) -> Map<String, Value> {
        let mut members = self.runs.json();
        if let Some(plan) = &self.plan {
            members.insert("plan".to_owned(), plan.iter().map(Planned::json).collect());
        }
        members
    }

    fn runs(&self) -> &[RunReport] {
        self.runs.runs()
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
