//! Makes JSON readable that a strict reader refuses: invalid UTF-8, control characters and lone surrogates in strings,
//! numbers that no type holds. A body that is cut off or no JSON stays unreadable.

use std::borrow::Cow;

use serde_json::Value;

/// The same JSON, with everything replaced that a strict reader refuses inside strings, and with bare words that are no
/// JSON as strings.
pub(crate) fn repaired(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut repaired = String::with_capacity(text.len());
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(&text);
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '"' => string(rest, &mut repaired),
            '{' | '}' | '[' | ']' | ',' | ':' | ' ' | '\t' | '\r' | '\n' => {
                repaired.push(first);
                &rest[1..]
            }
            _ => word(rest, &mut repaired),
        };
    }
    repaired
}

/// Repairs a string up to its end, and gives what follows.
fn string<'t>(text: &'t str, repaired: &mut String) -> &'t str {
    repaired.push('"');
    let mut rest = &text[1..];
    while let Some(next) = rest.chars().next() {
        rest = match next {
            '"' => {
                repaired.push('"');
                return &rest[1..];
            }
            '\\' => escape(rest, repaired),
            '\0'..='\x1f' => {
                repaired.push_str(&format!("\\u{:04x}", u32::from(next)));
                &rest[1..]
            }
            _ => {
                repaired.push(next);
                &rest[next.len_utf8()..]
            }
        };
    }
    rest
}

/// Repairs what begins with a backslash, and gives what follows.
fn escape<'t>(text: &'t str, repaired: &mut String) -> &'t str {
    let length = match text.as_bytes().get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
        Some(b'u') => match (unit(text), text.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                repaired.push(char::REPLACEMENT_CHARACTER);
                return &text[6..];
            }
            (Some(_), _) => 6,
            (None, _) => 0,
        },
        _ => 0,
    };
    if length == 0 {
        // No escape: a backslash that stands for itself.
        repaired.push_str("\\\\");
        return &text[1..];
    }
    repaired.push_str(&text[..length]);
    &text[length..]
}

/// The code unit of an escape such as `\u00fc`, if the text begins with one.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) { u16::from_str_radix(digits, 16).ok() } else { None }
}

/// Copies a bare word, as a string unless it is JSON, and gives what follows.
fn word<'t>(text: &'t str, repaired: &mut String) -> &'t str {
    let end = text.find(['{', '}', '[', ']', ',', ':', '"', ' ', '\t', '\r', '\n']).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let is_json = serde_json::from_str::<Value>(word).is_ok();
    repaired.push_str(&if is_json { Cow::Borrowed(word) } else { Value::from(word).to_string().into() });
    rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What a reader gets, if need be after a repair.
    fn value(bytes: &[u8]) -> Option<Value> {
        let repaired = || serde_json::from_str::<Value>(&repaired(bytes)).ok();
        // A repair makes a text of a bare word, so only what has a structure of its own is taken from it.
        serde_json::from_slice(bytes).ok().or_else(|| repaired().filter(|value| value.is_object() || value.is_array()))
    }

    #[test]
    fn what_a_strict_reader_refuses_is_read() {
        for (odd, read) in [
            (&br#"{"a":"x\ud800y"}"#[..], json!({"a": "x\u{fffd}y"})),
            (br#"{"a":"\udc00\ud83d\ude00\ud83d"}"#, json!({"a": "\u{fffd}\u{1f600}\u{fffd}"})),
            (br#"{"a":"\ud83d\u0041"}"#, json!({"a": "\u{fffd}A"})),
            (b"{\"M\xfcller\":\"\xe9\"}", json!({"M\u{fffd}ller": "\u{fffd}"})),
            (b"[\"line\nnext\ttab\x01\"]", json!(["line\nnext\ttab\u{1}"])),
            (br#"["C:\data\x","\u12","\""]"#, json!(["C:\\data\\x", "\\u12", "\""])),
            (b"\xef\xbb\xbf[1]", json!([1])),
            (b"[1e400, -1e999,NaN, 7, true]", json!(["1e400", "-1e999", "NaN", 7, true])),
        ] {
            let shown = String::from_utf8_lossy(odd);
            assert!(serde_json::from_slice::<Value>(odd).is_err(), "{shown}");
            assert_eq!(value(odd), Some(read), "{shown}");
        }
    }

    #[test]
    fn what_is_cut_off_or_no_json_stays_so() {
        for body in ["", "<html>busy</html>", "OK", "[{\"a\":1", "{\"a\":\"x", "[1] [2]", "{\"a\" 1}"] {
            assert_eq!(value(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn good_json_is_repaired_to_itself() {
        let text = r#"{"a":[1,-2.5e3,null,true,"\\\"\/\u00fc\ud83d\ude00",{}],"b":""}"#;
        assert_eq!(repaired(text.as_bytes()), text);
    }
}
