//! When a run comes into the activity monitor and the activity log, and when it leaves the first.

use std::time::Duration;

use crate::ops::probe::evidence::{Evidence, Fact, Judgement};
use crate::ops::probe::point::{Point, Sureness};
use crate::ops::probe::record::{Record, Timeline, label};

pub(super) const POINTS: &[Point] = &[
    Point::new(
        "lag.start_to_monitor",
        "5.4",
        Sureness::Open,
        "the monitor shows a run some time after its start; how long is not known",
        "both lists, about once a second after the start",
        label::MONITOR,
        start_to_monitor,
    ),
    Point::new(
        "lag.monitor_to_log",
        "13.1",
        Sureness::Open,
        "the log has a run some time after the monitor has dropped it; how long is not known",
        "both lists, about once a second after the end",
        label::LOG,
        monitor_to_log,
    ),
    Point::new(
        "lists.both",
        "13.1",
        Sureness::Open,
        "whether a run is ever in both lists is not known",
        "the monitor once more after the log had the run",
        label::LOG,
        in_both,
    ),
    Point::new(
        "lists.neither",
        "0.6",
        Sureness::Clients,
        "a run can be in neither list",
        "both lists after the end",
        label::LOG,
        in_neither,
    ),
];

fn seconds(from: Duration, to: Duration) -> Fact {
    Fact::Seconds(to.saturating_sub(from))
}

fn start_to_monitor(record: &Record) -> Option<Evidence> {
    let (start, _) = record.change_about(label::START, record.main_run()?)?;
    let timeline = Timeline::of_main(record)?;
    let Some(shown) = timeline.shown else {
        return timeline.logged.map(|_| Evidence::answers([("shown", Fact::Flag(false))]));
    };
    Some(Evidence::answers([
        ("shown", Fact::Flag(true)),
        ("at_least_s", seconds(start.done_at, shown.not_yet)),
        ("at_most_s", seconds(start.sent_at, shown.seen)),
    ]))
}

fn monitor_to_log(record: &Record) -> Option<Evidence> {
    let timeline = Timeline::of_main(record)?;
    let logged = timeline.logged?;
    let mut facts = Vec::new();
    if let Some(gone) = timeline.gone {
        facts.push(("at_least_s", seconds(gone.seen, logged.not_yet)));
        facts.push(("at_most_s", seconds(gone.not_yet, logged.seen)));
    }
    if let Some((at_least, at_most)) = timeline.end_to_log_s {
        facts.push(("after_end_at_least_s", Fact::Signed(at_least)));
        facts.push(("after_end_at_most_s", Fact::Signed(at_most)));
    }
    Some(Evidence::answers(facts))
}

fn in_both(record: &Record) -> Option<Evidence> {
    let timeline = Timeline::of_main(record)?;
    timeline.logged?;
    Some(Evidence::answers([("seen", Fact::Flag(timeline.in_both))]))
}

fn in_neither(record: &Record) -> Option<Evidence> {
    let timeline = Timeline::of_main(record)?;
    timeline.logged?;
    // That it was not seen does not say that it cannot be.
    let judgement = if timeline.in_neither { Judgement::Confirms } else { Judgement::Answers };
    Some(Evidence::new(judgement, [("seen", Fact::Flag(timeline.in_neither))]))
}
