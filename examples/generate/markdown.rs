//! A page of `docs/` as blocks of plain text, and these as lines for a terminal.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// The width of the lines, which fits every terminal that is not narrow on purpose.
const WIDTH: usize = 78;

/// The least width of a column that is wrapped; with less, each row becomes a paragraph.
const NARROWEST: usize = 24;

/// A part of a page, its text without marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    Heading(String),
    Paragraph(String),
    Item(String),
    Code(String),
    /// The rows, that of the headings first.
    Table(Vec<Vec<String>>),
}

/// Reads a page from the heading of this level and text on, up to the next one of the level. A link keeps its words, and
/// `see` may add where they lead to.
pub(crate) fn section(
    page: &str,
    level: HeadingLevel,
    title: &str,
    see: &dyn Fn(&str) -> Option<String>,
) -> Vec<Block> {
    let blocks = blocks(page, see);
    let begin = blocks.iter().position(|(of, block)| (*of, block) == (Some(level), &Block::Heading(title.to_owned())));
    let rest = blocks.into_iter().skip(begin.expect("the page has this heading") + 1);
    rest.take_while(|(of, _)| of.is_none_or(|of| of > level)).map(|(_, block)| block).collect()
}

fn blocks(page: &str, see: &dyn Fn(&str) -> Option<String>) -> Vec<(Option<HeadingLevel>, Block)> {
    let (mut blocks, mut text, mut rows, mut target) = (Vec::new(), String::new(), Vec::new(), None);
    let mut items = 0_usize;
    for event in Parser::new_ext(page, Options::ENABLE_TABLES) {
        match event {
            Event::Text(words) | Event::Code(words) => text.push_str(&words),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::Start(Tag::Link { dest_url, .. }) => target = see(&dest_url),
            Event::End(TagEnd::Link) => text.extend(target.take().map(|target| format!(" ({target})"))),
            Event::Start(Tag::Item) => items += 1,
            Event::End(TagEnd::Item) => {
                items -= 1;
                if !text.is_empty() {
                    blocks.push((None, Block::Item(std::mem::take(&mut text))));
                }
            }
            Event::Start(Tag::Paragraph | Tag::Heading { .. }) => text.clear(),
            Event::End(TagEnd::Heading(level)) => {
                blocks.push((Some(level), Block::Heading(std::mem::take(&mut text))));
            }
            Event::End(TagEnd::Paragraph) if items > 0 => {
                blocks.push((None, Block::Item(std::mem::take(&mut text))));
            }
            Event::End(TagEnd::Paragraph) => blocks.push((None, Block::Paragraph(std::mem::take(&mut text)))),
            Event::End(TagEnd::CodeBlock) => blocks.push((None, Block::Code(std::mem::take(&mut text)))),
            Event::Start(Tag::TableHead | Tag::TableRow) => rows.push(Vec::new()),
            Event::End(TagEnd::TableCell) => {
                let row: &mut Vec<String> = rows.last_mut().expect("a cell stands in a row");
                row.push(std::mem::take(&mut text));
            }
            Event::End(TagEnd::Table) => blocks.push((None, Block::Table(std::mem::take(&mut rows)))),
            _ => {}
        }
    }
    blocks
}

/// The blocks as text for a terminal.
pub(crate) fn text(blocks: &[Block]) -> String {
    let mut text = String::new();
    let mut last_was_item = false;
    for block in blocks {
        let is_item = matches!(block, Block::Item(_));
        let follows_item = is_item && last_was_item;
        if !text.is_empty() && !follows_item {
            text.push('\n');
        }
        last_was_item = is_item;
        for line in lines(block) {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

/// The lines of one block.
pub(crate) fn lines(block: &Block) -> Vec<String> {
    match block {
        Block::Heading(words) => vec![words.to_uppercase()],
        Block::Paragraph(words) => wrap(words, WIDTH, 0),
        Block::Item(words) => {
            let lines = wrap(words, WIDTH - 2, 0);
            lines.iter().enumerate().map(|(at, line)| format!("{} {line}", if at == 0 { "-" } else { " " })).collect()
        }
        Block::Code(code) => code.lines().map(|line| format!("  {line}")).collect(),
        Block::Table(rows) => table(rows),
    }
}

/// A table whose widest columns are wrapped where the table is too wide, or a paragraph for each row where that is not enough.
fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows[0].len();
    let mut widths: Vec<usize> = (0..columns).map(|column| natural(rows, column)).collect();
    let is_too_wide = |widths: &[usize]| widths.iter().sum::<usize>() + 2 * (columns - 1) > WIDTH;
    while is_too_wide(&widths)
        && let Some(widest) = widths.iter_mut().max().filter(|widest| **widest > NARROWEST)
    {
        *widest -= 1;
    }
    let fits = !is_too_wide(&widths);
    rows.iter().flat_map(|row| if fits { aligned(row, &widths) } else { paragraph(row) }).collect()
}

fn aligned(row: &[String], widths: &[usize]) -> Vec<String> {
    let cells: Vec<Vec<String>> = row.iter().zip(widths).map(|(cell, width)| wrap(cell, *width, 0)).collect();
    let line = |at: usize| {
        let part = |(cell, width): (&Vec<String>, &usize)| format!("{:width$}", cell.get(at).map_or("", |line| line));
        cells.iter().zip(widths).map(part).collect::<Vec<_>>().join("  ")
    };
    (0..cells.iter().map(Vec::len).max().unwrap_or_default()).map(line).collect()
}

fn paragraph(row: &[String]) -> Vec<String> {
    let (last, front) = row.split_last().expect("a row has cells");
    let front: Vec<&str> = front.iter().map(String::as_str).filter(|cell| !cell.is_empty()).collect();
    let rest = wrap(last, WIDTH - 4, 0).into_iter().map(|line| format!("    {line}"));
    wrap(&front.join(", "), WIDTH, 4).into_iter().chain(rest).collect()
}

fn natural(rows: &[Vec<String>], column: usize) -> usize {
    rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
}

/// Breaks a text between words. The lines after the first are indented.
fn wrap(text: &str, width: usize, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let used = line.chars().count();
        if used > indent && used + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
        } else if !line.trim().is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}
