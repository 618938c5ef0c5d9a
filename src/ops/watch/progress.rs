//! What a person is told while runs are watched: live lines on a terminal, elsewhere a line at each change of state and a
//! sign of life. Leaves the watching, and how each run ended, to `watching`.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::job::{Rows, Run, RunStatus};
use crate::ops::ctx::Ctx;
use crate::ops::watch::Event;
use crate::ops::watch::runs::WatchedRun;
use crate::output::{Console, ended, rows_text};
use crate::support::duration::show;

/// Where there are no live lines, a sign of life comes this often.
const HEARTBEAT: Duration = Duration::from_secs(300);
/// A sign of life for many runs names this many of those that go on.
const NAMED: usize = 3;

/// Who tells it.
pub(crate) struct ProgressReporter<'a, 'c> {
    ctx: &'a Ctx<'c>,
    watched: &'a [WatchedRun],
    places: HashMap<&'a Run, usize>,
    began: Duration,
    lines: RefCell<Vec<Line>>,
    /// The runs that have ended since the last pause.
    ended: RefCell<Vec<usize>>,
    spoke: Cell<Duration>,
    next_poll: Cell<Duration>,
    missing: Cell<bool>,
}

/// What is known of one run.
#[derive(Debug, Clone)]
struct Line {
    name: String,
    state: String,
    rows: Rows,
    /// How long it had been running when the watching began.
    head_start: Duration,
    over: bool,
}

impl<'a, 'c> ProgressReporter<'a, 'c> {
    pub(crate) fn new(ctx: &'a Ctx<'c>, watched: &'a [WatchedRun]) -> Self {
        let now = ctx.clock.now();
        let line = |watched: &WatchedRun| {
            let name = watched.task.path.as_deref().or(watched.task.name.as_deref());
            Line {
                name: name.map_or_else(|| watched.run.to_string(), str::to_owned),
                state: "accepted".to_owned(),
                rows: Rows::default(),
                head_start: Duration::ZERO,
                over: false,
            }
        };
        Self {
            ctx,
            watched,
            places: watched.iter().enumerate().map(|(place, watched)| (&watched.run, place)).collect(),
            began: now,
            lines: watched.iter().map(line).collect::<Vec<_>>().into(),
            ended: RefCell::default(),
            spoke: now.into(),
            next_poll: now.into(),
            missing: false.into(),
        }
    }

    pub(crate) fn hear(&self, event: &Event<'_>) {
        match event {
            Event::Seen(run, status) => self.seen(run, status),
            Event::Missed(error, lasted) => {
                if !self.missing.replace(true) {
                    let patience = show(self.ctx.settings.patience.saturating_sub(*lasted));
                    self.say_of_all(&format!("cannot see the service: {error}; trying for {patience} more"));
                }
            }
            Event::Back => {
                self.missing.set(false);
                self.say_of_all("the service answers again");
            }
            Event::Pause(pause) => {
                self.next_poll.set(self.ctx.clock.now() + *pause);
                self.say_ended();
                if self.owes_a_sign_of_life() {
                    self.give_a_sign_of_life();
                }
            }
        }
        self.tick();
    }

    /// Whether it is time for a sign of life, for which it is worth asking the monitor how far the runs are.
    pub(crate) fn owes_a_sign_of_life(&self) -> bool {
        self.ctx.console.style().has_lines() && self.ctx.clock.now().saturating_sub(self.spoke.get()) >= HEARTBEAT
    }

    fn seen(&self, run: &Run, status: &RunStatus) {
        let Some(&place) = self.places.get(run) else { return };
        let mut lines = self.lines.borrow_mut();
        let line = &mut lines[place];
        match status {
            RunStatus::NotListed => {}
            RunStatus::Unavailable(miss) => {
                let state = "cannot be seen".to_owned();
                if line.state != state {
                    let text = format!("{} {state}: {}", line.name, miss.why);
                    line.state = state;
                    drop(lines);
                    self.say_of(run, &text);
                }
            }
            RunStatus::Active(progress) => {
                line.rows = progress.rows;
                if let (Some(name), true) = (&progress.task_name, line.name == run.to_string()) {
                    line.name.clone_from(name);
                }
                line.head_start = self.head_start(progress.started_at).unwrap_or(line.head_start);
                let state = progress.activity.to_string();
                if line.state != state {
                    line.state = state;
                    let text = format!("{} {}", line.name, line.state);
                    drop(lines);
                    // A sign of life of one run says its state and more.
                    let said_soon = self.watched.len() == 1 && self.owes_a_sign_of_life();
                    if self.ctx.console.style().has_lines() && !said_soon {
                        self.say_of(run, &text);
                    }
                }
            }
            RunStatus::Ended(result) => {
                line.rows = result.rows;
                ended(result.outcome).clone_into(&mut line.state);
                line.over = true;
                self.ended.borrow_mut().push(place);
            }
        }
    }

    /// How long a run had been running when the watching began, by the service's clock.
    fn head_start(&self, started_at: Option<Timestamp>) -> Option<Duration> {
        let running =
            Duration::try_from(self.ctx.client.server_time_at(self.ctx.clock.now())?.duration_since(started_at?));
        Some(running.ok()?.saturating_sub(self.ctx.clock.now().saturating_sub(self.began)))
    }

    /// Says which runs are over while others go on, where no live line of their own shows it. Their errors come at the end.
    fn say_ended(&self) {
        let style = self.ctx.console.style();
        for place in self.ended.take() {
            if style.has_lines() || (style.is_live() && !Console::has_line_each(self.watched.len())) {
                let line = self.lines.borrow()[place].clone();
                self.say_of(&self.watched[place].run, &format!("{} {}", line.name, line.state));
            }
        }
    }

    fn give_a_sign_of_life(&self) {
        let lines = self.lines.borrow().clone();
        let going_on: Vec<usize> = (0..lines.len()).filter(|&place| !lines[place].over).collect();
        if let ([place], [_]) = (&going_on[..], &lines[..]) {
            let line = &lines[*place];
            self.say_of_all(&format!("{} {}", line.name, self.standing(line)));
            return;
        }
        let elapsed = show(whole_seconds(self.ctx.clock.now().saturating_sub(self.began)));
        let named: Vec<String> =
            going_on.iter().take(NAMED).map(|&place| self.watched[place].run.to_string()).collect();
        let more = going_on.len().saturating_sub(NAMED);
        let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
        self.say_of_all(&format!("{} after {elapsed}; {}{tail}", tally(&lines), named.join(" ")));
    }

    /// Says something of all runs, with time and handle.
    fn say_of_all(&self, text: &str) {
        match self.watched {
            [one] => self.say_of(&one.run, text),
            many => self.say(&format!("{} runs: {text}", many.len())),
        }
    }

    fn say_of(&self, run: &Run, text: &str) {
        self.say(&format!("{run}: {text}"));
    }

    fn say(&self, text: &str) {
        self.spoke.set(self.ctx.clock.now());
        if !self.ctx.console.style().quiet {
            self.ctx.console.note(&format!("{} {text}", self.ctx.console.time(self.ctx.clock.utc())));
        }
    }

    /// Draws the live lines anew.
    pub(crate) fn tick(&self) {
        if !self.ctx.console.style().is_live() {
            return;
        }
        let lines = self.lines.borrow();
        let next = self.next_poll.get().saturating_sub(self.ctx.clock.now());
        let tail = next_poll(next, self.missing.get());
        if !Console::has_line_each(lines.len()) {
            let elapsed = show(whole_seconds(self.ctx.clock.now().saturating_sub(self.began)));
            self.ctx.console.live(0, &format!("{} runs: {}, {elapsed}, {tail}", lines.len(), tally(&lines)));
            return;
        }
        let width = lines.iter().map(|line| line.name.chars().count()).max().unwrap_or(0);
        for (place, line) in lines.iter().enumerate() {
            let tail = if line.over { String::new() } else { format!(", {tail}") };
            self.ctx.console.live(place, &format!("{:width$}  {}{tail}", line.name, self.standing(line)));
        }
    }

    /// State, time and rows of a run.
    fn standing(&self, line: &Line) -> String {
        let elapsed = self.ctx.clock.now().saturating_sub(self.began) + line.head_start;
        standing(line, elapsed)
    }
}

fn standing(line: &Line, elapsed: Duration) -> String {
    let mut text = line.state.clone();
    if !line.over {
        text.push_str(&format!(" {}", show(whole_seconds(elapsed))));
    }
    // Zeros tell nothing: the run has not come so far, or counts no rows.
    if line.rows != Rows::default() {
        text.push_str(&format!(", {}", rows_text(line.rows, "")));
    }
    text
}

/// When the next look comes.
fn next_poll(pause: Duration, missing: bool) -> String {
    let seconds = show(Duration::from_secs(pause.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)));
    match (missing, pause.is_zero()) {
        (false, true) => "looking".to_owned(),
        (false, false) => format!("look in {seconds}"),
        (true, true) => "no answer, trying".to_owned(),
        (true, false) => format!("no answer, next try in {seconds}"),
    }
}

/// How many runs are in which state, those that go on first.
fn tally(lines: &[Line]) -> String {
    let mut counts: Vec<(bool, &str, usize)> = Vec::new();
    for line in lines {
        match counts.iter_mut().find(|(_, state, _)| *state == line.state) {
            Some((_, _, count)) => *count += 1,
            None => counts.push((line.over, &line.state, 1)),
        }
    }
    counts.sort_unstable();
    counts.iter().map(|(_, state, count)| format!("{count} {state}")).collect::<Vec<_>>().join(", ")
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
        Line { name: "m_load".to_owned(), state: state.to_owned(), rows, head_start: Duration::ZERO, over }
    }

    #[test]
    fn a_run_stands_by_its_state_its_time_and_its_rows() {
        let after = |seconds: u64| Duration::from_millis(seconds * 1000 + 400);
        assert_eq!(standing(&line("accepted", false, 0), after(2)), "accepted 2s");
        assert_eq!(standing(&line("running", false, 500), after(75)), "running 1m 15s, 500 read, 500 written");
        assert_eq!(standing(&line("warning", true, 9), after(75)), "warning, 9 read, 9 written, 1 rejected");
    }

    #[test]
    fn many_runs_are_counted_those_that_go_on_first() {
        let lines =
            [line("succeeded", true, 1), line("running", false, 1), line("failed", true, 1), line("running", false, 1)];
        assert_eq!(tally(&lines), "2 running, 1 failed, 1 succeeded");
    }

    #[test]
    fn the_next_look_is_never_said_to_be_sooner_than_it_is() {
        assert_eq!(next_poll(Duration::from_millis(1001), false), "look in 2s");
        assert_eq!(next_poll(Duration::ZERO, false), "looking");
        assert_eq!(next_poll(Duration::from_millis(800), true), "no answer, next try in 1s");
    }
}
