//! One file per verb that `runajob --help` shows, with everything that belongs to that verb alone.

pub mod completions;
pub mod config;
pub mod find;
pub mod help;
pub mod history;
pub mod login;
pub mod logout;
pub mod logs;
pub mod once;
pub mod sandbox;
pub mod start;
pub mod status;
pub mod stop;
pub mod wait;
