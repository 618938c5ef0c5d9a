//! Runs in words and in the document.

use serde_json::{Value, json};

use crate::job::{Activity, ClassifiedBy, Count, Outcome, Rows, Run, RunId, RunProgress, RunResult, Subtask, Task};
use crate::output::document::Report;
use crate::output::runs::members::error_code;
use crate::output::runs::report::written;
use crate::output::runs::*;
use crate::support::exit::Exit;

fn ended_as(outcome: Outcome, rejected: u64) -> RunReport {
    let target = Count { ok: 997, failed: rejected };
    let result = RunResult {
        task_name: Some("m_load".to_owned()),
        outcome,
        classified_by: ClassifiedBy::State,
        started_at: Some("2026-03-01T12:00:00Z".parse().unwrap()),
        ended_at: Some("2026-03-01T12:01:15Z".parse().unwrap()),
        started_by: None,
        rows: Rows { source: Count { ok: 1000, failed: 0 }, target },
        error: Some("no such table".to_owned()),
        subtasks: Vec::new(),
        log_id: None,
    };
    RunReport::ended("MTT/01ABCD0Z00000000001S/18".parse().unwrap(), Task::default(), result)
}

#[test]
fn a_sentence_says_how_a_run_ended() {
    for (outcome, rejected, sentence) in [
        (Outcome::Succeeded, 0, "m_load succeeded after 1m 15s: 1000 rows read, 997 written"),
        (Outcome::Warning, 3, "m_load finished with warnings after 1m 15s: 1000 rows read, 997 written, 3 rejected"),
        (Outcome::Failed, 0, "m_load failed after 1m 15s: 1000 rows read, 997 written"),
        (Outcome::Stopped, 0, "m_load was stopped after 1m 15s: 1000 rows read, 997 written"),
        (Outcome::NotRun, 0, "m_load did not run"),
        (Outcome::AlreadyRunning, 0, "m_load did not run: another instance is already running"),
    ] {
        assert_eq!(ended_as(outcome, rejected).sentence().as_str(), sentence);
    }
}

#[test]
fn a_sentence_says_what_a_run_does() {
    let progress = RunProgress {
        task_name: Some("m_load".to_owned()),
        activity: Activity::Stopping,
        rows: Rows::default(),
        started_at: None,
        started_by: None,
        error: None,
        subtasks: Vec::new(),
    };
    let run = "MTT/01ABCD0Z00000000001S/18".parse().unwrap();
    let report = RunReport::active(run, Task::default(), progress);
    assert_eq!(report.sentence().as_str(), "m_load stopping: 0 rows read, 0 written");
}

#[test]
fn a_job_runs_number_is_a_number_and_its_handle_tells_the_task() {
    let run = "MTT/01ABCD0Z00000000001S/18".parse().unwrap();
    let report = RunReport::accepted(run, Task::default());
    let json = report.json();
    assert_eq!(json["run_id"], json!(18));
    assert_eq!(json["handle"], json!("MTT/01ABCD0Z00000000001S/18"));
    assert_eq!((&json["task"]["id"], &json["task"]["type"]), (&json!("01ABCD0Z00000000001S"), &json!("MTT")));
}

#[test]
fn the_run_ids_of_other_resources_are_text_and_they_count_no_rows() {
    let part = Subtask {
        name: "inner".to_owned(),
        kind: "TASKFLOW".to_owned(),
        run_id: Some(RunId::Text("778812345678901235".to_owned())),
        log_item: None,
        outcome: Some(Outcome::Failed),
        activity: None,
        error: Some("no such table".to_owned()),
        rows: Rows::default(),
        started_at: None,
        ended_at: None,
        parts: Vec::new(),
    };
    let waiting = Subtask {
        name: "outer".to_owned(),
        outcome: None,
        activity: Some(Activity::Suspended),
        error: None,
        ..part.clone()
    };
    let progress = RunProgress {
        task_name: Some("nightly".to_owned()),
        activity: Activity::Suspended,
        rows: Rows::default(),
        started_at: None,
        started_by: None,
        error: Some("a step failed".to_owned()),
        subtasks: vec![part, waiting],
    };
    let run: Run = "TASKFLOW/778812345678901234".parse().unwrap();
    let report = RunReport::active(run, Task::default(), progress);
    let json = report.json();
    assert_eq!((&json["run_id"], &json["task"]["id"]), (&json!("778812345678901234"), &Value::Null));
    assert_eq!((&json["outcome"], &json["outcome_code"]), (&json!("suspended"), &json!(11)));
    assert_eq!((&json["rows"], &json["rerun_safe"]), (&Value::Null, &json!(false)));
    assert_eq!(json["subtasks"][0]["run_id"], json!("778812345678901235"));
    assert_eq!(json["subtasks"][0]["rows"], Value::Null);
    assert_eq!(report.sentence().as_str(), "nightly is suspended");
    assert_eq!((&json["classified_by"], &json["error"]), (&json!("state"), &json!("a step failed")));
    assert_eq!(json["subtasks"][1]["outcome"], json!("suspended"));
    assert_eq!(json["subtasks"][1]["activity"], Value::Null);
    let details = report.details();
    let details: Vec<&str> = details.iter().map(crate::output::SafeLine::as_str).collect();
    assert_eq!(details, ["  a step failed", "  - inner failed: no such table", "  - outer suspended"]);
}

#[test]
fn a_rerun_is_warned_of_for_rows_that_were_written_before_a_bad_end() {
    let caution = |outcome| ended_as(outcome, 0).caution();
    for outcome in [Outcome::Failed, Outcome::Stopped] {
        assert_eq!(caution(outcome).as_deref(), Some("997 rows were written; a rerun may write them again"));
    }
    for outcome in [Outcome::Succeeded, Outcome::Warning, Outcome::NotRun, Outcome::AlreadyRunning] {
        assert_eq!(caution(outcome), None);
    }
    let rows = |ok| Rows { source: Count::default(), target: Count { ok, failed: 0 } };
    let part = |ok, parts| Subtask {
        name: "step".to_owned(),
        kind: "MTT".to_owned(),
        run_id: None,
        log_item: None,
        outcome: None,
        activity: None,
        error: None,
        rows: rows(ok),
        started_at: None,
        ended_at: None,
        parts,
    };
    assert_eq!(written(rows(3), &[part(1, Vec::new()), part(0, vec![part(4, Vec::new())])]), 5);
    assert_eq!(written(rows(7), &[part(1, Vec::new())]), 7);
}

#[test]
fn of_several_starts_one_that_was_accepted_makes_a_rerun_unsafe_without_a_key() {
    let run = || "MTT/01ABCD0Z00000000001S/18".parse::<Run>().unwrap();
    let failed = || ended_as(Outcome::Failed, 0);
    let good = || ended_as(Outcome::Succeeded, 0);
    let refused = || RunReport::none(Task::default(), "no".to_owned(), Exit::NotRun);
    let unknown = || RunReport::none(Task::default(), "no answer".to_owned(), Exit::Unknown);
    let accepted = || RunReport::accepted(run(), Task::default());
    for (runs, alone, keyed) in [
        (vec![failed()], true, true),
        (vec![good()], false, true),
        (vec![accepted()], false, true),
        (vec![failed(), failed()], false, true),
        (vec![failed(), refused()], false, true),
        (vec![refused(), refused()], true, true),
        (vec![refused(), unknown()], false, false),
        (vec![], true, true),
    ] {
        let several = RunsReport { runs, outcomes: true, details: false, exit: None };
        let mut report = StartReport { runs: several, once: false, plan: None };
        assert_eq!(report.rerun_safe(), alone, "{report:?}");
        report.once = true;
        assert_eq!(report.rerun_safe(), keyed, "{report:?}");
    }
    let lost = RunReport { run: Some(run()), ..RunReport::none(Task::default(), "gone".to_owned(), Exit::NotFound) };
    assert!(!lost.rerun_safe());
}

#[test]
fn an_error_code_is_only_what_a_text_begins_with() {
    for (text, code) in [
        ("TE_7002 Transformation Parse Fatal Error", Some("TE_7002")),
        ("WRT_8229: Database errors", Some("WRT_8229")),
        ("FR_3000", Some("FR_3000")),
        ("error TE_7002", None),
        ("te_7002 x", None),
        ("T_1 x", None),
        ("TE_ x", None),
        ("TE_70a x", None),
        ("no such table", None),
        ("", None),
    ] {
        assert_eq!(error_code(text), code, "{text}");
    }
}
