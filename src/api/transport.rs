//! The seam between the client and the network: a request goes in, one of five answers comes out. Everything above it is
//! tested without sockets.

use std::fmt;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{self, LocalBoxStream};
use jiff::Timestamp;

use crate::support::secret::Secret;

/// No body is read beyond this many bytes, whatever the service sends.
pub const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// What a request is for, as messages name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Login,
    Logout,
    /// Asks whether a session is still valid.
    Validate,
    Start,
    Stop,
    /// Resumes a suspended taskflow.
    Resume,
    /// Reads the status of a run of a taskflow or of a file ingestion task, which the monitor does not show.
    Status,
    Monitor,
    Log,
    /// Fetches a session log or rejected rows.
    LogFile,
    Lookup,
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Login => "login",
            Self::Logout => "logout",
            Self::Validate => "session check",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Resume => "resume",
            Self::Status => "status",
            Self::Monitor => "activity monitor",
            Self::Log => "activity log",
            Self::LogFile => "log file",
            Self::Lookup => "lookup",
        })
    }
}

/// The methods that the service's resources take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
}

impl Method {
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// One request, ready to be sent.
#[derive(Debug, Clone)]
pub struct Request {
    pub operation: Operation,
    pub method: Method,
    pub url: String,
    /// The name of the header that carries the session, and the session ID.
    pub session: Option<(&'static str, Secret)>,
    /// One more header. Its value is ASCII.
    pub header: Option<(&'static str, String)>,
    /// JSON. A login's holds the password.
    pub body: Option<Secret>,
    /// How long the whole answer may take, its body included.
    pub timeout: Duration,
}

/// What became of a request. The difference between the last three is whether the service can have seen it.
#[derive(Debug)]
pub enum Answer {
    /// The service, or something in front of it, answered.
    Reply(Reply),
    /// No connection was made, so the service has not seen it. Holds why.
    NotSent(String),
    /// It was sent, or may have been, and no answer came. Holds why.
    Unclear(String),
    /// It was not sent, because nothing may be sent to this host.
    Forbidden(String),
    /// It was not sent, because the server's certificate cannot be trusted, or no certificate can. Holds why.
    Untrusted(String),
}

/// The head of an answer, and its body still to be read.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// From `Retry-After`.
    pub retry_after: Option<Duration>,
    /// From `Date`: the service's clock, to the second.
    pub date: Option<Timestamp>,
    /// Whether the answer came from the sandbox.
    pub sandbox: bool,
    pub body: Body,
}

/// A body that is read piece by piece.
pub struct Body {
    pieces: LocalBoxStream<'static, Result<Vec<u8>, String>>,
    /// The length of the pieces so far.
    length: usize,
}

impl Body {
    pub fn new(pieces: LocalBoxStream<'static, Result<Vec<u8>, String>>) -> Self {
        Self { pieces, length: 0 }
    }

    pub fn whole(bytes: Vec<u8>) -> Self {
        Self::new(stream::iter([Ok(bytes)]).boxed_local())
    }

    /// The next piece; an error once the body is longer than [`BODY_LIMIT`].
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, String>> {
        let piece = self.pieces.next().await?;
        self.length += piece.as_ref().map_or(0, Vec::len);
        Some(if self.length > BODY_LIMIT { Err("it is longer than 64 MiB".to_owned()) } else { piece })
    }

    /// All of it.
    pub async fn read(mut self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await {
            bytes.extend_from_slice(&piece?);
        }
        Ok(bytes)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Body(..)")
    }
}

/// Sends each request once, and never on its own account again.
pub trait Transport {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Answer>;
}
