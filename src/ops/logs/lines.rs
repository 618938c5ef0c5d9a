//! The lines of a log.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};

use crate::output::SafeLine;

/// A line of a log is read up to this many bytes.
const LINE: u64 = 64 * 1024;

/// The lines of a log, or the last of them. What is longer than a line should be is cut.
pub(crate) fn lines(file: File, tail: Option<usize>) -> Box<dyn Iterator<Item = String>> {
    let all = LogLines(BufReader::new(file));
    let Some(tail) = tail else { return Box::new(all) };
    let mut last = VecDeque::new();
    for line in all {
        if last.len() == tail {
            last.pop_front();
        }
        last.push_back(line);
    }
    Box::new(last.into_iter())
}

/// A line of a log as it is shown. Logs have tabs for blanks.
pub(crate) fn shown(line: &str) -> SafeLine {
    SafeLine::of(&line.replace('\t', " "))
}

struct LogLines(BufReader<File>);

impl Iterator for LogLines {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut line = Vec::new();
        match (&mut self.0).take(LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return None,
            Ok(_) if line.last() == Some(&b'\n') => {}
            Ok(_) => drop(self.0.skip_until(b'\n')),
        }
        Some(String::from_utf8_lossy(line.trim_ascii_end()).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use super::*;

    fn of(text: &str, tail: Option<usize>) -> Vec<String> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.rewind().unwrap();
        lines(file, tail).collect()
    }

    #[test]
    fn a_line_is_shown_without_what_acts_and_with_blanks_for_tabs() {
        assert_eq!(shown("READER_1\tTE_7002 \u{1b}[2J").as_str(), r"READER_1 TE_7002 \u{1b}[2J");
    }

    #[test]
    fn a_tail_is_the_last_lines_and_a_line_has_an_end() {
        let text = "one\r\ntwo\n\nthree";
        assert_eq!(of(text, None), ["one", "two", "", "three"]);
        assert_eq!(of(text, Some(2)), ["", "three"]);
        assert_eq!(of(text, Some(9)).len(), 4);
        assert!(of("", Some(3)).is_empty());
        let long = format!("{}\nshort\n", "x".repeat(200_000));
        assert_eq!(of(&long, None).iter().map(String::len).collect::<Vec<_>>(), [65_536, 5]);
    }
}
