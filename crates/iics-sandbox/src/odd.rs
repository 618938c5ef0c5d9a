//! JSON as no careful service writes it. A lenient reader gets the same from it; a strict one refuses it.

use serde_json::Value;

/// In front of every object: a lone surrogate, Latin-1 bytes, raw control characters, a number that no type holds, a key
/// twice.
const ODDITIES: &[u8] = b"\"od\\ud800d\":\"M\xfcller\n\x01\\udc00\",\"more\":1e400,\"more\":[-1e999,{\"x\":[[[]]]}]";

/// The value, spelled oddly at every depth.
pub(crate) fn spell(value: &Value) -> Vec<u8> {
    let mut text = Vec::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut Vec<u8>) {
    match value {
        Value::Object(members) => {
            text.push(b'{');
            text.extend_from_slice(ODDITIES);
            // What the one list calls `taskId`, the other calls `objectId`.
            let added: &[u8] = match (members.contains_key("taskId"), members.contains_key("objectId")) {
                (true, false) => b",\"objectId\":\"another\"",
                (false, true) => b",\"taskId\":\"another\"",
                _ => b"",
            };
            text.extend_from_slice(added);
            for (key, value) in members {
                let key = Value::from(key.as_str()).to_string();
                text.extend_from_slice(format!(",{key}:null,{key}:").as_bytes());
                write(value, text);
            }
            text.push(b'}');
        }
        Value::Array(elements) => {
            text.push(b'[');
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    text.push(b',');
                }
                write(element, text);
            }
            text.push(b']');
        }
        // Short numbers with a fraction, long ones as texts.
        Value::Number(number) if number.as_u64().is_some_and(|number| number < 1000) => {
            text.extend_from_slice(format!("{number}.0").as_bytes());
        }
        Value::Number(number) => text.extend_from_slice(format!("\"{number}\"").as_bytes()),
        Value::Null | Value::Bool(_) | Value::String(_) => text.extend_from_slice(value.to_string().as_bytes()),
    }
}

/// A list with one more row in front, or with nothing but such rows, which nobody can read.
pub(crate) fn broken(value: &Value, all: bool) -> Vec<u8> {
    const ROW: &str = r#"{"type":"MTT","taskId"}"#;
    let Value::Array(rows) = value else { return value.to_string().into_bytes() };
    let good = if all { &[] } else { &rows[..] };
    let count = if all { rows.len() } else { 1 };
    let elements: Vec<String> =
        vec![ROW.to_owned(); count].into_iter().chain(good.iter().map(Value::to_string)).collect();
    format!("[{}]", elements.join(",")).into_bytes()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_odd_spelling_is_no_strict_json_and_keeps_its_members() {
        let text = spell(&json!([{"objectId": "x", "runId": 7, "long": 123_456, "entries": [{"state": 1}, {}]}]));
        assert!(serde_json::from_slice::<Value>(&text).is_err());
        let text = String::from_utf8_lossy(&text);
        for part in [
            r#","taskId":"another","#,
            r#""objectId":null,"objectId":"x""#,
            r#""runId":7.0"#,
            r#""long":"123456""#,
            r#""state":1.0"#,
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn broken_rows_stand_in_place_of_the_others_or_in_front() {
        let rows = json!([{"a": 1}, {"b": 2}]);
        let text = |all| String::from_utf8(broken(&rows, all)).unwrap();
        assert_eq!(text(false), r#"[{"type":"MTT","taskId"},{"a":1},{"b":2}]"#);
        assert_eq!(text(true), r#"[{"type":"MTT","taskId"},{"type":"MTT","taskId"}]"#);
        assert_eq!(broken(&json!({"a": 1}), true), br#"{"a":1}"#);
    }
}
