//! A request to a resource, before the client adds the session and the server.

use std::time::Duration;

use serde_json::Value;

use crate::api::attempt::Attempt;
use crate::api::retry::RetryPolicy;
use crate::api::transport::{Method, Operation};

/// How long requests may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// One that reads.
    pub read: Duration,
    /// A start, a stop or a resume, which the service may take many seconds over.
    pub start: Duration,
}

impl Timeouts {
    pub(crate) fn of(self, operation: Operation) -> Duration {
        match operation {
            Operation::Start | Operation::Stop | Operation::Resume => self.start,
            Operation::Login
            | Operation::Logout
            | Operation::Validate
            | Operation::Status
            | Operation::Monitor
            | Operation::Log
            | Operation::LogFile
            | Operation::Lookup => self.read,
        }
    }
}

pub(crate) struct ApiRequest<'q> {
    pub operation: Operation,
    pub method: Method,
    pub family: Family,
    /// What follows the base URL of the family, its parts percent-encoded.
    pub path: String,
    /// A header of this resource alone.
    pub header: Option<(&'static str, String)>,
    pub body: Option<&'q Value>,
    pub retry: RetryPolicy,
    /// Of a start or a stop.
    pub attempt: Option<&'q Attempt>,
}

impl<'q> ApiRequest<'q> {
    pub(crate) fn get(operation: Operation, family: Family, path: String, retry: RetryPolicy) -> Self {
        Self { operation, method: Method::Get, family, path, header: None, body: None, retry, attempt: None }
    }

    /// A lookup, which is sent as a POST and changes nothing.
    pub(crate) fn lookup(family: Family, path: String, body: &'q Value) -> Self {
        let body = Some(body);
        Self { method: Method::Post, body, ..Self::get(Operation::Lookup, family, path, RetryPolicy::Idempotent) }
    }

    /// A request that changes something, and is sent again only when it was not processed.
    pub(crate) fn change(operation: Operation, method: Method, family: Family, path: String) -> Self {
        Self { method, ..Self::get(operation, family, path, RetryPolicy::IfNotProcessed) }
    }
}

/// A family of resources: the header that carries its session, and where it lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Family {
    pub(crate) header: &'static str,
    /// At the root of the pod, not below `/saas`.
    at_root: bool,
}

/// The v2 resources.
pub(crate) const V2: Family = Family { header: "icSessionId", at_root: false };
/// The v3 resources.
pub(crate) const V3: Family = Family { header: "INFA-SESSION-ID", at_root: false };
/// The process engine and the ingestion service, which take the same session under a third name.
pub(crate) const POD: Family = Family { header: "IDS-SESSION-ID", at_root: true };

impl Family {
    pub(crate) fn base(self, server_url: &str) -> &str {
        let root = server_url.strip_suffix("/saas").filter(|_| self.at_root);
        root.unwrap_or(server_url)
    }
}
