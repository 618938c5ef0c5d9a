//! Asking the service: a session for every request, one renewal when it has died, an answer or an error. Leaves each
//! resource to `jobs` and `lookup`.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::retry::{self, Repeat};
use super::rows;
use super::session::{Access, Session};
use super::wire::ErrorBody;
use super::{Answer, Call, Error, Reply, Request, Transport};
use crate::clock::Clock;
use crate::secret::Secret;

/// How long requests may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// One that reads.
    pub read: Duration,
    /// A start or a stop, which the service may take many seconds over.
    pub start: Duration,
}

/// The service, as one identity sees it.
pub struct Service<'a> {
    transport: &'a dyn Transport,
    clock: &'a dyn Clock,
    access: Access<'a>,
    limits: Limits,
    expect_org: Option<String>,
    /// Requests are cut at this reading of the clock.
    deadline: Cell<Option<Duration>>,
    session: RefCell<Option<Session>>,
    /// Requests of one look that find the session dead at the same time make one new login.
    turn: Mutex<()>,
    /// The password was refused to this process; it is not sent again.
    refused: Cell<bool>,
    sandbox: Cell<bool>,
    /// The `Date` of the last answer, and the reading of the clock when it came.
    date: Cell<Option<(Timestamp, Duration)>>,
    /// A start has left, and no answer has said that it was not processed.
    start_out: Cell<bool>,
    /// The reading of the clock when the last start or stop left.
    sent: Cell<Duration>,
}

/// One question to the service.
pub(super) struct Question<'q> {
    pub call: Call,
    /// What follows the server URL.
    pub path: String,
    /// The header of the family of resources that the path belongs to.
    pub header: &'static str,
    pub body: Option<&'q Value>,
    pub repeat: Repeat,
}

/// The session header of the v2 resources.
pub(super) const V2: &str = "icSessionId";
/// The session header of the v3 resources.
pub(super) const V3: &str = "INFA-SESSION-ID";

impl<'a> Service<'a> {
    /// The service behind `transport`; asks nothing yet.
    pub fn new(
        transport: &'a dyn Transport,
        clock: &'a dyn Clock,
        access: Access<'a>,
        limits: Limits,
        expect_org: Option<String>,
    ) -> Self {
        Self {
            transport,
            clock,
            access,
            limits,
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
    pub fn cut_at(&self, deadline: Option<Duration>) {
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

    /// What the service's clock showed at this reading of ours, once an answer has carried its `Date`.
    pub fn date_at(&self, reading: Duration) -> Option<Timestamp> {
        let (date, now) = self.date.get()?;
        date.checked_sub(now.saturating_sub(reading)).ok()?.checked_add(reading.saturating_sub(now)).ok()
    }

    /// Whether the service can have begun a run for the last start that was asked for.
    pub fn may_have_started(&self) -> bool {
        self.start_out.get()
    }

    /// The reading of the clock when the last start or stop left, repeated ones counting.
    pub fn sent(&self) -> Duration {
        self.sent.get()
    }

    /// Sees to it that there is a session, so that the next request needs no login. A kept one is not tried.
    pub async fn open(&self) -> Result<(), Error> {
        self.session().await.map(|_| ())
    }

    /// Makes a new session, whatever is kept. With `insist` also with a password that is remembered as refused.
    pub async fn login(&self, insist: bool) -> Result<Session, Error> {
        match &self.access {
            Access::Ready(session) => Ok(session.clone()),
            Access::Password { store, refusals, .. } => {
                if let Some(store) = store {
                    store.forget();
                }
                if insist {
                    refusals.as_ref().inspect(|refusals| refusals.forget());
                    self.refused.set(false);
                }
                self.renew(None).await
            }
        }
    }

    /// Ends the session and forgets it. Gives whether there was one.
    pub async fn logout(&self) -> Result<bool, Error> {
        let kept = match &self.access {
            Access::Password { store: Some(store), .. } => {
                let kept = store.load(self.clock.utc());
                store.forget();
                kept
            }
            Access::Password { .. } | Access::Ready(_) => None,
        };
        let Some(session) = self.session.take().or(kept) else { return Ok(false) };
        let request = Request {
            call: Call::Logout,
            url: format!("{}/api/v2/user/logout", session.server_url),
            session: Some((V2, session.id)),
            body: Some(Secret::new("{\"@type\":\"logout\"}".to_owned())),
            limit: self.limits.read,
        };
        match self.send(request).await {
            Ok(_) | Err(Error::NoSession | Error::SessionRefused) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Ends the session unless it is kept for later commands. A failure only leaves it to expire.
    pub async fn leave(&self) {
        if matches!(self.access, Access::Password { store: None, .. }) {
            let _ = self.logout().await;
        }
    }

    /// Asks with a session, and once more with a new one when it has died: a 401 says that nothing was done.
    pub(super) async fn ask<T>(
        &self,
        question: Question<'_>,
        mut read: impl AsyncFnMut(Reply) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut session = self.session().await?;
        let began = self.clock.now();
        let mut tries = 0;
        let mut renewed = false;
        loop {
            let request = Request {
                call: question.call,
                url: format!("{}{}", session.server_url, question.path),
                session: Some((question.header, session.id.clone())),
                body: question.body.map(|body| Secret::new(body.to_string())),
                limit: match question.call {
                    Call::Start | Call::Stop => self.limits.start,
                    _ => self.limits.read,
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
            let Some(pause) = retry::pause(question.repeat, &error, tries, lasted) else { return Err(error) };
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

    async fn is_dead(&self, session: &Session) -> bool {
        let user = match &self.access {
            Access::Password { username, .. } => Some(username),
            Access::Ready(session) => session.user.as_ref(),
        };
        let body = json!({"@type": "validatedToken", "userName": user, "icToken": session.id.reveal()});
        let request = Request {
            call: Call::Validate,
            url: format!("{}/api/v2/user/validSessionId", session.server_url),
            session: None,
            body: Some(Secret::new(body.to_string())),
            limit: self.limits.read,
        };
        let Ok(reply) = self.send(request).await else { return false };
        let said = reply.body.read().await.ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        said.and_then(|said| said.get("isValidToken")?.as_bool()) == Some(false)
    }

    /// Asks, and reads the answer as JSON.
    pub(super) async fn ask_json(&self, question: Question<'_>) -> Result<Value, Error> {
        let call = question.call;
        self.ask(question, async |reply| {
            let status = reply.status;
            let bytes = reply.body.read().await.map_err(|why| Error::Unclear(call, why))?;
            let unreadable = |_| Error::Unreadable { call, status, what: nature(&bytes) };
            let value = serde_json::from_slice(&bytes).map_err(unreadable)?;
            // The oldest form of the resource answered 200 with an error object.
            match ErrorBody::of(&value) {
                Some(error) => Err(error.refusal(status)),
                None => Ok(value),
            }
        })
        .await
    }

    /// Asks, and hands each element of the array that comes to `element` while it arrives.
    pub(super) async fn ask_rows(&self, question: Question<'_>, mut element: impl FnMut(&[u8])) -> Result<(), Error> {
        let call = question.call;
        self.ask(question, async |reply| {
            let status = reply.status;
            let read = rows::each(reply.body, |bytes| {
                element(bytes);
                Ok(())
            });
            read.await.map_err(|what| Error::Unreadable { call, status, what })
        })
        .await
    }

    /// The session in use, else the kept one, else a new one.
    async fn session(&self) -> Result<Session, Error> {
        if let Some(session) = self.session.borrow().clone() {
            return Ok(session);
        }
        let kept = match &self.access {
            Access::Ready(session) => Some(session.clone()),
            Access::Password { store, .. } => store.as_ref().and_then(|store| store.load(self.clock.utc())),
        };
        match kept {
            Some(session) => self.adopt(session),
            None => self.renew(None).await,
        }
    }

    /// Takes a session into use, if it leads where it should.
    fn adopt(&self, session: Session) -> Result<Session, Error> {
        if let (Some(expected), Some(found)) = (&self.expect_org, &session.org)
            && expected != found
        {
            return Err(Error::WrongOrg { expected: expected.clone(), found: found.clone() });
        }
        *self.session.borrow_mut() = Some(session.clone());
        Ok(session)
    }

    /// A session in place of `dead`: another process's, if one has logged in meanwhile, or our own new one.
    async fn renew(&self, dead: Option<&Session>) -> Result<Session, Error> {
        let Access::Password { store, .. } = &self.access else { return Err(Error::NoSession) };
        let _turn = self.turn.lock().await;
        let fresh = |session: &Session| dead.is_some_and(|dead| dead.id != session.id);
        if let Some(session) = self.session.borrow().clone().filter(fresh) {
            return Ok(session);
        }
        let Some(store) = store else { return self.adopt(self.log_in().await?) };
        let lock = store.lock(self.clock).await;
        if let Some(kept) = store.load(self.clock.utc())
            && dead.is_none_or(|dead| dead.id != kept.id)
        {
            return self.adopt(kept);
        }
        let session = self.adopt(self.log_in().await?)?;
        // Without a cache everything still works; the next command logs in again.
        let _ = store.save(&session);
        drop(lock);
        Ok(session)
    }

    async fn log_in(&self) -> Result<Session, Error> {
        let Access::Password { login_url, username, password, refusals, .. } = &self.access else {
            return Err(Error::NoSession);
        };
        let password = password().await.map_err(|failure| Error::Secret(Box::new(failure)))?;
        let now = self.clock.utc();
        let known = refusals.as_ref().and_then(|refusals| refusals.recall(&password, now));
        if let Some(at) = known.or_else(|| self.refused.get().then_some(now)) {
            return Err(Error::RefusedBefore { user: username.clone(), at });
        }
        let began = self.clock.now();
        let mut tries = 0;
        loop {
            let body = json!({"@type": "login", "username": username, "password": password.reveal()});
            let request = Request {
                call: Call::Login,
                url: format!("{login_url}/ma/api/v2/user/login"),
                session: None,
                body: Some(Secret::new(body.to_string())),
                limit: self.limits.read,
            };
            match self.try_login(request, username).await {
                Ok(session) => return Ok(session),
                Err(error) => {
                    if matches!(error, Error::LoginRefused { .. }) {
                        self.refused.set(true);
                        refusals.as_ref().inspect(|refusals| refusals.remember(&password, self.clock.utc()));
                    }
                    tries += 1;
                    let lasted = self.clock.now().saturating_sub(began);
                    let Some(pause) = retry::pause(Repeat::Passing, &error, tries, lasted) else { return Err(error) };
                    self.clock.sleep(pause).await;
                }
            }
        }
    }

    async fn try_login(&self, request: Request, username: &str) -> Result<Session, Error> {
        let refused = |message: String| Error::LoginRefused { user: username.to_owned(), message };
        let reply = match self.send(request).await {
            // The documentation says 401, its samples 403, a reader 400: all three mean that the login was refused.
            Err(Error::Refused { status: 400 | 401 | 403, code, message }) => {
                return Err(refused(code.map_or(message.clone(), |code| format!("{message} ({code})"))));
            }
            // An error object with another status is not the service's word on the password.
            Err(Error::Refused { status, message, .. }) => {
                return Err(Error::Unreadable { call: Call::Login, status, what: message });
            }
            other => other?,
        };
        let status = reply.status;
        let bytes = reply.body.read().await.map_err(|why| Error::Unclear(Call::Login, why))?;
        let unreadable = |what: String| Error::Unreadable { call: Call::Login, status, what };
        let user: Value = serde_json::from_slice(&bytes).map_err(|_| unreadable(nature(&bytes)))?;
        if let Some(error) = ErrorBody::of(&user) {
            return Err(refused(error.message));
        }
        let text = |key: &str| user.get(key).and_then(Value::as_str).map(str::to_owned);
        match (text("serverUrl"), text("icSessionId")) {
            (Some(server_url), Some(id)) => Ok(Session {
                server_url: server_url.trim_end_matches('/').to_owned(),
                id: Secret::new(id),
                org: text("orgId"),
                user: text("name"),
            }),
            _ => Err(unreadable("there is no session in it".to_owned())),
        }
    }

    /// Sends one request once, and turns whatever is not a good answer into an error.
    async fn send(&self, mut request: Request) -> Result<Reply, Error> {
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
        let answer = match self.transport.send(request).await {
            Answer::NotSent(why) => Err(Error::NotSent(why)),
            Answer::Unclear(why) => Err(Error::Unclear(call, why)),
            Answer::Reply(reply) => self.judge(call, has_session, reply).await,
        };
        if call == Call::Start && answer.as_ref().is_err_and(|error| !error.may_have_been_processed()) {
            self.start_out.set(false);
        }
        answer
    }

    /// A good answer, or the error that another one amounts to.
    async fn judge(&self, call: Call, has_session: bool, reply: Reply) -> Result<Reply, Error> {
        if reply.sandbox {
            self.sandbox.set(true);
        }
        if let Some(date) = reply.date {
            self.date.set(Some((date, self.clock.now())));
        }
        match reply.status {
            200..=299 => Ok(reply),
            429 => Err(Error::Busy(reply.retry_after)),
            401 if has_session => Err(Error::NoSession),
            status => {
                let retry_after = reply.retry_after;
                let bytes = reply.body.read().await.unwrap_or_default();
                let error = serde_json::from_slice(&bytes).ok().and_then(|value| ErrorBody::of(&value));
                match (error, retry_after) {
                    (Some(error), _) if (400..500).contains(&status) => Err(error.refusal(status)),
                    (_, Some(retry_after)) => Err(Error::Unavailable { call, status, retry_after }),
                    _ => Err(Error::Unreadable { call, status, what: nature(&bytes) }),
                }
            }
        }
    }
}

/// What an unusable body is, in a few words and none of its own: it may hold anything.
fn nature(bytes: &[u8]) -> String {
    let start = bytes.trim_ascii_start();
    match start.first() {
        None => "with an empty body",
        Some(b'<') => "with an HTML page",
        Some(b'{' | b'[') => "with JSON that is cut off or not as expected",
        Some(_) => "with a body that is not JSON",
    }
    .to_owned()
}
