//! The logs of a run and of its parts: which there are, and their texts.

mod archive;
pub(crate) mod lines;
pub(crate) mod on_failure;
mod which;

use std::fs::File;

use crate::api::Error;
use crate::api::log_files::{FetchError, LogFile, fetch};
use crate::ops::ctx::Ctx;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

pub(crate) use crate::ops::logs::which::{LogOf, logs_of};

/// Fetches a log into a file without a name, unpacked where the service packs it. None when the service has no such log.
pub(crate) async fn fetched(ctx: &Ctx<'_>, log: &LogOf) -> Result<Option<File>, Failure> {
    let local = |error: std::io::Error| {
        Failure::of(Exit::Config, error)
            .context("cannot write a temporary file")
            .hint("set TMPDIR to a folder that can be written")
    };
    let mut file = tempfile::tempfile().map_err(local)?;
    match fetch(ctx.client, &log.file, &mut file).await {
        Ok(()) => {}
        Err(FetchError::Local(error)) => return Err(local(error)),
        // The service refuses the log of a run that never ran.
        Err(FetchError::Service(error)) if matches!(error, Error::Refused { .. }) => {
            ctx.console.note(&format!("the service has no {} of {}: {error}", log.what(), log.name));
            return Ok(None);
        }
        Err(FetchError::Service(error)) => return Err(error.into()),
    }
    match log.file {
        LogFile::Session { .. } => archive::unpacked(file).map(Some).map_err(|why| {
            Failure::of(Exit::Unreachable, why).context(format!("the session log of {} cannot be read", log.name))
        }),
        LogFile::Rejected { .. } => Ok(Some(file)),
    }
}
