//! The results of a run: rows, state, error texts and sessions.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::kind::{Kind, Outcome};
use crate::runs::Run;
use crate::state::State;
use crate::wire::Row;

/// The row counts. Source rows are never rejected here.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub read: u64,
    pub written: u64,
    pub rejected: u64,
}

impl Counts {
    pub(crate) fn put(self, row: Row) -> Row {
        row.put("failedSourceRows", 0)
            .put("successSourceRows", self.read)
            .put("failedTargetRows", self.rejected)
            .put("successTargetRows", self.written)
    }
}

/// The rows of a run so far. A linear taskflow counts those of its parts.
pub(crate) fn rows(state: &State, run: &Run, now: Timestamp) -> Counts {
    if !run.parts.is_empty() {
        let parts = run.parts.iter().filter(|part| part.began <= now).map(|part| rows(state, part, now));
        return parts.fold(Counts::default(), |sum, part| Counts {
            read: sum.read + part.read,
            written: sum.written + part.written,
            rejected: sum.rejected + part.rejected,
        });
    }
    let spec = &state.task_of(run).spec;
    if run.never_ran() || spec.kind == Kind::Workflow {
        return Counts::default();
    }
    let share = if run.outcome() == Outcome::Failure { run.share(now) / 2.0 } else { run.share(now) };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of a row count"
    )]
    let part = |rows: u64| (rows as f64 * share) as u64;
    let rejected = part(spec.rejected.min(spec.rows));
    Counts { read: part(spec.rows), written: part(spec.rows) - rejected, rejected }
}

pub(crate) fn state_code(state: &State, run: &Run) -> u8 {
    match run.outcome() {
        Outcome::Success => 1,
        Outcome::Warning => 2,
        Outcome::Stopped => state.scenario.quirks.stopped_state,
        Outcome::Failure | Outcome::NoAgent | Outcome::OtherInstance | Outcome::Suspended => 3,
    }
}

/// The error text of the top row. A success has none.
pub(crate) fn error(state: &State, run: &Run) -> Option<String> {
    let spec = &state.task_of(run).spec;
    let of_part = || run.parts.iter().find_map(|part| error(state, part));
    match run.outcome() {
        Outcome::Warning if spec.kind == Kind::Workflow => {
            Some("One or more tasks generated error rows or failed.".to_owned())
        }
        Outcome::Success | Outcome::Warning | Outcome::Suspended => None,
        Outcome::Stopped => run.stop_text().map(str::to_owned),
        Outcome::Failure => Some(
            spec.error
                .clone()
                .or_else(of_part)
                .unwrap_or_else(|| "TE_7002 Transformation stopped due to a fatal error.".to_owned()),
        ),
        Outcome::NoAgent => Some(
            "There is no active Secure Agent in the Secure Agent group sandbox or the \"Data Integration Server\" \
             service is user stopped or disabled. Start at least one Secure Agent belonging to the Secure Agent group \
             or enable the \"Data Integration Server\" service."
                .to_owned(),
        ),
        Outcome::OtherInstance => Some(format!(
            "The {} failed to run. Another instance of the task is currently running.",
            spec.kind.plain_name()
        )),
    }
}

/// The error text of a session. Successes have one too, sometimes with the word "error" in it.
pub(crate) fn session_error(state: &State, run: &Run) -> String {
    let own = || state.task_of(run).spec.error.clone();
    error(state, run).or_else(own).unwrap_or_else(|| match run.outcome() {
        Outcome::Warning => "WRT_8229 Database errors occurred: a constraint was violated".to_owned(),
        _ => "No errors encountered.".to_owned(),
    })
}

/// The ID of a task of a linear taskflow, or of a session.
pub(crate) fn child_id(run: &Run, level: usize) -> String {
    (2_758_000_000 + run.serial * 4 + level * 3).to_string()
}

pub(crate) fn session_log_name(state: &State, run: &Run) -> String {
    format!("s_mtt_{}_{}.log", state.task_of(run).federated_id, run.run_id)
}

pub(crate) fn attributes(state: &State, run: &Run) -> Value {
    let code = (!run.never_ran()).then(|| error_code(&session_error(state, run)));
    // The service learns the name of a log from the agent, and nothing sent this one there.
    let log = (run.outcome() != Outcome::OtherInstance).then(|| session_log_name(state, run));
    Row::default()
        .put("CONSUMED_COMPUTE_UNITS", "0.0")
        .put_some("ERROR_CODE", code)
        .put("IS_SERVER_LESS", "false")
        .put("REQUESTED_COMPUTE_UNITS", "0.0")
        .put_some("Session Log File Name", log)
        .into()
}

/// Sources and targets. Recorded rows of stopped runs have none.
pub(crate) fn transformations(state: &State, run: &Run, now: Timestamp) -> Value {
    if run.never_ran() || run.outcome() == Outcome::Stopped {
        return json!([]);
    }
    let rows = rows(state, run, now.min(run.ended()));
    let entry = |offset: usize, name: &str, kind: &str, ok: u64, failed: u64| {
        json!({
            "@type": "transformationLogEntry", "id": (5_536_000_000 + run.serial * 8 + offset).to_string(),
            "txName": name, "txType": kind, "successRows": ok, "failedRows": failed,
        })
    };
    json!([entry(0, "Source", "SOURCE", rows.read, 0), entry(3, "Target", "TARGET", rows.written, rows.rejected)])
}

/// Adds who started the run and how. Rows of scheduled runs name nobody.
pub(crate) fn put_origin(row: Row, run: &Run) -> Row {
    row.put_some("startedBy", run.origin.by.as_deref())
        .put("runContextType", run.origin.context.as_str())
        .put_some("scheduleName", run.origin.schedule.as_deref())
}

/// The number in front of an error text, such as 7002 of `TE_7002`; 0 without one, as successes and stops have it.
pub(crate) fn error_code(text: &str) -> String {
    let word = text.split_whitespace().next().unwrap_or_default();
    let number = word.rsplit_once('_').map_or("", |(_, number)| number);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { number.to_owned() } else { "0".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_code_is_the_number_in_front_of_the_text() {
        assert_eq!(error_code("TE_7002 Transformation stopped"), "7002");
        assert_eq!(error_code("WRT_8229 Database errors"), "8229");
        for text in ["No errors encountered.", "The job was stopped by user x using the API.", "ORA_x y", "", "A_ b"] {
            assert_eq!(error_code(text), "0", "{text}");
        }
    }
}
