//! Cells of the fault matrix once more as processes over sockets: what the matrix shows above the transport holds below it.

use crate::world::{World, run};

const QUICK: &str = "
[timing]
monitor_delay = '100ms'
log_gap = '100ms'
[[task]]
name = 'good'
takes = '500ms'
";

const OPTIONS: &str = "--wait --poll-interval 200ms --patience 2s --reconcile-for 2s --request-timeout 1s \
                       --start-timeout 2s -o json";

/// The fault, and the exit code and starts that it must lead to.
const CELLS: [(&str, i32, usize); 34] = [
    ("login:reset*1", 0, 1),
    ("login:lost-answer", 69, 0),
    ("login:html", 69, 0),
    ("login:503*2", 0, 1),
    ("login:503", 69, 0),
    ("login:redirect", 69, 0),
    ("login:hang", 69, 0),
    ("login:oversized*1", 0, 1),
    ("lookup:reset*1", 0, 1),
    ("lookup:truncated", 69, 0),
    ("lookup:null", 69, 0),
    ("lookup:429=1*1", 0, 1),
    ("lookup:429=1", 69, 0),
    ("lookup:expire-session*1", 0, 1),
    ("start:lost-answer", 0, 1),
    ("start:truncated", 0, 1),
    ("start:html", 0, 1),
    ("start:empty", 0, 1),
    ("start:reset", 10, 0),
    ("start:hang", 10, 0),
    ("start:503", 10, 0),
    ("start:redirect", 10, 0),
    ("start:oversized", 0, 1),
    ("start:429=1*1", 0, 1),
    ("start:429=1", 7, 0),
    ("start:expire-session*1", 0, 1),
    ("log:reset*2", 0, 1),
    ("log:truncated*2", 0, 1),
    ("log:html", 6, 1),
    ("log:oversized*1", 0, 1),
    ("log:hang", 6, 1),
    ("log:429=1*1", 0, 1),
    ("log:redirect", 6, 1),
    ("log:expire-session*2", 0, 1),
];

#[test]
fn the_matrix_holds_over_sockets() {
    std::thread::scope(|scope| {
        let cells = CELLS.chunks(CELLS.len().div_ceil(6));
        let workers: Vec<_> = cells.map(|cells| scope.spawn(|| cells.iter().for_each(|cell| holds(*cell)))).collect();
        for worker in workers {
            worker.join().unwrap();
        }
    });
}

fn holds((fault, code, starts): (&str, i32, usize)) {
    let world = World::playing(QUICK, &["--fault", fault]);
    let task = if fault.starts_with("lookup") { "--path Default/good" } else { "good -t MTT" };
    let end = world.run(&format!("start {task} {OPTIONS}"));
    let started = world.started().get("good").copied().unwrap_or(0);
    assert_eq!((end.code, started), (code, starts), "{fault}: {end:?}");
    end.json();
}

#[test]
fn a_dead_port_is_nothing_started() {
    let world = World::new();
    let mut command = world.command("start m_succeeds -t MTT --wait -o json");
    let end = run(command.env_remove("RUNAJOB_SANDBOX").env("RUNAJOB_LOGIN_URL", "http://127.0.0.1:9"));
    assert_eq!((end.code, end.json()["error"]["code"].as_i64()), (69, Some(69)));
}
