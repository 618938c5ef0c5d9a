//! Who we are to the service, and where the password or the token comes from.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

use crate::settings::error::Error;
use crate::settings::file;
use crate::support::clock::Clock;
use crate::support::host_url::HostUrl;
use crate::support::loopback::is_loopback;
use crate::support::sandbox_url::SandboxUrl;
use crate::support::secret::Secret;

/// How long a command that brings a secret may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);
/// A longer first line is no secret; the service takes passwords of 255 characters, and sessions of 16,000 are tokens too.
const SECRET_LIMIT: u64 = 64 * 1024;

/// One identity, from one source.
#[derive(Debug, Clone)]
pub enum Identity {
    Password {
        login_url: LoginUrl,
        username: String,
        source: SecretSource,
    },
    /// A user of the organisation's identity provider, whose tokens are for one login each.
    Token {
        login_url: LoginUrl,
        /// The ID of the organisation.
        org: String,
        /// What people call the user. The service knows whose a token is.
        username: Option<String>,
        source: SecretSource,
    },
    /// A session that was made elsewhere.
    Session {
        server_url: String,
        session: Secret,
    },
}

impl Identity {
    /// The host that it belongs to.
    pub fn host(&self) -> String {
        match self {
            Self::Password { login_url, .. } | Self::Token { login_url, .. } => login_url.to_string(),
            Self::Session { server_url, .. } => server_url.clone(),
        }
    }

    /// Whether both belong to the same user of the same host, however the password comes.
    pub(crate) fn is_same_account(&self, other: &Self) -> bool {
        self.host() == other.host() && self.user() == other.user()
    }

    /// What tells users of one host apart: the name, or the organisation and where the tokens come from.
    fn user(&self) -> Option<(&str, String)> {
        match self {
            Self::Password { username, .. } => Some((username, String::new())),
            Self::Token { org, source, .. } => Some((org, source.place())),
            Self::Session { .. } => None,
        }
    }

    /// Whether nothing is missing that a login takes.
    pub(crate) fn is_complete(&self) -> bool {
        !matches!(self, Self::Password { source: SecretSource::Missing { .. }, .. })
    }

    /// The same account, whose password comes from stdin, however it comes otherwise.
    pub(crate) fn with_password_from_stdin(self) -> Result<Self, Error> {
        let why = match self {
            Self::Password { login_url, username, .. } => {
                return Ok(Self::Password { login_url, username, source: SecretSource::Stdin });
            }
            Self::Token { .. } => "the account logs in by a token, and has no password",
            Self::Session { .. } => "the session is given, so that nobody logs in",
        };
        Err(Error::Invalid { origin: "--password-stdin".to_owned(), why: why.to_owned() })
    }

    /// Brings the password, a token or the session.
    pub async fn secret(&self, clock: &dyn Clock) -> Result<Secret, Error> {
        match self {
            Self::Password { source, .. } => source.fetch("password", clock).await,
            Self::Token { source, .. } => source.fetch("token", clock).await,
            Self::Session { session, .. } => Ok(session.clone()),
        }
    }
}

/// Where a password or a token comes from.
#[derive(Debug, Clone)]
pub enum SecretSource {
    Value(Secret),
    /// The first line of a file.
    File(PathBuf),
    /// The first line that a command prints.
    Command(Vec<String>),
    /// The first line of stdin.
    Stdin,
    /// There is none, so that only a session that is kept can be used.
    Missing {
        /// Of the account.
        source_name: &'static str,
    },
}

impl SecretSource {
    /// Brings the secret, which messages call `what`. The error names the source, never its content or a command's arguments.
    pub async fn fetch(&self, what: &'static str, clock: &dyn Clock) -> Result<Secret, Error> {
        let (text, origin, hint) = match self {
            Self::Value(secret) => return Ok(secret.clone()),
            Self::Missing { source_name } => return Err(Error::NoPassword { source_name }),
            Self::File(path) => (file::text(path)?, path.display().to_string(), "write it into the file's first line"),
            Self::Command(words) => {
                let origin = shell_words::quote(&words[0]).into_owned();
                let hint = "run it by hand to see what it prints";
                let failed = |why: String| Error::Secret { what, origin: origin.clone(), why, hint };
                let printed = tokio::select! {
                    printed = run(words) => printed.map_err(failed)?,
                    () = clock.sleep(COMMAND_LIMIT) => return Err(failed("it took longer than 30s".to_owned())),
                };
                (printed, origin, hint)
            }
            Self::Stdin => {
                let hint = "pipe it in: runajob login --password-stdin < FILE";
                let failed = |why| Error::Secret { what, origin: "stdin".to_owned(), why, hint };
                (read(tokio::io::stdin()).await.map_err(failed)?, "stdin".to_owned(), hint)
            }
        };
        // Editors that put a byte order mark in front do not mean it as a part of the secret.
        let secret = Secret::new(text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default().to_owned());
        drop(Secret::new(text));
        if secret.reveal().is_empty() {
            return Err(Error::Secret { what, origin, why: "it gave an empty first line".to_owned(), hint });
        }
        Ok(secret)
    }

    /// What tells places of secrets apart, wherever a command is run.
    pub fn place(&self) -> String {
        let absolute =
            |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string();
        match self {
            Self::File(path) => absolute(path),
            Self::Command(words) if words[0].contains(std::path::is_separator) => {
                let program = absolute(Path::new(&words[0]));
                shell_words::join([&program].into_iter().chain(&words[1..]))
            }
            Self::Command(words) => shell_words::join(words),
            Self::Value(_) | Self::Stdin | Self::Missing { .. } => String::new(),
        }
    }
}

/// The first line of a stream, which may go on for ever.
async fn read(stream: impl AsyncRead + Unpin) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = BufReader::new(stream.take(SECRET_LIMIT)).read_until(b'\n', &mut bytes).await;
    read.map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

/// Runs a command without a shell. What it says on stderr reaches the terminal, since it may ask to be unlocked.
async fn run(words: &[String]) -> Result<String, String> {
    let mut child = tokio::process::Command::new(&words[0])
        .args(&words[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("it cannot be run: {error}"))?;
    let mut text = String::new();
    if let Some(stdout) = child.stdout.take() {
        let read = stdout.take(SECRET_LIMIT).read_to_string(&mut text).await;
        read.map_err(|_| "what it printed is not UTF-8".to_owned())?;
    }
    let status = child.wait().await.map_err(|error| error.to_string())?;
    if status.success() { Ok(text) } else { Err(format!("it ended with {status}")) }
}

/// The URL of a login host, without `/ma` or `/saas`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginUrl(String);

impl LoginUrl {
    /// Reads a login URL. Plain http is for loopback only; no other path than RunAJob's `/ma` or `/saas` is known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let HostUrl { scheme, rest, .. } = HostUrl::parse(text)?;
        let rest = rest.trim_end_matches('/');
        let host = rest.strip_suffix("/ma").or_else(|| rest.strip_suffix("/saas")).unwrap_or(rest);
        if host.contains('/') {
            return Err(format!("'{text}' has a path; a login URL is a scheme and a host"));
        }
        Ok(Self(format!("{scheme}://{}", host.to_ascii_lowercase())))
    }

    /// The login host of a pod, by the vendor's table.
    pub fn of_pod(pod: &str) -> Result<Self, String> {
        let prefix = match pod.to_ascii_lowercase().as_str() {
            "usw1" | "use2" | "usw3" | "use4" | "usw5" | "use6" => "dm-us",
            "usw1-1" | "usw3-1" => "dm1-us",
            "usw1-2" => "dm2-us",
            "cac1" => "dm-na",
            "emw1" => "dm-em",
            "emc1" => "dm1-em",
            "apse1" => "dm-ap",
            "apse2" => "dm1-apse",
            "apne1" => "dm1-ap",
            "apne2" => "dm-apne",
            "apauc1" => "dm1-apau",
            "uk1" => "dm-uk",
            _ => return Err(format!("'{pod}' is not a known pod; give login_url instead")),
        };
        Ok(Self(format!("https://{prefix}.informaticacloud.com")))
    }
}

impl fmt::Display for LoginUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Checks the URL of a sandbox, which is on this machine.
pub(crate) fn sandbox_url(text: &str) -> Result<SandboxUrl, String> {
    let url = LoginUrl::parse(text)?.0;
    if is_loopback(HostUrl::parse(&url)?.host) {
        Ok(SandboxUrl::new(url))
    } else {
        Err(format!("'{text}' is not on this machine, and a sandbox is"))
    }
}

/// Checks the URL of a server, which a session made elsewhere belongs to.
pub(crate) fn server_url(text: &str) -> Result<String, String> {
    HostUrl::parse(text).map(|HostUrl { scheme, rest, .. }| format!("{scheme}://{}", rest.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_urls_are_cleaned_or_refused() {
        for (text, url) in [
            ("https://dm-us.informaticacloud.com", "https://dm-us.informaticacloud.com"),
            ("https://dm-us.informaticacloud.com/ma/", "https://dm-us.informaticacloud.com"),
            ("https://DM-US.informaticacloud.com/saas", "https://dm-us.informaticacloud.com"),
            ("http://127.0.0.1:8085/ma", "http://127.0.0.1:8085"),
            ("http://[::1]:8085", "http://[::1]:8085"),
        ] {
            assert_eq!(LoginUrl::parse(text).unwrap().to_string(), url);
        }
        for text in [
            "dm-us.informaticacloud.com",
            "http://dm-us.informaticacloud.com",
            "http://localhost.example.com",
            "ftp://localhost",
            "https://",
            "https://host/other",
            "https://user:secret@host",
            "https://host/ma?x=1",
            "https://host?x=1",
            "https://ho st",
            "https://host\u{7}",
            "user:secret@host",
            "https://:443",
            "https://host:abc",
            "https://[::1",
            "http://[::1]x.example",
        ] {
            let why = LoginUrl::parse(text).unwrap_err();
            assert!(!why.contains("secret"), "{text}: {why}");
            assert!(server_url(text).is_err() || text.contains("/other"), "{text}");
        }
        for (text, url) in [
            ("http://127.0.0.1:8085", "http://127.0.0.1:8085"),
            ("http://LOCALHOST:8085/ma/", "http://localhost:8085"),
            ("https://[::1]:8085", "https://[::1]:8085"),
        ] {
            assert_eq!(sandbox_url(text).unwrap().as_str(), url);
        }
        for text in ["https://dm-us.informaticacloud.com", "https://127.0.0.1.example.com", "127.0.0.1:8085", "1"] {
            assert!(sandbox_url(text).is_err(), "{text}");
        }
        let plain = LoginUrl::parse("http://dm-us.informaticacloud.com").unwrap_err();
        assert!(plain.contains("is plain http, which is for loopback only"), "{plain}");
    }

    #[test]
    fn each_pod_has_its_login_host() {
        for (pods, host) in [
            (&["usw1", "use2", "USW3", "use4", "usw5", "use6"][..], "dm-us"),
            (&["usw1-1", "usw3-1"], "dm1-us"),
            (&["usw1-2"], "dm2-us"),
            (&["cac1"], "dm-na"),
            (&["emw1"], "dm-em"),
            (&["emc1"], "dm1-em"),
            (&["apse1"], "dm-ap"),
            (&["apse2"], "dm1-apse"),
            (&["apne1"], "dm1-ap"),
            (&["apne2"], "dm-apne"),
            (&["apauc1"], "dm1-apau"),
            (&["uk1"], "dm-uk"),
        ] {
            for pod in pods {
                let url = LoginUrl::of_pod(pod).unwrap().to_string();
                assert_eq!(url, format!("https://{host}.informaticacloud.com"), "{pod}");
            }
        }
        assert!(LoginUrl::of_pod("usw9").is_err());
    }
}
