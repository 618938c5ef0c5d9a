//! The structure that ARCHITECTURE.md promises, read from the code itself: floors, no circles of files, short files, one
//! meaning for each type name.

mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use imports::{Source, edges};

const LONGEST: usize = 400;
const MEDIAN: usize = 150;

/// The crates of the workspace, and the table of floors each is held to.
const CRATES: [(&str, &[&str]); 2] = [
    ("src", &["app", "compat", "commands", "ops", "output", "settings", "api", "cli", "job", "support"]),
    ("crates/iics-sandbox/src", &[]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn crates() -> impl Iterator<Item = (&'static str, &'static [&'static str], Vec<Source>)> {
    CRATES.into_iter().map(|(folder, floors)| (folder, floors, Source::all(&root().join(folder))))
}

#[test]
fn the_map_names_the_floors_that_are_held_to() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let rows = map.lines().filter_map(|line| line.strip_prefix("| `src/")?.split_once("/`").map(|(floor, _)| floor));
    let listed: Vec<&str> = rows.collect();
    assert_eq!(listed, CRATES[0].1, "the table of floors in ARCHITECTURE.md, from the top down");
    let folders: BTreeSet<String> = std::fs::read_dir(root().join("src"))
        .unwrap()
        .filter_map(|entry| Some(entry.unwrap()).filter(|entry| entry.path().is_dir()))
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(folders, listed.into_iter().map(str::to_owned).collect());
}

#[test]
fn each_floor_imports_only_what_stands_below_it() {
    let (_, floors, sources) = crates().next().unwrap();
    let floor = |file: &str| floors.iter().position(|floor| file.split('/').next() == Some(floor));
    let mut wrong = Vec::new();
    for (from, targets) in edges(&sources) {
        // `lib.rs`, `main.rs` and `fuzzing.rs` are the roof: they may name any floor, and nothing may name them.
        let Some(here) = floor(&from) else { continue };
        for to in targets {
            match floor(&to) {
                Some(there) if there >= here => {}
                _ => wrong.push(format!("{from} imports {to}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    for (folder, _, sources) in crates() {
        let circles = circles(&edges(&sources));
        assert!(circles.is_empty(), "{folder}: {circles:#?}");
    }
}

#[test]
fn an_inherent_impl_stands_in_the_file_of_its_type() {
    for (folder, _, sources) in crates() {
        let all: BTreeSet<&str> = sources.iter().flat_map(|source| &source.types).map(String::as_str).collect();
        for source in &sources {
            for name in &source.inherent_impls {
                let is_ours = all.contains(name.as_str());
                assert!(!is_ours || source.types.contains(name), "{folder}/{} has an impl of {name}", source.file);
            }
        }
    }
}

#[test]
fn no_type_name_stands_for_two_things() {
    for (folder, _, sources) in crates() {
        let mut homes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for source in &sources {
            for name in source.types.iter().filter(|name| *name != "Error") {
                homes.entry(name).or_default().insert(&source.file);
            }
        }
        homes.retain(|_, files| files.len() > 1);
        assert!(homes.is_empty(), "{folder}: {homes:#?}");
    }
}

#[test]
fn files_are_short() {
    for (folder, _, sources) in crates() {
        let mut lengths: Vec<(usize, &str)> =
            sources.iter().map(|source| (source.lines, source.file.as_str())).collect();
        lengths.sort_unstable();
        let (longest, file) = lengths[lengths.len() - 1];
        assert!(longest <= LONGEST, "{folder}/{file} has {longest} lines");
        let median = lengths[lengths.len() / 2].0;
        assert!(median < MEDIAN, "the median of {folder} is {median} lines");
    }
}

#[test]
fn the_folder_of_verbs_is_the_list_of_verbs() {
    let command = runajob::cli::command();
    // RunAJob's command line is a front end of its own.
    let compat = ["runAJobCli", "compat"];
    let shown: BTreeSet<String> = command
        .get_subcommands()
        .filter(|verb| !verb.is_hide_set() && !compat.contains(&verb.get_name()))
        .map(|verb| verb.get_name().to_owned())
        .collect();
    let files: BTreeSet<String> = std::fs::read_dir(root().join("src/commands"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "mod")
        .collect();
    assert_eq!(files, shown);
}

/// Groups of files that reach each other. Each member is shown with what it imports of its group.
fn circles(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let reach = |from: &String| {
        let mut reached = BTreeSet::new();
        let mut open = vec![from];
        while let Some(next) = open.pop() {
            open.extend(edges.get(next).into_iter().flatten().filter(|target| reached.insert((*target).clone())));
        }
        reached
    };
    let reached: BTreeMap<&String, BTreeSet<String>> = edges.keys().map(|file| (file, reach(file))).collect();
    let in_circle = |(file, targets): (&String, &BTreeSet<String>)| {
        let back = |target: &&String| reached.get(target).is_some_and(|reached| reached.contains(file));
        let circle: Vec<&str> = targets.iter().filter(back).map(String::as_str).collect();
        (!circle.is_empty()).then(|| format!("{file} -> {}", circle.join(", ")))
    };
    edges.iter().filter_map(in_circle).collect()
}

#[test]
fn a_circle_is_found_wherever_it_is_hidden() {
    let file = |file: &str, text: &str| Source::parse(file, text);
    for hidden in [
        "use super::a::A;",
        "use crate::{b, a::{A, self}};",
        "fn f() { super::a::f() }",
        "fn f() { println!(\"{}\", crate::x::a::f()) }",
        "impl super::a::A for u8 {}",
        "mod inner { use super::super::a::A; }",
    ] {
        let sources =
            [file("x/mod.rs", "pub mod a; pub mod b;"), file("x/a.rs", "use crate::x::b::B;"), file("x/b.rs", hidden)];
        let hidden_in_x = hidden.replace("{b, a", "{x::b, x::a");
        let sources = [sources[0].clone(), sources[1].clone(), file("x/b.rs", &hidden_in_x)];
        assert_eq!(circles(&edges(&sources)).len(), 2, "{hidden}");
    }
    for harmless in ["#[cfg(test)] mod tests { use super::super::a::A; }", "mod a2 { struct A; }", "// super::a::A"] {
        let sources = [
            file("x/mod.rs", "pub mod a; pub mod b;"),
            file("x/a.rs", "use crate::x::b::B;"),
            file("x/b.rs", harmless),
        ];
        assert_eq!(circles(&edges(&sources)), [""; 0], "{harmless}");
    }
}
