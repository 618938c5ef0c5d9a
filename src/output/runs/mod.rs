//! Runs as people read them and as members of the document.

pub(crate) mod members;
pub(crate) mod report;
mod summary;
pub(crate) mod wording;

pub(crate) use crate::output::runs::report::Facts;
pub use crate::output::runs::report::RunReport;
pub use crate::output::runs::report::Stage;
pub use crate::output::runs::summary::Planned;
pub use crate::output::runs::summary::RunsReport;
pub use crate::output::runs::summary::StartReport;
pub use crate::output::runs::wording::ended;
pub use crate::output::runs::wording::rows_text;

#[cfg(test)]
mod tests;
