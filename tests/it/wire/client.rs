//! What the client makes of each fixture, through everything above its transport.

use std::cell::Cell;
use std::fmt::Write;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use jiff::SignedDuration;
use runajob::api::attempt::Attempt;
use runajob::api::client::Timeouts;
use runajob::api::jobs::StartOptions;
use runajob::api::retry::RetryPolicy;
use runajob::api::sessions::servers::Servers;
use runajob::api::sessions::session::Session;
use runajob::api::sessions::{Access, Account};
use runajob::api::taskflow::FlowOptions;
use runajob::api::wire::activity::{List, Row};
use runajob::api::{
    Answer, Body, Client, Error, Request, Transport, ingestion, jobs, log, lookup, monitor, runs, taskflow,
};
use runajob::job::{Activity, JobRun, Outcome, RunProgress, RunResult, RunStatus, Task, TaskSelector, TaskType};
use runajob::support::clock::ManualClock;
use runajob::support::secret::Secret;

use super::fixture;

/// A transport that has one answer for everything.
struct Canned {
    status: u16,
    body: String,
    asked: Cell<usize>,
}

impl Transport for Canned {
    fn send(&self, _: Request) -> LocalBoxFuture<'_, Answer> {
        self.asked.set(self.asked.get() + 1);
        let body = Body::whole(self.body.clone().into_bytes());
        let reply = runajob::api::Reply { status: self.status, retry_after: None, date: None, sandbox: false, body };
        std::future::ready(Answer::Reply(reply)).boxed_local()
    }
}

/// What the client makes of a fixture when `ask` is answered with it.
fn read<T>(name: &str, status: u16, ask: impl AsyncFnOnce(&Client<'_>) -> T) -> T {
    let transport = Canned { status, body: fixture(name), asked: Cell::new(0) };
    let clock = ManualClock::new("2026-02-09T16:00:00Z".parse().unwrap());
    let read = Duration::from_secs(30);
    let access = Access::Ready(Session {
        server_url: "https://pod7.example.com/saas".to_owned(),
        id: Secret::new("session".to_owned()),
        org: None,
        user: None,
    });
    let timeouts = Timeouts { connect: read, read, start: read };
    let client = Client::new(&transport, &clock, access, timeouts, None);
    let answer = clock.run(ask(&client));
    assert!(transport.asked.get() > 0, "{name}");
    answer
}

fn login(name: &str, status: u16) -> Result<Session, Error> {
    let transport = Canned { status, body: fixture(name), asked: Cell::new(0) };
    let clock = ManualClock::new("2026-02-09T16:00:00Z".parse().unwrap());
    let read = Duration::from_secs(30);
    let password = || std::future::ready(Ok(Secret::new("x".to_owned()))).boxed_local();
    let access = Access::Login {
        login_url: "https://login.example.com".to_owned(),
        servers: Servers::new("https://login.example.com", Vec::new()),
        account: Account::Password { username: "ada".to_owned(), refusals: None },
        secret: &password,
        store: None,
    };
    let client = Client::new(&transport, &clock, access, Timeouts { connect: read, read, start: read }, None);
    clock.run(client.login(false))
}

fn result(name: &str, kind: TaskType, task_id: &str, run_id: u64) -> Option<RunResult> {
    let run = JobRun { kind, task_id: task_id.to_owned(), run_id };
    read(name, 200, async |client| log::result(client, &run, None, RetryPolicy::Never).await).unwrap()
}

/// Outcome, how it was found, rows written, and the parts with their run numbers.
fn verdict(name: &str, kind: TaskType, task_id: &str, run_id: u64) -> String {
    let Some(result) = result(name, kind, task_id, run_id) else { return "no end".to_owned() };
    let mut line = format!("{:?} by {:?}, {} written", result.outcome, result.classified_by, result.rows.target.ok);
    for part in &result.subtasks {
        write!(line, "; {}/{} {:?}", part.name, part.run_id.as_ref().unwrap(), part.outcome.unwrap()).unwrap();
    }
    line
}

fn progress(name: &str) -> (Option<JobRun>, RunProgress) {
    let active = read(name, 200, async |client| monitor::runs(client, true, RetryPolicy::Never, |_| true).await);
    let mut active = active.unwrap().rows;
    assert_eq!(active.len(), 1, "{name}");
    let active = active.remove(0);
    (active.run, active.progress)
}

fn refusal(name: &str, status: u16) -> (Option<String>, String) {
    let selector = TaskSelector::Name("m_invoices".to_owned());
    let started = read(name, status, async |client| {
        runs::start(client, &selector, TaskType::Mtt, &StartOptions::default(), &Attempt::default()).await
    });
    match started {
        Err(Error::Refused { code, message, .. }) => (code, message),
        other => panic!("{name}: {other:?}"),
    }
}

const FLOW: &str = "TASKFLOW/413377105502334977";
const FILES: &str = "FILE_INGESTION/6bYr1LmT8wXoP3sNqKc7Ud/77120";

/// The status of a run of another resource, the first word of its error, and its parts.
fn poll(name: &str, handle: &str) -> String {
    let run = [handle.parse().unwrap()];
    let status = read(name, 200, async |client| runs::poll(client, &run, false, |_| None).await).unwrap().remove(0);
    let (mut line, error, parts) = match status {
        RunStatus::Ended(result) => (format!("{:?}", result.outcome), result.error, result.subtasks),
        RunStatus::Active(progress) => (progress.activity.to_string(), progress.error, progress.subtasks),
        other => panic!("{name}: {other:?}"),
    };
    if let Some(word) = error.as_deref().and_then(|error| error.split(' ').next()) {
        write!(line, ": {word}").unwrap();
    }
    for part in &parts {
        let state = part.outcome.map(|outcome| format!("{outcome:?}").to_lowercase());
        let state = state.or(part.activity.as_ref().map(ToString::to_string)).unwrap();
        write!(line, "; {}/{} {state}", part.name, part.run_id.as_ref().unwrap()).unwrap();
    }
    line
}

const MAPPING: &str = "7QKD2M0Z0000000000";
const INVOICES: &str = "7QKD2M0Z000000000021";

/// Asserts what the client makes of a fixture.
#[expect(clippy::too_many_lines, reason = "a table with a line for each fixture")]
pub(super) fn assert_meaning(name: &str) {
    let of_task = |number: u64| format!("{MAPPING}{number}");
    let mapping = |task: u64, run: u64| verdict(name, TaskType::Mtt, &of_task(task), run);
    let workflow = |run: u64| verdict(name, TaskType::Workflow, "7QKD2M0N000000000003", run);
    let start = || {
        let selector = TaskSelector::Id(INVOICES.to_owned());
        let options = StartOptions::default();
        read(name, 200, async |client| {
            runs::start(client, &selector, TaskType::Mtt, &options, &Attempt::default()).await
        })
        .unwrap()
    };
    match name {
        "log-succeeded.json" => assert_eq!(mapping(21, 31), "Succeeded by State, 5210 written"),
        "log-succeeded-not-stopped.json" => assert_eq!(mapping(21, 32), "Succeeded by State, 12 written"),
        "log-warning.json" => assert_eq!(mapping(22, 7), "Warning by State, 37 written"),
        "log-failed.json" => {
            assert_eq!(mapping(23, 2), "Failed by State, 0 written");
            let error = result(name, TaskType::Mtt, &of_task(23), 2).unwrap().error;
            assert_eq!(error.as_deref(), Some("FR_3000 The file /data/in/rates.csv cannot be opened"));
        }
        "log-stopped.json" => assert_eq!(mapping(24, 9), "Stopped by StoppedFlag, 640 written"),
        "log-stopped-by-text.json" => assert_eq!(mapping(24, 10), "Stopped by Message, 640 written"),
        "log-no-agent.json" => assert_eq!(mapping(25, 4), "NotRun by Structure, 0 written"),
        "log-other-instance.json" => assert_eq!(mapping(26, 58), "AlreadyRunning by Structure, 0 written"),
        "log-other-instance-late.json" => assert_eq!(mapping(31, 59), "AlreadyRunning by Structure, 0 written"),
        "log-no-agent-late.json" => assert_eq!(mapping(32, 5), "NotRun by Structure, 0 written"),
        "log-agent-not-available.json" => assert_eq!(mapping(32, 6), "NotRun by Structure, 0 written"),
        "log-connection-test.json" => assert_eq!(mapping(32, 7), "Failed by State, 0 written"),
        "log-silent.json" => assert_eq!(mapping(32, 8), "NotRun by Structure, 0 written"),
        "log-scheduled.json" => assert_eq!(mapping(27, 211), "Succeeded by State, 90 written"),
        "log-parameter-file.json" => assert_eq!(mapping(28, 3), "Succeeded by State, 6 written"),
        "log-of-taskflow.json" => assert_eq!(mapping(29, 14), "Succeeded by State, 6 written"),
        "log-unfinished.json" => assert_eq!(mapping(21, 33), "no end"),
        "log-empty.json" => assert_eq!(mapping(21, 31), "no end"),
        "log-workflow-succeeded.json" => {
            let expected = "Succeeded by State, 35 written; m_close/12 Succeeded; m_report/44 Succeeded";
            assert_eq!(workflow(6), expected);
            let result = result(name, TaskType::Workflow, "7QKD2M0N000000000003", 6).unwrap();
            assert_eq!(result.duration(), Some(Duration::from_secs(90)));
            // The false `Z` of the other fields would be five hours off.
            assert_eq!(result.started_at, Some("2026-02-09T15:00:00Z".parse().unwrap()));
        }
        "log-workflow-warning.json" => {
            assert_eq!(workflow(7), "Warning by State, 33 written; m_close/13 Succeeded; m_report/45 Warning");
        }
        "log-workflow-failed.json" => {
            assert_eq!(workflow(8), "Failed by State, 12 written; m_close/14 Succeeded; m_report/46 Failed");
        }
        "log-workflow-stopped.json" => {
            assert_eq!(workflow(9), "Stopped by Message, 3 written; m_close/15 Stopped");
        }
        // One step ran on an agent, two levels down.
        "log-workflow-step-busy.json" => {
            let expected = "Failed by State, 0 written; m_close/17 Succeeded; m_report/47 AlreadyRunning";
            assert_eq!(workflow(11), expected);
        }
        "log-by-id.json" => {
            let row = Row::read(fixture(name).as_bytes(), List::Log).unwrap();
            assert_eq!((row.task_id.as_deref(), row.run_id), (Some(of_task(22).as_str()), Some(7)));
            assert_eq!(row.result().unwrap().outcome, Outcome::Warning);
        }
        "login-v2.json" => {
            let session = login(name, 200).unwrap();
            assert_eq!(session.server_url, "https://pod7.example.com/saas");
            assert_eq!(session.id.reveal(), "3uJxV9rTq0LwYsE6dKfZbn");
            assert_eq!(session.org.as_deref(), Some("7QKD2M"));
        }
        "login-v2-long-org.json" => {
            assert_eq!(login(name, 200).unwrap().org.as_deref(), Some("7QKD2Mv5hT0sXw9bLrYe3u"));
        }
        "login-v2-token.json" => assert!(login(name, 200).unwrap().id.reveal().len() > 700),
        "error-login-refused.json" => {
            for status in [400, 401, 403] {
                assert!(matches!(login(name, status), Err(Error::LoginRefused { .. })), "{status}");
            }
        }
        "start.json" | "start-run-id-as-text.json" | "start-with-callback.json" => {
            let started = start();
            assert_eq!(started.run.to_string(), format!("MTT/{INVOICES}/31"));
            assert_eq!(started.task_name.as_deref(), Some("m_invoices"));
        }
        "stop.json" => {
            let selector = TaskSelector::Id(INVOICES.to_owned());
            read(name, 200, async |client| {
                jobs::stop(client, &selector, TaskType::Mtt, false, &Attempt::default()).await
            })
            .unwrap();
        }
        "monitor.json" | "monitor-details.json" => {
            let (run, progress) = progress(name);
            assert_eq!(run.unwrap().to_string(), "WORKFLOW/7QKD2M0N000000000003/10");
            assert_eq!((progress.activity, progress.started_at), (Activity::Running, None));
            let parts: Vec<&str> = progress.subtasks.iter().map(|part| part.name.as_str()).collect();
            assert_eq!(parts, if name == "monitor.json" { vec![] } else { vec!["m_close"] });
        }
        "monitor-utc.json" => {
            let (run, progress) = progress(name);
            assert_eq!(run.unwrap().to_string(), format!("MTT/{INVOICES}/34"));
            assert_eq!(progress.started_at, Some("2026-02-09T15:04:00Z".parse().unwrap()));
            assert_eq!((progress.rows.source.ok, progress.rows.target.ok), (300, 299));
            assert_eq!(progress.started_by.as_deref(), Some("ada"));
        }
        "monitor-queued.json" => assert_eq!(progress(name).1.activity, Activity::Queued),
        "monitor-stopping.json" => assert_eq!(progress(name).1.activity, Activity::Stopping),
        "monitor-ended.json" => assert_eq!(progress(name).1.activity, Activity::Ending),
        "monitor-callback.json" => assert_eq!(progress(name).1.activity, Activity::Running),
        "monitor-empty.json" => {
            let active =
                read(name, 200, async |client| monitor::runs(client, false, RetryPolicy::Never, |_| true).await);
            let active = active.unwrap();
            assert_eq!((active.rows.len(), active.unreadable), (0, 0));
        }
        "error-wrong-value.json" => assert_eq!(refusal(name, 403).0.as_deref(), Some("APP_13401")),
        "error-invalid-id.json" => assert_eq!(refusal(name, 403).0.as_deref(), Some("APP_13404")),
        "error-unknown-name.json" => {
            // The oldest form of the resource answers 200.
            for status in [200, 403] {
                let (code, message) = refusal(name, status);
                assert_eq!(code.as_deref(), Some("APP_13436"));
                assert_eq!(message, "No object named m_invoces exists for organization 7QKD2M.");
            }
        }
        "error-v3-location.json" => {
            assert_eq!(refusal(name, 400).0.as_deref(), Some("V3API_ObjectsListError_03"));
            let tasks = read(name, 400, async |client| lookup::tasks_in(client, "Mills/Old").await);
            assert_eq!(tasks.unwrap(), []);
        }
        "error-v3-method.json" => assert_eq!(refusal(name, 405), (None, "Method not supported.".to_owned())),
        "error-v3-details.json" => assert_eq!(refusal(name, 403).0.as_deref(), Some("LS_034")),
        "error-v3-login-refused.json" => assert_eq!(refusal(name, 400).0.as_deref(), Some("IDS_085")),
        "lookup.json" => {
            let task = read(name, 200, async |client| {
                lookup::task_at(client, "Mills/Finance/m_invoices", TaskType::Mtt).await
            });
            assert_eq!(task.unwrap(), Some(invoices()));
        }
        "lookup-connection.json" | "lookup-none.json" => {
            let task = read(name, 200, async |client| lookup::task_at(client, "ff_berlin", TaskType::Mtt).await);
            assert_eq!(task.unwrap(), None);
        }
        "objects.json" => {
            let tasks = read(name, 200, async |client| lookup::tasks_in(client, "Mills/Finance").await).unwrap();
            assert_eq!((tasks.len(), &tasks[0]), (2, &invoices()));
        }
        "tasks.json" => {
            let tasks =
                read(name, 200, async |client| lookup::listed_tasks(client, TaskType::Mtt, |_| true).await).unwrap();
            assert_eq!((tasks.len(), tasks[0].id.as_deref()), (2, Some(INVOICES)));
        }
        "mapping-task.json" => {
            let task = read(name, 200, async |client| lookup::mapping_task(client, "4cPz0WqJ7uVfN2xHyKd8Tg").await);
            assert_eq!(task.unwrap().unwrap().id.as_deref(), Some(INVOICES));
        }
        "unknown-path.html" => {
            let answer =
                read(name, 200, async |client| monitor::runs(client, false, RetryPolicy::Never, |_| true).await);
            assert!(matches!(answer, Err(Error::Unreadable { .. })), "{answer:?}");
        }
        "objects-taskflow.json" => {
            let objects = read(name, 200, async |client| lookup::objects_of(client, TaskType::Taskflow).await).unwrap();
            assert_eq!((objects.len(), objects[0].is_published), (1, Some(true)));
            let tasks =
                read(name, 200, async |client| lookup::tasks_of(client, TaskType::Mtt, |_| true).await).unwrap().rows;
            assert_eq!(tasks.len(), 0);
        }
        "taskflow-start.json" => {
            let options = FlowOptions::default();
            let run =
                read(name, 200, async |client| taskflow::start(client, "tf_all", &options, &Attempt::default()).await)
                    .unwrap();
            assert_eq!(run.to_string(), FLOW);
        }
        "taskflow-running.json" | "taskflow-run-id-as-text.json" => {
            assert_eq!(poll(name, FLOW), "running; m_stage_all/81 succeeded; m_publish_all/32 running");
        }
        "taskflow-succeeded.json" => assert_eq!(poll(name, FLOW), "Succeeded; m_stage_all/81 succeeded"),
        "taskflow-failed.json" => {
            assert_eq!(poll(name, FLOW), "Failed: FR_3000; m_stage_all/81 succeeded; m_publish_all/32 failed");
        }
        "taskflow-suspended.json" => {
            assert_eq!(poll(name, FLOW), "suspended: FR_3000; m_stage_all/81 succeeded; m_publish_all/32 failed");
        }
        "taskflow-list.json" => {
            let span = SignedDuration::from_hours(24);
            let runs =
                read(name, 200, async |client| taskflow::runs(client, span, None, RetryPolicy::Never, |_| true).await)
                    .unwrap();
            let [run] = &runs[..] else { panic!("{runs:?}") };
            assert_eq!((run.run.to_string().as_str(), run.name.as_str()), (FLOW, "tf_all"));
            assert_eq!(run.location.as_deref(), Some("Mills/Finance"));
        }
        "ingestion-start.json" | "ingestion-start-capital.json" => {
            let run = read(name, 200, async |client| {
                ingestion::start(client, "6bYr1LmT8wXoP3sNqKc7Ud", &Attempt::default()).await
            })
            .unwrap();
            assert_eq!(run.to_string(), FILES);
        }
        "ingestion-succeeded.json" => assert_eq!(poll(name, FILES), "Succeeded"),
        "ingestion-failed.json" => assert_eq!(poll(name, FILES), "Failed: No"),
        // No command of ours asks for these; other people's clients do.
        "login-v3.json" | "valid-session.json" | "valid-session-dead.json" | "references.json" | "error-log.csv" => {}
        _ => panic!("nothing is said about {name}"),
    }
}

fn invoices() -> Task {
    Task {
        id: None,
        federated_id: Some("4cPz0WqJ7uVfN2xHyKd8Tg".to_owned()),
        name: Some("m_invoices".to_owned()),
        path: Some("Mills/Finance/m_invoices".to_owned()),
        kind: Some(TaskType::Mtt),
    }
}
