//! The file that `--handle-file` names.

use std::path::Path;

use crate::ops::ctx::Ctx;
use crate::ops::watch::WatchedRun;
use crate::output::SafeLine;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::state::Reserved;

/// Room for one handle: a type, an ID and a number.
const HANDLE: usize = 128;

/// A file for the handles, with room that was reserved before anything was started.
pub(crate) struct HandleFile<'p> {
    path: &'p Path,
    room: Reserved,
}

impl<'p> HandleFile<'p> {
    pub(crate) fn new(path: &'p Path, handles: usize) -> Result<Self, Failure> {
        let unusable = |why: std::io::Error| {
            Failure::new(Exit::Config, why)
                .context(format!("the handles cannot be written to {}", path.display()))
                .hint("nothing was started; choose another --handle-file")
        };
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(unusable(std::io::Error::other("it is not a plain file")));
        }
        let room = Reserved::for_others(path, handles * HANDLE).map_err(unusable)?;
        Ok(Self { path, room })
    }

    /// Writes all handles at once, because another program may read the file at any moment.
    pub(crate) fn fill(self, ctx: &Ctx<'_>, watched: &[WatchedRun]) {
        let handles: String =
            watched.iter().map(|watched| format!("{}\n", SafeLine::from(watched.run.to_string()))).collect();
        if let Err(error) = self.room.fill(handles.as_bytes()) {
            ctx.console.warn(&format!("the handles could not be written to {}: {error}", self.path.display()));
        }
    }
}
