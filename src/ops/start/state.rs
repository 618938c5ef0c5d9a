//! What must be written before a start: `--once` and `--if-running` promise nothing without a folder that can be written.

use crate::cli::IfRunning;
use crate::ops::ctx::Ctx;
use crate::ops::start::request::{Once, StartRequest};
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::state::writable;

/// Refuses a start whose key or whose check for active runs could not be written down.
pub(crate) fn check_folders(ctx: &Ctx<'_>, request: &StartRequest) -> Result<(), Failure> {
    if let Some(Once { folder, .. }) = &request.once {
        writable(Some(folder)).map_err(|why| {
            Failure::of(Exit::Config, why)
                .context("the key of --once cannot be kept")
                .hint("nothing was started; choose another folder with --once-dir or RUNAJOB_STATE_DIR")
        })?;
    }
    if ctx.settings.if_running != IfRunning::Start {
        writable(ctx.settings.state_dir.as_deref()).map_err(|why| no_state_folder(ctx, &why))?;
    }
    Ok(())
}

/// The refusal of `--if-running` where other commands on this machine could not learn of the start.
pub(crate) fn no_state_folder(ctx: &Ctx<'_>, why: &str) -> Failure {
    let action = match ctx.settings.if_running {
        IfRunning::Start => "start",
        IfRunning::Fail => "fail",
        IfRunning::Join => "join",
    };
    Failure::of(Exit::Config, why)
        .context(format!("--if-running {action} needs a state folder that can be written"))
        .hint("nothing was started; set RUNAJOB_STATE_DIR to such a folder, or use --if-running start")
}
