//! `find`: the tasks whose paths match a pattern, with all their IDs.

use serde_json::{Map, Value, json};

use super::Ctx;
use crate::cli::Find;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::job::{Task, TaskType};
use crate::output::Report;

/// Tasks that were found.
pub struct Found {
    tasks: Vec<(Task, Option<String>)>,
    only_paths: bool,
}

/// Runs the command.
pub async fn run(ctx: &Ctx<'_>, find: &Find) -> Result<Found, Failure> {
    let pattern = find.pattern.as_deref().unwrap_or("**");
    let search = async {
        let mut tasks = Vec::new();
        for kind in find.kind.map_or(TaskType::ALL.to_vec(), |kind| vec![kind]) {
            let found = ctx.service.tasks_of(kind).await?;
            tasks.extend(
                found.into_iter().filter(|(task, _)| task.path.as_deref().is_some_and(|path| matches(pattern, path))),
            );
        }
        add_ids(ctx, &mut tasks).await?;
        Ok(tasks)
    };
    let mut tasks = ctx.before_start(search).await?;
    tasks.sort_by(|(one, _), (other, _)| (&one.path, one.kind).cmp(&(&other.path, other.kind)));
    if tasks.is_empty() {
        return Err(Failure::of(Exit::NotFound, format!("no task matches '{pattern}'"))
            .fix("quote the pattern; * stays within a part of the path, ** goes across"));
    }
    Ok(Found { tasks, only_paths: ctx.console.style().quiet })
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
        let listed = ctx.service.listed(kind, |_| true).await.unwrap_or_default();
        for (task, _) in tasks.iter_mut().filter(|(task, _)| task.kind == Some(kind)) {
            let mut same = listed.iter().filter(|listed| listed.name == task.name);
            if let (Some(one), None) = (same.next(), same.next()) {
                task.id.clone_from(&one.id);
            }
        }
    }
    Ok(())
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

impl Report for Found {
    fn text(&self) -> String {
        let cell = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let path = |task: &Task| shell_words::quote(task.path.as_deref().unwrap_or_default()).into_owned();
        let lines = self.tasks.iter().map(|(task, changed)| {
            if self.only_paths {
                return format!("{}\n", path(task));
            }
            let kind = task.kind.map_or("-", TaskType::code);
            let line = [kind.to_owned(), path(task), cell(&task.id), cell(&task.federated_id), cell(changed)];
            format!("{}\n", line.join("\t"))
        });
        lines.collect()
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
}
