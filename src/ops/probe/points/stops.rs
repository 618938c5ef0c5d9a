//! What stops answer, and how the log has the runs that they end.

use crate::api::observing::shape::{Fields, JsonType, Says};
use crate::ops::probe::evidence::{Evidence, Fact, Judgement};
use crate::ops::probe::point::{Needs, Point, Sureness};
use crate::ops::probe::record::{Record, is_over, label};

pub(super) const POINTS: &[Point] = &[
    Point::new(
        "stop.answer",
        "3",
        Sureness::Recorded,
        "a stop answers 200 with @type success and a description",
        "a stop of the second run",
        label::STOP,
        answer,
    )
    .needing(Needs::Stop),
    Point::new(
        "stop.waits",
        "3",
        Sureness::Recorded,
        "a stop answers when the job is down",
        "whether the monitor has the run after the stop was answered",
        label::STOP,
        waits,
    )
    .needing(Needs::Stop),
    Point::new(
        "stop.row",
        "13.5",
        Sureness::Recorded,
        "a stopped run has state 3, isStopped true in newer answers, and a message that names the user",
        "the log's row of the run that was stopped",
        label::STOP,
        |record| row(record, label::STOP, true),
    )
    .needing(Needs::Stop),
    Point::new(
        "stop.clean_answer",
        "3",
        Sureness::Open,
        "the answer to a clean stop is not known",
        "a clean stop of the third run",
        label::CLEAN_STOP,
        clean_answer,
    )
    .needing(Needs::Stop),
    Point::new(
        "stop.clean_row",
        "13.5",
        Sureness::Open,
        "the state after a clean stop, its message and isStopped are not known",
        "the log's row of the run that was stopped cleanly",
        label::CLEAN_STOP,
        |record| row(record, label::CLEAN_STOP, false),
    )
    .needing(Needs::Stop),
    Point::new(
        "stop.nothing",
        "13.2",
        Sureness::Disputed,
        "a stop with nothing running answers success in recorded answers, 403 to another client",
        "a stop after all runs had ended",
        label::STOP_OF_NOTHING,
        nothing,
    )
    .needing(Needs::Stop),
];

fn answer(record: &Record) -> Option<Evidence> {
    let (_, reply) = record.change(label::STOP)?;
    let is_success =
        reply.shape.object().and_then(|fields| fields.word("@type")).is_some_and(|word| word.as_str() == "success");
    Some(Evidence::new(Judgement::of(reply.status == 200 && is_success), []).with_answer(reply))
}

fn waits(record: &Record) -> Option<Evidence> {
    let (request, _) = record.change(label::STOP)?;
    let run = record.conduct.run(label::STOP)?;
    let mut after = record.polls(label::MONITOR, run).filter(|(poll, _)| poll.sent_at >= request.done_at);
    let row = after.find_map(|(_, reply)| Some(reply.shape.rows()?.of_run(run)))?;
    let is_down = row.is_none_or(is_over);
    let took = request.done_at.saturating_sub(request.sent_at);
    let facts = [("took_s", Fact::Seconds(took)), ("active_after", Fact::Flag(!is_down))];
    Some(Evidence::new(Judgement::of(is_down), facts))
}

fn row(record: &Record, label: &str, is_stated: bool) -> Option<Evidence> {
    let row = record.logged(record.conduct.run(label)?)?;
    record.change(label)?;
    let flag = row.kind("isStopped");
    let as_said =
        row.number("state") == Some(3) && row.says == Some(Says::StoppedByUser) && flag != Some(JsonType::False);
    let judgement = if is_stated { Judgement::of(as_said) } else { Judgement::Answers };
    Some(Evidence::new(judgement, facts(row)))
}

fn facts(row: &Fields) -> [(&'static str, Fact); 3] {
    [
        ("state", Fact::or_absent(row.number("state"), Fact::Number)),
        ("is_stopped", Fact::or_absent(row.kind("isStopped"), |kind| Fact::Plain(kind.name()))),
        ("says", Fact::or_absent(row.says, |says| Fact::Plain(says.name()))),
    ]
}

fn clean_answer(record: &Record) -> Option<Evidence> {
    let (request, reply) = record.change(label::CLEAN_STOP)?;
    let took = Fact::Seconds(request.done_at.saturating_sub(request.sent_at));
    Some(Evidence::answers([("took_s", took)]).with_answer(reply))
}

fn nothing(record: &Record) -> Option<Evidence> {
    let (_, reply) = record.change(label::STOP_OF_NOTHING)?;
    Some(Evidence::answers([]).with_answer(reply))
}
