//! Everything outside the program that a command uses.

use crate::api::Transport;
use crate::output::Streams;
use crate::support::clock::Clock;
use crate::support::env::Env;
use crate::support::signals::Signals;

/// A test passes a manual clock, the sandbox in its own process, and buffers instead of the standard streams.
#[derive(Clone, Copy)]
pub struct World<'w> {
    pub env: &'w Env,
    pub clock: &'w dyn Clock,
    pub signals: &'w Signals,
    /// Where requests go; `None` means sockets, as the settings say.
    pub transport: Option<&'w dyn Transport>,
    pub streams: &'w Streams<'w>,
}
