//! What people read and scripts get: the result on stdout, all talk on stderr. Leaves what to say to the commands.

pub mod conclusion;
mod console;
pub mod journal;
mod runs;

pub use crate::output::console::Console;
pub use crate::output::console::Progress;
pub use crate::output::console::Style;
use crate::output::console::clean;
pub use crate::output::console::local;
pub use crate::output::runs::RunReport;
pub use crate::output::runs::RunsReport;
pub use crate::output::runs::Stage;
pub use crate::output::runs::StartReport;
pub use crate::output::runs::ended;
pub use crate::output::runs::rows_text;

use std::io::Write;

use serde_json::{Map, Value, json};

use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// Opens the standard streams, or what a test has in their place.
pub struct Streams<'s> {
    /// Where results go.
    pub stdout: &'s dyn Fn() -> Box<dyn Write>,
    /// Where all talk goes.
    pub stderr: &'s dyn Fn() -> Box<dyn Write>,
}

impl Streams<'_> {
    /// Those of the process.
    pub const PROCESS: Streams<'static> =
        Streams { stdout: &|| Box::new(std::io::stdout()), stderr: &|| Box::new(std::io::stderr()) };

    /// A console on them.
    pub fn console(&self, style: Style) -> Console {
        Console::new(style, (self.stdout)(), (self.stderr)())
    }
}

/// Rows under titles, each column as wide as its widest cell, and no space at the ends of lines.
pub fn columns<const N: usize>(titles: [&str; N], rows: &[[String; N]]) -> String {
    aligned(&[&[titles.map(str::to_owned)], rows].concat())
}

/// The same without titles.
pub fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let rows: Vec<[String; N]> = rows.iter().map(|row| row.each_ref().map(|cell| clean(cell))).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// What a command found or did.
pub trait Report {
    /// The lines for stdout, empty when there are none.
    fn text(&self) -> String;
    /// The members that it adds to the document.
    fn json(&self) -> Map<String, Value>;
    /// What the program ends with.
    fn exit(&self) -> Exit;
    /// Whether the same command may be run again, without a second load and without colliding with a run under way.
    fn rerun_safe(&self) -> bool {
        true
    }
}

/// The facts around a result that every document carries.
#[derive(Debug, Default, Clone)]
pub struct Facts {
    /// The verb.
    pub command: String,
    /// The profile, if there is one.
    pub profile: Option<String>,
    /// The organisation, once known.
    pub org: Option<String>,
    /// Whether the sandbox answered.
    pub sandbox: bool,
    /// What was warned of.
    pub warnings: Vec<String>,
    /// The number that the process ends with, where it is not the one of the exit.
    pub code: Option<u8>,
}

/// The document of a result or of a failure. Its shape changes only by addition.
pub fn document(facts: &Facts, result: Result<&dyn Report, &Failure>) -> Value {
    let (exit, rerun_safe) = match result {
        Ok(report) => (report.exit(), report.rerun_safe()),
        // A run that `wait` does not find may be running all the same; a task that a start does not find is not.
        Err(failure) if failure.exit == Exit::NotFound && facts.command == "wait" => (failure.exit, false),
        Err(failure) => (failure.exit, failure.exit.rerun_safe()),
    };
    let mut document = json!({
        "schema": "runajob/v1",
        "command": facts.command,
        "exit_code": facts.code.unwrap_or(exit.code()),
        "rerun_safe": rerun_safe,
        "sandbox": facts.sandbox,
        "profile": facts.profile,
        "org": facts.org,
        "runs": [],
        "warnings": facts.warnings,
        "error": Value::Null,
    });
    match result {
        Ok(report) => {
            for (key, value) in report.json() {
                document[key] = value;
            }
        }
        Err(failure) => {
            document["error"] = json!({
                "code": failure.exit.code(),
                "what": failure.what(),
                "why": failure.why(),
                "fix": failure.hint,
            });
        }
    }
    document
}
