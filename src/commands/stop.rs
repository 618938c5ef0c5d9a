//! `stop`: stop runs or tasks, now or cleanly, and with `--wait` prove it. The service stops by task: a run is stopped only
//! when no other run of its task would be hit.

use super::Ctx;
use super::naming::{Wanted, usage, wanted};
use super::resolve::{self, Target};
use super::watching::{Watched, see_to_the_end};
use crate::api::Error;
use crate::api::retry::Repeat;
use crate::cli::Stop;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::job::{JobRun, Naming, Run, Task};
use crate::output::{RunReport, RunsReport, Stage};

/// What to stop, and the runs that this ends.
struct Aim {
    target: Target,
    runs: Vec<JobRun>,
}

/// Runs the command.
pub async fn run(ctx: &Ctx<'_>, stop: &Stop) -> Result<RunsReport, Failure> {
    let wanted = wanted(&stop.what, &stop.tasks, ctx.console)?;
    if wanted.is_empty() && stop.tasks.from_file.is_none() {
        return Err(usage("nothing to stop is named").fix("runajob stop HANDLE; `runajob status` shows what runs"));
    }
    let mut reports = Vec::new();
    let mut watched = Vec::new();
    for wanted in wanted {
        match ctx.before_start(aim(ctx, wanted, stop)).await? {
            Ok(aim) => {
                ctx.console.note(&format!("stopping {}", aim.target.task.label()));
                ctx.before_start(send(ctx, &aim, stop.clean)).await?;
                for run in aim.runs {
                    let (run, task) = (Run::from(run), aim.target.task.clone());
                    reports.push(RunReport {
                        task: task.clone(),
                        run: Some(run.clone()),
                        stage: Stage::Accepted,
                        exit: Exit::Good,
                    });
                    watched.push(Watched { run, task, own: true });
                }
            }
            Err(over) => reports.push(over),
        }
    }
    if !stop.wait {
        return Ok(RunsReport { runs: reports, outcomes: false, details: false, exit: None });
    }
    let mut endings = see_to_the_end(ctx, &watched).await.into_iter();
    let runs: Vec<RunReport> = reports
        .into_iter()
        .map(|report| if matches!(report.stage, Stage::Accepted) { endings.next().unwrap_or(report) } else { report })
        .collect();
    // The command's purpose is that they are over, however they ended.
    let exits = runs.iter().map(|run| if matches!(run.stage, Stage::Over(_)) { Exit::Good } else { run.exit });
    let exit = Some(Exit::worst(exits));
    Ok(RunsReport { runs, outcomes: true, details: false, exit })
}

/// What a stop would hit; or the run itself, when it is over already.
async fn aim(ctx: &Ctx<'_>, wanted: Wanted, stop: &Stop) -> Result<Result<Aim, RunReport>, Failure> {
    let (target, run) = match wanted {
        Wanted::Task(task) => (resolve::target(ctx, &task, false).await?, None),
        Wanted::Run(Run::Job(run)) => {
            if let Some(ending) = ctx.service.ending(&run, Repeat::Passing).await? {
                ctx.console.note(&format!("{run} is over already"));
                let stage = Stage::Over(Box::new(ending));
                return Ok(Err(RunReport { task: Task::default(), run: Some(run.into()), stage, exit: Exit::Good }));
            }
            let task = Task { id: Some(run.task_id.clone()), kind: Some(run.kind), ..Task::default() };
            (Target { naming: Naming::Id(run.task_id.clone()), kind: run.kind, task }, Some(run))
        }
    };
    let id = resolve::v2_id(ctx, &target).await?;
    let mut runs: Vec<JobRun> = ctx.service.instances(&id).await?.into_iter().filter_map(|active| active.run).collect();
    let others: Vec<String> =
        runs.iter().filter(|other| run.as_ref().is_some_and(|run| run != *other)).map(ToString::to_string).collect();
    if let Some(run) = run {
        if !others.is_empty() && !stop.all {
            let why = format!("the service stops a task, not a run, and this task also runs as {}", others.join(", "));
            let failure = Failure::of(Exit::NotRun, why).context(format!("{run} was not stopped"));
            return Err(failure.fix("add --all to stop them all"));
        }
        if !runs.contains(&run) {
            runs.push(run);
        }
    } else if runs.len() > 1 && !stop.all {
        let handles: Vec<String> = runs.iter().map(ToString::to_string).collect();
        let why = format!("it runs {} times: {}", runs.len(), handles.join(", "));
        let failure = Failure::of(Exit::NotRun, why).context(format!("{} was not stopped", target.task.label()));
        return Err(failure.fix("add --all to stop them all"));
    }
    if runs.is_empty() {
        return Err(match ctx.service.last_run(&id, target.kind).await? {
            Some((last, ending)) => {
                ctx.console.note(&format!("{} does not run; its last run is {last}", target.task.label()));
                let stage = Stage::Over(Box::new(ending));
                return Ok(Err(RunReport { task: target.task, run: Some(last.into()), stage, exit: Exit::Good }));
            }
            None => Failure::of(Exit::NotFound, format!("no run of {} is under way", target.task.label()))
                .fix("`runajob status` shows what runs"),
        });
    }
    Ok(Ok(Aim { target, runs }))
}

/// Sends the stop. It may be repeated when its answer is lost; but a 403 may mean that the job was down already.
async fn send(ctx: &Ctx<'_>, aim: &Aim, clean: bool) -> Result<(), Failure> {
    match ctx.service.stop(&aim.target.naming, aim.target.kind, clean).await {
        Ok(()) => Ok(()),
        Err(error) if error.may_have_been_processed() => {
            ctx.console.warn(&format!("the stop was sent, but {error}"));
            Ok(())
        }
        Err(error @ Error::Refused { status: 403, .. }) => {
            let all_over = async {
                for run in &aim.runs {
                    if ctx.service.ending(run, Repeat::Passing).await?.is_none() {
                        return Ok(false);
                    }
                }
                Ok::<bool, Error>(true)
            };
            if all_over.await? { Ok(()) } else { Err(refused(aim, error)) }
        }
        Err(error) => Err(refused(aim, error)),
    }
}

fn refused(aim: &Aim, error: Error) -> Failure {
    Failure::from(error).context(format!("{} was not stopped", aim.target.task.label()))
}
