//! A row of the activity monitor or of the activity log. Every field may be absent, null, of another type or given twice:
//! the first value that can be used counts.

use std::fmt;

use jiff::Timestamp;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer as _};
use serde_json::value::RawValue;

use crate::api::wire::lenient::repaired;
use crate::job::{
    Activity, ClassifiedBy, Count, Moment, Outcome, Rows, RunId, RunProgress, RunResult, StartInfo, Subtask,
};

/// Parts of parts are read to this depth. A linear taskflow has two levels.
const DEEPEST: usize = 32;

/// The monitor says `taskId` where the log says `objectId`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    Monitor,
    Log,
}

/// A row, or one of its parts.
#[derive(Debug, Default)]
pub struct Row {
    pub kind: Option<String>,
    pub task_id: Option<String>,
    pub run_id: Option<u64>,
    pub state: Option<u64>,
    pub parts: Vec<Row>,
    /// Whether there are parts that cannot be read.
    pub has_odd_parts: bool,
    id: Option<String>,
    task_name: Option<String>,
    object_name: Option<String>,
    agent_id: Option<String>,
    start_time: Option<String>,
    end_time: Option<String>,
    start_time_utc: Option<String>,
    end_time_utc: Option<String>,
    is_stopped: Option<bool>,
    execution_state: Option<String>,
    error_msg: Option<String>,
    success_source_rows: Option<u64>,
    failed_source_rows: Option<u64>,
    success_target_rows: Option<u64>,
    failed_target_rows: Option<u64>,
    started_by: Option<String>,
    run_context_type: Option<String>,
    /// Parts that are not shown, but say whether something ran.
    inner: Vec<Row>,
}

impl Row {
    /// The row that an element of a list is; none when it is not an object, or broken beyond repair.
    pub fn read(element: &[u8], list: List) -> Option<Self> {
        let strict = std::str::from_utf8(element).ok().and_then(|text| parse(text, list, 0).ok());
        strict.or_else(|| parse(&repaired(element), list, 0).ok())
    }

    pub fn name(&self) -> Option<String> {
        self.task_name.as_ref().or(self.object_name.as_ref()).cloned()
    }

    fn rows(&self) -> Rows {
        let count = |ok: Option<u64>, failed: Option<u64>| Count { ok: ok.unwrap_or(0), failed: failed.unwrap_or(0) };
        Rows {
            source: count(self.success_source_rows, self.failed_source_rows),
            target: count(self.success_target_rows, self.failed_target_rows),
        }
    }

    fn activity(&self) -> Option<Activity> {
        let word = self.execution_state.as_deref()?;
        Some(match word.to_ascii_uppercase().as_str() {
            "QUEUED" => Activity::Queued,
            "INITIALIZED" => Activity::Initialized,
            "RUNNING" => Activity::Running,
            "STOPPING" => Activity::Stopping,
            "COMPLETED" | "FAILED" => Activity::Ending,
            _ => Activity::Other(word.to_lowercase()),
        })
    }

    /// The row as an active run.
    pub fn progress(&self) -> RunProgress {
        RunProgress {
            task_name: self.name(),
            activity: self.activity().unwrap_or(Activity::Running),
            rows: self.rows(),
            started_at: time(self.start_time_utc.as_deref()),
            started_by: self.started_by.clone(),
            error: None,
            subtasks: self.subtasks(),
        }
    }

    /// The row as an ended run; none while its state is not one of the three final ones.
    pub fn result(&self) -> Option<RunResult> {
        let (outcome, classified_by) = self.outcome()?;
        Some(RunResult {
            task_name: self.name(),
            outcome,
            classified_by,
            started_at: time(self.start_time_utc.as_deref()),
            ended_at: time(self.end_time_utc.as_deref()),
            started_by: self.started_by.clone(),
            rows: self.rows(),
            error: self.error_msg.clone(),
            subtasks: self.subtasks(),
            log_id: self.id.clone(),
        })
    }

    /// Who started the run, how, and when.
    pub fn start_info(&self) -> StartInfo {
        let context = self.run_context_type.as_deref().unwrap_or_default();
        StartInfo {
            by: self.started_by.clone(),
            // Answers have REST_API_V2, the documentation says REST-API.
            over_rest: context.to_ascii_uppercase().starts_with("REST"),
            at: moment(self.start_time_utc.as_deref(), self.start_time.as_deref()),
        }
    }

    /// When the run ended.
    pub fn end(&self) -> Moment {
        moment(self.end_time_utc.as_deref(), self.end_time.as_deref())
    }

    /// A stop counts before anything else, then what never ran, then the state: a stopped run can have any of the states.
    fn outcome(&self) -> Option<(Outcome, ClassifiedBy)> {
        let by_state = match self.state? {
            1 => Outcome::Succeeded,
            2 => Outcome::Warning,
            3 => Outcome::Failed,
            _ => return None,
        };
        if self.is_stopped == Some(true) {
            return Some((Outcome::Stopped, ClassifiedBy::StoppedFlag));
        }
        let text = self.text().unwrap_or_default().to_lowercase();
        if by_state != Outcome::Succeeded && text.contains("was stopped by user") {
            return Some((Outcome::Stopped, ClassifiedBy::Message));
        }
        let never_ran = if by_state == Outcome::Failed { self.never_ran(&text) } else { None };
        Some(never_ran.map_or((by_state, ClassifiedBy::State), |outcome| (outcome, ClassifiedBy::Structure)))
    }

    /// The outcome of a failure without rows and without a Secure Agent, if it says why nothing ran. Many failures have
    /// neither, such as a connection test that fails after minutes, so the text decides.
    fn never_ran(&self, text: &str) -> Option<Outcome> {
        if self.family_has(&|row| row.rows() != Rows::default() || row.agent_id.is_some()) {
            return None;
        }
        if text.contains("another instance of the") {
            return Some(Outcome::AlreadyRunning);
        }
        let no_agent = text.contains("there is no active secure agent")
            || text.contains("is not available. start the secure agent");
        let start = self.start_time_utc.as_ref().or(self.start_time.as_ref());
        let end = self.end_time_utc.as_ref().or(self.end_time.as_ref());
        let is_silent = start.is_some() && start == end && !self.family_has(&|row| row.error_msg.is_some());
        (no_agent || is_silent).then_some(Outcome::NotRun)
    }

    /// Whether this holds for the row or for one of its parts.
    fn family_has(&self, is_so: &impl Fn(&Self) -> bool) -> bool {
        is_so(self) || self.parts.iter().chain(&self.inner).any(|part| part.family_has(is_so))
    }

    /// The error text, if need be that of the nameless part, which repeats the task itself.
    fn text(&self) -> Option<&str> {
        self.error_msg
            .as_deref()
            .or_else(|| self.parts.iter().filter(|part| part.name().is_none()).find_map(Self::text))
    }

    /// The named parts. A mapping task has one nameless part, which repeats the task itself.
    fn subtasks(&self) -> Vec<Subtask> {
        let named = self.parts.iter().filter_map(|entry| Some((entry.name()?, entry)));
        named.map(|(name, entry)| entry.subtask(name)).collect()
    }

    fn subtask(&self, name: String) -> Subtask {
        let outcome = self.outcome().map(|(outcome, _)| outcome);
        let error = self.error_msg.clone().or_else(|| self.parts.iter().find_map(|entry| entry.error_msg.clone()));
        Subtask {
            name,
            kind: self.kind.clone().unwrap_or_default(),
            run_id: self.run_id.map(RunId::Number),
            log_item: self.id.clone(),
            outcome,
            activity: self.activity(),
            error: error.filter(|_| !matches!(outcome, None | Some(Outcome::Succeeded))),
            rows: self.rows(),
            started_at: time(self.start_time_utc.as_deref()),
            ended_at: time(self.end_time_utc.as_deref()),
            parts: self.subtasks(),
        }
    }
}

/// A time as the service writes it; none when the text is no time.
pub(crate) fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}

/// The fields with `Utc` in their names are in UTC. Those without carry US Eastern time behind a false `Z`.
fn moment(utc: Option<&str>, eastern: Option<&str>) -> Moment {
    match (time(utc), time(eastern)) {
        (Some(utc), _) => Moment::At(utc),
        (None, Some(eastern)) => Moment::Eastern(eastern),
        (None, None) => Moment::Unknown,
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Field {
    Id,
    Type,
    TaskId,
    ObjectId,
    TaskName,
    ObjectName,
    RunId,
    AgentId,
    StartTime,
    EndTime,
    StartTimeUtc,
    EndTimeUtc,
    State,
    IsStopped,
    ExecutionState,
    ErrorMsg,
    SuccessSourceRows,
    FailedSourceRows,
    SuccessTargetRows,
    FailedTargetRows,
    StartedBy,
    RunContextType,
    Entries,
    SubTaskEntries,
    Items,
    Children,
    #[serde(other)]
    Other,
}

/// Reads one object. A value stays text until its key is read, so that an odd value does not spoil the row.
struct Reader {
    list: List,
    depth: usize,
}

fn parse(json: &str, list: List, depth: usize) -> serde_json::Result<Row> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let row = deserializer.deserialize_map(Reader { list, depth })?;
    deserializer.end()?;
    Ok(row)
}

impl<'de> Visitor<'de> for Reader {
    type Value = Row;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Row, A::Error> {
        let mut row = Row::default();
        // The best candidate first. An added key must not hide the list's own, and an ID is a text, not a number.
        let mut ids: [Option<String>; 4] = Default::default();
        while let Some(key) = members.next_key()? {
            if let Field::Other = key {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            let value: &RawValue = members.next_value()?;
            self.take(&mut row, &mut ids, &key, value.get()).map_err(serde::de::Error::custom)?;
        }
        row.task_id = ids.into_iter().flatten().next();
        Ok(row)
    }
}

impl Reader {
    fn take(&self, row: &mut Row, ids: &mut [Option<String>; 4], key: &Field, json: &str) -> serde_json::Result<()> {
        match key {
            Field::TaskId | Field::ObjectId => {
                let is_own = matches!(key, Field::TaskId) == (self.list == List::Monitor);
                let rank = usize::from(!is_own) + if json.starts_with('"') { 0 } else { 2 };
                first(&mut ids[rank], word(json)?);
            }
            Field::Id => first(&mut row.id, word(json)?),
            Field::Type => first(&mut row.kind, word(json)?),
            Field::TaskName => first(&mut row.task_name, word(json)?),
            Field::ObjectName => first(&mut row.object_name, word(json)?),
            Field::RunId => first(&mut row.run_id, number(json)?),
            Field::AgentId => first(&mut row.agent_id, text(json)?),
            Field::StartTime => first(&mut row.start_time, word(json)?),
            Field::EndTime => first(&mut row.end_time, word(json)?),
            Field::StartTimeUtc => first(&mut row.start_time_utc, word(json)?),
            Field::EndTimeUtc => first(&mut row.end_time_utc, word(json)?),
            Field::State => first(&mut row.state, number(json)?),
            Field::IsStopped => first(&mut row.is_stopped, boolean(json)?),
            Field::ExecutionState => first(&mut row.execution_state, word(json)?),
            Field::ErrorMsg => first(&mut row.error_msg, text(json)?),
            Field::SuccessSourceRows => first(&mut row.success_source_rows, number(json)?),
            Field::FailedSourceRows => first(&mut row.failed_source_rows, number(json)?),
            Field::SuccessTargetRows => first(&mut row.success_target_rows, number(json)?),
            Field::FailedTargetRows => first(&mut row.failed_target_rows, number(json)?),
            Field::StartedBy => first(&mut row.started_by, word(json)?),
            Field::RunContextType => first(&mut row.run_context_type, word(json)?),
            Field::Entries => row.has_odd_parts |= self.parts(json, &mut row.parts)?,
            Field::SubTaskEntries | Field::Items | Field::Children => {
                self.parts(json, &mut row.inner)?;
            }
            Field::Other => {}
        }
        Ok(())
    }

    /// Reads the parts, unless there are some already; gives whether some cannot be read.
    fn parts(&self, json: &str, parts: &mut Vec<Row>) -> serde_json::Result<bool> {
        if !json.starts_with('[') || !parts.is_empty() {
            return Ok(false);
        }
        let mut are_odd = false;
        for part in serde_json::from_str::<Vec<&RawValue>>(json)? {
            match part.get() {
                object if object.starts_with('{') && self.depth < DEEPEST => {
                    parts.push(parse(object, self.list, self.depth + 1)?);
                }
                other => are_odd |= other != "null",
            }
        }
        Ok(are_odd)
    }
}

fn first<T>(slot: &mut Option<T>, value: Option<T>) {
    if slot.is_none() {
        *slot = value;
    }
}

/// A text of at least one character, or a number as it is written.
fn word(json: &str) -> serde_json::Result<Option<String>> {
    Ok(match json.as_bytes().first() {
        Some(b'"') => Some(serde_json::from_str::<String>(json)?).filter(|text| !text.trim().is_empty()),
        Some(b'-' | b'0'..=b'9') => Some(json.to_owned()),
        _ => None,
    })
}

/// A text; of any other value that is not empty, its JSON.
fn text(json: &str) -> serde_json::Result<Option<String>> {
    match json {
        "null" | "{}" | "[]" => Ok(None),
        _ => Ok(word(json)?.or_else(|| (!json.starts_with('"')).then(|| json.to_owned()))),
    }
}

/// A whole number. It may be a text, and have a fraction of zero.
pub(crate) fn number(json: &str) -> serde_json::Result<Option<u64>> {
    /// Up to here a floating-point number is exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let exact = |text: &str| {
        let number = text.parse::<f64>().ok()?;
        if (0.0..=EXACT).contains(&number) && number.fract() == 0.0 {
            format!("{number:.0}").parse().ok()
        } else {
            None
        }
    };
    Ok(word(json)?.and_then(|text| text.trim().parse().ok().or_else(|| exact(text.trim()))))
}

/// A boolean, which may be a text.
fn boolean(json: &str) -> serde_json::Result<Option<bool>> {
    let text = if json.starts_with('"') { word(json)?.unwrap_or_default() } else { json.to_owned() };
    Ok(match text.trim().to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
