//! The one place where text becomes harmless before it reaches a terminal, a file or a log. Names, messages, states and
//! paths are the service's, and what is typed or stands in a file may come from anywhere: any of it can hold characters
//! that move the cursor, turn the reading direction round or begin a line of their own.

use std::fmt;

use serde_json::Value;

/// The most of one text that is shown, in bytes: with a label of ours in front, a line stays under 4 KiB.
const LIMIT: usize = 4000;

/// A line that can be written: without characters that act, and not too long. The console writes nothing else, and only
/// this file makes one out of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SafeLine(String);

impl SafeLine {
    /// Any text as one line, cut where it is too long. Blanks at its beginning stay.
    pub fn of(text: &str) -> Self {
        Self(harmless(text, LIMIT))
    }

    /// The same of a text as long as it is: for handles and the commands that have them, of which each is worth its place.
    pub fn whole(text: &str) -> Self {
        Self(harmless(text, usize::MAX))
    }

    /// Each line of a text of our own, such as help.
    pub fn each(text: &str) -> Vec<Self> {
        text.lines().map(Self::of).collect()
    }

    /// Fields for programs, with tabs between them.
    pub fn fields<const N: usize>(fields: [&str; N]) -> Self {
        let fields = fields.map(|field| harmless(field, LIMIT / N));
        Self(fields.join("\t"))
    }

    /// Rows whose columns are each as wide as the widest cell, without blanks at their ends.
    pub fn aligned<const N: usize>(rows: &[[String; N]]) -> Vec<Self> {
        let rows: Vec<[String; N]> =
            rows.iter().map(|row| row.each_ref().map(|cell| harmless(cell, LIMIT / N))).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; N] = std::array::from_fn(width);
        let line = |row: &[String; N]| {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
            Self(cells.collect::<Vec<_>>().join("  ").trim_end().to_owned())
        };
        rows.iter().map(line).collect()
    }

    /// A value as JSON in one line. It keeps the truth: what acts is encoded, and a reader gets it back.
    pub fn json(value: &Value) -> Self {
        Self(encoded(&value.to_string()))
    }

    /// The same in lines, for people.
    pub fn indented_json(value: &Value) -> Vec<Self> {
        encoded(&format!("{value:#}")).lines().map(|line| Self(line.to_owned())).collect()
    }

    /// What follows, in the same line.
    #[must_use]
    pub fn then(mut self, next: impl Into<Self>) -> Self {
        self.0.push_str(&next.into().0);
        self
    }

    /// The line in a colour of the terminal, by the code of it.
    #[must_use]
    pub(crate) fn in_color(self, code: &'static str) -> Self {
        Self(format!("\u{1b}[{code}m{}\u{1b}[0m", self.0))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SafeLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<&str> for SafeLine {
    fn from(text: &str) -> Self {
        Self::of(text)
    }
}

impl From<&String> for SafeLine {
    fn from(text: &String) -> Self {
        Self::of(text)
    }
}

impl From<String> for SafeLine {
    fn from(text: String) -> Self {
        Self::of(&text)
    }
}

/// Whether a text can be shown as it is.
pub fn is_harmless(text: &str) -> bool {
    harmless(text, LIMIT) == text
}

/// A text in one line, with every character that acts shown as `\u{202e}`, cut before `limit` bytes are reached. Line ends
/// and the blanks around them become one space, because a line of a trace begins with blanks.
fn harmless(text: &str, limit: usize) -> String {
    if text.len() <= limit && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mark = format!(" ... (cut; {} bytes in all)", text.len());
    let room = limit.saturating_sub(mark.len());
    let mut line = String::new();
    // The end of what is kept if the rest turns out to be too long.
    let mut kept = 0;
    let count = text.split(LINE_ENDS).count();
    for (index, part) in text.split(LINE_ENDS).enumerate() {
        let part = if index == 0 { part } else { part.trim_start_matches(BLANKS) };
        let part = if index + 1 == count { part } else { part.trim_end_matches(BLANKS) };
        if index > 0 && !part.is_empty() && !line.is_empty() {
            line.push(' ');
        }
        let mut before = None;
        let mut letters = part.chars().peekable();
        while let Some(letter) = letters.next() {
            if acts(letter) && !belongs(letter, before, letters.peek().copied()) {
                line.extend(letter.escape_unicode());
            } else {
                line.push(letter);
            }
            before = Some(letter);
            if line.len() <= room {
                kept = line.len();
            } else if line.len() > limit {
                line.truncate(kept);
                return line + &mark;
            }
        }
    }
    line
}

const LINE_ENDS: [char; 4] = ['\n', '\r', '\u{2028}', '\u{2029}'];
const BLANKS: [char; 2] = [' ', '\t'];

/// Whether a character acts instead of being seen: C0, DEL and C1; the line ends and annotations of Unicode; and every
/// character with the property `Default_Ignorable_Code_Point` (DerivedCoreProperties.txt of Unicode 17), which has the marks
/// of bidirectional text, those without a width, joiners, variation selectors and tags.
fn acts(letter: char) -> bool {
    matches!(letter,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}'..='\u{2029}' | '\u{fff9}'..='\u{fffb}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether such a character belongs where it stands: a joiner or a variation selector inside an emoji sequence, and a
/// joiner or non-joiner between two letters of a script that is written with them. Two in a row do not.
fn belongs(letter: char, before: Option<char>, after: Option<char>) -> bool {
    let (Some(before), next) = (before, after.unwrap_or(' ')) else { return false };
    match letter {
        '\u{fe0e}' | '\u{fe0f}' => is_pictograph(before) || (is_keycap(before) && next == '\u{20e3}'),
        '\u{200d}' if is_pictograph(before) || before == '\u{fe0f}' => is_pictograph(next),
        '\u{200c}' | '\u{200d}' => is_joined(before) && is_joined(next),
        _ => false,
    }
}

/// The blocks that hold the characters of `Extended_Pictographic` (emoji-data.txt), with the skin tones and the letters of
/// flags.
fn is_pictograph(letter: char) -> bool {
    matches!(letter,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{21ff}'
        | '\u{2300}'..='\u{23ff}' | '\u{24c2}' | '\u{25a0}'..='\u{27bf}' | '\u{2934}'..='\u{2935}'
        | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

fn is_keycap(letter: char) -> bool {
    matches!(letter, '0'..='9' | '#' | '*')
}

/// The scripts whose letters are joined or kept apart by these marks: Arabic, Syriac and their kin, the Brahmic scripts of
/// India and Ceylon, Burmese, Khmer and Mongolian.
fn is_joined(letter: char) -> bool {
    let in_script = matches!(letter,
        '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{18af}');
    in_script && !acts(letter)
}

/// JSON text with the characters that act, and that JSON allows as they are, in its own escapes. They stand in texts only.
fn encoded(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        if letter != '\n' && acts(letter) {
            let units = &mut [0; 2];
            text.extend(letter.encode_utf16(units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_acts_is_shown_and_what_is_only_foreign_stays() {
        for (text, shown) in [
            ("load_customers 1/2", "load_customers 1/2"),
            ("Übung für Größen – ✓ 実行 نسخة", "Übung für Größen – ✓ 実行 نسخة"),
            ("\u{1b}[2J\u{1b}]0;title\u{7}", r"\u{1b}[2J\u{1b}]0;title\u{7}"),
            ("a\u{9b}2Jb\u{7f}\u{0}", r"a\u{9b}2Jb\u{7f}\u{0}"),
            ("a\tb", r"a\u{9}b"),
            ("txt.\u{202e}exe\u{2066}\u{2069}\u{200f}\u{61c}", r"txt.\u{202e}exe\u{2066}\u{2069}\u{200f}\u{61c}"),
            ("a\u{200b}b\u{feff}\u{2060}\u{ad}\u{3164}", r"a\u{200b}b\u{feff}\u{2060}\u{ad}\u{3164}"),
            ("a\u{e0041}\u{e0100}\u{fe0f}", r"a\u{e0041}\u{e0100}\u{fe0f}"),
            ("a\u{85}b\u{fff9}", r"a\u{85}b\u{fff9}"),
        ] {
            assert_eq!(SafeLine::of(text).as_str(), shown);
        }
    }

    #[test]
    fn line_ends_are_folded_with_the_blanks_around_them() {
        for (text, shown) in [
            ("one\ntwo", "one two"),
            ("one\r\n\r\n  two\n", "one two"),
            ("E1: bad \n\tat a.b(C)\n\tat d\r", "E1: bad at a.b(C) at d"),
            ("\n\none", "one"),
            ("one\u{2028}two\u{2029}three", "one two three"),
            ("  - part  ", "  - part  "),
            ("\n", ""),
        ] {
            assert_eq!(SafeLine::of(text).as_str(), shown, "{text:?}");
        }
    }

    #[test]
    fn joiners_and_selectors_stay_only_where_they_belong() {
        let family = "\u{1f469}\u{1f3fd}\u{200d}\u{2764}\u{fe0f}\u{200d}\u{1f468}";
        for text in [family, "1\u{fe0f}\u{20e3}", "\u{26a0}\u{fe0f} rows", "می\u{200c}خواهم", "क्\u{200d}ष"]
        {
            assert_eq!(SafeLine::of(text).as_str(), text);
        }
        for (text, shown) in [
            ("pay\u{200d}roll", r"pay\u{200d}roll"),
            ("\u{1f469}\u{200d}", "\u{1f469}\\u{200d}"),
            ("\u{1f469}\u{200d}\u{200d}\u{1f468}", "\u{1f469}\\u{200d}\\u{200d}\u{1f468}"),
            ("\u{fe0f}\u{fe0f}", r"\u{fe0f}\u{fe0f}"),
            ("1\u{fe0f}", r"1\u{fe0f}"),
            ("می\u{200c}\u{200c}خ", "می\\u{200c}\\u{200c}خ"),
            ("م\u{200c}", "م\\u{200c}"),
        ] {
            assert_eq!(SafeLine::of(text).as_str(), shown);
        }
    }

    #[test]
    fn a_long_text_is_cut_at_a_whole_character_and_says_so() {
        let long = "x".repeat(1 << 20);
        let line = SafeLine::of(&long).to_string();
        assert!(line.len() <= LIMIT && line.ends_with("xxx ... (cut; 1048576 bytes in all)"), "{}", line.len());
        for unit in ["ü", "\u{1b}", "\u{e0041}", "実\n", "\n"] {
            let line = SafeLine::of(&unit.repeat(LIMIT)).to_string();
            assert!(line.len() <= LIMIT, "{unit:?}");
            assert_eq!(line.matches("\\u{").count(), line.matches('}').count(), "{unit:?}: no part of an escape");
        }
        let full = "x".repeat(LIMIT);
        assert_eq!(SafeLine::of(&full).as_str(), full);
        assert_eq!(SafeLine::whole(&long).as_str().len(), long.len());
        let [wide, narrow] = [[long.clone(), "a".into()], ["b".into(), long]];
        assert!(SafeLine::aligned(&[wide, narrow]).iter().all(|line| line.as_str().len() <= LIMIT + 2));
    }

    #[test]
    fn no_field_and_no_cell_has_a_separator_in_it() {
        assert_eq!(SafeLine::fields(["a\tb", "c\nd", "-"]).as_str(), "a\\u{9}b\tc d\t-");
        let rows = [["a\u{1b}b".to_owned(), "c\nd".into()], ["x".into(), "y".into()]];
        let lines: Vec<String> = SafeLine::aligned(&rows).iter().map(ToString::to_string).collect();
        assert_eq!(lines, [r"a\u{1b}b  c d", "x         y"]);
    }

    #[test]
    fn json_gives_the_truth_back_and_has_nothing_that_acts() {
        let every: String =
            (0..=u32::from(char::MAX)).filter_map(char::from_u32).filter(|&letter| acts(letter)).collect();
        let value = json!({"name": every, "list": ["\u{202e}", {"a\u{200b}": "plain ü"}]});
        let lines = SafeLine::indented_json(&value);
        let indented = lines.iter().map(SafeLine::as_str).collect::<Vec<_>>().join("\n");
        for text in [SafeLine::json(&value).to_string(), indented] {
            assert!(!text.chars().any(|letter| letter != '\n' && acts(letter)));
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }
    }

    #[test]
    fn no_text_leaves_anything_that_acts_but_what_belongs() {
        let every: Vec<char> =
            (0..=u32::from(char::MAX)).filter_map(char::from_u32).filter(|&letter| acts(letter)).collect();
        for letter in every {
            let line = SafeLine::of(&format!("a{letter}b{letter}{letter}")).to_string();
            assert!(!line.contains(letter), "{letter:?}");
        }
    }
}
