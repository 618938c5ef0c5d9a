//! What is sent for jobs, and what a row that cannot be read costs a poll of several runs.

use crate::api::fake::{FakeTransport, lines};
use crate::api::jobs::*;

const TASK: &str = "01ABCD0Z00000000001S";

fn run(run_id: u64) -> JobRun {
    JobRun { kind: TaskType::Mtt, task_id: TASK.to_owned(), run_id }
}

#[test]
fn of_several_runs_the_one_whose_row_cannot_be_read_is_missed_alone() {
    let answer = |line: &str| {
        let body = match line {
            line if line.contains("runId=18") => r#"[{"objectId":"01ABCD0Z00000000001S","runId":18,"state":1}]"#,
            line if line.contains("runId=19") => "[null]",
            _ => "[7]",
        };
        (200, body.to_owned())
    };
    let runs = [run(18), run(19)];
    let runs: Vec<&JobRun> = runs.iter().collect();
    let (polled, _) = FakeTransport::serve(answer, async |client| poll(client, &runs, false, |_| None).await);
    assert!(matches!(polled.unwrap()[..], [RunStatus::Ended(_), RunStatus::Unavailable(_)]));
    let (polled, _) = FakeTransport::serve(answer, async |client| poll(client, &runs[1..], true, |_| None).await);
    assert!(matches!(polled, Err(Error::Unreadable { operation: Operation::Log, .. })));
}

#[test]
fn a_run_whose_task_id_the_log_refuses_is_in_no_list_and_another_refusal_is_an_error() {
    let refused = |status: u16, code: &str| {
        let refusal = json!({"@type": "error", "code": code, "description": "no"}).to_string();
        let answer = move |line: &str| {
            if line.contains("activityLog") { (status, refusal.clone()) } else { (200, "[]".to_owned()) }
        };
        let work = async |client: &Client<'_>| poll(client, &[&run(18)], true, |_| None).await;
        FakeTransport::serve(answer, work).0
    };
    assert_eq!(refused(403, "APP_13401").unwrap(), [RunStatus::NotListed]);
    assert!(matches!(refused(403, "APP_13425"), Err(Error::Refused { .. })));
    assert!(refused(404, "UNKNOWN").is_err(), "something in front of the service may have answered");
}

#[test]
fn only_an_answer_without_an_id_can_be_a_refusal() {
    let error = json!({"code": "APP_13404", "message": "no"});
    let begin = |body: &Value| {
        let body = body.to_string();
        let answer = move |_: &str| (200, body.clone());
        let work = async |client: &Client<'_>| {
            let attempt = Attempt::default();
            let selector = TaskSelector::Name("good".to_owned());
            let job = start(client, &selector, TaskType::Mtt, &StartOptions::default(), &attempt).await;
            assert_eq!(attempt.sent_at().is_none(), matches!(job, Err(Error::Refused { .. })));
            job
        };
        FakeTransport::serve(answer, work).0
    };
    for added in [json!({}), error.clone()] {
        let job = begin(&json!({"@type": "job", "taskId": TASK, "runId": 18, "error": added})).unwrap();
        assert_eq!(job.run, run(18));
    }
    for refusal in [json!({"error": error}), json!({"@type": "error", "description": "no"})] {
        assert!(matches!(begin(&refusal), Err(Error::Refused { status: 200, .. })), "{refusal}");
    }
    for unclear in [
        json!({"taskId": TASK, "error": error}),
        json!({"taskId": "../x", "runId": 18, "error": error}),
        json!({"taskId": "", "runId": 18}),
        json!({"taskId": "7".repeat(65), "runId": 18}),
        json!({"taskId": TASK, "runId": "1 8"}),
        json!({}),
    ] {
        assert!(matches!(begin(&unclear), Err(Error::Unreadable { status: 200, .. })), "{unclear}");
    }
}

#[test]
fn a_row_that_was_over_before_the_start_is_another_run_of_the_same_number() {
    let row = |end: &str| format!(r#"{{"objectId":"{TASK}","runId":18,"state":1,{end}}}"#);
    let poll_one = |rows: &[String], start_sent_at: Option<&str>| {
        let rows = format!("[{}]", rows.join(","));
        let answer = move |line: &str| (200, if line.contains("activityLog") { rows.clone() } else { "[]".to_owned() });
        let start_sent_at: Option<Timestamp> = start_sent_at.map(|start_sent_at| start_sent_at.parse().unwrap());
        let work = async |client: &Client<'_>| poll(client, &[&run(18)], true, |_| start_sent_at).await;
        FakeTransport::serve(answer, work).0.unwrap().remove(0)
    };
    let start_sent_at = Some("2026-03-03T10:00:00Z");
    let is_result = |end: &str, start_sent_at| matches!(poll_one(&[row(end)], start_sent_at), RunStatus::Ended(_));
    assert!(!is_result(r#""endTimeUtc":"2026-03-03T09:54:59.000Z""#, start_sent_at));
    assert!(is_result(r#""endTimeUtc":"2026-03-03T09:55:00.000Z""#, start_sent_at));
    assert!(is_result(r#""endTimeUtc":"2026-03-03T09:54:59.000Z""#, None), "of a run whose start is not known");
    assert!(!is_result(r#""endTime":"2026-03-03T04:54:59.000Z""#, start_sent_at));
    assert!(is_result(r#""endTime":"2026-03-03T05:30:00.000Z""#, start_sent_at));
    assert!(is_result(r#""endTime":null"#, start_sent_at));
    let both = [row(r#""endTimeUtc":"2026-03-01T00:00:00.000Z""#), row(r#""endTimeUtc":"2026-03-03T10:05:00.000Z""#)];
    let RunStatus::Ended(result) = poll_one(&both, start_sent_at) else { panic!("the newer row is its result") };
    assert_eq!(result.ended_at, Some("2026-03-03T10:05:00Z".parse().unwrap()));
}

#[test]
fn a_start_sends_what_goes_along_and_nothing_else() {
    let sent = |selector: TaskSelector, options: &StartOptions| {
        let answer = |_: &str| (200, json!({"taskId": TASK, "runId": 18}).to_string());
        let (_, sent) = FakeTransport::serve(answer, async |client| {
            start(client, &selector, TaskType::Mtt, options, &Attempt::default()).await
        });
        assert_eq!(lines(&sent), ["POST /saas/api/v2/job"]);
        sent[0].body.clone()
    };
    let id = || TaskSelector::Id(TASK.to_owned());
    let plain = json!({"@type": "job", "taskId": TASK, "taskType": "MTT"});
    assert_eq!(sent(id(), &StartOptions::default()), plain);
    let with = |key: &str, value: Value| {
        let mut body = plain.clone();
        body[key] = value;
        body
    };
    let none = StartOptions::default;
    let text = |text: &str| Some(text.to_owned());
    for (options, body) in [
        (StartOptions { allow_concurrent: true, ..none() }, with("runtime", json!({"@type": "mtTaskRuntime"}))),
        (
            StartOptions { parameter_file: text("p.txt"), ..none() },
            with("runtime", json!({"@type": "mtTaskRuntime", "parameterFileName": "p.txt"})),
        ),
        (
            StartOptions { parameter_dir: text("/srv"), ..none() },
            with("runtime", json!({"@type": "mtTaskRuntime", "parameterFileDir": "/srv"})),
        ),
        (
            StartOptions { callback_url: text("https://x.example.com"), ..none() },
            with("callbackURL", json!("https://x.example.com")),
        ),
    ] {
        assert_eq!(sent(id(), &options), body);
    }
    for (selector, key) in [
        (TaskSelector::FederatedId("f".to_owned()), "taskFederatedId"),
        (TaskSelector::Name("f".to_owned()), "taskName"),
    ] {
        assert_eq!(sent(selector, &none()), json!({"@type": "job", key: "f", "taskType": "MTT"}));
    }
}

#[test]
fn a_poll_asks_the_log_only_for_runs_that_the_monitor_does_not_show_at_work() {
    const MONITOR: &str = "GET /saas/api/v2/activity/activityMonitor?details=false";
    const DETAILS: &str = "GET /saas/api/v2/activity/activityMonitor?details=true";
    let log = |run_id: u64| format!("GET /saas/api/v2/activity/activityLog?taskId={TASK}&runId={run_id}");
    let row =
        |run_id: u64, state: &str| json!({"type": "MTT", "taskId": TASK, "runId": run_id, "executionState": state});
    let monitor = json!([row(18, "RUNNING"), row(19, "COMPLETED")]);
    let answer =
        |line: &str| (200, if line.contains("activityMonitor") { monitor.to_string() } else { "[]".to_owned() });
    let poll = |runs: &[JobRun], with_monitor: bool| {
        let runs: Vec<&JobRun> = runs.iter().collect();
        let (polled, sent) =
            FakeTransport::serve(answer, async |client| poll(client, &runs, with_monitor, |_| None).await);
        let is_active = |status: &RunStatus| matches!(status, RunStatus::Active(_));
        let active: Vec<bool> = polled.unwrap().iter().map(is_active).collect();
        (active, lines(&sent).into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    assert_eq!(poll(&[run(18)], false), (vec![false], vec![log(18)]));
    assert_eq!(poll(&[run(18)], true), (vec![true], vec![MONITOR.to_owned(), log(18)]));
    // Of several, the log is asked for the one that is ending and for the one that is not shown.
    assert_eq!(
        poll(&[run(18), run(19), run(20)], false),
        (vec![true, true, false], vec![MONITOR.to_owned(), log(19), log(20)])
    );
    let flow = |run_id| JobRun { kind: TaskType::Workflow, ..run(run_id) };
    assert_eq!(poll(&[flow(18)], true).1[0], DETAILS, "the parts of a single linear taskflow are shown");
    assert_eq!(poll(&[flow(18), flow(19)], true).1[0], MONITOR);
}
