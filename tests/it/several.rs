//! Several tasks in one command: which code it ends with when some could not be started, and whether it may be run again.

use std::time::Duration;

use runajob::support::signals::Signal;
use serde_json::Value;

use crate::virtual_world::VirtualWorld;
use crate::world::Outcome;

const SCENARIO: &str = "
[[task]]
name = 'a'
takes = '60s'
[[task]]
name = 'b'
takes = '60s'
[[task]]
name = 'bad'
takes = '60s'
ends = ['failure']
rows = 1000
[[task]]
name = 'killed'
takes = '60s'
ends = ['stopped']
rows = 1
[[task]]
name = 'early'
takes = '60s'
ends = ['failure']
rows = 0
[[task]]
name = 'no_agent'
ends = ['no_agent']
";

const ALL: &str = "start a b bad -t MTT --wait -o json";

fn codes(outcome: &Outcome) -> Vec<i64> {
    outcome.json()["runs"].as_array().unwrap().iter().map(|run| run["outcome_code"].as_i64().unwrap()).collect()
}

fn rerun_safe(outcome: &Outcome) -> bool {
    outcome.json()["rerun_safe"].as_bool().unwrap()
}

#[test]
fn what_could_not_be_started_beside_others_did_not_run() {
    for (faults, why) in [
        (&["start:expire-session*1+1", "login:refused+1"][..], "was refused"),
        (&["start:expire-session*1+1", "login:503+1"], "HTTP 503"),
        (&["start:refused+1"], "privilege"),
        (&["start:404-json+1"], "internal error"),
    ] {
        let world = VirtualWorld::new(SCENARIO, faults);
        let ended = world.run("start a b -t MTT -o json");
        assert_eq!((ended.code, codes(&ended), world.started().len()), (7, vec![0, 7], 1), "{faults:?} {ended:?}");
        let second = ended.json()["runs"][1].clone();
        assert_eq!(second["outcome"], "not_run");
        assert!(second["error"].as_str().unwrap().contains(why), "{second:#}");
        assert!(!rerun_safe(&ended), "{faults:?}");
    }
}

#[test]
fn where_nothing_was_started_the_code_says_so() {
    for (fault, code) in [("login:refused+1", 77), ("login:503+1", 69)] {
        let world = VirtualWorld::new(SCENARIO, &["start:expire-session*1", fault]);
        let ended = world.run("start a b -t MTT --wait -o json");
        assert_eq!((ended.code, world.started().len(), rerun_safe(&ended)), (code, 0, true), "{ended:?}");
    }
}

#[test]
fn of_several_tasks_only_a_key_makes_a_rerun_safe() {
    let world = VirtualWorld::new(SCENARIO, &[]);
    let run = |line: &str| rerun_safe(&world.run(line));
    // One task, as the table of exit codes says.
    for (task, safe) in [("a", false), ("bad", true), ("no_agent", true)] {
        assert_eq!(run(&format!("start {task} -t MTT --wait -o json")), safe, "{task}");
    }
    for tasks in ["a bad", "bad early", "no_agent bad", "a b"] {
        let line = format!("start {tasks} -t MTT --wait -o json");
        assert!(!run(&line), "{tasks}");
        assert!(run(&format!("{line} --once {}", tasks.replace(' ', "-"))), "{tasks}");
    }
    assert!(!run("start a b -t MTT -o json"));
    assert!(run("start a b -t MTT -o json --allow-concurrent --once accepted"));
    let starts = world.started().len();
    assert_eq!(world.run("start a b -t MTT -o json --allow-concurrent --once accepted").code, 0);
    assert_eq!(world.started().len(), starts);
    assert!(run("start a b nothing -t MTT -o json"), "none was found, none was started");
    assert!(run("start a b -t MTT --dry-run -o json"));
    assert!(run("find a -o json"));
}

#[test]
fn a_start_in_doubt_is_not_safe_to_rerun() {
    let world = VirtualWorld::new(SCENARIO, &["start:reset+1"]);
    let ended = world.run("start a b -t MTT --wait -o json --once today");
    assert_eq!((ended.code, codes(&ended), rerun_safe(&ended)), (10, vec![0, 10], false));
}

#[test]
fn a_run_that_is_not_found_may_be_running() {
    let world = VirtualWorld::new(SCENARIO, &[]);
    for line in ["wait MTT/00SBX10Z000000000001/77 -o json", "wait a -t MTT -o json", "wait nothing -t MTT -o json"] {
        let ended = world.run(line);
        assert_eq!((ended.code, rerun_safe(&ended)), (9, false), "{line}");
        if let Some(run) = ended.json()["runs"].get(0) {
            assert_eq!(run["rerun_safe"], false);
        }
    }
    let typo = world.run("start nothing -t MTT -o json");
    assert_eq!((typo.code, rerun_safe(&typo)), (9, true));
}

#[test]
fn a_signal_starts_no_further_task() {
    // The first start's answer is out when the signal comes, and does not come in time.
    let world = VirtualWorld::new(SCENARIO, &["start:hang*1"]).signal(Duration::from_secs(1), Signal::Interrupt);
    let ended = world.run(ALL);
    assert_eq!((ended.code, codes(&ended)), (10, vec![10, 130, 130]), "{ended:?}");
    assert_eq!((world.count("POST /saas/api/v2/job"), world.started().len()), (1, 0));
    // The second start's answer comes: that run is left, the third task is not started.
    let world = VirtualWorld::new(SCENARIO, &["start:latency=4s+1"]).signal(Duration::from_secs(1), Signal::Interrupt);
    let ended = world.run(ALL);
    assert_eq!((ended.code, codes(&ended)), (130, vec![130, 130, 7]), "{ended:?}");
    let document = ended.json();
    let words: Vec<&Value> = document["runs"].as_array().unwrap().iter().map(|run| &run["outcome"]).collect();
    assert_eq!(words, ["running", "running", "not_run"]);
    assert_eq!(world.started().len(), 2);
}

#[test]
fn the_end_says_which_rows_a_rerun_may_write_again() {
    let world = VirtualWorld::new(SCENARIO, &[]);
    for (task, written, told) in [
        ("bad", 500, Some("  500 rows were written; a rerun may write them again")),
        ("killed", 1, Some("  1 row was written; a rerun may write it again")),
        ("early", 0, None),
    ] {
        let ended = world.run(&format!("start {task} -t MTT --wait -o json"));
        let run = ended.json()["runs"][0].clone();
        assert_eq!(run["rows_written"], written, "{run:#}");
        let said = |text: &str| text.lines().find(|line| line.contains("a rerun may write")).map(str::to_owned);
        assert_eq!(said(&ended.stderr).as_deref(), told, "{ended:?}");
        let status = world.run(&format!("status {}", run["handle"].as_str().unwrap()));
        assert_eq!(said(&status.stdout).as_deref(), told, "{status:?}");
    }
    let good = world.run("start a -t MTT --wait -o json");
    assert!(!good.stderr.contains("rerun"), "{good:?}");
}
