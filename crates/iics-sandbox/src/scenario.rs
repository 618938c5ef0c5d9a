//! What the simulated service has in it: the scenario file and the built-in one. Leaves how it behaves to `quirks`, and
//! playing it to the other files.

use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;

use crate::faults::Fault;
use crate::kind::{Kind, Outcome};
use crate::quirks::{Quirks, Timing, own_time, time};

/// The built-in scenario, which explains the format.
pub const DEFAULT_SCENARIO: &str = include_str!("default.toml");

/// Why a text is not a scenario. The messages are single lines.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ScenarioError {
    /// The text is not TOML, has an unknown key, or has a value that does not fit its key.
    #[error("line {line}, column {column}: {message}")]
    Toml {
        /// Counted from 1.
        line: usize,
        /// Counted in characters from 1.
        column: usize,
        /// Has no line breaks.
        message: String,
    },
    /// A taskflow has a part that is no task of the scenario.
    #[error("the task '{task}' has the part '{part}', but the scenario has no task of that name")]
    NoPart {
        /// The taskflow, linear or not.
        task: String,
        /// The name that no task has.
        part: String,
    },
    /// A key is given to a task of a type to which it does not apply.
    #[error("the task '{task}' is of type {kind}, to which {setting} does not apply")]
    NotFor {
        /// The name of the task.
        task: String,
        /// The type, as the service spells it.
        kind: &'static str,
        /// The key, or the value in quotes.
        setting: &'static str,
    },
}

impl ScenarioError {
    fn from_toml(error: &toml::de::Error, text: &str) -> Self {
        let place = error.span().map_or(0, |span| span.start.min(text.len()));
        let before = String::from_utf8_lossy(&text.as_bytes()[..place]);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let message = error.message().lines().collect::<Vec<_>>().join("; ");
        Self::Toml { line: before.matches('\n').count() + 1, column, message }
    }
}

/// A scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// The organisation's ID of six characters.
    pub org: String,
    pub(crate) accounts: Vec<Account>,
    pub(crate) timing: Timing,
    pub(crate) quirks: Quirks,
    /// The faults to inject.
    pub faults: Vec<Fault>,
    pub(crate) task: Vec<TaskSpec>,
    /// Rows of other people's jobs that the monitor shows for ever.
    pub(crate) foreign_rows: u32,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            org: "00SBX1".to_owned(),
            accounts: vec![Account { username: "sandbox".to_owned(), password: "sandbox".to_owned() }],
            timing: Timing::default(),
            quirks: Quirks::default(),
            faults: Vec::new(),
            task: Vec::new(),
            foreign_rows: 0,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    pub username: String,
    pub password: String,
}

/// A task, or many of one kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaskSpec {
    pub name: String,
    #[serde(rename = "type", default = "mapping_task")]
    pub kind: Kind,
    #[serde(default = "default_folder")]
    pub folder: String,
    #[serde(default = "six_seconds", deserialize_with = "time")]
    pub takes: Duration,
    #[serde(default)]
    pub ends: Vec<Outcome>,
    #[serde(default)]
    pub error: Option<String>,
    #[serde(default = "thousand")]
    pub rows: u64,
    #[serde(default)]
    pub rejected: u64,
    #[serde(default)]
    pub parts: Vec<String>,
    /// Whether somebody's run of it is under way since before the sandbox began, for days.
    #[serde(default)]
    pub busy: bool,
    /// Runs in the log from the beginning.
    #[serde(default)]
    pub past_runs: u32,
    /// So many tasks, with `_1`, `_2` ... behind the name.
    #[serde(default)]
    pub count: u32,
    #[serde(default, deserialize_with = "own_time")]
    monitor_delay: Option<Duration>,
    #[serde(default, deserialize_with = "own_time")]
    log_gap: Option<Duration>,
    #[serde(default, deserialize_with = "own_time")]
    linger: Option<Duration>,
    #[serde(default, deserialize_with = "own_time")]
    queued: Option<Duration>,
    #[serde(default, deserialize_with = "own_time")]
    initialized: Option<Duration>,
    #[serde(default, deserialize_with = "own_time")]
    stop: Option<Duration>,
    #[serde(default, deserialize_with = "own_time")]
    clean_stop: Option<Duration>,
    #[serde(default)]
    pub clean_stop_ends: Option<Outcome>,
    /// The name under which a taskflow is called, if it is not its own.
    #[serde(default)]
    pub api_name: Option<String>,
    #[serde(default = "yes")]
    pub published: bool,
    /// Whether the users of this service may call it.
    #[serde(default = "yes")]
    pub allowed: bool,
}

fn yes() -> bool {
    true
}

impl TaskSpec {
    /// How the run of a number ends if nobody stops it: by its turn in the list, whose last word stays.
    pub(crate) fn outcome_of(&self, run_id: u64) -> Outcome {
        let turn = usize::try_from(run_id - 1).unwrap_or(usize::MAX);
        *self.ends.get(turn).or(self.ends.last()).unwrap_or(&Outcome::Success)
    }

    /// The name under which a taskflow is called.
    pub(crate) fn api_name(&self) -> &str {
        self.api_name.as_deref().unwrap_or(&self.name)
    }

    /// A setting that its type has no use for.
    fn misplaced(&self) -> Option<&'static str> {
        let is_taskflow = self.kind == Kind::Taskflow;
        [
            ("parts", !self.parts.is_empty() && !is_taskflow && self.kind != Kind::Workflow),
            ("'suspended'", self.ends.contains(&Outcome::Suspended) && !is_taskflow),
            ("'no_agent'", self.ends.contains(&Outcome::NoAgent) && !self.kind.is_job()),
            ("busy", self.busy && !self.kind.is_job()),
            ("api_name", self.api_name.is_some() && !is_taskflow),
            ("published", !self.published && !is_taskflow),
            ("allowed", !self.allowed && !is_taskflow),
        ]
        .iter()
        .find_map(|(setting, misplaced)| misplaced.then_some(*setting))
    }

    /// The scenario's times with this task's own in their place.
    pub(crate) fn timing(&self, common: &Timing) -> Timing {
        Timing {
            monitor_delay: self.monitor_delay.unwrap_or(common.monitor_delay),
            log_gap: self.log_gap.unwrap_or(common.log_gap),
            linger: self.linger.unwrap_or(common.linger),
            queued: self.queued.unwrap_or(common.queued),
            initialized: self.initialized.unwrap_or(common.initialized),
            stop: self.stop.unwrap_or(common.stop),
            clean_stop: self.clean_stop.unwrap_or(common.clean_stop),
            ..common.clone()
        }
    }
}

fn mapping_task() -> Kind {
    Kind::Mtt
}

fn default_folder() -> String {
    "Default".to_owned()
}

fn six_seconds() -> Duration {
    Duration::from_secs(6)
}

fn thousand() -> u64 {
    1000
}

impl Scenario {
    /// The scenario that is played when none is given.
    pub fn built_in() -> Self {
        Self::parse(DEFAULT_SCENARIO).unwrap_or_default()
    }

    /// Reads a scenario file.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let text = text.trim_start_matches('\u{feff}');
        let mut scenario: Self = toml::from_str(text).map_err(|error| ScenarioError::from_toml(&error, text))?;
        scenario.task = scenario.task.into_iter().flat_map(several).collect();
        for task in &scenario.task {
            if let Some(part) = task.parts.iter().find(|part| !scenario.task.iter().any(|task| task.name == **part)) {
                return Err(ScenarioError::NoPart { task: task.name.clone(), part: part.clone() });
            }
            if let Some(setting) = task.misplaced() {
                return Err(ScenarioError::NotFor { task: task.name.clone(), kind: task.kind.code(), setting });
            }
        }
        Ok(scenario)
    }
}

fn several(task: TaskSpec) -> Vec<TaskSpec> {
    if task.count == 0 {
        return vec![task];
    }
    (1..=task.count).map(|number| TaskSpec { name: format!("{}_{number}", task.name), ..task.clone() }).collect()
}
