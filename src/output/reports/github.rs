//! What a step of GitHub Actions shows: a table in the job's summary, annotations, and outputs for later steps.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::output::console::Console;
use crate::output::line::SafeLine;
use crate::output::reports::source::Source;
use crate::output::runs::RunReport;
use crate::output::runs::wording::rows_text;
use crate::support::duration::show;
use crate::support::env::Env;
use crate::support::exit::Exit;

const SUMMARY: &str = "GITHUB_STEP_SUMMARY";
const OUTPUT: &str = "GITHUB_OUTPUT";

/// The files of the step that the environment names.
pub(crate) fn files(env: &Env) -> Vec<PathBuf> {
    [SUMMARY, OUTPUT].iter().filter_map(|name| env.get(name)).map(PathBuf::from).collect()
}

/// Adds the report to the files of the step, and prints the annotations.
pub(crate) fn write(source: &Source<'_>, console: &Console<'_>, env: &Env) -> std::io::Result<()> {
    for annotation in annotations(source) {
        console.alarm(&annotation);
    }
    for (name, text) in [(SUMMARY, summary(source)), (OUTPUT, outputs(source))] {
        if let Some(file) = env.get(name) {
            append(Path::new(file), &text)?;
        }
    }
    Ok(())
}

/// Other commands of the step write to the same files.
fn append(file: &Path, text: &str) -> std::io::Result<()> {
    std::fs::OpenOptions::new().create(true).append(true).open(file)?.write_all(text.as_bytes())
}

/// The table in Markdown, with the errors below.
pub(crate) fn summary(source: &Source<'_>) -> String {
    let mut text = format!("### runajob {}\n\n", source.command);
    if let Some(failure) = source.failure {
        let why = failure.why().map(|why| format!(": {why}")).unwrap_or_default();
        return text + &format!("❌ {}\n", escaped(&format!("{}{why}", failure.what())));
    }
    text.push_str("| | task | outcome | duration | rows | handle |\n| --- | --- | --- | --- | --- | --- |\n");
    for run in source.runs {
        let facts = run.facts();
        let cells = [
            mark(run.exit).to_owned(),
            escaped(&run.name()),
            run.word().replace('_', " "),
            facts.duration().map(show).unwrap_or_default(),
            facts.rows.map(|rows| rows_text(rows, "")).unwrap_or_default(),
            run.run.as_ref().map(|run| format!("`{run}`")).unwrap_or_default(),
        ];
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    for run in source.runs.iter().filter(|run| is_bad(run)) {
        let details = run.details();
        if !details.is_empty() {
            text.push_str(&format!("\n**{}**\n\n", escaped(&run.name())));
            // Lines that are indented this far are code, in which nothing has a meaning.
            text.extend(details.iter().map(|line| format!("    {line}\n")));
        }
    }
    text.push('\n');
    text
}

fn annotations(source: &Source<'_>) -> Vec<String> {
    let command = |level: &str, title: &str, lines: &[SafeLine]| {
        let text: Vec<String> = lines.iter().map(|line| data(line.as_str())).collect();
        format!("::{level} title={}::{}", property(title), text.join("%0A"))
    };
    let mut lines: Vec<String> =
        source.failure.iter().map(|failure| command("error", "runajob", &[failure.what().into()])).collect();
    for run in source.runs {
        let level = match run.exit {
            Exit::Good => continue,
            Exit::Warning => "warning",
            _ => "error",
        };
        let text: Vec<SafeLine> = [run.sentence()].into_iter().chain(run.details()).collect();
        lines.push(command(level, &run.name(), &text));
    }
    lines
}

fn outputs(source: &Source<'_>) -> String {
    let handles: Vec<String> = source.runs.iter().filter_map(|run| run.run.as_ref()).map(ToString::to_string).collect();
    let outcomes: Vec<&str> = source.runs.iter().map(RunReport::word).collect();
    // No value has a line break, so each is a line.
    format!("exit_code={}\nhandles={}\noutcomes={}\n", source.exit.code(), handles.join(" "), outcomes.join(" "))
}

fn is_bad(run: &RunReport) -> bool {
    run.exit != Exit::Good
}

fn mark(exit: Exit) -> &'static str {
    match exit {
        Exit::Good => "✅",
        Exit::Warning => "⚠️",
        _ => "❌",
    }
}

/// A text of which Markdown and HTML make nothing but itself, in a cell of a table.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in SafeLine::of(text).as_str().chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '#' | '~' | '!' | '@' | '$' | ':' | '(' | ')' => {
                escaped.push_str(&format!("&#{};", u32::from(letter)));
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// A line in the message of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
}

/// A property of a workflow command.
fn property(text: &str) -> String {
    data(SafeLine::of(text).as_str()).replace(':', "%3A").replace(',', "%2C")
}
