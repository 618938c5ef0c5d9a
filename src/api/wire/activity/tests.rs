//! How rows are read and what they mean: texts, types, depth, and bytes that a strict reader refuses.

use serde_json::{Value, json};

use crate::api::wire::activity::*;

const TASK: &str = "01ABCD0Z00000000001S";
const SAME: &str = "2026-03-01T10:00:00.000Z";
const LATER: &str = "2026-03-01T10:00:09.000Z";
const BUSY: &str = "The Mapping task failed to run. Another instance of the task is currently running.";
const NO_AGENT: &str = "There is no active Secure Agent in the Secure Agent group berlin.";
const AGENT_DOWN: &str = "The Secure Agent b2 where the connection is stored is not available. Start the Secure Agent.";

fn row(value: &Value) -> Row {
    Row::read(value.to_string().as_bytes(), List::Log).unwrap()
}

fn verdict(body: &Value) -> (Outcome, ClassifiedBy) {
    let result = row(body).result().unwrap();
    (result.outcome, result.classified_by)
}

/// The verdict of a run with a nameless part, which ran on an agent unless `extra` says otherwise.
fn over(state: u64, error: &str, end: &str, extra: &Value) -> (Outcome, ClassifiedBy) {
    let mut body = json!({
        "state": state, "errorMsg": error, "startTimeUtc": SAME, "endTimeUtc": end,
        "entries": [{"objectName": "", "agentId": "01ABCD0800000000000A"}],
    });
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    verdict(&body)
}

#[test]
fn the_state_decides_and_the_text_does_not() {
    let plain = json!({});
    assert_eq!(over(1, "[ERROR] something", LATER, &plain), (Outcome::Succeeded, ClassifiedBy::State));
    assert_eq!(over(1, "job was stopped by user x", LATER, &plain), (Outcome::Succeeded, ClassifiedBy::State));
    assert_eq!(over(2, "", LATER, &plain), (Outcome::Warning, ClassifiedBy::State));
    // On an agent.
    for text in [BUSY, NO_AGENT, AGENT_DOWN, ""] {
        assert_eq!(over(3, text, SAME, &plain), (Outcome::Failed, ClassifiedBy::State), "{text}");
    }
}

#[test]
fn stopped_is_told_by_flag_or_text_before_anything_else() {
    let flag = json!({"isStopped": true});
    for state in 1..=3 {
        assert_eq!(over(state, "", LATER, &flag), (Outcome::Stopped, ClassifiedBy::StoppedFlag));
    }
    let text = "The job WAS stopped by user ops using the UI.";
    assert_eq!(over(3, text, LATER, &json!({})), (Outcome::Stopped, ClassifiedBy::Message));
    assert_eq!(over(2, text, LATER, &json!({"isStopped": "no"})), (Outcome::Stopped, ClassifiedBy::Message));
    // Stopped while it was queued: nothing ran it, and it was stopped all the same.
    assert_eq!(over(3, text, SAME, &json!({"entries": []})), (Outcome::Stopped, ClassifiedBy::Message));
}

#[test]
fn a_run_that_never_ran_is_told_by_its_text_however_long_it_took() {
    let never = (Outcome::NotRun, ClassifiedBy::Structure);
    let failed = (Outcome::Failed, ClassifiedBy::State);
    for extra in [json!({"entries": []}), json!({"entries": [{"objectName": "", "entries": [{"objectName": "x"}]}]})] {
        for end in [SAME, LATER] {
            assert_eq!(over(3, BUSY, end, &extra), (Outcome::AlreadyRunning, ClassifiedBy::Structure));
            for text in [NO_AGENT, AGENT_DOWN, &NO_AGENT.to_uppercase()] {
                assert_eq!(over(3, text, end, &extra), never, "{text}");
                assert_eq!(over(2, text, end, &extra).0, Outcome::Warning, "{text}");
            }
            assert_eq!(over(3, "The connection test failed: timed out", end, &extra), failed);
        }
        assert_eq!(over(3, " ", SAME, &extra), never);
        assert_eq!(over(3, " ", LATER, &extra), failed);
    }
    // A text in a part is a text.
    assert_eq!(over(3, "", SAME, &json!({"entries": [{"objectName": "x", "errorMsg": "no such table"}]})), failed);
}

#[test]
fn an_agent_or_a_row_in_any_part_is_a_run() {
    let deep = |inner: Value| json!({"entries": [{"objectName": "a"}, {"objectName": "b", "entries": [inner]}]});
    for inner in [
        json!({"agentId": "01ABCD0800000000000A"}),
        json!({"successTargetRows": 1}),
        json!({"failedSourceRows": "1"}),
        json!({"subTaskEntries": [{"agentId": {"id": 7}}]}),
    ] {
        assert_eq!(over(3, BUSY, SAME, &deep(inner.clone())), (Outcome::Failed, ClassifiedBy::State), "{inner}");
    }
    for inner in [json!({"agentId": null}), json!({"agentId": ""}), json!({"successTargetRows": 0})] {
        assert_eq!(over(3, BUSY, SAME, &deep(inner.clone())).0, Outcome::AlreadyRunning, "{inner}");
    }
}

#[test]
fn the_nameless_part_speaks_for_a_task_without_a_text() {
    let part = |name: &str| json!({"state": 3, "entries": [{"objectName": name, "errorMsg": BUSY}]});
    assert_eq!(verdict(&part("")).0, Outcome::AlreadyRunning);
    assert_eq!(verdict(&part("m_step")).0, Outcome::Failed);
}

#[test]
fn an_unknown_state_is_not_an_end() {
    for state in [json!(0), json!(4), json!("x"), json!(null), json!({}), json!(-1), json!(1.5), json!(true)] {
        assert_eq!(row(&json!({"state": state})).result(), None, "{state}");
    }
    for state in [json!("1"), json!(1.0), json!("1.0"), json!(" 1 ")] {
        assert_eq!(row(&json!({"state": state})).result().unwrap().outcome, Outcome::Succeeded, "{state}");
    }
}

#[test]
fn a_row_of_the_monitor_says_what_the_run_is_doing() {
    for (word, activity) in [
        ("QUEUED", Activity::Queued),
        ("initialized", Activity::Initialized),
        ("Running", Activity::Running),
        ("STOPPING", Activity::Stopping),
        ("COMPLETED", Activity::Ending),
        ("FAILED", Activity::Ending),
        ("PAUSED", Activity::Other("paused".to_owned())),
    ] {
        assert_eq!(row(&json!({"executionState": word})).progress().activity, activity, "{word}");
    }
}

#[test]
fn the_first_value_that_can_be_used_counts() {
    let outcome = |members: &str| {
        let row = Row::read(format!(r#"{{"state":3,{members}}}"#).as_bytes(), List::Log).unwrap();
        row.result().unwrap().outcome
    };
    assert_eq!(outcome(r#""isStopped":"false","isStopped":true"#), Outcome::Failed);
    assert_eq!(outcome(r#""isStopped":"maybe","isStopped":true"#), Outcome::Stopped);
}

#[test]
fn only_named_parts_are_shown_and_only_those_that_went_wrong_with_an_error() {
    let part = |name: &str, state: Value| json!({"objectName": name, "state": state, "errorMsg": "why"});
    let body = json!({"state": 2, "entries": [
        part("failed", json!(3)), part("good", json!(1)), part("active", json!(null)), part("", json!(3)),
    ]});
    let shown: Vec<(String, bool)> =
        row(&body).result().unwrap().subtasks.into_iter().map(|part| (part.name, part.error.is_some())).collect();
    let name = |name: &str, has_error| (name.to_owned(), has_error);
    assert_eq!(shown, [name("failed", true), name("good", false), name("active", false)]);
}

#[test]
fn wrong_types_count_as_absent() {
    let odd = row(&json!({
        "id": 7, "taskId": ["x"], "runId": "18", "executionState": null, "successSourceRows": "many",
        "entries": {"a": 1}, "startTimeUtc": "yesterday", "more": true,
    }));
    assert_eq!((&odd.task_id, odd.run_id, odd.progress().activity), (&None, Some(18), Activity::Running));
    assert_eq!(odd.progress().started_at, None);
}

/// Every odd spelling of a row of the log that still tells whose it is and that it failed, with its part.
#[test]
fn odd_bytes_cost_no_verdict() {
    let odd: [&[u8]; 30] = [
        br#""note":"\ud800""#,
        br#""no\udfffte":1"#,
        br#""errorMsg":"x \ud83d y""#,
        br#""errorMsg":"\udc00\ud800""#,
        b"\"errorMsg\":\"M\xfcller\"",
        b"\"startedBy\":\"\xe9\xe8\"",
        b"\"k\xe4y\":1",
        b"\"errorMsg\":\"line\nnext\ttab\x00\x1f\"",
        b"\"note\":\"\x01\"",
        br#""errorMsg":"C:\data\x""#,
        br#""state":3"#,
        br#""state":null"#,
        br#""runId":null,"runId":18"#,
        br#""objectId":"01ABCD0Z00000000001S""#,
        br#""objectId":{}"#,
        br#""taskId":"01ABCD0Z00000000009X""#,
        br#""taskId":null"#,
        br#""taskId":7"#,
        br#""taskId":[1]"#,
        br#""entries":null"#,
        br#""successSourceRows":1e400"#,
        br#""more":-1e999"#,
        br#""more":[1e400,{"x":1E+400}]"#,
        br#""more":NaN"#,
        br#""errorMsg":404"#,
        br#""errorMsg":{"text":["a"]}"#,
        br#""errorMsg":false"#,
        br#""isStopped":"maybe""#,
        br#""startTimeUtc":5"#,
        br#""endTimeUtc":{}"#,
    ];
    let whole = br#""objectId":"01ABCD0Z00000000001S","runId":18,"state":3"#;
    for odd in odd {
        let shown = String::from_utf8_lossy(odd);
        let join = |parts: &[&[u8]]| parts.concat();
        let before = join(&[b"{", odd, b",", whole, b"}"]);
        let behind = join(&[b"{", whole, b",", odd, b"}"]);
        let part = join(&[b"{", whole, br#","entries":[{"entries":[{"#, odd, b"}]}]}"]);
        for element in [before, behind, part] {
            let row = Row::read(&element, List::Log).unwrap_or_else(|| panic!("{shown}"));
            assert_eq!((row.task_id.as_deref(), row.run_id), (Some(TASK), Some(18)), "{shown}: {row:?}");
            assert_eq!(row.result().unwrap().outcome, Outcome::Failed, "{shown}");
        }
    }
}

#[test]
fn the_lists_own_key_says_whose_a_row_is() {
    let task_id = |text: &str, list| Row::read(text.as_bytes(), list).unwrap().task_id;
    for text in [r#"{"taskId":"T","objectId":"O"}"#, r#"{"objectId":"O","taskId":"T"}"#] {
        assert_eq!(task_id(text, List::Monitor).as_deref(), Some("T"));
        assert_eq!(task_id(text, List::Log).as_deref(), Some("O"));
    }
    for other in ["null", "7", "[]", "\"\"", "true"] {
        for text in
            [format!(r#"{{"taskId":"T","objectId":{other}}}"#), format!(r#"{{"objectId":{other},"taskId":"T"}}"#)]
        {
            assert_eq!(task_id(&text, List::Log).as_deref(), Some("T"), "{text}");
            assert_eq!(task_id(&text, List::Monitor).as_deref(), Some("T"), "{text}");
        }
    }
    assert_eq!(task_id(r#"{"objectId":77,"runId":1}"#, List::Log).as_deref(), Some("77"));
    assert_eq!(task_id(r#"{"entries":[{"taskId":"T"}]}"#, List::Monitor), None);
}

#[test]
fn texts_are_kept_as_far_as_they_can_be_read() {
    let error = |text: &[u8]| {
        let element = [br#"{"state":3,"errorMsg":"#, text, b"}"].concat();
        Row::read(&element, List::Log).unwrap().result().unwrap().error
    };
    assert_eq!(error(b"\"M\xfcller\"").as_deref(), Some("M\u{fffd}ller"));
    assert_eq!(error(br#""a\ud800b""#).as_deref(), Some("a\u{fffd}b"));
    assert_eq!(error(b"\"a\nb\"").as_deref(), Some("a\nb"));
    assert_eq!(error(br#"{"code":7,"text":"no"}"#).as_deref(), Some(r#"{"code":7,"text":"no"}"#));
    assert_eq!(error(b"404").as_deref(), Some("404"));
    for none in ["null", "{}", "[]", "\"\"", "\" \""] {
        assert_eq!(error(none.as_bytes()), None, "{none}");
    }
}

#[test]
fn depth_costs_nothing() {
    let deep = |open: &str, close: &str| {
        let nest = format!("{}1{}", open.repeat(20_000), close.repeat(20_000));
        Row::read(format!(r#"{{"more":{nest},"errorMsg":{nest},"state":1}}"#).as_bytes(), List::Log).unwrap()
    };
    assert_eq!(deep("[", "]").result().unwrap().outcome, Outcome::Succeeded);
    assert_eq!(deep(r#"{"a":"#, "}").result().unwrap().outcome, Outcome::Succeeded);
    let parts = format!("{}{}", r#"{"state":1,"entries":["#.repeat(500), "]}".repeat(500));
    let row = Row::read(parts.as_bytes(), List::Log).unwrap();
    assert_eq!(row.result().unwrap().outcome, Outcome::Succeeded);
    let levels = std::iter::successors(row.parts.first(), |part| part.parts.first());
    let odd: Vec<bool> = levels.map(|part| part.has_odd_parts).collect();
    assert_eq!((odd.len(), odd[30], odd[31]), (32, false, true), "deeper parts are not read, and that is noted");
}

#[test]
fn what_is_no_object_is_no_row() {
    for element in ["null", "7", "\"x\"", "[]", r#"[{"state":1}]"#, "{", r#"{"state"}"#, r#"{"state":1}x"#, "x"] {
        assert!(Row::read(element.as_bytes(), List::Log).is_none(), "{element}");
    }
    let odd = |entries: &str| Row::read(format!(r#"{{"entries":{entries}}}"#).as_bytes(), List::Log).unwrap();
    assert!(odd("[{},7]").has_odd_parts && odd("[\"x\"]").has_odd_parts);
    assert!(!odd("[{}]").has_odd_parts && !odd("null").has_odd_parts && !odd("[null]").has_odd_parts);
}
