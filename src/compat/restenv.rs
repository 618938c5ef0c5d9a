//! Reads `restenv.properties`, and says what its keys mean to this program.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::compat::properties::Properties;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::secret::Secret;

pub const NAME: &str = "restenv.properties";

const SIZE_LIMIT: u64 = 1024 * 1024;
/// RunAJob's documentation says that it pauses this long between two of its calls, in addition to `TOTALWAIT`.
const SPACING: Duration = Duration::from_secs(10);
const TOTALWAIT: Duration = Duration::from_secs(5);
const RETRYCOUNT: u32 = 6;
/// Longer than any job, and short enough for every clock.
const LONGEST: Duration = Duration::from_secs(3653 * 86_400);

/// The values of the file, or the defaults without one.
#[derive(Debug)]
pub struct Restenv {
    /// `None` if there is no file.
    pub path: Option<PathBuf>,
    /// `baseUrl`, which ends in `/ma`.
    pub base_url: Option<String>,
    pub username: Option<String>,
    /// `password`, if it is readable.
    pub password: Option<Secret>,
    /// `use.encryption`: then the password is in a form that only RunAJob reads.
    pub encrypted: bool,
    /// How long to wait for the run: `RETRYCOUNT` times the sum of `TOTALWAIT` and the pause between two calls.
    pub budget: Duration,
    /// Whether the file has `TOTALWAIT` or `RETRYCOUNT`.
    pub sets_budget: bool,
    /// `PROXYHOST` and `PROXYPORT` as a URL.
    pub proxy: Option<String>,
    /// `runajob.profile`, which is ours: the profile that gives the account.
    pub profile: Option<String>,
    /// Warnings for the owner of the file.
    pub warnings: Vec<String>,
}

impl Restenv {
    /// Reads the file in a folder. Without a file everything is unset.
    pub fn in_folder(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(NAME);
        match std::fs::metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            _ => Self::read(&path),
        }
    }

    /// Reads a file that must be there.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let unusable = |why: String| {
            Failure::of(Exit::Config, why).context(format!("cannot use {}", path.display())).hint("correct the file")
        };
        let properties = Properties::parse(&content(path).map_err(unusable)?);
        let properties = properties.map_err(|error| unusable(error.to_string()))?;
        let mut restenv = Self::of(&properties).map_err(unusable)?;
        restenv.path = Some(path.to_owned());
        if let Some(mode) = mode_for_others(path).filter(|_| restenv.password.is_some()) {
            let shown = path.display().to_string();
            let quoted = shell_words::quote(&shown);
            restenv.warnings.push(format!(
                "{shown} holds a password and others may read it (mode {mode:03o}); to close it: chmod 600 {quoted}"
            ));
        }
        Ok(restenv)
    }

    pub(crate) fn of(properties: &Properties) -> Result<Self, String> {
        let word = |key: &str| properties.get(key).map(str::trim).filter(|word| !word.is_empty());
        let number = |key: &str| {
            let number =
                word(key).map(|word| word.parse::<u32>().map_err(|_| format!("{key} is '{word}', not a number")));
            number.transpose()
        };
        let mut warnings = Vec::new();
        let total_wait = number("TOTALWAIT")?;
        let retry_count = number("RETRYCOUNT")?;
        if retry_count == Some(0) {
            warnings.push("RETRYCOUNT is 0, which leaves no time to wait; 1 is used instead".to_owned());
        }
        let round = total_wait.map_or(TOTALWAIT, |millis| Duration::from_millis(millis.into())) + SPACING;
        let budget = round.checked_mul(retry_count.unwrap_or(RETRYCOUNT).max(1)).unwrap_or(LONGEST).min(LONGEST);
        let proxy = match (word("PROXYHOST"), word("PROXYPORT")) {
            (None, _) => None,
            (Some(_), None) => return Err("PROXYHOST is set, but PROXYPORT is not".to_owned()),
            (Some(host), Some(port)) => {
                let port: u16 = port.parse().map_err(|_| format!("PROXYPORT is '{port}', not a port number"))?;
                let scheme = if host.contains("://") { "" } else { "http://" };
                Some(format!("{scheme}{host}:{port}"))
            }
        };
        let encrypted = word("use.encryption").is_some_and(|word| word.eq_ignore_ascii_case("true"));
        // White space at the end of a password belongs to it.
        let password =
            properties.get("password").filter(|_| !encrypted).map(|password| Secret::new(password.to_owned()));
        Ok(Self {
            base_url: word("baseUrl").map(str::to_owned),
            username: word("username").map(str::to_owned),
            password,
            encrypted,
            budget,
            sets_budget: total_wait.is_some() || retry_count.is_some(),
            proxy,
            profile: word("runajob.profile").map(str::to_owned),
            warnings,
            path: None,
        })
    }
}

impl Default for Restenv {
    fn default() -> Self {
        Self {
            path: None,
            base_url: None,
            username: None,
            password: None,
            encrypted: false,
            budget: (TOTALWAIT + SPACING) * RETRYCOUNT,
            sets_budget: false,
            proxy: None,
            profile: None,
            warnings: Vec::new(),
        }
    }
}

fn content(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    // Checked before opening, because opening a pipe waits for its writer and no signal could end that.
    let facts = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !facts.is_file() {
        return Err("it is not a file".to_owned());
    }
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    if facts.len() > SIZE_LIMIT {
        return Err("it is longer than 1 MiB".to_owned());
    }
    // With room for the file, because a vector that grows leaves copies of the password in memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(facts.len() + 1).unwrap_or_default()));
    file.take(SIZE_LIMIT).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The mode of a file, if others than its owner may read or write it.
fn mode_for_others(path: &Path) -> Option<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
        (mode & 0o077 != 0).then_some(mode)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Restenv, String> {
        Restenv::of(&Properties::parse(text.as_bytes()).unwrap())
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_refused_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join(NAME);
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(Restenv::in_folder(folder.path()).unwrap_err().why().as_deref(), Some("it is not a file"));
    }

    #[test]
    fn the_keys_are_read_and_others_ignored() {
        let read = of("baseUrl=https://dm-us.informaticacloud.com/ma\nusername = ops\npassword=se cret \n\
             use.encryption=false\nPROXYHOST=proxy.example.com\nPROXYPORT=3128\nrunajob.profile=prod\nparamSetBaseUrl=x")
        .unwrap();
        assert_eq!(read.base_url.as_deref(), Some("https://dm-us.informaticacloud.com/ma"));
        assert_eq!((read.username.as_deref(), read.profile.as_deref()), (Some("ops"), Some("prod")));
        assert_eq!(read.password.unwrap().reveal(), "se cret ");
        assert_eq!(read.proxy.as_deref(), Some("http://proxy.example.com:3128"));
    }

    #[test]
    fn empty_values_are_not_set() {
        let read = of("baseUrl=\nusername=\npassword=\nPROXYHOST=\nPROXYPORT=\nRETRYCOUNT=\nTOTALWAIT= \n").unwrap();
        assert_eq!((read.base_url, read.username, read.proxy), (None, None, None));
        assert!(read.password.is_none() && !read.sets_budget);
        assert_eq!(read.budget, Duration::from_secs(90));
    }

    #[test]
    fn the_budget_is_rounds_of_a_wait_and_the_spacing() {
        let budget = |text: &str| of(text).unwrap().budget;
        assert_eq!(Restenv::default().budget, Duration::from_secs(90));
        assert_eq!(budget("TOTALWAIT=60000\nRETRYCOUNT=30"), Duration::from_secs(30 * 70));
        assert_eq!(budget("TOTALWAIT=500\nACTIVITYMONITORWAIT=99"), Duration::from_secs(63));
        assert_eq!(budget("RETRYCOUNT=0"), Duration::from_secs(15));
        assert_eq!(budget("RETRYCOUNT=4294967295\nTOTALWAIT=4294967295"), LONGEST);
    }

    #[test]
    fn a_value_that_makes_no_sense_is_named() {
        for (text, key) in [
            ("RETRYCOUNT=many", "RETRYCOUNT"),
            ("TOTALWAIT=-5", "TOTALWAIT"),
            ("PROXYHOST=proxy", "PROXYPORT"),
            ("PROXYHOST=proxy\nPROXYPORT=http", "PROXYPORT"),
        ] {
            assert!(of(text).unwrap_err().contains(key), "{text}");
        }
    }

    #[test]
    fn an_encrypted_password_is_none() {
        let read = of("password=Zm9vYmFy\nuse.encryption=TRUE").unwrap();
        assert!(read.password.is_none() && read.encrypted);
    }

    #[test]
    fn a_file_is_read_with_its_mode_as_a_warning_and_its_absence_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Restenv::in_folder(folder.path()).unwrap().path.is_none());
        let file = folder.path().join(NAME);
        std::fs::write(&file, "password=secret").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
            assert!(Restenv::read(&file).unwrap().warnings[0].contains("chmod 600"));
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        assert_eq!(Restenv::read(&file).unwrap().warnings, [""; 0]);
        assert_eq!(Restenv::read(folder.path()).unwrap_err().exit, Exit::Config);
        std::fs::write(&file, "password=\\u12").unwrap();
        assert!(Restenv::read(&file).unwrap_err().why().unwrap().contains("line 1"));
    }
}
