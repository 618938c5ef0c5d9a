//! Which task a row of the log belongs to, and what a row costs that does not say so.

use crate::api::fake::{FakeTransport, lines};
use crate::api::log::*;
use crate::job::Outcome;

const TASK: &str = "01ABCD0Z00000000001S";

fn call<T>(body: &str, work: impl AsyncFnOnce(&Client<'_>) -> T) -> T {
    FakeTransport::serve(|_| (200, body.to_owned()), work).0
}

#[test]
fn the_end_of_a_run_is_found_among_rows_that_cannot_be_read_and_without_it_they_are_no_answer() {
    let good = r#"{"objectId":"01ABCD0Z00000000001S","runId":18,"state":1}"#;
    let run = JobRun { kind: TaskType::Mtt, task_id: TASK.to_owned(), run_id: 18 };
    let end =
        |rows: &str| call(&format!("[{rows}]"), async |client| result(client, &run, None, RetryPolicy::Never).await);
    for rows in [good.to_owned(), format!("null,{good}"), format!("{good},{{}}"), format!("{good},{good}")] {
        assert_eq!(end(&rows).unwrap().unwrap().outcome, Outcome::Succeeded, "{rows}");
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
        assert!(matches!(error, Error::Unreadable { operation: Operation::Log, .. }), "{rows}: {error}");
    }
}

#[test]
fn the_last_run_is_told_or_there_is_none_or_it_is_not_known() {
    let last = |rows: &str| {
        let found = call(&format!("[{rows}]"), async |client| last_run(client, TASK, TaskType::Mtt).await);
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
fn ids_are_encoded_in_urls() {
    let (_, sent) = FakeTransport::serve(
        |_| (200, "[]".to_owned()),
        async |client| last_run(client, "a&b=c d", TaskType::Mtt).await,
    );
    assert_eq!(lines(&sent), ["GET /saas/api/v2/activity/activityLog?taskId=a%26b%3Dc%20d&rowLimit=1"]);
}
