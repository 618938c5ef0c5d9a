//! Whose a row is, and what a row that does not tell costs: gates, verdicts, pages that overlap.

use serde_json::json;

use crate::api::fake::FakeTransport;
use crate::api::jobs::*;

const TASK: &str = "01ABCD0Z00000000001S";

fn run(run_id: u64) -> JobRun {
    JobRun { kind: TaskType::Mtt, task_id: TASK.to_owned(), run_id }
}

fn call<T>(body: &str, work: impl AsyncFnOnce(&Client<'_>) -> T) -> T {
    FakeTransport::serve(|_| (200, body.to_owned()), work).0
}

/// The runs of the task that a monitor with this row beside a good one shows; none when it cannot be told.
fn active_runs(row: &str) -> Option<Vec<u64>> {
    let other = r#"{"type":"MTT","taskId":"01ABCD0Z00000000009S","runId":7,"executionState":"RUNNING"}"#;
    let found = call(&format!("[{other},{row}]"), async |client| client.active_runs(TASK).await);
    found.ok().map(|found| found.into_iter().map(|one| one.run.run_id).collect())
}

#[test]
fn a_row_of_the_monitor_is_ours_or_not_or_shuts_the_gate() {
    let ours = r#""taskId":"01ABCD0Z00000000001S""#;
    for (row, expected) in [
        (format!(r#"{{"type":"MTT",{ours},"runId":18}}"#), Some(vec![18])),
        (format!(r#"{{"type":"MTT",{ours},"runId":"18","objectId":"x","runId":19}}"#), Some(vec![18])),
        (r#"{"type":"MTT","taskId":"x"}"#.to_owned(), Some(vec![])),
        (r#"{"taskId":"x","runId":{}}"#.to_owned(), Some(vec![])),
        // The job resource does not run these, whatever else they say.
        (r#"{"type":"MTT_TEST"}"#.to_owned(), Some(vec![])),
        (format!(r#"{{"type":"MTT_TEST",{ours},"runId":18}}"#), Some(vec![])),
        // Over, so that it is in nobody's way.
        (format!(r#"{{"type":"MTT",{ours},"executionState":"COMPLETED"}}"#), Some(vec![])),
        // Whose, which, or of what type?
        (format!(r#"{{"type":"MTT",{ours}}}"#), None),
        (format!(r#"{{"type":"MTT",{ours},"runId":"x"}}"#), None),
        (format!(r#"{{{ours},"runId":18}}"#), None),
        (r#"{"type":"MTT","runId":18}"#.to_owned(), None),
        (r#"{"type":"MTT","taskId":{},"runId":18}"#.to_owned(), None),
        ("{}".to_owned(), None),
        ("null".to_owned(), None),
        ("\"x\"".to_owned(), None),
        ("[]".to_owned(), None),
        (r#"{"type":"MTT","taskId"}"#.to_owned(), None),
    ] {
        assert_eq!(active_runs(&row), expected, "{row}");
    }
}

#[test]
fn parts_are_runs_in_a_linear_taskflow_and_pieces_elsewhere() {
    let flow = |part: &str| format!(r#"{{"type":"WORKFLOW","taskId":"f","runId":2,"entries":[{part}]}}"#);
    let part = r#"{"type":"MTT","taskId":"01ABCD0Z00000000001S","runId":18}"#;
    assert_eq!(active_runs(&flow(part)), Some(vec![18]));
    assert_eq!(active_runs(&flow(&format!("{part},{part}"))), Some(vec![18]), "each once");
    assert_eq!(active_runs(&flow(r#"{"type":"MTT","runId":18}"#)), None);
    assert_eq!(active_runs(&flow("7")), None);
    assert_eq!(active_runs(&flow("null")), Some(vec![]));
    let piece = r#"{"type":"DRS","taskId":"d","runId":2,"entries":[{"objectName":"Account","runId":2}]}"#;
    assert_eq!(active_runs(piece), Some(vec![]));
}

#[test]
fn the_end_of_a_run_is_found_among_rows_that_cannot_be_read_and_without_it_they_are_no_answer() {
    let good = r#"{"objectId":"01ABCD0Z00000000001S","runId":18,"state":1}"#;
    let end = |rows: &str| call(&format!("[{rows}]"), async |client| client.result(&run(18), RetryPolicy::Never).await);
    for rows in [good.to_owned(), format!("null,{good}"), format!("{good},{{}}"), format!("{good},{good}")] {
        assert_eq!(end(&rows).unwrap().unwrap().outcome, crate::job::Outcome::Succeeded, "{rows}");
    }
    for rows in [
        "",
        r#"{"objectId":"x","runId":18,"state":1}"#,
        r#"{"objectId":"01ABCD0Z00000000001S","runId":19,"state":1}"#,
        r#"{"objectId":"01ABCD0Z00000000001S","runId":18,"state":0}"#,
    ] {
        assert_eq!(end(rows).unwrap(), None, "{rows}");
    }
    for rows in [
        "null",
        "{}",
        r#"{"objectId":"01ABCD0Z00000000001S","state":1}"#,
        r#"{"runId":18,"state":1}"#,
        r#"{"objectId":"01ABCD0Z00000000001S","runId":18}"#,
        r#"{"objectId":"01ABCD0Z00000000001S","runId":18,"state":"over"}"#,
    ] {
        let error = end(rows).unwrap_err();
        assert!(matches!(error, Error::Unreadable { call: Call::Log, .. }), "{rows}: {error}");
    }
}

#[test]
fn the_last_run_is_told_or_there_is_none_or_it_is_not_known() {
    let last = |rows: &str| {
        let found = call(&format!("[{rows}]"), async |client| client.last_run(TASK, TaskType::Mtt).await);
        found.map(|found| found.map(|(run, _)| run.run_id))
    };
    assert_eq!(last(r#"{"objectId":"01ABCD0Z00000000001S","runId":18,"state":3}"#).unwrap(), Some(18));
    assert_eq!(last("").unwrap(), None);
    assert_eq!(last(r#"{"objectId":"x","runId":18,"state":3}"#).unwrap(), None);
    for row in ["null", r#"{"runId":18,"state":3}"#, r#"{"objectId":"01ABCD0Z00000000001S","state":3}"#] {
        assert!(last(row).is_err(), "{row}");
    }
}

#[test]
fn a_run_that_stands_on_two_pages_or_in_both_lists_is_one() {
    let row = |key: &str, run_id: usize| json!({"type": "MTT", key: TASK, "runId": run_id, "state": 1});
    let answer = |line: &str| {
        let rows: Vec<Value> = match line {
            line if line.contains("Monitor") => vec![row("taskId", 0)],
            line if line.contains("offset=0&") => (0..LOG_PAGE).map(|run_id| row("objectId", run_id)).collect(),
            _ => vec![row("objectId", LOG_PAGE - 1), row("objectId", LOG_PAGE)],
        };
        (200, Value::Array(rows).to_string())
    };
    let (found, _) = FakeTransport::serve(answer, async |client| client.listed_runs(TASK, Timestamp::MIN).await);
    let runs: HashSet<JobRun> = found.as_ref().unwrap().iter().map(|trace| trace.run.clone()).collect();
    assert_eq!((found.unwrap().len(), runs.len()), (LOG_PAGE + 1, LOG_PAGE + 1));
    for place in ["Monitor", "Log"] {
        let answer = |line: &str| (200, if line.contains(place) { "[null]" } else { "[]" }.to_owned());
        let (found, _) = FakeTransport::serve(answer, async |client| client.listed_runs(TASK, Timestamp::MIN).await);
        assert!(found.is_err(), "{place}");
    }
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
    let (seen, _) = FakeTransport::serve(answer, async |client| client.poll_jobs(&runs, false).await);
    assert!(matches!(seen.unwrap()[..], [RunStatus::Ended(_), RunStatus::Unavailable(_)]));
    let (seen, _) = FakeTransport::serve(answer, async |client| client.poll_jobs(&runs[1..], true).await);
    assert!(matches!(seen, Err(Error::Unreadable { call: Call::Log, .. })));
}

#[test]
fn a_run_whose_task_id_the_log_refuses_is_in_no_list_and_another_refusal_is_an_error() {
    let poll = |status: u16, code: &str| {
        let refusal = json!({"@type": "error", "code": code, "description": "no"}).to_string();
        let answer = move |line: &str| {
            if line.contains("activityLog") { (status, refusal.clone()) } else { (200, "[]".to_owned()) }
        };
        let poll = async |client: &Client<'_>| client.poll_jobs(&[&run(18)], true).await;
        FakeTransport::serve(answer, poll).0
    };
    assert_eq!(poll(403, "APP_13401").unwrap(), [RunStatus::NotListed]);
    assert!(matches!(poll(403, "APP_13425"), Err(Error::Refused { .. })));
    assert!(poll(404, "UNKNOWN").is_err(), "something in front of the service may have answered");
}
