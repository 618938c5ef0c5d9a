//! The end of a command about several runs: how many ended how, and those that ended badly once more, last.

use std::time::Duration;

use crate::job::Outcome;
use crate::ops::ctx::Ctx;
use crate::ops::watch::reports::{is_bad, with_time};
use crate::output::{RunReport, Stage, counted, tally};
use crate::support::duration::show;
use crate::support::exit::Exit;

/// Prints how several runs ended since the command began. The result of a single run has already been printed.
pub(crate) fn summarize(ctx: &Ctx<'_>, reports: &[RunReport], began: Duration) {
    if reports.len() < 2 || ctx.console.style().quiet {
        return;
    }
    let elapsed = Duration::from_secs(ctx.clock.now().saturating_sub(began).as_secs());
    let text = format!("{} runs: {} in {}", reports.len(), counts(reports), show(elapsed));
    ctx.console.note(&with_time(ctx, &text));
    for report in reports.iter().filter(|report| is_bad(report)) {
        let run = report.run.as_ref().map(|run| format!("{run}: ")).unwrap_or_default();
        ctx.console.note(&format!("  {run}{}", report.sentence()));
    }
}

/// How many runs there are of each state, the good ones first.
fn counts(reports: &[RunReport]) -> String {
    let mut counts = tally(reports.iter().map(|report| (is_bad(report), state_of(report))));
    counts.sort_by_key(|(is_bad, ..)| *is_bad);
    counted(&counts)
}

fn state_of(report: &RunReport) -> &'static str {
    match &report.stage {
        Stage::Accepted => "accepted",
        Stage::Ended(result) => match result.outcome {
            Outcome::Succeeded => "succeeded",
            Outcome::Warning => "with warnings",
            Outcome::Failed => "failed",
            Outcome::Stopped => "stopped",
            Outcome::NotRun => "did not run",
            Outcome::AlreadyRunning => "already running",
        },
        Stage::Active(Some(progress)) if progress.is_suspended() => "suspended",
        Stage::Active(_) => "still running",
        Stage::NotSeen => "not seen",
        Stage::None(_) if report.run.is_some() => "not found",
        Stage::None(_) if report.exit == Exit::Unknown => "in doubt",
        Stage::None(_) => "not started",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Activity, Rows, Run, RunProgress, Task};

    fn report(stage: Stage, exit: Exit) -> RunReport {
        let run: Run = "MTT/01ABCD0Z00000000001S/18".parse().unwrap();
        RunReport { stage, exit, ..RunReport::accepted(run, Task::default()) }
    }

    fn active(activity: Activity) -> Stage {
        Stage::Active(Some(RunProgress {
            task_name: None,
            activity,
            rows: Rows::default(),
            started_at: None,
            started_by: None,
            error: None,
            subtasks: Vec::new(),
        }))
    }

    #[test]
    fn runs_are_counted_by_state_the_good_ones_first() {
        let none = || Stage::None("why".to_owned());
        let lost = RunReport { run: None, ..report(none(), Exit::Unknown) };
        let refused = RunReport { run: None, ..report(none(), Exit::NotRun) };
        let reports = [
            report(active(Activity::Suspended), Exit::Suspended),
            report(none(), Exit::NotFound),
            report(Stage::Accepted, Exit::Good),
            report(active(Activity::Running), Exit::TimedOut),
            lost,
            report(Stage::Active(None), Exit::Running),
            refused,
            report(Stage::Accepted, Exit::Good),
            report(Stage::NotSeen, Exit::TimedOut),
            report(Stage::Accepted, Exit::Good),
        ];
        assert_eq!(
            counts(&reports),
            "3 accepted, 1 suspended, 1 not found, 2 still running, 1 in doubt, 1 not started, 1 not seen"
        );
    }
}
