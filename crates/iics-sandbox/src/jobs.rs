//! The job resource: start and stop.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::context::{Answer, Context};
use crate::kind::{Kind, Outcome};
use crate::quirks::NEVER;
use crate::request_log::Effect;
use crate::runs::{Origin, Stop};
use crate::state::State;
use crate::wire::{Reply, Row, text};
use crate::{errors, times};

pub(crate) fn start(state: &mut State, context: &Context<'_>) -> Answer {
    let quirks = &state.scenario.quirks;
    let Some(body) = context.request.json_object() else { return errors::malformed().into() };
    let task = match state.catalog.addressed(&body, &state.scenario) {
        Ok(task) => task,
        Err(refusal) => return refusal.with_status(quirks.refusal_status).into(),
    };
    let origin = origin(&body, &context.user, quirks.api_context.clone(), state.catalog.tasks[task].spec.kind);
    if quirks.second_start_refused && !origin.in_parallel && state.runs.is_running(task, context.now) {
        let what = "Another instance of the task is currently running.";
        return errors::v2(403, "APP_13411", what).with_status(quirks.refusal_status).into();
    }
    let run = state.runs.start(&state.catalog, task, context.now, &origin);
    let run = &state.runs.all()[run];
    let task = &state.catalog.tasks[task];
    let effect =
        Effect::Started { task_id: task.id.clone(), task: task.path(), run_id: run.run_id, ran: !run.never_ran() };
    let run_id = if quirks.run_id_text { Value::from(run.run_id.to_string()) } else { Value::from(run.run_id) };
    let body = Row::of_type("job")
        .put("taskId", task.id.as_str())
        .put_some("taskFederatedId", text(&body, "taskFederatedId"))
        .put("taskType", task.spec.kind.code())
        .put("runId", run_id)
        .put("taskName", task.spec.name.as_str())
        .put_some("callbackURL", text(&body, "callbackURL"))
        .put("runInParallel", origin.in_parallel);
    Answer::new(Reply::json(200, &body.into()), effect)
}

/// Answers once the job has stopped, as the service does.
pub(crate) fn stop(state: &mut State, context: &Context<'_>) -> Answer {
    let quirks = &state.scenario.quirks;
    let Some(body) = context.request.json_object() else { return errors::malformed().into() };
    let index = match state.catalog.addressed(&body, &state.scenario) {
        Ok(task) => task,
        Err(refusal) => return refusal.with_status(quirks.refusal_status).into(),
    };
    let task = &state.catalog.tasks[index];
    let clean = context.request.parameter("cleanStop").is_some_and(|value| matches!(value.as_str(), "true" | "1"));
    // Stops take the same time in every turn.
    let timing = task.timing_of(0);
    let (takes, outcome) = if clean {
        (timing.clean_stop, task.spec.clean_stop_ends.unwrap_or(quirks.clean_stop_ends))
    } else {
        (timing.stop, Outcome::Stopped)
    };
    let stop = Stop::by_request(&context.user, context.now, times::later(context.now, takes), outcome);
    let (run_ids, stopped) = state.runs.stop(index, &stop);
    if run_ids.is_empty() && quirks.stop_nothing_refused {
        return errors::v2(403, "APP_13410", "The task is not running.").with_status(quirks.refusal_status).into();
    }
    let effect = Effect::Stopped { task_id: task.id.clone(), task: task.path(), run_ids };
    let reply = Reply::json(200, &Row::of_type("success").put("description", stop.text.as_str()).into());
    let waits = quirks.stop_waits && takes != NEVER;
    Answer::new(reply.after(if waits { times::elapsed(context.now, stopped) } else { Duration::ZERO }), effect)
}

fn origin(body: &Map<String, Value>, user: &str, api_context: String, kind: Kind) -> Origin {
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
        by: Some(user.to_owned()),
        context: api_context,
        callback: text(body, "callbackURL").map(str::to_owned),
        parameter_file,
        runtime_info: runtime.map(|_| info.to_string()),
        // Clients send `runtime` with and without its `@type`; either asks for a parallel run, of mapping tasks only.
        in_parallel: runtime.is_some() && kind == Kind::Mtt,
        ..Origin::default()
    }
}
