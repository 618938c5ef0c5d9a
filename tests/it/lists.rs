//! Lists of tasks: a line is one task as it is written, and what `find` prints is what `--from-file` reads.

use std::path::PathBuf;

use crate::virtual_world::VirtualWorld;

/// Names that a shell, or a reader of lists, would take for something else.
const ODD: [&str; 8] =
    ["Load customers", "O'Brien load", "a \"b\" \\c", "'quoted'", "two\nlines", "blank ", "tab\there", "$x; y"];

fn world() -> VirtualWorld {
    let task = |name: &&str| format!("[[task]]\nname = {name:?}\nfolder = '#1/{{a}}'\ntakes = '1s'\n");
    let odd: String = ODD.iter().map(task).collect();
    VirtualWorld::new(
        &format!("{odd}[[task]]\nname = 'Load'\n[[task]]\nname = 'customers'\n[[task]]\nname = 'a b'\n"),
        &[],
    )
}

fn list(world: &VirtualWorld, text: &str) -> PathBuf {
    let file = world.home.path().join("list");
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn a_line_with_blanks_is_one_task() {
    let world = world();
    let file = list(&world, "\u{feff}# nightly\r\n  Default/a b \r\n\r\nDefault/a b\n");
    let started = world.run(&format!("start --from-file {} -t MTT -o json", file.display()));
    assert_eq!((started.code, world.started().len()), (0, 1), "{started:?}");
    assert_eq!(started.json()["runs"][0]["task"]["path"], "Default/a b");
    assert!(started.stderr.contains("1 named more than once"), "{started:?}");
    let world = self::world();
    let file = list(&world, "Load customers\n");
    let none = world.run(&format!("start --from-file {} -t MTT", file.display()));
    assert_eq!((none.code, world.started().len()), (9, 0), "{none:?}");
}

#[test]
fn whatever_find_prints_is_started_as_that_very_task() {
    let world = world();
    for options in ["-q", ""] {
        let found = world.run(&format!("find '#1/**' {options}"));
        assert_eq!((found.code, found.stdout.lines().count()), (0, ODD.len()), "{found:?}");
        let lines: String =
            found.stdout.lines().map(|line| format!("{}\n", line.split('\t').next().unwrap())).collect();
        let file = list(&world, &lines);
        let before = world.started().len();
        let started = world.run(&format!("start --from-file {} -t MTT --wait -o json", file.display()));
        assert_eq!((started.code, world.started().len() - before), (0, ODD.len()), "{lines} {started:?}");
        let document = started.json();
        let mut paths: Vec<&str> =
            document["runs"].as_array().unwrap().iter().map(|run| run["task"]["path"].as_str().unwrap()).collect();
        paths.sort_unstable();
        let mut expected = ODD.map(|name| format!("#1/{{a}}/{name}"));
        expected.sort_unstable();
        assert_eq!(paths, expected);
    }
}

#[test]
fn the_document_of_find_has_the_ids_whatever_is_printed() {
    let world = world();
    let [loud, quiet] = ["", "-q"].map(|options| world.run(&format!("find Load {options} -o json")).json());
    assert!(loud["tasks"][0]["id"].is_string(), "{loud}");
    assert_eq!(quiet, loud);
}

#[test]
fn a_quoted_line_of_an_old_list_says_what_to_write() {
    let world = world();
    let file = list(&world, "'Default/a b'\n");
    for types in ["", "-t MTT", "-t TASKFLOW"] {
        let refused = world.run(&format!("start --from-file {} {types} -o json", file.display()));
        assert_eq!((refused.code, world.started().len()), (9, 0), "{refused:?}");
        let hint = refused.json()["error"]["fix"].clone();
        assert!(hint.as_str().unwrap().ends_with("write it without them: Default/a b"), "{hint}");
    }
}

#[test]
fn a_list_that_names_nothing_is_an_error_of_each_verb_and_asks_nothing() {
    let world = world();
    let file = list(&world, "\r\n# Sales/x\n");
    let handles = world.home.path().join("handles");
    for (verb, nothing) in [
        ("start --wait", "nothing was started"),
        ("stop --wait", "nothing was stopped"),
        ("wait", "nothing was waited for"),
        ("status", "nothing is shown"),
    ] {
        let line = format!("{verb} --from-file {} -o json", file.display());
        let refused = world.run(&line);
        assert_eq!((refused.code, &refused.json()["error"]["code"]), (64, &64.into()), "{refused:?}");
        let what = refused.json()["error"]["what"].clone();
        assert!(what.as_str().unwrap().ends_with(&format!("named no tasks; {nothing}")), "{what}");
        let allowed = world.run(&format!("{line} --allow-empty"));
        assert_eq!((allowed.code, &allowed.json()["runs"]), (0, &serde_json::json!([])), "{allowed:?}");
        assert!(allowed.stderr.contains(nothing), "{allowed:?}");
    }
    let start = format!("start --from-file {} --allow-empty --handle-file {}", file.display(), handles.display());
    assert_eq!(world.run(&start).code, 0);
    assert_eq!(std::fs::read_to_string(&handles).unwrap(), "");
    assert_eq!(world.exchanges().len(), 0);
}

#[test]
fn a_line_of_json_is_refused_and_starts_nothing() {
    let world = world();
    let file = list(&world, "Default/Load\n{\"path\": \"Default/customers\"}\n");
    let refused = world.run(&format!("start --from-file {} -t MTT -o json", file.display()));
    assert_eq!((refused.code, world.exchanges().len()), (64, 0), "{refused:?}");
    assert!(refused.json()["error"]["what"].as_str().unwrap().ends_with("list, line 2"), "{refused:?}");
}
