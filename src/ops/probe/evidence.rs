//! What was seen of one point. A fact has no room for a name, an ID or a message of the service.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::api::observing::ObservedReply;
use crate::api::observing::shape::{BodyShape, Fields};
use crate::api::observing::word::Word;

/// What an observation makes of a statement of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judgement {
    Confirms,
    Refutes,
    /// There was no statement, or two that disagree: this is what holds here.
    Answers,
    /// It was not observed, for this reason.
    NotObserved(&'static str),
}

impl Judgement {
    pub(crate) fn of(is_so: bool) -> Self {
        if is_so { Self::Confirms } else { Self::Refutes }
    }

    /// The word in the report, which scripts compare.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Confirms => "confirms",
            Self::Refutes => "refutes",
            Self::Answers => "answers",
            Self::NotObserved(_) => "not_observed",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Fact {
    Number(u64),
    Signed(i64),
    Seconds(Duration),
    Flag(bool),
    Plain(&'static str),
    Word(Word),
    Words(Vec<Word>),
    /// Field names with their types.
    Fields(Vec<(Word, &'static str)>),
    Absent,
}

impl Fact {
    pub(crate) fn count(count: usize) -> Self {
        Self::Number(count as u64)
    }

    pub(crate) fn or_absent<T>(value: Option<T>, fact: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Absent, fact)
    }

    pub(crate) fn fields(fields: &Fields) -> Self {
        Self::Fields(fields.all.iter().map(|(name, kind)| (name.clone(), kind.name())).collect())
    }

    pub(crate) fn word(word: Option<&Word>) -> Self {
        Self::or_absent(word.cloned(), Self::Word)
    }

    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Number(number) => json!(number),
            Self::Signed(number) => json!(number),
            Self::Seconds(time) => json!((time.as_secs_f64() * 10.0).round() / 10.0),
            Self::Flag(flag) => json!(flag),
            Self::Plain(text) => json!(text),
            Self::Word(word) => json!(word.as_str()),
            Self::Words(words) => words.iter().map(Word::as_str).collect(),
            Self::Fields(fields) => {
                fields.iter().map(|(name, kind)| (name.to_string(), json!(kind))).collect::<Map<_, _>>().into()
            }
            Self::Absent => Value::Null,
        }
    }

    pub(crate) fn text(&self) -> String {
        match self {
            Self::Words(words) => words.iter().map(Word::as_str).collect::<Vec<_>>().join(" "),
            Self::Fields(fields) => fields
                .iter()
                .map(|(name, kind)| format!("{name}:{}", kind.replace(' ', "-")))
                .collect::<Vec<_>>()
                .join(" "),
            Self::Word(word) => word.to_string(),
            Self::Plain(text) => (*text).to_owned(),
            Self::Absent => "absent".to_owned(),
            other => other.json().to_string(),
        }
    }
}

/// A judgement with the facts that lead to it, by stable names.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    pub judgement: Judgement,
    pub facts: Vec<(&'static str, Fact)>,
}

impl Evidence {
    pub(crate) fn new(judgement: Judgement, facts: impl IntoIterator<Item = (&'static str, Fact)>) -> Self {
        Self { judgement, facts: facts.into_iter().collect() }
    }

    pub(crate) fn answers(facts: impl IntoIterator<Item = (&'static str, Fact)>) -> Self {
        Self::new(Judgement::Answers, facts)
    }

    pub(crate) fn not_observed(why: &'static str) -> Self {
        Self::new(Judgement::NotObserved(why), [])
    }

    /// Of the fields of a row, among which these are expected.
    pub(crate) fn of_row(row: &Fields, needed: &[&str], more: impl IntoIterator<Item = (&'static str, Fact)>) -> Self {
        let has_all = needed.iter().all(|name| row.kind(name).is_some());
        Self::new(Judgement::of(has_all), [("fields", Fact::fields(row))].into_iter().chain(more))
    }

    /// Adds what an answer looked like: its status, its kind, and the code of its error.
    pub(crate) fn with_answer(mut self, reply: &ObservedReply) -> Self {
        self.facts.extend([("status", Fact::Number(reply.status.into())), ("body", Fact::Plain(reply.shape.name()))]);
        match &reply.shape {
            BodyShape::Object(fields) => {
                let code = |fields: &Fields| fields.word("code").cloned();
                let code = code(fields).or_else(|| fields.parts.iter().find_map(code));
                self.facts.extend(code.map(|code| ("code", Fact::Word(code))));
                self.facts.extend(fields.number("statusCode").map(|status| ("status_code", Fact::Number(status))));
                self.facts.push(("fields", Fact::fields(fields)));
            }
            BodyShape::Rows(rows) => self.facts.push(("rows", Fact::count(rows.count))),
            BodyShape::Empty | BodyShape::Html | BodyShape::Scalar(_) | BodyShape::Other => {}
        }
        self
    }
}
