//! The life of taskflows: steps one after the other, a halt where one fails, and what brings it on or ends it. Leaves the
//! runs of mapping tasks, which are its steps, to `runs`, and the bodies to `taskflows`.

use std::time::Duration;

use jiff::Timestamp;

use crate::catalog::Catalog;
use crate::kind::{End, Kind};
use crate::runs::{Origin, Runs, Stop};
use crate::times;

/// One run of a taskflow.
#[derive(Debug, Clone)]
pub(crate) struct TaskflowRun {
    pub task: usize,
    pub run_id: u64,
    pub began: Timestamp,
    pub origin: Origin,
    /// The name given to this run.
    pub name: Option<String>,
    pub steps: Vec<Step>,
    /// When it ends or waits for somebody.
    pub halts: Timestamp,
    how: Halt,
    /// Which of the task's parts it halts at.
    at: usize,
}

/// What a taskflow has run.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// The serial number of a run.
    Run(usize),
    /// The place of a taskflow.
    Flow(usize),
}

/// How a taskflow halts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Halt {
    Success,
    Warning,
    Failed,
    Suspended,
    Terminated,
}

impl TaskflowRun {
    /// How it stands; none while it runs.
    pub(crate) fn halted(&self, now: Timestamp) -> Option<Halt> {
        (now >= self.halts).then_some(self.how)
    }

    fn is_open(&self, now: Timestamp) -> bool {
        matches!(self.halted(now), None | Some(Halt::Suspended))
    }
}

/// All runs of all taskflows.
#[derive(Debug)]
pub(crate) struct TaskflowRuns {
    all: Vec<TaskflowRun>,
    first_id: u64,
    counters: Vec<u64>,
}

/// What a taskflow starts its other steps with.
pub(crate) struct Jobs<'s> {
    pub catalog: &'s Catalog,
    pub runs: &'s mut Runs,
}

impl TaskflowRuns {
    /// The run IDs have so many digits, 18 to 20.
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

    /// Begins a taskflow. Gives its place.
    pub(crate) fn start(
        &mut self,
        jobs: &mut Jobs<'_>,
        task: usize,
        now: Timestamp,
        origin: &Origin,
        name: Option<String>,
    ) -> usize {
        let place = self.all.len();
        self.counters[task] += 1;
        self.all.push(TaskflowRun {
            task,
            run_id: self.first_id + place as u64 * 4_096_013,
            began: now,
            origin: origin.clone(),
            name,
            steps: Vec::new(),
            halts: now,
            how: Halt::Success,
            at: 0,
        });
        self.plan(jobs, place, 0, now, self.counters[task]);
        place
    }

    /// Runs the parts from one on, up to the first that fails.
    fn plan(&mut self, jobs: &mut Jobs<'_>, place: usize, first: usize, now: Timestamp, turn: u64) {
        let catalog = jobs.catalog;
        let task = &catalog.tasks[self.all[place].task];
        let end = task.spec.end_of(turn);
        let origin = Origin { taskflow: Some(task.federated_id.clone()), ..self.all[place].origin.clone() };
        let mut at = now;
        for (index, &part) in task.parts.iter().enumerate().skip(first) {
            let (step, over, went_well) = if catalog.tasks[part].spec.kind == Kind::Taskflow {
                let child = self.start(jobs, part, at, &origin, None);
                let flow = &self.all[child];
                (Step::Flow(child), flow.halts, matches!(flow.how, Halt::Success | Halt::Warning))
            } else {
                let run = jobs.runs.start(catalog, part, at, &origin);
                let run = &jobs.runs.all()[run];
                (Step::Run(run.serial), run.ended(), matches!(run.outcome(), End::Success | End::Warning))
            };
            self.all[place].steps.push(step);
            at = over;
            if !went_well {
                let how = if end == End::Suspended { Halt::Suspended } else { Halt::Failed };
                (self.all[place].halts, self.all[place].how, self.all[place].at) = (at, how, index);
                return;
            }
        }
        let alone = task.parts.is_empty();
        let how = match end {
            End::Suspended if alone && first == 0 => Halt::Suspended,
            End::Failure | End::NoAgent | End::OtherInstance => Halt::Failed,
            End::Warning => Halt::Warning,
            End::Stopped => Halt::Terminated,
            End::Success | End::Suspended => Halt::Success,
        };
        let takes = if alone { task.spec.takes } else { Duration::ZERO };
        (self.all[place].halts, self.all[place].how) = (times::later(at, takes), how);
    }

    /// Brings a suspended taskflow on: from the step that failed, or from the one behind it. Gives whether it was suspended.
    pub(crate) fn resume(&mut self, jobs: &mut Jobs<'_>, place: usize, skip: bool, now: Timestamp) -> bool {
        let flow = &self.all[place];
        if flow.halted(now) != Some(Halt::Suspended) {
            return false;
        }
        let alone = jobs.catalog.tasks[flow.task].parts.is_empty();
        // One without parts has only itself to repeat, and that goes well.
        let first = flow.at + usize::from(skip || alone);
        self.plan(jobs, place, first, now, self.counters[flow.task]);
        if alone && skip {
            self.all[place].halts = now;
        }
        true
    }

    /// Ends a taskflow and what it runs. Gives whether there was anything to end.
    pub(crate) fn terminate(&mut self, jobs: &mut Jobs<'_>, place: usize, now: Timestamp, user: &str) -> bool {
        if !self.all[place].is_open(now) {
            return false;
        }
        (self.all[place].halts, self.all[place].how) = (now, Halt::Terminated);
        let text = format!("The job was stopped by user {user} using the API.");
        let stop = Stop { asked: now, down: now, text, end: End::Stopped };
        for step in self.all[place].steps.clone() {
            match step {
                Step::Run(serial) => jobs.runs.call_off(serial, &stop),
                Step::Flow(child) => {
                    self.terminate(jobs, child, now, user);
                }
            }
        }
        true
    }
}
