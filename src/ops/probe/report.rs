//! The report of a probe: the head and every point, as text and as the `probe` member of the JSON document. Nothing but
//! facts goes in, so nothing in it names anything.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::ops::probe::evidence::{Evidence, Fact, Judgement};
use crate::ops::probe::point::Point;
use crate::ops::probe::points;
use crate::ops::probe::record::Record;
use crate::output::{Report, SafeLine};
use crate::support::exit::Exit;

pub struct ProbeReport {
    /// By stable names.
    head: Vec<(&'static str, Fact)>,
    findings: Vec<(&'static Point, Evidence)>,
    exit: Exit,
    /// Whether it is printed, rather than written to a file.
    pub is_printed: bool,
}

impl ProbeReport {
    pub(crate) fn new(record: &Record, exit: Exit) -> Self {
        let conduct = &record.conduct;
        let took = match (record.seen.first(), record.seen.last()) {
            (Some(first), Some(last)) => last.done_at.saturating_sub(first.sent_at),
            _ => Duration::ZERO,
        };
        let head = vec![
            ("version", Fact::Plain(env!("CARGO_PKG_VERSION"))),
            ("type", Fact::Plain(conduct.kind.code())),
            ("stop", Fact::Flag(conduct.stop)),
            ("complete", Fact::Flag(conduct.is_complete)),
            ("runs", Fact::count(conduct.runs.len())),
            ("requests", Fact::count(record.seen.len())),
            ("took_s", Fact::Seconds(took)),
        ];
        let findings = points::all().map(|point| (point, point.finding(record))).collect();
        Self { head, findings, exit, is_printed: true }
    }

    /// How many points were observed, and how many there are.
    pub fn observed(&self) -> (usize, usize) {
        let is_observed = |(_, finding): &&(_, Evidence)| !matches!(finding.judgement, Judgement::NotObserved(_));
        (self.findings.iter().filter(is_observed).count(), self.findings.len())
    }

    /// The lines of the report.
    pub fn text(&self) -> String {
        let facts = |facts: &[(&'static str, Fact)]| {
            facts.iter().map(|(name, fact)| format!("{name}={}", quoted(&fact.text()))).collect::<Vec<_>>().join(" ")
        };
        let mut text = format!("runajob probe: {}\n", facts(&self.head));
        let mut not_observed = String::new();
        for (point, finding) in &self.findings {
            let Point { key, section, statement, asked, sureness, .. } = point;
            let verdict = match finding.judgement {
                Judgement::NotObserved(why) => {
                    not_observed.push_str(&format!("  {key} ({section}): {why}\n"));
                    continue;
                }
                judgement => judgement.word(),
            };
            let sureness = sureness.word();
            text.push_str(&format!("\n{key}: {verdict} contract {section} ({sureness}): {statement}\n"));
            text.push_str(&format!("  asked: {asked}\n  seen: {}\n", facts(&finding.facts)));
        }
        if !not_observed.is_empty() {
            text.push_str(&format!("\nnot observed:\n{not_observed}"));
        }
        text
    }

    /// The value of the member `probe`.
    pub fn value(&self) -> Value {
        let object = |facts: &[(&'static str, Fact)]| -> Map<String, Value> {
            facts.iter().map(|(name, fact)| ((*name).to_owned(), fact.json())).collect()
        };
        let point = |(point, finding): &(&'static Point, Evidence)| {
            let why = match finding.judgement {
                Judgement::NotObserved(why) => Some(why),
                _ => None,
            };
            let value = json!({
                "section": point.section,
                "sure": point.sureness.word(),
                "statement": point.statement,
                "asked": point.asked,
                "verdict": finding.judgement.word(),
                "seen": object(&finding.facts),
                "why": why,
            });
            (point.key.to_owned(), value)
        };
        let mut head = object(&self.head);
        head.insert("points".to_owned(), Value::Object(self.findings.iter().map(point).collect()));
        Value::Object(head)
    }
}

fn quoted(text: &str) -> String {
    if text.contains(' ') || text.is_empty() { format!("\"{text}\"") } else { text.to_owned() }
}

impl Report for ProbeReport {
    fn lines(&self) -> Vec<SafeLine> {
        if self.is_printed { SafeLine::each(&self.text()) } else { Vec::new() }
    }

    /// The document is to be handed on as it is, so what names the account in any other document is left out.
    fn json(&self) -> Map<String, Value> {
        let mut members = Map::from_iter([
            ("profile".to_owned(), Value::Null),
            ("org".to_owned(), Value::Null),
            ("warnings".to_owned(), json!([])),
            ("probe".to_owned(), self.value()),
        ]);
        if self.exit != Exit::Good {
            let error =
                json!({"code": self.exit.code(), "what": "the probe could not go on", "why": null, "fix": null});
            members.insert("error".to_owned(), error);
        }
        members
    }

    fn exit(&self) -> Exit {
        self.exit
    }

    /// Each one starts the task again.
    fn rerun_safe(&self) -> bool {
        self.exit.rerun_safe()
    }
}
