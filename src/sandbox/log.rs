//! The activity log: the list of finished runs, and one run by its ID. Leaves the logs as files to `files`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::catalog::Task;
use super::runs::Run;
use super::scenario::{End, Kind};
use super::wire::{Reply, Row};
use super::{Asked, Sandbox, errors, ids, times};

/// Rows that a list has unless it is told otherwise, and at most; both seen.
const ROWS: usize = 200;
const MOST_ROWS: usize = 1000;

/// The row counts, of which nothing here ever rejects a source row.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub read: u64,
    pub written: u64,
    pub rejected: u64,
}

impl Counts {
    pub(super) fn put(self, row: Row) -> Row {
        row.put("failedSourceRows", 0)
            .put("successSourceRows", self.read)
            .put("failedTargetRows", self.rejected)
            .put("successTargetRows", self.written)
    }
}

impl Sandbox {
    pub(super) fn task_of(&self, run: &Run) -> &Task {
        &self.catalog.tasks[run.task]
    }

    /// The rows of a run so far. A linear taskflow counts those of its parts.
    pub(super) fn rows(&self, run: &Run, now: Timestamp) -> Counts {
        if !run.parts.is_empty() {
            let parts = run.parts.iter().filter(|part| part.began <= now).map(|part| self.rows(part, now));
            return parts.fold(Counts::default(), |sum, part| Counts {
                read: sum.read + part.read,
                written: sum.written + part.written,
                rejected: sum.rejected + part.rejected,
            });
        }
        let spec = &self.task_of(run).spec;
        if run.never_ran() || spec.kind == Kind::Workflow {
            return Counts::default();
        }
        let share = if run.outcome() == End::Failure { run.share(now) / 2.0 } else { run.share(now) };
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

    pub(super) fn activity_log(&self, asked: &Asked<'_>) -> Reply {
        let parameter = |name: &str| asked.request.parameter(name).filter(|text| !text.is_empty());
        let number = |name: &str| parameter(name).and_then(|text| text.parse::<usize>().ok());
        let (task_id, run_id) = (parameter("taskId"), parameter("runId"));
        let quirks = &self.scenario.quirks;
        if run_id.is_some() && task_id.is_none() && !quirks.run_id_alone {
            return errors::wrong_value("taskId");
        }
        let is_of = |task: &Task, id: &str| task.id == id || quirks.federated_id_in_log && task.federated_id == id;
        let fits = |run: &&Run| {
            task_id.as_ref().is_none_or(|id| is_of(self.task_of(run), id))
                && run_id.as_ref().is_none_or(|id| run.run_id.to_string() == *id)
        };
        let shown = |run: &&Run| match quirks.unfinished_state {
            Some(_) => run.began <= asked.now,
            None => run.is_in_log(asked.now, &self.task_of(run).timing),
        };
        let mut found: Vec<&Run> = self.runs.all().iter().filter(shown).filter(fits).collect();
        found.sort_by_key(|run| std::cmp::Reverse((run.ended(), run.serial)));
        let limit = number("rowLimit").unwrap_or(ROWS).min(MOST_ROWS);
        let page = found.into_iter().skip(number("offset").unwrap_or(0)).take(limit);
        Reply::json(200, &page.map(|run| self.log_row(run, asked.now)).collect())
    }

    /// The run of a log entry, once it is in the log.
    pub(super) fn in_log(&self, id: &str, now: Timestamp) -> Option<&Run> {
        let serial = ids::counter(id, &self.scenario.org, ids::LOG_ENTRY)?;
        let run = self.runs.all().iter().find(|run| run.serial == serial)?;
        run.is_in_log(now, &self.task_of(run).timing).then_some(run)
    }

    fn state(&self, run: &Run) -> u8 {
        match run.outcome() {
            End::Success => 1,
            End::Warning => 2,
            End::Stopped => self.scenario.quirks.stopped_state,
            End::Failure | End::NoAgent | End::OtherInstance => 3,
        }
    }

    /// The text of the top row: none of a success, one of every failure.
    fn error(&self, run: &Run) -> Option<String> {
        let spec = &self.task_of(run).spec;
        let of_part = || run.parts.iter().find_map(|part| self.error(part));
        match run.outcome() {
            End::Warning if spec.kind == Kind::Workflow => {
                Some("One or more tasks generated error rows or failed.".to_owned())
            }
            End::Success | End::Warning => None,
            End::Stopped => run.stopped().map(str::to_owned),
            End::Failure => Some(
                spec.error
                    .clone()
                    .or_else(of_part)
                    .unwrap_or_else(|| "TE_7002 Transformation stopped due to a fatal error.".to_owned()),
            ),
            End::NoAgent => Some(
                "There is no active Secure Agent in the Secure Agent group sandbox or the \"Data Integration Server\" \
                 service is user stopped or disabled. Start at least one Secure Agent belonging to the Secure Agent group \
                 or enable the \"Data Integration Server\" service."
                    .to_owned(),
            ),
            End::OtherInstance => Some(format!(
                "The {} failed to run. Another instance of the task is currently running.",
                spec.kind.words()
            )),
        }
    }

    /// The text of a session, which successes have too, sometimes with the word error in it.
    pub(super) fn session_error(&self, run: &Run) -> String {
        let own = || self.task_of(run).spec.error.clone();
        self.error(run).or_else(own).unwrap_or_else(|| match run.outcome() {
            End::Warning => "WRT_8229 Database errors occurred: a constraint was violated".to_owned(),
            _ => "No errors encountered.".to_owned(),
        })
    }

    /// Who started it and how. A schedule is nobody, seen on all its rows.
    pub(super) fn origin(row: Row, run: &Run) -> Row {
        row.put_some("startedBy", run.origin.by.as_deref())
            .put("runContextType", run.origin.context.as_str())
            .put_some("scheduleName", run.origin.schedule.as_deref())
    }

    /// Times, state and counts, as all rows of the list form have them. A run that is not over has no end.
    fn facts(&self, row: Row, run: &Run, now: Timestamp) -> Row {
        let unfinished = self.scenario.quirks.unfinished_state.filter(|_| now < run.ended());
        let ended = unfinished.is_none().then(|| run.ended());
        row.put("startTime", times::eastern(run.began))
            .put_some("endTime", ended.map(times::eastern))
            .put("startTimeUtc", times::utc(run.began))
            .put_some("endTimeUtc", ended.map(times::utc))
            .put("state", unfinished.unwrap_or_else(|| self.state(run)))
            .then(|row| self.rows(run, now.min(run.ended())).put(row))
    }

    /// The list form has no totals, and no run of it has stopped on an error record: so it was seen on all rows.
    fn tail(row: Row) -> Row {
        row.put("totalSuccessRows", 0)
            .put("totalFailedRows", 0)
            .put("stopOnError", false)
            .put("hasStopOnErrorRecord", false)
    }

    fn log_head(&self, run: &Run) -> Row {
        let task = self.task_of(run);
        Row::of_type("activityLogEntry")
            .put("id", ids::v2(&self.scenario.org, ids::LOG_ENTRY, run.serial))
            .put("type", task.spec.kind.code())
            .put("objectId", task.id.as_str())
            .put("objectName", task.spec.name.as_str())
            .put("runId", run.run_id)
    }

    fn stopped_flag(&self, run: &Run) -> Option<bool> {
        self.scenario.quirks.is_stopped.then(|| run.outcome() == End::Stopped)
    }

    fn log_row(&self, run: &Run, now: Timestamp) -> Value {
        let entries: Vec<Value> = match self.task_of(run).spec.kind {
            Kind::Workflow => {
                let begun = run.parts.iter().filter(|part| part.began <= now);
                begun.map(|part| self.part_row(part, now)).collect()
            }
            _ => vec![self.session_row(run, now, Some(&self.task_of(run).id))],
        };
        let origin = &run.origin;
        self.facts(self.log_head(run), run, now)
            .put_some("errorMsg", self.error(run))
            .then(|row| Self::origin(row, run))
            .put("entries", entries)
            .then(Self::tail)
            .put_some("parameterFileLocation", origin.parameter_file.as_deref())
            .put_some("userSubstitutedParams", origin.parameter_file.as_ref().map(|_| "{}"))
            .put_some("parentTaskFederatedId", origin.taskflow.as_deref())
            .put_some("isStopped", self.stopped_flag(run))
            .into()
    }

    /// A task of a linear taskflow: neither who started it nor how, but what its session has.
    fn part_row(&self, run: &Run, now: Timestamp) -> Value {
        let task = self.task_of(run);
        let row = Row::of_type("activityLogEntry")
            .put("id", Self::child_id(run, 0))
            .put("type", task.spec.kind.code())
            .put("objectName", task.spec.name.as_str())
            .put("runId", run.run_id);
        self.facts(row, run, now)
            .put_some("errorMsg", self.error(run))
            .put("entries", vec![self.session_row(run, now, None)])
            .put("subTaskEntries", json!([]))
            .put("logEntryItemAttrs", self.attributes(run))
            .put("sessionVariables", json!({}))
            .then(Self::tail)
            .put("transformationEntries", json!([]))
            .into()
    }

    /// The session of a task. That of a task of a linear taskflow has no `contextExternalId`.
    fn session_row(&self, run: &Run, now: Timestamp, context: Option<&str>) -> Value {
        let org = &self.scenario.org;
        let row = Row::of_type("activityLogEntry")
            .put("id", Self::child_id(run, 1))
            .put("type", self.task_of(run).spec.kind.code())
            .put("objectName", "")
            .put("runId", run.run_id)
            .put_some("agentId", (!run.never_ran()).then(|| ids::v2(org, ids::AGENT, 10)))
            .put("runtimeEnvironmentId", ids::v2(org, ids::ENVIRONMENT, 3));
        self.facts(row, run, now)
            .put("errorMsg", self.session_error(run))
            .then(|row| Self::origin(row, run))
            .put("entries", json!([]))
            .put("subTaskEntries", json!([]))
            .put("logEntryItemAttrs", self.attributes(run))
            .put("sessionVariables", json!({}))
            .put_some("taskRuntimeInfo", run.origin.runtime_info.as_deref())
            .then(Self::tail)
            .put_some("contextExternalId", context)
            .put("transformationEntries", self.transformations(run, now))
            .into()
    }

    /// The ID of a task of a linear taskflow, or of a session.
    pub(super) fn child_id(run: &Run, level: usize) -> String {
        (2_758_000_000 + run.serial * 4 + level * 3).to_string()
    }

    pub(super) fn session_log_name(&self, run: &Run) -> String {
        format!("s_mtt_{}_{}.log", self.task_of(run).federated_id, run.run_id)
    }

    fn attributes(&self, run: &Run) -> Value {
        let code = (!run.never_ran()).then(|| error_code(&self.session_error(run)));
        // The service learns the name of a log from the agent, and nothing sent this one there.
        let log = (run.outcome() != End::OtherInstance).then(|| self.session_log_name(run));
        Row::default()
            .put("CONSUMED_COMPUTE_UNITS", "0.0")
            .put_some("ERROR_CODE", code)
            .put("IS_SERVER_LESS", "false")
            .put("REQUESTED_COMPUTE_UNITS", "0.0")
            .put_some("Session Log File Name", log)
            .into()
    }

    /// Sources and targets; none of a run that was stopped, as seen.
    fn transformations(&self, run: &Run, now: Timestamp) -> Value {
        if run.never_ran() || run.outcome() == End::Stopped {
            return json!([]);
        }
        let rows = self.rows(run, now.min(run.ended()));
        let entry = |offset: usize, name: &str, kind: &str, ok: u64, failed: u64| {
            json!({
                "@type": "transformationLogEntry", "id": (5_536_000_000 + run.serial * 8 + offset).to_string(),
                "txName": name, "txType": kind, "successRows": ok, "failedRows": failed,
            })
        };
        json!([entry(0, "Source", "SOURCE", rows.read, 0), entry(3, "Target", "TARGET", rows.written, rows.rejected)])
    }

    /// One run: an object with `items` in place of `entries`, which have neither UTC times nor row counts.
    pub(super) fn activity_by_id(&self, asked: &Asked<'_>, id: &str) -> Reply {
        let Some(run) = self.in_log(id, asked.now) else { return errors::unknown_id(id) };
        let rows = self.rows(run, run.ended());
        let items: Vec<Value> = match self.task_of(run).spec.kind {
            Kind::Workflow => run.parts.iter().map(|part| self.item(part, vec![self.item(part, vec![])])).collect(),
            _ => vec![self.item(run, vec![])],
        };
        let body = self
            .facts(self.log_head(run), run, asked.now)
            .put_some("errorMsg", self.error(run))
            .then(|row| Self::origin(row, run))
            .put("orgId", self.scenario.org.as_str())
            .put("totalSuccessRows", rows.written)
            .put("totalFailedRows", rows.rejected)
            .put("stopOnError", false)
            .put("hasStopOnErrorRecord", rows.rejected > 0)
            .put_some("isStopped", self.stopped_flag(run))
            .put("items", items);
        Reply::json(200, &body.into())
    }

    fn item(&self, run: &Run, children: Vec<Value>) -> Value {
        let task = self.task_of(run);
        let org = &self.scenario.org;
        let level = usize::from(children.is_empty());
        let name = if children.is_empty() { "" } else { task.spec.name.as_str() };
        Row::of_type("activityLogEntryItem")
            .put("id", Self::child_id(run, level))
            .put("type", task.spec.kind.code())
            .put("objectId", task.id.as_str())
            .put("objectName", name)
            .put("runId", run.run_id)
            .put_some("agentId", (!run.never_ran()).then(|| ids::v2(org, ids::AGENT, 10)))
            .put("runtimeEnvironmentId", ids::v2(org, ids::ENVIRONMENT, 3))
            .put("startTime", times::eastern(run.began))
            .put("endTime", times::eastern(run.ended()))
            .put("state", self.state(run))
            .put("errorMsg", self.session_error(run))
            .put("logEntryItemAttrs", self.attributes(run))
            .then(|row| Self::origin(row, run))
            .put("children", children)
            .put("transformationEntries", self.transformations(run, run.ended()))
            .put("sequenceValues", json!([]))
            .put("inOutParameterValues", json!([]))
            .into()
    }
}

/// The number in front of an error text, such as 7002 of `TE_7002`; 0 without one, as successes and stops have it.
pub(super) fn error_code(text: &str) -> String {
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
