//! Everything that a probe saw, and what it was asked to do: all that the points are judged by.

use std::time::Duration;

use crate::api::observing::shape::Fields;
use crate::api::observing::word::Word;
use crate::api::observing::{Observation, ObservedReply};
use crate::api::transport::Operation;
use crate::job::{Engine, TaskSelector, TaskType};

/// The labels of requests. The runs of a probe have the polls of both lists in common.
pub(crate) mod label {
    pub(crate) const START: &str = "start";
    pub(crate) const REFUSED_START: &str = "refused start";
    pub(crate) const SECOND_START: &str = "second start";
    pub(crate) const MONITOR: &str = "monitor";
    pub(crate) const LOG: &str = "log";
    pub(crate) const STOP: &str = "stop";
    pub(crate) const CLEAN_STOP: &str = "clean stop";
    pub(crate) const STOP_OF_NOTHING: &str = "stop of nothing";
    pub(crate) const MONITOR_DETAILS: &str = "monitor with details";
    pub(crate) const MONITOR_PLAIN: &str = "monitor without details";
    pub(crate) const MONITOR_FILTER: &str = "monitor with a filter";
    pub(crate) const LOG_DEFAULT: &str = "log of the task";
    pub(crate) const LOG_FIRST: &str = "log, first row";
    pub(crate) const LOG_SECOND: &str = "log, second row";
    pub(crate) const LOG_BEYOND: &str = "log, beyond its end";
    pub(crate) const LOG_MOST: &str = "log, 1001 rows";
    pub(crate) const LOG_RUN_ALONE: &str = "log, run ID alone";
    pub(crate) const LOG_FEDERATED: &str = "log, federated ID";
    pub(crate) const LOG_ENTRY: &str = "log entry";
    pub(crate) const LOOKUP_HIT: &str = "lookup, found";
    pub(crate) const LOOKUP_MISS: &str = "lookup, not found";
    pub(crate) const LOOKUP_MIXED: &str = "lookup, one of two found";
    pub(crate) const UNKNOWN_PATH: &str = "unknown path";
    pub(crate) const LINEAR_TASKFLOWS: &str = "list of linear taskflows";
    pub(crate) const NO_SESSION_V2: &str = "v2 without a session";
    pub(crate) const NO_SESSION_V3: &str = "v3 without a session";
    pub(crate) const INGESTION_STATUS: &str = "ingestion status";
    /// Requests that are sent for the probe's own sake.
    pub(crate) const OTHER: &str = "other";
}

/// The runs that are started and watched.
pub(crate) const TO_ITS_END: &str = "to its end";

/// What the probe was asked to do, and what became of its parts.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "these are facts of their own")]
pub(crate) struct Conduct {
    pub kind: TaskType,
    pub stop: bool,
    pub callback: bool,
    /// How the starts address the task.
    pub addressed_by: &'static str,
    /// Whether it is in the Default folder, where that is known.
    pub in_default: Option<bool>,
    pub has_federated_id: bool,
    /// Which run was started for what, by their indices.
    pub runs: Vec<&'static str>,
    /// Labels of what was left out, with why.
    pub skipped: Vec<(&'static str, &'static str)>,
    pub is_complete: bool,
}

impl Conduct {
    pub(crate) fn is_job(&self) -> bool {
        self.kind.engine() == Engine::Jobs
    }

    pub(crate) fn addressing(selector: &TaskSelector) -> &'static str {
        match selector {
            TaskSelector::Id(_) => "taskId",
            TaskSelector::FederatedId(_) => "taskFederatedId",
            TaskSelector::Name(_) | TaskSelector::Path(_) => "taskName",
        }
    }

    /// The index of the run that was started for this.
    pub(crate) fn run(&self, purpose: &str) -> Option<usize> {
        self.runs.iter().position(|other| *other == purpose)
    }
}

pub(crate) struct Record {
    pub conduct: Conduct,
    pub seen: Vec<Observation>,
}

impl Record {
    fn all(&self, label: &str) -> impl Iterator<Item = &Observation> {
        self.seen.iter().filter(move |one| one.label == label)
    }

    /// The last answer to a request with this label.
    pub(crate) fn reply(&self, label: &str) -> Option<&ObservedReply> {
        self.all(label).filter_map(|one| one.reply.as_ref()).last()
    }

    /// The last request with this label that changed something, with its answer.
    pub(crate) fn change(&self, label: &str) -> Option<(&Observation, &ObservedReply)> {
        let changes = self.all(label).filter(|one| matches!(one.operation, Operation::Start | Operation::Stop));
        changes.filter_map(|one| Some((one, one.reply.as_ref()?))).last()
    }

    /// The same of one run.
    pub(crate) fn change_about(&self, label: &str, run: usize) -> Option<(&Observation, &ObservedReply)> {
        let changes =
            self.polls(label, run).filter(|(one, _)| matches!(one.operation, Operation::Start | Operation::Stop));
        changes.last()
    }

    /// The answers to the polls of a list about a run.
    pub(crate) fn polls(&self, label: &str, run: usize) -> impl Iterator<Item = (&Observation, &ObservedReply)> {
        let about = self.all(label).filter(move |one| one.about == Some(run));
        about.filter_map(|one| Some((one, one.reply.as_ref()?)))
    }

    /// A row of the monitor about any run of the probe.
    pub(crate) fn monitored(&self) -> Option<&Fields> {
        let mut replies = self.all(label::MONITOR).filter_map(|one| one.reply.as_ref());
        replies.find_map(|reply| reply.shape.rows()?.ours.first())
    }

    /// The run that goes to its end.
    pub(crate) fn main_run(&self) -> Option<usize> {
        self.conduct.run(TO_ITS_END)
    }

    /// Its final row in the log.
    pub(crate) fn main_row(&self) -> Option<&Fields> {
        self.logged(self.main_run()?)
    }

    /// The final row of a run in the log.
    pub(crate) fn logged(&self, run: usize) -> Option<&Fields> {
        self.polls(label::LOG, run).filter_map(|(_, reply)| final_row(reply, run)).last()
    }
}

/// The row of a run in an answer of the log, if it is final.
pub(crate) fn final_row(reply: &ObservedReply, run: usize) -> Option<&Fields> {
    reply.shape.rows()?.of_run(run).filter(|row| matches!(row.number("state"), Some(1..=3)))
}

/// The states in which the monitor calls a run over.
pub(crate) fn is_over(row: &Fields) -> bool {
    row.word("executionState").is_some_and(|state| matches!(state.as_str(), "COMPLETED" | "FAILED"))
}

/// Between which readings of the clock something happened: when it was not so yet, and when it was.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Between {
    pub not_yet: Duration,
    pub seen: Duration,
}

/// When a run came into the lists and left them.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    pub shown: Option<Between>,
    pub gone: Option<Between>,
    pub logged: Option<Between>,
    /// Its states in the monitor, each once.
    pub states: Vec<Word>,
    /// Whether the monitor had it at the same time as the log.
    pub in_both: bool,
    /// Whether it was seen in neither list after the monitor had it.
    pub in_neither: bool,
    /// Whether the monitor had it with a state that says that it is over.
    pub over_in_monitor: bool,
    /// The state of a row in the log that is not final.
    pub unfinished_state: Option<u64>,
    /// By the service's clock, how long after the end the log did not have the run yet, and had it.
    pub end_to_log_s: Option<(i64, i64)>,
}

impl Timeline {
    /// Of the run that goes to its end.
    pub(crate) fn of_main(record: &Record) -> Option<Self> {
        Some(Self::of(record, record.main_run()?))
    }

    pub(crate) fn of(record: &Record, run: usize) -> Self {
        let mut timeline = Self::default();
        let start = record.all(label::START).find(|one| one.about == Some(run));
        let mut absent_since = start.map_or(Duration::ZERO, |start| start.sent_at);
        for (poll, reply) in record.polls(label::MONITOR, run) {
            let Some(rows) = reply.shape.rows() else { continue };
            match rows.of_run(run) {
                Some(row) => {
                    let seen = Between { not_yet: absent_since, seen: poll.done_at };
                    timeline.shown.get_or_insert(seen);
                    // It may come back: the last time that it goes counts.
                    timeline.gone = None;
                    let state = row.word("executionState").filter(|state| timeline.states.last() != Some(*state));
                    timeline.states.extend(state.cloned());
                    timeline.over_in_monitor |= is_over(row);
                    absent_since = poll.sent_at;
                }
                None => {
                    if timeline.shown.is_some() {
                        timeline.gone.get_or_insert(Between { not_yet: absent_since, seen: poll.done_at });
                    } else {
                        absent_since = poll.sent_at;
                    }
                }
            }
        }
        timeline.read_log(record, run, start.map_or(Duration::ZERO, |start| start.sent_at));
        timeline
    }

    fn read_log(&mut self, record: &Record, run: usize, started: Duration) {
        let mut not_yet = (started, None);
        for (poll, reply) in record.polls(label::LOG, run) {
            let Some(rows) = reply.shape.rows() else { continue };
            if let Some(row) = final_row(reply, run) {
                self.logged.get_or_insert(Between { not_yet: not_yet.0, seen: poll.done_at });
                let since = |date: Option<jiff::Timestamp>| Some(date?.duration_since(row.ended_at?).as_secs().max(0));
                if let (None, Some(seen)) = (self.end_to_log_s, since(reply.date)) {
                    self.end_to_log_s = Some((since(not_yet.1).unwrap_or(0), seen));
                }
                continue;
            }
            not_yet = (poll.sent_at, reply.date);
            self.unfinished_state = rows.of_run(run).and_then(|row| row.number("state")).or(self.unfinished_state);
            self.in_neither |= self.gone.is_some_and(|gone| poll.sent_at >= gone.not_yet && poll.done_at >= gone.seen);
        }
        let Some(logged) = self.logged else { return };
        let after = |(poll, _): &(&Observation, &ObservedReply)| poll.sent_at >= logged.seen;
        let has = |(_, reply): (&Observation, &ObservedReply)| {
            reply.shape.rows().is_some_and(|rows| rows.of_run(run).is_some())
        };
        self.in_both = record.polls(label::MONITOR, run).filter(after).any(has);
    }
}
