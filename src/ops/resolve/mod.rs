//! Finding out which task is meant, of which type, and how it is best addressed; or why not, with candidates. Starts nothing.

pub mod options;
pub mod selectors;
pub mod taskflows;

use crate::job::{Task, TaskQuery, TaskSelector, TaskType};
use crate::ops::Ctx;
use crate::ops::resolve::options as inputs;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// A task that can be started or stopped: how it is sent, and what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub selector: TaskSelector,
    pub kind: TaskType,
    pub task: Task,
}

/// What a failure says of a task that does not exist, with the tasks that may have been meant. It is found in the failure's
/// chain of causes by its type.
#[derive(Debug)]
pub struct NoSuchTask {
    what: String,
    pub candidates: Vec<Task>,
}

impl NoSuchTask {
    pub fn new(what: impl Into<String>, candidates: Vec<Task>) -> Self {
        Self { what: what.into(), candidates }
    }
}

impl std::fmt::Display for NoSuchTask {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.what)
    }
}

/// Candidates that an error lists at most.
const CANDIDATES: usize = 8;

/// Finds the task. What the service itself resolves, an ID or a name with its type, is taken as it is unless `verify`.
pub(crate) async fn target(ctx: &Ctx<'_>, wanted: &TaskQuery, verify: bool) -> Result<Target, Failure> {
    if let Some(kind) = wanted.kind {
        inputs::named(&wanted.selector, kind)?;
    }
    match (&wanted.selector, wanted.kind) {
        // Only a start can try an API name, and no list has it.
        (TaskSelector::Name(_), Some(kind @ TaskType::Taskflow)) => {
            return Ok(Target { selector: wanted.selector.clone(), kind, task: known(wanted, kind) });
        }
        (TaskSelector::Name(name), Some(TaskType::FileIngestion)) => {
            let named = |task: &Task| task.name.as_deref() == Some(name);
            return one_ingestion(ctx, wanted, ctx.client.ingestion_tasks(named).await?).await;
        }
        (TaskSelector::Id(id) | TaskSelector::FederatedId(id), Some(TaskType::FileIngestion)) if verify => {
            let same = |task: &Task| task.id.as_ref() == Some(id);
            return one_ingestion(ctx, wanted, ctx.client.ingestion_tasks(same).await?).await;
        }
        _ => {}
    }
    match &wanted.selector {
        TaskSelector::Path(path) => at_path(ctx, wanted, path).await,
        TaskSelector::FederatedId(id) => match wanted.kind.filter(|_| !verify) {
            Some(kind) => Ok(Target { selector: wanted.selector.clone(), kind, task: known(wanted, kind) }),
            None => match ctx.client.task_of_federated_id(id).await? {
                Some(task) => sent(wanted, task),
                None => Err(not_found(ctx, wanted, "the look-up does not know it").await),
            },
        },
        TaskSelector::Id(id) => match wanted.kind.or(TaskType::of_id(id)) {
            Some(kind) if !verify => Ok(Target { selector: wanted.selector.clone(), kind, task: known(wanted, kind) }),
            kind => in_lists(ctx, wanted, kind, |task| task.id.as_deref() == Some(id)).await,
        },
        TaskSelector::Name(name) => match wanted.kind {
            Some(kind) if !verify => Ok(Target { selector: wanted.selector.clone(), kind, task: known(wanted, kind) }),
            kind => in_lists(ctx, wanted, kind, |task| task.name.as_deref() == Some(name)).await,
        },
    }
}

/// The one file ingestion task among those that fit; it is sent by its ID.
async fn one_ingestion(ctx: &Ctx<'_>, wanted: &TaskQuery, mut found: Vec<Task>) -> Result<Target, Failure> {
    match (found.pop(), found.is_empty()) {
        (Some(task), true) => {
            let Some(id) = task.id.clone() else { return Err(not_found(ctx, wanted, "it has no ID").await) };
            Ok(Target { selector: TaskSelector::Id(id), kind: TaskType::FileIngestion, task })
        }
        (Some(one), _) => {
            found.push(one);
            Err(several(&wanted.selector.to_string(), &found))
        }
        (None, _) => Err(not_found(ctx, wanted, "the list of file ingestion tasks does not have it").await),
    }
}

/// The v2 ID of a task, which monitor and log know it by.
pub(crate) async fn v2_id(ctx: &Ctx<'_>, target: &Target) -> Result<String, Failure> {
    if let Some(id) = &target.task.id {
        return Ok(id.clone());
    }
    if let (Some(id), TaskType::Mtt) = (&target.task.federated_id, target.kind)
        && let Some(Task { id: Some(id), .. }) = ctx.client.mapping_task(id).await?
    {
        return Ok(id);
    }
    let listed = match target.task.name.clone() {
        Some(name) => ctx.client.listed(target.kind, |task| task.name.as_deref() == Some(&*name)).await?,
        None => Vec::new(),
    };
    match &listed[..] {
        [Task { id: Some(id), .. }] => Ok(id.clone()),
        [] => {
            let what = format!("no {} with the {} is listed", target.kind, target.selector);
            Err(Failure::of(Exit::NotFound, what).hint("name its run by the handle, or the task by --id"))
        }
        _ => Err(several(&target.selector.to_string(), &listed)),
    }
}

/// What is known of a task from how it was named.
pub(crate) fn known(wanted: &TaskQuery, kind: impl Into<Option<TaskType>>) -> Task {
    let mut task = Task { kind: kind.into(), ..Task::default() };
    match wanted.selector.clone() {
        TaskSelector::Id(id) => task.id = Some(id),
        TaskSelector::FederatedId(id) => task.federated_id = Some(id),
        TaskSelector::Name(name) => task.name = Some(name),
        TaskSelector::Path(path) => task.path = Some(path),
    }
    task
}

/// A task of a path or a federated ID is sent by its federated ID.
fn sent(wanted: &TaskQuery, task: Task) -> Result<Target, Failure> {
    let (Some(kind), Some(id)) = (task.kind, task.federated_id.clone()) else {
        return Err(Failure::of(Exit::NotFound, format!("the {} has no federated ID", wanted.selector)));
    };
    if let Some(asked) = wanted.kind.filter(|asked| *asked != kind) {
        let what = format!("the {} is a {kind}, not a {asked}", wanted.selector);
        return Err(Failure::of(Exit::NotFound, what).hint(format!("say -t {kind}, or leave -t out")));
    }
    Ok(Target { selector: TaskSelector::FederatedId(id), kind, task })
}

async fn at_path(ctx: &Ctx<'_>, wanted: &TaskQuery, path: &str) -> Result<Target, Failure> {
    if let Some(kind) = wanted.kind {
        return match ctx.client.task_at(path, kind).await? {
            Some(task) => sent(wanted, task),
            None => Err(not_found(ctx, wanted, &format!("the look-up knows no {kind} there")).await),
        };
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut found = ctx.client.tasks_in(folder).await?;
    found.retain(|task| task.path.as_deref().is_some_and(|found| found.eq_ignore_ascii_case(path)));
    match found.len() {
        0 => Err(not_found(ctx, wanted, &format!("no task of that name is in {folder}")).await),
        1 => sent(wanted, found.remove(0)),
        _ => Err(several(path, &found)),
    }
}

/// Looks through the task lists, which know IDs and names but no folders.
async fn in_lists(
    ctx: &Ctx<'_>,
    wanted: &TaskQuery,
    kind: Option<TaskType>,
    matches: impl Fn(&Task) -> bool,
) -> Result<Target, Failure> {
    let kinds = kind.map_or(TaskType::JOBS.to_vec(), |kind| vec![kind]);
    let mut found = Vec::new();
    for kind in &kinds {
        match ctx.client.listed(*kind, &matches).await {
            Ok(tasks) => found.extend(tasks),
            // A licence may lack a type; its list is then refused.
            Err(error) if matches!(error, crate::api::Error::Refused { .. }) && kinds.len() > 1 => {}
            Err(error) => return Err(error.into()),
        }
    }
    found.dedup_by(|one, other| {
        one.kind == other.kind && one.name == other.name && matches!(wanted.selector, TaskSelector::Name(_))
    });
    match found.len() {
        0 => {
            let tried: Vec<&str> = kinds.iter().map(|kind| kind.code()).collect();
            Err(not_found(ctx, wanted, &format!("the task lists of {} do not have it", tried.join(", "))).await)
        }
        1 => {
            let task = found.remove(0);
            let kind = task.kind.unwrap_or(kinds[0]);
            // A name is the service's to resolve: what the lists show of it may lie in another folder.
            let task = match &wanted.selector {
                TaskSelector::Name(_) => known(wanted, kind),
                _ => task,
            };
            Ok(Target { selector: wanted.selector.clone(), kind, task })
        }
        _ => Err(several(&wanted.selector.to_string(), &found)),
    }
}

pub(crate) fn several(what: &str, found: &[Task]) -> Failure {
    let list: Vec<String> = found.iter().take(CANDIDATES).map(option).collect();
    Failure::of(Exit::NotFound, format!("the {what} stands for {} tasks", found.len()))
        .hint(format!("say which one: {}", list.join("; ")))
}

/// The options that name a task without doubt.
pub(crate) fn option(task: &Task) -> String {
    let kind = task.kind.map(|kind| format!(" -t {kind}")).unwrap_or_default();
    match task {
        Task { path: Some(path), .. } => format!("--path {}{kind}", shell_words::quote(path)),
        Task { id: Some(id), .. } => format!("--id {id}{kind}"),
        Task { federated_id: Some(id), .. } => format!("--federated-id {id}{kind}"),
        _ => format!("--name {}{kind}", shell_words::quote(task.label())),
    }
}

/// A task that is not known: why, and where tasks of that name, or nearly, are.
pub(crate) async fn not_found(ctx: &Ctx<'_>, wanted: &TaskQuery, why: &str) -> Failure {
    let kind = wanted.kind.map(|kind| format!("{kind} ")).unwrap_or_default();
    let what = format!("no {kind}task with the {}", wanted.selector);
    let missing = |candidates| Failure::of(Exit::NotFound, why).context(NoSuchTask::new(what, candidates));
    if let TaskSelector::Name(text) | TaskSelector::Path(text) = &wanted.selector
        && let Some(hint) = without_quotes(text)
    {
        return missing(Vec::new()).hint(hint);
    }
    let name = match &wanted.selector {
        TaskSelector::Name(name) => name,
        TaskSelector::Path(path) => path.rsplit('/').next().unwrap_or(path),
        TaskSelector::Id(id) if id.len() == 22 => {
            return missing(Vec::new()).hint(format!("it has the length of a federated ID: say --federated-id {id}"));
        }
        TaskSelector::Id(_) | TaskSelector::FederatedId(_) => {
            return missing(Vec::new()).hint("check it with `runajob find`, which shows the IDs of tasks");
        }
    };
    let shape = match name.chars().all(|letter| letter.is_ascii_alphanumeric()).then_some(name.len()) {
        Some(20) if TaskType::of_id(name).is_some() => Some("--id"),
        Some(22) => Some("--federated-id"),
        _ => None,
    };
    if let Some(option) = shape {
        return missing(Vec::new()).hint(format!("it looks like an ID: say {option} {name}"));
    }
    let candidates = candidates(ctx, name, wanted.kind).await;
    let options: Vec<String> = candidates.iter().map(option).collect();
    let failure = missing(candidates);
    if options.is_empty() {
        return failure.hint("look around with `runajob find`");
    }
    failure.hint(format!("there is {}", options.join("; ")))
}

/// What to do about quotes that were meant for a shell: of a list they are not taken off.
pub(crate) fn without_quotes(text: &str) -> Option<String> {
    let mark = text.chars().next().filter(|mark| matches!(mark, '\'' | '"'))?;
    let bare = text.strip_prefix(mark)?.strip_suffix(mark)?.replace(r"'\''", "'");
    Some(format!("quotes count as a part of the name, in a --from-file list too; write it without them: {bare}"))
}

/// Tasks of the same or nearly the same name, anywhere, nearest first. What cannot be asked is left out.
pub(crate) async fn candidates(ctx: &Ctx<'_>, name: &str, kind: Option<TaskType>) -> Vec<Task> {
    let kinds = kind.map_or(TaskType::ALL.to_vec(), |kind| vec![kind]);
    let lower = name.to_lowercase();
    let mut scored = Vec::new();
    for kind in kinds {
        let tasks = ctx.client.tasks_of(kind).await.unwrap_or_default();
        scored.extend(tasks.into_iter().filter_map(|(task, _)| {
            let score = strsim::jaro_winkler(&lower, &task.name.as_ref()?.to_lowercase());
            (score > 0.85).then_some((score, task))
        }));
    }
    scored.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    scored.into_iter().take(CANDIDATES).map(|(_, task)| task).collect()
}
