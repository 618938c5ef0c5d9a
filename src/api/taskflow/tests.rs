//! What is sent for taskflows, and what is made of the answers.

use crate::api::fake::{FakeTransport, lines};
use crate::api::taskflow;
use crate::api::taskflow::*;
use crate::job::Outcome;

const ID: &str = "778812345678901234";

fn start(status: u16, body: &str) -> Result<Run, Error> {
    let (run, sent) = FakeTransport::serve(
        |_| (status, body.to_owned()),
        async |client| {
            let attempt = Attempt::default();
            let run = taskflow::start(client, "load", &FlowOptions::default(), &attempt).await;
            let may_have_started = run.as_ref().map_or_else(Error::may_have_been_processed, |_| true);
            assert_eq!(attempt.sent_at().is_some(), may_have_started);
            run
        },
    );
    let starts = sent.iter().filter(|request| request.line.contains("/rt/")).count();
    assert_eq!(starts, 1, "a start is sent once");
    run
}

#[test]
fn a_start_carries_inputs_and_a_name_for_the_run() {
    let inputs = Map::from_iter([("region".to_owned(), json!("EMEA")), ("limit".to_owned(), json!(100))]);
    let options = FlowOptions { inputs, run_name: Some("Übung 1/2".to_owned()) };
    let (run, sent) = FakeTransport::serve(
        |_| (200, format!("{{\"RunId\": \"{ID}\"}}")),
        async |client| taskflow::start(client, "load orders/1", &options, &Attempt::default()).await,
    );
    assert_eq!(run.unwrap().to_string(), format!("TASKFLOW/{ID}"));
    assert_eq!(sent[0].line, "POST /active-bpel/rt/load%20orders%2F1");
    assert_eq!(sent[0].session, Some("IDS-SESSION-ID"));
    assert_eq!(sent[0].header, Some(("TF-INSTANCE-NAME", "%C3%9Cbung%201%2F2".to_owned())));
    assert_eq!(sent[0].body, json!({"region": "EMEA", "limit": 100}));
    let (_, sent) = FakeTransport::serve(
        |_| (200, ID.to_owned()),
        async |client| taskflow::start(client, "load", &FlowOptions::default(), &Attempt::default()).await,
    );
    assert_eq!((&sent[0].header, &sent[0].body), (&None, &json!({})));
}

#[test]
fn a_run_id_comes_under_any_key_or_alone() {
    for body in
        [format!("{{\"RunId\":\"{ID}\"}}"), format!("{{\"runid\":{ID}}}"), format!("\"{ID}\""), format!(" {ID}\n")]
    {
        assert_eq!(start(200, &body).unwrap(), Run::Taskflow { run_id: ID.to_owned() }, "{body}");
    }
    for body in ["", "{}", "null", "[]", "{\"RunId\":null}", "{\"RunId\":\"soon\"}", "<html>", "{\"RunId\":7e30}"] {
        assert!(start(200, body).unwrap_err().may_have_been_processed(), "{body}");
    }
}

#[test]
fn a_start_that_is_turned_down_has_not_happened() {
    for status in [400, 403, 404, 405] {
        for body in ["", "<html>no</html>", "{\"error\":{\"code\":404,\"message\":\"no\"}}", "{\"what\":1}"] {
            let error = start(status, body).unwrap_err();
            assert!(!error.may_have_been_processed(), "{status} {body}: {error}");
            assert_eq!(error.is_not_found(), status == 404, "{status} {body}");
        }
    }
    for status in [302, 408, 500, 503] {
        assert!(start(status, "").unwrap_err().may_have_been_processed(), "{status}");
    }
}

fn poll_one(status: u16, body: &Value) -> Result<RunStatus, Error> {
    let (mut polled, sent) =
        FakeTransport::serve(|_| (status, body.to_string()), async |client| taskflow::poll(client, &[ID]).await);
    assert_eq!(lines(&sent), [format!("GET /active-bpel/services/tf/status/{ID}")]);
    polled.remove(0)
}

#[test]
fn the_status_is_an_object_or_an_array_of_one() {
    let row = json!({"runId": ID, "status": "SUCCESS", "assetName": "load"});
    for body in
        [row.clone(), json!([row]), json!({"status": "success"}), json!([{"runId": 1, "status": "FAILED"}, row])]
    {
        let Ok(RunStatus::Ended(result)) = poll_one(200, &body) else { panic!("{body}") };
        assert_eq!(result.outcome, Outcome::Succeeded);
    }
    let number = json!({"runId": ID.parse::<u64>().unwrap(), "status": "RUNNING"});
    assert!(matches!(poll_one(200, &number), Ok(RunStatus::Active(_))));
}

#[test]
fn a_run_that_is_not_known_is_unseen_and_another_run_is_no_answer() {
    assert!(matches!(poll_one(200, &json!([])), Ok(RunStatus::NotListed)));
    assert!(matches!(poll_one(404, &json!({})), Ok(RunStatus::NotListed)));
    assert!(matches!(poll_one(404, &json!({"error": {"message": "no"}})), Ok(RunStatus::NotListed)));
    let other = poll_one(200, &json!({"runId": "1", "status": "SUCCESS"})).unwrap_err().to_string();
    assert!(other.ends_with("about another run"), "{other}");
    for body in [json!({"runId": "1", "status": "SUCCESS"}), json!({"runId": ID}), json!({}), json!(null)] {
        assert!(matches!(poll_one(200, &body), Err(Error::Unreadable { .. }) | Ok(RunStatus::NotListed)), "{body}");
        assert!(!matches!(poll_one(200, &body), Ok(RunStatus::Ended(_))), "{body}");
    }
}

#[test]
fn of_many_runs_only_those_that_are_not_listed_as_running_cost_a_request_each() {
    let ids: Vec<String> = (0..24).map(|number| format!("7788123456789012{number:02}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let row = |id: &str, status: &str| json!({"runId": id, "status": status, "assetName": "load"});
    // The first two have ended; the list is late with one of them, which is then seen a round later.
    let list: Vec<Value> = ids[1..].iter().map(|id| row(id, "RUNNING")).chain([row("9", "SUCCESS")]).collect();
    let answer = |line: &str| match line.split_once("status/") {
        Some((_, id)) => (200, row(id, "SUCCESS").to_string()),
        None => (200, Value::from(list.clone()).to_string()),
    };
    let (polled, sent) = FakeTransport::serve(answer, async |client| taskflow::poll(client, &ids).await);
    assert_eq!(
        lines(&sent),
        [
            "GET /active-bpel/services/tf/status?runStatus=Running&offset=0&rowLimit=50",
            &format!("GET /active-bpel/services/tf/status/{}", ids[0]),
        ]
    );
    let over: Vec<bool> = polled.iter().map(|polled| matches!(polled, Ok(RunStatus::Ended(_)))).collect();
    assert_eq!(over, (0..24).map(|index| index == 0).collect::<Vec<_>>());
    let full: Value = (0..PAGE).map(|number| row(&number.to_string(), "RUNNING")).collect();
    let crowded = |line: &str| match line.split_once("status/") {
        Some((_, id)) => (200, row(id, "RUNNING").to_string()),
        None => (200, full.to_string()),
    };
    let (_, sent) = FakeTransport::serve(crowded, async |client| taskflow::poll(client, &ids).await);
    let pages: Vec<&str> = lines(&sent).into_iter().filter(|line| line.contains("rowLimit")).collect();
    assert_eq!((pages.len(), sent.len()), (2, 26), "a page for ten runs, and a status each");
    assert!(pages[1].contains("&offset=50&"), "{pages:?}");
    let unlisted = |line: &str| match line.split_once("status/") {
        Some((_, id)) => (200, row(id, "RUNNING").to_string()),
        None => (500, String::new()),
    };
    let (polled, sent) = FakeTransport::serve(unlisted, async |client| taskflow::poll(client, &ids).await);
    assert_eq!(sent.len(), 25, "a list that cannot be had costs no status");
    assert!(polled.iter().all(|polled| matches!(polled, Ok(RunStatus::Active(_)))));
}

#[test]
fn a_search_reads_all_pages_and_takes_each_run_once() {
    let row = |number: usize| json!({"runId": 1_000 + number, "status": "FAILED", "assetName": "load"});
    let answer = |line: &str| {
        let page = if line.contains("&offset=0&") { (0..50).collect() } else { (48..53).collect::<Vec<_>>() };
        (200, Value::from(page.into_iter().map(row).collect::<Vec<_>>()).to_string())
    };
    let span = SignedDuration::from_hours(24);
    let (found, sent) = FakeTransport::serve(answer, async |client| {
        taskflow::runs(client, span, Some("Failed"), RetryPolicy::Never, |run| run.run.to_string() != "TASKFLOW/1001")
            .await
    });
    assert_eq!(found.unwrap().len(), 52);
    let line = "GET /active-bpel/services/tf/status?startTime=2026-03-02T10%3A00%3A00Z\
         &endTime=2026-03-03T11%3A00%3A00Z&runStatus=Failed&offset=0&rowLimit=50";
    assert_eq!((sent[0].line.as_str(), sent.len()), (line, 2));
}

#[test]
fn a_search_that_reaches_its_last_page_without_an_end_is_an_error() {
    let answer = |line: &str| {
        let offset = line.split_once("&offset=").unwrap().1.split_once('&').unwrap().0;
        let offset: usize = offset.parse().unwrap();
        let row = |number| json!({"runId": offset + number, "status": "RUNNING", "assetName": "load"});
        (200, (0..PAGE).map(row).collect::<Value>().to_string())
    };
    let (found, sent) = FakeTransport::serve(answer, async |client| {
        taskflow::runs(client, SignedDuration::from_hours(24), None, RetryPolicy::Never, |_| true).await
    });
    let Err(Error::Unreadable { operation: Operation::Status, what, .. }) = found else { panic!("{found:?}") };
    assert_eq!((what.as_str(), sent.len()), ("more than 40 pages of runs", PAGES));
}

#[test]
fn a_row_that_does_not_tell_its_run_makes_a_search_fail() {
    let good = json!({"runId": 1, "status": "RUNNING", "assetName": "load"});
    for odd in
        [json!(null), json!("x"), json!([]), json!({"runId": 2, "status": "RUNNING"}), json!({"assetName": "load"})]
    {
        let answer = |_: &str| (200, json!([good, odd]).to_string());
        let span = SignedDuration::from_hours(24);
        let (found, _) = FakeTransport::serve(answer, async |client| {
            taskflow::runs(client, span, None, RetryPolicy::Never, |_| true).await
        });
        assert!(matches!(found, Err(Error::Unreadable { .. })), "{odd}");
    }
}

#[test]
fn resuming_and_terminating_say_nothing_when_they_work() {
    let (done, sent) = FakeTransport::serve(
        |line| if line.contains("terminate") { (200, "[]".to_owned()) } else { (204, String::new()) },
        async |client| {
            taskflow::resume(client, ID, false).await?;
            taskflow::resume(client, ID, true).await?;
            let ids: Vec<String> = (0..201).map(|number| number.to_string()).collect();
            let attempt = Attempt::default();
            let done = taskflow::terminate(client, &ids, &attempt).await;
            assert!(attempt.sent_at().is_some(), "it was sent");
            done
        },
    );
    done.unwrap();
    assert_eq!(
        lines(&sent),
        [
            &format!("PUT /active-bpel/management/runtime/v1/resumeWithFaultRetry/{ID}"),
            &format!("PUT /active-bpel/management/runtime/v1/resumeWithFaultSkip/{ID}"),
            "PUT /active-bpel/services/tf/terminate",
            "PUT /active-bpel/services/tf/terminate",
        ]
    );
    assert_eq!(sent[2].body["runid"].as_array().unwrap().len(), 200);
    assert_eq!(sent[3].body, json!({"runid": ["200"]}));
    let no = r#"{"error":{"code":"X","message":"it is not suspended"}}"#;
    let (refused, sent) =
        FakeTransport::serve(|_| (400, no.to_owned()), async |client| taskflow::resume(client, ID, false).await);
    assert_eq!((refused.unwrap_err().to_string(), sent.len()), ("it is not suspended (X)".to_owned(), 1));
}

#[test]
fn run_ids_are_encoded_in_urls() {
    let (_, sent) = FakeTransport::serve(
        |_| (404, String::new()),
        async |client| {
            let _ = taskflow::run(client, "1/../2?x", RetryPolicy::Never).await;
            taskflow::resume(client, "1/2", true).await
        },
    );
    let encoded = [
        "GET /active-bpel/services/tf/status/1%2F..%2F2%3Fx",
        "PUT /active-bpel/management/runtime/v1/resumeWithFaultSkip/1%2F2",
    ];
    assert_eq!(lines(&sent), encoded);
}
