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
        ("403-after-json", true),
        ("same-page", true),
        ("endless-pages", true),
        ("restart-counters", true),
        ("odd-ids=html", true),
        ("added-error", true),
        ("hostile-text", true),
        ("hostile-states", true),
        ("hostile-refusal", false),
        ("long-text", true),
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

/// The rows of a list in virtual time, by an ID that each of them has.
fn page(world: &mut World, target: &str, key: &str) -> Vec<Value> {
    let body = world.get(target);
    let rows = body.get("objects").unwrap_or(&body).as_array().unwrap();
    rows.iter().map(|row| row[key].clone()).collect()
}

#[test]
fn pages_ignore_their_offset_and_may_be_full_for_ever() {
    let mut world = World::new("[[task]]\nname = 't'\npast_runs = 5");
    let id = world.id_of("t");
    let log =
        |offset| format!("/api/v2/activity/activityLog?taskId={}&offset={offset}&rowLimit=3", id.as_str().unwrap());
    assert_eq!(page(&mut world, &log(3), "runId"), [2, 1]);
    world.sandbox.inject("log:same-page*2".parse().unwrap());
    for offset in [3, 6000] {
        assert_eq!(page(&mut world, &log(offset), "runId"), [5, 4, 3]);
    }
    assert_eq!(page(&mut world, &log(6000), "runId"), [0; 0]);
    world.sandbox.inject("log:endless-pages".parse().unwrap());
    let seven = log(6000).replace("rowLimit=3", "rowLimit=7");
    assert_eq!(page(&mut world, &seven, "runId"), [5, 4, 3, 2, 1, 5, 4]);
    world.sandbox.inject("lookup:endless-pages".parse().unwrap());
    let objects = "/public/core/v3/objects?q=type==MTT&skip=400&limit=3";
    assert_eq!(page(&mut world, objects, "path"), ["Default/t"; 3]);
}

#[test]
fn the_list_of_taskflows_ignores_its_offset_too() {
    let mut world = World::new("[[task]]\nname = 't'\ntype = 'TASKFLOW'\npast_runs = 2\n");
    world.sandbox.inject("status:endless-pages".parse().unwrap());
    let request = Request {
        method: "GET".into(),
        path: "/active-bpel/services/tf/status".into(),
        query: Some("offset=50&rowLimit=4".into()),
        headers: vec![("INFA-SESSION-ID".into(), world.session.clone())],
        ..Request::default()
    };
    let rows: Value = serde_json::from_slice(&world.sandbox.answer(&request, world.now).body).unwrap();
    assert_eq!((rows.as_array().unwrap().len(), &rows[0]), (4, &rows[2]));
    assert_eq!(world.sandbox.log().last().unwrap().target, "/active-bpel/services/tf/status?offset=50&rowLimit=4");
}

#[test]
fn a_restarted_counter_gives_an_id_that_the_log_has_for_an_old_run() {
    let mut world = World::new("[[task]]\nname = 't'\npast_runs = 3");
    world.sandbox.inject("start:restart-counters*1".parse().unwrap());
    let (_, first) = world.start("t", "MTT");
    assert_eq!((&first["runId"], world.row(&first).as_array().unwrap().len()), (&json!(1), 1));
    let (_, second) = world.later(60).start("t", "MTT");
    assert_eq!((&second["runId"], world.row(&first).as_array().unwrap().len()), (&json!(2), 2));
}

#[test]
fn answers_have_odd_ids_an_added_error_and_hostile_text() {
    let mut world = World::new(DEFAULT_SCENARIO);
    for fault in [
        "start:odd-ids=slashes*1",
        "start:added-error*1",
        "start:hostile-text*1",
        "start:long-text*1",
        "start:hostile-refusal*1",
    ] {
        world.sandbox.inject(fault.parse().unwrap());
    }
    let (_, odd) = world.start("m_succeeds", "MTT");
    assert!(odd["taskId"].as_str().unwrap().contains('/') && odd["runId"].as_str().unwrap().contains('/'));
    let (status, job) = world.later(60).start("m_succeeds", "MTT");
    assert_eq!((status, &job["runId"], &job["error"]), (200, &json!(4), &json!({})));
    let (_, hostile) = world.later(60).start("m_succeeds", "MTT");
    assert!(hostile["taskName"].as_str().unwrap().starts_with("m_succeeds\u{1b}["));
    assert_eq!(hostile["taskType"], "MTT");
    let (_, long) = world.later(60).start("m_succeeds", "MTT");
    assert!(long["taskName"].as_str().unwrap().len() > 1_000_000 && long["taskType"] == "MTT");
    let (status, refusal) = world.later(60).start("m_succeeds", "MTT");
    assert!(status == 403 && refusal["code"].as_str().unwrap().starts_with("APP_13425\u{1b}["));
}

#[test]
fn a_stop_is_refused_although_it_was_done() {
    let mut world = World::new(DEFAULT_SCENARIO);
    world.sandbox.inject("stop:403-after-json".parse().unwrap());
    let (_, job) = world.start("m_long_running", "MTT");
    assert_eq!(world.stop(&job, "").status, 403);
    assert_eq!(world.later(6).row(&job)[0]["isStopped"], true);
}
