//! `once`: list the keys of `start --once`, or forget one. It reads and writes files only.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::cli::OnceCommand;
use crate::ops::start::key::file::KeyFile;
use crate::ops::start::key::kept::{self, KeptKey, LockedEntry, forget_words};
use crate::output::{Console, Report, SafeLine, columns, local};
use crate::settings::Settings;
use crate::support::env::Env;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::Hint;

pub fn run(
    once: &OnceCommand,
    settings: &Settings,
    env: &Env,
    console: &Console<'_>,
) -> Result<Box<dyn Report>, Failure> {
    let folder = settings.once_folder().ok_or_else(|| {
        Failure::of(Exit::Config, "there is no folder that keeps the keys of --once")
            .hint("choose a folder with --once-dir or RUNAJOB_STATE_DIR")
    })?;
    let keys = kept::list(&folder).map_err(|error| unreadable(&folder, error))?;
    match once {
        OnceCommand::List { key, .. } => Ok(Box::new(list(key.as_deref(), &folder, keys, console))),
        OnceCommand::Forget { key, task, yes, .. } => {
            let host = settings.identity().ok().map(crate::settings::Identity::host);
            let wanted = Wanted { folder: &folder, key, task: task.as_deref(), host };
            let has_consent = |question: &str| Ok(*yes || is_agreed(question, settings, env, console)?);
            wanted.forget(keys, has_consent).map(|forgotten| Box::new(forgotten) as _)
        }
    }
}

/// The keys that were listed.
struct KeyList(Vec<KeyFile>);

fn list(key: Option<&str>, folder: &Path, keys: Vec<KeptKey>, console: &Console<'_>) -> KeyList {
    let mut listed = Vec::new();
    for KeptKey { path, file } in keys {
        match file {
            Some(file) if key.is_none_or(|key| file.key == key) => listed.push(file),
            Some(_) => {}
            None => console.warn(&format!("{} is not the file of a key", path.display())),
        }
    }
    if listed.is_empty() {
        let of_key = key.map(|key| format!(" under '{key}'")).unwrap_or_default();
        console.note(&format!("no key is kept{of_key} in {}", folder.display()));
    }
    KeyList(listed)
}

/// Which key is to be forgotten.
struct Wanted<'w> {
    folder: &'w Path,
    key: &'w str,
    task: Option<&'w str>,
    /// Of the configured account, where there is one.
    host: Option<String>,
}

impl Wanted<'_> {
    fn forget(
        &self,
        keys: Vec<KeptKey>,
        has_consent: impl FnOnce(&str) -> Result<bool, Failure>,
    ) -> Result<Forgotten, Failure> {
        let unreadable = |error| unreadable(self.folder, error);
        let mut locked = Vec::new();
        for key in keys.into_iter().filter(|key| key.is_of(self.key, self.task, self.host.as_deref())) {
            let label = label(&key);
            let entry = key.lock().map_err(unreadable)?.ok_or_else(|| {
                Failure::of(Exit::AlreadyRunning, format!("another process uses the key '{}' for {label}", self.key))
                    .hint("nothing was forgotten; wait for the other command, then try again")
            })?;
            locked.push(entry);
        }
        // Another command may have removed one before it was locked.
        locked.retain(|entry| entry.key.is_some());
        if locked.is_empty() {
            return Err(self.not_found());
        }
        let in_doubt: Vec<&KeptKey> =
            locked.iter().filter_map(|entry| entry.key.as_ref()).filter(|key| key.is_in_doubt()).collect();
        if let Some(first) = in_doubt.first() {
            let tasks = in_doubt.iter().map(|key| label(key)).collect::<Vec<_>>().join(", ");
            let what = format!("under the key '{}' it is unknown whether {tasks} was started", self.key);
            if !has_consent(&format!("{what}, so a run may be active. Forget the key all the same?"))? {
                return Err(self.in_doubt(first, what));
            }
        }
        let removed: io::Result<Vec<_>> = locked.into_iter().map(LockedEntry::remove).collect();
        Ok(Forgotten(removed.map_err(unreadable)?.into_iter().flatten().collect()))
    }

    fn not_found(&self) -> Failure {
        let of_task = self.task.map(|task| format!(" for {task}")).unwrap_or_default();
        let what = format!("no key '{}'{of_task} is kept in {}", self.key, self.folder.display());
        let folder = self.folder.display().to_string();
        let list = Hint::command(format!("once list --once-dir {}", shell_words::quote(&folder)));
        Failure::of(Exit::NotFound, what).hint(Hint::from("to see the keys: ").then(list))
    }

    /// The refusal to forget a key whose start may have arrived.
    fn in_doubt(&self, first: &KeptKey, what: String) -> Failure {
        let look = first.file.as_ref().and_then(|file| status_words(&file.task));
        let look = match look {
            Some(words) => {
                Hint::from("nothing was forgotten; check whether a run is active: ").then(Hint::command(words))
            }
            None => Hint::from("nothing was forgotten; look for a job of the task in Monitor on the web page"),
        };
        let words = forget_words(self.folder, self.key, self.task);
        Failure::of(Exit::Usage, "a run may be active, and a start without the key would be a second one")
            .context(what)
            .hint(look.then("; to forget the key: ").then(Hint::command(words)))
    }
}

/// The words of the command that shows the runs of a task, where the service lists them.
fn status_words(task: &str) -> Option<String> {
    match task.split_once('/')? {
        ("FILE_INGESTION", _) => None,
        ("TASKFLOW", name) => Some(format!("status {} -t TASKFLOW", shell_words::quote(name))),
        (kind, id) => Some(format!("status id:{id} -t {kind}")),
    }
}

fn label(key: &KeptKey) -> String {
    key.file.as_ref().map_or_else(|| key.path.display().to_string(), |file| file.task.clone())
}

fn unreadable(folder: &Path, error: io::Error) -> Failure {
    Failure::new(Exit::Config, error)
        .context(format!("the keys in {} cannot be read or removed", folder.display()))
        .hint("check the permissions of the folder, or name another with --once-dir")
}

/// Asks a person on the terminal. Without one the answer is no.
fn is_agreed(question: &str, settings: &Settings, env: &Env, console: &Console<'_>) -> Result<bool, Failure> {
    if settings.no_input || !env.terminals.stdin || !env.terminals.stderr {
        return Ok(false);
    }
    console.alarm(&format!("{question} [y/N]"));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(|error| Failure::new(Exit::Usage, error))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn state(file: &KeyFile) -> &'static str {
    if file.handle.is_some() { "started" } else { "pending" }
}

fn entry(file: &KeyFile) -> Value {
    let (key, task, handle) = (&file.key, &file.task, &file.handle);
    json!({"key": key, "task": task, "state": state(file), "handle": handle, "last_used": file.used_at().to_string()})
}

impl Report for KeyList {
    fn lines(&self) -> Vec<SafeLine> {
        let row = |file: &KeyFile| {
            let handle = file.handle.clone().unwrap_or_else(|| "-".to_owned());
            [file.key.clone(), file.task.clone(), state(file).to_owned(), handle, local(file.used_at())]
        };
        match &self.0[..] {
            [] => Vec::new(),
            files => {
                columns(["KEY", "TASK", "STATE", "HANDLE", "LAST USED"], &files.iter().map(row).collect::<Vec<_>>())
            }
        }
    }

    fn json(&self) -> Map<String, Value> {
        Map::from_iter([("keys".to_owned(), self.0.iter().map(entry).collect())])
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}

/// The keys that were forgotten.
struct Forgotten(Vec<KeptKey>);

impl Report for Forgotten {
    fn lines(&self) -> Vec<SafeLine> {
        let line = |key: &KeptKey| match &key.file {
            Some(file) => {
                let run = file.handle.as_ref().map(|handle| format!(", whose run was {handle}")).unwrap_or_default();
                format!("forgot the key '{}' for {}{run}", file.key, file.task)
            }
            None => format!("removed {}, which was damaged", key.path.display()),
        };
        self.0.iter().map(line).map(SafeLine::from).collect()
    }

    fn json(&self) -> Map<String, Value> {
        let files: Vec<&PathBuf> = self.0.iter().filter(|key| key.file.is_none()).map(|key| &key.path).collect();
        let keys = self.0.iter().filter_map(|key| key.file.as_ref()).map(entry).collect();
        Map::from_iter([("forgotten".to_owned(), keys), ("damaged".to_owned(), json!(files))])
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}
