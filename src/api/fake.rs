//! A transport that answers as a test says, and a service in front of it. For unit tests of the files beside it.

use std::cell::RefCell;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use crate::api::client::{Client, Timeouts};
use crate::api::session::{Access, Session};
use crate::api::{Answer, Body, Reply, Request, Transport};
use crate::support::clock::ManualClock;
use crate::support::secret::Secret;

/// Answers each request by its method and what follows the host, and remembers it.
pub(crate) struct FakeTransport<F> {
    answer: F,
    asked: RefCell<Vec<Asked>>,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) session: Option<&'static str>,
    pub(crate) header: Option<(&'static str, String)>,
    pub(crate) body: Value,
}

impl<F: Fn(&str) -> (u16, String)> FakeTransport<F> {
    /// Lets a service ask this fake, and gives what came of it and what was asked.
    pub(crate) fn serve<T>(answer: F, work: impl AsyncFnOnce(&Client<'_>) -> T) -> (T, Vec<Asked>) {
        let fake = Self { answer, asked: RefCell::default() };
        let clock = ManualClock::new("2026-03-03T10:00:00Z".parse().unwrap());
        let session = Session {
            server_url: "https://pod.example.com/saas".to_owned(),
            id: Secret::new("s3ss10n".to_owned()),
            org: None,
            user: None,
        };
        let timeouts = Timeouts { read: Duration::from_secs(30), start: Duration::from_secs(120) };
        let client = Client::new(&fake, &clock, Access::Ready(session), timeouts, None);
        let done = clock.run(work(&client));
        (done, fake.asked.take())
    }
}

impl<F: Fn(&str) -> (u16, String)> Transport for FakeTransport<F> {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Answer> {
        let place = request.url.strip_prefix("https://pod.example.com").unwrap();
        let line = format!("{} {place}", request.method.name());
        let (status, body) = (self.answer)(&line);
        self.asked.borrow_mut().push(Asked {
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

/// The lines of what was asked.
pub(crate) fn lines(asked: &[Asked]) -> Vec<&str> {
    asked.iter().map(|asked| asked.line.as_str()).collect()
}
