//! The log file tells who did what, when, for how long and how it ended, also where a command was not understood.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::virtual_world::VirtualWorld;
use crate::world::{program, run};

fn lines(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_line_has_start_duration_rows_and_outcome() {
    let tasks = "[[task]]\nname = 'load'\ntakes = '17m'\nrows = 500\n[[task]]\nname = 'bad'\nends = ['failure']\n";
    let world = VirtualWorld::new(tasks, &[]);
    let file = world.home.path().join("jobs.log");
    let start = |what: &str| world.run(&format!("start {what} -t MTT -q --log-file {}", file.display()));
    assert_eq!(start("load --wait").code, 0);
    assert_eq!(start("load bad --wait").code, 3);
    assert_eq!(start("bad").code, 0);
    assert_eq!(start("nothing").code, 9);
    let lines = lines(&file);
    let [alone, both, accepted, missing] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(alone["started_at"], "2026-03-03T10:00:00Z");
    let seconds = alone["duration_s"].as_u64().unwrap();
    assert!((17 * 60..20 * 60).contains(&seconds), "{alone}");
    assert_eq!((&alone["outcome"], &alone["rows_written"]), (&json!("succeeded"), &json!(500)));
    let run = &alone["runs"][0];
    assert_eq!((&run["outcome"], &run["rows"]["target"]["ok"]), (&json!("succeeded"), &json!(500)));
    assert!(run["started_at"].is_string() && run["duration_s"].as_u64() >= Some(17 * 60), "{run}");
    assert_eq!((&both["outcome"], &both["runs"].as_array().unwrap().len()), (&json!("failed"), &2));
    assert_eq!((&accepted["outcome"], &accepted["rows_written"]), (&json!("accepted"), &Value::Null));
    assert_eq!((&missing["outcome"], &missing["exit_code"]), (&json!("not_found"), &json!(9)));
    assert!(lines.iter().all(|line| line["host"].is_string()));
}

#[test]
fn what_is_not_understood_has_its_line_too() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("jobs.log");
    let log = file.to_str().unwrap();
    let by_variable = |words: &[&str]| {
        run(program(home.path()).args(words).env("RUNAJOB_LOG_FILE", log).env("LOGNAME", "ops"));
        lines(&file).pop().unwrap()
    };
    let line = by_variable(&["start", "x", "--no-such-option"]);
    assert_eq!((&line["command"], &line["exit_code"]), (&json!("start"), &json!(64)));
    assert_eq!((&line["outcome"], &line["user"]), (&json!("usage"), &json!("ops")));
    assert!(line["error"].as_str().unwrap().contains("--no-such-option"), "{line}");
    assert_eq!(by_variable(&["start"])["outcome"], "usage");
    assert_eq!(by_variable(&["start", "x", "--timeout", "1s"])["error"], "--timeout needs waiting");
    assert_eq!(by_variable(&["status", "--config", "/no/such/file"])["outcome"], "config");
    assert_eq!(by_variable(&["runAJobCli", "-t", "MTT"])["exit_code"], 5);
    assert_eq!(by_variable(&["sandbox", "--addr", "192.0.2.1:1"])["command"], "sandbox");
    assert_eq!(by_variable(&["config", "path"])["outcome"], "succeeded");

    let config = home.path().join("config.toml");
    std::fs::write(&config, "[defaults]\nlog_file = 'jobs.log'\n").unwrap();
    let before = lines(&file).len();
    for words in [["--log-file", log, "strat"], ["strat", "--log-file", log], ["strat", "--config", "config.toml"]] {
        let end = run(program(home.path()).args(words).current_dir(home.path()));
        assert_eq!(end.code, 64, "{end:?}");
    }
    assert_eq!(lines(&file).len(), before + 3);
    assert_eq!(run(program(home.path()).args(["--help"]).env("RUNAJOB_LOG_FILE", log)).code, 0);
    assert_eq!(lines(&file).len(), before + 3, "help is no command");
}
