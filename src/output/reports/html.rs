//! One page for people: the runs with their parts on a line of time, their rows and their errors. It needs no script and no
//! other file.

use std::fmt::Write;

use jiff::Timestamp;

use crate::job::{Run, Subtask};
use crate::output::line::SafeLine;
use crate::output::reports::source::Source;
use crate::output::runs::wording::{outcome_word, rows_text};
use crate::output::runs::{Facts, RunReport};
use crate::output::text::{counted, tally};
use crate::support::duration::show;
use crate::support::exit::Exit;

const STYLE: &str = include_str!("page.css");

/// With more runs than this the page has no bars for their parts, so that it opens at once.
const PARTS: usize = 500;

/// The time that the page shows, from its left end to its right end.
struct Span {
    from: Timestamp,
    seconds: f64,
}

impl Span {
    fn of(source: &Source<'_>) -> Self {
        let facts: Vec<Facts<'_>> = source.runs.iter().map(RunReport::facts).collect();
        let from = facts.iter().filter_map(|facts| facts.started_at).min().unwrap_or(source.began);
        let last = facts.iter().filter_map(|facts| facts.ended_at).max().unwrap_or(source.ended);
        // A run that goes on reaches to the end of the command.
        let to = if facts.iter().any(|facts| facts.ended_at.is_none()) { last.max(source.ended) } else { last };
        Self { from, seconds: to.duration_since(from).as_secs_f64().max(1.0) }
    }

    /// Where a bar begins and how wide it is, in percent.
    fn place(&self, from: Timestamp, to: Timestamp) -> (f64, f64) {
        let at = |moment: Timestamp| {
            (moment.duration_since(self.from).as_secs_f64() / self.seconds * 100.0).clamp(0.0, 100.0)
        };
        (at(from), (at(to) - at(from)).max(0.3))
    }
}

pub(crate) fn report(source: &Source<'_>) -> String {
    let mut page = String::new();
    // Writing into a string cannot fail.
    let _ = write_page(&mut page, source);
    page
}

fn write_page(page: &mut String, source: &Source<'_>) -> std::fmt::Result {
    let title = format!("runajob {}: {}", source.command, headline(source));
    write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n",
        title = escaped(&title),
    )?;
    let took = source.ended.duration_since(source.began).as_secs().max(0);
    writeln!(
        page,
        "<p class=\"about\">From {} to {}, {}. Exit code {}: {}.</p>",
        utc(source.began),
        utc(source.ended),
        show(std::time::Duration::from_secs(took.unsigned_abs())),
        source.exit.code(),
        escaped(source.exit.meaning()),
    )?;
    if let Some(failure) = source.failure {
        let why = failure.why().map(|why| format!("\n{}", escaped(why))).unwrap_or_default();
        writeln!(page, "<pre class=\"error\">{}{why}</pre>", escaped(failure.what()))?;
    }
    let bad: Vec<&RunReport> = source.runs.iter().filter(|run| !matches!(run.exit, Exit::Good)).collect();
    if !bad.is_empty() {
        writeln!(page, "<h2>What to look at</h2>")?;
        for run in &bad {
            write_story(page, run)?;
        }
    }
    if !source.runs.is_empty() {
        write_table(page, source)?;
    }
    write!(page, "</main>\n</body>\n</html>\n")
}

/// How many runs ended how.
fn headline(source: &Source<'_>) -> String {
    match &tally(source.runs.iter().map(|run| (false, run.word())))[..] {
        [] if source.failure.is_some() => "it could not go on".to_owned(),
        [] => "no runs".to_owned(),
        [(_, word, 1)] => word.replace('_', " "),
        counts => counted(counts).replace('_', " "),
    }
}

/// A run with its error and its parts.
fn write_story(page: &mut String, run: &RunReport) -> std::fmt::Result {
    writeln!(
        page,
        "<section class=\"{}\">\n<h3><span class=\"mark\">{}</span> {}</h3>\n<p>{}</p>",
        class(run.exit),
        mark(run.exit),
        escaped(run.name()),
        escaped(run.sentence()),
    )?;
    let details = run.details();
    if !details.is_empty() {
        writeln!(page, "<pre>{}</pre>", unindented(details))?;
    }
    if let Some(caution) = run.caution() {
        writeln!(page, "<p>{}</p>", escaped(&caution))?;
    }
    writeln!(page, "</section>")
}

/// The details without the two spaces that they have below a sentence.
fn unindented(details: Vec<SafeLine>) -> String {
    let lines = details.into_iter().map(escaped);
    lines.map(|line| line.strip_prefix("  ").map(str::to_owned).unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

fn write_table(page: &mut String, source: &Source<'_>) -> std::fmt::Result {
    let span = Span::of(source);
    let has_parts = source.runs.len() <= PARTS;
    write!(
        page,
        "<h2>Runs</h2>\n<table>\n<thead><tr><th>task</th><th>outcome</th><th class=\"number\">duration</th>\
         <th>rows</th><th class=\"time\">{} <span>{}</span></th></tr></thead>\n<tbody>\n",
        utc(span.from),
        show(std::time::Duration::from_secs_f64(span.seconds.round())),
    )?;
    for run in source.runs {
        let facts = run.facts();
        write!(
            page,
            "<tr class=\"{}\"><td><b>{}</b><br/><small>{}</small></td><td class=\"outcome\"><span class=\"mark\">{}</span> {}</td>\
             <td class=\"number\">{}</td><td>{}</td><td class=\"time\">",
            class(run.exit),
            escaped(run.name()),
            run.run.as_ref().map(Run::to_string).unwrap_or_default(),
            mark(run.exit),
            escaped(run.word().replace('_', " ")),
            facts.duration().map(show).unwrap_or_default(),
            facts.rows.map(|rows| rows_text(rows, "")).unwrap_or_default(),
        )?;
        if let Some(from) = facts.started_at {
            write_bar(page, &span, "", from, facts.ended_at.unwrap_or(source.ended), &run.name())?;
        }
        if has_parts {
            write_parts(page, &span, facts.subtasks)?;
        }
        page.push_str("</td></tr>\n");
    }
    writeln!(page, "</tbody>\n</table>")
}

fn write_parts(page: &mut String, span: &Span, parts: &[Subtask]) -> std::fmt::Result {
    for part in parts {
        if let (Some(from), Some(to)) = (part.started_at, part.ended_at) {
            let class = part.outcome.map_or("", |outcome| class(Exit::from(outcome)));
            let state = part.outcome.map(outcome_word).unwrap_or_default();
            write_bar(page, span, class, from, to, &format!("{} {state}", part.name))?;
        }
        write_parts(page, span, &part.parts)?;
    }
    Ok(())
}

fn write_bar(
    page: &mut String,
    span: &Span,
    class: &str,
    from: Timestamp,
    to: Timestamp,
    title: &str,
) -> std::fmt::Result {
    let (left, width) = span.place(from, to);
    write!(
        page,
        "<span class=\"bar {class}\" style=\"margin-left:{left:.2}%;width:{width:.2}%\" title=\"{}\"></span>",
        escaped(title),
    )
}

fn class(exit: Exit) -> &'static str {
    match exit {
        Exit::Good => "good",
        Exit::Warning => "warning",
        Exit::TimedOut | Exit::Running | Exit::Unknown | Exit::Suspended | Exit::Interrupted | Exit::Terminated => {
            "open"
        }
        _ => "bad",
    }
}

/// So that the outcomes differ without colours too.
fn mark(exit: Exit) -> &'static str {
    match class(exit) {
        "good" => "✓",
        "warning" => "!",
        "open" => "…",
        _ => "✗",
    }
}

fn utc(at: Timestamp) -> String {
    at.strftime("%F %T UTC").to_string()
}

/// A text of which HTML makes nothing but itself, in an attribute too.
fn escaped(text: impl Into<SafeLine>) -> String {
    let line: SafeLine = text.into();
    let mut escaped = String::new();
    for letter in line.as_str().chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}
