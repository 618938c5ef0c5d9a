//! Waits for runs on behalf of the verbs: connects the wait loop with the service, the console and the signals.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use crate::api::{self, Error};
use crate::cli::OnSuspended;
use crate::job::{JobRun, Run, RunStatus};
use crate::ops::ctx::Ctx;
use crate::ops::recent;
use crate::ops::runs as kinds;
use crate::ops::watch::progress::ProgressReporter;
use crate::ops::watch::reports::{note_result, note_with_time, report, reports};
use crate::ops::watch::suspended::Suspensions;
use crate::ops::watch::{Event, Policy, Polled, Verdict, WatchedRun, watch};
use crate::output::{Console, RunReport};

/// How often the monitor is asked for progress that is shown.
const MONITOR: Duration = Duration::from_secs(10);
/// The most requests about unseen runs that are made at once.
const CHECKS_AT_ONCE: usize = 8;

/// Waits for runs, and reports how each ended or why it is not waited for any more.
pub(crate) async fn wait_for(ctx: &Ctx<'_>, mut watched: Vec<WatchedRun>, on_suspended: OnSuspended) -> Vec<RunReport> {
    let verdicts = watch_all(ctx, &mut watched, ctx.deadline, on_suspended).await;
    reports(ctx, &watched, verdicts)
}

/// Waits for runs, and prints the result of each as soon as it has ended.
pub(crate) async fn watch_all(
    ctx: &Ctx<'_>,
    watched: &mut [WatchedRun],
    deadline: Option<Duration>,
    on_suspended: OnSuspended,
) -> Vec<Verdict> {
    let before = watched.to_vec();
    let learn = |event: &Event<'_>| match event {
        Event::Status(place, RunStatus::Active(_)) => watched[*place].exists = true,
        Event::Verdict(place, verdict) => {
            let watched = &mut watched[*place];
            watched.reported = note_result(ctx, &report(ctx, watched, (*verdict).clone()));
        }
        _ => {}
    };
    poll_all(ctx, &before, deadline, on_suspended, learn).await
}

/// Waits for runs that are being stopped. The caller prints how they ended, because it knows when the stop was sent.
pub(crate) async fn watch_stopping(ctx: &Ctx<'_>, watched: &[WatchedRun], deadline: Option<Duration>) -> Vec<Verdict> {
    let learn = |event: &Event<'_>| {
        if let (Event::Verdict(place, Verdict::Ended(_)), [_, _, ..]) = (event, watched) {
            note_with_time(ctx, &format!("{} has ended", watched[*place].run));
        }
    };
    poll_all(ctx, watched, deadline, OnSuspended::Wait, learn).await
}

async fn poll_all(
    ctx: &Ctx<'_>,
    watched: &[WatchedRun],
    deadline: Option<Duration>,
    on_suspended: OnSuspended,
    mut learn: impl FnMut(&Event<'_>),
) -> Vec<Verdict> {
    let policy = Policy {
        interval: ctx.settings.poll_interval,
        shortest: ctx.settings.min_poll_interval,
        patience: ctx.settings.patience,
        deadline,
        jitter,
    };
    let reporter = ProgressReporter::new(ctx, watched);
    let suspensions = Suspensions::new(ctx, on_suspended);
    let uncertain: HashSet<&Run> = watched.iter().filter(|one| !one.exists).map(|one| &one.run).collect();
    let known_start = |one: &WatchedRun| one.start_sent_at.or_else(|| recent::start_sent_at(ctx, &one.run));
    let start_sent_at: HashMap<&JobRun, Timestamp> =
        watched.iter().filter_map(|one| Some((one.run.as_job()?, known_start(one)?))).collect();
    let last_monitor = Cell::new(None::<Duration>);
    // The monitor shows a run only some time after its start, so the first poll does not ask it.
    let is_too_early = Cell::new(watched.iter().all(|watched| watched.exists));
    let poll = async |open: &[Run], search: bool| -> Result<Vec<Polled>, Error> {
        let is_due = last_monitor.get().is_none_or(|last| ctx.clock.now().saturating_sub(last) >= MONITOR);
        let shows_progress = ctx.console.style().asks_for_progress() && is_due && !is_too_early.take();
        let monitor = search || shows_progress || reporter.owes_a_sign_of_life();
        if monitor {
            last_monitor.set(Some(ctx.clock.now()));
        }
        let statuses = api::runs::poll(ctx.client, open, monitor, |run| start_sent_at.get(run).copied()).await?;
        let polled = suspensions.handle(open, statuses).await;
        Ok(if search { doubt(ctx, &uncertain, open, polled).await } else { polled })
    };
    let notify = |event: Event<'_>| {
        learn(&event);
        reporter.report(&event);
    };
    ctx.console.begin(watched.len());
    let redraw = async {
        while ctx.console.style().is_live() {
            ctx.clock.sleep(Console::TICK).await;
            reporter.draw();
        }
        std::future::pending::<()>().await;
    };
    let verdicts = tokio::select! {
        verdicts = watch(ctx.clock, &policy, watched, poll, notify, ctx.signals.next()) => verdicts,
        () = redraw => Vec::new(),
    };
    ctx.console.clear();
    verdicts
}

/// For runs that no list shows and of which only the handle is known: asks whether the service has an answer that speaks
/// against them.
async fn doubt(ctx: &Ctx<'_>, uncertain: &HashSet<&Run>, open: &[Run], polled: Vec<Polled>) -> Vec<Polled> {
    let checks = open.iter().zip(polled).map(async |(run, polled)| match polled {
        Polled::Status(RunStatus::NotListed) if uncertain.contains(run) && kinds::is_doubtful(ctx, run).await => {
            Polled::Doubtful
        }
        polled => polled,
    });
    stream::iter(checks).buffered(CHECKS_AT_ONCE).collect().await
}

/// A random number between -1 and 1, or 0 if the system has no random numbers.
fn jitter() -> f64 {
    let mut bytes = [0_u8; 2];
    let random = ring::rand::SystemRandom::new();
    let filled = ring::rand::SecureRandom::fill(&random, &mut bytes);
    filled.map_or(0.0, |()| f64::from(u16::from_le_bytes(bytes)) / 32767.5 - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_moves_both_ways() {
        let drawn: Vec<f64> = (0..200).map(|_| jitter()).collect();
        assert!(drawn.iter().all(|number| (-1.0..=1.0).contains(number)), "{drawn:?}");
        for part in [-1.0..-0.5, -0.5..0.0, 0.0..0.5, 0.5..1.0] {
            // By chance it is empty once in 10^24.
            assert!(drawn.iter().any(|number| part.contains(number)), "{part:?}: {drawn:?}");
        }
    }
}
