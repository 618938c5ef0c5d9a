//! The options of the verbs that start no job of the real service: configuration, RunAJob's place, the sandbox.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::values::once_key;
use crate::job::TaskType;

/// What `config` shows.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print which config file is read
    #[command(before_help = "Examples:\n  runajob config path")]
    Path,
    /// Print every setting with where it comes from, secrets masked
    #[command(before_help = "Examples:\n  runajob config show\n  runajob config show --profile prod -o json")]
    Show,
    /// Try the settings: log in, ask what runs, and list tasks
    ///
    /// With --probe it also starts a harmless task, watches it, and writes a report without names and IDs of how the service
    /// behaves where its documentation is silent. docs/probe.md says what is sent and what the report has.
    #[command(before_help = CHECKING)]
    Check(Check),
    /// Make a profile from RunAJob's restenv.properties
    #[command(before_help = IMPORTING)]
    Import {
        /// The restenv.properties file; --profile names the profile, which is called restenv otherwise
        file: PathBuf,
        /// Have the profile run this command for the password instead of keeping it in a file next to the config file
        #[arg(long, value_name = "COMMAND")]
        password_command: Option<String>,
    },
}

const CHECKING: &str = "\
Examples:
  runajob config check --profile prod
  runajob config check --probe Default/m_harmless -t MTT --probe-report probe.txt
  runajob sandbox -- config check --probe m_long_running -t MTT --stop --yes";

/// The arguments of `config check`.
#[derive(Debug, Default, Args)]
pub struct Check {
    /// Start this task, which must do no harm, and report how the service behaves
    #[arg(long = "probe", value_name = "TASK")]
    pub task: Option<String>,
    /// Say the type of the task; taskflows cannot be probed
    #[arg(long = "type", short = 't', value_name = "TYPE", requires = "task")]
    pub kind: Option<TaskType>,
    /// Start three more runs: two to stop them, and one while another is active
    #[arg(long, requires = "task")]
    pub stop: bool,
    /// Write the report to this file instead of stdout
    #[arg(long, value_name = "FILE", requires = "task")]
    pub probe_report: Option<PathBuf>,
    /// Have the first start name this URL for the service to call, to see whether the monitor shows it
    #[arg(long, value_name = "URL", requires = "task", hide_short_help = true)]
    pub callback_url: Option<String>,
    /// Start the task without asking
    #[arg(long, requires = "task")]
    pub yes: bool,
}

/// What `once` does with the keys of `start --once`.
#[derive(Debug, Subcommand)]
pub enum OnceCommand {
    /// List the keys, with their tasks, states, runs and last uses
    #[command(before_help = "Examples:\n  runajob once list\n  runajob once list 2026-11-24 -o json")]
    List {
        /// List only the entries of this key
        #[arg(value_parser = once_key)]
        key: Option<String>,
        /// List the keys in this folder [default: in the state folder]
        #[arg(long, value_name = "DIR")]
        once_dir: Option<PathBuf>,
    },
    /// Forget a key, so that the next start under it starts the task anew
    ///
    /// While the start under a key has no known answer, its run may be active. Such a key is forgotten only when a person
    /// agrees on the terminal, or with --yes.
    #[command(
        before_help = "Examples:\n  runajob once forget 2026-11-24\n  runajob once forget 2026-11-24 --task MTT/01ABCD0Z00000000001S --yes"
    )]
    Forget {
        /// Forget the entries of this key
        #[arg(value_parser = once_key)]
        key: String,
        /// Forget only the entry for this task, as `once list` shows it
        #[arg(long, value_name = "TYPE/ID")]
        task: Option<String>,
        /// Look for the key in this folder [default: in the state folder]
        #[arg(long, value_name = "DIR")]
        once_dir: Option<PathBuf>,
        /// Forget the key even if it is unknown whether its start began a run
        #[arg(long)]
        yes: bool,
    },
}

const IMPORTING: &str = "\
Examples:
  runajob config import /opt/runajobcli/restenv.properties --profile prod
  runajob config import restenv.properties --password-command 'pass show iics'";

/// The arguments of `runAJobCli`: RunAJob's own, which `compat` reads.
#[derive(Debug, Default, Args)]
pub struct RunAJob {
    /// RunAJob's options, listed below
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTION")]
    pub words: Vec<OsString>,
}

/// What `compat` does.
#[derive(Debug, Subcommand)]
pub enum Compat {
    /// Write cli.sh and cli.bat into a folder; they read restenv.properties in that folder
    #[command(before_help = "Examples:\n  runajob compat install /opt/runajobcli --force")]
    Install {
        /// The folder, such as that of RunAJob; it must exist
        dir: PathBuf,
        /// Replace a cli.sh or cli.bat of another origin, and keep it under another name
        #[arg(long)]
        force: bool,
    },
    /// Do what cli.sh was asked to do
    // A call for help is RunAJob's too.
    #[command(hide = true, disable_help_flag = true)]
    Run {
        /// The script as it was called; restenv.properties is read from its folder
        script: PathBuf,
        /// Its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<OsString>,
    },
}

const SERVING: &str = "\
Examples:
  runajob sandbox -- start m_succeeds --wait
  runajob sandbox -- ./nightly.sh
  runajob sandbox --fault start:lost-answer -- start m_succeeds --wait
  runajob sandbox --print-scenario";

/// The arguments of `sandbox`.
#[derive(Debug, Default, Args)]
#[command(before_help = SERVING)]
pub struct Sandbox {
    /// Listen on this loopback address [default: 127.0.0.1:8085, or any free port with a command]
    #[arg(long, value_name = "HOST:PORT")]
    pub addr: Option<SocketAddr>,
    /// Play this scenario (TOML) instead of the built-in one
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// Print the built-in scenario, which explains the format
    #[arg(long, conflicts_with_all = ["addr", "scenario", "fault", "request_log", "command"])]
    pub print_scenario: bool,
    /// Inject a fault, such as start:lost-answer or log:503*3; repeatable
    #[arg(long, value_name = "SPEC")]
    pub fault: Vec<String>,
    /// Append each request to this file, as JSON lines
    #[arg(long, value_name = "FILE")]
    pub request_log: Option<PathBuf>,
    /// Run this command against a private sandbox, and end with its exit code
    ///
    /// A first word that is a command of runajob is that command. Another word, or one with a slash, is a program, which is
    /// run with the sandbox's account in its environment.
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

pub(crate) const RUNAJOB_EXAMPLES: &str = "\
Examples:
  runajob runAJobCli -t MTT -n load -fp Finance/ETL -w true
  runajob --profile prod runAJobCli -t TASKFLOW -un TF_Nightly";

pub(crate) const RUNAJOB: &str = "\
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
