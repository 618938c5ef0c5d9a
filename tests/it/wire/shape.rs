//! Compares bodies by keys, their order, and types.

use serde_json::{Map, Value};

/// Where two bodies differ in keys, their order, or types. Of arrays the elements that both have are compared.
pub(super) fn differences(place: &str, expected: &Value, found: &Value) -> Vec<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            // The names of groups are content, not keys.
            let same = expected.keys().eq(found.keys()) || place.ends_with("groups");
            let keys = |object: &Map<String, Value>| object.keys().cloned().collect::<Vec<_>>().join(" ");
            let own = (!same).then(|| format!("{place}: expected {} but found {}", keys(expected), keys(found)));
            let inner = expected.iter().filter_map(|(key, value)| Some((key, value, found.get(key)?)));
            own.into_iter().chain(inner.flat_map(|(key, a, b)| differences(&format!("{place}.{key}"), a, b))).collect()
        }
        (Value::Array(expected), Value::Array(found)) => {
            let one_is_empty = expected.is_empty() != found.is_empty();
            let own = one_is_empty.then(|| format!("{place}: {} elements but {}", expected.len(), found.len()));
            let pairs = expected.iter().zip(found).enumerate();
            own.into_iter()
                .chain(pairs.flat_map(|(index, (a, b))| differences(&format!("{place}[{index}]"), a, b)))
                .collect()
        }
        _ if kind(expected) == kind(found) => Vec::new(),
        _ => vec![format!("{place}: expected a {} but found {found}", kind(expected))],
    }
}

/// The type of a value; of a text also what kind of text it is.
fn kind(value: &Value) -> String {
    let text = match value {
        Value::Null => return "null".to_owned(),
        Value::Bool(_) => return "bool".to_owned(),
        Value::Number(number) => return if number.is_f64() { "fraction" } else { "number" }.to_owned(),
        Value::Array(_) => return "array".to_owned(),
        Value::Object(_) => return "object".to_owned(),
        Value::String(text) => text,
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_time = text.len() >= 20 && text.ends_with('Z') && text.as_bytes()[10] == b'T';
    match text.as_str() {
        "" => "empty text".to_owned(),
        text if digits(text) => "text of digits".to_owned(),
        text if is_time => format!("time of {} characters", text.len()),
        text if text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) => {
            "v2 ID".to_owned()
        }
        _ => "text".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_difference_of_key_order_or_type_is_found() {
        let expected = json!({"a": 1, "b": [{"c": "x"}], "d": null});
        assert_eq!(differences("", &expected, &json!({"a": 7, "b": [{"c": "y"}, 1], "d": null})), Vec::<String>::new());
        for other in [
            json!({"b": [{"c": "x"}], "a": 1, "d": null}),
            json!({"a": "1", "b": [{"c": "x"}], "d": null}),
            json!({"a": 1, "b": [], "d": null}),
            json!({"a": 1, "b": [{"c": 1}], "d": null}),
            json!({"a": 1, "b": [{"c": "x"}]}),
        ] {
            assert_eq!(differences("", &expected, &other).len(), 1, "{other}");
        }
    }
}
