//! Requests that are sent only to see how the service answers: variants of the lists, lookups of what does not exist, a
//! session that nobody has. None of them changes anything.

use serde_json::{Value, json};

use crate::api::client::Client;
use crate::api::error::Error;
use crate::api::log;
use crate::api::request::{ApiRequest, V2, V3};
use crate::api::retry::RetryPolicy;
use crate::api::transport::Operation;
use crate::api::url::segment;
use crate::api::wire::activity::{List, Row};
use crate::support::secret::Secret;

/// A v2 ID in its full shape that no task has.
pub const NO_TASK: &str = "ZZZZZZ0ZZZZZZZZZZZZZ";
const NO_SESSION: &str = "0000000000000000000000";
const NO_PATH: &str = "Default/runajob probe of a path that does not exist";

/// What to look at. Its answer is seen by the observer.
#[derive(Debug, Clone, Copy)]
pub enum Look<'l> {
    /// With `filter`, for a task and a run that do not exist.
    Monitor {
        details: bool,
        filter: bool,
    },
    Log {
        task_id: Option<&'l str>,
        run_id: Option<u64>,
        offset: Option<usize>,
        row_limit: Option<usize>,
    },
    LogEntry(&'l str),
    /// Objects at these paths: the project that every organisation has, and one that does not exist.
    Lookup {
        hit: bool,
        miss: bool,
    },
    LinearTaskflows,
    UnknownPath,
    /// The same under a session that nobody has.
    NoSessionV2,
    NoSessionV3,
}

/// Sends it once. An error is an answer too.
pub async fn look(client: &Client<'_>, look: Look<'_>) -> Result<(), Error> {
    let get = |operation, path| ApiRequest::get(operation, V2, path, RetryPolicy::Never);
    let objects = |hit: bool, miss: bool| {
        let hit = hit.then(|| json!({"path": "Default", "type": "PROJECT"}));
        let miss = miss.then(|| json!({"path": NO_PATH, "type": "MTT"}));
        json!({"objects": hit.into_iter().chain(miss).collect::<Value>()})
    };
    let look_up = |body| ApiRequest {
        retry: RetryPolicy::Never,
        ..ApiRequest::lookup(V3, "/public/core/v3/lookup".to_owned(), body)
    };
    let monitor = |details: bool| format!("/api/v2/activity/activityMonitor?details={details}");
    let body;
    let request = match look {
        Look::Monitor { details, filter } => {
            let filter = if filter { format!("&taskId={NO_TASK}&runId=1") } else { String::new() };
            get(Operation::Monitor, monitor(details) + &filter)
        }
        Look::Log { task_id, run_id, offset, row_limit } => {
            get(Operation::Log, log::path(task_id, run_id, offset, row_limit))
        }
        Look::LogEntry(id) => get(Operation::Log, format!("/api/v2/activity/activityLog/{}", segment(id))),
        Look::LinearTaskflows => get(Operation::Lookup, "/api/v2/task?type=WORKFLOW".to_owned()),
        Look::UnknownPath => get(Operation::Lookup, "/api/v2/runajobProbe".to_owned()),
        Look::NoSessionV2 => {
            return client
                .call_under(Secret::new(NO_SESSION.to_owned()), &get(Operation::Monitor, monitor(false)))
                .await;
        }
        Look::Lookup { hit, miss } => {
            body = objects(hit, miss);
            look_up(&body)
        }
        Look::NoSessionV3 => {
            body = objects(true, false);
            return client.call_under(Secret::new(NO_SESSION.to_owned()), &look_up(&body)).await;
        }
    };
    client.call(request, async |_| Ok(())).await
}

/// The ID of the log entry of a run, which an observation does not have.
pub async fn log_entry(client: &Client<'_>, task_id: &str, run_id: u64) -> Result<Option<String>, Error> {
    let add = |found: &mut Option<String>, element: &[u8]| {
        if let Some(row) = Row::read(element, List::Log).filter(|row| row.run_id == Some(run_id)) {
            *found = row.result().and_then(|result| result.log_id);
        }
    };
    let path = log::path(Some(task_id), Some(run_id), None, None);
    client.call_rows(ApiRequest::get(Operation::Log, V2, path, RetryPolicy::Idempotent), add, Ok).await
}
