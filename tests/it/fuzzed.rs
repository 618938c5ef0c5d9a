//! What fuzzing found, and a little more of it each time: whatever the bytes, no parser panics, and what it reads is what it
//! writes. CONTRIBUTING.md says how to fuzz for longer.

use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use runajob::fuzzing::{TARGETS, run};

use crate::random::try_all;
use crate::world::files;

/// What is read somewhere, for the mutations to begin with.
const SEEDS: [&str; 14] = [
    "",
    "MTT/01ABCD0Z00000000001S/18",
    "FILE_INGESTION/6bYr1LmT8wXoP3sNqKc7Ud/77120\nTASKFLOW/778812345678901234\n# x\npath:a/b\nid:x\n\u{feff}fid:\u{202e}",
    "Sales/**/n?ght*\nSales/Nightly/Load customers",
    "1h30m",
    "9999999999999999999d1ms",
    "Tue, 03 Mar 2026 10:00:09 GMT",
    "2026-11-01T01:30:00.000Z",
    "base\\u0055rl = x\\\n  y\r\nTOTALWAIT=1\nRETRYCOUNT: 2\nPROXYHOST h\nPROXYPORT 80",
    "-un\nx\n-p\ny\n-t\nMTT\n-w\ntrue",
    "default_profile = 'a'\n[profiles.a]\nlogin_url = 'https://x'\ntimeout = '2h'\npassword_command = ['a', 'b']\n[compat]\nnowait_exit = 3",
    "{\"a\": 1, \"b\": [1e400, {\"c\": null}]}",
    "{\"server_url\": \"https://x\", \"session\": \"s\", \"org\": null}",
    "{\"key\": \"day\", \"task\": \"MTT/01ABCD0Z00000000001S\", \"asked_at\": \"2026-01-01T00:00:00Z\", \"handle\": null}",
];

/// What mutations put in.
const TOKENS: [&[u8]; 16] = [
    b"\"",
    b"\\",
    b"\\ud800",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"/",
    b"**",
    b"[",
    b"{",
    b"}",
    b",",
    b":",
    b"\n",
    b"-1",
    b"99999999999999999999",
];

/// A change at a place: bytes that are taken away, and a token that comes in.
type Change = (Index, usize, Option<Index>);

fn changed(seed: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for (place, taken, token) in changes {
        let place = place.index(bytes.len() + 1);
        let end = (place + taken).min(bytes.len());
        let token = token.map(|token| TOKENS[token.index(TOKENS.len())]);
        bytes.splice(place..end, token.unwrap_or_default().iter().copied());
    }
    bytes
}

fn fixtures(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
    if folder.exists() { files(&folder).iter().map(|file| std::fs::read(file).unwrap()).collect() } else { Vec::new() }
}

#[test]
fn each_target_can_be_fuzzed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    // The package that is published is without it.
    if !folder.exists() {
        return;
    }
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let listed: Vec<&str> = manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")).collect();
    assert_eq!(listed, TARGETS.map(|(target, _)| format!("{target}.rs\"")));
    for (target, _) in TARGETS {
        let code = std::fs::read_to_string(folder.join(format!("fuzz_targets/{target}.rs"))).unwrap();
        assert!(code.contains(&format!("run(\"{target}\", bytes)")), "{code}");
    }
}

#[test]
fn what_was_found_once_is_read_now() {
    for (target, _) in TARGETS {
        for bytes in fixtures(&format!("fuzzed/{target}")) {
            run(target, &bytes);
        }
    }
}

#[test]
fn no_bytes_make_a_parser_panic() {
    let wire = fixtures("wire").into_iter().map(|body| [b"\0\0", &body[..]].concat());
    let seeds: Vec<Vec<u8>> = SEEDS.iter().map(|seed| seed.as_bytes().to_vec()).chain(wire).collect();
    let change = (any::<Index>(), 0..4_usize, any::<Option<Index>>());
    let case = (any::<Index>(), vec(change, 0..8));
    std::thread::scope(|scope| {
        for (target, _) in TARGETS {
            let (case, seeds) = (&case, &seeds);
            scope.spawn(move || {
                try_all(150, case, |(seed, changes)| {
                    run(target, &changed(&seeds[seed.index(seeds.len())], changes));
                    Ok(())
                });
            });
        }
    });
}
