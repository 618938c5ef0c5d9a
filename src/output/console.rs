//! The standard streams: notes, warnings, errors and live lines on stderr, results on stdout.

use std::cell::RefCell;
use std::io::Write;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use serde_json::Value;

use crate::cli::Output;
use crate::output::document::{Header, Report, document};
use crate::output::event::JsonEvent;
use crate::output::line::SafeLine;
use crate::output::style::Style;
use crate::output::text::local;
use crate::support::clock::Clock;
use crate::support::failure::Failure;
use crate::support::hint::AccountFlags;

/// Opens the standard streams, or what a test has in their place.
pub struct Streams<'s> {
    pub stdout: &'s dyn Fn() -> Box<dyn Write>,
    pub stderr: &'s dyn Fn() -> Box<dyn Write>,
}

impl Streams<'_> {
    /// Those of the process.
    pub const PROCESS: Streams<'static> =
        Streams { stdout: &|| Box::new(std::io::stdout()), stderr: &|| Box::new(std::io::stderr()) };

    /// A console on them. The commands in its hints have these flags.
    pub fn console<'w>(&self, style: Style, account_flags: AccountFlags, clock: &'w dyn Clock) -> Console<'w> {
        Console::new(style, account_flags, clock, (self.stdout)(), (self.stderr)())
    }
}

/// At most this many runs have a live line of their own.
const LIVE_LINES: usize = 12;

pub struct Console<'w> {
    style: Style,
    account_flags: AccountFlags,
    clock: &'w dyn Clock,
    stdout: RefCell<Box<dyn Write>>,
    stderr: RefCell<Box<dyn Write>>,
    warnings: RefCell<Vec<String>>,
    bars: MultiProgress,
    lines: RefCell<Vec<ProgressBar>>,
}

impl<'w> Console<'w> {
    pub fn new(
        style: Style,
        account_flags: AccountFlags,
        clock: &'w dyn Clock,
        stdout: Box<dyn Write>,
        stderr: Box<dyn Write>,
    ) -> Self {
        let target = if style.is_live() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self {
            style,
            account_flags,
            clock,
            stdout: stdout.into(),
            stderr: stderr.into(),
            warnings: RefCell::default(),
            bars: MultiProgress::with_draw_target(target),
            lines: RefCell::default(),
        }
    }

    pub fn style(&self) -> Style {
        self.style
    }

    /// Shows something that is good to know.
    pub fn note(&self, text: &str) {
        self.note_line(text.into());
    }

    /// The same of a line with colours in it.
    pub fn note_line(&self, line: SafeLine) {
        if !self.style.quiet {
            self.say(&[line]);
        }
    }

    /// Shows something that a person should act on, and puts it into the document.
    pub fn warn(&self, text: &str) {
        self.warnings.borrow_mut().push(text.to_owned());
        self.event(&JsonEvent::Warning(text));
        if !self.style.quiet {
            self.say(&[self.paint("33", "warning:").then(" ").then(text)]);
        }
    }

    /// Shows what went wrong, why, and what to do now.
    pub fn failure(&self, failure: &Failure) {
        let what = self.paint("1;31", "error:").then(" ").then(failure.what());
        let hint = failure.hint.as_ref().map(|hint| hint.render(&self.account_flags).into());
        self.trouble(what, failure.why().map(SafeLine::from), hint);
    }

    /// Shows only what to do now, where the result says the rest.
    pub fn hint(&self, failure: &Failure) {
        if let Some(hint) = &failure.hint {
            self.say(&[self.paint("2", "now:").then(" ").then(hint.render(&self.account_flags))]);
        }
    }

    /// Shows the same of something that is no failure, even when quiet.
    pub fn trouble(&self, what: SafeLine, why: Option<SafeLine>, now: Option<SafeLine>) {
        let below = [("why:", why), ("now:", now)]
            .into_iter()
            .filter_map(|(label, text)| Some(SafeLine::from("  ").then(self.paint("2", label)).then(" ").then(text?)));
        self.say(&[what].into_iter().chain(below).collect::<Vec<_>>());
    }

    /// Shows something even when quiet, because it belongs to an error.
    pub fn alarm(&self, text: &str) {
        self.alarm_line(text.into());
    }

    /// The same of a line with colours in it.
    pub fn alarm_line(&self, line: SafeLine) {
        self.say(&[line]);
    }

    /// A text in a colour, where there are colours.
    pub fn paint(&self, code: &'static str, text: impl Into<SafeLine>) -> SafeLine {
        let line = text.into();
        if self.style.color { line.in_color(code) } else { line }
    }

    pub fn time(&self, moment: Timestamp) -> String {
        local(moment)
    }

    /// The document of a result or of a failure, with what was warned of so far.
    pub fn document(&self, header: &Header, result: Result<&dyn Report, &Failure>) -> Value {
        document(header, &self.warnings.borrow(), &self.account_flags, result)
    }

    /// Writes the result to stdout: its lines, or its document. After a wait, `--quiet` leaves the lines out.
    pub fn result(&self, header: &Header, result: Result<&dyn Report, &Failure>, waited: bool) {
        self.clear();
        self.print(&match (self.style.output, result) {
            (Output::Json, result) if self.style.stdout_is_terminal => {
                SafeLine::indented_json(&self.document(header, result))
            }
            // Tools such as Airflow keep only the last line.
            (Output::Json, result) => vec![SafeLine::json(&self.document(header, result))],
            (Output::Jsonl, result) => return self.event(&JsonEvent::Result(self.document(header, result))),
            (Output::Text, Ok(report)) if !(self.style.quiet && waited) => report.lines(),
            (Output::Text, _) => Vec::new(),
        });
    }

    /// Writes an event to stdout, where events are wanted.
    pub fn event(&self, event: &JsonEvent<'_>) {
        if self.style.output == Output::Jsonl {
            self.print(&[SafeLine::json(&event.json(self.clock.utc()))]);
        }
    }

    /// Writes lines to stdout at once, whatever that is for.
    pub fn print(&self, lines: &[SafeLine]) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let mut stdout = self.stdout.borrow_mut();
        // A closed pipe is not a failure.
        let _ = stdout.write_all(text.as_bytes());
        let _ = stdout.flush();
    }

    /// Writes lines to stdout, unless that is for a document.
    pub fn lines(&self, lines: &[SafeLine]) {
        if self.style.output == Output::Text {
            self.print(lines);
        }
    }

    /// Makes a live line for each run, or one for all when there are many.
    pub fn begin(&self, runs: usize) {
        if !self.style.is_live() {
            return;
        }
        let style =
            ProgressStyle::with_template("{spinner} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        let count = if runs > LIVE_LINES { 1 } else { runs };
        let bars = (0..count).map(|_| {
            let bar = self.bars.add(ProgressBar::new_spinner().with_style(style.clone()));
            bar.tick();
            bar
        });
        *self.lines.borrow_mut() = bars.collect();
    }

    /// Shows on a terminal what goes on until the result comes.
    pub fn busy(&self, text: &str) {
        self.begin(1);
        self.live(0, text);
    }

    /// Whether each of this many runs has its own live line.
    pub fn has_line_each(runs: usize) -> bool {
        runs <= LIVE_LINES
    }

    /// Changes the live line of a run.
    pub fn live(&self, index: usize, text: &str) {
        if let Some(bar) = self.lines.borrow().get(index) {
            bar.set_message(SafeLine::of(text).to_string());
            bar.tick();
        }
    }

    /// Removes the live lines.
    pub fn clear(&self) {
        for bar in self.lines.borrow_mut().drain(..) {
            bar.finish_and_clear();
        }
    }

    /// How often a live line is drawn anew.
    pub const TICK: Duration = Duration::from_millis(250);

    fn say(&self, lines: &[SafeLine]) {
        self.bars.suspend(|| {
            for line in lines {
                let _ = writeln!(self.stderr.borrow_mut(), "{line}");
            }
        });
    }
}
