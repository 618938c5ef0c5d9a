//! Splits a JSON array into its elements while it arrives, so that memory does not grow with the number of rows.

use crate::api::transport::Body;

/// One element may be this long; a row of the activity log with all its parts is a few kilobytes.
const ELEMENT_LIMIT: usize = 16 * 1024 * 1024;

#[derive(Debug, Default, PartialEq)]
enum Place {
    #[default]
    Before,
    Inside,
    /// Inside a string of an element.
    Text,
    /// Behind a backslash in such a string.
    Escape,
    After,
}

#[derive(Debug, Default)]
struct Splitter {
    element: Vec<u8>,
    depth: usize,
    place: Place,
}

impl Splitter {
    /// Takes bytes from the front of a piece, at least one; gives how many, and whether they complete `element`.
    fn take(&mut self, piece: &[u8]) -> Result<(usize, bool), String> {
        let byte = piece[0];
        match (&self.place, byte) {
            (Place::Text, _) => return Ok((self.take_text(piece), false)),
            (Place::Escape, _) => {
                self.element.push(byte);
                self.place = Place::Text;
            }
            // A byte order mark may stand in front.
            (_, b' ' | b'\t' | b'\r' | b'\n') | (Place::Before, 0xef | 0xbb | 0xbf) => {}
            (Place::Before, b'[') => self.place = Place::Inside,
            (Place::Before, _) => return Err("it is not a JSON array".to_owned()),
            (Place::After, _) => return Err("it goes on after its end".to_owned()),
            (Place::Inside, b',') if self.depth == 0 => return Ok((1, !self.element.is_empty())),
            (Place::Inside, b']') if self.depth == 0 => {
                self.place = Place::After;
                return Ok((1, !self.element.is_empty()));
            }
            (Place::Inside, _) => {
                match byte {
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' => self.depth = self.depth.checked_sub(1).ok_or("its brackets do not match")?,
                    b'"' => self.place = Place::Text,
                    _ => {}
                }
                self.element.push(byte);
            }
        }
        Ok((1, false))
    }

    /// Takes a string up to its end, to a backslash or to the end of the piece, in one go: most of a row is strings.
    fn take_text(&mut self, piece: &[u8]) -> usize {
        let end = piece.iter().position(|byte| matches!(byte, b'\\' | b'"'));
        self.place = match end.map(|end| piece[end]) {
            Some(b'\\') => Place::Escape,
            Some(_) => Place::Inside,
            None => Place::Text,
        };
        let length = end.map_or(piece.len(), |end| end + 1);
        self.element.extend_from_slice(&piece[..length]);
        length
    }
}

/// Hands each element of the array to `element`, as the bytes of a JSON text.
pub(crate) async fn each(mut body: Body, mut element: impl FnMut(&[u8])) -> Result<(), String> {
    let mut splitter = Splitter::default();
    while let Some(piece) = body.next().await {
        let piece = piece?;
        let mut rest = &piece[..];
        while !rest.is_empty() {
            let (taken, is_complete) = splitter.take(rest)?;
            rest = &rest[taken..];
            if is_complete {
                element(&splitter.element);
                splitter.element.clear();
            }
        }
        if splitter.element.len() > ELEMENT_LIMIT {
            return Err("one of its rows is longer than 16 MiB".to_owned());
        }
    }
    match splitter.place {
        Place::After => Ok(()),
        Place::Before => Err("it is empty".to_owned()),
        Place::Inside | Place::Text | Place::Escape => Err("it is cut off".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, StreamExt, stream};

    use super::*;

    /// The elements, with the text cut into pieces of `size` bytes.
    fn split(text: &str, size: usize) -> Result<Vec<String>, String> {
        let pieces: Vec<_> = text.as_bytes().chunks(size).map(|piece| Ok(piece.to_vec())).collect();
        let mut found = Vec::new();
        let elements = each(Body::new(stream::iter(pieces).boxed_local()), |element| {
            found.push(String::from_utf8_lossy(element).into_owned());
        });
        elements.now_or_never().unwrap().map(|()| found)
    }

    #[test]
    fn elements_are_found_however_the_text_is_cut() {
        let text = r#" [ {"a":"x, ]}\" \\","b":[1,{"c":2}]} , {} ,3, "ä" ] "#;
        for size in 1..=text.len() {
            let found = split(text, size).unwrap();
            assert_eq!(found, [r#"{"a":"x, ]}\" \\","b":[1,{"c":2}]}"#, "{}", "3", "\"ä\""], "{size}");
        }
        assert_eq!(split("\u{feff}[]", 1), Ok(vec![]));
    }

    #[test]
    fn an_element_has_a_longest_length() {
        const LONGEST: usize = 16 << 20;
        let split = |length: usize| {
            let element = format!("[\"{}", "x".repeat(length - 1));
            let pieces = [Ok(element.into_bytes()), Ok(b"\",7]".to_vec())];
            let mut count = 0;
            let elements = each(Body::new(stream::iter(pieces).boxed_local()), |_| count += 1);
            elements.now_or_never().unwrap().map(|()| count)
        };
        assert_eq!(split(LONGEST), Ok(2));
        for length in [LONGEST + 1, LONGEST + 2] {
            assert_eq!(split(length), Err("one of its rows is longer than 16 MiB".to_owned()));
        }
    }

    #[test]
    fn what_is_no_array_is_said() {
        let said = |text| split(text, 3).unwrap_err();
        assert_eq!(said("<html>"), "it is not a JSON array");
        assert_eq!(said(r#"{"@type":"error"}"#), "it is not a JSON array");
        assert_eq!(said(""), "it is empty");
        assert_eq!(said("[{},{"), "it is cut off");
        assert_eq!(said("[] []"), "it goes on after its end");
        assert_eq!(said("[}]"), "its brackets do not match");
    }
}
