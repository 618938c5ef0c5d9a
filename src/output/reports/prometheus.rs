//! A Prometheus text file: gauges of each run, for the textfile collector of the node exporter.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::job::{Outcome, Run};
use crate::output::line::SafeLine;
use crate::output::reports::source::Source;
use crate::output::runs::wording::outcome_word;
use crate::output::runs::{RunReport, Stage};

/// The gauge that survives a run that went wrong: its value is taken from the earlier file.
const LAST_SUCCESS: &str = "runajob_last_success_timestamp_seconds";

/// A gauge with its help, and the value of each set of labels.
struct Gauge {
    name: &'static str,
    help: &'static str,
    values: BTreeMap<String, String>,
}

impl Gauge {
    const fn new(name: &'static str, help: &'static str) -> Self {
        Self { name, help, values: BTreeMap::new() }
    }

    fn set(&mut self, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let label = |(name, value): &(&str, &str)| format!("{name}=\"{}\"", escaped(value));
        self.values.insert(labels.iter().map(label).collect::<Vec<_>>().join(","), format!("{value}"));
    }

    fn text(&self) -> String {
        if self.values.is_empty() {
            return String::new();
        }
        let mut text = format!("# HELP {} {}\n# TYPE {} gauge\n", self.name, self.help, self.name);
        for (labels, value) in &self.values {
            text.push_str(&format!("{}{{{labels}}} {value}\n", self.name));
        }
        text
    }
}

/// The report, with the last successes of an earlier one where it has no newer.
pub(crate) fn report(source: &Source<'_>, earlier: &str) -> String {
    let mut last_success = Gauge::new(LAST_SUCCESS, "When the task last succeeded, with or without warnings.");
    last_success.values = earlier.lines().filter_map(last_success_in).collect();
    let mut ended = Gauge::new("runajob_run_end_timestamp_seconds", "When the run ended.");
    let mut duration = Gauge::new("runajob_run_duration_seconds", "How long the run took.");
    let mut rows = Gauge::new("runajob_run_rows", "The rows of the run, by what became of them.");
    let mut outcome = Gauge::new("runajob_run_outcome", "1 for the outcome of the run, 0 for the others.");
    let mut code = Gauge::new("runajob_run_exit_code", "The exit code that the run stands for.");
    for run in source.runs {
        let (name, kind) = (run.name(), kind(run));
        let labels = [("task", name.as_str()), ("type", kind)];
        let with = |name, value| [labels[0], labels[1], (name, value)];
        let facts = run.facts();
        if let Some(at) = facts.ended_at {
            ended.set(&labels, seconds(at));
            let succeeded = matches!(&run.stage, Stage::Ended(result) if is_success(result.outcome));
            if succeeded {
                last_success.set(&labels, seconds(at));
            }
        }
        if let Some(took) = facts.duration() {
            duration.set(&labels, took.as_secs_f64());
        }
        if let Some(counts) = facts.rows {
            rows.set(&with("rows", "read"), counts.source.ok);
            rows.set(&with("rows", "written"), counts.target.ok);
            rows.set(&with("rows", "rejected"), counts.rejected());
        }
        for word in WORDS {
            outcome.set(&with("outcome", word), u8::from(word == run.word()));
        }
        code.set(&labels, run.exit.code());
    }
    let mut command_code = Gauge::new("runajob_exit_code", "The exit code of the command.");
    command_code.set(&[("command", source.command)], source.exit.code());
    let mut command_end = Gauge::new("runajob_end_timestamp_seconds", "When the command ended.");
    command_end.set(&[("command", source.command)], seconds(source.ended));
    [last_success, ended, duration, rows, outcome, code, command_code, command_end].iter().map(Gauge::text).collect()
}

/// The outcomes that a run can have in the document.
const WORDS: [&str; 11] = [
    "accepted",
    "already_running",
    "failed",
    "not_found",
    "not_run",
    "running",
    "stopped",
    "succeeded",
    "suspended",
    "unknown",
    "warning",
];

fn is_success(outcome: Outcome) -> bool {
    matches!(outcome_word(outcome), "succeeded" | "warning")
}

fn kind(run: &RunReport) -> &'static str {
    run.run.as_ref().map(Run::kind).or(run.task.kind).map_or("", |kind| kind.code())
}

/// The labels and the value of a line of [`LAST_SUCCESS`].
fn last_success_in(line: &str) -> Option<(String, String)> {
    let (labels, value) = line.strip_prefix(LAST_SUCCESS)?.strip_prefix('{')?.rsplit_once("} ")?;
    value.parse::<f64>().is_ok().then(|| (labels.to_owned(), value.to_owned()))
}

fn seconds(at: Timestamp) -> i64 {
    at.as_second()
}

fn escaped(text: &str) -> String {
    SafeLine::of(text).as_str().replace('\\', "\\\\").replace('"', "\\\"")
}
