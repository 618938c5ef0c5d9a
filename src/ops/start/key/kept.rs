//! The keys that a folder keeps, for a person who wants to see them or have one forgotten.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::ops::start::key::file::{KeyFile, is_name, path_of, read};
use crate::support::state::{self, Lock};

/// A key for one task, as its file says.
#[derive(Debug)]
pub struct KeptKey {
    pub path: PathBuf,
    /// None when this program did not write the file.
    pub file: Option<KeyFile>,
}

/// Every key in the folder, in the order of their names and tasks. A folder that is missing has none.
pub fn list(folder: &Path) -> io::Result<Vec<KeptKey>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut keys = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_key = path.extension().is_some_and(|end| end == "json")
            && path.file_stem().and_then(|stem| stem.to_str()).is_some_and(is_name);
        if is_key {
            keys.extend(KeptKey::read(path)?);
        }
    }
    let order = |key: &KeptKey| {
        let (name, task) = key.file.as_ref().map(|file| (file.key.clone(), file.task.clone())).unzip();
        (name, task, key.path.clone())
    };
    keys.sort_by_cached_key(order);
    Ok(keys)
}

impl KeptKey {
    fn read(path: PathBuf) -> io::Result<Option<Self>> {
        match read(&path) {
            Ok(file) => Ok(file.map(|file| Self { path, file: Some(file).filter(KeyFile::has_sound_handle) })),
            Err(error) if error.kind() == ErrorKind::InvalidData => Ok(Some(Self { path, file: None })),
            Err(error) => Err(error),
        }
    }

    /// Whether it is this key, for this task if one is given. Of a damaged file only the name tells, which depends on the host.
    pub fn is_of(&self, key: &str, task: Option<&str>, host: Option<&str>) -> bool {
        match (&self.file, task, host) {
            (Some(file), task, _) => file.key == key && task.is_none_or(|task| file.task == task),
            (None, Some(task), Some(host)) => {
                path_of(Path::new(""), host, task, key).file_name() == self.path.file_name()
            }
            (None, ..) => false,
        }
    }

    /// Whether a start under it may have created a run that nobody knows of.
    pub fn is_in_doubt(&self) -> bool {
        self.file.as_ref().is_none_or(|file| file.handle.is_none())
    }

    /// Locks the key and reads it again. None when another process uses it.
    pub fn lock(self) -> io::Result<Option<LockedEntry>> {
        let lock = state::try_lock(&self.path.with_extension("lock"))?;
        Ok(match lock {
            Some(lock) => Some(LockedEntry { key: Self::read(self.path)?, _lock: lock }),
            None => None,
        })
    }
}

/// A key of the folder that this process has locked.
#[derive(Debug)]
pub struct LockedEntry {
    /// None when another process has removed it meanwhile.
    pub key: Option<KeptKey>,
    _lock: Lock,
}

impl LockedEntry {
    /// Removes the key for good, and its lock while nobody else has that.
    pub fn remove(self) -> io::Result<Option<KeptKey>> {
        let Some(key) = self.key else { return Ok(None) };
        std::fs::remove_file(&key.path)?;
        state::sync_folder_of(&key.path)?;
        let _ = std::fs::remove_file(key.path.with_extension("lock"));
        Ok(Some(key))
    }
}

/// The words of the command that forgets a key whatever its state is.
pub fn forget_words(folder: &Path, key: &str, task: Option<&str>) -> String {
    let folder = folder.display().to_string();
    let task = task.map(|task| format!("--task {} ", shell_words::quote(task))).unwrap_or_default();
    let options = format!("{task}--once-dir {} --yes", shell_words::quote(&folder));
    match shell_words::quote(key) {
        key if key.starts_with('-') => format!("once forget {options} -- {key}"),
        key => format!("once forget {key} {options}"),
    }
}
