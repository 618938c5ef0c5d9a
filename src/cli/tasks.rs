//! How a command line names tasks, and lists them in a file.

use std::path::PathBuf;

use clap::Args;

use crate::job::TaskType;

/// Which tasks a command is about.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Naming tasks")]
pub struct Tasks {
    /// Name a task by its v2 ID; repeatable
    #[arg(long, value_name = "ID")]
    pub id: Vec<String>,
    /// Name a task by its federated ID; repeatable
    #[arg(long, value_name = "ID")]
    pub federated_id: Vec<String>,
    /// Name a task by its name, which the service resolves; repeatable
    #[arg(long, value_name = "NAME")]
    pub name: Vec<String>,
    /// Name a task by its path, Project/Folder/Name; repeatable
    #[arg(long, value_name = "PATH")]
    pub path: Vec<String>,
    /// Look for --name in this folder: Project/Folder, or Default
    #[arg(long, value_name = "FOLDER", requires = "name")]
    pub folder: Option<String>,
    /// Say the type of the tasks: DMASK, DRS, DSS, FILE_INGESTION, MTT, PCS, TASKFLOW or WORKFLOW
    #[arg(long = "type", short = 't', value_name = "TYPE")]
    pub kind: Option<TaskType>,
}

/// A list of more tasks, for verbs that take several.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Naming tasks")]
pub struct TaskList {
    /// Read more tasks or runs from a file, or with - from stdin: one a line, exactly as written
    #[arg(long, value_name = "FILE")]
    pub from_file: Option<PathBuf>,
    /// Accept a --from-file list that names nothing, which is a usage error otherwise
    #[arg(long, requires = "from_file")]
    pub allow_empty: bool,
}

pub(crate) const NAMING: &str = "A word with a slash is a path, and another word is a name. \
    MTT/01ABCD0Z00000000001S/18 is the handle of a run. The prefixes id:, fid:, name: and path: say outright what follows.";
