//! `runajob` starts, stops and watches jobs of Informatica Intelligent Cloud Services (IICS, IDMC) over its REST API, and
//! ends with an exit code that a script can trust.

pub mod api;
pub mod app;
pub mod cli;
pub mod commands;
pub mod compat;
#[doc(hidden)]
pub mod fuzzing;
pub mod job;
pub mod ops;
pub mod output;
pub mod settings;
pub mod support;

pub use app::{World, parse, perform, run};
