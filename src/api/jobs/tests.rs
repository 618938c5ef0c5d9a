//! What a row that cannot be read costs a poll of several runs.

use crate::api::fake::FakeTransport;
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
