//! What happens to active runs when waiting for them ends, as `--on-timeout` and `--on-signal` say. Also names the other
//! instance because of which the service did not run a task.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::select;

use crate::api;
use crate::cli::AtEnd;
use crate::job::{ClassifiedBy, Outcome, Run, RunResult};
use crate::ops::ctx::Ctx;
use crate::ops::stop as stopping;
use crate::ops::stop::StopTarget;
use crate::ops::watch::runs::watch_stopping;
use crate::ops::watch::{Verdict, WatchedRun};
use crate::output::RunReport;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::signals::Signal;

/// A stop after a time-out is given this long to be proved.
const PROOF: Duration = Duration::from_secs(120);
/// Current work may take longer to finish.
const CLEAN_PROOF: Duration = Duration::from_secs(600);
/// After a signal the answer to a stop is waited for this long: schedulers kill seconds later.
const LAST_WORD: Duration = Duration::from_secs(5);

/// Stops the active runs if `--on-timeout` or `--on-signal` says so, and returns the verdicts after that.
pub(crate) async fn act(ctx: &Ctx<'_>, watched: &[WatchedRun], verdicts: Vec<Verdict>) -> Vec<Verdict> {
    let timed_out = verdicts.iter().any(|verdict| matches!(verdict, Verdict::TimedOut));
    let signal = verdicts.iter().find_map(|verdict| match verdict {
        Verdict::Interrupted(signal) => Some(*signal),
        _ => None,
    });
    match (signal, ctx.settings.on_signal, ctx.settings.on_timeout) {
        (Some(_), AtEnd::Stop | AtEnd::CleanStop, _) => stop_at_once(ctx, watched, verdicts).await,
        (None, _, AtEnd::Stop | AtEnd::CleanStop) if timed_out => stop_and_prove(ctx, watched, verdicts).await,
        _ => verdicts,
    }
}

/// Sends the stops and says of each whether it was sent. What the service then does is not waited for.
async fn stop_at_once(ctx: &Ctx<'_>, watched: &[WatchedRun], verdicts: Vec<Verdict>) -> Vec<Verdict> {
    ctx.client.set_deadline(None);
    let clean = ctx.settings.on_signal == AtEnd::CleanStop;
    let stops = watched.iter().zip(verdicts).map(async |(watched, verdict)| {
        let Verdict::Interrupted(by) = verdict else { return verdict };
        let sent = std::cell::Cell::new(false);
        let answer = select! {
            biased;
            answer = stop(ctx, watched, clean, || sent.set(true)) => answer.map(|_| ("the stop was accepted", Some(true))),
            signal = ctx.signals.next() => Ok(gone(sent.get(), Some(signal))),
            () = ctx.clock.sleep(LAST_WORD) => Ok(gone(sent.get(), None)),
        };
        match answer {
            Ok((words, accepted)) => {
                ctx.console.warn(&format!("{}: {words}", watched.run));
                accepted.map_or(verdict, |accepted| Verdict::Stopping { signal: by, accepted })
            }
            Err(failure) => {
                not_stopped(ctx, &watched.run, &failure);
                verdict
            }
        }
    });
    join_all(stops).await
}

fn not_stopped(ctx: &Ctx<'_>, run: &Run, failure: &Failure) {
    ctx.console.failure(failure);
    ctx.console.warn(&format!("{run}: not stopped: {}", failure.what()));
}

/// What is said of a stop without an answer, and whether it was accepted if it was sent.
fn gone(sent: bool, signal: Option<Signal>) -> (&'static str, Option<bool>) {
    match (sent, signal) {
        (true, _) => ("the stop was sent; its answer was not waited for", Some(false)),
        (false, Some(_)) => ("a second signal came; the stop was not sent", None),
        (false, None) => ("the service did not answer; the stop was not sent", None),
    }
}

/// Stops the runs that timed out, and watches until each is over or the time for the proof has passed.
async fn stop_and_prove(ctx: &Ctx<'_>, watched: &[WatchedRun], mut verdicts: Vec<Verdict>) -> Vec<Verdict> {
    let clean = ctx.settings.on_timeout == AtEnd::CleanStop;
    let end = ctx.clock.now() + if clean { CLEAN_PROOF } else { PROOF };
    ctx.client.set_deadline(Some(end));
    ctx.console.note("the time given by --timeout passed; stopping");
    let mut sent_at = Vec::new();
    for (index, watched) in watched.iter().enumerate() {
        if !matches!(verdicts[index], Verdict::TimedOut) {
            continue;
        }
        let answer = select! {
            biased;
            answer = stop(ctx, watched, clean, || {}) => answer,
            signal = ctx.signals.next() => {
                verdicts[index] = Verdict::Interrupted(signal);
                continue;
            }
        };
        match answer {
            Ok(at) => sent_at.push((index, at)),
            Err(failure) => not_stopped(ctx, &watched.run, &failure),
        }
    }
    let stopped: Vec<WatchedRun> = sent_at.iter().map(|(index, _)| watched[*index].clone()).collect();
    let proofs = watch_stopping(ctx, &stopped, Some(end)).await;
    for ((index, sent_at), proof) in sent_at.into_iter().zip(proofs) {
        verdicts[index] = by_our_stop(&watched[index].run, proof, sent_at);
    }
    verdicts
}

/// Stops one run, unless it is over. Returns when the stop was sent, if that is what ends it.
async fn stop(ctx: &Ctx<'_>, watched: &WatchedRun, clean: bool, sent: impl Fn()) -> Result<Option<Timestamp>, Failure> {
    match stopping::at_run(ctx, &watched.run, watched.exists, false, clean).await? {
        StopTarget::Active(plan) => stopping::send(ctx, &plan, clean, sent).await,
        StopTarget::Ended(..) => Ok(None),
    }
}

/// A run that failed after our stop was sent was stopped by it; one that succeeded, if with warnings, did so all the same, and
/// one that never ran was not there to be stopped. One that ended within a second of the stop may have been quicker: the
/// service's times have no fractions, and it says of an ended job too that it was stopped.
///
/// A taskflow is stopped by its run, which was active right before: a failure from then on is our stop, because some
/// services call a terminated taskflow failed.
pub(crate) fn by_our_stop(run: &Run, verdict: Verdict, sent_at: Option<Timestamp>) -> Verdict {
    const SECOND: SignedDuration = SignedDuration::from_secs(1);
    let after = |result: &RunResult| {
        let (Some(sent), Some(ended)) = (sent_at, result.ended_at) else { return false };
        let was_active = matches!(run, Run::Taskflow { .. });
        ended > sent + SECOND || (was_active && ended >= sent - SECOND)
    };
    match verdict {
        Verdict::Ended(result) if result.outcome == Outcome::Failed && after(&result) => {
            let proved = RunResult { outcome: Outcome::Stopped, classified_by: ClassifiedBy::OwnStop, ..*result };
            Verdict::Ended(Box::new(proved))
        }
        verdict => verdict,
    }
}

/// When the service ended a run because another instance is running, prints which one, if the monitor shows it.
pub(crate) async fn name_other_instance(ctx: &Ctx<'_>, reports: &mut [RunReport]) {
    for report in reports.iter_mut().filter(|report| report.exit == Exit::AlreadyRunning) {
        let Some(Run::Job(run)) = &report.run else { continue };
        let instances = select! {
            biased;
            _ = ctx.signals.next() => return,
            instances = api::monitor::active_runs(ctx.client, &run.task_id) => instances.unwrap_or_default(),
        };
        let others = instances.into_iter().map(|one| one.parent.unwrap_or(one.run));
        if let Some(other) = others.filter(|other| other != run).max_by_key(|other| other.run_id) {
            ctx.console.note(&format!("  the other run: {}", ctx.settings.command(&format!("wait {other}"))));
            report.other_run = Some(other.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Rows;

    const TASKFLOW: &str = "TASKFLOW/778812345678901234";

    /// The message about a run that ended this many seconds after its stop was sent.
    fn after_stop(handle: &str, outcome: Outcome, seconds: i64) -> (Outcome, ClassifiedBy) {
        let sent: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let result = RunResult {
            task_name: None,
            outcome,
            classified_by: ClassifiedBy::State,
            started_at: None,
            ended_at: Some(sent + SignedDuration::from_secs(seconds)),
            started_by: None,
            rows: Rows::default(),
            error: None,
            subtasks: Vec::new(),
            log_id: None,
        };
        match by_our_stop(&handle.parse().unwrap(), Verdict::Ended(Box::new(result)), Some(sent)) {
            Verdict::Ended(result) => (result.outcome, result.classified_by),
            verdict => panic!("{verdict:?}"),
        }
    }

    #[test]
    fn only_a_failure_after_our_stop_is_our_stop() {
        let stopped = (Outcome::Stopped, ClassifiedBy::OwnStop);
        for handle in ["MTT/01ABCD0Z00000000001S/18", TASKFLOW] {
            assert_eq!(after_stop(handle, Outcome::Failed, 2), stopped);
            for outcome in
                [Outcome::Succeeded, Outcome::Warning, Outcome::NotRun, Outcome::AlreadyRunning, Outcome::Stopped]
            {
                assert_eq!(after_stop(handle, outcome, 60), (outcome, ClassifiedBy::State), "{handle}");
            }
        }
    }

    #[test]
    fn one_that_failed_within_a_second_of_our_stop_was_quicker_but_for_a_taskflow() {
        let failed = (Outcome::Failed, ClassifiedBy::State);
        assert_eq!(after_stop("MTT/01ABCD0Z00000000001S/18", Outcome::Failed, 1), failed);
        assert_eq!(after_stop(TASKFLOW, Outcome::Failed, 0), (Outcome::Stopped, ClassifiedBy::OwnStop));
        assert_eq!(after_stop(TASKFLOW, Outcome::Failed, -2), failed);
    }
}
