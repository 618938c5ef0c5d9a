//! Faults: what they leave of the work and of the record.

use super::*;

#[test]
fn a_lost_answer_is_a_start_and_a_reset_is_none() {
    let mut world =
        World::new(&DEFAULT_SCENARIO.replace("faults = []", "faults = ['start:reset*1', 'start:lost-answer*1']"));
    for _ in 0..2 {
        world.start("m_succeeds", "MTT");
    }
    let starts: Vec<(bool, bool)> = world
        .sandbox
        .log()
        .iter()
        .filter(|exchange| exchange.target.ends_with("/job"))
        .map(|exchange| (exchange.processed, matches!(exchange.effect, Some(Effect::Started { .. }))))
        .collect();
    assert_eq!(starts, [(false, false), (true, true)]);
}

#[test]
fn every_fault_says_whether_the_work_was_done_and_the_record_names_it() {
    for (fault, done) in [
        ("reset", false),
        ("hang", false),
        ("503", false),
        ("503-json", false),
        ("429=3", false),
        ("redirect", false),
        ("refused", false),
        ("no-session", false),
        ("lost-answer", true),
        ("hang-after", true),
        ("stalled", true),
        ("truncated", true),
        ("oversized", true),
        ("html", true),
        ("empty", true),
        ("null", true),
        ("wrapped", true),
        ("strings", true),
        ("503-after", true),
        ("latency=2s", true),
    ] {
        let mut world = World::new(DEFAULT_SCENARIO);
        let spec = format!("start:{fault}");
        world.sandbox.inject(spec.parse().unwrap());
        world.start("m_succeeds", "MTT");
        let exchange = world.sandbox.log().last().unwrap();
        let started = matches!(exchange.effect, Some(Effect::Started { .. }));
        assert_eq!((exchange.processed, started, exchange.call), (done, done, "start"), "{fault}");
        assert_eq!(exchange.faults, [spec]);
    }
}

#[test]
fn sessions_end_by_a_fault_and_stay_refused_by_another() {
    let mut world = World::new(DEFAULT_SCENARIO);
    world.sandbox.inject("monitor:expire-session*1".parse().unwrap());
    world.sandbox.inject("log:no-session=403".parse().unwrap());
    let status = |world: &mut World, what| world.send("GET", &format!("/api/v2/activity/{what}"), &Value::Null).0;
    assert_eq!(status(&mut world, "activityLog"), 403);
    assert_eq!(status(&mut world, "activityMonitor"), 401);
    assert_eq!(world.start("m_succeeds", "MTT").0, 401);
}
