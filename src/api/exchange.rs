//! One request and its answer: sends it once, and turns whatever is not a good answer into an error.

use std::cell::Cell;
use std::time::Duration;

use jiff::Timestamp;

use crate::api::error::Error;
use crate::api::server_clock::ServerClock;
use crate::api::transport::{Answer, Operation, Reply, Request, Transport};
use crate::api::wire::bodies::{ErrorBody, Misread};
use crate::api::wire::rows::{self, BodyError, Frame, ListAt};
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

    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.deadline.get()
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
            let frame = rows::read(reply.body, ListAt::Nowhere, |_| {}).await;
            let error = frame.as_ref().ok().and_then(ErrorBody::of);
            match (error, retry_after) {
                (Some(error), _) if (400..500).contains(&status) => Err(error.refusal(status)),
                (_, Some(retry_after)) => Err(Error::Unavailable { operation, status, retry_after }),
                _ => {
                    let what = frame.map_or_else(|error| error.describe(), |frame| frame.describe());
                    Err(Error::Unreadable { operation, status, what: what.to_owned() })
                }
            }
        }
    }
}

/// What `done` makes of the JSON of a good answer: of the collection to which `add` has added each element of its list, and
/// of what is around that. An answer that is what was expected is never a refusal, whatever else it has; the oldest form of
/// the job resource answers 200 with an error object.
pub(crate) async fn json<T: Default, U>(
    operation: Operation,
    reply: Reply,
    list: ListAt,
    add: impl Fn(&mut T, &[u8]),
    done: impl Fn(T, &Frame) -> Result<U, Misread>,
) -> Result<U, Error> {
    let status = reply.status;
    let unreadable = |what: String| Error::Unreadable { operation, status, what };
    let mut rows = T::default();
    let frame = match rows::read(reply.body, list, |element| add(&mut rows, element)).await {
        Ok(frame) => frame,
        Err(BodyError::Broken(why)) => return Err(Error::Unclear(operation, why)),
        Err(error) => return Err(unreadable(error.describe().to_owned())),
    };
    done(rows, &frame).map_err(|misread| match (misread, ErrorBody::of(&frame)) {
        (Misread::Nothing(_), Some(error)) => error.refusal(status),
        (Misread::Nothing(what) | Misread::Odd(what), _) => unreadable(what),
    })
}

/// Reads a good answer that says nothing documented, to see that it is no error object.
pub(crate) async fn nothing(operation: Operation, reply: Reply) -> Result<(), Error> {
    let status = reply.status;
    match rows::read(reply.body, ListAt::Nowhere, |_| {}).await {
        Err(BodyError::Broken(why)) => Err(Error::Unclear(operation, why)),
        Ok(frame) => ErrorBody::of(&frame).map_or(Ok(()), |error| Err(error.refusal(status))),
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
