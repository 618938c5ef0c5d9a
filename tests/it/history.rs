//! `history`: past runs, read page by page until the time or the number that was asked for is covered, and not further.

use serde_json::Value;

use crate::virtual_world::VirtualWorld;

/// Each past run of the sandbox ended a day before the next.
const SCENARIO: &str = "
[[task]]
name = 'many'
takes = '60s'
past_runs = 450
[[task]]
name = 'few'
takes = '30s'
past_runs = 3
ends = ['failure']
error = 'TE_7002 no such table'
[[task]]
name = 'new'
[[task]]
name = 'tf'
type = 'TASKFLOW'
takes = '20s'
parts = ['new']
";

fn world() -> VirtualWorld {
    VirtualWorld::new(SCENARIO, &[])
}

fn log_requests(world: &VirtualWorld) -> usize {
    world.count("activityLog")
}

#[test]
fn pages_are_read_until_the_time_is_covered_and_no_further() {
    for (line, runs, requests) in [
        ("history many -t MTT", 7, 1),
        ("history many -t MTT --since 100d", 100, 1),
        ("history many -t MTT --since 300d", 300, 2),
        ("history many -t MTT --since 3000d", 450, 3),
        ("history many -t MTT --since 3000d --limit 5", 5, 1),
        ("history new -t MTT", 0, 1),
    ] {
        let world = world();
        let outcome = world.run(&format!("{line} -o json"));
        let document = outcome.json();
        let found = document["runs"].as_array().unwrap().len();
        assert_eq!((outcome.code, found, log_requests(&world)), (0, runs, requests), "{line}");
        assert_eq!(document["history"][0]["runs"], runs, "{line}");
    }
}

#[test]
fn each_run_is_a_line_of_fields_for_programs_and_a_handle_with_quiet() {
    let world = world();
    let lines = world.run("history few -t MTT").stdout;
    let fields: Vec<Vec<&str>> = lines.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(fields.len(), 3, "{lines}");
    for (fields, number) in fields.iter().zip(["3", "2", "1"]) {
        assert!(fields[0].ends_with(&format!("/{number}")), "{fields:?}");
        assert_eq!((fields.len(), fields[1], fields[3], fields[8], fields[9]), (10, "failed", "30", "TE_7002", "few"));
        assert!(fields[2].parse::<jiff::Timestamp>().is_ok(), "{fields:?}");
    }
    let handles: String = fields.iter().map(|fields| format!("{}\n", fields[0])).collect();
    assert_eq!(world.run("history few -t MTT -q").stdout, handles);
}

#[test]
fn the_history_of_all_tasks_has_taskflows_too_and_can_be_of_one_type() {
    let world = world();
    assert_eq!(world.run("start tf -t TASKFLOW --wait").code, 0);
    let names = |line: &str| -> Vec<String> {
        let runs = world.run(line).json()["runs"].clone();
        runs.as_array().unwrap().iter().map(|run| run["task"]["name"].as_str().unwrap().to_owned()).collect()
    };
    let all = names("history --all --since 2d -o json");
    assert!(all.iter().position(|name| name == "tf") < all.iter().position(|name| name == "few"), "{all:?}");
    for name in ["many", "few"] {
        assert!(all.iter().any(|other| other == name), "{name}: {all:?}");
    }
    assert_eq!(names("history --all --since 2d -t TASKFLOW -o json"), ["tf"]);
    assert!(!names("history --all --since 2d -t MTT -o json").contains(&"tf".to_owned()));
}

#[test]
fn what_a_task_usually_takes_is_told_of_its_good_runs() {
    let world = world();
    let usual = |line: &str| world.run(line).json()["history"].clone();
    assert_eq!(usual("history many few -t MTT -o json")[0]["usual_duration_s"], 60);
    assert_eq!(usual("history many few -t MTT -o json")[1]["usual_duration_s"], Value::Null, "it never ended well");
    assert_eq!(usual("history --all -o json")[0]["usual_duration_s"], Value::Null, "of different tasks");
}

#[test]
fn a_row_that_cannot_be_read_is_counted_and_hides_no_other() {
    let world = VirtualWorld::new(SCENARIO, &["log:broken-row"]);
    let document = world.run("history few -t MTT -o json").json();
    let warnings = document["warnings"].to_string();
    assert_eq!((&document["exit_code"], document["runs"].as_array().unwrap().len()), (&0.into(), 3));
    assert!(warnings.contains("1 row of the log of few cannot be read, and is left out"), "{warnings}");
}

#[test]
fn a_command_line_that_makes_no_sense_is_refused_before_anything_is_sent() {
    let world = world();
    for (line, part) in [("history", "no task is named"), ("history --all many", "no task can be named beside it")] {
        let outcome = world.run(line);
        assert_eq!(outcome.code, 64, "{line}: {outcome:?}");
        assert!(outcome.stderr.contains(part), "{line}: {outcome:?}");
    }
    assert_eq!(world.exchanges().len(), 0);
    let handle = world.run("history MTT/00SBX10Z000000000001/1");
    assert!((handle.code, handle.stderr.contains("only tasks have a history")) == (64, true), "{handle:?}");
    assert_eq!(world.run("history nothing -t MTT").code, 9);
}
