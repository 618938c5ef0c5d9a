//! The transport over sockets, and the only file that names reqwest. It follows no redirects.

use std::cell::OnceCell;
use std::error::Error as _;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use reqwest::header::{ACCEPT, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Client, ClientBuilder, Proxy, redirect};

use crate::api::transport::{Answer, Body, Method, Reply, Request, Transport};
use crate::support::loopback::is_loopback;

/// Every answer of the sandbox has this header.
const SANDBOX: &str = "x-runajob-sandbox";

#[derive(Debug, Clone)]
pub struct Options {
    pub connect_timeout: Duration,
    /// A PEM file with certificates that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// The proxy to use instead of the one in the environment.
    pub proxy: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
    #[error("could not read the certificates in {}: {why}", path.display())]
    CaFile { path: PathBuf, why: String },
    #[error("the proxy is not a URL")]
    Proxy,
}

/// Connections to the service.
///
/// Loading the trust store takes most of the start-up time, so the client that needs it is built at its first use;
/// plain HTTP, which is for loopback only, does without.
#[derive(Debug)]
pub struct Http {
    connect_timeout: Duration,
    certificates: Vec<Certificate>,
    proxy: Option<Proxy>,
    secure: OnceCell<Result<Client, String>>,
    plain: OnceCell<Result<Client, String>>,
}

impl Http {
    /// Checks the options; connects to nothing.
    pub fn new(options: &Options) -> Result<Self, OptionsError> {
        let certificates = match &options.ca_file {
            Some(path) => certificates(path).map_err(|why| OptionsError::CaFile { path: path.clone(), why })?,
            None => Vec::new(),
        };
        let proxy = options.proxy.as_ref().map(|url| Proxy::all(url).map_err(|_| OptionsError::Proxy));
        Ok(Self {
            connect_timeout: options.connect_timeout,
            certificates,
            proxy: proxy.transpose()?,
            secure: OnceCell::new(),
            plain: OnceCell::new(),
        })
    }

    fn client(&self, url: &str) -> Result<&Client, Answer> {
        let built = if leads_to_loopback(url) {
            self.plain.get_or_init(|| self.build_plain())
        } else if url.starts_with("https:") {
            self.secure.get_or_init(|| self.build_secure())
        } else {
            // The settings refuse such a login URL, but the answer to a login may lead elsewhere.
            let why = "the server is not on loopback, and plain http is for loopback only";
            return Err(Answer::NotSent(why.to_owned()));
        };
        // What keeps a client from being built is the trust store.
        built.as_ref().map_err(|why| Answer::Untrusted(why.clone()))
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(self.connect_timeout)
            .user_agent(concat!("runajob/", env!("CARGO_PKG_VERSION")))
    }

    fn build_secure(&self) -> Result<Client, String> {
        install_ring();
        let builder = self.builder().tls_certs_merge(self.certificates.iter().cloned());
        let builder = match &self.proxy {
            Some(proxy) => builder.proxy(proxy.clone()),
            None => builder,
        };
        builder.build().map_err(|error| describe(&error))
    }

    /// For loopback: no proxy, and of the trust store only what the settings add.
    fn build_plain(&self) -> Result<Client, String> {
        install_ring();
        let builder = self.builder().no_proxy().tls_certs_only(self.certificates.iter().cloned());
        builder.build().map_err(|error| describe(&error))
    }

    async fn exchange(&self, request: Request) -> Answer {
        let client = match self.client(&request.url) {
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
        match builder.send().await {
            Ok(response) => Answer::Reply(reply(response)),
            Err(error) if is_untrusted(&error) => Answer::Untrusted(describe(&error)),
            Err(error) if error.is_connect() || error.is_builder() => Answer::NotSent(describe(&error)),
            Err(error) => Answer::Unclear(describe(&error)),
        }
    }
}

impl Transport for Http {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Answer> {
        Box::pin(self.exchange(request))
    }
}

/// Several crates can bring cryptography to rustls; this program has one, and says so before the first client is built.
fn install_ring() {
    // A second call finds the first one's choice, which is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn certificates(path: &std::path::Path) -> Result<Vec<Certificate>, String> {
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| describe(&error))?;
    if certificates.is_empty() { Err("there are none in it".to_owned()) } else { Ok(certificates) }
}

fn leads_to_loopback(url: &str) -> bool {
    let url = reqwest::Url::parse(url);
    url.is_ok_and(|url| url.host_str().is_some_and(|host| is_loopback(host.trim_matches(['[', ']']))))
}

fn reply(response: reqwest::Response) -> Reply {
    let headers = response.headers();
    Reply {
        status: response.status().as_u16(),
        retry_after: retry_after(headers),
        date: date(headers, DATE),
        sandbox: headers.contains_key(SANDBOX),
        body: Body::new(
            stream::unfold(Some(response), async |response| {
                let mut response = response?;
                match response.chunk().await {
                    Ok(None) => None,
                    Ok(Some(piece)) => Some((Ok(piece.to_vec()), Some(response))),
                    Err(error) => Some((Err(describe(&error)), None)),
                }
            })
            .boxed_local(),
        ),
    }
}

/// Reads `Retry-After` as seconds or as a date, which counts from the service's own `Date`.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    if let Ok(seconds) = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let (then, now) = (date(headers, RETRY_AFTER)?, date(headers, DATE)?);
    Some(Duration::try_from(then.duration_since(now)).unwrap_or_default())
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<Timestamp> {
    let text = headers.get(name)?.to_str().ok()?;
    jiff::fmt::rfc2822::parse(text.trim()).ok().map(|zoned| zoned.timestamp())
}

/// Whether the connection ended because of the server's certificate, before anything was sent.
fn is_untrusted(error: &reqwest::Error) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = error.source();
    while let Some(cause) = next {
        if matches!(cause.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        // An I/O error does not count what it wraps among its sources.
        let wrapped = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        };
    }
    false
}

/// The innermost cause of the error, without its URL.
fn describe(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return if error.is_connect() { "connecting took too long" } else { "it took too long" }.to_owned();
    }
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes.pop().unwrap_or_else(|| "the request could not be made".to_owned())
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
        let options = Options { connect_timeout: Duration::from_secs(1), ca_file: None, proxy: None };
        let http = Http::new(&options).unwrap();
        assert!(http.client("http://pod.example.com/saas").is_err() && http.client("http://127.0.0.1:1/saas").is_ok());
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let headers = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(value));
            headers.insert(DATE, HeaderValue::from_static("Tue, 03 Mar 2026 10:00:00 GMT"));
            headers
        };
        assert_eq!(retry_after(&headers("7")), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(&headers("Tue, 03 Mar 2026 10:00:09 GMT")), Some(Duration::from_secs(9)));
        assert_eq!(retry_after(&headers("Tue, 03 Mar 2026 09:00:00 GMT")), Some(Duration::ZERO));
        assert_eq!(retry_after(&headers("soon")), None);
    }
}
