//! What a handler is given beside the state of the service, and what it gives back.

use jiff::Timestamp;

use crate::request_log::Deed;
use crate::wire::{Reply, Request};

/// One request of a user with a session.
pub(crate) struct Context<'r> {
    pub request: &'r Request,
    /// The time by the clock of the service.
    pub now: Timestamp,
    pub user: String,
    /// Numbers the requests, for the request IDs in error bodies.
    pub serial: usize,
}

/// The reply to a request, and what the request changed.
pub(crate) struct Answer {
    pub reply: Reply,
    pub deed: Option<Deed>,
}

impl Answer {
    pub(crate) fn new(reply: Reply, deed: Deed) -> Self {
        Self { reply, deed: Some(deed) }
    }
}

impl From<Reply> for Answer {
    /// A reply to a request that changed nothing.
    fn from(reply: Reply) -> Self {
        Self { reply, deed: None }
    }
}
