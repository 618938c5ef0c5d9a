//! The runs of taskflows as functions of time: one step after the other, up to the first that fails.

use std::time::Duration;

use jiff::Timestamp;

use crate::catalog::Catalog;
use crate::kind::{Kind, Outcome};
use crate::runs::{Origin, Run, Runs, Stop};
use crate::times;

#[derive(Debug, Clone)]
pub(crate) struct TaskflowRun {
    pub task: usize,
    pub run_id: u64,
    pub began: Timestamp,
    pub origin: Origin,
    /// The name given to this run.
    pub name: Option<String>,
    pub steps: Vec<Step>,
    /// When it ends or is suspended.
    pub halts_at: Timestamp,
    halt: Outcome,
    /// Which of the parts of the task it halts at, which is the last one if all go well.
    halted_part: usize,
}

/// A step that was run.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// The serial number of a run.
    Job(usize),
    /// The index of a taskflow run.
    Taskflow(usize),
}

impl TaskflowRun {
    /// None while it runs.
    pub(crate) fn halted(&self, now: Timestamp) -> Option<Outcome> {
        (now >= self.halts_at).then_some(self.halt)
    }

    pub(crate) fn is_open(&self, now: Timestamp) -> bool {
        matches!(self.halted(now), None | Some(Outcome::Suspended))
    }
}

#[derive(Debug)]
pub(crate) struct TaskflowRuns {
    all: Vec<TaskflowRun>,
    first_id: u64,
    counters: Vec<u64>,
}

/// The jobs that taskflows run as steps.
pub(crate) struct Jobs<'s> {
    pub catalog: &'s Catalog,
    pub runs: &'s mut Runs,
}

impl TaskflowRuns {
    /// `digits` is the length of run IDs, 18 to 20.
    pub(crate) fn new(jobs: &mut Jobs<'_>, digits: u8, now: Timestamp) -> Self {
        let first_id = match digits {
            20.. => 17_788_123_456_789_012_345,
            19 => 1_778_812_345_678_901_234,
            _ => 778_812_345_678_901_234,
        };
        let mut flows = Self { all: Vec::new(), first_id, counters: vec![0; jobs.catalog.tasks.len()] };
        for task in 0..jobs.catalog.tasks.len() {
            let spec = &jobs.catalog.tasks[task].spec;
            for past in 0..if spec.kind == Kind::Taskflow { spec.past_runs } else { 0 } {
                let hours = Duration::from_secs(3600 * u64::from(spec.past_runs - past));
                flows.start(jobs, task, times::earlier(now, hours), &Origin::scheduled(), None);
            }
        }
        flows
    }

    pub(crate) fn all(&self) -> &[TaskflowRun] {
        &self.all
    }

    pub(crate) fn find(&self, run_id: &str) -> Option<usize> {
        self.all.iter().position(|flow| flow.run_id.to_string() == run_id)
    }

    /// Begins a taskflow. Gives its index.
    pub(crate) fn start(
        &mut self,
        jobs: &mut Jobs<'_>,
        task: usize,
        now: Timestamp,
        origin: &Origin,
        name: Option<String>,
    ) -> usize {
        let index = self.all.len();
        self.counters[task] += 1;
        self.all.push(TaskflowRun {
            task,
            run_id: self.first_id + index as u64 * 4_096_013,
            began: now,
            origin: origin.clone(),
            name,
            steps: Vec::new(),
            halts_at: now,
            halt: Outcome::Success,
            halted_part: 0,
        });
        self.plan(jobs, index, 0, now, self.counters[task]);
        index
    }

    /// Runs the parts from `first` on, up to the first that fails.
    fn plan(&mut self, jobs: &mut Jobs<'_>, index: usize, first: usize, now: Timestamp, turn: u64) {
        let catalog = jobs.catalog;
        let task = &catalog.tasks[self.all[index].task];
        let outcome = task.spec.outcome_of(turn);
        let origin = Origin { taskflow: Some(task.federated_id.clone()), ..self.all[index].origin.clone() };
        let mut at = now;
        for (number, &part) in task.parts.iter().enumerate().skip(first) {
            let (step, over, how) = if catalog.tasks[part].spec.kind == Kind::Taskflow {
                let child = self.start(jobs, part, at, &origin, None);
                let flow = &self.all[child];
                (Step::Taskflow(child), flow.halts_at, flow.halt)
            } else {
                let run = jobs.runs.start(catalog, part, at, &origin);
                let run = &jobs.runs.all()[run];
                (Step::Job(run.serial), run.ended(), run.outcome())
            };
            self.all[index].steps.push(step);
            at = over;
            if !matches!(how, Outcome::Success | Outcome::Warning) {
                let halt = if outcome == Outcome::Suspended { outcome } else { Outcome::Failure };
                (self.all[index].halts_at, self.all[index].halt, self.all[index].halted_part) = (at, halt, number);
                return;
            }
        }
        let alone = task.parts.is_empty();
        let halt = match outcome {
            // What was to wait has been resumed.
            Outcome::Suspended if !alone || first > 0 => Outcome::Success,
            outcome => outcome,
        };
        let takes = if alone { task.spec.takes } else { Duration::ZERO };
        self.all[index].halted_part = task.parts.len().saturating_sub(1);
        (self.all[index].halts_at, self.all[index].halt) = (times::later(at, takes), halt);
    }

    /// Resumes a suspended taskflow at the step that failed, or at the next one. Gives whether it was suspended.
    pub(crate) fn resume(&mut self, jobs: &mut Jobs<'_>, index: usize, skip: bool, now: Timestamp) -> bool {
        let flow = &self.all[index];
        if flow.halted(now) != Some(Outcome::Suspended) {
            return false;
        }
        let alone = jobs.catalog.tasks[flow.task].parts.is_empty();
        // One without parts has only itself to repeat, and that goes well.
        let first = flow.halted_part + usize::from(skip || alone);
        self.plan(jobs, index, first, now, self.counters[flow.task]);
        if alone && skip {
            self.all[index].halts_at = now;
        }
        true
    }

    /// Ends a taskflow and its steps by a request. Gives whether it was running or suspended.
    pub(crate) fn terminate(&mut self, jobs: &mut Jobs<'_>, index: usize, now: Timestamp, user: &str) -> bool {
        if !self.all[index].is_open(now) {
            return false;
        }
        let stop = Stop::by_request(user, now, now, Outcome::Stopped);
        self.bring_down(jobs, index, now, stop.outcome, &|run| run.apply_stop(&stop));
        true
    }

    /// Ends or suspends a taskflow now, and ends the steps that run with it.
    pub(crate) fn end(&mut self, jobs: &mut Jobs<'_>, index: usize, outcome: Outcome, now: Timestamp) {
        let of_step = if outcome == Outcome::Suspended { Outcome::Failure } else { outcome };
        self.bring_down(jobs, index, now, of_step, &|run| run.end(of_step, now));
        self.all[index].halt = outcome;
    }

    /// Halts a taskflow now, with the taskflows and jobs in it. What had not begun never will.
    fn bring_down(
        &mut self,
        jobs: &mut Jobs<'_>,
        index: usize,
        now: Timestamp,
        outcome: Outcome,
        end_job: &dyn Fn(&mut Run),
    ) {
        let planned = std::mem::take(&mut self.all[index].steps);
        let count = planned.len();
        for step in planned {
            let began = match step {
                Step::Job(serial) => jobs.runs.bring_down(serial, now, end_job),
                Step::Taskflow(child) => {
                    if self.all[child].is_open(now) {
                        self.bring_down(jobs, child, now, outcome, end_job);
                    }
                    let began = self.all[child].began <= now;
                    if !began {
                        self.all[child].began = Timestamp::MAX;
                    }
                    began
                }
            };
            if began {
                self.all[index].steps.push(step);
            }
        }
        let flow = &mut self.all[index];
        flow.halted_part = flow.halted_part.saturating_sub(count - flow.steps.len());
        (flow.halts_at, flow.halt) = (now, outcome);
    }
}
