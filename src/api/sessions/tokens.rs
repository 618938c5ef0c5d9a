//! Tokens that were sent, remembered so that no command on this machine sends one a second time: each is good for one
//! login. The name of a file is the digest of a token, and its content says until when it is kept.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::support::secret::Secret;
use crate::support::{jwt, state};

/// A token is remembered until it expires, but at least for this long: it may not say when, and clocks differ.
const SHORTEST_MEMORY: SignedDuration = SignedDuration::from_hours(24);
/// A file that does not say until when is kept for this long after it was made.
const LONGEST_MEMORY: SignedDuration = SignedDuration::from_hours(31 * 24);

/// Where the tokens of an account come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenSource {
    Command,
    File,
}

impl fmt::Display for TokenSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Command => "token_command printed",
            Self::File => "token_file has",
        })
    }
}

/// The memory of one command and, where there is a state folder, of this machine.
pub struct UsedTokens<'a> {
    folder: Option<PathBuf>,
    /// The digests of those that this command has sent.
    here: RefCell<HashSet<String>>,
    /// Told when a token is remembered by this command alone although there is a folder.
    warn: &'a dyn Fn(&str),
}

#[derive(Serialize, Deserialize)]
struct StoredToken {
    until: Timestamp,
}

impl<'a> UsedTokens<'a> {
    pub fn new(state_dir: Option<&Path>, warn: &'a dyn Fn(&str)) -> Self {
        let folder = state_dir.map(|state_dir| state_dir.join("tokens"));
        Self { folder, here: RefCell::default(), warn }
    }

    /// Remembers a token that is about to be sent. Gives whether it is new; another one must not be sent.
    pub(crate) fn mark(&self, token: &Secret, now: Timestamp) -> bool {
        let name = name_of(token);
        if !self.here.borrow_mut().insert(name.clone()) {
            return false;
        }
        let Some(folder) = &self.folder else { return true };
        sweep(folder, now);
        match make(&folder.join(name), until(token, now)) {
            Ok(is_new) => is_new,
            Err(error) => {
                (self.warn)(&format!(
                    "a later command may send the same token again, because {} cannot be written: {error}",
                    folder.display()
                ));
                true
            }
        }
    }

    /// Forgets a token that was not sent after all.
    pub(crate) fn unmark(&self, token: &Secret) {
        let name = name_of(token);
        self.here.borrow_mut().remove(&name);
        if let Some(folder) = &self.folder {
            let path = folder.join(name);
            let _ = fs::remove_file(&path).and_then(|()| state::sync_folder_of(&path));
        }
    }
}

fn name_of(token: &Secret) -> String {
    state::hex(digest(&SHA256, token.reveal().as_bytes()).as_ref())
}

fn until(token: &Secret, now: Timestamp) -> Timestamp {
    let shortest = now.saturating_add(SHORTEST_MEMORY).unwrap_or(Timestamp::MAX);
    jwt::expiry(token.reveal()).unwrap_or(shortest).max(shortest)
}

/// Makes the file of a token, so that it survives the loss of power. Gives whether there was none: of two processes,
/// one makes it.
fn make(path: &Path, until: Timestamp) -> io::Result<bool> {
    if let Some(folder) = path.parent() {
        state::private_folder(folder)?;
    }
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        opened => opened?,
    };
    file.write_all(&serde_json::to_vec(&StoredToken { until })?)?;
    file.sync_all()?;
    state::sync_folder_of(path)?;
    Ok(true)
}

/// Removes the files of tokens that have expired.
fn sweep(folder: &Path, now: Timestamp) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_ours = entry.file_name().len() == 64 && entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_ours && remembered_until(&path).is_some_and(|until| until < now) {
            let _ = fs::remove_file(path);
        }
    }
}

fn remembered_until(path: &Path) -> Option<Timestamp> {
    let file = File::open(path).ok()?;
    let made = Timestamp::try_from(file.metadata().ok()?.modified().ok()?).ok()?;
    let stored: Option<StoredToken> = serde_json::from_reader(io::Read::take(&file, 1024)).ok();
    stored.map(|stored| stored.until).or_else(|| made.saturating_add(LONGEST_MEMORY).ok())
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn token(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    fn expiring(at: Timestamp) -> Secret {
        let claims = URL_SAFE_NO_PAD.encode(format!("{{\"exp\":{}}}", at.as_second()));
        token(&format!("e30.{claims}.c2ln"))
    }

    fn start() -> Timestamp {
        "2026-03-01T10:00:00Z".parse().unwrap()
    }

    fn hours(hours: i64) -> Timestamp {
        start() + SignedDuration::from_hours(hours)
    }

    fn silent(_: &str) {
        panic!("there was nothing to warn of");
    }

    #[test]
    fn a_token_is_new_once_for_every_command_until_it_is_unmarked() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = [(), ()].map(|()| UsedTokens::new(Some(folder.path()), &silent));
        assert!(first.mark(&token("one"), start()));
        assert!(!first.mark(&token("one"), start()) && !second.mark(&token("one"), start()));
        assert!(second.mark(&token("two"), start()));
        first.unmark(&token("one"));
        let third = UsedTokens::new(Some(folder.path()), &silent);
        assert!(third.mark(&token("one"), start()) && !third.mark(&token("two"), start()));
    }

    #[test]
    fn its_file_has_its_digest_for_its_owner_only_and_not_the_token() {
        let folder = tempfile::tempdir().unwrap();
        UsedTokens::new(Some(folder.path()), &silent).mark(&token("hello"), start());
        let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let file = folder.path().join("tokens").join(digest);
        assert_eq!(fs::read_to_string(&file).unwrap(), "{\"until\":\"2026-03-02T10:00:00Z\"}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
        }
    }

    #[test]
    fn a_token_is_remembered_until_it_expires_and_for_a_day_at_least() {
        let folder = tempfile::tempdir().unwrap();
        let is_known = |token: &Secret| folder.path().join("tokens").join(name_of(token)).exists();
        let [long, short, over, odd] =
            [expiring(hours(72)), expiring(hours(1)), expiring(hours(-1)), token("no token at all")];
        let used = UsedTokens::new(Some(folder.path()), &silent);
        for token in [&long, &short, &over, &odd] {
            assert!(used.mark(token, start()));
        }
        used.mark(&token("a day later"), hours(24));
        assert!([&long, &short, &over, &odd].into_iter().all(is_known));
        used.mark(&token("more than a day later"), hours(25));
        assert_eq!([&long, &short, &over, &odd].map(is_known), [true, false, false, false]);
        used.mark(&token("three days later"), hours(73));
        assert!(!is_known(&long));
    }

    #[test]
    fn a_file_that_does_not_say_until_when_still_counts() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tokens").join(name_of(&token("one")));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "").unwrap();
        let now = crate::support::clock::Clock::utc(&crate::support::clock::SystemClock);
        assert!(!UsedTokens::new(Some(folder.path()), &silent).mark(&token("one"), now));
        let later = now + SignedDuration::from_hours(32 * 24);
        assert!(UsedTokens::new(Some(folder.path()), &silent).mark(&token("one"), later));
    }

    #[test]
    fn without_a_folder_a_command_remembers_its_own_and_where_it_cannot_be_written_it_says_so() {
        let used = UsedTokens::new(None, &silent);
        assert!(used.mark(&token("one"), start()) && !used.mark(&token("one"), start()));
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("tokens"), "in the way").unwrap();
        let said = RefCell::new(String::new());
        let warn = |text: &str| said.borrow_mut().push_str(text);
        let used = UsedTokens::new(Some(folder.path()), &warn);
        assert!(used.mark(&token("one"), start()) && !used.mark(&token("one"), start()));
        assert!(said.borrow().starts_with("a later command may send the same token again"), "{said:?}");
    }
}
