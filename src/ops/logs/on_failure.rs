//! `--logs-on-failure`: the last lines of the session logs of what failed, in the job log of whoever waited.

use tokio::select;

use crate::api::log_files::LogFile;
use crate::job::Outcome;
use crate::ops::ctx::Ctx;
use crate::ops::logs::lines::{lines, shown};
use crate::ops::logs::{LogOf, fetched, logs_of};
use crate::output::{RunReport, SafeLine, Stage};
use crate::support::failure::Failure;

/// So many lines of each log.
const LINES: usize = 40;
/// So many logs: the service takes about ten seconds for each.
const LOGS: usize = 10;

/// Prints the end of the session log of each run, or part of a run, that failed. A log that cannot be had changes nothing, and
/// a signal ends the fetching.
pub(crate) async fn print_failed(ctx: &Ctx<'_>, reports: &[RunReport]) {
    let fetching = async {
        let mut left = LOGS;
        for report in reports {
            if let Err(failure) = of_report(ctx, report, &mut left).await {
                ctx.console.note(&format!(
                    "the session log of {} cannot be fetched: {}",
                    report.name(),
                    failure.what()
                ));
            }
        }
        if left == 0 {
            ctx.console.note(&format!("only {LOGS} session logs are shown; `runajob logs RUN` prints the others"));
        }
    };
    select! {
        biased;
        _ = ctx.signals.next() => ctx.console.note("a signal ended the fetching of session logs"),
        () = fetching => {}
    }
}

async fn of_report(ctx: &Ctx<'_>, report: &RunReport, left: &mut usize) -> Result<(), Failure> {
    let (Some(run), Stage::Ended(result)) = (&report.run, &report.stage) else { return Ok(()) };
    if result.outcome != Outcome::Failed {
        return Ok(());
    }
    let is_wanted = |log: &LogOf| log.failed && matches!(log.file, LogFile::Session { .. });
    for log in logs_of(ctx, run, result).await?.into_iter().filter(is_wanted) {
        if *left == 0 {
            return Ok(());
        }
        *left -= 1;
        let Some(file) = fetched(ctx, &log).await? else { continue };
        ctx.console.alarm(&format!("the end of the session log of {} ({}):", log.name, log.run));
        for line in lines(file, Some(LINES)) {
            ctx.console.alarm_line(SafeLine::from("  ").then(shown(&line)));
        }
    }
    Ok(())
}
