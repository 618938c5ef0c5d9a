//! Answers that are not what they seem: a job with an error beside it, IDs that are none, numbers that are given twice, pages
//! without end. None of them costs a verdict, names a wrong run or keeps a command busy for ever.

use std::time::Duration;

use runajob::support::clock::Clock;

use crate::virtual_world::VirtualWorld;

const SCENARIO: &str = "
[[task]]
name = 'good'
takes = '60s'
past_runs = 2
[[task]]
name = 'good2'
takes = '60s'
[[task]]
name = 'quick'
takes = '100ms'
[[task]]
name = 'flow'
type = 'TASKFLOW'
takes = '60s'
[[task]]
name = 'files'
type = 'FILE_INGESTION'
takes = '60s'
";

fn world(faults: &[&str]) -> VirtualWorld {
    VirtualWorld::new(SCENARIO, faults)
}

#[test]
fn an_answer_that_names_a_run_is_a_start_whatever_else_it_has() {
    for task in ["good -t MTT", "flow -t TASKFLOW", "files -t FILE_INGESTION"] {
        let world = world(&["start:added-error"]);
        let outcome = world.run(&format!("start {task} -o json"));
        assert_eq!((outcome.code, world.start_requests()), (0, 1), "{task}: {outcome:?}");
        assert_eq!(outcome.json()["runs"][0]["adopted"], false, "{task}: {outcome:?}");
    }
}

#[test]
fn an_id_that_is_none_never_becomes_a_handle() {
    for shape in ["slashes", "spaces", "long", "control", "html", "empty"] {
        let fault = format!("start:odd-ids={shape}");
        let found = world(&[&fault]);
        let outcome = found.run("start good -t MTT --wait -o json");
        let run = &outcome.json()["runs"][0];
        assert_eq!((outcome.code, &run["adopted"]), (0, &true.into()), "{shape}: {outcome:?}");
        assert_eq!(found.start_requests(), 1, "{shape}");
        for task in ["flow -t TASKFLOW", "files -t FILE_INGESTION"] {
            let lost = world(&[&fault]);
            let outcome = lost.run(&format!("start {task} -o json"));
            assert_eq!((outcome.code, lost.start_requests()), (10, 1), "{shape}, {task}: {outcome:?}");
        }
    }
}

#[test]
fn a_run_counter_that_began_anew_gives_no_result_of_an_old_run() {
    for line in ["start good -t MTT --wait -o json", "start good good2 -t MTT --wait -o json"] {
        let world = world(&["start:restart-counters*1"]);
        let outcome = world.run(line);
        assert_eq!(outcome.code, 0, "{line}: {outcome:?}");
        let run = &outcome.json()["runs"][0];
        assert_eq!(run["handle"].as_str().unwrap().rsplit('/').next(), Some("1"), "{outcome:?}");
        assert_eq!(run["duration_s"], 60.0, "the old run took another time, or ended at once: {outcome:?}");
        assert!(world.clock.now() >= Duration::from_secs(60), "{line}");
    }
}

#[test]
fn a_log_whose_pages_repeat_ends_the_search_for_a_lost_start() {
    let world = world(&["start:lost-answer", "log:endless-pages"]);
    let outcome = world.run("start quick -t MTT -o json");
    assert_eq!((outcome.code, world.start_requests()), (10, 1), "{outcome:?}");
    let why = outcome.json()["error"]["why"].to_string();
    assert!(why.contains("the pages of the list repeat"), "{why}");
    assert!(world.count("activityLog") <= 30, "{} requests", world.count("activityLog"));
}

#[test]
fn pages_of_objects_that_repeat_end_the_search_for_tasks() {
    let world = world(&["lookup:endless-pages"]);
    for line in ["find", "find -t MTT", "start --path Default/good --wait", "status good"] {
        let before = world.count("/objects");
        let outcome = world.run(line);
        assert!(world.count("/objects") - before <= 20, "{line}: {} requests", world.count("/objects") - before);
        if line.starts_with("find") {
            assert_eq!(outcome.code, 69, "{line}: {outcome:?}");
            assert!(outcome.stderr.contains("the pages of the list repeat"), "{line}: {outcome:?}");
        }
    }
    assert_eq!(world.start_requests(), 0);
}

#[test]
fn a_key_whose_run_has_the_number_of_an_old_one_is_not_called_over() {
    let world = world(&["start:restart-counters*1"]);
    let line = "start good -t MTT --once k";
    let first = world.run(line);
    let second = world.run(line);
    assert_eq!((second.code, &second.stdout, world.start_requests()), (0, &first.stdout, 1), "{second:?}");
    assert!(second.stderr.contains("is active under the key"), "{second:?}");
    world.clock.advance(Duration::from_secs(300));
    assert!(world.run(line).stderr.contains("already ran under the key"));
}

/// A world in which the run counter began anew before the run that this machine has just started, so that the log has an
/// old row with its number. Gives its handle too.
fn renumbered() -> (VirtualWorld, String) {
    let world = world(&["start:restart-counters*1"]);
    let handle = world.run("start good -t MTT").stdout.trim().to_owned();
    assert!(handle.ends_with("/1"), "{handle}");
    (world, handle)
}

#[test]
fn a_run_with_the_number_of_an_old_one_is_active_for_every_command() {
    for line in ["start good -t MTT --if-running fail", "start good -t MTT --if-running join"] {
        let (world, handle) = renumbered();
        let outcome = world.run(line);
        let expected = if line.ends_with("fail") { 8 } else { 0 };
        assert_eq!((outcome.code, world.start_requests()), (expected, 1), "{line}: {outcome:?}");
        assert!(format!("{outcome:?}").contains(&handle), "{line}: {outcome:?}");
    }
    let (world, handle) = renumbered();
    let outcome = world.run(&format!("status {handle} -o json"));
    assert_eq!((outcome.code, &outcome.json()["runs"][0]["outcome"]), (6, &"running".into()), "{outcome:?}");
    let outcome = world.run(&format!("wait {handle}"));
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(world.clock.now() >= Duration::from_secs(60), "the result was the old run's");
}

#[test]
fn a_run_with_the_number_of_an_old_one_is_stopped() {
    for line in ["stop HANDLE --wait", "stop HANDLE --all --wait", "stop good -t MTT --wait"] {
        let (world, handle) = renumbered();
        let outcome = world.run(&format!("{} -o json", line.replace("HANDLE", &handle)));
        assert_eq!(world.count("POST /saas/api/v2/job/stop"), 1, "{line}: {outcome:?}");
        assert_eq!(
            (outcome.code, &outcome.json()["runs"][0]["outcome"]),
            (0, &"stopped".into()),
            "{line}: {outcome:?}"
        );
    }
    // The answer of the stop is lost, so that the log is asked whether it has arrived.
    let (world, handle) = renumbered();
    world.fault("stop:reset*1");
    let outcome = world.run(&format!("stop {handle} --wait -o json"));
    assert_eq!((outcome.code, world.count("POST /saas/api/v2/job/stop")), (0, 2), "{outcome:?}");
    assert_eq!(outcome.json()["runs"][0]["outcome"], "stopped", "{outcome:?}");
}

#[test]
fn a_run_with_the_number_of_an_old_one_is_stopped_at_the_end_of_waiting_without_a_state_folder() {
    let world = world(&["start:restart-counters*1"]);
    std::fs::create_dir_all(world.home.path().join(".local")).unwrap();
    std::fs::write(world.home.path().join(".local/state"), "no folder").unwrap();
    let outcome = world.run("start good -t MTT --wait --timeout 20s --on-timeout stop -o json");
    let run = &outcome.json()["runs"][0];
    assert_eq!((outcome.code, &run["outcome"]), (5, &"stopped".into()), "{outcome:?}");
    assert_eq!(world.count("POST /saas/api/v2/job/stop"), 1, "{outcome:?}");
}

#[test]
fn one_resource_that_asks_for_a_pause_stalls_its_own_runs_only_and_not_beyond_patience_or_the_deadline() {
    for (fault, quick, stalled) in [("status:429=3600", "good", "flow"), ("log:429=3600", "flow", "good")] {
        for (limit, code, end) in [("--timeout 5m", 4, 300), ("--patience 4m", 6, 240)] {
            let world = world(&[]);
            let start = |name: &str, kind: &str| world.run(&format!("start {name} -t {kind}")).stdout.trim().to_owned();
            let (job, flow) = (start("good", "MTT"), start("flow", "TASKFLOW"));
            world.fault(fault);
            let began = world.clock.now();
            let outcome = world.run(&format!("wait {job} {flow} {limit} -o json"));
            let took = world.clock.now().saturating_sub(began).as_secs();
            assert!(
                outcome.code == code && (end - 5..=end + 65).contains(&took),
                "{fault} {limit}: {took}s {outcome:?}"
            );
            let outcome_of = |name: &str| {
                let handle = if name == "good" { &job } else { &flow };
                let runs = outcome.json()["runs"].as_array().unwrap().clone();
                runs.iter().find(|run| run["handle"] == **handle).unwrap()["outcome"].clone()
            };
            assert_eq!(outcome_of(quick), "succeeded", "{fault} {limit}: {outcome:?}");
            assert_ne!(outcome_of(stalled), "succeeded", "{fault} {limit}: {outcome:?}");
        }
    }
}

#[test]
fn no_request_after_the_end_waits_beyond_the_deadline() {
    let world = VirtualWorld::new("[[task]]\nname = 'busy'\nbusy = true\n", &["monitor:429=25"]);
    let outcome = world.run("start busy -t MTT --wait --timeout 30s");
    assert_eq!(outcome.code, 8, "{outcome:?}");
    assert!(world.clock.now() <= Duration::from_secs(32), "{:?}", world.clock.now());
}

/// A row with a key in other capitals or given twice, an error beside it, and depth without end costs no other resource an
/// answer either.
#[test]
fn an_added_error_and_odd_spelling_cost_no_resource_its_answer() {
    for fault in ["any:added-error", "any:odd-rows"] {
        for line in [
            "start good -t MTT --wait",
            "start Default/good --wait",
            "start flow -t TASKFLOW --wait",
            "start files -t FILE_INGESTION --wait",
            "find",
        ] {
            let world = world(&[fault]);
            let outcome = world.run(line);
            assert_eq!(outcome.code, 0, "{fault}, {line}: {outcome:?}");
        }
    }
}

#[test]
fn a_key_that_finds_its_run_later_has_adopted_it() {
    for later in [10, 900] {
        let world = world(&["start:lost-answer*1"]).outage(Duration::from_millis(1), Duration::from_secs(300));
        let line = "start good -t MTT --once k --start-timeout 5s -o json";
        let lost = world.run(line);
        assert_eq!((lost.code, world.started().len()), (10, 1), "{lost:?}");
        world.clock.advance(Duration::from_secs(300 + later));
        let found = world.run(line);
        let run = &found.json()["runs"][0];
        assert_eq!((found.code, &run["adopted"], &run["started_here"]), (0, &true.into(), &false.into()), "{found:?}");
        assert_eq!(world.run(line).json()["runs"][0]["adopted"], false, "the third command only joins it");
        assert_eq!(world.started().len(), 1);
    }
}

#[test]
fn the_status_of_a_handle_that_nobody_knows_is_said_at_once() {
    for (handle, seconds) in [
        ("MTT/00SBX10Z000000000001/77", 2),
        ("MTT/00SBX10Z00000000099Z/40", 2),
        ("TASKFLOW/778812345678901234", 2),
        ("FILE_INGESTION/7kQmWz0RbVn3XcLpTyHd1s/40318", 2),
        // It may have been started just now.
        ("MTT/00SBX10Z000000000001/3", 16),
    ] {
        let world = world(&[]);
        let unknown = world.run(&format!("status {handle}"));
        assert_eq!(unknown.code, 9, "{handle}: {unknown:?}");
        assert!(world.clock.now() <= Duration::from_secs(seconds), "{handle}: {:?}", world.clock.now());
        assert_eq!(unknown.stderr.contains("searching for up to 15s"), seconds > 2, "{handle}: {unknown:?}");
    }
    // A run that was started elsewhere a moment ago is found.
    let world = world(&[]);
    let handle = world.run("start good -t MTT").stdout.trim().to_owned();
    world.forget();
    assert_eq!(world.run(&format!("status {handle}")).code, 6);
}

#[test]
fn a_stop_that_is_refused_and_done_all_the_same_is_done() {
    for line in ["stop HANDLE --wait", "stop HANDLE", "stop good -t MTT --wait"] {
        let world = world(&["stop:403-after-json"]);
        let handle = world.run("start good -t MTT").stdout.trim().to_owned();
        world.clock.advance(Duration::from_secs(20));
        let stopped = world.run(&line.replace("HANDLE", &handle));
        assert_eq!((stopped.code, world.count("job/stop")), (0, 1), "{line}: {stopped:?}");
    }
    let world = world(&["stop:refused"]);
    let handle = world.run("start good -t MTT").stdout.trim().to_owned();
    world.clock.advance(Duration::from_secs(20));
    let refused = world.run(&format!("stop {handle}"));
    assert_eq!((refused.code, world.count("job/stop")), (7, 1), "{refused:?}");
}
