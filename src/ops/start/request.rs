//! What a start asks for.

use std::path::PathBuf;

use crate::api::jobs::StartOptions;
use crate::job::TaskQuery;
use crate::ops::resolve::Target;

/// What is asked for besides the task.
pub(crate) struct StartRequest {
    pub options: StartOptions,
    pub once: Option<Once>,
}

/// The key under which the start happens once, and the folder that keeps it.
pub(crate) struct Once {
    pub key: String,
    pub folder: PathBuf,
}

/// A task to start, as it was named and as it was found.
pub(crate) struct FoundTask {
    pub query: TaskQuery,
    pub target: Target,
}
