//! All runs by their handles, as whoever controls the sandbox sees them, and their ends by command.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::ingestion_runs::IngestionRun;
use crate::kind::{Kind, Outcome};
use crate::runs::Run;
use crate::state::State;
use crate::taskflow_runs::{Jobs, TaskflowRun};
use crate::wire::Row;

/// Why a run cannot be ended.
pub(crate) enum Refusal {
    Unknown,
    Impossible(&'static str),
}

const OVER: Refusal = Refusal::Impossible("The run has ended already.");
const PART: Refusal = Refusal::Impossible("A taskflow started the run: end the taskflow.");
const NOT_SUSPENDED: Refusal = Refusal::Impossible("Only a taskflow can be suspended.");

/// What has begun: jobs, then taskflows, then file ingestion, each in the order of the starts.
pub(crate) fn all(state: &State, now: Timestamp) -> Vec<Value> {
    let jobs = state.runs.all().iter().filter(|run| run.began <= now).map(|run| job(state, run, now));
    let flows = state.taskflow_runs.all().iter().filter(|flow| flow.began <= now);
    let flows = flows.map(|flow| taskflow(state, flow, now));
    let ingestions = state.ingestion_runs.oldest_first().map(|(id, run)| ingestion(state, id, run, now));
    jobs.chain(flows).chain(ingestions).collect()
}

/// Ends a run now, or suspends it. Gives what it is then.
pub(crate) fn end(state: &mut State, handle: &str, outcome: Outcome, now: Timestamp) -> Result<Value, Refusal> {
    match handle.split('/').collect::<Vec<_>>()[..] {
        ["TASKFLOW", run_id] => end_taskflow(state, run_id, outcome, now),
        [kind, ..] if outcome == Outcome::Suspended && kind != "TASKFLOW" => Err(NOT_SUSPENDED),
        ["FILE_INGESTION", task_id, run_id] => end_ingestion(state, task_id, run_id, outcome, now),
        [kind, task_id, run_id] => end_job(state, kind, task_id, run_id, outcome, now),
        _ => Err(Refusal::Unknown),
    }
}

fn end_job(
    state: &mut State,
    kind: &str,
    task_id: &str,
    run_id: &str,
    outcome: Outcome,
    now: Timestamp,
) -> Result<Value, Refusal> {
    let is_it = |run: &Run| {
        let task = &state.catalog.tasks[run.task];
        task.spec.kind.code() == kind && task.id == task_id && run.run_id.to_string() == run_id
    };
    let run = state.runs.latest(is_it).ok_or(Refusal::Unknown)?;
    if !run.is_active(now) {
        return Err(OVER);
    }
    if run.origin.taskflow.is_some() {
        return Err(PART);
    }
    run.end(outcome, now);
    let serial = run.serial;
    state.runs.numbered(serial).map(|run| job(state, run, now)).ok_or(Refusal::Unknown)
}

fn end_taskflow(state: &mut State, run_id: &str, outcome: Outcome, now: Timestamp) -> Result<Value, Refusal> {
    let index = state.taskflow_runs.find(run_id).ok_or(Refusal::Unknown)?;
    let flow = &state.taskflow_runs.all()[index];
    if flow.origin.taskflow.is_some() {
        return Err(PART);
    }
    if !flow.is_open(now) {
        return Err(OVER);
    }
    let mut jobs = Jobs { catalog: &state.catalog, runs: &mut state.runs };
    state.taskflow_runs.end(&mut jobs, index, outcome, now);
    Ok(taskflow(state, &state.taskflow_runs.all()[index], now))
}

fn end_ingestion(
    state: &mut State,
    task_id: &str,
    run_id: &str,
    outcome: Outcome,
    now: Timestamp,
) -> Result<Value, Refusal> {
    let (id, run) = state.ingestion_runs.find_mut(run_id).ok_or(Refusal::Unknown)?;
    if state.catalog.tasks[run.task].federated_id != task_id {
        return Err(Refusal::Unknown);
    }
    if now >= run.ended {
        return Err(OVER);
    }
    (run.ended, run.outcome) = (now, outcome);
    let run = state.ingestion_runs.find(run_id).ok_or(Refusal::Unknown)?;
    Ok(ingestion(state, id, run, now))
}

/// The fields of every row. An end and an outcome come with the end.
fn row(handle: String, task: String, began: Timestamp, state: &str) -> Row {
    Row::default().put("handle", handle).put("task", task).put("began", began.to_string()).put("state", state)
}

fn job(state: &State, run: &Run, now: Timestamp) -> Value {
    let task = state.task_of(run);
    let handle = format!("{}/{}/{}", task.spec.kind.code(), task.id, run.run_id);
    let ended = (now >= run.ended()).then(|| run.ended());
    row(handle, task.path(), run.began, if ended.is_some() { "ended" } else { "running" })
        .put_some("ended", ended.map(|ended| ended.to_string()))
        .put_some("outcome", ended.map(|_| json!(run.outcome())))
        .put("in_monitor", run.is_in_monitor(now, state.timing_of(run)))
        .put("in_log", run.is_in_log(now, state.timing_of(run)))
        .put_some("taskflow", run.origin.taskflow.as_deref())
        .into()
}

fn taskflow(state: &State, flow: &TaskflowRun, now: Timestamp) -> Value {
    let task = &state.catalog.tasks[flow.task];
    let handle = format!("{}/{}", Kind::Taskflow.code(), flow.run_id);
    let (word, outcome) = match flow.halted(now) {
        None => ("running", None),
        Some(Outcome::Suspended) => ("suspended", None),
        Some(outcome) => ("ended", Some(outcome)),
    };
    row(handle, task.path(), flow.began, word)
        .put_some("ended", outcome.map(|_| flow.halts_at.to_string()))
        .put_some("outcome", outcome.map(|outcome| json!(outcome)))
        .put_some("taskflow", flow.origin.taskflow.as_deref())
        .into()
}

fn ingestion(state: &State, id: usize, run: &IngestionRun, now: Timestamp) -> Value {
    let task = &state.catalog.tasks[run.task];
    let handle = format!("FILE_INGESTION/{}/{id}", task.federated_id);
    let ended = (now >= run.ended).then_some(run.ended);
    row(handle, task.path(), run.began, if ended.is_some() { "ended" } else { "running" })
        .put_some("ended", ended.map(|ended| ended.to_string()))
        .put_some("outcome", ended.map(|_| json!(run.outcome)))
        .into()
}
