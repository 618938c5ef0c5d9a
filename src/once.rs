//! The keys of `--once`: what became of the start under a key, kept so that neither a kill nor a reboot makes it happen
//! twice. Leaves asking the service, and what follows, to `commands`.
//!
//! A key's file goes from nothing to *asked*, before the start leaves, to *started*, once its handle is known. A command
//! that finds *asked* cannot know whether the start arrived, and looks for its run. The lock of a key is held from reading
//! the file until the handle is in it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::clock::Clock;
use crate::job::Run;
use crate::state::{self, Lock, Reserved};

/// Room for the file of any key: the longest key, the IDs, and the names of the members.
const ROOM: usize = 4096;
/// Old keys are looked for so often.
const SWEEP: SignedDuration = SignedDuration::from_hours(1);
/// Nobody goes on with a draft of this age.
const DRAFT: SignedDuration = SignedDuration::from_hours(24);

/// Why a key cannot do its work. Then nothing may be started under it.
#[derive(Debug, Error)]
pub enum Error {
    /// Its file or lock cannot be read or written.
    #[error("the key cannot be kept in {}: {why}", path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: std::io::Error,
    },
    /// Its file is not one that this program wrote.
    #[error("{} does not say what became of the key", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// Another process is starting the task under this key, and does not get to its end.
    #[error("another process holds the key")]
    Held,
}

/// What is known under a key.
#[derive(Debug, PartialEq, Eq)]
pub enum Mark {
    /// A start was about to be sent at this moment of our clock. Whether it was is not known.
    Asked(Timestamp),
    /// This run was started.
    Started(Run),
}

#[derive(Serialize, Deserialize)]
struct Kept {
    key: String,
    task: String,
    asked_at: Timestamp,
    handle: Option<String>,
}

/// One key for one task.
#[derive(Debug)]
pub struct Key {
    file: PathBuf,
    name: String,
    task: String,
}

impl Key {
    /// The key `key` for the task of this ID, kept in `folder`. The same key for another task, or at another `host`, is
    /// another key.
    pub fn new(folder: &Path, host: &str, task: &str, key: &str) -> Self {
        let file = folder.join(state::name_of(&[host, task, key])).with_extension("json");
        Self { file, name: key.to_owned(), task: task.to_owned() }
    }

    /// Takes the key, waiting for another process to be done with it.
    pub async fn take(self, clock: &dyn Clock, patience: Duration) -> Result<Held, Error> {
        let path = self.file.with_extension("lock");
        match state::lock(&path, clock, patience).await {
            Ok(Some(lock)) => Ok(Held { key: self, _lock: lock }),
            Ok(None) => Err(Error::Held),
            Err(why) => Err(Error::Unusable { path, why }),
        }
    }
}

/// A key in our hands.
#[derive(Debug)]
pub struct Held {
    key: Key,
    _lock: Lock,
}

impl Held {
    /// Where it is kept.
    pub fn path(&self) -> &Path {
        &self.key.file
    }

    /// What is known under it.
    pub fn mark(&self) -> Result<Option<Mark>, Error> {
        let path = self.path().to_owned();
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(Error::Unusable { path, why }),
        };
        let Ok(kept) = serde_json::from_slice::<Kept>(&bytes) else { return Err(Error::Damaged { path }) };
        match kept.handle.map(|handle| handle.parse()) {
            _ if kept.key != self.key.name || kept.task != self.key.task => Err(Error::Damaged { path }),
            None => Ok(Some(Mark::Asked(kept.asked_at))),
            Some(Ok(run)) => Ok(Some(Mark::Started(run))),
            Some(Err(_)) => Err(Error::Damaged { path }),
        }
    }

    /// Writes down that a start is about to be sent, and sets room aside for its handle: after this neither a kill nor a
    /// full disk makes it forgotten.
    pub fn ask(self, now: Timestamp) -> Result<Asked, Error> {
        let write = || {
            let room = Reserved::new(self.path(), ROOM)?;
            Reserved::new(self.path(), ROOM)?.fill(&self.bytes(now, None))?;
            Ok(room)
        };
        match write() {
            Ok(room) => Ok(Asked { held: self, now, room }),
            Err(why) => Err(Error::Unusable { path: self.key.file, why }),
        }
    }

    /// Writes down the run that a lost start turned out to have begun.
    pub fn adopt(&self, asked_at: Timestamp, run: &Run) -> std::io::Result<()> {
        Reserved::new(self.path(), ROOM)?.fill(&self.bytes(asked_at, Some(run)))
    }

    fn bytes(&self, asked_at: Timestamp, run: Option<&Run>) -> Vec<u8> {
        let Key { name, task, .. } = &self.key;
        let kept = Kept { key: name.clone(), task: task.clone(), asked_at, handle: run.map(Run::to_string) };
        serde_json::to_vec(&kept).unwrap_or_default()
    }
}

/// A key whose start is on its way.
#[derive(Debug)]
pub struct Asked {
    held: Held,
    now: Timestamp,
    room: Reserved,
}

impl Asked {
    /// Where it is kept.
    pub fn path(&self) -> &Path {
        self.held.path()
    }

    /// The start began this run.
    pub fn started(self, run: &Run) -> std::io::Result<()> {
        self.room.fill(&self.held.bytes(self.now, Some(run)))
    }

    /// The start was not processed, so it never happened.
    pub fn withdraw(self) -> std::io::Result<()> {
        std::fs::remove_file(self.held.path())?;
        state::sync_folder_of(self.held.path())
    }
}

/// Removes keys that have not changed for so long, now and then. What cannot be removed stays.
pub fn sweep(folder: &Path, now: Timestamp, age: Duration) {
    let Ok(age) = SignedDuration::try_from(age) else { return };
    let old = |path: &Path, age: SignedDuration| {
        let changed = path.metadata().ok().and_then(|facts| Timestamp::try_from(facts.modified().ok()?).ok());
        changed.is_none_or(|changed| now.duration_since(changed) > age)
    };
    let last = folder.join("swept");
    if !old(&last, SWEEP) || state::write(&last, b"").is_err() {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let (key, lock) = (path.with_extension("json"), path.with_extension("lock"));
        // What a killed process had begun to write; a start that is under way is not that old.
        if entry.file_name().to_string_lossy().starts_with(".tmp") && old(&path, age.max(DRAFT)) {
            let _ = std::fs::remove_file(&path);
        }
        let is_ours = path.extension().is_some_and(|end| end == "lock");
        if is_ours && old(&key, age) && matches!(state::try_lock(&lock), Ok(Some(_held))) {
            let _ = std::fs::remove_file(&key);
            let _ = std::fs::remove_file(&lock);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    const NOW: &str = "2026-03-01T00:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    fn run(number: u64) -> Run {
        format!("MTT/01ABCD0Z00000000001S/{number}").parse().unwrap()
    }

    fn take(folder: &Path, key: &str) -> Result<Held, Error> {
        let clock = ManualClock::new(now());
        let key = Key::new(folder, "https://login.example.com", "MTT/01ABCD0Z00000000001S", key);
        clock.run(key.take(&clock, Duration::from_secs(1)))
    }

    #[test]
    fn a_key_goes_from_nothing_to_asked_to_started() {
        let folder = tempfile::tempdir().unwrap();
        let held = take(folder.path(), "day 1").unwrap();
        assert_eq!(held.mark().unwrap(), None);
        let asked = held.ask(now()).unwrap();
        assert!(matches!(take(folder.path(), "day 1"), Err(Error::Held)));
        drop(asked);
        let held = take(folder.path(), "day 1").unwrap();
        assert_eq!(held.mark().unwrap(), Some(Mark::Asked(now())));
        held.ask(now()).unwrap().started(&run(7)).unwrap();
        let held = take(folder.path(), "day 1").unwrap();
        assert_eq!(held.mark().unwrap(), Some(Mark::Started(run(7))));
        held.ask(now()).unwrap().withdraw().unwrap();
        assert_eq!(take(folder.path(), "day 1").unwrap().mark().unwrap(), None);
        assert_eq!(take(folder.path(), "day 2").unwrap().mark().unwrap(), None);
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| Path::new(name).extension().unwrap() == "lock"), "{left:?}");
    }

    #[test]
    fn what_does_not_say_what_happened_lets_nothing_start() {
        let folder = tempfile::tempdir().unwrap();
        let held = take(folder.path(), "k").unwrap();
        for damage in
            ["", "{\"key\":\"k\"", "null", "{\"key\":\"k\",\"task\":\"x\",\"asked_at\":\"2026-03-01T00:00:00Z\"}"]
        {
            std::fs::write(held.path(), damage).unwrap();
            assert!(matches!(held.mark(), Err(Error::Damaged { .. })), "{damage}");
        }
        std::fs::remove_file(held.path()).unwrap();
        std::fs::create_dir(held.path()).unwrap();
        assert!(matches!(held.mark(), Err(Error::Unusable { .. })));
        assert!(matches!(held.ask(now()), Err(Error::Unusable { .. })));
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(matches!(take(&file, "k"), Err(Error::Unusable { .. })));
    }

    #[test]
    fn old_keys_go_and_held_ones_stay() {
        let folder = tempfile::tempdir().unwrap();
        take(folder.path(), "old").unwrap().ask(now()).unwrap().started(&run(1)).unwrap();
        let held = take(folder.path(), "held").unwrap().ask(now()).unwrap();
        let files = || std::fs::read_dir(folder.path()).unwrap().count();
        let real = crate::clock::SystemClock.utc();
        let later = |hours: i64| real + SignedDuration::from_hours(hours);
        sweep(folder.path(), later(2), Duration::from_secs(3 * 3600));
        assert_eq!(files(), 6, "two keys, two locks, the held key's room, and the mark of the sweep");
        sweep(folder.path(), later(4), Duration::from_secs(3 * 3600));
        assert_eq!(files(), 4);
        held.started(&run(2)).unwrap();
        assert_eq!(take(folder.path(), "held").unwrap().mark().unwrap(), Some(Mark::Started(run(2))));
    }
}
