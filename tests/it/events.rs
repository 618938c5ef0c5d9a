//! `-o jsonl`: what happens, as one JSON object a line on stdout, with the document in the last one.

use std::time::Duration;

use runajob::support::signals::Signal;
use serde_json::Value;

use crate::virtual_world::VirtualWorld;
use crate::world::Outcome;

const SCENARIO: &str = "
[[task]]
name = 'quick'
takes = '20s'
[[task]]
name = 'fails'
takes = '40s'
ends = ['failure']
error = 'TE_7002 no such table'
[[task]]
name = 'hours'
takes = '2h'
";

fn events(outcome: &Outcome) -> Vec<Value> {
    outcome.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

fn of<'e>(events: &'e [Value], name: &str) -> Vec<&'e Value> {
    events.iter().filter(|event| event["event"] == name).collect()
}

#[test]
fn each_run_is_accepted_changes_its_state_and_ends_in_this_order() {
    let world = VirtualWorld::new(SCENARIO, &[]);
    let outcome = world.run("start quick fails -t MTT --wait -o jsonl");
    let events = events(&outcome);
    assert_eq!((outcome.code, *names(&events).last().unwrap()), (3, "result"));
    for event in &events {
        assert_eq!(event["schema"], "runajob/v1");
        let at = event["at"].as_str().unwrap();
        assert!(at.parse::<jiff::Timestamp>().is_ok() && at.ends_with('Z'), "{at}");
    }
    let times: Vec<&str> = events.iter().map(|event| event["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    for (name, word) in [("quick", "succeeded"), ("fails", "failed")] {
        let accepted = of(&events, "accepted").into_iter().find(|event| event["task"]["name"] == name).unwrap();
        let handle = &accepted["handle"];
        let story: Vec<&Value> = events.iter().filter(|event| event["handle"] == *handle).collect();
        let story_names: Vec<&str> = story.iter().map(|event| event["event"].as_str().unwrap()).collect();
        assert_eq!((story_names[0], *story_names.last().unwrap()), ("accepted", "ended"), "{story_names:?}");
        assert!((&accepted["started_here"], &accepted["adopted"]) == (&true.into(), &false.into()));
        assert_eq!(story.last().unwrap()["run"]["outcome"], word);
    }
    let document = &events.last().unwrap()["document"];
    let ended: Vec<&Value> = of(&events, "ended").into_iter().map(|event| &event["run"]).collect();
    let runs = document["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    for run in runs {
        let told = ended.iter().find(|told| told["handle"] == run["handle"]).unwrap();
        let differing = run.as_object().unwrap().iter().filter(|(key, value)| told[key.as_str()] != **value);
        // While a run is waited for it is not known to the report whether this command started it.
        assert_eq!(differing.map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["started_here"]);
    }
    assert_eq!(runs[1]["error_code"], "TE_7002");
    assert_eq!(document["summary"], serde_json::json!({"runs": 2, "outcomes": {"failed": 1, "succeeded": 1}}));
}

#[test]
fn a_state_is_said_once_and_without_more_requests_than_the_document_costs() {
    let monitored = |line: &str| {
        let world = VirtualWorld::new(SCENARIO, &[]);
        let outcome = world.run(line);
        (outcome, world.count("activityMonitor"))
    };
    let (with, cost) = monitored("start hours -t MTT --wait --timeout 28m --poll-interval 10s -o jsonl");
    let (_, usual) = monitored("start hours -t MTT --wait --timeout 28m --poll-interval 10s -o json");
    let events = events(&with);
    assert_eq!((with.code, cost), (4, usual));
    let states: Vec<&Value> = of(&events, "state").into_iter().map(|event| &event["state"]).collect();
    assert!(!states.is_empty() && states.windows(2).all(|two| two[0] != two[1]), "{states:?}");
    assert_eq!(names(&events).last(), Some(&"result"));
    assert_eq!(of(&events, "ended").len(), 0);
}

#[test]
fn every_end_has_its_result_whatever_went_wrong() {
    for (line, code) in [
        ("start -o jsonl", 64),
        ("start nothing -t MTT -o jsonl", 9),
        ("wait MTT/x -o jsonl", 64),
        ("find quick -o jsonl", 0),
        ("status -o jsonl", 0),
        ("start quick -t MTT --dry-run -o jsonl", 0),
        ("start quick -t MTT --no-wait -o jsonl", 0),
    ] {
        let outcome = VirtualWorld::new(SCENARIO, &[]).run(line);
        let events = events(&outcome);
        assert_eq!((outcome.code, of(&events, "result").len()), (code, 1), "{line}: {outcome:?}");
        assert_eq!(events.last().unwrap()["document"]["exit_code"], code, "{line}");
    }
    let interrupted = VirtualWorld::new(SCENARIO, &[])
        .signal(Duration::from_secs(60), Signal::Interrupt)
        .run("start hours -t MTT --wait -o jsonl");
    assert_eq!(events(&interrupted).last().unwrap()["document"]["exit_code"], 130);
}

#[test]
fn warnings_are_events_even_when_quiet() {
    let world = VirtualWorld::new(SCENARIO, &["start:lost-answer"]);
    let outcome = world.run("start quick -t MTT --no-wait -q -o jsonl");
    let events = events(&outcome);
    let document = &events.last().unwrap()["document"];
    let told: Vec<&Value> = of(&events, "warning").into_iter().map(|event| &event["text"]).collect();
    assert_eq!((outcome.code, told), (0, document["warnings"].as_array().unwrap().iter().collect()));
    assert!(of(&events, "warning")[0]["text"].as_str().unwrap().contains("the answer to the start was lost"));
    assert_eq!(of(&events, "accepted")[0]["adopted"], true);
}

#[test]
fn a_dry_run_has_its_plan_and_a_program_gets_its_document_in_one_line() {
    let world = VirtualWorld::new(SCENARIO, &[]);
    let outcome = world.run("start quick fails -t MTT --dry-run -o json");
    assert_eq!((outcome.code, outcome.stdout.lines().count()), (0, 1));
    let plan = outcome.json()["plan"].clone();
    let told: Vec<(&Value, &Value, &Value)> = plan
        .as_array()
        .unwrap()
        .iter()
        .map(|planned| (&planned["task"]["name"], &planned["task"]["type"], &planned["by"]))
        .collect();
    let (mtt, name) = ("MTT".into(), "name".into());
    assert_eq!(told, [(&"quick".into(), &mtt, &name), (&"fails".into(), &mtt, &name)]);
    assert_eq!(world.start_requests(), 0);
    assert!(world.run("start quick -t MTT --no-wait -o json").json()["plan"].is_null());
}
