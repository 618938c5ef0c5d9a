//! A function for each group of parsers: it reads any bytes, and says what must hold of what it made of them. For `fuzz/`,
//! and for the test that runs the same functions a little each time, so that they never rot.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::api::attempt::Attempt;
use crate::api::client::Timeouts;
use crate::api::http::headers;
use crate::api::jobs::StartOptions;
use crate::api::retry::RetryPolicy;
use crate::api::sessions::refusals::Refusals;
use crate::api::sessions::servers::Servers;
use crate::api::sessions::session::Session;
use crate::api::sessions::store::Store;
use crate::api::sessions::{Access, Account};
use crate::api::taskflow::FlowOptions;
use crate::api::wire::activity::{List, Row};
use crate::api::wire::{lenient, rows, values};
use crate::api::{
    Answer, Body, Client, Reply, Request, Transport, ingestion, jobs, listed, log, lookup, monitor, runs, taskflow,
};
use crate::compat::properties::Properties;
use crate::compat::restenv::Restenv;
use crate::job::{JobRun, Moment, Run, TaskSelector, TaskType};
use crate::ops::recent::RecentRun;
use crate::ops::resolve::{inputs, selectors, wildcards};
use crate::ops::start::key::OnceKey;
use crate::ops::start::key::file::Clocks;
use crate::ops::start::key::kept;
use crate::output::{SafeLine, is_harmless};
use crate::support::clock::ManualClock;
use crate::support::duration;
use crate::support::secret::Secret;
use crate::{compat, output, settings};

/// A name, and what reads the bytes. It panics where something does not hold.
pub type FuzzTarget = (&'static str, fn(&[u8]));

/// Everything that reads what this program did not write itself just now.
pub const TARGETS: [FuzzTarget; 10] = [
    ("words", words),
    ("wildcards", globs),
    ("times", times),
    ("properties", properties),
    ("config", config),
    ("inputs", flow_inputs),
    ("texts", texts),
    ("rows", split_rows),
    ("answers", answers),
    ("state", state),
];

/// Reads bytes with the target of this name.
///
/// # Panics
/// When something does not hold of what was read, or there is no such target.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|(other, _)| *other == name);
    let Some((_, read)) = target else { panic!("there is no target {name}") };
    read(bytes);
}

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 365 * 56)
}

/// Handles, words, and lists of them.
fn words(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(run) = text.parse::<Run>() {
        assert_eq!(run.to_string().parse(), Ok(run), "a handle reads as it is written");
    }
    let Ok(found) = selectors::listed(&text, "the list", None) else { return };
    assert!(found.len() <= text.lines().count(), "a line is one task");
    for one in found {
        if let selectors::Selection::Task(query) = one
            && let TaskSelector::Path(path) = query.selector
        {
            assert!(selectors::line_of(&path, None).is_some(), "what a list says can be listed: {path:?}");
        }
    }
}

/// A pattern in the first line, and a path in the second.
fn globs(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (pattern, path) = text.split_once('\n').unwrap_or((&text, &text));
    wildcards::matches(pattern, path);
    assert!(wildcards::matches("**", path));
    assert!(wildcards::matches(path, path) || path.contains(['*', '?']), "a path matches itself");
}

/// Durations, dates and the service's times.
fn times(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(read) = duration::parse(&text) {
        assert_eq!(duration::parse(&duration::exact(read)), Ok(read), "a duration reads as it is written");
        let _ = (duration::show(read), duration::in_words(read));
    }
    for date in [headers::moment(&text), Some(now()), None] {
        let _ = headers::retry_after(&text, date);
    }
    if let Some(time) = values::time(Some(&text)) {
        let eastern = Moment::Eastern(time);
        let all = (Timestamp::MIN, Timestamp::MAX);
        assert!(!eastern.is_before(now()) || !eastern.may_lie_between(now(), all.1));
        let _ = output::local(time);
    }
}

/// RunAJob's file and its command line.
fn properties(bytes: &[u8]) {
    if let Ok(properties) = Properties::parse(bytes) {
        assert!(properties.pairs().map(|(key, value)| key.len() + value.len()).sum::<usize>() <= bytes.len() * 2);
        let _ = Restenv::of(&properties);
    }
    let words: Vec<OsString> = String::from_utf8_lossy(bytes).lines().map(OsString::from).collect();
    let _ = compat::arguments::parse(&words);
}

fn config(bytes: &[u8]) {
    let _ = settings::profiles(&String::from_utf8_lossy(bytes), Path::new("config.toml"));
}

fn flow_inputs(bytes: &[u8]) {
    if let Ok(read) = inputs::read(&String::from_utf8_lossy(bytes)) {
        let written = Value::Object(read.clone()).to_string();
        assert_eq!(inputs::read(&written), Ok(read), "inputs are sent as they were read");
    }
}

/// Odd JSON, and texts on their way to a terminal.
fn texts(bytes: &[u8]) {
    let strict = serde_json::from_slice::<Value>(bytes).ok();
    let repaired = lenient::repaired(bytes);
    let read = serde_json::from_str::<Value>(&repaired).ok();
    assert!(strict.is_none() || read == strict, "good JSON is read as it is");
    if read.is_some() {
        assert_eq!(lenient::repaired(repaired.as_bytes()), repaired, "what was repaired stays so");
    }
    let line = SafeLine::of(&String::from_utf8_lossy(bytes));
    assert!(is_harmless(line.as_str()));
}

/// The array splitter, and the rows of both lists.
fn split_rows(bytes: &[u8]) {
    let split = |size: usize| {
        let pieces: Vec<_> = bytes.chunks(size).map(|piece| Ok(piece.to_vec())).collect();
        let mut found = Vec::new();
        let body = Body::new(stream::iter(pieces).boxed_local());
        let end = rows::each(body, |element| found.push(element.to_vec())).now_or_never();
        end.map(|end| end.map(|()| found))
    };
    let whole = split(bytes.len().max(1));
    assert_eq!(whole, split(1), "it does not matter how a body is cut");
    for element in whole.into_iter().flatten().flatten().chain([bytes.to_vec()]) {
        for list in [List::Monitor, List::Log] {
            let Some(row) = Row::read(&element, list) else { continue };
            let result = row.result();
            assert!(result.is_none() || row.state.is_some(), "only a state ends a run");
            let _ = (row.progress(), row.start_info(), row.end(), row.name());
        }
    }
}

/// Answers everything with one body.
struct Canned<'b> {
    status: u16,
    retry_after: Option<Duration>,
    body: &'b [u8],
}

impl Transport for Canned<'_> {
    fn send(&self, _: Request) -> LocalBoxFuture<'_, Answer> {
        let Self { status, retry_after, body } = *self;
        let body = Body::whole(body.to_vec());
        let reply = Reply { status, retry_after, date: Some(now()), sandbox: false, body };
        std::future::ready(Answer::Reply(reply)).boxed_local()
    }
}

/// Every resource, answered with bytes whose first two choose the status and how long to wait.
fn answers(bytes: &[u8]) {
    const STATUSES: [u16; 10] = [200, 200, 201, 204, 302, 400, 401, 403, 404, 500];
    const WAITS: [Option<u64>; 4] = [None, Some(0), Some(1), Some(u64::MAX)];
    const ID: &str = "01ABCD0Z00000000001S";
    const LONG_ID: &str = "6bYr1LmT8wXoP3sNqKc7Ud";
    let [status, wait, body @ ..] = bytes else { return };
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let retry_after = WAITS[usize::from(*wait) % WAITS.len()].map(Duration::from_secs);
    let canned = Canned { status, retry_after, body };
    let clock = ManualClock::new(now());
    let ten = Duration::from_secs(10);
    let timeouts = Timeouts { connect: ten, read: ten, start: ten };
    let password = || std::future::ready(Ok(Secret::new("secret".to_owned()))).boxed_local();
    let login_url = "https://login.example.com".to_owned();
    let access = Access::Login {
        servers: Servers::new(&login_url, Vec::new()),
        login_url,
        account: Account::Password { username: "ada".to_owned(), refusals: None },
        secret: &password,
        store: None,
    };
    let login = Client::new(&canned, &clock, access, timeouts, None);
    clock.run(async {
        let _ = login.login(true).await;
        login.leave().await;
    });
    let session = Session {
        server_url: "https://pod.example.com/saas".to_owned(),
        id: Secret::new("s".to_owned()),
        org: None,
        user: None,
    };
    let client = &Client::new(&canned, &clock, Access::Ready(session), timeouts, None);
    let job = JobRun { kind: TaskType::Mtt, task_id: ID.to_owned(), run_id: 7 };
    let selector = TaskSelector::Id(ID.to_owned());
    let flow = Run::Taskflow { run_id: "778812345678901234".to_owned() };
    let files = Run::Ingestion { task_id: LONG_ID.to_owned(), run_id: "7".to_owned() };
    clock.run(async {
        for kind in [TaskType::Mtt, TaskType::Taskflow, TaskType::FileIngestion] {
            let id = if kind == TaskType::Mtt { ID } else { LONG_ID };
            let selector = TaskSelector::Id(id.to_owned());
            let started = runs::start(client, &selector, kind, &StartOptions::default(), &Attempt::default()).await;
            // Taskflows are left out: an answer may give their runs other numbers than a person is believed to have meant.
            if let Ok(started) = started
                && kind != TaskType::Taskflow
            {
                let handle = started.run.to_string();
                assert_eq!(handle.parse(), Ok(started.run), "an answer names a run that has a handle: {handle}");
            }
        }
        let _ = taskflow::start(client, "tf", &FlowOptions::default(), &Attempt::default()).await;
        let _ = jobs::stop(client, &selector, TaskType::Mtt, true, &Attempt::default()).await;
        let _ = taskflow::terminate(client, &["778812345678901234".to_owned()], &Attempt::default()).await;
        let _ = runs::poll(client, &[job.clone().into(), flow, files], true, |_| None).await;
        let _ = monitor::runs(client, true, RetryPolicy::Never, |_| true).await;
        let _ = monitor::active_runs(client, ID).await;
        let _ = log::result(client, &job, Some(now()), RetryPolicy::Never).await;
        let _ = log::last_run(client, ID, TaskType::Mtt).await;
        let _ = listed::runs(client, ID, now()).await;
        let _ = taskflow::runs(client, SignedDuration::from_hours(1), None, RetryPolicy::Never, |_| true).await;
        let _ = ingestion::runs(client, ID).await;
        let _ = ingestion::tasks(client, |_| true).await;
        let _ = lookup::task_at(client, "Default/m", TaskType::Mtt).await;
        let _ = lookup::task_of_federated_id(client, ID).await;
        let _ = lookup::tasks_in(client, "Default").await;
        let _ = lookup::listed_tasks(client, TaskType::Mtt, |_| true).await;
        let _ = lookup::mapping_task(client, ID).await;
    });
}

/// The files of the state folder, each with these bytes in place of its own.
fn state(bytes: &[u8]) {
    thread_local! {
        static FOLDER: Option<tempfile::TempDir> = tempfile::tempdir().ok();
    }
    FOLDER.with(|folder| {
        if let Some(folder) = folder {
            damaged_state(folder.path(), bytes);
        }
    });
}

fn damaged_state(folder: &Path, bytes: &[u8]) {
    let (login, clock, password) =
        ("https://login.example.com", ManualClock::new(now()), Secret::new("secret".to_owned()));
    let run: Run = JobRun { kind: TaskType::Mtt, task_id: "01ABCD0Z00000000001S".to_owned(), run_id: 7 }.into();
    let (store, refusals) = (Store::by_password(folder, login, "ada"), Refusals::new(folder, login, "ada"));
    let recent = RecentRun::new(folder, login, "01ABCD0Z00000000001S");
    let once = folder.join("once");
    let key = || OnceKey::new(&once, login, "MTT/01ABCD0Z00000000001S", "day", json!({}));
    if !once.exists() {
        let session = Session { server_url: login.to_owned(), id: Secret::new("s".to_owned()), org: None, user: None };
        let _ = store.save(&session);
        refusals.remember(&password, now());
        recent.write(&run, now(), Some(now()));
        let locked = clock.run(key().lock(&clock, Duration::ZERO));
        let _ = locked.map(|locked| locked.adopt(&run, clocks()));
    }
    for file in files(folder) {
        // In place, so that no folder has to be synced each time.
        let _ = std::fs::write(file, bytes);
    }
    let _ = (
        recent.read(),
        recent.recent(now()),
        recent.has(&run),
        refusals.recall(&password, now()),
        key().check().is_ok(),
    );
    let sound = kept::list(&once).is_ok_and(|keys| keys.iter().all(|key| key.file.is_some()));
    let is_usable = clock.run(key().lock(&clock, Duration::ZERO)).is_ok();
    assert!(sound || !is_usable, "nothing is started under a damaged key");
    let _ = store.load(now());
}

fn clocks() -> Clocks {
    Clocks { ours: now(), service: None }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
