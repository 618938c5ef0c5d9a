//! Logs as files: the session log of a run or of a part, and the rejected rows. The service takes about ten seconds for one.

use std::fs::File;
use std::io::{Seek, Write};

use crate::api::client::Client;
use crate::api::error::Error;
use crate::api::request::{ApiRequest, V2};
use crate::api::retry::RetryPolicy;
use crate::api::transport::Operation;
use crate::api::url::{query_value, segment};

/// A log that the service has as a file, by the ID of its row in the activity log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogFile {
    /// The session log; of a part, by the ID of its item in the row.
    Session { log_id: String, item: Option<String> },
    /// The rejected rows, as CSV.
    Rejected { log_id: String },
}

/// What kept a log from being fetched.
pub enum FetchError {
    Service(Error),
    /// The local file could not be written.
    Local(std::io::Error),
}

impl From<Error> for FetchError {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}

impl LogFile {
    fn path(&self) -> String {
        match self {
            Self::Session { log_id, item } => {
                let item = item.as_ref().map(|item| format!("?itemId={}", query_value(item))).unwrap_or_default();
                format!("/api/v2/activity/activityLog/{}/sessionLog{item}", segment(log_id))
            }
            Self::Rejected { log_id } => format!("/api/v2/activity/errorLog/{}", segment(log_id)),
        }
    }
}

/// Writes the log into an empty file, as the service sends it: text, or an archive. It is never longer than 64 MiB.
pub async fn fetch(client: &Client<'_>, log: &LogFile, into: &mut File) -> Result<(), FetchError> {
    let request = ApiRequest::get(Operation::LogFile, V2, log.path(), RetryPolicy::Idempotent);
    let written = client.call(request, async |reply| {
        let (status, mut body) = (reply.status, reply.body);
        // A try before this one may have left something behind.
        let mut written = into.rewind().and_then(|()| into.set_len(0));
        let mut is_first = true;
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|why| Error::Unclear(Operation::LogFile, why))?;
            if is_first && is_html(&piece) {
                let what = "with an HTML page".to_owned();
                return Err(Error::Unreadable { operation: Operation::LogFile, status, what });
            }
            is_first &= piece.is_empty();
            written = written.and_then(|()| into.write_all(&piece));
            if written.is_err() {
                break;
            }
        }
        Ok(written)
    });
    written.await?.and_then(|()| into.rewind()).map_err(FetchError::Local)
}

fn is_html(start: &[u8]) -> bool {
    let start = start.trim_ascii_start();
    [&b"<!doctype html"[..], b"<html"]
        .iter()
        .any(|mark| start.get(..mark.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(mark)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_encoded_into_the_path() {
        let of = |item: Option<&str>| LogFile::Session { log_id: "a/b".to_owned(), item: item.map(str::to_owned) };
        assert_eq!(of(None).path(), "/api/v2/activity/activityLog/a%2Fb/sessionLog");
        assert_eq!(of(Some("1&2")).path(), "/api/v2/activity/activityLog/a%2Fb/sessionLog?itemId=1%262");
        assert_eq!(LogFile::Rejected { log_id: "x".to_owned() }.path(), "/api/v2/activity/errorLog/x");
    }

    #[test]
    fn a_page_is_no_log() {
        assert!(is_html(b"\n <!DOCTYPE html><html>") && is_html(b"<HTML>"));
        assert!(!is_html(b"<row>") && !is_html(b"") && !is_html(b"11/24/2026 **** Initializing"));
    }
}
