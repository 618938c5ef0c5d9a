#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod catalog;
mod context;
mod control;
mod damage;
mod duration;
mod errors;
mod faults;
mod hostile;
mod ids;
mod ingestion;
mod ingestion_runs;
mod jobs;
mod kind;
mod log;
mod log_files;
mod login;
mod monitor;
mod objects;
mod odd;
mod pages;
mod progress;
mod quirks;
mod request_log;
mod results;
mod routes;
mod runs;
mod sandbox;
mod scenario;
mod server;
mod sessions;
mod spec;
mod state;
mod taskflow_runs;
mod taskflows;
mod tasks;
#[cfg(test)]
mod tests;
mod times;
mod tokens;
mod wire;
mod zip;

pub use faults::Fault;
pub use jiff::Timestamp;
pub use request_log::{Effect, Exchange};
pub use sandbox::{HEADER, Sandbox};
pub use scenario::{DEFAULT_SCENARIO, Scenario, ScenarioError};
pub use server::serve;
pub use spec::FaultError;
pub use wire::{Delivery, Reply, Request};
