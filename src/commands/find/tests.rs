//! What is printed, for whom, and that a list reads it back.

use crate::cli::When;
use crate::commands::find::*;
use crate::job::TaskSelector;
use crate::ops::resolve::selectors::{Selection, listed};
use crate::support::env::Env;
use crate::support::hint::AccountFlags;

type Found = (Task, Option<String>);

fn text_of(found: &FoundTasks) -> String {
    found.lines().iter().map(|line| format!("{line}\n")).collect()
}

fn as_paths(tasks: &[Found]) -> Shape {
    Shape::Paths(lines(tasks))
}

fn as_tabs(tasks: &[Found]) -> Shape {
    Shape::Tabs(lines(tasks))
}

fn as_columns(_: &[Found]) -> Shape {
    Shape::Columns
}

fn found(shape: fn(&[Found]) -> Shape) -> String {
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
    let shape = shape(&tasks);
    text_of(&FoundTasks { tasks, shape })
}

#[test]
fn programs_get_fields_and_people_get_columns() {
    assert_eq!(found(as_paths), "Sales/Load customers\nSales/chain\n");
    let tabs = found(as_tabs);
    let fields: Vec<&str> = tabs.lines().next().unwrap().split('\t').collect();
    let ids = ["01ABCD0Z00000000001S", "y5KbOoWvcYmhSXDuw3nEu2"];
    assert_eq!(fields, ["Sales/Load customers", "MTT", ids[0], ids[1], "2026-03-01T12:00:00Z"]);
    insta::assert_snapshot!(found(as_columns), @r"
    PATH                  TYPE      ID                    FEDERATED ID            CHANGED
    Sales/Load customers  MTT       01ABCD0Z00000000001S  y5KbOoWvcYmhSXDuw3nEu2  2026-03-01
    Sales/chain           WORKFLOW  -                     y5KbOoWvcYmhSXDuw3nEu2  -
    ");
}

#[test]
fn only_lines_of_a_list_leave_tasks_out_and_that_is_said() {
    let style = |output, quiet| Style::new(output, quiet, 0, When::Auto, When::Auto, &Env::default());
    let task = |path: &str| (Task { path: Some(path.to_owned()), ..Task::default() }, None);
    let tasks = ["Sales/load", "Sales/two\nlines", "Sales/three\nlines"].map(task);
    let left_out = |tasks: &[Found], output, quiet, is_for_people| {
        Shape::of(tasks, style(output, quiet), is_for_people).left_out()
    };
    for quiet in [true, false] {
        let said = |tasks: &[Found]| left_out(tasks, Output::Text, quiet, false);
        assert_eq!(said(&tasks[..1]), None);
        assert!(said(&tasks[..2]).unwrap().starts_with("1 task is left out: "));
        assert!(said(&tasks).unwrap().starts_with("2 tasks are left out: "));
        assert_eq!(left_out(&tasks, Output::Json, quiet, false), None);
    }
    assert_eq!(left_out(&tasks, Output::Text, false, true), None);
}

#[test]
fn advice_fits_the_pattern() {
    let advice = |pattern| advice(pattern).render(&AccountFlags::new(Some("prod"), None));
    assert!(advice("Sales").ends_with("runajob --profile prod find 'Sales/**'"));
    assert!(advice("Sales/*").contains("** goes across"));
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
        let text = |shape: fn(&[Found]) -> Shape| {
            let tasks: Vec<Found> = tasks.iter().map(|task| (task.clone(), None)).collect();
            let shape = shape(&tasks);
            text_of(&FoundTasks { tasks, shape })
        };
        let first = |line: &str| format!("{}\n", line.split('\t').next().unwrap());
        let fields: String = text(as_tabs).lines().map(first).collect();
        proptest::prop_assert_eq!(&text(as_paths), &fields);
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
