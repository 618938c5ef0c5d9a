//! The options of `start`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::cli::report::Reports;
use crate::cli::tasks::{NAMING, TaskList, Tasks};
use crate::cli::values::{input, once_key, run_name};
use crate::cli::waiting::{AtEnd, OnSuspended, Waiting};
use crate::support::duration;

const EXAMPLES: &str = "\
Examples:
  runajob start 'Sales/Nightly/Load customers' --wait
  runajob start --name nightly_load -t MTT --wait --timeout 2h --once 2026-11-24
  runajob find 'Sales/**' -q | runajob start --from-file - --wait
  runajob start TF_Nightly -t TASKFLOW --input region=EMEA --wait";

/// The arguments of `start`.
#[derive(Debug, Default, Args)]
#[command(before_help = EXAMPLES, after_help = NAMING)]
#[expect(clippy::struct_excessive_bools, reason = "these are switches")]
pub struct Start {
    /// Path (Project/Folder/Name) or name of a task, or id:, fid:, name: or path: and what follows it
    #[arg(value_name = "TASK")]
    pub what: Vec<String>,
    /// Wait until the runs are over, and end with their exit code
    #[arg(long, overrides_with = "no_wait")]
    pub wait: bool,
    /// Do not wait, whatever the settings say
    #[arg(long, overrides_with = "wait", hide_short_help = true)]
    pub no_wait: bool,
    /// End with 0 instead of 1 for a run with warnings
    #[arg(long)]
    pub warnings_ok: bool,
    /// Choose what to do when the task is running already [default: start, which the service refuses]
    ///
    /// What counts is what the service and this machine know. A start from another machine at the same moment is not noticed.
    #[arg(long, value_name = "ACTION")]
    pub if_running: Option<IfRunning>,
    /// Choose what to do with the job when --timeout passes [default: leave]
    #[arg(long, value_name = "ACTION", hide_short_help = true)]
    pub on_timeout: Option<AtEnd>,
    /// Choose what to do with the job on Ctrl-C, SIGTERM or SIGHUP [default: leave]
    #[arg(long, value_name = "ACTION", hide_short_help = true)]
    pub on_signal: Option<AtEnd>,
    /// Start once under this key, however often the command is run
    ///
    /// Run again, the command joins a run that is under way, returns the exit code of one that ended well, and starts anew
    /// after one that did not.
    #[arg(long, value_name = "KEY", value_parser = once_key)]
    pub once: Option<String>,
    /// Keep the keys in this folder, which machines may share [default: in the state folder]
    #[arg(long, value_name = "DIR", requires = "once", hide_short_help = true)]
    pub once_dir: Option<PathBuf>,
    /// Search for the run of a start whose answer was lost for this long [default: 90s]
    #[arg(long, value_name = "D", value_parser = duration::parse, hide_short_help = true)]
    pub reconcile_for: Option<Duration>,
    /// Write the handles to this file before waiting begins
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub handle_file: Option<PathBuf>,
    /// Let the run start while another run of the same mapping task is active
    #[arg(long, hide_short_help = true)]
    pub allow_concurrent: bool,
    /// Use this parameter file, named as it is on the Secure Agent
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub agent_param_file: Option<String>,
    /// Look for the parameter file in this folder on the Secure Agent
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    pub agent_param_dir: Option<String>,
    /// Have the service call this URL when the job ends
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub callback_url: Option<String>,
    /// Find and check the tasks, show what would be started, and start nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Set an input field of a taskflow to a text; repeatable
    #[arg(long, value_name = "KEY=VALUE", value_parser = input, help_heading = "Taskflows")]
    pub input: Vec<(String, String)>,
    /// Set the input fields in this JSON object; --input wins over it
    #[arg(long, value_name = "FILE", help_heading = "Taskflows", hide_short_help = true)]
    pub inputs_file: Option<PathBuf>,
    /// Add this to the taskflow's name where its runs are listed
    #[arg(
        long,
        alias = "instance-name",
        value_name = "NAME",
        value_parser = run_name,
        help_heading = "Taskflows",
        hide_short_help = true
    )]
    pub run_name: Option<String>,
    /// Choose what to do when the run is suspended; resume and skip act once [default: fail]
    #[arg(long, value_name = "ACTION", help_heading = "Taskflows", hide_short_help = true)]
    pub on_suspended: Option<OnSuspended>,
    /// Print the last 40 lines of the session log of what failed on stderr
    #[arg(long, hide_short_help = true)]
    pub logs_on_failure: bool,
    #[command(flatten)]
    pub tasks: Tasks,
    #[command(flatten)]
    pub list: TaskList,
    #[command(flatten)]
    pub waiting: Waiting,
    #[command(flatten)]
    pub reports: Reports,
}

/// What `start` does when the task is running already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum IfRunning {
    /// Send the start; the service ends a second run at once
    #[default]
    Start,
    /// Start nothing and end with 8
    Fail,
    /// Start nothing and go on with the run that is under way
    Join,
}
