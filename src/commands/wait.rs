//! `wait`: waits for active runs, whoever started them.

use crate::cli::Wait;
use crate::job::Task;
use crate::ops::ctx::Ctx;
use crate::ops::logs::on_failure::print_failed;
use crate::ops::resolve::selectors::{Selection, require, selections};
use crate::ops::resolve::{self, options as inputs};
use crate::ops::runs as kinds;
use crate::ops::watch::WatchedRun;
use crate::ops::watch::runs::wait_for;
use crate::ops::watch::summary::summarize;
use crate::output::{RunReport, RunsReport};
use crate::support::failure::Failure;
use crate::support::hint::Hint;

/// Refuses a command line that can mean nothing, before it matters whose account it is for.
pub fn validate(wait: &Wait) -> Result<(), Failure> {
    require(&wait.what, &wait.tasks, &wait.list, Hint::from("to see what runs: ").then(Hint::command("status")))
}

pub async fn run(ctx: &Ctx<'_>, wait: &Wait) -> Result<RunsReport, Failure> {
    let began = ctx.clock.now();
    let selected = selections(&wait.what, &wait.tasks, &wait.list, "nothing was waited for", ctx.console)?;
    match &selected[..] {
        [] => return Ok(report(Vec::new())),
        [_] => ctx.console.note("waiting for one run"),
        several => ctx.console.note(&format!("waiting for {} runs", several.len())),
    }
    let on_suspended = inputs::on_suspended(wait.on_suspended, &selected)?;
    let watched = ctx.before_start(find_runs(ctx, selected)).await?;
    let runs = wait_for(ctx, watched, on_suspended).await;
    if wait.logs_on_failure {
        print_failed(ctx, &runs).await;
    }
    summarize(ctx, &runs, began);
    Ok(report(runs))
}

fn report(runs: Vec<RunReport>) -> RunsReport {
    RunsReport { runs, outcomes: true, details: false, exit: None }
}

/// The runs to wait for, each once. Whether the run of a handle exists shows only when it is polled.
async fn find_runs(ctx: &Ctx<'_>, selected: Vec<Selection>) -> Result<Vec<WatchedRun>, Failure> {
    let mut watched: Vec<WatchedRun> = Vec::new();
    for selection in selected {
        let one = match selection {
            Selection::Run(run) => WatchedRun::new(run, Task::default(), false),
            Selection::Task(query) => {
                let target = resolve::target(ctx, &query, false).await?;
                let (run, task) = kinds::only_active(ctx, target).await?;
                WatchedRun::new(run, task, true)
            }
        };
        if !watched.iter().any(|other| other.run == one.run) {
            watched.push(one);
        }
    }
    Ok(watched)
}
