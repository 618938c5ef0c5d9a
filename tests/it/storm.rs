//! Many processes at once on one machine, and processes that are killed: what they share must hold.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use crate::world::World;

const QUICK: &str = "
[timing]
monitor_delay = '300ms'
log_gap = '100ms'
[[task]]
name = 'one'
takes = '2s'
[[task]]
name = 'many'
takes = '500ms'
count = 200
";

fn world() -> World {
    World::playing(QUICK, &[])
}

#[test]
fn fifty_cold_commands_make_one_login_and_each_gets_its_own_verdict() {
    let world = world();
    let outcomes =
        world.run_at_once((1..=50).map(|number| format!("start many_{number} -t MTT --wait --poll-interval 500ms")));
    for outcome in &outcomes {
        assert_eq!(outcome.code, 0, "{outcome:?}");
    }
    assert_eq!(world.requests().iter().filter(|request| request.ends_with("/user/login")).count(), 1);
    assert_eq!(world.started(), (1..=50).map(|number| (format!("many_{number}"), 1)).collect::<BTreeMap<_, _>>());
}

#[test]
fn of_twenty_that_must_not_run_beside_another_one_starts() {
    let world = world();
    let outcomes = world.run_at_once((0..20).map(|_| "start one -t MTT --if-running fail".to_owned()));
    let mut codes: Vec<i32> = outcomes.iter().map(|outcome| outcome.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, [&[0][..], &[8; 19]].concat(), "{outcomes:?}");
    assert_eq!(world.started(), BTreeMap::from([("one".to_owned(), 1)]));
}

#[test]
fn twenty_under_one_key_start_once_and_end_alike() {
    let world = world();
    let line = "start one -t MTT --once today --wait --poll-interval 500ms -o json";
    let outcomes = world.run_at_once((0..20).map(|_| line.to_owned()));
    let runs: Vec<_> = outcomes.iter().map(|outcome| outcome.json()["runs"][0].clone()).collect();
    for (outcome, run) in outcomes.iter().zip(&runs) {
        assert_eq!((outcome.code, &run["handle"]), (0, &runs[0]["handle"]), "{outcome:?}");
    }
    assert_eq!(runs.iter().filter(|run| run["started_here"] == true).count(), 1);
    assert_eq!(world.started(), BTreeMap::from([("one".to_owned(), 1)]));
}

#[test]
fn of_twenty_with_two_requests_under_one_key_one_request_is_sent_and_the_other_refused() {
    let world = world();
    let line = |number| format!("start one -t MTT --once today --agent-param-file {}.txt --wait", number % 2);
    let outcomes = world.run_at_once((0..20).map(line));
    let codes: Vec<i32> = outcomes.iter().map(|outcome| outcome.code).collect();
    let sent = codes[..2].iter().position(|code| *code == 0);
    let expected: Vec<i32> = (0..20).map(|number| if Some(number % 2) == sent { 0 } else { 64 }).collect();
    assert_eq!(codes, expected, "{outcomes:?}");
    assert_eq!(world.started(), BTreeMap::from([("one".to_owned(), 1)]));
}

/// Kills commands at moments that are spread over their whole life, and runs each again under the same key.
#[test]
fn a_killed_command_run_again_under_its_key_never_starts_twice() {
    let world = world();
    let ends: Vec<i32> = std::thread::scope(|scope| {
        let workers = (0..4).map(|worker| {
            let world = &world;
            scope.spawn(move || {
                (0..50).map(|round| killed_and_run_again(world, worker * 50 + round)).collect::<Vec<_>>()
            })
        });
        let workers: Vec<_> = workers.collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(ends.iter().all(|code| matches!(code, 0 | 10)), "{ends:?}");
    assert!(ends.iter().filter(|code| **code == 0).count() > 100, "{ends:?}");
    assert!(world.started().values().all(|count| *count == 1), "{:?}", world.started());
}

fn killed_and_run_again(world: &World, number: u64) -> i32 {
    let line = format!("start many_{} -t MTT --once k --reconcile-for 1s --wait --poll-interval 200ms", number + 1);
    let mut child = world.command(&line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a thread of the test's own")]
    std::thread::sleep(Duration::from_micros(number * 7919 % 200 * 500));
    child.kill().unwrap();
    child.wait().unwrap();
    world.run(&line).code
}
