//! The file of a key of `--once`, and what it says. Its members never change: other versions read it too.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::job::Run;
use crate::support::state::{self, Reserved};

/// Why a key cannot be used. Nothing may be started under it then.
#[derive(Debug, Error)]
pub enum Error {
    /// Its file or its lock cannot be read or written.
    #[error("the key cannot be kept in {}: {why}", path.display())]
    Unusable { path: PathBuf, why: io::Error },
    /// This program did not write its file.
    #[error("{} is not the file of a key", path.display())]
    Damaged {
        path: PathBuf,
        /// The words of the command that removes it.
        forget: String,
    },
    /// Another process is still starting the task under this key.
    #[error("another process holds the key")]
    Locked,
    /// The task was started under this key with another request.
    #[error("the key '{key}' was used for this task with other inputs or parameters{}", of_run(run.as_deref()))]
    OtherRequest {
        key: String,
        /// The handle of the run that was started then.
        run: Option<String>,
    },
}

fn of_run(run: Option<&str>) -> String {
    run.map(|run| format!(", by the start of {run}")).unwrap_or_default()
}

/// The time by two clocks: that of this machine, which may be wrong by days, and that of the service once an answer has
/// told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    pub ours: Timestamp,
    pub service: Option<Timestamp>,
}

impl Clocks {
    pub fn earlier(self) -> Timestamp {
        self.service.map_or(self.ours, |service| service.min(self.ours))
    }

    pub fn later(self) -> Timestamp {
        self.service.map_or(self.ours, |service| service.max(self.ours))
    }
}

/// The file of a key. What 0.1.0 wrote has the first four members; machines of both versions may share a folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeyFile {
    pub key: String,
    pub task: String,
    pub asked_at: Timestamp,
    pub handle: Option<String>,
    /// When the start was about to be sent by the service's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_at: Option<Timestamp>,
    /// When a command last found the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
    /// The digest of what was sent. Inputs may be secret, so they are not kept themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Goes into the digest, so that equal inputs under two keys do not show and no table made beforehand has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
}

impl KeyFile {
    /// Whether its handle, where it has one, can be read.
    pub fn has_sound_handle(&self) -> bool {
        self.handle.as_ref().is_none_or(|handle| handle.parse::<Run>().is_ok())
    }

    /// The age of a key counts from here.
    pub fn used_at(&self) -> Timestamp {
        self.used_at.map_or(self.asked_at, |used_at| used_at.max(self.asked_at))
    }

    /// A clock that was ahead at an earlier use may let the key be kept for longer, and one that is behind now does not let
    /// it be kept for less.
    pub fn touch(&mut self, now: Clocks) {
        self.used_at = Some(self.used_at().max(now.later()));
    }

    /// Whether the key may have been used with this request. What was sent under a key of 0.1.0 is not known.
    pub fn accepts(&self, request: &str) -> bool {
        let (Some(digest), Some(salt)) = (&self.digest, &self.salt) else { return true };
        *digest == digest_of(salt, request)
    }
}

/// The file of a key for a task. The tasks of two hosts can have the same ID.
pub fn path_of(folder: &Path, host: &str, task: &str, key: &str) -> PathBuf {
    folder.join(state::name_of(&[host, task, key])).with_extension("json")
}

/// Reads the file of a key. An error of the kind `InvalidData` means that this program did not write it.
pub fn read(path: &Path) -> io::Result<Option<KeyFile>> {
    match state::read(path) {
        Ok(bytes) => {
            Ok(Some(serde_json::from_slice(&bytes).map_err(|why| io::Error::new(ErrorKind::InvalidData, why))?))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(why) => Err(why),
    }
}

/// Whether a name without its ending is that of a key's file, as [`state::name_of`] makes it.
pub fn is_name(stem: &str) -> bool {
    stem.len() == 32 && stem.bytes().all(|byte| byte.is_ascii_hexdigit())
}

pub fn digest_of(salt: &str, request: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, format!("{salt}\n{request}").as_bytes());
    state::hex(digest.as_ref())
}

pub fn new_salt() -> io::Result<String> {
    let mut salt = [0; 16];
    SystemRandom::new().fill(&mut salt).map_err(|_| io::Error::other("there is no source of random numbers"))?;
    Ok(state::hex(&salt))
}

pub fn fill(room: Reserved, kept: &KeyFile) -> io::Result<()> {
    room.fill(&serde_json::to_vec(kept)?)
}
