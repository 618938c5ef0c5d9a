//! Who started a run, and when: this identifies a run whose handle was lost.

use jiff::{SignedDuration, Timestamp};

/// Who started a run, how, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartInfo {
    /// The name of the user.
    pub by: Option<String>,
    /// Whether it was started over the REST API.
    pub over_rest: bool,
    pub at: Moment,
}

/// A moment as the service writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// In UTC.
    At(Timestamp),
    /// In US Eastern time, read as if it were UTC: whether by four or by five hours is not said.
    Eastern(Timestamp),
    /// The service does not say it.
    Unknown,
}

impl Moment {
    /// Whether it can lie between these two; false where the service does not say it.
    pub fn may_lie_between(self, begin: Timestamp, end: Timestamp) -> bool {
        let within = |moment: Timestamp| begin <= moment && moment <= end;
        match self {
            Self::At(moment) => within(moment),
            Self::Eastern(moment) => [4, 5].into_iter().any(|hours| within(moment + SignedDuration::from_hours(hours))),
            Self::Unknown => false,
        }
    }
}
