//! Which task a command means: found out for every type, never guessed, each task started once, and what to type instead.

use std::time::Duration;

use runajob::support::clock::Clock;

use crate::virtual_world::VirtualWorld;

const TASKS: &str = "
[[task]]
name = 'load'
folder = 'Sales'
[[task]]
name = 'sync'
type = 'DSS'
[[task]]
name = 'flow'
type = 'TASKFLOW'
folder = 'Sales'
takes = '20s'
[[task]]
name = 'draft'
type = 'TASKFLOW'
published = false
[[task]]
name = 'files'
type = 'FILE_INGESTION'
folder = 'Sales/In'
takes = '20s'
[[task]]
name = 'both'
type = 'TASKFLOW'
folder = 'Sales'
[[task]]
name = 'both'
[[task]]
name = 'twin'
folder = 'Sales'
[[task]]
name = 'twin'
folder = 'Default'
";

const ACCOUNT: &str = "
[defaults]
allow_readable_secret = true
[profiles.prod]
login_url = 'http://127.0.0.1:1'
username = 'sandbox'
password = 'sandbox'
";

fn world() -> VirtualWorld {
    VirtualWorld::new(TASKS, &[])
}

#[test]
fn a_name_alone_is_enough_for_a_task_of_any_type() {
    for (name, kind) in [("load", "MTT"), ("sync", "DSS"), ("flow", "TASKFLOW"), ("files", "FILE_INGESTION")] {
        let world = world();
        let started = world.run(&format!("start {name} --wait"));
        assert_eq!((started.code, world.start_requests()), (0, 1), "{started:?}");
        assert!(started.stdout.starts_with(&format!("{kind}/")), "{started:?}");
        // The lists of eight types, and of a taskflow once more to see whether its API name is certain.
        let lists = ["/v2/task", "/v2/workflow", "/v3/objects", "/v1/mitasks"].map(|list| world.count(list));
        assert_eq!(lists, [5, 1, if kind == "TASKFLOW" { 2 } else { 1 }, 1], "{name}");
        assert_eq!(world.run(&format!("status {name}")).code, 0, "{name}");
    }
}

#[test]
fn the_lists_are_asked_for_together() {
    let world = VirtualWorld::new(TASKS, &["lookup:latency=1s"]);
    let began = world.clock.now();
    assert_eq!(world.run("start load").code, 0);
    let took = world.clock.now().saturating_sub(began);
    assert!(took >= Duration::from_secs(1) && took < Duration::from_secs(2), "{took:?}");
    assert_eq!(world.logins(), 1);
}

#[test]
fn lists_that_are_asked_for_together_share_one_login_that_is_ended() {
    let world = VirtualWorld::new(TASKS, &["login:latency=1s"]);
    assert_eq!(world.run("find --no-session-cache").code, 0);
    assert_eq!((world.logins(), world.count("/user/logout")), (1, 1));
}

#[test]
fn a_name_that_fits_several_types_or_an_uncertain_taskflow_starts_nothing() {
    let world = world();
    let both = world.run("start both -o json");
    assert_eq!(both.code, 9, "{both:?}");
    let commands = both.fix();
    assert!(commands.contains("runajob start Sales/both -t TASKFLOW"), "{commands}");
    let by_id = commands.split(", or: ").map(|command| command.trim_start_matches("use one of: "));
    let by_id = by_id.filter(|command| command.starts_with("runajob start --id ")).count();
    assert_eq!(by_id, 1, "{commands}");
    let draft = world.run("start draft");
    assert!(draft.code == 9 && draft.stderr.contains("it is not published"), "{draft:?}");
    assert_eq!(world.start_requests(), 0);
    // The command that the hint gives works as it is.
    let command = commands.split(", or: ").find(|command| command.contains("--id")).unwrap();
    let command = command.trim_start_matches("use one of: ").trim_start_matches("runajob ");
    assert_eq!((world.run(command).code, world.start_requests()), (0, 1), "{command}");
}

#[test]
fn a_refused_list_counts_as_empty_and_is_named_when_nothing_is_found() {
    // The first list is that of DMASK.
    let refuse = || VirtualWorld::new(TASKS, &["lookup:refused*1"]);
    let world = refuse();
    let found = world.run("start load");
    assert_eq!((found.code, world.start_requests()), (0, 1), "{found:?}");
    let world = refuse();
    let none = world.run("start nothing");
    assert_eq!((none.code, world.start_requests()), (9, 0), "{none:?}");
    assert!(none.stderr.contains("the service refused to list DMASK"), "{none:?}");
    let world = VirtualWorld::new(TASKS, &["lookup:refused"]);
    let all = world.run("start load");
    assert_eq!((all.code, world.start_requests()), (7, 0), "{all:?}");
    let world = VirtualWorld::new(TASKS, &["lookup:503"]);
    let down = world.run("start load --timeout 1m --wait");
    assert_eq!((down.code, world.start_requests()), (69, 0), "{down:?}");
}

#[test]
fn hints_are_the_given_command_for_the_task_that_was_meant() {
    let world = world();
    let config = world.home.path().join("my config.toml");
    std::fs::write(&config, ACCOUNT).unwrap();
    let account = format!("--config '{}' --profile prod", config.display());
    for (line, hinted) in [
        ("start Default/load -t MTT", "start Sales/load -t MTT"),
        ("start Sales/lood", "start Sales/load -t MTT"),
        ("stop Default/flow", "stop Sales/flow -t TASKFLOW"),
        ("wait loud", "wait Sales/load -t MTT"),
        ("status Default/files", "status Sales/In/files -t FILE_INGESTION"),
    ] {
        let (verb, rest) = line.split_once(' ').unwrap();
        let missed = world.run(&format!("{verb} {account} {rest} -o json"));
        assert_eq!(missed.code, 9, "{line}: {missed:?}");
        let hint = missed.fix();
        let commands = hint.strip_prefix("did you mean: ").unwrap_or_else(|| panic!("{line}: {hint}"));
        let words = shell_words::split(commands.split(", or: ").next().unwrap()).unwrap().join(" ");
        assert!(words.starts_with("runajob ") && words.contains(&config.display().to_string()), "{line}: {hint}");
        assert!(words.contains("--profile prod") && words.ends_with(hinted), "{line}: {hint}");
    }
    assert_eq!(world.start_requests(), 0);
}

#[test]
fn a_task_that_is_named_in_two_ways_is_started_once() {
    let world = world();
    let found = world.run("find load -o json").json();
    let (id, federated_id) = (&found["tasks"][0]["id"], &found["tasks"][0]["federated_id"]);
    let (id, federated_id) = (id.as_str().unwrap(), federated_id.as_str().unwrap());
    for (line, count) in [
        (format!("Sales/load Sales/LOAD fid:{federated_id}"), 1),
        (format!("id:{id} Sales/load"), 1),
        (format!("Sales/load id:{id}"), 1),
        (format!("load id:{id} fid:{federated_id} -t MTT"), 1),
        ("Sales/flow flow".to_owned(), 1),
        ("Sales/twin Default/twin".to_owned(), 2),
        ("Sales/load Sales/flow".to_owned(), 2),
    ] {
        let before = world.start_requests();
        let started = world.run(&format!("start {line} -o json"));
        assert_eq!((started.code, world.start_requests() - before), (0, count), "{line}: {started:?}");
        assert_eq!(started.json()["runs"].as_array().unwrap().len(), count, "{line}");
        assert_eq!(started.stderr.contains("are the same task; it is started once"), count == 1, "{line}: {started:?}");
        assert_eq!(
            world.run(&format!("start {line} --dry-run")).stderr.matches("would start").count(),
            count,
            "{line}"
        );
    }
}

#[test]
fn a_promise_that_cannot_be_written_down_starts_nothing() {
    for line in ["--if-running fail", "--if-running join", "--once today", "--if-running fail --dry-run"] {
        let world = world();
        std::fs::write(world.home.path().join(".local"), "no folder").unwrap();
        let refused = world.run(&format!("start Sales/load Sales/flow {line} -o json"));
        assert_eq!((refused.code, world.exchanges().len()), (78, 0), "{line}: {refused:?}");
        assert_eq!(world.run("start Sales/load Sales/flow").code, 0, "without the promise nothing is refused");
    }
    let world = world();
    std::fs::write(world.home.path().join(".local"), "no folder").unwrap();
    let folder = world.home.path().join("keys");
    let line = format!("start load --once today --once-dir {}", folder.display());
    assert_eq!((world.run(&line).code, world.run(&line).code, world.start_requests()), (0, 0, 1));
}
