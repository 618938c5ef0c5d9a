//! `find`: shows the tasks whose paths match a pattern, with all their IDs.

use std::collections::HashMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value, json};

use crate::api;
use crate::cli::{Find, Output};
use crate::job::{Task, TaskType};
use crate::ops::busy::with_busy_line;
use crate::ops::ctx::Ctx;
use crate::ops::resolve::LISTS_AT_ONCE;
use crate::ops::resolve::selectors::{line_of, line_of_id};
use crate::ops::resolve::wildcards::matches;
use crate::output::{Report, SafeLine, Style, columns, local};
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::Hint;

/// Tasks, each with the time of its last change.
pub struct FoundTasks {
    tasks: Vec<(Task, Option<String>)>,
    shape: Shape,
}

/// What is printed.
#[derive(Debug, PartialEq, Eq)]
enum Shape {
    /// The JSON document, which leaves nothing out.
    Document,
    /// A line a task, which `--from-file` reads back; none for a task that no line can name.
    Paths(Vec<Option<String>>),
    /// Fields with tabs between them, for programs; the first is that line.
    Tabs(Vec<Option<String>>),
    /// Columns with titles, for people.
    Columns,
}

impl Shape {
    fn of(tasks: &[(Task, Option<String>)], style: Style, is_for_people: bool) -> Self {
        match style {
            Style { output: Output::Json | Output::Jsonl, .. } => Self::Document,
            Style { quiet: true, .. } => Self::Paths(lines(tasks)),
            _ if is_for_people => Self::Columns,
            _ => Self::Tabs(lines(tasks)),
        }
    }

    /// The warning of tasks that are not printed.
    fn left_out(&self) -> Option<String> {
        let (Self::Paths(lines) | Self::Tabs(lines)) = self else { return None };
        match lines.iter().filter(|line| line.is_none()).count() {
            0 => None,
            1 => Some("1 task is left out: no line of a list can name it, and it has no federated ID".to_owned()),
            count => Some(format!(
                "{count} tasks are left out: no line of a list can name them, and they have no federated ID"
            )),
        }
    }
}

pub async fn run(ctx: &Ctx<'_>, find: &Find) -> Result<FoundTasks, Failure> {
    let pattern = find.pattern.as_deref().unwrap_or("**");
    let search = async {
        let kinds = find.kind.map_or(TaskType::ALL.to_vec(), |kind| vec![kind]);
        let lists = kinds.into_iter().map(async |kind| api::lookup::tasks_of(ctx.client, kind).await);
        let lists: Vec<Vec<_>> = stream::iter(lists).buffered(LISTS_AT_ONCE).try_collect().await?;
        let mut tasks: Vec<(Task, Option<String>)> = lists.into_iter().flatten().collect();
        tasks.retain(|(task, _)| task.path.as_deref().is_some_and(|path| matches(pattern, path)));
        tasks.sort_by(|(one, _), (other, _)| (&one.path, one.kind).cmp(&(&other.path, other.kind)));
        let shape = Shape::of(&tasks, ctx.console.style(), ctx.env.terminals.stdout);
        if !matches!(shape, Shape::Paths(_)) {
            add_ids(ctx, &mut tasks).await;
        }
        Ok(FoundTasks { tasks, shape })
    };
    let found = with_busy_line(ctx, "searching for tasks", Box::pin(ctx.before_start(search))).await?;
    if found.tasks.is_empty() {
        return Err(Failure::of(Exit::NotFound, format!("no task matches '{pattern}'")).hint(advice(pattern)));
    }
    if let Some(warning) = found.shape.left_out() {
        ctx.console.warn(&warning);
    }
    Ok(found)
}

/// How to search in another way.
fn advice(pattern: &str) -> Hint {
    if pattern.contains(['/', '*', '?']) {
        return "* stays within one part of the path, ** goes across parts, and a word without wildcards is part of a name".into();
    }
    let in_folder = format!("find {}", shell_words::quote(&format!("{pattern}/**")));
    Hint::from("the pattern is part of a name; to find the tasks in a folder: ").then(Hint::command(in_folder))
}

/// Adds the v2 IDs of tasks whose names are unique: the lists that have them do not show the folders.
async fn add_ids(ctx: &Ctx<'_>, tasks: &mut [(Task, Option<String>)]) {
    for kind in TaskType::JOBS {
        if !tasks.iter().any(|(task, _)| task.kind == Some(kind)) {
            continue;
        }
        // Without such a list its tasks have no v2 IDs here, and everything else.
        let listed = api::lookup::listed_tasks(ctx.client, kind, |_| true).await.unwrap_or_default();
        let mut ids = HashMap::new();
        for task in listed {
            ids.entry(task.name).and_modify(|id| *id = None).or_insert(task.id);
        }
        for (task, _) in tasks.iter_mut().filter(|(task, _)| task.kind == Some(kind)) {
            task.id = ids.get(&task.name).cloned().flatten();
        }
    }
}

/// The line of a list for each task, where one can name it. Tasks that share a path are named by their IDs; paths that
/// differ only in case are the same.
fn lines(tasks: &[(Task, Option<String>)]) -> Vec<Option<String>> {
    let key = |task: &Task| task.path.as_ref().map(|path| path.to_ascii_lowercase());
    let mut sharing = HashMap::new();
    for (task, _) in tasks {
        *sharing.entry(key(task)).or_insert(0) += 1;
    }
    let line = |(task, _): &(Task, Option<String>)| {
        let id = task.federated_id.as_deref();
        if sharing[&key(task)] > 1 { line_of_id(id?) } else { line_of(task.path.as_deref()?, id) }
    };
    tasks.iter().map(line).collect()
}

/// The day of a time, in the local time zone; any other text stays as it is.
fn day(time: &str) -> String {
    time.parse().map_or_else(|_| time.to_owned(), |time| local(time).chars().take(10).collect())
}

impl Report for FoundTasks {
    fn lines(&self) -> Vec<SafeLine> {
        let cell = |value: Option<&str>| value.unwrap_or("-").to_owned();
        let row = |path: &str, task: &Task, changed: Option<&str>| {
            let kind = task.kind.map(TaskType::code);
            [path.to_owned(), cell(kind), cell(task.id.as_deref()), cell(task.federated_id.as_deref()), cell(changed)]
        };
        match &self.shape {
            Shape::Document => Vec::new(),
            Shape::Paths(lines) => lines.iter().flatten().map(SafeLine::from).collect(),
            Shape::Tabs(lines) => {
                let listed = lines.iter().zip(&self.tasks).filter_map(|(line, found)| Some((line.as_ref()?, found)));
                let fields = |(line, (task, changed)): (&String, &(Task, Option<String>))| {
                    let fields = row(line, task, changed.as_deref());
                    SafeLine::fields(fields.each_ref().map(String::as_str))
                };
                listed.map(fields).collect()
            }
            Shape::Columns => {
                let row = |(task, changed): &(Task, Option<String>)| {
                    row(task.path.as_deref().unwrap_or_default(), task, changed.as_deref().map(day).as_deref())
                };
                let rows: Vec<_> = self.tasks.iter().map(row).collect();
                columns(["PATH", "TYPE", "ID", "FEDERATED ID", "CHANGED"], &rows)
            }
        }
    }

    fn json(&self) -> Map<String, Value> {
        let tasks = self.tasks.iter().map(|(task, changed)| {
            json!({
                "path": task.path, "type": task.kind.map(TaskType::code), "name": task.name,
                "id": task.id, "federated_id": task.federated_id, "updated_at": changed,
            })
        });
        Map::from_iter([("tasks".to_owned(), tasks.collect())])
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}

#[cfg(test)]
mod tests;
