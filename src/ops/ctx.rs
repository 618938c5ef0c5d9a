//! What every verb works with, and how work that has started nothing yet is ended by a signal or by the deadline.

use std::time::Duration;

use tokio::select;

use crate::api::Client;
use crate::output::Console;
use crate::settings::{Identity, Settings};
use crate::support::clock::Clock;
use crate::support::env::Env;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::signals::{Signal, Signals};

/// The parts of the world that a verb works with.
pub struct Ctx<'a> {
    pub client: &'a Client<'a>,
    pub clock: &'a dyn Clock,
    pub console: &'a Console<'a>,
    pub settings: &'a Settings,
    pub env: &'a Env,
    pub signals: &'a Signals,
    /// The reading of the clock at which the command ends, whatever it waits for.
    pub deadline: Option<Duration>,
    /// The verb that was given, for hints that repeat the command.
    pub verb: &'a str,
}

impl Ctx<'_> {
    /// The host of the configured account. Tasks of two organisations can have the same ID.
    pub(crate) fn host(&self) -> String {
        self.settings.identity().map(Identity::host).unwrap_or_default()
    }

    /// Does work that a signal or the deadline may end, because nothing was started yet.
    pub(crate) async fn before_start<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        self.unless_ended("nothing was started", Exit::Unreachable, work).await
    }

    /// Does work that a signal or the deadline may end. `state` says what is the case then, `late` is the exit at the
    /// deadline.
    pub(crate) async fn unless_ended<T>(
        &self,
        state: &str,
        late: Exit,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let deadline = async {
            match self.deadline {
                Some(deadline) => self.clock.sleep(deadline.saturating_sub(self.clock.now())).await,
                None => std::future::pending().await,
            }
        };
        select! {
            biased;
            signal = self.signals.next() => Err(Failure::of(signal.exit(), format!("interrupted; {state}"))),
            done = work => done,
            () = deadline => Err(Failure::of(late, format!("the time given by --timeout passed; {state}"))),
        }
    }
}

/// The failure of a command that a signal ended before anything was started.
pub(crate) fn interrupted(signal: Signal) -> Failure {
    Failure::of(signal.exit(), "interrupted; nothing was started")
}
