//! The boundaries between the modules, as a table of permitted imports.

use std::path::{Path, PathBuf};

/// What each module may import of ours. The library's root may import everything.
const MAY_IMPORT: [(&str, &[&str]); 22] = [
    ("api", &["clock", "duration", "failure", "job", "secret", "site", "state"]),
    ("cli", &["duration", "exit", "job"]),
    ("clock", &[]),
    (
        "commands",
        &[
            "api", "cli", "clock", "duration", "env", "exit", "failure", "job", "latest", "once", "output", "reading",
            "settings", "signals", "state", "wait",
        ],
    ),
    ("compat", &["cli", "duration", "env", "exit", "failure", "job", "output", "secret", "settings"]),
    ("duration", &[]),
    ("early", &["cli", "compat", "env", "exit", "failure", "output"]),
    ("env", &[]),
    ("exit", &[]),
    ("failure", &["exit"]),
    ("job", &[]),
    ("latest", &["clock", "job", "state"]),
    ("once", &["clock", "job", "state"]),
    ("output", &["cli", "duration", "env", "exit", "failure", "job"]),
    ("reading", &[]),
    ("secret", &[]),
    ("settings", &["cli", "clock", "duration", "env", "exit", "failure", "reading", "secret", "site"]),
    ("signals", &["exit"]),
    ("site", &[]),
    ("state", &["clock"]),
    ("wait", &["api", "clock", "duration", "job", "signals"]),
    ("main", &[]),
];

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
fn imports_point_one_way() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in files(&source).iter().filter(|path| path.extension().is_some_and(|end| end == "rs")) {
        let place = path.strip_prefix(&source).unwrap();
        let module = place.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if module == "lib" || path.ends_with("tests.rs") {
            continue;
        }
        let (_, permitted) =
            MAY_IMPORT.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("{module} is new"));
        for used in code(path).split("crate::").skip(1) {
            let names: Vec<String> = match used.strip_prefix('{') {
                Some(list) => list
                    .split('}')
                    .next()
                    .unwrap()
                    .split(',')
                    .map(|name| name.split("::").next().unwrap().trim().to_owned())
                    .collect(),
                None => vec![used.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()],
            };
            for name in names.iter().filter(|name| name.as_str() != module) {
                assert!(permitted.contains(&name.as_str()), "{} imports {name}", place.display());
            }
        }
    }
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
