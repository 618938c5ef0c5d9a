//! The wait loop on a manual clock, with the polls answered by the test.

use std::cell::RefCell;

use super::*;
use crate::api::transport::Operation;
use crate::job::{Activity, ClassifiedBy, Outcome, PollFailure, Rows, RunProgress, RunResult, Task};
use crate::ops::watch::policy::LONGEST;
use crate::ops::watch::tracked::{DOUBTFUL, UNLISTED};
use crate::support::clock::ManualClock;

fn clock() -> ManualClock {
    ManualClock::new("2026-03-01T00:00:00Z".parse().unwrap())
}

fn policy() -> Policy {
    Policy {
        interval: None,
        shortest: Duration::from_secs(2),
        patience: Duration::from_secs(900),
        deadline: None,
        jitter: || 0.0,
    }
}

fn run(number: u64) -> Run {
    format!("MTT/01ABCD0Z00000000001S/{number}").parse().unwrap()
}

fn over() -> RunStatus {
    RunStatus::Ended(Box::new(RunResult {
        task_name: None,
        outcome: Outcome::Succeeded,
        classified_by: ClassifiedBy::State,
        started_at: None,
        ended_at: None,
        started_by: None,
        rows: Rows::default(),
        error: None,
        subtasks: vec![],
        log_id: None,
    }))
}

fn active() -> RunStatus {
    RunStatus::Active(RunProgress {
        task_name: None,
        activity: Activity::Running,
        rows: Rows::default(),
        started_at: None,
        started_by: None,
        error: None,
        subtasks: vec![],
    })
}

fn lost() -> Error {
    Error::Unclear(Operation::Log, "reset".into())
}

fn started(number: u64) -> WatchedRun {
    WatchedRun::new(run(number), Task::default(), true)
}

/// Waits for one run whose polls are answered by `answer`, which gets the seconds since the start.
fn watch_one(clock: &ManualClock, policy: &Policy, answer: impl Fn(u64) -> Result<RunStatus, Error>) -> Verdict {
    let poll = async |_: &[Run], _| answer(clock.now().as_secs()).map(|status| vec![Polled::Status(status)]);
    let verdicts = clock.run(watch(clock, policy, &[started(1)], poll, |_| {}, std::future::pending()));
    verdicts.into_iter().next().unwrap()
}

#[test]
fn pauses_grow_with_the_elapsed_time() {
    let clock = clock();
    let verdict = watch_one(&clock, &policy(), |now| Ok(if now >= 3600 { over() } else { active() }));
    assert!(matches!(verdict, Verdict::Ended(_)));
    let naps = clock.naps();
    assert_eq!((naps[0], *naps.last().unwrap()), (Duration::from_secs(2), LONGEST));
    assert!(naps.windows(2).all(|pair| pair[0] <= pair[1]), "{naps:?}");
}

#[test]
fn a_success_seen_at_the_deadline_is_a_success() {
    let clock = clock();
    let policy = Policy { deadline: Some(Duration::from_secs(7)), ..policy() };
    let verdict = watch_one(&clock, &policy, |now| Ok(if now >= 7 { over() } else { active() }));
    assert!(matches!(verdict, Verdict::Ended(_)));
    assert_eq!(clock.now(), Duration::from_secs(7));
}

#[test]
fn the_deadline_cuts_a_poll_that_hangs_and_the_last_poll_too() {
    let clock = clock();
    let policy = Policy { deadline: Some(Duration::from_secs(7)), ..policy() };
    let poll = async |_: &[Run], _| std::future::pending().await;
    let verdicts = clock.run(watch(&clock, &policy, &[started(1)], poll, |_| {}, std::future::pending()));
    assert!(matches!(verdicts[..], [Verdict::TimedOut]));
    assert_eq!(clock.now(), Duration::from_secs(9));
}

#[test]
fn failures_are_tolerated_within_patience_and_one_good_answer_resets_it() {
    let clock1 = clock();
    let flaky = |now| if (now / 800) % 2 == 0 { Err(lost()) } else { Ok(active()) };
    let verdict = watch_one(&clock1, &policy(), |now| if now > 40_000 { Ok(over()) } else { flaky(now) });
    assert!(matches!(verdict, Verdict::Ended(_)));
    let clock2 = clock();
    let verdict = watch_one(&clock2, &policy(), |_| Err(lost()));
    assert!(matches!(verdict, Verdict::LostContact(_)));
    assert_eq!(clock2.now(), Duration::from_secs(900));
    let seconds: Vec<u64> = clock2.naps()[..6].iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [1, 2, 4, 8, 16, 30]);
}

#[test]
fn a_refused_login_ends_it_at_once() {
    let clock = clock();
    let refused = || Error::LoginRefused { user: "ops".into(), message: "no".into() };
    assert!(matches!(watch_one(&clock, &policy(), |_| Err(refused())), Verdict::LostContact(_)));
    assert_eq!(clock.now(), Duration::ZERO);
}

#[test]
fn the_service_says_when_to_come_back() {
    let clock = clock();
    let busy = || Error::Busy(Some(Duration::from_secs(77)));
    let verdict = watch_one(&clock, &policy(), |now| if now == 0 { Err(busy()) } else { Ok(over()) });
    assert!(matches!(verdict, Verdict::Ended(_)));
    assert_eq!(clock.naps(), [Duration::from_secs(77)]);
}

#[test]
fn a_run_in_neither_list_is_given_up_after_ten_minutes() {
    let clock = clock();
    assert!(matches!(watch_one(&clock, &policy(), |_| Ok(RunStatus::NotListed)), Verdict::NotListed));
    assert!(clock.now() >= UNLISTED && clock.now() < UNLISTED + LONGEST);
}

#[test]
fn a_run_that_the_monitor_shows_now_and_then_is_not_given_up() {
    let clock = clock();
    let poll = async |_: &[Run], search: bool| {
        let late = clock.now() > Duration::from_secs(40_000);
        let status = match (late, search) {
            (true, _) => over(),
            (false, true) => active(),
            (false, false) => RunStatus::NotListed,
        };
        Ok(vec![Polled::Status(status)])
    };
    let verdicts = clock.run(watch(&clock, &policy(), &[started(1)], poll, |_| {}, std::future::pending()));
    assert!(matches!(verdicts[..], [Verdict::Ended(_)]));
}

#[test]
fn each_run_gets_its_own_verdict() {
    let clock = clock();
    let policy = Policy { deadline: Some(Duration::from_secs(60)), ..policy() };
    let poll = async |runs: &[Run], _| {
        Ok(runs.iter().map(|r| Polled::Status(if *r == run(2) { over() } else { active() })).collect())
    };
    let runs = [started(1), started(2), started(3)];
    let verdicts = clock.run(watch(&clock, &policy, &runs, poll, |_| {}, std::future::pending()));
    assert!(matches!(verdicts[..], [Verdict::TimedOut, Verdict::Ended(_), Verdict::TimedOut]));
}

#[test]
fn a_resource_that_cannot_be_asked_costs_its_own_runs_their_patience_and_no_others() {
    let clock = clock();
    let miss = |retry_after| RunStatus::Unavailable(PollFailure { why: "reset".into(), retry_after });
    let polls = RefCell::new(Vec::new());
    let poll = async |runs: &[Run], _| {
        polls.borrow_mut().extend(runs.iter().map(|run| (run.clone(), clock.now().as_secs())));
        let early = clock.now().as_secs() < 60;
        let seen = |r: &Run| match r {
            r if *r == run(1) => miss(early.then_some(Duration::from_secs(40))),
            _ if early => active(),
            _ => over(),
        };
        Ok(runs.iter().map(seen).map(Polled::Status).collect())
    };
    let verdicts = clock.run(watch(&clock, &policy(), &[started(1), started(2)], poll, |_| {}, std::future::pending()));
    let [Verdict::LostContact(why), Verdict::Ended(_)] = &verdicts[..] else { panic!("{verdicts:?}") };
    assert!(why.starts_with("reset; failing for 15 minutes"), "{why}");
    // The pause that its resource asked for is kept by the first run, and by it alone.
    let times = |wanted: u64| polls.borrow().iter().filter(|(one, _)| *one == run(wanted)).map(|(_, at)| *at).collect();
    let (first, second): (Vec<u64>, Vec<u64>) = (times(1), times(2));
    assert_eq!(first[..3], [0, 40, 80]);
    assert_eq!(second[..3], [0, 2, 4]);
}

#[test]
fn the_pause_that_a_resource_asks_for_never_outlasts_patience_or_the_deadline() {
    for (patience, deadline, end) in [(120, None, 120), (900, Some(300), 300)] {
        let clock = clock();
        let policy =
            Policy { patience: Duration::from_secs(patience), deadline: deadline.map(Duration::from_secs), ..policy() };
        let hour = Some(Duration::from_secs(3600));
        let poll = async |runs: &[Run], _| {
            // The second run ends after a minute, so that the first one is alone from then on.
            let status = |one: &Run| match clock.now().as_secs() {
                _ if *one == run(1) => RunStatus::Unavailable(PollFailure { why: "busy".into(), retry_after: hour }),
                ..=60 => active(),
                _ => over(),
            };
            Ok(runs.iter().map(status).map(Polled::Status).collect())
        };
        let runs = [started(1), started(2)];
        let verdicts = clock.run(watch(&clock, &policy, &runs, poll, |_| {}, std::future::pending()));
        assert_eq!(clock.now().as_secs(), end, "{verdicts:?}");
        match (deadline, &verdicts[..]) {
            (None, [Verdict::LostContact(_), Verdict::Ended(_)])
            | (Some(_), [Verdict::TimedOut, Verdict::Ended(_)]) => {}
            _ => panic!("{verdicts:?}"),
        }
    }
}

#[test]
fn while_one_resource_is_left_alone_the_failure_of_another_is_that_of_its_own_runs() {
    let clock = clock();
    let poll = async |runs: &[Run], _| {
        let now = clock.now().as_secs();
        if runs.len() == 1 && *runs.first().unwrap() == run(2) && now < 200 {
            return Err(Error::Busy(Some(Duration::from_secs(500))));
        }
        let status = |one: &Run| match *one == run(1) && now == 0 {
            true => {
                RunStatus::Unavailable(PollFailure { why: "busy".into(), retry_after: Some(Duration::from_secs(60)) })
            }
            false if now >= 60 => over(),
            false => active(),
        };
        Ok(runs.iter().map(status).map(Polled::Status).collect())
    };
    let ended = RefCell::new(Vec::new());
    let notify = |event: Event<'_>| {
        if let Event::Verdict(place, Verdict::Ended(_)) = event {
            ended.borrow_mut().push((place, clock.now().as_secs()));
        }
    };
    let runs = [started(1), started(2)];
    clock.run(watch(&clock, &policy(), &runs, poll, notify, std::future::pending()));
    assert_eq!(ended.into_inner(), [(0, 60), (1, 502)]);
}

#[test]
fn a_signal_ends_a_pause_and_a_poll() {
    let clock = clock();
    let at_once = async || {
        clock.sleep(Duration::from_secs(5)).await;
        Signal::Interrupt
    };
    let poll = async |_: &[Run], _| Ok(vec![Polled::Status(active())]);
    let policy = Policy { interval: Some(Duration::from_secs(3600)), ..policy() };
    let verdicts = clock.run(watch(&clock, &policy, &[started(1)], poll, |_| {}, at_once()));
    assert!(matches!(verdicts[..], [Verdict::Interrupted(Signal::Interrupt)]));
    let stuck = async |_: &[Run], _| std::future::pending().await;
    let verdicts = clock.run(watch(&clock, &policy, &[started(1)], stuck, |_| {}, at_once()));
    assert!(matches!(verdicts[..], [Verdict::Interrupted(Signal::Interrupt)]));
    assert_eq!(clock.now(), Duration::from_secs(10));
}

#[test]
fn time_asleep_counts() {
    let clock = clock();
    let policy = Policy { deadline: Some(Duration::from_secs(3600)), ..policy() };
    let verdict = watch_one(&clock, &policy, |now| {
        if now < 10 {
            clock.advance(Duration::from_secs(7200));
        }
        Ok(active())
    });
    assert!(matches!(verdict, Verdict::TimedOut));
    assert!(clock.now() < Duration::from_secs(7210));
}

/// Waits for a run of which only the handle is known, and which no poll shows. Gives the verdict, and when it came.
fn wait_for_unseen(poll: impl Fn(&ManualClock, bool) -> Result<Polled, Error>) -> (Verdict, Duration) {
    let clock = clock();
    let unseen = [WatchedRun::new(run(1), Task::default(), false)];
    let poll = async |_: &[Run], search| poll(&clock, search).map(|polled| vec![polled]);
    let verdicts = clock.run(watch(&clock, &policy(), &unseen, poll, |_| {}, std::future::pending()));
    (verdicts.into_iter().next().unwrap(), clock.now())
}

#[test]
fn a_run_that_was_never_seen_is_given_up_after_two_minutes_if_the_service_speaks_against_it() {
    let (verdict, now) =
        wait_for_unseen(|_, search| Ok(if search { Polled::Doubtful } else { Polled::Status(RunStatus::NotListed) }));
    assert!(matches!(verdict, Verdict::NotListed));
    assert!(now >= DOUBTFUL && now < DOUBTFUL + LONGEST, "{now:?}");
    let (verdict, now) = wait_for_unseen(|_, _| Ok(Polled::Status(RunStatus::NotListed)));
    assert!(matches!(verdict, Verdict::NotListed));
    assert!(now >= UNLISTED && now < UNLISTED + LONGEST, "{now:?}");
}

#[test]
fn doubt_about_a_run_that_was_seen_ends_nothing_early() {
    let clock = clock();
    let watched = [1, 2].map(|number| WatchedRun::new(run(number), Task::default(), false));
    // The search for the second run, which is never seen, finds doubt about the first.
    let poll = async |runs: &[Run], _| {
        let is_first_poll = clock.now() == Duration::ZERO;
        let status = |r: &Run| match *r == run(1) {
            true if is_first_poll => Polled::Status(active()),
            true => Polled::Doubtful,
            false => Polled::Status(RunStatus::NotListed),
        };
        Ok(runs.iter().map(status).collect())
    };
    let mut given_up = Vec::new();
    let notify = |event: Event<'_>| {
        if let Event::Verdict(place, Verdict::NotListed) = event {
            given_up.push((place, clock.now() >= UNLISTED));
        }
    };
    clock.run(watch(&clock, &policy(), &watched, poll, notify, std::future::pending()));
    given_up.sort_unstable();
    assert_eq!(given_up, [(0, true), (1, true)]);
}

#[test]
fn only_answered_polls_speak_against_a_run() {
    const OUTAGE: Duration = Duration::from_secs(800);
    for unavailable in [true, false] {
        let (verdict, now) = wait_for_unseen(|clock, search| match clock.now() {
            now if now < Duration::from_secs(10) || now >= OUTAGE => {
                Ok(if search { Polled::Doubtful } else { Polled::Status(RunStatus::NotListed) })
            }
            _ if unavailable => {
                Ok(Polled::Status(RunStatus::Unavailable(PollFailure { why: "reset".into(), retry_after: None })))
            }
            _ => Err(lost()),
        });
        assert!(matches!(verdict, Verdict::NotListed), "{verdict:?}");
        // Of the time before the outage ended, no more than the first ten seconds count.
        assert!(now + Duration::from_secs(10) >= OUTAGE + DOUBTFUL, "{now:?}");
    }
}

#[test]
fn both_lists_are_searched_for_an_unseen_run_at_once_and_then_every_two_minutes() {
    let searches = std::cell::RefCell::new(Vec::new());
    wait_for_unseen(|clock, search| {
        if search {
            searches.borrow_mut().push(clock.now().as_secs() / 120);
        }
        Ok(Polled::Status(RunStatus::NotListed))
    });
    assert_eq!(searches.into_inner(), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn a_run_that_needs_a_person_is_not_waited_for() {
    let clock = clock();
    let RunStatus::Active(progress) = active() else { panic!() };
    let suspended = || Polled::NeedsPerson(Box::new(RunProgress { activity: Activity::Suspended, ..progress.clone() }));
    let poll = async |_: &[Run], _| Ok(vec![suspended()]);
    let verdicts = clock.run(watch(&clock, &policy(), &[started(1)], poll, |_| {}, std::future::pending()));
    assert!(matches!(verdicts[..], [Verdict::Suspended(_)]));
}

#[test]
fn each_verdict_is_announced_when_it_is_reached() {
    let clock = clock();
    let poll = async |runs: &[Run], _| {
        let is_over = |r: &Run| clock.now().as_secs() >= if *r == run(1) { 600 } else { 60 };
        Ok(runs.iter().map(|r| Polled::Status(if is_over(r) { over() } else { active() })).collect())
    };
    let mut announced = Vec::new();
    let notify = |event: Event<'_>| {
        if let Event::Verdict(place, Verdict::Ended(_)) = event {
            announced.push((place, clock.now().as_secs() / 60));
        }
    };
    clock.run(watch(&clock, &policy(), &[started(1), started(2)], poll, notify, std::future::pending()));
    assert_eq!(announced, [(1, 1), (0, 10)]);
}

#[test]
fn a_run_counts_as_not_seen_only_once_the_service_has_answered_without_it() {
    let seen_missing = |exists: bool, first: fn() -> RunStatus| {
        let clock = clock();
        let poll = async |_: &[Run], _| {
            let status = if clock.now().is_zero() { first() } else { over() };
            Ok(vec![Polled::Status(status)])
        };
        let events = RefCell::new(0);
        let notify = |event: Event<'_>| *events.borrow_mut() += usize::from(matches!(event, Event::NotSeen(0)));
        let runs = [WatchedRun::new(run(1), Task::default(), exists)];
        clock.run(watch(&clock, &policy(), &runs, poll, notify, std::future::pending()));
        events.into_inner()
    };
    let unavailable = || RunStatus::Unavailable(PollFailure { why: "reset".into(), retry_after: None });
    assert_eq!(seen_missing(false, || RunStatus::NotListed), 1);
    assert_eq!(seen_missing(true, || RunStatus::NotListed), 0);
    assert_eq!(seen_missing(false, unavailable), 0);
    assert_eq!(seen_missing(false, active), 0);
}
