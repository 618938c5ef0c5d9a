//! A stop hits what was meant, however far the lists lag: in virtual time, with two machines that keep their own state,
//! counting what each stop hit.

use std::time::Duration;

use iics_sandbox::Effect;
use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use runajob::support::clock::Clock;
use runajob::support::signals::Signal;

use crate::random::try_all;
use crate::virtual_world::VirtualWorld;

const NIGHT: &str = "[[task]]\nname = 'night'\ntakes = '12h'\n";
/// A handle of the same task that no run has.
const NEVER: &str = "MTT/00SBX10Z000000000001/999";

fn lagging(timing: &str, faults: &[&str]) -> VirtualWorld {
    VirtualWorld::new(&format!("[timing]\n{timing}\n{NIGHT}"), faults)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn start(world: &VirtualWorld) -> String {
    let started = world.run("start night -t MTT --allow-concurrent");
    assert_eq!(started.code, 0, "{started:?}");
    started.stdout.trim().to_owned()
}

/// The same on another machine.
fn start_elsewhere(world: &VirtualWorld) -> String {
    world.swap_machine();
    let handle = start(world);
    world.swap_machine();
    handle
}

/// The numbers of the runs that each stop so far has hit.
fn hits(world: &VirtualWorld) -> Vec<Vec<u64>> {
    let hit = |effect| if let Some(Effect::Stopped { run_ids, .. }) = effect { Some(run_ids) } else { None };
    world.exchanges().into_iter().filter_map(|one| hit(one.effect)).collect()
}

#[test]
fn a_stop_of_another_run_does_not_hit_the_one_that_was_just_started_here() {
    let world = lagging("monitor_delay = '5m'", &[]);
    let handle = start(&world);
    world.clock.advance(seconds(5));
    let refused = world.run(&format!("stop {NEVER} -o json"));
    assert_eq!((refused.code, hits(&world).len()), (7, 0), "{refused:?}");
    let error = &refused.json()["error"];
    assert!(error["why"].as_str().unwrap().contains(&handle), "{refused:?}");
    assert!(error["fix"].as_str().unwrap().contains(&format!("runajob stop {NEVER} --all")), "{refused:?}");
}

#[test]
fn a_stop_of_a_shown_run_does_not_hit_those_that_were_just_started_here() {
    let world = lagging("monitor_delay = '60s'", &[]);
    let first = start(&world);
    world.clock.advance(seconds(100));
    let (second, third) = (start(&world), start(&world));
    for meant in [&first, &third] {
        let refused = world.run(&format!("stop {meant} -o json"));
        assert_eq!((refused.code, hits(&world).len()), (7, 0), "{refused:?}");
        assert!(refused.json()["error"]["why"].as_str().unwrap().contains(&second), "{refused:?}");
    }
    let all = world.run(&format!("stop {first} --all --wait"));
    assert_eq!((all.code, hits(&world)), (0, vec![vec![1, 2, 3]]), "{all:?}");
    assert_eq!(all.stdout.matches(" stopped\n").count(), 3, "{all:?}");
}

#[test]
fn a_run_that_never_was_is_looked_for_and_not_stopped() {
    let world = lagging("", &[]);
    let unseen = world.run(&format!("stop {NEVER} -o json"));
    assert_eq!((unseen.code, hits(&world).len()), (6, 0), "{unseen:?}");
    assert!(unseen.json()["error"]["why"].as_str().unwrap().contains("not seen"), "{unseen:?}");
    assert!(!unseen.stderr.contains("has already ended"), "{unseen:?}");
    assert_eq!(Clock::now(&world.clock), seconds(30));
    let among_others = world.run(&format!("stop {NEVER} --wait -o json --timeout 10s"));
    assert_eq!((among_others.code, hits(&world).len()), (6, 0), "{among_others:?}");
    assert!(Clock::now(&world.clock) <= seconds(40));
    let all = world.run(&format!("stop {NEVER} --all --wait -o json"));
    assert_eq!((all.code, hits(&world).len()), (9, 1), "{all:?}");
    assert!(all.stderr.contains("neither the monitor nor the log shows"), "{all:?}");
}

#[test]
fn a_run_of_another_machine_is_stopped_once_the_monitor_shows_it() {
    for (lag, all, code, stops) in [(20, "", 0, 1), (60, "", 6, 0), (60, " --all", 0, 1)] {
        let world = lagging(&format!("monitor_delay = '{lag}s'"), &[]);
        let handle = start_elsewhere(&world);
        let stopped = world.run(&format!("stop {handle}{all}"));
        assert_eq!((stopped.code, hits(&world).len()), (code, stops), "{lag} {all}: {stopped:?}");
    }
}

#[test]
fn a_run_that_was_just_started_here_is_stopped_before_the_monitor_shows_it() {
    let lag = "monitor_delay = '5m'\nlog_gap = '25s'\nlinger = '20s'";
    for stop in ["stop HANDLE --wait", "stop night -t MTT --wait", "stop --id 00SBX10Z000000000001 -t MTT --wait"] {
        let world = lagging(lag, &[]);
        let handle = start(&world);
        let stopped = world.run(&stop.replace("HANDLE", &handle));
        assert_eq!((stopped.code, stopped.stdout), (0, format!("{handle} stopped\n")), "{}", stopped.stderr);
        assert_eq!(hits(&world), [[1]]);
    }
    let late = lagging(lag, &[]);
    let ended = late.run("start night -t MTT --wait --timeout 30s --on-timeout stop");
    assert_eq!((ended.code, hits(&late)), (5, vec![vec![1]]), "{ended:?}");
    let gone = lagging(lag, &[]).signal(seconds(10), Signal::Terminate);
    let ended = gone.run("start night -t MTT --wait --on-signal stop");
    assert_eq!((ended.code, hits(&gone)), (143, vec![vec![1]]), "{ended:?}");
}

#[test]
fn a_task_that_also_runs_unshown_is_stopped_only_with_all() {
    let world = lagging("monitor_delay = '60s'", &[]);
    let first = start_elsewhere(&world);
    world.clock.advance(seconds(100));
    let second = start(&world);
    let refused = world.run("stop night -t MTT -o json");
    assert_eq!((refused.code, hits(&world).len()), (7, 0), "{refused:?}");
    let why = refused.json()["error"]["why"].as_str().unwrap().to_owned();
    assert!(why.contains(&first) && why.contains(&second), "{why}");
    let both = world.run("stop night -t MTT --all");
    assert_eq!((both.code, hits(&world)), (0, vec![vec![1, 2]]), "{both:?}");
}

#[test]
fn a_run_that_this_machine_started_no_longer_counts_once_the_log_has_it() {
    let scenario = "[timing]\nmonitor_delay = '60s'\n[[task]]\nname = 'night'\ntakes = '5s'\n";
    let world = VirtualWorld::new(scenario, &[]);
    let ended = start(&world);
    world.clock.advance(seconds(10));
    let handle = start(&world);
    let stopped = world.run(&format!("stop {handle}"));
    assert_eq!((stopped.code, hits(&world)), (0, vec![vec![2]]), "{stopped:?}");
    let over = world.run(&format!("stop {ended}"));
    assert_eq!((over.code, hits(&world).len()), (0, 1), "{over:?}");
    assert!(over.stderr.contains("has already ended"), "{over:?}");
}

#[test]
fn a_stop_is_not_repeated_when_another_run_has_come_up() {
    let world = lagging("monitor_delay = '3s'", &["stop:reset*1"]);
    let first = start(&world);
    world.clock.advance(seconds(60));
    // It is hidden when the first stop is sent, and shown before the second one would be.
    let other = start_elsewhere(&world);
    let refused = world.run(&format!("stop {first} -o json"));
    assert_eq!((refused.code, world.count("/job/stop"), hits(&world).len()), (7, 1, 0), "{refused:?}");
    assert!(refused.json()["error"]["why"].as_str().unwrap().contains(&other), "{refused:?}");
}

#[test]
fn a_lost_stop_is_not_repeated_when_nothing_can_be_read() {
    let world = lagging("", &["stop:reset*1", "monitor:503@61s"]);
    let handle = start(&world);
    world.clock.advance(seconds(60));
    let unknown = world.run(&format!("stop {handle} -o json"));
    assert_eq!((unknown.code, world.count("/job/stop")), (6, 1), "{unknown:?}");
    assert!(unknown.json()["error"]["what"].as_str().unwrap().contains("may not have arrived"), "{unknown:?}");
}

#[test]
fn a_hard_stop_does_not_follow_when_another_run_has_come_up() {
    let world = lagging("monitor_delay = '3s'\nclean_stop = '3h'", &[]);
    let first = start(&world);
    world.clock.advance(seconds(60));
    let other = start_elsewhere(&world);
    let end = world.run(&format!("stop {first} --clean --wait --escalate-after 1m --timeout 5m"));
    assert_eq!((end.code, world.count("/job/stop")), (4, 1), "{end:?}");
    assert!(end.stderr.contains("was not stopped hard") && end.stderr.contains(&other), "{end:?}");
}

#[test]
fn nothing_is_stopped_when_what_runs_cannot_be_read() {
    for fault in ["monitor:503", "monitor:html", "log:html"] {
        let world = lagging("", &[fault]);
        let handle = start(&world);
        world.clock.advance(seconds(60));
        let by_name = "stop night -t MTT -o json".to_owned();
        // A task of which one run is shown does not need the log.
        let needs_it = fault.starts_with("monitor");
        for stop in [Some(format!("stop {handle} -o json")), Some(by_name).filter(|_| needs_it)].iter().flatten() {
            let refused = world.run(stop);
            assert_eq!((refused.code, hits(&world).len()), (69, 0), "{fault}: {refused:?}");
            assert!(refused.json()["error"]["what"].as_str().unwrap().contains("was not stopped"), "{refused:?}");
        }
    }
}

#[test]
fn our_own_stop_turns_no_success_into_a_stopped_run() {
    for (end, code, classified_by) in [("success", 0, "state"), ("warning", 1, "state"), ("failure", 5, "own_stop")] {
        let world = VirtualWorld::new(&format!("[quirks]\nclean_stop_ends = '{end}'\n{NIGHT}"), &[]);
        let ended = world.run("start night -t MTT --wait --timeout 10m --on-timeout clean-stop -o json");
        assert_eq!((ended.code, hits(&world).len()), (code, 1), "{ended:?}");
        assert_eq!(ended.json()["runs"][0]["classified_by"], classified_by, "{ended:?}");
    }
    // It finished its work before the stop took hold.
    let scenario = "[timing]\nstop = '20s'\n[[task]]\nname = 'night'\ntakes = '70s'\n";
    let ended = VirtualWorld::new(scenario, &[]).run("start night -t MTT --wait --timeout 60s --on-timeout stop");
    assert_eq!(ended.code, 0, "{ended:?}");
}

#[derive(Debug, Clone)]
enum Step {
    Start,
    StopRun(prop::sample::Index),
    StopNever,
    StopTask,
}

#[derive(Debug, Clone)]
struct Night {
    takes: u64,
    monitor_delay: i64,
    log_gap: u64,
    linger: u64,
    faults: Vec<String>,
    /// What is done, on which of two machines, and how long after the step before.
    steps: Vec<(Step, bool, u64)>,
}

fn night() -> impl Strategy<Value = Night> {
    let step = prop_oneof![
        4 => Just(Step::Start),
        3 => any::<prop::sample::Index>().prop_map(Step::StopRun),
        1 => Just(Step::StopNever),
        2 => Just(Step::StopTask),
    ];
    let fault = prop::sample::select(&["reset", "lost-answer", "503", "hang", "truncated", "expire-session"][..]);
    let call = prop::sample::select(&["stop", "stop", "monitor", "log"][..]);
    let fault = (call, fault, 1..3).prop_map(|(call, fault, times)| format!("{call}:{fault}*{times}"));
    let timing = (prop_oneof![20_u64..400, Just(40_000)], 0_i64..90, 0_u64..90, 0_u64..30);
    (timing, vec(fault, 0..3), vec((step, any::<bool>(), 0_u64..60), 2..8)).prop_map(
        |((takes, monitor_delay, log_gap, linger), faults, steps)| Night {
            takes,
            monitor_delay,
            log_gap,
            linger,
            faults,
            steps,
        },
    )
}

/// A run that was started.
struct StartOutcome {
    number: u64,
    machine: bool,
    at: Timestamp,
}

/// The stops that hit something since so many exchanges: what they hit, and when the monitor was last asked before.
fn hits_since(world: &VirtualWorld, before: usize) -> Vec<(Vec<u64>, Timestamp)> {
    let exchanges = world.exchanges();
    let hit = |place: usize| {
        let Some(Effect::Stopped { run_ids, .. }) = &exchanges[place].effect else { return None };
        let asked = exchanges[..place].iter().rfind(|one| one.call == "monitor")?;
        Some((run_ids.clone(), asked.at))
    };
    (before..exchanges.len()).filter_map(hit).collect()
}

fn live_through(night: &Night) -> Result<(), TestCaseError> {
    let Night { takes, monitor_delay, log_gap, linger, .. } = night;
    let scenario = format!(
        "[timing]\nmonitor_delay = '{monitor_delay}s'\nlog_gap = '{log_gap}s'\nlinger = '{linger}s'\n\
         [[task]]\nname = 'night'\ntakes = '{takes}s'\n"
    );
    let faults: Vec<&str> = night.faults.iter().map(String::as_str).collect();
    let world = VirtualWorld::new(&scenario, &faults);
    let mut begun: Vec<StartOutcome> = Vec::new();
    let mut machine = false;
    let delay = *monitor_delay;
    for (step, on, pause) in &night.steps {
        world.clock.advance(seconds(*pause));
        if *on != machine {
            world.swap_machine();
            machine = *on;
        }
        let (line, meant) = match step {
            Step::Start => {
                let at = world.clock.utc();
                start(&world);
                begun.push(StartOutcome { number: begun.len() as u64 + 1, machine, at });
                continue;
            }
            Step::StopRun(_) if begun.is_empty() => continue,
            Step::StopRun(index) => {
                let number = index.get(&begun).number;
                (format!("stop MTT/00SBX10Z000000000001/{number}"), Some(number))
            }
            Step::StopNever => (format!("stop {NEVER}"), None),
            Step::StopTask => ("stop --id 00SBX10Z000000000001 -t MTT".to_owned(), None),
        };
        let before = world.exchanges().len();
        let outcome = world.run(&line);
        prop_assert!(matches!(outcome.code, 0 | 6 | 7 | 9 | 69 | 77), "{outcome:?}");
        if matches!(step, Step::StopNever) {
            let sent = world.exchanges()[before..].iter().filter(|one| one.call == "stop").count();
            prop_assert!(outcome.code != 0 && sent == 0, "{outcome:?}");
        }
        for (hit, asked) in hits_since(&world, before) {
            // What another machine has just started nobody can know of.
            let is_hidden = |one: &&StartOutcome| {
                one.machine != machine && asked.duration_since(one.at) < SignedDuration::from_secs(delay)
            };
            let hidden: Vec<u64> = begun.iter().filter(is_hidden).map(|one| one.number).collect();
            let known: Vec<u64> = hit.iter().copied().filter(|number| !hidden.contains(number)).collect();
            match meant {
                Some(meant) => prop_assert!(known.iter().all(|number| *number == meant), "{hit:?} {outcome:?}"),
                None => prop_assert!(known.len() <= 1, "{hit:?} {outcome:?}"),
            }
        }
    }
    Ok(())
}

#[test]
fn random_stops_hit_only_what_was_meant() {
    try_all(300, &night(), live_through);
}
