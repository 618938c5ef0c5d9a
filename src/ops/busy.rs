//! A line on a terminal that says what a command is doing while it waits for the service.

use std::time::Duration;

use tokio::select;

use crate::ops::ctx::Ctx;
use crate::output::Console;
use crate::settings::Identity;
use crate::support::clock::Clock;

/// Work that is done within this time needs no line.
const MOMENT: Duration = Duration::from_millis(300);

/// Awaits work. If it takes longer than a moment, a terminal shows what the command is doing, or that it is logging in.
pub(crate) async fn with_busy_line<T>(ctx: &Ctx<'_>, doing: &str, work: impl Future<Output = T>) -> T {
    if !ctx.console.style().is_live() {
        return work.await;
    }
    let logs_in = matches!(ctx.settings.identity(), Ok(Identity::Password { .. } | Identity::Token { .. }));
    let mut is_shown = false;
    let show = || {
        let is_logged_in = ctx.client.user().is_some() || ctx.client.org().is_some();
        let text = if logs_in && !is_logged_in { "logging in" } else { doing };
        if is_shown {
            ctx.console.live(0, text);
        } else {
            ctx.console.busy(text);
            is_shown = true;
        }
    };
    let done = after_a_moment(ctx.clock, work, show).await;
    ctx.console.clear();
    done
}

/// Does work, and calls `show` after a moment and then again and again until it is done.
async fn after_a_moment<T>(clock: &dyn Clock, work: impl Future<Output = T>, mut show: impl FnMut()) -> T {
    let mut work = std::pin::pin!(work);
    let mut pause = MOMENT;
    loop {
        select! {
            biased;
            done = &mut work => return done,
            () = clock.sleep(pause) => show(),
        }
        pause = Console::TICK;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::clock::ManualClock;

    fn shown_during(work: Duration) -> u32 {
        let clock = ManualClock::new("2026-03-01T00:00:00Z".parse().unwrap());
        let mut shown = 0;
        clock.run(after_a_moment(&clock, clock.sleep(work), || shown += 1));
        assert_eq!(clock.now(), work);
        shown
    }

    #[test]
    fn only_work_that_takes_longer_than_a_moment_is_shown() {
        assert_eq!(shown_during(Duration::from_millis(299)), 0);
        assert_eq!(shown_during(Duration::from_millis(301)), 1);
        assert_eq!(shown_during(Duration::from_secs(3)), 11);
    }
}
