//! What every floor may use: time, signals, state files, exit codes, secrets.

pub mod clock;
pub mod duration;
pub mod env;
pub mod exit;
pub mod failure;
pub mod reading;
pub mod secret;
pub mod signals;
pub mod site;
pub mod state;
