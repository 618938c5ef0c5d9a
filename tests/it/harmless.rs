//! What acts on a terminal or begins a line of its own never leaves the program as it came, whatever the verb and the form
//! of its output; JSON gives the truth back.

use serde_json::Value;

use crate::virtual_world::VirtualWorld;
use crate::world::Outcome;

/// The name of a task, and the end of every text of the service under `hostile-text`.
const NAME: &str = "m\u{1b}[31m\u{202e}";
const TAIL: &str =
    "\u{1b}[31mred\u{1b}]0;title\u{7}\u{202e}txt.\u{2066}\u{200b}\u{feff}\r\nrunajob: done\u{9b}2J\u{7f}\t!";

const SCENARIO: &str = r#"
[[task]]
name = "m\u001b[31m\u202e"
folder = "Sales\u0007/\u200bx"
takes = "60s"
ends = ["failure"]
past_runs = 2
[[task]]
name = "good"
takes = "60s"
past_runs = 1
[[task]]
name = "chain"
type = "WORKFLOW"
parts = ["good", "m\u001b[31m\u202e"]
[[task]]
name = "flow"
type = "TASKFLOW"
takes = "60s"
ends = ["suspended"]
[[task]]
name = "files"
type = "FILE_INGESTION"
takes = "60s"
ends = ["failure"]
[[task]]
name = "night"
takes = "12h"
"#;

/// Every verb that asks the service, and what RunAJob's mode makes of it.
const LINES: [&str; 30] = [
    "start good -t MTT --wait --timeout 10m --handle-file handles",
    "start chain -t WORKFLOW --wait --timeout 10m -v",
    "start flow -t TASKFLOW --wait --timeout 10m",
    "start files -t FILE_INGESTION --wait --timeout 10m -vv REPORTS",
    "start Default/good good -t MTT --once k --wait --timeout 10m",
    "start good night -t MTT --wait --timeout 10m --color always --progress always",
    "start good -t MTT --if-running join --once k --dry-run",
    "start nothing -t MTT",
    "start Sales/nothing",
    "status",
    "status good -t MTT",
    "status chain -t WORKFLOW",
    "status flow -t TASKFLOW",
    "status files -t FILE_INGESTION",
    "status MTT/00SBX10Z000000000002/1",
    "wait night -t MTT --timeout 10m",
    "stop night -t MTT --wait --timeout 10m",
    "history chain -t WORKFLOW",
    "history --all",
    "start chain -t WORKFLOW --wait --timeout 10m --logs-on-failure",
    "logs chain -t WORKFLOW",
    "status chain -t WORKFLOW REPORTS",
    "find",
    "find -q",
    "once list",
    "login",
    "config check",
    "config show",
    "runAJobCli -t MTT -n good -w true",
    "logout",
];

const FORMS: [&str; 3] = ["text", "json", "jsonl"];

const REPORTS: [(&str, &str); 4] =
    [("github", "step.md"), ("html", "page.html"), ("junit", "suite.xml"), ("prom", "gauges.prom")];

/// Whether a character acts. Written apart from the program's own list.
fn acts(letter: char) -> bool {
    letter.is_control()
        || matches!(u32::from(letter), 0xad | 0x61c | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff)
}

fn check_text(place: &str, text: &str, is_tabs: bool, is_painted: bool) {
    let text = if is_painted { unpainted(text) } else { text.to_owned() };
    let raw = text.chars().find(|&letter| acts(letter) && letter != '\n' && !(is_tabs && letter == '\t'));
    assert_eq!(raw, None, "{place}: {text}");
    for line in text.lines() {
        assert!(line.len() <= 4096, "{place}: {} bytes in a line that begins {:.200}", line.len(), line);
        assert!(!line.starts_with("runajob: done"), "{place}: {text}");
    }
}

/// Without the colours that the program adds itself.
fn unpainted(text: &str) -> String {
    ["\u{1b}[0m", "\u{1b}[1;31m", "\u{1b}[2m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"]
        .iter()
        .fold(text.to_owned(), |text, code| text.replace(code, ""))
}

fn check(line: &str, is_json: bool, outcome: &Outcome) {
    if is_json {
        for document in outcome.stdout.lines() {
            check_json(line, document);
        }
    } else {
        check_text(line, &outcome.stdout, line == "find" || line.starts_with("history"), false);
    }
    check_text(line, &outcome.stderr, false, line.contains("--color always"));
}

fn check_json(place: &str, text: &str) {
    assert_eq!(text.chars().find(|&letter| acts(letter)), None, "{place}: {text:.500}");
    serde_json::from_str::<Value>(text).unwrap();
}

/// Runs lines in these forms, and checks the files too. Gives what the text form said.
fn check_all(faults: &[&str], forms: &[&str], lines: &[&str]) -> String {
    let mut said = String::new();
    for form in forms {
        let world = VirtualWorld::new(SCENARIO, faults);
        let [log, handles] = ["jobs.log", "handles"].map(|name| world.home.path().join(name));
        for line in lines {
            let reports =
                REPORTS.map(|(format, name)| format!("--report {format}={}", world.home.path().join(name).display()));
            let words = line.replace("handles", handles.to_str().unwrap()).replace("REPORTS", &reports.join(" "));
            let outcome = world.run(&format!("--log-file {} -o {form} {words}", log.display()));
            check(line, *form != "text", &outcome);
            for (format, name) in REPORTS.iter().filter(|_| line.contains("REPORTS")) {
                let text = std::fs::read_to_string(world.home.path().join(name)).unwrap();
                check_text(&format!("{line}: {format}"), &text, false, false);
            }
            if *form == "text" {
                said += &format!("{}{}", outcome.stdout, outcome.stderr);
            }
        }
        if handles.exists() {
            check_text("handle file", &std::fs::read_to_string(&handles).unwrap(), false, false);
        }
        let journal = std::fs::read_to_string(&log).unwrap();
        assert_eq!(journal.lines().count(), lines.len());
        journal.lines().for_each(|line| check_json("journal", line));
    }
    said
}

#[test]
fn hostile_names_and_paths_are_harmless_everywhere() {
    let said = check_all(&[], &FORMS, &LINES);
    assert!(said.contains(r"- m\u{1b}[31m\u{202e} failed"), "{said}");
}

#[test]
fn hostile_texts_are_harmless_everywhere() {
    let said = check_all(&["any:hostile-text"], &FORMS, &LINES);
    assert!(
        said.matches(r"\u{202e}txt.\u{2066}\u{200b}\u{feff} runajob: done\u{9b}2J\u{7f}\u{9}!").count() >= 8,
        "{said}"
    );
}

#[test]
fn hostile_states_are_harmless_everywhere() {
    let said = check_all(&["any:hostile-states"], &FORMS, &LINES);
    assert!(said.contains(r"\u{1b}[31mred"), "{said}");
}

#[test]
fn texts_of_a_mebibyte_are_cut_on_a_line() {
    let lines = ["start files -t FILE_INGESTION --wait", "start good -t MTT --wait", "status", "status good", "find"];
    let said = check_all(&["any:long-text"], &["text"], &lines);
    assert!(said.contains(" bytes in all)"), "{said}");
}

#[test]
fn refusals_are_harmless_everywhere() {
    for call in ["login", "lookup", "start", "stop", "monitor", "log", "status"] {
        let said = check_all(&[&format!("{call}:hostile-refusal")], &FORMS, &LINES);
        assert!(said.contains(r"\u{1b}[31mred"), "{call}: {said}");
    }
}

#[test]
fn json_has_the_truth() {
    let world = VirtualWorld::new(SCENARIO, &[]);
    let found = world.run("find -o json").json();
    let task = found["tasks"].as_array().unwrap().iter().find(|task| task["name"] == NAME).unwrap();
    assert_eq!(task["path"], format!("Sales\u{7}/\u{200b}x/{NAME}"));
    let fid = task["federated_id"].as_str().unwrap();
    // No line can name its path, so a list names it by its ID, which starts it.
    assert!(world.run("find -q").stdout.lines().any(|line| line == format!("fid:{fid}")), "{found:?}");
    let failed = world.run(&format!("start fid:{fid} -t MTT --wait -o json"));
    assert_eq!((failed.code, &failed.json()["runs"][0]["task"]["name"]), (3, &NAME.into()), "{failed:?}");
    assert!(failed.stderr.contains(r"m\u{1b}[31m\u{202e} failed"), "{failed:?}");

    let world = VirtualWorld::new(SCENARIO, &["any:hostile-text"]);
    let failed = world.run(&format!("start fid:{fid} -t MTT --wait -o json"));
    let run = &failed.json()["runs"][0];
    assert!(run["error"].as_str().unwrap().ends_with(TAIL), "{run}");
    let events = world.run("start good -t MTT --wait -o jsonl");
    let result = events.stdout.lines().last().unwrap().parse::<Value>().unwrap();
    assert_eq!(result["document"]["runs"][0]["task"]["name"], "good", "{result}");

    let world = VirtualWorld::new(SCENARIO, &["start:hostile-refusal"]);
    let refused = world.run("start good -t MTT -o json");
    assert!(refused.json()["error"]["why"].as_str().unwrap().contains(TAIL), "{refused:?}");
    let line = refused.stderr.lines().find(|line| line.contains("why:")).unwrap();
    assert!(
        line.contains(r"\u{1b}[31mred\u{1b}]0;title\u{7}\u{202e}txt.\u{2066}\u{200b}\u{feff} runajob: done"),
        "{line}"
    );
}

#[test]
fn words_of_the_command_line_are_harmless_in_its_errors() {
    for word in ["a\u{202e}b", "Sales/\u{200b}x", "id:\u{2066}"] {
        let world = VirtualWorld::new(SCENARIO, &[]);
        for line in [format!("start '{word}' -t MTT"), format!("wait '{word}'"), format!("find '{word}'")] {
            let outcome = world.run(&line);
            assert_ne!(outcome.code, 0, "{line}");
            check(&line, false, &outcome);
            assert!(outcome.stderr.contains("\\u{"), "{line}: {outcome:?}");
        }
    }
}

#[test]
fn a_line_that_is_not_understood_is_repeated_without_what_acts() {
    let home = tempfile::TempDir::new().unwrap();
    for word in ["--\u{1b}[31m\u{202e}", "--a\nerror: all is well"] {
        let outcome = crate::world::run(crate::world::program(home.path()).args(["start", "x", word]));
        assert_eq!(outcome.code, 64, "{outcome:?}");
        check_text(word, &outcome.stderr, false, false);
        assert!(!outcome.stderr.lines().any(|line| line.starts_with("error: all")), "{outcome:?}");
    }
}
