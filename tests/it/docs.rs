//! The documents agree with the program.

use std::collections::BTreeSet;

use runajob::support::exit::Exit;
use serde_json::Value;

use crate::virtual_world::VirtualWorld;

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
fn the_page_of_settings_has_the_rows_of_their_table() {
    const PAGE: &str = include_str!("../../docs/settings.md");
    let rows = PAGE.lines().filter(|line| line.contains("`RUNAJOB_") && line.starts_with("| "));
    assert_eq!(rows.map(|row| format!("{row}\n")).collect::<String>(), runajob::settings::documentation());
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
    use runajob::compat::arguments::WaitOption;
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
    let waited = Exit::ALL.iter().map(|exit| (exit.code(), number(*exit, WaitOption::ToTheEnd, None)));
    let mut expected: Vec<(u8, u8)> = waited.chain([(0, number(Exit::Good, WaitOption::No, None))]).collect();
    expected.sort_unstable();
    assert_eq!(told, expected);
}

/// The documents that people read, by their paths in the repository.
fn documents() -> Vec<(std::path::PathBuf, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages =
        std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let others = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];
    let paths = pages.chain(others.iter().map(|name| root.join(name)));
    paths.map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    for (path, text) in documents() {
        for link in text.split("](").skip(1).map(|rest| rest.split([')', '#']).next().unwrap()) {
            let found = link.starts_with("https://") || path.parent().unwrap().join(link).exists();
            assert!(found, "{}: {link}", path.display());
        }
    }
}

#[test]
fn the_readme_leads_to_every_page() {
    for (path, _) in documents() {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name == "README.md" || README.contains(&format!("{name})")), "{name}");
    }
}

#[test]
fn the_pages_name_only_options_that_exist() {
    fn options(command: &clap::Command, found: &mut Vec<String>) {
        for option in command.get_arguments() {
            found.extend(option.get_long_and_visible_aliases().into_iter().flatten().map(str::to_owned));
            found.extend(option.get_all_aliases().into_iter().flatten().map(str::to_owned));
        }
        command.get_subcommands().for_each(|verb| options(verb, found));
    }
    let mut program = runajob::cli::command();
    program.build();
    let mut known = Vec::new();
    options(&program, &mut known);
    for (path, text) in documents() {
        let name = path.file_name().unwrap().to_str().unwrap();
        // The first has RunAJob's options too, the second cargo's, the third those of other versions.
        if ["migration.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"].contains(&name) {
            continue;
        }
        for rest in text.split(" --").chain(text.split("`--")).chain(text.split("[--")).skip(1) {
            let end = rest.find(|letter: char| !letter.is_ascii_lowercase() && letter != '-').unwrap_or(rest.len());
            let option = rest[..end].trim_end_matches('-');
            assert!(option.is_empty() || known.iter().any(|known| known == option), "{name}: --{option}");
        }
    }
}

#[test]
fn the_commands_of_ci_are_in_ci_and_explained() {
    let config = include_str!("../../.cargo/config.toml");
    let (ci, guide) = (include_str!("../../.ci/run"), include_str!("../../CONTRIBUTING.md"));
    let names = config.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
    for name in names.map(|(name, _)| name) {
        assert!(ci.lines().any(|line| line == format!("cargo {name}")), "{name} is not in .ci/run");
        assert!(guide.contains(&format!("`cargo {name}`")), "{name} is not in CONTRIBUTING.md");
    }
}

/// jq's `.deed.started` fails at a text, and `.deed.started?` does not: so the page shows the second, and says why.
#[test]
fn the_request_log_has_the_shape_that_its_page_describes() {
    const PAGE: &str = include_str!("../../docs/sandbox.md");
    assert!(PAGE.contains("\njq 'select(.deed.started?)' FILE\n"));
    let rows = PAGE.split("| key | what it is |").nth(1).unwrap().lines().take_while(|line| !line.starts_with('`'));
    let rows = rows.filter_map(|row| row.split('|').nth(1)).flat_map(|cell| cell.split(", "));
    let described: BTreeSet<String> =
        rows.filter_map(|key| key.trim().strip_prefix('`')?.strip_suffix('`').map(str::to_owned)).collect();
    let world =
        VirtualWorld::new("[[task]]\nname = 'load'\n[[task]]\nname = 'flow'\ntype = 'TASKFLOW'\n", &["monitor:503*1"]);
    for line in ["login", "start load --wait", "status", "start --name flow -t TASKFLOW", "logout"] {
        assert_eq!(world.run(line).code, 0, "{line}");
    }
    let (mut keys, mut texts, mut effects) = (BTreeSet::new(), Vec::new(), Vec::new());
    for exchange in world.exchanges() {
        let line: Value = serde_json::from_str(&exchange.json()).unwrap();
        keys.extend(line.as_object().unwrap().keys().cloned());
        match line.get("deed") {
            None => {}
            Some(Value::String(text)) => texts.push(text.clone()),
            Some(deed) => {
                let members = deed.as_object().unwrap();
                assert_eq!(members.len(), 1, "{deed}");
                effects.extend(members.keys().cloned());
            }
        }
    }
    assert_eq!(keys, described);
    assert_eq!(texts, ["logged_out"]);
    assert_eq!(effects, ["logged_in", "started", "taskflow_started"]);
}
