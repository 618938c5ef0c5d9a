//! The v2 calls that list and describe tasks.

use serde_json::{Value, json};

use crate::catalog::Task;
use crate::context::Context;
use crate::kind::Kind;
use crate::state::State;
use crate::wire::{Reply, Row};
use crate::{errors, ids, times};

/// The v2 list. That it has linear taskflows too is not documented.
pub(crate) fn list(state: &State, context: &Context<'_>) -> Reply {
    let kind = context.request.parameter("type").unwrap_or_default();
    let known = [Kind::Dss, Kind::Drs, Kind::Dmask, Kind::Mtt, Kind::Pcs];
    let more = state.scenario.quirks.workflow_in_task_list.then_some(Kind::Workflow);
    let Some(kind) = known.into_iter().chain(more).find(|known| known.code().eq_ignore_ascii_case(&kind)) else {
        return errors::wrong_value("type");
    };
    let tasks = state.catalog.tasks.iter().filter(|task| task.spec.kind == kind);
    Reply::json(200, &tasks.map(|task| Value::from(head(state, "baseTask", task))).collect())
}

/// One by ID, name or federated ID; all of them, with fewer fields, if none is given.
pub(crate) fn mapping_tasks(state: &State, by: &[&str]) -> Reply {
    let mut all = state.catalog.tasks.iter().filter(|task| task.spec.kind == Kind::Mtt);
    let (found, unknown) = match by {
        [] => return Reply::json(200, &all.map(|task| Value::from(mapping_details(state, task, false))).collect()),
        ["name", name] => (all.find(|task| task.spec.name == *name), errors::unknown_name(name, &state.scenario.org)),
        ["frs", id] => (all.find(|task| task.federated_id == *id), errors::unknown_id(id)),
        [id] => (all.find(|task| task.id == *id), errors::unknown_id(id)),
        _ => return errors::unknown_path(state.scenario.quirks.unknown_path_status),
    };
    found.map_or(unknown, |task| Reply::json(200, &mapping_details(state, task, true).into()))
}

fn mapping_details(state: &State, task: &Task, in_full: bool) -> Row {
    let org = &state.scenario.org;
    head(state, "mtTask", task)
        .put_some("agentId", in_full.then(|| ids::agent(org)))
        .put_some("runtimeEnvironmentId", in_full.then(|| ids::environment(org)))
        .put("maxLogs", 10)
        .put("verbose", false)
        .put_some("mappingId", mapping_of(state, task).filter(|_| in_full))
        .put("shortDescription", "")
        .put("sessionProperties", json!({}))
        .put("enableCrossSchemaPushdown", true)
        .put("enableParallelRun", false)
        .put("autoTunedApplied", false)
        .put("autoTunedAppliedType", "NONE")
        .put_some("paramFileType", in_full.then_some("PARAM_FILE_LOCAL"))
        .put("schemaMode", "async")
        .put("parameterFileEncoding", "UTF-8")
        .put("serverlessProperties", json!({}))
        .put("parameters", json!([]))
        .put("sequences", json!([]))
        .put("inOutParameters", json!([]))
        .put("connRuntimeAttrs", json!([]))
}

fn mapping_of<'s>(state: &'s State, task: &Task) -> Option<&'s str> {
    let path = format!("{}/map_{}", task.spec.folder, task.spec.name);
    let mapping = state.catalog.objects.iter().find(|object| object.kind == "DTEMPLATE" && object.path == path);
    mapping.map(|mapping| mapping.context_id.as_str())
}

pub(crate) fn linear_taskflows(state: &State, by: &[&str]) -> Reply {
    let mut all = state.catalog.tasks.iter().filter(|task| task.spec.kind == Kind::Workflow);
    let (found, unknown) = match by {
        [] => {
            return Reply::json(200, &all.map(|task| Value::from(taskflow(state, task))).collect());
        }
        ["name", name] => (all.find(|task| task.spec.name == *name), errors::unknown_name(name, &state.scenario.org)),
        [id] => (all.find(|task| task.id == *id), errors::unknown_id(id)),
        _ => return errors::unknown_path(state.scenario.quirks.unknown_path_status),
    };
    found.map_or(unknown, |task| Reply::json(200, &taskflow(state, task).into()))
}

fn taskflow(state: &State, task: &Task) -> Row {
    let parts = task.parts.iter().enumerate().map(|(order, &part)| {
        let part = &state.catalog.tasks[part];
        json!({
            "@type": "workflowTask", "taskId": part.id, "type": part.spec.kind.code(), "name": part.spec.name,
            "stopOnError": true, "stopOnWarning": false, "order": order + 1,
        })
    });
    let parts: Vec<Value> = parts.collect();
    head(state, "workflow", task).put("tasks", parts)
}

fn head(state: &State, kind: &str, task: &Task) -> Row {
    let changed = times::utc(state.catalog.changed);
    Row::of_type(kind)
        .put("id", task.id.as_str())
        .put("orgId", state.scenario.org.as_str())
        .put("name", task.spec.name.as_str())
        .put("description", "")
        .put("createTime", changed.as_str())
        .put("updateTime", changed.as_str())
        .put("createdBy", "admin")
        .put("updatedBy", "admin")
}
