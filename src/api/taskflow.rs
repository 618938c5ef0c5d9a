//! Taskflows, which the process engine runs: start, status, resume, terminate. Leaves which taskflow is meant, and when to
//! look, to others.
//!
//! A taskflow is started by its API name, the last part of the service URL that it gets when it is published. A run is
//! known by its ID alone; neither monitor nor log shows it.

use std::collections::HashMap;

use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use crate::api::client::{ApiRequest, POD};
use crate::api::lookup::encode;
use crate::api::retry::RetryPolicy;
use crate::api::taskflow_wire::{FlowRow, id, member};
use crate::api::{Call, Client, Error};
use crate::job::{Run, RunProgress, RunStatus};

/// How many status requests of one look are under way at once.
const AT_ONCE: usize = 8;
/// So many runs are worth asking first for a page of all that run.
const MANY: usize = 10;
/// Rows in one page of the query form; the documented maximum.
const PAGE: usize = 50;
/// Pages of the query form that a search reads at most: two thousand runs.
const PAGES: usize = 40;
/// How far ahead the service's clock may be.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);
/// Run IDs in one request to terminate; known from other clients.
const TERMINATED_AT_ONCE: usize = 200;

/// What goes along with the start of a taskflow.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FlowOptions {
    /// The input fields.
    pub inputs: Map<String, Value>,
    /// What is added to the taskflow's name where its runs are listed.
    pub run_name: Option<String>,
}

/// A run of a taskflow, as the query form lists it.
#[derive(Debug, Clone)]
pub struct FlowRun {
    /// The run.
    pub run: Run,
    /// The taskflow's name, with what the start added to it.
    pub name: String,
    /// Project and folder of the taskflow.
    pub location: Option<String>,
    /// How it stands.
    pub status: RunStatus,
}

impl FlowRun {
    fn new(row: &FlowRow) -> Option<Self> {
        let (run, status) = (row.run()?, row.status()?);
        Some(Self { run, name: row.asset_name.clone()?, location: row.location.clone(), status })
    }
}

impl Client<'_> {
    /// Starts a taskflow by its API name, once. The error tells whether the service can have started it all the same.
    pub async fn start_taskflow(&self, api_name: &str, options: &FlowOptions) -> Result<Run, Error> {
        let inputs = Value::Object(options.inputs.clone());
        let path = format!("/active-bpel/rt/{}", encode(api_name).replace('/', "%2F"));
        let mut request = ApiRequest::post(Call::Start, POD, path, &inputs, RetryPolicy::IfNotProcessed);
        // The name may be in any language, and a header only holds ASCII.
        request.header = options.run_name.as_ref().map(|name| ("TF-INSTANCE-NAME", encode(name).replace('/', "%2F")));
        match self.call_json(request).await {
            Ok(answer) => started(&answer),
            // An unknown API name and a caller who is not allowed are answered with these, in bodies of no documented
            // shape. The request was turned down, whoever did it.
            Err(Error::Unreadable { status: status @ (400 | 403 | 404 | 405), what, .. }) => {
                self.was_not_processed();
                Err(Error::Refused { status, code: None, message: format!("HTTP {status}, {what}") })
            }
            Err(error) => Err(error),
        }
    }

    /// How a run stands, and where its taskflow is.
    pub async fn taskflow_run(&self, run_id: &str, retry: RetryPolicy) -> Result<Option<FlowRun>, Error> {
        let rows = self.status_rows(run_id, retry).await?;
        Ok(rows.iter().find_map(FlowRun::new))
    }

    /// The rows that the path form gives for a run: one, or none when the service does not know the run.
    async fn status_rows(&self, run_id: &str, retry: RetryPolicy) -> Result<Vec<FlowRow>, Error> {
        let path = format!("/active-bpel/services/tf/status/{run_id}");
        let answer = match self.call_json(ApiRequest::get(Call::Status, POD, path, retry)).await {
            Ok(answer) => answer,
            Err(Error::Refused { status: 400 | 404, .. } | Error::Unreadable { status: 404, .. }) => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(error),
        };
        let unreadable = |what: &str| Error::Unreadable { call: Call::Status, status: 200, what: what.to_owned() };
        let mut rows = FlowRow::all(answer).ok_or_else(|| unreadable("with JSON that is no status"))?;
        let all = rows.len();
        // A row without an ID is the one that was asked for; one with another ID is not.
        rows.retain(|row| row.run_id.as_deref().is_none_or(|found| found == run_id));
        for row in &mut rows {
            row.run_id.get_or_insert_with(|| run_id.to_owned());
        }
        match rows.iter().all(|row| row.status.is_some()) {
            true if rows.is_empty() && all > 0 => Err(unreadable("about another run")),
            true => Ok(rows),
            false => Err(unreadable("without a status")),
        }
    }

    async fn poll_taskflow(&self, run_id: &str) -> Result<RunStatus, Error> {
        let rows = self.status_rows(run_id, RetryPolicy::Never).await?;
        Ok(rows.iter().find_map(FlowRow::status).unwrap_or(RunStatus::NotListed))
    }

    /// Looks once at each run. One costs a request of its own. Of many, those that the list of running ones has cost a
    /// fiftieth of a request, and the others one each: an end is only ever read from the run's own answer.
    pub(crate) async fn poll_taskflows(&self, run_ids: &[&str]) -> Vec<Result<RunStatus, Error>> {
        let running = match run_ids.len() {
            ..MANY => HashMap::new(),
            _ => self.running(run_ids.len() / MANY).await,
        };
        let looks = run_ids.iter().map(async |&run_id| match running.get(run_id) {
            Some(progress) => Ok(RunStatus::Active(progress.clone())),
            None => self.poll_taskflow(run_id).await,
        });
        stream::iter(looks).buffered(AT_ONCE).collect().await
    }

    /// What runs by the account of the query form, as far as so many pages show it. It only saves requests, so what
    /// cannot be had is left out.
    async fn running(&self, pages: usize) -> HashMap<String, RunProgress> {
        let mut found = HashMap::new();
        for page in 0..pages {
            let Ok(rows) = self.query("runStatus=Running", page, RetryPolicy::Never).await else { break };
            let last = rows.len() < PAGE;
            found.extend(rows.into_iter().filter_map(|row| match (row.status()?, row.run_id) {
                (RunStatus::Active(progress), Some(run_id)) => Some((run_id, progress)),
                _ => None,
            }));
            if last {
                break;
            }
        }
        found
    }

    /// The runs that pass `keep` of those that have begun within the last `span` and that the service calls `status`,
    /// which is `Running`, `Suspended`, `Success` or `Failed`; without one, whatever it calls them.
    pub async fn taskflow_runs(
        &self,
        span: SignedDuration,
        status: Option<&str>,
        retry: RetryPolicy,
        keep: impl Fn(&FlowRun) -> bool,
    ) -> Result<Vec<FlowRun>, Error> {
        let now = self.now();
        let moment = |by: SignedDuration| encode(&now.saturating_add(by).unwrap_or(now).strftime(MOMENT).to_string());
        let mut filter = format!("startTime={}&endTime={}", moment(-span), moment(AHEAD));
        if let Some(status) = status {
            filter.push_str(&format!("&runStatus={status}"));
        }
        let mut found: Vec<FlowRun> = Vec::new();
        for page in 0..PAGES {
            let rows = self.query(&filter, page, retry).await?;
            for row in &rows {
                // It may be the run that matters.
                let what = "one of its rows does not tell which run it is, or how that stands".to_owned();
                let run = FlowRun::new(row).ok_or(Error::Unreadable { call: Call::Status, status: 200, what })?;
                // A run that begins between two pages moves the others down.
                if keep(&run) && !found.iter().any(|known| known.run == run.run) {
                    found.push(run);
                }
            }
            if rows.len() < PAGE {
                break;
            }
        }
        Ok(found)
    }

    async fn query(&self, filter: &str, page: usize, retry: RetryPolicy) -> Result<Vec<FlowRow>, Error> {
        let offset = page * PAGE;
        let path = format!("/active-bpel/services/tf/status?{filter}&offset={offset}&rowLimit={PAGE}");
        let answer = self.call_json(ApiRequest::get(Call::Status, POD, path, retry)).await?;
        let what = "with JSON that is no list of runs".to_owned();
        FlowRow::all(answer).ok_or(Error::Unreadable { call: Call::Status, status: 200, what })
    }

    /// Resumes a suspended run at the step that failed, or behind it with `skip`. The error tells whether the service can
    /// have done it all the same.
    pub async fn resume_taskflow(&self, run_id: &str, skip: bool) -> Result<(), Error> {
        let how = if skip { "resumeWithFaultSkip" } else { "resumeWithFaultRetry" };
        let path = format!("/active-bpel/management/runtime/v1/{how}/{run_id}");
        self.call_done(ApiRequest::put(Call::Resume, POD, path, None, RetryPolicy::IfNotProcessed)).await
    }

    /// Ends runs for good. It names the runs, so it hits no other when it is sent again.
    pub async fn terminate_taskflows(&self, run_ids: &[String]) -> Result<(), Error> {
        for some in run_ids.chunks(TERMINATED_AT_ONCE) {
            let body = json!({"runid": some});
            let path = "/active-bpel/services/tf/terminate".to_owned();
            self.call_done(ApiRequest::put(Call::Stop, POD, path, Some(&body), RetryPolicy::IfNotProcessed)).await?;
        }
        Ok(())
    }
}

/// How the query form takes a moment.
const MOMENT: &str = "%Y-%m-%dT%H:%M:%SZ";

/// The run in the answer to a start: under a key of any capitals, or the whole answer.
fn started(answer: &Value) -> Result<Run, Error> {
    let run_id = member(answer, "runId").and_then(id).or_else(|| id(answer));
    let digits = run_id.filter(|run_id| run_id.bytes().all(|byte| byte.is_ascii_digit()));
    let what = "without a run ID".to_owned();
    digits.map(|run_id| Run::Taskflow { run_id }).ok_or(Error::Unreadable { call: Call::Start, status: 200, what })
}

#[cfg(test)]
mod tests;
