//! What exists: tasks, folders and mappings, and the calls that find them. Leaves runs to `runs`.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::scenario::{Kind, Missing, Scenario, TaskSpec};
use super::wire::{Reply, Row, text};
use super::{Asked, Sandbox, errors, ids, times};

/// A task, with its place and its IDs.
#[derive(Debug)]
pub(super) struct Task {
    pub id: String,
    pub federated_id: String,
    pub spec: TaskSpec,
    pub parts: Vec<usize>,
}

impl Task {
    pub(super) fn path(&self) -> String {
        format!("{}/{}", self.spec.folder, self.spec.name)
    }
}

/// An object that is no task.
#[derive(Debug)]
struct Thing {
    id: String,
    kind: &'static str,
    path: String,
}

/// Everything that can be found.
#[derive(Debug)]
pub(super) struct Catalog {
    pub tasks: Vec<Task>,
    things: Vec<Thing>,
    changed: Timestamp,
}

impl Catalog {
    pub(super) fn new(scenario: &Scenario, now: Timestamp) -> Self {
        let parts = |spec: &TaskSpec| {
            let of = |name: &String| {
                let same = |other: &&TaskSpec| other.name == *name;
                let near = scenario.task.iter().position(|other| same(&other) && other.folder == spec.folder);
                near.or_else(|| scenario.task.iter().position(|other| same(&other)))
            };
            spec.parts.iter().filter_map(of).collect()
        };
        let tasks = scenario.task.iter().enumerate().map(|(index, spec)| Task {
            id: ids::v2(&scenario.org, spec.kind.id_code(), index + 1),
            federated_id: ids::opaque(&["task", &index.to_string(), &spec.name]),
            parts: parts(spec),
            spec: spec.clone(),
        });
        let mut catalog = Self {
            tasks: tasks.collect(),
            things: Vec::new(),
            changed: times::earlier(now, Duration::from_secs(864_000)),
        };
        catalog.add_things();
        catalog
    }

    /// The projects and folders that the tasks lie in, a mapping for each mapping task, and a connection.
    fn add_things(&mut self) {
        let mut places: Vec<(&'static str, String)> = vec![("CONNECTION", "ff_local".to_owned())];
        for task in &self.tasks {
            let mut parts = task.spec.folder.split('/');
            if let Some(project) = parts.next() {
                places.push(("PROJECT", project.to_owned()));
            }
            if parts.next().is_some() {
                places.push(("FOLDER", task.spec.folder.clone()));
            }
            if task.spec.kind == Kind::Mtt {
                places.push(("DTEMPLATE", format!("{}/map_{}", task.spec.folder, task.spec.name)));
            }
        }
        places.sort();
        places.dedup();
        let thing = |(kind, path): (&'static str, String)| Thing { id: ids::opaque(&[kind, &path]), kind, path };
        self.things = places.into_iter().map(thing).collect();
    }

    /// The task that a start or stop addresses, or the service's refusal.
    pub(super) fn addressed(&self, body: &Map<String, Value>, scenario: &Scenario) -> Result<usize, Reply> {
        let Some(kind) = text(body, "taskType") else { return Err(errors::wrong_value("taskType")) };
        let found = if let Some(id) = text(body, "taskId") {
            self.tasks.iter().position(|task| task.id == id).ok_or_else(|| errors::unknown_id(id))?
        } else if let Some(id) = text(body, "taskFederatedId") {
            self.tasks.iter().position(|task| task.federated_id == id).ok_or_else(|| errors::unknown_id(id))?
        } else if let Some(name) = text(body, "taskName") {
            let fits = |task: &Task| {
                task.spec.name == name
                    && task.spec.kind.code().eq_ignore_ascii_case(kind)
                    && (scenario.quirks.name_anywhere || task.spec.folder == "Default")
            };
            self.tasks.iter().position(fits).ok_or_else(|| errors::unknown_name(name, &scenario.org))?
        } else {
            return Err(errors::v2(403, "APP_13533", "A task ID, a federated task ID or a task name is required."));
        };
        if self.tasks[found].spec.kind.code().eq_ignore_ascii_case(kind) {
            Ok(found)
        } else {
            Err(errors::wrong_value("taskType"))
        }
    }

    /// Every object as `objects` shows it: ID, path, type.
    fn objects(&self) -> impl Iterator<Item = (&str, String, &'static str)> {
        let tasks = self.tasks.iter().map(|task| (task.federated_id.as_str(), task.path(), task.spec.kind.code()));
        let things = self.things.iter().map(|thing| (thing.id.as_str(), thing.path.clone(), thing.kind));
        tasks.chain(things)
    }

    fn object(&self, (id, path, kind): (&str, String, &str)) -> Row {
        Row::default()
            .put("id", id)
            .put("path", path)
            .put("type", kind)
            .put("description", "")
            .put("updatedBy", "admin")
            .put("updateTime", times::utc_seconds(self.changed))
    }
}

impl Sandbox {
    pub(super) fn lookup(&self, asked: &Asked<'_>) -> Reply {
        let Some(body) = asked.request.json_object() else { return errors::malformed() };
        let wanted = body.get("objects").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut found: Vec<Value> = Vec::new();
        for object in wanted.iter().filter_map(Value::as_object) {
            let (id, path, kind) = (text(object, "id"), text(object, "path"), text(object, "type"));
            let hit = self.catalog.objects().find(|(known, place, sort)| match (id, path, kind) {
                (Some(id), ..) => *known == id,
                (None, Some(path), Some(kind)) => place == path && sort.eq_ignore_ascii_case(kind),
                _ => false,
            });
            match (hit, self.scenario.quirks.lookup_missing) {
                (Some(hit), _) => found.push(self.catalog.object(hit).into()),
                (None, Missing::Omit) => {}
                (None, how) => {
                    let status = if how == Missing::Error { 400 } else { 404 };
                    let what = path.or(id).unwrap_or_default();
                    let message = format!("Unable to find the object {what}.");
                    return errors::v3(status, "LookupServiceV3APIError_01", &message, None, asked.serial);
                }
            }
        }
        Reply::json(200, &json!({"objects": found}))
    }

    pub(super) fn objects(&self, asked: &Asked<'_>) -> Reply {
        let number = |name: &str| asked.request.parameter(name).and_then(|text| text.parse::<usize>().ok());
        let limit = number("limit").unwrap_or(200).min(200);
        let query = asked.request.parameter("q").unwrap_or_default();
        let Some(terms) = terms(&query) else {
            let message = format!("Invalid query parameter: {query}");
            return errors::v3(400, "V3API_ObjectsListError_03", &message, None, asked.serial);
        };
        for (_, _, place) in terms.iter().filter(|(field, ..)| field == "location") {
            if !self.catalog.things.iter().any(|thing| thing.path == *place && thing.kind != "CONNECTION") {
                let message = format!("Invalid query parameter: Unable to find location : {place} specified.");
                return errors::v3(400, "V3API_ObjectsListError_03", &message, None, asked.serial);
            }
        }
        let changed = times::utc_seconds(self.catalog.changed);
        let fits = |path: &str, kind: &str| {
            terms.iter().all(|(field, operator, value)| {
                let location = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                let equal = match field.as_str() {
                    "type" => kind.eq_ignore_ascii_case(value),
                    "location" => location == value,
                    "updatedBy" => value == "admin",
                    "updateTime" => changed.as_str() == value,
                    _ => false,
                };
                match operator.as_str() {
                    "!=" => !equal,
                    "<" => changed.as_str() < value.as_str(),
                    ">" => changed.as_str() > value.as_str(),
                    "<=" => changed.as_str() <= value.as_str(),
                    ">=" => changed.as_str() >= value.as_str(),
                    _ => equal,
                }
            })
        };
        let found = self.catalog.objects().filter(|(_, path, kind)| fits(path, kind));
        let page: Vec<Value> = found
            .skip(number("skip").unwrap_or(0))
            .take(limit)
            .map(|object| {
                let row = self.catalog.object(object);
                row.put("tags", json!([])).put("sourceControl", Value::Null).put("customAttributes", Value::Null).into()
            })
            .collect();
        Reply::json(200, &json!({"count": page.len(), "objects": page}))
    }

    pub(super) fn references(&self, asked: &Asked<'_>, id: &str) -> Reply {
        let uses = asked.request.parameter("refType").is_none_or(|kind| !kind.eq_ignore_ascii_case("usedBy"));
        let tasks = &self.catalog.tasks;
        let Some(index) = tasks.iter().position(|task| task.federated_id == id) else {
            let message = format!("Unable to find the object {id}.");
            return errors::v3(404, "V3API_ObjectsReferenceError_01", &message, None, asked.serial);
        };
        let related: Vec<usize> = if uses {
            tasks[index].parts.clone()
        } else {
            (0..tasks.len()).filter(|&other| tasks[other].parts.contains(&index)).collect()
        };
        let references: Vec<Value> = related
            .iter()
            .map(|&other| {
                json!({
                    "id": tasks[other].federated_id, "appContextId": tasks[other].id, "path": tasks[other].path(),
                    "documentType": tasks[other].spec.kind.code(), "description": "",
                    "lastUpdatedTime": times::utc_seconds(self.catalog.changed),
                })
            })
            .collect();
        Reply::json(200, &json!({"count": references.len(), "@id": id, "references": references}))
    }

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

    pub(super) fn mapping_task(&self, asked: &Asked<'_>, how: &[&str]) -> Reply {
        let fits: Box<dyn Fn(&&super::catalog::Task) -> bool> = match how {
            ["name", name] => Box::new(move |task| task.spec.name == *name),
            ["frs", id] => Box::new(move |task| task.federated_id == *id),
            [id] => Box::new(move |task| task.id == *id),
            _ => return errors::unknown_path(),
        };
        match (self.catalog.tasks.iter().filter(|task| task.spec.kind == Kind::Mtt).find(fits), how) {
            (Some(task), _) => {
                let org = &self.scenario.org;
                let body = self
                    .head("mtTask", task)
                    .put("runtimeEnvironmentId", ids::v2(org, ids::ENVIRONMENT, 3))
                    .put("mappingId", ids::v2(org, "17", 1))
                    .put("enableParallelRun", false)
                    .put("paramFileType", "PARAM_FILE_LOCAL")
                    .put("parameters", json!([]));
                Reply::json(200, &body.into())
            }
            (None, ["name", name]) => errors::unknown_name(name, &self.scenario.org),
            (None, _) => errors::unknown_id(how.last().unwrap_or(&asked.user.as_str())),
        }
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
            _ => return errors::unknown_path(),
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

/// The terms of a filter: field, operator, value. Values stand in either quotes or bare.
fn terms(query: &str) -> Option<Vec<(String, String, String)>> {
    let query = query.trim();
    if query.is_empty() {
        return Some(Vec::new());
    }
    let mut found = Vec::new();
    let mut rest = query;
    loop {
        let end = rest.find(|letter: char| "=!<>".contains(letter))?;
        let (field, tail) = rest.split_at(end);
        let operator = ["==", "!=", "<=", ">=", "<", ">"].into_iter().find(|operator| tail.starts_with(operator))?;
        let tail = tail[operator.len()..].trim_start();
        let quote = tail.chars().next().filter(|letter| matches!(letter, '\'' | '"'));
        let (value, tail) = if let Some(quote) = quote {
            tail[1..].split_once(quote)?
        } else {
            let end = tail.to_lowercase().find(" and ").unwrap_or(tail.len());
            (tail[..end].trim_end(), &tail[end..])
        };
        found.push((field.trim().to_owned(), operator.to_owned(), value.to_owned()));
        let tail = tail.trim_start();
        if tail.is_empty() {
            return Some(found);
        }
        rest = tail.strip_prefix("and ").or_else(|| tail.strip_prefix("AND "))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_in_every_quoting() {
        let term = |field: &str, value: &str| (field.to_owned(), "==".to_owned(), value.to_owned());
        let both = vec![term("type", "MTT"), term("location", "Sales/Nightly")];
        for query in [
            "type=='MTT' and location=='Sales/Nightly'",
            "type==\"MTT\" and location==\"Sales/Nightly\"",
            "type==MTT and location==Sales/Nightly",
        ] {
            assert_eq!(terms(query), Some(both.clone()), "{query}");
        }
        assert_eq!(terms(""), Some(vec![]));
        for query in ["type", "type='MTT'", "type=='MTT", "type=='MTT' or x"] {
            assert_eq!(terms(query), None, "{query}");
        }
    }
}
