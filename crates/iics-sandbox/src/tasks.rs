//! The v2 calls that list and describe tasks. Leaves what exists to `catalog`.

use serde_json::{Value, json};

use super::catalog::Task;
use super::scenario::Kind;
use super::wire::{Reply, Row};
use super::{Asked, Sandbox, errors, ids, times};

impl Sandbox {
    /// The v2 list, which has no linear taskflows.
    pub(super) fn task_list(&self, asked: &Asked<'_>) -> Reply {
        let kind = asked.request.parameter("type").unwrap_or_default();
        let known = [Kind::Dss, Kind::Drs, Kind::Dmask, Kind::Mtt, Kind::Pcs];
        let Some(kind) = known.into_iter().find(|known| known.code().eq_ignore_ascii_case(&kind)) else {
            return errors::wrong_value("type");
        };
        let tasks = self.catalog.tasks.iter().filter(|task| task.spec.kind == kind);
        Reply::json(200, &tasks.map(|task| Value::from(self.head("baseTask", task))).collect())
    }

    /// One by ID, name or federated ID; without any, all of them with what the list tells of each.
    pub(super) fn mapping_task(&self, how: &[&str]) -> Reply {
        let mut all = self.catalog.tasks.iter().filter(|task| task.spec.kind == Kind::Mtt);
        let (found, unknown) = match how {
            [] => return Reply::json(200, &all.map(|task| Value::from(self.mapping_details(task, false))).collect()),
            ["name", name] => {
                (all.find(|task| task.spec.name == *name), errors::unknown_name(name, &self.scenario.org))
            }
            ["frs", id] => (all.find(|task| task.federated_id == *id), errors::unknown_id(id)),
            [id] => (all.find(|task| task.id == *id), errors::unknown_id(id)),
            _ => return self.unknown_path(),
        };
        found.map_or(unknown, |task| Reply::json(200, &self.mapping_details(task, true).into()))
    }

    fn mapping_details(&self, task: &Task, whole: bool) -> Row {
        let org = &self.scenario.org;
        self.head("mtTask", task)
            .put_some("agentId", whole.then(|| ids::v2(org, ids::AGENT, 10)))
            .put_some("runtimeEnvironmentId", whole.then(|| ids::v2(org, ids::ENVIRONMENT, 3)))
            .put("maxLogs", 10)
            .put("verbose", false)
            .put_some("mappingId", self.mapping_of(task).filter(|_| whole))
            .put("shortDescription", "")
            .put("sessionProperties", json!({}))
            .put("enableCrossSchemaPushdown", true)
            .put("enableParallelRun", false)
            .put("autoTunedApplied", false)
            .put("autoTunedAppliedType", "NONE")
            .put_some("paramFileType", whole.then_some("PARAM_FILE_LOCAL"))
            .put("schemaMode", "async")
            .put("parameterFileEncoding", "UTF-8")
            .put("serverlessProperties", json!({}))
            .put("parameters", json!([]))
            .put("sequences", json!([]))
            .put("inOutParameters", json!([]))
            .put("connRuntimeAttrs", json!([]))
    }

    fn mapping_of(&self, task: &Task) -> Option<&str> {
        let path = format!("{}/map_{}", task.spec.folder, task.spec.name);
        let mapping = self.catalog.objects.iter().find(|object| object.kind == "DTEMPLATE" && object.path == path);
        mapping.map(|mapping| mapping.context_id.as_str())
    }

    pub(super) fn workflow(&self, how: &[&str]) -> Reply {
        let mut all = self.catalog.tasks.iter().filter(|task| task.spec.kind == Kind::Workflow);
        let (found, unknown) = match how {
            [] => {
                return Reply::json(200, &all.map(|task| Value::from(self.taskflow(task))).collect());
            }
            ["name", name] => {
                (all.find(|task| task.spec.name == *name), errors::unknown_name(name, &self.scenario.org))
            }
            [id] => (all.find(|task| task.id == *id), errors::unknown_id(id)),
            _ => return self.unknown_path(),
        };
        found.map_or(unknown, |task| Reply::json(200, &self.taskflow(task).into()))
    }

    fn taskflow(&self, task: &Task) -> Row {
        let parts = task.parts.iter().enumerate().map(|(order, &part)| {
            let part = &self.catalog.tasks[part];
            json!({
                "@type": "workflowTask", "taskId": part.id, "type": part.spec.kind.code(), "name": part.spec.name,
                "stopOnError": true, "stopOnWarning": false, "order": order + 1,
            })
        });
        let parts: Vec<Value> = parts.collect();
        self.head("workflow", task).put("tasks", parts)
    }

    fn head(&self, kind: &str, task: &Task) -> Row {
        let changed = times::utc(self.catalog.changed);
        Row::of_type(kind)
            .put("id", task.id.as_str())
            .put("orgId", self.scenario.org.as_str())
            .put("name", task.spec.name.as_str())
            .put("description", "")
            .put("createTime", changed.as_str())
            .put("updateTime", changed.as_str())
            .put("createdBy", "admin")
            .put("updatedBy", "admin")
    }
}
