//! One file per verb that `runajob --help` shows, each the whole story of its verb.

pub mod completions;
pub mod config;
pub mod find;
pub mod login;
pub mod logout;
pub mod once;
pub mod sandbox;
pub mod start;
pub mod status;
pub mod stop;
pub mod wait;
