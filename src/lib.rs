//! `runajob` starts, stops and watches jobs of Informatica Intelligent Cloud Services over its REST API.

pub mod api;
pub mod cli;
pub mod clock;
pub mod duration;
pub mod env;
pub mod exit;
pub mod failure;
pub mod job;
pub mod secret;
pub mod settings;
pub mod signals;
pub mod wait;
