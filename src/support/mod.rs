//! What every floor may use: time, signals, state files, exit codes, secrets.

pub mod clock;
pub mod core_dump;
pub mod duration;
pub mod env;
pub mod exit;
pub mod failure;
pub mod file_system;
pub mod hint;
pub mod host_url;
pub mod jwt;
pub mod loopback;
pub mod masked;
pub mod reading;
pub mod sandbox_url;
pub mod secret;
pub mod signals;
pub mod state;
