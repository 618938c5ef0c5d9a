//! What an error of the client means for the command that runs into it: the exit, what happened, and what to do now.

use crate::api::Error;
use crate::api::error::SecretError;
use crate::api::sessions::tokens::TokenSource;
use crate::api::transport::Mistrust;
use crate::settings::{self, OUTSIDE_SANDBOX};
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::Hint;

/// An error before anything was started, or of a command that starts nothing.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        const UNREACHED: Option<&str> = Some("the service cannot be reached");
        const ODD: Option<&str> = Some("the service did not answer as it should");
        const REFUSED: Option<&str> = Some("the service refused it");
        // Without words for what happened, the error's own message says both what and why.
        let then = |text: &str, words: &str| Hint::from(text).then(Hint::command(words));
        let (exit, what, hint): (Exit, Option<&str>, Hint) = match error {
            Error::NotSent(_) => (
                Exit::Unreachable,
                UNREACHED,
                "check login_url, the network and the proxy; it is safe to try again".into(),
            ),
            Error::Unclear(..) | Error::Unavailable { .. } | Error::Busy(_) => {
                (Exit::Unreachable, ODD, "it is safe to try again".into())
            }
            Error::Unreadable { .. } => (Exit::Unreachable, ODD, "it is safe to try again".into()),
            Error::Refused { .. } if error.is_not_found() => {
                (Exit::NotFound, REFUSED, then("to see which tasks there are: ", "find"))
            }
            Error::Refused { .. } => {
                (Exit::NotRun, REFUSED, "the words are the service's; the account may lack a permission".into())
            }
            Error::NoSession => {
                (Exit::Credentials, None, "make a new session; the one that was given is no longer valid".into())
            }
            Error::SessionRefused => {
                (Exit::Credentials, None, then("the account may lack a permission; to try it: ", "login"))
            }
            Error::RefusedBefore { .. } => (
                Exit::Credentials,
                None,
                then("correct the password; to send the same one again, on a terminal: ", "login"),
            ),
            Error::LoginRefused { .. } => (
                Exit::Credentials,
                None,
                then("check the user and the password: ", "config show")
                    .then("; SAML users have no password here, and need token_command with org_id; to try it: ")
                    .then(Hint::command("login")),
            ),
            Error::TokenRefused { .. } => (
                Exit::Credentials,
                None,
                then("check org_id and the claims of the token, as docs/settings.md has them; to try again: ", "login"),
            ),
            Error::UsedToken { from: TokenSource::Command, .. } => {
                (Exit::Credentials, None, "make it fetch a new one: each login takes a token of its own".into())
            }
            Error::UsedToken { from: TokenSource::File, .. } => {
                (Exit::Credentials, None, "put a new one into it: each login takes a token of its own".into())
            }
            Error::Forbidden(_) => (Exit::Config, Some("nothing was sent there"), OUTSIDE_SANDBOX.into()),
            Error::Untrusted(ref mistrust) => {
                let what = match mistrust {
                    Mistrust::OfServer(_) => "the connection is not safe, and nothing was sent",
                    Mistrust::OfClient(_) | Mistrust::OfProxy(_) => "the connection was refused, and nothing was sent",
                };
                (Exit::Config, Some(what), trust(mistrust).into())
            }
            Error::WrongOrg { .. } => (Exit::Config, None, "choose the right profile, or correct expect_org".into()),
            Error::OtherServer { ref allowed, .. } => (
                Exit::Config,
                Some("no session was sent there"),
                format!(
                    "if the host is your organisation's, set RUNAJOB_ALLOWED_HOSTS, or add this line to the account's \
                     table in the config file: allowed_hosts = {allowed:?}"
                )
                .into(),
            ),
            Error::UnsafeServer(_) => {
                (Exit::Config, Some("no session was sent there"), "check login_url, and who answers at it".into())
            }
            Error::Secret(source) => return no_password(source),
        };
        let failure = Self::new(exit, error).hint(hint);
        match what {
            Some(what) => failure.context(what),
            None => failure,
        }
    }
}

/// Which setting makes one side trust the other.
fn trust(mistrust: &Mistrust) -> &'static str {
    match mistrust {
        Mistrust::OfServer(_) => {
            "name the certificates of your company's proxy or of the service in a PEM file: ca_file in the config file, \
             RUNAJOB_CA_FILE, or SSL_CERT_FILE in place of the system's"
        }
        Mistrust::OfClient(_) => {
            "name the certificate that the server expects, and its key, as PEM files: client_cert and client_key in the \
             config file, or RUNAJOB_CLIENT_CERT and RUNAJOB_CLIENT_KEY"
        }
        Mistrust::OfProxy(_) => {
            "correct the proxy, with its user and password in the URL (http://USER:PASSWORD@HOST:PORT): proxy in the \
             config file, RUNAJOB_PROXY, or HTTPS_PROXY where neither is set; proxy = \"none\" uses none"
        }
    }
}

/// Where the settings bring the password, their error says what to do about it.
fn no_password(source: SecretError) -> Failure {
    match source.downcast::<settings::Error>() {
        Ok(error) => (*error).into(),
        Err(source) => Failure::of(Exit::Credentials, source),
    }
}

/// The failure of a start or a stop that was not processed.
pub(crate) fn not_processed(error: Error, not_done: String) -> Failure {
    if let Error::Busy(_) = error {
        return Failure::new(Exit::NotRun, error).context(not_done).hint("it is safe to try again later");
    }
    Failure::from(error).context(not_done)
}
