//! A transport that sends to one site only. With it, what is tested against the sandbox cannot reach production, whatever
//! the settings, the answer to a login or a stored session say.

use futures_util::future::LocalBoxFuture;

use crate::api::transport::{Answer, Request, Transport};
use crate::support::sandbox_url::SandboxUrl;

pub struct Fenced<'a> {
    pub inner: &'a dyn Transport,
    /// None allows every site.
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
