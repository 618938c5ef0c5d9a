//! The last run of each task that this machine started. The activity monitor shows a run only after a while: until then
//! this is how commands on one machine know of each other's. Leaves what follows from it to `commands`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::clock::Clock;
use crate::job::Run;
use crate::state::{self, Lock};

/// The place of one task.
#[derive(Debug)]
pub struct Latest {
    file: PathBuf,
}

impl Latest {
    /// The place for the task of this ID at `host`.
    pub fn new(state_dir: &Path, host: &str, task_id: &str) -> Self {
        Self { file: state_dir.join("tasks").join(state::name_of(&[host, task_id])) }
    }

    /// Waits for the turn to look and start. None when another process keeps it; an error where there can be no lock.
    pub async fn lock(&self, clock: &dyn Clock, patience: Duration) -> std::io::Result<Option<Lock>> {
        state::lock(&self.file.with_extension("lock"), clock, patience).await
    }

    /// The run, and when it was started by this machine's clock. A file that makes no sense says nothing.
    pub fn read(&self) -> Option<(Run, Timestamp)> {
        let text = std::fs::read_to_string(&self.file).ok()?;
        let (handle, at) = text.trim_end().split_once(' ')?;
        Some((handle.parse().ok()?, at.parse().ok()?))
    }

    /// Keeps the run. Where it cannot be kept, commands started at the same moment do not know of each other.
    pub fn write(&self, run: &Run, now: Timestamp) {
        let _ = state::write(&self.file, format!("{run} {now}\n").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_run_of_a_task_is_known_until_the_file_makes_no_sense() {
        let folder = tempfile::tempdir().unwrap();
        let latest = Latest::new(folder.path(), "https://login.example.com", "01ABCD0Z00000000001S");
        assert_eq!(latest.read(), None);
        let run: Run = "MTT/01ABCD0Z00000000001S/7".parse().unwrap();
        let now: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        latest.write(&run, now);
        assert_eq!(latest.read(), Some((run.clone(), now)));
        for damage in ["", "MTT/01ABCD0Z00000000001S/7", "x 2026-03-01T00:00:00Z", "MTT/01ABCD0Z00000000001S/7 soon"] {
            std::fs::write(&latest.file, damage).unwrap();
            assert_eq!(latest.read(), None, "{damage}");
        }
        std::fs::remove_file(&latest.file).unwrap();
        std::fs::create_dir(&latest.file).unwrap();
        latest.write(&run, now);
        assert_eq!(latest.read(), None);
    }
}
