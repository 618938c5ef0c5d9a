//! The command line: clap structs, whose doc comments are the help texts.

mod global;
mod local;
mod report;
mod runs;
mod start;
mod tasks;
mod values;
mod waiting;

use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

pub use crate::cli::global::{Global, Output, When};
pub use crate::cli::local::{Compat, Config, OnceCommand, RunAJob, Sandbox};
use crate::cli::local::{RUNAJOB, RUNAJOB_EXAMPLES};
pub use crate::cli::report::{ReportFormat, ReportTarget, Reports};
pub use crate::cli::runs::{Find, History, Logs, Status, Stop, Wait};
pub use crate::cli::start::{IfRunning, Start};
pub use crate::cli::tasks::{TaskList, Tasks};
pub use crate::cli::values::{limit, poll_interval, run_name};
pub use crate::cli::waiting::{AtEnd, OnSuspended, Waiting};
use crate::support::exit::Exit;

/// Start, stop and watch jobs of Informatica Intelligent Cloud Services (IICS, IDMC)
#[derive(Debug, Parser)]
#[command(
    name = "runajob",
    version,
    disable_help_subcommand = true,
    max_term_width = 100,
    before_help = EXAMPLES,
    arg_required_else_help = true
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start one or more tasks; with --wait, wait until they have ended
    Start(Box<Start>),
    /// Stop runs or tasks
    Stop(Stop),
    /// Wait for active runs, whoever started them
    Wait(Wait),
    /// Show the active runs, or the status of a run
    Status(Status),
    /// Show past runs: how they ended, how long they took, their rows
    History(History),
    /// Print the session logs of a run, or write them and the rejected rows into a folder
    Logs(Logs),
    /// Find tasks by wildcard path, and show their types and IDs
    Find(Find),
    /// Log in, check the credentials, and keep the session for later commands
    #[command(before_help = "Examples:\n  runajob login\n  runajob login --profile prod")]
    Login,
    /// End the kept session
    #[command(before_help = "Examples:\n  runajob logout\n  runajob logout --profile prod")]
    Logout,
    /// Show where settings come from, try them, or import them
    #[command(subcommand, before_help = "Examples:\n  runajob config show\n  runajob config check --profile prod")]
    Config(Config),
    /// Try the settings: the same as `config check`
    #[command(hide = true)]
    Doctor,
    /// List or forget the keys of `start --once`
    #[command(subcommand, before_help = "Examples:\n  runajob once list\n  runajob once forget 2026-11-24")]
    Once(OnceCommand),
    /// Serve a simulated service on loopback, or run any command against one
    Sandbox(Sandbox),
    /// Start a task by the command line of RunAJob, and end with RunAJob's numbers
    #[command(
        name = "runAJobCli",
        before_help = RUNAJOB_EXAMPLES,
        after_help = RUNAJOB,
        override_usage = "runajob [GLOBAL OPTIONS] runAJobCli [OPTION VALUE]..."
    )]
    RunAJobCli(RunAJob),
    /// Take the place of RunAJob in a folder
    #[command(subcommand, before_help = "Examples:\n  runajob compat install /opt/runajobcli --force")]
    Compat(Compat),
    /// Show the help of a command or of a topic
    ///
    /// The topics are exit-codes, handles, never-twice, output, settings and waiting. They are manual pages too, such as
    /// runajob-exit-codes(7).
    #[command(before_help = "Examples:\n  runajob help start\n  runajob help config check\n  runajob help exit-codes")]
    Help {
        /// A command, with the words behind it, or a topic
        #[arg(value_name = "COMMAND|TOPIC")]
        words: Vec<String>,
    },
    /// Print the completion script for a shell
    #[command(
        before_help = "Examples:\n  runajob completions bash > ~/.local/share/bash-completion/completions/runajob"
    )]
    Completions {
        /// The shell that the script is for
        shell: clap_complete::Shell,
    },
}

const EXAMPLES: &str = "\
Examples:
  runajob start 'Sales/Nightly/Load customers' --wait
  runajob wait MTT/01ABCD0Z00000000001S/18
  runajob find 'Sales/**' -q | runajob start --from-file - --wait
  runajob sandbox -- start m_succeeds --wait   (needs no account)";

const AFTER_HELP: &str = "\
`runajob COMMAND -h` shows the options of a command, and --help all of them.
`runajob help TOPIC` explains exit-codes, handles, never-twice, output, settings or waiting.";

/// The complete command line, with the exit codes in its long help.
pub fn command() -> clap::Command {
    let exit_codes = format!("Exit codes:\n{}", Exit::table());
    global::hide_where_meaningless(Cli::command()).after_help(AFTER_HELP).after_long_help(exit_codes)
}

/// The part of the command line that the help shows, for completion scripts.
pub fn visible() -> clap::Command {
    let mut command = command();
    command.build();
    shown(&command)
}

fn shown(command: &clap::Command) -> clap::Command {
    let options = command.get_arguments().filter(|option| !option.is_hide_set()).map(|option| {
        // Each verb has its own by now.
        option.clone().global(false)
    });
    let verbs = command.get_subcommands().filter(|verb| !verb.is_hide_set()).map(shown);
    let mut visible = clap::Command::new(command.get_name().to_owned())
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .args(options)
        .subcommands(verbs);
    if let Some(about) = command.get_about() {
        visible = visible.about(about.clone());
    }
    match command.get_version() {
        Some(version) => visible.version(version.to_owned()),
        None => visible,
    }
}

/// Whether a word is the name of a verb.
pub fn is_verb(word: &OsStr) -> bool {
    names_verb(&command(), word)
}

/// The index of the verb on a command line, at `from` or behind it. The value of a global option is not the verb, whatever
/// word it is.
pub fn verb_place(args: &[OsString], from: usize) -> Option<usize> {
    let command = command();
    let mut index = from;
    while let Some(word) = args.get(index) {
        if names_verb(&command, word) {
            return Some(index);
        }
        index += if has_value_behind(&command, word) { 2 } else { 1 };
    }
    None
}

fn names_verb(command: &clap::Command, word: &OsStr) -> bool {
    command.get_subcommands().any(|verb| verb.get_name() == word)
}

/// Whether a word is a global option whose value is the next word.
fn has_value_behind(command: &clap::Command, word: &OsStr) -> bool {
    let Some(word) = word.to_str() else { return false };
    let mut options =
        command.get_arguments().filter(|option| option.is_global_set() && option.get_action().takes_values());
    match (word.strip_prefix("--"), word.strip_prefix('-')) {
        (Some(name), _) => options.any(|option| option.get_long() == Some(name)),
        // Switches may stand in front of it in the same word; what follows it there is its value.
        (None, Some(letters)) => options.filter_map(clap::Arg::get_short).any(|short| {
            let behind = letters.split_once(short).map(|(_, behind)| behind);
            behind == Some("")
        }),
        (None, None) => false,
    }
}

/// Reads a command line, the first word being the program's name.
pub fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    let matches = command().try_get_matches_from(args).map_err(suggest)?;
    Cli::from_arg_matches(&matches)
}

/// Names the verb that people mean by a word of other tools, which its letters do not suggest.
fn suggest(mut error: clap::Error) -> clap::Error {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else { return error };
    let verb = match word.as_str() {
        "ls" | "list" | "search" => "find",
        "ps" | "jobs" | "top" | "show" => "status",
        "run" | "exec" | "submit" | "trigger" => "start",
        "kill" | "cancel" | "abort" | "terminate" => "stop",
        "watch" | "attach" | "join" => "wait",
        "mock" | "simulate" | "serve" => "sandbox",
        _ => return error,
    };
    error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![verb.to_owned()]));
    error
}

#[cfg(test)]
mod tests;
