//! The options that stand in front of or behind any verb, and for which verbs the help shows which of them.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Command, ValueEnum};

use crate::cli::values::limit;
use crate::support::hint::AccountFlags;

/// Options that every command takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Use this profile of the config file
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Read this config file instead of the usual ones
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Write the result as text, as one JSON document, or as JSON events
    #[arg(long, short, global = true, value_name = "FORMAT")]
    pub output: Option<Output>,
    /// Print only errors on stderr, and nothing on stdout when waiting
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Show each request with its status and time; give it twice for full URLs
    #[arg(long, short, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Choose when to colour the output [default: auto]
    #[arg(long, global = true, value_name = "WHEN", hide_short_help = true)]
    pub color: Option<When>,
    /// Choose when to show progress [default: auto]
    ///
    /// On a terminal there is a live line for each run, elsewhere a line at each change. With `always`, more requests are
    /// sent there to notice more changes.
    #[arg(long, global = true, value_name = "WHEN", hide_short_help = true)]
    pub progress: Option<When>,
    /// Never ask a question
    #[arg(long, global = true, hide_short_help = true)]
    pub no_input: bool,
    /// Give up connecting after this long [default: 10s]
    #[arg(long, global = true, value_name = "D", value_parser = limit, hide_short_help = true)]
    pub connect_timeout: Option<Duration>,
    /// Give up a request that only reads after this long [default: 30s]
    #[arg(long, global = true, value_name = "D", value_parser = limit, hide_short_help = true)]
    pub request_timeout: Option<Duration>,
    /// Give up a request that starts or stops a job after this long [default: 120s]
    #[arg(long, global = true, value_name = "D", value_parser = limit, hide_short_help = true)]
    pub start_timeout: Option<Duration>,
    /// Log in for this command only, and log out at its end
    #[arg(long, global = true, hide_short_help = true)]
    pub no_session_cache: bool,
    /// Append one line of JSON about this command to a file
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    pub log_file: Option<PathBuf>,
}

impl Global {
    /// The flags that lead to the same account.
    pub fn account_flags(&self) -> AccountFlags {
        AccountFlags::new(self.profile.as_deref(), self.config.as_deref())
    }

    /// These options, completed by those of a command line around this one.
    #[must_use]
    pub fn or(self, outer: &Self) -> Self {
        let Self {
            profile,
            config,
            output,
            quiet,
            verbose,
            color,
            progress,
            no_input,
            connect_timeout,
            request_timeout,
            start_timeout,
            no_session_cache,
            log_file,
        } = self;
        // How much is said is one choice, which two options make.
        let (quiet, verbose) = if quiet || verbose > 0 { (quiet, verbose) } else { (outer.quiet, outer.verbose) };
        Self {
            profile: profile.or_else(|| outer.profile.clone()),
            config: config.or_else(|| outer.config.clone()),
            output: output.or(outer.output),
            quiet,
            verbose,
            color: color.or(outer.color),
            progress: progress.or(outer.progress),
            no_input: no_input || outer.no_input,
            connect_timeout: connect_timeout.or(outer.connect_timeout),
            request_timeout: request_timeout.or(outer.request_timeout),
            start_timeout: start_timeout.or(outer.start_timeout),
            no_session_cache: no_session_cache || outer.no_session_cache,
            log_file: log_file.or_else(|| outer.log_file.clone()),
        }
    }
}

/// The shape of the result on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Output {
    #[default]
    Text,
    /// One document at the end
    Json,
    /// One event a line as it happens, the document in the last
    Jsonl,
}

/// When to do what depends on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum When {
    #[default]
    Auto,
    Always,
    Never,
}

/// The global options that mean nothing to some verbs. They are accepted there, because scripts may pass the same options to
/// every command, but the help does not show them.
const MEANINGLESS: [(&[&str], &[&str]); 10] = [
    (&["status"], &["progress", "start_timeout"]),
    (&["find"], &["progress", "start_timeout"]),
    (&["login"], &["progress", "start_timeout"]),
    (&["logout"], &["progress", "start_timeout"]),
    (&["config", "check"], &["progress", "start_timeout"]),
    (&["config", "path"], SERVICE),
    (&["config", "import"], SERVICE),
    (&["once", "list"], OFFLINE),
    (&["once", "forget"], OFFLINE),
    (&["sandbox"], &["profile", "config"]),
];

/// The options that speak of the service.
const SERVICE: &[&str] = &[
    "progress",
    "no_input",
    "connect_timeout",
    "request_timeout",
    "start_timeout",
    "no_session_cache",
    "log_file",
    "verbose",
];

/// The options that speak of the service, for a verb that follows the settings without asking it.
const OFFLINE: &[&str] =
    &["progress", "connect_timeout", "request_timeout", "start_timeout", "no_session_cache", "verbose"];

/// The verbs that none of them mean anything to, or that they must stand in front of.
const WITHOUT: [&[&str]; 4] = [&["completions"], &["runAJobCli"], &["compat", "run"], &["doctor"]];

/// Hides each global option from the help of the verbs that it means nothing to.
pub(crate) fn hide_where_meaningless(command: Command) -> Command {
    let globals: Vec<String> = command
        .get_arguments()
        .filter(|option| option.is_global_set())
        .map(|option| option.get_id().to_string())
        .collect();
    let all: Vec<&str> = globals.iter().map(String::as_str).collect();
    let account_free: Vec<&str> = SERVICE.iter().chain(&["profile", "config"]).copied().collect();
    let install: (&[&str], &[&str]) = (&["compat", "install"], &account_free);
    let without = WITHOUT.iter().map(|path| (*path, &all[..]));
    MEANINGLESS.into_iter().chain([install]).chain(without).fold(command, |command, (path, hidden)| {
        let options: Vec<_> = command
            .get_arguments()
            .filter(|option| hidden.contains(&option.get_id().as_str()))
            .map(|option| option.clone().hide(true))
            .collect();
        at(command, path, &|verb| verb.args(options.clone()))
    })
}

/// Changes the verb that these words lead to.
fn at(command: Command, path: &[&str], change: &dyn Fn(Command) -> Command) -> Command {
    match path.split_first() {
        None => change(command),
        Some((name, rest)) => {
            command.mut_subcommands(|verb| if verb.get_name() == *name { at(verb, rest, change) } else { verb })
        }
    }
}
