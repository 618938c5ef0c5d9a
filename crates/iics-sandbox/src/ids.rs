//! Identifiers in the shapes that the service uses. They are derived, not random, so that two runs of a test agree.

/// The type code of a log entry inside a v2 ID, seen in recorded answers.
pub(crate) const LOG_ENTRY: &str = "C1";
/// The type code of a monitor row, seen in recorded answers.
pub(crate) const MONITOR_ROW: &str = "0E";
/// The type code of a Secure Agent, seen in recorded answers.
const AGENT: &str = "08";
/// The type code of a runtime environment, seen in recorded answers.
const ENVIRONMENT: &str = "25";
/// The type code of a connection, seen in recorded answers.
pub(crate) const CONNECTION: &str = "0B";
/// The type code of a mapping, seen in recorded answers.
pub(crate) const MAPPING: &str = "17";
/// The type code of a user, seen in recorded answers.
pub(crate) const USER: &str = "03";

/// The ID of the only Secure Agent.
pub(crate) fn agent(org: &str) -> String {
    v2(org, AGENT, 10)
}

/// The ID of the only runtime environment.
pub(crate) fn environment(org: &str) -> String {
    v2(org, ENVIRONMENT, 3)
}

/// A v2 ID: six characters of the organisation, a type code of two, and a counter of twelve in base 36. The organisation's
/// own ID may be longer.
pub(crate) fn v2(org: &str, code: &str, counter: usize) -> String {
    let mut digits = Vec::with_capacity(12);
    let mut rest = counter;
    while digits.len() < 12 {
        digits.push(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rest % 36]);
        rest /= 36;
    }
    digits.reverse();
    format!("{}{code}{}", prefix(org), String::from_utf8_lossy(&digits))
}

fn prefix(org: &str) -> &str {
    org.get(..6).unwrap_or(org)
}

/// The counter inside a v2 ID of this organisation and type code.
pub(crate) fn counter(id: &str, org: &str, code: &str) -> Option<usize> {
    let digits = id.strip_prefix(prefix(org))?.strip_prefix(code)?;
    if digits.len() != 12 || digits.contains(|digit: char| !digit.is_ascii_digit() && !digit.is_ascii_uppercase()) {
        return None;
    }
    usize::from_str_radix(digits, 36).ok()
}

/// Whether `text` could be a v2 ID at all.
pub(crate) fn is_v2_shaped(text: &str) -> bool {
    text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// An opaque ID of 22 letters and digits, the same for the same parts and different for different ones.
pub(crate) fn opaque(parts: &[&str]) -> String {
    letters_and_digits(parts, 22)
}

/// `length` letters and digits derived from `parts`.
pub(crate) fn letters_and_digits(parts: &[&str], length: usize) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut state = parts.iter().fold(0xCBF2_9CE4_8422_2325, |hash, part| hashed(hash, part));
    let letters = (0..length).map(|_| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        char::from(ALPHABET[usize::from(u8::try_from(mixed(state) % 62).unwrap_or(0))])
    });
    letters.collect()
}

/// FNV-1a, with a separator so that joined parts do not collide.
fn hashed(hash: u64, part: &str) -> u64 {
    part.bytes().chain([0xFF]).fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// The finishing steps of the `SplitMix64` generator.
fn mixed(state: u64) -> u64 {
    let once = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let twice = (once ^ (once >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    twice ^ (twice >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_v2_id_has_twenty_characters_and_gives_its_counter_back() {
        let id = v2("00SBX1", LOG_ENTRY, 46_656);
        assert_eq!(id, "00SBX1C1000000001000");
        assert!(is_v2_shaped(&id));
        assert_eq!(counter(&id, "00SBX1", LOG_ENTRY), Some(46_656));
        assert_eq!(counter(&id, "00SBX1", MONITOR_ROW), None);
        assert_eq!(counter("00SBX1C1-00000001000", "00SBX1", LOG_ENTRY), None);
        assert_eq!(v2("00SBX1andSixteenMoreCh", LOG_ENTRY, 46_656), id);
    }

    #[test]
    fn an_opaque_id_depends_on_every_part() {
        let one = opaque(&["session", "1"]);
        assert_eq!(one.len(), 22);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(one, opaque(&["session", "1"]));
        assert_ne!(one, opaque(&["session", "2"]));
        assert_ne!(opaque(&["ab", "c"]), opaque(&["a", "bc"]));
    }
}
