//! The state of the simulated service, which the handlers of the resources read and change.

use jiff::Timestamp;

use crate::catalog::{Catalog, Task};
use crate::ingestion_runs::IngestionRuns;
use crate::quirks::Timing;
use crate::runs::{Run, Runs};
use crate::scenario::Scenario;
use crate::sessions::Sessions;
use crate::taskflow_runs::{Jobs, TaskflowRuns};

#[derive(Debug)]
pub(crate) struct State {
    pub scenario: Scenario,
    pub catalog: Catalog,
    pub runs: Runs,
    pub taskflow_runs: TaskflowRuns,
    pub ingestion_runs: IngestionRuns,
    pub sessions: Sessions,
    /// When the service began, by its own clock.
    pub began: Timestamp,
}

impl State {
    pub(crate) fn new(scenario: Scenario, now: Timestamp) -> Self {
        let catalog = Catalog::new(&scenario, now);
        let mut runs = Runs::new(&scenario, &catalog, now);
        let mut jobs = Jobs { catalog: &catalog, runs: &mut runs };
        let taskflow_runs = TaskflowRuns::new(&mut jobs, scenario.quirks.taskflow_run_id_digits, now);
        let sessions = Sessions::new(&scenario);
        let ingestion_runs = IngestionRuns::default();
        Self { scenario, catalog, runs, taskflow_runs, ingestion_runs, sessions, began: now }
    }

    pub(crate) fn task_of(&self, run: &Run) -> &Task {
        &self.catalog.tasks[run.task]
    }

    pub(crate) fn timing_of(&self, run: &Run) -> &Timing {
        self.task_of(run).timing_of(run.run_id)
    }
}
