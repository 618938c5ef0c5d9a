//! One run while it is waited for.

use std::time::Duration;

use crate::job::{PollFailure, Run, RunStatus};
use crate::ops::watch::verdict::{Polled, Verdict, WatchedRun};
use crate::support::duration::in_words;

/// A run that no list shows for this long is given up.
pub(super) const UNLISTED: Duration = Duration::from_secs(600);
/// So long is enough if nobody has ever seen the run and the service has an answer that speaks against it. Such a run is
/// also searched for in both lists this often.
pub(super) const DOUBTFUL: Duration = Duration::from_secs(120);

/// What is known of a run, and the verdict once waiting for it is over.
pub(super) struct Tracked {
    pub run: Run,
    pub verdict: Option<Verdict>,
    /// Whether this command started it, or a poll showed it.
    exists: bool,
    /// When a poll brought an answer about it; none after one that did not.
    answered_at: Option<Duration>,
    /// How long it has been in no list. Only the time between two answers counts.
    unlisted_for: Duration,
    /// How long it has to be in no list before both are asked.
    search_after: Duration,
    /// Since when its resource has not been able to answer.
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

    /// Whether a poll should search both lists for it. One that asks the log alone, which is cheaper, cannot tell a run
    /// that goes on from one that does not exist.
    pub(super) fn needs_search(&self, now: Duration) -> bool {
        self.verdict.is_none() && self.absence(now) >= self.search_after
    }

    /// Whether nothing but its handle speaks for it.
    pub(super) fn is_unseen(&self) -> bool {
        self.verdict.is_none() && !self.exists
    }

    /// A poll brought no answer about any run.
    pub(super) fn miss(&mut self) {
        self.answered_at = None;
    }

    /// A poll brought an answer, of a search in both lists or of the log alone.
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

    /// How long it is in no list if an answer comes now that does not list it either.
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

/// Why contact counts as lost after failure for so long.
pub(super) fn failing(why: &str, lasted: Duration) -> String {
    format!("{why}; failing for {}", in_words(lasted))
}
