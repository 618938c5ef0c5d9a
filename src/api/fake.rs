//! A transport that answers as a test says, with a client on top of it. For the unit tests of the resources.

use std::cell::RefCell;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use crate::api::client::{Client, Timeouts};
use crate::api::sessions::Access;
use crate::api::sessions::session::Session;
use crate::api::transport::{Answer, Body, Reply, Request, Transport};
use crate::support::clock::ManualClock;
use crate::support::secret::Secret;

/// Answers each request by its method and what follows the host, and records it.
pub(crate) struct FakeTransport<F> {
    answer: F,
    sent: RefCell<Vec<SentRequest>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SentRequest {
    /// The method and what follows the host.
    pub(crate) line: String,
    pub(crate) session: Option<&'static str>,
    pub(crate) header: Option<(&'static str, String)>,
    pub(crate) body: Value,
}

impl<F: Fn(&str) -> (u16, String)> FakeTransport<F> {
    /// Lets a client work on this fake, and gives what came of it and what was sent.
    pub(crate) fn serve<T>(answer: F, work: impl AsyncFnOnce(&Client<'_>) -> T) -> (T, Vec<SentRequest>) {
        let fake = Self { answer, sent: RefCell::default() };
        let clock = ManualClock::new("2026-03-03T10:00:00Z".parse().unwrap());
        let session = Session {
            server_url: "https://pod.example.com/saas".to_owned(),
            id: Secret::new("s3ss10n".to_owned()),
            org: None,
            user: None,
        };
        let timeouts = Timeouts {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(30),
            start: Duration::from_secs(120),
        };
        let client = Client::new(&fake, &clock, Access::Ready(session), timeouts, None);
        let done = clock.run(work(&client));
        (done, fake.sent.take())
    }
}

impl<F: Fn(&str) -> (u16, String)> Transport for FakeTransport<F> {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Answer> {
        let place = request.url.strip_prefix("https://pod.example.com").unwrap();
        let line = format!("{} {place}", request.method.name());
        let (status, body) = (self.answer)(&line);
        self.sent.borrow_mut().push(SentRequest {
            line,
            session: request.session.map(|(name, _)| name),
            header: request.header,
            body: request.body.map_or(Value::Null, |body| serde_json::from_str(body.reveal()).unwrap()),
        });
        let reply =
            Reply { status, retry_after: None, date: None, sandbox: false, body: Body::whole(body.into_bytes()) };
        Box::pin(async { Answer::Reply(reply) })
    }
}

pub(crate) fn lines(sent: &[SentRequest]) -> Vec<&str> {
    sent.iter().map(|request| request.line.as_str()).collect()
}
