//! How a command ends that has its settings: the journal gets the document, and stdout the result.

use jiff::Timestamp;

use crate::cli::Global;
use crate::output::{Console, Facts, Report, Style, document, journal};
use crate::settings::Settings;
use crate::support::env::Env;
use crate::support::exit::Code;
use crate::support::failure::Failure;

/// The style that the settings and the options lead to.
pub fn style(settings: &Settings, global: &Global, env: &Env) -> Style {
    Style::new(settings.output, global.quiet, global.verbose, settings.color, settings.progress, env)
}

/// Writes down how a command ended, and gives the number that the process ends with.
pub fn conclude(
    console: &Console,
    mut facts: Facts,
    result: Result<&dyn Report, &Failure>,
    settings: &Settings,
    now: Timestamp,
    env: &Env,
) -> Code {
    facts.warnings = console.warnings();
    if let Some(file) = &settings.log_file
        && let Err(error) = journal::append(file, &document(&facts, result), now, env)
    {
        console.warn(&format!("cannot write to {}: {error}", file.display()));
        facts.warnings = console.warnings();
    }
    console.result(&facts, result, settings.wait);
    let exit = result.map_or_else(|failure| failure.exit, Report::exit);
    facts.code.unwrap_or(exit.code()).into()
}
