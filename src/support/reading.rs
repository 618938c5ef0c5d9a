//! Reads text files with a limit, so that no file, pipe or device can fill the memory.

use std::fs::File;
use std::io::Read;
use std::path::Path;

const MIB: u64 = 1024 * 1024;

/// The text of a file. The error says if it is a folder, longer than this many MiB, or not UTF-8.
pub fn file(path: &Path, limit: u64) -> Result<String, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    if file.metadata().map_err(|error| error.to_string())?.is_dir() {
        return Err("it is a folder".to_owned());
    }
    text(file, limit)
}

/// All that a source brings, within the same bounds.
pub fn text(source: impl Read, limit: u64) -> Result<String, String> {
    let mut bytes = Vec::new();
    source.take(limit * MIB + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > limit * MIB {
        return Err(format!("it is longer than {limit} MiB"));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_up_to_its_bound() {
        let whole = "ä".repeat(512 * 1024);
        assert_eq!(text(whole.as_bytes(), 1), Ok(whole.clone()));
        let long = format!("{whole}ä");
        assert_eq!(text(long.as_bytes(), 1), Err("it is longer than 1 MiB".to_owned()));
        assert_eq!(text(&b"\xff"[..], 1), Err("it is not UTF-8".to_owned()));
        assert_eq!(file(&std::env::temp_dir(), 1), Err("it is a folder".to_owned()));
    }
}
