//! Where every command writes, before and after its settings are known, and its end: its line in the log file, its text or
//! JSON document, and its exit code.

use crate::cli::{Global, Output, When};
use crate::output::console::{Console, Streams};
use crate::output::document::{Header, Report};
use crate::output::journal::{Beginning, Journal};
use crate::output::style::Style;
use crate::settings::{self, Settings};
use crate::support::clock::Clock;
use crate::support::env::Env;
use crate::support::exit::Code;
use crate::support::failure::Failure;

/// A console for what is said before the settings are known.
pub fn early_console<'w>(
    output: Output,
    global: &Global,
    env: &Env,
    clock: &'w dyn Clock,
    streams: &Streams<'_>,
) -> Console<'w> {
    let color = global.color.unwrap_or_default();
    let style = Style::new(output, global.quiet, global.verbose, color, When::Never, env);
    streams.console(style, global.account_flags(), clock)
}

/// The log file of a command whose settings are not known.
pub fn early_journal<'w>(global: &Global, env: &'w Env, began: Beginning<'w>) -> Option<Journal<'w>> {
    let file = settings::log_file(global.log_file.clone(), global.config.as_deref(), global.profile.as_deref(), env)?;
    Some(Journal::new(file, env, began))
}

/// The style that the settings and the options lead to.
pub fn style(settings: &Settings, global: &Global, env: &Env) -> Style {
    Style::new(settings.output, global.quiet, global.verbose, settings.color, settings.progress, env)
}

/// The console of a command whose settings are known, with what they have to say on it.
pub fn console<'w>(settings: &Settings, style: Style, clock: &'w dyn Clock, streams: &Streams<'_>) -> Console<'w> {
    let console = streams.console(style, settings.account_flags.clone(), clock);
    settings.notes.iter().for_each(|note| console.note(note.as_str()));
    console
}

/// The log file, where the settings name one.
pub fn journal<'w>(settings: &Settings, env: &'w Env, began: Beginning<'w>) -> Option<Journal<'w>> {
    settings.log_file.clone().map(|file| Journal::new(file, env, began))
}

pub fn finish(
    console: &Console<'_>,
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
