//! What a handler is given beside the state of the service, and what it gives back.

use jiff::Timestamp;

use crate::request_log::Effect;
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
    pub effect: Option<Effect>,
}

impl Answer {
    pub(crate) fn new(reply: Reply, effect: Effect) -> Self {
        Self { reply, effect: Some(effect) }
    }
}

impl From<Reply> for Answer {
    /// A reply to a request that changed nothing.
    fn from(reply: Reply) -> Self {
        Self { reply, effect: None }
    }
}
