//! The end of every command: its line in the log file, its text or JSON document, and its exit code.

use crate::cli::Global;
use crate::output::console::Console;
use crate::output::document::{Header, Report};
use crate::output::journal::Journal;
use crate::output::style::Style;
use crate::settings::Settings;
use crate::support::clock::Clock;
use crate::support::env::Env;
use crate::support::exit::Code;
use crate::support::failure::Failure;

/// The style that the settings and the options lead to.
pub fn style(settings: &Settings, global: &Global, env: &Env) -> Style {
    Style::new(settings.output, global.quiet, global.verbose, settings.color, settings.progress, env)
}

/// The log file, where the settings name one.
pub fn journal<'w>(settings: &Settings, env: &'w Env, clock: &'w dyn Clock) -> Option<Journal<'w>> {
    settings.log_file.clone().map(|file| Journal::new(file, env, clock))
}

pub fn finish(
    console: &Console,
    journal: Option<&Journal<'_>>,
    header: &Header,
    result: Result<&dyn Report, &Failure>,
    waited: bool,
) -> Code {
    let exit = result.map_or_else(|failure| failure.exit, Report::exit);
    if let Some(journal) = journal
        && let Err(why) = journal.append(&console.document(header, result), exit)
    {
        console.warn(&why);
    }
    console.result(header, result, waited);
    header.code.unwrap_or(exit.code()).into()
}
