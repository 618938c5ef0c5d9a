//! Words and lists, and what they select.

use crate::cli::{Output, When};
use crate::ops::resolve::selectors::*;
use crate::output::Style;
use crate::support::clock::SystemClock;
use crate::support::env::Env;
use crate::support::hint::AccountFlags;

fn console() -> Console<'static> {
    let style = Style::new(Output::Text, true, 0, When::Never, When::Never, &Env::default());
    Console::new(style, AccountFlags::default(), &SystemClock, Box::new(std::io::sink()), Box::new(std::io::sink()))
}

fn words(words: &[&str], tasks: &Tasks) -> Result<Vec<Selection>, String> {
    select(words, tasks, &TaskList::default())
}

fn words_and_list(words: &[&str], list: &TaskList) -> Result<Vec<Selection>, String> {
    select(words, &Tasks::default(), list)
}

fn select(words: &[&str], tasks: &Tasks, list: &TaskList) -> Result<Vec<Selection>, String> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    selections(&words, tasks, list, "nothing was started", &console()).map_err(|failure| {
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
    assert_eq!(selector("path:MTT/01ABCD0Z00000000001S/18"), TaskSelector::Path("MTT/01ABCD0Z00000000001S/18".into()));
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
        ("{\"path\": \"a/b\"}", "a line that begins with { is reserved for tasks in JSON"),
        ("a\u{7}b", "has control characters"),
        ("MTT/01ABCD0Z00000000001S/x", "almost a handle"),
        ("a//b", "it has an empty part"),
    ] {
        let failure = in_list(&format!("ok\n\n{line}\n")).unwrap_err();
        assert_eq!((failure.exit, failure.what().as_str()), (Exit::Usage, "tasks, line 3"), "{line}");
        assert!(failure.why().unwrap().contains(why), "{line}: {:?}", failure.why());
    }
    let hint = in_list("{a}/b").unwrap_err().hint.unwrap().render(&AccountFlags::default());
    assert!(hint.contains("path:{a}/b"), "{hint}");
    assert_eq!(tasks(in_list("path:{a}/b").unwrap()), [TaskSelector::Path("{a}/b".to_owned())]);
}

#[test]
fn a_list_is_long_and_names_each_thing_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks");
    let lines: String = (0..100_000).map(|number| format!("Sales/{}/t{number}\nname:x\n", "y".repeat(80))).collect();
    std::fs::write(&file, lines).unwrap();
    let listed = TaskList { from_file: Some(file), ..TaskList::default() };
    assert_eq!(words_and_list(&[], &listed).unwrap().len(), 100_001);
    let folder = TaskList { from_file: Some(folder.path().to_owned()), ..TaskList::default() };
    assert!(words_and_list(&[], &folder).unwrap_err().contains("could not read"));
}

#[test]
fn a_list_that_names_nothing_is_an_error_unless_it_may_be_empty() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks");
    for text in ["", "\n\r\n", "# Sales/x\n", "\u{feff}"] {
        std::fs::write(&file, text).unwrap();
        let listed = TaskList { from_file: Some(file.clone()), ..TaskList::default() };
        let refused = words_and_list(&[], &listed).unwrap_err();
        assert!(refused.ends_with("tasks named no tasks; nothing was started"), "{refused}");
        assert!(words_and_list(&["a/b"], &listed).is_err(), "{text:?}");
        let allowed = TaskList { allow_empty: true, ..listed };
        assert_eq!(words_and_list(&[], &allowed).unwrap(), [], "{text:?}");
        assert_eq!(words_and_list(&["a/b"], &allowed).unwrap().len(), 1, "{text:?}");
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
        ("\u{feff}Sales/x", "fid:y5KbOoWvcYmhSXDuw3nEu2"),
        ("Sales/\u{202e}x", "fid:y5KbOoWvcYmhSXDuw3nEu2"),
        ("Sales/Ü\u{1f469}\u{200d}\u{1f680}", "Sales/Ü\u{1f469}\u{200d}\u{1f680}"),
        ("Sales/x ", "fid:y5KbOoWvcYmhSXDuw3nEu2"),
        ("Explore/Sales/x", "fid:y5KbOoWvcYmhSXDuw3nEu2"),
        ("Sales/two\nlines", "fid:y5KbOoWvcYmhSXDuw3nEu2"),
        ("x", "fid:y5KbOoWvcYmhSXDuw3nEu2"),
    ] {
        assert_eq!(line_of(path, id).as_deref(), Some(line), "{path:?}");
    }
    assert_eq!(line_of("Sales/x ", None), None);
}
