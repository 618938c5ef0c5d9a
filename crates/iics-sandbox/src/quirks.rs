//! How the service behaves where its sources disagree, and how long things take.

use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer};

use crate::duration;
use crate::kind::Outcome;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Timing {
    #[serde(deserialize_with = "time_or_never")]
    pub monitor_delay: Duration,
    #[serde(deserialize_with = "time_or_never")]
    pub log_gap: Duration,
    #[serde(deserialize_with = "time_or_never")]
    pub linger: Duration,
    #[serde(deserialize_with = "time")]
    pub queued: Duration,
    #[serde(deserialize_with = "time")]
    pub initialized: Duration,
    #[serde(deserialize_with = "time_or_never")]
    pub stop: Duration,
    #[serde(deserialize_with = "time_or_never")]
    pub clean_stop: Duration,
    #[serde(deserialize_with = "time")]
    pub session_life: Duration,
    #[serde(deserialize_with = "time_or_never")]
    pub session_total_life: Duration,
    #[serde(deserialize_with = "time")]
    pub jwt_life: Duration,
    pub clock_skew_s: i32,
}

/// The time that is written `never` in a scenario.
pub(crate) const NEVER: Duration = Duration::MAX;

impl Default for Timing {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            monitor_delay: seconds(1),
            log_gap: seconds(1),
            linger: Duration::ZERO,
            queued: Duration::ZERO,
            initialized: Duration::ZERO,
            stop: seconds(3),
            clean_stop: seconds(6),
            session_life: seconds(1800),
            session_total_life: NEVER,
            jwt_life: seconds(1800),
            clock_skew_s: 0,
        }
    }
}

impl Timing {
    pub(crate) fn skew(&self) -> SignedDuration {
        SignedDuration::from_secs(self.clock_skew_s.into())
    }

    /// What the runs of a task go through in turn so that each is late or lingers in another way, and none less than here.
    pub(crate) fn harsh(&self) -> Vec<Self> {
        let turn = |monitor_delay, linger, log_gap| Self {
            monitor_delay: self.monitor_delay.max(Duration::from_secs(monitor_delay)),
            linger: self.linger.max(Duration::from_secs(linger)),
            log_gap: self.log_gap.max(Duration::from_secs(log_gap)),
            queued: self.queued.max(Duration::from_secs(2)),
            initialized: self.initialized.max(Duration::from_secs(2)),
            ..self.clone()
        };
        // Ended in the monitor and then in neither list; in neither list at both ends; in both lists.
        vec![turn(3, 5, 25), turn(15, 0, 20), turn(3, 30, 3)]
    }
}

/// Which of several documented or observed behaviours the service shows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "these are switches")]
pub(crate) struct Quirks {
    pub login_refused_status: u16,
    pub expired_session_status: u16,
    pub expired_session_body: Page,
    /// Where a login sends its client, if not to the host by which the client came.
    pub server_url: Option<String>,
    pub session: SessionForm,
    pub session_length: usize,
    pub refusal_status: u16,
    pub unknown_path_status: u16,
    pub name_anywhere: bool,
    pub id_anywhere: bool,
    pub second_start_refused: bool,
    pub run_id_text: bool,
    pub api_context: String,
    pub stop_nothing_refused: bool,
    pub stop_waits: bool,
    pub clean_stop_ends: Outcome,
    pub is_stopped: bool,
    pub stopped_state: u8,
    pub monitor_type: String,
    pub monitor_utc: bool,
    pub monitor_filters: bool,
    pub run_id_alone: bool,
    pub federated_id_in_log: bool,
    /// The state of runs that are not over, if the log lists them too.
    pub unfinished_state: Option<u8>,
    pub lookup_missing: Missing,
    /// Whether the v2 task list knows linear taskflows, which no documentation says.
    pub workflow_in_task_list: bool,
    pub taskflow_run_id_digits: u8,
    pub taskflow_run_id_text: bool,
    pub taskflow_plain_start: bool,
    pub taskflow_running_end: NoEnd,
    pub taskflow_terminated: String,
    pub ingestion_run_id_key: String,
    pub ingestion_run_id_text: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            login_refused_status: 401,
            expired_session_status: 401,
            expired_session_body: Page::Json,
            server_url: None,
            session: SessionForm::Plain,
            session_length: 22,
            refusal_status: 403,
            unknown_path_status: 404,
            name_anywhere: false,
            id_anywhere: true,
            second_start_refused: false,
            run_id_text: false,
            api_context: "REST_API_V2".to_owned(),
            stop_nothing_refused: false,
            stop_waits: true,
            clean_stop_ends: Outcome::Stopped,
            is_stopped: true,
            stopped_state: 3,
            monitor_type: "activityMonitoryEntry".to_owned(),
            monitor_utc: true,
            monitor_filters: false,
            run_id_alone: true,
            federated_id_in_log: false,
            unfinished_state: None,
            lookup_missing: Missing::Omit,
            workflow_in_task_list: true,
            taskflow_run_id_digits: 18,
            taskflow_run_id_text: false,
            taskflow_plain_start: false,
            taskflow_running_end: NoEnd::TextNull,
            taskflow_terminated: "FAILED".to_owned(),
            ingestion_run_id_key: "runId".to_owned(),
            ingestion_run_id_text: false,
        }
    }
}

/// The body of an answer for which none is documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Page {
    Json,
    Html,
    Empty,
}

/// What a login gives as the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(rename_all = "snake_case")]
pub(crate) enum SessionForm {
    Plain,
    Jwt,
}

/// How lookup answers for an object that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Missing {
    Omit,
    /// Status 400.
    Error,
    Forbidden,
    NotFound,
}

/// The `endTime` of a taskflow that has none yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(rename_all = "snake_case")]
pub(crate) enum NoEnd {
    /// The text "null".
    TextNull,
    Empty,
    Null,
    Absent,
}

pub(crate) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    duration::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// A duration, or `never`.
pub(crate) fn time_or_never<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "never" => Ok(NEVER),
        text => duration::parse(text).map_err(serde::de::Error::custom),
    }
}

/// A duration, or `never`; without it the time of the scenario counts.
pub(crate) fn own_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    time_or_never(deserializer).map(Some)
}
