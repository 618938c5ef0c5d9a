//! `find`: the tasks whose paths match a pattern, with all their IDs.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::cli::Find;
use crate::job::{Task, TaskType};
use crate::ops::ctx::Ctx;
use crate::ops::resolve::selectors::{line_of, line_of_id};
use crate::output::{Report, columns, local};
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// Tasks that were found.
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

/// Runs the command.
pub async fn run(ctx: &Ctx<'_>, find: &Find) -> Result<FoundTasks, Failure> {
    let pattern = find.pattern.as_deref().unwrap_or("**");
    let search = async {
        let mut tasks = Vec::new();
        for kind in find.kind.map_or(TaskType::ALL.to_vec(), |kind| vec![kind]) {
            let found = ctx.client.tasks_of(kind).await?;
            tasks.extend(
                found.into_iter().filter(|(task, _)| task.path.as_deref().is_some_and(|path| matches(pattern, path))),
            );
        }
        add_ids(ctx, &mut tasks).await?;
        Ok(tasks)
    };
    ctx.console.busy("looking for tasks");
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
    let lost = found.lines().iter().filter(|line| line.is_none()).count();
    if shape != Shape::Columns && lost > 0 {
        ctx.console.warn(&format!("{lost} tasks have a path that a list cannot hold and no federated ID: left out"));
    }
    Ok(found)
}

/// How to ask in another way.
fn advice(pattern: &str) -> String {
    if pattern.contains(['/', '*', '?']) {
        return "* stays within a part of the path, ** goes across; a word alone is a part of a name".to_owned();
    }
    let inside = format!("{pattern}/**");
    format!("a word alone is a part of a name; for what is in a folder: runajob find {}", shell_words::quote(&inside))
}

/// The v2 IDs, from the task lists, for names that occur once: the lists do not tell folders.
async fn add_ids(ctx: &Ctx<'_>, tasks: &mut [(Task, Option<String>)]) -> Result<(), Failure> {
    if ctx.console.style().quiet {
        return Ok(());
    }
    for kind in TaskType::JOBS {
        if !tasks.iter().any(|(task, _)| task.kind == Some(kind)) {
            continue;
        }
        let listed = ctx.client.listed(kind, |_| true).await.unwrap_or_default();
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
    /// The line of a list for each task, where there is one. Tasks that share a path are told apart by their IDs; case does
    /// not tell paths apart.
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

/// Whether a path matches: `*` and `?` within a part, `**` across parts. A pattern without a slash or a wildcard is a
/// part of a name. Case does not matter.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.to_lowercase(), path.to_lowercase());
    if !pattern.contains(['/', '*', '?']) {
        return path.rsplit('/').next().is_some_and(|name| name.contains(&pattern));
    }
    let subject =
        if pattern.contains('/') || pattern == "**" { &path[..] } else { path.rsplit('/').next().unwrap_or(&path) };
    glob(&pattern.chars().collect::<Vec<_>>(), &subject.chars().collect::<Vec<_>>())
}

/// Matches with one pass over a row of booleans, so that no pattern takes exponential time.
fn glob(pattern: &[char], subject: &[char]) -> bool {
    let mut reach = vec![false; subject.len() + 1];
    reach[0] = true;
    let mut index = 0;
    while index < pattern.len() {
        let across = pattern[index..].starts_with(&['*', '*']);
        if pattern[index] == '*' {
            for place in 0..subject.len() {
                if reach[place] && (across || subject[place] != '/') {
                    reach[place + 1] = true;
                }
            }
            index += if across { 2 } else { 1 };
            continue;
        }
        for place in (0..subject.len()).rev() {
            let fits = subject[place] == pattern[index] || (pattern[index] == '?' && subject[place] != '/');
            reach[place + 1] = reach[place] && fits;
        }
        reach[0] = false;
        index += 1;
    }
    reach[subject.len()]
}

/// The day of a time, in the local time zone; what is no time stays as it is.
fn day(time: &str) -> String {
    time.parse().map_or_else(|_| time.to_owned(), |time| local(time).chars().take(10).collect())
}

impl Report for FoundTasks {
    fn text(&self) -> String {
        let cell = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let row = |path: String, (task, changed): &(Task, Option<String>)| {
            let kind = task.kind.map_or("-", TaskType::code).to_owned();
            // People read days.
            let changed = if self.shape == Shape::Columns { changed.as_deref().map(day) } else { changed.clone() };
            [path, kind, cell(&task.id), cell(&task.federated_id), cell(&changed)]
        };
        let lines = self.lines();
        let listed = lines.iter().zip(&self.tasks).filter_map(|(line, found)| Some((line.clone()?, found)));
        match self.shape {
            Shape::Paths => listed.map(|(line, _)| line + "\n").collect(),
            Shape::Tabs => listed.map(|(line, found)| row(line, found).join("\t") + "\n").collect(),
            Shape::Columns => {
                let whole = |found: &(Task, Option<String>)| row(found.0.path.clone().unwrap_or_default(), found);
                let rows: Vec<_> = self.tasks.iter().map(whole).collect();
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
mod tests {
    use super::*;
    use crate::job::TaskSelector;
    use crate::ops::resolve::selectors::{Selection, listed};

    fn found(shape: Shape) -> String {
        let task = |path: &str, kind, id: Option<&str>| Task {
            id: id.map(str::to_owned),
            federated_id: Some("y5KbOoWvcYmhSXDuw3nEu2".to_owned()),
            path: Some(path.to_owned()),
            kind: Some(kind),
            ..Task::default()
        };
        let tasks = vec![
            (
                task("Sales/Load customers", TaskType::Mtt, Some("01ABCD0Z00000000001S")),
                Some("2026-03-01T12:00:00Z".to_owned()),
            ),
            (task("Sales/chain", TaskType::Workflow, None), None),
        ];
        FoundTasks { tasks, shape }.text()
    }

    #[test]
    fn programs_get_fields_and_people_get_columns() {
        assert_eq!(found(Shape::Paths), "Sales/Load customers\nSales/chain\n");
        let tabs = found(Shape::Tabs);
        let fields: Vec<&str> = tabs.lines().next().unwrap().split('\t').collect();
        let ids = ["01ABCD0Z00000000001S", "y5KbOoWvcYmhSXDuw3nEu2"];
        assert_eq!(fields, ["Sales/Load customers", "MTT", ids[0], ids[1], "2026-03-01T12:00:00Z"]);
        insta::assert_snapshot!(found(Shape::Columns), @r"
        PATH                  TYPE      ID                    FEDERATED ID            CHANGED
        Sales/Load customers  MTT       01ABCD0Z00000000001S  y5KbOoWvcYmhSXDuw3nEu2  2026-03-01
        Sales/chain           WORKFLOW  -                     y5KbOoWvcYmhSXDuw3nEu2  -
        ");
    }

    #[test]
    fn advice_fits_the_pattern() {
        assert!(advice("Sales").ends_with("runajob find 'Sales/**'"));
        assert!(advice("Sales/*").contains("** goes across"));
    }

    #[test]
    fn wildcards_stay_within_a_part_unless_doubled() {
        for (pattern, path) in [
            ("Sales/Nightly/*", "Sales/Nightly/Load customers"),
            ("sales/**", "Sales/Nightly/Load customers"),
            ("**", "Default/x"),
            ("*load*", "Sales/Nightly/Load customers"),
            ("load", "Sales/Nightly/Load customers"),
            ("Sales/Nightly/Load?customers", "Sales/Nightly/Load customers"),
            ("**/x", "a/b/x"),
        ] {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("Sales/*", "Sales/Nightly/Load customers"),
            ("Sales/Nightly/*", "Sales/Nightly/Deep/x"),
            ("Sales?Nightly/x", "Sales/Nightly/x"),
            ("sales", "Sales/Nightly/x"),
            ("", "Default/x/"),
        ] {
            assert!(pattern.is_empty() || !matches(pattern, path), "{pattern} {path}");
        }
        let slow = "*a".repeat(60);
        assert!(!matches(&format!("x/{slow}b"), &format!("x/{}", "a".repeat(200))));
    }

    proptest::proptest! {
        /// Whatever is printed, `--from-file` reads it back as those very tasks, in their order.
        #[test]
        fn what_is_printed_is_what_a_list_reads(
            paths in proptest::collection::vec(
                "(|#|\\{|'|\"|id:|fid:|name:|path:|Explore/|/| |\t|\u{feff}|\u{a0}|MTT/|TASKFLOW/77881234567890123)[aB1 #{}'\"\\\\\r\n\t\u{85}:/]{0,8}/?[xX \r\u{7}]{0,2}",
                1..6,
            ),
        ) {
            let task = |(index, path): (usize, &String)| Task {
                federated_id: Some(format!("y5KbOoWvcYmhSXDuw3nEu{index}")),
                path: Some(path.clone()),
                ..Task::default()
            };
            let tasks: Vec<_> = paths.iter().enumerate().map(task).collect();
            let text = |shape| FoundTasks { tasks: tasks.iter().map(|task| (task.clone(), None)).collect(), shape }.text();
            let first = |line: &str| format!("{}\n", line.split('\t').next().unwrap());
            let fields: String = text(Shape::Tabs).lines().map(first).collect();
            proptest::prop_assert_eq!(&text(Shape::Paths), &fields);
            let read = listed(&fields, "found", None).map_err(|failure| failure.what());
            let read: Vec<_> = read.unwrap().into_iter().map(|wanted| match wanted {
                Selection::Task(task) => task.selector,
                Selection::Run(run) => panic!("{run}"),
            }).collect();
            proptest::prop_assert_eq!(read.len(), tasks.len());
            for (selector, task) in read.into_iter().zip(&tasks) {
                let same = |path: &&String| path.eq_ignore_ascii_case(task.path.as_ref().unwrap());
                let by_path = TaskSelector::Path(task.path.clone().unwrap());
                let is_it = selector == TaskSelector::FederatedId(task.federated_id.clone().unwrap())
                    || (selector == by_path && paths.iter().filter(same).count() == 1);
                proptest::prop_assert!(is_it, "{:?} for {:?}", selector, task);
            }
        }
    }
}
