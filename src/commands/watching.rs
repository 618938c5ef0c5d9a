//! Watching runs with a person looking on: live lines or heartbeats, verdicts as reports. Leaves the loop to `wait`.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use super::Ctx;
use crate::api::Error;
use crate::duration::show;
use crate::exit::Exit;
use crate::job::{Run, Sighting, Task};
use crate::output::{Console, RunReport, Stage};
use crate::wait::{Event, Policy, Verdict, watch};

/// Where there are no live lines, a sign of life comes this often.
const HEARTBEAT: Duration = Duration::from_secs(300);
/// Where there are live lines, the monitor is asked this often.
const MONITOR: Duration = Duration::from_secs(10);

/// A run to watch, and what is known of its task.
#[derive(Debug, Clone)]
pub(super) struct Watched {
    pub run: Run,
    pub task: Task,
    /// Whether it is known to exist, whatever the lists show: this command started it, or saw it.
    pub own: bool,
    /// Whether it was found again after the answer to its start was lost.
    pub adopted: bool,
}

/// Watches runs to their ends, or to the end of patience, and says how each ended.
pub(super) async fn see_to_the_end(ctx: &Ctx<'_>, watched: &[Watched]) -> Vec<RunReport> {
    let verdicts = watch_all(ctx, watched, ctx.deadline).await;
    reports(ctx, watched, verdicts)
}

/// Watches runs to their ends, the deadline, or the end of patience.
pub(super) async fn watch_all(ctx: &Ctx<'_>, watched: &[Watched], deadline: Option<Duration>) -> Vec<Verdict> {
    let runs: Vec<Run> = watched.iter().map(|watched| watched.run.clone()).collect();
    let policy = Policy {
        interval: ctx.settings.poll_interval,
        shortest: ctx.settings.min_poll_interval,
        patience: ctx.settings.patience,
        deadline,
        jitter,
    };
    let teller = Teller::new(ctx, watched);
    let last_monitor = Cell::new(None::<Duration>);
    let look = async |open: &[Run], thorough: bool| -> Result<Vec<Sighting>, Error> {
        let due = last_monitor.get().is_none_or(|last| ctx.clock.now().saturating_sub(last) >= MONITOR);
        let monitor = thorough || (ctx.console.style().live && due);
        if monitor {
            last_monitor.set(Some(ctx.clock.now()));
        }
        ctx.service.look(open, monitor).await
    };
    ctx.console.begin(runs.len());
    let ticking = async {
        while ctx.console.style().live {
            ctx.clock.sleep(Console::TICK).await;
            teller.tick();
        }
        std::future::pending::<()>().await;
    };
    let verdicts = tokio::select! {
        verdicts = watch(ctx.clock, &policy, &runs, look, |event| teller.hear(&event), ctx.signals.next()) => verdicts,
        () = ticking => Vec::new(),
    };
    ctx.console.clear();
    verdicts
}

/// Says how each run ended.
pub(super) fn reports(ctx: &Ctx<'_>, watched: &[Watched], verdicts: Vec<Verdict>) -> Vec<RunReport> {
    let ended = watched.iter().zip(verdicts);
    let reports: Vec<RunReport> = ended.map(|(watched, verdict)| report(ctx, watched, verdict)).collect();
    for report in &reports {
        tell_end(ctx, report);
    }
    reports
}

/// A number between -1 and 1; without a source of chance, the middle.
fn jitter() -> f64 {
    let mut bytes = [0_u8; 2];
    let random = ring::rand::SystemRandom::new();
    let filled = ring::rand::SecureRandom::fill(&random, &mut bytes);
    filled.map_or(0.0, |()| f64::from(u16::from_le_bytes(bytes)) / 32767.5 - 1.0)
}

fn report(ctx: &Ctx<'_>, watched: &Watched, verdict: Verdict) -> RunReport {
    let (stage, exit) = match verdict {
        Verdict::Over(ending) => {
            let exit = match Exit::from(ending.outcome) {
                Exit::Warning if ctx.settings.warnings_ok => Exit::Good,
                exit => exit,
            };
            (Stage::Over(ending), exit)
        }
        Verdict::TimedOut => {
            ctx.console.note(&format!("{}: the time given by --timeout passed", watched.run));
            (Stage::Active(None), Exit::TimedOut)
        }
        Verdict::LostContact(why) => {
            ctx.console.alarm(&format!("{}: contact was lost: {why}", watched.run));
            (Stage::Active(None), Exit::Running)
        }
        Verdict::Unseen if watched.own => {
            ctx.console.alarm(&format!("{}: neither list has shown it for ten minutes", watched.run));
            (Stage::Active(None), Exit::Running)
        }
        Verdict::Unseen => {
            (Stage::None("neither list has shown it for ten minutes; check the handle".to_owned()), Exit::NotFound)
        }
        Verdict::Interrupted(signal) => (Stage::Active(None), signal.exit()),
    };
    let report = RunReport::accepted(watched.run.clone(), watched.task.clone());
    RunReport { stage, exit, adopted: watched.adopted, ..report }
}

/// Says how a run ended, and what to do next.
fn tell_end(ctx: &Ctx<'_>, report: &RunReport) {
    let console = ctx.console;
    let Some(run) = &report.run else { return };
    if matches!(report.stage, Stage::Active(_)) {
        let lines =
            [format!("{run}: left running"), format!("  {} runajob wait {run}", console.paint("2", "wait for it:"))];
        // With --quiet the way back still belongs on stderr: it is why the code is not 0.
        for line in lines {
            console.alarm(&line);
        }
        return;
    }
    let bad = !matches!(report.exit, Exit::Good | Exit::Warning);
    let color = match report.exit {
        Exit::Good => "32",
        Exit::Warning => "33",
        _ => "31",
    };
    let mut lines = vec![console.paint(color, &report.sentence())];
    if report.exit != Exit::Good {
        lines.extend(report.details());
        lines.push(format!("  {} runajob status {run}", console.paint("2", "look further:")));
    }
    for line in lines {
        if bad { console.alarm(&line) } else { console.note(&line) }
    }
}

/// What is said while waiting.
struct Teller<'a, 'c> {
    ctx: &'a Ctx<'c>,
    watched: &'a [Watched],
    began: Duration,
    lines: RefCell<Vec<Line>>,
    spoke: Cell<Duration>,
    next_look: Cell<Duration>,
    missing: Cell<bool>,
}

#[derive(Clone, Default)]
struct Line {
    state: String,
    over: bool,
}

impl<'a, 'c> Teller<'a, 'c> {
    fn new(ctx: &'a Ctx<'c>, watched: &'a [Watched]) -> Self {
        let now = ctx.clock.now();
        let line = Line { state: "accepted".to_owned(), over: false };
        Self {
            ctx,
            watched,
            began: now,
            lines: vec![line; watched.len()].into(),
            spoke: now.into(),
            next_look: now.into(),
            missing: false.into(),
        }
    }

    fn hear(&self, event: &Event<'_>) {
        match event {
            Event::Seen(run, sighting) => self.seen(run, sighting),
            Event::Missed(error, lasted) => {
                if !self.missing.replace(true) {
                    let patience = show(self.ctx.settings.patience.saturating_sub(*lasted));
                    self.say(&format!("cannot see the service: {error}; trying for {patience} more"));
                }
            }
            Event::Back => {
                self.missing.set(false);
                self.say("the service answers again");
            }
            Event::Pause(pause) => {
                self.next_look.set(self.ctx.clock.now() + *pause);
                self.heartbeat();
            }
        }
        self.tick();
    }

    fn seen(&self, run: &Run, sighting: &Sighting) {
        let Some(index) = self.watched.iter().position(|watched| watched.run == *run) else { return };
        let (state, over) = match sighting {
            Sighting::Unseen => return,
            Sighting::Active(progress) => {
                let rows = progress.rows;
                let rejected = rows.source.failed + rows.target.failed;
                let mut state = format!("{}, {} read, {} written", progress.activity, rows.source.ok, rows.target.ok);
                if rejected > 0 {
                    state.push_str(&format!(", {rejected} rejected"));
                }
                (state, false)
            }
            Sighting::Over(ending) => (Exit::from(ending.outcome).word().unwrap_or_default().replace('_', " "), true),
        };
        self.lines.borrow_mut()[index] = Line { state, over };
    }

    /// Says on a terminal what changed, and without one a line with time and handle.
    fn say(&self, text: &str) {
        self.spoke.set(self.ctx.clock.now());
        let time = self.ctx.console.time(self.ctx.clock.utc());
        match self.watched {
            [one] => self.ctx.console.note(&format!("{time} {}: {text}", one.run)),
            many => self.ctx.console.note(&format!("{time} {} runs: {text}", many.len())),
        }
    }

    fn heartbeat(&self) {
        if self.ctx.console.style().live || self.ctx.clock.now().saturating_sub(self.spoke.get()) < HEARTBEAT {
            return;
        }
        let open = self.lines.borrow().iter().filter(|line| !line.over).count();
        let elapsed = show(self.ctx.clock.now().saturating_sub(self.began));
        self.say(&match self.watched.len() {
            1 => format!("still running after {elapsed}"),
            all => format!("{open} of {all} still running after {elapsed}"),
        });
    }

    /// Draws the live lines anew.
    fn tick(&self) {
        let now = self.ctx.clock.now();
        let elapsed = show(Duration::from_secs(now.saturating_sub(self.began).as_secs()));
        let next = show(Duration::from_secs(self.next_look.get().saturating_sub(now).as_secs()));
        let lines = self.lines.borrow();
        if !Console::has_line_each(self.watched.len()) {
            let open = lines.iter().filter(|line| !line.over).count();
            self.ctx.console.live(0, &format!("{open} of {} running, {elapsed}, next look in {next}", lines.len()));
            return;
        }
        for (index, (line, watched)) in lines.iter().zip(self.watched).enumerate() {
            let name = watched.task.path.as_deref().or(watched.task.name.as_deref());
            let name = name.map_or_else(|| watched.run.to_string(), str::to_owned);
            let tail = if line.over { String::new() } else { format!(", next look in {next}") };
            self.ctx.console.live(index, &format!("{name} {elapsed} {}{tail}", line.state));
        }
    }
}
