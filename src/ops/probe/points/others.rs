//! Sessions, lookups, unknown paths, and what no probe can see.

use crate::api::observing::ObservedReply;
use crate::api::observing::shape::BodyShape;
use crate::ops::probe::evidence::{Evidence, Fact, Judgement};
use crate::ops::probe::point::{Needs, Point, Sureness, never};
use crate::ops::probe::record::{Record, label};

pub(super) const POINTS: &[Point] = &[
    Point::new(
        "session.form",
        "13.3",
        Sureness::Documented,
        "22 letters and digits, or a token of up to 16,000 characters whose lifetime is not known",
        "the session that the requests carry",
        label::OTHER,
        session,
    )
    .needing(Needs::Nothing),
    Point::new(
        "session.refused_v2",
        "13.3",
        Sureness::Documented,
        "401; the body is not known",
        "a v2 list under a session that nobody has",
        label::NO_SESSION_V2,
        |record| refused(record, label::NO_SESSION_V2),
    )
    .needing(Needs::Nothing),
    Point::new(
        "session.refused_v3",
        "13.3",
        Sureness::Documented,
        "401; the body is not known",
        "a v3 lookup under a session that nobody has",
        label::NO_SESSION_V3,
        |record| refused(record, label::NO_SESSION_V3),
    )
    .needing(Needs::Nothing),
    Point::new(
        "lookup.found",
        "6.1",
        Sureness::Recorded,
        "200 with a list of objects",
        "a lookup of the project Default",
        label::LOOKUP_HIT,
        |record| lookup(record, label::LOOKUP_HIT),
    )
    .needing(Needs::Nothing),
    Point::new(
        "lookup.missing",
        "13.4",
        Sureness::Open,
        "the answer is not known",
        "a lookup of a path that does not exist",
        label::LOOKUP_MISS,
        |record| lookup(record, label::LOOKUP_MISS),
    )
    .needing(Needs::Nothing),
    Point::new(
        "lookup.mixed",
        "13.4",
        Sureness::Open,
        "the answer is not known",
        "a lookup of both at once",
        label::LOOKUP_MIXED,
        |record| lookup(record, label::LOOKUP_MIXED),
    )
    .needing(Needs::Nothing),
    Point::new(
        "path.unknown",
        "4.3",
        Sureness::Guess,
        "404 with an HTML page",
        "a v2 path that does not exist",
        label::UNKNOWN_PATH,
        unknown_path,
    )
    .needing(Needs::Nothing),
    Point::new(
        "tasks.workflow",
        "6.3",
        Sureness::Open,
        "whether the task list knows linear taskflows is not documented",
        "task?type=WORKFLOW",
        label::LINEAR_TASKFLOWS,
        workflow,
    )
    .needing(Needs::Nothing),
    Point::new(
        "limits.rate",
        "13.8",
        Sureness::Open,
        "no rate limit and no Retry-After is documented",
        "all answers of the probe",
        label::OTHER,
        rate,
    )
    .needing(Needs::Nothing),
    Point::new(
        "limits.maintenance",
        "13.8",
        Sureness::Open,
        "the body during maintenance is not known",
        "nothing",
        label::OTHER,
        never,
    )
    .needing(Needs::Never("it cannot be brought about")),
    Point::new(
        "login.refused",
        "1.4",
        Sureness::Open,
        "400, 401 or 403 for a wrong password",
        "nothing",
        label::OTHER,
        never,
    )
    .needing(Needs::Never("refused logins lock an account")),
    Point::new(
        "session.expired",
        "13.3",
        Sureness::Open,
        "whether an expired session is refused like an unknown one is not known",
        "nothing",
        label::OTHER,
        never,
    )
    .needing(Needs::Never("the session is shared with other commands")),
    Point::new(
        "callback.body",
        "13.7",
        Sureness::Open,
        "the real body, and its status for a warning, are not known",
        "nothing",
        label::OTHER,
        never,
    )
    .needing(Needs::Never("the program receives no callbacks; read them where --callback-url leads")),
    Point::new(
        "parameter_sets",
        "13.10",
        Sureness::Open,
        "the paths below active-bpel are not known",
        "nothing",
        label::OTHER,
        never,
    )
    .needing(Needs::Never("no path is known to ask")),
];

fn session(record: &Record) -> Option<Evidence> {
    let made_up = [label::NO_SESSION_V2, label::NO_SESSION_V3];
    let form = record.seen.iter().filter(|one| !made_up.contains(&one.label)).find_map(|one| one.session)?;
    let facts = [
        ("jwt", Fact::Flag(form.is_jwt)),
        ("length", Fact::count(form.length)),
        ("lifetime_s", Fact::or_absent(form.lifetime_s, Fact::Signed)),
    ];
    let as_said = if form.is_jwt { form.length <= 16_000 } else { form.length == 22 };
    Some(Evidence::new(Judgement::of(as_said), facts))
}

fn refused(record: &Record, label: &str) -> Option<Evidence> {
    let reply = record.reply(label)?;
    Some(Evidence::new(Judgement::of(reply.status == 401), []).with_answer(reply))
}

fn objects(reply: &ObservedReply) -> Option<usize> {
    let fields = reply.shape.object().filter(|_| reply.status == 200)?;
    fields.kind("objects").map(|_| fields.parts.len())
}

fn lookup(record: &Record, label: &str) -> Option<Evidence> {
    let reply = record.reply(label)?;
    let count = objects(reply);
    let judgement = if label == label::LOOKUP_HIT { Judgement::of(count.is_some()) } else { Judgement::Answers };
    let object = reply.shape.object().and_then(|fields| fields.parts.first());
    let facts = [("objects", Fact::or_absent(count, Fact::count)), ("inner", Fact::or_absent(object, Fact::fields))];
    Some(Evidence::new(judgement, facts).with_answer(reply))
}

fn unknown_path(record: &Record) -> Option<Evidence> {
    let reply = record.reply(label::UNKNOWN_PATH)?;
    let as_said = reply.status == 404 && matches!(reply.shape, BodyShape::Html);
    Some(Evidence::new(Judgement::of(as_said), []).with_answer(reply))
}

fn workflow(record: &Record) -> Option<Evidence> {
    let reply = record.reply(label::LINEAR_TASKFLOWS)?;
    let is_list = reply.shape.rows().is_some();
    // How many there are is nobody's business.
    let mut finding = Evidence::answers([("listed", Fact::Flag(is_list))]).with_answer(reply);
    finding.facts.retain(|(name, _)| *name != "rows");
    Some(finding)
}

fn rate(record: &Record) -> Option<Evidence> {
    let (first, last) = (record.seen.first()?, record.seen.last()?);
    let replies = || record.seen.iter().filter_map(|one| one.reply.as_ref());
    let with = |status: u16| replies().filter(|reply| reply.status == status).count();
    let longest = replies().filter_map(|reply| reply.retry_after).max();
    Some(Evidence::answers([
        ("requests", Fact::count(record.seen.len())),
        ("in_s", Fact::Seconds(last.done_at.saturating_sub(first.sent_at))),
        ("status_429", Fact::count(with(429))),
        ("status_503", Fact::count(with(503))),
        ("longest_retry_after_s", Fact::or_absent(longest, Fact::Seconds)),
    ]))
}
