//! The manual pages and the completion scripts are those of this command line.

#[expect(dead_code, reason = "its `main` writes the files")]
#[path = "../../examples/generate.rs"]
mod generate;

use generate::{files, on_disk, root};

#[test]
fn the_generated_files_are_those_of_this_command_line() {
    let files = files();
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
    let files = files();
    for verb in runajob::cli::command().get_subcommands() {
        let page = format!("man/runajob-{}.1", verb.get_name());
        assert_eq!(files.contains_key(std::path::Path::new(&page)), !verb.is_hide_set(), "{page}");
    }
}
