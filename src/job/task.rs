//! Tasks: how a person names one, and what is known of it.

use std::fmt;

use crate::job::kind::TaskType;

/// How a person names a task.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TaskSelector {
    /// The v2 ID.
    Id(String),
    /// The federated ID, which the v3 resources use.
    FederatedId(String),
    /// The bare name.
    Name(String),
    /// `Project/Folder/Name`, without a leading `Explore/`.
    Path(String),
}

impl TaskSelector {
    /// The kind of selector in the JSON document.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Id(_) => "id",
            Self::FederatedId(_) => "federated_id",
            Self::Name(_) => "name",
            Self::Path(_) => "path",
        }
    }
}

impl fmt::Display for TaskSelector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(formatter, "ID {id}"),
            Self::FederatedId(id) => write!(formatter, "federated ID {id}"),
            Self::Name(name) => write!(formatter, "name '{name}'"),
            Self::Path(path) => write!(formatter, "path '{path}'"),
        }
    }
}

/// A task as a person asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TaskQuery {
    pub selector: TaskSelector,
    /// None where the person gave no type.
    pub kind: Option<TaskType>,
}

/// What is known of a task. Fields are filled in while the service is asked about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Task {
    /// The v2 ID; of a file ingestion task, its ID of 22 characters.
    pub id: Option<String>,
    pub federated_id: Option<String>,
    pub name: Option<String>,
    /// Project, folder and name.
    pub path: Option<String>,
    pub kind: Option<TaskType>,
}

impl Task {
    /// Its path, else its name.
    pub fn path_or_name(&self) -> Option<&str> {
        self.path.as_deref().or(self.name.as_deref())
    }

    /// What messages call the task: its path, else its name, else an ID.
    pub fn label(&self) -> &str {
        [&self.path, &self.name, &self.id, &self.federated_id]
            .into_iter()
            .flatten()
            .next()
            .map_or("a task", String::as_str)
    }
}
