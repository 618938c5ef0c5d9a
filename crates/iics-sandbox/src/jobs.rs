//! The job resource: start and stop. Leaves what a run then does to `runs`.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::quirks::NEVER;
use super::record::Deed;
use super::runs::{Origin, Stop};
use super::scenario::{End, Kind};
use super::wire::{Reply, Row, text};
use super::{Asked, Sandbox, errors, times};

impl Sandbox {
    pub(super) fn start(&mut self, asked: &Asked<'_>, deed: &mut Option<Deed>) -> Reply {
        let quirks = &self.scenario.quirks;
        let Some(body) = asked.request.json_object() else { return errors::malformed() };
        let task = match self.catalog.addressed(&body, &self.scenario) {
            Ok(task) => task,
            Err(refusal) => return refusal.with_status(quirks.refusal_status),
        };
        let origin = origin(&body, asked, quirks.api_context.clone(), self.catalog.tasks[task].spec.kind);
        if quirks.second_start_refused && !origin.beside_others && self.runs.is_running(task, asked.now) {
            let what = "Another instance of the task is currently running.";
            return errors::v2(403, "APP_13411", what).with_status(quirks.refusal_status);
        }
        let run = self.runs.start(&self.catalog, task, asked.now, &origin);
        let run = &self.runs.all()[run];
        let task = &self.catalog.tasks[task];
        *deed = Some(Deed::Started {
            task_id: task.id.clone(),
            task: task.path(),
            run_id: run.run_id,
            ran: !run.never_ran(),
        });
        let run_id = if quirks.run_id_text { Value::from(run.run_id.to_string()) } else { Value::from(run.run_id) };
        let body = Row::of_type("job")
            .put("taskId", task.id.as_str())
            .put_some("taskFederatedId", text(&body, "taskFederatedId"))
            .put("taskType", task.spec.kind.code())
            .put("runId", run_id)
            .put("taskName", task.spec.name.as_str())
            .put_some("callbackURL", text(&body, "callbackURL"))
            .put("runInParallel", origin.beside_others);
        Reply::json(200, &body.into())
    }

    /// Answers once the job is down, as the service does.
    pub(super) fn stop(&mut self, asked: &Asked<'_>, deed: &mut Option<Deed>) -> Reply {
        let quirks = &self.scenario.quirks;
        let Some(body) = asked.request.json_object() else { return errors::malformed() };
        let index = match self.catalog.addressed(&body, &self.scenario) {
            Ok(task) => task,
            Err(refusal) => return refusal.with_status(quirks.refusal_status),
        };
        let task = &self.catalog.tasks[index];
        let clean = asked.request.parameter("cleanStop").is_some_and(|value| matches!(value.as_str(), "true" | "1"));
        let (takes, end) = if clean {
            (task.timing.clean_stop, task.spec.clean_stop_ends.unwrap_or(quirks.clean_stop_ends))
        } else {
            (task.timing.stop, End::Stopped)
        };
        let words = format!("The job was stopped by user {} using the API.", asked.user);
        let stop = Stop { asked: asked.now, down: times::later(asked.now, takes), text: words.clone(), end };
        let (run_ids, down) = self.runs.stop(index, &stop);
        if run_ids.is_empty() && quirks.stop_nothing_refused {
            return errors::v2(403, "APP_13410", "The task is not running.").with_status(quirks.refusal_status);
        }
        *deed = Some(Deed::Stopped { task_id: task.id.clone(), task: task.path(), run_ids });
        let reply = Reply::json(200, &Row::of_type("success").put("description", words).into());
        let waits = quirks.stop_waits && takes != NEVER;
        reply.after(if waits { times::elapsed(asked.now, down) } else { Duration::ZERO })
    }
}

fn origin(body: &Map<String, Value>, asked: &Asked<'_>, context: String, kind: Kind) -> Origin {
    let runtime = body.get("runtime").and_then(Value::as_object);
    let property = |key| runtime.and_then(|runtime| text(runtime, key));
    let (folder, file) = (property("parameterFileDir"), property("parameterFileName"));
    let parameter_file = file.map(|file| folder.map_or(file.to_owned(), |folder| format!("{folder}/{file}")));
    let given = [("parameterFileDir", folder), ("parameterFileName", file)];
    let given = given.iter().filter_map(|(name, value)| {
        value.map(|value| json!({"@type": "taskProperty", "name": name, "currentValue": value}))
    });
    let given: Vec<Value> = given.collect();
    let info = json!({"payload": {"taskProperties": given, "@type": "mtTaskRuntime"}, "meta": {}});
    Origin {
        by: Some(asked.user.clone()),
        context,
        callback: text(body, "callbackURL").map(str::to_owned),
        parameter_file,
        runtime_info: runtime.map(|_| info.to_string()),
        // Clients send `runtime` with and without its `@type`; either asks for a run beside others, of mapping tasks only.
        beside_others: runtime.is_some() && kind == Kind::Mtt,
        ..Origin::default()
    }
}
