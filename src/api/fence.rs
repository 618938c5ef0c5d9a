//! A transport that sends nothing to another place than the one it is for. What is tested against the sandbox cannot reach
//! production through it, whatever settings, a login's answer or a kept session say.

use futures_util::future::LocalBoxFuture;

use crate::api::{Answer, Request, Transport};
use crate::support::sandbox_url::SandboxUrl;

/// Sends through another transport, but only to the sandbox where there is one.
pub struct Fenced<'a> {
    /// The one that sends.
    pub inner: &'a dyn Transport,
    /// The only place that requests may go to.
    pub only: Option<&'a SandboxUrl>,
}

impl Transport for Fenced<'_> {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Answer> {
        match self.only {
            Some(only) if !only.allows(&request.url) => {
                let host = request.url.split('/').take(3).collect::<Vec<_>>().join("/");
                Box::pin(async move { Answer::Forbidden(host) })
            }
            _ => self.inner.send(request),
        }
    }
}
