//! One file per verb that `runajob --help` shows, each the whole story of its verb.

pub mod config;
pub mod find;
pub mod login;
pub mod sandbox;
pub mod start;
pub mod status;
pub mod stop;
pub mod wait;

use crate::cli::Command;
use crate::ops::resolve::selectors::{named, usage};
use crate::support::failure::Failure;

/// Refuses a command line that names nothing, or that names it in an impossible way, before it matters whose account it is
/// for.
pub fn validate(command: &Command) -> Result<(), Failure> {
    let (what, tasks, hint) = match command {
        Command::Start(start) => (&start.what, &start.tasks, "to see all tasks: runajob find"),
        Command::Stop(stop) => (&stop.what, &stop.tasks, "to see what runs: runajob status"),
        Command::Wait(wait) => (&wait.what, &wait.tasks, "to see what runs: runajob status"),
        Command::Status(status) => return named(&status.what, &status.tasks).map(drop),
        _ => return Ok(()),
    };
    if named(what, tasks)?.is_empty() && tasks.from_file.is_none() {
        return Err(usage("no task or run is named").hint(hint));
    }
    Ok(())
}
