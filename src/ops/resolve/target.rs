//! A task that was found, and how requests address it.

use crate::job::{Engine, Task, TaskQuery, TaskSelector, TaskType};
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::Hint;

/// A task that can be started or stopped.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// How it is sent.
    pub selector: TaskSelector,
    pub kind: TaskType,
    pub task: Task,
}

impl Target {
    /// The task as it was named, for the service to resolve.
    pub(crate) fn as_named(query: &TaskQuery, kind: TaskType) -> Self {
        Self { selector: query.selector.clone(), kind, task: task_of(query, kind) }
    }

    /// A task of a path or a federated ID is sent by its federated ID.
    pub(crate) fn by_federated_id(query: &TaskQuery, task: Task) -> Result<Self, Failure> {
        let (Some(kind), Some(id)) = (task.kind, task.federated_id.clone()) else {
            return Err(Failure::of(
                Exit::NotFound,
                format!("the task with the {} has no federated ID", query.selector),
            ));
        };
        if let Some(given) = query.kind.filter(|given| *given != kind) {
            let what = format!("the task with the {} is of type {kind}, not {given}", query.selector);
            return Err(Failure::of(Exit::NotFound, what).hint(format!("use -t {kind}, or omit -t")));
        }
        Ok(Self { selector: TaskSelector::FederatedId(id), kind, task })
    }

    /// The ID under which keys and recent runs of the task are kept; of a taskflow, its API name.
    pub(crate) fn key_id(&self) -> Option<&str> {
        match (self.kind.engine(), &self.selector) {
            (Engine::Jobs, _) => self.task.id.as_deref(),
            (
                Engine::Taskflows | Engine::Ingestion,
                TaskSelector::Id(word) | TaskSelector::FederatedId(word) | TaskSelector::Name(word),
            ) => Some(word),
            (Engine::Taskflows | Engine::Ingestion, TaskSelector::Path(_)) => None,
        }
    }

    /// The same ID, for work that is impossible without it.
    pub(crate) fn known_id(&self) -> Result<&str, Failure> {
        self.key_id().ok_or_else(|| {
            Failure::of(Exit::NotFound, format!("the ID of {} is unknown", self.task.label())).hint(
                Hint::from("name the task by --id; to see the IDs: ")
                    .then(Hint::command(format!("find -t {}", self.kind))),
            )
        })
    }
}

/// What a query says of its task.
pub(crate) fn task_of(query: &TaskQuery, kind: impl Into<Option<TaskType>>) -> Task {
    let mut task = Task { kind: kind.into(), ..Task::default() };
    match query.selector.clone() {
        TaskSelector::Id(id) => task.id = Some(id),
        TaskSelector::FederatedId(id) => task.federated_id = Some(id),
        TaskSelector::Name(name) => task.name = Some(name),
        TaskSelector::Path(path) => task.path = Some(path),
    }
    task
}
