//! Whole-process tests: one file per promise, on a world of their own.

#![expect(
    clippy::unwrap_used,
    clippy::tests_outside_test_module,
    reason = "a test that cannot go on ends by panicking"
)]

mod compat;
mod dispatch;
mod docs;
mod events;
#[cfg(unix)]
mod fence;
#[cfg(unix)]
mod files;
mod generated;
mod harmless;
mod harsh;
mod history;
mod journal;
mod keys;
mod kinds;
mod lists;
mod logs;
mod matrix;
mod odd_rows;
mod once;
mod property;
mod random;
mod reliability;
mod reports;
mod resolving;
#[cfg(unix)]
mod scripting;
mod several;
#[cfg(unix)]
mod signals;
mod sockets;
mod stops;
#[cfg(unix)]
mod storm;
mod structure;
mod talk;
mod tidy;
mod trust;
mod verbs;
mod virtual_world;
mod wire;
mod world;
