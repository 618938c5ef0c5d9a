//! The wait loop: polls runs until each has a verdict. The caller decides which requests a poll makes (`runs`) and what a
//! person sees meanwhile (`progress`).

mod policy;
pub mod progress;
pub mod reports;
pub mod runs;
pub mod summary;
pub mod suspended;
mod tracked;
mod verdict;

use std::pin::pin;
use std::time::Duration;

use tokio::select;

use crate::api::Error;
use crate::job::{Run, RunStatus};
pub use crate::ops::watch::policy::Policy;
use crate::ops::watch::tracked::{Tracked, failing};
pub use crate::ops::watch::verdict::{Event, Polled, Verdict, WatchedRun};
use crate::support::clock::Clock;
use crate::support::signals::Signal;

/// After the deadline one last poll may take this long: a run that has ended by then counts as ended.
const LAST_POLL: Duration = Duration::from_secs(2);

/// Waits for runs, and returns one verdict for each, in their order.
///
/// `poll` asks the service once about the runs that have no verdict yet. When its second argument, `search`, is true, it asks
/// both the monitor and the log: a run that it does not find is then in neither. `notify` is called at each change. A signal
/// ends the waiting at any moment.
pub async fn watch(
    clock: &dyn Clock,
    policy: &Policy,
    runs: &[WatchedRun],
    mut poll: impl AsyncFnMut(&[Run], bool) -> Result<Vec<Polled>, Error>,
    mut notify: impl FnMut(Event<'_>),
    signal: impl Future<Output = Signal>,
) -> Vec<Verdict> {
    let mut signal = pin!(signal);
    let started = clock.now();
    let mut tracked: Vec<Tracked> = runs.iter().map(|run| Tracked::new(run, started)).collect();
    let mut failures = Failures::default();
    while tracked.iter().any(|run| run.verdict.is_none()) {
        let asked_at = clock.now();
        let left = policy.time_left(asked_at);
        let is_last = left.is_some_and(|left| left.is_zero());
        let (due, open): (Vec<usize>, Vec<Run>) = tracked
            .iter()
            .enumerate()
            .filter(|(_, run)| run.is_due(asked_at, is_last))
            .map(|(place, run)| (place, run.run.clone()))
            .unzip();
        let search = due.iter().any(|&place| tracked[place].needs_search(asked_at));
        let answer = select! {
            biased;
            signal = &mut signal => return close(tracked, &Verdict::Interrupted(signal)),
            answer = poll(&open, search) => answer,
            () = sleep_for(clock, if is_last { Some(LAST_POLL) } else { left }) => {
                if is_last {
                    break;
                }
                continue;
            }
        };
        let now = clock.now();
        // While the resource of other runs is left alone, a failure is that of the runs that were polled.
        let is_partial = due.len() < tracked.iter().filter(|run| run.verdict.is_none()).count();
        let answer = match answer {
            Err(error) if is_partial && !is_final(&error) => {
                Ok(due.iter().map(|_| Polled::Status(error.as_status())).collect())
            }
            answer => answer,
        };
        let pause = match answer {
            Ok(polled) => {
                if failures.reset() {
                    notify(Event::Recovered);
                }
                update_all(&mut tracked, &due, polled, search, now, policy.patience, &mut notify);
                // Only when every resource asked for a pause does the loop pause as long.
                let pauses = tracked.iter().filter(|run| run.verdict.is_none()).map(|run| run.pause(now));
                policy.pause(now.saturating_sub(started)).max(pauses.min().unwrap_or_default())
            }
            Err(error) => {
                tracked.iter_mut().for_each(Tracked::miss);
                // A resource that was left alone until now has failed since before.
                let open = tracked.iter().filter(|run| run.verdict.is_none());
                let since = open.map(Tracked::failing_since).max_by_key(|since| since.unwrap_or(now)).flatten();
                let (failing_for, count) = failures.add(since.unwrap_or(now), now);
                if is_final(&error) {
                    return close(tracked, &Verdict::LostContact(error.to_string()));
                }
                if failing_for >= policy.patience {
                    return close(tracked, &Verdict::LostContact(failing(&error.to_string(), failing_for)));
                }
                notify(Event::PollFailed(&error, failing_for));
                policy.pause_after_failure(count, &error).min(policy.patience.saturating_sub(failing_for))
            }
        };
        if is_last || tracked.iter().all(|run| run.verdict.is_some()) {
            break;
        }
        let pause = policy.time_left(now).map_or(pause, |left| pause.min(left));
        notify(Event::Pause(pause));
        select! {
            biased;
            signal = &mut signal => return close(tracked, &Verdict::Interrupted(signal)),
            () = clock.sleep(pause) => {}
        }
    }
    close(tracked, &Verdict::TimedOut)
}

/// Updates the runs that were polled, by their places, with what the poll says of them.
fn update_all(
    tracked: &mut [Tracked],
    due: &[usize],
    polled: Vec<Polled>,
    searched: bool,
    now: Duration,
    patience: Duration,
    notify: &mut impl FnMut(Event<'_>),
) {
    for (&place, polled) in due.iter().zip(polled) {
        let run = &mut tracked[place];
        if let Polled::Status(status) = &polled {
            notify(Event::Status(place, status));
        }
        // A resource that could not answer says nothing about whether the run exists.
        let is_missing = matches!(polled, Polled::Status(RunStatus::NotListed) | Polled::Doubtful);
        run.update(polled, searched, now, patience);
        if let Some(verdict) = &run.verdict {
            notify(Event::Verdict(place, verdict));
        } else if is_missing && run.is_unseen() {
            notify(Event::NotSeen(place));
        }
    }
}

/// The polls that have failed since the last one that succeeded.
#[derive(Default)]
struct Failures {
    since: Option<Duration>,
    count: u32,
}

impl Failures {
    /// Adds a poll that has failed, the first of them at `since`. Returns how long polling has failed, and how often it had
    /// failed before.
    fn add(&mut self, since: Duration, now: Duration) -> (Duration, u32) {
        let since = *self.since.get_or_insert(since);
        self.count += 1;
        (now.saturating_sub(since), self.count - 1)
    }

    /// Returns whether there were any.
    fn reset(&mut self) -> bool {
        self.count = 0;
        self.since.take().is_some()
    }
}

async fn sleep_for(clock: &dyn Clock, pause: Option<Duration>) {
    match pause {
        Some(pause) => clock.sleep(pause).await,
        None => std::future::pending().await,
    }
}

/// The verdicts. Runs that are still open get `rest`.
fn close(tracked: Vec<Tracked>, rest: &Verdict) -> Vec<Verdict> {
    tracked.into_iter().map(|run| run.verdict.unwrap_or_else(|| rest.clone())).collect()
}

/// Whether polling again cannot help, because the account may not do it. Any other refusal may be the service's catch-all
/// 403, and is tolerated like an outage.
pub(crate) fn is_final(error: &Error) -> bool {
    match error {
        Error::NoSession
        | Error::Forbidden(_)
        | Error::Untrusted(_)
        | Error::LoginRefused { .. }
        | Error::RefusedBefore { .. }
        | Error::TokenRefused { .. }
        | Error::WrongOrg { .. }
        | Error::OtherServer { .. }
        | Error::UnsafeServer(_) => true,
        Error::NotSent(_)
        | Error::Unclear(..)
        | Error::Unreadable { .. }
        | Error::Unavailable { .. }
        | Error::Refused { .. }
        | Error::SessionRefused
        // The source may bring another one by the next time, and nothing is sent until then.
        | Error::UsedToken { .. }
        | Error::Secret(_)
        | Error::Busy(_) => false,
    }
}

#[cfg(test)]
mod tests;
