//! Turns verdicts into reports, and prints how each run ended or why the command no longer waits for it.

use crate::job::Run;
use crate::ops::ctx::Ctx;
use crate::ops::watch::verdict::{Verdict, WatchedRun};
use crate::output::{JsonEvent, RunReport, SafeLine, Stage};
use crate::support::exit::Exit;
use crate::support::signals::Signal;

/// Returns the reports of runs, and prints those results that were not printed during the wait.
pub(crate) fn reports(ctx: &Ctx<'_>, watched: &[WatchedRun], verdicts: Vec<Verdict>) -> Vec<RunReport> {
    let mut reports = Vec::new();
    let mut left: Vec<(Left, Vec<&WatchedRun>)> = Vec::new();
    for (watched, verdict) in watched.iter().zip(verdicts) {
        if let Some(why) = Left::new(watched, &verdict) {
            match left.iter_mut().find(|(other, _)| *other == why) {
                Some((_, runs)) => runs.push(watched),
                None => left.push((why, vec![watched])),
            }
        }
        let report = report(ctx, watched, verdict);
        if !watched.reported {
            note_result(ctx, &report);
        }
        reports.push(report);
    }
    for (left, runs) in left {
        left.print(ctx, &runs);
    }
    reports
}

/// The reports of a command, with the results of the runs that were waited for in place of the reports that they were
/// accepted.
pub(crate) fn with_results(accepted: Vec<RunReport>, results: Vec<RunReport>) -> Vec<RunReport> {
    let mut results = results.into_iter();
    let replace = |report: RunReport| match report.stage {
        Stage::Accepted => match results.next() {
            Some(result) => RunReport { started_here: report.started_here, ..result },
            None => report,
        },
        _ => report,
    };
    accepted.into_iter().map(replace).collect()
}

/// The report of a run after this verdict.
pub(crate) fn report(ctx: &Ctx<'_>, watched: &WatchedRun, verdict: Verdict) -> RunReport {
    let unfinished = if watched.exists { Stage::Active(None) } else { Stage::NotSeen };
    let (stage, exit) = match verdict {
        Verdict::Ended(result) => {
            let exit = match Exit::from(result.outcome) {
                Exit::Warning if ctx.settings.warnings_ok => Exit::Good,
                exit => exit,
            };
            (Stage::Ended(result), exit)
        }
        Verdict::Suspended(progress) => (Stage::Active(Some(*progress)), Exit::Suspended),
        Verdict::TimedOut => (unfinished, Exit::TimedOut),
        Verdict::LostContact(_) => (Stage::Active(None), Exit::Running),
        Verdict::NotListed if watched.exists => (unfinished, Exit::Running),
        Verdict::NotListed => {
            let why = "the service does not show this run; the handle may be wrong, or of another organisation";
            (Stage::None(why.to_owned()), Exit::NotFound)
        }
        Verdict::Interrupted(signal) | Verdict::Stopping { signal, .. } => (unfinished, signal.exit()),
    };
    let report = RunReport::accepted(watched.run.clone(), watched.task.clone());
    RunReport { stage, exit, adopted: watched.adopted, ..report }
}

/// Prints how a run ended: in a line if it ended well, else with its error, its parts and the command that shows more. Gives
/// whether it ended at all.
pub(super) fn note_result(ctx: &Ctx<'_>, report: &RunReport) -> bool {
    let console = ctx.console;
    let Some(run) = &report.run else { return false };
    let has_result = match report.stage {
        Stage::Ended(_) | Stage::None(_) => true,
        Stage::Active(_) => report.exit == Exit::Suspended,
        Stage::Accepted | Stage::NotSeen => false,
    };
    if !has_result {
        return false;
    }
    console.event(&JsonEvent::Ended(report));
    let is_bad = is_bad(report);
    if console.style().quiet && !is_bad {
        return true;
    }
    let color = match report.exit {
        Exit::Good => "32",
        Exit::Warning => "33",
        _ => "31",
    };
    let sentence = console.paint(color, report.sentence());
    // Without live lines nothing else says when it was, and which run.
    let front = if console.style().is_live() { String::new() } else { with_time(ctx, &format!("{run}: ")) };
    let mut lines = vec![SafeLine::from(front).then(sentence)];
    if report.exit != Exit::Good {
        if !console.style().errors_on_stdout {
            lines.extend(report.details());
        }
        lines.extend(report.caution().map(|caution| format!("  {caution}").into()));
        lines.extend(next_commands(ctx, report, run));
    }
    for line in lines {
        if is_bad { console.alarm_line(line) } else { console.note_line(line) }
    }
    true
}

/// The commands that help with a run that did not simply succeed. A private sandbox ends before any could be given.
fn next_commands(ctx: &Ctx<'_>, report: &RunReport, run: &Run) -> Vec<SafeLine> {
    if ctx.env.is_private() {
        return Vec::new();
    }
    let command = |what: &str, command: String| {
        SafeLine::from("  ").then(ctx.console.paint("2", what)).then(" ").then(ctx.settings.command(&command))
    };
    let mut lines = vec![command("for details:", format!("status {run}"))];
    if report.exit == Exit::Suspended {
        lines.push(command("to resume it:", format!("wait {run} --on-suspended resume")));
        lines.push(command("to end it:", format!("stop {run}")));
    }
    lines
}

pub(super) fn is_bad(report: &RunReport) -> bool {
    !matches!(report.exit, Exit::Good | Exit::Warning)
}

/// Why the command no longer waits for runs that may go on. Runs with the same reason are printed in one message.
#[derive(PartialEq)]
struct Left {
    state: LeftState,
    why: String,
}

#[derive(PartialEq, Clone, Copy)]
enum LeftState {
    Running,
    /// Contact was lost before any poll showed it.
    MaybeRunning,
    /// The service accepted our stop.
    Stopping,
    /// Our stop was sent, and its answer was not waited for.
    MaybeStopping,
    NotSeen,
}

impl Left {
    fn new(watched: &WatchedRun, verdict: &Verdict) -> Option<Self> {
        let by_signal = |signal: Signal| match signal {
            Signal::Interrupt => "Ctrl-C ended the waiting, not the job",
            Signal::Terminate => "a signal ended the waiting, not the job",
        };
        let unfinished = if watched.exists { LeftState::Running } else { LeftState::NotSeen };
        let (state, why) = match verdict {
            Verdict::TimedOut => (unfinished, "the time given by --timeout passed".to_owned()),
            Verdict::LostContact(why) => {
                let state = if watched.exists { LeftState::Running } else { LeftState::MaybeRunning };
                (state, format!("contact was lost: {why}"))
            }
            Verdict::NotListed if watched.exists => {
                (LeftState::Running, "the service has not shown it for ten minutes".to_owned())
            }
            Verdict::Interrupted(signal) if watched.exists => (LeftState::Running, by_signal(*signal).to_owned()),
            Verdict::Interrupted(Signal::Interrupt) => (LeftState::NotSeen, "Ctrl-C ended the waiting".to_owned()),
            Verdict::Interrupted(Signal::Terminate) => (LeftState::NotSeen, "a signal ended the waiting".to_owned()),
            Verdict::Stopping { accepted: true, .. } => {
                (LeftState::Stopping, "a signal ended the waiting, and the service accepted the stop".to_owned())
            }
            Verdict::Stopping { accepted: false, .. } => {
                let why = "a signal ended the waiting; the stop was sent, and its answer was not waited for";
                (LeftState::MaybeStopping, why.to_owned())
            }
            Verdict::Ended(_) | Verdict::Suspended(_) | Verdict::NotListed => return None,
        };
        Some(Self { state, why })
    }

    /// Prints it even with `--quiet`, because it is why the command does not end with 0.
    fn print(&self, ctx: &Ctx<'_>, runs: &[&WatchedRun]) {
        let handles = Run::list(&runs.iter().map(|watched| &watched.run).collect::<Vec<_>>()).join(" ");
        let (one, many) = match self.state {
            LeftState::Running => ("left running", "left running"),
            LeftState::MaybeRunning => ("may be running", "may be running"),
            LeftState::Stopping => ("is being stopped", "are being stopped"),
            LeftState::MaybeStopping => ("may be stopping", "may be stopping"),
            LeftState::NotSeen => ("has not been seen", "have not been seen"),
        };
        let what = match runs {
            [run] => match run.task.path_or_name() {
                Some(name) => format!("{handles} {one} ({name})").into(),
                None => format!("{handles} {one}").into(),
            },
            runs => SafeLine::whole(&format!("{} runs {many}: {handles}", runs.len())),
        };
        let hint = match self.state {
            _ if ctx.env.is_private() => {
                "the private sandbox ends with this command; `runajob sandbox` serves one that stays".to_owned()
            }
            LeftState::NotSeen => ctx.settings.command(&format!("status {handles}")),
            LeftState::Running | LeftState::MaybeRunning | LeftState::Stopping | LeftState::MaybeStopping => {
                ctx.settings.command(&format!("wait {handles}"))
            }
        };
        let hint = SafeLine::whole(&hint);
        ctx.console.trouble(SafeLine::from(with_time(ctx, "")).then(what), Some(self.why.as_str().into()), Some(hint));
    }
}

/// Prints a note, with the time in front of it where there are no live lines.
pub(crate) fn note_with_time(ctx: &Ctx<'_>, text: &str) {
    if !ctx.console.style().quiet {
        ctx.console.note(&with_time(ctx, text));
    }
}

pub(super) fn with_time(ctx: &Ctx<'_>, text: &str) -> String {
    let console = ctx.console;
    if console.style().is_live() { text.to_owned() } else { format!("{} {text}", console.time(ctx.clock.utc())) }
}
