//! The only texts that an observation can hold: words of the service's own vocabulary, each checked when it is made.

use std::fmt;

/// A field name, a state, a type or an error code. What does not look like one is `(other)`, so that no name, ID or message
/// can pass for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word(String);

impl Word {
    const OTHER: &'static str = "(other)";

    fn checked(text: &str, longest: usize, is_one: impl FnOnce(&str) -> bool) -> Self {
        let fits = (1..=longest).contains(&text.len()) && is_one(text);
        Self(if fits { text } else { Self::OTHER }.to_owned())
    }

    /// The name of a field or of a type, such as `runId` or `@type`. IDs have digits.
    pub(crate) fn name(text: &str) -> Self {
        Self::checked(text, 40, |text| {
            let letters = text.strip_prefix('@').unwrap_or(text);
            !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
        })
    }

    /// A state or a context in capitals, such as `RUNNING` or `REST_API_V2`.
    pub(crate) fn state(text: &str) -> Self {
        Self::checked(text, 24, |text| {
            let is_part = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
            // IDs have more digits than the number of a version.
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            text.starts_with(|first: char| first.is_ascii_uppercase()) && text.bytes().all(is_part) && digits < 2
        })
    }

    /// The code of an error, such as `APP_13404` or `V3API_ObjectsListError_03`.
    pub(crate) fn code(text: &str) -> Self {
        Self::checked(text, 48, |text| {
            let Some((family, number)) = text.rsplit_once('_') else { return false };
            let is_number = (1..=6).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
            let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            is_number && family.starts_with(|first: char| first.is_ascii_uppercase()) && family.bytes().all(is_part)
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_word_of_the_service_is_one() {
        for name in ["runId", "@type", "activityMonitoryEntry"] {
            assert_eq!(Word::name(name).as_str(), name);
        }
        for state in ["RUNNING", "TRYING_TO_STOP", "REST_API_V2", "REST-API"] {
            assert_eq!(Word::state(state).as_str(), state);
        }
        for code in ["APP_13404", "V3API_ObjectsListError_03", "UI_10000"] {
            assert_eq!(Word::code(code).as_str(), code);
        }
        let long = "x".repeat(41);
        for odd in
            ["", "@", "01ABCD0Z00000000001S", "Load customers", "a.b@example.com", "m\u{1b}[31m", "straße", &long]
        {
            for word in [Word::name(odd), Word::state(odd), Word::code(odd)] {
                assert_eq!(word.as_str(), "(other)", "{odd}");
            }
        }
        assert_eq!(Word::code("APP_13404 Object of ops").as_str(), "(other)");
        assert_eq!(Word::state("RUNNING\u{1b}").as_str(), "(other)");
    }
}
