//! The options of the verbs that show, wait for and stop runs, and of `find`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::report::Reports;
use crate::cli::tasks::{NAMING, TaskList, Tasks};
use crate::cli::values::{count, limit};
use crate::cli::waiting::{OnSuspended, Waiting};
use crate::job::TaskType;

const STOPPING: &str = "\
Examples:
  runajob stop MTT/01ABCD0Z00000000001S/18 --wait
  runajob stop Sales/Nightly/load --clean --wait --escalate-after 10m";

/// The arguments of `stop`.
#[derive(Debug, Default, Args)]
#[command(before_help = STOPPING, after_help = NAMING)]
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
    /// Stop hard when the runs are not over this long after a clean stop
    #[arg(long, value_name = "D", value_parser = limit, requires = "clean")]
    pub escalate_after: Option<Duration>,
    /// Stop every run of the task, because the service cannot stop just one of several
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub tasks: Tasks,
    #[command(flatten)]
    pub list: TaskList,
    #[command(flatten)]
    pub waiting: Waiting,
}

const WAITING: &str = "\
Examples:
  runajob wait MTT/01ABCD0Z00000000001S/18
  runajob wait --name nightly_load -t MTT --timeout 2h";

/// The arguments of `wait`.
#[derive(Debug, Default, Args)]
#[command(before_help = WAITING, after_help = NAMING)]
pub struct Wait {
    /// Handle of a run, or path or name of a task whose run is under way
    #[arg(value_name = "RUN|TASK")]
    pub what: Vec<String>,
    /// End with 0 instead of 1 for a run with warnings
    #[arg(long)]
    pub warnings_ok: bool,
    /// Choose what to do when a taskflow is suspended; resume and skip act once a run [default: fail]
    #[arg(long, value_name = "ACTION")]
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

const LOOKING: &str = "\
Examples:
  runajob status
  runajob status MTT/01ABCD0Z00000000001S/18
  runajob status Sales/Nightly/load -o json";

/// The arguments of `status`.
#[derive(Debug, Default, Args)]
#[command(before_help = LOOKING, after_help = NAMING)]
pub struct Status {
    /// Handle of a run, or path or name of a task; without any, everything that runs now is shown
    #[arg(value_name = "RUN|TASK")]
    pub what: Vec<String>,
    #[command(flatten)]
    pub tasks: Tasks,
    #[command(flatten)]
    pub list: TaskList,
    #[command(flatten)]
    pub reports: Reports,
}

const PAST: &str = "\
Examples:
  runajob history Sales/Nightly/load
  runajob history Sales/Nightly/load --since 30d --limit 20 -o json
  runajob history --all --since 12h";

/// The arguments of `history`.
#[derive(Debug, Default, Args)]
#[command(before_help = PAST, after_help = NAMING)]
pub struct History {
    /// Path or name of a task
    #[arg(value_name = "TASK")]
    pub what: Vec<String>,
    /// Show the runs of all tasks; with -t, of all tasks of that type
    #[arg(long)]
    pub all: bool,
    /// Show the runs that have ended within this time [default: 7d]
    #[arg(long, value_name = "D", value_parser = limit)]
    pub since: Option<Duration>,
    /// Show only so many runs of each task, the newest
    #[arg(long, value_name = "N", value_parser = count)]
    pub limit: Option<usize>,
    #[command(flatten)]
    pub tasks: Tasks,
    #[command(flatten)]
    pub list: TaskList,
    #[command(flatten)]
    pub reports: Reports,
}

const LOGS: &str = "\
Examples:
  runajob logs MTT/01ABCD0Z00000000001S/18
  runajob logs Sales/Nightly/load --tail 40
  runajob logs WORKFLOW/01ABCD0Z00000000001T/3 --dir ./logs";

/// The arguments of `logs`.
#[derive(Debug, Default, Args)]
#[command(before_help = LOGS, after_help = NAMING)]
pub struct Logs {
    /// Handle of a run that has ended, or path or name of a task, whose last run is meant
    #[arg(value_name = "RUN|TASK")]
    pub what: Vec<String>,
    /// Take only the logs of this part, named as in the status of the run
    #[arg(long, value_name = "NAME")]
    pub part: Option<String>,
    /// Take only so many lines of each log, the last
    #[arg(long, value_name = "N", value_parser = count)]
    pub tail: Option<usize>,
    /// Print the rejected rows (CSV) instead of the session logs; they may be personal data
    #[arg(long)]
    pub rejected: bool,
    /// Write the session logs and the rejected rows into this folder, for their owner only
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    #[command(flatten)]
    pub tasks: Tasks,
}

const FINDING: &str = "\
Examples:
  runajob find 'Sales/**'
  runajob find load -t MTT
  runajob find 'Sales/Nightly/*' -q | runajob start --from-file - --wait";

/// The arguments of `find`.
#[derive(Debug, Default, Args)]
#[command(before_help = FINDING)]
pub struct Find {
    /// Path with wildcards (* and ? within a part, ** across parts), or part of a name [default: everything]
    #[arg(value_name = "PATTERN")]
    pub pattern: Option<String>,
    /// Find only tasks of this type: DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW or WORKFLOW
    #[arg(long = "type", short = 't', value_name = "TYPE")]
    pub kind: Option<TaskType>,
}
