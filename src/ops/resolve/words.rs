//! What the words of a command line mean: tasks, by one selector or another, and runs, by their handles.

use crate::cli::Tasks;
use crate::job::path::bare;
use crate::job::{HandleError, Run, Task, TaskQuery, TaskSelector, TaskType};
use crate::ops::resolve::target::task_of;
use crate::output::RunReport;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// A task or a run that a command line names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Selection {
    Run(Run),
    Task(TaskQuery),
}

impl Selection {
    /// The line of the report for one of several selections for which the command failed.
    pub(crate) fn failed(self, failure: &Failure) -> RunReport {
        let why = failure.why().unwrap_or_else(|| failure.what());
        match self {
            Self::Task(query) => RunReport::none(task_of(&query, query.kind), why, failure.exit),
            Self::Run(run) => RunReport { run: Some(run), ..RunReport::none(Task::default(), why, failure.exit) },
        }
    }
}

/// What the command line itself names, without the list that it may name.
pub(crate) fn named(words: &[String], tasks: &Tasks) -> Result<Vec<Selection>, Failure> {
    check_one_way(words, tasks)?;
    let mut found = Vec::new();
    for word in words {
        found.push(parse_word(word, tasks.kind)?);
    }
    let task = |selector| Selection::Task(TaskQuery { selector, kind: tasks.kind });
    for id in &tasks.id {
        found.push(task(TaskSelector::Id(checked(id)?)));
    }
    for id in &tasks.federated_id {
        found.push(task(TaskSelector::FederatedId(checked(id)?)));
    }
    for path in &tasks.path {
        found.push(task(self::path(path)?));
    }
    for name in &tasks.name {
        found.push(task(match &tasks.folder {
            Some(folder) => path(&format!("{folder}/{name}"))?,
            None => TaskSelector::Name(checked(name)?),
        }));
    }
    Ok(found)
}

/// Refuses a line that names tasks in two ways, because a person can mean one task by both. Words with prefixes can say
/// that they are several.
fn check_one_way(words: &[String], tasks: &Tasks) -> Result<(), Failure> {
    let ways = [
        ("a word", !words.is_empty()),
        ("--id", !tasks.id.is_empty()),
        ("--federated-id", !tasks.federated_id.is_empty()),
        ("--name", !tasks.name.is_empty()),
        ("--path", !tasks.path.is_empty()),
    ];
    let used: Vec<&str> = ways.iter().filter(|(_, used)| *used).map(|(way, _)| *way).collect();
    if used.len() > 1 {
        let failure = usage(format!("{} are two ways to name one task", used.join(" and ")));
        return Err(
            failure.hint("use one of them; to name several tasks, use words such as id:01ABCD0Z00000000001S name:load")
        );
    }
    Ok(())
}

pub(crate) fn parse_word(word: &str, kind: Option<TaskType>) -> Result<Selection, Failure> {
    let task = |selector| Ok(Selection::Task(TaskQuery { selector, kind }));
    if let Some((prefix, rest)) = word.split_once(':') {
        match prefix {
            "id" => return task(TaskSelector::Id(checked(rest)?)),
            "fid" => return task(TaskSelector::FederatedId(checked(rest)?)),
            "name" => return task(TaskSelector::Name(checked(rest)?)),
            "path" => return task(path(rest)?),
            _ => {}
        }
    }
    match word.parse::<Run>() {
        Ok(run) => Ok(Selection::Run(run)),
        Err(HandleError::Typo(why)) => {
            Err(usage(format!("'{word}' is almost a handle, but {why}")).hint("if it is a path, give it with --path"))
        }
        Err(HandleError::Shape) if word.contains('/') => task(path(word)?),
        Err(HandleError::Shape) => task(TaskSelector::Name(checked(word)?)),
    }
}

/// A path without the `Explore/` that the web page shows in front, and without stray slashes.
fn path(text: &str) -> Result<TaskSelector, Failure> {
    let checked = checked(text)?;
    let bare = bare(&checked);
    if bare.split('/').any(|part| part.trim().is_empty()) {
        return Err(usage(format!("'{text}' is not a path: it has an empty part")));
    }
    if !bare.contains('/') {
        return Err(
            usage(format!("'{text}' is not a path: it has no folder")).hint("if it is a name, give it with --name")
        );
    }
    Ok(TaskSelector::Path(bare.to_owned()))
}

pub(crate) fn checked(text: &str) -> Result<String, Failure> {
    if text.trim().is_empty() {
        return Err(usage("the name of a task is empty"));
    }
    if text.chars().any(char::is_control) {
        return Err(usage(format!("{text:?} has control characters")));
    }
    Ok(text.to_owned())
}

/// A mistake in the command line.
pub(crate) fn usage(what: impl std::fmt::Display) -> Failure {
    Failure::of(Exit::Usage, what)
}
