//! The taskflow resources: start by API name, status of one or of many, resume, terminate.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::context::{Answer, Context};
use crate::kind::{Kind, Outcome};
use crate::quirks::NoEnd;
use crate::request_log::Effect;
use crate::runs::{Origin, Run};
use crate::scenario::TaskSpec;
use crate::state::State;
use crate::taskflow_runs::{Jobs, Step, TaskflowRun};
use crate::wire::{Reply, Row, percent_decoded};
use crate::{errors, ids, pages, results, times};

/// The default and the largest page of the list (documented).
const ROWS: usize = 10;
const MOST_ROWS: usize = 50;
/// How far the list looks back without times in the query (documented).
const DAY: Duration = Duration::from_secs(86_400);
/// Runs that one request may terminate (documented).
const MOST_TERMINATED: usize = 200;
/// The header that names a run.
const RUN_NAME: &str = "TF-INSTANCE-NAME";

/// Starts a published taskflow. Inputs come in the body, or in the query as a browser sends them.
pub(crate) fn start(state: &mut State, context: &Context<'_>, api_name: &str) -> Answer {
    let is_it = |spec: &TaskSpec| spec.kind == Kind::Taskflow && spec.published && spec.api_name() == api_name;
    let Some(task) = state.catalog.tasks.iter().position(|task| is_it(&task.spec)) else {
        let message = format!("There is no taskflow of the API name {api_name}.");
        return errors::v3(404, "TASKFLOW_404", &message, context.serial).into();
    };
    if !state.catalog.tasks[task].spec.allowed {
        let message = format!("The user {} may not run this taskflow.", context.user);
        return errors::v3(403, "TASKFLOW_403", &message, context.serial).into();
    }
    let body =
        if context.request.body.trim_ascii().is_empty() { Some(Map::new()) } else { context.request.json_object() };
    let Some(body) = body else {
        return errors::v3(400, "TASKFLOW_400", "The request body is not a JSON object.", context.serial).into();
    };
    let in_query = context.request.parameters().map(|(name, _)| name.into_owned());
    let name = context.request.header(RUN_NAME).map(percent_decoded).filter(|name| !name.is_empty());
    let api_context = state.scenario.quirks.api_context.clone();
    let origin = Origin { by: Some(context.user.clone()), context: api_context, ..Origin::default() };
    let mut jobs = Jobs { catalog: &state.catalog, runs: &mut state.runs };
    let index = state.taskflow_runs.start(&mut jobs, task, context.now, &origin, name.clone());
    let run_id = state.taskflow_runs.all()[index].run_id.to_string();
    let effect = Effect::TaskflowStarted {
        task: state.catalog.tasks[task].path(),
        run_id: run_id.clone(),
        run_name: name,
        inputs: body.keys().cloned().chain(in_query).collect(),
    };
    let reply = if state.scenario.quirks.taskflow_plain_start {
        Reply::typed(200, "text/plain;charset=UTF-8", run_id.into_bytes())
    } else {
        Reply::json(200, &json!({"RunId": run_id}))
    };
    Answer::new(reply, effect)
}

/// One taskflow as an object.
pub(crate) fn status(state: &State, context: &Context<'_>, run_id: &str) -> Reply {
    match state.taskflow_runs.find(run_id) {
        Some(index) => Reply::json(200, &taskflow_row(state, &state.taskflow_runs.all()[index], context.now)),
        None => no_taskflow_run(state, run_id, context.serial),
    }
}

fn no_taskflow_run(state: &State, run_id: &str, serial: usize) -> Reply {
    let message = format!("There is no taskflow run {run_id} in organization {}.", state.scenario.org);
    errors::v3(404, "TASKFLOW_404", &message, serial)
}

/// Many taskflows as an array, newest first. Parameter names are case-sensitive (documented).
pub(crate) fn list(state: &State, context: &Context<'_>) -> Reply {
    let request = context.request;
    let time = |name: &str| request.parameter(name).and_then(|text| text.parse::<Timestamp>().ok());
    let (run_id, status) = (request.given("runId"), request.given("runStatus"));
    let (from, to) = (time("startTime"), time("endTime"));
    let from = if from.is_none() && to.is_none() { Some(times::earlier(context.now, DAY)) } else { from };
    let fits = |flow: &&TaskflowRun| {
        run_id.as_ref().is_none_or(|id| flow.run_id.to_string() == *id)
            && status
                .as_ref()
                .is_none_or(|status| taskflow_status(state, flow, context.now).eq_ignore_ascii_case(status))
            && from.is_none_or(|from| flow.began >= from)
            && to.is_none_or(|to| flow.began <= to)
            && flow.began <= context.now
    };
    let mut found: Vec<&TaskflowRun> = state.taskflow_runs.all().iter().filter(fits).collect();
    found.sort_by_key(|flow| std::cmp::Reverse((flow.began, flow.run_id)));
    let page = pages::page(found.into_iter(), request, ["offset", "rowLimit"], ROWS, MOST_ROWS);
    Reply::json(200, &page.map(|flow| taskflow_row(state, flow, context.now)).collect())
}

fn taskflow_status<'s>(state: &'s State, flow: &TaskflowRun, now: Timestamp) -> &'s str {
    match flow.halted(now) {
        None => "RUNNING",
        Some(Outcome::Stopped) => &state.scenario.quirks.taskflow_terminated,
        Some(outcome) => outcome.status(),
    }
}

fn taskflow_row(state: &State, flow: &TaskflowRun, now: Timestamp) -> Value {
    let task = &state.catalog.tasks[flow.task];
    let halted = flow.halted(now);
    let ended = halted.filter(|how| *how != Outcome::Suspended).map(|_| flow.halts_at);
    let steps: Vec<Value> = flow.steps.iter().filter_map(|step| step_row(state, *step, now)).collect();
    let quirks = &state.scenario.quirks;
    let run_id = if quirks.taskflow_run_id_text { flow.run_id.to_string().into() } else { Value::from(flow.run_id) };
    let name = flow.name.as_ref().map_or(task.spec.name.clone(), |name| format!("{}-{name}", task.spec.name));
    let error = match halted {
        None | Some(Outcome::Success | Outcome::Warning) => None,
        Some(Outcome::Stopped) => Some("The taskflow was terminated.".to_owned()),
        Some(_) => Some(taskflow_error(state, flow)),
    };
    let until = now.min(flow.halts_at);
    let asset = Asset { name: &name, kind: Kind::Taskflow, location: &task.spec.folder, began: flow.began, until };
    asset_fields(state, &asset, ended, error, run_id)
        .then(|row| started(row, flow.began, &flow.origin))
        .put("status", taskflow_status(state, flow, now))
        .put("subtaskDetails", json!({"details": {"tasks": steps}}))
        .put("subtasks", steps.len())
        .put("updateTime", times::utc_seconds(if halted.is_some() { flow.halts_at } else { now }))
        .into()
}

fn taskflow_error(state: &State, flow: &TaskflowRun) -> String {
    let of_step = flow.steps.last().and_then(|step| match step {
        Step::Job(serial) => results::error(state, state.runs.numbered(*serial)?),
        Step::Taskflow(child) => Some(taskflow_error(state, &state.taskflow_runs.all()[*child])),
    });
    let own = state.catalog.tasks[flow.task].spec.error.clone();
    own.or(of_step).unwrap_or_else(|| "A step of the taskflow failed.".to_owned())
}

/// A step that has begun.
fn step_row(state: &State, step: Step, now: Timestamp) -> Option<Value> {
    match step {
        Step::Taskflow(child) => {
            let flow = &state.taskflow_runs.all()[child];
            (flow.began <= now).then(|| taskflow_row(state, flow, now))
        }
        Step::Job(serial) => {
            let run = state.runs.numbered(serial).filter(|run| run.began <= now)?;
            Some(job_row(state, run, now))
        }
    }
}

fn job_row(state: &State, run: &Run, now: Timestamp) -> Value {
    let spec = &state.task_of(run).spec;
    let ended = (now >= run.ended()).then(|| run.ended());
    let status = ended.map_or("RUNNING", |_| run.outcome().status());
    let until = now.min(run.ended());
    let rows = results::rows(state, run, until);
    let asset = Asset { name: &spec.name, kind: spec.kind, location: &spec.folder, began: run.began, until };
    let error = ended.and_then(|_| results::error(state, run));
    asset_fields(state, &asset, ended, error, run.run_id.to_string().into())
        .put("erroredRows", rows.rejected)
        .put("rowsProcessed", rows.written)
        .then(|row| started(row, run.began, &run.origin))
        .put("status", status)
        .put("subtasks", 0)
        .put("updateTime", times::utc_seconds(ended.unwrap_or(now)))
        .into()
}

/// The fields with which rows of taskflows and of steps begin.
fn asset_fields(
    state: &State,
    asset: &Asset<'_>,
    ended: Option<Timestamp>,
    error: Option<String>,
    run_id: Value,
) -> Row {
    let seconds = times::elapsed(asset.began, asset.until).as_secs();
    let end = match (ended, state.scenario.quirks.taskflow_running_end) {
        (Some(ended), _) => Some(Value::from(times::utc_seconds(ended))),
        (None, NoEnd::TextNull) => Some("null".into()),
        (None, NoEnd::Empty) => Some("".into()),
        (None, NoEnd::Null) => Some(Value::Null),
        (None, NoEnd::Absent) => None,
    };
    Row::default()
        .put("assetName", asset.name)
        .put("assetType", asset.kind.code())
        .put("duration", seconds.to_string())
        .put_some("endTime", end)
        .put_some("errorMessage", error)
        .put("location", asset.location)
        .put("runId", run_id)
        .put("runtimeEnv", ids::environment(&state.scenario.org))
        .put("runtimeEnvName", "sandbox-agent")
}

fn started(row: Row, began: Timestamp, origin: &Origin) -> Row {
    row.put("startTime", times::utc_seconds(began)).put("startedBy", origin.by.as_deref().unwrap_or("scheduler"))
}

/// Resumes a suspended taskflow.
pub(crate) fn resume(state: &mut State, context: &Context<'_>, run_id: &str, skip: bool) -> Answer {
    let Some(index) = state.taskflow_runs.find(run_id) else {
        return no_taskflow_run(state, run_id, context.serial).into();
    };
    let mut jobs = Jobs { catalog: &state.catalog, runs: &mut state.runs };
    if !state.taskflow_runs.resume(&mut jobs, index, skip, context.now) {
        return errors::v3(400, "TASKFLOW_409", "The taskflow is not suspended.", context.serial).into();
    }
    Answer::new(Reply::empty(204), Effect::Resumed { run_id: run_id.to_owned(), skipped: skip })
}

/// Terminates the runs of a list.
pub(crate) fn terminate_list(state: &mut State, context: &Context<'_>) -> Answer {
    let body = context.request.json_object();
    let wanted = body.as_ref().and_then(|body| body.get("runid")).and_then(Value::as_array);
    let ids: Option<Vec<&str>> = wanted.and_then(|ids| ids.iter().map(Value::as_str).collect());
    match ids {
        Some(ids) if (1..=MOST_TERMINATED).contains(&ids.len()) => terminate(state, context, &ids),
        _ => {
            errors::v3(400, "TASKFLOW_400", "The body must be {\"runid\": [1 to 200 run IDs]}.", context.serial).into()
        }
    }
}

/// All of the runs, or none if one of them is unknown.
pub(crate) fn terminate(state: &mut State, context: &Context<'_>, ids: &[&str]) -> Answer {
    let mut indices = Vec::new();
    for id in ids {
        let Some(index) = state.taskflow_runs.find(id) else {
            return no_taskflow_run(state, id, context.serial).into();
        };
        indices.push(index);
    }
    let mut jobs = Jobs { catalog: &state.catalog, runs: &mut state.runs };
    indices.retain(|&index| state.taskflow_runs.terminate(&mut jobs, index, context.now, &context.user));
    let run_ids = indices.iter().map(|&index| state.taskflow_runs.all()[index].run_id.to_string()).collect();
    let body = json!({"runid": ids, "message": "The taskflow runs were terminated."});
    Answer::new(Reply::json(200, &body), Effect::Terminated { run_ids })
}

/// The fields of a row that are known before its end.
struct Asset<'p> {
    name: &'p str,
    kind: Kind,
    location: &'p str,
    began: Timestamp,
    /// Its end or halt, or the present.
    until: Timestamp,
}
