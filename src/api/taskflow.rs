//! Taskflows, which the process engine runs: start, status, resume, terminate.
//!
//! A taskflow is started by its API name, the last part of the service URL that it gets when it is published. A run is
//! known by its ID alone; neither the activity monitor nor the activity log shows it.

use std::collections::HashMap;

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use crate::api::attempt::Attempt;
use crate::api::client::Client;
use crate::api::error::Error;
use crate::api::listing::SeenRows;
use crate::api::request::{ApiRequest, POD};
use crate::api::retry::RetryPolicy;
use crate::api::together::together;
use crate::api::transport::{Method, Operation};
use crate::api::url::{query_value, segment};
use crate::api::wire::bodies::Misread;
use crate::api::wire::rows::{Frame, ListAt};
use crate::api::wire::taskflow::{FlowRow, started_id};
use crate::job::{Run, RunProgress, RunStatus, is_id};

/// From this many runs on, a poll begins with pages of the running ones.
const MANY: usize = 10;
/// Rows in one page of the query form; the documented maximum.
const PAGE: usize = 50;
/// An answer with more rows has nothing to do with what was asked for.
const MOST: usize = 20 * PAGE;
/// Pages of the query form that a search reads at most: two thousand runs.
const PAGES: usize = 40;
/// How far ahead the service's clock may be.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);
/// Run IDs in one request to terminate; known from other clients.
const TERMINATED_AT_ONCE: usize = 200;
/// The times that the query form takes.
const TIME: &str = "%Y-%m-%dT%H:%M:%SZ";

/// What goes along with the start of a taskflow.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FlowOptions {
    /// The input fields.
    pub inputs: Map<String, Value>,
    /// Is added to the taskflow's name where its runs are listed.
    pub run_name: Option<String>,
}

/// A run of a taskflow with what tells which taskflow it is of.
#[derive(Debug, Clone)]
pub struct FlowRun {
    pub run: Run,
    /// The taskflow's name, with what the start added to it.
    pub name: String,
    /// Project and folder of the taskflow.
    pub location: Option<String>,
    pub status: RunStatus,
}

impl FlowRun {
    fn new(row: &FlowRow) -> Option<Self> {
        let (run, status) = (row.run()?, row.status()?);
        Some(Self { run, name: row.asset_name.clone()?, location: row.location.clone(), status })
    }
}

/// Starts a taskflow by its API name, once.
pub async fn start(
    client: &Client<'_>,
    api_name: &str,
    options: &FlowOptions,
    attempt: &Attempt,
) -> Result<Run, Error> {
    let inputs = Value::Object(options.inputs.clone());
    let path = format!("/active-bpel/rt/{}", segment(api_name));
    let request = ApiRequest {
        // The name may be in any language, and a header only holds ASCII.
        header: options.run_name.as_ref().map(|name| ("TF-INSTANCE-NAME", segment(name))),
        body: Some(&inputs),
        attempt: Some(attempt),
        ..ApiRequest::change(Operation::Start, Method::Post, POD, path)
    };
    match client.call_json(request, |answer| started_id(answer, is_run_id)).await {
        Ok(run_id) => Ok(Run::Taskflow { run_id }),
        // An unknown API name and a caller who is not allowed are answered with these, in bodies of no documented shape.
        // Whoever answered, the request was refused.
        Err(Error::Unreadable { status: status @ (400 | 403 | 404 | 405), what, .. }) => {
            attempt.was_not_processed();
            Err(Error::Refused { status, code: None, message: format!("HTTP {status}, {what}") })
        }
        Err(error) => Err(error),
    }
}

fn is_run_id(text: &str) -> bool {
    is_id(text) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A run by its ID, with its status and with the location of its taskflow.
pub async fn run(client: &Client<'_>, run_id: &str, retry: RetryPolicy) -> Result<Option<FlowRun>, Error> {
    Ok(status_rows(client, run_id, retry).await?.iter().find_map(FlowRun::new))
}

/// The rows that the path form gives for a run: one, or none when the service does not know the run.
async fn status_rows(client: &Client<'_>, run_id: &str, retry: RetryPolicy) -> Result<Vec<FlowRow>, Error> {
    let path = format!("/active-bpel/services/tf/status/{}", segment(run_id));
    let mut rows = match flow_rows(client, path, retry).await {
        Err(error) if error.denies_run() => return Ok(Vec::new()),
        rows => rows?,
    };
    let unreadable = |what| Error::unreadable(Operation::Status, what);
    let all = rows.len();
    // A row without an ID is the one that was asked for; one with another ID is not.
    rows.retain(|row| row.run_id.as_deref().is_none_or(|other| other == run_id));
    for row in &mut rows {
        row.run_id.get_or_insert_with(|| run_id.to_owned());
    }
    match rows.iter().all(|row| row.status.is_some()) {
        true if rows.is_empty() && all > 0 => Err(unreadable("about another run")),
        true => Ok(rows),
        false => Err(unreadable("without a status")),
    }
}

/// Polls each run once. One costs a request of its own. Of many, those that the list of running ones has cost a fiftieth of
/// a request, and the others one each: a result is only ever read from the run's own answer.
pub(crate) async fn poll(client: &Client<'_>, run_ids: &[&str]) -> Vec<Result<RunStatus, Error>> {
    let running = match run_ids.len() {
        ..MANY => HashMap::new(),
        count => running(client, count / MANY).await,
    };
    let polls = run_ids.iter().map(async |&run_id| {
        if let Some(progress) = running.get(run_id) {
            return Ok(RunStatus::Active(progress.clone()));
        }
        let rows = status_rows(client, run_id, RetryPolicy::Never).await?;
        Ok(rows.iter().find_map(FlowRow::status).unwrap_or(RunStatus::NotListed))
    });
    together(polls).await
}

/// The running runs that so many pages of the query form show. They only save requests, so a failure is no error.
async fn running(client: &Client<'_>, pages: usize) -> HashMap<String, RunProgress> {
    let mut running = HashMap::new();
    for page in 0..pages {
        let Ok(rows) = query(client, "runStatus=Running", page, RetryPolicy::Never).await else { break };
        let is_last = rows.len() < PAGE;
        running.extend(rows.into_iter().filter_map(|row| match (row.status()?, row.run_id) {
            (RunStatus::Active(progress), Some(run_id)) => Some((run_id, progress)),
            _ => None,
        }));
        if is_last {
            break;
        }
    }
    running
}

/// The runs that pass `filter` of those that were started within the last `span` and have this `status` in the service's
/// words, which are `Running`, `Suspended`, `Success` and `Failed`; without one, of any status. An error when there are more
/// of them than are read.
pub async fn runs(
    client: &Client<'_>,
    span: SignedDuration,
    status: Option<&str>,
    retry: RetryPolicy,
    filter: impl Fn(&FlowRun) -> bool,
) -> Result<Vec<FlowRun>, Error> {
    let now = client.server_time();
    let time = |by: SignedDuration| now.saturating_add(by).unwrap_or(now).strftime(TIME).to_string();
    let mut parameters = format!("startTime={}&endTime={}", query_value(&time(-span)), query_value(&time(AHEAD)));
    if let Some(status) = status {
        parameters.push_str(&format!("&runStatus={}", query_value(status)));
    }
    let mut runs: Vec<FlowRun> = Vec::new();
    let mut seen = SeenRows::default();
    for page in 0..PAGES {
        let rows = query(client, &parameters, page, retry).await?;
        for row in &rows {
            // It may be the run that matters.
            let run = FlowRun::new(row).ok_or_else(|| {
                Error::unreadable(Operation::Status, "one of its rows has no run ID, no name or no status")
            })?;
            // A run that is started between two pages moves the others down.
            if filter(&run) && !runs.iter().any(|other| other.run == run.run) {
                runs.push(run);
            }
        }
        if rows.len() < PAGE {
            return Ok(runs);
        }
        let ids = rows.iter().map(|row| SeenRows::key(row.run_id.as_deref().unwrap_or_default().as_bytes()));
        seen.add(ids).map_err(|what| Error::unreadable(Operation::Status, what))?;
    }
    Err(Error::unreadable(Operation::Status, format!("more than {PAGES} pages of runs")))
}

async fn query(client: &Client<'_>, parameters: &str, page: usize, retry: RetryPolicy) -> Result<Vec<FlowRow>, Error> {
    let offset = page * PAGE;
    let path = format!("/active-bpel/services/tf/status?{parameters}&offset={offset}&rowLimit={PAGE}");
    flow_rows(client, path, retry).await
}

/// The rows of an answer, which is one row or an array of them.
async fn flow_rows(client: &Client<'_>, path: String, retry: RetryPolicy) -> Result<Vec<FlowRow>, Error> {
    let add = |(rows, count): &mut (Vec<FlowRow>, usize), element: &[u8]| {
        *count += 1;
        rows.extend((*count <= MOST).then(|| FlowRow::read(element)));
    };
    let done = |(rows, count): (Vec<FlowRow>, usize), answer: &Frame| match (answer, FlowRow::of_answer(answer)) {
        (Frame::Array, _) if count > MOST => Err(Misread::odd("with more runs than were asked for")),
        (Frame::Array, _) => Ok(rows),
        (_, Some(row)) if row.status.is_some() => Ok(vec![row]),
        (_, Some(_)) => Err(Misread::nothing("without a status")),
        (_, None) => Err(Misread::nothing("with JSON that is no status")),
    };
    let request = ApiRequest::get(Operation::Status, POD, path, retry);
    client.call_list(request, ListAt::Nowhere, add, done).await
}

/// Resumes a suspended run at the step that failed, or behind it with `skip`. The error tells whether the service can have
/// done it all the same.
pub async fn resume(client: &Client<'_>, run_id: &str, skip: bool) -> Result<(), Error> {
    let action = if skip { "resumeWithFaultSkip" } else { "resumeWithFaultRetry" };
    let path = format!("/active-bpel/management/runtime/v1/{action}/{}", segment(run_id));
    client.call_done(ApiRequest::change(Operation::Resume, Method::Put, POD, path)).await
}

/// Ends runs for good. It names the runs, so it hits no other when it is sent again.
pub async fn terminate(client: &Client<'_>, run_ids: &[String], attempt: &Attempt) -> Result<(), Error> {
    for some in run_ids.chunks(TERMINATED_AT_ONCE) {
        let body = json!({"runid": some});
        let path = "/active-bpel/services/tf/terminate".to_owned();
        let request = ApiRequest::change(Operation::Stop, Method::Put, POD, path);
        client.call_done(ApiRequest { body: Some(&body), attempt: Some(attempt), ..request }).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
