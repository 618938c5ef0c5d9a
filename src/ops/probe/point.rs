//! A point: something that the wire contract leaves open or only guesses, and how an observation decides it.

use crate::ops::probe::evidence::Evidence;
use crate::ops::probe::record::{Conduct, Record};

/// How sure the contract is of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sureness {
    Documented,
    /// In recorded answers.
    Recorded,
    /// Clients rely on it.
    Clients,
    Guess,
    /// Sources disagree.
    Disputed,
    /// Nothing is known.
    Open,
}

impl Sureness {
    /// The word in the report, which scripts compare.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Recorded => "recorded",
            Self::Clients => "clients",
            Self::Guess => "guess",
            Self::Disputed => "disputed",
            Self::Open => "open",
        }
    }
}

/// What must have been asked for so that a point can be observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    Job,
    Ingestion,
    Stop,
    Callback,
    FederatedId,
    /// It cannot be observed safely, for this reason.
    Never(&'static str),
}

impl Needs {
    /// What is missing; none when the point can be observed.
    fn missing(self, conduct: &Conduct) -> Option<&'static str> {
        const NO_JOB: &str = "only with a task of another type: file ingestion is in neither list";
        let is_job = conduct.is_job();
        match self {
            Self::Never(why) => Some(why),
            Self::Ingestion if is_job => Some("only with a file ingestion task"),
            Self::Job | Self::Stop | Self::Callback | Self::FederatedId if !is_job => Some(NO_JOB),
            Self::Stop if !conduct.stop => Some("only with --stop"),
            Self::Callback if !conduct.callback => Some("only with --callback-url"),
            Self::FederatedId if !conduct.has_federated_id => {
                Some("only when the task is named by path or federated ID")
            }
            Self::Nothing | Self::Job | Self::Ingestion | Self::Stop | Self::Callback | Self::FederatedId => None,
        }
    }
}

/// One point.
pub(crate) struct Point {
    /// Stable: the key in the report.
    pub key: &'static str,
    /// The section of the wire contract.
    pub section: &'static str,
    pub sureness: Sureness,
    /// What the contract says.
    pub statement: &'static str,
    /// What the probe asks to find out.
    pub asked: &'static str,
    pub needs: Needs,
    /// The label of the request without which nothing can be seen.
    pub label: &'static str,
    judge: fn(&Record) -> Option<Evidence>,
}

impl Point {
    /// A point that a task of the job resource shows.
    pub(crate) const fn new(
        key: &'static str,
        section: &'static str,
        sureness: Sureness,
        statement: &'static str,
        asked: &'static str,
        label: &'static str,
        judge: fn(&Record) -> Option<Evidence>,
    ) -> Self {
        Self { key, section, sureness, statement, asked, needs: Needs::Job, label, judge }
    }

    pub(crate) const fn needing(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }

    pub(crate) fn finding(&self, record: &Record) -> Evidence {
        let conduct = &record.conduct;
        if let Some(why) = self.needs.missing(conduct) {
            return Evidence::not_observed(why);
        }
        (self.judge)(record).unwrap_or_else(|| {
            let skipped = conduct.skipped.iter().find(|(label, _)| *label == self.label).map(|(_, why)| *why);
            let why = if conduct.is_complete { "no answer showed it" } else { "the probe ended before" };
            Evidence::not_observed(skipped.unwrap_or(why))
        })
    }
}

/// Of a point that is never observed.
pub(crate) fn never(_: &Record) -> Option<Evidence> {
    None
}
