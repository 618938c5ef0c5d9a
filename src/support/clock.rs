//! Time as the program sees it: a monotonic reading, the wall clock, and sleeping.
//!
//! The manual clock drives a future to its end in virtual time. Tokio's own paused time is not used because it would
//! also pause the timeouts inside the HTTP client.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;

/// A source of time. Readings of [`Clock::now`] are durations since an arbitrary origin.
pub trait Clock {
    /// Time since an arbitrary origin; counts suspended time and ignores changes of the wall clock.
    fn now(&self) -> Duration;
    /// The wall clock.
    fn utc(&self) -> Timestamp;
    /// Ends after `pause` on the scale of [`Clock::now`].
    fn sleep(&self, pause: Duration) -> LocalBoxFuture<'_, ()>;
}

/// The clock of the machine.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

/// A timer of the runtime stops while the machine sleeps; after this long it compares itself with [`Clock::now`].
const SLICE: Duration = Duration::from_secs(5);

impl Clock for SystemClock {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn now(&self) -> Duration {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Duration::new(time.tv_sec.try_into().unwrap_or(0), time.tv_nsec.try_into().unwrap_or(0))
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now(&self) -> Duration {
        use std::sync::LazyLock;
        use std::time::Instant;
        static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
        ORIGIN.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn utc(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, pause: Duration) -> LocalBoxFuture<'_, ()> {
        let end = self.now().saturating_add(pause);
        Box::pin(async move {
            loop {
                let left = end.saturating_sub(self.now());
                if left.is_zero() {
                    break;
                }
                tokio::time::sleep(left.min(SLICE)).await;
            }
        })
    }
}

/// A clock that moves only when everything waits for it. Clones share one time.
#[derive(Debug, Clone)]
pub struct ManualClock {
    state: Rc<RefCell<ManualState>>,
}

#[derive(Debug)]
struct ManualState {
    now: Duration,
    origin: Timestamp,
    next_timer: u64,
    timers: BTreeMap<(Duration, u64), Waker>,
    naps: Vec<Duration>,
}

impl ManualClock {
    /// A clock whose wall time begins at `origin`.
    pub fn new(origin: Timestamp) -> Self {
        let state =
            ManualState { now: Duration::ZERO, origin, next_timer: 0, timers: BTreeMap::new(), naps: Vec::new() };
        Self { state: Rc::new(RefCell::new(state)) }
    }

    /// Runs `future` to its end, moving time to the earliest timer whenever nothing else can go on.
    ///
    /// # Panics
    /// When the future waits for something that no timer will bring.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return value;
            }
            let mut state = self.state.borrow_mut();
            let Some(((due, _), waker)) = state.timers.pop_first() else {
                panic!("the future waits, but no timer is set");
            };
            state.now = state.now.max(due);
            drop(state);
            waker.wake();
        }
    }

    /// Moves time forward, as a suspended machine would.
    pub fn advance(&self, by: Duration) {
        self.state.borrow_mut().now += by;
    }

    /// Sets the wall clock, as people and time servers do.
    pub fn set_utc(&self, utc: Timestamp) {
        let mut state = self.state.borrow_mut();
        state.origin = utc - state.now;
    }

    /// Every pause that was asked for, in order.
    pub fn naps(&self) -> Vec<Duration> {
        self.state.borrow().naps.clone()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        self.state.borrow().now
    }

    fn utc(&self) -> Timestamp {
        let state = self.state.borrow();
        state.origin + state.now
    }

    fn sleep(&self, pause: Duration) -> LocalBoxFuture<'_, ()> {
        let mut state = self.state.borrow_mut();
        state.naps.push(pause);
        let due = state.now.saturating_add(pause);
        Box::pin(Nap { clock: self, due, key: None })
    }
}

struct Nap<'a> {
    clock: &'a ManualClock,
    due: Duration,
    key: Option<(Duration, u64)>,
}

impl Future for Nap<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.state.borrow_mut();
        if state.now >= self.due {
            return Poll::Ready(());
        }
        let key = self.key.unwrap_or((self.due, state.next_timer));
        if self.key.is_none() {
            state.next_timer += 1;
        }
        state.timers.insert(key, context.waker().clone());
        drop(state);
        self.key = Some(key);
        Poll::Pending
    }
}

impl Drop for Nap<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.clock.state.borrow_mut().timers.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> ManualClock {
        ManualClock::new("2026-03-01T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn time_moves_to_the_earliest_timer() {
        let clock = clock();
        let first = clock.run(async {
            tokio::select! {
                () = clock.sleep(Duration::from_secs(7)) => "seven",
                () = clock.sleep(Duration::from_secs(3)) => "three",
            }
        });
        assert_eq!((first, clock.now()), ("three", Duration::from_secs(3)));
    }

    #[test]
    fn a_dropped_nap_does_not_move_time() {
        let clock = clock();
        clock.run(async {
            tokio::select! {
                () = clock.sleep(Duration::from_secs(1)) => {}
                () = clock.sleep(Duration::from_secs(60)) => {}
            }
            clock.sleep(Duration::from_secs(1)).await;
        });
        assert_eq!(clock.now(), Duration::from_secs(2));
        assert_eq!(clock.utc().to_string(), "2026-03-01T00:00:02Z");
    }

    #[test]
    fn setting_the_wall_clock_moves_no_other_time() {
        let clock = clock();
        clock.advance(Duration::from_secs(60));
        clock.set_utc("2020-01-01T00:00:00Z".parse().unwrap());
        clock.advance(Duration::from_secs(1));
        assert_eq!((clock.now(), clock.utc().to_string().as_str()), (Duration::from_secs(61), "2020-01-01T00:00:01Z"));
    }

    #[test]
    #[should_panic(expected = "no timer is set")]
    fn waiting_for_nothing_is_noticed() {
        clock().run(std::future::pending::<()>());
    }
}
