//! What an answer looks like: which fields it has and of which types, and of values only those that are not a person's:
//! states, codes, numbers, and how times differ.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::api::observing::word::Word;
use crate::api::wire::lenient;
use crate::api::wire::values::{number, time};

/// Parts of one row that are looked at.
const MOST_PARTS: usize = 50;

/// The type of a JSON value. The length of a list counts only whether there is something in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonType {
    Null,
    True,
    False,
    Integer,
    Decimal,
    Text,
    EmptyText,
    Array,
    EmptyArray,
    Object,
    EmptyObject,
}

impl JsonType {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(true) => Self::True,
            Value::Bool(false) => Self::False,
            Value::Number(number) if number.is_f64() => Self::Decimal,
            Value::Number(_) => Self::Integer,
            Value::String(text) if text.is_empty() => Self::EmptyText,
            Value::String(_) => Self::Text,
            Value::Array(elements) if elements.is_empty() => Self::EmptyArray,
            Value::Array(_) => Self::Array,
            Value::Object(members) if members.is_empty() => Self::EmptyObject,
            Value::Object(_) => Self::Object,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::True => "true",
            Self::False => "false",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Text => "text",
            Self::EmptyText => "empty text",
            Self::Array => "array",
            Self::EmptyArray => "empty array",
            Self::Object => "object",
            Self::EmptyObject => "empty object",
        }
    }
}

/// What a message of the service is about, by its documented or recorded wording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    StoppedByUser,
    AnotherInstance,
    NoAgent,
    Else,
}

impl Says {
    fn of(text: &str) -> Self {
        let text = text.to_lowercase();
        let told = [
            ("was stopped by user", Self::StoppedByUser),
            ("another instance of the", Self::AnotherInstance),
            ("no active secure agent", Self::NoAgent),
        ];
        told.into_iter().find(|(part, _)| text.contains(part)).map_or(Self::Else, |(_, says)| says)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::StoppedByUser => "was stopped by user",
            Self::AnotherInstance => "another instance of the",
            Self::NoAgent => "no active secure agent",
            Self::Else => "something else",
        }
    }
}

/// One object of an answer.
#[derive(Debug, Clone)]
pub struct Fields {
    pub all: Vec<(Word, JsonType)>,
    words: Vec<(&'static str, Word)>,
    numbers: Vec<(&'static str, u64)>,
    /// Of `errorMsg` or `description`.
    pub says: Option<Says>,
    /// How far `startTime` is behind `startTimeUtc`, in seconds.
    pub behind_utc_s: Option<i64>,
    pub ended_at: Option<Timestamp>,
    /// Which of the runs that the probe has started it is about.
    pub run: Option<usize>,
    /// What is in its list of rows, parts or objects, or its inner error.
    pub parts: Vec<Fields>,
    hash: u64,
}

/// Fields whose words say what state something is in.
const STATES: [&str; 4] = ["executionState", "runContextType", "jobStatus", "status"];
const NUMBERS: [&str; 3] = ["state", "statusCode", "count"];
/// The fields whose parts are looked at. Maps, whose keys can be names, are not among them.
const PARTS: [&str; 4] = ["entries", "items", "objects", "error"];

impl Fields {
    fn of(object: &Map<String, Value>, runs: &[(String, String)]) -> Self {
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        let states = STATES.into_iter().filter_map(|key| Some((key, Word::state(text(key)?))));
        let others = [("@type", text("@type").map(Word::name)), ("code", text("code").map(Word::code))];
        let words = states.chain(others.into_iter().filter_map(|(key, word)| Some((key, word?)))).collect();
        let whole = |key: &str| number(&object.get(key)?.to_string()).ok()?;
        let (utc, eastern) = (time(text("startTimeUtc")), time(text("startTime")));
        let parts = PARTS.into_iter().filter_map(|key| object.get(key)).flat_map(|value| match value {
            Value::Array(parts) => parts.iter().filter_map(Value::as_object).take(MOST_PARTS).collect(),
            Value::Object(part) => vec![part],
            _ => Vec::new(),
        });
        let parts = parts.map(|part| Self::of(part, &[])).collect();
        let task_id = text("taskId").or(text("objectId"));
        let run_id = whole("runId").map(|id| id.to_string());
        let is_of = |(task, run): &(String, String)| Some(&**task) == task_id && Some(run) == run_id.as_ref();
        let mut hasher = DefaultHasher::new();
        Value::Object(object.clone()).to_string().hash(&mut hasher);
        Self {
            all: object.iter().map(|(key, value)| (Word::name(key), JsonType::of(value))).collect(),
            words,
            numbers: NUMBERS.into_iter().filter_map(|key| Some((key, whole(key)?))).collect(),
            says: text("errorMsg").or(text("description")).map(Says::of),
            behind_utc_s: utc.zip(eastern).map(|(utc, eastern)| utc.duration_since(eastern).as_secs()),
            ended_at: time(text("endTimeUtc")),
            run: runs.iter().position(is_of),
            parts,
            hash: hasher.finish(),
        }
    }

    /// The word that this field has, for the few fields whose words are kept.
    pub fn word(&self, field: &str) -> Option<&Word> {
        self.words.iter().find(|(key, _)| *key == field).map(|(_, word)| word)
    }

    /// The number that this field has, for the few fields whose numbers are kept.
    pub fn number(&self, field: &str) -> Option<u64> {
        self.numbers.iter().find(|(key, _)| *key == field).map(|(_, number)| *number)
    }

    pub fn kind(&self, field: &str) -> Option<JsonType> {
        self.all.iter().find(|(name, _)| name.as_str() == field).map(|(_, kind)| *kind)
    }
}

/// A list of rows.
#[derive(Debug, Clone, Default)]
pub struct ListShape {
    pub count: usize,
    pub first: Option<Fields>,
    /// Those about runs of the probe.
    pub ours: Vec<Fields>,
    /// What tells rows of two pages apart.
    hashes: Vec<u64>,
    ends: Vec<Timestamp>,
}

impl ListShape {
    fn of(elements: &[Value], runs: &[(String, String)]) -> Self {
        let mut rows = Self { count: elements.len(), ..Self::default() };
        for element in elements.iter().filter_map(Value::as_object) {
            let fields = Fields::of(element, runs);
            rows.hashes.push(fields.hash);
            rows.ends.extend(fields.ended_at);
            if fields.run.is_some() {
                rows.ours.push(fields.clone());
            }
            rows.first.get_or_insert(fields);
        }
        rows
    }

    /// How many rows are on both pages.
    pub fn shared_with(&self, other: &Self) -> usize {
        self.hashes.iter().filter(|hash| other.hashes.contains(hash)).count()
    }

    /// Whether the rows have the newest end first; none when fewer than two have an end.
    pub fn newest_end_first(&self) -> Option<bool> {
        (self.ends.len() > 1).then(|| self.ends.windows(2).all(|pair| pair[0] >= pair[1]))
    }

    /// The row about a run of the probe.
    pub fn of_run(&self, run: usize) -> Option<&Fields> {
        self.ours.iter().find(|row| row.run == Some(run))
    }
}

/// The body of an answer.
#[derive(Debug, Clone)]
pub enum BodyShape {
    Empty,
    Html,
    Object(Box<Fields>),
    Rows(Box<ListShape>),
    /// JSON that is neither an object nor a list.
    Scalar(JsonType),
    /// Something else, or more than is looked at.
    Other,
}

impl BodyShape {
    /// The shape of a body. `runs` are the IDs of tasks and runs by which the rows of the probe's runs are known.
    pub(crate) fn of(bytes: &[u8], runs: &[(String, String)]) -> Self {
        match bytes.trim_ascii_start().first() {
            None => return Self::Empty,
            Some(b'<') => return Self::Html,
            Some(_) => {}
        }
        let strict = serde_json::from_slice(bytes).ok();
        // A repair makes a text of a bare word.
        let repaired =
            || serde_json::from_str(&lenient::repaired(bytes)).ok().filter(|value: &Value| !value.is_string());
        match strict.or_else(repaired) {
            Some(Value::Object(object)) => Self::Object(Box::new(Fields::of(&object, runs))),
            Some(Value::Array(elements)) => Self::Rows(Box::new(ListShape::of(&elements, runs))),
            Some(value) => Self::Scalar(JsonType::of(&value)),
            None => Self::Other,
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Html => "an HTML page",
            Self::Object(_) => "a JSON object",
            Self::Rows(_) => "a JSON array",
            Self::Scalar(_) => "a JSON value",
            Self::Other => "something else",
        }
    }

    pub fn object(&self) -> Option<&Fields> {
        if let Self::Object(fields) = self { Some(fields) } else { None }
    }

    pub fn rows(&self) -> Option<&ListShape> {
        if let Self::Rows(rows) = self { Some(rows) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_becomes_its_fields_and_keeps_no_text() {
        let body = br#"[{"@type":"activityLogEntry","objectId":"01ABCD0Z00000000001S","objectName":"Acme","runId":"18",
            "state":3,"isStopped":true,"startTime":"2026-03-03T05:00:00.000Z","startTimeUtc":"2026-03-03T10:00:00.000Z",
            "errorMsg":"The job was stopped by user ops using the API.","entries":[{"agentId":"x"}],
            "sessionVariables":{"hunter2":"a"}},{"runId":1}]"#;
        let runs = [("01ABCD0Z00000000001S".to_owned(), "18".to_owned())];
        let shape = BodyShape::of(body, &runs);
        let rows = shape.rows().unwrap();
        let row = rows.of_run(0).unwrap();
        assert_eq!((rows.count, rows.ours.len(), row.number("state")), (2, 1, Some(3)));
        assert_eq!((row.kind("runId"), row.kind("isStopped")), (Some(JsonType::Text), Some(JsonType::True)));
        assert_eq!((row.says, row.behind_utc_s), (Some(Says::StoppedByUser), Some(18_000)));
        assert_eq!(row.parts[0].kind("agentId"), Some(JsonType::Text));
        let everything = format!("{shape:?}");
        for text in ["Acme", "01ABCD", "ops", "hunter2"] {
            assert!(!everything.contains(text), "{everything}");
        }
    }

    #[test]
    fn rows_of_two_pages_and_their_order_are_compared() {
        let page = |ends: &[u8]| {
            let row = |hour: &u8| format!(r#"{{"endTimeUtc":"2026-03-03T{hour:02}:00:00.000Z"}}"#);
            let body = format!("[{}]", ends.iter().map(row).collect::<Vec<_>>().join(","));
            *match BodyShape::of(body.as_bytes(), &[]) {
                BodyShape::Rows(rows) => rows,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(page(&[9, 8, 8]).newest_end_first(), Some(true));
        assert_eq!((page(&[8, 9]).newest_end_first(), page(&[8]).newest_end_first()), (Some(false), None));
        assert_eq!((page(&[8, 7]).shared_with(&page(&[9, 8])), page(&[7]).shared_with(&page(&[9, 8]))), (1, 0));
    }

    #[test]
    fn every_body_has_a_shape() {
        for (body, name) in [
            ("", "empty"),
            (" <html>", "an HTML page"),
            ("{}", "a JSON object"),
            ("[1]", "a JSON array"),
            ("null", "a JSON value"),
            ("{\"a\":", "something else"),
            ("OK", "something else"),
        ] {
            assert_eq!(BodyShape::of(body.as_bytes(), &[]).name(), name, "{body}");
        }
    }
}
