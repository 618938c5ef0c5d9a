//! One key, one request: keys of any age, with other inputs, and under clocks that jump. What reached the service is counted.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::Value;

use crate::virtual_world::VirtualWorld;

const SCENARIO: &str = "
[[task]]
name = 'good'
takes = '60s'
[[task]]
name = 'other'
takes = '60s'
[[task]]
name = 'tf_night'
type = 'TASKFLOW'
takes = '60s'
";

const DAY: Duration = Duration::from_secs(86_400);

pub(crate) fn world(faults: &[&str]) -> VirtualWorld {
    VirtualWorld::new(SCENARIO, faults)
}

#[test]
fn a_rerun_does_not_forget_its_own_key() {
    for days in [31, 399, 401, 3000] {
        let world = world(&[]);
        assert_eq!(world.run("start good -t MTT --once k --wait").code, 0);
        for _ in 0..3 {
            world.clock.advance(days * DAY);
            let again = world.run("start good -t MTT --once k --wait -o json");
            assert_eq!((again.code, world.started().len()), (0, 1), "{days}: {again:?}");
        }
    }
}

#[test]
fn a_key_in_doubt_is_never_forgotten() {
    let world = world(&["start:reset*1"]);
    assert_eq!(world.run("start good -t MTT --once k --wait").code, 10);
    for days in [31, 401, 2, 2] {
        world.clock.advance(days * DAY);
        assert_eq!(world.run("start other -t MTT --once k --wait").code, 0);
        assert_eq!(world.run("start good -t MTT --once k --wait").code, 10);
    }
    assert_eq!(world.count("POST /saas/api/v2/job"), 2, "one of each task");
}

#[test]
fn a_key_that_nobody_uses_goes_after_400_days_and_is_told_of() {
    let world = world(&[]);
    assert_eq!(world.run("start good -t MTT --once old --wait").code, 0);
    world.clock.advance(401 * DAY);
    let first = world.run("start other -t MTT --once new --wait -v");
    assert!(first.stderr.contains("examined 2 keys in "), "{first:?}");
    assert_eq!((world.key_files("json").len(), first.code), (2, 0));
    world.clock.advance(DAY);
    let second = world.run("start other -t MTT --once new --wait -v");
    assert!(second.stderr.contains("1 were not used for 400d and were removed"), "{second:?}");
    assert_eq!((world.key_files("json").len(), second.code), (1, 0));
    assert!(!world.run("start other -t MTT --once newer --wait").stderr.contains("examined"), "only with -v");
}

#[test]
fn joining_a_run_under_a_key_is_a_use_of_it() {
    let world = world(&[]);
    assert_eq!(world.run("start good -t MTT --once k --wait").code, 0);
    for _ in 0..5 {
        world.clock.advance(300 * DAY);
        assert_eq!(world.run("start good -t MTT --once k --wait").code, 0);
        assert_eq!(world.run("start other -t MTT --once k --wait").code, 0);
    }
    assert_eq!(world.started().len(), 2);
}

#[test]
fn a_clock_that_jumps_makes_no_key_go() {
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    for jumps in [&[5000, 0, 5001, 0][..], &[-5000, 0, 1, 2], &[0, 500, 1000, 1500, 0]] {
        let world = world(&[]);
        assert_eq!(world.run("start good -t MTT --once k --wait").code, 0);
        for jump in jumps {
            world.set_ahead(days(*jump));
            // Commands of another task sweep, this one's rerun must find its key.
            for _ in 0..2 {
                assert_eq!(world.run("start other -t MTT --once k --wait").code, 0);
                world.clock.advance(DAY);
            }
        }
        assert_eq!(world.run("start good -t MTT --once k --wait").code, 0);
        assert_eq!(world.started().len(), 2, "{jumps:?}");
    }
}

#[test]
fn a_clock_that_was_set_since_does_not_take_an_older_run_for_the_lost_one() {
    let world = world(&["start:reset*1@1h"]);
    // A run of yesterday's, of which this machine knows nothing any more, and today's start that never arrived.
    assert_eq!(world.run("start good -t MTT --wait").code, 0);
    world.forget();
    world.clock.advance(DAY);
    assert_eq!(world.run("start good -t MTT --once k --wait").code, 10);
    world.set_ahead(SignedDuration::from_hours(5 * 24));
    let again = world.run("start good -t MTT --once k --wait -o json");
    assert_eq!((again.code, world.started().len()), (10, 1), "{again:?}");
}

#[test]
fn other_inputs_under_a_key_start_nothing_and_are_refused() {
    let world = world(&[]);
    let line = |more: &str| format!("start --name tf_night -t TASKFLOW --once k --wait -o json {more}");
    assert_eq!(world.run(&line("--input region=EMEA --input day=1")).code, 0);
    for more in [
        "--input region=APAC --input day=1",
        "--input region=EMEA",
        "",
        "--input region=EMEA --input day=1 --run-name x",
    ] {
        let refused = world.run(&line(more));
        let error = &refused.json()["error"];
        assert_eq!((refused.code, world.flows_started()), (64, 1), "{more}: {refused:?}");
        let text = |member: &str| error[member].as_str().unwrap().to_owned();
        assert!(text("what").contains("the key 'k' was used for this task with other inputs"), "{refused:?}");
        assert!(text("what").contains("TASKFLOW/") && text("fix").contains("nothing was started"), "{refused:?}");
    }
    assert_eq!(world.run(&line("--input day=1 --input region=EMEA")).code, 0);
    assert_eq!(world.run(&line("--input region=APAC").replace("--once k", "--once apac")).code, 0);
    assert_eq!(world.flows_started(), 2);
}

#[test]
fn parameters_are_part_of_the_request_and_a_callback_is_not() {
    let world = world(&[]);
    let first = "start good -t MTT --once k --wait --agent-param-file a.txt";
    assert_eq!(world.run(first).code, 0);
    for (more, code) in [
        ("--agent-param-file b.txt", 64),
        ("--agent-param-file a.txt --agent-param-dir /params", 64),
        ("", 64),
        ("--agent-param-file a.txt --callback-url https://hooks.example.com/x --allow-concurrent", 0),
    ] {
        let again = world.run(&format!("start good -t MTT --once k --wait {more}"));
        assert_eq!((again.code, world.started().len()), (code, 1), "{more}: {again:?}");
    }
}

#[test]
fn of_several_tasks_none_is_started_when_the_key_of_one_had_other_parameters() {
    let world = world(&[]);
    assert_eq!(world.run("start good -t MTT --once k --wait").code, 0);
    let refused = world.run("start other good -t MTT --once k --wait --agent-param-file a.txt");
    assert_eq!((refused.code, world.started().len()), (64, 1), "{refused:?}");
    let dry = world.run("start good -t MTT --once k --dry-run --agent-param-file a.txt");
    assert_eq!(dry.code, 64, "{dry:?}");
}

#[test]
fn the_document_says_whether_this_command_started_the_run() {
    let here = |world: &VirtualWorld, line: &str| {
        let outcome = world.run(&format!("{line} -o json"));
        let run = outcome.json()["runs"][0].clone();
        (run["started_here"].clone(), run["adopted"].clone())
    };
    let answer = |here: bool, adopted: bool| (Value::from(here), Value::from(adopted));
    let start = "start good -t MTT --once k";
    let world = world(&[]);
    assert_eq!(here(&world, start), answer(true, false));
    for line in [start, "start good -t MTT --if-running join", &format!("{start} --wait"), &format!("{start} --wait")] {
        assert_eq!(here(&world, line), answer(false, false), "{line}");
    }
    assert_eq!(here(&world, "start other -t MTT --wait"), answer(true, false));
    assert_eq!(here(&world, "status good -t MTT"), answer(false, false));
    let lost = self::world(&["start:lost-answer*1"]);
    assert_eq!(here(&lost, "start good -t MTT --wait"), answer(true, true));
    let later = self::world(&["start:lost-answer*1"]);
    let killed = later.run_until(start, Some(Duration::from_millis(1)));
    assert!(killed.is_none(), "{killed:?}");
    assert_eq!(here(&later, &format!("{start} --wait")), answer(false, true));
    assert_eq!(later.started().len(), 1);
}
