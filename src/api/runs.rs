//! Looking at runs of every kind, each where the service shows it. Leaves the looking to the file of that resource.

use super::{Error, Service};
use crate::job::{JobRun, Run, Sighting};

impl Service<'_> {
    /// Looks once for every run, and answers in their order. With `monitor` one run alone is looked up there too.
    pub async fn look(&self, runs: &[Run], monitor: bool) -> Result<Vec<Sighting>, Error> {
        let jobs: Vec<&JobRun> = runs.iter().map(|Run::Job(run)| run).collect();
        self.look_at_jobs(&jobs, monitor).await
    }
}
