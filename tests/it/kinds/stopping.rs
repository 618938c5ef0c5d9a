//! Ending taskflows: the run that was meant, and proved.

use std::time::Duration;

use runajob::support::clock::Clock;
use runajob::support::signals::Signal;

use super::{TASKS, start, world};
use crate::virtual_world::VirtualWorld;

#[test]
fn a_stop_terminates_the_run_that_was_meant_and_proves_it() {
    let world = world();
    let one = start(&world, "--name tf_long -t TASKFLOW");
    let other = start(&world, "--name tf_long -t TASKFLOW");
    let by_name = world.run("stop --name tf_long -t TASKFLOW");
    assert_eq!(by_name.code, 7, "{by_name:?}");
    let clean = world.run(&format!("stop {one} --clean"));
    assert_eq!(clean.code, 64, "{clean:?}");
    assert_eq!(world.count("terminate"), 0);
    let stopped = world.run(&format!("stop {one} --wait"));
    assert_eq!((stopped.code, stopped.stdout), (0, format!("{one} stopped\n")));
    assert_eq!(world.run(&format!("status {other}")).code, 6, "only the one that was meant");
    let again = world.run(&format!("stop {one}"));
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(world.count("terminate"), 1);
    let by_name = world.run("stop --name tf_long -t TASKFLOW --wait");
    assert_eq!((by_name.code, by_name.stdout), (0, format!("{other} stopped\n")));
    let suspended = world.run("start --name tf_stuck -t TASKFLOW --wait");
    let handle = suspended.stdout.split(' ').next().unwrap().to_owned();
    let ended = world.run(&format!("stop {handle} --wait"));
    assert_eq!((ended.code, ended.stdout), (0, format!("{handle} stopped\n")));
}

#[test]
fn a_stop_whose_answer_is_lost_is_looked_after() {
    for fault in ["terminate:lost-answer", "terminate:503*1", "terminate:reset*2"] {
        let world = VirtualWorld::new(&format!("[quirks]\ntaskflow_terminated = 'STOPPED'\n{TASKS}"), &[fault]);
        let handle = start(&world, "--name tf_long -t TASKFLOW");
        let stopped = world.run(&format!("stop {handle} --wait"));
        assert_eq!((stopped.code, stopped.stdout), (0, format!("{handle} stopped\n")), "{fault}: {}", stopped.stderr);
    }
}

#[test]
fn a_time_out_or_a_signal_can_terminate_a_taskflow() {
    let late = world().run("start --name tf_long -t TASKFLOW --wait --timeout 5m --on-timeout stop");
    assert_eq!(late.code, 5, "{late:?}");
    let world = world().signal(Duration::from_secs(60), Signal::Terminate);
    let gone = world.run("start --name tf_long -t TASKFLOW --wait --on-signal stop");
    assert_eq!((gone.code, world.count("terminate")), (143, 1), "{gone:?}");
}

#[test]
fn a_run_that_the_service_does_not_know_is_looked_for_and_not_stopped() {
    let world = world();
    let unseen = world.run("stop TASKFLOW/778812345678909999 -o json");
    assert_eq!((unseen.code, world.count("terminate")), (6, 0), "{unseen:?}");
    assert!(unseen.json()["error"]["why"].as_str().unwrap().contains("not seen"), "{unseen:?}");
    assert_eq!(Clock::now(&world.clock), Duration::from_secs(30));
}
