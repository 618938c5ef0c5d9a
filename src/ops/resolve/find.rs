//! Finding out which task is meant, of which type, and how it is best sent.

use crate::api;
use crate::job::path::folder_of;
use crate::job::{Task, TaskQuery, TaskSelector, TaskType};
use crate::ops::ctx::Ctx;
use crate::ops::resolve::not_found::{not_found, several};
use crate::ops::resolve::target::Target;
use crate::ops::resolve::{by_list, options};
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// Finds the task. What the service itself resolves, an ID or a name with its type, is taken as it is unless `verify`.
pub(crate) async fn target(ctx: &Ctx<'_>, query: &TaskQuery, verify: bool) -> Result<Target, Failure> {
    if let Some(kind) = query.kind {
        options::check_selector(&query.selector, kind)?;
    }
    match (&query.selector, query.kind) {
        (TaskSelector::Path(path), kind) => at_path(ctx, query, path, kind).await,
        // Only a start can try an API name, and no list has it.
        (TaskSelector::Name(_), Some(kind @ TaskType::Taskflow)) => Ok(Target::as_named(query, kind)),
        (TaskSelector::Name(name), Some(TaskType::FileIngestion)) => {
            by_list::ingestion(ctx, query, |task| task.name.as_deref() == Some(name)).await
        }
        (TaskSelector::Id(id) | TaskSelector::FederatedId(id), Some(TaskType::FileIngestion)) if verify => {
            by_list::ingestion(ctx, query, |task| task.id.as_ref() == Some(id)).await
        }
        (TaskSelector::Id(_) | TaskSelector::FederatedId(_) | TaskSelector::Name(_), Some(kind)) if !verify => {
            Ok(Target::as_named(query, kind))
        }
        (TaskSelector::FederatedId(id), _) => match api::lookup::task_of_federated_id(ctx.client, id).await? {
            Some(task) => Target::by_federated_id(query, task),
            None => Err(not_found(ctx, query, "the lookup API does not know this federated ID").await),
        },
        (TaskSelector::Id(id), kind) => match kind.or(TaskType::of_id(id)) {
            Some(kind) if !verify => Ok(Target::as_named(query, kind)),
            kind => by_list::job(ctx, query, kind, |task| task.id.as_deref() == Some(id)).await,
        },
        (TaskSelector::Name(name), None) => by_list::by_name(ctx, query, name).await,
        (TaskSelector::Name(name), kind) => {
            by_list::job(ctx, query, kind, |task| task.name.as_deref() == Some(name)).await
        }
    }
}

async fn at_path(ctx: &Ctx<'_>, query: &TaskQuery, path: &str, kind: Option<TaskType>) -> Result<Target, Failure> {
    if let Some(kind) = kind {
        return match api::lookup::task_at(ctx.client, path, kind).await? {
            Some(task) => Target::by_federated_id(query, task),
            None => Err(not_found(ctx, query, &format!("the lookup API knows no {kind} task at this path")).await),
        };
    }
    let folder = folder_of(path);
    let mut found = api::lookup::tasks_in(ctx.client, folder).await?;
    found.retain(|task| task.path.as_deref().is_some_and(|found| found.eq_ignore_ascii_case(path)));
    match found.len() {
        0 => Err(not_found(ctx, query, &format!("{folder} has no task of this name")).await),
        1 => Target::by_federated_id(query, found.remove(0)),
        _ => Err(several(ctx, &query.selector, &found)),
    }
}

/// The v2 ID of a task, by which the activity monitor and the activity log know it.
pub(crate) async fn v2_id(ctx: &Ctx<'_>, target: &Target) -> Result<String, Failure> {
    if let Some(id) = &target.task.id {
        return Ok(id.clone());
    }
    if let (Some(id), TaskType::Mtt) = (&target.task.federated_id, target.kind)
        && let Some(Task { id: Some(id), .. }) = api::lookup::mapping_task(ctx.client, id).await?
    {
        return Ok(id);
    }
    let listed = match target.task.name.clone() {
        Some(name) => {
            api::lookup::listed_tasks(ctx.client, target.kind, |task| task.name.as_deref() == Some(&*name)).await?
        }
        None => Vec::new(),
    };
    match &listed[..] {
        [Task { id: Some(id), .. }] => Ok(id.clone()),
        [] => {
            let what = format!("the v2 ID of the {} task with the {} is not listed", target.kind, target.selector);
            let all = ctx.settings.command(&format!("find -t {}", target.kind));
            Err(Failure::of(Exit::NotFound, what).hint(format!("name the task by --id; to see the IDs: {all}")))
        }
        _ => Err(several(ctx, &target.selector, &listed)),
    }
}
