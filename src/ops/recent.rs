//! The runs that this machine has started, by task. The activity monitor shows a run only after a while: until then, commands
//! on one machine learn of each other's runs here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::job::Run;
use crate::ops::ctx::Ctx;
use crate::support::clock::Clock;
use crate::support::state::{self, Lock};

/// A run that this machine started, and that neither list shows, counts as active for so long.
const UNSHOWN: SignedDuration = SignedDuration::from_mins(10);

/// Where this machine keeps the runs of a task that it has started; none without a state folder.
pub(crate) fn recent(ctx: &Ctx<'_>, task_id: &str) -> Option<RecentRun> {
    Some(RecentRun::new(ctx.settings.state_dir.as_deref()?, &ctx.host(), task_id))
}

/// Whether this machine started the run. The handle of a taskflow's run does not say of which one.
pub(crate) fn was_started_here(ctx: &Ctx<'_>, run: &Run) -> bool {
    run.task_id().and_then(|id| recent(ctx, id)).is_some_and(|recent| recent.has(run))
}

/// When this machine sent the start of the run, by the service's clock, as far as it remembers.
pub(crate) fn start_sent_at(ctx: &Ctx<'_>, run: &Run) -> Option<Timestamp> {
    recent(ctx, run.task_id()?)?.start_sent_at(run)
}

/// The files of one task: one with its last run, as in every release, and next to it a folder with a file for each run of the
/// last minutes, so that processes that start the task at the same moment do not overwrite each other's.
#[derive(Debug)]
pub struct RecentRun {
    file: PathBuf,
}

impl RecentRun {
    pub fn new(state_dir: &Path, host: &str, task_id: &str) -> Self {
        Self { file: state_dir.join("tasks").join(state::name_of(&[host, task_id])) }
    }

    /// Waits for the lock under which a command checks and starts. None when another process keeps it; an error where there
    /// can be no lock.
    pub async fn lock(&self, clock: &dyn Clock, patience: Duration) -> std::io::Result<Option<Lock>> {
        state::lock(&self.file.with_extension("lock"), clock, patience).await
    }

    /// The last run, and when it was started by this machine's clock; none when the file cannot be read.
    pub fn read(&self) -> Option<(Run, Timestamp)> {
        read(&self.file)
    }

    /// Whether this machine started the run, as far as it remembers: the last one, and those of the last minutes.
    pub fn has(&self, run: &Run) -> bool {
        self.all().any(|(other, _)| other == *run)
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

    /// When the start of the run was sent, by the service's clock. What earlier releases wrote does not say it.
    pub fn start_sent_at(&self, run: &Run) -> Option<Timestamp> {
        let ours = self.files().filter(|file| read(&file.path).is_some_and(|(other, _)| other == *run));
        ours.max_by_key(|file| file.second)?.service_second.and_then(|second| Timestamp::from_second(second).ok())
    }

    /// Records the run, whose start was sent at `sent_at` by the service's clock. A run that cannot be recorded is invisible to other commands until the monitor shows it.
    pub fn write(&self, run: &Run, now: Timestamp, sent_at: Option<Timestamp>) {
        let line = format!("{run} {now}\n");
        let _ = state::write(&self.file, line.as_bytes());
        for RunFile { path, second, .. } in self.files() {
            if now.as_second().saturating_sub(second) > UNSHOWN.as_secs() {
                let _ = std::fs::remove_file(path);
            }
        }
        // Earlier releases take all behind the dash for one word, and read the line alone.
        let by_service = sent_at.map(|at| format!("_{}", at.as_second())).unwrap_or_default();
        let name = format!("{}-{}{by_service}", now.as_second(), state::name_of(&[&run.to_string()]));
        let _ = state::write(&self.folder().join(name), line.as_bytes());
    }

    fn all(&self) -> impl Iterator<Item = (Run, Timestamp)> {
        self.read().into_iter().chain(self.files().filter_map(|file| read(&file.path)))
    }

    fn folder(&self) -> PathBuf {
        self.file.with_extension("runs")
    }

    fn files(&self) -> impl Iterator<Item = RunFile> {
        let entries = std::fs::read_dir(self.folder()).into_iter().flatten().flatten();
        entries.filter_map(|entry| {
            let name = entry.file_name();
            let (second, rest) = name.to_str()?.rsplit_once('-')?;
            let service_second = rest.split_once('_').and_then(|(_, second)| second.parse().ok());
            Some(RunFile { path: entry.path(), second: second.parse().ok()?, service_second })
        })
    }
}

/// The file of a single run. Its name says when the run was started.
struct RunFile {
    path: PathBuf,
    /// By this machine's clock.
    second: i64,
    /// By the service's clock.
    service_second: Option<i64>,
}

fn read(file: &Path) -> Option<(Run, Timestamp)> {
    let text = String::from_utf8(state::read(file).ok()?).ok()?;
    let (handle, at) = text.trim_end().split_once(' ')?;
    Some((handle.parse().ok()?, at.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recent(folder: &Path) -> RecentRun {
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
        let recent = recent(folder.path());
        assert_eq!(recent.read(), None);
        let now = time("00:00:00");
        recent.write(&run(7), now, None);
        assert_eq!(recent.read(), Some((run(7), now)));
        for damage in ["", "MTT/01ABCD0Z00000000001S/7", "x 2026-03-01T00:00:00Z", "MTT/01ABCD0Z00000000001S/7 soon"] {
            std::fs::write(&recent.file, damage).unwrap();
            assert_eq!(recent.read(), None, "{damage}");
        }
        std::fs::remove_file(&recent.file).unwrap();
        std::fs::create_dir(&recent.file).unwrap();
        recent.write(&run(7), now, None);
        assert_eq!(recent.read(), None);
    }

    #[test]
    fn each_run_of_the_last_ten_minutes_is_known_and_the_last_one_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let recent = recent(folder.path());
        recent.write(&run(7), time("10:00:00"), None);
        recent.write(&run(8), time("10:05:00"), None);
        recent.write(&run(9), time("10:05:00"), None);
        assert_eq!(recent.recent(time("10:09:59")), [run(9), run(8), run(7)]);
        assert_eq!(recent.recent(time("10:10:00")), [run(9), run(8)]);
        assert_eq!(recent.recent(time("09:00:00")), [run(9), run(8), run(7)], "the clock was put back");
        assert!(recent.has(&run(7)) && !recent.has(&run(6)));
        recent.write(&run(10), time("12:00:00"), None);
        assert!(recent.has(&run(10)) && !recent.has(&run(9)));
        assert_eq!(std::fs::read_dir(recent.folder()).unwrap().count(), 1, "old ones are cleared away");
        assert_eq!(recent.recent(time("13:00:00")), []);
        assert!(recent.has(&run(10)));
    }

    #[test]
    fn what_the_first_release_wrote_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let recent = recent(folder.path());
        state::write(&recent.file, b"MTT/01ABCD0Z00000000001S/7 2026-03-01T10:00:00Z\n").unwrap();
        assert_eq!(recent.recent(time("10:01:00")), [run(7)]);
        assert!(recent.has(&run(7)));
        recent.write(&run(8), time("10:02:00"), None);
        let file = std::fs::read_to_string(&recent.file).unwrap();
        assert_eq!(file, "MTT/01ABCD0Z00000000001S/8 2026-03-01T10:02:00Z\n", "which the first release reads");
    }

    #[test]
    fn when_the_last_start_with_a_number_was_sent_is_known_by_the_services_clock() {
        let folder = tempfile::tempdir().unwrap();
        let recent = recent(folder.path());
        assert_eq!(recent.start_sent_at(&run(7)), None);
        recent.write(&run(7), time("10:00:00"), Some(time("13:00:07")));
        recent.write(&run(8), time("10:01:00"), None);
        assert_eq!((recent.start_sent_at(&run(7)), recent.start_sent_at(&run(8))), (Some(time("13:00:07")), None));
        assert!(recent.has(&run(7)) && recent.has(&run(8)));
        recent.write(&run(7), time("10:02:00"), Some(time("13:02:00")));
        assert_eq!(recent.start_sent_at(&run(7)), Some(time("13:02:00")), "the counter began anew");
    }
}
