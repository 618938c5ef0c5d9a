//! One start or stop while it is under way. Whoever sends it owns the [`Attempt`], so that what a lost answer means does not
//! depend on what else the client sends.

use std::cell::Cell;
use std::time::Duration;

/// When a start or a stop was sent, as long as it can have been processed.
#[derive(Debug, Default)]
pub struct Attempt {
    sent_at: Cell<Option<Duration>>,
}

impl Attempt {
    /// The reading of the clock when the request was sent, the last time if it was repeated; none when it was not sent, or
    /// when an answer says that it was not processed.
    pub fn sent_at(&self) -> Option<Duration> {
        self.sent_at.get()
    }

    pub(crate) fn is_sent(&self, now: Duration) {
        self.sent_at.set(Some(now));
    }

    pub(crate) fn was_not_processed(&self) {
        self.sent_at.set(None);
    }
}
