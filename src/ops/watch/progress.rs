//! What a person reads while runs are waited for: live lines on a terminal; elsewhere a line at each change of state, and a
//! sign of life now and then.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use jiff::Timestamp;

use crate::job::{Rows, RunStatus};
use crate::ops::ctx::Ctx;
use crate::ops::watch::verdict::{Event, Verdict, WatchedRun};
use crate::output::{self, Console, ended, rows_text};
use crate::support::duration::show;

/// Where there are no live lines, a sign of life comes this often.
const HEARTBEAT: Duration = Duration::from_secs(300);
/// A line about many runs names this many of them.
const NAMED: usize = 3;
/// The state of a run that nobody has seen yet.
const NOT_SEEN: &str = "not seen yet";

/// Reports the progress of runs.
pub(crate) struct ProgressReporter<'a, 'c> {
    ctx: &'a Ctx<'c>,
    watched: &'a [WatchedRun],
    began: Duration,
    lines: RefCell<Vec<Line>>,
    /// When something was last said.
    spoke: Cell<Duration>,
    next_poll: Cell<Duration>,
    is_failing: Cell<bool>,
    /// The runs that no list shows and of which nothing has been said.
    unannounced: RefCell<Vec<usize>>,
}

/// What is known of one run.
#[derive(Debug, Clone)]
struct Line {
    name: String,
    state: String,
    rows: Rows,
    /// How long it had been running when the waiting began.
    head_start: Duration,
    is_over: bool,
}

impl<'a, 'c> ProgressReporter<'a, 'c> {
    pub(crate) fn new(ctx: &'a Ctx<'c>, watched: &'a [WatchedRun]) -> Self {
        let now = ctx.clock.now();
        let line = |watched: &WatchedRun| Line {
            name: watched.task.path_or_name().map_or_else(|| watched.run.to_string(), str::to_owned),
            state: if watched.exists { "accepted" } else { NOT_SEEN }.to_owned(),
            rows: Rows::default(),
            head_start: Duration::ZERO,
            is_over: false,
        };
        Self {
            ctx,
            watched,
            began: now,
            lines: watched.iter().map(line).collect::<Vec<_>>().into(),
            spoke: now.into(),
            next_poll: now.into(),
            is_failing: false.into(),
            unannounced: RefCell::default(),
        }
    }

    pub(crate) fn report(&self, event: &Event<'_>) {
        match event {
            Event::Status(place, status) => self.update(*place, status),
            Event::NotSeen(place) => self.not_seen(*place),
            Event::Verdict(place, verdict) => self.end(*place, verdict),
            Event::PollFailed(error, lasted) => {
                if !self.is_failing.replace(true) {
                    let patience = show(self.ctx.settings.patience.saturating_sub(*lasted));
                    self.say_of_all(&format!("polling failed: {error}; trying for {patience} more"));
                }
            }
            Event::Recovered => {
                self.is_failing.set(false);
                self.say_of_all("the service answers again");
            }
            Event::Pause(pause) => {
                self.next_poll.set(self.ctx.clock.now() + *pause);
                self.announce_not_seen();
                if self.owes_a_sign_of_life() {
                    self.give_a_sign_of_life();
                }
            }
        }
        self.draw();
    }

    /// Whether it is time for a sign of life, for which it is worth asking the monitor how far the runs are.
    pub(crate) fn owes_a_sign_of_life(&self) -> bool {
        self.ctx.console.style().has_lines() && self.ctx.clock.now().saturating_sub(self.spoke.get()) >= HEARTBEAT
    }

    fn update(&self, place: usize, status: &RunStatus) {
        match status {
            // Its result is printed elsewhere, and a run that is not listed may just have started.
            RunStatus::Ended(_) | RunStatus::NotListed => {}
            RunStatus::Unavailable(failure) => {
                if let Some(line) = self.change_state(place, "unavailable") {
                    self.state_event(place, &line, &line.state);
                    self.say_of(place, &format!("{} cannot be polled: {}", line.name, failure.why));
                }
            }
            RunStatus::Active(progress) => {
                {
                    let line = &mut self.lines.borrow_mut()[place];
                    line.rows = progress.rows;
                    if let (Some(name), true) = (&progress.task_name, line.name == self.watched[place].run.to_string())
                    {
                        line.name.clone_from(name);
                    }
                    line.head_start = self.head_start(progress.started_at).unwrap_or(line.head_start);
                }
                let Some(line) = self.change_state(place, &progress.activity.to_string()) else { return };
                self.state_event(place, &line, &line.state);
                // A sign of life of one run says its state and more.
                let is_said_soon = self.watched.len() == 1 && self.owes_a_sign_of_life();
                if self.ctx.console.style().has_lines() && !is_said_soon {
                    self.say_of(place, &format!("{} {}", line.name, line.state));
                }
            }
        }
    }

    /// Remembers runs that no list shows, until they are announced together.
    fn not_seen(&self, place: usize) {
        let is_first = self.lines.borrow()[place].state == NOT_SEEN;
        if let Some(line) = self.change_state(place, "not seen, searching") {
            self.state_event(place, &line, "not_seen");
        }
        if is_first {
            self.unannounced.borrow_mut().push(place);
        }
    }

    fn announce_not_seen(&self) {
        let search = "searching for up to ten minutes";
        match &self.unannounced.take()[..] {
            [] => {}
            [place] => self.say_of(*place, &format!("the service does not show this run yet; {search}")),
            places => {
                let runs = self.some_of(places);
                self.say(&format!("the service does not show {} of the runs yet; {search}: {runs}", places.len()));
            }
        }
    }

    fn end(&self, place: usize, verdict: &Verdict) {
        let state = match verdict {
            Verdict::Ended(result) => {
                self.lines.borrow_mut()[place].rows = result.rows;
                ended(result.outcome)
            }
            Verdict::Suspended(_) => "suspended",
            Verdict::NotListed => "not found",
            Verdict::LostContact(_) => "unavailable",
            Verdict::TimedOut | Verdict::Interrupted(_) | Verdict::Stopping { .. } => "left running",
        };
        self.change_state(place, state);
        self.lines.borrow_mut()[place].is_over = true;
        self.spoke.set(self.ctx.clock.now());
    }

    /// Writes the event that the state of a run is another one now.
    fn state_event(&self, place: usize, line: &Line, state: &str) {
        let run = &self.watched[place].run;
        self.ctx.console.event(&output::JsonEvent::State { run, task_name: &line.name, state, rows: line.rows });
    }

    /// Returns the line if the state has changed.
    fn change_state(&self, place: usize, state: &str) -> Option<Line> {
        let line = &mut self.lines.borrow_mut()[place];
        if line.state == state {
            return None;
        }
        state.clone_into(&mut line.state);
        Some(line.clone())
    }

    /// How long a run had been running when the watching began, by the service's clock.
    fn head_start(&self, started_at: Option<Timestamp>) -> Option<Duration> {
        let running =
            Duration::try_from(self.ctx.client.server_time_at(self.ctx.clock.now())?.duration_since(started_at?));
        Some(running.ok()?.saturating_sub(self.ctx.clock.now().saturating_sub(self.began)))
    }

    fn give_a_sign_of_life(&self) {
        let lines = self.lines.borrow().clone();
        let active: Vec<usize> = (0..lines.len()).filter(|&place| !lines[place].is_over).collect();
        if let ([place], [_]) = (&active[..], &lines[..]) {
            let line = &lines[*place];
            self.say_of_all(&format!("{} {}", line.name, self.line_text(line)));
            return;
        }
        let elapsed = show(whole_seconds(self.ctx.clock.now().saturating_sub(self.began)));
        self.say_of_all(&format!("{} after {elapsed}; {}", tally(&lines), self.some_of(&active)));
    }

    /// The handles of the first of these runs.
    fn some_of(&self, places: &[usize]) -> String {
        let named: Vec<String> = places.iter().take(NAMED).map(|&place| self.watched[place].run.to_string()).collect();
        match places.len().saturating_sub(NAMED) {
            0 => named.join(" "),
            more => format!("{} and {more} more", named.join(" ")),
        }
    }

    /// Says something of all runs, with time and handle.
    fn say_of_all(&self, text: &str) {
        match self.watched {
            [_] => self.say_of(0, text),
            many => self.say(&format!("{} runs: {text}", many.len())),
        }
    }

    fn say_of(&self, place: usize, text: &str) {
        self.say(&format!("{}: {text}", self.watched[place].run));
    }

    fn say(&self, text: &str) {
        self.spoke.set(self.ctx.clock.now());
        if !self.ctx.console.style().quiet {
            self.ctx.console.note(&format!("{} {text}", self.ctx.console.time(self.ctx.clock.utc())));
        }
    }

    /// Draws the live lines.
    pub(crate) fn draw(&self) {
        if !self.ctx.console.style().is_live() {
            return;
        }
        let lines = self.lines.borrow();
        let next = self.next_poll.get().saturating_sub(self.ctx.clock.now());
        let tail = next_poll(next, self.is_failing.get());
        if !Console::has_line_each(lines.len()) {
            let elapsed = show(whole_seconds(self.ctx.clock.now().saturating_sub(self.began)));
            self.ctx.console.live(0, &format!("{} runs: {}, {elapsed}, {tail}", lines.len(), tally(&lines)));
            return;
        }
        let width = lines.iter().map(|line| line.name.chars().count()).max().unwrap_or(0);
        for (place, line) in lines.iter().enumerate() {
            let tail = if line.is_over { String::new() } else { format!(", {tail}") };
            self.ctx.console.live(place, &format!("{:width$}  {}{tail}", line.name, self.line_text(line)));
        }
    }

    /// State, time and rows of a run.
    fn line_text(&self, line: &Line) -> String {
        let elapsed = self.ctx.clock.now().saturating_sub(self.began) + line.head_start;
        line_text(line, elapsed)
    }
}

fn line_text(line: &Line, elapsed: Duration) -> String {
    let mut text = line.state.clone();
    if !line.is_over {
        text.push_str(&format!(" {}", show(whole_seconds(elapsed))));
    }
    // Zeros mean nothing: no row has been processed yet, or the run counts none.
    if line.rows != Rows::default() {
        text.push_str(&format!(", {}", rows_text(line.rows, "")));
    }
    text
}

/// When the next poll comes.
fn next_poll(pause: Duration, is_failing: bool) -> String {
    let seconds = show(Duration::from_secs(pause.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)));
    match (is_failing, pause.is_zero()) {
        (false, true) => "polling".to_owned(),
        (false, false) => format!("next poll in {seconds}"),
        (true, true) => "no answer, trying again".to_owned(),
        (true, false) => format!("no answer, next try in {seconds}"),
    }
}

/// How many runs are in which state, those that go on first.
fn tally(lines: &[Line]) -> String {
    let mut counts = output::tally(lines.iter().map(|line| (line.is_over, line.state.as_str())));
    counts.sort_unstable();
    output::counted(&counts)
}

fn whole_seconds(time: Duration) -> Duration {
    Duration::from_secs(time.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Count;

    fn line(state: &str, over: bool, read: u64) -> Line {
        let count = |ok, failed| Count { ok, failed };
        let rows = Rows { source: count(read, 0), target: count(read, u64::from(over)) };
        let rows = if read == 0 { Rows::default() } else { rows };
        Line { name: "m_load".to_owned(), state: state.to_owned(), rows, head_start: Duration::ZERO, is_over: over }
    }

    #[test]
    fn a_line_has_state_its_time_and_its_rows() {
        let after = |seconds: u64| Duration::from_millis(seconds * 1000 + 400);
        assert_eq!(line_text(&line("accepted", false, 0), after(2)), "accepted 2s");
        assert_eq!(line_text(&line("running", false, 500), after(75)), "running 1m 15s, 500 read, 500 written");
        assert_eq!(line_text(&line("warning", true, 9), after(75)), "warning, 9 read, 9 written, 1 rejected");
    }

    #[test]
    fn many_runs_are_counted_those_that_go_on_first() {
        let lines =
            [line("succeeded", true, 1), line("running", false, 1), line("failed", true, 1), line("running", false, 1)];
        assert_eq!(tally(&lines), "2 running, 1 failed, 1 succeeded");
    }

    #[test]
    fn the_next_poll_is_never_said_to_be_sooner_than_it_is() {
        assert_eq!(next_poll(Duration::from_millis(1001), false), "next poll in 2s");
        assert_eq!(next_poll(Duration::ZERO, false), "polling");
        assert_eq!(next_poll(Duration::from_millis(800), true), "no answer, next try in 1s");
    }
}
