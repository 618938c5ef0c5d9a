//! Starts and polls of every kind, each at the resource that runs it.

use futures_util::join;
use jiff::Timestamp;

use crate::api::attempt::Attempt;
use crate::api::client::Client;
use crate::api::error::Error;
use crate::api::jobs::{self, StartOptions, StartedJob};
use crate::api::{ingestion, taskflow};
use crate::job::{JobRun, Run, RunStatus, TaskSelector, TaskType};

/// What the service says it started.
#[derive(Debug, Clone)]
pub struct StartedRun {
    pub run: Run,
    /// The name of its task, where the answer has it.
    pub task_name: Option<String>,
}

/// Starts a task of any type, once: a taskflow by its API name, a file ingestion task by its ID. `attempt` says whether the
/// service can have started it although there is an error.
pub async fn start(
    client: &Client<'_>,
    selector: &TaskSelector,
    kind: TaskType,
    options: &StartOptions,
    attempt: &Attempt,
) -> Result<StartedRun, Error> {
    let (TaskSelector::Id(word)
    | TaskSelector::FederatedId(word)
    | TaskSelector::Name(word)
    | TaskSelector::Path(word)) = selector;
    let run = match kind {
        TaskType::Taskflow => taskflow::start(client, word, &options.flow, attempt).await?,
        TaskType::FileIngestion => ingestion::start(client, word, attempt).await?,
        _ => {
            let StartedJob { run, task_name } = jobs::start(client, selector, kind, options, attempt).await?;
            return Ok(StartedRun { run: run.into(), task_name });
        }
    };
    Ok(StartedRun { run, task_name: None })
}

/// Polls every run once, and answers in their order. With `with_monitor` a single job is looked up in the
/// monitor too. `start_sent_at` says when a run was started by the service's clock, where that is known: a result from before is
/// another run's.
///
/// A resource that does not answer costs only its own runs their status, which is then [`RunStatus::Unavailable`]. An
/// error means that no run has a status.
pub async fn poll(
    client: &Client<'_>,
    runs: &[Run],
    with_monitor: bool,
    start_sent_at: impl Fn(&JobRun) -> Option<Timestamp>,
) -> Result<Vec<RunStatus>, Error> {
    let jobs: Vec<&JobRun> = runs.iter().filter_map(Run::as_job).collect();
    let mut flows = Vec::new();
    let mut ingestions = Vec::new();
    for run in runs {
        match run {
            Run::Job(_) => {}
            Run::Taskflow { run_id } => flows.push(run_id.as_str()),
            Run::Ingestion { task_id, run_id } => ingestions.push((task_id.as_str(), run_id.as_str())),
        }
    }
    let (of_jobs, of_flows, of_ingestions) = join!(
        async {
            if jobs.is_empty() { Ok(Vec::new()) } else { jobs::poll(client, &jobs, with_monitor, &start_sent_at).await }
        },
        taskflow::poll(client, &flows),
        ingestion::poll(client, &ingestions),
    );
    if flows.is_empty() && ingestions.is_empty() {
        return of_jobs;
    }
    let (mut of_jobs, jobs_error) = match of_jobs {
        Ok(statuses) => (statuses.into_iter(), None),
        Err(error) => (Vec::new().into_iter(), Some(error)),
    };
    let (mut of_flows, mut of_ingestions) = (of_flows.into_iter(), of_ingestions.into_iter());
    let mut statuses = Vec::new();
    let mut first_error = None;
    for run in runs {
        let polled = match run {
            Run::Job(_) => of_jobs.next().map(Ok),
            Run::Taskflow { .. } => of_flows.next(),
            Run::Ingestion { .. } => of_ingestions.next(),
        };
        statuses.push(match polled {
            Some(Ok(status)) => status,
            Some(Err(error)) => {
                let status = error.as_status();
                first_error.get_or_insert(error);
                status
            }
            None => jobs_error.as_ref().map_or(RunStatus::NotListed, Error::as_status),
        });
    }
    let is_unavailable = |status: &RunStatus| matches!(status, RunStatus::Unavailable(_));
    match jobs_error.or(first_error) {
        Some(error) if statuses.iter().all(is_unavailable) => Err(error),
        _ => Ok(statuses),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::fake::FakeTransport;

    fn poll_all(answer: impl Fn(&str) -> (u16, String)) -> Result<Vec<RunStatus>, Error> {
        let handles = [
            "TASKFLOW/778812345678901234",
            "MTT/01ABCD0Z00000000001S/18",
            "FILE_INGESTION/7kQmWz0RbVn3XcLpTyHd1s/40318",
            "TASKFLOW/778812345678901235",
        ];
        poll_handles(&handles, answer)
    }

    fn good(line: &str) -> (u16, String) {
        let body = match line {
            line if line.contains("activityLog") => {
                r#"[{"objectId": "01ABCD0Z00000000001S", "runId": 18, "state": 1}]"#
            }
            line if line.contains("/mftsaas/") => r#"{"jobStatus": "SUCCESS"}"#,
            _ => r#"{"status": "RUNNING"}"#,
        };
        (200, body.to_owned())
    }

    fn poll_handles(handles: &[&str], answer: impl Fn(&str) -> (u16, String)) -> Result<Vec<RunStatus>, Error> {
        let runs: Vec<Run> = handles.iter().map(|handle| handle.parse().unwrap()).collect();
        FakeTransport::serve(answer, async |client| poll(client, &runs, false, |_| None).await).0
    }

    fn letters(statuses: &[RunStatus]) -> String {
        let letter = |status: &RunStatus| match status {
            RunStatus::Ended(_) => 'o',
            RunStatus::Active(_) => 'a',
            RunStatus::NotListed => 'u',
            RunStatus::Unavailable(_) => 'm',
        };
        statuses.iter().map(letter).collect()
    }

    #[test]
    fn each_run_is_polled_at_its_resource_and_answered_in_order() {
        assert_eq!(letters(&poll_all(good).unwrap()), "aooa");
        for (other, statuses) in
            [("TASKFLOW/778812345678901234", "oa"), ("FILE_INGESTION/7kQmWz0RbVn3XcLpTyHd1s/40318", "oo")]
        {
            assert_eq!(
                letters(&poll_handles(&["MTT/01ABCD0Z00000000001S/18", other], good).unwrap()),
                statuses,
                "{other}"
            );
        }
    }

    #[test]
    fn a_resource_that_fails_costs_only_its_own_runs() {
        for (part, statuses) in
            [("activityLog", "amoa"), ("/mftsaas/", "aoma"), ("/active-bpel/", "moom"), ("778812345678901235", "aoom")]
        {
            let answer = |line: &str| if line.contains(part) { (500, String::new()) } else { good(line) };
            assert_eq!(letters(&poll_all(answer).unwrap()), statuses, "{part}");
        }
        assert!(poll_all(|_| (500, String::new())).is_err());
    }
}
