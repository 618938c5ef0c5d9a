//! From the words of a command line, or the lines of a file, to runs and tasks. Asks the service nothing.

use std::collections::HashSet;
use std::path::Path;

use crate::cli::Tasks;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::job::{HandleError, Naming, Run, TaskRef, TaskType};
use crate::output::Console;
use crate::reading;

/// What a word of the command line means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Wanted {
    Run(Run),
    Task(TaskRef),
}

/// A longer file of names is a mistake, in MiB.
const FILE_LIMIT: u64 = 16;

/// Everything that a command line names, each thing once.
pub(super) fn wanted(words: &[String], tasks: &Tasks, console: &Console) -> Result<Vec<Wanted>, Failure> {
    let mut found = named(words, tasks)?;
    if let Some(file) = &tasks.from_file {
        for (number, line) in lines(file)? {
            let words = shell_words::split(&line)
                .map_err(|_| usage(format!("{}, line {number}: the quotes do not match", file.display())))?;
            for word in words {
                let meant = word_means(&word, tasks.kind);
                found.push(meant.map_err(|failure| failure.context(format!("{}, line {number}", file.display())))?);
            }
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

/// What the command line itself names, without the file that it may name.
pub(super) fn named(words: &[String], tasks: &Tasks) -> Result<Vec<Wanted>, Failure> {
    one_way(words, tasks)?;
    let mut found = Vec::new();
    for word in words {
        found.push(word_means(word, tasks.kind)?);
    }
    let task = |naming| Wanted::Task(TaskRef { naming, kind: tasks.kind });
    for id in &tasks.id {
        found.push(task(Naming::Id(checked(id)?)));
    }
    for id in &tasks.federated_id {
        found.push(task(Naming::FederatedId(checked(id)?)));
    }
    for path in &tasks.path {
        found.push(task(self::path(path)?));
    }
    for name in &tasks.name {
        found.push(task(match &tasks.folder {
            Some(folder) => path(&format!("{folder}/{name}"))?,
            None => Naming::Name(checked(name)?),
        }));
    }
    Ok(found)
}

/// Two ways to name tasks in one line are taken for two names of one task. The prefixes say that they are several.
fn one_way(words: &[String], tasks: &Tasks) -> Result<(), Failure> {
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
        return Err(failure.fix("keep one; several tasks are named by words such as id:01ABCD0Z00000000001S name:load"));
    }
    Ok(())
}

fn word_means(word: &str, kind: Option<TaskType>) -> Result<Wanted, Failure> {
    let task = |naming| Ok(Wanted::Task(TaskRef { naming, kind }));
    if let Some((prefix, rest)) = word.split_once(':') {
        match prefix {
            "id" => return task(Naming::Id(checked(rest)?)),
            "fid" => return task(Naming::FederatedId(checked(rest)?)),
            "name" => return task(Naming::Name(checked(rest)?)),
            "path" => return task(path(rest)?),
            _ => {}
        }
    }
    match word.parse::<Run>() {
        Ok(run) => Ok(Wanted::Run(run)),
        Err(HandleError::Typo(why)) => {
            Err(usage(format!("'{word}' is almost a handle, but {why}"))
                .fix("a path of this shape is given with --path"))
        }
        Err(HandleError::Shape) if word.contains('/') => task(path(word)?),
        Err(HandleError::Shape) => task(Naming::Name(checked(word)?)),
    }
}

/// A path without the `Explore/` that the web page shows in front, and without stray slashes.
fn path(text: &str) -> Result<Naming, Failure> {
    let bare = checked(text)?;
    let bare = bare.trim_matches('/');
    let bare = bare.strip_prefix("Explore/").unwrap_or(bare);
    if bare.split('/').any(|part| part.trim().is_empty()) {
        return Err(usage(format!("'{text}' is not a path: it has an empty part")));
    }
    if !bare.contains('/') {
        return Err(usage(format!("'{text}' is not a path: it has no folder")).fix("a bare name is given with --name"));
    }
    Ok(Naming::Path(bare.to_owned()))
}

fn checked(text: &str) -> Result<String, Failure> {
    if text.trim().is_empty() {
        return Err(usage("a task cannot have an empty name"));
    }
    if text.chars().any(char::is_control) {
        return Err(usage(format!("{text:?} has control characters")));
    }
    Ok(text.to_owned())
}

fn lines(file: &Path) -> Result<Vec<(usize, String)>, Failure> {
    let unreadable = |why: String| Failure::of(Exit::Config, format!("cannot read {}: {why}", file.display()));
    let text = if file == Path::new("-") {
        reading::text(std::io::stdin().lock(), FILE_LIMIT)
    } else {
        reading::file(file, FILE_LIMIT)
    };
    let text = text.map_err(|why| unreadable(why).fix("check the path"))?;
    let numbered = text.trim_start_matches('\u{feff}').lines().enumerate();
    let meant = numbered.map(|(index, line)| (index + 1, line.trim().to_owned()));
    Ok(meant.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).collect())
}

/// A mistake in the command line.
pub(super) fn usage(what: impl std::fmt::Display) -> Failure {
    Failure::of(Exit::Usage, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Output, When};
    use crate::env::Env;
    use crate::output::Style;

    fn console() -> Console {
        let style = Style::new(Output::Text, true, 0, When::Never, When::Never, &Env::default());
        Console::new(style, Box::new(std::io::sink()), Box::new(std::io::sink()))
    }

    fn words(words: &[&str], tasks: &Tasks) -> Result<Vec<Wanted>, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        wanted(&words, tasks, &console()).map_err(|failure| {
            assert!(matches!(failure.exit, Exit::Usage | Exit::Config));
            failure.what()
        })
    }

    fn naming(word: &str) -> Naming {
        match words(&[word], &Tasks::default()).unwrap().remove(0) {
            Wanted::Task(task) => task.naming,
            Wanted::Run(run) => panic!("{run}"),
        }
    }

    #[test]
    fn a_slash_makes_a_path_and_a_prefix_says_it_outright() {
        assert_eq!(naming("load"), Naming::Name("load".into()));
        assert_eq!(
            naming("/Explore/Sales/Nightly/Load customers/"),
            Naming::Path("Sales/Nightly/Load customers".into())
        );
        assert_eq!(naming("id:01ABCD0Z00000000001S"), Naming::Id("01ABCD0Z00000000001S".into()));
        assert_eq!(naming("fid:abc"), Naming::FederatedId("abc".into()));
        assert_eq!(naming("name:a/b"), Naming::Name("a/b".into()));
        assert_eq!(naming("other:x"), Naming::Name("other:x".into()));
        assert_eq!(naming("path:MTT/01ABCD0Z00000000001S/18"), Naming::Path("MTT/01ABCD0Z00000000001S/18".into()));
        let handle = words(&["MTT/01ABCD0Z00000000001S/18"], &Tasks::default()).unwrap();
        assert!(matches!(handle[..], [Wanted::Run(_)]));
    }

    #[test]
    fn a_folder_and_a_name_are_a_path() {
        let tasks = Tasks { name: vec!["load".into()], folder: Some("/Finance/ETL".into()), ..Tasks::default() };
        let found = words(&[], &tasks).unwrap();
        let expected = TaskRef { naming: Naming::Path("Finance/ETL/load".into()), kind: None };
        assert_eq!(found, [Wanted::Task(expected)]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let none = Tasks::default();
        for word in ["", " ", "a\u{7}b", "a//b", "/a", "path:x", "id:", "MTT/01ABCD0Z00000000001S/x", "name:\n"] {
            assert!(words(&[word], &none).is_err(), "{word:?}");
        }
        let two = Tasks { id: vec!["x".into()], ..Tasks::default() };
        assert_eq!(words(&["load"], &two).unwrap_err(), "a word and --id are two ways to name one task");
    }

    #[test]
    fn a_file_has_a_name_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tasks");
        std::fs::write(&file, "\u{feff}# nightly\r\n'Sales/Nightly/Load customers'\r\n\r\nname:x\nname:x\n").unwrap();
        let tasks = Tasks { from_file: Some(file.clone()), ..Tasks::default() };
        assert_eq!(words(&[], &tasks).unwrap().len(), 2);
        std::fs::write(&file, "ok\n'open\n").unwrap();
        assert!(words(&[], &tasks).unwrap_err().contains("line 2: the quotes do not match"));
        let many: String = (0..10_000).map(|number| format!("name:t{number}\n")).collect();
        std::fs::write(&file, many).unwrap();
        assert_eq!(words(&[], &tasks).unwrap().len(), 10_000);
        let folder = Tasks { from_file: Some(folder.path().to_owned()), ..Tasks::default() };
        assert!(words(&[], &folder).unwrap_err().contains("cannot read"));
    }
}
