//! The keys of `--once`: what became of the start under a key, kept so that neither a kill nor a reboot makes it happen
//! twice. Leaves asking the service, and what follows, to `commands`.
//!
//! A key's file goes from nothing to *asked*, before the start leaves, to *started*, once its handle is known. A command
//! that finds *asked* cannot know whether the start arrived, and looks for its run. The lock of a key is held from reading
//! the file until the handle is in it.

mod sweep;
#[cfg(test)]
mod tests;

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::job::Run;
pub use crate::ops::start::key::sweep::Swept;
pub use crate::ops::start::key::sweep::sweep;
use crate::support::clock::Clock;
use crate::support::state::{self, Lock, Reserved};

/// Room for the file of any key: the longest key, the IDs, and the names of the members.
const ROOM: usize = 4096;

/// Why a key cannot do its work. Then nothing may be started under it.
#[derive(Debug, Error)]
pub enum Error {
    /// Its file or lock cannot be read or written.
    #[error("the key cannot be kept in {}: {why}", path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: io::Error,
    },
    /// Its file is not one that this program wrote.
    #[error("{} does not say what became of the key", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// Another process is starting the task under this key, and does not get to its end.
    #[error("another process holds the key")]
    LockedKey,
    /// The task was started under this key with something else.
    #[error("the key '{key}' was used for this task with other inputs or parameters{}", of_run(run.as_deref()))]
    OtherRequest {
        /// Which key.
        key: String,
        /// The handle of the run that was started then.
        run: Option<String>,
    },
}

fn of_run(run: Option<&str>) -> String {
    run.map(|run| format!(", by the start of {run}")).unwrap_or_default()
}

/// What is known under a key.
#[derive(Debug, PartialEq, Eq)]
pub enum KeyState {
    /// A start was about to be sent. Whether it was is not known.
    Pending(Reading),
    /// This run was started.
    Started(Run),
}

/// The time by this machine's clock, which may be wrong by days, and by the service's where an answer has told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// This machine's.
    pub ours: Timestamp,
    /// The service's.
    pub service: Option<Timestamp>,
}

impl Reading {
    fn earlier(self) -> Timestamp {
        self.service.map_or(self.ours, |service| service.min(self.ours))
    }

    fn later(self) -> Timestamp {
        self.service.map_or(self.ours, |service| service.max(self.ours))
    }
}

/// The file of a key. What 0.1.0 wrote has the first four members; machines of both versions may share a folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    key: String,
    task: String,
    asked_at: Timestamp,
    handle: Option<String>,
    /// When the start was about to be sent by the service's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service_at: Option<Timestamp>,
    /// When a command last found the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used_at: Option<Timestamp>,
    /// The digest of what was sent. Inputs may be secret, so they are not kept themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    /// Goes into the digest, so that equal inputs under two keys do not show and no table made beforehand has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
}

impl Kept {
    /// The age of a key counts from here.
    fn used_at(&self) -> Timestamp {
        self.used_at.map_or(self.asked_at, |used_at| used_at.max(self.asked_at))
    }

    /// A clock that was ahead at an earlier use may let the key be kept for longer, and one that is behind now does not let
    /// it be kept for less.
    fn touch(&mut self, now: Reading) {
        self.used_at = Some(self.used_at().max(now.later()));
    }

    /// Whether the key may have been used with this request. What was sent under a key of 0.1.0 is not known.
    fn accepts(&self, request: &str) -> bool {
        let (Some(digest), Some(salt)) = (&self.digest, &self.salt) else { return true };
        *digest == digest_of(salt, request)
    }
}

fn read(path: &Path) -> Result<Option<Kept>, Error> {
    match std::fs::read(path) {
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(kept) => Ok(Some(kept)),
            Err(_) => Err(Error::Damaged { path: path.to_owned() }),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(why) => Err(Error::Unusable { path: path.to_owned(), why }),
    }
}

fn digest_of(salt: &str, request: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, format!("{salt}\n{request}").as_bytes());
    state::hex(digest.as_ref())
}

fn new_salt() -> io::Result<String> {
    let mut salt = [0; 16];
    SystemRandom::new().fill(&mut salt).map_err(|_| io::Error::other("there is no source of random numbers"))?;
    Ok(state::hex(&salt))
}

/// One key for one task.
#[derive(Debug)]
pub struct Key {
    file: PathBuf,
    name: String,
    task: String,
    request: String,
}

impl Key {
    /// The key `key` for the task of this ID, kept in `folder`. The same key for another task, or at another `host`, is
    /// another key. Under one key only one `request` is ever sent; in which order its members are does not matter.
    pub fn new(folder: &Path, host: &str, task: &str, key: &str, mut request: Value) -> Self {
        let file = folder.join(state::name_of(&[host, task, key])).with_extension("json");
        request.sort_all_objects();
        Self { file, name: key.to_owned(), task: task.to_owned(), request: request.to_string() }
    }

    /// Takes the key, waiting for another process to be done with it.
    pub async fn take(self, clock: &dyn Clock, patience: Duration) -> Result<LockedKey, Error> {
        let path = self.file.with_extension("lock");
        match state::lock(&path, clock, patience).await {
            Ok(Some(lock)) => Ok(LockedKey { kept: self.check()?, key: self, _lock: lock }),
            Ok(None) => Err(Error::LockedKey),
            Err(why) => Err(Error::Unusable { path, why }),
        }
    }

    /// Whether the key could be taken for this request, as far as its file says now.
    pub fn fits(&self) -> Result<(), Error> {
        self.check().map(drop)
    }

    fn check(&self) -> Result<Option<Kept>, Error> {
        let Some(kept) = read(&self.file)? else { return Ok(None) };
        let is_handle = |handle: &String| handle.parse::<Run>().is_ok();
        if kept.key != self.name || kept.task != self.task || !kept.handle.as_ref().is_none_or(is_handle) {
            return Err(Error::Damaged { path: self.file.clone() });
        }
        if !kept.accepts(&self.request) {
            return Err(Error::OtherRequest { key: kept.key, run: kept.handle });
        }
        Ok(Some(kept))
    }
}

/// A key in our hands.
#[derive(Debug)]
pub struct LockedKey {
    key: Key,
    kept: Option<Kept>,
    _lock: Lock,
}

impl LockedKey {
    /// Where it is kept.
    pub fn path(&self) -> &Path {
        &self.key.file
    }

    /// What is known under it.
    pub fn mark(&self) -> Option<KeyState> {
        let kept = self.kept.as_ref()?;
        Some(match kept.handle.as_ref().and_then(|handle| handle.parse().ok()) {
            Some(run) => KeyState::Started(run),
            None => KeyState::Pending(Reading { ours: kept.asked_at, service: kept.service_at }),
        })
    }

    /// Writes down that a key was found, from when on its age counts.
    pub fn touch(&mut self, now: Reading) -> io::Result<()> {
        let Some(kept) = &mut self.kept else { return Ok(()) };
        kept.touch(now);
        fill(Reserved::new(&self.key.file, ROOM)?, kept)
    }

    /// Writes down that a start is about to be sent, and sets room aside for its handle: after this neither a kill nor a
    /// full disk makes it forgotten.
    pub fn call(self, now: Reading) -> Result<Asked, Error> {
        let write = || {
            let kept = self.fresh(now)?;
            let room = Reserved::new(self.path(), ROOM)?;
            fill(Reserved::new(self.path(), ROOM)?, &kept)?;
            Ok((kept, room))
        };
        match write() {
            Ok((kept, room)) => Ok(Asked { held: self, kept, room }),
            Err(why) => Err(Error::Unusable { path: self.key.file, why }),
        }
    }

    /// Writes down the run that a lost start turned out to have begun, or that was joined instead of starting one.
    pub fn adopt(&self, run: &Run, now: Reading) -> io::Result<()> {
        let mut kept = match &self.kept {
            // What a lost start was sent with stays what its key stands for.
            Some(kept) if kept.handle.is_none() => kept.clone(),
            _ => self.fresh(now)?,
        };
        kept.handle = Some(run.to_string());
        kept.touch(now);
        fill(Reserved::new(self.path(), ROOM)?, &kept)
    }

    fn fresh(&self, now: Reading) -> io::Result<Kept> {
        let Key { name, task, request, .. } = &self.key;
        let salt = new_salt()?;
        let used_at = self.kept.as_ref().map_or(now.later(), |before| before.used_at().max(now.later()));
        Ok(Kept {
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

fn fill(room: Reserved, kept: &Kept) -> io::Result<()> {
    room.fill(&serde_json::to_vec(kept)?)
}

/// A key whose start is on its way.
#[derive(Debug)]
pub struct Asked {
    held: LockedKey,
    kept: Kept,
    room: Reserved,
}

impl Asked {
    /// Where it is kept.
    pub fn path(&self) -> &Path {
        self.held.path()
    }

    /// The start began this run.
    pub fn started(mut self, run: &Run, now: Reading) -> io::Result<()> {
        self.kept.handle = Some(run.to_string());
        self.kept.touch(now);
        fill(self.room, &self.kept)
    }

    /// The start was not processed, so it never happened, and what was known before holds again.
    pub fn withdraw(self) -> io::Result<()> {
        if let Some(before) = &self.held.kept {
            return fill(self.room, before);
        }
        std::fs::remove_file(self.held.path())?;
        state::sync_folder_of(self.held.path())
    }
}
