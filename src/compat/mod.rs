//! RunAJob's command line.

pub mod properties;
