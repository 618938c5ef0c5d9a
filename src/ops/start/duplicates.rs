//! Tasks that were named in two ways. Each is started once.

use std::collections::{HashMap, HashSet};

use crate::job::Engine;
use crate::job::{TaskQuery, TaskSelector, TaskType};
use crate::ops::ctx::Ctx;
use crate::ops::resolve::{self, Target};
use crate::ops::start::request::FoundTask;

/// What distinguishes tasks: a v2 ID, a federated ID or an API name.
type TaskIdentity<'t> = (TaskType, &'static str, &'t str);

fn identities(target: &Target) -> impl Iterator<Item = TaskIdentity<'_>> {
    let api_name = match &target.selector {
        TaskSelector::Name(name) if target.kind == TaskType::Taskflow => Some(name),
        _ => None,
    };
    let ids =
        [("id", target.task.id.as_ref()), ("federated ID", target.task.federated_id.as_ref()), ("API name", api_name)];
    ids.into_iter().filter_map(|(word, id)| Some((target.kind, word, id?.as_str())))
}

/// Looks up the v2 IDs of jobs that have the name of a job known only by its v2 ID: nothing else distinguishes them.
pub(crate) async fn add_missing_ids(ctx: &Ctx<'_>, found: &mut [FoundTask]) {
    let by_id_only = found.iter().filter_map(|FoundTask { target, .. }| {
        let is_by_id_only = target.task.id.is_some() && target.task.federated_id.is_none();
        Some((target.kind, target.task.name.clone().filter(|_| is_by_id_only)?))
    });
    let by_id_only: HashSet<(TaskType, String)> = by_id_only.collect();
    for FoundTask { target, .. } in found.iter_mut().filter(|found| found.target.kind.engine() == Engine::Jobs) {
        let name = target.task.name.clone().unwrap_or_default();
        if target.task.id.is_none() && target.task.federated_id.is_some() && by_id_only.contains(&(target.kind, name)) {
            // Tasks whose IDs cannot be found out count as different ones.
            target.task.id = resolve::v2_id(ctx, target).await.ok();
        }
    }
}

/// Keeps one of those that are the same task, and reports each of the others with the first. A job by its name gives way to
/// the same job by its ID: the service need not find the name.
pub(crate) fn once_each(found: Vec<FoundTask>, report: impl Fn(&TaskQuery, &TaskQuery)) -> Vec<FoundTask> {
    let mut first_with: HashMap<TaskIdentity<'_>, usize> = HashMap::new();
    let mut kept: Vec<Option<usize>> = (0..found.len()).map(Some).collect();
    for (index, FoundTask { query, target }) in found.iter().enumerate() {
        let first = identities(target).find_map(|identity| first_with.get(&identity).copied());
        if let Some(first) = first {
            report(&found[first].query, query);
            kept[index] = None;
            if let (Some(by_name), TaskSelector::Id(_) | TaskSelector::FederatedId(_)) = (kept[first], &target.selector)
                && matches!(found[by_name].target.selector, TaskSelector::Name(_))
            {
                kept[first] = Some(index);
            }
        }
        for identity in identities(target) {
            first_with.entry(identity).or_insert(first.unwrap_or(index));
        }
    }
    let mut found: Vec<Option<FoundTask>> = found.into_iter().map(Some).collect();
    kept.into_iter().flatten().filter_map(|index| found[index].take()).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::job::Task;

    fn found(kind: TaskType, id: Option<&str>, federated_id: Option<&str>, name: &str) -> FoundTask {
        let selector = TaskSelector::Name(name.to_owned());
        let task = Task { id: id.map(str::to_owned), federated_id: federated_id.map(str::to_owned), ..Task::default() };
        FoundTask {
            query: TaskQuery { selector: selector.clone(), kind: Some(kind) },
            target: Target { selector, kind, task },
        }
    }

    fn left(tasks: Vec<FoundTask>) -> (Vec<String>, usize) {
        let reported = Cell::new(0);
        let left = once_each(tasks, |_, _| reported.set(reported.get() + 1));
        (left.into_iter().map(|found| found.query.selector.to_string()).collect(), reported.get())
    }

    #[test]
    fn what_has_an_id_in_common_is_one_task() {
        let mtt = |id, federated_id, name| found(TaskType::Mtt, id, federated_id, name);
        let (names, reported) = left(vec![
            mtt(Some("1"), None, "a"),
            mtt(None, Some("x"), "b"),
            // It ties the two before it together too late for them.
            mtt(Some("1"), Some("y"), "c"),
            mtt(None, Some("y"), "d"),
            mtt(Some("2"), None, "a"),
            mtt(None, None, "a"),
        ]);
        assert_eq!((names, reported), (["a", "b", "a", "a"].map(|name| format!("name '{name}'")).to_vec(), 2));
    }

    #[test]
    fn an_api_name_stands_for_one_taskflow_and_a_type_keeps_tasks_apart() {
        let flow = |name| found(TaskType::Taskflow, None, None, name);
        let other = found(TaskType::Dss, Some("1"), None, "a");
        assert_eq!(
            left(vec![flow("a"), flow("b"), flow("a"), other, found(TaskType::Mtt, Some("1"), None, "a")]).0.len(),
            4
        );
    }
}
