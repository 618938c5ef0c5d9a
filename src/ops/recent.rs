//! The runs that this machine has started, by task. The activity monitor shows a run only after a while: until then this
//! is how commands on one machine know of each other's. Leaves what follows from it to `commands`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::job::Run;
use crate::support::clock::Clock;
use crate::support::state::{self, Lock};

/// A run that this machine started, and that neither list shows, counts as active for so long.
const UNSHOWN: SignedDuration = SignedDuration::from_mins(10);

/// The place of one task: a file with its last run, as in every release, and beside it a folder with a file for each run
/// of the last minutes, so that processes which start at the same moment overwrite nothing of each other.
#[derive(Debug)]
pub struct RecentRun {
    file: PathBuf,
}

impl RecentRun {
    /// The place for the task of this ID at `host`.
    pub fn new(state_dir: &Path, host: &str, task_id: &str) -> Self {
        Self { file: state_dir.join("tasks").join(state::name_of(&[host, task_id])) }
    }

    /// Waits for the turn to look and start. None when another process keeps it; an error where there can be no lock.
    pub async fn lock(&self, clock: &dyn Clock, patience: Duration) -> std::io::Result<Option<Lock>> {
        state::lock(&self.file.with_extension("lock"), clock, patience).await
    }

    /// The last run, and when it was started by this machine's clock. A file that makes no sense says nothing.
    pub fn read(&self) -> Option<(Run, Timestamp)> {
        read(&self.file)
    }

    /// Whether this machine started the run, as far as it remembers: the last one, and those of the last minutes.
    pub fn has(&self, run: &Run) -> bool {
        self.all().any(|(known, _)| known == *run)
    }

    /// The runs that were started so lately that the monitor need not show them, each once, the newest first. A start in
    /// the future counts: it is the clock that was put back.
    pub fn recent(&self, now: Timestamp) -> Vec<Run> {
        let mut found: Vec<_> = self.all().filter(|(_, at)| now.duration_since(*at) < UNSHOWN).collect();
        found.sort_by(|(one, one_at), (other, other_at)| (other_at, other).cmp(&(one_at, one)));
        let mut runs: Vec<Run> = found.into_iter().map(|(run, _)| run).collect();
        runs.dedup();
        runs
    }

    /// Keeps the run. Where it cannot be kept, commands started at the same moment do not know of each other.
    pub fn write(&self, run: &Run, now: Timestamp) {
        let line = format!("{run} {now}\n");
        let _ = state::write(&self.file, line.as_bytes());
        for (path, second) in self.files() {
            if now.as_second().saturating_sub(second) > UNSHOWN.as_secs() {
                let _ = std::fs::remove_file(path);
            }
        }
        let name = format!("{}-{}", now.as_second(), state::name_of(&[&run.to_string()]));
        let _ = state::write(&self.folder().join(name), line.as_bytes());
    }

    fn all(&self) -> impl Iterator<Item = (Run, Timestamp)> {
        self.read().into_iter().chain(self.files().filter_map(|(path, _)| read(&path)))
    }

    fn folder(&self) -> PathBuf {
        self.file.with_extension("runs")
    }

    /// The files of single runs, each with the second of the start that begins its name.
    fn files(&self) -> impl Iterator<Item = (PathBuf, i64)> {
        let entries = std::fs::read_dir(self.folder()).into_iter().flatten().flatten();
        entries.filter_map(|entry| {
            let second = entry.file_name().to_str()?.rsplit_once('-')?.0.parse().ok()?;
            Some((entry.path(), second))
        })
    }
}

fn read(file: &Path) -> Option<(Run, Timestamp)> {
    let text = std::fs::read_to_string(file).ok()?;
    let (handle, at) = text.trim_end().split_once(' ')?;
    Some((handle.parse().ok()?, at.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latest(folder: &Path) -> RecentRun {
        RecentRun::new(folder, "https://login.example.com", "01ABCD0Z00000000001S")
    }

    fn run(number: u64) -> Run {
        format!("MTT/01ABCD0Z00000000001S/{number}").parse().unwrap()
    }

    fn time(text: &str) -> Timestamp {
        format!("2026-03-01T{text}Z").parse().unwrap()
    }

    #[test]
    fn the_last_run_of_a_task_is_known_until_the_file_makes_no_sense() {
        let folder = tempfile::tempdir().unwrap();
        let latest = latest(folder.path());
        assert_eq!(latest.read(), None);
        let now = time("00:00:00");
        latest.write(&run(7), now);
        assert_eq!(latest.read(), Some((run(7), now)));
        for damage in ["", "MTT/01ABCD0Z00000000001S/7", "x 2026-03-01T00:00:00Z", "MTT/01ABCD0Z00000000001S/7 soon"] {
            std::fs::write(&latest.file, damage).unwrap();
            assert_eq!(latest.read(), None, "{damage}");
        }
        std::fs::remove_file(&latest.file).unwrap();
        std::fs::create_dir(&latest.file).unwrap();
        latest.write(&run(7), now);
        assert_eq!(latest.read(), None);
    }

    #[test]
    fn each_run_of_the_last_ten_minutes_is_known_and_the_last_one_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let latest = latest(folder.path());
        latest.write(&run(7), time("10:00:00"));
        latest.write(&run(8), time("10:05:00"));
        latest.write(&run(9), time("10:05:00"));
        assert_eq!(latest.recent(time("10:09:59")), [run(9), run(8), run(7)]);
        assert_eq!(latest.recent(time("10:10:00")), [run(9), run(8)]);
        assert_eq!(latest.recent(time("09:00:00")), [run(9), run(8), run(7)], "the clock was put back");
        assert!(latest.has(&run(7)) && !latest.has(&run(6)));
        latest.write(&run(10), time("12:00:00"));
        assert!(latest.has(&run(10)) && !latest.has(&run(9)));
        assert_eq!(std::fs::read_dir(latest.folder()).unwrap().count(), 1, "old ones are cleared away");
        assert_eq!(latest.recent(time("13:00:00")), []);
        assert!(latest.has(&run(10)));
    }

    #[test]
    fn what_the_first_release_wrote_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let latest = latest(folder.path());
        state::write(&latest.file, b"MTT/01ABCD0Z00000000001S/7 2026-03-01T10:00:00Z\n").unwrap();
        assert_eq!(latest.recent(time("10:01:00")), [run(7)]);
        assert!(latest.has(&run(7)));
        latest.write(&run(8), time("10:02:00"));
        let file = std::fs::read_to_string(&latest.file).unwrap();
        assert_eq!(file, "MTT/01ABCD0Z00000000001S/8 2026-03-01T10:02:00Z\n", "which the first release reads");
    }
}
