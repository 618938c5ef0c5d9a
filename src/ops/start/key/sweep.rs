//! Removing keys that nobody has used for long. No single reading of a clock decides: a key is removed only when two sweeps at
//! least a day apart found it too old, and nobody used it and no clock was set back in between.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ops::start::key::file::{Clocks, KeyFile, is_name, read};
use crate::support::state;

/// So many entries of the folder are examined by one command.
const ENTRIES: usize = 1000;
/// A sweep through all keys begins this often. The two sweeps that must find a key too old are this far apart.
const APART: SignedDuration = SignedDuration::from_hours(24);
/// A clock that goes back by more than this has been set. The clocks of machines that share the folder may differ by less.
const SET_BACK: SignedDuration = SignedDuration::from_hours(1);
/// So many findings are remembered. The rest of a folder that is full of old keys comes next time.
const FINDINGS: usize = 5000;

/// What the sweeps found so far, in a file of the folder. Without it keys stay longer.
#[derive(Debug, Serialize, Deserialize)]
struct SweepState {
    /// The time of the last sweep.
    last: Timestamp,
    /// When the way through the folder began that is under way or was the last.
    began: Timestamp,
    /// The entry after which that goes on. None when it is at its end.
    after: Option<String>,
    /// The entries that were found too old.
    found: BTreeMap<String, Finding>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Finding {
    /// When it was found first.
    at: Timestamp,
    /// When the key had been used last, then.
    used_at: Option<Timestamp>,
}

/// What a sweep did.
#[derive(Debug, PartialEq, Eq)]
pub struct Swept {
    pub examined: usize,
    /// Keys that are too old, and are removed if they still are a day later.
    pub found: usize,
    pub removed: usize,
}

/// Removes keys that were not used for `keep`, examining a part of the folder. None when another command does so just now,
/// or when all keys were examined within a day. What cannot be removed stays.
pub fn sweep(folder: &Path, now: Clocks, keep: Duration) -> Option<Swept> {
    let keep = SignedDuration::try_from(keep).ok()?;
    let _lock = state::try_lock(&folder.join("swept.lock")).ok()??;
    let file = folder.join("swept");
    let (mut state, was_set_back) = SweepState::read(&file, now.earlier());
    let entries = state.next_entries(folder);
    if entries.is_none() && !was_set_back {
        return None;
    }
    let mut swept = Swept { examined: 0, found: 0, removed: 0 };
    for entry in entries.iter().flatten() {
        swept.removed += usize::from(state.examine(folder, entry, keep));
        swept.examined += usize::from(!is_draft(entry));
    }
    swept.found = state.found.keys().filter(|entry| !is_draft(entry)).count();
    let _ = state::write(&file, &serde_json::to_vec(&state).ok()?);
    Some(swept)
}

impl SweepState {
    /// The state as of now, and whether a clock was set back since it was written: then one of the times in it was wrong, and
    /// no finding counts.
    fn read(file: &Path, now: Timestamp) -> (Self, bool) {
        let kept = state::read(file).ok().and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        let Some(mut state) = kept else {
            let after = Some(String::new());
            return (Self { last: now, began: now, after, found: BTreeMap::new() }, false);
        };
        let was_set_back = state.last.duration_since(now) > SET_BACK;
        if was_set_back {
            state.found.clear();
        }
        state.last = now;
        (state, was_set_back)
    }

    /// The entries to examine now, going on where the last command stopped.
    fn next_entries(&mut self, folder: &Path) -> Option<BTreeSet<String>> {
        let after = match self.after.take() {
            Some(after) => after,
            None if self.last.duration_since(self.began).abs() < APART => return None,
            None => {
                self.began = self.last;
                self.found.retain(|entry, _| path_of(folder, entry).exists());
                String::new()
            }
        };
        let mut entries = BTreeSet::new();
        for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Some(entry) = file.file_name().to_str().and_then(entry_of) else { continue };
            if entry > after {
                entries.insert(entry);
            }
            if entries.len() > ENTRIES {
                entries.pop_last();
            }
        }
        self.after = entries.last().filter(|_| entries.len() == ENTRIES).cloned();
        Some(entries)
    }

    /// Examines one entry, and removes it where that is due. Gives whether a key was removed.
    fn examine(&mut self, folder: &Path, entry: &str, keep: SignedDuration) -> bool {
        let path = path_of(folder, entry);
        if is_draft(entry) {
            // A killed process left it; no start takes a day.
            if self.is_due(entry, None) && std::fs::remove_file(&path).is_ok() {
                self.found.remove(entry);
            }
            return false;
        }
        let lock = path.with_extension("lock");
        let used_at = match read(&path) {
            Ok(Some(kept)) if self.is_too_old(&kept, keep) => kept.used_at(),
            Ok(kept) => {
                self.found.remove(entry);
                if kept.is_none() && matches!(state::try_lock(&lock), Ok(Some(_locked)) if !path.exists()) {
                    let _ = std::fs::remove_file(&lock);
                }
                return false;
            }
            Err(_) => return false,
        };
        if !self.is_due(entry, Some(used_at)) {
            return false;
        }
        // While it is locked nobody uses it.
        let Ok(Some(_locked)) = state::try_lock(&lock) else { return false };
        let is_same =
            matches!(read(&path), Ok(Some(kept)) if self.is_too_old(&kept, keep) && kept.used_at() == used_at);
        let is_removed = is_same && std::fs::remove_file(&path).is_ok();
        if is_removed {
            let _ = std::fs::remove_file(&lock);
            self.found.remove(entry);
        }
        is_removed
    }

    /// A pending key never is: its start may have arrived.
    fn is_too_old(&self, kept: &KeyFile, keep: SignedDuration) -> bool {
        kept.handle.is_some() && self.last.duration_since(kept.used_at()) > keep
    }

    /// Whether the entry was found too old a day ago, and is as it was then; else takes it down as found now.
    fn is_due(&mut self, entry: &str, used_at: Option<Timestamp>) -> bool {
        if let Some(finding) = self.found.get(entry)
            && finding.used_at == used_at
            && finding.at <= self.last
        {
            return self.last.duration_since(finding.at) >= APART;
        }
        if self.found.len() < FINDINGS || self.found.contains_key(entry) {
            self.found.insert(entry.to_owned(), Finding { at: self.last, used_at });
        }
        false
    }
}

/// The entry that a file of the folder belongs to: a draft by itself, a key with its lock. Other files are not ours.
fn entry_of(name: &str) -> Option<String> {
    if is_draft(name) {
        return Some(name.to_owned());
    }
    let (stem, end) = name.rsplit_once('.')?;
    (matches!(end, "json" | "lock") && is_name(stem)).then(|| stem.to_owned())
}

fn is_draft(entry: &str) -> bool {
    entry.starts_with(".tmp")
}

fn path_of(folder: &Path, entry: &str) -> PathBuf {
    if is_draft(entry) { folder.join(entry) } else { folder.join(entry).with_extension("json") }
}
