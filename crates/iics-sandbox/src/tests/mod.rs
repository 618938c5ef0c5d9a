//! The service in virtual time: what it answers, second by second.

mod control;
mod faults;
mod harsh;
mod logins;
mod quirks;
mod taskflows;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;

struct World {
    sandbox: Sandbox,
    now: Timestamp,
    session: String,
}

impl World {
    fn new(scenario: &str) -> Self {
        let now = "2026-03-03T10:00:00Z".parse().unwrap();
        let sandbox = Sandbox::new(Scenario::parse(scenario).unwrap(), now);
        let mut world = Self { sandbox, now, session: String::new() };
        world.log_in();
        world
    }

    fn log_in(&mut self) {
        let login = Request {
            method: "POST".into(),
            path: "/ma/api/v2/user/login".into(),
            headers: vec![("Host".into(), "127.0.0.1:8085".into())],
            body: json!({"@type": "login", "username": "sandbox", "password": "sandbox"}).to_string().into(),
            ..Request::default()
        };
        let user: Value = serde_json::from_slice(&self.sandbox.answer(&login, self.now).body).unwrap();
        assert_eq!(user["serverUrl"], "http://127.0.0.1:8085/saas");
        self.session = user["icSessionId"].as_str().unwrap().into();
    }

    fn later(&mut self, seconds: u64) -> &mut Self {
        self.now += Duration::from_secs(seconds);
        self
    }

    fn send(&mut self, method: &str, target: &str, body: &Value) -> (u16, Value) {
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
        self.send("POST", "/api/v2/job", &json!({"@type": "job", "taskName": name, "taskType": kind}))
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

    fn id_of(&mut self, name: &str) -> Value {
        self.get(&format!("/api/v2/mttask/name/{}", name.replace(' ', "%20")))["id"].clone()
    }

    fn get(&mut self, target: &str) -> Value {
        self.send("GET", target, &Value::Null).1
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
    let (_, third) = world.send("POST", "/api/v2/job/", &body);
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
    let (_, part) = world.start("m_stage", "MTT");
    assert_eq!((&part["runId"], &world.row(&part)[0]["state"]), (&json!(2), &json!(3)));
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
    let found = world.send("POST", "/public/core/v3/lookup", &wanted).1;
    assert_eq!(found["objects"].as_array().unwrap().len(), 1);
    let id = found["objects"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(world.get(&format!("/api/v2/mttask/frs/{id}"))["name"], "Load customers");
    let place = world.get("/public/core/v3/objects?q=location==%27Sales/Nightly%27%20and%20type==MTT&limit=2&skip=1");
    assert_eq!(place["count"], 2);
    let (status, error) = world.send("GET", "/public/core/v3/objects?q=location==nowhere", &Value::Null);
    assert_eq!((status, &error["error"]["code"]), (400, &json!("V3API_ObjectsListError_03")));
    assert!(world.get("/api/v2/task?type=MTT").as_array().unwrap().len() > 10);
}

#[test]
fn the_log_is_paged_and_sorted_by_the_end() {
    let mut world = World::new("[[task]]\nname = 't'\npast_runs = 1100\n[[task]]\nname = 'long'\ntakes = '1m'");
    let mut page = |query: &str| {
        let rows = world.get(&format!("/api/v2/activity/activityLog{query}"));
        rows.as_array().unwrap().iter().map(|row| row["runId"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((page("").len(), page("?rowLimit=5000").len(), page("?rowLimit=2")), (200, 1000, vec![1100, 1099]));
    assert_eq!((page("?offset=1098"), page("?offset=1100")), (vec![2, 1], vec![]));
    // The longer run began first and ends last.
    let (_, long) = world.start("long", "MTT");
    world.later(30).start("t", "MTT");
    let rows = world.later(60).get("/api/v2/activity/activityLog?rowLimit=2");
    assert_eq!(rows[0]["objectId"], long["taskId"]);
}

#[test]
fn sessions_end_after_thirty_idle_minutes() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let status = |world: &mut World| world.send("GET", "/api/v2/activity/activityMonitor", &Value::Null).0;
    assert_eq!(status(world.later(1799)), 200);
    assert_eq!(status(world.later(1799)), 200);
    assert_eq!(status(world.later(1801)), 401);
}

#[test]
fn the_session_check_tells_the_minutes_left() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let left = |world: &mut World| {
        let body = json!({"@type": "validatedToken", "userName": "sandbox", "icToken": world.session});
        let (_, answer) = world.send("POST", "/api/v2/user/validSessionId", &body);
        (answer["timeUntilExpire"].clone(), answer["isValidToken"].clone())
    };
    assert_eq!(left(world.later(1)), (json!(29), json!(true)));
    assert_eq!(left(world.later(1750)), (json!(0), json!(true)));
    assert_eq!(left(world.later(60)), (json!(0), json!(false)));
}

#[test]
fn other_methods_are_answered_as_http_wants_it() {
    let mut world = World::new(DEFAULT_SCENARIO);
    assert_eq!(world.send("HEAD", "/api/v2/activity/activityMonitor", &Value::Null).0, 200);
    assert_eq!(world.send("OPTIONS", "/api/v2/job", &Value::Null).0, 200);
    assert_eq!(world.send("GET", "/api/v2/job", &Value::Null), (405, Value::Null));
    assert_eq!(world.send("GET", "/public/core/v3/lookup", &Value::Null).1["error"]["code"], Value::Null);
    assert_eq!(world.send("GET", "/api/v2/activityLog/1/sessionLog", &Value::Null).0, 404);
}

#[test]
fn a_session_ends_at_the_login_host_too() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let logout = Request {
        method: "POST".into(),
        path: "/ma/api/v2/user/logout".into(),
        headers: vec![("icSessionId".into(), world.session.clone())],
        ..Request::default()
    };
    assert_eq!(world.sandbox.answer(&logout, world.now).status, 200);
    assert_eq!(world.sandbox.log().last().unwrap().effect, Some(Effect::LoggedOut));
    assert_eq!(world.start("m_succeeds", "MTT").0, 401);
    assert_eq!(world.sandbox.answer(&logout, world.now).status, 401);
}

#[test]
fn a_run_that_never_ran_has_no_session_log_and_an_error_log_needs_its_id_in_the_path() {
    let mut world = World::new(DEFAULT_SCENARIO);
    for (name, status) in [("m_no_agent", 403), ("m_already_running", 403), ("m_fails", 200)] {
        let (_, job) = world.start(name, "MTT");
        let id = world.later(60).row(&job)[0]["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v2/activity/activityLog/{id}/sessionLog");
        assert_eq!(world.send("GET", &path, &Value::Null).0, status, "{name}");
        assert_eq!(world.send("GET", &format!("/api/v2/activity/errorLog/{id}"), &Value::Null).0, 200);
        assert_eq!(world.send("GET", &format!("/api/v2/activity/errorLog/id?{id}"), &Value::Null).0, 404);
    }
}
