//! Taskflows that wait for a person, and what waiting does about them.

use std::time::Duration;

use super::{faulty, start, world};

#[test]
fn a_suspended_run_says_how_to_go_on_and_is_not_safe_to_rerun() {
    let world = world();
    let text = world.run("start --name tf_waits -t TASKFLOW --wait");
    assert_eq!(text.code, 11, "{text:?}");
    assert!(text.stdout.ends_with(" suspended\n"), "{text:?}");
    assert!(text.stderr.contains("--on-suspended resume") && text.stderr.contains("no such file"), "{text:?}");
    let handle = text.stdout.split(' ').next().unwrap();
    let status = world.run(&format!("status {handle} -o json"));
    assert_eq!((status.code, &status.json()["runs"][0]["rerun_safe"]), (11, &false.into()));
    let mixed = world.run(&format!("wait {handle} {}", start(&world, "fails -t MTT")));
    assert_eq!(mixed.code, 11, "a suspended run outranks a failed one: {mixed:?}");
}

#[test]
fn resume_and_skip_act_once_per_run() {
    for (action, name, code, parts) in [
        ("resume", "tf_waits", 0, "failed succeeded succeeded"),
        ("skip", "tf_waits", 0, "failed succeeded"),
        ("skip", "tf_stuck", 0, "failed succeeded"),
        ("resume", "tf_stuck", 11, "failed failed"),
    ] {
        let world = world();
        let done = world.run(&format!("start --name {name} -t TASKFLOW --wait --on-suspended {action} -o json"));
        assert_eq!(done.code, code, "{action} {name}: {done:?}");
        let document = done.json();
        let seen: Vec<&str> = document["runs"][0]["subtasks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| part["outcome"].as_str().unwrap())
            .collect();
        assert_eq!(seen.join(" "), parts, "{action} {name}");
        assert_eq!(world.count("PUT /active-bpel/management"), 1);
    }
}

#[test]
fn waiting_on_ends_when_someone_resumes_it() {
    let world = world();
    let handle = start(&world, "--name tf_waits -t TASKFLOW");
    let waits = world.run_until(&format!("wait {handle} --on-suspended wait"), Some(Duration::from_secs(3600)));
    assert!(waits.is_none(), "{waits:?}");
    let resumed = world.run(&format!("wait {handle} --on-suspended resume"));
    assert_eq!(resumed.code, 0, "{resumed:?}");
    let late =
        world.run(&format!("wait {} --on-suspended wait --timeout 10m", start(&world, "--name tf_stuck -t TASKFLOW")));
    assert_eq!(late.code, 4, "{late:?}");
    assert!(late.stderr.contains("is suspended (no such table): waiting"), "{late:?}");
}

#[test]
fn a_resume_whose_answer_is_lost_is_not_repeated_and_one_that_was_not_sent_is() {
    // What fails so often in a row is not sent again by the same poll, but by the next one.
    for (fault, puts) in [("resume:lost-answer", 1), ("resume:503*1", 1), ("resume:429=1*1", 2), ("resume:429=1*3", 4)]
    {
        let world = faulty(&[fault]);
        let done = world.run("start --name tf_waits -t TASKFLOW --wait --on-suspended resume");
        assert_eq!(done.stderr.matches("is suspended (no such file): resuming it").count(), 1, "{fault}: {done:?}");
        let expected = if fault.contains("503") { 11 } else { 0 };
        assert_eq!(done.code, expected, "{fault}: {done:?}");
        assert_eq!(world.count("PUT /active-bpel/management"), puts, "{fault}");
        if expected == 11 {
            let exchanges = world.exchanges();
            let resumed = exchanges.iter().find(|one| one.method == "PUT").unwrap().at;
            let patience = exchanges.last().unwrap().at.duration_since(resumed).as_secs();
            assert!((30..60).contains(&patience), "the service gets half a minute to show it: {patience}s");
        }
        let may = done.stderr.matches("may not have been resumed").count();
        assert_eq!(may, usize::from(!fault.contains("429")), "{fault}: {done:?}");
    }
    let refused = faulty(&["resume:refused"]);
    let done = refused.run("start --name tf_waits -t TASKFLOW --wait --on-suspended resume");
    assert_eq!(done.code, 11, "{done:?}");
    assert!(done.stderr.contains("could not resume TASKFLOW/"), "{done:?}");
}
