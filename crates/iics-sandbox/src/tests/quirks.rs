//! Scenarios: times, quirks, and mistakes in them.

use super::super::quirks::{Quirks, Timing};
use super::*;

fn with(quirk: &str, value: &str) -> World {
    let line = DEFAULT_SCENARIO.lines().find(|line| line.starts_with(&format!("{quirk} = "))).unwrap();
    World::new(&DEFAULT_SCENARIO.replace(line, &format!("{quirk} = {value}")))
}

#[test]
fn a_clean_stop_may_end_well_and_a_late_stop_changes_nothing() {
    for (ends, state) in [("stopped", 3), ("warning", 2), ("success", 1)] {
        let mut world = with("clean_stop_ends", &format!("\"{ends}\""));
        let (_, job) = world.start("m_long_running", "MTT");
        world.stop(&job, "?cleanStop=true");
        let row = world.later(8).row(&job)[0].clone();
        assert_eq!((&row["state"], &row["isStopped"]), (&json!(state), &json!(ends == "stopped")));
    }
    let mut world = World::new(DEFAULT_SCENARIO);
    let (_, job) = world.start("m_succeeds", "MTT");
    world.later(5).stop(&job, "");
    let row = world.later(3).row(&job)[0].clone();
    assert_eq!((&row["state"], &row["isStopped"]), (&json!(1), &json!(false)));
}

#[test]
fn a_stop_may_never_get_a_job_down() {
    let mut world = World::new("[[task]]\nname = 't'\ntakes = '20m'\nstop = 'never'");
    let (_, job) = world.start("t", "MTT");
    assert_eq!(world.stop(&job, "").delay, Duration::ZERO);
    let monitor = world.later(600).get("/api/v2/activity/activityMonitor");
    assert_eq!(monitor[0]["executionState"], "STOPPING");
    assert_eq!(world.later(601).row(&job)[0]["state"], 1);
}

#[test]
fn a_hard_stop_overtakes_a_clean_one() {
    let mut world = World::new("[[task]]\nname = 't'\ntakes = '20m'\nclean_stop = 'never'");
    let (_, job) = world.start("t", "MTT");
    world.later(10).stop(&job, "?cleanStop=true");
    assert_eq!(world.later(60).stop(&job, "").delay, Duration::from_secs(3));
    // A third one has nothing to hurry up.
    assert_eq!(world.later(1).stop(&job, "").delay, Duration::from_secs(2));
    let row = world.later(4).row(&job)[0].clone();
    assert_eq!((&row["isStopped"], &row["endTimeUtc"]), (&json!(true), &json!("2026-03-03T10:01:13.000Z")));
}

#[test]
fn a_run_may_wait_in_a_queue_and_never_come_into_a_list() {
    let mut world = World::new(
        "[timing]\nqueued = '3s'\ninitialized = '2s'\n[[task]]\nname = 't'\nlog_gap = 'never'\n[[task]]\nname = 'u'\n\
         monitor_delay = 'never'",
    );
    let (_, job) = world.start("t", "MTT");
    let (_, hidden) = world.start("u", "MTT");
    let state = |world: &mut World| {
        let rows = world.get("/api/v2/activity/activityMonitor");
        assert_eq!(rows.as_array().unwrap().len(), 1);
        rows[0]["executionState"].clone()
    };
    assert_eq!(state(world.later(2)), "QUEUED");
    assert_eq!(state(world.later(2)), "INITIALIZED");
    assert_eq!(state(world.later(2)), "RUNNING");
    assert_eq!(world.later(1200).row(&job), json!([]));
    assert_eq!(world.row(&hidden)[0]["state"], 1);
}

#[test]
fn both_sides_of_what_sources_tell_differently_can_be_played() {
    let mut world = with("refusal_status", "400");
    let (status, error) = world.start("nothing", "MTT");
    assert_eq!((status, &error["statusCode"]), (400, &json!(403)));

    let mut world = with("second_start_refused", "true");
    assert_eq!(world.start("m_already_running", "MTT").0, 403);

    let mut world = with("run_id_text", "true");
    assert_eq!(world.start("m_succeeds", "MTT").1["runId"], "3");

    let mut world = with("stop_nothing_refused", "true");
    let job = json!({"taskName": "m_succeeds", "taskType": "MTT"});
    assert_eq!(world.send("POST", "/api/v2/job/stop", &job).0, 403);

    let mut world = with("stop_waits", "false");
    let (_, job) = world.start("m_long_running", "MTT");
    assert_eq!(world.stop(&job, "").delay, Duration::ZERO);

    let mut world = with("monitor_filters", "true");
    assert_eq!(world.get("/api/v2/activity/activityMonitor?taskId=none"), json!([]));

    let mut world = with("run_id_alone", "false");
    assert_eq!(world.send("GET", "/api/v2/activity/activityLog?runId=1", &Value::Null).0, 403);

    let mut world = with("session_length", "16000");
    assert_eq!((world.session.len(), world.start("m_succeeds", "MTT").0), (16_000, 200));

    let taskflows = |world: &mut World| world.send("GET", "/api/v2/task?type=WORKFLOW", &Value::Null);
    assert_eq!(taskflows(&mut World::new(DEFAULT_SCENARIO)).1[0]["name"], "lt_nightly");
    assert_eq!(taskflows(&mut with("workflow_in_task_list", "false")).0, 403);

    let mut world = with("id_anywhere", "false");
    let elsewhere = json!({"taskId": world.id_of("Load customers"), "taskType": "MTT"});
    assert_eq!(world.send("POST", "/api/v2/job", &elsewhere).0, 403);

    let mut world = with("expired_session_body", "\"html\"");
    world.session.clear();
    assert_eq!(world.start("m_succeeds", "MTT"), (401, Value::Null));

    let mut world = World::new(&DEFAULT_SCENARIO.replace("# unfinished_state", "unfinished_state"));
    let (_, job) = world.start("m_succeeds", "MTT");
    let row = world.row(&job)[0].clone();
    assert_eq!((&row["state"], row.get("endTime")), (&json!(0), None));
}

#[test]
fn a_session_may_have_an_end_that_use_does_not_put_off() {
    let mut world = with("session_total_life", "\"1h\"");
    for expected in [200, 200, 200, 401] {
        assert_eq!(world.later(1100).send("GET", "/api/v2/activity/activityMonitor", &Value::Null).0, expected);
    }
}

#[test]
fn the_built_in_scenario_explains_every_setting_with_its_value() {
    let built_in = Scenario::built_in();
    assert_eq!((&built_in.timing, &built_in.quirks), (&Timing::default(), &Quirks::default()));
    let keys = [serde_json::to_value(Timing::default()), serde_json::to_value(Quirks::default())];
    for key in keys.iter().flat_map(|part| part.as_ref().unwrap().as_object().unwrap().keys()) {
        assert!(DEFAULT_SCENARIO.contains(&format!("{key} = ")), "{key}");
    }
}

#[test]
fn a_scenario_with_a_mistake_is_refused() {
    for (text, expected) in [
        ("tasks = 1", "line 1, column 1: unknown field `tasks`, expected one of `org`, "),
        ("[[task]]\nname = 'x'\ntakes = 5", "line 3, column 9: invalid type: integer `5`, expected a string"),
        ("\u{feff}[[task]]\nname = 'é', takes = '5s'", "line 2, column 11: "),
        ("[[task]]\r\nname = 'x'\r\ntakes = '5x'\r\n", "line 3, column 9: '5x' is not a duration; "),
        ("[[task]\n", "line 1, column 8: unclosed array table, expected `]`"),
        ("[[task]]\nname = 'x", "line 2, column 10: "),
        ("org = 'A'\nfaults = ['x']", "line 2, column 10: 'x' is not a fault: "),
        (
            "[[task]]\nname='a'\ntype='TASKFLOW'\nparts=['b']\n[[task]]\nname='b'\ntype='TASKFLOW'\nparts=['a']",
            "the task 'a' is a part of itself, directly or through its parts",
        ),
        (
            "[[task]]\nname='w'\ntype='WORKFLOW'\nparts=['w']",
            "the task 'w' is a part of itself, directly or through its parts",
        ),
        ("[[task]]\nname='w'\nparts=['x']", "the task 'w' has the part 'x', but the scenario has no task of that name"),
        ("[[task]]\nname='w'\napi_name='x'", "the task 'w' is of type MTT, to which api_name does not apply"),
    ] {
        let message = Scenario::parse(text).unwrap_err().to_string();
        assert!(message.starts_with(expected) && !message.contains('\n'), "{message}");
    }
    let many = Scenario::parse("[[task]]\nname = 't'\ncount = 100").unwrap();
    assert_eq!(many.task.len(), 100);
    assert_eq!(Scenario::built_in().task.len(), Scenario::parse(DEFAULT_SCENARIO).unwrap().task.len());
}
