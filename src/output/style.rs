//! How much is shown, and in which form.

use crate::cli::{Output, When};
use crate::support::env::Env;

#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "these are switches")]
pub struct Style {
    pub output: Output,
    /// Only errors go to stderr.
    pub quiet: bool,
    /// With 1 every request is shown, with 2 its full URL.
    pub verbose: u8,
    /// Colours on stderr.
    pub color: bool,
    pub progress: Progress,
    /// A document is indented there.
    pub stdout_is_terminal: bool,
    /// Whether the result on stdout says what went wrong, so that stderr need not.
    pub errors_on_stdout: bool,
}

/// What is shown while runs are watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nothing but warnings and errors.
    Silent,
    /// A line at each change that is noticed, and a sign of life now and then.
    Lines,
    /// The same, with more requests in order to notice more changes.
    EagerLines,
    /// A live line per run.
    Live,
}

impl Style {
    /// The style that follows from the settings and the terminals.
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
        Self {
            output,
            quiet,
            verbose,
            color,
            progress,
            stdout_is_terminal: env.terminals.stdout,
            errors_on_stdout: false,
        }
    }

    /// Whether there is a live line per run.
    pub fn is_live(self) -> bool {
        self.progress == Progress::Live
    }

    /// Whether there are lines instead.
    pub fn has_lines(self) -> bool {
        matches!(self.progress, Progress::Lines | Progress::EagerLines)
    }

    /// Whether it is worth requests to know how far a run is.
    pub fn asks_for_progress(self) -> bool {
        matches!(self.progress, Progress::Live | Progress::EagerLines)
    }
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
