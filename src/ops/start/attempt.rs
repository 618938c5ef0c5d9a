//! One start request: sends it once, waits for its answer, and says whether the service can have processed it.

use std::cell::Cell;
use std::time::Duration;

use tokio::select;

use crate::api::attempt::Attempt;
use crate::api::jobs::StartOptions;
use crate::api::runs::StartedRun;
use crate::api::{self, Error};
use crate::ops::ctx::Ctx;
use crate::ops::resolve::Target;
use crate::support::signals::Signal;

/// After a signal, the answer to a start that was sent is waited for this long.
const PATIENCE_AFTER_SIGNAL: Duration = Duration::from_secs(5);

/// A start request and what is known of it.
pub(crate) struct StartAttempt {
    /// The reading of the clock when it was sent, if the service can have processed it.
    pub sent_at: Option<Duration>,
    pub answer: Result<StartedRun, NoAnswer>,
}

/// Why there is no run in the answer to a start, or no answer.
pub(crate) enum NoAnswer {
    Error(Error),
    /// A signal ended the waiting for it. Holds in words how.
    Interrupted(String),
}

impl StartAttempt {
    /// Sends the start and waits for its answer; after a signal, which is put into `interrupted_by`, for five seconds more.
    pub(crate) async fn send(
        ctx: &Ctx<'_>,
        target: &Target,
        options: &StartOptions,
        interrupted_by: &Cell<Option<Signal>>,
    ) -> Self {
        let attempt = Attempt::default();
        let answer = answer(ctx, target, options, &attempt, interrupted_by).await;
        Self { sent_at: attempt.sent_at(), answer }
    }
}

async fn answer(
    ctx: &Ctx<'_>,
    target: &Target,
    options: &StartOptions,
    attempt: &Attempt,
    interrupted_by: &Cell<Option<Signal>>,
) -> Result<StartedRun, NoAnswer> {
    let interrupted = |how: &str| Err(NoAnswer::Interrupted(how.to_owned()));
    let mut start = std::pin::pin!(api::runs::start(ctx.client, &target.selector, target.kind, options, attempt));
    let signal = select! {
        biased;
        answer = &mut start => return answer.map_err(NoAnswer::Error),
        signal = ctx.signals.next() => signal,
    };
    interrupted_by.set(Some(signal));
    if attempt.sent_at().is_none() {
        return interrupted("interrupted");
    }
    ctx.console.alarm("the start was sent; waiting 5s for its answer");
    select! {
        biased;
        answer = &mut start => answer.map_err(NoAnswer::Error),
        _ = ctx.signals.next() => interrupted("a second signal came before the answer"),
        () = ctx.clock.sleep(PATIENCE_AFTER_SIGNAL) => interrupted("no answer came within 5s of the signal"),
    }
}
