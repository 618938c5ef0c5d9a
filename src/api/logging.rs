//! A transport that tells of every exchange: which request, what came of it, how long it took. Never a secret.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use crate::api::{Answer, Request, Transport};
use crate::support::clock::Clock;

/// One exchange, told once its head is there.
#[derive(Debug)]
pub struct Exchange {
    /// Its method.
    pub method: &'static str,
    /// The URL.
    pub url: String,
    /// The status, or why there is none.
    pub outcome: String,
    /// From sending to the head of the answer.
    pub took: Duration,
    /// Whether the sandbox answered.
    pub sandbox: bool,
}

/// Sends through another transport, and tells.
pub struct LoggingTransport<'a> {
    /// The one that sends.
    pub inner: &'a dyn Transport,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Hears of each exchange.
    pub tell: &'a dyn Fn(&Exchange),
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
                Answer::Forbidden(_) => ("not sent: it is not the sandbox".to_owned(), false),
                Answer::Unclear(why) => (format!("no answer: {why}"), false),
            };
            (self.tell)(&Exchange { method, url, outcome, took: self.clock.now().saturating_sub(began), sandbox });
            answer
        })
    }
}
