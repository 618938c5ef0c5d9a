//! Writes the files that are made from the command line and from the documents: the manual pages in `man/`, the scripts in
//! `completions/` and the topics of `runajob help`.
//!
//! ```sh
//! cargo run --example generate
//! ```
//!
//! A test (`tests/it/generated.rs`) compares them with the program.

mod markdown;
mod topics;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

/// The folders in which nothing else is kept.
const FOLDERS: [&str; 3] = ["man", "completions", "src/commands/help"];

fn main() -> std::io::Result<()> {
    let files = files()?;
    for path in on_disk()?.into_iter().filter(|path| !files.contains_key(path)) {
        std::fs::remove_file(root().join(path))?;
    }
    for (path, content) in files {
        let path = root().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(root()))?;
        std::fs::write(path, content)?;
    }
    Ok(())
}

/// Every generated file, by its path in the repository.
pub(crate) fn files() -> std::io::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut program = runajob::cli::command();
    let mut visible = runajob::cli::visible();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Elvish] {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut visible, "runajob", &mut script);
        let name = clap_complete::Generator::file_name(&shell, "runajob");
        files.insert(Path::new("completions").join(name), script);
    }
    program.build();
    add_pages(&program, &mut files);
    topics::add(&mut files)?;
    Ok(files)
}

/// The files that stand in the folders now, by their paths in the repository.
pub(crate) fn on_disk() -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for folder in FOLDERS.iter().filter(|folder| root().join(folder).is_dir()) {
        for entry in std::fs::read_dir(root().join(folder))? {
            paths.push(Path::new(folder).join(entry?.file_name()));
        }
    }
    Ok(paths)
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn add_pages(command: &Command, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    files.insert(format!("man/{}.1", page_name(command)).into(), page(command));
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        add_pages(verb, files);
    }
}

fn page_name(command: &Command) -> &str {
    command.get_display_name().unwrap_or(command.get_name())
}

fn page(command: &Command) -> Vec<u8> {
    // clap_mangen would list every option in the synopsis, and fill the lines of a table.
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").to_owned();
    let shown = command.clone().override_usage(usage).after_help(None).after_long_help(None).version(None);
    let mut page = Vec::new();
    Man::new(shown)
        .title(page_name(command).to_uppercase())
        .date(date())
        .source(format!("runajob {}", env!("CARGO_PKG_VERSION")))
        .manual("runajob")
        .render(&mut page)
        .expect("a vector takes everything");
    let page = String::from_utf8(page).expect("the help is UTF-8");
    let mut rest = Roff::new();
    let before = command.get_before_long_help().or(command.get_before_help());
    let after = command.get_after_long_help().or(command.get_after_help());
    for text in [before, after].into_iter().flatten() {
        add_sections(&text.to_string(), &mut rest);
    }
    add_see_also(command, &mut rest);
    // Two breaks around an empty line, and an indent that is deeper than that of the text above it.
    let page = page.replace(".br\n\n.br\n", ".sp\n").replace("\n\n.br\n", "\n").replace(".RS 14\n", ".RS 7\n");
    fold(&(page + &rest.to_roff())).into_bytes()
}

/// The date of the newest release; before the first one, that of these pages.
fn date() -> &'static str {
    let headings = include_str!("../../CHANGELOG.md").lines().filter_map(|line| line.strip_prefix("## ["));
    headings
        .filter_map(|rest| rest.split_once("] - "))
        .map(|(_, date)| date)
        .find(|date| *date != "unreleased")
        .unwrap_or("2026-11-24")
}

/// Breaks long lines, which mandoc asks for, outside tables.
fn fold(page: &str) -> String {
    let mut folded = String::new();
    let mut in_table = false;
    for line in page.lines() {
        in_table = line == ".nf" || (in_table && line != ".fi");
        let mut width = 0;
        for (number, word) in line.split(' ').enumerate() {
            let breaks = number > 0 && width + word.len() >= 80 && !in_table && !line.starts_with('.');
            if number > 0 {
                folded.push(if breaks { '\n' } else { ' ' });
            }
            // At the beginning of a line these two would begin a request.
            if breaks && word.starts_with(['.', '\'']) {
                folded.push_str("\\&");
            }
            folded.push_str(word);
            width = word.len() + if breaks { 0 } else { width + 1 };
        }
        folded.push('\n');
    }
    folded
}

/// Adds the paragraphs around the options. One that begins with a line such as "Exit codes:" is a section of its own, and
/// the lines of a table stay lines.
fn add_sections(text: &str, page: &mut Roff) {
    let mut heading = "";
    for paragraph in text.split("\n\n") {
        let (first, lines) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
        let body = match first.strip_suffix(':').filter(|_| !lines.is_empty()) {
            Some(title) => {
                heading = title;
                page.control("SH", [title.to_uppercase().as_str()]);
                lines
            }
            None if heading.is_empty() => {
                heading = "NOTES";
                page.control("SH", [heading]);
                paragraph
            }
            None => {
                page.control("PP", []);
                paragraph
            }
        };
        let table = body.lines().any(|line| line.starts_with(' '));
        if table {
            page.control("nf", []);
        }
        for line in body.lines() {
            page.text([roman(line)]);
        }
        if table {
            page.control("fi", []);
        }
    }
}

fn add_see_also(command: &Command, page: &mut Roff) {
    page.control("SH", ["SEE ALSO"]);
    let mut parents = page_name(command);
    if parents == "runajob" {
        page.text([roman("Each command has a page of its own, such as "), bold("runajob-start"), roman("(1).")]);
    }
    while let Some((parent, _)) = parents.rsplit_once('-') {
        let rest = if parent == "runajob" { "(1), which lists the exit codes" } else { "(1)," };
        page.text([bold(parent), roman(rest)]);
        parents = parent;
    }
}
