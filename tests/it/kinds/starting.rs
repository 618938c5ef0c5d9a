//! What starts a taskflow, by which name, with what; and what is known when the start is lost.

use std::time::Duration;

use iics_sandbox::Effect;
use runajob::support::clock::Clock;
use runajob::support::signals::Signal;

use super::{faulty, start, world};

#[test]
fn inputs_and_the_name_for_the_run_arrive() {
    let world = world();
    std::fs::write(world.home.path().join("in.json"), r#"{"limit": 100, "region": "APAC"}"#).unwrap();
    let file = world.home.path().join("in.json");
    let line = format!(
        "--name tf_good -t TASKFLOW --input region=EMEA --input 'day=1 = one' --run-name 'Übung 1' --inputs-file {}",
        file.display()
    );
    start(&world, &line);
    let started = world.exchanges().into_iter().find_map(|one| match one.effect {
        Some(Effect::TaskflowStarted { run_name, inputs, .. }) => Some((run_name, inputs)),
        _ => None,
    });
    let (run_name, inputs) = started.unwrap();
    assert_eq!((run_name.as_deref(), inputs), (Some("Übung 1"), vec!["limit".into(), "region".into(), "day".into()]));
    let status = world.run("status --path Sales/Nightly/tf_good -t TASKFLOW -o json");
    assert_eq!(status.code, 6, "a named run is still one of its taskflow: {status:?}");
}

#[test]
fn a_path_is_started_only_when_its_api_name_is_certain() {
    let world = world();
    for line in ["Sales/Nightly/tf_good", "--path Sales/Nightly/tf_good -t TASKFLOW", "Default/tf_bad -t taskflow"] {
        start(&world, line);
    }
    assert_eq!(world.flows_started(), 3);
    for (line, why) in [
        ("Sales/Nightly/tf_twice", "Default/tf_twice can have the same"),
        ("Default/tf_twice -t TASKFLOW", "Sales/Nightly/tf_twice can have the same"),
        ("Default/tf_draft", "it is not published"),
        ("'Default/tf odd'", "characters that an API name cannot have"),
        ("Sales/Nightly/tf_bad-1", "Default/tf_bad can have the same"),
        ("Default/tf_none -t TASKFLOW", "the lookup API knows no TASKFLOW task at this path"),
    ] {
        let refused = world.run(&format!("start {line}"));
        assert_eq!(refused.code, 9, "{line}: {refused:?}");
        assert!(refused.stderr.contains(why), "{line}: {refused:?}");
        assert!(line.contains("none") || refused.stderr.contains("allowed users or groups"), "{line}: {refused:?}");
    }
    assert_eq!((world.flows_started(), world.count("POST /active-bpel/rt/")), (3, 3));
}

#[test]
fn asking_where_a_run_is_keeps_nobody_from_its_handle() {
    let world = faulty(&["status:hang"]);
    let began = world.clock.now();
    start(&world, "Sales/Nightly/tf_good");
    assert!(world.clock.now() <= began + Duration::from_secs(6), "{:?}", world.clock.now());
    let world = faulty(&["status:hang"]).signal(Duration::from_secs(3), Signal::Terminate);
    let ended = world.run("start Sales/Nightly/tf_good --wait");
    assert_eq!((ended.code, world.clock.now() < Duration::from_secs(4)), (143, true), "{ended:?}");
    assert!(ended.stdout.starts_with("TASKFLOW/"), "{ended:?}");
}

#[test]
fn what_the_service_turns_down_has_not_started() {
    let world = world();
    for (name, code, words) in [
        ("tf_none", 9, "no taskflow has the API name 'tf_none'"),
        ("tf_draft", 9, "allowed users or groups"),
        ("tf_private", 7, "allowed users or groups"),
    ] {
        let refused = world.run(&format!("start --name {name} -t TASKFLOW -o json"));
        assert_eq!(refused.code, code, "{refused:?}");
        assert!(refused.stderr.contains(words), "{refused:?}");
    }
    let renamed = world.run("start Default/tf_renamed");
    assert_eq!(renamed.code, 9, "{renamed:?}");
    assert!(renamed.stderr.contains("Default/tf_renamed does not have the API name 'tf_renamed'"), "{renamed:?}");
    assert!(!renamed.stderr.contains("did you mean"), "{renamed:?}");
    let wrong = world.run("start tf_goud");
    assert_eq!(wrong.code, 9);
    assert!(wrong.stderr.contains("runajob start Sales/Nightly/tf_good -t TASKFLOW"), "{wrong:?}");
    assert_eq!(world.flows_started(), 0);
}

#[test]
fn a_lost_start_is_unknown_and_never_sent_again() {
    for (line, starts) in [
        ("--name tf_good -t TASKFLOW", "POST /active-bpel/rt/"),
        ("--name fi_good -t FILE_INGESTION", "POST /mftsaas/api/v1/job"),
    ] {
        for fault in ["lost-answer", "reset", "503", "html", "empty", "null", "truncated", "hang", "wrapped"] {
            let world = faulty(&[&format!("start:{fault}")]);
            let lost = world.run(&format!("start {line} --wait -o json"));
            let document = lost.json();
            assert_eq!((lost.code, &document["error"]["code"]), (10, &10.into()), "{line} {fault}: {lost:?}");
            assert!(document["error"]["fix"].as_str().unwrap().contains("before you start it again"), "{document:#}");
            assert_eq!(world.count(starts), 1, "{line} {fault}");
        }
        for (fault, code) in [("429=1*2", 0), ("no-session*1", 0), ("refused", 7)] {
            let world = faulty(&[&format!("start:{fault}")]);
            let done = world.run(&format!("start {line}"));
            assert_eq!(done.code, code, "{line} {fault}: {done:?}");
        }
    }
}

#[test]
fn one_key_starts_a_taskflow_once() {
    let world = world();
    let line = "start --name tf_good -t TASKFLOW --once night-1 --wait";
    assert_eq!([world.run(line).code, world.run(line).code], [0, 0]);
    assert_eq!(world.flows_started(), 1);
    let lost = faulty(&["start:lost-answer"]);
    assert_eq!([lost.run(line).code, lost.run(line).code], [10, 10], "nothing can look for the run");
    assert_eq!(lost.flows_started(), 1);
    let killed = super::world();
    assert!(killed.run_until(line, Some(Duration::from_secs(5))).is_none());
    assert_eq!(killed.run(line).code, 0);
    assert_eq!(killed.flows_started(), 1);
}

#[test]
fn if_running_fail_and_join_see_taskflows() {
    let world = world();
    let handle = start(&world, "--name tf_long -t TASKFLOW");
    let refused = world.run("start --name tf_long -t TASKFLOW --if-running fail");
    assert_eq!(refused.code, 8, "{refused:?}");
    let joined = world.run("start Default/tf_long --if-running join");
    assert_eq!((joined.code, joined.stdout.trim()), (0, handle.as_str()), "{}", joined.stderr);
    assert_eq!(world.flows_started(), 1);
    let blind = world.run("start --name fi_good -t FILE_INGESTION --if-running fail");
    assert_eq!(blind.code, 64, "{blind:?}");
}

#[test]
fn options_that_do_not_fit_send_nothing() {
    let world = world();
    for line in [
        "start good -t MTT --input a=1",
        "start good -t MTT --run-name x",
        "start good -t MTT --wait --on-suspended wait",
        "start tf_good -t TASKFLOW --allow-concurrent",
        "start tf_good -t TASKFLOW --callback-url https://example.com/x",
        "start tf_good -t TASKFLOW --agent-param-file x",
        "start tf_good -t TASKFLOW --input a=1 --input a=2",
        "start tf_good -t TASKFLOW --on-suspended resume",
        "start tf_good -t TASKFLOW --wait --timeout 1m --on-timeout clean-stop",
        "start --id 01ABCD0Z00000000001S -t TASKFLOW",
        "start TASKFLOW/778812345678901234",
        "wait TASKFLOW/77881234567890123",
        "wait MTT/00SBX10Z000000000001/1 --on-suspended wait",
        "stop TASKFLOW/778812345678901234 --clean",
    ] {
        let refused = world.run(line);
        assert_eq!((refused.code, world.exchanges().len()), (64, 0), "{line}: {refused:?}");
    }
    for file in ["none.json", "."] {
        let refused = world.run(&format!("start tf_good -t TASKFLOW --inputs-file {file}"));
        assert_eq!((refused.code, world.exchanges().len()), (78, 0), "{file}: {refused:?}");
    }
}
