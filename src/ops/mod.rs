//! The work that the verbs share: which task is meant, starting it at most once, stopping what was meant, watching runs.

pub mod active;
pub mod busy;
pub mod ctx;
pub mod failures;
pub mod logs;
pub mod recent;
pub mod resolve;
pub mod runs;
pub mod start;
pub mod stop;
pub mod watch;
