//! The verbs that need no service: they read and write files only, and run without a runtime.

use crate::app::bootstrap;
use crate::app::plan::{OfflineVerb, header};
use crate::app::world::World;
use crate::cli::Cli;
use crate::output::conclusion::{self, finish};
use crate::output::{Console, Header, Report};
use crate::settings::Settings;
use crate::support::exit::{Code, Exit};
use crate::support::failure::Failure;
use crate::{commands, compat, settings};

pub(crate) fn run(verb: OfflineVerb<'_>, cli: &Cli, world: World<'_>) -> Code {
    let console = bootstrap::console(&cli.global, world.env, world.streams);
    let places = || settings::config_places(cli.global.config.as_deref(), world.env);
    let result: Result<Box<dyn Report>, Failure> = match verb {
        OfflineVerb::Completions(shell) => return print(&console, &commands::completions::script(shell)),
        OfflineVerb::PrintScenario => return print(&console, commands::sandbox::DEFAULT_SCENARIO),
        OfflineVerb::ConfigShow => {
            return with_settings(verb, cli, world, |settings, _| Ok(Box::new(commands::config::show(settings))));
        }
        OfflineVerb::Once(once) => {
            return with_settings(verb, cli, world, |settings, console| {
                commands::once::run(once, settings, world.env, console)
            });
        }
        OfflineVerb::ConfigPath => Ok(Box::new(commands::config::path(places()))),
        OfflineVerb::ConfigImport { file, password_command } => {
            let profile = cli.global.profile.as_deref();
            compat::import::import(file, profile, password_command, &places()).map(|done| Box::new(done) as _)
        }
        OfflineVerb::CompatInstall { dir, force } => {
            compat::install::install(dir, force).map(|done| Box::new(done) as _)
        }
    };
    let result = result.as_ref().map(Box::as_ref);
    if let Err(failure) = result {
        console.failure(failure);
    }
    let journal = bootstrap::journal(&cli.global, world.env, world.clock);
    finish(&console, journal.as_ref(), &header(verb.name()), result, false)
}

/// Prints what other programs read, whatever the output format.
fn print(console: &Console, text: &str) -> Code {
    console.line(text.trim_end());
    Exit::Good.into()
}

/// Carries out a verb that follows all the settings: `config show` is there to try them, and `once` needs their folder.
fn with_settings(
    verb: OfflineVerb<'_>,
    cli: &Cli,
    world: World<'_>,
    work: impl FnOnce(&Settings, &Console) -> Result<Box<dyn Report>, Failure>,
) -> Code {
    let World { env, clock, streams, .. } = world;
    let settings = match settings::resolve(cli, env) {
        Ok(settings) => settings,
        Err(error) => {
            let failure = Failure::from(error);
            let console = bootstrap::console(&cli.global, env, streams);
            console.failure(&failure);
            let journal = bootstrap::journal(&cli.global, env, clock);
            return finish(&console, journal.as_ref(), &header(verb.name()), Err(&failure), false);
        }
    };
    let journal = conclusion::journal(&settings, env, clock);
    let console = streams.console(conclusion::style(&settings, &cli.global, env), settings.account_flags.clone());
    settings.notes.iter().for_each(|note| console.note(note));
    let header = Header { profile: settings.profile.clone(), ..header(verb.name()) };
    let result = work(&settings, &console);
    if let Err(failure) = &result {
        console.failure(failure);
    }
    finish(&console, journal.as_ref(), &header, result.as_ref().map(Box::as_ref), false)
}
