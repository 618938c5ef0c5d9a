//! Finds the run of a start whose answer was lost. A run is adopted only when it is of the same task, was started by the
//! session's own user over the REST API and not before the request by the service's clock, and is the only such run.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::select;

use crate::api::listed::ListedRun;
use crate::api::{self, Client, Error};
use crate::job::{JobRun, Run, StartInfo};
use crate::ops::ctx::Ctx;
use crate::ops::recent::was_started_here;
use crate::ops::start::key::file::Clocks;

/// How far the clocks of the service's parts may lie apart.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(5);
/// A clock that is off by more was set.
const SET: SignedDuration = SignedDuration::from_mins(10);
/// The pauses between two searches double from here ...
const SHORTEST: Duration = Duration::from_secs(1);
/// ... up to here.
const LONGEST: Duration = Duration::from_secs(10);

/// A round that begins shortly before the end of the search is given so long, which is a slow answer from each list.
const LAST_ROUND: Duration = Duration::from_secs(60);

/// When the start was sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SentAt {
    /// By this process, at this reading of its clock.
    Here(Duration),
    /// By a process that recorded what the clocks showed.
    Recorded(Clocks),
}

/// What the search came to.
#[derive(Debug)]
pub(crate) enum Reconciled {
    /// Our run, and the name of its task.
    Ours(JobRun, Option<String>),
    /// None, and why it is not known whether there is one.
    Unknown(String),
}

/// Searches for the run of a lost start of a task for as long as `patience`. The runs that this machine knows to have
/// started are not it, because their own starts were answered.
pub(crate) async fn search(ctx: &Ctx<'_>, task_id: &str, sent: SentAt, patience: Duration) -> Reconciled {
    let end = ctx.clock.now().saturating_add(patience);
    let mut pause = SHORTEST;
    loop {
        let left = end.saturating_sub(ctx.clock.now());
        let round = select! {
            biased;
            round = once(ctx, task_id, sent) => Some(round),
            () = ctx.clock.sleep(left.max(LAST_ROUND)) => None,
        };
        let why = match round {
            Some(Ok(Reconciled::Unknown(why))) => why,
            Some(Ok(ours)) => return ours,
            Some(Err(error)) => {
                pause = pause.max(error.retry_after().unwrap_or_default());
                error.to_string()
            }
            None => "the lists of its runs took too long".to_owned(),
        };
        let left = end.saturating_sub(ctx.clock.now());
        if left.is_zero() {
            return Reconciled::Unknown(why);
        }
        ctx.clock.sleep(pause.min(left)).await;
        pause = (pause * 2).min(LONGEST);
    }
}

async fn once(ctx: &Ctx<'_>, task_id: &str, sent: SentAt) -> Result<Reconciled, Error> {
    // The full list is searched until an answer has shown the service's time.
    let since = |client: &Client<'_>| match sent {
        SentAt::Here(reading) => client.server_time_at(reading),
        SentAt::Recorded(then) => {
            let ahead = client.server_time_at(ctx.clock.now())?.duration_since(ctx.clock.utc());
            let by_our_clock = then.ours.checked_add(ahead).ok();
            // Our clock gives the more exact time, unless it was set since then.
            let was_set =
                |recorded: &Timestamp| by_our_clock.is_none_or(|time| time.duration_since(*recorded).abs() > SET);
            then.service.filter(was_set).or(by_our_clock)
        }
    };
    let earliest = since(ctx.client).unwrap_or(Timestamp::MIN);
    let listed = api::listed::runs(ctx.client, task_id, earliest).await?;
    let (Some(since), Some(now), Some(user)) =
        (since(ctx.client), ctx.client.server_time_at(ctx.clock.now()), ctx.client.user())
    else {
        return Ok(Reconciled::Unknown(
            "the service does not say whose session this is, or what time it is".to_owned(),
        ));
    };
    let started_here = |listed: &ListedRun| was_started_here(ctx, &Run::from(listed.run.clone()));
    let mut ours: Vec<ListedRun> =
        listed.into_iter().filter(|one| is_ours(one, &user, since, now) && !started_here(one)).collect();
    Ok(match (ours.pop(), ours.is_empty()) {
        (Some(run), true) => Reconciled::Ours(run.run, run.task_name),
        (None, _) => Reconciled::Unknown(format!(
            "neither list shows a run of it that {user} started over the REST API since {}",
            ctx.console.time(since)
        )),
        (Some(last), false) => {
            ours.push(last);
            let runs: Vec<JobRun> = ours.into_iter().map(|listed| listed.run).collect();
            let handles = Run::list(&runs).join(", ");
            Reconciled::Unknown(format!("more than one run may be the one that was started: {handles}"))
        }
    })
}

fn is_ours(listed: &ListedRun, user: &str, since: Timestamp, now: Timestamp) -> bool {
    let StartInfo { by, over_rest, at } = &listed.start_info;
    let (Ok(from), Ok(to)) = (since.checked_sub(TOLERANCE), now.checked_add(TOLERANCE)) else { return false };
    *over_rest && by.as_deref().is_some_and(|by| by.eq_ignore_ascii_case(user)) && at.may_lie_between(from, to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Moment, TaskType};

    fn at(time: &str) -> Timestamp {
        format!("2026-03-03T{time}Z").parse().unwrap()
    }

    fn listed(by: Option<&str>, over_rest: bool, at: Moment) -> ListedRun {
        let run = JobRun { kind: TaskType::Mtt, task_id: "01ABCD0Z00000000001S".into(), run_id: 7 };
        ListedRun { run, task_name: None, start_info: StartInfo { by: by.map(Into::into), over_rest, at } }
    }

    fn ours(by: Option<&str>, over_rest: bool, moment: Moment) -> bool {
        is_ours(&listed(by, over_rest, moment), "ops", at("10:00:00"), at("10:01:00"))
    }

    #[test]
    fn a_run_is_ours_by_user_channel_and_time() {
        let then = Moment::At(at("10:00:01"));
        assert!(ours(Some("ops"), true, then) && ours(Some("OPS"), true, then));
        assert!(!ours(Some("else"), true, then) && !ours(None, true, then) && !ours(Some("ops"), false, then));
        assert!(ours(Some("ops"), true, Moment::At(at("09:59:55"))));
        assert!(!ours(Some("ops"), true, Moment::At(at("09:59:54"))));
        assert!(!ours(Some("ops"), true, Moment::At(at("10:01:06"))));
        assert!(!ours(Some("ops"), true, Moment::Unknown));
    }

    #[test]
    fn eastern_time_is_tried_by_the_offset_of_its_date_alone() {
        for (eastern, expected) in [("05:00:01", true), ("06:00:01", false), ("04:00:01", false), ("07:00:01", false)] {
            assert_eq!(ours(Some("ops"), true, Moment::Eastern(at(eastern))), expected, "{eastern}");
        }
    }
}
