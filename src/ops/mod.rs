//! One file per verb. Each borrows [`Ctx`], reports through its console, and returns a report or a failure. This file only
//! holds what they share.

pub mod active;
pub mod recent;
pub mod resolve;
pub mod runs;
pub mod start;
pub mod stop;
pub mod watch;

use std::time::Duration;

use tokio::select;

use crate::api::{Client, Error};
use crate::job::Task;
use crate::output::{Console, RunReport};
use crate::settings::{Identity, OUTSIDE_SANDBOX, Settings};
use crate::support::clock::Clock;
use crate::support::env::Env;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::signals::{Signal, Signals};

/// What the commands work with.
pub struct Ctx<'a> {
    /// The service.
    pub client: &'a Client<'a>,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Where to say things.
    pub console: &'a Console,
    /// The settings.
    pub settings: &'a Settings,
    /// The environment.
    pub env: &'a Env,
    /// Signals to this process.
    pub signals: &'a Signals,
    /// The reading of the clock at which the command ends, whatever it waits for.
    pub deadline: Option<Duration>,
}

impl Ctx<'_> {
    /// The host that our identity belongs to, which sets tasks of the same ID apart.
    pub(crate) fn host(&self) -> String {
        self.settings.identity().map(Identity::host).unwrap_or_default()
    }

    /// Something that a signal or the deadline may end, because nothing was started yet.
    pub(crate) async fn before_start<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        self.unless_ended("nothing was started", Exit::Unreachable, work).await
    }

    /// Something that a signal or the deadline may end, with words for how things stand then, and the exit of the latter.
    pub(crate) async fn unless_ended<T>(
        &self,
        standing: &str,
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
            signal = self.signals.next() => Err(Failure::of(signal.exit(), format!("interrupted; {standing}"))),
            done = work => done,
            () = deadline => Err(Failure::of(late, format!("the time given by --timeout passed; {standing}"))),
        }
    }
}

/// The end of a command by a signal before anything was started.
pub(crate) fn interrupted(signal: Signal) -> Failure {
    Failure::of(signal.exit(), "interrupted; nothing was started")
}

/// One of several things asked about that there is not, as a line of the report on all of them.
pub(crate) fn missing(wanted: resolve::selectors::Selection, failure: &Failure) -> RunReport {
    let why = failure.why().unwrap_or_else(|| failure.what());
    match wanted {
        resolve::selectors::Selection::Task(task) => {
            RunReport::none(resolve::known(&task, task.kind), why, failure.exit)
        }
        resolve::selectors::Selection::Run(run) => {
            RunReport { run: Some(run), ..RunReport::none(Task::default(), why, failure.exit) }
        }
    }
}

/// The failure of a start or a stop that was not processed.
pub(crate) fn not_processed(error: Error, not_done: String) -> Failure {
    if let Error::Busy(_) = error {
        return Failure::new(Exit::NotRun, error).context(not_done).hint("it is safe to try again later");
    }
    Failure::from(error).context(not_done)
}

/// An error of the service before anything was started, or of a command that starts nothing.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        const UNREACHED: Option<&str> = Some("the service cannot be reached");
        const ODD: Option<&str> = Some("the service did not answer as it should");
        const REFUSED: Option<&str> = Some("the service refused it");
        // Without words for what happened, the error's own message says both that and why.
        let (exit, what, hint) = match &error {
            Error::NotSent(_) => {
                (Exit::Unreachable, UNREACHED, "check login_url, the network and the proxy; it is safe to try again")
            }
            Error::Unclear(..) | Error::Unavailable { .. } | Error::Busy(_) => {
                (Exit::Unreachable, ODD, "it is safe to try again")
            }
            Error::Unreadable { .. } => {
                (Exit::Unreachable, ODD, "something in front of the service may have answered; it is safe to try again")
            }
            Error::Refused { .. } if error.is_not_found() => {
                (Exit::NotFound, REFUSED, "check the name with `runajob find`")
            }
            Error::Refused { .. } => {
                (Exit::NotRun, REFUSED, "the words are the service's; the account may lack a permission")
            }
            Error::NoSession => (Exit::Credentials, None, "make a new session; the one given is not valid any more"),
            Error::SessionRefused => {
                (Exit::Credentials, None, "the account may lack a permission; try `runajob login`")
            }
            Error::RefusedBefore { .. } => (
                Exit::Credentials,
                None,
                "correct the password; `runajob login` on a terminal can try the same one again",
            ),
            Error::LoginRefused { .. } => (
                Exit::Credentials,
                None,
                "check the user and the password with `runajob config show` and `runajob login`",
            ),
            Error::Forbidden(_) => (Exit::Config, Some("nothing was sent there"), OUTSIDE_SANDBOX),
            Error::WrongOrg { .. } => (Exit::Config, None, "choose the right profile, or correct expect_org"),
            Error::Secret(_) => (Exit::Credentials, None, ""),
        };
        let failure = match error {
            Error::Secret(failure) => return *failure,
            error => Self::new(exit, error).hint(hint),
        };
        match what {
            Some(what) => failure.context(what),
            None => failure,
        }
    }
}
