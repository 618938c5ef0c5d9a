//! The life of runs, as functions of time: when each began, what it does now, how it ends. Leaves the bodies to others.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use super::catalog::Catalog;
use super::scenario::{End, Kind, Scenario, Timing};
use super::times;

/// One run of one task, with the runs of its parts.
#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "`run_id` is the service's word")]
pub(super) struct Run {
    pub task: usize,
    pub run_id: u64,
    /// Numbers the runs, for the IDs of their rows.
    pub serial: usize,
    pub began: Timestamp,
    /// When it ends if nobody stops it.
    planned: Timestamp,
    pub end: End,
    pub stopped: Option<Stopped>,
    pub by: String,
    pub context: &'static str,
    pub parts: Vec<Run>,
}

/// A stop, by whom and how.
#[derive(Debug, Clone)]
pub(super) struct Stopped {
    /// When the job is down.
    pub down: Timestamp,
    asked: Timestamp,
    pub text: String,
}

impl Run {
    pub(super) fn ended(&self) -> Timestamp {
        self.stopped.as_ref().map_or(self.planned, |stopped| stopped.down.min(self.planned.max(stopped.asked)))
    }

    pub(super) fn is_going_on(&self, now: Timestamp) -> bool {
        self.began <= now && now < self.ended()
    }

    /// Whether it ended at its beginning.
    pub(super) fn never_ran(&self) -> bool {
        matches!(self.end, End::NoAgent | End::OtherInstance)
    }

    pub(super) fn is_in_monitor(&self, now: Timestamp, timing: &Timing) -> bool {
        let shown = now >= times::later(self.began, timing.monitor_delay);
        !self.never_ran() && shown && now < times::later(self.ended(), timing.linger)
    }

    pub(super) fn is_in_log(&self, now: Timestamp, timing: &Timing) -> bool {
        let gap = if self.never_ran() { Duration::ZERO } else { timing.log_gap };
        now >= times::later(self.ended(), gap)
    }

    pub(super) fn is_stopping(&self, now: Timestamp) -> bool {
        self.stopped.as_ref().is_some_and(|stopped| now >= stopped.asked)
    }

    /// How far it is, from 0 to 1.
    pub(super) fn share(&self, now: Timestamp) -> f64 {
        let whole = times::elapsed(self.began, self.planned).as_secs_f64();
        let done = times::elapsed(self.began, now.min(self.ended())).as_secs_f64();
        if whole > 0.0 { (done / whole).min(1.0) } else { 0.0 }
    }

    /// This run and its parts.
    fn family(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.parts)
    }

    fn stop(&mut self, now: Timestamp, down: Timestamp, text: &str) {
        self.stopped = Some(Stopped { down, asked: now, text: text.to_owned() });
        for part in self.parts.iter_mut().filter(|part| part.is_going_on(now)) {
            part.stopped.clone_from(&self.stopped);
        }
        // What had not begun never will.
        self.parts.retain(|part| part.began <= now);
    }
}

/// All runs of all tasks.
#[derive(Debug)]
pub(super) struct Runs {
    all: Vec<Run>,
    counters: HashMap<usize, u64>,
}

/// Who starts a run and how.
pub(super) struct Starting<'s> {
    pub by: &'s str,
    pub context: &'static str,
    pub beside_others: bool,
}

impl Runs {
    pub(super) fn new(scenario: &Scenario, catalog: &Catalog, now: Timestamp) -> Self {
        let mut runs = Self { all: Vec::new(), counters: HashMap::new() };
        let scheduler = Starting { by: "scheduler", context: "SCHEDULER", beside_others: false };
        for (index, task) in catalog.tasks.iter().enumerate() {
            for past in 0..task.spec.past_runs {
                let days = Duration::from_secs(86_400 * u64::from(task.spec.past_runs - past));
                runs.start(catalog, index, times::earlier(now, days), &scheduler);
            }
            if task.spec.busy {
                let run = runs.start(catalog, index, times::earlier(now, Duration::from_secs(3600)), &scheduler);
                runs.all[run].planned = times::later(now, Duration::from_secs(7 * 86_400));
            }
        }
        for row in 0..scenario.foreign_rows {
            if let Some(last) = catalog.tasks.len().checked_sub(1) {
                let task = row as usize % (last + 1);
                let starting = Starting { by: "scheduler", context: "SCHEDULER", beside_others: true };
                let run = runs.start(catalog, task, times::earlier(now, Duration::from_secs(3600)), &starting);
                runs.all[run].planned = times::later(now, Duration::from_secs(7 * 86_400));
            }
        }
        runs
    }

    /// The runs that somebody started, the parts of linear taskflows inside them.
    pub(super) fn all(&self) -> &[Run] {
        &self.all
    }

    /// Whether a run of the task is going on, by itself or inside a linear taskflow.
    fn is_running(&self, task: usize, now: Timestamp) -> bool {
        self.all.iter().flat_map(Run::family).any(|run| run.task == task && run.is_going_on(now))
    }

    fn next_id(&mut self, task: usize) -> u64 {
        let counter = self.counters.entry(task).or_insert(0);
        *counter += 1;
        *counter
    }

    /// Begins a run, which may end at once. Gives its place.
    pub(super) fn start(&mut self, catalog: &Catalog, task: usize, now: Timestamp, how: &Starting<'_>) -> usize {
        let other = !how.beside_others && self.is_running(task, now);
        let mut run = self.make(catalog, task, now, how);
        if other {
            (run.end, run.planned) = (End::OtherInstance, now);
            run.parts.clear();
        }
        self.all.push(run);
        self.all.len() - 1
    }

    fn make(&mut self, catalog: &Catalog, task: usize, began: Timestamp, how: &Starting<'_>) -> Run {
        let spec = &catalog.tasks[task].spec;
        let run_id = self.next_id(task);
        let place = usize::try_from(run_id - 1).unwrap_or(usize::MAX);
        let mut end = *spec.ends.get(place).or(spec.ends.last()).unwrap_or(&End::Success);
        let serial = self.all.len() * 16 + 1;
        let mut run = Run {
            task,
            run_id,
            serial,
            began,
            planned: times::later(began, spec.takes),
            end,
            stopped: None,
            by: how.by.to_owned(),
            context: how.context,
            parts: Vec::new(),
        };
        if spec.kind == Kind::Workflow {
            let mut at = began;
            for &part in &catalog.tasks[task].parts {
                let mut part = self.make(catalog, part, at, how);
                part.serial = serial + run.parts.len() + 1;
                at = part.ended();
                end = match (end, part.end) {
                    (_, End::Failure | End::NoAgent) => End::Failure,
                    (End::Success, End::Warning) => End::Warning,
                    (end, _) => end,
                };
                run.parts.push(part);
                if end == End::Failure {
                    break;
                }
            }
            (run.planned, run.end) = (at, end);
        }
        match run.end {
            End::NoAgent => run.planned = began,
            End::Stopped => {
                let down = run.planned;
                run.stop(down, down, "The job was stopped by user admin using the UI.");
            }
            _ => {}
        }
        run
    }

    /// Stops the runs of a task that are going on. Gives their numbers, and when the last of them is down.
    pub(super) fn stop(&mut self, task: usize, now: Timestamp, takes: Duration, text: &str) -> (Vec<u64>, Timestamp) {
        let mut hit = Vec::new();
        let mut last = now;
        for run in self.all.iter_mut().filter(|run| run.task == task && run.is_going_on(now)) {
            if run.stopped.as_ref().is_none_or(|stopped| stopped.asked > now) {
                run.stop(now, times::later(now, takes), text);
            }
            hit.push(run.run_id);
            last = last.max(run.ended());
        }
        (hit, last)
    }
}
