//! Watching runs, and saying how they ended: verdicts as reports. Leaves the loop to `wait`, and what is said meanwhile to
//! `telling`.

use std::cell::Cell;
use std::time::Duration;

use crate::api::{self, Error};
use crate::cli::OnSuspended;
use crate::job::{Run, RunStatus, Task};
use crate::ops::ctx::Ctx;
use crate::ops::watch::progress::ProgressReporter;
use crate::ops::watch::suspended::Suspensions;
use crate::ops::watch::{Policy, Verdict, watch};
use crate::output::{Console, RunReport, Stage};
use crate::support::exit::Exit;
use crate::support::signals::Signal;

/// Where progress is shown, the monitor is asked this often.
const MONITOR: Duration = Duration::from_secs(10);

/// A run to watch, and what is known of its task.
#[derive(Debug, Clone)]
pub(crate) struct WatchedRun {
    pub run: Run,
    pub task: Task,
    /// Whether it is known to exist, whatever the lists show: this command started it, or saw it.
    pub own: bool,
    /// Whether it was found again after the answer to its start was lost.
    pub adopted: bool,
}

/// Watches runs to their ends, or to the end of patience, and says how each ended.
pub(crate) async fn see_to_the_end(ctx: &Ctx<'_>, watched: &[WatchedRun], on_suspended: OnSuspended) -> Vec<RunReport> {
    let verdicts = watch_all(ctx, watched, ctx.deadline, on_suspended).await;
    reports(ctx, watched, verdicts)
}

/// Watches runs to their ends, the deadline, or the end of patience.
pub(crate) async fn watch_all(
    ctx: &Ctx<'_>,
    watched: &[WatchedRun],
    deadline: Option<Duration>,
    on_suspended: OnSuspended,
) -> Vec<Verdict> {
    let runs: Vec<Run> = watched.iter().map(|watched| watched.run.clone()).collect();
    let policy = Policy {
        interval: ctx.settings.poll_interval,
        shortest: ctx.settings.min_poll_interval,
        patience: ctx.settings.patience,
        deadline,
        jitter,
    };
    let reporter = ProgressReporter::new(ctx, watched);
    let suspensions = Suspensions::new(ctx, on_suspended);
    let last_monitor = Cell::new(None::<Duration>);
    // The monitor shows a run only some time after its start, so it is not asked right then.
    let too_early = Cell::new(watched.iter().all(|watched| watched.own));
    let poll = async |open: &[Run], thorough: bool| -> Result<Vec<RunStatus>, Error> {
        let due = last_monitor.get().is_none_or(|last| ctx.clock.now().saturating_sub(last) >= MONITOR);
        let worth =
            (ctx.console.style().asks_for_progress() && due && !too_early.take()) || reporter.owes_a_sign_of_life();
        let monitor = thorough || worth;
        if monitor {
            last_monitor.set(Some(ctx.clock.now()));
        }
        Ok(suspensions.settle(open, api::runs::poll(ctx.client, open, monitor).await?).await)
    };
    ctx.console.begin(runs.len());
    let ticking = async {
        while ctx.console.style().is_live() {
            ctx.clock.sleep(Console::TICK).await;
            reporter.tick();
        }
        std::future::pending::<()>().await;
    };
    let verdicts = tokio::select! {
        verdicts = watch(ctx.clock, &policy, &runs, poll, |event| reporter.hear(&event), ctx.signals.next()) => verdicts,
        () = ticking => Vec::new(),
    };
    ctx.console.clear();
    verdicts
}

/// Says how each run ended, or why it is not watched any more.
pub(crate) fn reports(ctx: &Ctx<'_>, watched: &[WatchedRun], verdicts: Vec<Verdict>) -> Vec<RunReport> {
    let mut left: Vec<(String, Vec<&WatchedRun>)> = Vec::new();
    let mut reports = Vec::new();
    for (watched, verdict) in watched.iter().zip(verdicts) {
        if let Some(why) = why_left(watched, &verdict) {
            match left.iter_mut().find(|(known, _)| *known == why) {
                Some((_, runs)) => runs.push(watched),
                None => left.push((why, vec![watched])),
            }
        }
        let report = report(ctx, watched, verdict);
        tell_end(ctx, &report);
        reports.push(report);
    }
    for (why, runs) in left {
        tell_left(ctx, &runs, &why);
    }
    reports
}

/// The reports of a command, with those of the runs that were watched in the places of those that were only accepted.
pub(crate) fn settled(accepted: Vec<RunReport>, results: Vec<RunReport>) -> Vec<RunReport> {
    let mut results = results.into_iter();
    let settle = |report: RunReport| match report.stage {
        Stage::Accepted => match results.next() {
            Some(result) => RunReport { started_here: report.started_here, ..result },
            None => report,
        },
        _ => report,
    };
    accepted.into_iter().map(settle).collect()
}

/// A number between -1 and 1; without a source of chance, the middle.
fn jitter() -> f64 {
    let mut bytes = [0_u8; 2];
    let random = ring::rand::SystemRandom::new();
    let filled = ring::rand::SecureRandom::fill(&random, &mut bytes);
    filled.map_or(0.0, |()| f64::from(u16::from_le_bytes(bytes)) / 32767.5 - 1.0)
}

fn report(ctx: &Ctx<'_>, watched: &WatchedRun, verdict: Verdict) -> RunReport {
    let (stage, exit) = match verdict {
        Verdict::Ended(result) => {
            let exit = match Exit::from(result.outcome) {
                Exit::Warning if ctx.settings.warnings_ok => Exit::Good,
                exit => exit,
            };
            (Stage::Ended(result), exit)
        }
        Verdict::TimedOut => (Stage::Active(None), Exit::TimedOut),
        Verdict::LostContact(_) => (Stage::Active(None), Exit::Running),
        Verdict::NotListed if watched.own => (Stage::Active(None), Exit::Running),
        Verdict::NotListed => {
            (Stage::None("the service has not shown it for ten minutes; check the handle".to_owned()), Exit::NotFound)
        }
        Verdict::Interrupted(signal) => (Stage::Active(None), signal.exit()),
    };
    let report = RunReport::accepted(watched.run.clone(), watched.task.clone());
    RunReport { stage, exit, adopted: watched.adopted, ..report }
}

/// Why a run that may go on is not watched any more.
fn why_left(watched: &WatchedRun, verdict: &Verdict) -> Option<String> {
    Some(match verdict {
        Verdict::TimedOut => "the time given by --timeout passed".to_owned(),
        Verdict::LostContact(why) => format!("contact was lost: {why}"),
        Verdict::NotListed if watched.own => "the service has not shown it for ten minutes".to_owned(),
        Verdict::Interrupted(Signal::Interrupt) => "Ctrl-C ended the waiting, not the job".to_owned(),
        Verdict::Interrupted(Signal::Terminate) => "a signal ended the waiting, not the job".to_owned(),
        Verdict::Ended(_) | Verdict::NotListed => return None,
    })
}

/// Says that runs were left running, why, and how to wait for them again. Even when quiet: it is why the code is not 0.
fn tell_left(ctx: &Ctx<'_>, left: &[&WatchedRun], why: &str) {
    let handles: Vec<String> = left.iter().map(|watched| watched.run.to_string()).collect();
    let what = match left {
        [one] => match one.task.path.as_ref().or(one.task.name.as_ref()) {
            Some(name) => format!("{} left running ({name})", one.run),
            None => format!("{} left running", one.run),
        },
        many => format!("{} runs left running: {}", many.len(), handles.join(" ")),
    };
    let now = if ctx.env.is_private() {
        "the private sandbox ends with this command; `runajob sandbox` serves one that stays".to_owned()
    } else {
        ctx.settings.command(&format!("wait {}", handles.join(" ")))
    };
    ctx.console.trouble(&stamped(ctx, &what), Some(why), Some(&now));
}

/// Says how a run ended, and where to look further.
fn tell_end(ctx: &Ctx<'_>, report: &RunReport) {
    let console = ctx.console;
    let Some(run) = &report.run else { return };
    if matches!(report.stage, Stage::Active(_)) {
        return;
    }
    let bad = !matches!(report.exit, Exit::Good | Exit::Warning);
    if console.style().quiet && !bad {
        return;
    }
    let color = match report.exit {
        Exit::Good => "32",
        Exit::Warning => "33",
        _ => "31",
    };
    let sentence = console.paint(color, &report.sentence());
    // Without a live line nothing else tells when it was, and without the lines of others which run.
    let sentence = if console.style().is_live() { sentence } else { stamped(ctx, &format!("{run}: {sentence}")) };
    let mut lines = vec![sentence];
    if report.exit != Exit::Good {
        if !console.style().errors_on_stdout {
            lines.extend(report.details());
        }
        lines.extend(report.caution().map(|caution| format!("  {caution}")));
        if !ctx.env.is_private() {
            let status = ctx.settings.command(&format!("status {run}"));
            lines.push(format!("  {} {status}", console.paint("2", "look further:")));
        }
    }
    if report.exit == Exit::Suspended && !ctx.env.is_private() {
        let resume = ctx.settings.command(&format!("wait {run} --on-suspended resume"));
        let stop = ctx.settings.command(&format!("stop {run}"));
        lines.push(format!("  {} {resume}", console.paint("2", "resume it:")));
        lines.push(format!("  {} {stop}", console.paint("2", "or end it:")));
    }
    for line in lines {
        if bad { console.alarm(&line) } else { console.note(&line) }
    }
}

/// Says something with the time in front of it, where there is no live line.
pub(crate) fn note_with_time(ctx: &Ctx<'_>, text: &str) {
    if !ctx.console.style().quiet {
        ctx.console.note(&stamped(ctx, text));
    }
}

/// A text with the time in front of it, where there is no live line.
fn stamped(ctx: &Ctx<'_>, text: &str) -> String {
    let console = ctx.console;
    if console.style().is_live() { text.to_owned() } else { format!("{} {text}", console.time(ctx.clock.utc())) }
}
