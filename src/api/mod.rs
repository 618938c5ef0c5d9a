//! The service in our words. A request passes, from top to bottom: a resource's file, `client` with its `sessions`,
//! `exchange`, and a transport.

pub mod attempt;
pub mod client;
pub mod error;
pub mod exchange;
#[cfg(test)]
mod fake;
pub mod fence;
pub mod history;
pub mod http;
pub mod ingestion;
pub mod jobs;
pub mod listed;
pub mod listing;
pub mod log;
pub mod log_files;
pub mod logging;
pub mod lookup;
pub mod monitor;
mod request;
pub mod retry;
pub mod runs;
mod server_clock;
pub mod sessions;
pub mod taskflow;
mod together;
pub mod transport;
mod url;
pub mod wire;

pub use crate::api::client::Client;
pub use crate::api::error::Error;
pub use crate::api::transport::{Answer, BODY_LIMIT, Body, Reply, Request, Transport};
