//! How the sandbox is brought to answer as each fixture does.

use std::time::Duration;

use iics_sandbox::{Request, Sandbox, Scenario};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A sandbox in virtual time.
struct Played {
    sandbox: Sandbox,
    now: Timestamp,
    session: String,
}

const TASKS: &str = "
    [[task]]
    name = 'ok'
    takes = '10s'
    past_runs = 1
    [[task]]
    name = 'warns'
    ends = ['warning']
    rejected = 3
    error = 'WRT_8229 the row breaks a key'
    [[task]]
    name = 'fails'
    ends = ['failure']
    [[task]]
    name = 'is_stopped'
    ends = ['stopped']
    [[task]]
    name = 'no_agent'
    ends = ['no_agent']
    [[task]]
    name = 'busy'
    busy = true
    [[task]]
    name = 'slow'
    takes = '10m'
    [[task]]
    name = 'flow_ok'
    type = 'WORKFLOW'
    parts = ['ok', 'slow']
    [[task]]
    name = 'flow_warns'
    type = 'WORKFLOW'
    parts = ['ok', 'warns']
    [[task]]
    name = 'flow_fails'
    type = 'WORKFLOW'
    parts = ['ok', 'fails']
    [[task]]
    name = 'tf_ok'
    type = 'TASKFLOW'
    parts = ['ok']
    [[task]]
    name = 'tf_fails'
    type = 'TASKFLOW'
    parts = ['ok', 'fails']
    [[task]]
    name = 'tf_waits'
    type = 'TASKFLOW'
    parts = ['ok', 'fails']
    ends = ['suspended']
    [[task]]
    name = 'fi'
    type = 'FILE_INGESTION'
    ends = ['success', 'failure']
    [[task]]
    name = 'sync'
    type = 'DSS'
    folder = 'Mills/Finance'
    [[task]]
    name = 'sync2'
    type = 'DSS'
    folder = 'Mills/Finance'
";

/// The bodies of 2021, without the newer fields.
const OLD: &str = "is_stopped = false\nmonitor_utc = false";

impl Played {
    fn new(quirks: &str) -> Self {
        Self::of(&format!("[quirks]\n{quirks}\n{TASKS}"))
    }

    fn of(scenario: &str) -> Self {
        let now = "2026-02-09T14:20:05Z".parse().unwrap();
        let mut played =
            Self { sandbox: Sandbox::new(Scenario::parse(scenario).unwrap(), now), now, session: String::new() };
        let user: Value = serde_json::from_slice(&played.login("ma/api/v2/user/login", "sandbox")).unwrap();
        played.session.push_str(user["icSessionId"].as_str().unwrap());
        played
    }

    fn later(mut self, seconds: u64) -> Self {
        self.now += Duration::from_secs(seconds);
        self
    }

    fn login(&mut self, path: &str, password: &str) -> Vec<u8> {
        let body = json!({"username": "sandbox", "password": password});
        self.send("POST", &format!("/{path}"), &body)
    }

    fn send(&mut self, method: &str, target: &str, body: &Value) -> Vec<u8> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: (!query.is_empty()).then(|| query.to_owned()),
            headers: vec![("icSessionId".to_owned(), self.session.clone())],
            body: body.to_string().into_bytes(),
        };
        self.sandbox.answer(&request, self.now).body
    }

    fn get(&mut self, target: &str) -> Vec<u8> {
        self.send("GET", &format!("/saas{target}"), &Value::Null)
    }

    fn post(&mut self, target: &str, body: &Value) -> Vec<u8> {
        self.send("POST", &format!("/saas{target}"), body)
    }

    fn start(&mut self, name: &str) -> Value {
        let kind = if name.starts_with("flow") { "WORKFLOW" } else { "MTT" };
        let job = json!({"@type": "job", "taskName": name, "taskType": kind});
        serde_json::from_slice(&self.post("/api/v2/job", &job)).unwrap()
    }

    fn row(&mut self, job: &Value) -> Vec<u8> {
        let (task, run) = (job["taskId"].as_str().unwrap(), &job["runId"]);
        self.get(&format!("/api/v2/activity/activityLog?taskId={task}&runId={run}"))
    }

    /// The log's rows of a new run, so many seconds after its start.
    fn log_after(mut self, seconds: u64, name: &str) -> Vec<u8> {
        let job = self.start(name);
        self.later(seconds).row(&job)
    }

    fn log_of(self, name: &str) -> Vec<u8> {
        self.log_after(1000, name)
    }

    /// The log's rows of a run that was stopped after five seconds.
    fn log_of_stopped(mut self, name: &str) -> Vec<u8> {
        let job = self.start(name);
        let mut later = self.later(5);
        later.post("/api/v2/job/stop", &job);
        later.later(1000).row(&job)
    }

    /// The monitor's rows of a new run, so many seconds after its start.
    fn monitor_after(mut self, seconds: u64, name: &str, details: bool) -> Vec<u8> {
        let job = self.start(name);
        self.later(seconds).monitor_of(&job, details)
    }

    fn monitor_of(&mut self, job: &Value, details: bool) -> Vec<u8> {
        let rows = self.get(&format!("/api/v2/activity/activityMonitor?details={details}"));
        let mut rows: Vec<Value> = serde_json::from_slice(&rows).unwrap();
        rows.retain(|row| row["taskId"] == job["taskId"] && row["runId"] == job["runId"]);
        Value::from(rows).to_string().into_bytes()
    }

    fn object(&mut self, filter: &str) -> Value {
        let objects = self.get(&format!("/public/core/v3/objects?q={filter}&limit=1"));
        serde_json::from_slice::<Value>(&objects).unwrap()["objects"][0].clone()
    }

    /// The status of a new taskflow run, so many seconds after its start.
    fn taskflow_after(mut self, seconds: u64, api_name: &str) -> Vec<u8> {
        let started = self.send("POST", &format!("/active-bpel/rt/{api_name}"), &json!({}));
        let started: Value = serde_json::from_slice(&started).unwrap();
        let target = format!("/active-bpel/services/tf/status/{}", started["RunId"].as_str().unwrap());
        self.later(seconds).send("GET", &target, &Value::Null)
    }

    /// Starts the file ingestion task.
    fn ingest(&mut self) -> Vec<u8> {
        let tasks = self.send("GET", "/mftsaas/api/v1/mitasks", &Value::Null);
        let tasks: Value = serde_json::from_slice(&tasks).unwrap();
        self.send("POST", "/mftsaas/api/v1/job", &json!({"taskId": tasks[0]["id"]}))
    }

    fn warning(mut self) -> (Self, String) {
        let job = self.start("warns");
        let mut later = self.later(60);
        let rows: Value = serde_json::from_slice(&later.row(&job)).unwrap();
        (later, rows[0]["id"].as_str().unwrap().to_owned())
    }
}

/// The sandbox's answer of the kind that a fixture shows; none of the one kind that it never gives.
#[expect(clippy::too_many_lines, reason = "a table with a line for each fixture")]
pub(super) fn played(name: &str) -> Option<Vec<u8>> {
    let old = || Played::new(OLD);
    let new = || Played::new("");
    let callback = "https://ci.example.com/done";
    let job = |name: &str| json!({"@type": "job", "taskName": name, "taskType": "MTT"});
    Some(match name {
        "log-succeeded.json" => old().log_of("ok"),
        "log-succeeded-not-stopped.json" => new().log_of("ok"),
        "log-warning.json" => old().log_of("warns"),
        "log-failed.json" => old().log_of("fails"),
        "log-stopped.json" => new().log_of_stopped("slow"),
        "log-stopped-by-text.json" => old().log_of("is_stopped"),
        "log-no-agent.json" | "log-no-agent-late.json" | "log-agent-not-available.json" => old().log_of("no_agent"),
        "log-other-instance.json" | "log-other-instance-late.json" => old().log_of("busy"),
        "log-scheduled.json" => old().get("/api/v2/activity/activityLog?runId=1&rowLimit=1"),
        "log-parameter-file.json" => {
            let mut played = old();
            let runtime = json!({"@type": "mtTaskRuntime", "parameterFileName": "p", "parameterFileDir": "/d"});
            let started = played.post("/api/v2/job", &json!({"taskName": "ok", "taskType": "MTT", "runtime": runtime}));
            played.later(60).row(&serde_json::from_slice(&started).unwrap())
        }
        "log-unfinished.json" => Played::new(&format!("{OLD}\nunfinished_state = 0")).log_after(5, "ok"),
        "log-empty.json" => old().log_after(5, "ok"),
        "log-workflow-succeeded.json" => old().log_of("flow_ok"),
        "log-workflow-warning.json" => old().log_of("flow_warns"),
        "log-workflow-failed.json" => old().log_of("flow_fails"),
        "log-workflow-stopped.json" => old().log_of_stopped("flow_ok"),
        "log-of-taskflow.json" => {
            let mut played = old();
            played.send("POST", "/active-bpel/rt/tf_ok", &json!({}));
            played.later(60).get("/api/v2/activity/activityLog?rowLimit=1")
        }
        "taskflow-start.json" => old().send("POST", "/active-bpel/rt/tf_ok", &json!({})),
        "taskflow-running.json" => old().taskflow_after(12, "tf_fails"),
        "taskflow-run-id-as-text.json" => {
            let quirks = "taskflow_run_id_text = true\ntaskflow_running_end = 'empty'";
            Played::new(quirks).taskflow_after(12, "tf_fails")
        }
        "taskflow-succeeded.json" => old().taskflow_after(60, "tf_ok"),
        "taskflow-failed.json" => old().taskflow_after(60, "tf_fails"),
        "taskflow-suspended.json" => old().taskflow_after(60, "tf_waits"),
        "taskflow-list.json" => {
            let mut played = old();
            played.send("POST", "/active-bpel/rt/tf_ok", &json!({}));
            played.later(60).send("GET", "/active-bpel/services/tf/status?runStatus=Success", &Value::Null)
        }
        "objects-taskflow.json" => old().get("/public/core/v3/objects?q=type=='TASKFLOW'&limit=1"),
        "ingestion-start.json" => old().ingest(),
        "ingestion-start-capital.json" => {
            Played::new("ingestion_run_id_key = 'RunId'\ningestion_run_id_text = true").ingest()
        }
        "ingestion-succeeded.json" | "ingestion-failed.json" => {
            let mut played = old();
            played.ingest();
            played.ingest();
            let run = if name == "ingestion-succeeded.json" { 1001 } else { 1002 };
            played.later(60).send("GET", &format!("/mftsaas/api/v1/job/{run}/status"), &Value::Null)
        }
        "log-by-id.json" => {
            let (mut played, id) = old().warning();
            played.get(&format!("/api/v2/activity/activityLog/{id}"))
        }
        "error-log.csv" => {
            let (mut played, id) = old().warning();
            played.get(&format!("/api/v2/activity/errorLog/{id}"))
        }
        "login-v2.json" => old().login("ma/api/v2/user/login", "sandbox"),
        "login-v2-long-org.json" => {
            Played::of("org = '7QKD2Mv5hT0sXw9bLrYe3u'").login("ma/api/v2/user/login", "sandbox")
        }
        "login-v2-token.json" => Played::new("session_length = 800").login("ma/api/v2/user/login", "sandbox"),
        "login-v3.json" => old().login("saas/public/core/v3/login", "sandbox"),
        "error-login-refused.json" => old().login("ma/api/v2/user/login", "wrong"),
        "error-v3-login-refused.json" => old().login("saas/public/core/v3/login", "wrong"),
        "valid-session.json" | "valid-session-dead.json" => {
            let mut played = old().later(if name == "valid-session.json" { 1 } else { 4000 });
            let token = json!({"@type": "validatedToken", "userName": "sandbox", "icToken": played.session});
            played.post("/api/v2/user/validSessionId", &token)
        }
        "start.json" => old().post("/api/v2/job", &job("ok")),
        "start-run-id-as-text.json" => Played::new("run_id_text = true").post("/api/v2/job", &job("ok")),
        "start-with-callback.json" => {
            let mut played = old();
            let id = played.object("type=='MTT'")["id"].clone();
            let wanted = json!({"taskFederatedId": id, "taskType": "MTT", "callbackURL": callback, "runtime": {}});
            played.post("/api/v2/job", &wanted)
        }
        "stop.json" => old().post("/api/v2/job/stop", &job("ok")),
        "monitor.json" => old().monitor_after(5, "flow_ok", false),
        "monitor-details.json" => old().monitor_after(5, "flow_ok", true),
        "monitor-utc.json" => new().monitor_after(5, "ok", false),
        "monitor-queued.json" => Played::of(&format!("[timing]\nqueued = '1m'\n{TASKS}")).monitor_after(5, "ok", false),
        "monitor-stopping.json" => {
            let mut played = new();
            let started = played.start("slow");
            let mut later = played.later(5);
            later.post("/api/v2/job/stop", &started);
            later.later(1).monitor_of(&started, false)
        }
        "monitor-ended.json" => Played::of(&format!("[timing]\nlinger = '1m'\n{TASKS}")).monitor_after(15, "ok", false),
        "monitor-callback.json" => {
            let mut played = new();
            let wanted = json!({"taskName": "ok", "taskType": "MTT", "callbackURL": callback});
            let started = serde_json::from_slice(&played.post("/api/v2/job", &wanted)).unwrap();
            played.later(5).monitor_of(&started, false)
        }
        "monitor-empty.json" => Played::of("").get("/api/v2/activity/activityMonitor"),
        "error-wrong-value.json" => old().get("/api/v2/activity/activityLog/00SBX1C1000000009999"),
        "error-invalid-id.json" => old().get("/api/v2/activity/activityLog/the%20invoices"),
        "error-unknown-name.json" => old().post("/api/v2/job", &job("m_invoces")),
        "error-v3-location.json" => old().get("/public/core/v3/objects?q=location=='Mills/Old'"),
        "error-v3-method.json" => old().get("/public/core/v3/lookup"),
        "lookup.json" | "lookup-connection.json" | "lookup-none.json" => {
            let wanted = match name {
                "lookup.json" => json!({"path": "Default/ok", "type": "mtt"}),
                "lookup-connection.json" => json!({"path": "ff_local", "type": "connection"}),
                _ => json!({"path": "Default/nothing", "type": "MTT"}),
            };
            old().post("/public/core/v3/lookup", &json!({"objects": [wanted]}))
        }
        "objects.json" => old().get("/public/core/v3/objects?q=location=='Mills/Finance'&limit=2"),
        "references.json" => {
            let mut played = old();
            let id = played.object("type=='MTT'")["id"].as_str().unwrap().to_owned();
            played.get(&format!("/public/core/v3/objects/{id}/references?refType=uses"))
        }
        "tasks.json" => old().get("/api/v2/task?type=DSS"),
        "mapping-task.json" => old().get("/api/v2/mttask/name/ok"),
        "unknown-path.html" => old().get("/api/v2/activityLog/1/sessionLog"),
        "error-v3-details.json"
        // Failures for which the sandbox has no words.
        | "log-connection-test.json"
        | "log-silent.json"
        | "log-workflow-step-busy.json" => return None,
        _ => panic!("nothing plays {name}"),
    })
}
