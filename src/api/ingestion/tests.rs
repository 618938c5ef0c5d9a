//! What is sent for file ingestion tasks, and what is made of the answers.

use serde_json::Value;

use crate::api::fake::{FakeTransport, lines};
use crate::api::ingestion;
use crate::api::ingestion::*;
use crate::job::{Activity, Outcome};

const TASK: &str = "7kQmWz0RbVn3XcLpTyHd1s";

#[test]
fn a_start_names_the_task_and_gives_a_run() {
    for body in [json!({"RunId": 40318}), json!({"runId": "40318"}), json!("40318"), json!({"runid": "40318", "x": 1})]
    {
        let (run, sent) = FakeTransport::serve(
            |_| (200, body.to_string()),
            async |client| {
                let attempt = Attempt::default();
                let run = start(client, TASK, &attempt).await;
                assert!(attempt.sent_at().is_some(), "it was sent");
                run
            },
        );
        assert_eq!(run.unwrap().to_string(), format!("FILE_INGESTION/{TASK}/40318"));
        assert_eq!((sent[0].line.as_str(), sent[0].session), ("POST /mftsaas/api/v1/job", Some("IDS-SESSION-ID")));
        assert_eq!(sent[0].body, json!({"taskId": TASK}));
    }
    for body in ["{}", "", "{\"runId\":\"a/b\"}"] {
        let (run, sent) = FakeTransport::serve(
            |_| (200, body.to_owned()),
            async |client| start(client, TASK, &Attempt::default()).await,
        );
        assert!(run.unwrap_err().may_have_been_processed(), "{body}");
        assert_eq!(sent.len(), 1);
    }
}

fn poll_run(status: u16, body: &Value) -> Result<RunStatus, Error> {
    let (mut polled, sent) =
        FakeTransport::serve(|_| (status, body.to_string()), async |client| poll(client, &[(TASK, "40318")]).await);
    assert_eq!(lines(&sent), ["GET /mftsaas/api/v1/job/40318/status"]);
    polled.remove(0)
}

#[test]
fn the_known_words_end_a_run_and_others_do_not() {
    for (word, outcome) in [
        ("SUCCESS", Outcome::Succeeded),
        ("success", Outcome::Succeeded),
        ("Completed with errors", Outcome::Warning),
        ("FAILED", Outcome::Failed),
        ("Error", Outcome::Failed),
        ("ABORTED", Outcome::Stopped),
    ] {
        let Ok(RunStatus::Ended(result)) = poll_run(200, &json!({"jobStatus": word})) else { panic!("{word}") };
        assert_eq!(result.outcome, outcome, "{word}");
    }
    for (word, activity) in [
        ("RUNNING", Activity::Running),
        ("Queued", Activity::Queued),
        ("stopping", Activity::Stopping),
        ("VALIDATING", Activity::Other("validating".to_owned())),
    ] {
        let Ok(RunStatus::Active(progress)) = poll_run(200, &json!({"jobStatus": word})) else { panic!("{word}") };
        assert_eq!(progress.activity, activity);
    }
    for absent in [json!(""), json!("null"), json!(null), json!(7)] {
        let body = json!({"jobStatus": absent, "status": "SUCCESS"});
        assert!(matches!(poll_run(200, &body), Ok(RunStatus::Ended(_))), "{body}");
    }
}

#[test]
fn a_status_of_another_task_or_run_is_refused() {
    let ours = json!({"taskId": TASK, "runId": 40318, "jobStatus": "SUCCESS"});
    assert!(matches!(poll_run(200, &ours), Ok(RunStatus::Ended(_))));
    for (key, value) in [("taskId", json!("7kQmWz0RbVn3XcLpTyHd1t")), ("runId", json!("40319"))] {
        let mut other = ours.clone();
        other[key] = value;
        assert!(matches!(poll_run(200, &other), Err(Error::Unreadable { .. })), "{key}");
    }
    assert!(matches!(poll_run(200, &json!({})), Err(Error::Unreadable { .. })));
    assert!(matches!(poll_run(404, &json!({})), Ok(RunStatus::NotListed)));
    assert!(matches!(poll_run(500, &json!({})), Err(Error::Unreadable { .. })));
}

#[test]
fn files_are_the_parts_of_a_run() {
    let files = json!([
        {"fileName": "a.csv", "status": "SUCCESS", "message": "copied"},
        {"fileName": "b.csv", "fileStatus": "FAILED", "errorMessage": "disk full"},
        {"size": 3}, "odd",
    ]);
    for body in [
        json!({"jobStatus": "FAILED", "messageText": "1 file failed", "fileDetails": files}),
        json!({"jobStatus": "FAILED", "messageText": "1 file failed", "jobDetails": {"fileDetails": files}}),
    ] {
        let Ok(RunStatus::Ended(result)) = poll_run(200, &body) else { panic!() };
        assert_eq!(result.error.as_deref(), Some("1 file failed"));
        let parts: Vec<_> =
            result.subtasks.iter().map(|file| (file.name.as_str(), file.outcome, file.error.as_deref())).collect();
        assert_eq!(
            parts,
            [("a.csv", Some(Outcome::Succeeded), None), ("b.csv", Some(Outcome::Failed), Some("disk full")),]
        );
    }
}

#[test]
fn tasks_and_runs_are_found_under_any_key() {
    let listed = json!({"mitasks": [
        {"id": TASK, "name": "files", "description": ""},
        {"taskId": "7kQmWz0RbVn3XcLpTyHd1t", "taskName": "other"},
        {"name": "no ID"},
    ]});
    for body in [listed.clone(), listed["mitasks"].clone()] {
        let (found, sent) = FakeTransport::serve(
            |_| (200, body.to_string()),
            async |client| ingestion::tasks(client, |task| task.name.as_deref() != Some("x")).await,
        );
        let found = found.unwrap();
        assert!(found.iter().all(|task| task.kind == Some(TaskType::FileIngestion)));
        let names: Vec<_> = found.into_iter().map(|task| (task.id, task.name)).collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(names, [(some(TASK), some("files")), (some("7kQmWz0RbVn3XcLpTyHd1t"), some("other"))]);
        assert_eq!(lines(&sent), ["GET /mftsaas/api/v1/mitasks"]);
    }
    let history = json!({"totaljobCount": 3, "jobs": [
        {"runId": 1, "taskId": TASK, "status": "SUCCESS", "startTime": "2026-03-01T10:00:00Z"},
        {"runId": 3, "taskId": TASK, "status": "RUNNING", "startTime": "2026-03-03T10:00:00Z"},
        {"runId": 2, "taskId": "another", "status": "RUNNING", "startTime": "2026-03-02T10:00:00Z"},
    ]});
    let (found, _) =
        FakeTransport::serve(|_| (200, history.to_string()), async |client| ingestion::runs(client, TASK).await);
    let handles: Vec<String> = found.unwrap().iter().map(|(run, _)| run.to_string()).collect();
    assert_eq!(handles, [format!("FILE_INGESTION/{TASK}/3"), format!("FILE_INGESTION/{TASK}/1")]);
    for odd in [json!(null), json!({"taskId": TASK, "status": "RUNNING"}), json!({"runId": 4, "taskId": TASK})] {
        let history = json!({"jobs": [odd]}).to_string();
        let (found, _) =
            FakeTransport::serve(|_| (200, history.clone()), async |client| ingestion::runs(client, TASK).await);
        assert!(matches!(found, Err(Error::Unreadable { .. })), "{odd}");
    }
}

#[test]
fn ids_are_encoded_in_urls() {
    let (_, sent) = FakeTransport::serve(
        |_| (404, String::new()),
        async |client| {
            ingestion::poll(client, &[(TASK, "4/5")]).await;
            ingestion::runs(client, "a&b").await
        },
    );
    let history = "GET /mftsaas/api/v1/mitasks/activityLog?taskId=a%26b&offset=0&rowLimit=100";
    assert_eq!(lines(&sent)[..2], ["GET /mftsaas/api/v1/job/4%2F5/status", history]);
}
