//! The manual pages and the completion scripts are those of this command line.

#[expect(dead_code, reason = "its `main` writes the files")]
#[path = "../../examples/generate/main.rs"]
mod generate;

use generate::{files, on_disk, root};

#[test]
fn the_generated_files_are_those_of_this_command_line() {
    let files = files().unwrap();
    for (path, content) in &files {
        let kept = std::fs::read(root().join(path)).unwrap_or_default();
        assert!(kept == *content, "{} is not current: cargo regenerate", path.display());
    }
    let mut kept = on_disk().unwrap();
    kept.sort();
    assert_eq!(kept, files.into_keys().collect::<Vec<_>>(), "a file that nothing generates: cargo regenerate");
}

#[test]
fn each_visible_verb_has_its_page() {
    let files = files().unwrap();
    for verb in runajob::cli::command().get_subcommands() {
        let page = format!("man/runajob-{}.1", verb.get_name());
        assert_eq!(files.contains_key(std::path::Path::new(&page)), !verb.is_hide_set(), "{page}");
    }
}

#[test]
fn each_topic_has_its_page_and_its_text_fits_a_terminal() {
    let files = files().unwrap();
    for (topic, text) in runajob::commands::help::TOPICS {
        assert!(files.contains_key(std::path::Path::new(&format!("man/runajob-{topic}.7"))), "{topic}");
        let prose = text.lines().filter(|line| !line.starts_with("  "));
        let longest = prose.map(|line| line.chars().count()).max().unwrap_or_default();
        assert!((40..=78).contains(&longest), "{topic}: {longest}");
    }
    let texts = files.keys().filter(|path| path.starts_with("src/commands/help")).count();
    assert_eq!(texts, runajob::commands::help::TOPICS.len());
    let help = runajob::cli::command().find_subcommand("help").unwrap().clone().render_long_help().to_string();
    let named = runajob::commands::help::TOPICS.iter().all(|(topic, _)| help.replace('\n', " ").contains(topic));
    assert!(named, "{help}");
}
