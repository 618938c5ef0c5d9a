//! `config`: shows which file is read and where each setting comes from, and checks whether the settings work.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::api;
use crate::api::monitor::MonitoredRun;
use crate::api::retry::RetryPolicy;
use crate::cli::{Check, Output};
use crate::job::{Engine, TaskQuery, TaskType};
use crate::ops::asking::agrees;
use crate::ops::ctx::Ctx;
use crate::ops::probe as probing;
use crate::ops::probe::{ProbePlan, ProbeReport};
use crate::ops::resolve;
use crate::ops::resolve::options::check_selector;
use crate::ops::resolve::selectors::{Selection, parse_word, usage};
use crate::ops::runs::{self as kinds, TaskRuns};
use crate::output::{Report, SafeLine};
use crate::settings::{self, Entry, Settings};
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::Hint;
use crate::support::state::Reserved;

/// The config file that is read, among the places where one is looked for.
pub struct Places(Vec<PathBuf>);

pub fn path(places: Vec<PathBuf>) -> Places {
    Places(places)
}

impl Places {
    /// The file that is read; without one, where it would be.
    fn path(&self) -> Option<&PathBuf> {
        settings::config_file(&self.0)
    }
}

impl Report for Places {
    fn lines(&self) -> Vec<SafeLine> {
        self.path().map(|path| path.display().to_string().into()).into_iter().collect()
    }

    fn json(&self) -> Map<String, Value> {
        let path = self.path();
        Map::from_iter([
            ("path".to_owned(), json!(path)),
            ("exists".to_owned(), json!(path.is_some_and(|path| path.exists()))),
            ("searched".to_owned(), json!(self.0)),
        ])
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}

/// Every setting with its origin.
pub struct Shown(Vec<Entry>);

pub fn show(settings: &Settings) -> Shown {
    Shown(settings.entries().to_vec())
}

impl Report for Shown {
    fn lines(&self) -> Vec<SafeLine> {
        let row = |entry: &Entry| {
            // What is not set comes from nowhere.
            let (value, origin) = match &entry.value[..] {
                "" => ("-".to_owned(), "not set".to_owned()),
                value => (value.to_owned(), entry.origin.to_string()),
            };
            [entry.key.to_owned(), value, origin]
        };
        SafeLine::aligned(&self.0.iter().map(row).collect::<Vec<_>>())
    }

    fn json(&self) -> Map<String, Value> {
        let value = |entry: &Entry| (!entry.value.is_empty()).then(|| entry.value.clone());
        let entries = self
            .0
            .iter()
            .map(|entry| json!({"key": entry.key, "value": value(entry), "origin": entry.origin.to_string()}));
        Map::from_iter([("settings".to_owned(), entries.collect())])
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}

/// What was tried and worked, a line each.
pub struct Checks(Vec<String>);

/// Tries the settings: logs in, asks what runs, and lists mapping tasks.
pub async fn check(ctx: &Ctx<'_>) -> Result<Checks, Failure> {
    let checks = async {
        let logs_in = ctx.settings.identity()?.is_complete();
        // Without a password only the session that is kept can be tried.
        let session = if logs_in { ctx.client.login(false).await? } else { ctx.client.open().await? };
        let org = session.org.clone().unwrap_or_else(|| "unknown".to_owned());
        let login = if logs_in { "login: ok" } else { "kept session: found" };
        let mut lines = vec![format!("{login}, organisation {org}, server {}", session.server_url)];
        let shown = api::monitor::runs(ctx.client, false, RetryPolicy::Idempotent, MonitoredRun::is_active).await?;
        lines.push(format!("activity monitor: ok, {} running", shown.rows.len() + shown.unreadable));
        let tasks = api::lookup::tasks_of(ctx.client, TaskType::Mtt, |_| true).await?;
        lines.push(format!("lookup: ok, {} mapping tasks", tasks.rows.len() + tasks.unreadable));
        Ok(lines)
    };
    ctx.before_start(checks).await.map(Checks)
}

impl Report for Checks {
    fn lines(&self) -> Vec<SafeLine> {
        self.0.iter().map(SafeLine::from).collect()
    }

    fn json(&self) -> Map<String, Value> {
        Map::from_iter([("checks".to_owned(), json!(self.0))])
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}

/// Refuses a probe that makes no sense, even if no account is set up.
pub fn validate(task: &str, options: &Check) -> Result<(), Failure> {
    let query = query(task, options)?;
    if let Some(kind) = query.kind {
        check_kind(kind, options)?;
        check_selector(&query.selector, kind)?;
    }
    // The URL is not repeated, because it may hold a secret.
    match &options.callback_url {
        Some(url) if !url.starts_with("https://") && !url.starts_with("http://") => {
            Err(usage("what --callback-url names is not an http or https URL"))
        }
        _ => Ok(()),
    }
}

fn query(task: &str, options: &Check) -> Result<TaskQuery, Failure> {
    match parse_word(task, options.kind)? {
        Selection::Task(query) => Ok(query),
        Selection::Run(run) => Err(usage(format!("{run} is the handle of a run, and --probe takes a task"))
            .hint("name a task that does no harm when it runs")),
    }
}

/// Refuses what shows nothing that is open, and a stop for which there is no call.
fn check_kind(kind: TaskType, options: &Check) -> Result<(), Failure> {
    match kind.engine() {
        Engine::Taskflows => Err(usage("a taskflow shows nothing of the lists that a probe is about")
            .hint("name a task of another type, such as a mapping task that the taskflow runs")),
        Engine::Ingestion if options.stop => {
            Err(usage("the service has no call that stops a file ingestion job").hint("omit --stop"))
        }
        Engine::Jobs | Engine::Ingestion => Ok(()),
    }
}

/// Starts a harmless task and reports how the service behaves. Nothing is started without the consent of a person or `--yes`.
pub async fn probe(ctx: &Ctx<'_>, task: &str, options: &Check) -> Result<ProbeReport, Failure> {
    let file = options.probe_report.as_deref().map(ReportFile::new).transpose()?;
    ctx.observer.begin();
    let plan = ctx.before_start(plan(ctx, task, options)).await?;
    ctx.console.alarm(&plan.announcement());
    if !options.yes && !ctx.before_start(async { Ok(agrees(ctx, "Does it do no harm when it runs?").await) }).await? {
        return Err(usage("a probe starts the task, and nobody has agreed to that")
            .hint("nothing was started; to agree, add --yes"));
    }
    let mut report = probing::run(ctx, &plan).await;
    if let Some(file) = file {
        report.is_printed = !file.fill(ctx, &report);
    }
    let (observed, all) = report.observed();
    ctx.console.note(&format!("{observed} of {all} points were observed; docs/probe.md says where to send the report"));
    Ok(report)
}

/// Finds the task, and that nobody else's run of it is active.
async fn plan(ctx: &Ctx<'_>, task: &str, options: &Check) -> Result<ProbePlan, Failure> {
    ctx.client.login(false).await?;
    let query = query(task, options)?;
    let target = resolve::target(ctx, &query, false).await?;
    check_kind(target.kind, options)?;
    let target = kinds::with_id(ctx, target).await?;
    if target.kind.engine().lists_active_runs()
        && let Some(active) = TaskRuns::of(ctx, &target).await?.active(ctx).await?.first()
    {
        let what = format!("{} is running: {}", target.task.label(), active.run);
        let wait = Hint::from("nothing was started; wait until it has ended: ");
        let command = Hint::command(format!("wait {}", active.run));
        return Err(Failure::of(Exit::AlreadyRunning, what).hint(wait.then(command)));
    }
    Ok(ProbePlan { query, target, stop: options.stop, callback_url: options.callback_url.clone() })
}

/// The file of the report, with room that was reserved before anything was started.
struct ReportFile<'p> {
    path: &'p Path,
    room: Reserved,
}

impl<'p> ReportFile<'p> {
    /// More than any report takes.
    const ROOM: usize = 64 * 1024;

    fn new(path: &'p Path) -> Result<Self, Failure> {
        let room = match path.metadata() {
            Ok(metadata) if !metadata.is_file() => Err(std::io::Error::other("it is not a plain file")),
            _ => Reserved::for_others(path, Self::ROOM),
        };
        let room = room.map_err(|why| {
            Failure::new(Exit::Config, why)
                .context(format!("the report cannot be written to {}", path.display()))
                .hint("nothing was started; choose another --probe-report")
        })?;
        Ok(Self { path, room })
    }

    /// Whether the report was written. With `-o json` and `-o jsonl` it is the value of the member `probe`.
    fn fill(self, ctx: &Ctx<'_>, report: &ProbeReport) -> bool {
        let text = match ctx.settings.output {
            Output::Text => report.text(),
            Output::Json | Output::Jsonl => format!("{:#}\n", report.value()),
        };
        match self.room.fill(text.as_bytes()) {
            Ok(()) => ctx.console.note(&format!("the report is in {}", self.path.display())),
            Err(ref error) => {
                ctx.console.warn(&format!("the report could not be written to {}: {error}", self.path.display()));
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Origin;

    #[test]
    fn a_file_that_cannot_be_looked_at_is_the_one_that_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        std::fs::write(place("file"), "").unwrap();
        let of = |names: [&str; 2]| path(names.map(place).to_vec()).path().cloned();
        assert_eq!(of(["absent", "file"]), Some(place("file")));
        assert_eq!(of(["absent", "missing"]), Some(place("absent")));
        // No folder, so nobody can say what is in it.
        assert_eq!(of(["file/config.toml", "file"]), Some(place("file/config.toml")));
    }

    #[test]
    fn each_setting_stands_with_its_value_and_where_it_comes_from() {
        let entry = |key, value: &str, origin| Entry { key, value: value.to_owned(), origin };
        let shown = Shown(vec![
            entry("login_url", "https://dm-us.informaticacloud.com", Origin::File("profiles.prod".to_owned(), 3)),
            entry("timeout", "", Origin::Default),
            entry("wait", "true", Origin::Env("RUNAJOB_WAIT".to_owned())),
        ]);
        insta::assert_snapshot!(shown.lines().iter().map(|line| format!("{line}\n")).collect::<String>(), @r"
        login_url  https://dm-us.informaticacloud.com  [profiles.prod], line 3
        timeout    -                                   not set
        wait       true                                RUNAJOB_WAIT
        ");
    }
}
