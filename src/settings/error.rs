//! Why the settings cannot be used, and what to do about it.

use std::path::PathBuf;

use thiserror::Error;

use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::Hint;

/// What to do when an account or an answer leads away from the sandbox.
pub const OUTSIDE_SANDBOX: &str = "nothing was sent; to work with a real account, leave the sandbox's variables first: \
     unset RUNAJOB_SANDBOX RUNAJOB_LOGIN_URL RUNAJOB_USERNAME RUNAJOB_PASSWORD";

#[derive(Debug, Clone, Error)]
pub enum Error {
    #[error("cannot read {}: {why}", path.display())]
    Unreadable { path: PathBuf, why: String },
    /// A file with a secret that others than its owner may read.
    #[error("{} holds a secret and others may read it (mode {mode:03o})", path.display())]
    Readable { path: PathBuf, mode: u32 },
    /// A value or a name is wrong.
    #[error("{origin}: {why}")]
    Invalid { origin: String, why: String },
    #[error("there is no profile '{name}'; known: {known}")]
    NoProfile { name: String, known: String },
    #[error("no account is set up")]
    NoIdentity,
    #[error("{source_name} has only a part of an account: {missing} is missing")]
    Partial { source_name: String, missing: &'static str },
    /// A session that is kept may do without.
    #[error("{source_name} has only a part of an account: password_command, password_file or password is missing")]
    NoPassword { source_name: &'static str },
    #[error("{0} has more than one of {1}")]
    Twice(String, &'static str),
    /// Only the sandbox may be asked, and the account belongs elsewhere.
    #[error("the account is for {host}, and RUNAJOB_SANDBOX allows {sandbox} only")]
    OutsideSandbox { host: String, sandbox: String },
    /// `origin` is the file or the command, without its arguments.
    #[error("no {what} from {origin}: {why}")]
    Secret { what: &'static str, origin: String, why: String, hint: &'static str },
    #[error("{0} needs waiting")]
    NeedsWaiting(&'static str),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (exit, hint): (Exit, Hint) = match &error {
            Error::Unreadable { .. } => (Exit::Config, "check the path and the permissions".into()),
            Error::Readable { path, .. } => {
                let path = path.display().to_string();
                (Exit::Config, format!("chmod 600 {}", shell_words::quote(&path)).into())
            }
            Error::Invalid { .. } => (Exit::Config, "correct it; docs/settings.md lists all settings".into()),
            Error::NoProfile { .. } => (Exit::Config, "choose one with --profile or default_profile".into()),
            Error::NoIdentity => (
                Exit::Config,
                Hint::from("write a config file (").then(Hint::command("config path")).then(
                    " says where), or set RUNAJOB_LOGIN_URL, RUNAJOB_USERNAME and RUNAJOB_PASSWORD_FILE, or try \
                         `runajob sandbox -- start m_succeeds --wait`",
                ),
            ),
            Error::Partial { .. } => {
                (Exit::Config, "complete it: an account is never put together from two sources".into())
            }
            Error::NoPassword { .. } => (
                Exit::Config,
                Hint::from("complete it: an account is never put together from two sources; or keep a session: ")
                    .then(Hint::command("login --password-stdin")),
            ),
            Error::Twice(..) => (Exit::Config, "keep one of them".into()),
            Error::OutsideSandbox { .. } => (Exit::Config, OUTSIDE_SANDBOX.into()),
            Error::Secret { hint, .. } => (Exit::Credentials, (*hint).into()),
            Error::NeedsWaiting(_) => (Exit::Usage, "add --wait, or omit it".into()),
        };
        // Where the message has both, what happened and why are printed apart.
        let failure = match error {
            Error::Unreadable { path, why } => Self::of(exit, why).context(format!("cannot read {}", path.display())),
            Error::Invalid { origin, why } => Self::of(exit, why).context(format!("{origin} cannot be used")),
            Error::Secret { what, origin, why, .. } => Self::of(exit, why).context(format!("no {what} from {origin}")),
            error => Self::new(exit, error),
        };
        failure.hint(hint)
    }
}
