//! A session log as the service sends it: plain text, or an archive of one text.

use std::fs::File;
use std::io::{self, Read, Seek};

use zip::ZipArchive;

/// No text is unpacked beyond this many bytes, whatever the archive claims.
const LIMIT: u64 = 256 * 1024 * 1024;

/// The text, at its beginning. The name of the member is not used for anything.
pub(crate) fn unpacked(mut file: File) -> Result<File, String> {
    let mut start = [0; 4];
    let length = file.read(&mut start).map_err(|error| error.to_string())?;
    file.rewind().map_err(|error| error.to_string())?;
    if start[..length] != *b"PK\x03\x04" {
        return Ok(file);
    }
    let mut archive = ZipArchive::new(file).map_err(|error| error.to_string())?;
    let mut text = tempfile::tempfile().map_err(|error| error.to_string())?;
    for index in 0..archive.len() {
        let member = archive.by_index(index).map_err(|error| error.to_string())?;
        let room = LIMIT.saturating_sub(text.stream_position().map_err(|error| error.to_string())?);
        let copied = io::copy(&mut member.take(room + 1), &mut text).map_err(|error| error.to_string())?;
        if copied > room {
            return Err("it is longer than 256 MiB".to_owned());
        }
    }
    text.rewind().map_err(|error| error.to_string())?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;

    use super::*;

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        file
    }

    fn text(bytes: &[u8]) -> Result<String, String> {
        unpacked(file(bytes)).map(|file| io::read_to_string(file).unwrap())
    }

    fn archive(members: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, content) in members {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn texts_stay_and_archives_are_unpacked() {
        for plain in ["", "PK", "11/24/2026 **** Initializing session\n"] {
            assert_eq!(text(plain.as_bytes()).as_deref(), Ok(plain));
        }
        let long = "a line of the log\n".repeat(10_000);
        let packed = archive(&[("MTT/s_mtt.log", &long)]);
        assert!(packed.len() < 10_000);
        assert_eq!(text(&packed), Ok(long));
        assert_eq!(text(&archive(&[("../../etc/passwd", "a"), ("b", "c")])).as_deref(), Ok("ac"));
    }

    #[test]
    fn a_broken_archive_is_an_error() {
        let packed = archive(&[("a", "some text")]);
        for end in [5, packed.len() / 2, packed.len() - 1] {
            assert!(text(&packed[..end]).is_err(), "{end}");
        }
    }
}
