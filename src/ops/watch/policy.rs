//! When to poll again.

use std::time::Duration;

use crate::api::Error;

/// How to wait.
pub struct Policy {
    /// A fixed pause between polls, instead of the adaptive one.
    pub interval: Option<Duration>,
    /// The shortest adaptive pause.
    pub shortest: Duration,
    /// How long unbroken failure to poll is tolerated.
    pub patience: Duration,
    /// The reading of the clock at which waiting ends.
    pub deadline: Option<Duration>,
    /// Random numbers between -1 and 1, which spread the polls of many processes.
    pub jitter: fn() -> f64,
}

/// The longest adaptive pause.
pub(super) const LONGEST: Duration = Duration::from_secs(30);
/// How far jitter moves a pause.
const JITTER: f64 = 0.15;
/// The adaptive pause is the elapsed time divided by this, so that a result is seen at most 5 % late.
const SHARE: u32 = 20;

impl Policy {
    pub(super) fn pause(&self, elapsed: Duration) -> Duration {
        let adaptive = (elapsed / SHARE).clamp(self.shortest.min(LONGEST), LONGEST);
        self.spread(self.interval.unwrap_or(adaptive))
    }

    /// Doubles from a second up to the longest pause, unless the service asks for more.
    pub(super) fn pause_after_failure(&self, failures: u32, error: &Error) -> Duration {
        let doubled = Duration::from_secs(1 << failures.min(5)).min(LONGEST);
        self.spread(doubled).max(error.retry_after().unwrap_or_default())
    }

    /// The time until the deadline; none without one.
    pub(super) fn time_left(&self, now: Duration) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_sub(now))
    }

    fn spread(&self, pause: Duration) -> Duration {
        pause.mul_f64(1.0 + JITTER * (self.jitter)().clamp(-1.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_moves_a_pause_by_fifteen_percent_at_most() {
        let pause = |jitter| {
            let policy = Policy {
                interval: Some(Duration::from_secs(100)),
                shortest: Duration::ZERO,
                patience: Duration::ZERO,
                deadline: None,
                jitter,
            };
            policy.pause(Duration::ZERO).as_secs_f64().round()
        };
        let moved = [|| 0.0, || 1.0, || -1.0, || 9.0, || -9.0].map(pause);
        assert_eq!(moved.map(|seconds| format!("{seconds}")), ["100", "115", "85", "115", "85"]);
    }
}
