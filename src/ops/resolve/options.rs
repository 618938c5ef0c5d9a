//! Which options and selectors fit which type of task.

use crate::cli::{AtEnd, OnSuspended, Start};
use crate::job::{Engine, Run, TaskQuery, TaskSelector, TaskType};
use crate::ops::resolve::words::{Selection, usage};
use crate::support::failure::Failure;

/// Refuses options and selectors that do not fit the type of a task. The type may be known at once, or only when the task
/// was found; in either case nothing has been started.
pub(crate) fn check_options(start: &Start, selector: &TaskSelector, kind: TaskType) -> Result<(), Failure> {
    let stops = |at_end: Option<AtEnd>| at_end.is_some_and(|at_end| at_end != AtEnd::Leave);
    let cleanly = |at_end: Option<AtEnd>| at_end == Some(AtEnd::CleanStop);
    let flows = |option, given| (option, given, kind == TaskType::Taskflow, "only taskflows have it");
    let jobs = |option, given| (option, given, kind.engine() == Engine::Jobs, "only jobs have it");
    let stoppable = |option, given| (option, given, kind != TaskType::FileIngestion, "its jobs cannot be stopped");
    let clean = |option, given| (option, given, kind.engine().has_clean_stop(), "only jobs have a clean stop");
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
        return Err(usage(format!("{option} cannot be used with the type {kind}: {why}")));
    }
    check_selector(selector, kind)
}

/// Refuses a selector that the type of the task does not have.
pub(crate) fn check_selector(selector: &TaskSelector, kind: TaskType) -> Result<(), Failure> {
    match (kind, selector) {
        (TaskType::Taskflow, TaskSelector::Id(_)) => {
            Err(usage("a taskflow has no v2 ID").hint("use its API name: --name API_NAME -t TASKFLOW"))
        }
        (TaskType::Taskflow, TaskSelector::Name(name)) if name.contains('/') || matches!(name.as_str(), "." | "..") => {
            Err(usage(format!("'{name}' is not an API name")).hint("if it is a path, give it with --path"))
        }
        (TaskType::FileIngestion, TaskSelector::Id(id) | TaskSelector::FederatedId(id)) if !is_federated_id(id) => {
            Err(usage(format!("'{id}' is not the ID of a file ingestion task: that has 22 letters and digits")))
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
mod tests;
