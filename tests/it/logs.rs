//! `logs`: the session logs and the rejected rows of a run and of its parts.

use crate::virtual_world::VirtualWorld;

const SCENARIO: &str = "
[[task]]
name = 'm_good'
takes = '20s'
rows = 100
[[task]]
name = 'm_rejects'
takes = '20s'
rows = 100
rejected = 4
ends = ['warning']
error = 'WRT_8229 no such column'
[[task]]
name = 'm_hours'
takes = '5h'
[[task]]
name = 'm_no_agent'
ends = ['no_agent']
[[task]]
name = 'lt'
type = 'WORKFLOW'
parts = ['m_good', 'm_rejects']
[[task]]
name = 'tf'
type = 'TASKFLOW'
parts = ['m_good', 'm_rejects']
[[task]]
name = 'fi'
type = 'FILE_INGESTION'
";

/// A world in which a task has run to its end, and the handle of that run.
fn after(line: &str) -> (VirtualWorld, String) {
    let world = VirtualWorld::new(SCENARIO, &[]);
    let document = world.run(&format!("{line} --wait -o json")).json();
    let handle = document["runs"][0]["handle"].as_str().unwrap().to_owned();
    (world, handle)
}

#[test]
fn the_session_log_of_a_run_is_on_stdout_and_can_be_shortened() {
    let (world, handle) = after("start m_good -t MTT");
    let whole = world.run(&format!("logs {handle}"));
    let lines: Vec<&str> = whole.stdout.lines().collect();
    assert_eq!((whole.code, lines.len()), (0, 4), "{whole:?}");
    assert!(lines[0].contains("Initializing session") && lines[1].contains("Task m_good"), "{lines:?}");
    let tail = world.run(&format!("logs {handle} --tail 2"));
    assert_eq!(tail.stdout.lines().collect::<Vec<_>>(), lines[2..]);
    let by_task = world.run("logs m_good -t MTT --tail 2");
    assert_eq!(by_task.stdout, tail.stdout);
    assert!(by_task.stderr.contains(&format!("the last run is {handle}")), "{by_task:?}");
}

#[test]
fn rejected_rows_are_printed_only_when_they_are_asked_for() {
    let (world, handle) = after("start m_rejects -t MTT");
    let log = world.run(&format!("logs {handle}"));
    assert!(!log.stdout.contains("Error loading row") && world.count("errorLog") == 0, "{log:?}");
    let rows = world.run(&format!("logs {handle} --rejected"));
    assert_eq!((rows.code, rows.stdout.matches("Error loading row to target table").count()), (0, 4), "{rows:?}");
    let (world, handle) = after("start m_good -t MTT");
    let none = world.run(&format!("logs {handle} --rejected"));
    assert!((none.code, none.stderr.contains("no rows were rejected")) == (0, true), "{none:?}");
    assert_eq!(world.count("errorLog"), 0);
}

#[test]
fn a_folder_gets_every_log_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (world, handle) = after("start lt -t WORKFLOW");
    let dir = world.home.path().join("new/logs");
    let outcome = world.run(&format!("logs {handle} --dir {} -o json", dir.display()));
    let document = outcome.json();
    let logs = document["logs"].as_array().unwrap();
    let told: Vec<(&str, &str)> =
        logs.iter().map(|log| (log["name"].as_str().unwrap(), log["kind"].as_str().unwrap())).collect();
    assert_eq!(told, [("m_good", "session"), ("m_rejects", "session"), ("lt", "rejected")], "{outcome:?}");
    for log in logs {
        let path = std::path::Path::new(log["path"].as_str().unwrap());
        assert_eq!(path.parent(), Some(&*dir));
        let facts = path.metadata().unwrap();
        assert_eq!((facts.permissions().mode() & 0o777, facts.len()), (0o600, log["bytes"].as_u64().unwrap()));
        assert!(facts.len() > 0);
    }
    // The service packs the logs of parts.
    let text = std::fs::read_to_string(dir.join("m_good_1.log")).unwrap();
    assert!(text.contains("Task m_good"), "{text}");
}

#[test]
fn a_part_is_named_and_one_that_is_not_there_is_not_found() {
    let (world, handle) = after("start lt -t WORKFLOW");
    let both = world.run(&format!("logs {handle}"));
    assert!(both.stdout.contains("==> m_good <==") && both.stdout.contains("==> m_rejects <=="), "{both:?}");
    let before = world.count("sessionLog");
    let one = world.run(&format!("logs {handle} --part m_rejects"));
    assert!(one.stdout.contains("Task m_rejects") && !one.stdout.contains("m_good"), "{one:?}");
    assert_eq!(world.count("sessionLog"), before + 1);
    let none = world.run(&format!("logs {handle} --part other"));
    assert_eq!(none.code, 9, "{none:?}");
    assert!(none.stderr.contains("m_good, m_rejects"), "{none:?}");
}

#[test]
fn a_taskflow_has_the_logs_of_the_tasks_that_it_started() {
    let (world, handle) = after("start tf -t TASKFLOW");
    let outcome = world.run(&format!("logs {handle}"));
    assert!(outcome.stdout.contains("Task m_good") && outcome.stdout.contains("Task m_rejects"), "{outcome:?}");
    assert_eq!(world.count("task?type="), 1, "one list of tasks for both");
}

#[test]
fn file_ingestion_has_a_list_of_files() {
    let (world, handle) = after("start fi -t FILE_INGESTION");
    let outcome = world.run(&format!("logs {handle}"));
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stderr.contains("no session logs of file ingestion"), "{outcome:?}");
    assert!(outcome.stdout.lines().all(|line| line.contains("succeeded")), "{outcome:?}");
    assert_eq!(world.count("sessionLog"), 0);
}

#[test]
fn what_has_no_log_is_said_to_have_none() {
    let (world, handle) = after("start m_no_agent -t MTT");
    let outcome = world.run(&format!("logs {handle}"));
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, ""), "{outcome:?}");
    assert!(outcome.stderr.contains("the service has no session log of m_no_agent"), "{outcome:?}");
    let started = world.run("start m_hours -t MTT --no-wait").stdout;
    let active = world.run(&format!("logs {}", started.trim()));
    assert_eq!(active.code, 6, "{active:?}");
    assert!(active.stderr.contains("is still active") && active.stderr.contains("runajob wait MTT/"), "{active:?}");
}

#[test]
fn what_failed_shows_the_end_of_its_log_and_ends_with_the_same_code() {
    let scenario = "
[[task]]
name = 'm_good'
takes = '20s'
[[task]]
name = 'm_fails'
takes = '30s'
ends = ['failure']
error = 'WRT_8229 no such column'
[[task]]
name = 'lt'
type = 'WORKFLOW'
parts = ['m_good', 'm_fails']
";
    let world = VirtualWorld::new(scenario, &[]);
    let outcome = world.run("start m_good m_fails -t MTT --wait --logs-on-failure");
    assert_eq!((outcome.code, world.count("sessionLog"), world.count("errorLog")), (3, 1, 0), "{outcome:?}");
    let stderr = &outcome.stderr;
    assert!(stderr.contains("the end of the session log of m_fails (MTT/"), "{stderr}");
    assert!(stderr.contains("Session ended: WRT_8229"), "{stderr}");
    assert!(
        stderr.find("Session ended").unwrap() < stderr.find("2 runs: ").unwrap(),
        "the failures are last: {stderr}"
    );
    let part = world.run("start lt -t WORKFLOW --wait --logs-on-failure");
    assert_eq!((part.code, world.count("sessionLog")), (3, 2), "only that of the part that failed: {part:?}");
    let good = world.run("start m_good -t MTT --wait --logs-on-failure");
    assert_eq!((good.code, world.count("sessionLog")), (0, 2), "{good:?}");
    let world = VirtualWorld::new(scenario, &["other:refused*9"]);
    let refused = world.run("start m_fails -t MTT --wait --logs-on-failure");
    assert_eq!(refused.code, 3, "a log that cannot be had changes nothing: {refused:?}");
    assert_eq!(world.run("start m_good -t MTT --logs-on-failure").code, 64);
}

#[test]
fn a_command_line_that_makes_no_sense_is_refused_before_anything_is_sent() {
    let world = VirtualWorld::new(SCENARIO, &[]);
    let file = world.home.path().join("file");
    std::fs::write(&file, "").unwrap();
    for (line, code, part) in [
        ("logs".to_owned(), 64, "no run is named"),
        ("logs m_good m_rejects".to_owned(), 64, "one run are shown at a time"),
        ("logs m_good -o json".to_owned(), 64, "--dir FOLDER"),
        (format!("logs m_good --dir {}", file.display()), 78, "cannot write into"),
        (format!("logs m_good --dir {}/below", file.display()), 78, "cannot write into"),
    ] {
        let outcome = world.run(&line);
        assert_eq!(outcome.code, code, "{line}: {outcome:?}");
        assert!(outcome.stderr.contains(part), "{line}: {outcome:?}");
    }
    assert_eq!(world.exchanges().len(), 0);
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again_and_leaves_nothing_behind() {
    let (world, handle) = after("start m_good -t MTT");
    let whole = world.run(&format!("logs {handle}")).stdout;
    for fault in ["other:truncated", "other:503", "other:reset"] {
        world.fault(fault);
        let outcome = world.run(&format!("logs {handle}"));
        assert_eq!((outcome.code, &outcome.stdout), (0, &whole), "{fault}: {outcome:?}");
    }
}
