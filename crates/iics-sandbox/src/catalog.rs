//! Everything that can be found: tasks, mappings, projects, folders, a connection and an agent.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::kind::Kind;
use crate::quirks::Timing;
use crate::scenario::{Scenario, TaskSpec};
use crate::wire::{Reply, text};
use crate::{errors, ids, times};

#[derive(Debug)]
pub(crate) struct Task {
    pub id: String,
    pub federated_id: String,
    pub spec: TaskSpec,
    /// Successive runs take these in turn.
    timings: Vec<Timing>,
    pub parts: Vec<usize>,
}

impl Task {
    pub(crate) fn path(&self) -> String {
        format!("{}/{}", self.spec.folder, self.spec.name)
    }

    pub(crate) fn timing_of(&self, run_id: u64) -> &Timing {
        let turn = run_id % self.timings.len() as u64;
        &self.timings[usize::try_from(turn).unwrap_or(0)]
    }
}

/// An object as the v3 calls show it.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub id: String,
    /// The ID in the v2 calls.
    pub context_id: String,
    pub path: String,
    /// The type as lookup spells it.
    pub kind: &'static str,
    /// The type as references spell it.
    pub document_type: &'static str,
    /// The federated IDs of the objects that it uses.
    pub uses: Vec<String>,
    /// Only taskflows have this.
    pub published: Option<bool>,
}

impl Object {
    /// Connections and agents have none in recorded answers; everything else has an empty one.
    pub(crate) fn description(&self) -> Option<&'static str> {
        let is_bare = matches!(self.kind, "Connection" | "AGENT");
        (!is_bare).then_some("")
    }

    pub(crate) fn location(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

#[derive(Debug)]
pub(crate) struct Catalog {
    pub tasks: Vec<Task>,
    /// In the order in which they are listed.
    pub objects: Vec<Object>,
    /// The update time of every object.
    pub changed: Timestamp,
}

impl Catalog {
    pub(crate) fn new(scenario: &Scenario, now: Timestamp) -> Self {
        let tasks = scenario.task.iter().enumerate().map(|(index, spec)| Task {
            id: ids::v2(&scenario.org, spec.kind.id_code(), index + 1),
            federated_id: ids::opaque(&["task", &index.to_string(), &spec.name]),
            parts: scenario.parts(spec).collect(),
            timings: if scenario.harsh {
                spec.timing(&scenario.timing).harsh()
            } else {
                vec![spec.timing(&scenario.timing)]
            },
            spec: spec.clone(),
        });
        let tasks: Vec<Task> = tasks.collect();
        let objects = objects(&scenario.org, &tasks);
        Self { tasks, objects, changed: times::earlier(now, Duration::from_secs(864_000)) }
    }

    /// The task that a start or stop addresses, or the service's refusal.
    pub(crate) fn addressed(&self, body: &Map<String, Value>, scenario: &Scenario) -> Result<usize, Reply> {
        let Some(kind) = text(body, "taskType") else { return Err(errors::wrong_value("taskType")) };
        let place = |fits: &dyn Fn(&Task) -> bool| self.tasks.iter().position(fits);
        let quirks = &scenario.quirks;
        let found = if let Some(id) = text(body, "taskId") {
            let here = |task: &Task| quirks.id_anywhere || task.spec.folder == "Default";
            place(&|task| task.id == id && here(task)).ok_or_else(|| errors::unknown_id(id))?
        } else if let Some(id) = text(body, "taskFederatedId") {
            place(&|task| task.federated_id == id).ok_or_else(|| errors::unknown_id(id))?
        } else if let Some(name) = text(body, "taskName") {
            let here = |task: &Task| quirks.name_anywhere || task.spec.folder == "Default";
            let is_it = |task: &Task| task.spec.name == name && task.spec.kind.code().eq_ignore_ascii_case(kind);
            place(&|task| is_it(task) && here(task)).ok_or_else(|| errors::unknown_name(name, &scenario.org))?
        } else {
            return Err(errors::v2(403, "APP_13533", "A task ID, a federated task ID or a task name is required."));
        };
        let found_kind = self.tasks[found].spec.kind;
        if found_kind.is_job() && found_kind.code().eq_ignore_ascii_case(kind) {
            Ok(found)
        } else {
            Err(errors::wrong_value("taskType"))
        }
    }
}

/// The tasks, a mapping for each mapping task, the projects and folders that they lie in, a connection and an agent.
fn objects(org: &str, tasks: &[Task]) -> Vec<Object> {
    let thing = |kind: &'static str, document_type: &'static str, context_id: String, path: &str| Object {
        id: ids::opaque(&[kind, path]),
        context_id,
        path: path.to_owned(),
        kind,
        document_type,
        uses: Vec::new(),
        published: None,
    };
    let connection = thing("Connection", "SAAS_CONNECTION", ids::v2(org, ids::CONNECTION, 1), "ff_local");
    let agent = thing("AGENT", "SAAS_RUNTIME_ENVIRONMENT", ids::environment(org), "sandbox-agent");
    let mut found = Vec::new();
    let mut places = Vec::new();
    for task in tasks {
        let mut uses: Vec<String> = task.parts.iter().map(|&part| tasks[part].federated_id.clone()).collect();
        let mut folders = task.spec.folder.split('/');
        places.extend(folders.next().map(|project| ("PROJECT", project)));
        places.extend(folders.next().map(|_| ("FOLDER", task.spec.folder.as_str())));
        if task.spec.kind == Kind::Mtt {
            let path = format!("{}/map_{}", task.spec.folder, task.spec.name);
            let mapping = thing("DTEMPLATE", "MAPPING", ids::v2(org, ids::MAPPING, found.len() + 1), &path);
            uses.extend([&connection, &mapping, &agent].map(|used| used.id.clone()));
            found.push(mapping);
        }
        found.push(Object {
            id: task.federated_id.clone(),
            context_id: task.id.clone(),
            path: task.path(),
            kind: task.spec.kind.code(),
            document_type: task.spec.kind.code(),
            uses,
            published: (task.spec.kind == Kind::Taskflow).then_some(task.spec.published),
        });
    }
    places.sort_unstable();
    places.dedup();
    found.extend(places.into_iter().map(|(kind, path)| thing(kind, kind, ids::opaque(&["place", path]), path)));
    found.extend([connection, agent]);
    found
}
