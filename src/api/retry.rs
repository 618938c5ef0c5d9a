//! Which failed requests may be sent again, and after how long.

use std::time::Duration;

use crate::api::error::Error;
use crate::support::clock::Clock;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryPolicy {
    /// The caller has its own way to go on.
    Never,
    /// For a start or a stop: only when the service cannot have processed it.
    IfNotProcessed,
    /// For a request that changes nothing: after every failure that may pass.
    Idempotent,
}

/// The first try counts.
const TRIES: u32 = 3;
/// The longest `Retry-After` that a single request waits for.
const LONGEST: Duration = Duration::from_secs(30);
/// A connection that cannot be made is tried for this long at most: whoever starts a job wants to know soon.
const CONNECTING: Duration = Duration::from_secs(10);

/// The tries of one request.
pub(crate) struct Retries<'a> {
    policy: RetryPolicy,
    clock: &'a dyn Clock,
    connect_timeout: Duration,
    began: Duration,
    failed: u32,
}

impl<'a> Retries<'a> {
    pub(crate) fn new(policy: RetryPolicy, clock: &'a dyn Clock, connect_timeout: Duration) -> Self {
        Self { policy, clock, connect_timeout, began: clock.now(), failed: 0 }
    }

    /// Waits after a failed try until the next one. Gives the error back when it is final, or when the service asks to wait
    /// until after the deadline.
    pub(crate) async fn wait(&mut self, error: Error, deadline: Option<Duration>) -> Result<(), Error> {
        self.failed += 1;
        let lasted = self.clock.now().saturating_sub(self.began);
        let hung = matches!(error, Error::NotSent(_)) && lasted >= self.connect_timeout;
        let pause = if hung { None } else { pause(self.policy, &error, self.failed, lasted) };
        let Some(pause) = pause else { return Err(error) };
        let until = self.clock.now().saturating_add(pause);
        if error.retry_after().is_some() && deadline.is_some_and(|deadline| until >= deadline) {
            return Err(error);
        }
        self.clock.sleep(pause).await;
        Ok(())
    }
}

/// The pause before the next try, or none when the failure is final. `tries` were made already and `lasted` so long.
fn pause(retry: RetryPolicy, error: &Error, tries: u32, lasted: Duration) -> Option<Duration> {
    let allowed = match retry {
        RetryPolicy::Never => false,
        RetryPolicy::IfNotProcessed => !error.may_have_been_processed(),
        RetryPolicy::Idempotent => true,
    };
    if !allowed || !error.is_transient() || tries >= TRIES {
        return None;
    }
    let pause = error.retry_after().unwrap_or(Duration::from_secs(1 << tries));
    let in_time = !matches!(error, Error::NotSent(_)) || lasted + pause < CONNECTING;
    (pause <= LONGEST && in_time).then_some(pause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::transport::Operation;

    #[test]
    fn what_may_have_been_processed_is_not_repeated() {
        let pause = |retry, error: &Error, tries| pause(retry, error, tries, Duration::ZERO);
        let lost = Error::Unclear(Operation::Start, "reset".into());
        assert_eq!(pause(RetryPolicy::IfNotProcessed, &lost, 1), None);
        assert!(pause(RetryPolicy::Idempotent, &lost, 1).is_some());
        assert_eq!(pause(RetryPolicy::Never, &Error::NotSent(String::new()), 1), None);
    }

    #[test]
    fn three_tries_within_ten_seconds() {
        let error = Error::NotSent("refused".into());
        let after = |lasted| {
            let lasted = Duration::from_secs(lasted);
            (1..5).map_while(|tries| pause(RetryPolicy::IfNotProcessed, &error, tries, lasted)).collect::<Vec<_>>()
        };
        assert_eq!(after(0), [Duration::from_secs(2), Duration::from_secs(4)]);
        assert_eq!(after(7), [Duration::from_secs(2)]);
        assert!(after(8).is_empty(), "the next try would come after ten seconds");
    }

    #[test]
    fn the_service_says_how_long() {
        let busy = |seconds| Error::Busy(Some(Duration::from_secs(seconds)));
        let pause = |error: &Error| pause(RetryPolicy::IfNotProcessed, error, 1, Duration::ZERO);
        assert_eq!(pause(&busy(7)), Some(Duration::from_secs(7)));
        assert_eq!(pause(&busy(3600)), None);
    }
}
