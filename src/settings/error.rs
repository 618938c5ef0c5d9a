//! Why the settings cannot be used, and what to do about it.

use std::path::PathBuf;

use thiserror::Error;

use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// What to do when an account or an answer leads away from the sandbox.
pub const OUTSIDE_SANDBOX: &str = "nothing was sent; to work with a real account, leave the sandbox's variables first: \
     unset RUNAJOB_SANDBOX RUNAJOB_LOGIN_URL RUNAJOB_USERNAME RUNAJOB_PASSWORD";

/// Why the settings cannot be used.
#[derive(Debug, Clone, Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read {}: {why}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// A file with a secret is open to others.
    #[error("{} holds a secret and others may read it (mode {mode:03o})", path.display())]
    Readable {
        /// Which file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A value or a name is wrong.
    #[error("{origin}: {why}")]
    Invalid {
        /// Where it stands.
        origin: String,
        /// What is wrong.
        why: String,
    },
    /// The profile does not exist.
    #[error("there is no profile '{name}'; known: {known}")]
    NoProfile {
        /// The profile asked for.
        name: String,
        /// The profiles of the file.
        known: String,
    },
    /// Nothing says who we are.
    #[error("no account is set up")]
    NoIdentity,
    /// The source has a part of an identity.
    #[error("{source_name} has a part of an account only: {missing} is missing")]
    Partial {
        /// Where the part stands.
        source_name: String,
        /// What is missing.
        missing: &'static str,
    },
    /// The source says the same thing in two ways.
    #[error("{0} has more than one of {1}")]
    Twice(String, &'static str),
    /// Only the sandbox may be asked, and the account belongs elsewhere.
    #[error("the account is for {host}, and RUNAJOB_SANDBOX allows {sandbox} only")]
    OutsideSandbox {
        /// Where the account belongs.
        host: String,
        /// The sandbox.
        sandbox: String,
    },
    /// The password could not be had.
    #[error("no password from {origin}: {why}")]
    Secret {
        /// The file or command.
        origin: String,
        /// What went wrong.
        why: String,
    },
    /// An option that has no effect without waiting.
    #[error("{0} needs waiting")]
    NeedsWaiting(&'static str),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (exit, hint) = match &error {
            Error::Unreadable { .. } => (Exit::Config, "check the path and the permissions".to_owned()),
            Error::Readable { path, .. } => {
                let path = path.display().to_string();
                (Exit::Config, format!("chmod 600 {}", shell_words::quote(&path)))
            }
            Error::Invalid { .. } => (Exit::Config, "correct it; the README lists the settings".to_owned()),
            Error::NoProfile { .. } => (Exit::Config, "choose one with --profile or default_profile".to_owned()),
            Error::NoIdentity => (
                Exit::Config,
                "write a config file (`runajob config path` says where), or set RUNAJOB_LOGIN_URL, RUNAJOB_USERNAME and \
                 RUNAJOB_PASSWORD_FILE, or try `runajob sandbox -- start m_succeeds --wait`"
                    .to_owned(),
            ),
            Error::Partial { .. } => {
                (Exit::Config, "complete it: an account is never put together from two sources".to_owned())
            }
            Error::Twice(..) => (Exit::Config, "keep one of them".to_owned()),
            Error::OutsideSandbox { .. } => (Exit::Config, OUTSIDE_SANDBOX.to_owned()),
            Error::Secret { .. } => (Exit::Credentials, "run it by hand to see what it gives".to_owned()),
            Error::NeedsWaiting(_) => (Exit::Usage, "add --wait, or leave it out".to_owned()),
        };
        // What happened and why are told apart where the message has both.
        let failure = match error {
            Error::Unreadable { path, why } => Self::of(exit, why).context(format!("cannot read {}", path.display())),
            Error::Invalid { origin, why } => Self::of(exit, why).context(format!("{origin} cannot be used")),
            Error::Secret { origin, why } => Self::of(exit, why).context(format!("no password from {origin}")),
            error => Self::new(exit, error),
        };
        failure.hint(hint)
    }
}
