//! A key from nothing to its end, what it refuses, and what makes it go.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::ops::start::key::sweep::{Swept, sweep};
use crate::ops::start::key::*;
use crate::support::clock::ManualClock;

const DAY: Duration = Duration::from_secs(86_400);

/// So many days after the tests begin, by both clocks.
fn day(days: i64) -> Clocks {
    let begin: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
    let ours = begin + SignedDuration::from_hours(24 * days);
    Clocks { ours, service: Some(ours) }
}

fn only_ours(days: i64) -> Clocks {
    Clocks { service: None, ..day(days) }
}

fn run(number: u64) -> Run {
    format!("MTT/01ABCD0Z00000000001S/{number}").parse().unwrap()
}

fn key(folder: &Path, key: &str, request: Value) -> OnceKey {
    OnceKey::new(folder, "https://login.example.com", "MTT/01ABCD0Z00000000001S", key, request)
}

fn lock_with(folder: &Path, name: &str, request: Value) -> Result<LockedKey, Error> {
    let clock = ManualClock::new(day(0).ours);
    clock.run(key(folder, name, request).lock(&clock, Duration::from_secs(1)))
}

fn lock(folder: &Path, name: &str) -> Result<LockedKey, Error> {
    lock_with(folder, name, json!({"type": "MTT"}))
}

fn start(folder: &Path, name: &str, at: Clocks) {
    lock(folder, name).unwrap().pending(at).unwrap().started(&run(1), at).unwrap();
}

fn is_there(folder: &Path, name: &str) -> bool {
    key(folder, name, json!({})).file.exists()
}

fn files(folder: &Path) -> BTreeSet<String> {
    let name = |entry: io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    std::fs::read_dir(folder).unwrap().map(name).collect()
}

#[test]
fn a_start_that_cannot_be_recorded_for_good_leaves_the_key_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |locked: LockedKey| locked.pending_and(day(1), |_| Err(io::Error::other("no sync"))).unwrap_err();
    assert!(matches!(refused(lock(folder.path(), "k").unwrap()), Error::Unusable { .. }));
    assert_eq!(lock(folder.path(), "k").unwrap().state(), None);
    start(folder.path(), "k", day(0));
    refused(lock(folder.path(), "k").unwrap());
    assert_eq!(lock(folder.path(), "k").unwrap().state(), Some(KeyState::Started(run(1))));
}

#[test]
fn a_key_goes_from_nothing_to_pending_to_started() {
    let folder = tempfile::tempdir().unwrap();
    let locked = lock(folder.path(), "day 1").unwrap();
    assert_eq!(locked.state(), None);
    let pending = locked.pending(day(0)).unwrap();
    assert!(matches!(lock(folder.path(), "day 1"), Err(Error::Locked)));
    drop(pending);
    let locked = lock(folder.path(), "day 1").unwrap();
    assert_eq!(locked.state(), Some(KeyState::Pending(day(0))));
    locked.pending(day(0)).unwrap().started(&run(7), day(0)).unwrap();
    assert_eq!(lock(folder.path(), "day 1").unwrap().state(), Some(KeyState::Started(run(7))));
    assert_eq!(lock(folder.path(), "day 2").unwrap().state(), None);
    assert_eq!(files(folder.path()).len(), 3, "a key, its lock and the lock of the other, and no draft");
}

#[test]
fn a_start_that_was_not_processed_leaves_what_was_known_before() {
    let folder = tempfile::tempdir().unwrap();
    lock(folder.path(), "k").unwrap().pending(day(0)).unwrap().withdraw().unwrap();
    assert_eq!(lock(folder.path(), "k").unwrap().state(), None);
    start(folder.path(), "k", day(0));
    lock(folder.path(), "k").unwrap().pending(day(1)).unwrap().withdraw().unwrap();
    assert_eq!(lock(folder.path(), "k").unwrap().state(), Some(KeyState::Started(run(1))));
}

#[test]
fn what_does_not_say_what_happened_lets_nothing_start() {
    let folder = tempfile::tempdir().unwrap();
    let locked = lock(folder.path(), "k").unwrap();
    let file = locked.path().to_owned();
    for damage in [
        "",
        "{\"key\":\"k\"",
        "null",
        "{\"key\":\"k\",\"task\":\"x\",\"asked_at\":\"2026-03-01T00:00:00Z\"}",
        "{\"key\":\"k\",\"task\":\"MTT/01ABCD0Z00000000001S\",\"asked_at\":\"2026-03-01T00:00:00Z\",\"handle\":\"x\"}",
    ] {
        std::fs::write(&file, damage).unwrap();
        assert!(matches!(locked.key.read(), Err(Error::Damaged { .. })), "{damage}");
    }
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert!(matches!(locked.key.read(), Err(Error::Unusable { .. })));
    assert!(matches!(locked.pending(day(0)), Err(Error::Unusable { .. })));
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(matches!(lock(&file, "k"), Err(Error::Unusable { .. })));
}

#[test]
fn a_key_is_for_one_request() {
    let folder = tempfile::tempdir().unwrap();
    let request = |inputs: &str| json!({"type": "TASKFLOW", "inputs": serde_json::from_str::<Value>(inputs).unwrap()});
    let first = request(r#"{"region": "EMEA", "limits": {"rows": 1, "parts": [1, 2]}}"#);
    let same = request(r#"{"limits": {"parts": [1, 2], "rows": 1}, "region": "EMEA"}"#);
    let pending = lock_with(folder.path(), "k", first.clone()).unwrap().pending(day(0)).unwrap();
    drop(pending);
    assert_eq!(lock_with(folder.path(), "k", same.clone()).unwrap().state(), Some(KeyState::Pending(day(0))));
    let others = [
        request(r#"{"region": "APAC", "limits": {"rows": 1, "parts": [1, 2]}}"#),
        request(r#"{"region": "EMEA", "limits": {"rows": 1, "parts": [2, 1]}}"#),
        request(r#"{"region": "EMEA", "limits": {"rows": "1", "parts": [1, 2]}}"#),
        json!({"type": "TASKFLOW"}),
    ];
    for other in &others {
        let refused = lock_with(folder.path(), "k", other.clone());
        assert!(matches!(refused, Err(Error::OtherRequest { run: None, .. })), "{other}");
    }
    let locked = lock_with(folder.path(), "k", same.clone()).unwrap();
    locked.adopt(&run(7), day(1)).unwrap();
    drop(locked);
    for other in &others {
        let refused = lock_with(folder.path(), "k", other.clone()).unwrap_err().to_string();
        assert!(refused.contains("other inputs") && refused.contains("MTT/01ABCD0Z00000000001S/7"), "{refused}");
    }
    assert_eq!(lock_with(folder.path(), "k", same).unwrap().state(), Some(KeyState::Started(run(7))));
    assert!(lock_with(folder.path(), "another", others[0].clone()).is_ok());
}

#[test]
fn inputs_do_not_show_in_the_file_of_their_key() {
    let folder = tempfile::tempdir().unwrap();
    let request = || json!({"inputs": {"password": "hunter2"}});
    let digest = |name| {
        drop(lock_with(folder.path(), name, request()).unwrap().pending(day(0)).unwrap());
        let text = std::fs::read_to_string(key(folder.path(), name, request()).file).unwrap();
        assert!(!text.contains("hunter2") && !text.contains("password"), "{text}");
        serde_json::from_str::<KeyFile>(&text).unwrap().digest.unwrap()
    };
    assert_ne!(digest("one"), digest("two"), "equal requests under two keys do not show");
}

#[test]
fn a_digest_stays_what_it_is() {
    // Another digest of the same request would refuse the rerun of what an earlier version started.
    let digest = digest_of("00112233445566778899aabbccddeeff", r#"{"inputs":{"region":"EMEA"},"type":"TASKFLOW"}"#);
    assert_eq!(digest, "c3f288acca09456da7f375125c31358885354c893adf5f928c469dfe812e457c");
}

/// The file of a key as 0.1.0 wrote it.
fn of_the_first_version(folder: &Path, name: &str, handle: Option<&str>) {
    let handle = handle.map_or("null".to_owned(), |handle| format!("\"{handle}\""));
    let kept = format!(
        r#"{{"key":"{name}","task":"MTT/01ABCD0Z00000000001S","asked_at":"2026-03-01T00:00:00Z","handle":{handle}}}"#
    );
    let file = key(folder, name, json!({})).file;
    std::fs::write(file.with_extension("lock"), "").unwrap();
    std::fs::write(file, kept).unwrap();
}

#[test]
fn keys_of_the_first_version_are_read_and_accept_any_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let file = key(folder.path(), "today", json!({})).file;
    assert_eq!(file.file_name().unwrap(), "480779d6310898894b9be500cd8a9f93.json");
    of_the_first_version(folder.path(), "asked", None);
    of_the_first_version(folder.path(), "today", Some("MTT/01ABCD0Z00000000001S/7"));
    std::fs::write(folder.path().join("swept"), "").unwrap();
    for request in [json!({"inputs": {"region": "EMEA"}}), json!({"inputs": {"region": "APAC"}})] {
        assert_eq!(
            lock_with(folder.path(), "asked", request.clone()).unwrap().state(),
            Some(KeyState::Pending(only_ours(0)))
        );
        let mut locked = lock_with(folder.path(), "today", request).unwrap();
        assert_eq!(locked.state(), Some(KeyState::Started(run(7))));
        locked.touch(day(500)).unwrap();
    }
    // What is written since then has the members of the first version still.
    let text = std::fs::read_to_string(key(folder.path(), "today", json!({})).file).unwrap();
    let kept: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&kept["key"], &kept["task"], &kept["asked_at"], &kept["handle"]),
        (
            &json!("today"),
            &json!("MTT/01ABCD0Z00000000001S"),
            &json!("2026-03-01T00:00:00Z"),
            &json!("MTT/01ABCD0Z00000000001S/7")
        )
    );
    for days in [501, 502, 503] {
        sweep(folder.path(), day(days), 400 * DAY);
    }
    assert!(is_there(folder.path(), "today") && is_there(folder.path(), "asked"));
}

#[test]
fn a_key_goes_after_two_sweeps_a_day_apart_and_its_lock_with_it() {
    let folder = tempfile::tempdir().unwrap();
    start(folder.path(), "old", day(0));
    start(folder.path(), "new", day(300));
    std::fs::write(folder.path().join("notes.json"), "mine").unwrap();
    let swept = |days| sweep(folder.path(), day(days), 400 * DAY);
    assert_eq!(swept(400), Some(Swept { examined: 2, found: 0, removed: 0 }));
    assert_eq!(swept(401), Some(Swept { examined: 2, found: 1, removed: 0 }));
    let hours = Clocks { ours: day(401).ours + SignedDuration::from_hours(23), service: None };
    assert_eq!(sweep(folder.path(), hours, 400 * DAY), None, "the next sweep comes a day later");
    assert!(is_there(folder.path(), "old"));
    assert_eq!(swept(402), Some(Swept { examined: 2, found: 0, removed: 1 }));
    assert!(!is_there(folder.path(), "old") && is_there(folder.path(), "new"));
    assert_eq!(
        files(folder.path()).len(),
        5,
        "the new key with its lock, the sweep's file with its lock, and a foreign one"
    );
}

#[test]
fn keys_in_doubt_in_hand_or_used_since_stay() {
    let folder = tempfile::tempdir().unwrap();
    drop(lock(folder.path(), "in doubt").unwrap().pending(day(0)).unwrap());
    for name in ["in hand", "used again", "old"] {
        start(folder.path(), name, day(0));
    }
    let locked = lock(folder.path(), "in hand").unwrap();
    let keep = DAY / 2;
    sweep(folder.path(), day(1), keep);
    // It is too old again at the next sweep, but the first one found it as it was before.
    lock(folder.path(), "used again").unwrap().touch(day(1)).unwrap();
    let swept = sweep(folder.path(), day(2), keep).unwrap();
    assert_eq!(swept.removed, 1);
    let left = ["in doubt", "in hand", "used again", "old"].map(|name| is_there(folder.path(), name));
    assert_eq!(left, [true, true, true, false]);
    drop(locked);
    sweep(folder.path(), day(3), keep);
    assert!(is_there(folder.path(), "in doubt"));
}

#[test]
fn no_single_reading_of_a_clock_makes_a_key_go() {
    let keep = 400 * DAY;
    // What sweeps read, in days, when the key was used on day 0 and the clock was wrong at some of them.
    for readings in [&[5000, 1, 2, 3][..], &[1, 5000, 2, 5001, 3, 5002], &[-5000, 1, 2, 3], &[5000, 5000, 1, 5001, 2]] {
        let folder = tempfile::tempdir().unwrap();
        start(folder.path(), "k", day(0));
        for days in readings {
            sweep(folder.path(), only_ours(*days), keep);
        }
        assert!(is_there(folder.path(), "k"), "{readings:?}");
    }
    // A sweep that knows better by the service's time is not misled.
    let folder = tempfile::tempdir().unwrap();
    start(folder.path(), "k", day(0));
    for days in 1..5 {
        sweep(folder.path(), Clocks { ours: day(5000 + days).ours, service: Some(day(days).ours) }, keep);
    }
    assert!(is_there(folder.path(), "k"));
    // Nor does a use count as old because the clock was behind at it.
    let used = Clocks { ours: day(-20_000).ours, service: Some(day(5).ours) };
    lock(folder.path(), "k").unwrap().pending(used).unwrap().started(&run(2), used).unwrap();
    lock(folder.path(), "k").unwrap().touch(only_ours(-20_000)).unwrap();
    for days in 6..10 {
        sweep(folder.path(), only_ours(days), keep);
    }
    assert!(is_there(folder.path(), "k"));
}

fn many(folder: &Path, keys: usize) {
    for number in 0..keys {
        of_the_first_version(folder, &format!("k{number}"), Some("MTT/01ABCD0Z00000000001S/7"));
    }
}

#[test]
fn a_clock_that_was_set_back_makes_void_what_sweeps_found_before() {
    let folder = tempfile::tempdir().unwrap();
    many(folder.path(), 1500);
    // The sweep by the right time comes to the rest of the keys only.
    let removed = [5000, 1, 5001].map(|days| sweep(folder.path(), only_ours(days), 400 * DAY).unwrap().removed);
    assert_eq!(removed, [0, 0, 0]);
}

#[test]
fn what_was_found_late_in_one_sweep_and_early_in_the_next_was_not_found_a_day_apart() {
    let folder = tempfile::tempdir().unwrap();
    many(folder.path(), 1500);
    let swept = |days: i64, hours: i64| {
        let ours = day(days).ours + SignedDuration::from_hours(hours);
        sweep(folder.path(), Clocks { ours, service: None }, 400 * DAY).map(|swept| (swept.examined, swept.removed))
    };
    let all = [swept(500, 0), swept(500, 23), swept(501, 0), swept(501, 1), swept(502, 0)];
    assert_eq!(all, [(1000, 0), (500, 0), (1000, 1000), (500, 0), (500, 500)].map(Some));
}

#[test]
fn a_sweep_goes_on_where_the_last_one_stopped() {
    let folder = tempfile::tempdir().unwrap();
    many(folder.path(), 2500);
    let swept = |days| {
        let swept = sweep(folder.path(), day(days), 400 * DAY)?;
        Some((swept.examined, swept.found, swept.removed))
    };
    let first: Vec<_> = (0..4).map(|_| swept(500)).collect();
    assert_eq!(first, [Some((1000, 1000, 0)), Some((1000, 2000, 0)), Some((500, 2500, 0)), None]);
    let second: Vec<_> = (0..4).map(|_| swept(501)).collect();
    assert_eq!(second, [Some((1000, 1500, 1000)), Some((1000, 500, 1000)), Some((500, 0, 500)), None]);
    assert_eq!(files(folder.path()), BTreeSet::from(["swept", "swept.lock"].map(str::to_owned)));
}

#[test]
fn drafts_of_killed_processes_go_and_those_at_work_stay() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".tmpAbCdEf"), "").unwrap();
    let first = sweep(folder.path(), day(1), 400 * DAY);
    assert_eq!(first, Some(Swept { examined: 0, found: 0, removed: 0 }), "a draft is no key");
    let pending = lock(folder.path(), "k").unwrap().pending(day(2)).unwrap();
    sweep(folder.path(), day(2), 400 * DAY);
    let findings = std::fs::read_to_string(folder.path().join("swept")).unwrap();
    assert!(!findings.contains(".tmpAbCdEf"), "{findings}");
    assert!(!folder.path().join(".tmpAbCdEf").exists());
    pending.started(&run(3), day(2)).unwrap();
    assert_eq!(lock(folder.path(), "k").unwrap().state(), Some(KeyState::Started(run(3))));
}
