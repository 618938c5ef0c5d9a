//! The members of a JSON object, each left as it is written until it is asked for. A value that is null, of another type or
//! broken counts as absent, and of several under one key the first that can be used counts.

use std::fmt;

use jiff::Timestamp;
use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::api::wire::lenient::repaired;
use crate::api::wire::values::{boolean, number, text, word};

/// Elements of one array that are read at most.
const ELEMENTS: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Members<'j>(Vec<(String, &'j str)>);

impl<'j> Members<'j> {
    /// None for what is no object.
    pub(crate) fn of(json: &'j str) -> Option<Self> {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let members = deserializer.deserialize_map(MembersVisitor).ok()?;
        deserializer.end().ok()?;
        Some(members)
    }

    /// Reads an object from bytes, if need be after a repair.
    pub(crate) fn read<T>(json: &[u8], with: impl FnOnce(&Members<'_>) -> T) -> Option<T> {
        if let Some(members) = std::str::from_utf8(json).ok().and_then(Members::of) {
            return Some(with(&members));
        }
        Members::of(&repaired(json)).map(|members| with(&members))
    }

    /// What the first value under the key gives from which something can be read. A key in other capitals is the second
    /// choice: `RunId` in some answers is `runId` in others.
    pub(crate) fn find<T>(&self, key: &str, read: impl Fn(&'j str) -> Option<T>) -> Option<T> {
        let under = |is_key: &dyn Fn(&str) -> bool| {
            self.0.iter().filter(|(name, _)| is_key(name)).find_map(|(_, value)| read(value))
        };
        under(&|name| name == key).or_else(|| under(&|name| name != key && name.eq_ignore_ascii_case(key)))
    }

    /// A text of at least one character, or a number as it is written.
    pub(crate) fn word(&self, key: &str) -> Option<String> {
        self.find(key, |value| repairing(value, word))
    }

    /// A text without white space around it. The word "null" is none.
    pub(crate) fn text_of(&self, keys: &[&str]) -> Option<String> {
        let text = |value: &str| repairing(value, word).filter(|text| value.starts_with('"') && text != "null");
        keys.iter().find_map(|key| self.find(key, text)).map(|text| text.trim().to_owned())
    }

    /// The message under the first of these keys that has one; of a value that is no text, its JSON.
    pub(crate) fn message(&self, keys: &[&str]) -> Option<String> {
        let message = |value: &str| repairing(value, text).filter(|text| text != "null");
        keys.iter().find_map(|key| self.find(key, message)).map(|text| text.trim().to_owned())
    }

    pub(crate) fn number(&self, key: &str) -> Option<u64> {
        self.find(key, |value| repairing(value, number))
    }

    pub(crate) fn boolean(&self, key: &str) -> Option<bool> {
        self.find(key, |value| repairing(value, boolean))
    }

    pub(crate) fn time(&self, key: &str) -> Option<Timestamp> {
        self.find(key, |value| repairing(value, word)?.trim().parse().ok())
    }

    /// An ID that is a text or a number. It can have more digits than any number type holds, so it becomes a text.
    pub(crate) fn id(&self, key: &str) -> Option<String> {
        self.find(key, id)
    }

    pub(crate) fn object(&self, key: &str) -> Option<Members<'j>> {
        self.find(key, Members::of)
    }

    /// The elements of an array, at most ten thousand.
    pub(crate) fn array(&self, key: &str) -> Option<Vec<&'j str>> {
        self.find(key, elements)
    }

    /// Whether there is a value under the key that is not null.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.find(key, |value| (value != "null").then_some(())).is_some()
    }

    /// The values of all members.
    pub(crate) fn values(&self) -> impl Iterator<Item = &'j str> {
        self.0.iter().map(|(_, value)| *value)
    }
}

/// An ID, whatever holds it: a text, or a whole number of any length.
pub(crate) fn id(value: &str) -> Option<String> {
    let is_text = value.starts_with('"');
    let id = repairing(value, word)?.trim().to_owned();
    if is_text || id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(id);
    }
    repairing(value, number).map(|number| number.to_string())
}

/// The elements of an array, at most ten thousand.
pub(crate) fn elements(value: &str) -> Option<Vec<&str>> {
    if !value.starts_with('[') {
        return None;
    }
    let elements: Vec<&RawValue> = serde_json::from_str(value).ok()?;
    Some(elements.into_iter().take(ELEMENTS).map(RawValue::get).collect())
}

/// Reads a value, if need be after a repair.
fn repairing<T>(value: &str, read: impl Fn(&str) -> serde_json::Result<Option<T>>) -> Option<T> {
    read(value).or_else(|_| read(&repaired(value.as_bytes()))).ok().flatten()
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
            members.push((key, value.get()));
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(json: &[u8], with: impl FnOnce(&Members<'_>) -> T) -> T {
        Members::read(json, with).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(json)))
    }

    #[test]
    fn the_first_value_that_can_be_used_counts() {
        for json in [
            &br#"{"a":"x","a":null}"#[..],
            br#"{"a":null,"a":"x","a":"y"}"#,
            br#"{"a":{},"a":[],"A":"z","a":"x"}"#,
            br#"{"A":"x"}"#,
            b"{\"odd\":\"\xe9\",\"a\":\"x\",\"more\":1e400}",
            br#"{"od\ud800d":NaN,"a":"x"}"#,
        ] {
            assert_eq!(
                read(json, |members| members.word("a")).as_deref(),
                Some("x"),
                "{}",
                String::from_utf8_lossy(json)
            );
        }
        assert_eq!(read(br#"{"a":"x\ud800"}"#, |members| members.word("a")).as_deref(), Some("x\u{fffd}"));
        assert_eq!(read(br#"{"a":"","a":" "}"#, |members| members.word("a")), None);
        for json in ["null", "[]", "7", "\"x\"", "{", r#"{"a"}"#, r#"{"a":1}x"#] {
            assert_eq!(Members::read(json.as_bytes(), |_| ()), None, "{json}");
        }
    }

    #[test]
    fn an_id_is_a_text_or_a_number_of_full_length() {
        for (json, expected) in [
            (r#""778812345678901234""#, Some("778812345678901234")),
            ("778812345678901234", Some("778812345678901234")),
            ("18446744073709551615", Some("18446744073709551615")),
            ("98446744073709551615", Some("98446744073709551615")),
            (r#"" x ""#, Some("x")),
            ("7.0", Some("7")),
            ("1.5", None),
            ("-1", None),
            ("null", None),
            (r#""""#, None),
            ("[]", None),
            ("7e30", None),
        ] {
            assert_eq!(id(json).as_deref(), expected, "{json}");
        }
    }

    #[test]
    fn nothing_that_is_not_asked_for_costs_the_rest() {
        let nest = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
        let json = format!(r#"{{"deep":{nest},"id":7,"error":{{"code":null,"message":"no"}},"list":[{nest},1]}}"#);
        read(json.as_bytes(), |members| {
            assert_eq!((members.number("id"), members.id("id").as_deref()), (Some(7), Some("7")));
            assert_eq!(members.object("error").unwrap().word("message").as_deref(), Some("no"));
            assert_eq!(members.array("list").unwrap()[1], "1");
            assert!(members.has("deep") && !members.has("none") && members.object("list").is_none());
        });
    }
}
