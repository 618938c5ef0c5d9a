//! Taskflows, file ingestion tasks and linear taskflows: the same verbs, promises and codes, in virtual time.

use std::time::Duration;

use runajob::sandbox::Deed;
use runajob::signals::Signal;
use serde_json::Value;

use crate::virtual_world::VirtualWorld;
use crate::world::World;

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

fn flows_started(world: &VirtualWorld) -> usize {
    world.exchanges().iter().filter(|one| matches!(one.deed, Some(Deed::TaskflowStarted { .. }))).count()
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
    for (fault, puts) in [("resume:lost-answer", 1), ("resume:503*1", 1), ("resume:429=1*1", 2)] {
        let world = faulty(&[fault]);
        let done = world.run("start --name tf_waits -t TASKFLOW --wait --on-suspended resume");
        let expected = if fault.contains("503") { 11 } else { 0 };
        assert_eq!(done.code, expected, "{fault}: {done:?}");
        assert_eq!(world.count("PUT /active-bpel/management"), puts, "{fault}");
    }
    let refused = faulty(&["resume:refused"]);
    let done = refused.run("start --name tf_waits -t TASKFLOW --wait --on-suspended resume");
    assert_eq!(done.code, 11, "{done:?}");
    assert!(done.stderr.contains("it was not resumed"), "{done:?}");
}

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
    let started = world.exchanges().into_iter().find_map(|one| match one.deed {
        Some(Deed::TaskflowStarted { run_name, inputs, .. }) => Some((run_name, inputs)),
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
    assert_eq!(flows_started(&world), 3);
    for (line, why) in [
        ("Sales/Nightly/tf_twice", "there is also Default/tf_twice"),
        ("Default/tf_twice -t TASKFLOW", "there is also Sales/Nightly/tf_twice"),
        ("Default/tf_draft", "it is not published"),
        ("'Default/tf odd'", "characters that an API name cannot have"),
        ("Default/tf_none -t TASKFLOW", "the look-up knows no TASKFLOW there"),
    ] {
        let refused = world.run(&format!("start {line}"));
        assert_eq!(refused.code, 9, "{line}: {refused:?}");
        assert!(refused.stderr.contains(why), "{line}: {refused:?}");
        assert!(line.contains("none") || refused.stderr.contains("allowed users or groups"), "{line}: {refused:?}");
    }
    assert_eq!((flows_started(&world), world.count("POST /active-bpel/rt/")), (3, 3));
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
    let wrong = world.run("start tf_good");
    assert_eq!(wrong.code, 9);
    assert!(wrong.stderr.contains("--path Sales/Nightly/tf_good -t TASKFLOW"), "{wrong:?}");
    assert_eq!(flows_started(&world), 0);
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
    assert!(none.stderr.contains("its last run is over: runajob status TASKFLOW/"), "{none:?}");
    let handle = start(&world, "--name tf_long -t TASKFLOW");
    let status = world.run("status Default/tf_long");
    assert_eq!((status.code, status.stdout.starts_with(&handle)), (6, true), "{status:?}");
    let late = world.run("wait --name tf_long -t TASKFLOW --timeout 1m");
    assert_eq!((late.code, late.stdout), (4, format!("{handle} running\n")));
    start(&world, "--name tf_long -t TASKFLOW");
    let two = world.run("wait --name tf_long -t TASKFLOW");
    assert_eq!(two.code, 9, "{two:?}");
    assert!(two.stderr.contains("say which: runajob wait TASKFLOW/"), "{two:?}");
    let ambiguous = world.run("status --name tf_twice -t TASKFLOW");
    assert_eq!(ambiguous.code, 9, "{ambiguous:?}");
    assert!(ambiguous.stderr.contains("--path Sales/Nightly/tf_twice -t TASKFLOW"), "{ambiguous:?}");
}

#[test]
fn a_stop_terminates_the_run_that_was_meant_and_proves_it() {
    let world = world();
    let one = start(&world, "--name tf_long -t TASKFLOW");
    let other = start(&world, "--name tf_long -t TASKFLOW");
    let by_name = world.run("stop --name tf_long -t TASKFLOW");
    assert_eq!(by_name.code, 7, "{by_name:?}");
    let clean = world.run(&format!("stop {one} --clean"));
    assert_eq!(clean.code, 64, "{clean:?}");
    assert_eq!(world.count("terminate"), 0);
    let stopped = world.run(&format!("stop {one} --wait"));
    assert_eq!((stopped.code, stopped.stdout), (0, format!("{one} stopped\n")));
    assert_eq!(world.run(&format!("status {other}")).code, 6, "only the one that was meant");
    let again = world.run(&format!("stop {one}"));
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(world.count("terminate"), 1);
    let by_name = world.run("stop --name tf_long -t TASKFLOW --wait");
    assert_eq!((by_name.code, by_name.stdout), (0, format!("{other} stopped\n")));
    let suspended = world.run("start --name tf_stuck -t TASKFLOW --wait");
    let handle = suspended.stdout.split(' ').next().unwrap().to_owned();
    let ended = world.run(&format!("stop {handle} --wait"));
    assert_eq!((ended.code, ended.stdout), (0, format!("{handle} stopped\n")));
}

#[test]
fn a_stop_whose_answer_is_lost_is_looked_after() {
    for fault in ["terminate:lost-answer", "terminate:503*1", "terminate:reset*2"] {
        let world = VirtualWorld::new(&format!("[quirks]\ntaskflow_terminated = 'STOPPED'\n{TASKS}"), &[fault]);
        let handle = start(&world, "--name tf_long -t TASKFLOW");
        let stopped = world.run(&format!("stop {handle} --wait"));
        assert_eq!((stopped.code, stopped.stdout), (0, format!("{handle} stopped\n")), "{fault}: {}", stopped.stderr);
    }
}

#[test]
fn a_time_out_or_a_signal_can_terminate_a_taskflow() {
    let late = world().run("start --name tf_long -t TASKFLOW --wait --timeout 5m --on-timeout stop");
    assert_eq!(late.code, 5, "{late:?}");
    let world = world().signal(Duration::from_secs(60), Signal::Terminate);
    let gone = world.run("start --name tf_long -t TASKFLOW --wait --on-signal stop");
    assert_eq!((gone.code, world.count("terminate")), (143, 1), "{gone:?}");
}

#[test]
fn one_key_starts_a_taskflow_once() {
    let world = world();
    let line = "start --name tf_good -t TASKFLOW --once night-1 --wait";
    assert_eq!([world.run(line).code, world.run(line).code], [0, 0]);
    assert_eq!(flows_started(&world), 1);
    let lost = faulty(&["start:lost-answer"]);
    assert_eq!([lost.run(line).code, lost.run(line).code], [10, 10], "nothing can look for the run");
    assert_eq!(flows_started(&lost), 1);
    let killed = self::world();
    assert!(killed.run_until(line, Some(Duration::from_secs(5))).is_none());
    assert_eq!(killed.run(line).code, 0);
    assert_eq!(flows_started(&killed), 1);
}

#[test]
fn if_running_fail_and_join_see_taskflows() {
    let world = world();
    let handle = start(&world, "--name tf_long -t TASKFLOW");
    let refused = world.run("start --name tf_long -t TASKFLOW --if-running fail");
    assert_eq!(refused.code, 8, "{refused:?}");
    let joined = world.run("start Default/tf_long --if-running join");
    assert_eq!((joined.code, joined.stdout.trim()), (0, handle.as_str()), "{}", joined.stderr);
    assert_eq!(flows_started(&world), 1);
    let blind = world.run("start --name fi_good -t FILE_INGESTION --if-running fail");
    assert_eq!(blind.code, 64, "{blind:?}");
}

#[test]
fn file_ingestion_is_started_by_name_path_or_id_and_waited_for() {
    for quirks in ["", "[quirks]\ningestion_run_id_key = 'RunId'\ningestion_run_id_text = true\n"] {
        let world = VirtualWorld::new(&format!("{quirks}{TASKS}"), &[]);
        let found = world.run("find 'fi_*' -t FILE_INGESTION -o json").json();
        let id = found["tasks"][1]["id"].as_str().unwrap().to_owned();
        assert_eq!(id.len(), 22);
        for line in [
            "--name fi_good -t FILE_INGESTION",
            "Sales/Nightly/fi_good",
            &format!("--id {id} -t file-ingestion"),
            &format!("fid:{id}"),
        ] {
            let done = world.run(&format!("start {line} --wait -o json"));
            assert_eq!(done.code, 0, "{line}: {done:?}");
            let run = &done.json()["runs"][0];
            assert_eq!((&run["task"]["id"], &run["rows"]), (&id.as_str().into(), &Value::Null), "{line}");
            assert!(run["run_id"].is_string());
            assert_eq!(run["handle"], format!("FILE_INGESTION/{id}/{}", run["run_id"].as_str().unwrap()));
        }
        let bad = world.run("start --name fi_bad -t FILE_INGESTION --wait -o json");
        assert_eq!((bad.code, &bad.json()["runs"][0]["error"]), (3, &"no space left".into()), "{bad:?}");
    }
}

#[test]
fn what_file_ingestion_cannot_do_is_said() {
    let world = world();
    let handle = start(&world, "--name fi_good -t FILE_INGESTION");
    assert_eq!(world.run(&format!("status {handle}")).code, 6);
    let before = world.exchanges().len();
    let stop = world.run(&format!("stop {handle}"));
    assert_eq!((stop.code, world.exchanges().len()), (7, before), "{stop:?}");
    assert!(stop.stderr.contains("Monitor"), "{stop:?}");
    assert_eq!(world.run("start --id 0119Y40Z00000000001S -t FILE_INGESTION").code, 64);
    assert_eq!(world.run("start --name fi_none -t FILE_INGESTION").code, 9);
    assert_eq!(world.run("start --name fi_good -t FILE_INGESTION --input a=1").code, 64);
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
        "start --id 0119Y40Z00000000001S -t TASKFLOW",
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
        assert!(rest.len() <= 24, "{rest:?}");
    }
}

#[test]
fn over_sockets_a_taskflow_is_named_resumed_and_terminated() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), TASKS.replace("'20s'", "'200ms'")).unwrap();
    let world = World::serving(&["--scenario", file.path().to_str().unwrap()]);
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
    assert!((60..=75).contains(&(lists / 2)), "{lists}");
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
