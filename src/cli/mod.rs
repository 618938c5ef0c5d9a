//! The command line: clap structs and their doc comments, which are the help texts. Leaves what they mean to others.

mod values;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, ArgAction, Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::job::TaskType;
use crate::support::duration;
use crate::support::exit::Exit;

pub use crate::cli::values::limit;
pub use crate::cli::values::poll_interval;
pub use crate::cli::values::run_name;
use crate::cli::values::{input, once_key};

/// Start, stop and watch jobs of Informatica Intelligent Cloud Services (IICS, IDMC)
#[derive(Debug, Parser)]
#[command(name = "runajob", version, disable_help_subcommand = true, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start one or more tasks; with --wait, see them to the end
    Start(Box<Start>),
    /// Stop runs or tasks
    Stop(Stop),
    /// Wait for runs that are under way, whoever started them
    Wait(Wait),
    /// Look once: what runs now, or how a run stands or ended
    Status(Status),
    /// Find tasks by wildcard path: path, type, ID, federated ID, last change
    Find(Find),
    /// Log in, check the credentials, and keep the session for later commands
    Login,
    /// End the kept session
    Logout,
    /// Show where settings come from, or try them
    #[command(subcommand)]
    Config(Config),
    /// Try the settings: the same as `config check`
    #[command(hide = true)]
    Doctor,
    /// Serve a simulated service on loopback, or run one command against it
    Sandbox(Sandbox),
    /// Start a task by the command line of RunAJob, and end with RunAJob's numbers
    #[command(name = "runAJobCli", after_help = RUNAJOB, override_usage = "runajob runAJobCli [OPTION VALUE]...")]
    RunAJobCli(RunAJob),
    /// Take the place of RunAJob in a folder
    #[command(subcommand)]
    Compat(Compat),
    /// Print the completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Use this profile of the config file
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Read this config file instead of the usual ones
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Write the result as text, or as one JSON document
    #[arg(long, short, global = true, value_name = "FORMAT")]
    pub output: Option<Output>,
    /// Say nothing on stderr but errors; with waiting, nothing on stdout
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Show each request with its status and time; twice for more
    #[arg(long, short, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Colour the output
    #[arg(long, global = true, value_name = "WHEN")]
    pub color: Option<When>,
    /// Show how far runs are: live on a terminal, elsewhere by a line at each change; always asks for more there
    #[arg(long, global = true, value_name = "WHEN")]
    pub progress: Option<When>,
    /// Never ask anything
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Give up connecting after this long [default: 10s]
    #[arg(long, global = true, value_name = "D", value_parser = limit)]
    pub connect_timeout: Option<Duration>,
    /// Give up a request that reads after this long [default: 30s]
    #[arg(long, global = true, value_name = "D", value_parser = limit)]
    pub request_timeout: Option<Duration>,
    /// Give up a start or stop request after this long [default: 120s]
    #[arg(long, global = true, value_name = "D", value_parser = limit)]
    pub start_timeout: Option<Duration>,
    /// Log in and out around this one command
    #[arg(long, global = true)]
    pub no_session_cache: bool,
    /// Append one JSON line about this command to a file
    #[arg(long, global = true, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
}

/// Which tasks a command is about.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Naming tasks")]
pub struct Tasks {
    /// A task by its v2 ID
    #[arg(long, value_name = "ID")]
    pub id: Vec<String>,
    /// A task by its federated ID
    #[arg(long, value_name = "ID")]
    pub federated_id: Vec<String>,
    /// A task by its name, as the service resolves it
    #[arg(long, value_name = "NAME")]
    pub name: Vec<String>,
    /// A task by its path: Project/Folder/Name
    #[arg(long, value_name = "PATH")]
    pub path: Vec<String>,
    /// The folder that --name is in: Project/Folder, or Default
    #[arg(long, value_name = "FOLDER", requires = "name")]
    pub folder: Option<String>,
    /// The type of the tasks: DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW or WORKFLOW
    #[arg(long = "type", short = 't', value_name = "TYPE")]
    pub kind: Option<TaskType>,
    /// Read more tasks or runs from a file, or from stdin with `-`: one a line, exactly as written
    #[arg(long, value_name = "FILE")]
    pub from_file: Option<PathBuf>,
    /// Let the list of --from-file name nothing; without this that is a usage error
    #[arg(long, requires = "from_file")]
    pub allow_empty: bool,
}

/// How to wait.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Waiting")]
pub struct Waiting {
    /// Give up after this long, counted from the start of the command [default: never]
    #[arg(long, value_name = "D", value_parser = duration::parse)]
    pub timeout: Option<Duration>,
    /// Look at this fixed interval, 100ms to 1h [default: about 5 % of the elapsed time, 2s to 30s]
    #[arg(long, value_name = "D", value_parser = poll_interval)]
    pub poll_interval: Option<Duration>,
    /// Bear unbroken failure to reach the service for this long [default: 15m]
    #[arg(long, value_name = "D", value_parser = duration::parse)]
    pub patience: Option<Duration>,
}

/// The arguments of `start`.
#[derive(Debug, Default, Args)]
#[command(after_help = NAMING)]
#[expect(clippy::struct_excessive_bools, reason = "these are switches")]
pub struct Start {
    /// Path (Project/Folder/Name) or name of a task; or id:, fid:, name:, path: and what follows
    #[arg(value_name = "TASK")]
    pub what: Vec<String>,
    /// Wait until the runs are over, and end with their code
    #[arg(long, overrides_with = "no_wait")]
    pub wait: bool,
    /// Do not wait, whatever the settings say
    #[arg(long, overrides_with = "wait")]
    pub no_wait: bool,
    /// End with 0 instead of 1 for a run with warnings
    #[arg(long)]
    pub warnings_ok: bool,
    /// What to do when the task is running already, as far as the service and this machine know; starts from other
    /// machines at the same moment are not noticed [default: start, which the service refuses]
    #[arg(long, value_name = "ACTION")]
    pub if_running: Option<IfRunning>,
    /// What to do with the job when --timeout passes [default: leave]
    #[arg(long, value_name = "ACTION")]
    pub on_timeout: Option<AtEnd>,
    /// What to do with the job on Ctrl-C, SIGTERM or SIGHUP [default: leave]
    #[arg(long, value_name = "ACTION")]
    pub on_signal: Option<AtEnd>,
    /// Start once under this key, however often the command is run: join a run under way, return the code of one that
    /// ended well, start anew after one that did not
    #[arg(long, value_name = "KEY", value_parser = once_key)]
    pub once: Option<String>,
    /// Keep the keys in this folder, which machines may share [default: in the state folder]
    #[arg(long, value_name = "DIR", requires = "once")]
    pub once_dir: Option<PathBuf>,
    /// Look for the run of a start whose answer was lost for this long [default: 90s]
    #[arg(long, value_name = "D", value_parser = duration::parse)]
    pub reconcile_for: Option<Duration>,
    /// Write the handles to this file before waiting begins
    #[arg(long, value_name = "FILE")]
    pub handle_file: Option<PathBuf>,
    /// Let the run go on beside another instance of the same mapping task
    #[arg(long)]
    pub allow_concurrent: bool,
    /// The parameter file, by its name on the Secure Agent
    #[arg(long, value_name = "NAME")]
    pub agent_param_file: Option<String>,
    /// The folder of the parameter file, on the Secure Agent
    #[arg(long, value_name = "DIR")]
    pub agent_param_dir: Option<String>,
    /// Have the service call this URL when the job ends
    #[arg(long, value_name = "URL")]
    pub callback_url: Option<String>,
    /// Find and check the tasks, show what would be started, and start nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Give an input field of a taskflow a text; repeatable
    #[arg(long, value_name = "KEY=VALUE", value_parser = input, help_heading = "Taskflows")]
    pub input: Vec<(String, String)>,
    /// Give the input fields in this JSON object; --input wins over it
    #[arg(long, value_name = "FILE", help_heading = "Taskflows")]
    pub inputs_file: Option<PathBuf>,
    /// Add this to the taskflow's name where its runs are listed
    #[arg(long, alias = "instance-name", value_name = "NAME", value_parser = run_name, help_heading = "Taskflows")]
    pub run_name: Option<String>,
    /// What to do when the run is suspended; resume and skip act once [default: fail]
    #[arg(long, value_name = "ACTION", help_heading = "Taskflows")]
    pub on_suspended: Option<OnSuspended>,
    #[command(flatten)]
    pub tasks: Tasks,
    #[command(flatten)]
    pub waiting: Waiting,
}

/// The arguments of `stop`.
#[derive(Debug, Default, Args)]
#[command(after_help = NAMING)]
pub struct Stop {
    /// Handle of a run, or path or name of a task
    #[arg(value_name = "RUN|TASK")]
    pub what: Vec<String>,
    /// Let the current work finish first
    #[arg(long)]
    pub clean: bool,
    /// Wait until the runs are over
    #[arg(long)]
    pub wait: bool,
    /// After a clean stop, stop hard when the runs are not over after this long
    #[arg(long, value_name = "D", value_parser = limit, requires = "clean")]
    pub escalate_after: Option<Duration>,
    /// Stop every run of the task: the service cannot stop just one
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub tasks: Tasks,
    #[command(flatten)]
    pub waiting: Waiting,
}

/// The arguments of `wait`.
#[derive(Debug, Default, Args)]
#[command(after_help = NAMING)]
pub struct Wait {
    /// Handle of a run; or path or name of a task, for the run of it that is under way
    #[arg(value_name = "RUN|TASK")]
    pub what: Vec<String>,
    /// End with 0 instead of 1 for a run with warnings
    #[arg(long)]
    pub warnings_ok: bool,
    /// What to do when a taskflow is suspended; resume and skip act once per run [default: fail]
    #[arg(long, value_name = "ACTION")]
    pub on_suspended: Option<OnSuspended>,
    #[command(flatten)]
    pub tasks: Tasks,
    #[command(flatten)]
    pub waiting: Waiting,
}

/// The arguments of `status`.
#[derive(Debug, Default, Args)]
#[command(after_help = NAMING)]
pub struct Status {
    /// Handle of a run, or path or name of a task; without any, everything that runs now
    #[arg(value_name = "RUN|TASK")]
    pub what: Vec<String>,
    #[command(flatten)]
    pub tasks: Tasks,
}

/// The arguments of `find`.
#[derive(Debug, Default, Args)]
pub struct Find {
    /// Path with wildcards: * and ? within a part, ** across parts; or a part of a name [default: everything]
    #[arg(value_name = "PATTERN")]
    pub pattern: Option<String>,
    /// Only tasks of this type: DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW or WORKFLOW
    #[arg(long = "type", short = 't', value_name = "TYPE")]
    pub kind: Option<TaskType>,
}

/// What `config` shows.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print which config file is read
    Path,
    /// Print every setting with where it comes from, secrets masked
    Show,
    /// Log in and look around, saying what works
    Check,
    /// Make a profile of RunAJob's restenv.properties: of the name given by --profile, else `restenv`
    Import {
        /// The file
        file: PathBuf,
        /// Have the profile run this command for the password, instead of keeping that in a file beside the config file
        #[arg(long, value_name = "COMMAND")]
        password_command: Option<String>,
    },
}

/// The arguments of `runAJobCli`: RunAJob's own, which are read elsewhere.
#[derive(Debug, Default, Args)]
pub struct RunAJob {
    /// RunAJob's options, see below
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTION")]
    pub words: Vec<OsString>,
}

/// What `compat` does.
#[derive(Debug, Subcommand)]
pub enum Compat {
    /// Write cli.sh and cli.bat into a folder; they read restenv.properties beside them
    Install {
        /// The folder, that of RunAJob say
        dir: PathBuf,
        /// Replace a cli.sh or cli.bat of another origin, keeping it under another name
        #[arg(long)]
        force: bool,
    },
    /// Do what cli.sh was asked to do
    // A call for help is RunAJob's too.
    #[command(hide = true, disable_help_flag = true)]
    Run {
        /// The script as it was called; restenv.properties is read beside it
        script: PathBuf,
        /// Its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<OsString>,
    },
}

/// The arguments of `sandbox`.
#[derive(Debug, Default, Args)]
pub struct Sandbox {
    /// Listen on this loopback address [default: 127.0.0.1:8085, or any free port with a command]
    #[arg(long, value_name = "HOST:PORT")]
    pub addr: Option<std::net::SocketAddr>,
    /// Play this scenario (TOML) instead of the built-in one
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// Print the built-in scenario, which explains the format
    #[arg(long, conflicts_with_all = ["addr", "scenario", "fault", "request_log", "command"])]
    pub print_scenario: bool,
    /// Inject a fault, such as `start:lost-answer` or `log:503*3`; repeatable
    #[arg(long, value_name = "SPEC")]
    pub fault: Vec<String>,
    /// Append each request to this file, as JSON lines
    #[arg(long, value_name = "FILE")]
    pub request_log: Option<PathBuf>,
    /// A runajob command to run against a private instance, such as `-- start m_succeeds --wait`
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// The shape of the result on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Output {
    /// Lines
    #[default]
    Text,
    /// One JSON document
    Json,
}

/// When to do what depends on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum When {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What `start` does when the task is running already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum IfRunning {
    /// Send the start; the service ends a second instance at once
    #[default]
    Start,
    /// Start nothing and end with 8
    Fail,
    /// Start nothing, and go on with the run that is under way
    Join,
}

/// What becomes of a job that goes on when waiting for it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum AtEnd {
    /// It goes on
    #[default]
    Leave,
    /// It is stopped
    Stop,
    /// It is stopped once its current work is finished
    CleanStop,
}

/// What waiting does when a taskflow is suspended, that is when one of its steps has failed and it waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum OnSuspended {
    /// End with 11
    #[default]
    Fail,
    /// Wait until someone resumes or terminates it
    Wait,
    /// Resume it at the step that failed, once
    Resume,
    /// Resume it behind the step that failed, once
    Skip,
}

const TRY: &str = "Try it without an account: runajob sandbox -- start m_succeeds --wait";

const NAMING: &str = "A word with a slash is a path, another is a name; `MTT/01ABCD0Z00000000001S/18` is the handle of a run. \
    The prefixes id:, fid:, name: and path: say it outright.";

const RUNAJOB: &str = "\
RunAJob's options, in any case:
  -t,  --taskType           DMASK, DRS, DSS, MTT, PCS, WORKFLOW or TASKFLOW
  -n,  --taskName           name of the task
  -fp, --folderPath         its folder, such as Finance/ETL [default: the Default folder]
  -i,  --taskId             ID of the task, instead of its name
  -un, --uniqueName         API name of a taskflow
  -in, --instanceName       name for the taskflow's run
  -w,  --waitForCompletion  true, false or nowait [default: true]
  -bu, --baseUrl            login URL, with /ma
  -u,  --username           user
  -p,  --password           password; better kept in restenv.properties or a profile
  -d,  --debug              show each request

Numbers:
  0    succeeded; with -w nowait: accepted
  1    finished with warnings
  2    accepted, with -w false
  3    failed, stopped, suspended, or another instance is running
  5    wrong options, credentials or settings, no such task, or it is unknown whether it was started
  6    still running
  7    not run
  255  service unreachable, nothing was started (-1)";

/// The whole command line, with the exit codes in its help.
pub fn command() -> clap::Command {
    compact(Cli::command()).after_help(format!("{TRY}\n\nExit codes:\n{}", Exit::table()))
}

/// Makes `--help` as short as `-h`: clap's long form has an empty line between any two options, and fits no screen.
fn compact(command: clap::Command) -> clap::Command {
    if command.is_disable_help_flag_set() {
        return command;
    }
    let help =
        Arg::new("help").short('h').long("help").action(ArgAction::HelpShort).help("Print help").help_heading(None);
    command.disable_help_flag(true).arg(help).mut_subcommands(compact)
}

#[cfg(test)]
mod tests;
