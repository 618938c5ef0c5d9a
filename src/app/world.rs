//! What a command runs in.

use crate::api::Transport;
use crate::output::Streams;
use crate::support::clock::Clock;
use crate::support::env::Env;
use crate::support::signals::Signals;

/// What a command runs in. A test puts a manual clock, a service in its own process and buffers in these places.
#[derive(Clone, Copy)]
pub struct World<'w> {
    pub env: &'w Env,
    pub clock: &'w dyn Clock,
    pub signals: &'w Signals,
    /// The way to the service; without one, sockets as the settings say.
    pub transport: Option<&'w dyn Transport>,
    pub streams: &'w Streams<'w>,
}
