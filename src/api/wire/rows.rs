//! Reads a JSON body while it arrives: the elements of its list one after the other, and what is around them, so that memory
//! grows neither with the number of rows nor with the length of one.

use serde::de::IgnoredAny;

use crate::api::transport::Body;
use crate::api::wire::element::Element;
use crate::api::wire::lenient::repaired;
use crate::api::wire::members::Members;

/// A bare value is kept up to this length: an ID, or a few words.
const BARE: usize = 64 * 1024;

/// A real list of 64 MiB has fewer elements. What is kept of so many fits into memory.
const MOST: usize = 300_000;

/// Where the list of a body is, if it is not all of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ListAt {
    Nowhere,
    /// Under this key of the object.
    Key(&'static str),
    /// Under the first key that has an array.
    First,
}

/// A body without the elements of its list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// The list was all of it.
    Array,
    /// An object, as text that a strict reader takes. Its list, if one was looked for and found, is empty.
    Object(String),
    /// A value that is neither, as it is written.
    Bare(String),
}

/// Why a body is no JSON that can be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It did not arrive. Holds why.
    Broken(String),
    Empty,
    Html,
    NoJson,
    /// It is JSON up to a point. Holds what is wrong with it.
    Odd(&'static str),
}

impl Frame {
    /// The members, if it is an object.
    pub(crate) fn members(&self) -> Option<Members<'_>> {
        if let Self::Object(object) = self { Members::of(object) } else { None }
    }

    /// What it is where it is not what was expected, in a few words and none of its own.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Array | Self::Object(_) => BodyError::Odd("").describe(),
            Self::Bare(_) => BodyError::NoJson.describe(),
        }
    }
}

impl BodyError {
    /// In a few words and none of the body's own: it may hold anything.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Broken(_) | Self::Empty => "with an empty body",
            Self::Html => "with an HTML page",
            Self::NoJson => "with a body that is not JSON",
            Self::Odd(_) => "with JSON that is cut off or not as expected",
        }
    }

    /// The same of a body that should be a list.
    fn of_list(self) -> String {
        match self {
            Self::Broken(why) => why,
            Self::Empty => "it is empty".to_owned(),
            Self::Odd(what) => what.to_owned(),
            Self::Html | Self::NoJson => "it is not a JSON array".to_owned(),
        }
    }
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Place {
    #[default]
    Before,
    Array,
    Object,
    /// In a list of the object.
    List,
    Bare,
    After,
}

#[derive(Default)]
struct Splitter {
    place: Place,
    /// What is around the list.
    frame: Element,
    row: Element,
    bare: Vec<u8>,
    rows: usize,
    lists: usize,
}

impl Splitter {
    /// Takes bytes from the front of a piece, at least one, and gives how many.
    fn take(&mut self, piece: &[u8], list: ListAt, element: &mut impl FnMut(&[u8])) -> Result<usize, &'static str> {
        let byte = piece[0];
        match (self.place, byte) {
            // A byte order mark may stand in front.
            (Place::Before, 0xef | 0xbb | 0xbf) | (Place::Before | Place::After, b' ' | b'\t' | b'\r' | b'\n') => {}
            (Place::Before, b'[') => self.place = Place::Array,
            (Place::Before, b'{') => {
                self.place = Place::Object;
                return self.frame.take(piece);
            }
            (Place::Before, _) => {
                self.place = Place::Bare;
                self.bare.push(byte);
            }
            (Place::Bare, _) => {
                let room = BARE.saturating_sub(self.bare.len()).min(piece.len());
                self.bare.extend_from_slice(&piece[..room]);
                return Ok(piece.len());
            }
            (Place::Array | Place::List, b',' | b']') if self.row.is_closed() => {
                if !self.row.is_empty() {
                    self.rows += 1;
                    if self.rows > MOST {
                        return Err("it has too many rows");
                    }
                    self.row.finish(&mut *element);
                }
                match (self.place, byte) {
                    (_, b',') => {}
                    (Place::Array, _) => self.place = Place::After,
                    _ => {
                        self.place = Place::Object;
                        return self.frame.take(b"]");
                    }
                }
            }
            (Place::Array | Place::List, _) => return self.row.take(piece),
            (Place::Object, b'[') if self.is_list(list) => {
                self.place = Place::List;
                self.lists += 1;
                return self.frame.take(b"[");
            }
            (Place::Object, _) => {
                let taken = self.frame.take(piece)?;
                if self.frame.is_closed() {
                    self.place = Place::After;
                }
                return Ok(taken);
            }
            (Place::After, _) => return Err("it goes on after its end"),
        }
        Ok(1)
    }

    /// Whether the array that begins here is the list.
    fn is_list(&self, list: ListAt) -> bool {
        self.frame.key().is_some_and(|key| match list {
            ListAt::Nowhere => false,
            ListAt::Key(wanted) => key == wanted.as_bytes(),
            ListAt::First => self.lists == 0,
        })
    }

    fn end(mut self) -> Result<Frame, BodyError> {
        match self.place {
            Place::Before => Err(BodyError::Empty),
            Place::Array | Place::Object | Place::List => Err(BodyError::Odd("it is cut off")),
            Place::Bare if self.bare.starts_with(b"<") => Err(BodyError::Html),
            Place::Bare => strict(self.bare.trim_ascii_end()).map(Frame::Bare).ok_or(BodyError::NoJson),
            Place::After if self.frame.is_empty() => Ok(Frame::Array),
            Place::After => {
                let mut text = None;
                self.frame.finish(|object| text = strict(object).or_else(|| strict(repaired(object).as_bytes())));
                text.filter(|text| text.starts_with('{')).map(Frame::Object).ok_or(BodyError::Odd("it is broken"))
            }
        }
    }
}

/// A text that is JSON, whatever is in it.
fn strict(json: &[u8]) -> Option<String> {
    serde_json::from_slice::<IgnoredAny>(json).ok()?;
    std::str::from_utf8(json).ok().map(str::to_owned)
}

/// Reads a body. Of an array each element is handed to `element` as the bytes of a JSON text, and so is each of the list of
/// an object.
pub(crate) async fn read(mut body: Body, list: ListAt, mut element: impl FnMut(&[u8])) -> Result<Frame, BodyError> {
    let mut splitter = Splitter::default();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(BodyError::Broken)?;
        let mut rest = &piece[..];
        while !rest.is_empty() {
            let taken = splitter.take(rest, list, &mut element).map_err(BodyError::Odd)?;
            rest = &rest[taken..];
        }
    }
    splitter.end()
}

/// Hands each element of a body that is an array to `element`.
pub(crate) async fn each(body: Body, element: impl FnMut(&[u8])) -> Result<(), String> {
    match read(body, ListAt::Nowhere, element).await {
        Ok(Frame::Array) => Ok(()),
        Ok(Frame::Object(_) | Frame::Bare(_)) => Err("it is not a JSON array".to_owned()),
        Err(error) => Err(error.of_list()),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, StreamExt, stream};

    use super::*;

    fn body(text: &str, size: usize) -> Body {
        let pieces: Vec<_> = text.as_bytes().chunks(size).map(|piece| Ok(piece.to_vec())).collect();
        Body::new(stream::iter(pieces).boxed_local())
    }

    /// The elements, with the text cut into pieces of `size` bytes.
    fn split(text: &str, size: usize) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let elements = each(body(text, size), |element| found.push(String::from_utf8_lossy(element).into_owned()));
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
    fn what_is_no_array_is_said() {
        let said = |text| split(text, 3).unwrap_err();
        assert_eq!(said("<html>"), "it is not a JSON array");
        assert_eq!(said(r#"{"@type":"error"}"#), "it is not a JSON array");
        assert_eq!(said(""), "it is empty");
        assert_eq!(said("[{},{"), "it is cut off");
        assert_eq!(said("[] []"), "it goes on after its end");
        assert_eq!(said("[}]"), "its brackets do not match");
    }

    #[test]
    fn the_list_of_an_object_is_handed_out_and_the_rest_stays() {
        let text = r#"{"count":2,"objects":[{"id":"a"},["b"]],"more":{"objects":[1]},"list":[2],"objects":[3]}"#;
        for size in 1..=text.len() {
            let mut found = Vec::new();
            let element = |element: &[u8]| found.push(String::from_utf8_lossy(element).into_owned());
            let frame = read(body(text, size), ListAt::Key("objects"), element).now_or_never().unwrap();
            let rest = r#"{"count":2,"objects":[],"more":{"objects":[1]},"list":[2],"objects":[]}"#;
            assert_eq!(frame, Ok(Frame::Object(rest.to_owned())), "{size}");
            assert_eq!(found, [r#"{"id":"a"}"#, r#"["b"]"#, "3"], "{size}");
        }
    }

    #[test]
    fn the_first_array_of_an_object_may_be_the_list_and_one_without_end_is_none() {
        let mut found = Vec::new();
        let element = |element: &[u8]| found.push(String::from_utf8_lossy(element).into_owned());
        let text = r#"{"total":2,"jobs":[1,2],"links":[3]}"#;
        let frame = read(body(text, 3), ListAt::First, element).now_or_never().unwrap();
        assert_eq!(frame, Ok(Frame::Object(r#"{"total":2,"jobs":[],"links":[3]}"#.to_owned())));
        assert_eq!(found, ["1", "2"]);
        let list = |rows: usize| each(body(&format!("[{}0]", "0,".repeat(rows)), 4096), |_| {}).now_or_never().unwrap();
        assert_eq!((list(MOST - 1), list(MOST)), (Ok(()), Err("it has too many rows".to_owned())));
    }

    #[test]
    fn what_is_around_a_list_is_an_object_or_a_bare_value_or_no_json() {
        let frame = |text| read(body(text, 2), ListAt::Nowhere, |_| {}).now_or_never().unwrap();
        let bare = |text: &str| Ok(Frame::Bare(text.to_owned()));
        assert_eq!(frame(" 778812345678901234 \n"), bare("778812345678901234"));
        assert_eq!(frame("\"a b\""), bare("\"a b\""));
        assert_eq!(frame("null"), bare("null"));
        assert_eq!(frame("[1, {}]"), Ok(Frame::Array));
        assert_eq!(frame("{\"a\":\"x\ty\"}"), Ok(Frame::Object("{\"a\":\"x\\u0009y\"}".to_owned())));
        assert_eq!(frame(" "), Err(BodyError::Empty));
        assert_eq!(frame("<html>\"</html>"), Err(BodyError::Html));
        for text in ["OK", "1 2", "\"a\" \"b\"", "nul"] {
            assert_eq!(frame(text), Err(BodyError::NoJson), "{text}");
        }
        for text in ["{\"a\":1", "{\"a\" 1}", "{}{}", "{\"a\":]}", "{\"a\"}"] {
            assert!(matches!(frame(text), Err(BodyError::Odd(_))), "{text}");
        }
        let broken = Body::new(stream::iter([Ok(b"{}".to_vec()), Err("reset".to_owned())]).boxed_local());
        let read = read(broken, ListAt::Nowhere, |_| {}).now_or_never().unwrap();
        assert_eq!(read, Err(BodyError::Broken("reset".to_owned())));
    }
}
