//! Requests and replies as values, and the helpers that read and build them.

use std::borrow::Cow;
use std::time::Duration;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

/// Base64, padded or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A request, from a listener or from a test.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The method in upper case.
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// The query without its question mark.
    pub query: Option<String>,
    /// Header names in any case, with their values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

/// The answer to a request, and how it is delivered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Anything but `Whole` comes from a fault.
    pub delivery: Delivery,
    /// How long the answer takes. The state has changed at the beginning of this time.
    pub delay: Duration,
    /// Of no meaning if the delivery brings no head.
    pub status: u16,
    /// The headers, without `Content-Length`.
    pub headers: Vec<(String, String)>,
    /// The number of spaces to send in front of the body: an oversized answer that takes no memory.
    pub padding: u64,
    /// The whole body, of which `Truncated` and `Stalled` send half.
    pub body: Vec<u8>,
}

/// Whether and how an answer arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The whole answer arrives.
    Whole,
    /// The service did the work, then the connection is closed without an answer.
    LostAfter,
    /// The connection is closed before the service did anything.
    ResetBefore,
    /// The head announces the whole body, and the connection is closed half way through it.
    Truncated,
    /// The head announces the whole body, half of it arrives, then nothing, and the connection stays open.
    Stalled,
    /// Nothing arrives and the connection stays open; [`Exchange::processed`](crate::Exchange) says whether the work was done.
    Never,
}

impl Delivery {
    /// Whether a status and headers arrive, as they do with `Whole`, `Truncated` and `Stalled`.
    pub fn brings_a_head(self) -> bool {
        matches!(self, Self::Whole | Self::Truncated | Self::Stalled)
    }
}

impl Request {
    /// The value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        header.map(|(_, value)| value.as_str())
    }

    /// The session value. It is valid under all three names in every family of calls (documented); the web console,
    /// which clients imitate, has it in a cookie.
    pub(crate) fn session(&self) -> Option<&str> {
        let headers = ["icSessionId", "INFA-SESSION-ID", "IDS-SESSION-ID"];
        let cookie = || self.header("Cookie")?.split(';').find_map(|pair| pair.trim().strip_prefix("USER_SESSION="));
        headers.iter().find_map(|name| self.header(name)).or_else(cookie)
    }

    /// The name and password of basic authentication.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let (scheme, encoded) = self.header("Authorization")?.split_once(' ')?;
        let decoded = scheme.eq_ignore_ascii_case("Basic").then(|| BASE64.decode(encoded.trim()).ok())??;
        let decoded = String::from_utf8(decoded).ok()?;
        let (name, password) = decoded.split_once(':')?;
        Some((name.to_owned(), password.to_owned()))
    }

    /// The names and values in the query, decoded.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        form_urlencoded::parse(self.query.as_deref().unwrap_or_default().as_bytes())
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.parameters().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The value of a parameter, unless it is empty.
    pub(crate) fn given(&self, name: &str) -> Option<String> {
        self.parameter(name).filter(|text| !text.is_empty())
    }

    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.parameter(name)?.parse().ok()
    }

    pub(crate) fn json_object(&self) -> Option<Map<String, Value>> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The decoded segments of the path, without the empty ones that a trailing slash makes.
    pub(crate) fn segments(&self) -> Vec<String> {
        self.path.split('/').filter(|segment| !segment.is_empty()).map(percent_decoded).collect()
    }

    /// The base URL of both API versions, with the host by which the client reached the sandbox.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/saas", self.header("host").unwrap_or("127.0.0.1"))
    }

    /// Path and query, for the log.
    pub(crate) fn target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Reply {
        Reply::typed(status, "application/json;charset=UTF-8", body.to_string().into_bytes())
    }

    pub(crate) fn typed(status: u16, content_type: &str, body: Vec<u8>) -> Reply {
        let mut reply = Reply::empty(status);
        reply.headers.push(("Content-Type".to_owned(), content_type.to_owned()));
        reply.body = body;
        reply
    }

    pub(crate) fn empty(status: u16) -> Reply {
        Reply {
            delivery: Delivery::Whole,
            delay: Duration::ZERO,
            status,
            headers: Vec::new(),
            padding: 0,
            body: Vec::new(),
        }
    }

    pub(crate) fn with_status(mut self, status: u16) -> Reply {
        self.status = status;
        self
    }

    pub(crate) fn delivered(mut self, delivery: Delivery) -> Reply {
        self.delivery = delivery;
        self
    }

    pub(crate) fn with_header(mut self, name: &str, value: impl Into<String>) -> Reply {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn after(mut self, delay: Duration) -> Reply {
        self.delay += delay;
        self
    }
}

/// A JSON object whose keys keep the order in which they are put in.
#[derive(Debug, Default)]
pub(crate) struct Row(Map<String, Value>);

impl Row {
    /// Begins with the `@type` that most objects of the second version carry.
    pub(crate) fn of_type(name: &str) -> Row {
        Row::default().put("@type", name)
    }

    pub(crate) fn put(mut self, key: &str, value: impl Into<Value>) -> Row {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// Adds a key if it has a value: the service leaves out what does not apply.
    pub(crate) fn put_some(self, key: &str, value: Option<impl Into<Value>>) -> Row {
        match value {
            Some(value) => self.put(key, value),
            None => self,
        }
    }

    pub(crate) fn then(self, more: impl FnOnce(Row) -> Row) -> Row {
        more(self)
    }
}

impl From<Row> for Value {
    fn from(row: Row) -> Value {
        Value::Object(row.0)
    }
}

/// A text field of a JSON object; an empty one counts as absent.
pub(crate) fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Decodes percent escapes. What is not UTF-8 is replaced.
pub(crate) fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_segments_are_decoded() {
        let request = Request {
            path: "/saas/api/v2/mttask/name/Load%20caf%C3%A9%/".to_owned(),
            query: Some("q=type%3D%3D'MTT'+and+x&skip=4".to_owned()),
            ..Request::default()
        };
        assert_eq!(request.segments().last().unwrap(), "Load café%");
        assert_eq!(request.parameter("q").unwrap(), "type=='MTT' and x");
        assert_eq!(request.parameter("skip").unwrap(), "4");
        assert_eq!(request.parameter("limit"), None);
    }

    #[test]
    fn the_session_is_found_under_all_three_names_in_any_case() {
        for name in ["icSessionID", "infa-session-id", "IDS-SESSION-ID"] {
            let request = Request { headers: vec![(name.to_owned(), "abc".to_owned())], ..Request::default() };
            assert_eq!(request.session(), Some("abc"), "{name}");
        }
        let cookie = vec![("cookie".to_owned(), "XSRF_TOKEN=x; USER_SESSION=abc".to_owned())];
        assert_eq!(Request { headers: cookie, ..Request::default() }.session(), Some("abc"));
    }

    #[test]
    fn basic_authentication_is_decoded() {
        let basic = |value: &str| {
            let headers = vec![("Authorization".to_owned(), value.to_owned())];
            Request { headers, ..Request::default() }.basic()
        };
        let account = |name: &str, password: &str| Some((name.to_owned(), password.to_owned()));
        assert_eq!(basic("Basic c2FuZGJveDpzYW5kYm94"), account("sandbox", "sandbox"));
        assert_eq!(basic("basic YTrDvDpi"), account("a", "ü:b"));
        assert_eq!(basic("Basic YTo="), account("a", ""));
        assert_eq!(basic("Basic YTo"), account("a", ""));
        for wrong in ["Bearer c2FuZGJveA==", "Basic ???", "Basic YQ==", "Basic"] {
            assert_eq!(basic(wrong), None, "{wrong}");
        }
    }
}
