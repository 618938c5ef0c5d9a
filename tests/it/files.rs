//! The files that the program keeps, damaged or out of reach: everything still works, but for `--once`, which starts nothing
//! rather than forget.

use std::path::PathBuf;
use std::process::Command;

use crate::world::{Outcome, World, files, program, run};

const QUICK: &str = "
[timing]
monitor_delay = '100ms'
log_gap = '100ms'
[[task]]
name = 'good'
takes = '200ms'
";

fn world() -> World {
    World::playing(QUICK, &[])
}

const ONCE: &str = "start good -t MTT --wait --poll-interval 200ms --once k -o json";
const PLAIN: &str = "start good -t MTT --wait --poll-interval 200ms";
const START: &str = "start good -t MTT --wait --poll-interval 200ms --if-running fail";

#[test]
fn what_is_kept_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let world = world();
    assert_eq!(world.run(ONCE).code, 0);
    assert_eq!(world.run("start good -t MTT --no-session-cache --if-running join").code, 0);
    let state = world.home.path().join(".local/state/runajob");
    for file in files(&state) {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
        let folder = file.parent().unwrap();
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700, "{}", folder.display());
    }
}

#[test]
fn damaged_files_cost_a_login_and_stop_a_key() {
    let world = world();
    for damage in [&b""[..], b"{", b"null", b"\xff\xfe\x00", b"[1,2,3]"] {
        assert_eq!(world.run(START).code, 0);
        for file in files(&world.home.path().join(".local/state/runajob")) {
            std::fs::write(file, damage).unwrap();
        }
        let end = world.run(START);
        assert_eq!(end.code, 0, "{damage:?}: {end:?}");
    }
    assert_eq!(world.run(ONCE).code, 0);
    for file in files(&world.home.path().join(".local/state/runajob/once")) {
        std::fs::write(file, "{").unwrap();
    }
    let starts = world.started()["good"];
    let end = world.run(ONCE);
    assert_eq!((end.code, world.started()["good"]), (78, starts), "{end:?}");
    assert!(end.fix().contains("runajob once forget k --task MTT/"), "{end:?}");
}

#[test]
fn without_a_place_for_state_only_what_needs_it_is_refused() {
    let world = world();
    let file = world.home.path().join("file");
    std::fs::write(&file, "").unwrap();
    for place in [file.join("below"), PathBuf::from("/proc/nowhere"), PathBuf::from("/dev/null")] {
        let with_place = |line: &str| run(world.command(line).env("RUNAJOB_STATE_DIR", &place));
        assert_eq!(with_place(PLAIN).code, 0, "{}", place.display());
        for line in [START, ONCE] {
            assert_eq!(with_place(line).code, 78, "{line} {}", place.display());
        }
    }
    let homeless = |line: &str| run(world.command(line).env_remove("HOME"));
    assert_eq!((homeless(PLAIN).code, homeless(START).code, homeless(ONCE).code), (0, 78, 78));
}

#[test]
fn what_is_lost_without_a_place_for_state_is_said_once() {
    let world = world();
    let end = |line: &str| run(world.command(line).env("RUNAJOB_STATE_DIR", "/dev/null/state"));
    let start = end("start good -t MTT -o json");
    let lost = "the session is not kept and a refused password is not remembered, because /dev/null/state cannot be \
        written: Not a directory (os error 20); set RUNAJOB_STATE_DIR to a folder that can be written";
    assert_eq!((start.code, &start.json()["warnings"]), (0, &serde_json::json!([lost])), "{start:?}");
    assert_eq!(start.stderr.matches(lost).count(), 1, "{start:?}");
    let uncached = end("status --no-session-cache -o json").json();
    assert!(uncached["warnings"][0].as_str().unwrap().starts_with("a refused password is not remembered, because "));
    assert!(end("login").stdout.ends_with("the session is not kept\n"));
    let full = on_a_full_disk(&world, "status -o json");
    assert_eq!((full.code, full.json()["warnings"].as_array().unwrap().len()), (0, 1), "{full:?}");
    let homeless = run(world.command("status -o json").env_remove("HOME")).json();
    assert!(homeless["warnings"][0].as_str().unwrap().contains("neither RUNAJOB_STATE_DIR nor HOME is set"));
    // A sandbox of its own ends with the command, and is asked by no later one.
    let own = run(program(world.home.path()).args(["sandbox", "--", "status", "-o", "json"]));
    assert_eq!(own.json()["warnings"], serde_json::json!([]), "{own:?}");
}

/// No file can grow: that is what a full disk looks like to a program.
fn on_a_full_disk(world: &World, line: &str) -> Outcome {
    let mut command = Command::new("sh");
    command.env_clear().env("HOME", world.home.path()).env("PATH", "/usr/bin:/bin").current_dir(world.home.path());
    world.account(&mut command);
    let line = format!("trap '' XFSZ; ulimit -f 0; exec \"$0\" {line}");
    Outcome::of(command.args(["-c", &line]).arg(assert_cmd::cargo::cargo_bin!("runajob")).output().unwrap())
}

#[test]
fn on_a_full_disk_only_what_must_not_be_forgotten_is_refused() {
    let world = world();
    let end = on_a_full_disk(&world, PLAIN);
    assert_eq!(end.code, 0, "{end:?}");
    let starts = world.started()["good"];
    let guarded = on_a_full_disk(&world, START);
    assert_eq!(guarded.code, 78, "{guarded:?}");
    let key = on_a_full_disk(&world, ONCE);
    assert_eq!((key.code, key.json()["error"]["code"].as_i64()), (78, Some(78)), "{key:?}");
    let handles = on_a_full_disk(&world, "start good -t MTT --handle-file handles");
    assert_eq!(handles.code, 78, "{handles:?}");
    assert_eq!(world.started()["good"], starts);
    assert!(!world.home.path().join("handles").exists());
}

#[test]
fn handles_are_written_whole_to_a_plain_file_only() {
    let world = world();
    let end = world.run("start good -t MTT --handle-file handles");
    assert_eq!(std::fs::read_to_string(world.home.path().join("handles")).unwrap(), end.stdout);
    let starts = world.started()["good"];
    for file in ["/dev/full", ".", "no/such/folder/handles"] {
        let end = world.run(&format!("start good -t MTT --handle-file {file}"));
        assert_eq!(end.code, 78, "{file}: {end:?}");
    }
    assert_eq!(world.started()["good"], starts);
}

/// Every file of the state folder, but for its locks.
fn kept(world: &World) -> Vec<PathBuf> {
    let state = world.home.path().join(".local/state/runajob");
    files(&state).into_iter().filter(|file| file.extension().is_none_or(|end| end != "lock")).collect()
}

#[test]
fn pipes_devices_and_links_in_place_of_state_files_hang_nothing() {
    let world = world();
    assert_eq!((world.run(START).code, world.run(ONCE).code), (0, 0));
    let locks: Vec<PathBuf> = files(&world.home.path().join(".local/state/runajob"))
        .into_iter()
        .filter(|file| file.extension().is_some_and(|end| end == "lock"))
        .collect();
    let in_place = |file: &PathBuf, what: &str| {
        std::fs::remove_file(file).unwrap();
        match what {
            "pipe" => assert!(Command::new("mkfifo").arg(file).status().unwrap().success()),
            target => std::os::unix::fs::symlink(target, file).unwrap(),
        }
    };
    for what in ["pipe", "/dev/zero", "/dev/full", "/nowhere/at/all"] {
        for file in kept(&world) {
            in_place(&file, what);
        }
        assert_eq!(world.run(START).code, 0, "{what}");
        let starts = world.started()["good"];
        let end = world.run(ONCE);
        // A link to nothing is a key that is not there.
        let expected = if what.starts_with("/nowhere") { 0 } else { 78 };
        assert_eq!(end.code, expected, "{what}: {end:?}");
        assert_eq!(world.started()["good"], starts + usize::from(expected == 0), "{what}");
        assert!(matches!(world.run("once list").code, 0 | 78), "{what}");
    }
    for what in ["pipe", "/dev/zero"] {
        for file in &locks {
            in_place(file, what);
        }
        assert_eq!(world.run("status").code, 0, "{what}");
        assert_eq!((world.run(START).code, world.run(ONCE).code), (78, 78), "{what}");
    }
}

#[test]
fn a_state_folder_that_others_can_write_into_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let world = world();
    assert_eq!(world.run("status -o json").json()["warnings"], serde_json::json!([]));
    let state = world.home.path().join(".local/state/runajob");
    for (mode, warned) in [(0o777, true), (0o1777, true), (0o770, true), (0o755, false), (0o700, false)] {
        std::fs::set_permissions(&state, std::fs::Permissions::from_mode(mode)).unwrap();
        let warnings = world.run("status -o json").json()["warnings"].to_string();
        assert_eq!(warnings.contains("others can write into the state folder"), warned, "{mode:o}: {warnings}");
        assert_eq!(warnings.contains(&format!("chmod 700 {}", state.display())), warned, "{mode:o}: {warnings}");
    }
}

#[test]
fn too_few_open_files_are_no_bug() {
    let home = tempfile::TempDir::new().unwrap();
    for limit in 5..24 {
        let mut command = Command::new("sh");
        command.env_clear().env("HOME", home.path()).env("PATH", "/usr/bin:/bin").current_dir(home.path());
        let line = format!("ulimit -n {limit}; exec \"$0\" sandbox -- start m_succeeds -t MTT");
        let end =
            Outcome::of(command.args(["-c", &line]).arg(assert_cmd::cargo::cargo_bin!("runajob")).output().unwrap());
        assert!(matches!(end.code, 0 | 69 | 78), "{limit}: {end:?}");
        assert!(!end.stderr.contains("a bug in runajob"), "{limit}: {end:?}");
        if limit < 12 {
            assert!(end.code == 78 && end.stderr.contains("nothing was started"), "{limit}: {end:?}");
        }
    }
}
