//! Asking the service: a session for every request, one renewal when it has died, an answer or an error. Leaves where
//! sessions come from to `login`, and each resource to the file of its name.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::api::retry::{self, RetryPolicy};
use crate::api::session::{Access, Session};
use crate::api::wire::ErrorBody;
use crate::api::{Answer, Call, Error, Method, Reply, Request, Transport, lenient, rows};
use crate::support::clock::Clock;
use crate::support::secret::Secret;

/// How long requests may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// One that reads.
    pub read: Duration,
    /// A start or a stop, which the service may take many seconds over.
    pub start: Duration,
}

/// The service, as one identity sees it.
pub struct Client<'a> {
    transport: &'a dyn Transport,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) access: Access<'a>,
    pub(crate) timeouts: Timeouts,
    pub(crate) expect_org: Option<String>,
    /// Requests are cut at this reading of the clock.
    deadline: Cell<Option<Duration>>,
    pub(crate) session: RefCell<Option<Session>>,
    /// Requests of one look that find the session dead at the same time make one new login.
    pub(crate) turn: Mutex<()>,
    /// The password was refused to this process; it is not sent again.
    pub(crate) refused: Cell<bool>,
    sandbox: Cell<bool>,
    /// What the service's clock showed while one of the last requests was out.
    date: Cell<Option<Dated>>,
    /// A start has left, and no answer has said that it was not processed.
    start_out: Cell<bool>,
    /// The reading of the clock when the last start or stop left.
    sent: Cell<Duration>,
}

/// The `Date` of an answer, which was written at some moment while the request was out.
#[derive(Debug, Clone, Copy)]
struct Dated {
    date: Timestamp,
    /// The reading of the clock when the request left.
    sent: Duration,
    /// How long it was out.
    took: Duration,
}

/// A `Date` is not used beside newer ones, however quickly its answer came, once it is this old.
const DATE_LIFE: Duration = Duration::from_secs(600);

/// One question to the service.
pub(crate) struct ApiRequest<'q> {
    pub call: Call,
    pub method: Method,
    /// The family of resources that the path belongs to.
    pub family: Family,
    /// What follows the base URL of the family.
    pub path: String,
    /// A header of this resource alone.
    pub header: Option<(&'static str, String)>,
    pub body: Option<&'q Value>,
    pub retry: RetryPolicy,
}

impl<'q> ApiRequest<'q> {
    pub(crate) fn get(call: Call, family: Family, path: String, retry: RetryPolicy) -> Self {
        Self { call, method: Method::Get, family, path, header: None, body: None, retry }
    }

    pub(crate) fn post(call: Call, family: Family, path: String, body: &'q Value, retry: RetryPolicy) -> Self {
        Self { call, method: Method::Post, family, path, header: None, body: Some(body), retry }
    }

    pub(crate) fn put(call: Call, family: Family, path: String, body: Option<&'q Value>, retry: RetryPolicy) -> Self {
        Self { call, method: Method::Put, family, path, header: None, body, retry }
    }
}

/// A family of resources: the header that carries its session, and where it lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Family {
    pub(crate) header: &'static str,
    /// At the root of the pod, not below `/saas`.
    at_root: bool,
}

/// The v2 resources.
pub(crate) const V2: Family = Family { header: "icSessionId", at_root: false };
/// The v3 resources.
pub(crate) const V3: Family = Family { header: "INFA-SESSION-ID", at_root: false };
/// The process engine and the ingestion service, which take the same session under a third name.
pub(crate) const POD: Family = Family { header: "IDS-SESSION-ID", at_root: true };

impl Family {
    fn base(self, server_url: &str) -> &str {
        let root = server_url.strip_suffix("/saas").filter(|_| self.at_root);
        root.unwrap_or(server_url)
    }
}

impl<'a> Client<'a> {
    /// The service behind `transport`; asks nothing yet.
    pub fn new(
        transport: &'a dyn Transport,
        clock: &'a dyn Clock,
        access: Access<'a>,
        timeouts: Timeouts,
        expect_org: Option<String>,
    ) -> Self {
        Self {
            transport,
            clock,
            access,
            timeouts,
            expect_org,
            deadline: Cell::new(None),
            session: RefCell::default(),
            turn: Mutex::new(()),
            refused: Cell::new(false),
            sandbox: Cell::new(false),
            date: Cell::new(None),
            start_out: Cell::new(false),
            sent: Cell::new(Duration::ZERO),
        }
    }

    /// From now on requests are cut at this reading of the clock, though never below two seconds.
    pub fn set_deadline(&self, deadline: Option<Duration>) {
        self.deadline.set(deadline);
    }

    /// Whether an answer so far came from the sandbox.
    pub fn is_sandbox(&self) -> bool {
        self.sandbox.get()
    }

    /// The organisation, once a session is known.
    pub fn org(&self) -> Option<String> {
        self.session.borrow().as_ref().and_then(|session| session.org.clone())
    }

    /// The name that the service has for whose the session is, where it is known.
    pub fn user(&self) -> Option<String> {
        self.session.borrow().as_ref().and_then(|session| session.user.clone())
    }

    /// What the service's clock showed at this reading of ours, at the latest: the answer whose `Date` says so may have
    /// been on its way for a while. None before the first such answer.
    pub fn date_at(&self, reading: Duration) -> Option<Timestamp> {
        let Dated { date, sent, .. } = self.date.get()?;
        date.checked_sub(sent.saturating_sub(reading)).ok()?.checked_add(reading.saturating_sub(sent)).ok()
    }

    /// Keeps the `Date` of an answer, unless a quicker one has told the time not long ago.
    fn keep_date(&self, date: Timestamp, sent: Duration) {
        let took = self.clock.now().saturating_sub(sent);
        let is_worse = |kept: Dated| kept.took < took && sent.saturating_sub(kept.sent) < DATE_LIFE;
        if !self.date.get().is_some_and(is_worse) {
            self.date.set(Some(Dated { date, sent, took }));
        }
    }

    /// Whether the service can have begun a run for the last start that was asked for.
    pub fn may_have_started(&self) -> bool {
        self.start_out.get()
    }

    /// The last start has turned out not to have been processed.
    pub(crate) fn was_not_processed(&self) {
        self.start_out.set(false);
    }

    /// Now, by the service's clock where it is known, else by ours.
    pub(crate) fn now(&self) -> Timestamp {
        self.date_at(self.clock.now()).unwrap_or_else(|| self.clock.utc())
    }

    /// The reading of the clock when the last start or stop left, repeated ones counting.
    pub fn sent(&self) -> Duration {
        self.sent.get()
    }

    /// Asks with a session, and once more with a new one when it has died: a 401 says that nothing was done.
    pub(crate) async fn call<T>(
        &self,
        api_request: ApiRequest<'_>,
        mut read: impl AsyncFnMut(Reply) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut session = self.session().await?;
        let began = self.clock.now();
        let mut tries = 0;
        let mut renewed = false;
        loop {
            let request = Request {
                call: api_request.call,
                method: api_request.method,
                url: format!("{}{}", api_request.family.base(&session.server_url), api_request.path),
                session: Some((api_request.family.header, session.id.clone())),
                header: api_request.header.clone(),
                body: api_request.body.map(|body| Secret::new(body.to_string())),
                limit: match api_request.call {
                    Call::Start | Call::Stop | Call::Resume => self.timeouts.start,
                    _ => self.timeouts.read,
                },
            };
            let answer = match self.send(request).await {
                Ok(reply) => read(reply).await,
                Err(error) => Err(error),
            };
            let error = match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if self.means_dead_session(&error, &session).await {
                // Nothing was done: what a dead session asks for is not looked at.
                self.start_out.set(false);
                if renewed {
                    return Err(Error::SessionRefused);
                }
                renewed = true;
                session = self.renew(Some(&session)).await?;
                continue;
            }
            tries += 1;
            let lasted = self.clock.now().saturating_sub(began);
            let Some(pause) = retry::pause(api_request.retry, &error, tries, lasted) else { return Err(error) };
            self.clock.sleep(pause).await;
        }
    }

    /// A 401 says that the session is dead. So can a 403, which has many other meanings: then the service is asked.
    async fn means_dead_session(&self, error: &Error, session: &Session) -> bool {
        match error {
            Error::NoSession => true,
            Error::Refused { status: 403, .. } if !error.is_not_found() => self.is_dead(session).await,
            _ => false,
        }
    }

    /// Asks, and reads the answer as JSON.
    pub(crate) async fn call_json(&self, request: ApiRequest<'_>) -> Result<Value, Error> {
        let call = request.call;
        self.call(request, async |reply| {
            let status = reply.status;
            let bytes = reply.body.read().await.map_err(|why| Error::Unclear(call, why))?;
            let unreadable = || Error::Unreadable { call, status, what: describe_body(&bytes) };
            let value = lenient::value(&bytes).ok_or_else(unreadable)?;
            // The oldest form of the resource answered 200 with an error object.
            match ErrorBody::of(&value) {
                Some(error) => Err(error.refusal(status)),
                None => Ok(value),
            }
        })
        .await
    }

    /// Asks for something whose good answer says nothing that is documented.
    pub(crate) async fn call_done(&self, request: ApiRequest<'_>) -> Result<(), Error> {
        let call = request.call;
        self.call(request, async |reply| {
            let status = reply.status;
            let bytes = reply.body.read().await.map_err(|why| Error::Unclear(call, why))?;
            match lenient::value(&bytes).and_then(|value| ErrorBody::of(&value)) {
                Some(error) => Err(error.refusal(status)),
                None => Ok(()),
            }
        })
        .await
    }

    /// Asks for an array, and adds each element to a collection while it arrives. Each try has a collection of its own, so
    /// that an answer that was cut off leaves nothing behind. `done` says what the whole one is, or why it is no answer.
    pub(crate) async fn call_rows<T: Default, U>(
        &self,
        request: ApiRequest<'_>,
        add: impl Fn(&mut T, &[u8]),
        done: impl Fn(T) -> Result<U, String>,
    ) -> Result<U, Error> {
        let call = request.call;
        self.call(request, async |reply| {
            let status = reply.status;
            let mut found = T::default();
            rows::each(reply.body, |element| add(&mut found, element))
                .await
                .and_then(|()| done(found))
                .map_err(|what| Error::Unreadable { call, status, what })
        })
        .await
    }

    /// Sends one request once, and turns whatever is not a good answer into an error.
    pub(crate) async fn send(&self, mut request: Request) -> Result<Reply, Error> {
        let call = request.call;
        if let Some(deadline) = self.deadline.get() {
            // What was sent cannot be taken back, so a start is given time to be answered.
            let left = deadline.saturating_sub(self.clock.now());
            request.limit = request.limit.min(left.max(Duration::from_secs(2)));
        }
        let has_session = request.session.is_some();
        if call == Call::Start {
            self.start_out.set(true);
        }
        if matches!(call, Call::Start | Call::Stop) {
            self.sent.set(self.clock.now());
        }
        let began = self.clock.now();
        let answer = match self.transport.send(request).await {
            Answer::NotSent(why) => Err(Error::NotSent(why)),
            Answer::Unclear(why) => Err(Error::Unclear(call, why)),
            Answer::Forbidden(host) => Err(Error::Forbidden(host)),
            Answer::Reply(reply) => {
                if let Some(date) = reply.date {
                    self.keep_date(date, began);
                }
                self.classify(call, has_session, reply).await
            }
        };
        if call == Call::Start && answer.as_ref().is_err_and(|error| !error.may_have_been_processed()) {
            self.start_out.set(false);
        }
        answer
    }

    /// A good answer, or the error that another one amounts to.
    async fn classify(&self, call: Call, has_session: bool, reply: Reply) -> Result<Reply, Error> {
        if reply.sandbox {
            self.sandbox.set(true);
        }
        match reply.status {
            200..=299 => Ok(reply),
            429 => Err(Error::Busy(reply.retry_after)),
            401 if has_session => Err(Error::NoSession),
            status => {
                let retry_after = reply.retry_after;
                let bytes = reply.body.read().await.unwrap_or_default();
                let error = lenient::value(&bytes).and_then(|value| ErrorBody::of(&value));
                match (error, retry_after) {
                    (Some(error), _) if (400..500).contains(&status) => Err(error.refusal(status)),
                    (_, Some(retry_after)) => Err(Error::Unavailable { call, status, retry_after }),
                    _ => Err(Error::Unreadable { call, status, what: describe_body(&bytes) }),
                }
            }
        }
    }
}

/// What an unusable body is, in a few words and none of its own: it may hold anything.
pub(crate) fn describe_body(bytes: &[u8]) -> String {
    let start = bytes.trim_ascii_start();
    match start.first() {
        None => "with an empty body",
        Some(b'<') => "with an HTML page",
        Some(b'{' | b'[') => "with JSON that is cut off or not as expected",
        Some(_) => "with a body that is not JSON",
    }
    .to_owned()
}
