//! Finding a task by its name or its ID in the lists of tasks. They know no folders, and each type has its own.

use futures_util::{StreamExt, stream};

use crate::api::transport::Operation;
use crate::api::{self, Error};
use crate::job::{Engine, Task, TaskQuery, TaskSelector, TaskType};
use crate::ops::ctx::Ctx;
use crate::ops::resolve::not_found::{LISTS_AT_ONCE, not_found, several};
use crate::ops::resolve::target::Target;
use crate::support::failure::Failure;

/// Finds the task of any type that has this name.
pub(crate) async fn by_name(ctx: &Ctx<'_>, query: &TaskQuery, name: &str) -> Result<Target, Failure> {
    let has_name = |task: &Task| task.name.as_deref() == Some(name);
    let found = in_lists(ctx, &TaskType::ALL, has_name).await?;
    only(ctx, query, found).await
}

/// Finds the job with this name, or with this v2 ID. Without a type it may have any.
pub(crate) async fn job(
    ctx: &Ctx<'_>,
    query: &TaskQuery,
    kind: Option<TaskType>,
    matches: impl Fn(&Task) -> bool,
) -> Result<Target, Failure> {
    let found = match kind {
        Some(kind) => Listed {
            tasks: api::lookup::listed_tasks(ctx.client, kind, matches).await?,
            read: vec![kind],
            refused: Vec::new(),
        },
        None => in_lists(ctx, &TaskType::JOBS, matches).await?,
    };
    only(ctx, query, found).await
}

/// Finds the file ingestion task that matches. It is sent by its ID.
pub(crate) async fn ingestion(
    ctx: &Ctx<'_>,
    query: &TaskQuery,
    matches: impl Fn(&Task) -> bool,
) -> Result<Target, Failure> {
    let kind = TaskType::FileIngestion;
    let tasks = api::ingestion::tasks(ctx.client, matches).await?;
    only(ctx, query, Listed { tasks, read: vec![kind], refused: Vec::new() }).await
}

/// What the lists of several types had.
struct Listed {
    tasks: Vec<Task>,
    /// The types whose lists could be read.
    read: Vec<TaskType>,
    /// The types whose lists the service refused: the licence need not have every type.
    refused: Vec<TaskType>,
}

async fn in_lists(ctx: &Ctx<'_>, kinds: &[TaskType], matches: impl Fn(&Task) -> bool) -> Result<Listed, Error> {
    let lists = kinds.iter().map(async |&kind| (kind, tasks_of(ctx, kind, &matches).await));
    let answers: Vec<_> = stream::iter(lists).buffered(LISTS_AT_ONCE).collect().await;
    let mut listed = Listed { tasks: Vec::new(), read: Vec::new(), refused: Vec::new() };
    let mut refusal = None;
    for (kind, answer) in answers {
        match answer {
            Ok(tasks) => {
                listed.tasks.extend(tasks);
                listed.read.push(kind);
            }
            Err(error) if is_refusal(&error) => {
                listed.refused.push(kind);
                refusal = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    // An account that may see no list at all has another problem than a licence.
    match refusal {
        Some(error) if listed.read.is_empty() => Err(error),
        _ => Ok(listed),
    }
}

async fn tasks_of(ctx: &Ctx<'_>, kind: TaskType, matches: impl Fn(&Task) -> bool) -> Result<Vec<Task>, Error> {
    match kind {
        TaskType::Taskflow => {
            let tasks = api::lookup::tasks_of(ctx.client, kind, |_| true).await?.complete_of(Operation::Lookup)?;
            Ok(tasks.into_iter().map(|(task, _)| task).filter(matches).collect())
        }
        TaskType::FileIngestion => api::ingestion::tasks(ctx.client, matches).await,
        _ => api::lookup::listed_tasks(ctx.client, kind, matches).await,
    }
}

/// Whether the service said no, rather than nothing that can be used. A service that an organisation does not have may
/// not be there at all.
fn is_refusal(error: &Error) -> bool {
    matches!(error, Error::Refused { .. } | Error::SessionRefused | Error::Unreadable { status: 400..=499, .. })
}

/// The only task that was found.
async fn only(ctx: &Ctx<'_>, query: &TaskQuery, mut found: Listed) -> Result<Target, Failure> {
    let is_unique = found.tasks.len() == 1;
    // The service itself decides which job of one type a name stands for, and the answer to the start says which.
    if let TaskSelector::Name(_) = query.selector {
        found.tasks.dedup_by(|one, other| {
            one.kind == other.kind
                && one.name == other.name
                && one.kind.is_some_and(|kind| kind.engine() == Engine::Jobs)
        });
    }
    let [task] = &found.tasks[..] else {
        return Err(match &found.tasks[..] {
            [] => not_found(ctx, query, &found.explain()).await,
            tasks => several(ctx, &query.selector, tasks),
        });
    };
    let Some(kind) = task.kind.or(query.kind) else { return Err(not_found(ctx, query, "its type is unknown").await) };
    let (id, federated_id) = (task.id.clone(), task.federated_id.clone());
    Ok(match (kind, id, federated_id) {
        (TaskType::Taskflow, _, Some(id)) => {
            Target { selector: TaskSelector::FederatedId(id), kind, task: task.clone() }
        }
        (TaskType::FileIngestion, Some(id), _) => Target { selector: TaskSelector::Id(id), kind, task: task.clone() },
        (TaskType::Taskflow | TaskType::FileIngestion, ..) => return Err(not_found(ctx, query, "it has no ID").await),
        // The ID is certain while no other task has the name.
        (_, Some(id), _) if is_unique => {
            let is_by_type = query.kind.is_some() && matches!(query.selector, TaskSelector::Name(_));
            let selector = if is_by_type { query.selector.clone() } else { TaskSelector::Id(id) };
            Target { selector, kind, task: task.clone() }
        }
        _ => Target::as_named(query, kind),
    })
}

impl Listed {
    fn explain(&self) -> String {
        let names = |kinds: &[TaskType]| kinds.iter().map(|kind| kind.code()).collect::<Vec<_>>().join(", ");
        let read = format!("it is not in the task lists of {}", names(&self.read));
        match &self.refused[..] {
            [] => read,
            refused => format!("{read}; the service refused to list {}", names(refused)),
        }
    }
}
