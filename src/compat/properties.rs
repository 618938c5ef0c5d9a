//! The format of `java.util.Properties`, in which RunAJob keeps `restenv.properties`.

use std::collections::BTreeMap;

use thiserror::Error;
use zeroize::Zeroizing;

/// The pairs of a file. One of the values is likely a password, so all are wiped when dropped.
#[derive(Default)]
pub struct Properties(BTreeMap<String, Zeroizing<String>>);

/// Why a text is not in the format. Nearly every text is.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Malformed {
    /// It begins like UTF-8 and is not.
    #[error("it begins with the byte order mark of UTF-8, but is not UTF-8")]
    NotUtf8,
    /// An escape is not complete.
    #[error("line {0}: after \\u come four hexadecimal digits")]
    Escape(usize),
}

impl Properties {
    /// Reads the bytes of a file: UTF-8 if it begins with a byte order mark, which Java does not know and editors write;
    /// else ISO-8859-1, as Java's `Properties.load(InputStream)` reads it. Of equal keys the last one counts.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let units = units(bytes)?;
        let mut lines = Lines { units: &units, at: 0, line: Zeroizing::new(Vec::with_capacity(units.len())) };
        let mut pairs = BTreeMap::new();
        while lines.advance() {
            let (key, value) = split(&lines.line);
            let malformed = |NoDigits| Malformed::Escape(lines.number());
            let key = text(&unescaped(key).map_err(malformed)?);
            pairs.insert(key.to_string(), text(&unescaped(value).map_err(malformed)?));
        }
        Ok(Self(pairs))
    }

    /// The value of a key, exactly as it is written; `None` when the key is absent or the value empty.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|value| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Every pair, by key.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// UTF-16 code units, of which Java's characters and its `\u` escapes are made.
type Units = Zeroizing<Vec<u16>>;

const BACKSLASH: u16 = b'\\' as u16;
const RETURN: u16 = b'\r' as u16;
const NEWLINE: u16 = b'\n' as u16;

fn is_blank(unit: u16) -> bool {
    [b' ', b'\t', 0x0c].map(u16::from).contains(&unit)
}

fn is_end(unit: u16) -> bool {
    unit == RETURN || unit == NEWLINE
}

fn is_separator(unit: u16) -> bool {
    [b'=', b':'].map(u16::from).contains(&unit)
}

fn units(bytes: &[u8]) -> Result<Units, Malformed> {
    // As long as it can become at most, so that growing leaves no copy behind.
    let mut units = Zeroizing::new(Vec::with_capacity(bytes.len()));
    match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(text) => units.extend(str::from_utf8(text).map_err(|_| Malformed::NotUtf8)?.encode_utf16()),
        None => units.extend(bytes.iter().copied().map(u16::from)),
    }
    Ok(units)
}

/// Logical lines: without comments, blank lines and the white space in front, continuations joined.
struct Lines<'a> {
    units: &'a [u16],
    at: usize,
    /// The line that was read last.
    line: Units,
}

impl Lines<'_> {
    /// Reads the next logical line, if there is one. Keeps the corners of Java's reader: a `#` that follows a continuation
    /// of nothing begins a comment, and a lone backslash at the end of the file is a line without characters.
    fn advance(&mut self) -> bool {
        let line = &mut self.line;
        line.clear();
        let (mut leading, mut continued, mut escaping) = (true, false, false);
        let mut found = false;
        while let Some(&unit) = self.units.get(self.at) {
            self.at += 1;
            if leading {
                if is_blank(unit) || (is_end(unit) && !continued) {
                    continue;
                }
                (leading, continued) = (false, false);
            }
            if line.is_empty() && [b'#', b'!'].map(u16::from).contains(&unit) {
                let rest = &self.units[self.at..];
                self.at += rest.iter().position(|&unit| is_end(unit)).map_or(rest.len(), |end| end + 1);
                leading = true;
            } else if !is_end(unit) {
                line.push(unit);
                escaping = unit == BACKSLASH && !escaping;
            } else if line.is_empty() {
                leading = true;
            } else if !escaping || self.at == self.units.len() {
                found = true;
                break;
            } else {
                line.pop();
                (leading, continued, escaping) = (true, true, false);
                if unit == RETURN && self.units[self.at] == NEWLINE {
                    self.at += 1;
                }
            }
        }
        found |= !line.is_empty();
        if escaping {
            line.pop();
        }
        found
    }

    /// The number of the physical line that ends the logical one, from 1.
    fn number(&self) -> usize {
        let before = &self.units[..self.at.saturating_sub(1)];
        let ends = before.iter().enumerate().filter(|&(index, &unit)| {
            unit == NEWLINE || (unit == RETURN && self.units.get(index + 1) != Some(&NEWLINE))
        });
        ends.count() + 1
    }
}

/// The key and the value of a logical line, still with their escapes.
fn split(line: &[u16]) -> (&[u16], &[u16]) {
    let mut escaping = false;
    let end = line.iter().position(|&unit| {
        let ends = !escaping && (is_separator(unit) || is_blank(unit));
        escaping = unit == BACKSLASH && !escaping;
        ends
    });
    let Some(end) = end else { return (line, &[]) };
    let value = &line[end..];
    let mut separated = false;
    let start = value.iter().position(|&unit| {
        let first = !separated && is_separator(unit);
        separated |= first;
        !is_blank(unit) && !first
    });
    (&line[..end], start.map_or(&[], |start| &value[start..]))
}

/// The text of code units. Halves of pairs that stand alone are no characters, and become U+FFFD.
fn text(units: &[u16]) -> Zeroizing<String> {
    // A unit becomes three bytes at most.
    let mut text = Zeroizing::new(String::with_capacity(units.len() * 3));
    let letters = char::decode_utf16(units.iter().copied());
    text.extend(letters.map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)));
    text
}

/// An escape `\u` without its digits.
struct NoDigits;

fn unescaped(text: &[u16]) -> Result<Units, NoDigits> {
    let mut plain = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text;
    while let Some((&unit, tail)) = rest.split_first() {
        rest = tail;
        if unit != BACKSLASH {
            plain.push(unit);
            continue;
        }
        // A logical line never ends within an escape.
        let Some((&escape, tail)) = rest.split_first() else { break };
        rest = tail;
        plain.push(match u8::try_from(escape) {
            Ok(b'u') => {
                let (digits, tail) = rest.split_at_checked(4).ok_or(NoDigits)?;
                rest = tail;
                let digit = |&digit: &u16| char::from_u32(digit.into()).and_then(|digit| digit.to_digit(16));
                let values = digits.iter().map(digit).collect::<Option<Vec<_>>>().ok_or(NoDigits)?;
                values.iter().fold(0, |unit, &value| unit << 4 | u16::try_from(value).unwrap_or(0))
            }
            Ok(b't') => u16::from(b'\t'),
            Ok(b'r') => RETURN,
            Ok(b'n') => NEWLINE,
            Ok(b'f') => 0x0c,
            _ => escape,
        });
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &[u8]) -> Vec<(String, String)> {
        let properties = Properties::parse(text).unwrap();
        properties.pairs().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    fn one(text: &str) -> (String, String) {
        let found = pairs(text.as_bytes());
        assert_eq!(found.len(), 1, "{text:?}");
        found[0].clone()
    }

    #[test]
    fn three_separators_and_the_white_space_around_them() {
        for text in ["key=value", "key:value", "key value", " \t key \t= value", "key\u{c}:\u{c}value", "key  value"] {
            assert_eq!(one(text), ("key".into(), "value".into()), "{text:?}");
        }
        assert_eq!(one("key==value"), ("key".into(), "=value".into()));
        assert_eq!(one("key = : value"), ("key".into(), ": value".into()));
        assert_eq!(one("key"), ("key".into(), String::new()));
        assert_eq!(one("=value"), (String::new(), "value".into()));
        assert_eq!(one(r"a\=b\:c\ d = e"), ("a=b:c d".into(), "e".into()));
    }

    #[test]
    fn white_space_at_the_end_belongs_to_the_value() {
        assert_eq!(one("password = secret \t"), ("password".into(), "secret \t".into()));
    }

    #[test]
    fn comments_blank_lines_and_every_line_end() {
        let text = b"# one\r\n! two\n\r\n  # three\ra=1\rb=2\r\n \t\nc=3 # not a comment\n\n";
        let expected = [("a", "1"), ("b", "2"), ("c", "3 # not a comment")];
        assert_eq!(pairs(text), expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_backslash_before_the_line_end_continues_it() {
        for end in ["\n", "\r", "\r\n"] {
            assert_eq!(one(&format!("key = a\\{end}  b\\{end}\t#c")), ("key".into(), "ab#c".into()));
            assert_eq!(one(&format!("key = a\\\\{end}")), ("key".into(), "a\\".into()));
        }
        assert_eq!(one("key=a\\"), ("key".into(), "a".into()));
        assert_eq!(one("key=a\\\n"), ("key".into(), "a".into()));
        assert_eq!(one("\\\n# a comment\nkey=a"), ("key".into(), "a".into()));
        assert_eq!(one("\\"), (String::new(), String::new()));
    }

    #[test]
    fn escapes() {
        assert_eq!(one(r"k=\t\n\r\f\\\q\'"), ("k".into(), "\t\n\r\u{c}\\q'".into()));
        assert_eq!(one(r"\u006bey=\u00e4\uD83D\uDE00\u20ac"), ("key".into(), "ä😀€".into()));
        for (text, line) in [("a=1\nb=\\u12\n", 2), ("a=\\u12g4", 1), ("a=1\r\nb=2\\\r\n\\uxyz1\r\n", 3), ("\\u", 1)] {
            assert_eq!(Properties::parse(text.as_bytes()).err(), Some(Malformed::Escape(line)), "{text:?}");
        }
    }

    #[test]
    fn the_encoding_is_told_by_a_byte_order_mark() {
        assert_eq!(pairs(b"k=\xe4\xff"), [("k".to_owned(), "äÿ".to_owned())]);
        assert_eq!(pairs("\u{feff}k=ä€😀".as_bytes()), [("k".to_owned(), "ä€😀".to_owned())]);
        assert_eq!(Properties::parse(b"\xef\xbb\xbfk=\xe4").err(), Some(Malformed::NotUtf8));
    }

    #[test]
    fn the_last_of_equal_keys_counts_and_an_empty_value_is_none() {
        let properties = Properties::parse(b"a=1\na=2\nb=\n").unwrap();
        assert_eq!((properties.get("a"), properties.get("b"), properties.get("c")), (Some("2"), None, None));
    }

    #[test]
    fn an_empty_file_has_nothing() {
        for text in [&b""[..], b"\n\r\n", b"# only a comment", b"  \t", b"\xef\xbb\xbf"] {
            assert_eq!(pairs(text), [], "{text:?}");
        }
    }
}
