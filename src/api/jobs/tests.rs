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
    let (polled, _) = FakeTransport::serve(answer, async |client| poll(client, &runs, false).await);
    assert!(matches!(polled.unwrap()[..], [RunStatus::Ended(_), RunStatus::Unavailable(_)]));
    let (polled, _) = FakeTransport::serve(answer, async |client| poll(client, &runs[1..], true).await);
    assert!(matches!(polled, Err(Error::Unreadable { operation: Operation::Log, .. })));
}
