//! A ZIP archive of one stored file, as the service sends the session logs of parts. Libraries bring far more than this.

/// The archive.
pub(crate) fn of_one(name: &str, content: &[u8]) -> Vec<u8> {
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let short = |bytes: usize| u16::try_from(bytes).unwrap_or(u16::MAX).to_le_bytes();
    // Version 2.0, no flags, stored, no date.
    let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
    common.extend(crc32(content).to_le_bytes());
    common.extend(length(content.len()));
    common.extend(length(content.len()));
    common.extend(short(name.len()));
    common.extend([0, 0]);
    let mut archive = b"PK\x03\x04".to_vec();
    archive.extend(&common);
    archive.extend(name.as_bytes());
    archive.extend(content);
    let directory = archive.len();
    archive.extend(b"PK\x01\x02\x14\x00");
    archive.extend(&common);
    archive.extend([0; 14]);
    archive.extend(name.as_bytes());
    let end = archive.len();
    archive.extend(b"PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00");
    archive.extend(length(end - directory));
    archive.extend(length(directory));
    archive.extend([0, 0]);
    archive
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_common_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn the_archive_has_its_parts_where_it_says() {
        let archive = of_one("MTT/a.log", b"hello");
        let directory = archive.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
        let end = archive.windows(4).position(|window| window == b"PK\x05\x06").unwrap();
        assert_eq!(end, directory + 46 + "MTT/a.log".len());
        assert_eq!(archive.len(), end + 22);
        assert_eq!(archive[end + 16..end + 20], u32::try_from(directory).unwrap().to_le_bytes());
    }
}
