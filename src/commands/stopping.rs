//! What a stop hits, and sending it until it is known to have arrived. The service stops by task, not by run: so a stop that
//! is meant for a run is sent only when no other run of its task would be hit. Leaves waiting for the end to others.

use std::time::Duration;

use jiff::Timestamp;

use super::naming::Wanted;
use super::resolve::{self, Target};
use super::{Ctx, kinds, not_processed};
use crate::api::Error;
use crate::api::jobs::Instance;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::job::{Activity, Ending, JobRun, Naming, Outcome, Run, Sighting, Task, TaskRef, TaskType};

/// A stop whose answer is lost is sent so often, each time after a look whether the one before has arrived.
const TRIES: u32 = 3;
/// The looks after a lost answer.
const LOOKS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// What to stop, and the runs that this ends.
pub(super) struct Aim {
    pub target: Target,
    pub runs: Vec<Run>,
    /// Whether other runs of the task may be hit too.
    all: bool,
}

impl Aim {
    /// What messages call it: the task where it is known, else its runs.
    fn label(&self) -> String {
        let task = &self.target.task;
        task.path.as_ref().or(task.name.as_ref()).cloned().unwrap_or_else(|| Run::list(&self.runs).join(", "))
    }
}

/// What aiming came to.
pub(super) enum Aimed {
    At(Aim),
    /// There is nothing to stop: this run is over.
    Over(Task, Run, Box<Ending>),
}

/// Refuses at once what can never be stopped so.
pub(super) fn can_be_meant(wanted: &Wanted, clean: bool) -> Result<(), Failure> {
    let (kind, label) = match wanted {
        Wanted::Run(run) => (Some(run.kind()), run.to_string()),
        Wanted::Task(task) => (task.kind, format!("the task with the {}", task.naming)),
    };
    match kind {
        Some(kind) => can_be_stopped(kind, &label, clean),
        None => Ok(()),
    }
}

fn can_be_stopped(kind: TaskType, label: &str, clean: bool) -> Result<(), Failure> {
    match kind {
        TaskType::FileIngestion => Err(kinds::unstoppable(label)),
        TaskType::Taskflow if clean => Err(kinds::no_clean_stop(label)),
        _ => Ok(()),
    }
}

/// Aims at one run, and at all of its task with `all`. The run of a taskflow is stopped by its own ID and never hits
/// another.
pub(super) async fn at_run(ctx: &Ctx<'_>, run: &Run, all: bool, clean: bool) -> Result<Aimed, Failure> {
    can_be_stopped(run.kind(), &run.to_string(), clean)?;
    if let Some(ending) = kinds::ending(ctx, run).await? {
        ctx.console.note(&format!("{run} is over already"));
        return Ok(Aimed::Over(Task::default(), run.clone(), Box::new(ending)));
    }
    let Run::Job(run) = run else {
        let task = Task { kind: Some(run.kind()), ..Task::default() };
        let target = Target { naming: Naming::Name(run.to_string()), kind: run.kind(), task };
        return Ok(Aimed::At(Aim { target, runs: vec![run.clone()], all }));
    };
    let task = Task { id: Some(run.task_id.clone()), kind: Some(run.kind), ..Task::default() };
    let target = Target { naming: Naming::Id(run.task_id.clone()), kind: run.kind, task };
    let instances = ctx.service.instances(&run.task_id).await?;
    if let Some(Instance { inside: Some(whole), .. }) = instances.iter().find(|one| one.run == *run) {
        return Err(part_of(run, whole));
    }
    let others = instances.into_iter().map(|one| one.run).filter(|other| other != run);
    let mut runs: Vec<Run> = others.map(Run::from).collect();
    if !runs.is_empty() && !all {
        let why =
            format!("the service stops a task, not a run, and this task also runs as {}", Run::list(&runs).join(", "));
        return Err(hits_others(why, format!("{run} was not stopped")));
    }
    // The monitor may not show it yet.
    runs.push(run.clone().into());
    Ok(Aimed::At(Aim { target, runs, all }))
}

/// Aims at the run of a task that is under way, at all of them with `all`.
pub(super) async fn at_task(ctx: &Ctx<'_>, wanted: &TaskRef, all: bool, clean: bool) -> Result<Aimed, Failure> {
    let target = resolve::target(ctx, wanted, false).await?;
    let label = target.task.label().to_owned();
    can_be_stopped(target.kind, &label, clean)?;
    let runs: Vec<Run> = if target.kind.is_job() {
        let id = resolve::v2_id(ctx, &target).await?;
        let instances = ctx.service.instances(&id).await?;
        if let [Instance { run, inside: Some(whole), .. }] = &instances[..] {
            return Err(part_of(run, whole));
        }
        instances.into_iter().map(|one| one.run.into()).collect()
    } else {
        kinds::under_way(ctx, &target).await?.into_iter().map(|(run, _)| run).collect()
    };
    if runs.len() > 1 && !all {
        let why = format!("it runs {} times: {}", runs.len(), Run::list(&runs).join(", "));
        return Err(hits_others(why, format!("{label} was not stopped")));
    }
    if !runs.is_empty() {
        return Ok(Aimed::At(Aim { target, runs, all }));
    }
    match kinds::last_ended(ctx, &target).await? {
        Some((last, ending)) => {
            ctx.console.note(&format!("{label} does not run; its last run is {last}"));
            Ok(Aimed::Over(target.task, last, Box::new(ending)))
        }
        None => Err(Failure::of(Exit::NotFound, format!("no run of {label} is under way"))
            .fix("`runajob status` shows what runs")),
    }
}

/// The refusal of a stop that would hit runs that are not meant.
fn hits_others(why: String, not_done: String) -> Failure {
    Failure::of(Exit::NotRun, why).context(not_done).fix("add --all to stop them all")
}

fn part_of(run: &JobRun, whole: &JobRun) -> Failure {
    Failure::of(Exit::NotRun, format!("it is a part of the linear taskflow's run {whole}"))
        .context(format!("{run} was not stopped"))
        .fix(format!("stop the whole: runajob stop {whole}"))
}

/// Sends the stop, and again while it is not known to have arrived. `sent` hears that one has left. Gives when the one was
/// sent, by the service's clock, that is known to have been taken; none when the runs ended without that being known.
pub(super) async fn send(ctx: &Ctx<'_>, aim: &Aim, clean: bool, sent: impl Fn()) -> Result<Option<Timestamp>, Failure> {
    let mut lost = None;
    for _ in 0..TRIES {
        sent();
        let error = match stop(ctx, aim, clean).await {
            Ok(()) => return Ok(ctx.service.date_at(ctx.service.sent())),
            Err(error) if error.may_have_been_processed() => error,
            // A 403 may say that the job was down already; of a taskflow it is not known how that is said.
            Err(Error::Refused { status, .. })
                if (status == 403 || aim.target.kind == TaskType::Taskflow) && are_over(ctx, aim).await? =>
            {
                return Ok(None);
            }
            Err(error) => return Err(not_processed(error, format!("{} was not stopped", aim.label()))),
        };
        ctx.console.note(&format!("{error}; looking whether the stop has arrived"));
        for pause in LOOKS {
            ctx.clock.sleep(pause).await;
            match standing(ctx, aim).await {
                Standing::Up => {}
                Standing::GoingDown => return Ok(ctx.service.date_at(ctx.service.sent())),
                Standing::Over => return Ok(None),
            }
        }
        lost = Some(error);
        others_may_be_hit(ctx, aim).await?;
    }
    let why = lost.map(|error| error.to_string()).unwrap_or_default();
    Err(Failure::of(Exit::Running, why)
        .context(format!("it is unknown whether the stop of {} has arrived", aim.label()))
        .fix(format!("look, then stop again: runajob status {}", Run::list(&aim.runs).join(" "))))
}

/// Sends one stop: by task, but a taskflow's by run.
async fn stop(ctx: &Ctx<'_>, aim: &Aim, clean: bool) -> Result<(), Error> {
    if aim.target.kind != TaskType::Taskflow {
        return ctx.service.stop(&aim.target.naming, aim.target.kind, clean).await;
    }
    let run_id = |run: &Run| if let Run::Taskflow { run_id } = run { Some(run_id.clone()) } else { None };
    ctx.service.terminate_taskflows(&aim.runs.iter().filter_map(run_id).collect::<Vec<_>>()).await
}

async fn are_over(ctx: &Ctx<'_>, aim: &Aim) -> Result<bool, Error> {
    for run in &aim.runs {
        if kinds::ending(ctx, run).await?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How the runs stand after a stop whose answer was lost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Up,
    GoingDown,
    Over,
}

/// The least that holds for all of them; up, as long as they cannot be seen.
async fn standing(ctx: &Ctx<'_>, aim: &Aim) -> Standing {
    let of = |sighting: &Sighting| match sighting {
        Sighting::Over(ending) if ending.outcome != Outcome::Suspended => Standing::Over,
        Sighting::Active(progress) if progress.activity == Activity::Stopping => Standing::GoingDown,
        Sighting::Over(_) | Sighting::Active(_) | Sighting::Unseen | Sighting::Missed(_) => Standing::Up,
    };
    let seen = ctx.service.look(&aim.runs, true).await;
    seen.ok().and_then(|sightings| sightings.iter().map(of).min()).unwrap_or(Standing::Up)
}

/// Before a stop is repeated: a run that has begun meanwhile was not meant.
async fn others_may_be_hit(ctx: &Ctx<'_>, aim: &Aim) -> Result<(), Failure> {
    let Some(Run::Job(JobRun { task_id, .. })) = aim.runs.first().filter(|_| !aim.all) else { return Ok(()) };
    let others = ctx.service.instances(task_id).await?.into_iter().map(|one| Run::from(one.run));
    let others: Vec<Run> = others.filter(|run| !aim.runs.contains(run)).collect();
    if others.is_empty() {
        return Ok(());
    }
    let why = format!("meanwhile it also runs as {}", Run::list(&others).join(", "));
    Err(hits_others(why, format!("the stop of {} was lost, and was not repeated", aim.label())))
}
