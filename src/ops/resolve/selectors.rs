//! Everything that a command selects, from its words and from its `--from-file` list.

use std::collections::HashSet;
use std::path::Path;

use crate::cli::{TaskList, Tasks};
use crate::job::{TaskQuery, TaskSelector, TaskType};
pub(crate) use crate::ops::resolve::words::{Selection, named, usage};
use crate::ops::resolve::words::{checked, parse_word};
use crate::output::{Console, is_harmless};
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::Hint;
use crate::support::reading;

/// A longer list is a mistake, in MiB.
const LIST_LIMIT: u64 = 64;

/// What is trimmed from both ends of a line. Windows ends lines with a carriage return.
const BLANKS: [char; 3] = [' ', '\t', '\r'];

/// Everything that a command line names, each thing once. `nothing` says what an empty list leaves undone.
pub(crate) fn selections(
    words: &[String],
    tasks: &Tasks,
    list: &TaskList,
    nothing: &str,
    console: &Console<'_>,
) -> Result<Vec<Selection>, Failure> {
    let mut found = named(words, tasks)?;
    if let Some(file) = &list.from_file {
        let (text, place) = (read(file)?, place(file));
        let listed = listed(&text, &place, tasks.kind)?;
        if listed.is_empty() && !list.allow_empty {
            let failure = usage(format!("{place} named no tasks; {nothing}"));
            return Err(failure.hint("check what writes the list; --allow-empty accepts an empty one"));
        }
        found.extend(listed);
        if found.is_empty() {
            console.note(&format!("{place} named no tasks; {nothing}"));
        }
    }
    let count = found.len();
    let mut seen = HashSet::new();
    found.retain(|wanted| seen.insert(wanted.clone()));
    if found.len() < count {
        console.note(&format!("{} named more than once: each counts once", count - found.len()));
    }
    Ok(found)
}

/// Refuses a command line that names nothing.
pub(crate) fn require(words: &[String], tasks: &Tasks, list: &TaskList, hint: Hint) -> Result<(), Failure> {
    if named(words, tasks)?.is_empty() && list.from_file.is_none() {
        return Err(usage("no task or run is named").hint(hint));
    }
    Ok(())
}

fn read(file: &Path) -> Result<String, Failure> {
    let text = if file == Path::new("-") {
        reading::text(std::io::stdin().lock(), LIST_LIMIT)
    } else {
        reading::file(file, LIST_LIMIT)
    };
    text.map_err(|why| {
        Failure::of(Exit::Config, format!("could not read {}: {why}", place(file))).hint("check the path")
    })
}

fn place(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() }
}

/// What a list names: one task or run a line, exactly as it is written.
pub(crate) fn listed(text: &str, place: &str, kind: Option<TaskType>) -> Result<Vec<Selection>, Failure> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.split('\n').map(|line| line.trim_matches(BLANKS)).enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let read = |(index, line): (usize, &str)| {
        parse_line(line, kind).map_err(|failure| failure.context(format!("{place}, line {}", index + 1)))
    };
    lines.map(read).collect()
}

fn parse_line(line: &str, kind: Option<TaskType>) -> Result<Selection, Failure> {
    if line.starts_with('{') {
        let failure = usage("a line that begins with { is reserved for tasks in JSON, which this version cannot read");
        return Err(failure.hint(format!("if it is a path, write path:{line}; if it is a name, write name:{line}")));
    }
    parse_word(line, kind)
}

/// The line of a list that is read back as the task with this path: the path if that suffices, else the path with `path:`
/// in front, else the federated ID. None when no line can say it.
pub(crate) fn line_of(path: &str, federated_id: Option<&str>) -> Option<String> {
    // What is shown in another way than it is written would be read back as another name.
    let reads_back = |line: &String, selector: TaskSelector| {
        is_harmless(line)
            && listed(line, "", None).is_ok_and(|found| found == [Selection::Task(TaskQuery { selector, kind: None })])
    };
    let mut as_path = [path.to_owned(), format!("path:{path}")].into_iter();
    as_path.find(|line| reads_back(line, TaskSelector::Path(path.to_owned()))).or_else(|| line_of_id(federated_id?))
}

/// The line of a list that is read back as the task with this federated ID.
pub(crate) fn line_of_id(federated_id: &str) -> Option<String> {
    checked(federated_id).ok().filter(|id| is_harmless(id)).map(|id| format!("fid:{id}"))
}

#[cfg(test)]
mod tests;
