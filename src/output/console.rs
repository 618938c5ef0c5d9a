//! The terminal, or what stands in for it: notes, warnings, live lines, results. The only file that names indicatif.

use std::cell::RefCell;
use std::io::Write;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::{Output, When};
use crate::output::{Facts, Report, document};
use crate::support::env::Env;
use crate::support::failure::Failure;

/// How to show things.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Text or a document.
    pub output: Output,
    /// Only errors on stderr.
    pub quiet: bool,
    /// Requests too.
    pub verbose: u8,
    /// Colours on stderr.
    pub color: bool,
    /// What is said while runs are watched.
    pub progress: Progress,
    /// Whether the result on stdout says what went wrong, so that stderr need not.
    pub errors_on_stdout: bool,
}

/// What is said while runs are watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nothing but trouble.
    Silent,
    /// A line at each change that is noticed, and a sign of life now and then.
    Lines,
    /// The same, with requests made to notice more.
    EagerLines,
    /// A live line per run.
    Live,
}

impl Style {
    /// The style that settings and terminals lead to.
    pub fn new(output: Output, quiet: bool, verbose: u8, color: When, progress: When, env: &Env) -> Self {
        let terminal = env.terminals.stderr && env.get("TERM") != Some("dumb");
        let color = match color {
            When::Always => true,
            When::Never => false,
            When::Auto if env.get("NO_COLOR").is_some() => false,
            When::Auto => terminal || env.get("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
        };
        let progress = match progress {
            _ if quiet => Progress::Silent,
            When::Never => Progress::Silent,
            When::Auto | When::Always if terminal => Progress::Live,
            When::Auto => Progress::Lines,
            When::Always => Progress::EagerLines,
        };
        Self { output, quiet, verbose, color, progress, errors_on_stdout: false }
    }

    /// Whether there is a live line per run.
    pub fn is_live(self) -> bool {
        self.progress == Progress::Live
    }

    /// Whether there are lines in their place.
    pub fn has_lines(self) -> bool {
        matches!(self.progress, Progress::Lines | Progress::EagerLines)
    }

    /// Whether it is worth requests to know how far a run is.
    pub fn asks_for_progress(self) -> bool {
        matches!(self.progress, Progress::Live | Progress::EagerLines)
    }
}

/// At most this many runs have a live line of their own.
const LIVE_LINES: usize = 12;

/// Where everything is said.
pub struct Console {
    style: Style,
    stdout: RefCell<Box<dyn Write>>,
    stderr: RefCell<Box<dyn Write>>,
    warnings: RefCell<Vec<String>>,
    bars: MultiProgress,
    lines: RefCell<Vec<ProgressBar>>,
}

impl Console {
    /// A console on these streams.
    pub fn new(style: Style, stdout: Box<dyn Write>, stderr: Box<dyn Write>) -> Self {
        let target = if style.is_live() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self {
            style,
            stdout: stdout.into(),
            stderr: stderr.into(),
            warnings: RefCell::default(),
            bars: MultiProgress::with_draw_target(target),
            lines: RefCell::default(),
        }
    }

    /// How things are shown.
    pub fn style(&self) -> Style {
        self.style
    }

    /// Says something in passing.
    pub fn note(&self, text: &str) {
        if !self.style.quiet {
            self.say(text);
        }
    }

    /// Says something that a person should act on, and puts it into the document.
    pub fn warn(&self, text: &str) {
        self.warnings.borrow_mut().push(text.to_owned());
        if !self.style.quiet {
            self.say(&format!("{} {text}", self.paint("33", "warning:")));
        }
    }

    /// What was warned of so far.
    pub fn warnings(&self) -> Vec<String> {
        self.warnings.borrow().clone()
    }

    /// Says that something went wrong, why, and what to do now.
    pub fn failure(&self, failure: &Failure) {
        let what = format!("{} {}", self.paint("1;31", "error:"), clean(&failure.what()));
        self.trouble(&what, failure.why().as_deref(), failure.hint.as_deref());
    }

    /// Says in three parts what is the matter, even when quiet.
    pub fn trouble(&self, what: &str, why: Option<&str>, now: Option<&str>) {
        let mut text = what.to_owned();
        if let Some(why) = why {
            text.push_str(&format!("\n  {} {}", self.paint("2", "why:"), clean(why)));
        }
        if let Some(now) = now {
            text.push_str(&format!("\n  {} {now}", self.paint("2", "now:")));
        }
        self.say(&text);
    }

    /// Says something even when quiet: it belongs to an error.
    pub fn alarm(&self, text: &str) {
        self.say(text);
    }

    /// A text in a colour, where there are colours.
    pub fn paint(&self, code: &str, text: &str) -> String {
        if self.style.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A moment as people read it.
    pub fn time(&self, moment: Timestamp) -> String {
        local(moment)
    }

    /// Writes the result to stdout: its lines, or its document. With waiting and `--quiet` the lines stay away.
    pub fn result(&self, facts: &Facts, result: Result<&dyn Report, &Failure>, waited: bool) {
        self.clear();
        let text = match (self.style.output, result) {
            (Output::Json, result) => format!("{:#}\n", document(facts, result)),
            (Output::Text, Ok(report)) if !(self.style.quiet && waited) => report.text(),
            (Output::Text, _) => String::new(),
        };
        // A reader that has gone away is no failure.
        let mut stdout = self.stdout.borrow_mut();
        let _ = stdout.write_all(text.as_bytes());
        let _ = stdout.flush();
    }

    /// Writes a line to stdout at once.
    pub fn line(&self, text: &str) {
        let mut stdout = self.stdout.borrow_mut();
        let _ = writeln!(stdout, "{text}");
        let _ = stdout.flush();
    }

    /// Writes lines to stdout, where that is not for a document.
    pub fn lines(&self, lines: &[String]) {
        if self.style.output == Output::Text {
            for line in lines {
                self.line(line);
            }
        }
    }

    /// Makes a live line for each of so many runs; one for all when they are many.
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

    /// Says on a terminal what goes on until the result comes.
    pub fn busy(&self, text: &str) {
        self.begin(1);
        self.live(0, text);
    }

    /// Whether each of so many runs has its own live line.
    pub fn has_line_each(runs: usize) -> bool {
        runs <= LIVE_LINES
    }

    /// Changes the live line of a run.
    pub fn live(&self, index: usize, text: &str) {
        if let Some(bar) = self.lines.borrow().get(index) {
            bar.set_message(clean(text));
            bar.tick();
        }
    }

    /// Takes the live lines away.
    pub fn clear(&self) {
        for bar in self.lines.borrow_mut().drain(..) {
            bar.finish_and_clear();
        }
    }

    /// How often a live line is drawn anew.
    pub const TICK: Duration = Duration::from_millis(250);

    fn say(&self, text: &str) {
        self.bars.suspend(|| {
            let _ = writeln!(self.stderr.borrow_mut(), "{text}");
        });
    }
}

/// A foreign text without control characters, which could move the cursor or worse. Line ends stay as spaces.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// A moment as people read it: local, with its offset.
pub fn local(moment: Timestamp) -> String {
    moment.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::env::Terminals;

    fn env<const N: usize>(terminal: bool, vars: [(&str, &str); N]) -> Env {
        let mut env = Env::of(vars);
        env.terminals = Terminals { stderr: terminal, ..Terminals::default() };
        env
    }

    #[test]
    fn progress_is_live_on_a_terminal_and_lines_elsewhere() {
        for (terminal, term, wish, quiet, progress) in [
            (true, "xterm", When::Auto, false, Progress::Live),
            (true, "xterm", When::Always, false, Progress::Live),
            (true, "xterm", When::Never, false, Progress::Silent),
            (true, "xterm", When::Auto, true, Progress::Silent),
            (true, "dumb", When::Auto, false, Progress::Lines),
            (false, "xterm", When::Auto, false, Progress::Lines),
            (false, "xterm", When::Always, false, Progress::EagerLines),
            (false, "xterm", When::Always, true, Progress::Silent),
        ] {
            let style = Style::new(Output::Text, quiet, 0, When::Auto, wish, &env(terminal, [("TERM", term)]));
            assert_eq!(style.progress, progress, "{terminal} {term} {wish:?} {quiet}");
        }
    }

    #[test]
    fn colours_follow_the_flag_then_the_variables_then_the_terminal() {
        let color = |wish, env: &Env| Style::new(Output::Text, false, 0, wish, When::Auto, env).color;
        assert!(color(When::Auto, &env(true, [])) && !color(When::Auto, &env(false, [])));
        assert!(
            !color(When::Auto, &env(true, [("NO_COLOR", "1")])) && color(When::Always, &env(true, [("NO_COLOR", "1")]))
        );
        assert!(color(When::Auto, &env(false, [("CLICOLOR_FORCE", "1")])));
        assert!(!color(When::Auto, &env(false, [("CLICOLOR_FORCE", "0")])));
        assert!(!color(When::Auto, &env(true, [("TERM", "dumb")])) && !color(When::Never, &env(true, [])));
    }
}
