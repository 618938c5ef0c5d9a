//! Random nights: schedules of faults, outages, delays, signals and kills over runs that end in every way. Whatever happens,
//! the verdict is what the service knows, or one that says less and is true; and no command starts a task twice.
//!
//! These are the same 2,000 nights each time; `PROPTEST_CASES=10000 cargo test random_nights` draws others.

use std::time::Duration;

use iics_sandbox::Effect;
use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::prelude::*;
use runajob::support::signals::Signal;
use serde_json::Value;

use crate::random::try_all;
use crate::virtual_world::VirtualWorld;
use crate::world::Outcome;

/// How the task's runs end, and the code that this has.
const ENDS: [(&str, i32); 5] = [("success", 0), ("warning", 1), ("failure", 3), ("stopped", 5), ("no_agent", 7)];

const CALLS: [&str; 7] = ["any", "login", "lookup", "start", "stop", "monitor", "log"];

const FAULTS: [&str; 29] = [
    "lost-answer",
    "reset",
    "hang",
    "latency=3s",
    "latency=40s",
    "truncated",
    "html",
    "empty",
    "null",
    "redirect",
    "expire-session",
    "429",
    "429=20",
    "400",
    "500",
    "502",
    "503",
    "hang-after",
    "stalled",
    "wrapped",
    "strings",
    "no-session",
    "no-session=403",
    "503=20",
    "503-json",
    "503-after",
    "odd-rows",
    "broken-row",
    "broken-rows",
];

#[derive(Debug, Clone)]
struct Night {
    end: usize,
    takes: u64,
    monitor_delay: u64,
    log_gap: u64,
    linger: u64,
    monitor_utc: bool,
    faults: Vec<String>,
    outage: Option<(u64, u64)>,
    signals: Vec<(u64, bool)>,
    kill: Option<u64>,
    once: bool,
    /// Between two commands under one key: days that pass, and days that the wall clock is ahead then.
    jumps: Vec<(u64, i64)>,
    words: String,
}

fn fault() -> impl Strategy<Value = String> {
    let times = prop_oneof![3 => (1_u32..4).prop_map(|times| format!("*{times}")), 1 => Just(String::new())];
    let from = prop_oneof![2 => Just(String::new()), 1 => (0_u64..300).prop_map(|from| format!("@{from}s"))];
    (0..CALLS.len(), 0..FAULTS.len(), times, from)
        .prop_map(|(call, fault, times, from)| format!("{}:{}{times}{from}", CALLS[call], FAULTS[fault]))
}

fn words() -> impl Strategy<Value = String> {
    let one_of = |words: &'static [&'static str]| (0..words.len()).prop_map(|index| words[index]);
    (
        one_of(&["", " --timeout 30s", " --timeout 5m"]),
        one_of(&["", " --on-timeout stop", " --on-timeout clean-stop"]),
        one_of(&["", " --on-signal stop", " --on-signal clean-stop"]),
        one_of(&["", "", " --if-running fail", " --if-running join"]),
        one_of(&["", " --poll-interval 1s"]),
        one_of(&[" --patience 2m", " --patience 20s"]),
        one_of(&["start task -t MTT", "start task", "start --path Default/task", "start --id 00SBX10Z000000000001"]),
    )
        .prop_map(|(timeout, at_time, at_signal, beside, poll, patience, start)| {
            format!("{start} --wait -o json{timeout}{at_time}{at_signal}{beside}{poll}{patience}")
        })
}

fn days() -> impl Strategy<Value = u64> {
    prop_oneof![4 => Just(0_u64), 1 => 1_u64..3, 1 => 20_u64..500]
}

fn ahead() -> impl Strategy<Value = i64> {
    prop_oneof![4 => Just(0_i64), 2 => -3_i64..4, 1 => -4000_i64..4000]
}

fn night() -> impl Strategy<Value = Night> {
    let timing = (0..ENDS.len(), 0_u64..400, 0_u64..20, 0_u64..20, 0_u64..20, any::<bool>());
    let trouble = (
        vec(fault(), 0..5),
        proptest::option::weighted(0.2, (0_u64..300, 1_u64..200)),
        vec((0_u64..300, any::<bool>()), 0..3),
        proptest::option::weighted(0.2, 0_u64..200),
        any::<bool>(),
        vec((days(), ahead()), 2..5),
        words(),
    );
    (timing, trouble).prop_map(|(timing, trouble)| {
        let (end, takes, monitor_delay, log_gap, linger, monitor_utc) = timing;
        let (faults, outage, signals, kill, once, jumps, words) = trouble;
        Night {
            end,
            takes,
            monitor_delay,
            log_gap,
            linger,
            monitor_utc,
            faults,
            outage,
            signals,
            kill,
            once,
            jumps,
            words,
        }
    })
}

impl Night {
    fn world(&self) -> VirtualWorld {
        let Self { end, takes, monitor_delay, log_gap, linger, monitor_utc, .. } = self;
        let end = ENDS[*end].0;
        let scenario = format!(
            "[timing]\nmonitor_delay = '{monitor_delay}s'\nlog_gap = '{log_gap}s'\nlinger = '{linger}s'\n\
             [quirks]\nmonitor_utc = {monitor_utc}\n\
             [[task]]\nname = 'task'\ntakes = '{takes}s'\nends = ['{end}']\n"
        );
        let faults: Vec<&str> = self.faults.iter().map(String::as_str).collect();
        let mut world = VirtualWorld::new(&scenario, &faults);
        if let Some((from, length)) = self.outage {
            world = world.outage(Duration::from_secs(from), Duration::from_secs(from + length));
        }
        for (at, hard) in &self.signals {
            let signal = if *hard { Signal::Terminate } else { Signal::Interrupt };
            world = world.signal(Duration::from_secs(*at), signal);
        }
        world
    }

    /// The code that the log's account of the run has; stopped runs by their stop.
    fn truth(&self, stopped: bool) -> Vec<i32> {
        let own = ENDS[self.end].1;
        // A run may end by itself while its stop is under way.
        if stopped { vec![own, 5] } else { vec![own] }
    }
}

fn stops(world: &VirtualWorld) -> usize {
    let hit = |effect: &Effect| matches!(effect, Effect::Stopped { run_ids, .. } if !run_ids.is_empty());
    world.exchanges().iter().filter(|one| one.effect.as_ref().is_some_and(hit)).count()
}

/// Checks one command's end against what the service knows. `before` starts had reached it when the command began.
fn speaks_the_truth(
    night: &Night,
    world: &VirtualWorld,
    outcome: &Outcome,
    before: usize,
) -> Result<(), TestCaseError> {
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    prop_assert_eq!(&document["exit_code"], outcome.code);
    let all = world.started().len();
    let started = all - before;
    prop_assert!(started <= 1, "{} starts: {:?}", started, outcome);
    let handle = document["runs"][0]["handle"].as_str();
    match outcome.code {
        code @ (0 | 1 | 3 | 5) => {
            prop_assert!(all > 0, "a verdict without a run: {outcome:?}");
            prop_assert!(night.truth(stops(world) > 0).contains(&code), "{outcome:?}");
        }
        7 if handle.is_some() => prop_assert_eq!(ENDS[night.end].0, "no_agent"),
        7 | 69 | 77 => prop_assert_eq!(started, 0, "{:?}", outcome),
        // What the lookup refuses it may not know: documents do not say how it reports that.
        9 => {
            let refused = night.faults.iter().any(|fault| fault.contains("=403"));
            prop_assert!(refused && started == 0, "{outcome:?}");
        }
        // The task ran already, or runs.
        8 => prop_assert!(all > 0 && (started == 0 || all > 1), "{outcome:?}"),
        4 => prop_assert!(handle.is_some() && all > 0 && night.words.contains("--timeout"), "{outcome:?}"),
        6 => prop_assert!(handle.is_some() && all > 0, "{outcome:?}"),
        10 => {}
        130 | 143 => {
            prop_assert!(!night.signals.is_empty(), "{outcome:?}");
            prop_assert!(handle.is_some() || started == 0, "{outcome:?}");
        }
        code => prop_assert!(false, "{code} is no end of this: {outcome:?}"),
    }
    Ok(())
}

/// Looks at what runs, through whatever faults are left: lists are cut off and requested again.
fn shows_each_run_once(night: &Night, world: &VirtualWorld) -> Result<(), TestCaseError> {
    let cuts = |fault: &String| ["truncated", "stalled", "odd", "broken"].iter().any(|word| fault.contains(word));
    if !night.faults.iter().any(cuts) {
        return Ok(());
    }
    let outcome = world.run("status -o json");
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let runs = document["runs"].as_array().map_or(0, Vec::len);
    prop_assert!(runs <= world.started().len(), "{outcome:?}");
    Ok(())
}

fn live_through(night: &Night) -> Result<(), TestCaseError> {
    let world = night.world();
    let words = if night.once { format!("{} --once key", night.words) } else { night.words.clone() };
    let first = world.run_until(&words, night.kill.map(Duration::from_secs));
    if let Some(outcome) = &first {
        speaks_the_truth(night, &world, outcome, 0)?;
    }
    prop_assert!(world.started().len() <= 1);
    shows_each_run_once(night, &world)?;
    if !night.once {
        return Ok(());
    }
    // The same key again and again: one start, and another only after a run that did not end well.
    let well = ENDS[night.end].1 <= 1;
    for (days, ahead) in &night.jumps {
        world.clock.advance(Duration::from_secs(days * 86_400));
        world.set_ahead(SignedDuration::from_hours(ahead * 24));
        let before = world.started().len();
        let outcome = world.run(&words);
        speaks_the_truth(night, &world, &outcome, before)?;
        if well && stops(&world) == 0 {
            prop_assert!(world.started().len() <= 1, "{outcome:?}");
        }
    }
    Ok(())
}

#[test]
fn random_nights_never_start_twice_and_never_end_with_a_wrong_verdict() {
    try_all(2000, &night(), live_through);
}
