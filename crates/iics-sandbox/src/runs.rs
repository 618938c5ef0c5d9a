//! The life of runs, as functions of time: when each began, what it does now, how it ends. Leaves the bodies to others.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::catalog::{Catalog, Task};
use crate::kind::{End, Kind};
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
    planned: Timestamp,
    /// How it ends if nobody stops it.
    end: End,
    stop: Option<Stop>,
    pub origin: Origin,
    pub parts: Vec<Run>,
}

/// Who started a run, and with what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    /// Nobody's, when a schedule did.
    pub by: Option<String>,
    pub context: String,
    pub schedule: Option<String>,
    pub callback: Option<String>,
    pub parameter_file: Option<String>,
    /// What was sent as `runtime`, as the log repeats it.
    pub runtime_info: Option<String>,
    /// The federated ID of the taskflow that did.
    pub taskflow: Option<String>,
    /// Whether it may run beside others of the same task.
    pub beside_others: bool,
}

impl Origin {
    pub(crate) fn scheduled() -> Self {
        let schedule = Some("every night".to_owned());
        Self { context: "SCHEDULER".to_owned(), schedule, ..Self::default() }
    }
}

/// A stop that was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    pub asked: Timestamp,
    /// When the job is down, unless it ends by itself before.
    pub down: Timestamp,
    /// What the log says of it.
    pub text: String,
    /// How the run ends by it.
    pub end: End,
}

impl Run {
    fn stop_in_effect(&self) -> Option<&Stop> {
        self.stop.as_ref().filter(|stop| stop.down <= self.planned)
    }

    pub(crate) fn ended(&self) -> Timestamp {
        self.stop_in_effect().map_or(self.planned, |stop| stop.down)
    }

    /// How it ends.
    pub(crate) fn outcome(&self) -> End {
        self.stop_in_effect().map_or(self.end, |stop| stop.end)
    }

    /// What the log says of the stop by which it ended.
    pub(crate) fn stopped(&self) -> Option<&str> {
        self.stop_in_effect().filter(|stop| stop.end == End::Stopped).map(|stop| stop.text.as_str())
    }

    pub(crate) fn is_going_on(&self, now: Timestamp) -> bool {
        self.began <= now && now < self.ended()
    }

    /// Whether it ended at its beginning.
    pub(crate) fn never_ran(&self) -> bool {
        matches!(self.end, End::NoAgent | End::OtherInstance)
    }

    pub(crate) fn is_in_monitor(&self, now: Timestamp, timing: &Timing) -> bool {
        let shown = now >= times::later(self.began, timing.monitor_delay);
        !self.never_ran() && shown && now < times::later(self.ended(), timing.linger)
    }

    pub(crate) fn is_in_log(&self, now: Timestamp, timing: &Timing) -> bool {
        let gap = if self.never_ran() { Duration::ZERO } else { timing.log_gap };
        gap != NEVER && now >= times::later(self.ended(), gap)
    }

    /// What the monitor calls it.
    pub(crate) fn execution_state(&self, now: Timestamp, timing: &Timing) -> &'static str {
        let queued = times::later(self.began, timing.queued);
        if now >= self.ended() {
            return if matches!(self.outcome(), End::Success | End::Warning) { "COMPLETED" } else { "FAILED" };
        }
        match &self.stop {
            Some(stop) if now >= stop.asked => "STOPPING",
            _ if now < queued => "QUEUED",
            _ if now < times::later(queued, timing.initialized) => "INITIALIZED",
            _ => "RUNNING",
        }
    }

    /// How far it is, from 0 to 1.
    pub(crate) fn share(&self, now: Timestamp) -> f64 {
        let whole = times::elapsed(self.began, self.planned).as_secs_f64();
        let done = times::elapsed(self.began, now.min(self.ended())).as_secs_f64();
        if whole > 0.0 { (done / whole).min(1.0) } else { 0.0 }
    }

    /// This run and its parts.
    fn family(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.parts)
    }

    /// Takes a stop on, unless an earlier one gets the job down as soon. One that comes too late changes nothing.
    pub(crate) fn stop_by(&mut self, stop: &Stop) {
        if self.stop.as_ref().is_some_and(|earlier| earlier.down <= stop.down) {
            return;
        }
        self.stop = Some(stop.clone());
        if self.stop_in_effect().is_some() {
            for part in self.parts.iter_mut().filter(|part| part.is_going_on(stop.asked)) {
                part.stop = Some(stop.clone());
            }
            // What had not begun never will.
            self.parts.retain(|part| part.began <= stop.asked);
        }
    }
}

/// All runs of all tasks.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    all: Vec<Run>,
    counters: HashMap<usize, u64>,
    serials: usize,
}

/// Somebody else's run of days: since an hour ago, for a week from now.
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
                runs.keep_busy(catalog, index, now);
            }
        }
        for row in 0..scenario.foreign_rows as usize {
            if let Some(place) = row.checked_rem(jobs.len()) {
                runs.keep_busy(catalog, jobs[place], now);
            }
        }
        runs
    }

    fn keep_busy(&mut self, catalog: &Catalog, task: usize, now: Timestamp) {
        let origin = Origin { beside_others: true, ..Origin::scheduled() };
        let run = self.start(catalog, task, times::earlier(now, HOUR), &origin);
        self.all[run].planned = times::later(now, WEEK);
    }

    /// The runs that somebody started, the parts of linear taskflows inside them.
    pub(crate) fn all(&self) -> &[Run] {
        &self.all
    }

    /// Whether a run of the task is going on, by itself or inside a linear taskflow.
    pub(crate) fn is_running(&self, task: usize, now: Timestamp) -> bool {
        self.all.iter().flat_map(Run::family).any(|run| run.task == task && run.is_going_on(now))
    }

    /// Begins a run, which may end at once. Gives its place.
    pub(crate) fn start(&mut self, catalog: &Catalog, task: usize, now: Timestamp, origin: &Origin) -> usize {
        let other = !origin.beside_others && self.is_running(task, now);
        let mut run = self.make(catalog, task, now, origin);
        if other {
            (run.end, run.planned, run.stop) = (End::OtherInstance, now, None);
            run.parts.clear();
        }
        self.all.push(run);
        self.all.len() - 1
    }

    fn make(&mut self, catalog: &Catalog, task: usize, began: Timestamp, origin: &Origin) -> Run {
        let Task { spec, timing, .. } = &catalog.tasks[task];
        let counter = self.counters.entry(task).or_insert(0);
        *counter += 1;
        let run_id = *counter;
        self.serials += 1;
        let end = spec.end_of(run_id);
        let takes = timing.queued.saturating_add(timing.initialized).saturating_add(spec.takes);
        let mut run = Run {
            task,
            run_id,
            serial: self.serials,
            began,
            planned: times::later(began, takes),
            end,
            stop: None,
            origin: origin.clone(),
            parts: Vec::new(),
        };
        if spec.kind == Kind::Workflow {
            self.make_parts(catalog, &mut run);
        }
        match run.end {
            End::NoAgent => run.planned = began,
            End::Stopped => {
                let text = "The job was stopped by user admin using the UI.".to_owned();
                run.stop_by(&Stop { asked: run.planned, down: run.planned, text, end: End::Stopped });
            }
            _ => {}
        }
        run
    }

    /// The parts of a linear taskflow, one after the other up to the first that fails.
    fn make_parts(&mut self, catalog: &Catalog, run: &mut Run) {
        for &part in &catalog.tasks[run.task].parts {
            let part = self.make(catalog, part, run.parts.last().map_or(run.began, Run::ended), &run.origin);
            run.planned = part.ended();
            run.end = match (run.end, part.end) {
                (_, End::Failure | End::NoAgent) => End::Failure,
                (End::Success, End::Warning) => End::Warning,
                (end, _) => end,
            };
            run.parts.push(part);
            if run.end == End::Failure {
                break;
            }
        }
    }

    /// A run by its serial number.
    pub(crate) fn numbered(&self, serial: usize) -> Option<&Run> {
        self.all.iter().find(|run| run.serial == serial)
    }

    /// Stops one run if it is going on, and takes it back if it has not begun.
    pub(crate) fn call_off(&mut self, serial: usize, stop: &Stop) {
        self.all.retain(|run| run.serial != serial || run.began <= stop.asked);
        if let Some(run) = self.all.iter_mut().find(|run| run.serial == serial && run.is_going_on(stop.asked)) {
            run.stop_by(stop);
        }
    }

    /// Stops the runs of a task that are going on. Gives their numbers, and when the last of them is down.
    pub(crate) fn stop(&mut self, task: usize, stop: &Stop) -> (Vec<u64>, Timestamp) {
        let mut hit = Vec::new();
        let mut last = stop.asked;
        for run in self.all.iter_mut().filter(|run| run.task == task && run.is_going_on(stop.asked)) {
            run.stop_by(stop);
            hit.push(run.run_id);
            last = last.max(run.ended());
        }
        (hit, last)
    }
}
