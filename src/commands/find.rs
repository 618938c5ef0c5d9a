//! `find`: shows the tasks whose paths match a pattern, with all their IDs.

use std::collections::HashMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value, json};

use crate::api;
use crate::cli::Find;
use crate::job::{Task, TaskType};
use crate::ops::ctx::Ctx;
use crate::ops::resolve::LISTS_AT_ONCE;
use crate::ops::resolve::selectors::{line_of, line_of_id};
use crate::ops::resolve::wildcards::matches;
use crate::output::{Report, columns, local};
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::Hint;

/// Tasks, each with the time of its last change.
pub struct FoundTasks {
    tasks: Vec<(Task, Option<String>)>,
    shape: Shape,
}

/// What the lines look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A line a task, which `--from-file` reads back.
    Paths,
    /// Fields with tabs between them, for programs; the first is that line.
    Tabs,
    /// Columns with titles, for people.
    Columns,
}

pub async fn run(ctx: &Ctx<'_>, find: &Find) -> Result<FoundTasks, Failure> {
    let pattern = find.pattern.as_deref().unwrap_or("**");
    let search = async {
        let kinds = find.kind.map_or(TaskType::ALL.to_vec(), |kind| vec![kind]);
        let lists = kinds.into_iter().map(async |kind| api::lookup::tasks_of(ctx.client, kind).await);
        let lists: Vec<Vec<_>> = stream::iter(lists).buffered(LISTS_AT_ONCE).try_collect().await?;
        let mut tasks: Vec<(Task, Option<String>)> = lists.into_iter().flatten().collect();
        tasks.retain(|(task, _)| task.path.as_deref().is_some_and(|path| matches(pattern, path)));
        add_ids(ctx, &mut tasks).await?;
        Ok(tasks)
    };
    ctx.console.busy("searching for tasks");
    let mut tasks = ctx.before_start(search).await?;
    tasks.sort_by(|(one, _), (other, _)| (&one.path, one.kind).cmp(&(&other.path, other.kind)));
    if tasks.is_empty() {
        return Err(Failure::of(Exit::NotFound, format!("no task matches '{pattern}'")).hint(advice(pattern)));
    }
    let shape = match ctx.console.style().quiet {
        true => Shape::Paths,
        false if ctx.env.terminals.stdout => Shape::Columns,
        false => Shape::Tabs,
    };
    let found = FoundTasks { tasks, shape };
    let left_out = found.lines().iter().filter(|line| line.is_none()).count();
    if shape != Shape::Columns && left_out > 0 {
        ctx.console.warn(&format!(
            "{left_out} tasks are left out: no line of a list can name them, and they have no federated ID"
        ));
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
async fn add_ids(ctx: &Ctx<'_>, tasks: &mut [(Task, Option<String>)]) -> Result<(), Failure> {
    if ctx.console.style().quiet {
        return Ok(());
    }
    for kind in TaskType::JOBS {
        if !tasks.iter().any(|(task, _)| task.kind == Some(kind)) {
            continue;
        }
        let listed = api::lookup::listed_tasks(ctx.client, kind, |_| true).await.unwrap_or_default();
        for (task, _) in tasks.iter_mut().filter(|(task, _)| task.kind == Some(kind)) {
            let mut same = listed.iter().filter(|listed| listed.name == task.name);
            if let (Some(one), None) = (same.next(), same.next()) {
                task.id.clone_from(&one.id);
            }
        }
    }
    Ok(())
}

impl FoundTasks {
    /// The line of a list for each task, where one can name it. Tasks that share a path are named by their IDs; paths that
    /// differ only in case are the same.
    fn lines(&self) -> Vec<Option<String>> {
        let key = |task: &Task| task.path.as_ref().map(|path| path.to_ascii_lowercase());
        let mut sharing = HashMap::new();
        for (task, _) in &self.tasks {
            *sharing.entry(key(task)).or_insert(0) += 1;
        }
        let line = |(task, _): &(Task, Option<String>)| {
            let id = task.federated_id.as_deref();
            if sharing[&key(task)] > 1 { line_of_id(id?) } else { line_of(task.path.as_deref()?, id) }
        };
        self.tasks.iter().map(line).collect()
    }
}

/// The day of a time, in the local time zone; any other text stays as it is.
fn day(time: &str) -> String {
    time.parse().map_or_else(|_| time.to_owned(), |time| local(time).chars().take(10).collect())
}

impl Report for FoundTasks {
    fn text(&self) -> String {
        let cell = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let row = |path: String, (task, changed): &(Task, Option<String>)| {
            let kind = task.kind.map_or("-", TaskType::code).to_owned();
            let changed = if self.shape == Shape::Columns { changed.as_deref().map(day) } else { changed.clone() };
            [path, kind, cell(&task.id), cell(&task.federated_id), cell(&changed)]
        };
        let lines = self.lines();
        let listed = lines.iter().zip(&self.tasks).filter_map(|(line, found)| Some((line.clone()?, found)));
        match self.shape {
            Shape::Paths => listed.map(|(line, _)| line + "\n").collect(),
            Shape::Tabs => listed.map(|(line, found)| row(line, found).join("\t") + "\n").collect(),
            Shape::Columns => {
                let with_path = |found: &(Task, Option<String>)| row(found.0.path.clone().unwrap_or_default(), found);
                let rows: Vec<_> = self.tasks.iter().map(with_path).collect();
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
