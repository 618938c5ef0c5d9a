//! Which combinations are accepted.

use crate::ops::resolve::options::*;

fn start() -> Start {
    Start::default()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn options_fit_their_kinds_only() {
    let name = TaskSelector::Name("load".into());
    let refused = |start: &Start, kind| check_options(start, &name, kind).err().map(|failure| failure.what());
    let input = Start { input: pairs(&[("a", "1")]), ..start() };
    assert_eq!(refused(&input, TaskType::Taskflow), None);
    assert_eq!(
        refused(&input, TaskType::Mtt).as_deref(),
        Some("--input cannot be used with the type MTT: only taskflows have it")
    );
    let beside = Start { allow_concurrent: true, ..start() };
    assert_eq!(refused(&beside, TaskType::Mtt), None);
    assert_eq!(
        refused(&beside, TaskType::Taskflow).as_deref(),
        Some("--allow-concurrent cannot be used with the type TASKFLOW: only jobs have it")
    );
    for start in [
        Start { run_name: Some("x".into()), ..start() },
        Start { inputs_file: Some("x".into()), ..start() },
        Start { on_suspended: Some(OnSuspended::Wait), ..start() },
        Start { callback_url: Some("https://example.com".into()), ..start() },
        Start { on_timeout: Some(AtEnd::Stop), ..start() },
        Start { on_signal: Some(AtEnd::CleanStop), ..start() },
    ] {
        assert!(refused(&start, TaskType::FileIngestion).is_some(), "{start:?}");
    }
}

#[test]
fn each_kind_has_its_own_ways_of_naming() {
    let id = || "7kQmWz0RbVn3XcLpTyHd1s".to_owned();
    for (kind, selector, good) in [
        (TaskType::Taskflow, TaskSelector::Name("load-1".into()), true),
        (TaskType::Taskflow, TaskSelector::Name("a/b".into()), false),
        (TaskType::Taskflow, TaskSelector::Id(id()), false),
        (TaskType::Taskflow, TaskSelector::FederatedId(id()), true),
        (TaskType::FileIngestion, TaskSelector::Id(id()), true),
        (TaskType::FileIngestion, TaskSelector::FederatedId(id()), true),
        (TaskType::FileIngestion, TaskSelector::Id("01ABCD0Z00000000001S".into()), false),
        (TaskType::FileIngestion, TaskSelector::Name("files".into()), true),
        (TaskType::Mtt, TaskSelector::Id("x".into()), true),
    ] {
        assert_eq!(check_selector(&selector, kind).is_ok(), good, "{kind} {selector}");
    }
}

#[test]
fn on_suspended_needs_something_that_can_be_suspended() {
    let run = |handle: &str| Selection::Run(handle.parse().unwrap());
    let job = run("MTT/01ABCD0Z00000000001S/18");
    let flow = run("TASKFLOW/778812345678901234");
    let unknown = Selection::Task(TaskQuery { selector: TaskSelector::Name("x".into()), kind: None });
    assert!(on_suspended(Some(OnSuspended::Wait), std::slice::from_ref(&job)).is_err());
    assert!(on_suspended(Some(OnSuspended::Wait), &[job.clone(), flow]).is_ok());
    assert!(on_suspended(Some(OnSuspended::Wait), &[unknown]).is_ok());
    assert!(matches!(on_suspended(None, &[job]), Ok(OnSuspended::Fail)));
}
