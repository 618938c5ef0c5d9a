//! What the ends of a connection mean: whether anything was sent, and who does not trust whom. That is read from the types of
//! the errors, except where the HTTP library keeps a type to itself.

use std::error::Error;
use std::io;

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError};

use crate::api::transport::{Answer, Mistrust};

/// How far a request was when it failed.
#[derive(Debug, Clone, Copy)]
pub(super) struct FailurePoint {
    /// Nothing was sent yet.
    pub connecting: bool,
    pub timed_out: bool,
}

/// What a request amounts to that got no answer.
pub(super) fn answer(error: &(dyn Error + 'static), point: FailurePoint) -> Answer {
    match mistrust(error, point.connecting) {
        Some(mistrust) => Answer::Untrusted(mistrust),
        None if point.connecting => Answer::NotSent(describe(error, point)),
        None => Answer::Unclear(describe(error, point)),
    }
}

/// An error and what caused it, from the outermost to the innermost.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause| cause_of(*cause))
}

fn cause_of<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    // An I/O error does not count what it wraps among its sources.
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn mistrust(error: &(dyn Error + 'static), connecting: bool) -> Option<Mistrust> {
    causes(error).find_map(|cause| match cause.downcast_ref() {
        Some(rustls::Error::InvalidCertificate(why)) => Some(Mistrust::OfServer(untrusted(why))),
        Some(rustls::Error::AlertReceived(alert)) => refusal(*alert, connecting).map(Mistrust::OfClient),
        _ if tunnel(cause) == Some("proxy authorization required") => {
            Some(Mistrust::OfProxy("it asks for a user and a password, or refuses those in its URL".to_owned()))
        }
        _ => None,
    })
}

/// Why the server ended the TLS handshake, if that is for want of another client certificate. In TLS 1.3 it says so after our
/// side of the handshake is done, when a request may have left, but it reads none before it has accepted the certificate.
fn refusal(alert: AlertDescription, connecting: bool) -> Option<String> {
    use AlertDescription as Alert;
    let why = match alert {
        Alert::CertificateRequired | Alert::NoCertificate => "it asks for one",
        Alert::BadCertificate | Alert::UnsupportedCertificate | Alert::CertificateUnknown | Alert::DecryptError => {
            "it cannot use this one"
        }
        Alert::CertificateRevoked => "this one has been revoked",
        Alert::CertificateExpired => "this one has expired",
        Alert::UnknownCA => "it does not trust the issuer of this one",
        Alert::AccessDenied if connecting => "it gives this one no access",
        // Up to TLS 1.2 this is what servers say for want of a certificate.
        Alert::HandshakeFailure if connecting => "it ended the handshake, perhaps because it asks for one",
        _ => return None,
    };
    Some(why.to_owned())
}

fn untrusted(why: &CertificateError) -> String {
    let day = |time: &UnixTime| {
        let time = i64::try_from(time.as_secs()).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        time.map(|time| time.to_string()).unwrap_or_default()
    };
    match why {
        CertificateError::UnknownIssuer => "its certificate was issued by someone who is not trusted here".to_owned(),
        CertificateError::BadSignature => "its certificate was not signed by the issuer that it names".to_owned(),
        CertificateError::Expired => "its certificate has expired".to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => format!("its certificate expired at {}", day(not_after)),
        CertificateError::NotValidYet => "its certificate is not valid yet".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("its certificate is valid from {} on", day(not_before))
        }
        CertificateError::Revoked => "its certificate has been revoked".to_owned(),
        CertificateError::NotValidForName => "its certificate is for another host".to_owned(),
        // What names it is for is the server's text, and may be anything.
        CertificateError::NotValidForNameContext { expected, .. } => {
            format!("its certificate is not for {}", expected.to_str())
        }
        other => other.to_string(),
    }
}

/// What the HTTP library says of a tunnel through a proxy. It keeps the type of this error to itself.
fn tunnel(cause: &(dyn Error + 'static)) -> Option<&'static str> {
    const SAID: [&str; 3] = ["proxy authorization required", "unsuccessful", "unexpected end of file"];
    let text = cause.to_string();
    let said = text.strip_prefix("tunnel error: ")?;
    Some(SAID.into_iter().find(|one| *one == said).unwrap_or("failed"))
}

/// The innermost cause of the error, without its URL.
pub(super) fn describe(error: &(dyn Error + 'static), point: FailurePoint) -> String {
    if point.timed_out {
        return if point.connecting { "connecting took too long" } else { "it took too long" }.to_owned();
    }
    let innermost = causes(error).skip(1).last().map(ToString::to_string);
    let why = innermost.unwrap_or_else(|| "the request could not be made".to_owned());
    match causes(error).find_map(tunnel) {
        // The library does not say with which status; some proxies answer a wrong password so.
        Some("unsuccessful") => "the proxy refused it: it may not allow this host, or not this user".to_owned(),
        Some("unexpected end of file") => "the proxy closed the connection".to_owned(),
        Some(_) => format!("the proxy failed: {why}"),
        None => why,
    }
}
