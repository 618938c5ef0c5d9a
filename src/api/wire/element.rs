//! One JSON value while it arrives, in memory that does not grow with it: of a long one only the beginnings of its texts are
//! kept, and of its parts only as many as there is room for.

/// A value is kept as it is up to this length; a row of the activity log with all its parts is a few kilobytes.
pub(crate) const WHOLE: usize = 1024 * 1024;
/// Of a longer value each string is kept up to this length.
pub(crate) const TEXT: usize = 64 * 1024;
/// A value that is still longer without its parts cannot be read.
const LONGEST: usize = 2 * 1024 * 1024;
/// The longest character: an escaped surrogate pair.
const CHARACTER: usize = 12;
/// Stands for parts that were dropped. It is neither a part that can be read nor none.
const DROPPED: &[u8] = b"[\"cut\"]";

#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Position {
    #[default]
    Outside,
    String,
    /// Behind a backslash in a string.
    Escape,
}

#[derive(Debug, Default)]
pub(crate) struct Element {
    text: Vec<u8>,
    place: Position,
    depth: usize,
    /// Where the open string begins, behind its quote.
    string: usize,
    /// The last string directly inside the outermost object that may be a key.
    key: (usize, usize),
    /// Where the open value directly inside the outermost object or array begins.
    value: usize,
    /// It has become too long to be kept as it is.
    is_cut: bool,
    /// The rest of the open value directly inside the outermost is dropped.
    drops: bool,
    is_too_long: bool,
}

impl Element {
    /// Takes bytes from the front of a piece, at least one, and gives how many. White space between values is dropped.
    pub(crate) fn take(&mut self, piece: &[u8]) -> Result<usize, &'static str> {
        match self.place {
            Position::Outside => self.take_outside(piece[0]).map(|()| 1),
            Position::String => Ok(self.take_string(piece)),
            Position::Escape => {
                self.place = Position::String;
                self.push(&[b'\\', piece[0]]);
                Ok(1)
            }
        }
    }

    fn take_outside(&mut self, byte: u8) -> Result<(), &'static str> {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => return Ok(()),
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.checked_sub(1).ok_or("its brackets do not match")?;
                if self.drops && self.depth == 1 {
                    // The end of what was dropped, in place of which something stands already.
                    self.drops = false;
                    return Ok(());
                }
            }
            b'"' => {
                self.push(b"\"");
                self.place = Position::String;
                self.string = self.text.len();
                return Ok(());
            }
            _ => {}
        }
        self.push(&[byte]);
        if self.depth == 1 && matches!(byte, b'{' | b'[' | b',' | b':') {
            self.value = self.text.len();
        }
        Ok(())
    }

    /// Takes a string up to its end, to a backslash or to the end of the piece, in one go: most of a row is strings.
    fn take_string(&mut self, piece: &[u8]) -> usize {
        let end = piece.iter().position(|byte| matches!(byte, b'\\' | b'"'));
        self.push(&piece[..end.unwrap_or(piece.len())]);
        match end.map(|end| piece[end]) {
            Some(b'\\') => self.place = Position::Escape,
            Some(_) => self.end_string(),
            None => {}
        }
        end.map_or(piece.len(), |end| end + 1)
    }

    fn end_string(&mut self) {
        if self.is_cut && !self.drops && !self.is_too_long {
            self.text.truncate(self.string + beginning(&self.text[self.string..]));
        }
        self.place = Position::Outside;
        if self.depth == 1 && !self.drops {
            self.key = (self.string, self.text.len());
        }
        self.push(b"\"");
    }

    /// Adds bytes, if there is room for them.
    fn push(&mut self, bytes: &[u8]) {
        if self.drops || self.is_too_long {
            return;
        }
        let most = self.string + TEXT + CHARACTER;
        let is_text = self.place != Position::Outside;
        if self.is_cut && is_text {
            let room = most.saturating_sub(self.text.len());
            // An escape that would be torn apart is left out, and nothing after it is kept.
            let fits = bytes.len() <= room || bytes[0] != b'\\';
            self.text.extend_from_slice(if fits { &bytes[..bytes.len().min(room)] } else { &[] });
        } else {
            self.text.extend_from_slice(bytes);
        }
        if self.text.len() <= WHOLE {
            return;
        }
        if !self.is_cut {
            self.shorten();
        }
        if self.text.len() > WHOLE && self.depth > 1 {
            self.text.truncate(self.value);
            self.text.extend_from_slice(DROPPED);
            self.drops = true;
        }
        if self.text.len() > LONGEST {
            self.text = b"null".to_vec();
            self.is_too_long = true;
        }
    }

    /// From now on strings are cut: those that are complete, and the open one.
    fn shorten(&mut self) {
        self.is_cut = true;
        let is_open = self.place != Position::Outside && self.string >= self.value;
        let (done, open) = self.text.split_at(if is_open { self.string } else { self.text.len() });
        let (before, inside) = done.split_at(self.value);
        let mut text = with_short_strings(before);
        // The key of a value stands in front of it, and nothing asks for it once it is the value's turn.
        self.value = text.len();
        text.extend(with_short_strings(inside));
        self.string = text.len();
        text.extend_from_slice(&open[..open.len().min(TEXT + CHARACTER)]);
        self.key = (0, 0);
        self.text = text;
    }

    /// The key of the value that is about to begin directly inside the outermost object.
    pub(crate) fn key(&self) -> Option<&[u8]> {
        let (from, to) = self.key;
        let is_key = self.depth == 1 && self.place == Position::Outside && self.text.last() == Some(&b':');
        if is_key { self.text.get(from..to) } else { None }
    }

    /// Whether a value of its own can end here.
    pub(crate) fn is_closed(&self) -> bool {
        self.depth == 0 && self.place == Position::Outside
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text of the value, and room for the next.
    pub(crate) fn finish(&mut self, with: impl FnOnce(&[u8])) {
        with(&self.text);
        // Room is kept, but not the room that one long value has taken.
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        text.shrink_to(TEXT);
        *self = Self { text, ..Self::default() };
    }
}

/// The same JSON, its complete strings cut to their beginnings.
fn with_short_strings(json: &[u8]) -> Vec<u8> {
    let mut short = Vec::new();
    let mut rest = json;
    while let Some(start) = rest.iter().position(|byte| *byte == b'"') {
        let (before, string) = rest.split_at(start + 1);
        short.extend_from_slice(before);
        let mut end = 0;
        while end < string.len() && string[end] != b'"' {
            end += if string[end] == b'\\' { 2 } else { 1 };
        }
        let end = end.min(string.len());
        short.extend_from_slice(&string[..beginning(&string[..end])]);
        let closing = string.len().min(end + 1);
        short.extend_from_slice(&string[end..closing]);
        rest = &string[closing..];
    }
    short.extend_from_slice(rest);
    short
}

/// How much of the inside of a string is kept: whole characters, up to the limit.
fn beginning(string: &[u8]) -> usize {
    if string.len() <= TEXT {
        return string.len();
    }
    let mut kept = 0;
    loop {
        let next = kept + character(&string[kept..]);
        if next > TEXT {
            return kept;
        }
        kept = next;
    }
}

/// The length of the first character of the inside of a string, which may be an escape or a surrogate pair of two.
fn character(string: &[u8]) -> usize {
    match string {
        [b'\\', b'u', _, _, _, _, b'\\', b'u', ..]
            if matches!(&string[2..4], [b'd' | b'D', b'8'..=b'9' | b'a'..=b'b' | b'A'..=b'B']) =>
        {
            12
        }
        [b'\\', b'u', ..] => 6,
        [b'\\' | 0xc0..=0xdf, ..] => 2,
        [0xe0..=0xef, ..] => 3,
        [0xf0..=0xff, ..] => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests;
