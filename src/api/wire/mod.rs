//! The bodies as the service spells them, read leniently: one odd field must not cost the result of a run.

pub mod activity;
pub mod bodies;
pub(crate) mod element;
pub(crate) mod ingestion;
pub(crate) mod lenient;
pub(crate) mod members;
pub(crate) mod rows;
pub(crate) mod taskflow;
pub(crate) mod values;
