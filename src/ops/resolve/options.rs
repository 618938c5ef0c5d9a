//! What a start is given along for its kind of task: the inputs of taskflows, and which options fit which kind. Asks the
//! service nothing.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::api::taskflow::FlowOptions;
use crate::cli::{AtEnd, OnSuspended, Start};
use crate::job::{Engine, Run, TaskQuery, TaskSelector, TaskType};
use crate::ops::resolve::selectors::{Selection, usage};
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::reading;

/// Longer inputs are a mistake, in MiB.
const FILE_LIMIT: u64 = 1;

/// The inputs and the name for the run of a taskflow.
pub(crate) fn flow_options(start: &Start) -> Result<FlowOptions, Failure> {
    let mut inputs = start.inputs_file.as_deref().map_or_else(|| Ok(Map::new()), from_file)?;
    for (index, (key, value)) in start.input.iter().enumerate() {
        if start.input[..index].iter().any(|(other, _)| other == key) {
            return Err(usage(format!("--input {key} is given twice")));
        }
        inputs.insert(key.clone(), Value::String(value.clone()));
    }
    Ok(FlowOptions { inputs, run_name: start.run_name.clone() })
}

fn from_file(file: &Path) -> Result<Map<String, Value>, Failure> {
    let unusable = |why: String| {
        Failure::of(Exit::Config, why)
            .context(format!("the inputs in {} cannot be used", file.display()))
            .hint(r#"--inputs-file takes a JSON object of input fields, such as {"region": "EMEA", "limit": 100}"#)
    };
    let text = reading::file(file, FILE_LIMIT).map_err(unusable)?;
    let text = text.trim_start_matches('\u{feff}');
    let inputs: Value = serde_json::from_str(text).map_err(|error| unusable(error.to_string()))?;
    let Value::Object(inputs) = inputs else { return Err(unusable("it is no JSON object".to_owned())) };
    // Of a field that stands there twice the reader above has kept one.
    serde_json::from_str::<EachOnce>(text).map_err(|error| unusable(error.to_string()))?;
    match inputs.iter().find(|(_, value)| loses_digits(value)) {
        Some((key, _)) => Err(unusable(format!("{key} has a number with more digits than are kept; make it a text"))),
        None => Ok(inputs),
    }
}

/// A JSON object in which no field stands twice.
struct EachOnce;

impl<'de> Deserialize<'de> for EachOnce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = EachOnce;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<EachOnce, A::Error> {
                let mut seen = HashSet::new();
                while let Some((key, IgnoredAny)) = fields.next_entry::<String, _>()? {
                    if !seen.insert(key.clone()) {
                        return Err(A::Error::custom(format!("{key} stands there twice")));
                    }
                }
                Ok(EachOnce)
            }
        }
        deserializer.deserialize_map(Keys)
    }
}

/// Whether a whole number in the value was too long to be read exactly.
fn loses_digits(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            number.is_f64() && number.as_f64().is_some_and(|number| number.abs() >= 2_f64.powi(63))
        }
        Value::Array(values) => values.iter().any(loses_digits),
        Value::Object(members) => members.values().any(loses_digits),
        _ => false,
    }
}

/// Refuses options and ways of naming that do not fit the kind of a task. The kind may be known at once, or only when
/// the task was found; in either case nothing has been started.
pub(crate) fn fits(start: &Start, selector: &TaskSelector, kind: TaskType) -> Result<(), Failure> {
    let stops = |at_end: Option<AtEnd>| at_end.is_some_and(|at_end| at_end != AtEnd::Leave);
    let cleanly = |at_end: Option<AtEnd>| at_end == Some(AtEnd::CleanStop);
    let flows = |option, given| (option, given, kind == TaskType::Taskflow, "it is for taskflows");
    let jobs = |option, given| (option, given, kind.engine() == Engine::Jobs, "it is for tasks of the job resource");
    let stoppable =
        |option, given| (option, given, kind.engine() != Engine::Ingestion, "nothing is known that stops its jobs");
    let clean = |option, given| (option, given, kind.engine().has_clean_stop(), "it can only be terminated: stop");
    let options = [
        flows("--input", !start.input.is_empty()),
        flows("--inputs-file", start.inputs_file.is_some()),
        flows("--run-name", start.run_name.is_some()),
        flows("--on-suspended", start.on_suspended.is_some()),
        jobs("--allow-concurrent", start.allow_concurrent),
        jobs("--agent-param-file", start.agent_param_file.is_some()),
        jobs("--agent-param-dir", start.agent_param_dir.is_some()),
        jobs("--callback-url", start.callback_url.is_some()),
        stoppable("--on-timeout", stops(start.on_timeout)),
        stoppable("--on-signal", stops(start.on_signal)),
        clean("--on-timeout clean-stop", cleanly(start.on_timeout)),
        clean("--on-signal clean-stop", cleanly(start.on_signal)),
    ];
    if let Some((option, .., why)) = options.iter().find(|(_, given, fits, _)| *given && !fits) {
        return Err(usage(format!("{option} does not fit a {kind}: {why}")));
    }
    named(selector, kind)
}

/// Refuses a way of naming that the kind of the task does not have.
pub(crate) fn named(selector: &TaskSelector, kind: TaskType) -> Result<(), Failure> {
    match (kind, selector) {
        (TaskType::Taskflow, TaskSelector::Id(_)) => {
            Err(usage("a taskflow has no v2 ID").hint("name it by its API name: --name API_NAME -t TASKFLOW"))
        }
        (TaskType::Taskflow, TaskSelector::Name(name)) if name.contains('/') || matches!(name.as_str(), "." | "..") => {
            Err(usage(format!("'{name}' is no API name")).hint("a path is given with --path"))
        }
        (TaskType::FileIngestion, TaskSelector::Id(id) | TaskSelector::FederatedId(id)) if !is_federated_id(id) => {
            Err(usage(format!("'{id}' is not the ID of a file ingestion task, which has 22 letters and digits")))
        }
        _ => Ok(()),
    }
}

fn is_federated_id(text: &str) -> bool {
    text.len() == 22 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// What `wait` does with suspended taskflows. The option makes no sense where there can be none.
pub(crate) fn on_suspended(given: Option<OnSuspended>, wanted: &[Selection]) -> Result<OnSuspended, Failure> {
    let none = wanted.iter().all(|wanted| match wanted {
        Selection::Run(run) => !matches!(run, Run::Taskflow { .. }),
        Selection::Task(TaskQuery { kind, .. }) => kind.is_some_and(|kind| kind != TaskType::Taskflow),
    });
    if given.is_some() && none && !wanted.is_empty() {
        return Err(usage("--on-suspended is for taskflows, and none is named"));
    }
    Ok(given.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn start() -> Start {
        Start::default()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_input_is_a_text_and_wins_over_the_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, "\u{feff}{\"limit\": 100, \"full\": true, \"region\": null}").unwrap();
        let start = Start {
            input: pairs(&[("region", "EMEA"), ("day", "1"), ("empty", "")]),
            inputs_file: Some(file.path().to_owned()),
            ..start()
        };
        let options = flow_options(&start).unwrap();
        let expected = json!({"limit": 100, "full": true, "region": "EMEA", "day": "1", "empty": ""});
        assert_eq!(Value::Object(options.inputs), expected);
        assert_eq!(flow_options(&Start::default()).unwrap(), FlowOptions::default());
    }

    #[test]
    fn a_repeated_input_and_an_unusable_file_are_refused() {
        let twice = Start { input: pairs(&[("a", "1"), ("b", "2"), ("a", "1")]), ..start() };
        let failure = flow_options(&twice).unwrap_err();
        assert_eq!((failure.exit, failure.what()), (Exit::Usage, "--input a is given twice".to_owned()));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("inputs");
        let long = format!("{{\"a\": \"{}\"}}", "x".repeat(1024 * 1024));
        for (content, why) in [
            ("", "EOF"),
            ("[1]", "no JSON object"),
            ("{\"a\": 1", "EOF"),
            ("{\"a\": 1, \"b\": 2, \"a\": 3}", "a stands there twice"),
            ("{\"a\": {\"b\": [123456789012345678901234567890]}}", "more digits"),
            (&long, "longer than 1 MiB"),
        ] {
            std::fs::write(&file, content).unwrap();
            let failure = flow_options(&Start { inputs_file: Some(file.clone()), ..start() }).unwrap_err();
            assert_eq!(failure.exit, Exit::Config);
            assert!(failure.why().unwrap().contains(why), "{content:.40}: {failure:?}");
        }
        std::fs::write(&file, [0xff, 0xfe]).unwrap();
        for file in [file, folder.path().to_owned(), folder.path().join("none")] {
            assert_eq!(flow_options(&Start { inputs_file: Some(file), ..start() }).unwrap_err().exit, Exit::Config);
        }
    }

    #[test]
    fn options_fit_their_kinds_only() {
        let name = TaskSelector::Name("load".into());
        let refused = |start: &Start, kind| fits(start, &name, kind).err().map(|failure| failure.what());
        let input = Start { input: pairs(&[("a", "1")]), ..start() };
        assert_eq!(refused(&input, TaskType::Taskflow), None);
        assert_eq!(refused(&input, TaskType::Mtt).as_deref(), Some("--input does not fit a MTT: it is for taskflows"));
        let beside = Start { allow_concurrent: true, ..start() };
        assert_eq!(refused(&beside, TaskType::Mtt), None);
        assert_eq!(
            refused(&beside, TaskType::Taskflow).as_deref(),
            Some("--allow-concurrent does not fit a TASKFLOW: it is for tasks of the job resource")
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
            assert_eq!(named(&selector, kind).is_ok(), good, "{kind} {selector}");
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
}
