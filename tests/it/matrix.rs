//! The fault matrix: every fault on every call, once, three times and for ever, in virtual time. For each cell the exit
//! code and the starts that reached the service. `INSTA_UPDATE=always cargo test matrix` writes it anew.

use std::collections::HashMap;
use std::fmt::Write;

use crate::virtual_world::VirtualWorld;
use crate::world::Outcome;

const SCENARIO: &str = "
[[task]]
name = 'good'
takes = '60s'
[[task]]
name = 'long'
takes = '10h'
";

const FAULTS: [&str; 29] = [
    "no-connection",
    "lost-answer",
    "reset",
    "hang",
    "hang-after",
    "stalled",
    "latency=25s",
    "truncated",
    "html",
    "empty",
    "null",
    "wrapped",
    "strings",
    "odd-rows",
    "broken-row",
    "broken-rows",
    "oversized",
    "redirect",
    "expire-session",
    "no-session",
    "no-session=403",
    "refused",
    "429=5",
    "429=date",
    "500",
    "503",
    "503=20",
    "503-json",
    "503-after",
];

/// The calls, what their URLs have in them, and the command that makes them.
const CALLS: [(&str, &str, &str); 6] = [
    ("login", "user/login", "start good -t MTT --wait"),
    ("lookup", "/v3/", "start --path Default/good --wait"),
    ("start", "/api/v2/job", "start good -t MTT --wait"),
    ("stop", "/job/stop", "stop --wait HANDLE"),
    ("monitor", "activityMonitor", "wait HANDLE OTHER --timeout 5m"),
    ("log", "activityLog", "start good -t MTT --wait"),
];

const TIMES: [(&str, usize); 3] = [("once", 1), ("three times", 3), ("for ever", usize::MAX)];

/// Runs one cell, and checks what must hold in each.
fn cell(call: &str, url: &str, line: &str, fault: &str, times: usize) -> String {
    let spec = if times == usize::MAX { format!("{call}:{fault}") } else { format!("{call}:{fault}*{times}") };
    let world = match fault {
        "no-connection" => VirtualWorld::new(SCENARIO, &[]).unreachable(url, times),
        _ => VirtualWorld::new(SCENARIO, &[&spec]),
    };
    let handle = |name: &str| world.run(&format!("start {name} -t MTT")).stdout.trim().to_owned();
    let needs_runs = line.contains("HANDLE");
    let line = if needs_runs {
        line.replace("HANDLE", &handle("long")).replace("OTHER", &handle("good"))
    } else {
        line.to_owned()
    };
    let before = world.started().len();
    let outcome = world.run(&format!("{line} --patience 2m -o json"));
    let place = format!("{spec}: {outcome:?}");
    let document = outcome.json();
    let mut starts = HashMap::new();
    for (task, _) in world.started() {
        *starts.entry(task).or_insert(0) += 1;
    }
    assert!(starts.values().all(|count| *count == 1), "{place}");
    let started = world.started().len() - before;
    if line.starts_with("start") {
        speaks_the_truth(&outcome, started, &place);
        let known = document["runs"].as_array().unwrap().iter().filter(|run| !run["handle"].is_null()).count();
        assert!(known <= started, "{place}");
    }
    if line.starts_with("stop") && outcome.code == 0 {
        assert_eq!(document["runs"][0]["outcome"], "stopped", "{place}");
    }
    format!("{:>3} {started}", outcome.code)
}

/// A code below 64 that speaks of a run needs one; one that says that nothing was started needs none.
fn speaks_the_truth(outcome: &Outcome, started: usize, place: &str) {
    match outcome.code {
        0 | 6 => assert_eq!(started, 1, "{place}"),
        7 | 9 | 69 | 77 | 78 => assert_eq!(started, 0, "{place}"),
        10 => {}
        code => panic!("{code} is no end of this: {place}"),
    }
}

#[test]
fn the_matrix_is_as_it_was_and_every_cell_speaks_the_truth() {
    let mut table = String::from("exit code and starts that reached the service\n\n");
    let heads = TIMES.map(|(head, _)| format!("{head:>11}")).concat();
    let _ = writeln!(table, "{:<24}{heads}", "call: fault");
    for (call, url, line) in CALLS {
        for fault in FAULTS {
            let cells = TIMES.map(|(_, times)| format!("{:>11}", cell(call, url, line, fault, times))).concat();
            let _ = writeln!(table, "{:<24}{cells}", format!("{call}: {fault}"));
        }
    }
    insta::assert_snapshot!(table);
}
