//! `runajob` starts, stops and watches jobs of Informatica Intelligent Cloud Services over its REST API.

pub mod clock;
