//! The activity monitor: its states, its fields, and what its parameters do.

use crate::api::observing::shape::JsonType;
use crate::ops::probe::evidence::{Evidence, Fact, Judgement};
use crate::ops::probe::point::{Needs, Point, Sureness};
use crate::ops::probe::record::{Record, Timeline, label};

pub(super) const POINTS: &[Point] = &[
    Point::new(
        "monitor.states",
        "5.1",
        Sureness::Documented,
        "QUEUED, INITIALIZED, RUNNING, STOPPING, COMPLETED, FAILED; only RUNNING was recorded",
        "executionState until the end",
        label::MONITOR,
        states,
    ),
    Point::new(
        "monitor.over",
        "5.1",
        Sureness::Guess,
        "the monitor may show a run as COMPLETED or FAILED for a while",
        "executionState at the end",
        label::MONITOR,
        over,
    ),
    Point::new(
        "monitor.type",
        "5.1",
        Sureness::Recorded,
        "@type is activityMonitoryEntry, with the extra y",
        "@type of the run's row",
        label::MONITOR,
        monitor_type,
    ),
    Point::new(
        "monitor.utc",
        "5.1",
        Sureness::Recorded,
        "newer rows have startTimeUtc, those of 2021 do not",
        "the times in the run's row",
        label::MONITOR,
        monitor_utc,
    ),
    Point::new(
        "monitor.fields",
        "5.1",
        Sureness::Recorded,
        "the row has the fields of section 5.1",
        "the fields of the run's row",
        label::MONITOR,
        monitor_fields,
    ),
    Point::new(
        "monitor.filter",
        "5.1",
        Sureness::Guess,
        "the monitor ignores taskId and runId",
        "the monitor with a task and a run that do not exist",
        label::MONITOR_FILTER,
        filter,
    ),
    Point::new(
        "monitor.details",
        "5.1",
        Sureness::Recorded,
        "entries are empty without details",
        "the monitor with details true and false",
        label::MONITOR_DETAILS,
        details,
    ),
    Point::new(
        "monitor.callback",
        "5.1",
        Sureness::Clients,
        "a row has the callbackURL of its start; this was never recorded",
        "the run's row after a start with a callbackURL",
        label::MONITOR,
        callback,
    )
    .needing(Needs::Callback),
];

fn states(record: &Record) -> Option<Evidence> {
    const KNOWN: [&str; 6] = ["QUEUED", "INITIALIZED", "RUNNING", "STOPPING", "COMPLETED", "FAILED"];
    let mut states = Vec::new();
    for state in (0..record.conduct.runs.len()).flat_map(|run| Timeline::of(record, run).states) {
        if !states.contains(&state) {
            states.push(state);
        }
    }
    if states.is_empty() {
        return None;
    }
    let are_known = states.iter().all(|state| KNOWN.contains(&state.as_str()));
    Some(Evidence::new(Judgement::of(are_known), [("states", Fact::Words(states))]))
}

fn over(record: &Record) -> Option<Evidence> {
    let timeline = Timeline::of_main(record)?;
    timeline.shown.and(timeline.logged)?;
    let judgement = if timeline.over_in_monitor { Judgement::Confirms } else { Judgement::Answers };
    Some(Evidence::new(judgement, [("seen", Fact::Flag(timeline.over_in_monitor))]))
}

fn monitor_type(record: &Record) -> Option<Evidence> {
    let name = record.monitored()?.word("@type");
    let is_it = name.is_some_and(|name| name.as_str() == "activityMonitoryEntry");
    Some(Evidence::new(Judgement::of(is_it), [("type", Fact::word(name))]))
}

fn monitor_utc(record: &Record) -> Option<Evidence> {
    let has = record.monitored()?.kind("startTimeUtc").is_some();
    Some(Evidence::new(Judgement::of(has), [("has", Fact::Flag(has))]))
}

fn monitor_fields(record: &Record) -> Option<Evidence> {
    const NEEDED: [&str; 9] =
        ["@type", "id", "type", "taskId", "taskName", "runId", "startTime", "executionState", "entries"];
    Some(Evidence::of_row(record.monitored()?, &NEEDED, []))
}

fn filter(record: &Record) -> Option<Evidence> {
    let filtered = record.reply(label::MONITOR_FILTER)?;
    let all = record.reply(label::MONITOR_PLAIN)?.shape.rows()?.count;
    let heeded = filtered.shape.rows().filter(|_| all > 0).map(|rows| rows.count == 0);
    let judgement = heeded.map_or(Judgement::Answers, |heeded| Judgement::of(!heeded));
    let facts = [("heeded", Fact::or_absent(heeded, Fact::Flag)), ("status", Fact::Number(filtered.status.into()))];
    Some(Evidence::new(judgement, facts))
}

fn details(record: &Record) -> Option<Evidence> {
    let run = record.main_run()?;
    let entries = |label: &str| record.reply(label)?.shape.rows()?.of_run(run)?.kind("entries");
    let (with, without) = (entries(label::MONITOR_DETAILS), entries(label::MONITOR_PLAIN));
    let kind = |kind: Option<JsonType>| Fact::or_absent(kind, |kind| Fact::Plain(kind.name()));
    let judgement = Judgement::of(without? == JsonType::EmptyArray);
    Some(Evidence::new(judgement, [("with", kind(with)), ("without", kind(without))]))
}

fn callback(record: &Record) -> Option<Evidence> {
    let run = record.main_run()?;
    let mut rows = record.polls(label::MONITOR, run).filter_map(|(_, reply)| reply.shape.rows()?.of_run(run));
    let has = rows.next()?.kind("callbackURL").is_some();
    Some(Evidence::new(Judgement::of(has), [("has", Fact::Flag(has))]))
}
