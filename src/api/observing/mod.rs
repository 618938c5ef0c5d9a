//! A transport that records what answers look like: their statuses, times and shapes. Names, IDs and messages never enter a
//! record, because its types have no room for them.

pub mod shape;
pub mod word;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::LocalBoxFuture;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde_json::Value;

use crate::api::observing::shape::BodyShape;
use crate::api::transport::{Answer, Body, Operation, Reply, Request, Transport};
use crate::job::Run;
use crate::support::clock::Clock;

/// A longer body passes through without being looked at.
const LONGEST: usize = 8 * 1024 * 1024;

/// One request and what its answer looked like.
#[derive(Debug, Clone)]
pub struct Observation {
    /// What it was asked for, in the words of whoever asked.
    pub label: &'static str,
    /// The run of the probe that it is about.
    pub about: Option<usize>,
    pub operation: Operation,
    /// Readings of the clock: when it was sent, and when the answer was complete.
    pub sent_at: Duration,
    pub done_at: Duration,
    pub session: Option<SessionForm>,
    /// None when no answer came.
    pub reply: Option<ObservedReply>,
}

#[derive(Debug, Clone)]
pub struct ObservedReply {
    /// The HTTP status.
    pub status: u16,
    /// From `Retry-After`.
    pub retry_after: Option<Duration>,
    /// From `Date`.
    pub date: Option<Timestamp>,
    pub shape: BodyShape,
}

/// What a session is like, without the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionForm {
    pub length: usize,
    pub is_jwt: bool,
    /// From `iat` to `exp` of a JSON Web Token, in seconds.
    pub lifetime_s: Option<i64>,
}

impl SessionForm {
    fn of(session: &str) -> Self {
        let parts: Vec<&str> = session.split('.').collect();
        let claims = || -> Option<Value> {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.get(1)?.trim_end_matches('=')).ok()?).ok()
        };
        let lifetime = |claims: Value| Some(claims.get("exp")?.as_i64()? - claims.get("iat")?.as_i64()?);
        Self { length: session.len(), is_jwt: parts.len() == 3, lifetime_s: claims().and_then(lifetime) }
    }
}

/// What is recorded, from the moment at which [`Observer::begin`] is called.
#[derive(Default)]
pub struct Observer {
    is_on: Cell<bool>,
    label: Cell<&'static str>,
    about: Cell<Option<usize>>,
    /// Task and run IDs, to recognise the rows of these runs.
    runs: RefCell<Vec<(String, String)>>,
    seen: RefCell<Vec<Observation>>,
}

impl Observer {
    pub fn begin(&self) {
        self.is_on.set(true);
    }

    /// Says what the next requests are asked for, and about which run.
    pub fn ask(&self, label: &'static str, about: Option<usize>) {
        self.label.set(label);
        self.about.set(about);
    }

    /// Recognises the rows of this run from now on, by its index.
    pub fn recognise(&self, run: &Run) {
        let ids = match run {
            Run::Job(run) => (run.task_id.clone(), run.run_id.to_string()),
            Run::Taskflow { run_id } => (String::new(), run_id.clone()),
            Run::Ingestion { task_id, run_id } => (task_id.clone(), run_id.clone()),
        };
        self.runs.borrow_mut().push(ids);
    }

    /// How many runs are recognised: the index of the next one.
    pub fn runs(&self) -> usize {
        self.runs.borrow().len()
    }

    /// What was seen so far, oldest first.
    pub fn seen(&self) -> Vec<Observation> {
        self.seen.borrow().clone()
    }

    /// The last answer to a request with this label, if it was sent at this reading of the clock or later.
    pub fn last(&self, label: &str, since: Duration) -> Option<ObservedReply> {
        let seen = self.seen.borrow();
        let last = seen.iter().rev().find(|one| one.label == label && one.sent_at >= since);
        last.and_then(|one| one.reply.clone())
    }
}

pub struct ObservingTransport<'a> {
    pub inner: &'a dyn Transport,
    pub clock: &'a dyn Clock,
    pub observer: &'a Observer,
}

impl ObservingTransport<'_> {
    /// Sends a request and looks at its answer, whose body is handed on as it came.
    async fn observe(&self, request: Request) -> Answer {
        let operation = request.operation;
        let label = match operation {
            Operation::Login => "login",
            Operation::Logout | Operation::Validate => "session",
            _ => self.observer.label.get(),
        };
        let about = self.observer.about.get();
        let session = request.session.as_ref().map(|(_, session)| SessionForm::of(session.reveal()));
        let sent_at = self.clock.now();
        let (answer, reply) = match self.inner.send(request).await {
            Answer::Reply(reply) => {
                let (reply, seen) = self.look_at(reply).await;
                (Answer::Reply(reply), Some(seen))
            }
            other => (other, None),
        };
        let done_at = self.clock.now();
        let observation = Observation { label, about, operation, sent_at, done_at, session, reply };
        self.observer.seen.borrow_mut().push(observation);
        answer
    }

    async fn look_at(&self, reply: Reply) -> (Reply, ObservedReply) {
        let Reply { status, retry_after, date, sandbox, mut body } = reply;
        let mut pieces = Vec::new();
        let mut length = 0;
        // An error ends a body as well as its end does, and neither may be asked for more.
        let end = loop {
            match body.next().await {
                None => break Some(true),
                Some(piece) => {
                    length += piece.as_ref().map_or(0, Vec::len);
                    let is_broken = piece.is_err();
                    pieces.push(piece);
                    if is_broken {
                        break Some(false);
                    }
                    if length > LONGEST {
                        break None;
                    }
                }
            }
        };
        let shape = if end == Some(true) {
            let bytes: Vec<u8> = pieces.iter().flatten().flatten().copied().collect();
            BodyShape::of(&bytes, &self.observer.runs.borrow())
        } else {
            BodyShape::Other
        };
        let pieces = stream::iter(pieces);
        let body = if end.is_some() {
            Body::new(pieces.boxed_local())
        } else {
            let rest = stream::unfold(body, |mut body| async { body.next().await.map(|piece| (piece, body)) });
            Body::new(pieces.chain(rest).boxed_local())
        };
        let seen = ObservedReply { status, retry_after, date, shape };
        (Reply { status, retry_after, date, sandbox, body }, seen)
    }
}

impl Transport for ObservingTransport<'_> {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Answer> {
        if self.observer.is_on.get() { Box::pin(self.observe(request)) } else { self.inner.send(request) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::transport::Method;
    use crate::support::clock::ManualClock;
    use crate::support::secret::Secret;

    /// Answers with these pieces of a body.
    struct Pieces(Vec<Result<&'static str, &'static str>>);

    impl Transport for Pieces {
        fn send(&self, _: Request) -> LocalBoxFuture<'_, Answer> {
            let pieces: Vec<_> = self.0.iter().map(|one| one.map(Into::into).map_err(Into::into)).collect();
            // It must not be polled beyond its end.
            let mut pieces = pieces.into_iter();
            let body = Body::new(
                stream::unfold((), move |()| {
                    let next = pieces.next();
                    async { next.map(|piece| (piece, ())) }
                })
                .boxed_local(),
            );
            Box::pin(async {
                Answer::Reply(Reply { status: 200, retry_after: None, date: None, sandbox: false, body })
            })
        }
    }

    fn observed(pieces: &[Result<&'static str, &'static str>]) -> (Result<Vec<u8>, String>, Vec<Observation>) {
        let clock = ManualClock::new("2026-03-03T10:00:00Z".parse().unwrap());
        let (inner, observer) = (Pieces(pieces.to_vec()), Observer::default());
        let transport = ObservingTransport { inner: &inner, clock: &clock, observer: &observer };
        observer.begin();
        observer.ask("what", Some(3));
        let request = Request {
            operation: Operation::Log,
            method: Method::Get,
            url: String::new(),
            session: Some(("icSessionId", Secret::new("s3ss10n".to_owned()))),
            header: None,
            body: None,
            connecting: None,
            timeout: Duration::from_secs(1),
        };
        let body = clock.run(async {
            match transport.send(request).await {
                Answer::Reply(mut reply) => {
                    let mut bytes = Vec::new();
                    while let Some(piece) = reply.body.next().await {
                        bytes.extend(piece?);
                    }
                    Ok(bytes)
                }
                other => panic!("{other:?}"),
            }
        });
        (body, observer.seen())
    }

    #[test]
    fn a_body_is_handed_on_as_it_came() {
        let (body, seen) = observed(&[Ok("[{\"run"), Ok("Id\":1}]")]);
        assert_eq!(body.unwrap(), b"[{\"runId\":1}]");
        assert_eq!((seen[0].label, seen[0].about, seen[0].session.unwrap().length), ("what", Some(3), 7));
        assert_eq!(seen[0].reply.as_ref().unwrap().shape.rows().unwrap().count, 1);
        let (body, seen) = observed(&[Ok("[]"), Err("the connection broke")]);
        assert_eq!(body, Err("the connection broke".to_owned()));
        assert_eq!(seen[0].reply.as_ref().unwrap().shape.name(), "something else");
    }

    #[test]
    fn a_token_says_how_long_it_lives() {
        let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let token = format!("{}.{}.x", encoded("{}"), encoded(r#"{"iat": 100, "exp": 1900, "sub": "ops"}"#));
        let form = SessionForm::of(&token);
        assert_eq!((form.is_jwt, form.length, form.lifetime_s), (true, token.len(), Some(1800)));
        assert_eq!(SessionForm::of("9aBcDeFgHiJkLmNoPqRsTu").lifetime_s, None);
    }
}
