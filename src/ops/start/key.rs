//! The keys of `--once`: what became of the start under a key, written so that neither a kill nor a reboot makes it happen
//! twice.
//!
//! The file of a key says *pending* before the start is sent, and *started* once its handle is known. A command that finds a
//! pending key cannot know whether the start arrived, and searches for its run. The key stays locked from reading the file
//! until the handle is in it.

pub mod file;
pub mod kept;
pub mod sweep;
#[cfg(test)]
mod tests;

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::job::Run;
use crate::ops::start::key::file::{Clocks, Error, KeyFile, digest_of, fill, new_salt, path_of, read};
use crate::support::clock::Clock;
use crate::support::state::{self, Lock, Reserved};

/// Room for the file of any key: the longest key, the IDs, and the names of the members.
const ROOM: usize = 4096;

/// What is known of the start under a key.
#[derive(Debug, PartialEq, Eq)]
pub enum KeyState {
    /// A start was about to be sent at this time. It is unknown whether it was.
    Pending(Clocks),
    /// This run was started.
    Started(Run),
}

/// A key for one task.
#[derive(Debug)]
pub struct OnceKey {
    file: PathBuf,
    name: String,
    task: String,
    request: String,
}

impl OnceKey {
    /// The key `key` for the task with this ID, file in `folder`. For another task, or at another `host`, it is another key.
    /// Under one key only one `request` is ever sent; the order of its members does not matter.
    pub fn new(folder: &Path, host: &str, task: &str, key: &str, mut request: Value) -> Self {
        let file = path_of(folder, host, task, key);
        request.sort_all_objects();
        Self { file, name: key.to_owned(), task: task.to_owned(), request: request.to_string() }
    }

    /// Locks the key, waiting for another process to release it.
    pub async fn lock(self, clock: &dyn Clock, patience: Duration) -> Result<LockedKey, Error> {
        let path = self.file.with_extension("lock");
        match state::lock(&path, clock, patience).await {
            Ok(Some(lock)) => Ok(LockedKey { file: self.read()?, key: self, _lock: lock }),
            Ok(None) => Err(Error::Locked),
            Err(why) => Err(Error::Unusable { path, why }),
        }
    }

    /// Refuses a key that was used with another request, as far as its file says now.
    pub fn check(&self) -> Result<(), Error> {
        self.read().map(drop)
    }

    /// The words of the command that forgets it.
    pub fn forget_words(&self) -> String {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        kept::forget_words(folder, &self.name, Some(&self.task))
    }

    fn read(&self) -> Result<Option<KeyFile>, Error> {
        let damaged = || Error::Damaged { path: self.file.clone(), forget: self.forget_words() };
        let file = match read(&self.file) {
            Ok(Some(file)) => file,
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == ErrorKind::InvalidData => return Err(damaged()),
            Err(why) => return Err(Error::Unusable { path: self.file.clone(), why }),
        };
        if file.key != self.name || file.task != self.task || !file.has_sound_handle() {
            return Err(damaged());
        }
        if !file.accepts(&self.request) {
            return Err(Error::OtherRequest { key: file.key, run: file.handle });
        }
        Ok(Some(file))
    }
}

/// A key that this process has locked.
#[derive(Debug)]
pub struct LockedKey {
    key: OnceKey,
    file: Option<KeyFile>,
    _lock: Lock,
}

impl LockedKey {
    fn path(&self) -> &Path {
        &self.key.file
    }

    pub fn forget_words(&self) -> String {
        self.key.forget_words()
    }

    pub fn state(&self) -> Option<KeyState> {
        let file = self.file.as_ref()?;
        Some(match file.handle.as_ref().and_then(|handle| handle.parse().ok()) {
            Some(run) => KeyState::Started(run),
            None => KeyState::Pending(Clocks { ours: file.asked_at, service: file.service_at }),
        })
    }

    /// When its start was about to be sent, by the service's clock where that was known.
    pub fn start_sent_at(&self) -> Option<Timestamp> {
        self.file.as_ref()?.service_at
    }

    /// Records that the key was used. Its age counts from here.
    pub fn touch(&mut self, now: Clocks) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.touch(now);
        fill(Reserved::new(&self.key.file, ROOM)?, file)
    }

    /// Records that a start is about to be sent, and reserves room for its handle: after this neither a kill nor a full
    /// disk makes it forgotten.
    pub fn pending(self, now: Clocks) -> Result<PendingKey, Error> {
        self.pending_and(now, state::sync_folder_of)
    }

    fn pending_and(self, now: Clocks, sync: impl Fn(&Path) -> io::Result<()>) -> Result<PendingKey, Error> {
        let write = || {
            let file = self.fresh(now)?;
            let room = Reserved::new(self.path(), ROOM)?;
            Reserved::new(self.path(), ROOM)?.fill_and(&serde_json::to_vec(&file)?, sync)?;
            Ok((file, room))
        };
        match write() {
            Ok((file, room)) => Ok(PendingKey { locked: self, file, room }),
            Err(why) => {
                self.restore();
                Err(Error::Unusable { path: self.key.file, why })
            }
        }
    }

    /// After a failure that came before the start: what was known holds again. Where even that cannot be written, the key says
    /// that a start is pending, and its run is searched for.
    fn restore(&self) {
        let _ = match &self.file {
            Some(before) => Reserved::new(self.path(), ROOM).and_then(|room| fill(room, before)),
            None => std::fs::remove_file(self.path()),
        };
    }

    /// Records the run of a start whose answer was lost, or the run that was joined instead of starting one.
    pub fn adopt(&self, run: &Run, now: Clocks) -> io::Result<()> {
        let mut file = match &self.file {
            // The key stands for what the lost start was sent with.
            Some(file) if file.handle.is_none() => file.clone(),
            _ => self.fresh(now)?,
        };
        file.handle = Some(run.to_string());
        file.touch(now);
        fill(Reserved::new(self.path(), ROOM)?, &file)
    }

    fn fresh(&self, now: Clocks) -> io::Result<KeyFile> {
        let OnceKey { name, task, request, .. } = &self.key;
        let salt = new_salt()?;
        let used_at = self.file.as_ref().map_or(now.later(), |before| before.used_at().max(now.later()));
        Ok(KeyFile {
            key: name.clone(),
            task: task.clone(),
            asked_at: now.ours,
            handle: None,
            service_at: now.service,
            used_at: Some(used_at),
            digest: Some(digest_of(&salt, request)),
            salt: Some(salt),
        })
    }
}

/// A key whose start has no known answer yet.
#[derive(Debug)]
pub struct PendingKey {
    locked: LockedKey,
    file: KeyFile,
    room: Reserved,
}

impl PendingKey {
    pub fn forget_words(&self) -> String {
        self.locked.forget_words()
    }

    /// Records the run that was started.
    pub fn started(mut self, run: &Run, now: Clocks) -> io::Result<()> {
        self.file.handle = Some(run.to_string());
        self.file.touch(now);
        fill(self.room, &self.file)
    }

    /// Restores what was known before, because the start was not processed.
    pub fn withdraw(self) -> io::Result<()> {
        if let Some(before) = &self.locked.file {
            return fill(self.room, before);
        }
        std::fs::remove_file(self.locked.path())?;
        state::sync_folder_of(self.locked.path())
    }
}
