//! The client of one identity: a session for every request, one renewal when it has died, retries where they are safe.

use std::time::Duration;

use jiff::Timestamp;

use crate::api::attempt::Attempt;
use crate::api::error::Error;
use crate::api::exchange::{self, Exchange};
use crate::api::request::ApiRequest;
use crate::api::retry::Retries;
use crate::api::sessions::session::Session;
use crate::api::sessions::{Access, Sessions};
use crate::api::transport::{Reply, Request, Transport};
use crate::api::wire::bodies::Misread;
use crate::api::wire::rows::{self, Frame, ListAt};
use crate::support::clock::Clock;
use crate::support::secret::Secret;

pub use crate::api::request::Timeouts;

pub struct Client<'a> {
    exchange: Exchange<'a>,
    sessions: Sessions<'a>,
    timeouts: Timeouts,
}

impl<'a> Client<'a> {
    /// Sends nothing yet.
    pub fn new(
        transport: &'a dyn Transport,
        clock: &'a dyn Clock,
        access: Access<'a>,
        timeouts: Timeouts,
        expect_org: Option<String>,
    ) -> Self {
        let sessions = Sessions::new(access, expect_org, timeouts);
        Self { exchange: Exchange::new(transport, clock), sessions, timeouts }
    }

    /// From now on requests end at this reading of the clock, but none is given less than two seconds.
    pub fn set_deadline(&self, deadline: Option<Duration>) {
        self.exchange.set_deadline(deadline);
    }

    /// Whether an answer so far came from the sandbox.
    pub fn is_sandbox(&self) -> bool {
        self.exchange.is_sandbox()
    }

    /// The organisation, once there is a session.
    pub fn org(&self) -> Option<String> {
        self.sessions.in_use()?.org
    }

    /// The name of the session's user, where the answer to the login has it.
    pub fn user(&self) -> Option<String> {
        self.sessions.in_use()?.user
    }

    /// What the service's clock showed at this reading of ours, at the latest: the answer whose `Date` says so may have
    /// been on its way for a while. None before the first such answer.
    pub fn server_time_at(&self, reading: Duration) -> Option<Timestamp> {
        self.exchange.server_time_at(reading)
    }

    /// Now, by the service's clock where it is known, else by ours.
    pub(crate) fn server_time(&self) -> Timestamp {
        let clock = self.exchange.clock;
        self.server_time_at(clock.now()).unwrap_or_else(|| clock.utc())
    }

    /// Sees to it that there is a session, so that the next request needs no login. A stored one is not tried.
    pub async fn open(&self) -> Result<Session, Error> {
        self.sessions.current(&self.exchange).await
    }

    /// Makes a new session, whatever is stored. With `insist` also with a password that is remembered as refused.
    pub async fn login(&self, insist: bool) -> Result<Session, Error> {
        self.sessions.log_in_anew(&self.exchange, insist).await
    }

    /// Whether the session is kept for later commands.
    pub fn keeps_session(&self) -> bool {
        self.sessions.is_kept()
    }

    /// Ends the session and forgets it. Gives whether there was one.
    pub async fn logout(&self) -> Result<bool, Error> {
        self.sessions.log_out(&self.exchange).await
    }

    /// Ends the session unless it is stored for later commands. A failure only leaves it to expire.
    pub async fn leave(&self) {
        if !self.sessions.outlive_the_command() {
            let _ = self.logout().await;
        }
    }

    /// Sends a request, and once more with a new session when its own has died: a 401 says that nothing was done.
    pub(crate) async fn call<T>(
        &self,
        api_request: ApiRequest<'_>,
        mut read: impl AsyncFnMut(Reply) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let clock = self.exchange.clock;
        let mut session = self.sessions.current(&self.exchange).await?;
        let mut retries = Retries::new(api_request.retry, clock, self.timeouts.connect);
        let mut renewed = false;
        loop {
            let request = self.request(&api_request, &session);
            if let Some(attempt) = api_request.attempt {
                attempt.begins(clock.now());
            }
            let answer = match self.exchange.send(request).await {
                Ok(reply) => read(reply).await,
                Err(error) => Err(error),
            };
            let error = match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if let Some(attempt) = api_request.attempt.filter(|_| !error.may_have_been_processed()) {
                attempt.was_not_processed();
            }
            if self.sessions.is_dead(&self.exchange, &session, &error).await {
                if renewed {
                    return Err(Error::SessionRefused);
                }
                renewed = true;
                session = self.sessions.renew(&self.exchange, Some(&session)).await?;
                continue;
            }
            retries.wait(error, self.exchange.deadline()).await?;
        }
    }

    /// Sends a request once under a session that is not ours. That the service refuses the session is what is wanted.
    pub(crate) async fn call_under(&self, id: Secret, api_request: &ApiRequest<'_>) -> Result<(), Error> {
        let session = Session { id, ..self.sessions.current(&self.exchange).await? };
        match self.exchange.send(self.request(api_request, &session)).await {
            Ok(_) | Err(Error::NoSession) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn request(&self, api_request: &ApiRequest<'_>, session: &Session) -> Request {
        let family = api_request.family;
        Request {
            operation: api_request.operation,
            method: api_request.method,
            url: format!("{}{}", family.base(&session.server_url), api_request.path),
            session: Some((family.header, session.id.clone())),
            header: api_request.header.clone(),
            body: api_request.body.map(|body| Secret::new(body.to_string())),
            timeout: self.timeouts.of(api_request.operation),
            connecting: api_request.attempt.map(Attempt::connecting),
        }
    }

    /// For a request whose answer is JSON: see [`exchange::json`]. Each try has a collection of its own, so that an answer that
    /// was cut off leaves nothing behind.
    pub(crate) async fn call_list<T: Default, U>(
        &self,
        request: ApiRequest<'_>,
        list: ListAt,
        add: impl Fn(&mut T, &[u8]),
        done: impl Fn(T, &Frame) -> Result<U, Misread>,
    ) -> Result<U, Error> {
        let operation = request.operation;
        self.call(request, async |reply| exchange::json(operation, reply, list, &add, &done).await).await
    }

    /// For a request whose answer is JSON of one piece.
    pub(crate) async fn call_json<U>(
        &self,
        request: ApiRequest<'_>,
        read: impl Fn(&Frame) -> Result<U, Misread>,
    ) -> Result<U, Error> {
        self.call_list(request, ListAt::Nowhere, |(), _| {}, |(), frame| read(frame)).await
    }

    /// For a request whose good answer says nothing that is documented.
    pub(crate) async fn call_done(&self, request: ApiRequest<'_>) -> Result<(), Error> {
        let operation = request.operation;
        self.call(request, async |reply| exchange::nothing(operation, reply).await).await
    }

    /// For a request whose answer is an array: each element is added to a collection while it arrives. `done` says what the
    /// complete collection amounts to, or why it is no answer.
    pub(crate) async fn call_rows<T: Default, U>(
        &self,
        request: ApiRequest<'_>,
        add: impl Fn(&mut T, &[u8]),
        done: impl Fn(T) -> Result<U, String>,
    ) -> Result<U, Error> {
        let operation = request.operation;
        self.call(request, async |reply| {
            let status = reply.status;
            let mut rows = T::default();
            rows::each(reply.body, |element| add(&mut rows, element))
                .await
                .and_then(|()| done(rows))
                .map_err(|what| Error::Unreadable { operation, status, what })
        })
        .await
    }
}

#[cfg(test)]
mod tests;
