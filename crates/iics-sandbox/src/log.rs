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

impl Sandbox {
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
