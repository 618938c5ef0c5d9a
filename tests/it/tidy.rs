//! The boundaries between the modules, as a table of permitted imports.

use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The code of a file before its tests, without comments.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let own = text.split("#[cfg(test)]").next().unwrap().to_owned();
    own.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_file_says_what_it_is_for() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in files(&source).iter().filter(|path| path.extension().is_some_and(|end| end == "rs")) {
        assert!(std::fs::read_to_string(path).unwrap().starts_with("//! "), "{}", path.display());
    }
}

#[test]
fn only_one_file_names_each_outside_world() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (library, home) in
        [("reqwest::", "api/http.rs"), ("indicatif::", "output/console.rs"), ("iics_sandbox::", "commands/sandbox.rs")]
    {
        for path in files(&source).iter().filter(|path| path.extension().is_some_and(|end| end == "rs")) {
            assert!(path.ends_with(home) || !code(path).contains(library), "{} names {library}", path.display());
        }
    }
}
