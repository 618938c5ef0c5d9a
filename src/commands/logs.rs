//! `logs`: prints the session logs of a run and of its parts, or writes them with the rejected rows into a folder.

use std::collections::HashSet;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::api::log_files::LogFile;
use crate::cli::{Logs, Output};
use crate::job::{Run, RunResult, Task};
use crate::ops::busy::with_busy_line;
use crate::ops::ctx::Ctx;
use crate::ops::logs::lines::{lines, shown};
use crate::ops::logs::{LogOf, fetched, logs_of};
use crate::ops::resolve;
use crate::ops::resolve::selectors::{Selection, named, usage};
use crate::ops::runs as kinds;
use crate::output::{Report, SafeLine};
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::Hint;
use crate::support::state;

/// The logs that were written into the folder.
pub struct WrittenLogs(Vec<WrittenLog>);

struct WrittenLog {
    log: LogOf,
    path: PathBuf,
    bytes: u64,
}

/// Refuses a command line that makes no sense, even if no account is set up.
pub fn validate(logs: &Logs) -> Result<(), Failure> {
    match named(&logs.what, &logs.tasks)?.len() {
        0 => Err(usage("no run is named").hint(Hint::from("to see past runs: ").then(Hint::command("history --all")))),
        1 => Ok(()),
        _ => Err(usage("the logs of one run are shown at a time")),
    }
}

pub async fn run(ctx: &Ctx<'_>, logs: &Logs) -> Result<WrittenLogs, Failure> {
    if logs.dir.is_none() && ctx.console.style().output != Output::Text {
        let failure = usage("a document has no room for logs");
        return Err(failure.hint("add --dir FOLDER: the logs are written there, and the document has their paths"));
    }
    if let Some(dir) = &logs.dir {
        state::private_folder(dir).and_then(|()| tempfile::tempfile_in(dir).map(drop)).map_err(|error| {
            Failure::of(Exit::Config, error)
                .context(format!("cannot write into {}", dir.display()))
                .hint("name a folder that can be written")
        })?;
    }
    let work = async {
        let (run, result) = ended_run(ctx, logs).await?;
        let wanted = wanted(ctx, logs, &run, &result).await?;
        print(ctx, logs, wanted).await
    };
    with_busy_line(ctx, "fetching the logs, which takes the service some seconds", Box::pin(ctx.before_start(work)))
        .await
}

/// The run that is named, or the last one of the task that is named, with its result.
async fn ended_run(ctx: &Ctx<'_>, logs: &Logs) -> Result<(Run, RunResult), Failure> {
    let selection = named(&logs.what, &logs.tasks)?.into_iter().next();
    match selection.ok_or_else(|| usage("no run is named"))? {
        Selection::Run(run) => {
            let result = kinds::ended_soon(ctx, &run).await?;
            result.map(|result| (run.clone(), result)).ok_or_else(|| {
                Failure::of(Exit::Running, format!("{run} is still active, and has its logs when it has ended"))
                    .hint(format!("to wait for it: {}", ctx.settings.command(&format!("wait {run}"))))
            })
        }
        Selection::Task(query) => {
            let target = kinds::with_id(ctx, resolve::target(ctx, &query, false).await?).await?;
            let last = kinds::TaskRuns::of(ctx, &target).await?.last_result(ctx).await?;
            let (run, result) = last.ok_or_else(|| {
                let label = target.task.label();
                Failure::of(Exit::NotFound, format!("no run of {label} has ended, as far as the service shows"))
            })?;
            ctx.console.note(&format!("the last run is {run}"));
            Ok((run, result))
        }
    }
}

async fn wanted(ctx: &Ctx<'_>, logs: &Logs, run: &Run, result: &RunResult) -> Result<Vec<LogOf>, Failure> {
    if let Run::Ingestion { .. } = run {
        ctx.console.note("the service has no session logs of file ingestion; these are its files:");
        let file = |part: &crate::job::Subtask| {
            let outcome = part.outcome.map_or("is unfinished", crate::output::ended);
            let error = part.error.as_deref().map(|error| format!(": {error}")).unwrap_or_default();
            format!("{} {outcome}{error}", part.name)
        };
        ctx.console.lines(&result.subtasks.iter().map(file).map(SafeLine::from).collect::<Vec<_>>());
        return Ok(Vec::new());
    }
    let all = logs_of(ctx, run, result).await?;
    let names: HashSet<&str> = all.iter().map(|log| log.name.as_str()).collect();
    if let Some(part) = &logs.part
        && !names.contains(part.as_str())
    {
        let mut names: Vec<&str> = names.into_iter().collect();
        names.sort_unstable();
        let failure = Failure::of(Exit::NotFound, format!("{run} has no part '{part}' with a log"));
        return Err(failure.hint(format!("its parts with logs: {}", names.join(", "))));
    }
    let is_wanted = |log: &LogOf| match log.file {
        LogFile::Session { .. } => !logs.rejected,
        // They are personal data, so they are printed only when they are asked for.
        LogFile::Rejected { .. } => logs.rejected || logs.dir.is_some(),
    };
    let wanted: Vec<LogOf> = all
        .into_iter()
        .filter(|log| is_wanted(log) && logs.part.as_ref().is_none_or(|part| log.name == *part))
        .collect();
    if wanted.is_empty() {
        let what = if logs.rejected { "no rows were rejected" } else { "the service has no log" };
        let task = Task { name: result.task_name.clone(), ..Task::default() };
        ctx.console.note(&format!("{what} of {run} ({})", task.label()));
    }
    Ok(wanted)
}

async fn print(ctx: &Ctx<'_>, logs: &Logs, wanted: Vec<LogOf>) -> Result<WrittenLogs, Failure> {
    let mut written = Vec::new();
    let mut used = HashSet::new();
    let several = wanted.len() > 1;
    for log in wanted {
        let Some(file) = fetched(ctx, &log).await? else { continue };
        if let Some(dir) = &logs.dir {
            written.push(write(dir, log, file, logs.tail, &mut used)?);
            continue;
        }
        if several {
            ctx.console.lines(&[format!("==> {} <==", log.name).into()]);
        }
        for line in lines(file, logs.tail) {
            ctx.console.lines(&[shown(&line)]);
        }
    }
    Ok(WrittenLogs(written))
}

fn write(
    dir: &Path,
    log: LogOf,
    mut file: File,
    tail: Option<usize>,
    used: &mut HashSet<String>,
) -> Result<WrittenLog, Failure> {
    let path = dir.join(name(&log, used));
    let failed =
        |error: std::io::Error| Failure::of(Exit::Config, error).context(format!("cannot write {}", path.display()));
    // Temporary files are readable by their owner only, which is right for a log with personal data.
    let mut draft = tempfile::NamedTempFile::new_in(dir).map_err(failed)?;
    let bytes = if tail.is_none() {
        std::io::copy(&mut file, &mut draft).map_err(failed)?
    } else {
        let text: String = lines(file, tail).map(|line| line + "\n").collect();
        draft.write_all(text.as_bytes()).map_err(failed)?;
        text.len() as u64
    };
    draft.persist(&path).map_err(|error| failed(error.error))?;
    Ok(WrittenLog { log, path, bytes })
}

/// A file name that cannot leave the folder, and that no other log of the run has.
fn name(log: &LogOf, used: &mut HashSet<String>) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || "-_".contains(letter) { letter } else { '_' };
    let name: String = log.name.chars().take(100).map(plain).collect();
    let number: String = log.run.rsplit('/').next().unwrap_or_default().chars().map(plain).collect();
    let end = match log.file {
        LogFile::Session { .. } => ".log",
        LogFile::Rejected { .. } => "_rejected.csv",
    };
    let tries = std::iter::once(String::new()).chain((2..).map(|number| format!("_{number}")));
    tries.map(|more| format!("{name}_{number}{more}{end}")).find(|name| used.insert(name.clone())).unwrap_or_default()
}

impl Report for WrittenLogs {
    fn lines(&self) -> Vec<SafeLine> {
        self.0.iter().map(|written| written.path.display().to_string().into()).collect()
    }

    fn json(&self) -> Map<String, Value> {
        let log = |written: &WrittenLog| {
            json!({
                "name": written.log.name,
                "handle": written.log.run,
                "kind": match written.log.file {
                    LogFile::Session { .. } => "session",
                    LogFile::Rejected { .. } => "rejected",
                },
                "path": written.path,
                "bytes": written.bytes,
            })
        };
        Map::from_iter([("logs".to_owned(), self.0.iter().map(log).collect())])
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_stay_in_the_folder_and_apart() {
        let mut used = HashSet::new();
        let mut name = |task: &str| {
            let file = LogFile::Session { log_id: String::new(), item: None };
            let log = LogOf { name: task.to_owned(), run: "MTT/01/18".to_owned(), file, failed: false };
            super::name(&log, &mut used)
        };
        for (task, file) in [
            ("m_load", "m_load_18.log"),
            ("m_load", "m_load_18_2.log"),
            ("../../etc/passwd", "______etc_passwd_18.log"),
            ("a b\u{202e}c\0", "a_b_c__18.log"),
        ] {
            assert_eq!(name(task), file);
        }
        assert_eq!(name(&"x".repeat(500)).len(), 107);
    }
}
