//! Which task is meant: from words and lists to tasks that can be started or stopped, or to the commands that were meant.

pub mod api_names;
mod by_list;
mod find;
pub mod inputs;
mod not_found;
pub mod options;
pub mod selectors;
mod target;
pub mod taskflows;
pub mod wildcards;
mod words;

pub(crate) use crate::ops::resolve::find::{target, v2_id};
pub(crate) use crate::ops::resolve::not_found::{
    LISTS_AT_ONCE, TaskNotFound, candidates, did_you_mean, not_found, without_quotes,
};
pub(crate) use crate::ops::resolve::target::Target;
