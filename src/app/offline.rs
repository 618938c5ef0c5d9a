//! The verbs that need no service: they read and write files only, and run without a runtime.

use std::ffi::OsString;

use clap::error::ErrorKind;

use crate::app::bootstrap;
use crate::app::plan::OfflineVerb;
use crate::app::prepare::{Prepared, finish_without_settings};
use crate::app::world::World;
use crate::cli::{self, Cli};
use crate::output::journal::Beginning;
use crate::output::{Console, Report, SafeLine};
use crate::settings::Settings;
use crate::support::exit::{Code, Exit};
use crate::support::failure::Failure;
use crate::{commands, compat, settings};

pub(crate) fn run(verb: OfflineVerb<'_>, cli: &Cli, world: World<'_>) -> Code {
    let began = Beginning::now(world.clock);
    let console = bootstrap::console(&cli.global, world.env, world.clock, world.streams);
    let places = || settings::config_places(cli.global.config.as_deref(), world.env);
    let result: Result<Box<dyn Report>, Failure> = match verb {
        OfflineVerb::Completions(shell) => return print(&console, &commands::completions::script(shell)),
        OfflineVerb::Help(words) => return help(words, cli, world, began, &console),
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
    finish_without_settings(verb.name(), began, result.as_ref().map(Box::as_ref), &console, cli, world)
}

/// Shows a topic, or what `--help` behind a command shows. No command has the name of a topic.
fn help(words: &[String], cli: &Cli, world: World<'_>, began: Beginning<'_>, console: &Console<'_>) -> Code {
    if let Some(text) = commands::help::topic(words) {
        return print(console, text);
    }
    let line = |front: &[&str], end: &[&str]| -> Vec<OsString> {
        let words = words.iter().map(String::as_str);
        front.iter().copied().chain(words).chain(end.iter().copied()).map(OsString::from).collect()
    };
    let refused = cli::parse(&line(&["runajob"], &["--help"])).err().unwrap_or_else(|| {
        // A command that takes any words took these.
        clap::Error::raw(ErrorKind::InvalidValue, "name a command or a topic, without its arguments\n")
    });
    bootstrap::refuse(&refused, &line(&["runajob", "help"], &[]), cli.global.output, world.env, began, world.streams)
}

/// Prints what other programs read, whatever the output format.
fn print(console: &Console<'_>, text: &str) -> Code {
    console.print(&SafeLine::each(text.trim_end()));
    Exit::Good.into()
}

/// Carries out a verb that follows all the settings: `config show` is there to try them, and `once` needs their folder.
fn with_settings(
    verb: OfflineVerb<'_>,
    cli: &Cli,
    world: World<'_>,
    work: impl FnOnce(&Settings, &Console<'_>) -> Result<Box<dyn Report>, Failure>,
) -> Code {
    match Prepared::new(verb.name(), cli, world) {
        Ok(prepared) => prepared.finish(&work(&prepared.settings, &prepared.console), false),
        Err(code) => code,
    }
}
