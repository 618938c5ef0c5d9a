//! Whole-process tests: one file per promise, on a world of their own.

#![expect(
    clippy::unwrap_used,
    clippy::tests_outside_test_module,
    reason = "a test that cannot go on ends by panicking"
)]

mod compat;
mod docs;
#[cfg(unix)]
mod files;
mod generated;
mod kinds;
mod matrix;
mod property;
mod reliability;
#[cfg(unix)]
mod signals;
mod sockets;
#[cfg(unix)]
mod storm;
mod talk;
mod tidy;
mod verbs;
mod virtual_world;
mod wire;
mod world;
