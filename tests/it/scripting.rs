//! The scripts of docs/scripting.md do what the page says. The one that needs jq is run by packaging/check-recipes.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::world::{Outcome, program, run};

const PAGE: &str = include_str!("../../docs/scripting.md");

const SCENARIO: &str = "
[[task]]
name = 'm_good'
takes = '100ms'
[[task]]
name = 'm_fails'
takes = '100ms'
ends = ['failure']
error = 'WRT_8229 no such column'
[[task]]
name = 'm_flaky'
takes = '100ms'
ends = ['failure', 'success']
";

/// Saves a script of the page; its second line has its name.
fn save(home: &Path, name: &str) -> PathBuf {
    let scripts = PAGE.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let mut named = scripts.filter(|script| script.lines().nth(1).is_some_and(|line| line.contains(name)));
    let script = named.next().unwrap_or_else(|| panic!("no script {name}"));
    write(&home.join(name), script)
}

fn write(path: &Path, text: &str) -> PathBuf {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_owned()
}

/// Runs a script against a sandbox of its own, with `runajob` and whatever is in `bin` in the path. Gives the requests too.
fn sandboxed(home: &Path, script: &Path, words: &[&str]) -> (Outcome, String) {
    let bin = home.join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    let target = bin.join("runajob");
    if !target.exists() {
        std::os::unix::fs::symlink(assert_cmd::cargo::cargo_bin!("runajob"), target).unwrap();
    }
    std::fs::write(home.join("scenario.toml"), SCENARIO).unwrap();
    let requests = home.join("requests");
    let _ = std::fs::remove_file(&requests);
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let mut command = program(home);
    command.env("PATH", path).env("PAUSE", "0").args(["sandbox", "--scenario"]).arg(home.join("scenario.toml"));
    command.arg("--request-log").arg(&requests).arg("--").arg(script).args(words);
    (run(&mut command), std::fs::read_to_string(requests).unwrap_or_default())
}

fn starts(requests: &str) -> usize {
    requests.matches("\"started\"").count()
}

#[test]
fn the_loop_runs_a_task_again_only_while_that_is_safe() {
    let home = tempfile::TempDir::new().unwrap();
    let script = save(home.path(), "rerun.sh");
    for (task, code, count) in [("m_good", 0, 1), ("m_flaky", 0, 2), ("m_fails", 3, 3), ("m_nothing", 9, 0)] {
        let (outcome, requests) = sandboxed(home.path(), &script, &[task, task]);
        assert_eq!((outcome.code, starts(&requests)), (code, count), "{task}: {outcome:?}");
    }
}

#[test]
fn cron_is_silent_and_mails_only_what_went_wrong() {
    let home = tempfile::TempDir::new().unwrap();
    let script = save(home.path(), "cron-mail.sh");
    std::fs::create_dir(home.path().join("bin")).unwrap();
    let mail = home.path().join("mail");
    write(&home.path().join("bin/mail"), &format!("#!/bin/sh\n{{ echo \"$@\"; cat; }} >'{}'\n", mail.display()));
    let (good, _) = sandboxed(home.path(), &script, &["m_good", "ops@example.com"]);
    assert_eq!((good.code, good.stdout.as_str(), mail.exists()), (0, "", false), "{good:?}");
    let (bad, _) = sandboxed(home.path(), &script, &["m_fails", "ops@example.com"]);
    assert_eq!((bad.code, bad.stdout.as_str()), (3, ""), "{bad:?}");
    let text = std::fs::read_to_string(mail).unwrap();
    assert!(text.starts_with("-s m_fails ended with 3 ops@example.com\n"), "{text}");
    assert!(
        text.contains("WRT_8229 no such column") && text.contains("the end of the session log of m_fails"),
        "{text}"
    );
}
