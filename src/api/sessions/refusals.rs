//! Passwords that were refused, remembered so that no command on this machine sends one a second time: accounts are locked
//! after a few refusals. The file holds a keyed digest, which does not reveal the password; a corrected one works at once.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::support::secret::Secret;
use crate::support::state;

/// After this long the account may have been unlocked.
const MEMORY: SignedDuration = SignedDuration::from_mins(15);

/// The file with the last refusal of one account.
#[derive(Debug, Clone)]
pub struct Refusals {
    file: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct StoredRefusal {
    at: Timestamp,
    key: String,
    digest: String,
}

impl Refusals {
    pub fn new(state_dir: &Path, login_url: &str, username: &str) -> Self {
        Self { file: state_dir.join("refused").join(state::name_of(&[login_url, username])) }
    }

    /// When this password was refused, if that was less than fifteen minutes ago.
    pub fn recall(&self, password: &Secret, now: Timestamp) -> Option<Timestamp> {
        let stored: StoredRefusal = serde_json::from_slice(&state::read(&self.file).ok()?).ok()?;
        let age = now.duration_since(stored.at);
        let recent = age >= SignedDuration::ZERO && age < MEMORY;
        (recent && digest(&stored.key, password) == stored.digest).then_some(stored.at)
    }

    /// Where nothing can be written, the next command sends the password again.
    pub fn remember(&self, password: &Secret, now: Timestamp) {
        let mut key = [0_u8; 32];
        if ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut key).is_err() {
            return;
        }
        let key = state::hex(&key);
        let stored = StoredRefusal { at: now, digest: digest(&key, password), key };
        if let Ok(bytes) = serde_json::to_vec(&stored) {
            let _ = state::write(&self.file, &bytes);
        }
    }

    /// For a person who wants to try the same password again.
    pub fn forget(&self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

fn digest(key: &str, password: &Secret) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    state::hex(hmac::sign(&key, password.reveal().as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_password_is_remembered_for_fifteen_minutes_and_another_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let refusals = Refusals::new(folder.path(), "https://login.example.com", "ops");
        let now: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let password = |text: &str| Secret::new(text.to_owned());
        assert_eq!(refusals.recall(&password("old"), now), None);
        refusals.remember(&password("old"), now);
        let later = |minutes: i64| now + SignedDuration::from_mins(minutes);
        assert_eq!(refusals.recall(&password("old"), later(14)), Some(now));
        assert_eq!(refusals.recall(&password("new"), later(1)), None);
        assert_eq!(refusals.recall(&password("old"), later(15)), None);
        assert_eq!(refusals.recall(&password("old"), later(-1)), None);
        let text = std::fs::read_to_string(&refusals.file).unwrap();
        assert!(!text.contains("old"), "{text}");
        let other = Refusals::new(folder.path(), "https://login.example.com", "else");
        assert_eq!(other.recall(&password("old"), later(1)), None);
        refusals.forget();
        assert_eq!(refusals.recall(&password("old"), later(1)), None);
    }
}
