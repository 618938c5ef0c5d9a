//! `history`: shows the past runs of tasks, with how long they took.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::cli::History;
use crate::job::{Rows, RunResult, Task};
use crate::ops::busy::with_busy_line;
use crate::ops::ctx::Ctx;
use crate::ops::resolve;
use crate::ops::resolve::selectors::{Selection, selections, usage};
use crate::ops::runs::history::{PastRuns, all, of_task};
use crate::output::{Report, RunReport, SafeLine, Style, error_code, local, minute};
use crate::support::duration::show;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::Hint;

/// How wide the bar of the longest run is.
const BAR: usize = 20;

/// The past runs of some tasks, or of all.
pub struct Histories {
    /// Of each task the newest first.
    runs: Vec<RunReport>,
    /// The tasks, none standing for all of them, with how many of the runs are theirs.
    tasks: Vec<(Option<Task>, usize)>,
    since: Timestamp,
    shape: HistoryShape,
}

/// The past runs of a task; of all tasks, there is no task.
struct TaskHistory<'h> {
    task: Option<&'h Task>,
    runs: &'h [RunReport],
}

/// What is printed.
#[derive(Clone, Copy)]
enum HistoryShape {
    Handles,
    /// Fields with tabs between them, for programs.
    Tabs,
    /// Columns with bars, for people.
    Table,
}

/// Refuses a command line that makes no sense, even if no account is set up.
pub fn validate(history: &History) -> Result<(), Failure> {
    let named = resolve::selectors::named(&history.what, &history.tasks)?;
    match (history.all, named.is_empty() && history.list.from_file.is_none()) {
        (false, true) => Err(usage("no task is named")
            .hint(Hint::from("to see the runs of all tasks: ").then(Hint::command("history --all")))),
        (true, false) => Err(usage("--all means the runs of all tasks, so no task can be named beside it")),
        _ => Ok(()),
    }
}

pub async fn run(ctx: &Ctx<'_>, history: &History) -> Result<Histories, Failure> {
    let selected = selections(&history.what, &history.tasks, &history.list, "nothing is shown", ctx.console)?;
    let since = since(ctx, history.since);
    let limit = history.limit.unwrap_or(usize::MAX);
    let reading = async {
        let (mut runs, mut tasks) = (Vec::new(), Vec::new());
        if history.all {
            let past = all(ctx, history.tasks.kind, since, limit).await?;
            tasks.push((None, past.runs.len()));
            runs.extend(reports(ctx, past, "all tasks"));
        }
        for selection in selected {
            let target = match selection {
                Selection::Task(query) => resolve::target(ctx, &query, false).await?,
                Selection::Run(run) => {
                    let command = ctx.settings.command(&format!("status {run}"));
                    return Err(usage(format!("{run} is the handle of a run, and only tasks have a history"))
                        .hint(format!("to see the run: {command}")));
                }
            };
            let task = target.task.clone();
            let past = of_task(ctx, target, since, limit).await?;
            let count = past.runs.len();
            runs.extend(reports(ctx, past, task.label()));
            tasks.push((Some(task), count));
        }
        Ok((runs, tasks))
    };
    let (runs, tasks) = with_busy_line(ctx, "reading the activity log", Box::pin(ctx.before_start(reading))).await?;
    for (task, _) in tasks.iter().filter(|(_, count)| *count == 0) {
        let task = task.as_ref().map_or("any task", Task::label);
        ctx.console.note(&format!("no run of {task} has ended since {}", local(since)));
    }
    let shape = match ctx.console.style() {
        Style { quiet: true, .. } => HistoryShape::Handles,
        Style { stdout_is_terminal: true, .. } => HistoryShape::Table,
        _ => HistoryShape::Tabs,
    };
    Ok(Histories { runs, tasks, since, shape })
}

/// So long ago, by the service's clock where it is known.
fn since(ctx: &Ctx<'_>, ago: Option<Duration>) -> Timestamp {
    const WEEK: Duration = Duration::from_secs(7 * 86_400);
    let now = ctx.client.server_time_at(ctx.clock.now()).unwrap_or_else(|| ctx.clock.utc());
    let ago = SignedDuration::try_from(ago.unwrap_or(WEEK)).unwrap_or(SignedDuration::MAX);
    now.saturating_sub(ago).unwrap_or(Timestamp::MIN)
}

fn reports(ctx: &Ctx<'_>, past: PastRuns, whose: &str) -> Vec<RunReport> {
    match past.unreadable {
        0 => {}
        1 => ctx.console.warn(&format!("1 row of the log of {whose} cannot be read, and is left out")),
        rows => ctx.console.warn(&format!("{rows} rows of the log of {whose} cannot be read, and are left out")),
    }
    if past.is_cut {
        ctx.console.note(&format!("only the newest {} are shown; there may be more", past.runs.len()));
    }
    let report = |(run, task, result): (_, Task, RunResult)| RunReport::ended(run, task, result);
    past.runs.into_iter().map(report).collect()
}

impl TaskHistory<'_> {
    /// The middle of how long the runs that ended well took; none when there is none.
    fn usual(&self) -> Option<Duration> {
        median(self.runs.iter().filter(|run| is_good(run)).filter_map(|run| run.facts().duration()).collect())
    }

    fn table(&self, since: Timestamp) -> Vec<SafeLine> {
        let name = self.task.map_or("all tasks", Task::label);
        // Of different tasks there is no usual duration.
        let usual = self
            .usual()
            .filter(|_| self.task.is_some())
            .map(|usual| format!(", usually {}", show(usual)))
            .unwrap_or_default();
        let runs = match self.runs.len() {
            1 => "1 run".to_owned(),
            count => format!("{count} runs"),
        };
        let longest = self.runs.iter().filter_map(|run| run.facts().duration()).max().unwrap_or_default();
        let row = |run: &RunReport| {
            let facts = run.facts();
            let error = facts.error.map(|error| error_code(error).unwrap_or(error)).unwrap_or_default();
            [
                facts.started_at.map(minute).unwrap_or_default(),
                facts.duration().map(|duration| bar(duration, longest)).unwrap_or_default(),
                facts.duration().map(show).unwrap_or_default(),
                run.word().replace('_', " "),
                facts.rows.map(|rows| format!("{} rows", rows.target.ok)).unwrap_or_default(),
                facts.started_by.unwrap_or_default().to_owned(),
                error.chars().take(60).collect(),
            ]
        };
        let with_name = |run: &RunReport| {
            let [start, rest @ ..] = row(run);
            let [bar, took, word, written, user, error] = rest;
            [start, run.name(), bar, took, word, written, user, error]
        };
        let lines = if self.task.is_some() {
            SafeLine::aligned(&self.runs.iter().map(row).collect::<Vec<_>>())
        } else {
            SafeLine::aligned(&self.runs.iter().map(with_name).collect::<Vec<_>>())
        };
        let title = SafeLine::from(format!("{name}: {runs} since {}{usual}", minute(since)));
        [title].into_iter().chain(lines.into_iter().map(|line| SafeLine::from("  ").then(line))).collect()
    }
}

fn is_good(run: &RunReport) -> bool {
    matches!(run.exit, Exit::Good | Exit::Warning)
}

fn median(mut durations: Vec<Duration>) -> Option<Duration> {
    durations.sort_unstable();
    let middle = durations.len().checked_sub(1)? / 2;
    Some((durations[middle] + durations[durations.len() / 2]) / 2)
}

/// A bar of eighths.
fn bar(duration: Duration, longest: Duration) -> String {
    const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
    let eighths = duration.as_millis() * (BAR as u128 * 8) / longest.as_millis().max(1);
    let eighths = usize::try_from(eighths).unwrap_or(usize::MAX).clamp(1, BAR * 8);
    let mut bar = "█".repeat(eighths / 8);
    if let Some(rest) = (eighths % 8).checked_sub(1) {
        bar.push(EIGHTHS[rest]);
    }
    bar
}

impl Histories {
    fn of_tasks(&self) -> impl Iterator<Item = TaskHistory<'_>> {
        let mut rest = &self.runs[..];
        self.tasks.iter().map(move |(task, count)| {
            let (runs, others) = rest.split_at(*count);
            rest = others;
            TaskHistory { task: task.as_ref(), runs }
        })
    }
}

impl Report for Histories {
    fn lines(&self) -> Vec<SafeLine> {
        let runs = self.runs.iter();
        match self.shape {
            HistoryShape::Handles => {
                runs.filter_map(|run| run.run.as_ref()).map(|run| run.to_string().into()).collect()
            }
            HistoryShape::Tabs => runs.map(tabs).collect(),
            HistoryShape::Table => self.of_tasks().flat_map(|history| history.table(self.since)).collect(),
        }
    }

    fn json(&self) -> Map<String, Value> {
        let history = |history: TaskHistory<'_>| {
            json!({
                "task": history.task.map(Task::label),
                "runs": history.runs.len(),
                "usual_duration_s": history.usual().filter(|_| history.task.is_some()).map(|usual| usual.as_secs()),
            })
        };
        Map::from_iter([
            ("runs".to_owned(), self.runs.iter().map(RunReport::json).collect()),
            ("since".to_owned(), json!(self.since.to_string())),
            ("history".to_owned(), self.of_tasks().map(history).collect()),
        ])
    }

    fn runs(&self) -> &[RunReport] {
        &self.runs
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}

/// Handle, outcome, start, seconds, rows read, written and rejected, user, error code, task.
fn tabs(run: &RunReport) -> SafeLine {
    let facts = run.facts();
    let count = |rows: Option<u64>| rows.map(|rows| rows.to_string()).unwrap_or_default();
    let fields = [
        run.run.as_ref().map(ToString::to_string).unwrap_or_default(),
        run.word().to_owned(),
        facts.started_at.map(|at| at.to_string()).unwrap_or_default(),
        count(facts.duration().map(|duration| duration.as_secs())),
        count(facts.rows.map(|rows| rows.source.ok)),
        count(facts.rows.map(|rows| rows.target.ok)),
        count(facts.rows.map(Rows::rejected)),
        facts.started_by.unwrap_or_default().to_owned(),
        facts.error.and_then(error_code).unwrap_or_default().to_owned(),
        run.name(),
    ];
    SafeLine::fields(fields.each_ref().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_duration_is_the_middle_one() {
        let of = |seconds: &[u64]| median(seconds.iter().map(|seconds| Duration::from_secs(*seconds)).collect());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[7]), Some(Duration::from_secs(7)));
        assert_eq!(of(&[9, 1, 5]), Some(Duration::from_secs(5)));
        assert_eq!(of(&[4, 8, 2, 100]), Some(Duration::from_secs(6)));
    }

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        let bar = |seconds, longest| bar(Duration::from_secs(seconds), Duration::from_secs(longest));
        assert_eq!(bar(10, 10), "█".repeat(20));
        assert_eq!(bar(5, 10), "█".repeat(10));
        assert_eq!(bar(0, 10), "▏");
        assert_eq!(bar(0, 0), "▏");
        assert_eq!(bar(1, 32), "▋");
    }
}
