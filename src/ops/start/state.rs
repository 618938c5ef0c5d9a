//! What must be written before a start: `--once` and `--if-running` promise nothing without a folder that can be written.

use std::io::{self, Write};
use std::path::Path;

use crate::cli::IfRunning;
use crate::ops::ctx::Ctx;
use crate::ops::start::request::{Once, StartRequest};
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::state::private_folder;

/// Refuses a start whose key or whose check for active runs could not be written down.
pub(crate) fn check_folders(ctx: &Ctx<'_>, request: &StartRequest) -> Result<(), Failure> {
    if let Some(Once { folder, .. }) = &request.once {
        write_into(folder).map_err(|error| {
            Failure::new(Exit::Config, error)
                .context(format!("the key of --once cannot be written to {}", folder.display()))
                .hint("nothing was started; choose another folder with --once-dir or RUNAJOB_STATE_DIR")
        })?;
    }
    match (ctx.settings.if_running, &ctx.settings.state_dir) {
        (IfRunning::Start, _) => Ok(()),
        (IfRunning::Fail | IfRunning::Join, None) => Err(no_state_folder(ctx, "there is no state folder")),
        (IfRunning::Fail | IfRunning::Join, Some(folder)) => write_into(&folder.join("tasks"))
            .map_err(|error| no_state_folder(ctx, &format!("{} cannot be written: {error}", folder.display()))),
    }
}

/// The refusal of `--if-running` where other commands on this machine cannot be told of the start.
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

fn write_into(folder: &Path) -> io::Result<()> {
    private_folder(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    // A full disk lets a file be made, and nothing be written to it.
    file.write_all(&[b' '; 64])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_tried_before_it_is_relied_on() {
        let place = tempfile::tempdir().unwrap();
        let deep = place.path().join("a/b");
        write_into(&deep).unwrap();
        assert_eq!(std::fs::read_dir(&deep).unwrap().count(), 0, "nothing stays behind");
        std::fs::write(place.path().join("file"), "").unwrap();
        assert!(write_into(&place.path().join("file/below")).is_err());
    }
}
