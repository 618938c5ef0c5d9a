//! The JSON document that every command can end with, and what a result must give for it.

use serde_json::{Map, Value, json};

use crate::output::line::SafeLine;
use crate::output::runs::report::RunReport;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::AccountFlags;

/// The result of a command.
pub trait Report {
    /// The lines for stdout.
    fn lines(&self) -> Vec<SafeLine>;
    /// The members that it adds to the document.
    fn json(&self) -> Map<String, Value>;
    fn exit(&self) -> Exit;
    /// The runs that it is about, for reports.
    fn runs(&self) -> &[RunReport] {
        &[]
    }
    /// Whether the same command may be run again, without a second load and without colliding with a run under way.
    fn rerun_safe(&self) -> bool {
        true
    }
}

/// What every document carries, whatever the command.
#[derive(Debug, Default, Clone)]
pub struct Header {
    /// The verb.
    pub command: String,
    /// The profile whose account is used.
    pub profile: Option<String>,
    /// The organisation, once known.
    pub org: Option<String>,
    /// Whether a sandbox answered.
    pub sandbox: bool,
    /// The number that the process ends with, where it is not the one of the exit.
    pub code: Option<u8>,
}

impl Header {
    /// The header of a command of which only the verb is known.
    pub fn of(command: &str) -> Self {
        Self { command: command.to_owned(), ..Self::default() }
    }
}

/// The document of a result or of a failure. Its shape changes only by addition.
pub(crate) fn document(
    header: &Header,
    warnings: &[String],
    account_flags: &AccountFlags,
    result: Result<&dyn Report, &Failure>,
) -> Value {
    let (exit, rerun_safe) = match result {
        Ok(report) => (report.exit(), report.rerun_safe()),
        // A run that `wait` does not find may be running all the same; a task that a start does not find is not.
        Err(failure) if failure.exit == Exit::NotFound && header.command == "wait" => (failure.exit, false),
        Err(failure) => (failure.exit, failure.exit.rerun_safe()),
    };
    let mut document = json!({
        "schema": "runajob/v1",
        "command": header.command,
        "exit_code": header.code.unwrap_or(exit.code()),
        "rerun_safe": rerun_safe,
        "sandbox": header.sandbox,
        "profile": header.profile,
        "org": header.org,
        "runs": [],
        "summary": Value::Null,
        "warnings": warnings,
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
                "fix": failure.hint.as_ref().map(|hint| hint.render(account_flags)),
            });
        }
    }
    document
}
