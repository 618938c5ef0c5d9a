//! What is written beside the code agrees with it.

use runajob::exit::Exit;

use crate::world::{program, run};

const README: &str = include_str!("../../README.md");

#[test]
fn the_readme_has_every_exit_code_with_its_meaning() {
    let rows: Vec<Vec<String>> = README
        .lines()
        .filter(|line| {
            line.starts_with("| ") && line.split('|').nth(1).is_some_and(|cell| cell.trim().parse::<u8>().is_ok())
        })
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect();
    let expected: Vec<Vec<String>> = Exit::ALL
        .iter()
        .map(|exit| {
            let word = exit.word().map(|word| format!("`{word}`")).unwrap_or_default();
            vec![exit.code().to_string(), word, exit.meaning().to_owned(), exit.rerun().to_owned()]
        })
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn the_page_of_settings_has_every_one_with_its_variable_and_what_is_built_in() {
    const PAGE: &str = include_str!("../../docs/settings.md");
    let home = tempfile::TempDir::new().unwrap();
    let shown = run(program(home.path()).args(["config", "show"]));
    let expected = shown.stdout.lines().map(|line| {
        let mut words = line.split_whitespace();
        let (key, value) = (words.next().unwrap(), words.next().unwrap());
        let built_in = if value == "-" { String::new() } else { format!("`{value}`") };
        [format!("`{key}`"), format!("`RUNAJOB_{}`", key.to_uppercase()), built_in]
    });
    let rows = PAGE.lines().filter(|line| line.contains("`RUNAJOB_") && line.starts_with("| ")).map(|line| {
        let mut cells = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
        [cells.next().unwrap(), cells.next().unwrap(), cells.next().unwrap()]
    });
    assert_eq!(rows.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

#[test]
fn the_long_help_has_the_exit_codes() {
    let help = runajob::cli::command().render_long_help().to_string();
    assert!(help.contains(&Exit::table()), "{help}");
}

#[test]
fn the_changelog_knows_this_version() {
    let changelog = include_str!("../../CHANGELOG.md");
    assert!(
        changelog.contains(&format!("## [{}]", env!("CARGO_PKG_VERSION")))
            || changelog.contains(&format!("## {}", env!("CARGO_PKG_VERSION")))
    );
}

#[test]
fn the_migration_page_has_the_numbers_of_the_program() {
    use runajob::compat::arguments::Wait;
    use runajob::compat::numbers::number;
    const PAGE: &str = include_str!("../../docs/migration.md");
    let section = PAGE.split("### Numbers").nth(1).unwrap().split("\n\n").nth(1).unwrap();
    let mut told = Vec::new();
    for row in section.lines().skip(2) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let becomes: u8 = cells[0].parse().unwrap();
        told.extend(cells[2].split(", ").map(|code| (code.parse::<u8>().unwrap(), becomes)));
    }
    told.sort_unstable();
    let waited = Exit::ALL.iter().map(|exit| (exit.code(), number(*exit, Wait::ToTheEnd, None)));
    let mut expected: Vec<(u8, u8)> = waited.chain([(0, number(Exit::Good, Wait::No, None))]).collect();
    expected.sort_unstable();
    assert_eq!(told, expected);
}

#[test]
fn the_map_has_every_place_in_the_code() {
    let map = include_str!("../../ARCHITECTURE.md");
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for folder in ["", "api", "commands", "compat", "output", "settings"] {
        for entry in std::fs::read_dir(source.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let said = map.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == name);
            assert!(said || matches!(name, "mod" | "tests"), "{} is not on the map", path.display());
        }
    }
}
