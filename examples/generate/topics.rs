//! The topics of `runajob help`: parts of the documents, as texts for the terminal and as manual pages.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap_mangen::roff::{Roff, roman};
use pulldown_cmark::HeadingLevel;

use super::markdown::{Block, lines, section, text};
use super::{date, fold};

/// A topic with its one-line description, and the part of a document that it shows.
struct Topic {
    name: &'static str,
    about: &'static str,
    document: &'static str,
    level: HeadingLevel,
    title: &'static str,
}

const TOPICS: [Topic; 6] = [
    Topic {
        name: "exit-codes",
        about: "what each exit code means, and whether a rerun is safe",
        document: "README.md",
        level: HeadingLevel::H2,
        title: "Exit codes",
    },
    page("handles", "how tasks, lists of tasks and runs are named", "docs/naming.md", "Tasks and runs"),
    page("never-twice", "what keeps a task from being started twice", "docs/never-twice.md", "Never twice"),
    page("output", "what is on stdout and stderr, and the JSON document", "docs/output.md", "Output"),
    page(
        "settings",
        "all settings and credentials, and where they come from",
        "docs/settings.md",
        "Settings and credentials",
    ),
    page("waiting", "how often it polls, and what a time-out or a signal does", "docs/waiting.md", "Waiting"),
];

const fn page(name: &'static str, about: &'static str, document: &'static str, title: &'static str) -> Topic {
    Topic { name, about, document, level: HeadingLevel::H1, title }
}

/// Adds the texts and the manual pages of all topics.
pub(crate) fn add(files: &mut BTreeMap<PathBuf, Vec<u8>>) -> std::io::Result<()> {
    for topic in TOPICS {
        let document = std::fs::read_to_string(super::root().join(topic.document))?;
        let blocks = section(&document, topic.level, topic.title, &|target| see(topic.name, target));
        files.insert(format!("src/commands/help/{}.txt", topic.name).into(), text(&blocks).into_bytes());
        files.insert(format!("man/runajob-{}.7", topic.name).into(), manual(&topic, &blocks).into_bytes());
    }
    Ok(())
}

/// What a link of one topic to another says behind its words.
fn see(from: &str, target: &str) -> Option<String> {
    let page = target.split('#').next()?;
    let topic = TOPICS.iter().find(|topic| !page.is_empty() && topic.document.ends_with(page))?;
    (topic.name != from).then(|| format!("runajob help {}", topic.name))
}

fn manual(topic: &Topic, blocks: &[Block]) -> String {
    let mut page = Roff::new();
    let source = format!("runajob {}", env!("CARGO_PKG_VERSION"));
    let name = format!("runajob-{}", topic.name);
    page.control("TH", [name.to_uppercase().as_str(), "7", date(), &source, "runajob"]);
    page.control("SH", ["NAME"]);
    page.text([roman(format!("{name} - {}", topic.about))]);
    page.control("SH", ["DESCRIPTION"]);
    let mut is_first = true;
    for block in blocks {
        if !is_first && matches!(block, Block::Paragraph(_) | Block::Code(_) | Block::Table(_)) {
            page.control("PP", []);
        }
        match block {
            Block::Heading(words) => page.control("SH", [words.to_uppercase().as_str()]),
            Block::Paragraph(words) => page.text([roman(words)]),
            Block::Item(words) => page.control("IP", ["\\(bu", "2"]).text([roman(words)]),
            Block::Code(_) | Block::Table(_) => {
                page.control("nf", []);
                for line in lines(block) {
                    page.text([roman(line)]);
                }
                page.control("fi", [])
            }
        };
        is_first = matches!(block, Block::Heading(_));
    }
    page.control("SH", ["SEE ALSO"]);
    page.text([roman("runajob(1)")]);
    fold(&page.to_roff())
}
