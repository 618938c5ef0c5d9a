//! What must be written before a start: `--once` and `--if-running` promise nothing without a folder that can be written.

use std::path::Path;

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
        check_that_keys_last(ctx, folder)?;
    }
    if ctx.settings.if_running != IfRunning::Start {
        ctx.settings.state_folder().map_err(|why| no_state_folder(ctx, &why))?;
    }
    Ok(())
}

/// Refuses a folder that goes with its container or with the machine's memory, and its keys with it. Whoever names the folder
/// may know better, and the runs of a sandbox go as well.
fn check_that_keys_last(ctx: &Ctx<'_>, folder: &Path) -> Result<(), Failure> {
    if ctx.settings.sandbox.is_some() {
        return Ok(());
    }
    let Some(kind) = ctx.env.fleeting(folder) else { return Ok(()) };
    let end = if kind == "tmpfs" { "when the machine or the container restarts" } else { "with its container" };
    let what = format!("{} is on {kind}, whose files are gone {end}", folder.display());
    if ctx.settings.once_dir.is_some() {
        ctx.console.warn(&format!("{what}; after that the same key starts the task again"));
        return Ok(());
    }
    Err(Failure::of(Exit::Config, what).context("the key of --once would not last").hint(
        "nothing was started; name a folder that lasts, such as a mounted volume, with --once-dir, RUNAJOB_ONCE_DIR or \
         once_dir in the config file",
    ))
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
