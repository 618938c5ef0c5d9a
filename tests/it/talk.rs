//! What a person reads on stderr where there is no terminal, shown in virtual time: each line with its time and handle,
//! a sign of life every five minutes, and no request more than that is worth.

use std::time::Duration;

use runajob::support::signals::Signal;

use crate::virtual_world::VirtualWorld;

const SCENARIO: &str = "
[[task]]
name = 'quick'
takes = '20s'
[[task]]
name = 'hours'
takes = '17m'
rows = 17000
[[task]]
name = 'fails'
takes = '40s'
ends = ['failure']
error = 'no such table'
[[task]]
name = 'warns'
takes = '40s'
ends = ['warning']
[[task]]
name = 'many'
takes = '30m'
count = 8
";

fn world() -> VirtualWorld {
    VirtualWorld::new(SCENARIO, &[])
}

/// The talk without what the jitter of pauses changes: times in front, and the numbers of signs of life.
fn talk(stderr: &str) -> String {
    let plain = |line: &str| match line.strip_prefix("2026-03-03 ").and_then(|rest| rest.split_once(' ')) {
        Some((_, rest)) => format!("[time] {rest}\n"),
        None => format!("{line}\n"),
    };
    let text: String = stderr.lines().map(plain).collect();
    let text = match text.split_once(" failed in ") {
        Some((start, end)) => {
            format!("{start} failed in (time)\n{}", end.split_once('\n').map_or("", |(_, rest)| rest))
        }
        None => text,
    };
    let mask = |line: &str| match line.split_once(" running ") {
        Some((start, numbers)) if numbers.contains(" read, ") => format!("{start} running (numbers)\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(mask).collect()
}

#[test]
fn one_run_gives_a_sign_of_life_every_five_minutes_and_costs_a_look_at_the_monitor_for_it() {
    let world = world();
    let outcome = world.run("start hours -t MTT --wait --poll-interval 30s");
    assert_eq!((outcome.code, world.count("activityMonitor")), (0, 3), "{outcome:?}");
    insta::assert_snapshot!(talk(&outcome.stderr), @r"
    starting the task with the name 'hours'
    SANDBOX: a simulated service answers; no real job runs
    [time] started MTT/00SBX10Z000000000002/1 (hours)
    [time] MTT/00SBX10Z000000000002/1: hours running (numbers)
    [time] MTT/00SBX10Z000000000002/1: hours running (numbers)
    [time] MTT/00SBX10Z000000000002/1: hours running (numbers)
    [time] MTT/00SBX10Z000000000002/1: hours succeeded after 17m: 17000 rows read, 17000 written
    ");
}

#[test]
fn with_progress_the_monitor_is_asked_for_changes_and_without_it_only_ends_are_said() {
    let eager = world();
    let outcome = eager.run("start fails -t MTT --wait --progress always");
    insta::assert_snapshot!(talk(&outcome.stderr), @r"
    starting the task with the name 'fails'
    SANDBOX: a simulated service answers; no real job runs
    [time] started MTT/00SBX10Z000000000003/1 (fails)
    [time] MTT/00SBX10Z000000000003/1: fails running
    [time] MTT/00SBX10Z000000000003/1: fails failed after 40s: 500 rows read, 500 written
      no such table
      500 rows were written; a rerun may write them again
      for details: runajob status MTT/00SBX10Z000000000003/1
    ");
    assert!((3..=5).contains(&eager.count("activityMonitor")), "{}", eager.count("activityMonitor"));
    let silent = world();
    let outcome = silent.run("start fails -t MTT --wait --progress never");
    assert!(!outcome.stderr.contains("running") && outcome.stderr.contains("no such table"), "{outcome:?}");
    assert_eq!(silent.count("activityMonitor"), 0);
}

#[test]
fn several_runs_tell_each_change_when_it_is_seen() {
    let outcome = world().run("start quick fails -t MTT --wait --poll-interval 10s");
    assert_eq!(outcome.code, 3);
    insta::assert_snapshot!(talk(&outcome.stderr), @r"
    starting 2 tasks
    SANDBOX: a simulated service answers; no real job runs
    [time] started MTT/00SBX10Z000000000001/1 (quick)
    [time] started MTT/00SBX10Z000000000003/1 (fails)
    [time] MTT/00SBX10Z000000000001/1: quick running
    [time] MTT/00SBX10Z000000000003/1: fails running
    [time] MTT/00SBX10Z000000000001/1: quick succeeded after 20s: 1000 rows read, 1000 written
    [time] MTT/00SBX10Z000000000003/1: fails failed after 40s: 500 rows read, 500 written
      no such table
      500 rows were written; a rerun may write them again
      for details: runajob status MTT/00SBX10Z000000000003/1
    [time] 2 runs: 1 succeeded, 1 failed in (time)
      MTT/00SBX10Z000000000003/1: fails failed after 40s: 500 rows read, 500 written
    ");
}

#[test]
fn a_failure_is_told_in_full_when_it_happens_and_is_listed_last() {
    let outcome = world().run("start hours fails -t MTT --wait");
    assert_eq!(outcome.code, 3);
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    let place = |text: &str| lines.iter().position(|line| line.contains(text)).unwrap();
    let failed = place("fails failed after 40s");
    assert!(lines[failed].starts_with("2026-03-03 10:00:4"), "{outcome:?}");
    assert_eq!(lines[failed + 1], "  no such table");
    assert!(place("hours succeeded after 17m") > failed, "{outcome:?}");
    assert_eq!(outcome.stderr.matches("no such table").count(), 1, "{outcome:?}");
    assert!(lines[lines.len() - 2].contains("2 runs: 1 succeeded, 1 failed in 17m"), "{outcome:?}");
    assert!(lines.last().unwrap().contains(": fails failed after 40s"), "{outcome:?}");
    let quiet = world().run("start quick fails -t MTT --wait -q");
    assert_eq!(quiet.stderr.matches("fails failed").count(), 1, "{quiet:?}");
    assert!(!quiet.stderr.contains("2 runs:"), "{quiet:?}");
}

#[test]
fn a_handle_that_nobody_knows_is_said_to_be_so_at_once() {
    let handle = "MTT/00SBX10Z000000000001/77";
    let given_up = world().run(&format!("wait {handle} --timeout 30s"));
    assert_eq!((given_up.code, given_up.stdout.as_str()), (4, "MTT/00SBX10Z000000000001/77 unknown\n"));
    insta::assert_snapshot!(talk(&given_up.stderr), @r"
    waiting for one run
    SANDBOX: a simulated service answers; no real job runs
    [time] MTT/00SBX10Z000000000001/77: the service does not show this run yet; searching for up to ten minutes
    [time] MTT/00SBX10Z000000000001/77 has not been seen
      why: the time given by --timeout passed
      now: runajob status MTT/00SBX10Z000000000001/77
    ");
    let interrupted = world().signal(Duration::from_secs(30), Signal::Interrupt).run(&format!("wait {handle} -o json"));
    assert_eq!((interrupted.code, &interrupted.json()["runs"][0]["outcome"]), (130, &"unknown".into()));
    for text in ["accepted", "left running"] {
        assert!(!interrupted.stderr.contains(text), "{interrupted:?}");
    }
    assert!(interrupted.stderr.contains(&format!("{handle} has not been seen")), "{interrupted:?}");
}

#[test]
fn a_sign_of_life_for_many_runs_counts_them_and_names_some() {
    let names: Vec<String> = (1..=8).map(|number| format!("many_{number}")).collect();
    let outcome = world().run(&format!("start {} -t MTT --wait --poll-interval 30s", names.join(" ")));
    let text = talk(&outcome.stderr);
    let sign = text.lines().find(|line| line.contains("8 runs: 8 running after")).unwrap();
    assert_eq!((sign.matches("MTT/").count(), sign.ends_with(" and 5 more")), (3, true), "{sign}");
}

#[test]
fn a_sign_of_life_counts_what_is_over_apart() {
    let outcome = world().run("start quick hours -t MTT --wait --poll-interval 30s");
    let sign = outcome.stderr.lines().find(|line| line.contains("2 runs: 1 running, 1 succeeded after")).unwrap();
    assert!(sign.ends_with("; MTT/00SBX10Z000000000002/1"), "{sign}");
}

#[test]
fn a_run_that_began_before_the_waiting_has_its_name_and_its_whole_time() {
    let world = world();
    let handle = world.run("start hours -t MTT").stdout.trim().to_owned();
    world.clock.advance(Duration::from_secs(360));
    let outcome = world.run(&format!("wait {handle} --poll-interval 30s"));
    let sign = outcome.stderr.lines().find(|line| line.contains(" running 1")).unwrap();
    assert!(sign.contains(&format!("{handle}: hours running 11m")), "{outcome:?}");
}

#[test]
fn a_run_that_a_poll_showed_is_left_running_and_not_unseen() {
    let world = world();
    let handle = world.run("start hours -t MTT").stdout.trim().to_owned();
    world.clock.advance(Duration::from_secs(60));
    let left = world.run(&format!("wait {handle} --timeout 30s"));
    assert_eq!((left.code, left.stdout), (4, format!("{handle} running\n")));
    assert!(left.stderr.contains(&format!("{handle} left running")), "{}", left.stderr);
}

#[test]
fn an_end_has_the_colour_of_its_exit() {
    let world = world();
    for (task, code, color) in [("quick", 0, "32"), ("warns", 1, "33"), ("fails", 3, "31")] {
        let outcome = world.run(&format!("start {task} -t MTT --wait --color always"));
        assert_eq!(outcome.code, code, "{outcome:?}");
        let end = outcome.stderr.lines().find(|line| line.contains(" after ")).unwrap();
        assert!(end.contains(&format!("\u{1b}[{color}m{task} ")), "{end:?}");
    }
    let tolerant = world.run("start warns -t MTT --wait --warnings-ok");
    assert_eq!(tolerant.code, 0, "{tolerant:?}");
}

#[test]
fn polls_that_fail_are_said_once_and_so_is_the_first_that_does_not() {
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    let world = world().outage(minutes(2), minutes(6));
    let outcome = world.run("start hours -t MTT --wait --poll-interval 30s");
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let place = |text: &str| {
        assert_eq!(outcome.stderr.matches(text).count(), 1, "{text}: {outcome:?}");
        outcome.stderr.find(text).unwrap()
    };
    assert!(place("polling failed: no connection to the service") < place("the service answers again"));
    assert!(outcome.stderr.contains("; trying for 15m more"), "{outcome:?}");
}

#[test]
fn runs_left_running_are_said_once_with_the_command_that_waits_for_them_again() {
    let quiet = world().run("start quick hours -t MTT --wait --timeout 60s -q");
    assert_eq!((quiet.code, quiet.stdout.as_str()), (4, ""));
    insta::assert_snapshot!(talk(&quiet.stderr), @r"
    [time] MTT/00SBX10Z000000000002/1 left running (hours)
      why: the time given by --timeout passed
      now: runajob wait MTT/00SBX10Z000000000002/1
    ");
    let world = world().signal(Duration::from_secs(7), Signal::Interrupt);
    std::fs::write(world.home.path().join("other.toml"), "").unwrap();
    let config = world.home.path().join("other.toml");
    let interrupted = world.run(&format!("start quick hours -t MTT --wait --config {}", config.display()));
    assert_eq!(interrupted.code, 130);
    let now = format!("now: runajob --config {} wait MTT/", config.display());
    assert!(interrupted.stderr.contains("2 runs left running") && interrupted.stderr.contains(&now), "{interrupted:?}");
}

#[test]
fn programs_get_tabs_from_find_the_path_first() {
    let found = world().run("find quick");
    let fields: Vec<&str> = found.stdout.trim_end().split('\t').collect();
    assert_eq!((fields.len(), fields[0], fields[1]), (5, "Default/quick", "MTT"), "{found:?}");
}

#[test]
fn the_check_of_the_settings_counts_no_run_that_is_over() {
    let scenario = "
[timing]
linger = '1h'
[[task]]
name = 'm_quick'
takes = '5s'
[[task]]
name = 'm_long'
takes = '2h'
";
    let world = VirtualWorld::new(scenario, &[]);
    assert_eq!(world.run("start m_long -t MTT --no-wait").code, 0);
    assert_eq!(world.run("start m_quick -t MTT --wait").code, 0);
    let checked = world.run("config check");
    assert!(checked.stdout.contains("activity monitor: ok, 1 running"), "{}", checked.stdout);
}
