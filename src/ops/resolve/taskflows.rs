//! Taskflows by name and place: which API name starts one, and which of the listed runs are its own. Leaves starting,
//! stopping and waiting to others.
//!
//! No resource tells the API name of a taskflow, and none lists runs by API name. What is known: publishing gives a
//! taskflow its own name as API name if that is free, else the name with `-1`, `-2` and so on behind it; runs are listed
//! by folder and name, with what `--run-name` gave behind a dash.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use tokio::select;

use crate::api::retry::RetryPolicy;
use crate::api::taskflow::FlowRun;
use crate::job::{Run, RunStatus, Task, TaskSelector, TaskType};
use crate::ops::Ctx;
use crate::ops::resolve::{self, Target};
use crate::ops::watch::WatchedRun;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::signals::Signal;

/// What an API name is, and what it takes to have one.
pub(crate) const API_NAME: &str = "name it by its API name, the last part of the service URL that Properties Detail shows; \
     it has one once it is published with allowed users or groups: runajob start --name API_NAME -t TASKFLOW";

/// How far back the last run is looked for: a day, which is what the service looks back by itself, then more.
const SPANS: [SignedDuration; 2] = [SignedDuration::from_hours(24), SignedDuration::from_hours(7 * 24)];

/// The places of runs that have just begun are asked for no longer than this, so many at once.
const CHECK: Duration = Duration::from_secs(5);
const CHECKS: usize = 8;

/// Gives a taskflow that was named by its place the API name that starts it, if it is certain that this name starts no
/// other taskflow.
pub(crate) async fn startable(ctx: &Ctx<'_>, target: Target) -> Result<Target, Failure> {
    if target.kind != TaskType::Taskflow || matches!(target.selector, TaskSelector::Name(_)) {
        return Ok(target);
    }
    let uncertain = |why: String| {
        Failure::of(Exit::NotFound, why)
            .context(format!("it is not certain by which API name {} is started", target.task.label()))
            .hint(API_NAME)
    };
    let Some(name) = target.task.path.as_deref().map(name_of) else {
        return Err(uncertain("the look-up does not tell its name".to_owned()));
    };
    let objects = ctx.client.objects_of(TaskType::Taskflow).await?;
    let can_have_it = |other: &str| {
        other.eq_ignore_ascii_case(name) || first_of(name).is_some_and(|first| other.eq_ignore_ascii_case(first))
    };
    let same = objects.iter().filter(|object| object.path.as_deref().is_some_and(|path| can_have_it(name_of(path))));
    let (ours, others): (Vec<_>, Vec<_>) = same.partition(|object| object.id == target.task.federated_id);
    let others: Vec<&str> = others.iter().filter_map(|object| object.path.as_deref()).collect();
    match ours[..] {
        _ if !others.is_empty() => Err(uncertain(format!("there is also {}", others.join(", ")))),
        [ours] if ours.is_published() != Some(true) => Err(uncertain("it is not published".to_owned())),
        [_] if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) => {
            Err(uncertain("its name has characters that an API name cannot have".to_owned()))
        }
        [_] => Ok(Target { selector: TaskSelector::Name(name.to_owned()), ..target }),
        _ => Err(uncertain("the list of taskflows does not have it".to_owned())),
    }
}

/// Warns of runs that have begun and are not of the taskflow at the path that was named: an API name can be given to a
/// taskflow by hand. Gives the signal that ended the asking.
pub(crate) async fn check_places(ctx: &Ctx<'_>, begun: &[WatchedRun]) -> Option<Signal> {
    let checks = begun.iter().map(async |watched| check_place(ctx, watched).await);
    select! {
        biased;
        () = stream::iter(checks).buffer_unordered(CHECKS).collect() => None,
        signal = ctx.signals.next() => Some(signal),
        () = ctx.clock.sleep(CHECK) => None,
    }
}

async fn check_place(ctx: &Ctx<'_>, WatchedRun { run, task, .. }: &WatchedRun) {
    let (Run::Taskflow { run_id }, Some(path)) = (run, &task.path) else { return };
    // It has begun, so that not knowing its place is no failure.
    let Ok(Some(run)) = ctx.client.taskflow_run(run_id, RetryPolicy::Never).await else { return };
    let Some(location) = run.location.filter(|location| !same_folder(location, folder_of(path))) else { return };
    ctx.console.warn(&format!("asked for '{path}', the service started '{}' in {location}: {}", run.name, run.run));
}

/// The taskflow whose runs are asked for, among all that there are.
struct Known {
    /// Folder and name of every taskflow.
    all: Vec<(String, String)>,
    ours: (String, String),
}

impl Known {
    async fn new(ctx: &Ctx<'_>, target: &Target) -> Result<Self, Failure> {
        let objects = ctx.client.objects_of(TaskType::Taskflow).await?;
        let paths: Vec<String> = objects.into_iter().filter_map(|object| object.path).collect();
        let split = |path: &str| (folder_of(path).to_owned(), name_of(path).to_owned());
        let all = paths.iter().map(|path| split(path)).collect();
        let ours = match (&target.task.path, &target.selector) {
            (Some(path), _) => split(path),
            (None, TaskSelector::Name(name)) => {
                let mut same = paths.iter().filter(|path| name_of(path) == name);
                match (same.next(), same.next()) {
                    (Some(one), None) => split(one),
                    (None, _) => return Err(nameless(name)),
                    (Some(one), Some(other)) => return Err(several(name, [one, other].into_iter().chain(same))),
                }
            }
            (None, selector) => {
                let what = format!("the look-up does not tell where the taskflow with the {selector} is");
                return Err(Failure::of(Exit::NotFound, what).hint("name it by --path, or its run by the handle"));
            }
        };
        Ok(Self { all, ours })
    }

    /// Whether a run is one of the taskflow: of those in its folder, the one with the longest name that fits.
    fn owns(&self, run: &FlowRun) -> bool {
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

fn nameless(name: &str) -> Failure {
    Failure::of(Exit::NotFound, "runs are listed by the names of taskflows, and an API name can be another")
        .context(format!("no taskflow is called '{name}'"))
        .hint("name it by --path, or its run by the handle; `runajob status -t TASKFLOW` shows what runs")
}

fn several<'p>(name: &str, paths: impl Iterator<Item = &'p String>) -> Failure {
    let tasks: Vec<Task> = paths
        .map(|path| Task { path: Some(path.clone()), kind: Some(TaskType::Taskflow), ..Task::default() })
        .collect();
    resolve::several(&format!("name '{name}'"), &tasks)
}

/// The runs of a taskflow that are under way or suspended.
pub(crate) async fn under_way(ctx: &Ctx<'_>, target: &Target) -> Result<Vec<FlowRun>, Failure> {
    let known = Known::new(ctx, target).await?;
    active(ctx, RetryPolicy::Idempotent, |run| known.owns(run)).await
}

/// All runs under way or suspended that pass.
pub(crate) async fn active(
    ctx: &Ctx<'_>,
    retry: RetryPolicy,
    keep: impl Fn(&FlowRun) -> bool,
) -> Result<Vec<FlowRun>, Failure> {
    let [_, span] = SPANS;
    let mut runs = ctx.client.taskflow_runs(span, Some("Running"), retry, &keep).await?;
    for run in ctx.client.taskflow_runs(span, Some("Suspended"), retry, &keep).await? {
        // It may have been suspended between the two requests.
        if !runs.iter().any(|known| known.run == run.run) {
            runs.push(run);
        }
    }
    runs.retain(|run| matches!(run.status, RunStatus::Active(_)));
    Ok(runs)
}

/// The run of a taskflow that began last, as far as a week back.
pub(crate) async fn last(ctx: &Ctx<'_>, target: &Target) -> Result<Option<FlowRun>, Failure> {
    let known = Known::new(ctx, target).await?;
    for span in SPANS {
        let runs = ctx.client.taskflow_runs(span, None, RetryPolicy::Idempotent, |run| known.owns(run)).await?;
        if let Some(last) = runs.into_iter().max_by_key(began) {
            return Ok(Some(last));
        }
    }
    Ok(None)
}

fn began(run: &FlowRun) -> Option<jiff::Timestamp> {
    match &run.status {
        RunStatus::Active(progress) => progress.started_at,
        RunStatus::Ended(result) => result.started_at,
        RunStatus::NotListed | RunStatus::Unavailable(_) => None,
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The name that publishing can have made this one of, because it was not free: `load` of `load-1`.
fn first_of(name: &str) -> Option<&str> {
    let (first, number) = name.rsplit_once('-')?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(first)
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether two texts name one folder, which some places show behind `Explore/`.
fn same_folder(one: &str, other: &str) -> bool {
    bare(one).eq_ignore_ascii_case(bare(other))
}

fn bare(folder: &str) -> &str {
    let folder = folder.trim_matches('/');
    folder.strip_prefix("Explore/").unwrap_or(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Run;

    fn known(all: &[(&str, &str)], ours: (&str, &str)) -> Known {
        let own = |(folder, name): &(&str, &str)| ((*folder).to_owned(), (*name).to_owned());
        Known { all: all.iter().map(own).collect(), ours: own(&ours) }
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
        let load = known(&all, ("Sales", "load"));
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
        let full = known(&all, ("Sales", "load-full"));
        assert!(full.owns(&run("load-full", None)), "only one can be meant");
    }
}
