//! What every report is made of.

use jiff::Timestamp;

use crate::output::runs::RunReport;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// The end of a command.
pub(crate) struct Source<'r> {
    pub command: &'r str,
    pub exit: Exit,
    pub runs: &'r [RunReport],
    /// What kept the command from going on; then there are no runs.
    pub failure: Option<&'r Failure>,
    pub began: Timestamp,
    pub ended: Timestamp,
}
