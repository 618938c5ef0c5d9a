//! The activity log: its fields, its pages, and what its parameters do.

use crate::ops::probe::evidence::{Evidence, Fact, Judgement};
use crate::ops::probe::point::{Needs, Point, Sureness};
use crate::ops::probe::record::{Record, Timeline, label};

pub(super) const POINTS: &[Point] = &[
    Point::new(
        "log.fields",
        "5.2",
        Sureness::Recorded,
        "the row has the fields of section 5.2",
        "the fields of the run's row, and of its first part",
        label::LOG,
        log_fields,
    ),
    Point::new(
        "log.unfinished",
        "13.6",
        Sureness::Documented,
        "only ended runs are listed; states 0 and 4 were never recorded",
        "the log for the run while it was active",
        label::LOG,
        unfinished,
    ),
    Point::new(
        "log.is_stopped",
        "13.5",
        Sureness::Disputed,
        "isStopped is in newer answers and not in those of 2021",
        "isStopped of the run that nobody stopped",
        label::LOG,
        is_stopped,
    ),
    Point::new(
        "log.times",
        "0.4",
        Sureness::Recorded,
        "startTime is US Eastern time, 4 or 5 hours behind, with a false Z",
        "how far startTime is behind startTimeUtc",
        label::LOG,
        times,
    ),
    Point::new(
        "log.order",
        "5.2",
        Sureness::Recorded,
        "the newest end comes first",
        "the log of the task",
        label::LOG_DEFAULT,
        order,
    ),
    Point::new(
        "log.default_rows",
        "5.2",
        Sureness::Recorded,
        "200 rows without a rowLimit",
        "the log of the task without rowLimit",
        label::LOG_DEFAULT,
        default_rows,
    ),
    Point::new(
        "log.row_limit",
        "5.2",
        Sureness::Documented,
        "rowLimit is heeded",
        "rowLimit=1",
        label::LOG_FIRST,
        row_limit,
    ),
    Point::new(
        "log.offset",
        "5.2",
        Sureness::Documented,
        "offset is heeded: two pages have no row in common",
        "rowLimit=1 with offset=0 and offset=1",
        label::LOG_SECOND,
        offset,
    ),
    Point::new(
        "log.past_the_end",
        "5.2",
        Sureness::Clients,
        "a page beyond the end is []",
        "an offset beyond the last row",
        label::LOG_BEYOND,
        past_the_end,
    ),
    Point::new(
        "log.most_rows",
        "5.2",
        Sureness::Clients,
        "the maximum is 1000; what happens beyond is not known",
        "rowLimit=1001",
        label::LOG_MOST,
        most_rows,
    ),
    Point::new(
        "log.run_id_alone",
        "5.2",
        Sureness::Disputed,
        "runId needs taskId; older documents send it alone",
        "runId without taskId",
        label::LOG_RUN_ALONE,
        run_id_alone,
    ),
    Point::new(
        "log.federated_id",
        "5.2",
        Sureness::Open,
        "whether the log takes a federated ID as taskId is not known",
        "the log with the federated ID as taskId",
        label::LOG_FEDERATED,
        federated_id,
    )
    .needing(Needs::FederatedId),
    Point::new(
        "log.by_id",
        "5.2",
        Sureness::Recorded,
        "a single object with items in place of entries",
        "the log entry by its ID",
        label::LOG_ENTRY,
        by_id,
    ),
];

fn log_fields(record: &Record) -> Option<Evidence> {
    const NEEDED: [&str; 10] =
        ["@type", "id", "type", "objectId", "objectName", "runId", "startTimeUtc", "endTimeUtc", "state", "entries"];
    let row = record.main_row()?;
    Some(Evidence::of_row(row, &NEEDED, row.parts.first().map(|part| ("part", Fact::fields(part)))))
}

fn unfinished(record: &Record) -> Option<Evidence> {
    let timeline = Timeline::of_main(record)?;
    timeline.shown.or(timeline.logged)?;
    let state = timeline.unfinished_state;
    let facts = [("listed", Fact::Flag(state.is_some())), ("state", Fact::or_absent(state, Fact::Number))];
    Some(Evidence::new(Judgement::of(state.is_none()), facts))
}

fn is_stopped(record: &Record) -> Option<Evidence> {
    let kind = record.main_row()?.kind("isStopped");
    Some(Evidence::answers([("is_stopped", Fact::or_absent(kind, |kind| Fact::Plain(kind.name())))]))
}

fn times(record: &Record) -> Option<Evidence> {
    let behind = record.main_row()?.behind_utc_s?;
    Some(Evidence::new(Judgement::of(matches!(behind, 14_400 | 18_000)), [("behind_s", Fact::Signed(behind))]))
}

fn order(record: &Record) -> Option<Evidence> {
    let rows = record.reply(label::LOG_DEFAULT)?.shape.rows()?;
    let first = rows.newest_end_first();
    let facts = [("newest_end_first", Fact::or_absent(first, Fact::Flag)), ("rows", Fact::count(rows.count))];
    Some(Evidence::new(first.map_or(Judgement::Answers, Judgement::of), facts))
}

fn default_rows(record: &Record) -> Option<Evidence> {
    let count = record.reply(label::LOG_DEFAULT)?.shape.rows()?.count;
    // Fewer rows are all that there are.
    let judgement = if count < 200 { Judgement::Answers } else { Judgement::of(count == 200) };
    Some(Evidence::new(judgement, [("rows", Fact::count(count))]))
}

fn row_limit(record: &Record) -> Option<Evidence> {
    let reply = record.reply(label::LOG_FIRST)?;
    let count = reply.shape.rows().map(|rows| rows.count);
    let judgement = Judgement::of(count.is_some_and(|count| count <= 1));
    Some(Evidence::new(judgement, []).with_answer(reply))
}

fn offset(record: &Record) -> Option<Evidence> {
    let first = record.reply(label::LOG_FIRST)?.shape.rows()?;
    let second = record.reply(label::LOG_SECOND)?.shape.rows()?;
    let shared = second.shared_with(first);
    let judgement = if second.count == 0 { Judgement::Answers } else { Judgement::of(shared == 0) };
    Some(Evidence::new(judgement, [("rows", Fact::count(second.count)), ("repeated", Fact::count(shared))]))
}

fn past_the_end(record: &Record) -> Option<Evidence> {
    let reply = record.reply(label::LOG_BEYOND)?;
    let is_empty = reply.shape.rows().is_some_and(|rows| rows.count == 0);
    Some(Evidence::new(Judgement::of(is_empty), []).with_answer(reply))
}

fn most_rows(record: &Record) -> Option<Evidence> {
    Some(Evidence::answers([]).with_answer(record.reply(label::LOG_MOST)?))
}

fn run_id_alone(record: &Record) -> Option<Evidence> {
    let reply = record.reply(label::LOG_RUN_ALONE)?;
    let is_taken = reply.status == 200 && reply.shape.rows().is_some();
    Some(Evidence::answers([("taken", Fact::Flag(is_taken))]).with_answer(reply))
}

fn federated_id(record: &Record) -> Option<Evidence> {
    let reply = record.reply(label::LOG_FEDERATED)?;
    let finds = reply.shape.rows().is_some_and(|rows| !rows.ours.is_empty());
    Some(Evidence::answers([("finds_the_run", Fact::Flag(finds))]).with_answer(reply))
}

fn by_id(record: &Record) -> Option<Evidence> {
    let reply = record.reply(label::LOG_ENTRY)?;
    let as_said = reply.shape.object().is_some_and(|row| row.kind("items").is_some() && row.kind("entries").is_none());
    Some(Evidence::new(Judgement::of(as_said), []).with_answer(reply))
}
