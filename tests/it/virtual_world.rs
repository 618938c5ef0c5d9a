//! A world in one process and in virtual time: the whole program, from its words to its exit, on a manual clock, with the
//! sandbox as its transport. Hours pass in milliseconds, and every fault strikes at the same moment each time.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{LocalBoxFuture, pending};
use futures_util::{FutureExt, StreamExt, stream};
use iics_sandbox::{Delivery, Effect, Exchange, Request as SandboxRequest, Sandbox, Scenario};
use jiff::{SignedDuration, Timestamp};
use runajob::api::{Answer, Body, Reply, Request, Transport};
use runajob::output::Streams;
use runajob::support::clock::{Clock, ManualClock};
use runajob::support::env::{Env, FileSystems};
use runajob::support::signals::{Signal, Signals};
use serde_json::Value;
use tempfile::TempDir;

use crate::world::Outcome;

const LOGIN_URL: &str = "http://127.0.0.1:1";

/// The service, a home and the time, which commands share one after the other.
pub(crate) struct VirtualWorld {
    pub(crate) clock: ManualClock,
    pub(crate) home: TempDir,
    sandbox: Rc<RefCell<Sandbox>>,
    begin: Timestamp,
    outages: Vec<(Duration, Duration)>,
    unreachable: RefCell<Option<(String, usize)>>,
    signals: Vec<(Duration, Signal)>,
    file_systems: Option<FileSystems>,
    account: Vec<(&'static str, String)>,
    /// Whether the next token is put in the place of one that was sent.
    renews_tokens: bool,
    sent_tokens: RefCell<Vec<String>>,
}

impl VirtualWorld {
    /// A world whose service plays a scenario with these faults.
    pub(crate) fn new(scenario: &str, faults: &[&str]) -> Self {
        let begin: Timestamp = "2026-03-03T10:00:00Z".parse().unwrap();
        let mut scenario = Scenario::parse(scenario).unwrap();
        scenario.faults.extend(faults.iter().map(|spec| spec.parse().unwrap()));
        Self {
            clock: ManualClock::new(begin),
            home: TempDir::new().unwrap(),
            sandbox: Rc::new(RefCell::new(Sandbox::new(scenario, begin))),
            begin,
            outages: Vec::new(),
            unreachable: RefCell::default(),
            signals: Vec::new(),
            file_systems: None,
            account: password("sandbox"),
            renews_tokens: false,
            sent_tokens: RefCell::default(),
        }
    }

    /// Commands log in with this user and password.
    pub(crate) fn with_password(mut self, name: &str) -> Self {
        self.account = password(name);
        self
    }

    /// Commands log in with the token in a file, which [`VirtualWorld::put_token`] writes.
    pub(crate) fn with_token_file(mut self) -> Self {
        let file = self.token_file().to_str().unwrap().to_owned();
        self.account = vec![
            ("RUNAJOB_LOGIN_URL", LOGIN_URL.to_owned()),
            ("RUNAJOB_ORG_ID", "00SBX1".to_owned()),
            ("RUNAJOB_TOKEN_FILE", file),
        ];
        self
    }

    /// After each login something puts a new token into the file.
    pub(crate) fn with_renewed_tokens(mut self) -> Self {
        self.renews_tokens = true;
        self
    }

    /// One more variable, or another value for one of the account.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.account.push((name, value.to_owned()));
        self
    }

    pub(crate) fn put_token(&self, token: &str) {
        std::fs::write(self.token_file(), format!("{token}\n")).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(self.token_file(), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }

    fn token_file(&self) -> PathBuf {
        self.home.path().join("token")
    }

    /// The tokens that were sent to the service, whether an answer came or not.
    pub(crate) fn sent_tokens(&self) -> Vec<String> {
        self.sent_tokens.borrow().clone()
    }

    /// Another fault strikes from now on.
    pub(crate) fn fault(&self, spec: &str) {
        self.sandbox.borrow_mut().inject(spec.parse().unwrap());
    }

    /// No connection is made between these readings of the clock.
    pub(crate) fn outage(mut self, from: Duration, to: Duration) -> Self {
        self.outages.push((from, to));
        self
    }

    /// No connection is made for the first so many requests with this in their URL.
    pub(crate) fn unreachable(self, part: &str, times: usize) -> Self {
        self.unreachable.replace(Some((part.to_owned(), times)));
        self
    }

    /// Every folder is on such a file system. Without this, files last, wherever the tests run.
    pub(crate) fn on(mut self, file_systems: FileSystems) -> Self {
        self.file_systems = Some(file_systems);
        self
    }

    /// Forgets what the commands have kept, as on another machine.
    pub(crate) fn forget(&self) {
        std::fs::remove_dir_all(self.home.path().join(".local")).unwrap();
    }

    /// Goes on as the other of two machines, each of which only knows what it has kept itself.
    pub(crate) fn swap_machine(&self) {
        let place = |name: &str| self.home.path().join(name);
        for (from, to) in [(".local", ".third"), (".other", ".local"), (".third", ".other")] {
            if place(from).exists() {
                std::fs::rename(place(from), place(to)).unwrap();
            }
        }
    }

    /// The service's time, which no setting of this machine's wall clock moves.
    fn service_time(&self) -> Timestamp {
        self.begin + self.clock.now()
    }

    /// Sets this machine's wall clock so far ahead of the service's, or behind it.
    pub(crate) fn set_ahead(&self, ahead: SignedDuration) {
        self.clock.set_utc(self.service_time() + ahead);
    }

    /// Where the commands keep the keys of `--once`.
    pub(crate) fn keys(&self) -> PathBuf {
        self.home.path().join(".local/state/runajob/once")
    }

    /// The files of keys with this ending, `json` or `lock`.
    pub(crate) fn key_files(&self, ending: &str) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.keys()).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.extension().is_some_and(|end| end == ending)).collect()
    }

    /// A signal comes at this reading of the clock.
    pub(crate) fn signal(mut self, at: Duration, signal: Signal) -> Self {
        self.signals.push((at, signal));
        self
    }

    /// Runs a command line, its variables those of the sandbox's account.
    pub(crate) fn run(&self, line: &str) -> Outcome {
        self.run_until(line, None).unwrap()
    }

    /// Runs a command line, but only up to this reading of the clock: then it is gone, as killed processes are.
    pub(crate) fn run_until(&self, line: &str, killed_at: Option<Duration>) -> Option<Outcome> {
        let home = self.home.path().to_str().unwrap();
        let variable = |index: usize| self.account.get(index).map_or(("HOME", home), |(name, value)| (*name, value));
        let env = Env::of(std::array::from_fn::<_, 8, _>(variable));
        let env = match self.file_systems {
            Some(file_systems) => env.with_file_systems(file_systems),
            None => env,
        };
        let words = std::iter::once("runajob".to_owned()).chain(shell_words::split(line).unwrap());
        let words: Vec<OsString> = words.map(OsString::from).collect();
        let (stdout, stderr) = (Buffer::default(), Buffer::default());
        let (out, err) = (stdout.clone(), stderr.clone());
        let streams = Streams { stdout: &move || Box::new(out.clone()), stderr: &move || Box::new(err.clone()) };
        let cli = runajob::app::parse(&words).unwrap();
        let signals = self.script();
        let world = runajob::app::World {
            env: &env,
            clock: &self.clock,
            signals: &signals,
            transport: Some(self),
            streams: &streams,
        };
        let exit = self.clock.run(async {
            let killed = async {
                match killed_at {
                    Some(at) => self.clock.sleep(at.saturating_sub(self.clock.now())).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                biased;
                () = killed => None,
                exit = runajob::app::perform(&cli, world) => Some(exit),
            }
        });
        Some(Outcome { code: exit?.code().into(), stdout: stdout.text(), stderr: stderr.text() })
    }

    fn script(&self) -> Signals {
        let mut due: Vec<_> = self.signals.clone();
        due.sort_by_key(|(at, _)| *at);
        let due = Rc::new(RefCell::new(VecDeque::from(due)));
        let clock = self.clock.clone();
        Signals::scripted(move || {
            let (due, clock) = (Rc::clone(&due), clock.clone());
            async move {
                let Some((at, signal)) = due.borrow().front().copied() else { return pending().await };
                clock.sleep(at.saturating_sub(clock.now())).await;
                due.borrow_mut().pop_front();
                signal
            }
            .boxed_local()
        })
    }

    /// What reached the service so far.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.sandbox.borrow().log().to_vec()
    }

    /// How many requests reached the service whose method and target have this in them.
    pub(crate) fn count(&self, part: &str) -> usize {
        self.exchanges().iter().filter(|one| format!("{} {}", one.method, one.target).contains(part)).count()
    }

    /// How many requests to start a task of any type reached the service.
    pub(crate) fn start_requests(&self) -> usize {
        let calls = ["POST /saas/api/v2/job", "POST /active-bpel/rt/", "POST /mftsaas/api/v1/job"];
        calls.iter().map(|call| self.count(call)).sum()
    }

    pub(crate) fn flows_started(&self) -> usize {
        self.exchanges().iter().filter(|one| matches!(one.effect, Some(Effect::TaskflowStarted { .. }))).count()
    }

    /// The runs that the service began, by their tasks' IDs.
    pub(crate) fn started(&self) -> Vec<(String, u64)> {
        let begun = |one: Exchange| match one.effect {
            Some(Effect::Started { task_id, run_id, .. }) => Some((task_id, run_id)),
            _ => None,
        };
        self.exchanges().into_iter().filter_map(begun).collect()
    }

    /// How many logins the service granted.
    pub(crate) fn logins(&self) -> usize {
        self.exchanges().iter().filter(|one| matches!(one.effect, Some(Effect::LoggedIn { .. }))).count()
    }

    async fn exchange(&self, request: Request) -> Answer {
        let now = self.clock.now();
        if self.outages.iter().any(|(from, to)| (*from..*to).contains(&now)) {
            return Answer::NotSent("connection refused".to_owned());
        }
        if let Some((part, left)) = &mut *self.unreachable.borrow_mut()
            && *left > 0
            && request.url.contains(part.as_str())
        {
            *left -= 1;
            return Answer::NotSent("connection refused".to_owned());
        }
        let timeout = request.timeout;
        let body = request.body.as_ref().and_then(|body| serde_json::from_str::<Value>(body.reveal()).ok());
        if let Some(Value::String(token)) = body.and_then(|body| body.get("oauthToken").cloned()) {
            self.sent_tokens.borrow_mut().push(token);
            if self.renews_tokens {
                self.put_token(&format!("sandbox-{}", self.sent_tokens.borrow().len()));
            }
        }
        let reply = self.sandbox.borrow_mut().answer(&asked(request), self.service_time());
        if reply.delay > timeout {
            self.clock.sleep(timeout).await;
            return Answer::Unclear("it took too long".to_owned());
        }
        self.clock.sleep(reply.delay).await;
        let header = |name: &str| {
            let found = reply.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.as_str())
        };
        let date = |name: &str| jiff::fmt::rfc2822::parse(header(name)?).ok().map(|zoned| zoned.timestamp());
        let seconds = header("Retry-After").and_then(|text| text.parse().ok()).map(Duration::from_secs);
        let until = || Duration::try_from(date("Retry-After")?.duration_since(date("Date")?)).ok();
        let body = match reply.delivery {
            Delivery::Whole => pieces(reply.padding, reply.body.clone()),
            Delivery::Truncated => {
                let half = reply.body[..reply.body.len() / 2].to_vec();
                Body::new(stream::iter([Ok(half), Err("the connection broke".to_owned())]).boxed_local())
            }
            Delivery::Stalled => {
                let half = reply.body[..reply.body.len() / 2].to_vec();
                let clock = self.clock.clone();
                let silence = stream::once(async move {
                    clock.sleep(timeout).await;
                    Err("it took too long".to_owned())
                });
                Body::new(stream::iter([Ok(half)]).chain(silence).boxed_local())
            }
            Delivery::LostAfter | Delivery::ResetBefore => {
                return Answer::Unclear("the connection was closed".to_owned());
            }
            Delivery::Never => {
                self.clock.sleep(timeout).await;
                return Answer::Unclear("it took too long".to_owned());
            }
        };
        Answer::Reply(Reply {
            status: reply.status,
            retry_after: seconds.or_else(until),
            date: date("Date"),
            sandbox: header(iics_sandbox::HEADER).is_some(),
            body,
        })
    }
}

fn password(name: &str) -> Vec<(&'static str, String)> {
    vec![
        ("RUNAJOB_LOGIN_URL", LOGIN_URL.to_owned()),
        ("RUNAJOB_USERNAME", name.to_owned()),
        ("RUNAJOB_PASSWORD", name.to_owned()),
    ]
}

/// A body with spaces in front, of which no more are made than a client may read.
fn pieces(padding: u64, body: Vec<u8>) -> Body {
    let spaces = usize::try_from(padding).unwrap().min(runajob::api::BODY_LIMIT + 1);
    Body::new(stream::iter([Ok(vec![b' '; spaces]), Ok(body)]).boxed_local())
}

/// The request as a listener would hand it to the sandbox.
fn asked(request: Request) -> SandboxRequest {
    let rest = request.url.split_once("://").map_or(request.url.as_str(), |(_, rest)| rest);
    let (host, target) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query.to_owned())));
    let session = request.session.iter().map(|(name, session)| ((*name).to_owned(), session.reveal().to_owned()));
    let header = request.header.map(|(name, value)| (name.to_owned(), value));
    SandboxRequest {
        method: request.method.name().to_owned(),
        path: path.to_owned(),
        query,
        headers: session.chain(header).chain([("Host".to_owned(), host.to_owned())]).collect(),
        body: request.body.map(|body| body.reveal().as_bytes().to_vec()).unwrap_or_default(),
    }
}

impl Transport for VirtualWorld {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Answer> {
        self.exchange(request).boxed_local()
    }
}

/// A stream that keeps what is written to it.
#[derive(Clone, Default)]
struct Buffer(Rc<RefCell<Vec<u8>>>);

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
