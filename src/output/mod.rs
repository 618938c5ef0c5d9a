//! What people read and scripts get: results on stdout, everything else on stderr.

pub mod conclusion;
mod console;
mod document;
mod event;
pub mod journal;
mod line;
pub mod reports;
mod runs;
mod style;
mod text;

pub use crate::output::console::Console;
pub use crate::output::console::Streams;
pub use crate::output::document::Header;
pub use crate::output::document::Report;
pub use crate::output::event::JsonEvent;
pub use crate::output::line::SafeLine;
pub use crate::output::line::is_harmless;
pub use crate::output::runs::Planned;
pub use crate::output::runs::RunReport;
pub use crate::output::runs::RunsReport;
pub use crate::output::runs::Stage;
pub use crate::output::runs::StartReport;
pub use crate::output::runs::ended;
pub(crate) use crate::output::runs::members::error_code;
pub use crate::output::runs::rows_text;
pub use crate::output::style::Progress;
pub use crate::output::style::Style;
pub use crate::output::text::columns;
pub(crate) use crate::output::text::counted;
pub use crate::output::text::local;
pub(crate) use crate::output::text::minute;
pub(crate) use crate::output::text::tally;
