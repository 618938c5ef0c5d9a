//! Watching the runs of a probe: both lists are asked about once a second, so that their lags show.

use std::time::Duration;

use crate::api::Error;
use crate::api::observing::ObservedReply;
use crate::api::probing::{Look, look};
use crate::job::{JobRun, Run, RunStatus};
use crate::ops::probe::course::{Course, seen};
use crate::ops::probe::record::{final_row, is_over, label};
use crate::ops::runs as kinds;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// The pause between two polls; of a run that goes on for long, a sixtieth of that up to the longest.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(10);
/// A `Retry-After` is heeded up to this.
const LONGEST_ASKED: Duration = Duration::from_secs(300);
/// A run that no list has shown for this long is given up.
const UNLISTED: Duration = Duration::from_secs(600);

/// Until when a run is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// The monitor has it, and it is not over.
    Active,
    /// The log has its result.
    Logged,
}

/// What was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    Active,
    Logged,
}

/// Polls both lists about a run until it is active, or in the log.
pub(super) async fn watch(
    course: &Course<'_, '_>,
    index: usize,
    run: &JobRun,
    until: Until,
) -> Result<Reached, Failure> {
    let clock = course.ctx.clock;
    let began = clock.now();
    let mut listed_at = began;
    let mut answered_at = began;
    loop {
        let monitored = poll(course, label::MONITOR, index, Look::Monitor { details: false, filter: false }).await?;
        let log = Look::Log { task_id: Some(&run.task_id), run_id: Some(run.run_id), offset: None, row_limit: None };
        let logged = poll(course, label::LOG, index, log).await?;
        let now = clock.now();
        let row = monitored.as_ref().and_then(|reply| reply.shape.rows()?.of_run(index));
        if logged.as_ref().is_some_and(|reply| final_row(reply, index).is_some()) {
            // Once more, to see whether it is in both lists.
            poll(course, label::MONITOR, index, Look::Monitor { details: false, filter: false }).await?;
            return Ok(Reached::Logged);
        }
        if until == Until::Active && row.is_some_and(|row| !is_over(row)) {
            return Ok(Reached::Active);
        }
        let has_list = |reply: &Option<ObservedReply>| reply.as_ref().is_some_and(|reply| reply.shape.rows().is_some());
        if has_list(&monitored) && has_list(&logged) {
            answered_at = now;
        }
        if row.is_some() {
            listed_at = now;
        }
        check_patience(course, now, answered_at, listed_at)?;
        let asked = [&monitored, &logged].into_iter().flatten().filter_map(|reply| reply.retry_after).max();
        let pause = if row.is_some() { now.saturating_sub(began) / 60 } else { now.saturating_sub(listed_at) / 60 };
        clock.sleep(pause.clamp(SHORTEST, LONGEST).max(asked.unwrap_or_default().min(LONGEST_ASKED))).await;
    }
}

/// Gives up when the service has not answered, or has not shown the run, for too long.
fn check_patience(
    course: &Course<'_, '_>,
    now: Duration,
    answered_at: Duration,
    listed_at: Duration,
) -> Result<(), Failure> {
    let why = if now.saturating_sub(answered_at) >= course.ctx.settings.patience {
        "the lists have not answered for too long"
    } else if now.saturating_sub(listed_at) >= UNLISTED {
        "neither list has shown the run for ten minutes"
    } else {
        return Ok(());
    };
    Err(Failure::of(Exit::Running, why).context("the run is not watched any more"))
}

/// One poll of a list. None when there was no answer; an older one does not count.
async fn poll(
    course: &Course<'_, '_>,
    label: &'static str,
    index: usize,
    what: Look<'_>,
) -> Result<Option<ObservedReply>, Failure> {
    course.ask(label, Some(index));
    let before = course.ctx.clock.now();
    seen(look(course.ctx.client, what).await)?;
    Ok(course.observer().last(label, before))
}

/// Polls the run of a file ingestion task until it is over.
pub(super) async fn ingestion(course: &Course<'_, '_>, index: usize, run: &Run) -> Result<(), Failure> {
    let clock = course.ctx.clock;
    let began = clock.now();
    let mut answered_at = began;
    loop {
        course.ask(label::INGESTION_STATUS, Some(index));
        let status = kinds::poll_one(course.ctx, run, false).await;
        let now = clock.now();
        match status {
            Ok(RunStatus::Ended(_)) => {
                course.close(run);
                return Ok(());
            }
            Ok(RunStatus::Active(_)) => answered_at = now,
            Ok(RunStatus::NotListed | RunStatus::Unavailable(_)) => {}
            Err(error) => answer(error)?,
        }
        check_patience(course, now, answered_at, answered_at)?;
        clock.sleep((now.saturating_sub(began) / 60).clamp(SHORTEST, LONGEST)).await;
    }
}

fn answer(error: Error) -> Result<(), Failure> {
    seen(Err(error))
}
