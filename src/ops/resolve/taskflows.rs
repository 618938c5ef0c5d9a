//! Which of the listed runs are those of a taskflow. No resource lists runs by API name: they are listed by folder and
//! name, with what `--run-name` gave behind a dash.

use jiff::SignedDuration;

use crate::api;
use crate::api::retry::RetryPolicy;
use crate::api::taskflow::FlowRun;
use crate::job::path::{bare, folder_of, name_of};
use crate::job::{RunStatus, Task, TaskSelector, TaskType};
use crate::ops::ctx::Ctx;
use crate::ops::resolve::not_found::several;
use crate::ops::resolve::target::Target;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// How far back the last run is searched for: a day, which is the service's own default, then more.
const SPANS: [SignedDuration; 2] = [SignedDuration::from_hours(24), SignedDuration::from_hours(7 * 24)];

/// A taskflow among all the others, which decides whose runs are whose.
pub(crate) struct TaskflowIndex {
    /// Folder and name of every taskflow.
    all: Vec<(String, String)>,
    ours: (String, String),
}

impl TaskflowIndex {
    pub(crate) async fn new(ctx: &Ctx<'_>, target: &Target) -> Result<Self, Failure> {
        let objects = api::lookup::objects_of(ctx.client, TaskType::Taskflow).await?;
        let paths: Vec<String> = objects.into_iter().filter_map(|object| object.path).collect();
        let split = |path: &str| (folder_of(path).to_owned(), name_of(path).to_owned());
        let all = paths.iter().map(|path| split(path)).collect();
        let ours = match (&target.task.path, &target.selector) {
            (Some(path), _) => split(path),
            (None, TaskSelector::Name(name)) => {
                let mut same = paths.iter().filter(|path| name_of(path) == name);
                match (same.next(), same.next()) {
                    (Some(one), None) => split(one),
                    (None, _) => return Err(no_taskflow(ctx, name)),
                    (Some(one), Some(other)) => {
                        let all: Vec<Task> =
                            [one, other].into_iter().chain(same).map(|path| taskflow_at(path)).collect();
                        return Err(several(ctx, &target.selector, &all));
                    }
                }
            }
            (None, selector) => {
                let what = format!("the path of the taskflow with the {selector} is unknown");
                return Err(Failure::of(Exit::NotFound, what).hint("give its path, or the handle of its run"));
            }
        };
        Ok(Self { all, ours })
    }

    /// The active runs of the taskflow, suspended ones too.
    pub(crate) async fn active(&self, ctx: &Ctx<'_>) -> Result<Vec<FlowRun>, Failure> {
        active(ctx, RetryPolicy::Idempotent, |run| self.owns(run)).await
    }

    /// The run of the taskflow that started last, within a week.
    pub(crate) async fn last_run(&self, ctx: &Ctx<'_>) -> Result<Option<FlowRun>, Failure> {
        for span in SPANS {
            let runs =
                api::taskflow::runs(ctx.client, span, None, RetryPolicy::Idempotent, |run| self.owns(run)).await?;
            if let Some(last) = runs.into_iter().max_by_key(started_at) {
                return Ok(Some(last));
            }
        }
        Ok(None)
    }

    /// Whether a run is one of the taskflow: of those in its folder, the one with the longest name that fits.
    pub(crate) fn owns(&self, run: &FlowRun) -> bool {
        let fits = |(folder, name): &&(String, String)| {
            let rest = run.name.strip_prefix(name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
                && run.location.as_deref().is_none_or(|location| same_folder(location, folder))
        };
        let longest = self.all.iter().filter(fits).map(|(_, name)| name.len()).max();
        let mut owners = self.all.iter().filter(fits).filter(|(_, name)| Some(name.len()) == longest);
        matches!((owners.next(), owners.next()), (Some(owner), None) if same_place(owner, &self.ours))
    }
}

fn same_place(one: &(String, String), other: &(String, String)) -> bool {
    same_folder(&one.0, &other.0) && one.1.eq_ignore_ascii_case(&other.1)
}

fn no_taskflow(ctx: &Ctx<'_>, name: &str) -> Failure {
    let active = ctx.settings.command("status -t TASKFLOW");
    Failure::of(
        Exit::NotFound,
        "the service lists runs by the name of the taskflow, which may differ from the API name",
    )
    .context(format!("no taskflow is called '{name}'"))
    .hint(format!("give its path, or the handle of its run; to see the active runs: {active}"))
}

fn taskflow_at(path: &str) -> Task {
    Task { path: Some(path.to_owned()), kind: Some(TaskType::Taskflow), ..Task::default() }
}

/// The active runs of all taskflows that pass `filter`, suspended ones too.
pub(crate) async fn active(
    ctx: &Ctx<'_>,
    retry: RetryPolicy,
    filter: impl Fn(&FlowRun) -> bool,
) -> Result<Vec<FlowRun>, Failure> {
    let [_, span] = SPANS;
    let mut runs = api::taskflow::runs(ctx.client, span, Some("Running"), retry, &filter).await?;
    for run in api::taskflow::runs(ctx.client, span, Some("Suspended"), retry, &filter).await? {
        // It may have been suspended between the two requests.
        if !runs.iter().any(|other| other.run == run.run) {
            runs.push(run);
        }
    }
    runs.retain(|run| matches!(run.status, RunStatus::Active(_)));
    Ok(runs)
}

fn started_at(run: &FlowRun) -> Option<jiff::Timestamp> {
    match &run.status {
        RunStatus::Active(progress) => progress.started_at,
        RunStatus::Ended(result) => result.started_at,
        RunStatus::NotListed | RunStatus::Unavailable(_) => None,
    }
}

/// Whether two texts name one folder, which some places show behind `Explore/`.
pub(crate) fn same_folder(one: &str, other: &str) -> bool {
    bare(one).eq_ignore_ascii_case(bare(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Run;

    fn index(all: &[(&str, &str)], ours: (&str, &str)) -> TaskflowIndex {
        let own = |(folder, name): &(&str, &str)| ((*folder).to_owned(), (*name).to_owned());
        TaskflowIndex { all: all.iter().map(own).collect(), ours: own(&ours) }
    }

    fn run(name: &str, location: Option<&str>) -> FlowRun {
        FlowRun {
            run: Run::Taskflow { run_id: "778812345678901234".to_owned() },
            name: name.to_owned(),
            location: location.map(str::to_owned),
            status: RunStatus::NotListed,
        }
    }

    #[test]
    fn a_run_belongs_to_the_longest_name_in_its_folder() {
        let all = [("Sales", "load"), ("Sales", "load-full"), ("Default", "load")];
        let load = index(&all, ("Sales", "load"));
        for (name, location, owned) in [
            ("load", Some("Sales"), true),
            ("load", Some("/Explore/sales/"), true),
            ("load-tonight", Some("Sales"), true),
            ("load-full", Some("Sales"), false),
            ("load-full-tonight", Some("Sales"), false),
            ("loading", Some("Sales"), false),
            ("load", Some("Default"), false),
            ("load", None, false),
            ("LOAD", Some("Sales"), false),
        ] {
            assert_eq!(load.owns(&run(name, location)), owned, "{name} {location:?}");
        }
        let full = index(&all, ("Sales", "load-full"));
        assert!(full.owns(&run("load-full", None)), "only one can be meant");
    }
}
