//! The control API: who is admitted, what runs, ends by command, faults.

use super::*;

const TOKEN: &str = "open-sesame";

impl World {
    fn controlled(scenario: &str) -> Self {
        let mut world = Self::new(scenario);
        world.sandbox = world.sandbox.with_control(TOKEN);
        world
    }

    fn control_with(&mut self, headers: &[(&str, &str)], method: &str, target: &str, body: &str) -> (u16, Value) {
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let request = Request {
            method: method.into(),
            path: format!("/_sandbox/{path}"),
            query: query.map(str::to_owned),
            headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            body: body.into(),
        };
        let reply = self.sandbox.answer(&request, self.now);
        (reply.status, serde_json::from_slice(&reply.body).unwrap_or(Value::Null))
    }

    fn control(&mut self, method: &str, target: &str, body: &str) -> (u16, Value) {
        self.control_with(&[("Host", "127.0.0.1:8085"), ("x-sandbox-token", TOKEN)], method, target, body)
    }

    fn end(&mut self, handle: &str, outcome: &str) -> (u16, Value) {
        self.control("POST", &format!("runs/{handle}/end"), &json!({ "outcome": outcome }).to_string())
    }

    /// The row of a run in the answer of the control API.
    fn run(&mut self, handle: &str) -> Value {
        let (_, state) = self.control("GET", "state", "");
        let row = state["runs"].as_array().unwrap().iter().find(|run| run["handle"] == handle).cloned();
        row.unwrap_or_default()
    }

    fn flow_handle(&mut self, name: &str) -> String {
        let reply = self.active_bpel("POST", &format!("rt/{name}"));
        format!("TASKFLOW/{}", reply["RunId"].as_str().unwrap())
    }

    fn active_bpel(&mut self, method: &str, path: &str) -> Value {
        let request = Request {
            method: method.into(),
            path: format!("/active-bpel/{path}"),
            headers: vec![("IDS-SESSION-ID".into(), self.session.clone())],
            ..Request::default()
        };
        serde_json::from_slice(&self.sandbox.answer(&request, self.now).body).unwrap_or(Value::Null)
    }
}

fn handle(job: &Value) -> String {
    format!("{}/{}/{}", job["taskType"].as_str().unwrap(), job["taskId"].as_str().unwrap(), job["runId"])
}

#[test]
fn without_a_token_the_api_is_an_unknown_path() {
    let closed: [fn(Sandbox) -> Sandbox; 2] = [|sandbox| sandbox, |sandbox| sandbox.with_control("")];
    for close in closed {
        let mut world = World::new(DEFAULT_SCENARIO);
        world.sandbox = close(world.sandbox);
        for (method, target) in [("GET", "state"), ("POST", "faults"), ("DELETE", "faults")] {
            let headers = [("Host", "127.0.0.1:8085"), ("X-Sandbox-Token", "")];
            assert_eq!(world.control_with(&headers, method, target, ""), (404, Value::Null));
        }
        assert_eq!(world.sandbox.log().last().unwrap().call, "other");
    }
}

#[test]
fn only_a_tool_of_this_machine_with_the_token_is_admitted() {
    let mut world = World::controlled(DEFAULT_SCENARIO);
    let (host, token) = (("Host", "localhost:8085"), ("X-Sandbox-Token", TOKEN));
    for (headers, expected) in [
        (vec![host, token], 200),
        (vec![host], 401),
        (vec![host, ("X-Sandbox-Token", "open-sesamf")], 401),
        (vec![token], 403),
        (vec![("Host", "rebound.example:8085"), token], 403),
        (vec![host, token, ("Origin", "http://localhost:8085")], 403),
        (vec![host, token, ("Origin", "null")], 403),
    ] {
        let (status, body) = world.control_with(&headers, "DELETE", "faults", "");
        assert_eq!((status, body.get("error").is_some()), (expected, expected != 200), "{headers:?}");
        let exchange = world.sandbox.log().last().unwrap();
        assert_eq!((exchange.call, exchange.status), ("control", Some(expected)));
    }
}

#[test]
fn the_state_shows_what_runs_and_what_has_ended() {
    let mut world = World::controlled("[[task]]\nname = 't'\npast_runs = 1");
    let (_, job) = world.start("t", "MTT");
    let handle = handle(&job);
    let row = world.later(2).run(&handle);
    assert_eq!(keys(&row), ["handle", "task", "began", "state", "in_monitor", "in_log"]);
    assert_eq!((&row["task"], &row["began"]), (&json!("Default/t"), &json!("2026-03-03T10:00:00Z")));
    assert_eq!((&row["state"], &row["in_monitor"], &row["in_log"]), (&json!("running"), &json!(true), &json!(false)));
    let row = world.later(60).run(&handle);
    assert_eq!((&row["state"], &row["outcome"], &row["in_log"]), (&json!("ended"), &json!("success"), &json!(true)));
    assert_eq!(row["ended"], "2026-03-03T10:00:06Z");
    assert_eq!(world.control("GET", "state", "").1["runs"].as_array().unwrap().len(), 2);
}

#[test]
fn a_run_ends_now_as_it_is_told() {
    for (outcome, state) in [("success", 1), ("warning", 2), ("failure", 3), ("stopped", 3)] {
        let mut world = World::controlled(DEFAULT_SCENARIO);
        let (_, job) = world.start("m_long_running", "MTT");
        let (status, row) = world.later(60).end(&handle(&job), outcome);
        assert_eq!((status, &row["outcome"], &row["ended"]), (200, &json!(outcome), &json!("2026-03-03T10:01:00Z")));
        assert_eq!(world.end(&handle(&job), outcome).0, 409);
        let row = world.later(1).row(&job)[0].clone();
        assert_eq!((&row["state"], &row["isStopped"]), (&json!(state), &json!(outcome == "stopped")));
        assert_eq!(world.start("m_long_running", "MTT").1["runId"], 2);
        assert_eq!(world.later(60).run(&handle(&job))["state"], "ended");
    }
}

#[test]
fn the_parts_of_a_linear_taskflow_end_with_it_and_the_others_never_begin() {
    let mut world = World::controlled(DEFAULT_SCENARIO);
    let (_, job) = world.start("lt_nightly", "WORKFLOW");
    world.later(2).end(&handle(&job), "failure");
    let row = world.later(60).row(&job)[0].clone();
    assert_eq!((&row["state"], row["entries"].as_array().unwrap().len()), (&json!(3), 1));
    assert_eq!(row["entries"][0]["state"], 3);
}

#[test]
fn a_taskflow_is_ended_with_its_steps_and_a_step_only_with_its_taskflow() {
    let mut world = World::controlled(DEFAULT_SCENARIO);
    let flow = world.flow_handle("tf_month_end");
    let steps = |world: &mut World| {
        let (_, state) = world.control("GET", "state", "");
        let rows = state["runs"].as_array().unwrap().clone();
        rows.into_iter().filter(|run| run.get("taskflow").is_some()).collect::<Vec<_>>()
    };
    let begun = steps(world.later(2));
    assert_eq!(begun.len(), 2);
    for step in &begun {
        assert_eq!(world.end(step["handle"].as_str().unwrap(), "success").0, 409);
    }
    assert_eq!(world.end(&flow, "warning").1["outcome"], "warning");
    let ended = steps(world.later(600));
    assert!(ended.len() == 2 && ended.iter().all(|step| step["outcome"] == "warning"), "{ended:?}");
    let status = world.active_bpel("GET", &format!("services/tf/status/{}", flow.trim_start_matches("TASKFLOW/")));
    assert_eq!((&status["status"], &status["subtasks"]), (&json!("WARNING"), &json!(1)));
}

#[test]
fn a_taskflow_that_would_have_come_next_never_begins() {
    let mut world = World::controlled(
        "[[task]]\nname = 't'\n[[task]]\nname = 'inner'\ntype = 'TASKFLOW'\nparts = ['t']\n\
         [[task]]\nname = 'outer'\ntype = 'TASKFLOW'\nparts = ['t', 'inner']",
    );
    let flow = world.flow_handle("outer");
    world.later(2).end(&flow, "failure");
    let (_, state) = world.later(600).control("GET", "state", "");
    let tasks: Vec<&Value> = state["runs"].as_array().unwrap().iter().map(|run| &run["task"]).collect();
    assert_eq!(tasks, ["Default/t", "Default/outer"]);
}

#[test]
fn a_taskflow_is_suspended_at_its_step_and_goes_on_from_there() {
    let mut world = World::controlled(DEFAULT_SCENARIO);
    let flow = world.flow_handle("tf_nightly");
    assert_eq!(world.later(2).end(&flow, "suspended").1["state"], "suspended");
    assert_eq!(world.later(60).run(&flow)["state"], "suspended");
    let run_id = flow.trim_start_matches("TASKFLOW/").to_owned();
    world.active_bpel("PUT", &format!("management/runtime/v1/resumeWithFaultRetry/{run_id}"));
    assert_eq!(world.run(&flow)["state"], "running");
    assert_eq!(world.later(60).run(&flow)["outcome"], "success");
    let status = world.active_bpel("GET", &format!("services/tf/status/{run_id}"));
    let steps = status["subtaskDetails"]["details"]["tasks"].as_array().unwrap();
    let names: Vec<&Value> = steps.iter().map(|step| &step["assetName"]).collect();
    assert_eq!(names, ["m_stage", "m_stage", "m_publish"]);
}

#[test]
fn a_file_ingestion_run_ends_too() {
    let mut world = World::controlled(DEFAULT_SCENARIO);
    let found = json!({"objects": [{"path": "Default/fi_invoices", "type": "MI_TASK"}]});
    let id = world.send("POST", "/public/core/v3/lookup", &found).1["objects"][0]["id"].clone();
    let request = Request {
        method: "POST".into(),
        path: "/mftsaas/api/v1/job".into(),
        headers: vec![("IDS-SESSION-ID".into(), world.session.clone())],
        body: json!({ "taskId": id }).to_string().into(),
        ..Request::default()
    };
    assert_eq!(world.sandbox.answer(&request, world.now).status, 200);
    let handle = format!("FILE_INGESTION/{}/1001", id.as_str().unwrap());
    assert_eq!(world.run(&handle)["state"], "running");
    assert_eq!(world.later(1).end(&handle, "suspended").0, 409);
    assert_eq!(world.end(&handle, "failure").1["outcome"], "failure");
    assert_eq!(world.end(&handle, "success").0, 409);
}

#[test]
fn mistakes_in_commands_change_nothing() {
    let mut world = World::controlled(DEFAULT_SCENARIO);
    let (_, job) = world.start("m_long_running", "MTT");
    let handle = handle(&job);
    let end = format!("runs/{handle}/end");
    for body in ["", "{}", r#"{"outcome": "no_agent"}"#, r#"{"outcome": "other_instance"}"#, r#"{"outcome": 1}"#] {
        assert_eq!(world.control("POST", &end, body).0, 400, "{body}");
    }
    assert_eq!(world.end(&handle, "suspended").0, 409);
    for unknown in ["MTT/x/1", "x", "TASKFLOW/1", "FILE_INGESTION/x/1001", &handle.replace("MTT", "DSS")] {
        assert_eq!(world.end(unknown, "success").0, 404, "{unknown}");
    }
    assert_eq!(world.control("GET", &end, "").0, 405);
    assert_eq!(world.control("GET", "elsewhere", "").0, 404);
    assert_eq!(world.run(&handle)["state"], "running");
    assert_eq!(world.end(&handle.replace('/', "%2F"), "success").0, 200);
}

#[test]
fn faults_are_added_and_removed_and_never_strike_the_api_itself() {
    let mut world = World::controlled(DEFAULT_SCENARIO);
    let add = |world: &mut World, fault: &str| world.control("POST", "faults", &json!({ "fault": fault }).to_string());
    add(&mut world, "any:503*2");
    let (_, listed) = add(&mut world, "start:reset");
    let expected = json!([{"fault": "any:503*2", "left": 2}, {"fault": "start:reset", "left": null}]);
    assert_eq!(listed["faults"], expected);
    assert_eq!(world.start("m_succeeds", "MTT").0, 503);
    assert_eq!(world.control("GET", "state", "").1["faults"][0]["left"], 1);
    assert_eq!(world.control("DELETE", "faults?fault=any:503*2", "").1["faults"].as_array().unwrap().len(), 1);
    assert_eq!(world.control("DELETE", "faults?fault=any:503*2", "").0, 404);
    assert_eq!(world.control("DELETE", "faults", "").1, json!({"faults": []}));
    assert_eq!(world.start("m_succeeds", "MTT").0, 200);
    let (status, error) = add(&mut world, "start:nonsense");
    assert!(status == 400 && error["error"].as_str().unwrap().contains("is not a fault"));
    assert_eq!(world.control("POST", "faults", "[]").0, 400);
}
