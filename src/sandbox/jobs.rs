//! The job resource: start and stop. Leaves what a run then does to `runs`.

use serde_json::Value;

use super::record::Deed;
use super::runs::Starting;
use super::scenario::Kind;
use super::wire::{Reply, Row, text};
use super::{Asked, Sandbox, errors, times};

impl Sandbox {
    pub(super) fn start(&mut self, asked: &Asked<'_>, deed: &mut Option<Deed>) -> Reply {
        let Some(body) = asked.request.json_object() else { return errors::malformed() };
        let task = match self.catalog.addressed(&body, &self.scenario) {
            Ok(task) => task,
            Err(refusal) => return refusal,
        };
        // Clients send `runtime` with and without its `@type`; either asks for a run beside others, of mapping tasks only.
        let beside_others =
            body.get("runtime").is_some_and(Value::is_object) && self.catalog.tasks[task].spec.kind == Kind::Mtt;
        let starting = Starting { by: &asked.user, context: "REST_API_V2", beside_others };
        let run = self.runs.start(&self.catalog, task, asked.now, &starting);
        let run = &self.runs.all()[run];
        let task = &self.catalog.tasks[task];
        *deed = Some(Deed::Started {
            task_id: task.id.clone(),
            task: task.path(),
            run_id: run.run_id,
            ran: !run.never_ran(),
        });
        let text_id = self.scenario.quirks.run_id_text;
        let run_id = if text_id { Value::from(run.run_id.to_string()) } else { Value::from(run.run_id) };
        let body = Row::of_type("job")
            .put("taskId", task.id.as_str())
            .put_some("taskFederatedId", text(&body, "taskFederatedId"))
            .put("taskType", task.spec.kind.code())
            .put("runId", run_id)
            .put("taskName", task.spec.name.as_str())
            .put_some("callbackURL", text(&body, "callbackURL"))
            .put("runInParallel", beside_others);
        Reply::json(200, &body.into())
    }

    /// Answers once the job is down, as the service does.
    pub(super) fn stop(&mut self, asked: &Asked<'_>, deed: &mut Option<Deed>) -> Reply {
        let Some(body) = asked.request.json_object() else { return errors::malformed() };
        let task = match self.catalog.addressed(&body, &self.scenario) {
            Ok(task) => task,
            Err(refusal) => return refusal,
        };
        let clean = asked.request.parameter("cleanStop").is_some_and(|value| matches!(value.as_str(), "true" | "1"));
        let timing = &self.scenario.timing;
        let takes = if clean { timing.clean_stop } else { timing.stop };
        let words = format!("The job was stopped by user {} using the API.", asked.user);
        let (run_ids, down) = self.runs.stop(task, asked.now, takes, &words);
        let task = &self.catalog.tasks[task];
        if run_ids.is_empty() && self.scenario.quirks.stop_nothing_refused {
            return errors::v2(403, "APP_13410", "The task is not running.");
        }
        *deed = Some(Deed::Stopped { task_id: task.id.clone(), task: task.path(), run_ids });
        let reply = Reply::json(200, &Row::of_type("success").put("description", words).into());
        reply.after(times::elapsed(asked.now, down))
    }
}
