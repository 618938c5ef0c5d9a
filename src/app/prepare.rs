//! What a command has before it begins: its settings, and where it writes.

use crate::app::bootstrap;
use crate::app::world::World;
use crate::cli::{Cli, ReportTarget};
use crate::output::conclusion::{self, finish};
use crate::output::journal::{Beginning, Journal};
use crate::output::{Console, Header, Report, reports};
use crate::settings::{self, Settings};
use crate::support::env::Env;
use crate::support::exit::Code;
use crate::support::failure::Failure;

pub(crate) struct Prepared<'w> {
    pub settings: Settings,
    pub console: Console<'w>,
    pub header: Header,
    journal: Option<Journal<'w>>,
    began: Beginning<'w>,
    env: &'w Env,
}

impl<'w> Prepared<'w> {
    /// Follows all the settings. Where they cannot be used, the command ends with the code that is the error.
    pub(crate) fn new(verb: &str, cli: &Cli, world: World<'w>) -> Result<Self, Code> {
        let World { env, clock, streams, .. } = world;
        let began = Beginning::now(clock);
        let settings = settings::resolve(cli, env).map_err(|error| {
            let console = bootstrap::console(&cli.global, env, clock, streams);
            finish_without_settings(verb, began, Err(&error.into()), &console, cli, world)
        })?;
        let console = conclusion::console(&settings, conclusion::style(&settings, &cli.global, env), clock, streams);
        let header = Header { profile: settings.profile.clone(), ..Header::of(verb) };
        let journal = conclusion::journal(&settings, env, began);
        Ok(Self { settings, console, header, journal, began, env })
    }

    /// Writes the reports of the command, which must come before its end.
    pub(crate) fn write_reports(&self, targets: &[ReportTarget], result: &Result<Box<dyn Report>, Failure>) {
        let result = result.as_ref().map(Box::as_ref);
        let times = (self.began.at, self.began.clock.utc());
        reports::write(targets, &self.console, &self.header, result, times, self.env);
    }

    /// Ends the command. `waited` is whether it was to wait for the runs in its result.
    pub(crate) fn finish(&self, result: &Result<Box<dyn Report>, Failure>, waited: bool) -> Code {
        if let Err(failure) = result {
            self.console.clear();
            self.console.failure(failure);
        }
        finish(&self.console, self.journal.as_ref(), &self.header, result.as_ref().map(Box::as_ref), waited)
    }
}

/// Ends a command that follows no settings, or whose settings cannot be used.
pub(crate) fn finish_without_settings(
    verb: &str,
    began: Beginning<'_>,
    result: Result<&dyn Report, &Failure>,
    console: &Console<'_>,
    cli: &Cli,
    world: World<'_>,
) -> Code {
    if let Err(failure) = result {
        console.failure(failure);
    }
    let journal = conclusion::early_journal(&cli.global, world.env, began);
    finish(console, journal.as_ref(), &Header::of(verb), result, false)
}
