//! Who we are to the service, and where the password comes from.

use std::fmt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt;

use crate::settings::error::Error;
use crate::settings::file;
use crate::support::clock::Clock;
use crate::support::loopback::is_loopback;
use crate::support::sandbox_url::SandboxUrl;
use crate::support::secret::Secret;

/// How long a password command may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);
/// A longer first line is no password; the service takes 255 characters.
const SECRET_LIMIT: u64 = 64 * 1024;

/// One identity, from one source.
#[derive(Debug, Clone)]
pub enum Identity {
    Password {
        login_url: LoginUrl,
        username: String,
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
            Self::Password { login_url, .. } => login_url.to_string(),
            Self::Session { server_url, .. } => server_url.clone(),
        }
    }

    fn username(&self) -> Option<&str> {
        if let Self::Password { username, .. } = self { Some(username) } else { None }
    }

    /// Whether both belong to the same user of the same host, however the password comes.
    pub(crate) fn is_same_account(&self, other: &Self) -> bool {
        (self.host(), self.username()) == (other.host(), other.username())
    }
}

/// Where a password comes from.
#[derive(Debug, Clone)]
pub enum SecretSource {
    Value(Secret),
    /// The first line of a file.
    File(PathBuf),
    /// The first line that a command prints.
    Command(Vec<String>),
}

impl SecretSource {
    /// Brings the password. The error names the source, never its content.
    pub async fn fetch(&self, clock: &dyn Clock) -> Result<Secret, Error> {
        let (text, origin) = match self {
            Self::Value(secret) => return Ok(secret.clone()),
            Self::File(path) => (file::text(path)?, path.display().to_string()),
            Self::Command(words) => {
                let origin = shell_words::join(words);
                let failed = |why: String| Error::Secret { origin: origin.clone(), why };
                let printed = tokio::select! {
                    printed = run(words) => printed.map_err(failed)?,
                    () = clock.sleep(COMMAND_LIMIT) => return Err(failed("it took longer than 30s".to_owned())),
                };
                (printed, origin)
            }
        };
        // Editors that put a byte order mark in front do not mean it as a part of the password.
        let secret = Secret::new(text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default().to_owned());
        drop(Secret::new(text));
        if secret.reveal().is_empty() {
            return Err(Error::Secret { origin, why: "it gave an empty first line".to_owned() });
        }
        Ok(secret)
    }
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
        let Parts { scheme, rest, .. } = split(text)?;
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
    if is_loopback(split(&url)?.host) {
        Ok(SandboxUrl::new(url))
    } else {
        Err(format!("'{text}' is not on this machine, and a sandbox is"))
    }
}

/// Checks the URL of a server, which a session made elsewhere belongs to.
pub(crate) fn server_url(text: &str) -> Result<String, String> {
    split(text).map(|Parts { scheme, rest, .. }| format!("{scheme}://{}", rest.trim_end_matches('/')))
}

struct Parts<'t> {
    scheme: &'static str,
    /// Without the brackets of an IPv6 address.
    host: &'t str,
    /// What follows the scheme, host and port included.
    rest: &'t str,
}

/// The parts of a URL that a password may be sent to.
fn split(text: &str) -> Result<Parts<'_>, String> {
    if text.contains('@') {
        return Err("it has user info, which does not belong in it".to_owned());
    }
    let (scheme, rest) =
        text.split_once("://").ok_or_else(|| format!("'{text}' has no scheme; begin it with https://"))?;
    let authority = rest.split('/').next().unwrap_or_default();
    if rest.chars().any(|letter| "?#\\ ".contains(letter) || letter.is_control()) {
        return Err("it is not the URL of a host".to_owned());
    }
    let (host, port) = host_and_port(authority)?;
    let port_is_sound = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    if host.is_empty() || !port_is_sound {
        return Err(format!("'{text}' is not the URL of a host"));
    }
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Ok(Parts { scheme: "https", host, rest }),
        "http" if is_loopback(host) => Ok(Parts { scheme: "http", host, rest }),
        "http" => Err(format!("'{text}' is plain http, which is for loopback only; use https://")),
        _ => Err(format!("'{text}' is neither https:// nor http://")),
    }
}

fn host_and_port(authority: &str) -> Result<(&str, &str), String> {
    Ok(match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').ok_or("its bracket is not closed")?,
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    })
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
            assert!(LoginUrl::parse(text).is_err(), "{text}");
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
