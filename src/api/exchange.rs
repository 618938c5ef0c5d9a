//! One request and its answer: sends it once, and turns whatever is not a good answer into an error.

use std::cell::Cell;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::api::error::Error;
use crate::api::server_clock::ServerClock;
use crate::api::transport::{Answer, Operation, Reply, Request, Transport};
use crate::api::wire::bodies::{ErrorBody, NoRun};
use crate::api::wire::lenient;
use crate::support::clock::Clock;

/// A request is given this long even when the deadline comes sooner: what was sent cannot be taken back.
const SHORTEST_TIMEOUT: Duration = Duration::from_secs(2);

pub(crate) struct Exchange<'a> {
    transport: &'a dyn Transport,
    pub(crate) clock: &'a dyn Clock,
    server_clock: ServerClock,
    /// Requests end at this reading of the clock.
    deadline: Cell<Option<Duration>>,
    is_sandbox: Cell<bool>,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new(transport: &'a dyn Transport, clock: &'a dyn Clock) -> Self {
        let server_clock = ServerClock::default();
        Self { transport, clock, server_clock, deadline: Cell::new(None), is_sandbox: Cell::new(false) }
    }

    pub(crate) fn set_deadline(&self, deadline: Option<Duration>) {
        self.deadline.set(deadline);
    }

    /// Whether an answer so far came from the sandbox.
    pub(crate) fn is_sandbox(&self) -> bool {
        self.is_sandbox.get()
    }

    pub(crate) fn server_time_at(&self, reading: Duration) -> Option<Timestamp> {
        self.server_clock.at(reading)
    }

    pub(crate) async fn send(&self, mut request: Request) -> Result<Reply, Error> {
        let operation = request.operation;
        if let Some(deadline) = self.deadline.get() {
            let left = deadline.saturating_sub(self.clock.now());
            request.timeout = request.timeout.min(left.max(SHORTEST_TIMEOUT));
        }
        let has_session = request.session.is_some();
        let sent_at = self.clock.now();
        match self.transport.send(request).await {
            Answer::NotSent(why) => Err(Error::NotSent(why)),
            Answer::Unclear(why) => Err(Error::Unclear(operation, why)),
            Answer::Forbidden(host) => Err(Error::Forbidden(host)),
            Answer::Untrusted(why) => Err(Error::Untrusted(why)),
            Answer::Reply(reply) => {
                if let Some(date) = reply.date {
                    self.server_clock.set(date, sent_at, self.clock.now());
                }
                if reply.sandbox {
                    self.is_sandbox.set(true);
                }
                classify(operation, has_session, reply).await
            }
        }
    }
}

/// A good answer, or the error that another one amounts to.
async fn classify(operation: Operation, has_session: bool, reply: Reply) -> Result<Reply, Error> {
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
                (_, Some(retry_after)) => Err(Error::Unavailable { operation, status, retry_after }),
                _ => Err(Error::Unreadable { operation, status, what: describe_body(&bytes) }),
            }
        }
    }
}

/// The JSON of a good answer. The oldest form of the job resource answers 200 with an error object.
pub(crate) async fn json(operation: Operation, reply: Reply) -> Result<Value, Error> {
    let status = reply.status;
    let bytes = reply.body.read().await.map_err(|why| Error::Unclear(operation, why))?;
    let unreadable = || Error::Unreadable { operation, status, what: describe_body(&bytes) };
    let value = lenient::value(&bytes).ok_or_else(unreadable)?;
    match ErrorBody::of(&value) {
        Some(error) => Err(error.refusal(status)),
        None => Ok(value),
    }
}

/// What a start's good answer says that was started. An answer that names a run is never a refusal, whatever else it has:
/// only one without any ID can be.
pub(crate) async fn started<T>(
    operation: Operation,
    reply: Reply,
    read: impl Fn(&Value) -> Result<T, NoRun>,
) -> Result<T, Error> {
    let status = reply.status;
    let bytes = reply.body.read().await.map_err(|why| Error::Unclear(operation, why))?;
    let unreadable = |what: &str| Error::Unreadable { operation, status, what: what.to_owned() };
    let value = lenient::value(&bytes).ok_or_else(|| unreadable(&describe_body(&bytes)))?;
    read(&value).map_err(|none| match (none, ErrorBody::of(&value)) {
        (NoRun::NoIds(_), Some(error)) => error.refusal(status),
        (NoRun::NoIds(what) | NoRun::OddIds(what), _) => unreadable(what),
    })
}

/// Reads a good answer that says nothing documented, to see that it is no error object.
pub(crate) async fn nothing(operation: Operation, reply: Reply) -> Result<(), Error> {
    let status = reply.status;
    let bytes = reply.body.read().await.map_err(|why| Error::Unclear(operation, why))?;
    match lenient::value(&bytes).and_then(|value| ErrorBody::of(&value)) {
        Some(error) => Err(error.refusal(status)),
        None => Ok(()),
    }
}

/// What an unusable body is, in a few words and none of its own: it may hold anything.
fn describe_body(bytes: &[u8]) -> String {
    let start = bytes.trim_ascii_start();
    match start.first() {
        None => "with an empty body",
        Some(b'<') => "with an HTML page",
        Some(b'{' | b'[') => "with JSON that is cut off or not as expected",
        Some(_) => "with a body that is not JSON",
    }
    .to_owned()
}

#[cfg(test)]
mod tests;
