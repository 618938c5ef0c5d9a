//! Rows of monitor and log that are spelled oddly, broken, or cut off and asked for again. An odd row costs no verdict; one
//! that nobody can read starts nothing, stops nothing and is told.

use std::time::Duration;

use crate::virtual_world::VirtualWorld;

const SCENARIO: &str = "
[[task]]
name = 'good'
takes = '60s'
[[task]]
name = 'warns'
takes = '60s'
ends = ['warning']
[[task]]
name = 'bad'
takes = '60s'
ends = ['failure']
[[task]]
name = 'stopped'
takes = '60s'
ends = ['stopped']
[[task]]
name = 'agentless'
ends = ['no_agent']
[[task]]
name = 'busy'
busy = true
[[task]]
name = 'night'
takes = '12h'
[[task]]
name = 'chain'
type = 'WORKFLOW'
parts = ['good', 'bad']
";

fn world(faults: &[&str]) -> VirtualWorld {
    VirtualWorld::new(SCENARIO, faults)
}

/// A run of the task that goes on, once the monitor shows it.
fn night(world: &VirtualWorld) -> String {
    let handle = world.run("start night -t MTT").stdout.trim().to_owned();
    world.clock.advance(Duration::from_secs(30));
    handle
}

fn stops(world: &VirtualWorld) -> usize {
    world.count("POST /saas/api/v2/job/stop")
}

#[test]
fn an_odd_spelling_of_every_answer_costs_no_verdict() {
    for (name, code) in
        [("good", 0), ("warns", 1), ("bad", 3), ("stopped", 5), ("agentless", 7), ("busy", 8), ("chain -t WORKFLOW", 3)]
    {
        let world = world(&["any:odd-rows"]);
        let outcome = world.run(&format!("start {name} --wait -o json"));
        assert_eq!(outcome.code, code, "{name}: {outcome:?}");
        assert_eq!(world.started().len(), 1, "{name}");
    }
    let world = world(&["any:odd-rows"]);
    let handle = night(&world);
    let joined = world.run("start night -t MTT --if-running join");
    assert_eq!((joined.code, &joined.stdout), (0, &format!("{handle}\n")), "{joined:?}");
    assert!(world.run("status").stdout.contains(&handle));
    let outcome = world.run(&format!("stop --wait {handle} -o json"));
    assert_eq!((outcome.code, &outcome.json()["runs"][0]["outcome"]), (0, &"stopped".into()), "{outcome:?}");
}

#[test]
fn an_odd_answer_to_a_start_is_read_and_a_lost_one_found_among_odd_rows() {
    let odd = world(&["start:odd-rows"]);
    assert_eq!(odd.run("start good -t MTT --wait").code, 0);
    assert_eq!(odd.count("activityMonitor"), 0, "the run of a lost start was looked for");
    let lost = world(&["start:lost-answer", "log:odd-rows", "monitor:odd-rows"]);
    let outcome = lost.run("start good -t MTT --wait -o json");
    assert_eq!((outcome.code, &outcome.json()["runs"][0]["adopted"]), (0, &true.into()), "{outcome:?}");
}

#[test]
fn a_row_that_cannot_be_read_shuts_the_gates() {
    for fault in ["monitor:broken-row", "monitor:broken-rows"] {
        let world = world(&[fault]);
        let handle = night(&world);
        for line in [
            "start night -t MTT --if-running fail",
            "start night -t MTT --if-running join",
            "stop night -t MTT",
            "stop night -t MTT --all",
            "status night -t MTT",
            "wait night -t MTT",
        ] {
            let outcome = world.run(line);
            assert_eq!(outcome.code, 69, "{fault}, {line}: {outcome:?}");
            assert!(outcome.stderr.contains("of its rows cannot be read"), "{fault}, {line}: {outcome:?}");
        }
        assert_eq!((world.started().len(), stops(&world)), (1, 0), "{fault}");
        let outcome = world.run(&format!("stop {handle}"));
        assert_ne!(outcome.code, 0, "{fault}: {outcome:?}");
        assert_eq!(stops(&world), 0, "{fault}: {outcome:?}");
    }
}

#[test]
fn the_row_of_the_run_itself_that_cannot_be_read_lets_nothing_be_stopped() {
    let world = world(&["log:broken-row"]);
    let handle = night(&world);
    let outcome = world.run(&format!("stop {handle}"));
    assert_eq!((outcome.code, stops(&world)), (69, 0), "{outcome:?}");
}

#[test]
fn a_broken_row_that_passes_costs_only_another_try() {
    let world = world(&["monitor:broken-row*2"]);
    let outcome = world.run("start good -t MTT --if-running fail --wait");
    assert_eq!((outcome.code, world.count("activityMonitor")), (0, 3), "{outcome:?}");
}

#[test]
fn no_run_is_adopted_while_a_row_cannot_be_read() {
    let world = world(&["start:lost-answer", "monitor:broken-row"]);
    let outcome = world.run("start good -t MTT -o json");
    assert_eq!((outcome.code, world.started().len()), (10, 1), "{outcome:?}");
    assert!(outcome.json()["error"]["why"].as_str().unwrap().contains("one of its rows cannot be read"), "{outcome:?}");
}

#[test]
fn a_verdict_that_cannot_be_read_is_told_and_borne_within_patience() {
    let passing = world(&["log:broken-rows@60s..120s"]);
    let outcome = passing.run("start good -t MTT --wait");
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stderr.contains("one of its rows cannot be read"), "{outcome:?}");
    let lasting = world(&["log:broken-rows"]);
    let outcome = lasting.run("start good -t MTT --wait --patience 2m");
    assert_eq!(outcome.code, 6, "{outcome:?}");
    assert!(outcome.stderr.contains("one of its rows cannot be read; failing for 2 minutes"), "{outcome:?}");
    // A row in front of the run's own hides nothing.
    assert_eq!(world(&["log:broken-row"]).run("start good -t MTT --wait").code, 0);
}

#[test]
fn among_many_runs_a_broken_row_costs_only_its_own() {
    for fault in ["monitor:broken-row", "monitor:broken-rows", "log:broken-rows*1"] {
        let world = world(&[fault]);
        let outcome = world.run("start good warns bad -t MTT --wait -o json");
        assert_eq!(outcome.code, 3, "{fault}: {outcome:?}");
        let words: Vec<_> =
            outcome.json()["runs"].as_array().unwrap().iter().map(|run| run["outcome"].clone()).collect();
        assert_eq!(words, ["succeeded", "warning", "failed"], "{fault}");
    }
}

#[test]
fn the_list_of_everything_says_that_rows_are_missing() {
    let world = world(&["monitor:broken-row"]);
    let handle = night(&world);
    let outcome = world.run("status");
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains(&handle), "{outcome:?}");
    assert!(outcome.stderr.contains("one row of the activity monitor could not be read"), "{outcome:?}");
}

#[test]
fn a_list_that_was_cut_off_leaves_nothing_in_the_next_one() {
    for cut in ["monitor:truncated*1", "monitor:truncated*2", "monitor:stalled*1"] {
        // Five runs of others make the half of the list that arrives hold whole rows.
        let world = world(&[]);
        let handle = night(&world);
        for _ in 0..2 {
            world.run("start good warns bad -t MTT");
        }
        world.clock.advance(Duration::from_secs(10));
        world.fault(cut);
        let outcome = world.run("status night -t MTT -o json");
        assert_eq!(outcome.code, 6, "{cut}: {outcome:?}");
        assert!(!outcome.stderr.contains("runs of it are under way"), "{cut}: {outcome:?}");
        world.fault(cut);
        let outcome = world.run("status -o json");
        let runs = outcome.json()["runs"].as_array().unwrap().clone();
        let shown = runs.iter().filter(|run| run["handle"] == *handle).count();
        assert_eq!(shown, 1, "{cut}: {outcome:?}");
        world.fault(cut);
        assert_eq!(world.run("stop night -t MTT").code, 0, "{cut}");
    }
}
