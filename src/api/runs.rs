//! Starting and looking at runs of every kind, each by its own resource. Leaves the requests to the file of that resource.

use futures_util::join;

use crate::api::jobs::StartOptions;
use crate::api::{Client, Error};
use crate::job::{JobRun, Run, RunStatus, TaskSelector, TaskType};

/// What the service says it started.
#[derive(Debug, Clone)]
pub struct Started {
    /// The run.
    pub run: Run,
    /// The name of its task, where the answer has it.
    pub task_name: Option<String>,
}

impl Client<'_> {
    /// Starts a task of any type, once: a taskflow by its API name, a file ingestion task by its ID. The error tells
    /// whether the service can have started it all the same.
    pub async fn start(
        &self,
        selector: &TaskSelector,
        kind: TaskType,
        options: &StartOptions,
    ) -> Result<Started, Error> {
        let (TaskSelector::Id(word)
        | TaskSelector::FederatedId(word)
        | TaskSelector::Name(word)
        | TaskSelector::Path(word)) = selector;
        let run = match kind {
            TaskType::Taskflow => self.start_taskflow(word, &options.flow).await?,
            TaskType::FileIngestion => self.start_ingestion(word).await?,
            _ => return self.start_job(selector, kind, options).await,
        };
        Ok(Started { run, task_name: None })
    }

    /// Looks once for every run, and answers in their order. With `monitor` one run alone is looked up there too.
    ///
    /// A resource that cannot be asked costs no sighting of another: its runs are then [`RunStatus::Missed`]. Only when
    /// nothing was seen at all is that an error.
    pub async fn poll(&self, runs: &[Run], monitor: bool) -> Result<Vec<RunStatus>, Error> {
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
        let (jobs_seen, flows_seen, ingestions_seen) = join!(
            async { if jobs.is_empty() { Ok(Vec::new()) } else { self.poll_jobs(&jobs, monitor).await } },
            self.poll_taskflows(&flows),
            self.poll_ingestions(&ingestions),
        );
        if flows.is_empty() && ingestions.is_empty() {
            return jobs_seen;
        }
        let (mut job_sightings, job_miss) = match jobs_seen {
            Ok(statuses) => (statuses.into_iter(), None),
            Err(error) => (Vec::new().into_iter(), Some(error)),
        };
        let (mut flows_seen, mut ingestions_seen) = (flows_seen.into_iter(), ingestions_seen.into_iter());
        let mut found = Vec::new();
        let mut first_miss = None;
        for run in runs {
            let seen = match run {
                Run::Job(_) => job_sightings.next().map(Ok),
                Run::Taskflow { .. } => flows_seen.next(),
                Run::Ingestion { .. } => ingestions_seen.next(),
            };
            found.push(match seen {
                Some(Ok(status)) => status,
                Some(Err(error)) => {
                    let missed = error.as_status();
                    first_miss.get_or_insert(error);
                    missed
                }
                None => job_miss.as_ref().map_or(RunStatus::NotListed, Error::as_status),
            });
        }
        let all_missed = found.iter().all(|status| matches!(status, RunStatus::Unavailable(_)));
        match job_miss.or(first_miss) {
            Some(error) if all_missed => Err(error),
            _ => Ok(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::fake::FakeTransport;

    fn look(answer: impl Fn(&str) -> (u16, String)) -> Result<Vec<RunStatus>, Error> {
        let handles = [
            "TASKFLOW/778812345678901234",
            "MTT/01ABCD0Z00000000001S/18",
            "FILE_INGESTION/7kQmWz0RbVn3XcLpTyHd1s/40318",
            "TASKFLOW/778812345678901235",
        ];
        let runs: Vec<Run> = handles.into_iter().map(|handle| handle.parse().unwrap()).collect();
        FakeTransport::serve(answer, async |client| client.poll(&runs, false).await).0
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

    fn kinds(seen: &[RunStatus]) -> String {
        let letter = |status: &RunStatus| match status {
            RunStatus::Ended(_) => 'o',
            RunStatus::Active(_) => 'a',
            RunStatus::NotListed => 'u',
            RunStatus::Unavailable(_) => 'm',
        };
        seen.iter().map(letter).collect()
    }

    #[test]
    fn each_run_is_seen_where_it_runs_and_in_its_place() {
        assert_eq!(kinds(&look(good).unwrap()), "aooa");
    }

    #[test]
    fn what_cannot_be_asked_costs_only_its_own_runs() {
        for (part, seen) in
            [("activityLog", "amoa"), ("/mftsaas/", "aoma"), ("/active-bpel/", "moom"), ("778812345678901235", "aoom")]
        {
            let answer = |line: &str| if line.contains(part) { (500, String::new()) } else { good(line) };
            assert_eq!(kinds(&look(answer).unwrap()), seen, "{part}");
        }
        assert!(look(|_| (500, String::new())).is_err());
    }
}
