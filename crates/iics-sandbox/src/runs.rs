//! The runs of jobs as functions of time: when each began, what it does now and how it ends.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::catalog::Catalog;
use crate::kind::{Kind, Outcome};
use crate::quirks::{NEVER, Timing};
use crate::scenario::Scenario;
use crate::times;

/// One run of one task, with the runs of its parts.
#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "`run_id` is the service's word")]
pub(crate) struct Run {
    pub task: usize,
    pub run_id: u64,
    /// Numbers the runs, for the IDs of their rows.
    pub serial: usize,
    pub began: Timestamp,
    /// When it ends if nobody stops it.
    planned_end: Timestamp,
    /// How it ends if nobody stops it.
    planned_outcome: Outcome,
    stop: Option<Stop>,
    pub origin: Origin,
    pub parts: Vec<Run>,
}

/// Who started a run, and with what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    /// The user; none if a schedule started it.
    pub by: Option<String>,
    pub context: String,
    pub schedule: Option<String>,
    pub callback: Option<String>,
    pub parameter_file: Option<String>,
    /// What was sent as `runtime`, as the log repeats it.
    pub runtime_info: Option<String>,
    /// The federated ID of the taskflow that started it.
    pub taskflow: Option<String>,
    /// Whether it may run while other runs of the same task do.
    pub in_parallel: bool,
}

impl Origin {
    pub(crate) fn scheduled() -> Self {
        let schedule = Some("every night".to_owned());
        Self { context: "SCHEDULER".to_owned(), schedule, ..Self::default() }
    }
}

/// A request to stop a run.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    pub requested: Timestamp,
    /// When the job has stopped, unless it ends by itself before.
    pub done: Timestamp,
    /// The error text in the log.
    pub text: String,
    /// The outcome if the stop is in time.
    pub outcome: Outcome,
}

impl Stop {
    /// A stop by somebody in the web page, which takes no time.
    fn by_hand(at: Timestamp) -> Self {
        let text = "The job was stopped by user admin using the UI.".to_owned();
        Self { requested: at, done: at, text, outcome: Outcome::Stopped }
    }

    /// A stop by a request, which takes until `done`.
    pub(crate) fn by_request(user: &str, requested: Timestamp, done: Timestamp, outcome: Outcome) -> Self {
        Self { requested, done, text: format!("The job was stopped by user {user} using the API."), outcome }
    }
}

impl Run {
    fn stop_in_effect(&self) -> Option<&Stop> {
        self.stop.as_ref().filter(|stop| stop.done <= self.planned_end)
    }

    pub(crate) fn ended(&self) -> Timestamp {
        self.stop_in_effect().map_or(self.planned_end, |stop| stop.done)
    }

    pub(crate) fn outcome(&self) -> Outcome {
        self.stop_in_effect().map_or(self.planned_outcome, |stop| stop.outcome)
    }

    /// The error text of the stop that ended it.
    pub(crate) fn stop_text(&self) -> Option<&str> {
        self.stop_in_effect().filter(|stop| stop.outcome == Outcome::Stopped).map(|stop| stop.text.as_str())
    }

    pub(crate) fn is_active(&self, now: Timestamp) -> bool {
        self.began <= now && now < self.ended()
    }

    /// Whether it ended at its beginning.
    pub(crate) fn never_ran(&self) -> bool {
        matches!(self.planned_outcome, Outcome::NoAgent | Outcome::OtherInstance)
    }

    pub(crate) fn is_in_monitor(&self, now: Timestamp, timing: &Timing) -> bool {
        let shown = now >= times::later(self.began, timing.monitor_delay);
        !self.never_ran() && shown && now < times::later(self.ended(), timing.linger)
    }

    pub(crate) fn is_in_log(&self, now: Timestamp, timing: &Timing) -> bool {
        let gap = if self.never_ran() { Duration::ZERO } else { timing.log_gap };
        gap != NEVER && now >= times::later(self.ended(), gap)
    }

    /// The state in the monitor.
    pub(crate) fn execution_state(&self, now: Timestamp, timing: &Timing) -> &'static str {
        let queued = times::later(self.began, timing.queued);
        if now >= self.ended() {
            return if matches!(self.outcome(), Outcome::Success | Outcome::Warning) { "COMPLETED" } else { "FAILED" };
        }
        match &self.stop {
            Some(stop) if now >= stop.requested => "STOPPING",
            _ if now < queued => "QUEUED",
            _ if now < times::later(queued, timing.initialized) => "INITIALIZED",
            _ => "RUNNING",
        }
    }

    /// The progress, from 0 to 1.
    pub(crate) fn share(&self, now: Timestamp) -> f64 {
        let whole = times::elapsed(self.began, self.planned_end).as_secs_f64();
        let done = times::elapsed(self.began, now.min(self.ended())).as_secs_f64();
        if whole > 0.0 { (done / whole).min(1.0) } else { 0.0 }
    }

    fn with_parts(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.parts)
    }

    /// Applies a stop, unless an earlier one stops the job as soon. One that comes too late changes nothing.
    pub(crate) fn apply_stop(&mut self, stop: &Stop) {
        if self.stop.as_ref().is_some_and(|earlier| earlier.done <= stop.done) {
            return;
        }
        self.stop = Some(stop.clone());
        if self.stop_in_effect().is_some() {
            for part in self.parts.iter_mut().filter(|part| part.is_active(stop.requested)) {
                part.stop = Some(stop.clone());
            }
            // What had not begun never will.
            self.parts.retain(|part| part.began <= stop.requested);
        }
    }

    /// Ends it now in place of its own end, and its active parts with it. What had not begun never will.
    pub(crate) fn end(&mut self, outcome: Outcome, now: Timestamp) {
        self.parts.retain(|part| part.began <= now);
        for part in self.parts.iter_mut().filter(|part| part.is_active(now)) {
            part.end(outcome, now);
        }
        (self.planned_end, self.planned_outcome) = (now, outcome);
        self.stop = (outcome == Outcome::Stopped).then(|| Stop::by_hand(now));
    }
}

#[derive(Debug, Default)]
pub(crate) struct Runs {
    all: Vec<Run>,
    counters: HashMap<usize, u64>,
    serials: usize,
}

/// A busy task has been running for an hour and goes on for a week.
const WEEK: Duration = Duration::from_secs(7 * 86_400);
const HOUR: Duration = Duration::from_secs(3600);

impl Runs {
    pub(crate) fn new(scenario: &Scenario, catalog: &Catalog, now: Timestamp) -> Self {
        let mut runs = Self::default();
        let jobs: Vec<usize> =
            (0..catalog.tasks.len()).filter(|&task| catalog.tasks[task].spec.kind.is_job()).collect();
        for &index in &jobs {
            let task = &catalog.tasks[index];
            for past in 0..task.spec.past_runs {
                let days = Duration::from_secs(86_400 * u64::from(task.spec.past_runs - past));
                runs.start(catalog, index, times::earlier(now, days), &Origin::scheduled());
            }
            if task.spec.busy {
                runs.add_busy(catalog, index, now);
            }
        }
        for row in 0..scenario.foreign_rows as usize {
            if let Some(place) = row.checked_rem(jobs.len()) {
                runs.add_busy(catalog, jobs[place], now);
            }
        }
        runs
    }

    fn add_busy(&mut self, catalog: &Catalog, task: usize, now: Timestamp) {
        let origin = Origin { in_parallel: true, ..Origin::scheduled() };
        let run = self.start(catalog, task, times::earlier(now, HOUR), &origin);
        self.all[run].planned_end = times::later(now, WEEK);
    }

    /// The runs that were started. Those of parts are inside the run of their linear taskflow.
    pub(crate) fn all(&self) -> &[Run] {
        &self.all
    }

    /// Whether a run of the task is active, by itself or inside a linear taskflow.
    pub(crate) fn is_running(&self, task: usize, now: Timestamp) -> bool {
        self.all.iter().flat_map(Run::with_parts).any(|run| run.task == task && run.is_active(now))
    }

    /// Begins a run, which may end at once. Gives its index.
    pub(crate) fn start(&mut self, catalog: &Catalog, task: usize, now: Timestamp, origin: &Origin) -> usize {
        let other = !origin.in_parallel && self.is_running(task, now);
        let mut run = self.make(catalog, task, now, origin);
        if other {
            (run.planned_outcome, run.planned_end, run.stop) = (Outcome::OtherInstance, now, None);
            run.parts.clear();
        }
        self.all.push(run);
        self.all.len() - 1
    }

    fn make(&mut self, catalog: &Catalog, task: usize, began: Timestamp, origin: &Origin) -> Run {
        let spec = &catalog.tasks[task].spec;
        let counter = self.counters.entry(task).or_insert(0);
        *counter += 1;
        let run_id = *counter;
        self.serials += 1;
        let planned_outcome = spec.outcome_of(run_id);
        let timing = catalog.tasks[task].timing_of(run_id);
        let takes = timing.queued.saturating_add(timing.initialized).saturating_add(spec.takes);
        let mut run = Run {
            task,
            run_id,
            serial: self.serials,
            began,
            planned_end: times::later(began, takes),
            planned_outcome,
            stop: None,
            origin: origin.clone(),
            parts: Vec::new(),
        };
        if spec.kind == Kind::Workflow {
            self.make_parts(catalog, &mut run);
        }
        match run.planned_outcome {
            Outcome::NoAgent => run.planned_end = began,
            Outcome::Stopped => run.apply_stop(&Stop::by_hand(run.planned_end)),
            _ => {}
        }
        run
    }

    /// Runs the parts of a linear taskflow one after the other, up to the first that fails.
    fn make_parts(&mut self, catalog: &Catalog, run: &mut Run) {
        for &part in &catalog.tasks[run.task].parts {
            let part = self.make(catalog, part, run.parts.last().map_or(run.began, Run::ended), &run.origin);
            run.planned_end = part.ended();
            run.planned_outcome = match (run.planned_outcome, part.planned_outcome) {
                (_, Outcome::Failure | Outcome::NoAgent) => Outcome::Failure,
                (Outcome::Success, Outcome::Warning) => Outcome::Warning,
                (outcome, _) => outcome,
            };
            run.parts.push(part);
            if run.planned_outcome == Outcome::Failure {
                break;
            }
        }
    }

    /// Numbers the next run of each task as its first, as a service does that was set up anew.
    pub(crate) fn restart_counters(&mut self) {
        self.counters.clear();
    }

    /// A run by its serial number.
    pub(crate) fn numbered(&self, serial: usize) -> Option<&Run> {
        self.all.iter().find(|run| run.serial == serial)
    }

    /// Ends one run by `end` if it is active, and removes it if it has not begun. Gives whether it had begun.
    pub(crate) fn bring_down(&mut self, serial: usize, now: Timestamp, end: &dyn Fn(&mut Run)) -> bool {
        self.all.retain(|run| run.serial != serial || run.began <= now);
        let Some(run) = self.all.iter_mut().find(|run| run.serial == serial) else {
            return false;
        };
        if run.is_active(now) {
            end(run);
        }
        true
    }

    /// The run that was started last among those for which `is_it` holds.
    pub(crate) fn latest(&mut self, is_it: impl Fn(&Run) -> bool) -> Option<&mut Run> {
        self.all.iter_mut().rev().find(|run| is_it(run))
    }

    /// Stops the runs of a task that are active. Gives their numbers, and when the last of them has stopped.
    pub(crate) fn stop(&mut self, task: usize, stop: &Stop) -> (Vec<u64>, Timestamp) {
        let mut stopped = Vec::new();
        let mut last = stop.requested;
        for run in self.all.iter_mut().filter(|run| run.task == task && run.is_active(stop.requested)) {
            run.apply_stop(stop);
            stopped.push(run.run_id);
            last = last.max(run.ended());
        }
        (stopped, last)
    }
}
