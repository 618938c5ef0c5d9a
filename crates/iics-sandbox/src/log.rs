//! The activity log: the list of finished runs, and one run by its ID.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::catalog::Task;
use crate::context::Context;
use crate::kind::{Kind, Outcome};
use crate::runs::Run;
use crate::state::State;
use crate::wire::{Reply, Row};
use crate::{errors, ids, pages, results, times};

/// The default and the largest page; both were seen.
const ROWS: usize = 200;
const MOST_ROWS: usize = 1000;

pub(crate) fn list(state: &State, context: &Context<'_>) -> Reply {
    let (task_id, run_id) = (context.request.given("taskId"), context.request.given("runId"));
    let quirks = &state.scenario.quirks;
    if run_id.is_some() && task_id.is_none() && !quirks.run_id_alone {
        return errors::wrong_value("taskId");
    }
    let is_of = |task: &Task, id: &str| task.id == id || quirks.federated_id_in_log && task.federated_id == id;
    let fits = |run: &&Run| {
        task_id.as_ref().is_none_or(|id| is_of(state.task_of(run), id))
            && run_id.as_ref().is_none_or(|id| run.run_id.to_string() == *id)
    };
    let shown = |run: &&Run| match quirks.unfinished_state {
        Some(_) => run.began <= context.now,
        None => run.is_in_log(context.now, state.timing_of(run)),
    };
    let mut found: Vec<&Run> = state.runs.all().iter().filter(shown).filter(fits).collect();
    found.sort_by_key(|run| std::cmp::Reverse((run.ended(), run.serial)));
    let page = pages::page(found.into_iter(), context.request, ["offset", "rowLimit"], ROWS, MOST_ROWS);
    Reply::json(200, &page.map(|run| log_row(state, run, context.now)).collect())
}

/// The run of a log entry, once it is in the log.
pub(crate) fn in_log<'s>(state: &'s State, id: &str, now: Timestamp) -> Option<&'s Run> {
    let serial = ids::counter(id, &state.scenario.org, ids::LOG_ENTRY)?;
    let run = state.runs.numbered(serial)?;
    run.is_in_log(now, state.timing_of(run)).then_some(run)
}

/// The times, state and counts that every row has. A run that is not over has no end.
fn common_fields(state: &State, row: Row, run: &Run, now: Timestamp) -> Row {
    let unfinished = state.scenario.quirks.unfinished_state.filter(|_| now < run.ended());
    let ended = unfinished.is_none().then(|| run.ended());
    row.put("startTime", times::eastern(run.began))
        .put_some("endTime", ended.map(times::eastern))
        .put("startTimeUtc", times::utc(run.began))
        .put_some("endTimeUtc", ended.map(times::utc))
        .put("state", unfinished.unwrap_or_else(|| results::state_code(state, run)))
        .then(|row| results::rows(state, run, now.min(run.ended())).put(row))
}

/// The list form has no totals and never a stop on an error record; all recorded rows are like this.
fn totals(row: Row) -> Row {
    row.put("totalSuccessRows", 0)
        .put("totalFailedRows", 0)
        .put("stopOnError", false)
        .put("hasStopOnErrorRecord", false)
}

fn head(state: &State, run: &Run) -> Row {
    let task = state.task_of(run);
    Row::of_type("activityLogEntry")
        .put("id", ids::v2(&state.scenario.org, ids::LOG_ENTRY, run.serial))
        .put("type", task.spec.kind.code())
        .put("objectId", task.id.as_str())
        .put("objectName", task.spec.name.as_str())
        .put("runId", run.run_id)
}

fn stopped_flag(state: &State, run: &Run) -> Option<bool> {
    state.scenario.quirks.is_stopped.then(|| run.outcome() == Outcome::Stopped)
}

fn log_row(state: &State, run: &Run, now: Timestamp) -> Value {
    let entries: Vec<Value> = match state.task_of(run).spec.kind {
        Kind::Workflow => {
            let started = run.parts.iter().filter(|part| part.began <= now);
            started.map(|part| part_row(state, part, now)).collect()
        }
        _ => vec![session_row(state, run, now, Some(&state.task_of(run).id))],
    };
    let origin = &run.origin;
    common_fields(state, head(state, run), run, now)
        .put_some("errorMsg", results::error(state, run))
        .then(|row| results::put_origin(row, run))
        .put("entries", entries)
        .then(totals)
        .put_some("parameterFileLocation", origin.parameter_file.as_deref())
        .put_some("userSubstitutedParams", origin.parameter_file.as_ref().map(|_| "{}"))
        .put_some("parentTaskFederatedId", origin.taskflow.as_deref())
        .put_some("isStopped", stopped_flag(state, run))
        .into()
}

/// The row of a part has the fields of its session, but not who started it and how.
fn part_row(state: &State, run: &Run, now: Timestamp) -> Value {
    let task = state.task_of(run);
    let row = Row::of_type("activityLogEntry")
        .put("id", results::child_id(run, 0))
        .put("type", task.spec.kind.code())
        .put("objectName", task.spec.name.as_str())
        .put("runId", run.run_id);
    common_fields(state, row, run, now)
        .put_some("errorMsg", results::error(state, run))
        .put("entries", vec![session_row(state, run, now, None)])
        .put("subTaskEntries", json!([]))
        .put("logEntryItemAttrs", results::attributes(state, run))
        .put("sessionVariables", json!({}))
        .then(totals)
        .put("transformationEntries", json!([]))
        .into()
}

/// The session of a task. That of a task of a linear taskflow has no `contextExternalId`.
fn session_row(state: &State, run: &Run, now: Timestamp, context: Option<&str>) -> Value {
    let org = &state.scenario.org;
    let row = Row::of_type("activityLogEntry")
        .put("id", results::child_id(run, 1))
        .put("type", state.task_of(run).spec.kind.code())
        .put("objectName", "")
        .put("runId", run.run_id)
        .put_some("agentId", (!run.never_ran()).then(|| ids::agent(org)))
        .put("runtimeEnvironmentId", ids::environment(org));
    common_fields(state, row, run, now)
        .put("errorMsg", results::session_error(state, run))
        .then(|row| results::put_origin(row, run))
        .put("entries", json!([]))
        .put("subTaskEntries", json!([]))
        .put("logEntryItemAttrs", results::attributes(state, run))
        .put("sessionVariables", json!({}))
        .put_some("taskRuntimeInfo", run.origin.runtime_info.as_deref())
        .then(totals)
        .put_some("contextExternalId", context)
        .put("transformationEntries", results::transformations(state, run, now))
        .into()
}

/// One run: an object with `items` in place of `entries`, which have neither UTC times nor row counts.
pub(crate) fn by_id(state: &State, context: &Context<'_>, id: &str) -> Reply {
    let Some(run) = in_log(state, id, context.now) else { return errors::unknown_id(id) };
    let rows = results::rows(state, run, run.ended());
    let items: Vec<Value> = match state.task_of(run).spec.kind {
        Kind::Workflow => run.parts.iter().map(|part| item(state, part, vec![item(state, part, vec![])])).collect(),
        _ => vec![item(state, run, vec![])],
    };
    let body = common_fields(state, head(state, run), run, context.now)
        .put_some("errorMsg", results::error(state, run))
        .then(|row| results::put_origin(row, run))
        .put("orgId", state.scenario.org.as_str())
        .put("totalSuccessRows", rows.written)
        .put("totalFailedRows", rows.rejected)
        .put("stopOnError", false)
        .put("hasStopOnErrorRecord", rows.rejected > 0)
        .put_some("isStopped", stopped_flag(state, run))
        .put("items", items);
    Reply::json(200, &body.into())
}

fn item(state: &State, run: &Run, children: Vec<Value>) -> Value {
    let task = state.task_of(run);
    let org = &state.scenario.org;
    let level = usize::from(children.is_empty());
    let name = if children.is_empty() { "" } else { task.spec.name.as_str() };
    Row::of_type("activityLogEntryItem")
        .put("id", results::child_id(run, level))
        .put("type", task.spec.kind.code())
        .put("objectId", task.id.as_str())
        .put("objectName", name)
        .put("runId", run.run_id)
        .put_some("agentId", (!run.never_ran()).then(|| ids::agent(org)))
        .put("runtimeEnvironmentId", ids::environment(org))
        .put("startTime", times::eastern(run.began))
        .put("endTime", times::eastern(run.ended()))
        .put("state", results::state_code(state, run))
        .put("errorMsg", results::session_error(state, run))
        .put("logEntryItemAttrs", results::attributes(state, run))
        .then(|row| results::put_origin(row, run))
        .put("children", children)
        .put("transformationEntries", results::transformations(state, run, run.ended()))
        .put("sequenceValues", json!([]))
        .put("inOutParameterValues", json!([]))
        .into()
}
