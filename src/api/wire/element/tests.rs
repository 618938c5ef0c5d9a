//! What is kept of values of every length, in whatever pieces they arrive.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::api::wire::element::*;

/// What an element is after these pieces, and the most memory that it took.
fn arrive<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> (Vec<u8>, usize) {
    let mut element = Element::default();
    let mut most = 0;
    for mut piece in pieces {
        while !piece.is_empty() {
            let taken = element.take(piece).unwrap();
            piece = &piece[taken..];
            most = most.max(element.text.capacity());
        }
    }
    assert!(element.is_closed());
    let mut text = Vec::new();
    element.finish(|kept| text = kept.to_vec());
    assert!(element.is_empty() && element.text.capacity() <= TEXT);
    (text, most)
}

fn kept(json: &str) -> Value {
    let pieces = [5000, json.len()].map(|size| arrive(json.as_bytes().chunks(size)));
    assert!(pieces.iter().all(|(text, _)| *text == pieces[0].0), "the pieces make no difference");
    assert!(pieces.iter().all(|(_, most)| *most <= 3 * LONGEST), "{} bytes of memory", pieces[0].1);
    serde_json::from_slice(&pieces[0].0).unwrap()
}

const MIB: usize = 1024 * 1024;

#[test]
fn a_value_of_a_mebibyte_is_kept_as_it_is() {
    let text = json!({"a": 1, "text": "é".repeat(WHOLE / 2 - 20), "b": [2]}).to_string();
    assert!(text.len() > WHOLE - 40 && text.len() <= WHOLE);
    assert_eq!(arrive([text.as_bytes()]).0, text.as_bytes());
}

#[test]
fn of_a_longer_value_the_keys_and_the_beginnings_of_the_texts_are_kept() {
    let long = |count: usize| "x".repeat(count);
    for count in [WHOLE, 4 * MIB] {
        let value =
            kept(&json!({"id": "a", "errorMsg": long(count), "state": 3, "more": long(count), "runId": 7}).to_string());
        assert_eq!(value, json!({"id": "a", "errorMsg": long(TEXT), "state": 3, "more": long(TEXT), "runId": 7}));
    }
    // One that was complete before the value was too long is cut as well.
    let value = kept(&json!({"one": long(MIB * 9 / 10), "two": long(MIB / 2), "three": "3"}).to_string());
    assert_eq!(value, json!({"one": long(TEXT), "two": long(TEXT), "three": "3"}));
    let value = kept(&json!({"entries": [{"errorMsg": long(2 * MIB)}, {"state": 3}], "state": 3}).to_string());
    assert_eq!(value, json!({"entries": [{"errorMsg": long(TEXT)}, {"state": 3}], "state": 3}));
}

#[test]
fn a_cut_never_tears_a_character() {
    for (unit, written) in [
        ("é", "é"),
        ("\u{1f600}", "\u{1f600}"),
        ("é", r"\u00e9"),
        ("\u{1f600}", r"\ud83d\ude00"),
        ("\\", r"\\"),
        ("\"", r#"\""#),
    ] {
        for front in 0..13 {
            let front = "a".repeat(front);
            let json = format!(r#"{{"text":"{front}{}","id":7}}"#, written.repeat(WHOLE / written.len() + 1));
            let value: Value = serde_json::from_slice(&arrive([json.as_bytes()]).0).unwrap();
            let text = value["text"].as_str().unwrap();
            let expected = format!("{front}{}", unit.repeat((TEXT - front.len()) / written.len()));
            assert!(text == expected && value["id"] == 7, "{written} {front}: {} and {}", text.len(), expected.len());
        }
    }
}

#[test]
fn parts_without_end_are_dropped_and_the_keys_behind_them_are_kept() {
    for part in ["{}", "7", "[[]]", r#"{"state":1,"entries":[{}]}"#, "\"x\""] {
        let parts = vec![part; 2 * MIB / part.len()].join(",");
        let value = kept(&format!(r#"{{"taskId":"a","entries":[{parts}],"more":{{"a":[{parts}]}},"state":1}}"#));
        assert_eq!(value, json!({"taskId": "a", "entries": ["cut"], "more": ["cut"], "state": 1}), "{part}");
    }
    let deep = format!(r#"{{"a":{}1{},"b":2}}"#, "[".repeat(MIB), "]".repeat(MIB));
    assert_eq!(kept(&deep), json!({"a": ["cut"], "b": 2}));
}

#[test]
fn a_value_whose_own_members_are_too_many_is_none() {
    let members: Vec<String> = (0..250_000).map(|number| format!("\"{number}\":0")).collect();
    assert_eq!(kept(&format!("{{{}}}", members.join(","))), Value::Null);
    assert_eq!(kept(&format!("{{\"runId\":{}}}", "1".repeat(3 * MIB))), Value::Null);
    assert_eq!(kept(&format!("[{}0]", "[],".repeat(MIB))), Value::Null);
}

#[test]
fn the_key_of_a_member_is_known_when_its_value_begins() {
    let mut element = Element::default();
    let mut keys = Vec::new();
    for byte in br#"{"a":[1],"b":{"c":2},"d\"":["e"]}"# {
        element.take(&[*byte]).unwrap();
        keys.extend(element.key().map(|key| String::from_utf8(key.to_vec()).unwrap()));
    }
    assert_eq!(keys, ["a", "b", r#"d\""#]);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        r#"[\\"{}\[\],:u]{0,8}"#.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..8)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_short_value_is_kept_byte_for_byte(value in any_json(), size in 1_usize..64) {
        let text = value.to_string();
        prop_assert_eq!(arrive(text.as_bytes().chunks(size)).0, text.as_bytes());
    }

    /// Whatever long value arrives, what is kept is JSON, and of an object the keys in front of its long parts.
    #[test]
    fn what_is_kept_of_a_long_value_is_json(value in any_json(), times in 1_usize..1000, size in 1_usize..5000) {
        let text = json!({"first": 1, "many": vec![value.clone(); times], "one": value, "last": 2}).to_string();
        let (kept, _) = arrive(text.as_bytes().chunks(size));
        let read: Value = serde_json::from_slice(&kept).unwrap();
        prop_assert!(read["first"] == 1 && read["last"] == 2);
        prop_assert!(text.len() > WHOLE || kept == text.as_bytes());
    }
}
