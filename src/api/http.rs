//! The transport over sockets: the only file that names reqwest. It follows no redirects.

mod failure;
pub(crate) mod headers;
mod tls;

use std::cell::OnceCell;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use futures_util::{StreamExt, stream};
use reqwest::header::{ACCEPT, CONTENT_TYPE, DATE, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, NoProxy, Proxy, redirect};
use tower::util::MapResponseLayer;

use crate::api::http::failure::FailurePoint;
use crate::api::http::tls::Tls;
use crate::api::transport::{Answer, Body, Connecting, Method, Mistrust, Reply, Request, Transport};
use crate::support::loopback::is_loopback;

pub use crate::api::http::tls::ClientCertificate;
pub use crate::api::http::tls::UnusableFile;

/// Every answer of the sandbox has this header.
const SANDBOX: &str = "x-runajob-sandbox";

#[derive(Debug, Clone)]
pub struct Options {
    pub connect_timeout: Duration,
    /// A PEM file with certificates that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    pub client_certificate: Option<ClientCertificate>,
    /// The URL of a proxy. The environment is not asked for another.
    pub proxy: Option<String>,
    /// As in the variable `NO_PROXY`: the hosts that are reached without the proxy.
    pub no_proxy: Option<String>,
}

/// Connections to the service.
#[derive(Debug)]
pub struct Http {
    connect_timeout: Duration,
    tls: Tls,
    proxy: Result<Option<Proxy>, Mistrust>,
    /// Where connections are kept for the next request, one for each route.
    pools: [OnceCell<Client>; 3],
}

/// How a server is reached. Loopback is always direct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    /// Plain HTTP on loopback.
    Plain,
    /// TLS on loopback.
    Local,
    /// TLS, through the proxy if there is one.
    Network,
}

impl Route {
    /// None for plain HTTP to another machine. The settings refuse such a login URL, but the answer to a login may lead there.
    fn to(url: &str) -> Option<Self> {
        match (leads_to_loopback(url), url.starts_with("https:")) {
            (true, true) => Some(Self::Local),
            (true, false) => Some(Self::Plain),
            (false, true) => Some(Self::Network),
            (false, false) => None,
        }
    }
}

impl Http {
    /// Checks the options; connects to nothing.
    pub fn new(options: &Options) -> Result<Self, UnusableFile> {
        let no_proxy = options.no_proxy.as_deref().and_then(NoProxy::from_string);
        let proxy = options.proxy.as_deref().map(proxy).transpose();
        Ok(Self {
            connect_timeout: options.connect_timeout,
            tls: Tls::new(options.ca_file.as_deref(), options.client_certificate.as_ref())?,
            proxy: proxy.map(|proxy| proxy.map(|proxy| proxy.no_proxy(no_proxy))),
            pools: Default::default(),
        })
    }

    /// The client for a request. What gets a connection of its own gets a client of its own, which tells the two phases of
    /// such a request apart.
    fn client(&self, request: &Request) -> Result<Client, Answer> {
        let Some(route) = Route::to(&request.url) else {
            let why = "the server is not on loopback, and plain http is for loopback only";
            return Err(Answer::NotSent(why.to_owned()));
        };
        let pool = &self.pools[route as usize];
        match (&request.connecting, pool.get()) {
            (None, Some(client)) => Ok(client.clone()),
            (None, None) => {
                let client = self.build(route, None).map_err(Answer::Untrusted)?;
                Ok(pool.get_or_init(|| client).clone())
            }
            (connecting, _) => self.build(route, connecting.as_ref()).map_err(Answer::Untrusted),
        }
    }

    fn build(&self, route: Route, connecting: Option<&Connecting>) -> Result<Client, Mistrust> {
        let tls = if route == Route::Plain { self.tls.none() } else { self.tls.verifying() }?;
        let builder = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(self.connect_timeout)
            .user_agent(concat!("runajob/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(tls);
        let builder = match &self.proxy {
            Ok(Some(proxy)) if route == Route::Network => builder.proxy(proxy.clone()),
            Err(mistrust) if route == Route::Network => return Err(mistrust.clone()),
            _ => builder.no_proxy(),
        };
        let builder = match connecting {
            Some(connecting) => {
                builder.pool_max_idle_per_host(0).connector_layer(MapResponseLayer::new(connected(connecting.clone())))
            }
            None => builder,
        };
        builder.build().map_err(|error| Mistrust::OfServer(failure::describe(&error, point(&error, true))))
    }

    async fn exchange(&self, request: Request) -> Answer {
        let client = match self.client(&request) {
            Ok(client) => client,
            Err(answer) => return answer,
        };
        let mut builder = match request.method {
            Method::Get => client.get(&request.url),
            Method::Post => client.post(&request.url),
            Method::Put => client.put(&request.url),
        };
        if let Some(body) = request.body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body.reveal().to_owned());
        }
        if let Some((name, value)) = request.header {
            builder = builder.header(name, value);
        }
        builder = builder.header(ACCEPT, "application/json").timeout(request.timeout);
        if let Some((name, session)) = request.session {
            match HeaderValue::from_str(session.reveal()) {
                Ok(mut value) => {
                    value.set_sensitive(true);
                    builder = builder.header(name, value);
                }
                Err(_) => return Answer::NotSent("the session has characters that no header can carry".to_owned()),
            }
        }
        let connecting = request.connecting.inspect(Connecting::begins);
        match builder.send().await {
            Ok(response) => Answer::Reply(reply(response)),
            Err(error) => {
                let own_connection = connecting.is_some_and(|connecting| connecting.is_under_way());
                failure::answer(&error, point(&error, own_connection))
            }
        }
    }
}

/// `connecting` is whether the request's own connection was being made; of a kept one the error says it.
fn point(error: &reqwest::Error, connecting: bool) -> FailurePoint {
    FailurePoint { connecting: connecting || error.is_connect() || error.is_builder(), timed_out: error.is_timeout() }
}

/// Notes that a connection was made, its proxy and its TLS included.
fn connected<C>(connecting: Connecting) -> impl Fn(C) -> C + Clone + Send + Sync + 'static {
    move |connection| {
        connecting.is_over();
        connection
    }
}

/// A proxy of which this program can make use.
fn proxy(url: &str) -> Result<Proxy, Mistrust> {
    let scheme = url.split_once("://").map_or("http", |(scheme, _)| scheme);
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err(Mistrust::OfProxy("only http:// and https:// proxies are known".to_owned()));
    }
    Proxy::all(url).map_err(|_| Mistrust::OfProxy("it is not a URL".to_owned()))
}

impl Transport for Http {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Answer> {
        Box::pin(self.exchange(request))
    }
}

fn leads_to_loopback(url: &str) -> bool {
    let url = reqwest::Url::parse(url);
    url.is_ok_and(|url| url.host_str().is_some_and(|host| is_loopback(host.trim_matches(['[', ']']))))
}

fn reply(response: reqwest::Response) -> Reply {
    let header = |name: HeaderName| response.headers().get(name)?.to_str().ok();
    let date = header(DATE).and_then(headers::moment);
    Reply {
        status: response.status().as_u16(),
        retry_after: header(RETRY_AFTER).and_then(|text| headers::retry_after(text, date)),
        date,
        sandbox: response.headers().contains_key(SANDBOX),
        body: Body::new(
            stream::unfold(Some(response), async |response| {
                let mut response = response?;
                match response.chunk().await {
                    Ok(None) => None,
                    Ok(Some(piece)) => Some((Ok(piece.to_vec()), Some(response))),
                    Err(error) => Some((Err(failure::describe(&error, point(&error, false))), None)),
                }
            })
            .boxed_local(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_like_loopback_are_not_loopback() {
        for url in ["http://127.0.0.1:8085/saas", "http://[::1]:1/", "http://localhost/ma", "http://127.9.9.9"] {
            assert!(leads_to_loopback(url), "{url}");
        }
        for url in ["http://localhost.example.com", "https://127.0.0.1.example.com/", "http://10.0.0.1", "x"] {
            assert!(!leads_to_loopback(url), "{url}");
        }
    }

    #[test]
    fn plain_http_leaves_for_loopback_only() {
        assert_eq!(Route::to("http://pod.example.com/saas"), None);
        assert_eq!(Route::to("http://127.0.0.1:1/saas"), Some(Route::Plain));
        assert_eq!(Route::to("https://localhost:1/saas"), Some(Route::Local));
        assert_eq!(Route::to("https://pod.example.com/saas"), Some(Route::Network));
    }
}
