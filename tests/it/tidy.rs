//! Each file says what it is for, and one file alone names each library that reaches outside the program.

use std::path::Path;

use crate::world::files;

/// The code of a file before its tests, without comments.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let own = text.split("#[cfg(test)]").next().unwrap().to_owned();
    own.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_file_says_what_it_is_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = ["src", "crates/iics-sandbox/src"].into_iter().flat_map(|folder| files(&root.join(folder)));
    for path in sources.filter(|path| path.extension().is_some_and(|end| end == "rs")) {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! ") || text.starts_with("#![doc = include_str!("), "{}", path.display());
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
