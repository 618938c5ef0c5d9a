//! The promises about bad nights, each shown in virtual time by injecting the fault and counting what reached the service.

use std::time::Duration;

use runajob::support::clock::Clock;
use runajob::support::signals::Signal;

use crate::virtual_world::VirtualWorld;

const SCENARIO: &str = "
[[task]]
name = 'good'
takes = '60s'
[[task]]
name = 'bad'
takes = '60s'
ends = ['failure', 'success']
[[task]]
name = 'night'
takes = '12h'
";

fn world(faults: &[&str]) -> VirtualWorld {
    VirtualWorld::new(SCENARIO, faults)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_lost_answer_is_found_again_and_its_run_adopted() {
    for fault in ["lost-answer", "empty", "null", "html", "truncated"] {
        let world = world(&[&format!("start:{fault}*1")]);
        let outcome = world.run("start good -t MTT --wait -o json");
        assert_eq!(outcome.code, 0, "{fault}: {outcome:?}");
        let run = &outcome.json()["runs"][0];
        assert_eq!((&run["adopted"], &run["task"]["name"]), (&true.into(), &"good".into()), "{fault}");
        assert_eq!(world.started().len(), 1, "{fault}");
    }
}

#[test]
fn a_start_without_a_trace_is_unknown_and_never_sent_again() {
    for fault in ["reset", "hang", "503", "redirect"] {
        let world = world(&[&format!("start:{fault}*1")]);
        let outcome = world.run("start good -t MTT --wait -o json");
        assert_eq!(outcome.code, 10, "{fault}: {outcome:?}");
        assert!(outcome.fix().contains("runajob status good -t MTT"), "{outcome:?}");
        assert_eq!((world.started().len(), world.count("POST /saas/api/v2/job")), (0, 1), "{fault}");
    }
}

#[test]
fn somebody_elses_run_is_not_adopted() {
    // The run that is under way is another user's.
    let world = VirtualWorld::new("[[task]]\nname = 'busy'\nbusy = true\n", &["start:reset"]);
    assert_eq!(world.run("start busy -t MTT").code, 10);
}

#[test]
fn of_two_runs_that_could_be_ours_neither_is_adopted() {
    let world = world(&["start:lost-answer"]);
    // Two machines lose their answers at the same moment; the second one's run ends at once beside the first one's.
    assert_eq!(world.run("start good -t MTT").code, 0);
    world.forget();
    let second = world.run("start good -t MTT -o json");
    assert_eq!(second.code, 10, "{second:?}");
    assert!(second.json()["error"]["why"].as_str().unwrap().contains("more than one run"), "{second:?}");
}

#[test]
fn no_run_that_this_machine_started_is_taken_for_a_lost_one() {
    let world = VirtualWorld::new("[[task]]\nname = 'good'\nbusy = false\ntakes = '1h'\n", &["start:reset+2"]);
    let line = "start good -t MTT --allow-concurrent";
    assert_eq!((world.run(line).code, world.run(line).code, world.started().len()), (0, 0, 2));
    // At this moment the first two runs are within the time in which the lost one could have begun.
    let lost = world.run(&format!("{line} -o json"));
    assert_eq!((lost.code, world.started().len()), (10, 2), "{lost:?}");
    assert!(lost.json()["error"]["why"].as_str().unwrap().contains("neither list shows a run"), "{lost:?}");
}

#[test]
fn a_run_that_another_command_on_this_machine_started_is_not_taken_for_ours() {
    let world = world(&["start:lost-answer"]);
    let first = world.run("start good -t MTT");
    let second = world.run("start good -t MTT");
    assert_eq!((first.code, second.code), (0, 0));
    assert_ne!(first.stdout, second.stdout);
}

#[test]
fn a_connection_that_is_not_made_is_tried_again_within_ten_seconds() {
    let world = world(&[]).outage(seconds(0), seconds(5));
    assert_eq!(world.run("start good -t MTT").code, 0);
    let world = self::world(&[]).outage(seconds(0), seconds(60));
    let outcome = world.run("start good -t MTT -o json");
    assert_eq!((outcome.code, world.started().len()), (69, 0));
    assert!(Clock::now(&world.clock) <= seconds(10));
}

#[test]
fn a_refused_password_is_sent_once_for_fifteen_minutes() {
    let scenario = format!("{SCENARIO}\n[[accounts]]\nusername = 'sandbox'\npassword = 'other'\n");
    let world = VirtualWorld::new(&scenario, &[]);
    for _ in 0..20 {
        assert_eq!(world.run("start good -t MTT").code, 77);
    }
    assert_eq!(world.count("user/login"), 1);
    world.clock.advance(seconds(901));
    assert_eq!(world.run("start good -t MTT").code, 77);
    assert_eq!(world.count("user/login"), 2);
}

#[test]
fn a_key_starts_once_whatever_becomes_of_it() {
    let world = world(&["start:reset*1"]);
    let once = "start good -t MTT --wait --once today -o json";
    assert_eq!(world.run(once).code, 10);
    // What was asked for and left no trace is looked for again, not sent again.
    assert_eq!(world.run(once).code, 10);
    assert_eq!(world.count("POST /saas/api/v2/job"), 1);
    assert_eq!(world.run(&once.replace("today", "tomorrow")).code, 0);
    let again = world.run(&once.replace("today", "tomorrow"));
    assert_eq!((again.code, world.started().len()), (0, 1), "{again:?}");
    assert_eq!(again.json()["runs"][0]["outcome"], "succeeded");
}

#[test]
fn a_key_joins_a_run_under_way_and_starts_anew_after_a_failed_one() {
    let world = world(&[]);
    let first = world.run("start bad -t MTT --once k");
    let joined = world.run("start bad -t MTT --once k");
    assert_eq!((joined.code, &joined.stdout), (0, &first.stdout));
    assert_eq!(world.run("start bad -t MTT --once k --wait").code, 3);
    assert_eq!(world.started().len(), 1);
    assert_eq!(world.run("start bad -t MTT --once k --wait").code, 0);
    assert_eq!(world.started().len(), 2);
    assert_eq!(world.run("start bad -t MTT --once k --wait").code, 0);
    assert_eq!(world.started().len(), 2);
}

#[test]
fn a_key_whose_start_was_lost_adopts_its_run_later() {
    let world = world(&["start:lost-answer*1"]).outage(seconds(1), seconds(200));
    let line = "start good -t MTT --wait --once k --start-timeout 5s -o json";
    let lost = world.run(&line.replace("good -t", "--id 00SBX10Z000000000001 -t"));
    assert!(matches!(lost.code, 0 | 10), "{lost:?}");
    world.clock.advance(seconds(300));
    let again = world.run(line);
    assert_eq!((again.code, world.started().len()), (0, 1), "{again:?}");
}

#[test]
fn what_runs_is_not_started_beside() {
    let world = world(&[]);
    let first = world.run("start good -t MTT");
    let handle = first.stdout.trim();
    // The monitor does not show it yet.
    let second = world.run("start good -t MTT --if-running fail -o json");
    assert_eq!(second.code, 8, "{second:?}");
    assert!(second.json()["error"]["what"].as_str().unwrap().contains(handle), "{second:?}");
    let joined = world.run("start good -t MTT --if-running join --wait");
    assert_eq!((joined.code, joined.stdout), (0, format!("{handle} succeeded\n")));
    assert_eq!(world.started().len(), 1);
    assert_eq!(world.run("start good -t MTT --if-running fail --wait").code, 0);
    assert_eq!(world.started().len(), 2);
}

#[test]
fn the_other_instance_is_named() {
    let world = world(&[]);
    let first = world.run("start night -t MTT");
    world.clock.advance(seconds(5));
    let second = world.run("start night -t MTT --wait -o json");
    assert_eq!((second.code, &second.json()["runs"][0]["other_run"]), (8, &first.stdout.trim().into()));
}

#[test]
fn a_job_that_takes_too_long_is_left_or_stopped_as_asked() {
    for (action, code, outcome) in [("leave", 4, "running"), ("stop", 5, "stopped"), ("clean-stop", 5, "stopped")] {
        let world = world(&[]);
        let ended = world.run(&format!("start night -t MTT --wait --timeout 10m --on-timeout {action} -o json"));
        assert_eq!(ended.code, code, "{ended:?}");
        assert_eq!(ended.json()["runs"][0]["outcome"], outcome);
        assert_eq!(world.count("/job/stop"), usize::from(code == 5));
    }
}

#[test]
fn a_stop_at_the_time_out_that_is_not_proved_is_a_time_out() {
    let world = world(&["stop:503"]);
    let ended = world.run("start night -t MTT --wait --timeout 10m --on-timeout stop -o json");
    assert_eq!(ended.code, 4, "{ended:?}");
}

#[test]
fn a_run_that_ended_while_its_stop_was_on_the_way_was_not_stopped() {
    // Answers are late, so that the time they carry is old; the stop arrives ten seconds after the run's own end.
    let scenario = "[timing]\nlog_gap = '30s'\n[[task]]\nname = 'good'\ntakes = '70s'\n";
    let world = VirtualWorld::new(scenario, &["any:latency=20s"]);
    let ended = world.run("start good -t MTT --wait --timeout 60s --on-timeout stop -o json");
    assert_eq!((ended.code, world.count("/job/stop")), (0, 1), "{ended:?}");
}

#[test]
fn a_signal_leaves_or_stops_as_asked() {
    // The service answers a stop once the job is down. Ours is waited for no longer than five seconds.
    let scenario = format!("{SCENARIO}\n[timing]\nstop = '8s'\nclean_stop = '2s'\n");
    for (action, stops, state) in
        [("leave", 0, "left running"), ("stop", 1, "may be stopping"), ("clean-stop", 1, "is being stopped")]
    {
        let world = VirtualWorld::new(&scenario, &[]).signal(seconds(100), Signal::Terminate);
        let ended = world.run(&format!("start night -t MTT --wait --on-signal {action} -o json"));
        assert_eq!((ended.code, world.count("/job/stop")), (143, stops), "{ended:?}");
        let states = ["left running", "may be stopping", "is being stopped"];
        let said: Vec<&str> = states.into_iter().filter(|state| ended.stderr.contains(state)).collect();
        assert_eq!(said, [state], "{ended:?}");
        assert!(ended.stderr.contains("runajob wait MTT/"), "{ended:?}");
    }
}

#[test]
fn a_signal_before_the_start_has_left_starts_nothing() {
    let world = world(&["login:latency=10s"]).signal(seconds(1), Signal::Interrupt);
    let ended = world.run("start good -t MTT --wait -o json");
    assert_eq!((ended.code, world.started().len()), (130, 0), "{ended:?}");
    assert!(ended.stderr.contains("nothing was started"), "{ended:?}");
}

#[test]
fn a_signal_during_the_start_waits_five_seconds_for_its_answer() {
    let in_time = world(&["start:latency=4s"]).signal(seconds(1), Signal::Interrupt);
    let ended = in_time.run("start good -t MTT --wait -o json");
    assert_eq!((ended.code, &ended.json()["runs"][0]["outcome"]), (130, &"running".into()), "{ended:?}");
    let too_late = world(&["start:latency=20s"]).signal(seconds(1), Signal::Interrupt);
    assert_eq!(too_late.run("start good -t MTT --wait -o json").code, 10);
    let impatient =
        world(&["start:latency=4s"]).signal(seconds(1), Signal::Interrupt).signal(seconds(2), Signal::Interrupt);
    let ended = impatient.run("start good -t MTT --wait -o json");
    assert_eq!(ended.code, 10, "{ended:?}");
    assert_eq!(Clock::now(&impatient.clock), seconds(2));
}

#[test]
fn a_wait_of_twelve_hours_outlives_24_expiries_and_200_misses() {
    let expiries: Vec<String> = (1..=24).map(|number| format!("log:expire-session*1@{}m", number * 29)).collect();
    let misses: Vec<String> = (1..=50)
        .flat_map(|number| ["503", "html", "reset", "truncated"].map(|fault| format!("log:{fault}*1@{}m", number * 13)))
        .collect();
    let faults: Vec<&str> = expiries.iter().chain(&misses).map(String::as_str).collect();
    let world = world(&faults);
    let ended = world.run("start night -t MTT --wait -o json");
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!((world.started().len(), world.logins()), (1, 25));
    assert!(Clock::now(&world.clock) < seconds(12 * 3600 + 120));
}

#[test]
fn a_session_that_is_dead_by_a_403_is_renewed_and_another_403_is_not() {
    let scenario = format!("{SCENARIO}\n[quirks]\nexpired_session_status = 403\n");
    let world = VirtualWorld::new(&scenario, &["start:expire-session*1"]);
    assert_eq!(world.run("start good -t MTT").code, 0);
    assert_eq!((world.logins(), world.count("validSessionId")), (2, 1));
}

#[test]
fn a_handle_that_neither_list_shows_is_given_up_and_an_own_run_is_not_denied() {
    let world = world(&[]);
    let foreign = world.run("wait MTT/00SBX10Z000000000001/77 -o json");
    assert_eq!((foreign.code, &foreign.json()["runs"][0]["outcome"]), (9, &"not_found".into()), "{foreign:?}");
    assert!(Clock::now(&world.clock) >= seconds(600) && Clock::now(&world.clock) < seconds(640));
    // The log shows a later run of the task.
    let other = self::world(&[]);
    other.run("start good -t MTT --wait");
    let begin = Clock::now(&other.clock);
    let earlier = other.run("wait MTT/00SBX10Z000000000001/0 -o json");
    assert_eq!((earlier.code, &earlier.json()["runs"][0]["outcome"]), (9, &"not_found".into()), "{earlier:?}");
    let end = Clock::now(&other.clock);
    assert!(end >= begin + seconds(120) && end < begin + seconds(160), "{earlier:?}");
    let late = VirtualWorld::new(&format!("{SCENARIO}\n[timing]\nmonitor_delay = '1h'\nlog_gap = '2h'\n"), &[]);
    let own = late.run("start good -t MTT --wait -o json");
    assert_eq!((own.code, &own.json()["runs"][0]["outcome"]), (6, &"running".into()), "{own:?}");
}

#[test]
fn rows_that_come_late_or_stay_too_long_change_no_verdict() {
    for timing in ["monitor_delay = '5m'", "log_gap = '8m'", "linger = '10m'", "linger = '5m'\nlog_gap = '5m'"] {
        let world = VirtualWorld::new(&format!("{SCENARIO}\n[timing]\n{timing}\n"), &[]);
        assert_eq!(world.run("start good -t MTT --wait").code, 0, "{timing}");
        assert_eq!(world.run("start bad good -t MTT --wait").code, 3, "{timing}");
    }
}

#[test]
fn a_skewed_clock_of_the_service_does_not_hide_a_lost_start() {
    for skew in [-3600, 3600] {
        let scenario = format!("{SCENARIO}\n[timing]\nclock_skew_s = {skew}\n");
        let world = VirtualWorld::new(&scenario, &["start:lost-answer"]);
        assert_eq!(world.run("start good -t MTT --wait").code, 0, "{skew}");
        assert_eq!(world.started().len(), 1);
    }
}

#[test]
fn a_stop_hits_what_was_meant() {
    let world = world(&[]);
    let first = world.run("start night -t MTT").stdout.trim().to_owned();
    let second = world.run("start night -t MTT --allow-concurrent").stdout.trim().to_owned();
    world.clock.advance(seconds(5));
    let refused = world.run(&format!("stop {first} -o json"));
    assert_eq!((refused.code, world.count("/job/stop")), (7, 0), "{refused:?}");
    assert!(refused.json()["error"]["why"].as_str().unwrap().contains(&second), "{refused:?}");
    let both = world.run(&format!("stop {first} --all --wait"));
    assert_eq!(both.code, 0, "{both:?}");
    assert!(both.stdout.contains(&format!("{first} stopped")) && both.stdout.contains(&format!("{second} stopped")));
    let over = world.run(&format!("stop {first}"));
    assert_eq!((over.code, world.count("/job/stop")), (0, 1));
    assert!(over.stderr.contains("has already ended"), "{over:?}");
}

#[test]
fn a_clean_stop_that_takes_too_long_is_followed_by_a_hard_one() {
    let world = VirtualWorld::new(&format!("{SCENARIO}\n[timing]\nclean_stop = '3h'\n"), &["stop:lost-answer*1"]);
    let handle = world.run("start night -t MTT").stdout.trim().to_owned();
    let end = world.run(&format!("stop {handle} --clean --wait --escalate-after 5m -o json"));
    assert_eq!((end.code, &end.json()["runs"][0]["outcome"]), (0, &"stopped".into()), "{end:?}");
    let stops: Vec<String> =
        world.exchanges().into_iter().filter(|one| one.target.contains("/job/stop")).map(|one| one.target).collect();
    assert_eq!(stops, ["/saas/api/v2/job/stop?cleanStop=true", "/saas/api/v2/job/stop"]);
    assert!(Clock::now(&world.clock) < seconds(600), "the hard stop overtakes the clean one");
}

#[test]
fn one_of_several_that_is_not_there_hides_and_keeps_no_other() {
    let world = world(&[]);
    let handle = world.run("start night -t MTT").stdout.trim().to_owned();
    world.clock.advance(seconds(5));
    let status = world.run(&format!("status MTT/00SBX10Z000000000001/9 {handle} good -t MTT -o json"));
    let words: Vec<_> = status.json()["runs"].as_array().unwrap().iter().map(|run| run["outcome"].clone()).collect();
    assert_eq!(
        (status.code, &words[..]),
        (6, &["not_found", "running", "not_found"].map(Into::into)[..]),
        "{status:?}"
    );
    let stop = world.run(&format!("stop good {handle} -t MTT --wait -o json"));
    let words: Vec<_> = stop.json()["runs"].as_array().unwrap().iter().map(|run| run["outcome"].clone()).collect();
    assert_eq!((stop.code, &words[..]), (9, &["not_found", "stopped"].map(Into::into)[..]), "{stop:?}");
}

#[test]
fn each_of_several_unshown_runs_keeps_a_start_from_what_runs() {
    // The last one ends at once; the one before it goes on unshown.
    let scenario = "[timing]\nmonitor_delay = '5m'\n[[task]]\nname = 'good'\ntakes = '1h'\n";
    let world = VirtualWorld::new(scenario, &[]);
    let first = world.run("start good -t MTT").stdout.trim().to_owned();
    assert_eq!(world.run("start good -t MTT --wait").code, 8);
    let refused = world.run("start good -t MTT --if-running fail -o json");
    assert_eq!((refused.code, world.started().len()), (8, 2), "{refused:?}");
    assert!(refused.json()["error"]["what"].as_str().unwrap().contains(&first), "{refused:?}");
}
