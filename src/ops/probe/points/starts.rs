//! What a start answers: accepted, refused, and while the task runs.

use crate::api::observing::shape::{JsonType, Says};
use crate::ops::probe::evidence::{Evidence, Fact, Judgement};
use crate::ops::probe::point::{Needs, Point, Sureness, never};
use crate::ops::probe::record::{Record, TO_ITS_END, Timeline, label};

pub(super) const POINTS: &[Point] = &[
    Point::new(
        "start.answer",
        "2.2",
        Sureness::Recorded,
        "a start answers 200 with a job object whose runId is a number",
        "the answer to a start",
        label::START,
        answer,
    ),
    Point::new(
        "start.address",
        "2.1",
        Sureness::Disputed,
        "taskId and taskName are documented for tasks in Default only; clients use taskId for any folder",
        "how the start that was accepted addressed the task",
        label::START,
        address,
    ),
    Point::new(
        "start.refused",
        "2.4",
        Sureness::Guess,
        "a start of an unknown task ID answers 403 with a v2 error object",
        "a start of a task ID that no task has",
        label::REFUSED_START,
        refused,
    ),
    Point::new(
        "start.second",
        "2.3",
        Sureness::Guess,
        "a start while the task runs answers 200, and its run ends at once with state 3 because of the other",
        "a second start while the first run is active",
        label::SECOND_START,
        second,
    )
    .needing(Needs::Stop),
    Point::new(
        "start.wrong_type",
        "13.2",
        Sureness::Open,
        "the answer to a start with the wrong type is not known",
        "nothing",
        label::OTHER,
        never,
    )
    .needing(Needs::Never("a start with a wrong type could start a task that nobody named")),
    Point::new(
        "start.no_permission",
        "13.2",
        Sureness::Open,
        "the answer to a start without permission is not known",
        "nothing",
        label::OTHER,
        never,
    )
    .needing(Needs::Never("it needs a second account")),
    Point::new(
        "run.context",
        "5.2",
        Sureness::Disputed,
        "runContextType of a start by REST is REST_API_V2 in recorded answers, REST-API in the documentation",
        "runContextType of the run in the log",
        label::LOG,
        context,
    ),
    Point::new(
        "ingestion.start",
        "8",
        Sureness::Open,
        "the case of the key runId, and whether it is a number, is not known",
        "the answer to a start of a file ingestion task",
        label::START,
        ingestion_answer,
    )
    .needing(Needs::Ingestion),
    Point::new(
        "ingestion.status",
        "8",
        Sureness::Open,
        "jobStatus is RUNNING and SUCCESS; the other values are not known",
        "the status of the run until it was over",
        label::INGESTION_STATUS,
        ingestion_status,
    )
    .needing(Needs::Ingestion),
];

fn answer(record: &Record) -> Option<Evidence> {
    let (request, reply) = record.change(label::START)?;
    let run_id = reply.shape.object().and_then(|fields| fields.kind("runId"));
    let as_said = reply.status == 200 && run_id == Some(JsonType::Integer);
    let facts = [
        ("run_id_type", Fact::or_absent(run_id, |kind| Fact::Plain(kind.name()))),
        ("took_s", Fact::Seconds(request.done_at.saturating_sub(request.sent_at))),
    ];
    Some(Evidence::new(Judgement::of(as_said), facts).with_answer(reply))
}

fn address(record: &Record) -> Option<Evidence> {
    let (_, reply) = record.change(label::START)?;
    let conduct = &record.conduct;
    Some(Evidence::answers([
        ("by", Fact::Plain(conduct.addressed_by)),
        ("in_default", Fact::or_absent(conduct.in_default, Fact::Flag)),
        ("status", Fact::Number(reply.status.into())),
    ]))
}

fn refused(record: &Record) -> Option<Evidence> {
    let (_, reply) = record.change(label::REFUSED_START)?;
    let is_error = reply.shape.object().is_some_and(|fields| fields.word("code").is_some());
    Some(Evidence::new(Judgement::of(reply.status == 403 && is_error), []).with_answer(reply))
}

fn second(record: &Record) -> Option<Evidence> {
    let (_, reply) = record.change(label::SECOND_START)?;
    let Some(run) = record.conduct.run(label::SECOND_START) else {
        return Some(Evidence::new(Judgement::Refutes, [("run", Fact::Flag(false))]).with_answer(reply));
    };
    let row = record.logged(run);
    let state = row.and_then(|row| row.number("state"));
    let says = row.and_then(|row| row.says);
    let timeline = Timeline::of(record, run);
    let facts = [
        ("run", Fact::Flag(true)),
        ("ran", Fact::Flag(timeline.shown.is_some())),
        ("state", Fact::or_absent(state, Fact::Number)),
        ("says", Fact::or_absent(says, |says| Fact::Plain(says.name()))),
    ];
    let as_said = reply.status == 200 && state == Some(3) && says == Some(Says::AnotherInstance);
    Some(Evidence::new(Judgement::of(as_said), facts).with_answer(reply))
}

fn context(record: &Record) -> Option<Evidence> {
    let row = record.logged(record.conduct.run(TO_ITS_END)?)?;
    Some(Evidence::answers([("run_context_type", Fact::word(row.word("runContextType")))]))
}

fn ingestion_answer(record: &Record) -> Option<Evidence> {
    let (_, reply) = record.change(label::START)?;
    Some(Evidence::answers([]).with_answer(reply))
}

fn ingestion_status(record: &Record) -> Option<Evidence> {
    let mut statuses = Vec::new();
    let mut last = None;
    for (_, reply) in record.polls(label::INGESTION_STATUS, record.conduct.run(TO_ITS_END)?) {
        let word = reply.shape.object().and_then(|fields| fields.word("jobStatus"));
        statuses.extend(word.filter(|word| statuses.last() != Some(*word)).cloned());
        last = Some(reply);
    }
    Some(Evidence::answers([("job_status", Fact::Words(statuses))]).with_answer(last?))
}
