//! The file that stores a session between commands. With the lock next to it, one command at a time logs in.

use std::fs::{File, FileTimes};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::api::sessions::session::Session;
use crate::support::clock::Clock;
use crate::support::jwt;
use crate::support::secret::Secret;
use crate::support::state::{self, Lock};

/// A session lives 30 minutes without activity, by the service's documentation; less a minute of caution.
const IDLE_LIFE: SignedDuration = SignedDuration::from_mins(29);
/// A longer file is none of ours: the longest session has 64 KiB.
const SIZE_LIMIT: u64 = 256 * 1024;

/// The file of one session, named after whom it belongs to.
#[derive(Debug, Clone)]
pub struct Store {
    file: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct StoredSession {
    server_url: String,
    session: String,
    org: Option<String>,
    #[serde(default)]
    user: Option<String>,
}

impl Store {
    pub fn by_password(state_dir: &Path, login_url: &str, username: &str) -> Self {
        Self::of(state_dir, &[login_url, "password", username])
    }

    /// For logins by tokens that come from one place. Who they are for is known to the service alone.
    pub fn by_token(state_dir: &Path, login_url: &str, org: &str, place: &str) -> Self {
        Self::of(state_dir, &[login_url, "token", org, place])
    }

    fn of(state_dir: &Path, owner: &[&str]) -> Self {
        Self { file: state_dir.join("sessions").join(state::name_of(owner)) }
    }

    /// The stored session, if it is there, readable, used within its idle life and, as a token, not expired. It counts as
    /// used now.
    pub fn load(&self, now: Timestamp) -> Option<Session> {
        let file = state::open(&self.file, File::options().read(true).write(true)).ok()?;
        let used = Timestamp::try_from(file.metadata().ok()?.modified().ok()?).ok()?;
        if now.duration_since(used) > IDLE_LIFE {
            return None;
        }
        let stored: StoredSession = serde_json::from_reader(std::io::BufReader::new((&file).take(SIZE_LIMIT))).ok()?;
        if jwt::expiry(&stored.session).is_some_and(|end| end <= now) {
            return None;
        }
        // A cache whose time cannot be set only ends sooner.
        let _ = file.set_times(FileTimes::new().set_modified(SystemTime::UNIX_EPOCH + since_epoch(now)));
        Some(Session {
            server_url: stored.server_url,
            id: Secret::new(stored.session),
            org: stored.org,
            user: stored.user,
        })
    }

    /// Replaces the file as one; only the owner can read it.
    pub fn save(&self, session: &Session) -> std::io::Result<()> {
        let stored = StoredSession {
            server_url: session.server_url.clone(),
            session: session.id.reveal().to_owned(),
            org: session.org.clone(),
            user: session.user.clone(),
        };
        state::write(&self.file, &serde_json::to_vec(&stored)?)
    }

    /// Whether there is a session, which may have expired.
    pub fn is_kept(&self) -> bool {
        self.file.is_file()
    }

    /// Gives whether there was a session.
    pub fn forget(&self) -> bool {
        std::fs::remove_file(&self.file).is_ok()
    }

    /// The right to log in. None when there is no place for a lock, or when its holder does not let go in time.
    pub async fn lock(&self, clock: &dyn Clock, patience: Duration) -> Option<Lock> {
        state::lock(&self.file.with_extension("lock"), clock, patience).await.ok().flatten()
    }
}

fn since_epoch(now: Timestamp) -> Duration {
    now.as_duration().try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn session() -> Session {
        let server_url = "https://pod.example.com/saas".to_owned();
        Session { server_url, id: Secret::new("s3ss10n".into()), org: Some("01ABCD".into()), user: Some("ops".into()) }
    }

    fn now() -> Timestamp {
        crate::support::clock::SystemClock.utc()
    }

    #[test]
    fn a_session_is_kept_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::by_password(folder.path(), "https://login.example.com", "ops");
        assert_eq!(store.load(now()), None);
        store.save(&session()).unwrap();
        assert_eq!(store.load(now()), Some(session()));
        assert_eq!(Store::by_password(folder.path(), "https://login.example.com", "else").load(now()), None);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&store.file), 0o600);
            assert_eq!(mode(store.file.parent().unwrap()), 0o700);
        }
        assert!(store.forget());
        assert!(!store.forget());
    }

    #[test]
    fn thirty_idle_minutes_end_it_and_use_keeps_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::by_password(folder.path(), "https://login.example.com", "ops");
        store.save(&session()).unwrap();
        let later = |minutes: u64| now() + Duration::from_secs(minutes * 60);
        assert!(store.load(later(20)).is_some());
        assert!(store.load(later(40)).is_some());
        assert!(store.load(later(80)).is_none());
    }

    #[test]
    fn a_session_that_is_a_token_ends_when_it_says_however_much_it_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::by_token(folder.path(), "https://login.example.com", "01ABCD", "get-token");
        let later = |minutes: u64| now() + Duration::from_secs(minutes * 60);
        let claims = URL_SAFE_NO_PAD.encode(format!("{{\"exp\":{}}}", later(30).as_second()));
        let id = format!("e30.{claims}.{}", "s".repeat(16_000));
        let token = Session { id: Secret::new(id), ..session() };
        store.save(&token).unwrap();
        assert_eq!((store.load(later(15)), store.load(later(29))), (Some(token.clone()), Some(token)));
        assert_eq!(store.load(later(31)), None);
        let others =
            ["01ABCE", "01ABCD"].map(|org| Store::by_token(folder.path(), "https://login.example.com", org, "x"));
        assert!(others.iter().all(|other| !other.is_kept()));
    }

    #[test]
    fn a_damaged_cache_is_no_session() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::by_password(folder.path(), "https://login.example.com", "ops");
        store.save(&session()).unwrap();
        for damage in ["", "{\"server_url\":\"htt", "[]", "null"] {
            std::fs::write(&store.file, damage).unwrap();
            assert_eq!(store.load(now()), None, "{damage}");
        }
        store.save(&session()).unwrap();
        let padded = [vec![b' '; 1 << 20], std::fs::read(&store.file).unwrap()].concat();
        std::fs::write(&store.file, padded).unwrap();
        assert_eq!(store.load(now()), None);
        std::fs::remove_file(&store.file).unwrap();
        std::fs::create_dir(&store.file).unwrap();
        assert_eq!(store.load(now()), None);
        assert!(store.save(&session()).is_err());
    }

    #[test]
    fn a_lock_that_is_never_released_costs_its_patience() {
        let patience = Duration::from_secs(10);
        let folder = tempfile::tempdir().unwrap();
        let store = Store::by_password(folder.path(), "https://login.example.com", "ops");
        let clock = crate::support::clock::ManualClock::new("2026-03-01T00:00:00Z".parse().unwrap());
        let held = clock.run(store.lock(&clock, patience));
        assert!(held.is_some() && clock.naps().is_empty());
        assert!(clock.run(store.lock(&clock, patience)).is_none());
        assert_eq!(clock.now(), patience);
    }
}
