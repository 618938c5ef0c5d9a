//! From the words of a command line, or the lines of a file, to runs and tasks. Asks the service nothing.

use std::collections::HashSet;
use std::path::Path;

use crate::cli::Tasks;
use crate::job::{HandleError, Run, TaskQuery, TaskSelector, TaskType};
use crate::output::Console;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::reading;

/// What a word of the command line means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Selection {
    Run(Run),
    Task(TaskQuery),
}

/// A longer list is a mistake, in MiB.
const LIST_LIMIT: u64 = 64;

/// What is cut off a line at both ends; the carriage return belongs to the end of lines as Windows writes them.
const BLANKS: [char; 3] = [' ', '\t', '\r'];

/// Everything that a command line names, each thing once. `nothing` says what a list that names nothing leaves undone.
pub(crate) fn selections(
    words: &[String],
    tasks: &Tasks,
    nothing: &str,
    console: &Console,
) -> Result<Vec<Selection>, Failure> {
    let mut found = named(words, tasks)?;
    if let Some(file) = &tasks.from_file {
        let (text, place) = (list(file)?, place(file));
        let listed = listed(&text, &place, tasks.kind)?;
        if listed.is_empty() && !tasks.allow_empty {
            let failure = usage(format!("{place} named no tasks; {nothing}"));
            return Err(failure.hint("check what fills the list; with --allow-empty an empty one ends with 0"));
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

/// What the command line itself names, without the file that it may name.
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

/// Refuses a command line that names nothing, before it matters whose account it is for.
pub(crate) fn require(words: &[String], tasks: &Tasks, hint: &str) -> Result<(), Failure> {
    if named(words, tasks)?.is_empty() && tasks.from_file.is_none() {
        return Err(usage("no task or run is named").hint(hint));
    }
    Ok(())
}

/// Two ways to name tasks in one line are taken for two names of one task. The prefixes say that they are several.
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
            failure.hint("keep one; several tasks are named by words such as id:01ABCD0Z00000000001S name:load")
        );
    }
    Ok(())
}

fn parse_word(word: &str, kind: Option<TaskType>) -> Result<Selection, Failure> {
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
            Err(usage(format!("'{word}' is almost a handle, but {why}"))
                .hint("a path of this shape is given with --path"))
        }
        Err(HandleError::Shape) if word.contains('/') => task(path(word)?),
        Err(HandleError::Shape) => task(TaskSelector::Name(checked(word)?)),
    }
}

/// A path without the `Explore/` that the web page shows in front, and without stray slashes.
fn path(text: &str) -> Result<TaskSelector, Failure> {
    let bare = checked(text)?;
    let bare = bare.trim_matches('/');
    let bare = bare.strip_prefix("Explore/").unwrap_or(bare);
    if bare.split('/').any(|part| part.trim().is_empty()) {
        return Err(usage(format!("'{text}' is not a path: it has an empty part")));
    }
    if !bare.contains('/') {
        return Err(usage(format!("'{text}' is not a path: it has no folder")).hint("a bare name is given with --name"));
    }
    Ok(TaskSelector::Path(bare.to_owned()))
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

/// The text of a list.
fn list(file: &Path) -> Result<String, Failure> {
    let text = if file == Path::new("-") {
        reading::text(std::io::stdin().lock(), LIST_LIMIT)
    } else {
        reading::file(file, LIST_LIMIT)
    };
    text.map_err(|why| Failure::of(Exit::Config, format!("cannot read {}: {why}", place(file))).hint("check the path"))
}

/// What messages call the place of a list.
fn place(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() }
}

/// What a list names: one task or run a line, the line being taken exactly as it is written.
pub(crate) fn listed(text: &str, place: &str, kind: Option<TaskType>) -> Result<Vec<Selection>, Failure> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.split('\n').map(|line| line.trim_matches(BLANKS)).enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let read = |(index, line): (usize, &str)| {
        line_means(line, kind).map_err(|failure| failure.context(format!("{place}, line {}", index + 1)))
    };
    lines.map(read).collect()
}

fn line_means(line: &str, kind: Option<TaskType>) -> Result<Selection, Failure> {
    if line.starts_with('{') {
        let failure =
            usage("a line that begins with { is kept for tasks written in JSON, which this version cannot read");
        return Err(failure.hint(format!("if {{ is how its path begins, write path:{line}; for a name, name:{line}")));
    }
    parse_word(line, kind)
}

/// The line of a list that is read back as the task with this path: the path alone where that suffices, else with `path:`
/// in front, else the federated ID. None when the list has no way to say it.
pub(crate) fn line_of(path: &str, federated_id: Option<&str>) -> Option<String> {
    let reads_back = |line: &String, selector: TaskSelector| {
        listed(line, "", None).is_ok_and(|found| found == [Selection::Task(TaskQuery { selector, kind: None })])
    };
    let mut as_path = [path.to_owned(), format!("path:{path}")].into_iter();
    as_path.find(|line| reads_back(line, TaskSelector::Path(path.to_owned()))).or_else(|| line_of_id(federated_id?))
}

/// The line of a list that is read back as the task with this federated ID.
pub(crate) fn line_of_id(federated_id: &str) -> Option<String> {
    checked(federated_id).ok().map(|id| format!("fid:{id}"))
}

/// A mistake in the command line.
pub(crate) fn usage(what: impl std::fmt::Display) -> Failure {
    Failure::of(Exit::Usage, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Output, When};
    use crate::output::Style;
    use crate::support::env::Env;

    fn console() -> Console {
        let style = Style::new(Output::Text, true, 0, When::Never, When::Never, &Env::default());
        Console::new(style, Box::new(std::io::sink()), Box::new(std::io::sink()))
    }

    fn words(words: &[&str], tasks: &Tasks) -> Result<Vec<Selection>, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        selections(&words, tasks, "nothing was started", &console()).map_err(|failure| {
            assert!(matches!(failure.exit, Exit::Usage | Exit::Config));
            failure.what()
        })
    }

    fn selector(word: &str) -> TaskSelector {
        match words(&[word], &Tasks::default()).unwrap().remove(0) {
            Selection::Task(task) => task.selector,
            Selection::Run(run) => panic!("{run}"),
        }
    }

    #[test]
    fn a_slash_makes_a_path_and_a_prefix_says_it_outright() {
        assert_eq!(selector("load"), TaskSelector::Name("load".into()));
        assert_eq!(
            selector("/Explore/Sales/Nightly/Load customers/"),
            TaskSelector::Path("Sales/Nightly/Load customers".into())
        );
        assert_eq!(selector("id:01ABCD0Z00000000001S"), TaskSelector::Id("01ABCD0Z00000000001S".into()));
        assert_eq!(selector("fid:abc"), TaskSelector::FederatedId("abc".into()));
        assert_eq!(selector("name:a/b"), TaskSelector::Name("a/b".into()));
        assert_eq!(selector("other:x"), TaskSelector::Name("other:x".into()));
        assert_eq!(
            selector("path:MTT/01ABCD0Z00000000001S/18"),
            TaskSelector::Path("MTT/01ABCD0Z00000000001S/18".into())
        );
        let handle = words(&["MTT/01ABCD0Z00000000001S/18"], &Tasks::default()).unwrap();
        assert!(matches!(handle[..], [Selection::Run(_)]));
    }

    #[test]
    fn a_folder_and_a_name_are_a_path() {
        let tasks = Tasks { name: vec!["load".into()], folder: Some("/Finance/ETL".into()), ..Tasks::default() };
        let found = words(&[], &tasks).unwrap();
        let expected = TaskQuery { selector: TaskSelector::Path("Finance/ETL/load".into()), kind: None };
        assert_eq!(found, [Selection::Task(expected)]);
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

    fn in_list(text: &str) -> Result<Vec<Selection>, Failure> {
        listed(text, "tasks", None)
    }

    fn tasks(found: Vec<Selection>) -> Vec<TaskSelector> {
        let task = |wanted| match wanted {
            Selection::Task(task) => task.selector,
            Selection::Run(run) => panic!("{run}"),
        };
        found.into_iter().map(task).collect()
    }

    #[test]
    fn a_line_is_one_task_exactly_as_it_is_written() {
        let text =
            "\u{feff}# nightly\r\n\t Sales/Nightly/Load customers \r\n\r\nO'Brien load\n'a b' \\c\n  #x\nname:#x\nlast";
        let path = |path: &str| TaskSelector::Path(path.to_owned());
        let name = |name: &str| TaskSelector::Name(name.to_owned());
        let expected =
            [path("Sales/Nightly/Load customers"), name("O'Brien load"), name("'a b' \\c"), name("#x"), name("last")];
        assert_eq!(tasks(in_list(text).unwrap()), expected);
        let handle = in_list(" MTT/01ABCD0Z00000000001S/18\n").unwrap();
        assert!(matches!(handle[..], [Selection::Run(_)]));
    }

    #[test]
    fn a_line_that_cannot_be_meant_is_refused_by_its_number() {
        for (line, why) in [
            ("{\"path\": \"a/b\"}", "a line that begins with { is kept for tasks written in JSON"),
            ("a\u{7}b", "has control characters"),
            ("MTT/01ABCD0Z00000000001S/x", "almost a handle"),
            ("a//b", "it has an empty part"),
        ] {
            let failure = in_list(&format!("ok\n\n{line}\n")).unwrap_err();
            assert_eq!((failure.exit, failure.what().as_str()), (Exit::Usage, "tasks, line 3"), "{line}");
            assert!(failure.why().unwrap().contains(why), "{line}: {:?}", failure.why());
        }
        let hint = in_list("{a}/b").unwrap_err().hint.unwrap();
        assert!(hint.contains("path:{a}/b"), "{hint}");
        assert_eq!(tasks(in_list("path:{a}/b").unwrap()), [TaskSelector::Path("{a}/b".to_owned())]);
    }

    #[test]
    fn a_list_is_long_and_names_each_thing_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tasks");
        let lines: String =
            (0..100_000).map(|number| format!("Sales/{}/t{number}\nname:x\n", "y".repeat(80))).collect();
        std::fs::write(&file, lines).unwrap();
        let listed = Tasks { from_file: Some(file), ..Tasks::default() };
        assert_eq!(words(&[], &listed).unwrap().len(), 100_001);
        let folder = Tasks { from_file: Some(folder.path().to_owned()), ..Tasks::default() };
        assert!(words(&[], &folder).unwrap_err().contains("cannot read"));
    }

    #[test]
    fn a_list_that_names_nothing_is_an_error_unless_it_may_be_empty() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tasks");
        for text in ["", "\n\r\n", "# Sales/x\n", "\u{feff}"] {
            std::fs::write(&file, text).unwrap();
            let listed = Tasks { from_file: Some(file.clone()), ..Tasks::default() };
            let refused = words(&[], &listed).unwrap_err();
            assert!(refused.ends_with("tasks named no tasks; nothing was started"), "{refused}");
            assert!(words(&["a/b"], &listed).is_err(), "{text:?}");
            let allowed = Tasks { allow_empty: true, ..listed };
            assert_eq!(words(&[], &allowed).unwrap(), [], "{text:?}");
            assert_eq!(words(&["a/b"], &allowed).unwrap().len(), 1, "{text:?}");
        }
    }

    #[test]
    fn a_path_that_a_list_would_misread_is_written_in_another_way() {
        let id = Some("y5KbOoWvcYmhSXDuw3nEu2");
        for (path, line) in [
            ("Sales/Nightly/Load customers", "Sales/Nightly/Load customers"),
            ("Sales/O'Brien \"load\" \\x", "Sales/O'Brien \"load\" \\x"),
            ("#1/x", "path:#1/x"),
            ("{a}/x", "path:{a}/x"),
            ("id:a/x", "path:id:a/x"),
            ("MTT/01ABCD0Z00000000001S/18", "path:MTT/01ABCD0Z00000000001S/18"),
            (" Sales/x", "path: Sales/x"),
            ("\u{feff}Sales/x", "path:\u{feff}Sales/x"),
            ("Sales/x ", "fid:y5KbOoWvcYmhSXDuw3nEu2"),
            ("Explore/Sales/x", "fid:y5KbOoWvcYmhSXDuw3nEu2"),
            ("Sales/two\nlines", "fid:y5KbOoWvcYmhSXDuw3nEu2"),
            ("x", "fid:y5KbOoWvcYmhSXDuw3nEu2"),
        ] {
            assert_eq!(line_of(path, id).as_deref(), Some(line), "{path:?}");
        }
        assert_eq!(line_of("Sales/x ", None), None);
    }
}
