//! The activity monitor: what runs now, row by row. Its `@type` has the extra "y" that the wire has.

use serde_json::Value;

use super::runs::Run;
use super::scenario::Kind;
use super::wire::{Reply, Row};
use super::{Asked, Sandbox, ids, times};

impl Sandbox {
    pub(super) fn monitor(&self, asked: &Asked<'_>) -> Reply {
        let details = asked.request.parameter("details").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let shown = self.runs.all().iter().filter(|run| run.is_in_monitor(asked.now, &self.scenario.timing));
        Reply::json(200, &shown.map(|run| self.monitor_row(run, asked, details)).collect())
    }

    fn monitor_row(&self, run: &Run, asked: &Asked<'_>, details: bool) -> Value {
        let task = &self.catalog.tasks[run.task];
        let org = &self.scenario.org;
        let over = !run.is_going_on(asked.now);
        let state = match (over, run.is_stopping(asked.now)) {
            (true, _) if run.stopped.is_some() || run.end == super::scenario::End::Failure => "FAILED",
            (true, _) => "COMPLETED",
            (false, true) => "STOPPING",
            (false, false) => "RUNNING",
        };
        let parts = run.parts.iter().filter(|part| details && part.is_going_on(asked.now));
        let entries: Vec<Value> = parts.map(|part| self.monitor_row(part, asked, details)).collect();
        let rows = self.rows(run, asked.now);
        let on_agent = task.spec.kind != Kind::Workflow;
        let utc = self.scenario.quirks.monitor_utc;
        let ended = over.then(|| run.ended());
        Row::of_type("activityMonitoryEntry")
            .put("id", ids::v2(org, ids::MONITOR_ROW, run.serial))
            .put("type", task.spec.kind.code())
            .put("taskId", task.id.as_str())
            .put("taskName", task.spec.name.as_str())
            .put("objectName", "")
            .put("runId", run.run_id)
            .put("startTime", times::eastern(run.began))
            .put_some("endTime", ended.map(times::eastern))
            .put_some("startTimeUtc", utc.then(|| times::utc(run.began)))
            .put_some("endTimeUtc", ended.filter(|_| utc).map(times::utc))
            .put("executionState", state)
            .then(|row| rows.put(row))
            .put("entries", entries)
            .put_some("agentId", on_agent.then(|| ids::v2(org, ids::AGENT, 10)))
            .put("startedBy", run.by.as_str())
            .put("runContextType", run.context)
            .put_some("runtimeEnvironmentId", on_agent.then(|| ids::v2(org, ids::ENVIRONMENT, 3)))
            .into()
    }
}
