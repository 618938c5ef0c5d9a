//! What is said before a command has its settings: help, usage errors, a bug. Leaves everything later to `lib`.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::error::ErrorKind;

use crate::cli::{self, Cli, Output};
use crate::compat;
use crate::output::{Console, Facts, Streams, Style};
use crate::support::env::{self, Env};
use crate::support::exit::{Code, Exit};
use crate::support::failure::Failure;

/// A help text that was asked for, or a usage error: clap's text on stderr and, where JSON is wanted, a document.
pub(crate) fn refuse(error: &clap::Error, args: &[OsString], env: &Env, streams: &Streams<'_>) -> Code {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // A reader that has gone away is no failure.
        let _ = error.print();
        return Exit::Good.into();
    }
    let text = error.to_string();
    let console = streams.console(early_style(asked_output(args, env), false, 0, cli::When::Auto, env));
    console.alarm(text.trim_end());
    let what = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let failure = Failure::of(Exit::Usage, what).hint("see `runajob --help`");
    let facts = asked_facts(args, Exit::Usage);
    console.result(&facts, Err(&failure), false);
    facts.code.unwrap_or(Exit::Usage.code()).into()
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

/// The facts of a command line that ends with this before it is understood.
pub(crate) fn asked_facts(args: &[OsString], exit: Exit) -> Facts {
    let known = cli::command();
    let names = verbs(&known);
    let verb = args.iter().skip(1).filter_map(|word| word.to_str()).find(|word| names.contains(word));
    let code = compat::password::first(args, &names).map(|_| compat::early_number(exit));
    Facts { command: verb.unwrap_or_default().to_owned(), code, ..Facts::default() }
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
    streams.console(early_style(output, global.quiet, global.verbose, global.color.unwrap_or_default(), env))
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
            .hint("whether a job was started is not known: look with `runajob status`, and report the place");
        let style = early_style(asked_output(args, env), false, 0, cli::When::Auto, env);
        fail(&Streams::PROCESS.console(style), &asked_facts(args, Exit::Bug), &failure)
    })
}

pub(crate) fn fail(console: &Console, facts: &Facts, failure: &Failure) -> Code {
    console.failure(failure);
    console.result(facts, Err(failure), false);
    facts.code.unwrap_or(failure.exit.code()).into()
}
