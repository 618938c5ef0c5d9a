//! Taskflows and file ingestion tasks in virtual time.

use super::*;

impl World {
    fn call(&mut self, method: &str, target: &str, body: &Value, headers: &[(&str, &str)]) -> Reply {
        let (path, query) =
            target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query.to_owned())));
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let body = if body.is_null() { Vec::new() } else { body.to_string().into() };
        self.sandbox.answer(&Request { method: method.into(), path: path.into(), query, headers, body }, self.now)
    }

    fn flow(&mut self, method: &str, target: &str, body: &Value) -> (u16, Value) {
        let session = self.session.clone();
        let reply = self.call(method, target, body, &[("INFA-SESSION-ID", &session)]);
        (reply.status, serde_json::from_slice(&reply.body).unwrap_or(Value::Null))
    }

    /// Starts a taskflow. Gives its run ID.
    fn start_taskflow(&mut self, api_name: &str) -> String {
        let (status, answer) = self.flow("POST", &format!("/active-bpel/rt/{api_name}"), &json!({}));
        assert_eq!(status, 200, "{answer}");
        answer["RunId"].as_str().unwrap().to_owned()
    }

    fn status(&mut self, run_id: &str) -> Value {
        self.flow("GET", &format!("/active-bpel/services/tf/status/{run_id}"), &Value::Null).1
    }

    fn put(&mut self, what: &str, run_id: &str) -> (u16, Value) {
        self.flow("PUT", &format!("/active-bpel/management/runtime/v1/{what}/{run_id}"), &Value::Null)
    }
}

fn steps(status: &Value) -> Vec<String> {
    let tasks = status["subtaskDetails"]["details"]["tasks"].as_array().unwrap();
    let line = |task: &Value| format!("{} {}", task["assetName"].as_str().unwrap(), task["status"].as_str().unwrap());
    tasks.iter().map(line).collect()
}

#[test]
fn a_taskflow_runs_its_steps_which_the_job_lists_show_with_their_parent() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let run_id = world.start_taskflow("tf_nightly");
    assert_eq!(run_id.len(), 18);
    let status = world.later(2).status(&run_id);
    assert_eq!((&status["status"], &status["endTime"]), (&json!("RUNNING"), &json!("null")));
    assert_eq!(status["runId"].to_string(), run_id);
    assert_eq!(steps(&status), ["m_stage RUNNING"]);
    let monitor = world.get("/api/v2/activity/activityMonitor");
    assert!(monitor.as_array().unwrap().iter().any(|row| row["taskName"] == "m_stage"));
    let status = world.later(8).status(&run_id);
    assert_eq!((&status["status"], &status["duration"]), (&json!("SUCCESS"), &json!("8")));
    assert_eq!(status["endTime"], "2026-03-03T10:00:08Z");
    assert_eq!(steps(&status), ["m_stage SUCCESS", "m_publish SUCCESS"]);
    let log = world.get("/api/v2/activity/activityLog?rowLimit=1");
    let parent = json!({"objects": [{"id": log[0]["parentTaskFederatedId"]}]});
    let found = world.send("POST", "/public/core/v3/lookup", &parent).1;
    assert_eq!(
        (&log[0]["objectName"], &found["objects"][0]["path"]),
        (&json!("m_publish"), &json!("Default/tf_nightly"))
    );
}

#[test]
fn a_suspended_taskflow_goes_on_by_a_retry_or_a_skip_and_only_then() {
    for (how, last) in [("resumeWithFaultRetry", "m_flaky SUCCESS"), ("resumeWithFaultSkip", "m_publish SUCCESS")] {
        let mut world = World::new(DEFAULT_SCENARIO);
        let run_id = world.start_taskflow("tf_approval");
        assert_eq!(world.later(2).put(how, &run_id).0, 400);
        let status = world.later(1700).status(&run_id);
        assert_eq!((&status["status"], steps(&status)), (&json!("SUSPENDED"), vec!["m_flaky FAILED".to_owned()]));
        assert_eq!(status["duration"], "3");
        assert!(status["errorMessage"].as_str().unwrap().starts_with("FR_3000"));
        world.log_in();
        assert_eq!(world.put(how, &run_id), (204, Value::Null));
        assert_eq!(world.status(&run_id)["status"], "RUNNING");
        let status = world.later(10).status(&run_id);
        assert_eq!((&status["status"], steps(&status)[1].as_str()), (&json!("SUCCESS"), last));
        assert_eq!(world.put(how, &run_id).0, 400);
    }
}

#[test]
fn a_terminated_taskflow_takes_its_step_down_and_begins_no_other() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let run_id = world.start_taskflow("tf_nightly");
    world.later(2);
    let body = json!({"runid": [run_id]});
    assert_eq!(world.flow("PUT", "/active-bpel/services/tf/terminate", &body).0, 200);
    let status = world.later(60).status(&run_id);
    assert_eq!((&status["status"], steps(&status)), (&json!("FAILED"), vec!["m_stage STOPPED".to_owned()]));
    assert_eq!(status["endTime"], "2026-03-03T10:00:02Z");
    let log = world.get("/api/v2/activity/activityLog?rowLimit=1");
    assert_eq!((&log[0]["objectName"], &log[0]["isStopped"]), (&json!("m_stage"), &json!(true)));
    for wrong in [json!({}), json!({"runid": []}), json!({"runid": ["1"]}), json!({"runid": vec!["1"; 201]})] {
        assert!(world.flow("PUT", "/active-bpel/services/tf/terminate", &wrong).0 >= 400);
    }
}

#[test]
fn a_taskflow_that_would_have_come_next_never_begins() {
    let mut world = World::new(
        "[[task]]\nname = 't'\n[[task]]\nname = 'inner'\ntype = 'TASKFLOW'\nparts = ['t']\n\
         [[task]]\nname = 'outer'\ntype = 'TASKFLOW'\nparts = ['t', 'inner']",
    );
    let run_id = world.start_taskflow("outer");
    let body = json!({"runid": [run_id]});
    assert_eq!(world.later(2).flow("PUT", "/active-bpel/services/tf/terminate", &body).0, 200);
    assert_eq!(steps(&world.later(600).status(&run_id)), ["t STOPPED"]);
    let listed = world.flow("GET", "/active-bpel/services/tf/status", &json!(null)).1;
    let names: Vec<&Value> = listed.as_array().unwrap().iter().map(|row| &row["assetName"]).collect();
    assert_eq!(names, ["outer"]);
}

#[test]
fn errors_of_faults_have_the_form_of_the_resource() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let mut form = |fault: &str, target: &str| {
        world.sandbox.inject(format!("any:{fault}*1").parse().unwrap());
        let body = world.flow("GET", target, &Value::Null).1;
        if body["error"]["code"].is_string() { 3 } else { i32::from(body["@type"] == "error") * 2 }
    };
    for fault in ["refused", "no-session", "503-json"] {
        assert_eq!(form(fault, "/active-bpel/services/tf/status"), 3, "{fault}");
        assert_eq!(form(fault, "/mftsaas/api/v1/mitasks"), 3, "{fault}");
        assert_eq!(form(fault, "/saas/public/core/v3/objects"), 3, "{fault}");
        assert_eq!(form(fault, "/saas/api/v2/activity/activityLog"), 2, "{fault}");
    }
}

#[test]
fn a_taskflow_inside_another_has_its_own_run() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let run_id = world.start_taskflow("tf_month_end");
    let status = world.later(20).status(&run_id);
    assert_eq!(steps(&status), ["tf_nightly SUCCESS", "s_contacts SUCCESS"]);
    let child = &status["subtaskDetails"]["details"]["tasks"][0];
    assert_eq!(steps(child), ["m_stage SUCCESS", "m_publish SUCCESS"]);
    let child_id = child["runId"].to_string();
    assert_eq!(world.status(&child_id)["assetName"], "tf_nightly");
    let broken = world.start_taskflow("tf_broken");
    let status = world.later(20).status(&broken);
    assert_eq!((&status["status"], steps(&status)[1].as_str()), (&json!("FAILED"), "m_reject FAILED"));
}

#[test]
fn only_a_published_taskflow_is_called_by_its_api_name_and_by_those_who_may() {
    let mut world = World::new(DEFAULT_SCENARIO);
    for (name, expected) in
        [("tf_orders-1", 200), ("tf_orders", 404), ("tf_draft", 404), ("tf_private", 403), ("nothing", 404)]
    {
        let target = format!("/active-bpel/rt/{name}");
        assert_eq!(world.flow("POST", &target, &json!({})).0, expected, "{name}");
        assert_eq!(world.flow("GET", &target, &Value::Null).0, expected, "{name}");
    }
    let objects = world.get("/public/core/v3/objects?q=type=='TASKFLOW'");
    let state = |name: &str| {
        let found = objects["objects"].as_array().unwrap().iter().find(|object| object["path"] == name).unwrap();
        found["customAttributes"]["publicationStatus"].clone()
    };
    assert_eq!((state("Default/tf_orders"), state("Default/tf_draft")), (json!("published"), json!("unpublished")));
    let job = json!({"taskName": "tf_nightly", "taskType": "TASKFLOW"});
    assert_eq!(world.send("POST", "/api/v2/job", &job).0, 403);
}

#[test]
fn a_taskflow_is_called_with_any_session_header_or_a_name_and_password() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let session = world.session.clone();
    let cookie = format!("USER_SESSION={session}");
    for (name, value, expected) in [
        ("icSessionId", session.as_str(), 200),
        ("INFA-SESSION-ID", &session, 200),
        ("IDS-SESSION-ID", &session, 200),
        ("Cookie", &cookie, 200),
        ("Authorization", "Basic c2FuZGJveDpzYW5kYm94", 200),
        ("Authorization", "Basic c2FuZGJveDp3cm9uZw==", 401),
        ("IDS-SESSION-ID", "dead", 401),
    ] {
        let reply = world.call("POST", "/active-bpel/rt/tf_orders-1", &Value::Null, &[(name, value)]);
        assert_eq!(reply.status, expected, "{name}: {value}");
    }
    // The resources below /saas take sessions only.
    let basic = [("Authorization", "Basic c2FuZGJveDpzYW5kYm94")];
    assert_eq!(world.call("GET", "/saas/api/v2/task?type=MTT", &Value::Null, &basic).status, 401);
}

#[test]
fn the_name_of_a_run_and_its_inputs_are_heard() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let headers = [("IDS-SESSION-ID", world.session.clone()), ("TF-INSTANCE-NAME", "M%C3%A4rz%20run".to_owned())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let reply = world.call("POST", "/active-bpel/rt/tf_orders-1", &json!({"day": "x", "rows": 7}), &headers);
    let run_id = serde_json::from_slice::<Value>(&reply.body).unwrap()["RunId"].as_str().unwrap().to_owned();
    assert_eq!(world.status(&run_id)["assetName"], "tf_orders-März run");
    let Some(Effect::TaskflowStarted { inputs, run_name, .. }) =
        world.sandbox.log().iter().find_map(|exchange| {
            exchange.effect.clone().filter(|effect| matches!(effect, Effect::TaskflowStarted { .. }))
        })
    else {
        panic!("no start was recorded");
    };
    assert_eq!((inputs, run_name.as_deref()), (vec!["day".to_owned(), "rows".to_owned()], Some("März run")));
    let reply = world.call("POST", "/active-bpel/rt/tf_orders-1", &json!([1]), &headers);
    assert_eq!(reply.status, 400);
}

#[test]
fn the_list_of_taskflows_is_filtered_and_paged() {
    let mut world =
        World::new(&DEFAULT_SCENARIO.replace("name = \"tf_broken\"", "name = \"tf_broken\"\npast_runs = 40"));
    let first = world.start_taskflow("tf_orders-1");
    world.later(1).start_taskflow("tf_approval");
    world.later(20);
    let count = |world: &mut World, query: &str| {
        let (status, rows) = world.flow("GET", &format!("/active-bpel/services/tf/status{query}"), &Value::Null);
        assert_eq!(status, 200);
        rows.as_array().unwrap().len()
    };
    assert_eq!(count(&mut world, ""), 10);
    // Of 40 past runs, one an hour, 23 lie within a day.
    assert_eq!(count(&mut world, "?rowLimit=99"), 25);
    assert_eq!(count(&mut world, "?rowLimit=99&offset=20"), 5);
    assert_eq!(count(&mut world, "?startTime=2020-01-01T00:00:00Z&rowLimit=99"), 42);
    assert_eq!(count(&mut world, "?runStatus=Suspended"), 1);
    assert_eq!(count(&mut world, "?runStatus=success"), 1);
    assert_eq!(count(&mut world, &format!("?runId={first}")), 1);
    assert_eq!(count(&mut world, "?runId=1"), 0);
    assert_eq!(world.status("1")["error"]["code"], "TASKFLOW_404");
}

#[test]
fn both_sides_of_what_sources_tell_of_taskflows_can_be_played() {
    let quirk = |line: &str| {
        let name = line.split(' ').next().unwrap();
        let old = DEFAULT_SCENARIO.lines().find(|line| line.starts_with(name)).unwrap();
        World::new(&DEFAULT_SCENARIO.replace(old, line))
    };
    for (value, end) in [("empty", Some(json!(""))), ("null", Some(Value::Null)), ("absent", None)] {
        let mut world = quirk(&format!("taskflow_running_end = '{value}'"));
        let run_id = world.start_taskflow("tf_orders-1");
        assert_eq!(world.status(&run_id).get("endTime").cloned(), end);
    }
    let mut world = quirk("taskflow_run_id_text = true");
    let run_id = world.start_taskflow("tf_orders-1");
    assert_eq!(world.status(&run_id)["runId"], run_id.as_str());
    assert_eq!(quirk("taskflow_run_id_digits = 20").start_taskflow("tf_orders-1").len(), 20);
    let (status, plain) = quirk("taskflow_plain_start = true").flow("POST", "/active-bpel/rt/tf_orders-1", &json!({}));
    assert_eq!((status, plain.is_u64()), (200, true));
}

#[test]
fn a_file_ingestion_task_is_started_by_its_id_and_asked_by_its_run() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let tasks = world.flow("GET", "/mftsaas/api/v1/mitasks", &Value::Null).1;
    let status = |world: &mut World, run: &Value| {
        world.flow("GET", &format!("/mftsaas/api/v1/job/{run}/status"), &Value::Null).1["jobStatus"].clone()
    };
    for (name, end) in [("fi_invoices", "SUCCESS"), ("fi_rates", "FAILED")] {
        let task = tasks.as_array().unwrap().iter().find(|task| task["name"] == name).unwrap();
        assert_eq!(task["id"].as_str().unwrap().len(), 22);
        let (_, started) = world.flow("POST", "/mftsaas/api/v1/job", &json!({"taskId": task["id"]}));
        let run = &started["runId"];
        assert_eq!(status(&mut world, run), "RUNNING");
        assert_eq!(status(world.later(6), run), end);
        let history = format!("/mftsaas/api/v1/mitasks/activityLog?taskId={}", task["id"].as_str().unwrap());
        assert_eq!(world.flow("GET", &history, &Value::Null).1[0]["jobStatus"], end);
    }
    assert_eq!(world.flow("GET", "/mftsaas/api/v1/mitasks/activityLog", &Value::Null).0, 400);
    assert_eq!(world.flow("POST", "/mftsaas/api/v1/job", &json!({"taskId": "no"})).0, 404);
    assert_eq!(world.flow("GET", "/mftsaas/api/v1/job/9/status", &Value::Null).0, 404);
}
