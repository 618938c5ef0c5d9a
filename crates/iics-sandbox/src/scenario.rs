//! The scenario file: which tasks exist, how their runs end, and how the service behaves.

use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;

use crate::faults::Fault;
use crate::kind::{Kind, Outcome};
use crate::quirks::{Quirks, Timing, own_time, time};

/// The built-in scenario. Its comments explain the format, every key and every fault.
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
    /// A taskflow is a part of itself, directly or through its parts.
    #[error("the task '{task}' is a part of itself, directly or through its parts")]
    Circle {
        /// The taskflow, linear or not.
        task: String,
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

/// A scenario: tasks, accounts, times, quirks and faults. Only the fields that tests change are public.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// The ID of the organisation, with which all v2 IDs begin. It has six characters or more.
    pub org: String,
    pub(crate) accounts: Vec<Account>,
    pub(crate) timing: Timing,
    pub(crate) quirks: Quirks,
    /// Of several faults that fit a call, the first one strikes.
    pub faults: Vec<Fault>,
    pub(crate) task: Vec<TaskSpec>,
    /// Whether every run is late in one list or lingers in another.
    pub(crate) harsh: bool,
    /// How many jobs of other people the monitor always shows.
    pub(crate) foreign_rows: u32,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            org: "00SBX1".to_owned(),
            accounts: vec![Account {
                username: "sandbox".to_owned(),
                password: Some("sandbox".to_owned()),
                tokens: Vec::new(),
            }],
            timing: Timing::default(),
            quirks: Quirks::default(),
            faults: Vec::new(),
            task: Vec::new(),
            harsh: false,
            foreign_rows: 0,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    pub username: String,
    /// A SAML user has none.
    pub password: Option<String>,
    /// The JSON Web Tokens of the identity provider that log the account in. Without any, see [`Account::takes`].
    #[serde(default)]
    pub tokens: Vec<String>,
}

impl Account {
    pub(crate) fn has(&self, name: &str, password: &str) -> bool {
        self.username == name && self.password.as_deref() == Some(password)
    }

    /// Whether a token of the identity provider is one of this account.
    pub(crate) fn takes(&self, token: &str) -> bool {
        if self.tokens.is_empty() { token.starts_with("sandbox-") } else { self.tokens.iter().any(|own| own == token) }
    }
}

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
    /// Whether a run of somebody else is active from the beginning, for days.
    #[serde(default)]
    pub busy: bool,
    /// How many runs the log has from the beginning.
    #[serde(default)]
    pub past_runs: u32,
    /// If not 0, there are this many tasks, named with the suffixes `_1`, `_2` and so on.
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
    /// The API name of a taskflow, if it is not its name.
    #[serde(default)]
    pub api_name: Option<String>,
    #[serde(default = "yes")]
    pub published: bool,
    /// Whether the accounts may run it.
    #[serde(default = "yes")]
    pub allowed: bool,
}

fn yes() -> bool {
    true
}

impl TaskSpec {
    /// How a run ends if nobody stops it. The runs take the outcomes in turn, and the last one repeats.
    pub(crate) fn outcome_of(&self, run_id: u64) -> Outcome {
        let turn = usize::try_from(run_id - 1).unwrap_or(usize::MAX);
        *self.ends.get(turn).or(self.ends.last()).unwrap_or(&Outcome::Success)
    }

    pub(crate) fn api_name(&self) -> &str {
        self.api_name.as_deref().unwrap_or(&self.name)
    }

    /// A key that does not apply to the type.
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

    /// The times of the scenario, with those of this task in their place.
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
    /// Parses [`DEFAULT_SCENARIO`].
    pub fn built_in() -> Self {
        Self::parse(DEFAULT_SCENARIO).unwrap_or_default()
    }

    /// The same, but every run is late in one list or lingers in another. Longer times of the scenario stay.
    #[must_use]
    pub fn harsh(self) -> Self {
        Self { harsh: true, ..self }
    }

    /// Parses the text of a scenario file. A byte order mark is accepted.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let text = text.trim_start_matches('\u{feff}');
        let mut scenario: Self = toml::from_str(text).map_err(|error| ScenarioError::from_toml(&error, text))?;
        scenario.task = scenario.task.into_iter().flat_map(several).collect();
        for (index, task) in scenario.task.iter().enumerate() {
            if let Some(part) = task.parts.iter().find(|part| scenario.part(task, part).is_none()) {
                return Err(ScenarioError::NoPart { task: task.name.clone(), part: part.clone() });
            }
            if let Some(setting) = task.misplaced() {
                return Err(ScenarioError::NotFor { task: task.name.clone(), kind: task.kind.code(), setting });
            }
            if scenario.is_inside_itself(index) {
                return Err(ScenarioError::Circle { task: task.name.clone() });
            }
        }
        Ok(scenario)
    }

    /// Which task is the part of this name, the one in the same folder if there is one.
    fn part(&self, task: &TaskSpec, name: &str) -> Option<usize> {
        let is_near = |other: &TaskSpec| other.name == name && other.folder == task.folder;
        let near = self.task.iter().position(is_near);
        near.or_else(|| self.task.iter().position(|other| other.name == name))
    }

    pub(crate) fn parts<'s>(&'s self, task: &'s TaskSpec) -> impl Iterator<Item = usize> + 's {
        task.parts.iter().filter_map(|name| self.part(task, name))
    }

    fn is_inside_itself(&self, task: usize) -> bool {
        let mut inside: Vec<usize> = self.parts(&self.task[task]).collect();
        let mut next = 0;
        while let Some(&part) = inside.get(next) {
            next += 1;
            let new: Vec<usize> = self.parts(&self.task[part]).filter(|part| !inside.contains(part)).collect();
            inside.extend(new);
        }
        inside.contains(&task)
    }
}

fn several(task: TaskSpec) -> Vec<TaskSpec> {
    if task.count == 0 {
        return vec![task];
    }
    (1..=task.count).map(|number| TaskSpec { name: format!("{}_{number}", task.name), ..task.clone() }).collect()
}
