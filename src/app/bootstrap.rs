//! How a command ends, also one that has no settings yet: help, usage errors, a bug.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;

use crate::cli::{self, Cli, Output};
use crate::compat;
use crate::output::journal::Journal;
use crate::output::{Console, Header, Report, Streams, Style};
use crate::settings;
use crate::support::clock::{Clock, SystemClock};
use crate::support::env::{self, Env};
use crate::support::exit::{Code, Exit};
use crate::support::failure::Failure;
use crate::support::hint::{AccountFlags, Hint};

/// A help text that was asked for, or a usage error: clap's text on stderr and, where JSON is wanted, a document.
pub(crate) fn refuse(
    error: &clap::Error,
    args: &[OsString],
    env: &Env,
    clock: &dyn Clock,
    streams: &Streams<'_>,
) -> Code {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // A reader that has gone away is no failure.
        let _ = error.print();
        return Exit::Good.into();
    }
    let text = error.to_string();
    let console = asked_console(args, env, streams);
    console.alarm(text.trim_end());
    let what = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let failure = Failure::of(Exit::Usage, what).hint("see `runajob --help`");
    let journal = asked_journal(args, env, clock);
    finish(&console, journal.as_ref(), &asked_header(args, Exit::Usage), Err(&failure), false)
}

/// The output format that words ask for which clap could not read.
pub(crate) fn asked_output(args: &[OsString], env: &Env) -> Output {
    let words: Vec<&str> =
        args.iter().skip(1).map_while(|word| word.to_str()).take_while(|word| *word != "--").collect();
    let asked = words.iter().enumerate().any(|(index, word)| {
        let short = || word.strip_prefix('-')?.trim_start_matches(['q', 'v']).strip_prefix('o');
        match word.strip_prefix("--output").or_else(short) {
            Some("") => words.get(index + 1) == Some(&"json"),
            Some(rest) => rest.trim_start_matches('=') == "json",
            None => false,
        }
    });
    if asked || env.get(env::OUTPUT) == Some("json") { Output::Json } else { Output::Text }
}

/// The value of a long option on a command line that clap could not read.
fn asked_option<'a>(args: &'a [OsString], name: &str) -> Option<&'a str> {
    let words: Vec<&str> = args.iter().map_while(|word| word.to_str()).take_while(|word| *word != "--").collect();
    words.iter().enumerate().find_map(|(index, word)| match word.strip_prefix(name)? {
        "" => words.get(index + 1).copied(),
        rest => rest.strip_prefix('='),
    })
}

/// A console for a command line that is not understood, or not yet.
pub(crate) fn asked_console(args: &[OsString], env: &Env, streams: &Streams<'_>) -> Console {
    let style = early_style(asked_output(args, env), false, 0, cli::When::Auto, env);
    let (profile, config) = (asked_option(args, "--profile"), asked_option(args, "--config"));
    streams.console(style, AccountFlags::new(profile, config.map(Path::new)))
}

/// The log file of such a command line.
pub(crate) fn asked_journal<'w>(args: &[OsString], env: &'w Env, clock: &'w dyn Clock) -> Option<Journal<'w>> {
    let asked = |name| asked_option(args, name);
    let config = asked("--config").map(Path::new);
    let file = settings::log_file(asked("--log-file").map(PathBuf::from), config, asked("--profile"), env)?;
    Some(Journal::new(file, env, clock))
}

/// The log file of a command whose settings are not known.
pub(crate) fn early_journal<'w>(cli: &Cli, env: &'w Env, clock: &'w dyn Clock) -> Option<Journal<'w>> {
    let global = &cli.global;
    let file = settings::log_file(global.log_file.clone(), global.config.as_deref(), global.profile.as_deref(), env)?;
    Some(Journal::new(file, env, clock))
}

/// The header of a command line that ends with this before it is understood.
pub(crate) fn asked_header(args: &[OsString], exit: Exit) -> Header {
    let known = cli::command();
    let names = verbs(&known);
    let verb = args.iter().skip(1).filter_map(|word| word.to_str()).find(|word| names.contains(word));
    let code = compat::password::first(args, &names).map(|_| compat::early_number(exit));
    Header { command: verb.unwrap_or_default().to_owned(), code, ..Header::default() }
}

pub(crate) fn verbs(command: &clap::Command) -> Vec<&str> {
    command.get_subcommands().map(clap::Command::get_name).collect()
}

pub(crate) fn early_style(output: Output, quiet: bool, verbose: u8, color: cli::When, env: &Env) -> Style {
    Style::new(output, quiet, verbose, color, cli::When::Never, env)
}

/// A console for what is said before the settings are known.
pub(crate) fn early_console(cli: &Cli, env: &Env, streams: &Streams<'_>) -> Console {
    let global = &cli.global;
    let output = global.output.unwrap_or_else(|| asked_output(&[], env));
    let style = early_style(output, global.quiet, global.verbose, global.color.unwrap_or_default(), env);
    streams.console(style, settings::account_flags(cli))
}

/// A panic is a bug: it is said where, but not with what words, because they may hold a secret.
pub(crate) fn unless_it_panics(args: &[OsString], env: &Env, work: impl FnOnce() -> Code) -> Code {
    let place = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let heard = std::sync::Arc::clone(&place);
    std::panic::set_hook(Box::new(move |panic| {
        if let (Some(location), Ok(mut place)) = (panic.location(), heard.lock()) {
            *place = location.to_string();
        }
    }));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let place = place.lock().map(|place| place.clone()).unwrap_or_default();
        let failure = Failure::of(Exit::Bug, format!("a bug in runajob, at {place}"))
            .hint(Hint::from("report the place; to see whether a job was started: ").then(Hint::command("status")));
        let journal = asked_journal(args, env, &SystemClock);
        let console = asked_console(args, env, &Streams::PROCESS);
        fail(&console, journal.as_ref(), &asked_header(args, Exit::Bug), &failure)
    })
}

/// The end of a command that cannot go on.
pub(crate) fn fail(console: &Console, journal: Option<&Journal<'_>>, header: &Header, failure: &Failure) -> Code {
    console.failure(failure);
    finish(console, journal, header, Err(failure), false)
}

/// The end of every command: its line in the log file, its lines or its document, its number.
pub(crate) fn finish(
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
