//! What RunAJob's mode writes to stdout: plain lines, a fact in each.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::cli::Output;
use crate::output::{Console, Report, RunReport, RunsReport, SafeLine};
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// The native result in the lines of this mode.
pub(crate) struct PlainReport {
    /// The result.
    pub runs: RunsReport,
    /// Who started it.
    pub user: String,
    /// When it was sent, for a run whose start time the service has not sent.
    pub sent_at: Timestamp,
}

impl Report for PlainReport {
    fn lines(&self) -> Vec<SafeLine> {
        self.runs.runs.iter().flat_map(|run| self.of_run(run)).map(SafeLine::from).collect()
    }

    fn json(&self) -> Map<String, Value> {
        self.runs.json()
    }

    fn exit(&self) -> Exit {
        self.runs.exit()
    }

    fn rerun_safe(&self) -> bool {
        self.runs.rerun_safe()
    }
}

impl PlainReport {
    fn of_run(&self, report: &RunReport) -> Vec<String> {
        let facts = report.facts();
        let mut lines = vec![format!("Task: {}", report.task.label()), format!("User: {}", self.user)];
        lines.push(format!("Start time: {}", facts.started_at.unwrap_or(self.sent_at).strftime("%FT%TZ")));
        if let Some(run) = &report.run {
            let run = run.to_string();
            lines.push(format!("Run ID: {}", run.rsplit('/').next().unwrap_or(&run)));
        }
        lines.push(format!("State: {}", report.word().replace('_', " ").to_uppercase()));
        if let Some(rows) = facts.rows {
            let (read, written, rejected) = (rows.source.ok, rows.target.ok, rows.rejected());
            lines.push(format!("Rows: {read} read, {written} written, {rejected} rejected"));
        }
        if report.exit != Exit::Good {
            let details = report.details();
            lines.extend(details.iter().map(|line| format!("Error: {}", line.as_str().trim_start())));
        }
        lines
    }
}

/// Says why a call could not go on: the error on stdout, because many scripts keep nothing else, and the hint on stderr. Each
/// is said once, for scripts that send both to one file.
pub fn show_failure(console: &Console<'_>, task: Option<&str>, failure: &Failure) {
    if console.style().output != Output::Text {
        return console.failure(failure);
    }
    let state = failure.exit.word().unwrap_or("not_started").replace('_', " ").to_uppercase();
    let why = failure.why().map(|why| format!(": {why}")).unwrap_or_default();
    let task = task.map(|task| format!("Task: {task}"));
    let rest = [format!("State: {state}"), format!("Error: {}{why}", failure.what())];
    console.lines(&task.into_iter().chain(rest).map(SafeLine::from).collect::<Vec<_>>());
    console.hint(failure);
}
