//! Taskflows, file ingestion tasks and linear taskflows: the same verbs, promises and codes, in virtual time.

use std::time::Duration;

use serde_json::Value;

use crate::virtual_world::VirtualWorld;
use crate::world::World;

mod ingestion;
mod starting;
mod stopping;
mod suspended;

const TASKS: &str = "
[[task]]
name = 'good'
takes = '20s'
[[task]]
name = 'fails'
takes = '20s'
ends = ['failure']
error = 'no such table'
[[task]]
name = 'flaky'
takes = '20s'
ends = ['failure', 'success']
error = 'no such file'
[[task]]
name = 'long'
takes = '10h'
[[task]]
name = 'chain'
type = 'WORKFLOW'
parts = ['good', 'fails']
[[task]]
name = 'tf_good'
type = 'TASKFLOW'
folder = 'Sales/Nightly'
parts = ['good']
past_runs = 1
[[task]]
name = 'tf_bad'
type = 'TASKFLOW'
parts = ['good', 'fails']
[[task]]
name = 'tf_bad-1'
folder = 'Sales/Nightly'
type = 'TASKFLOW'
[[task]]
name = 'tf_waits'
type = 'TASKFLOW'
parts = ['flaky', 'good']
ends = ['suspended']
[[task]]
name = 'tf_stuck'
type = 'TASKFLOW'
parts = ['fails', 'good']
ends = ['suspended']
[[task]]
name = 'tf_long'
type = 'TASKFLOW'
takes = '10h'
[[task]]
name = 'tf_outer'
type = 'TASKFLOW'
parts = ['tf_bad']
[[task]]
name = 'tf_twice'
type = 'TASKFLOW'
takes = '20s'
[[task]]
name = 'tf_twice'
folder = 'Sales/Nightly'
type = 'TASKFLOW'
api_name = 'tf_twice-1'
takes = '20s'
[[task]]
name = 'tf_renamed'
type = 'TASKFLOW'
api_name = 'tf_renamed-1'
[[task]]
name = 'tf_draft'
type = 'TASKFLOW'
published = false
[[task]]
name = 'tf_private'
type = 'TASKFLOW'
allowed = false
[[task]]
name = 'tf odd'
type = 'TASKFLOW'
api_name = 'tf_odd'
[[task]]
name = 'fi_good'
type = 'FILE_INGESTION'
folder = 'Sales/Nightly'
takes = '40s'
[[task]]
name = 'fi_bad'
type = 'FILE_INGESTION'
takes = '40s'
ends = ['failure']
error = 'no space left'
";

fn world() -> VirtualWorld {
    VirtualWorld::new(TASKS, &[])
}

fn faulty(faults: &[&str]) -> VirtualWorld {
    VirtualWorld::new(TASKS, faults)
}

/// The handle on stdout of a start that is not waited for.
fn start(world: &VirtualWorld, line: &str) -> String {
    let started = world.run(&format!("start {line}"));
    assert_eq!(started.code, 0, "{started:?}");
    started.stdout.trim().to_owned()
}

#[test]
fn each_end_of_a_taskflow_has_its_code_its_word_and_its_tree() {
    let world = world();
    for (name, code, word) in [("tf_good", 0, "succeeded"), ("tf_bad", 3, "failed"), ("tf_waits", 11, "suspended")] {
        let done = world.run(&format!("start --name {name} -t taskflow --wait -o json"));
        assert_eq!(done.code, code, "{done:?}");
        let run = &done.json()["runs"][0];
        assert_eq!((&run["outcome"], &run["outcome_code"]), (&word.into(), &code.into()));
        assert_eq!(
            (&run["task"]["type"], &run["task"]["id"], &run["rows"]),
            (&"TASKFLOW".into(), &Value::Null, &Value::Null)
        );
        let run_id = run["run_id"].as_str().expect("a text");
        assert_eq!(run["handle"], format!("TASKFLOW/{run_id}"));
        assert!(!run["subtasks"].as_array().unwrap().is_empty());
    }
    let outer = world.run("start --name tf_outer -t TASKFLOW --wait -o json");
    let inner = outer.json()["runs"][0]["subtasks"][0].clone();
    assert_eq!((&inner["name"], &inner["outcome"]), (&"tf_bad".into(), &"failed".into()));
    assert!(inner["run_id"].is_string() && inner["subtasks"][1]["run_id"].is_number(), "{inner:#}");
    assert_eq!(inner["subtasks"][1]["error"], "no such table");
}

#[test]
fn a_wait_outlives_sessions_and_blips_of_each_resource() {
    let faults = ["status:503*40@1m..2h", "status:no-session*1@3h", "status:html*3@4h", "status:429=30*2@5h"];
    for line in ["--name tf_long -t TASKFLOW", "--name fi_good -t FILE_INGESTION", "long -t MTT"] {
        let world = faulty(&faults);
        let done = world.run(&format!("start {line} --wait --patience 2h"));
        assert_eq!(done.code, 0, "{line}: {done:?}");
    }
    let lost = faulty(&["status:503@1m"]).run("start --name tf_long -t TASKFLOW --wait");
    assert_eq!(lost.code, 6, "{lost:?}");
}

#[test]
fn runs_of_all_kinds_are_waited_for_together() {
    let world = world();
    let handles = [
        start(&world, "--name tf_good -t TASKFLOW"),
        start(&world, "--name fi_good -t FILE_INGESTION"),
        start(&world, "fails -t MTT"),
    ];
    let all = world.run(&format!("wait {} -o json", handles.join(" ")));
    assert_eq!(all.code, 3, "{all:?}");
    let document = all.json();
    let outcomes: Vec<&str> =
        document["runs"].as_array().unwrap().iter().map(|run| run["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["succeeded", "succeeded", "failed"]);
}

#[test]
fn a_resource_that_cannot_be_asked_loses_no_verdict_of_another() {
    let world = faulty(&["status:503"]);
    let handles = [start(&world, "--name tf_good -t TASKFLOW"), start(&world, "fails -t MTT")];
    let both = world.run(&format!("wait {} --patience 5m -o json", handles.join(" ")));
    assert_eq!(both.code, 6, "{both:?}");
    let document = both.json();
    assert_eq!(
        (&document["runs"][0]["outcome"], &document["runs"][1]["outcome"]),
        (&"running".into(), &"failed".into())
    );
}

#[test]
fn a_name_stands_for_the_run_under_way_and_else_for_the_last_one() {
    let world = world();
    let past = world.run("status --name tf_good -t TASKFLOW -o json");
    assert_eq!(past.code, 0, "{past:?}");
    let none = world.run("wait --name tf_good -t TASKFLOW");
    assert_eq!(none.code, 9, "{none:?}");
    assert!(none.stderr.contains("its last run has ended: runajob status TASKFLOW/"), "{none:?}");
    let handle = start(&world, "--name tf_long -t TASKFLOW");
    let status = world.run("status Default/tf_long");
    assert_eq!((status.code, status.stdout.starts_with(&handle)), (6, true), "{status:?}");
    let late = world.run("wait --name tf_long -t TASKFLOW --timeout 1m");
    assert_eq!((late.code, late.stdout), (4, format!("{handle} running\n")));
    start(&world, "--name tf_long -t TASKFLOW");
    let two = world.run("wait --name tf_long -t TASKFLOW");
    assert_eq!(two.code, 9, "{two:?}");
    assert!(two.stderr.contains("to wait for all of them: runajob wait TASKFLOW/"), "{two:?}");
    let ambiguous = world.run("status --name tf_twice -t TASKFLOW");
    assert_eq!(ambiguous.code, 9, "{ambiguous:?}");
    assert!(ambiguous.stderr.contains("runajob status Sales/Nightly/tf_twice -t TASKFLOW"), "{ambiguous:?}");
}

#[test]
fn bare_status_shows_taskflows_too_and_find_lists_every_kind() {
    let world = world();
    let handle = start(&world, "--name tf_long -t TASKFLOW");
    let all = world.run("status");
    assert!(all.stdout.contains(&handle), "{all:?}");
    let flows = world.run("status -t TASKFLOW -o json");
    assert_eq!(flows.json()["runs"][0]["handle"], handle.as_str());
    let found = world.run("find '**' -o json").json();
    let kinds: Vec<&str> =
        found["tasks"].as_array().unwrap().iter().map(|task| task["type"].as_str().unwrap()).collect();
    for kind in ["FILE_INGESTION", "MTT", "TASKFLOW", "WORKFLOW"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let blind = faulty(&["status:refused"]).run("status");
    assert_eq!(blind.code, 0, "an account that sees no taskflows still sees jobs: {blind:?}");
}

#[test]
fn a_warm_start_by_api_name_is_one_request_and_a_wait_one_a_round() {
    for (line, start) in [
        ("--name tf_good -t TASKFLOW", "/active-bpel/rt/tf_good"),
        ("--id ID -t FILE_INGESTION", "/mftsaas/api/v1/job"),
    ] {
        let world = world();
        let id = world.run("find fi_good -o json").json()["tasks"][0]["id"].as_str().unwrap().to_owned();
        let before = world.exchanges().len();
        assert_eq!(world.run(&format!("start {} --wait", line.replace("ID ", &format!("{id} ")))).code, 0);
        let asked: Vec<String> = world.exchanges()[before..].iter().map(|one| one.target.clone()).collect();
        let (first, rest) = asked.split_first().unwrap();
        assert_eq!(first, start);
        assert!(rest.iter().all(|target| target.contains("/status")), "{rest:?}");
        assert!(rest.len() <= 26, "{rest:?}");
    }
}

#[test]
fn over_sockets_a_taskflow_is_named_resumed_and_terminated() {
    let world = World::playing(&TASKS.replace("'20s'", "'200ms'"), &[]);
    let done = world.run(
        "start --name tf_waits -t TASKFLOW --run-name 'Übung 1' --wait --on-suspended resume --poll-interval 100ms",
    );
    assert_eq!(done.code, 0, "{done:?}");
    let handle = world.run("start Default/tf_long").stdout.trim().to_owned();
    let stopped = world.run(&format!("stop {handle} --wait --poll-interval 100ms"));
    assert_eq!((stopped.code, stopped.stdout), (0, format!("{handle} stopped\n")), "{}", stopped.stderr);
    let requests = world.requests();
    for expected in
        ["POST /active-bpel/rt/tf_waits", "PUT /active-bpel/management/", "PUT /active-bpel/services/tf/terminate"]
    {
        assert!(requests.iter().any(|request| request.starts_with(expected)), "{requests:?}");
    }
}

#[test]
fn many_taskflows_cost_few_requests_a_round() {
    let many = "[[task]]\nname = 'tf_many'\ntype = 'TASKFLOW'\ntakes = '1h'\ncount = 60\n";
    let world = VirtualWorld::new(many, &[]);
    let names: String = (1..=60).map(|number| format!("name:tf_many_{number}\n")).collect();
    let file = world.home.path().join("names");
    std::fs::write(&file, names).unwrap();
    let all = world.run(&format!("start --from-file {} -t TASKFLOW --wait --poll-interval 1m -q", file.display()));
    assert_eq!(all.code, 0, "{all:?}");
    let lists = world.count("tf/status?runStatus=Running");
    let single = world.count("tf/status/");
    // Two pages a round for an hour; each run alone only once it is not listed as running any more.
    assert!((54..=70).contains(&(lists / 2)), "{lists}");
    assert!(single <= 120, "{single}");
}

#[test]
fn the_parts_of_a_linear_taskflow_are_shown_while_it_runs_and_at_its_end() {
    let world = world();
    let handle = start(&world, "chain -t WORKFLOW");
    world.clock.advance(Duration::from_secs(30));
    let running = world.run(&format!("status {handle} -o json"));
    assert_eq!(running.code, 6, "{running:?}");
    let parts = running.json()["runs"][0]["subtasks"].clone();
    let last = parts.as_array().unwrap().last().unwrap();
    let seen = (&last["name"], &last["run_id"], &last["activity"]);
    assert_eq!(seen, (&"fails".into(), &1.into(), &"running".into()), "{parts:#}");
    let over = world.run(&format!("wait {handle} -o json"));
    let parts = over.json()["runs"][0]["subtasks"].clone();
    assert_eq!(over.code, 3);
    assert_eq!(
        (&parts[0]["outcome"], &parts[0]["run_id"], &parts[0]["error"]),
        (&"succeeded".into(), &2.into(), &Value::Null)
    );
    assert_eq!(
        (&parts[1]["outcome"], &parts[1]["run_id"], &parts[1]["error"]),
        (&"failed".into(), &1.into(), &"no such table".into())
    );
    let text = world.run(&format!("status {handle}"));
    assert!(text.stdout.contains("- fails failed: no such table"), "{text:?}");
}
