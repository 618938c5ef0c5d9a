//! What can go wrong between the client and the service, and the three questions that decide what follows from it: can it
//! have been processed, may it pass, and how long to wait.

use std::time::Duration;

use jiff::Timestamp;
use thiserror::Error;

use crate::api::sessions::tokens::TokenSource;
use crate::api::transport::{Mistrust, Operation};
use crate::job::{PollFailure, RunStatus};
use crate::support::duration::show;

/// Why the source of a password or a token brought none. The client passes it on as it is.
pub type SecretError = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Error)]
pub enum Error {
    /// No connection was made.
    #[error("no connection to the service: {0}")]
    NotSent(String),
    /// The request was sent, or may have been, and no answer came.
    #[error("the {0} request got no answer: {1}")]
    Unclear(Operation, String),
    /// An answer came that is not the service's, or makes no sense.
    #[error("the {operation} request got an answer that cannot be used: HTTP {status}, {what}")]
    Unreadable {
        operation: Operation,
        /// The HTTP status.
        status: u16,
        /// What is wrong with the answer, without a word of it.
        what: String,
    },
    /// The answer is no error object of the service and has a `Retry-After`.
    #[error("the {operation} request was answered with HTTP {status}, to be sent again after {}", show(*retry_after))]
    Unavailable {
        operation: Operation,
        /// The HTTP status.
        status: u16,
        retry_after: Duration,
    },
    /// Only the sandbox may be called, and the request was for this host.
    #[error("RUNAJOB_SANDBOX is set, and {0} is not the sandbox")]
    Forbidden(String),
    /// Nothing was sent, because one side does not trust the other.
    #[error("{0}")]
    Untrusted(Mistrust),
    /// The service answered with an error object.
    #[error("{message}{}", code.as_ref().map(|code| format!(" ({code})")).unwrap_or_default())]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The service's code, such as `APP_13404`.
        code: Option<String>,
        /// The service's words.
        message: String,
    },
    /// HTTP 429: the request was not processed. Holds the `Retry-After`.
    #[error("the service asks for fewer requests (HTTP 429)")]
    Busy(Option<Duration>),
    /// The session is dead, and there is no password to make another with.
    #[error("the session is not valid")]
    NoSession,
    #[error("the service refuses the session that it has just given")]
    SessionRefused,
    #[error("the login of {user} was refused: {message}")]
    LoginRefused {
        user: String,
        /// The service's words.
        message: String,
    },
    /// This password was refused a while ago. It is not sent again, because accounts are locked after a few refusals.
    #[error("the password of {user} was refused at {at:.0} and is not sent again for 15 minutes")]
    RefusedBefore { user: String, at: Timestamp },
    #[error("the login by a token for organisation {org} was refused: {message}{}", expired_at(*expired))]
    TokenRefused {
        org: String,
        /// The service's words.
        message: String,
        /// When the token expired by what it says itself, if that is over.
        expired: Option<Timestamp>,
    },
    /// Each login takes a token of its own. Nothing was sent.
    #[error("{from} a used token{}", sent_before(after.as_deref()))]
    UsedToken {
        from: TokenSource,
        /// Why the login of this command failed that the token was sent with.
        after: Option<String>,
    },
    #[error("the login leads to organisation {found}, but expect_org is {expected}")]
    WrongOrg { expected: String, found: String },
    /// A login leads to a server that is neither on the domain of the login's host nor allowed. `allowed` would allow it.
    #[error("the login at {login_host} leads to the server {host}, which is not on its domain")]
    OtherServer { host: String, login_host: String, allowed: Vec<String> },
    /// A login leads to a server that no session may go to. Holds why, without a word of its URL.
    #[error("the login leads to a server that no session is sent to: {0}")]
    UnsafeServer(String),
    /// The password or the token could not be had from its source.
    #[error("{0}")]
    Secret(SecretError),
}

fn expired_at(expired: Option<Timestamp>) -> String {
    expired.map(|at| format!("; the token says that it expired at {at:.0}")).unwrap_or_default()
}

fn sent_before(after: Option<&str>) -> String {
    after.map(|why| format!(", which was sent a moment ago: {why}")).unwrap_or_default()
}

impl Error {
    /// A good status whose body cannot be used.
    pub(crate) fn unreadable(operation: Operation, what: impl Into<String>) -> Self {
        Self::Unreadable { operation, status: 200, what: what.into() }
    }

    /// Whether the service can have processed the request all the same.
    pub fn may_have_been_processed(&self) -> bool {
        match self {
            Self::Unclear(..) | Self::Unreadable { .. } | Self::Unavailable { .. } => true,
            Self::NotSent(_)
            | Self::Refused { .. }
            | Self::Busy(_)
            | Self::Forbidden(_)
            | Self::Untrusted(_)
            | Self::NoSession
            | Self::SessionRefused
            | Self::LoginRefused { .. }
            | Self::RefusedBefore { .. }
            | Self::TokenRefused { .. }
            | Self::UsedToken { .. }
            | Self::WrongOrg { .. }
            | Self::OtherServer { .. }
            | Self::UnsafeServer(_)
            | Self::Secret(_) => false,
        }
    }

    /// Whether the service can have seen the request.
    pub(crate) fn was_sent(&self) -> bool {
        !matches!(self, Self::NotSent(_) | Self::Forbidden(_) | Self::Untrusted(_))
    }

    /// What a poll that ended so says of a run.
    pub fn as_status(&self) -> RunStatus {
        RunStatus::Unavailable(PollFailure { why: self.to_string(), retry_after: self.retry_after() })
    }

    /// Whether the same request may succeed later.
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
            | Self::Untrusted(_)
            | Self::NoSession
            | Self::LoginRefused { .. }
            | Self::RefusedBefore { .. }
            | Self::TokenRefused { .. }
            | Self::UsedToken { .. }
            | Self::WrongOrg { .. }
            | Self::OtherServer { .. }
            | Self::UnsafeServer(_)
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

    /// Whether the process engine or the ingestion service says that it has no such run. Their bodies for that are not
    /// documented.
    pub(crate) fn denies_run(&self) -> bool {
        matches!(self, Self::Refused { status: 400 | 404, .. } | Self::Unreadable { status: 404, .. })
    }

    /// How long the service asks to wait before the next request.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy(after) => *after,
            Self::Unavailable { retry_after, .. } => Some(*retry_after),
            _ => None,
        }
    }
}
