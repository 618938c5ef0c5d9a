//! The harsh scenario: every run is late in one list or lingers in another.

use super::*;

/// For each second from the start on: whether the monitor has the run, and whether the log has it.
fn seconds(world: &mut World, job: &Value, count: u64) -> Vec<(bool, bool)> {
    let second = |world: &mut World| {
        let monitor = world.get("/api/v2/activity/activityMonitor");
        let shown = monitor.as_array().unwrap().iter().any(|row| row["runId"] == job["runId"]);
        let seen = (shown, world.row(job) != json!([]));
        world.later(1);
        seen
    };
    (0..count).map(|_| second(world)).collect()
}

/// Where the run is, and for how many seconds.
fn stages(seen: &[(bool, bool)]) -> Vec<(&'static str, usize)> {
    let stage = |pair: &[(bool, bool)]| {
        let place = match pair[0] {
            (false, false) => "neither",
            (true, false) => "monitor",
            (true, true) => "both",
            (false, true) => "log",
        };
        (place, pair.len())
    };
    seen.chunk_by(|one, next| one == next).map(stage).collect()
}

#[test]
fn successive_runs_are_late_and_linger_in_turn() {
    let mut world = World::new("harsh = true\n[[task]]\nname = 't'\ntakes = '20s'");
    let mut run = || {
        let (_, job) = world.start("t", "MTT");
        stages(&seconds(&mut world, &job, 60))
    };
    assert_eq!(run(), [("neither", 15), ("monitor", 9), ("neither", 20), ("log", 16)]);
    assert_eq!(run(), [("neither", 3), ("monitor", 24), ("both", 27), ("log", 6)]);
    assert_eq!(run(), [("neither", 3), ("monitor", 26), ("neither", 20), ("log", 11)]);
}

#[test]
fn longer_times_of_the_scenario_stay_and_without_the_switch_nothing_changes() {
    let scenario = "[[task]]\nname = 't'\nlog_gap = 'never'\nmonitor_delay = '40s'\ntakes = '1m'";
    let scenario = Scenario::parse(scenario).unwrap();
    let mut world = World::new("");
    world.sandbox = Sandbox::new(scenario.harsh(), world.now);
    world.log_in();
    let (_, job) = world.start("t", "MTT");
    assert_eq!(stages(&seconds(&mut world, &job, 90)), [("neither", 40), ("monitor", 24), ("neither", 26)]);
    let mut world = World::new("harsh = false\n[[task]]\nname = 't'\ntakes = '20s'");
    let (_, job) = world.start("t", "MTT");
    assert_eq!(stages(&seconds(&mut world, &job, 25)), [("neither", 1), ("monitor", 19), ("neither", 1), ("log", 4)]);
}
