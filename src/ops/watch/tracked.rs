//! What the wait loop knows of one run.

use std::time::Duration;

use crate::job::{PollFailure, Run, RunStatus};
use crate::ops::watch::verdict::{Polled, Verdict, WatchedRun};
use crate::support::duration::in_words;

/// Waiting ends when no list has shown a run for this long.
pub(super) const UNLISTED: Duration = Duration::from_secs(600);
/// This shorter time is enough if nobody has ever seen the run and the service has an answer that speaks against it. Both
/// lists are also searched for such a run this often.
pub(super) const DOUBTFUL: Duration = Duration::from_secs(120);

/// `verdict` is set once waiting for the run is over.
pub(super) struct Tracked {
    pub run: Run,
    pub verdict: Option<Verdict>,
    /// Whether this command started it, or a poll showed it.
    exists: bool,
    /// When the last poll brought an answer about it; none if the last poll failed.
    answered_at: Option<Duration>,
    /// How long no list has shown it. Only the time between two answers counts.
    unlisted_for: Duration,
    /// How long it must be unlisted before a poll searches both lists.
    search_after: Duration,
    /// When its resource began to fail.
    failing_since: Option<Duration>,
    /// It is not polled before this reading of the clock, because its resource asked for a pause.
    resume_at: Duration,
}

impl Tracked {
    pub(super) fn new(watched: &WatchedRun, now: Duration) -> Self {
        Self {
            run: watched.run.clone(),
            verdict: None,
            exists: watched.exists,
            answered_at: Some(now),
            unlisted_for: Duration::ZERO,
            search_after: if watched.exists { UNLISTED } else { Duration::ZERO },
            failing_since: None,
            resume_at: Duration::ZERO,
        }
    }

    /// Whether it is polled now; for the last time even during a pause.
    pub(super) fn is_due(&self, now: Duration, is_last: bool) -> bool {
        self.verdict.is_none() && (is_last || self.resume_at <= now)
    }

    /// How long its resource is to be left alone.
    pub(super) fn pause(&self, now: Duration) -> Duration {
        self.resume_at.saturating_sub(now)
    }

    /// Whether a poll should search both lists for it. A poll that asks only the log is cheaper, but it shows no difference
    /// between an active run and one that does not exist.
    pub(super) fn needs_search(&self, now: Duration) -> bool {
        self.verdict.is_none() && self.absence(now) >= self.search_after
    }

    /// Whether only its handle suggests that it exists.
    pub(super) fn is_unseen(&self) -> bool {
        self.verdict.is_none() && !self.exists
    }

    /// Since when its resource alone has failed.
    pub(super) fn failing_since(&self) -> Option<Duration> {
        self.failing_since
    }

    /// A poll failed.
    pub(super) fn miss(&mut self) {
        self.answered_at = None;
    }

    /// A poll brought an answer. `searched` says that it asked both lists and not only the log.
    pub(super) fn update(&mut self, polled: Polled, searched: bool, now: Duration, patience: Duration) {
        match polled {
            Polled::Status(RunStatus::Ended(result)) => self.verdict = Some(Verdict::Ended(result)),
            Polled::Status(RunStatus::Active(_)) => self.active(now),
            Polled::Status(RunStatus::NotListed) => self.unlisted(searched, now, UNLISTED),
            Polled::Status(RunStatus::Unavailable(failure)) => self.unavailable(&failure, now, patience),
            Polled::NeedsPerson(progress) => self.verdict = Some(Verdict::Suspended(progress)),
            Polled::Doubtful => self.unlisted(searched, now, if self.exists { UNLISTED } else { DOUBTFUL }),
        }
    }

    /// How long it will have been unlisted if an answer that arrives now does not list it either.
    fn absence(&self, now: Duration) -> Duration {
        self.unlisted_for + now.saturating_sub(self.answered_at.unwrap_or(now))
    }

    fn active(&mut self, now: Duration) {
        self.exists = true;
        self.answered_at = Some(now);
        self.unlisted_for = Duration::ZERO;
        self.search_after = UNLISTED;
        self.failing_since = None;
    }

    fn unlisted(&mut self, searched: bool, now: Duration, limit: Duration) {
        self.unlisted_for = self.absence(now);
        self.answered_at = Some(now);
        self.failing_since = None;
        if !searched {
            return;
        }
        if self.unlisted_for >= limit {
            self.verdict = Some(Verdict::NotListed);
        } else if !self.exists {
            self.search_after = (self.unlisted_for + DOUBTFUL).min(UNLISTED);
        }
    }

    fn unavailable(&mut self, failure: &PollFailure, now: Duration, patience: Duration) {
        self.answered_at = None;
        let failing_for = now.saturating_sub(*self.failing_since.get_or_insert(now));
        if failing_for >= patience {
            self.verdict = Some(Verdict::LostContact(failing(&failure.why, failing_for)));
        }
        self.resume_at = now + failure.retry_after.unwrap_or_default().min(patience.saturating_sub(failing_for));
    }
}

pub(super) fn failing(why: &str, lasted: Duration) -> String {
    format!("{why}; failing for {}", in_words(lasted))
}
