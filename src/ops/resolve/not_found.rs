//! A task that was not found, or of which there are several: what to type instead, as commands that can be pasted.

use std::fmt;

use futures_util::{StreamExt, stream};

use crate::api;
use crate::job::path::name_of;
use crate::job::{Task, TaskQuery, TaskSelector, TaskType};
use crate::ops::ctx::Ctx;
use crate::ops::resolve::words::{Selection, parse_word};
use crate::output::is_harmless;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// The most candidates that are named.
const CANDIDATES: usize = 8;
/// The most lists that are read at once.
pub(crate) const LISTS_AT_ONCE: usize = 8;
/// Names that are at least this similar are candidates; 1 is the same name.
const SIMILAR: f64 = 0.85;

/// In the chain of causes of a failure: no task, or more than one, fits what was named, and these may have been meant.
#[derive(Debug)]
pub(crate) struct TaskNotFound {
    pub what: String,
    pub candidates: Vec<Task>,
}

impl fmt::Display for TaskNotFound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.what)
    }
}

impl std::error::Error for TaskNotFound {}

/// The failure of a query that several tasks fit.
pub(crate) fn several(ctx: &Ctx<'_>, selector: &TaskSelector, found: &[Task]) -> Failure {
    let what = format!("{} tasks have the {selector}", found.len());
    let commands: Vec<String> = found.iter().take(CANDIDATES).map(|task| command(ctx, task)).collect();
    Failure::new(Exit::NotFound, TaskNotFound { what, candidates: found.to_vec() })
        .hint(format!("use one of: {}", commands.join(", or: ")))
}

/// The command that was given, for this task.
fn command(ctx: &Ctx<'_>, task: &Task) -> String {
    ctx.settings.command(&format!("{} {}", ctx.verb, words(task)))
}

/// The words that name a task beyond doubt.
fn words(task: &Task) -> String {
    let kind = task.kind.map(|kind| format!(" -t {kind}")).unwrap_or_default();
    match task {
        // A path with marks that nobody sees is not shown as it is, so no copy of it would lead there.
        Task { path: Some(path), federated_id: Some(id), .. } if !is_harmless(path) => {
            format!("--federated-id {}{kind}", shell_words::quote(id))
        }
        Task { path: Some(path), .. } => {
            let by_path = TaskQuery { selector: TaskSelector::Path(path.clone()), kind: None };
            let is_a_word = !path.starts_with('-')
                && parse_word(path, None).is_ok_and(|selection| selection == Selection::Task(by_path));
            let option = if is_a_word { "" } else { "--path=" };
            format!("{option}{}{kind}", shell_words::quote(path))
        }
        Task { id: Some(id), .. } => format!("--id {}{kind}", shell_words::quote(id)),
        Task { federated_id: Some(id), .. } => format!("--federated-id {}{kind}", shell_words::quote(id)),
        _ => format!("--name={}{kind}", shell_words::quote(task.label())),
    }
}

/// The failure of a query that no task fits: why, and what tasks of that name, or a similar one, there are.
pub(crate) async fn not_found(ctx: &Ctx<'_>, query: &TaskQuery, why: &str) -> Failure {
    let name = match &query.selector {
        TaskSelector::Name(name) => Some(name.as_str()),
        TaskSelector::Path(path) => Some(name_of(path)),
        TaskSelector::Id(_) | TaskSelector::FederatedId(_) => None,
    };
    let correction = correction(ctx, query, name);
    let candidates = match name {
        Some(name) if correction.is_none() => candidates(ctx, name, query.kind).await,
        _ => Vec::new(),
    };
    let hint = correction.or_else(|| did_you_mean(ctx, &candidates)).unwrap_or_else(|| {
        let what = if name.is_some() { "to see all tasks" } else { "to see the IDs of all tasks" };
        format!("{what}: {}", ctx.settings.command("find"))
    });
    let kind = query.kind.map(|kind| format!("{kind} ")).unwrap_or_default();
    let what = format!("there is no {kind}task with the {}", query.selector);
    Failure::of(Exit::NotFound, why).context(TaskNotFound { what, candidates }).hint(hint)
}

/// What to do where the selector itself shows what is wrong.
fn correction(ctx: &Ctx<'_>, query: &TaskQuery, name: Option<&str>) -> Option<String> {
    let kind = query.kind.map(|kind| format!(" -t {kind}")).unwrap_or_default();
    let by = |option: &str, id: &str| ctx.settings.command(&format!("{} {option} {id}{kind}", ctx.verb));
    if let TaskSelector::Id(id) = &query.selector {
        let is_federated = id.len() == 22;
        return is_federated.then(|| format!("it has the length of a federated ID: {}", by("--federated-id", id)));
    }
    let (TaskSelector::Name(text) | TaskSelector::Path(text)) = &query.selector else { return None };
    let name = name?;
    without_quotes(text).or_else(|| {
        let option = match name.chars().all(|letter| letter.is_ascii_alphanumeric()).then_some(name.len()) {
            Some(20) if TaskType::of_id(name).is_some() => "--id",
            Some(22) => "--federated-id",
            _ => return None,
        };
        Some(format!("it looks like an ID: {}", by(option, name)))
    })
}

/// What to do about quotes that were meant for a shell. In a list they are part of the name.
pub(crate) fn without_quotes(text: &str) -> Option<String> {
    let mark = text.chars().next().filter(|mark| matches!(mark, '\'' | '"'))?;
    let bare = text.strip_prefix(mark)?.strip_suffix(mark)?.replace(r"'\''", "'");
    Some(format!("quotes are part of the name, in a --from-file list too; write it without them: {bare}"))
}

/// The commands for what may have been meant.
pub(crate) fn did_you_mean(ctx: &Ctx<'_>, candidates: &[Task]) -> Option<String> {
    let commands: Vec<String> = candidates.iter().map(|task| command(ctx, task)).collect();
    (!commands.is_empty()).then(|| format!("did you mean: {}", commands.join(", or: ")))
}

/// The tasks with the same or a similar name, anywhere, the most similar first. A list that cannot be read has none.
pub(crate) async fn candidates(ctx: &Ctx<'_>, name: &str, kind: Option<TaskType>) -> Vec<Task> {
    let kinds = kind.map_or(TaskType::ALL.to_vec(), |kind| vec![kind]);
    let lists = kinds.into_iter().map(async |kind| api::lookup::tasks_of(ctx.client, kind).await.unwrap_or_default());
    let tasks: Vec<Vec<_>> = stream::iter(lists).buffered(LISTS_AT_ONCE).collect().await;
    let lower = name.to_lowercase();
    let similarity = |(task, _): (Task, _)| {
        let score = strsim::jaro_winkler(&lower, &task.name.as_ref()?.to_lowercase());
        (score > SIMILAR).then_some((score, task))
    };
    let mut scored: Vec<(f64, Task)> = tasks.into_iter().flatten().filter_map(similarity).collect();
    scored.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    scored.into_iter().take(CANDIDATES).map(|(_, task)| task).collect()
}
