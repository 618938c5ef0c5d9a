//! Pages that overlap, and runs in both lists.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::api::fake::FakeTransport;
use crate::api::listed;
use crate::api::listed::*;

const TASK: &str = "01ABCD0Z00000000001S";

#[test]
fn a_run_on_two_pages_or_in_both_lists_is_one() {
    let row = |key: &str, run_id: usize| json!({"type": "MTT", key: TASK, "runId": run_id, "state": 1});
    let answer = |line: &str| {
        let rows: Vec<Value> = match line {
            line if line.contains("Monitor") => vec![row("taskId", 0)],
            line if line.contains("offset=0&") => (0..PAGE).map(|run_id| row("objectId", run_id)).collect(),
            _ => vec![row("objectId", PAGE - 1), row("objectId", PAGE)],
        };
        (200, Value::Array(rows).to_string())
    };
    let (found, _) = FakeTransport::serve(answer, async |client| listed::runs(client, TASK, Timestamp::MIN).await);
    let runs: HashSet<JobRun> = found.as_ref().unwrap().iter().map(|listed| listed.run.clone()).collect();
    assert_eq!((found.unwrap().len(), runs.len()), (PAGE + 1, PAGE + 1));
    for place in ["Monitor", "Log"] {
        let answer = |line: &str| (200, if line.contains(place) { "[null]" } else { "[]" }.to_owned());
        let (found, _) = FakeTransport::serve(answer, async |client| listed::runs(client, TASK, Timestamp::MIN).await);
        assert!(found.is_err(), "{place}");
    }
}

#[test]
fn a_log_without_an_end_is_read_for_fifty_pages_and_one_that_repeats_for_two() {
    let requests = |moves: usize| {
        let answer = move |line: &str| {
            let offset = line.split("offset=").nth(1).and_then(|rest| rest.split('&').next()?.parse::<usize>().ok());
            let Some(offset) = offset else { return (200, "[]".to_owned()) };
            let row = |run_id| json!({"type": "MTT", "objectId": TASK, "runId": offset * moves + run_id, "state": 1});
            (200, (0..PAGE).map(row).collect::<Value>().to_string())
        };
        let (found, sent) =
            FakeTransport::serve(answer, async |client| listed::runs(client, TASK, Timestamp::MIN).await);
        let Err(Error::Unreadable { operation: Operation::Log, what, .. }) = found else { panic!("{found:?}") };
        (what, sent.len() - 1)
    };
    assert_eq!(requests(0), ("the pages of the list repeat".to_owned(), 2));
    assert_eq!(requests(1), ("more than 50 pages of runs since then".to_owned(), PAGES));
}
