//! The service in virtual time: what it answers, second by second.

use std::time::Duration;

use serde_json::{Value, json};

use super::quirks::{Quirks, Timing};
use super::*;

struct World {
    sandbox: Sandbox,
    now: Timestamp,
    session: String,
}

impl World {
    fn new(scenario: &str) -> Self {
        let now = "2026-03-03T10:00:00Z".parse().unwrap();
        let mut sandbox = Sandbox::new(Scenario::parse(scenario).unwrap(), now);
        let login = Request {
            method: "POST".into(),
            path: "/ma/api/v2/user/login".into(),
            headers: vec![("Host".into(), "127.0.0.1:8085".into())],
            body: json!({"@type": "login", "username": "sandbox", "password": "sandbox"}).to_string().into(),
            ..Request::default()
        };
        let user: Value = serde_json::from_slice(&sandbox.answer(&login, now).body).unwrap();
        assert_eq!(user["serverUrl"], "http://127.0.0.1:8085/saas");
        Self { sandbox, now, session: user["icSessionId"].as_str().unwrap().into() }
    }

    fn later(&mut self, seconds: u64) -> &mut Self {
        self.now += Duration::from_secs(seconds);
        self
    }

    fn ask(&mut self, method: &str, target: &str, body: &Value) -> (u16, Value) {
        let (path, query) =
            target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query.to_owned())));
        let request = Request {
            method: method.into(),
            path: format!("/saas{path}"),
            query,
            headers: vec![("icSessionId".into(), self.session.clone())],
            body: body.to_string().into(),
        };
        let reply = self.sandbox.answer(&request, self.now);
        (reply.status, serde_json::from_slice(&reply.body).unwrap_or(Value::Null))
    }

    fn start(&mut self, name: &str, kind: &str) -> (u16, Value) {
        self.ask("POST", "/api/v2/job", &json!({"@type": "job", "taskName": name, "taskType": kind}))
    }

    fn stop(&mut self, job: &Value, query: &str) -> Reply {
        let request = Request {
            method: "POST".into(),
            path: "/saas/api/v2/job/stop".into(),
            query: query.strip_prefix('?').map(str::to_owned),
            headers: vec![("INFA-SESSION-ID".into(), self.session.clone())],
            body: json!({"@type": "job", "taskId": job["taskId"], "taskType": job["taskType"]}).to_string().into(),
        };
        self.sandbox.answer(&request, self.now)
    }

    fn id_of(&self, name: &str) -> String {
        self.sandbox.catalog.tasks.iter().find(|task| task.spec.name == name).unwrap().id.clone()
    }

    fn get(&mut self, target: &str) -> Value {
        self.ask("GET", target, &Value::Null).1
    }

    fn row(&mut self, job: &Value) -> Value {
        let query = format!("taskId={}&runId={}", job["taskId"].as_str().unwrap(), job["runId"]);
        self.get(&format!("/api/v2/activity/activityLog?{query}"))
    }
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_run_is_in_neither_list_then_in_the_monitor_then_in_neither_then_in_the_log() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let (status, job) = world.start("m_succeeds", "mtt");
    assert_eq!((status, &job["runId"]), (200, &json!(3)));
    let seen = |world: &mut World| {
        let monitor = world.get("/api/v2/activity/activityMonitor?details=false");
        let shown = monitor.as_array().unwrap().iter().any(|row| row["taskId"] == job["taskId"]);
        (shown, world.row(&job).as_array().unwrap().len())
    };
    assert_eq!(seen(&mut world), (false, 0));
    assert_eq!(seen(world.later(1)), (true, 0));
    assert_eq!(seen(world.later(5)), (false, 0));
    assert_eq!(seen(world.later(1)), (false, 1));
    let row = world.row(&job);
    assert_eq!((&row[0]["state"], &row[0]["successTargetRows"]), (&json!(1), &json!(1000)));
    assert_eq!(row[0]["startTime"], "2026-03-03T05:00:00.000Z");
    assert_eq!(row[0]["startTimeUtc"], "2026-03-03T10:00:00.000Z");
}

#[test]
fn bodies_have_the_keys_of_the_wire_in_its_order() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let (_, job) = world.start("m_fails", "MTT");
    assert_eq!(keys(&job), ["@type", "taskId", "taskType", "runId", "taskName", "runInParallel"]);
    world.later(2);
    let monitor = world.get("/api/v2/activity/activityMonitor");
    let row = monitor.as_array().unwrap().iter().find(|row| row["taskId"] == job["taskId"]).unwrap();
    let expected = "@type id type taskId taskName objectName runId startTime startTimeUtc executionState failedSourceRows \
                    successSourceRows failedTargetRows successTargetRows entries agentId startedBy runContextType \
                    runtimeEnvironmentId";
    assert_eq!(keys(row).join(" "), expected);
    assert_eq!(row["@type"], "activityMonitoryEntry");
    world.later(10);
    let row = world.row(&job);
    let expected = "@type id type objectId objectName runId startTime endTime startTimeUtc endTimeUtc state failedSourceRows \
                    successSourceRows failedTargetRows successTargetRows errorMsg startedBy runContextType entries \
                    totalSuccessRows totalFailedRows stopOnError hasStopOnErrorRecord isStopped";
    assert_eq!(keys(&row[0]).join(" "), expected);
    let expected = "@type id type objectName runId agentId runtimeEnvironmentId startTime endTime startTimeUtc endTimeUtc \
                    state failedSourceRows successSourceRows failedTargetRows successTargetRows errorMsg startedBy \
                    runContextType entries subTaskEntries logEntryItemAttrs sessionVariables totalSuccessRows \
                    totalFailedRows stopOnError hasStopOnErrorRecord contextExternalId transformationEntries";
    assert_eq!(keys(&row[0]["entries"][0]).join(" "), expected);
    let one = world.get(&format!("/api/v2/activity/activityLog/{}", row[0]["id"].as_str().unwrap()));
    assert_eq!(one["items"][0]["@type"], "activityLogEntryItem");
    assert!(one["items"][0].get("startTimeUtc").is_none());
}

#[test]
fn another_instance_and_a_missing_agent_end_a_run_at_once() {
    let mut world = World::new(DEFAULT_SCENARIO);
    for (name, text) in [
        ("m_already_running", "Another instance of the task is currently running."),
        ("m_no_agent", "no active Secure Agent"),
    ] {
        let (status, job) = world.start(name, "MTT");
        assert_eq!(status, 200);
        let row = world.row(&job)[0].clone();
        assert_eq!((&row["state"], &row["startTime"]), (&json!(3), &row["endTime"]));
        assert!(row["errorMsg"].as_str().unwrap().contains(text));
        assert!(row["entries"][0].get("agentId").is_none());
    }
}

#[test]
fn two_plain_starts_never_run_both_and_a_runtime_lets_them() {
    let mut world = World::new(DEFAULT_SCENARIO);
    world.start("m_long_running", "MTT");
    let (_, second) = world.start("m_long_running", "MTT");
    assert_eq!(world.row(&second)[0]["state"], 3);
    let body = json!({"taskName": "m_long_running", "taskType": "MTT", "runtime": {}});
    let (_, third) = world.ask("POST", "/api/v2/job/", &body);
    assert_eq!((&third["runInParallel"], world.row(&third)), (&json!(true), json!([])));
}

#[test]
fn a_stop_answers_when_the_job_is_down_and_the_log_says_who_stopped_it() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let (_, job) = world.start("m_long_running", "MTT");
    let reply = world.stop(&job, "?cleanStop=1");
    assert_eq!((reply.status, reply.delay), (200, Duration::from_secs(6)));
    world.later(8);
    let row = world.row(&job);
    assert_eq!(row[0]["errorMsg"], "The job was stopped by user sandbox using the API.");
    assert_eq!((&row[0]["state"], &row[0]["isStopped"]), (&json!(3), &json!(true)));
}

#[test]
fn the_parts_of_a_linear_taskflow_run_one_after_the_other_under_their_own_numbers() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let (_, job) = world.start("lt_broken", "Workflow");
    world.later(2);
    let monitor = world.get("/api/v2/activity/activityMonitor?details=true");
    let row = monitor.as_array().unwrap().iter().find(|row| row["type"] == "WORKFLOW").unwrap();
    assert_eq!((&row["entries"][0]["taskName"], row.get("agentId")), (&json!("m_stage"), None));
    let (_, inside) = world.start("m_stage", "MTT");
    assert_eq!((&inside["runId"], &world.row(&inside)[0]["state"]), (&json!(2), &json!(3)));
    world.later(10);
    let row = world.row(&job)[0].clone();
    assert_eq!((&row["state"], row["entries"].as_array().unwrap().len()), (&json!(3), 2));
    assert_eq!(row["errorMsg"], row["entries"][1]["errorMsg"]);
    assert_eq!(row["entries"][1]["entries"][0]["objectName"], "");
}

#[test]
fn what_is_unknown_is_refused_as_the_service_refuses() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let (status, error) = world.start("nothing", "MTT");
    assert_eq!((status, &error["code"], &error["statusCode"]), (403, &json!("APP_13436"), &json!(403)));
    assert_eq!(world.start("Load customers", "MTT").0, 403);
    assert_eq!(world.start("m_succeeds", "DSS").0, 403);
    world.session = "wrong".into();
    assert_eq!(world.start("m_succeeds", "MTT").0, 401);
}

#[test]
fn objects_are_found_by_path_place_and_type() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let wanted = json!({"objects": [{"path": "Sales/Nightly/Load customers", "type": "mtt"}, {"path": "no/where", "type": "MTT"}]});
    let found = world.ask("POST", "/public/core/v3/lookup", &wanted).1;
    assert_eq!(found["objects"].as_array().unwrap().len(), 1);
    let id = found["objects"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(world.get(&format!("/api/v2/mttask/frs/{id}"))["name"], "Load customers");
    let place = world.get("/public/core/v3/objects?q=location==%27Sales/Nightly%27%20and%20type==MTT&limit=2&skip=1");
    assert_eq!(place["count"], 2);
    let (status, error) = world.ask("GET", "/public/core/v3/objects?q=location==nowhere", &Value::Null);
    assert_eq!((status, &error["error"]["code"]), (400, &json!("V3API_ObjectsListError_03")));
    assert!(world.get("/api/v2/task?type=MTT").as_array().unwrap().len() > 10);
}

#[test]
fn sessions_end_after_thirty_idle_minutes() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let status = |world: &mut World| world.ask("GET", "/api/v2/activity/activityMonitor", &Value::Null).0;
    assert_eq!(status(world.later(1799)), 200);
    assert_eq!(status(world.later(1799)), 200);
    assert_eq!(status(world.later(1801)), 401);
}

#[test]
fn a_lost_answer_is_a_start_and_a_reset_is_none() {
    let mut world =
        World::new(&DEFAULT_SCENARIO.replace("faults = []", "faults = ['start:reset*1', 'start:lost-answer*1']"));
    for _ in 0..2 {
        world.start("m_succeeds", "MTT");
    }
    let starts: Vec<(bool, bool)> = world
        .sandbox
        .log()
        .iter()
        .filter(|exchange| exchange.target.ends_with("/job"))
        .map(|exchange| (exchange.processed, matches!(exchange.deed, Some(Deed::Started { .. }))))
        .collect();
    assert_eq!(starts, [(false, false), (true, true)]);
}

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
    assert_eq!(world.ask("POST", "/api/v2/job/stop", &job).0, 403);

    let mut world = with("stop_waits", "false");
    let (_, job) = world.start("m_long_running", "MTT");
    assert_eq!(world.stop(&job, "").delay, Duration::ZERO);

    let mut world = with("monitor_filters", "true");
    assert_eq!(world.get("/api/v2/activity/activityMonitor?taskId=none"), json!([]));

    let mut world = with("run_id_alone", "false");
    assert_eq!(world.ask("GET", "/api/v2/activity/activityLog?runId=1", &Value::Null).0, 403);

    let mut world = with("session_length", "16000");
    assert_eq!((world.session.len(), world.start("m_succeeds", "MTT").0), (16_000, 200));

    let mut world = with("id_anywhere", "false");
    let elsewhere = json!({"taskId": world.id_of("Load customers"), "taskType": "MTT"});
    assert_eq!(world.ask("POST", "/api/v2/job", &elsewhere).0, 403);

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
        assert_eq!(world.later(1100).ask("GET", "/api/v2/activity/activityMonitor", &Value::Null).0, expected);
    }
}

#[test]
fn the_session_check_tells_the_minutes_left() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let left = |world: &mut World| {
        let body = json!({"@type": "validatedToken", "userName": "sandbox", "icToken": world.session});
        let (_, answer) = world.ask("POST", "/api/v2/user/validSessionId", &body);
        (answer["timeUntilExpire"].clone(), answer["isValidToken"].clone())
    };
    assert_eq!(left(world.later(1)), (json!(29), json!(true)));
    assert_eq!(left(world.later(1750)), (json!(0), json!(true)));
    assert_eq!(left(world.later(60)), (json!(0), json!(false)));
}

#[test]
fn other_methods_are_answered_as_http_wants_it() {
    let mut world = World::new(DEFAULT_SCENARIO);
    assert_eq!(world.ask("HEAD", "/api/v2/activity/activityMonitor", &Value::Null).0, 200);
    assert_eq!(world.ask("OPTIONS", "/api/v2/job", &Value::Null).0, 200);
    assert_eq!(world.ask("GET", "/api/v2/job", &Value::Null), (405, Value::Null));
    assert_eq!(world.ask("GET", "/public/core/v3/lookup", &Value::Null).1["error"]["code"], Value::Null);
    assert_eq!(world.ask("GET", "/api/v2/activityLog/1/sessionLog", &Value::Null).0, 404);
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
fn every_fault_says_whether_the_work_was_done_and_the_record_names_it() {
    for (fault, done) in [
        ("reset", false),
        ("hang", false),
        ("503", false),
        ("503-json", false),
        ("429=3", false),
        ("redirect", false),
        ("refused", false),
        ("no-session", false),
        ("lost-answer", true),
        ("hang-after", true),
        ("stalled", true),
        ("truncated", true),
        ("oversized", true),
        ("html", true),
        ("empty", true),
        ("null", true),
        ("wrapped", true),
        ("strings", true),
        ("503-after", true),
        ("latency=2s", true),
    ] {
        let mut world = World::new(DEFAULT_SCENARIO);
        let spec = format!("start:{fault}");
        world.sandbox.inject(spec.parse().unwrap());
        world.start("m_succeeds", "MTT");
        let exchange = world.sandbox.log().last().unwrap();
        let started = matches!(exchange.deed, Some(Deed::Started { .. }));
        assert_eq!((exchange.processed, started, exchange.call), (done, done, "start"), "{fault}");
        assert_eq!(exchange.faults, [spec]);
    }
}

#[test]
fn sessions_end_by_a_fault_and_stay_refused_by_another() {
    let mut world = World::new(DEFAULT_SCENARIO);
    world.sandbox.inject("monitor:expire-session*1".parse().unwrap());
    world.sandbox.inject("log:no-session=403".parse().unwrap());
    let status = |world: &mut World, what| world.ask("GET", &format!("/api/v2/activity/{what}"), &Value::Null).0;
    assert_eq!(status(&mut world, "activityLog"), 403);
    assert_eq!(status(&mut world, "activityMonitor"), 401);
    assert_eq!(world.start("m_succeeds", "MTT").0, 401);
}

#[test]
fn a_scenario_with_a_mistake_is_refused() {
    for text in ["tasks = 1", "[[task]]\nname = 'x'\ntakes = 5", "faults = ['x']", "[[task]]\nname='w'\nparts=['x']"] {
        assert!(Scenario::parse(text).is_err(), "{text}");
    }
    let many = Scenario::parse("[[task]]\nname = 't'\ncount = 100").unwrap();
    assert_eq!(many.task.len(), 100);
    assert_eq!(Scenario::built_in().task.len(), Scenario::parse(DEFAULT_SCENARIO).unwrap().task.len());
}
