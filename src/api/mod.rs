//! The service in our words, and the one seam to it. Leaves sockets to `http`, spelling to `wire`, words for people to commands.

pub mod activity;
pub mod client;
#[cfg(test)]
mod fake;
pub mod fence;
pub mod http;
pub mod ingestion;
pub mod jobs;
mod lenient;
pub mod logging;
mod login;
pub mod lookup;
pub mod refusals;
pub mod retry;
pub mod rows;
pub mod runs;
pub mod session;
pub mod taskflow;
mod taskflow_wire;
pub mod wire;

use std::fmt;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{self, LocalBoxStream};
use jiff::Timestamp;
use thiserror::Error;

use crate::job::{PollFailure, RunStatus};
use crate::support::duration::show;
use crate::support::failure::Failure;
use crate::support::secret::Secret;

pub use crate::api::client::Client;

/// No body is read beyond this many bytes, whatever the service sends.
pub const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// What a request is for, as messages name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Making a session.
    Login,
    /// Ending one.
    Logout,
    /// Asking whether one is still valid.
    Validate,
    /// Starting a job.
    Start,
    /// Stopping one.
    Stop,
    /// Resuming a suspended taskflow.
    Resume,
    /// How a run of a taskflow or of a file ingestion task stands.
    Status,
    /// The list of running jobs.
    Monitor,
    /// The list of finished runs.
    Log,
    /// Finding objects.
    Lookup,
}

impl fmt::Display for Call {
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
            Self::Lookup => "look-up",
        })
    }
}

/// The methods that the service's resources take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Starts, stops, logs in, looks up.
    Post,
    /// Resumes and terminates.
    Put,
}

impl Method {
    /// Its name.
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
    /// What it is for.
    pub call: Call,
    /// How it is sent.
    pub method: Method,
    /// The whole URL.
    pub url: String,
    /// The header that carries the session, and the session.
    pub session: Option<(&'static str, Secret)>,
    /// One more header.
    pub header: Option<(&'static str, String)>,
    /// The JSON body.
    pub body: Option<Secret>,
    /// How long the whole answer may take.
    pub limit: Duration,
}

/// What became of a request. The difference between the last two is whether the service can have seen it.
#[derive(Debug)]
pub enum Answer {
    /// The service, or something in front of it, answered.
    Reply(Reply),
    /// No connection was made, so nothing was seen.
    NotSent(String),
    /// It was sent, or may have been, and no answer came.
    Unclear(String),
    /// It was not sent, because nothing may be sent to this host.
    Forbidden(String),
}

/// The head of an answer, and its body still to be read.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// How long the service asks to be left alone.
    pub retry_after: Option<Duration>,
    /// The service's clock, to the second.
    pub date: Option<Timestamp>,
    /// Whether the answer came from the sandbox.
    pub sandbox: bool,
    /// The body.
    pub body: Body,
}

/// A body that is read piece by piece.
pub struct Body(LocalBoxStream<'static, Result<Vec<u8>, String>>);

impl Body {
    /// A body from its pieces.
    pub fn new(pieces: LocalBoxStream<'static, Result<Vec<u8>, String>>) -> Self {
        Self(pieces)
    }

    /// A body that is there already.
    pub fn whole(bytes: Vec<u8>) -> Self {
        Self(stream::iter([Ok(bytes)]).boxed_local())
    }

    /// The next piece.
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, String>> {
        self.0.next().await
    }

    /// All of it, if it is no longer than [`BODY_LIMIT`].
    pub async fn read(mut self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await {
            bytes.extend_from_slice(&piece?);
            if bytes.len() > BODY_LIMIT {
                return Err("it is longer than 64 MiB".to_owned());
            }
        }
        Ok(bytes)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Body(..)")
    }
}

/// The seam: everything above it can be tested without sockets.
pub trait Transport {
    /// Sends one request, once.
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Answer>;
}

/// What went wrong between us and the service.
#[derive(Debug, Error)]
pub enum Error {
    /// No connection was made.
    #[error("no connection to the service: {0}")]
    NotSent(String),
    /// No answer came.
    #[error("the {0} request got no answer: {1}")]
    Unclear(Call, String),
    /// An answer came that is not the service's, or makes no sense.
    #[error("the {call} request got an answer that cannot be used: HTTP {status}, {what}")]
    Unreadable {
        /// Which request.
        call: Call,
        /// The HTTP status.
        status: u16,
        /// What is wrong with it.
        what: String,
    },
    /// It cannot be used now, and whoever answered says when it may be.
    #[error("the {call} request was turned away for {}: HTTP {status}", show(*retry_after))]
    Unavailable {
        /// Which request.
        call: Call,
        /// The HTTP status.
        status: u16,
        /// How long to stay away.
        retry_after: Duration,
    },
    /// Only the sandbox may be asked, and the request was for this host.
    #[error("RUNAJOB_SANDBOX is set, and {0} is not the sandbox")]
    Forbidden(String),
    /// The service said no, in its own words.
    #[error("{message}{}", code.as_ref().map(|code| format!(" ({code})")).unwrap_or_default())]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The service's code, such as `APP_13404`.
        code: Option<String>,
        /// The service's words.
        message: String,
    },
    /// Too many requests: this one was not processed.
    #[error("the service asks for fewer requests (HTTP 429)")]
    Busy(Option<Duration>),
    /// The session is dead, and there is no password to make another with.
    #[error("the session is not valid")]
    NoSession,
    /// A session that was just made is refused.
    #[error("the service refuses the session that it has just given")]
    SessionRefused,
    /// The login was refused.
    #[error("the login of {user} was refused: {message}")]
    LoginRefused {
        /// Who wanted in.
        user: String,
        /// The service's words.
        message: String,
    },
    /// This password was refused a while ago. It is not sent again, because accounts are locked after a few refusals.
    #[error("the password of {user} was refused at {at:.0} and is not sent again for 15 minutes")]
    RefusedBefore {
        /// Who wants in.
        user: String,
        /// When it was refused.
        at: Timestamp,
    },
    /// The login led to another organisation than expected.
    #[error("the login leads to organisation {found}, but expect_org is {expected}")]
    WrongOrg {
        /// What the settings say.
        expected: String,
        /// Where it led.
        found: String,
    },
    /// The password could not be had.
    #[error("{}", .0.what())]
    Secret(Box<Failure>),
}

impl Error {
    /// Whether the service can have processed the request all the same.
    pub fn may_have_been_processed(&self) -> bool {
        match self {
            Self::Unclear(..) | Self::Unreadable { .. } | Self::Unavailable { .. } => true,
            Self::NotSent(_)
            | Self::Refused { .. }
            | Self::Busy(_)
            | Self::Forbidden(_)
            | Self::NoSession
            | Self::SessionRefused
            | Self::LoginRefused { .. }
            | Self::RefusedBefore { .. }
            | Self::WrongOrg { .. }
            | Self::Secret(_) => false,
        }
    }

    /// The error as what it means for a run that was to be looked at.
    pub fn as_status(&self) -> RunStatus {
        RunStatus::Unavailable(PollFailure { why: self.to_string(), retry_after: self.retry_after() })
    }

    /// Whether asking again later may help.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::NotSent(_)
            | Self::Unclear(..)
            | Self::Unreadable { .. }
            | Self::Unavailable { .. }
            | Self::Busy(_)
            | Self::SessionRefused => true,
            Self::Refused { .. }
            | Self::Forbidden(_)
            | Self::NoSession
            | Self::LoginRefused { .. }
            | Self::RefusedBefore { .. }
            | Self::WrongOrg { .. }
            | Self::Secret(_) => false,
        }
    }

    /// Whether the service says that it does not know the object: its three codes for that, or a plain 404.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. }) || self.refuses_id()
    }

    /// Whether the service refuses the ID. A plain 404 may come from something in front of the service.
    pub fn refuses_id(&self) -> bool {
        let Self::Refused { code: Some(code), .. } = self else { return false };
        matches!(code.as_str(), "APP_13401" | "APP_13404" | "APP_13436")
    }

    /// How long the service asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy(after) => *after,
            Self::Unavailable { retry_after, .. } => Some(*retry_after),
            _ => None,
        }
    }
}
