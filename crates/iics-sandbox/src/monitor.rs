//! The activity monitor: what runs now, row by row. Its `@type` has the extra "y" that the wire has.

use serde_json::Value;

use crate::context::Context;
use crate::kind::Kind;
use crate::runs::Run;
use crate::state::State;
use crate::wire::{Reply, Row};
use crate::{ids, results, times};

pub(crate) fn list(state: &State, context: &Context<'_>) -> Reply {
    let details = context.request.parameter("details").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    // No filter is documented. A client sends these two all the same, and takes an empty list for the end of a run.
    let filter =
        |name: &str| if state.scenario.quirks.monitor_filters { context.request.parameter(name) } else { None };
    let (task_id, run_id) = (filter("taskId"), filter("runId"));
    let fits = |run: &&Run| {
        task_id.as_ref().is_none_or(|id| state.task_of(run).id == *id)
            && run_id.as_ref().is_none_or(|id| run.run_id.to_string() == *id)
    };
    let shown = state.runs.all().iter().filter(|run| run.is_in_monitor(context.now, state.timing_of(run)));
    Reply::json(200, &shown.filter(fits).map(|run| monitor_row(state, run, context, details)).collect())
}

fn monitor_row(state: &State, run: &Run, context: &Context<'_>, details: bool) -> Value {
    let task = state.task_of(run);
    let org = &state.scenario.org;
    let quirks = &state.scenario.quirks;
    let ended = (context.now >= run.ended()).then(|| run.ended());
    let parts = run.parts.iter().filter(|part| details && part.is_active(context.now));
    let entries: Vec<Value> = parts.map(|part| monitor_row(state, part, context, details)).collect();
    let on_agent = task.spec.kind != Kind::Workflow;
    Row::of_type(&quirks.monitor_type)
        .put("id", ids::v2(org, ids::MONITOR_ROW, run.serial))
        .put("type", task.spec.kind.code())
        .put("taskId", task.id.as_str())
        .put("taskName", task.spec.name.as_str())
        .put("objectName", "")
        .put("runId", run.run_id)
        .put("startTime", times::eastern(run.began))
        .put_some("endTime", ended.map(times::eastern))
        .put_some("startTimeUtc", quirks.monitor_utc.then(|| times::utc(run.began)))
        .put_some("endTimeUtc", ended.filter(|_| quirks.monitor_utc).map(times::utc))
        .put("executionState", run.execution_state(context.now, state.timing_of(run)))
        .then(|row| results::rows(state, run, context.now).put(row))
        .put("entries", entries)
        .put_some("agentId", on_agent.then(|| ids::agent(org)))
        .put_some("callbackURL", run.origin.callback.as_deref())
        .then(|row| results::put_origin(row, run))
        .put_some("runtimeEnvironmentId", on_agent.then(|| ids::environment(org)))
        .into()
}
