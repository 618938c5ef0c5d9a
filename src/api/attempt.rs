//! One start or stop while it is under way. Whoever sends it owns the [`Attempt`], so that what a lost answer means does not
//! depend on what else the client sends.

use std::cell::Cell;
use std::time::Duration;

use crate::api::transport::Connecting;

/// When a start or a stop was sent, as long as it can have been processed.
#[derive(Debug, Default)]
pub struct Attempt {
    begun_at: Cell<Option<Duration>>,
    connecting: Connecting,
}

impl Attempt {
    /// The reading of the clock when sending began, the last time if it was repeated; none when nothing was sent yet, or
    /// when an answer says that it was not processed.
    pub fn sent_at(&self) -> Option<Duration> {
        self.begun_at.get().filter(|_| !self.connecting.is_under_way())
    }

    pub(crate) fn begins(&self, now: Duration) {
        self.begun_at.set(Some(now));
    }

    pub(crate) fn was_not_processed(&self) {
        self.begun_at.set(None);
    }

    /// For the transport to say whether there is a connection yet.
    pub(crate) fn connecting(&self) -> Connecting {
        self.connecting.clone()
    }
}
