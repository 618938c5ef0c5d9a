//! A transport that reports every request: what came of it and how long it took, without session, headers and bodies.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use crate::api::transport::{Answer, Request, Transport};
use crate::support::clock::Clock;

#[derive(Debug)]
pub struct LoggedRequest {
    pub method: &'static str,
    pub url: String,
    /// The HTTP status, or why there is none.
    pub outcome: String,
    /// From sending to the head of the answer.
    pub took: Duration,
    /// Whether the sandbox answered.
    pub sandbox: bool,
}

pub struct LoggingTransport<'a> {
    pub inner: &'a dyn Transport,
    pub clock: &'a dyn Clock,
    /// Called once the head of the answer is there.
    pub log: &'a dyn Fn(&LoggedRequest),
}

impl Transport for LoggingTransport<'_> {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Answer> {
        Box::pin(async move {
            let began = self.clock.now();
            let method = request.method.name();
            let url = request.url.clone();
            let answer = self.inner.send(request).await;
            let (outcome, sandbox) = match &answer {
                Answer::Reply(reply) => (reply.status.to_string(), reply.sandbox),
                Answer::NotSent(why) => (format!("not sent: {why}"), false),
                Answer::Untrusted(why) => (format!("not sent: {why}"), false),
                Answer::Forbidden(_) => ("not sent: it is not the sandbox".to_owned(), false),
                Answer::Unclear(why) => (format!("no answer: {why}"), false),
            };
            (self.log)(&LoggedRequest { method, url, outcome, took: self.clock.now().saturating_sub(began), sandbox });
            answer
        })
    }
}
