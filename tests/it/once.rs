//! `once list` and `once forget`, and keys that would not last. What reached the service is counted.

use crate::keys::world;
use crate::world::Outcome;

const START: &str = "start good -t MTT --once k";

fn rows(outcome: &Outcome, member: &str) -> Vec<(String, String, String, Option<String>)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let row = |row: &serde_json::Value| {
        assert!(row["last_used"].as_str().unwrap().starts_with("2026-03-03T10:"), "{row}");
        (text(&row["key"]), text(&row["task"]), text(&row["state"]), row["handle"].as_str().map(str::to_owned))
    };
    outcome.json()[member].as_array().unwrap().iter().map(row).collect()
}

/// The command behind these words of a hint.
fn command_after<'h>(hint: &'h str, words: &str) -> &'h str {
    hint.split_once(words).unwrap_or_else(|| panic!("{hint}")).1.strip_prefix("runajob ").unwrap()
}

#[test]
fn a_list_shows_each_key_with_its_task_and_run() {
    let world = world(&["start:reset*1"]);
    assert_eq!(world.run(START).code, 10);
    assert_eq!(world.run("start other -t MTT --once k").code, 0);
    assert_eq!(world.run("start other -t MTT --once another").code, 0);
    let asked = world.exchanges().len();
    let all = world.run("once list -o json");
    let [(another, other, ..), (_, good, pending, none), (_, _, started, handle)] = &rows(&all, "keys")[..] else {
        panic!("{all:?}")
    };
    assert_eq!((another.as_str(), pending.as_str(), started.as_str(), none), ("another", "pending", "started", &None));
    assert!(good != other && handle.as_ref().unwrap().starts_with(other), "{all:?}");
    assert_eq!(rows(&world.run("once list k -o json"), "keys").len(), 2);
    let text = world.run("once list another");
    let lines: Vec<Vec<&str>> = text.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["KEY", "TASK", "STATE", "HANDLE", "LAST", "USED"]);
    assert_eq!(lines[1][..3], ["another", other, "started"]);
    assert_eq!((lines.len(), world.exchanges().len()), (2, asked), "a list needs no service");
}

#[test]
fn a_list_of_nothing_is_good_and_makes_no_folder() {
    let world = world(&[]);
    let none = world.run("once list -o json");
    assert_eq!((none.code, rows(&none, "keys").len()), (0, 0));
    assert!(none.stderr.contains("no key is kept in "), "{none:?}");
    assert!(!world.keys().exists());
    assert_eq!(world.run(START).code, 0);
    let other = world.run("once list nope");
    assert_eq!((other.code, &other.stdout[..]), (0, ""));
    assert!(other.stderr.contains("no key is kept under 'nope' in "), "{other:?}");
}

#[test]
fn a_forgotten_key_starts_its_task_anew_and_no_other_key_goes() {
    let world = world(&[]);
    for line in [START, "start other -t MTT --once k", "start other -t MTT --once another"] {
        assert_eq!(world.run(&format!("{line} --wait")).code, 0);
    }
    let task = rows(&world.run("once list another -o json"), "keys").remove(0).1;
    let one = world.run(&format!("once forget k --task {task} -o json"));
    assert_eq!((one.code, &rows(&one, "forgotten")[0].1), (0, &task), "{one:?}");
    assert_eq!(world.key_files("json").len(), 2);
    assert_eq!(world.run("start other -t MTT --once another --wait").code, 0);
    assert_eq!(world.started().len(), 3, "that key is as it was");
    assert_eq!(world.run("start other -t MTT --once k --wait").code, 0);
    assert_eq!(world.started().len(), 4);
    let rest = world.run("once forget k");
    assert_eq!((rest.code, rest.stdout.lines().count()), (0, 2), "{rest:?}");
    assert!(rest.stdout.contains("forgot the key 'k' for MTT/") && rest.stdout.contains(", whose run was MTT/"));
    assert_eq!(world.key_files("json").len(), 1);
    assert_eq!(world.key_files("lock").len(), 2, "that of the other key, and that of the sweep");
}

#[test]
fn a_key_that_is_not_there_is_not_found() {
    let world = world(&[]);
    assert_eq!(world.run(START).code, 0);
    for line in ["once forget nope -o json", "once forget k --task MTT/01ABCD0Z00000000001S -o json"] {
        let refused = world.run(line);
        assert_eq!((refused.code, world.key_files("json").len()), (9, 1), "{refused:?}");
        assert_eq!(world.run(command_after(&refused.fix(), "to see the keys: ")).code, 0);
    }
}

#[test]
fn a_key_in_doubt_goes_only_with_consent() {
    let world = world(&["start:reset*1"]);
    let lost = world.run(&format!("{START} -o json"));
    assert_eq!(lost.code, 10, "{lost:?}");
    let refused = world.run("once forget k -o json");
    assert_eq!((refused.code, world.key_files("json").len()), (64, 1), "{refused:?}");
    let hint = refused.fix();
    let look = command_after(&hint, "check whether a run is active: ").split(';').next().unwrap();
    assert_eq!((world.run(look).code, look.starts_with("status id:")), (9, true), "no run is there: {look}");
    assert!(refused.json()["error"]["what"].as_str().unwrap().contains("it is unknown whether MTT/"), "{refused:?}");
    // Both hints have the same way out, and it works.
    let words = command_after(&hint, "to forget the key: ");
    assert!(words.starts_with("once forget k --once-dir ") && words.ends_with(" --yes"), "{words}");
    let of_start = lost.fix();
    let of_start = command_after(&of_start, "if there is no run, forget the key: ");
    assert!(of_start.starts_with("once forget k --task MTT/"), "{of_start}");
    assert_eq!(world.run(of_start).code, 0);
    assert_eq!(world.run(words).code, 9, "it is gone");
    assert_eq!(world.run(&format!("{START} --wait")).code, 0);
    assert_eq!((world.started().len(), world.count("POST /saas/api/v2/job")), (1, 2));
}

#[test]
fn the_hints_for_a_taskflow_in_doubt_lead_out_too() {
    let world = world(&["start:lost-answer*1"]);
    let lost = world.run("start --name tf_night -t TASKFLOW --once=-k -o json");
    assert_eq!(lost.code, 10, "{lost:?}");
    let refused = world.run("once forget -o json -- -k");
    assert_eq!(refused.code, 64, "{refused:?}");
    assert!(refused.fix().contains("runajob status tf_night -t TASKFLOW"), "{refused:?}");
    let hint = lost.fix();
    assert_eq!(world.run(command_after(&hint, "forget the key: ")).code, 0, "{hint}");
}

#[test]
fn a_damaged_file_is_named_by_a_list_and_goes_by_the_hint_of_the_start() {
    let world = world(&[]);
    assert_eq!(world.run(START).code, 0);
    let file = world.key_files("json").remove(0);
    std::fs::write(&file, "{").unwrap();
    let list = world.run("once list -o json");
    assert_eq!((list.code, rows(&list, "keys").len()), (0, 0));
    assert!(list.json()["warnings"][0].as_str().unwrap().ends_with(".json is not the file of a key"), "{list:?}");
    let refused = world.run(&format!("{START} -o json"));
    assert_eq!((refused.code, world.started().len()), (78, 1), "{refused:?}");
    assert_eq!(world.run("once forget k --yes").code, 9, "which key it is, only the task tells");
    let hint = refused.fix();
    let words = command_after(&hint, "then forget the key: ");
    let without = world.run(words.strip_suffix(" --yes").unwrap());
    assert_eq!((without.code, file.exists()), (64, true), "{without:?}");
    let gone = world.run(&format!("{words} -o json"));
    assert_eq!((gone.code, file.exists()), (0, false), "{gone:?}");
    assert_eq!(gone.json()["damaged"][0], file.to_str().unwrap());
}

#[test]
fn a_key_in_use_is_left_alone() {
    let world = world(&[]);
    assert_eq!(world.run(START).code, 0);
    assert_eq!(world.run("start other -t MTT --once k").code, 0);
    let lock = std::fs::File::open(world.key_files("json").remove(0).with_extension("lock")).unwrap();
    lock.try_lock().unwrap();
    let refused = world.run("once forget k --yes");
    assert_eq!((refused.code, world.key_files("json").len()), (8, 2), "all of it or nothing: {refused:?}");
    assert!(refused.stderr.contains("another process uses the key 'k' for MTT/"), "{refused:?}");
    drop(lock);
    assert_eq!((world.run("once forget k").code, world.key_files("json").len()), (0, 0));
}

#[test]
fn keys_in_another_folder_are_listed_and_forgotten_there() {
    let world = world(&[]);
    let folder = world.home.path().join("shared keys");
    let folder = format!("--once-dir '{}'", folder.display());
    assert_eq!(world.run(&format!("{START} {folder}")).code, 0);
    assert_eq!(world.run("once forget k").code, 9);
    assert_eq!(rows(&world.run(&format!("once list -o json {folder}")), "keys").len(), 1);
    assert_eq!(world.run(&format!("once forget k {folder}")).code, 0);
    assert_eq!(world.run(&format!("once list k {folder}")).stdout, "");
}

#[test]
fn a_key_that_would_not_last_starts_nothing_unless_its_folder_was_named() {
    for (file_systems, name) in
        [((|_| Some("tmpfs")) as runajob::support::env::FileSystems, "tmpfs"), (|_| Some("overlay"), "overlay")]
    {
        let world = world(&[]).on(file_systems);
        let refused = world.run(&format!("{START} -o json"));
        assert_eq!((refused.code, world.started().len()), (78, 0), "{refused:?}");
        assert!(refused.json()["error"]["why"].as_str().unwrap().contains(&format!(" is on {name}")), "{refused:?}");
        assert!(refused.fix().contains("--once-dir, RUNAJOB_ONCE_DIR or once_dir"), "{refused:?}");
        let warned = world.run(&format!("{START} --once-dir '{}' -o json", world.keys().display()));
        assert_eq!((warned.code, world.started().len()), (0, 1), "{warned:?}");
        let warning = warned.json()["warnings"][0].as_str().unwrap().to_owned();
        assert!(warning.contains(&format!(" is on {name}, ")) && warning.contains("starts the task again"));
        assert_eq!(world.run("start other -t MTT").code, 0, "without a key it does not matter");
    }
}
