//! The one wait loop: when to look again, what a miss costs, when to give up. Leaves asking to `look`, telling to `tell`.

pub mod progress;
pub mod runs;
pub mod suspended;

use std::time::Duration;

use tokio::select;

use crate::api::Error;
use crate::job::{Run, RunResult, RunStatus};
use crate::support::clock::Clock;
use crate::support::duration::show;
use crate::support::signals::Signal;

/// How to wait.
pub struct Policy {
    /// A fixed pause between looks, instead of the adaptive one.
    pub interval: Option<Duration>,
    /// The shortest adaptive pause.
    pub shortest: Duration,
    /// How long unbroken misses are borne.
    pub patience: Duration,
    /// The reading of the clock at which waiting ends.
    pub deadline: Option<Duration>,
    /// Numbers between -1 and 1, which spread the looks of many processes.
    pub jitter: fn() -> f64,
}

/// The longest adaptive pause.
const LONGEST: Duration = Duration::from_secs(30);
/// How far jitter moves a pause.
const JITTER: f64 = 0.15;
/// The adaptive pause is the elapsed time divided by this.
const SHARE: u32 = 20;
/// The time for one more look once the deadline has passed.
const LAST_POLL: Duration = Duration::from_secs(2);
/// A run that neither list shows for this long is given up.
const UNSEEN: Duration = Duration::from_secs(600);

impl Policy {
    fn pause(&self, elapsed: Duration) -> Duration {
        self.spread(self.interval.unwrap_or_else(|| (elapsed / SHARE).clamp(self.shortest.min(LONGEST), LONGEST)))
    }

    /// Doubles from a second up to the longest pause, unless the service asks for more.
    fn pause_after_miss(&self, misses: u32, error: &Error) -> Duration {
        let doubled = Duration::from_secs(1 << misses.min(5)).min(LONGEST);
        self.spread(doubled).max(error.retry_after().unwrap_or_default())
    }

    fn spread(&self, pause: Duration) -> Duration {
        pause.mul_f64(1.0 + JITTER * (self.jitter)().clamp(-1.0, 1.0))
    }
}

/// How waiting for one run ended.
#[derive(Debug)]
pub enum Verdict {
    /// The log shows its end.
    Ended(Box<RunResult>),
    /// The deadline passed.
    TimedOut,
    /// The service could not be asked any more.
    LostContact(String),
    /// Neither list has shown it for ten minutes.
    NotListed,
    /// A signal came.
    Interrupted(Signal),
}

/// What is worth telling while waiting.
#[derive(Debug)]
pub enum Event<'a> {
    /// A run was seen.
    Seen(&'a Run, &'a RunStatus),
    /// A look failed; unbroken misses have lasted this long.
    Missed(&'a Error, Duration),
    /// The service answers again.
    Back,
    /// The next look comes after this pause.
    Pause(Duration),
}

/// Watches all runs in one loop, and gives their verdicts in their order.
///
/// `look` asks once about every run still open. Told to be thorough it asks both lists, so that a run in neither is
/// known to be in neither. `tell` hears what changed. `signal` ends it all.
pub async fn watch(
    clock: &dyn Clock,
    policy: &Policy,
    runs: &[Run],
    mut poll: impl AsyncFnMut(&[Run], bool) -> Result<Vec<RunStatus>, Error>,
    mut tell: impl FnMut(Event<'_>),
    signal: impl Future<Output = Signal>,
) -> Vec<Verdict> {
    let mut signal = std::pin::pin!(signal);
    let started = clock.now();
    let mut verdicts: Vec<Option<Verdict>> = runs.iter().map(|_| None).collect();
    let mut seen = vec![started; runs.len()];
    let mut missing: Option<(Duration, u32)> = None;
    let mut unasked: Vec<Option<Duration>> = vec![None; runs.len()];
    let left = |clock: &dyn Clock| policy.deadline.map(|deadline| deadline.saturating_sub(clock.now()));
    while verdicts.iter().any(Option::is_none) {
        let open: Vec<usize> = (0..runs.len()).filter(|&index| verdicts[index].is_none()).collect();
        let asked: Vec<Run> = open.iter().map(|&index| runs[index].clone()).collect();
        let overdue = |seen: Duration| clock.now().saturating_sub(seen) >= UNSEEN;
        let thorough = open.iter().any(|&index| overdue(seen[index]));
        let last = left(clock).is_some_and(|left| left.is_zero());
        let bound = if last { Some(LAST_POLL) } else { left(clock) };
        let found = select! {
            biased;
            signal = &mut signal => return settle(verdicts, || Verdict::Interrupted(signal)),
            found = poll(&asked, thorough) => found,
            () = until(clock, bound) => {
                if last {
                    return settle(verdicts, || Verdict::TimedOut);
                }
                continue;
            }
        };
        let pause = match found {
            Ok(statuses) => {
                if missing.take().is_some() {
                    tell(Event::Back);
                }
                let mut asked_for = Duration::ZERO;
                for (&index, status) in open.iter().zip(statuses) {
                    tell(Event::Seen(&runs[index], &status));
                    if !matches!(status, RunStatus::Unavailable(_)) {
                        unasked[index] = None;
                    }
                    match status {
                        RunStatus::Ended(result) => verdicts[index] = Some(Verdict::Ended(result)),
                        RunStatus::Active(_) => seen[index] = clock.now(),
                        RunStatus::NotListed if thorough && overdue(seen[index]) => {
                            verdicts[index] = Some(Verdict::NotListed);
                        }
                        RunStatus::NotListed => {}
                        RunStatus::Unavailable(miss) => {
                            let lasted = clock.now().saturating_sub(*unasked[index].get_or_insert(clock.now()));
                            if lasted >= policy.patience {
                                verdicts[index] = Some(Verdict::LostContact(worn(&miss.why, lasted)));
                            }
                            // What cannot be asked about is not unseen.
                            seen[index] = clock.now();
                            asked_for = asked_for.max(miss.retry_after.unwrap_or_default());
                        }
                    }
                }
                policy.pause(clock.now().saturating_sub(started)).max(asked_for)
            }
            Err(error) => {
                let (since, misses) = missing.unwrap_or((clock.now(), 0));
                missing = Some((since, misses + 1));
                let lasted = clock.now().saturating_sub(since);
                if is_final(&error) || lasted >= policy.patience {
                    let why = if is_final(&error) { error.to_string() } else { worn(&error.to_string(), lasted) };
                    return settle(verdicts, || Verdict::LostContact(why.clone()));
                }
                tell(Event::Missed(&error, lasted));
                policy.pause_after_miss(misses, &error).min(policy.patience.saturating_sub(lasted))
            }
        };
        if verdicts.iter().all(Option::is_some) {
            break;
        }
        if last {
            return settle(verdicts, || Verdict::TimedOut);
        }
        let pause = left(clock).map_or(pause, |left| pause.min(left));
        tell(Event::Pause(pause));
        select! {
            biased;
            signal = &mut signal => return settle(verdicts, || Verdict::Interrupted(signal)),
            () = clock.sleep(pause) => {}
        }
    }
    settle(verdicts, || Verdict::TimedOut)
}

/// Ends after the bound, or never without one.
async fn until(clock: &dyn Clock, bound: Option<Duration>) {
    match bound {
        Some(bound) => clock.sleep(bound).await,
        None => std::future::pending().await,
    }
}

/// What patience ended over.
fn worn(why: &str, lasted: Duration) -> String {
    format!("{why}; it has been like this for {}", show(lasted))
}

/// Gives the runs still open their common verdict.
fn settle(verdicts: Vec<Option<Verdict>>, rest: impl Fn() -> Verdict) -> Vec<Verdict> {
    verdicts.into_iter().map(|verdict| verdict.unwrap_or_else(&rest)).collect()
}

/// Whether asking again cannot help: the way in is shut. Any other refusal may be the service's catch-all 403, and is borne.
fn is_final(error: &Error) -> bool {
    match error {
        Error::NoSession
        | Error::Forbidden(_)
        | Error::LoginRefused { .. }
        | Error::RefusedBefore { .. }
        | Error::WrongOrg { .. }
        | Error::Secret(_) => true,
        Error::NotSent(_)
        | Error::Unclear(..)
        | Error::Unreadable { .. }
        | Error::Unavailable { .. }
        | Error::Refused { .. }
        | Error::SessionRefused
        | Error::Busy(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Call;
    use crate::job::{Activity, ClassifiedBy, Outcome, PollFailure, Rows, RunProgress};
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
            subtasks: vec![],
        })
    }

    fn lost() -> Error {
        Error::Unclear(Call::Log, "reset".into())
    }

    /// Watches one run whose looks are answered by `answer`, which is told the seconds since the start.
    fn watch_one(clock: &ManualClock, policy: &Policy, answer: impl Fn(u64) -> Result<RunStatus, Error>) -> Verdict {
        let poll = async |_: &[Run], _| answer(clock.now().as_secs()).map(|status| vec![status]);
        let verdicts = clock.run(watch(clock, policy, &[run(1)], poll, |_| {}, std::future::pending()));
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
    fn the_deadline_cuts_a_look_that_hangs_and_the_last_look_too() {
        let clock = clock();
        let policy = Policy { deadline: Some(Duration::from_secs(7)), ..policy() };
        let poll = async |_: &[Run], _| std::future::pending().await;
        let verdicts = clock.run(watch(&clock, &policy, &[run(1)], poll, |_| {}, std::future::pending()));
        assert!(matches!(verdicts[..], [Verdict::TimedOut]));
        assert_eq!(clock.now(), Duration::from_secs(9));
    }

    #[test]
    fn misses_are_borne_within_patience_and_one_good_answer_resets_it() {
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
        assert!(clock.now() >= UNSEEN && clock.now() < UNSEEN + LONGEST);
    }

    #[test]
    fn a_run_that_the_monitor_shows_now_and_then_is_not_given_up() {
        let clock = clock();
        let poll = async |_: &[Run], thorough: bool| {
            let late = clock.now() > Duration::from_secs(40_000);
            Ok(vec![if late {
                over()
            } else if thorough {
                active()
            } else {
                RunStatus::NotListed
            }])
        };
        let verdicts = clock.run(watch(&clock, &policy(), &[run(1)], poll, |_| {}, std::future::pending()));
        assert!(matches!(verdicts[..], [Verdict::Ended(_)]));
    }

    #[test]
    fn each_run_gets_its_own_verdict() {
        let clock = clock();
        let policy = Policy { deadline: Some(Duration::from_secs(60)), ..policy() };
        let poll =
            async |runs: &[Run], _| Ok(runs.iter().map(|r| if *r == run(2) { over() } else { active() }).collect());
        let runs = [run(1), run(2), run(3)];
        let verdicts = clock.run(watch(&clock, &policy, &runs, poll, |_| {}, std::future::pending()));
        assert!(matches!(verdicts[..], [Verdict::TimedOut, Verdict::Ended(_), Verdict::TimedOut]));
    }

    #[test]
    fn a_resource_that_cannot_be_asked_costs_its_own_runs_their_patience_and_no_others() {
        let clock = clock();
        let miss = |retry_after| RunStatus::Unavailable(PollFailure { why: "reset".into(), retry_after });
        let poll = async |runs: &[Run], _| {
            let early = clock.now().as_secs() < 60;
            let seen = |r: &Run| match r {
                r if *r == run(1) => miss(early.then_some(Duration::from_secs(40))),
                _ if early => active(),
                _ => over(),
            };
            Ok(runs.iter().map(seen).collect())
        };
        let verdicts = clock.run(watch(&clock, &policy(), &[run(1), run(2)], poll, |_| {}, std::future::pending()));
        let [Verdict::LostContact(why), Verdict::Ended(_)] = &verdicts[..] else { panic!("{verdicts:?}") };
        assert!(why.starts_with("reset; it has been like this for 15m"), "{why}");
        assert_eq!(clock.naps()[0], Duration::from_secs(40));
    }

    #[test]
    fn a_signal_ends_a_pause_and_a_look() {
        let clock = clock();
        let at_once = async || {
            clock.sleep(Duration::from_secs(5)).await;
            Signal::Interrupt
        };
        let poll = async |_: &[Run], _| Ok(vec![active()]);
        let policy = Policy { interval: Some(Duration::from_secs(3600)), ..policy() };
        let verdicts = clock.run(watch(&clock, &policy, &[run(1)], poll, |_| {}, at_once()));
        assert!(matches!(verdicts[..], [Verdict::Interrupted(Signal::Interrupt)]));
        let stuck = async |_: &[Run], _| std::future::pending().await;
        let verdicts = clock.run(watch(&clock, &policy, &[run(1)], stuck, |_| {}, at_once()));
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
}
