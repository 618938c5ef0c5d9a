//! Which task a row of the monitor belongs to, and what a row costs that does not say so.

use crate::api::fake::FakeTransport;
use crate::api::monitor;

const TASK: &str = "01ABCD0Z00000000001S";

/// The runs of the task that a monitor with this row beside a readable one shows; none when that cannot be told.
fn active_runs(row: &str) -> Option<Vec<u64>> {
    let other = r#"{"type":"MTT","taskId":"01ABCD0Z00000000009S","runId":7,"executionState":"RUNNING"}"#;
    let answer = |_: &str| (200, format!("[{other},{row}]"));
    let (found, _) = FakeTransport::serve(answer, async |client| monitor::active_runs(client, TASK).await);
    found.ok().map(|found| found.into_iter().map(|one| one.run.run_id).collect())
}

#[test]
fn a_row_of_the_monitor_is_ours_or_not_or_makes_the_answer_unreadable() {
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
