//! `wait`: see runs to the end that are under way, whoever started them.

use crate::api::jobs::ActiveRun;
use crate::cli::Wait;
use crate::job::{JobRun, Run, Task, TaskQuery};
use crate::ops::resolve::selectors::{Selection, require, selections};
use crate::ops::resolve::{self, options as inputs};
use crate::ops::watch::runs::{WatchedRun, see_to_the_end};
use crate::ops::{Ctx, runs as kinds};
use crate::output::RunsReport;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::Hint;

/// Refuses a command line that can mean nothing, before it matters whose account it is for.
pub fn validate(wait: &Wait) -> Result<(), Failure> {
    require(&wait.what, &wait.tasks, &wait.list, Hint::from("to see what runs: ").then(Hint::command("status")))
}

/// Runs the command.
pub async fn run(ctx: &Ctx<'_>, wait: &Wait) -> Result<RunsReport, Failure> {
    let wanted = selections(&wait.what, &wait.tasks, &wait.list, "nothing was waited for", ctx.console)?;
    match &wanted[..] {
        [] => return Ok(RunsReport { runs: Vec::new(), outcomes: true, details: false, exit: None }),
        [_] => ctx.console.note("waiting for one run"),
        _ => ctx.console.note("waiting for the runs"),
    }
    let on_suspended = inputs::on_suspended(wait.on_suspended, &wanted)?;
    let watched = ctx.before_start(find_all(ctx, wanted)).await?;
    let runs = see_to_the_end(ctx, &watched, on_suspended).await;
    Ok(RunsReport { runs, outcomes: true, details: false, exit: None })
}

async fn find_all(ctx: &Ctx<'_>, wanted: Vec<Selection>) -> Result<Vec<WatchedRun>, Failure> {
    let mut found = Vec::new();
    for wanted in wanted {
        let (run, task) = match wanted {
            Selection::Run(run) => (run, Task::default()),
            Selection::Task(task) => under_way(ctx, &task).await?,
        };
        if !found.iter().any(|other: &WatchedRun| other.run == run) {
            found.push(WatchedRun { run, task, own: false, adopted: false });
        }
    }
    Ok(found)
}

/// The run of a task that is under way. An old verdict is never given for it.
async fn under_way(ctx: &Ctx<'_>, wanted: &TaskQuery) -> Result<(Run, Task), Failure> {
    let target = resolve::target(ctx, wanted, false).await?;
    if !target.kind.is_job() {
        return kinds::only_one(ctx, target).await;
    }
    let id = resolve::v2_id(ctx, &target).await?;
    let (parts, alone): (Vec<_>, Vec<_>) =
        ctx.client.active_runs(&id).await?.into_iter().partition(|one| one.inside.is_some());
    let runs: Vec<JobRun> = alone.into_iter().map(|one| one.run).collect();
    if let (true, Some(ActiveRun { inside: Some(whole), .. })) = (runs.is_empty(), parts.first()) {
        // The log has a part only inside the row of its whole.
        let what = format!("{} runs as a part of the linear taskflow's run {whole}", target.task.label());
        return Err(Failure::of(Exit::NotFound, what).hint(format!("wait for the whole: runajob wait {whole}")));
    }
    match &runs[..] {
        [run] => Ok((run.clone().into(), target.task)),
        [] => {
            let failure = Failure::of(Exit::NotFound, format!("no run of {} is under way", target.task.label()));
            Err(match ctx.client.last_run(&id, target.kind).await? {
                Some((last, _)) => failure.hint(format!("its last run is over: runajob status {last}")),
                None => failure.hint("it has never run, as far as the log goes back"),
            })
        }
        several => {
            let handles: Vec<String> = several.iter().map(ToString::to_string).collect();
            let failure = Failure::of(Exit::NotFound, format!("{} runs of it are under way", several.len()));
            Err(failure.hint(format!("say which: runajob wait {}", handles.join(" "))))
        }
    }
}
