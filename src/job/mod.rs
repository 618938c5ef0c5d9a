//! The words of the program: tasks, runs and their handles, statuses and results.

mod activity;
mod handle;
mod kind;
mod outcome;
pub mod path;
mod result;
mod run;
mod start_info;
mod status;
mod subtask;
mod task;

pub use crate::job::activity::Activity;
pub use crate::job::handle::{HandleError, is_id};
pub use crate::job::kind::{Engine, TaskType, UnknownType};
pub use crate::job::outcome::{ClassifiedBy, Outcome};
pub use crate::job::result::RunResult;
pub use crate::job::run::{JobRun, Run};
pub use crate::job::start_info::{Moment, StartInfo};
pub use crate::job::status::{PollFailure, RunProgress, RunStatus};
pub use crate::job::subtask::{Count, Rows, RunId, Subtask};
pub use crate::job::task::{Task, TaskQuery, TaskSelector};
