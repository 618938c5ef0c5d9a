//! The file ingestion resources: start, status, tasks and history.

use jiff::Timestamp;
use serde_json::Value;

use crate::catalog::Task;
use crate::context::{Answer, Context};
use crate::ingestion_runs::IngestionRun;
use crate::kind::{Kind, Outcome};
use crate::request_log::Effect;
use crate::state::State;
use crate::wire::{Reply, Row, text};
use crate::{errors, pages, times};

/// The default and the largest page of the history (documented).
const ROWS: usize = 25;
const MOST_ROWS: usize = 100;

fn tasks(state: &State) -> impl Iterator<Item = &Task> {
    state.catalog.tasks.iter().filter(|task| task.spec.kind == Kind::FileIngestion)
}

pub(crate) fn start(state: &mut State, context: &Context<'_>) -> Answer {
    let body = context.request.json_object().unwrap_or_default();
    let Some(id) = text(&body, "taskId") else {
        return errors::v3(400, "MFT_400", "The field taskId is required.", context.serial).into();
    };
    let is_it = |task: &Task| task.spec.kind == Kind::FileIngestion && task.federated_id == id;
    let Some(index) = state.catalog.tasks.iter().position(is_it) else {
        return unknown(id, context.serial).into();
    };
    let task = &state.catalog.tasks[index];
    let turn = 1 + state.ingestion_runs.count_of(index);
    let run_id = state.ingestion_runs.add(IngestionRun {
        task: index,
        began: context.now,
        ended: times::later(context.now, task.spec.takes),
        outcome: task.spec.outcome_of(turn),
        user: context.user.clone(),
    });
    let effect = Effect::Started { task_id: id.to_owned(), task: task.path(), run_id: run_id as u64, ran: true };
    let key = &state.scenario.quirks.ingestion_run_id_key;
    Answer::new(Reply::json(200, &Row::default().put(key, run_id_value(state, run_id)).into()), effect)
}

fn run_id_value(state: &State, run_id: usize) -> Value {
    if state.scenario.quirks.ingestion_run_id_text { run_id.to_string().into() } else { run_id.into() }
}

pub(crate) fn status(state: &State, context: &Context<'_>, run_id: &str) -> Reply {
    let Some(run) = state.ingestion_runs.find(run_id) else { return unknown(run_id, context.serial) };
    let body = Row::default()
        .put("jobStatus", run.status(context.now))
        .put_some("errorMessage", run_error(state, run, context.now));
    Reply::json(200, &body.into())
}

fn run_error<'s>(state: &'s State, run: &IngestionRun, now: Timestamp) -> Option<&'s str> {
    let own = state.catalog.tasks[run.task].spec.error.as_deref();
    let failed = run.outcome == Outcome::Failure && now >= run.ended;
    failed.then(|| own.unwrap_or("The source directory cannot be read."))
}

pub(crate) fn task_list(state: &State) -> Reply {
    Reply::json(200, &tasks(state).map(|task| Value::from(task_row(state, task))).collect())
}

pub(crate) fn task_by_id(state: &State, context: &Context<'_>, id: &str) -> Reply {
    match tasks(state).find(|task| task.federated_id == id) {
        Some(task) => Reply::json(200, &task_row(state, task).into()),
        None => unknown(id, context.serial),
    }
}

fn task_row(state: &State, task: &Task) -> Row {
    let changed = times::utc_seconds(state.catalog.changed);
    Row::default()
        .put("id", task.federated_id.as_str())
        .put("name", task.spec.name.as_str())
        .put("description", "")
        .put("location", task.spec.folder.as_str())
        .put("createTime", changed.as_str())
        .put("updateTime", changed.as_str())
        .put("createdBy", "admin")
        .put("updatedBy", "admin")
}

/// The runs of a task, or one run: one of the two must be given (documented). Newest first.
pub(crate) fn history(state: &State, context: &Context<'_>) -> Reply {
    let (task_id, run_id) = (context.request.given("taskId"), context.request.given("runId"));
    if task_id.is_none() && run_id.is_none() {
        return errors::v3(400, "MFT_400", "The parameter taskId or runId is required.", context.serial);
    }
    let fits = |(id, run): &(usize, &IngestionRun)| {
        task_id.as_ref().is_none_or(|task_id| state.catalog.tasks[run.task].federated_id == *task_id)
            && run_id.as_ref().is_none_or(|run_id| id.to_string() == *run_id)
    };
    let found = state.ingestion_runs.oldest_first().rev().filter(fits);
    let page = pages::page(found, context.request, ["offset", "rowLimit"], ROWS, MOST_ROWS);
    Reply::json(200, &page.map(|(id, run)| history_row(state, id, run, context.now)).collect())
}

fn history_row(state: &State, run_id: usize, run: &IngestionRun, now: Timestamp) -> Value {
    let task = &state.catalog.tasks[run.task];
    Row::default()
        .put("runId", run_id_value(state, run_id))
        .put("taskId", task.federated_id.as_str())
        .put("taskName", task.spec.name.as_str())
        .put("jobStatus", run.status(now))
        .put("startTime", times::utc_seconds(run.began))
        .put_some("endTime", (now >= run.ended).then(|| times::utc_seconds(run.ended)))
        .put("startedBy", run.user.as_str())
        .put_some("errorMessage", run_error(state, run, now))
        .into()
}

fn unknown(id: &str, serial: usize) -> Reply {
    errors::v3(404, "MFT_404", &format!("There is no object {id}."), serial)
}
