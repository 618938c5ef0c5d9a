//! From flags, environment, config file and what is built in to plain values, each with its origin.

mod account;
mod error;
mod file;
mod identity;
mod sources;
mod table;
mod value;
mod values;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::{AtEnd, Cli, IfRunning, Output, When};
use crate::settings::account::AccountSource;
use crate::settings::values::Values;
use crate::support::env::{self, Env};
use crate::support::hint::AccountFlags;
use crate::support::sandbox_url::SandboxUrl;
use crate::support::state;

pub use crate::settings::error::Error;
pub use crate::settings::error::OUTSIDE_SANDBOX;
pub use crate::settings::identity::Identity;
pub use crate::settings::identity::LoginUrl;
pub use crate::settings::identity::SecretSource;
pub use crate::settings::table::documentation;
pub use crate::settings::values::Entry;
pub use crate::settings::values::Origin;

/// The settings of one command.
#[expect(clippy::struct_excessive_bools, reason = "these are switches")]
pub struct Settings {
    /// The profile whose account is used; none when the account does not come from the config file.
    pub profile: Option<String>,
    pub output: Output,
    pub color: When,
    pub progress: When,
    pub wait: bool,
    pub timeout: Option<Duration>,
    pub poll_interval: Option<Duration>,
    pub min_poll_interval: Duration,
    pub patience: Duration,
    pub connect_timeout: Duration,
    pub request_timeout: Duration,
    pub start_timeout: Duration,
    pub warnings_ok: bool,
    pub if_running: IfRunning,
    pub on_timeout: AtEnd,
    pub on_signal: AtEnd,
    pub reconcile_for: Duration,
    pub once_dir: Option<PathBuf>,
    pub once_keep: Duration,
    pub session_cache: bool,
    pub ca_file: Option<PathBuf>,
    pub proxy: Option<String>,
    pub log_file: Option<PathBuf>,
    pub expect_org: Option<String>,
    /// Where files of the state folder belong; whether they can be written there, [`Settings::state_folder`] says.
    pub state_dir: Option<PathBuf>,
    /// No question may be put to a person, whatever the terminals are.
    pub no_input: bool,
    pub nowait_exit: Option<u8>,
    /// What a person should know about how the settings were put together.
    pub notes: Vec<String>,
    pub account_flags: AccountFlags,
    /// The only place that requests may go to.
    pub sandbox: Option<SandboxUrl>,
    identity: Result<Option<Identity>, Error>,
    lone_secret: Result<Option<SecretSource>, Error>,
    entries: Vec<Entry>,
}

impl Settings {
    /// Who we are. While a sandbox is set, that is someone whom it knows.
    pub fn identity(&self) -> Result<&Identity, Error> {
        let identity = self.identity.as_ref().map_err(Clone::clone)?.as_ref().ok_or(Error::NoIdentity)?;
        match &self.sandbox {
            Some(sandbox) if !sandbox.allows(&identity.host()) => {
                Err(Error::OutsideSandbox { host: identity.host(), sandbox: sandbox.as_str().to_owned() })
            }
            _ => Ok(identity),
        }
    }

    /// A command line that a person can type later: with the flags that lead to the same account.
    pub fn command(&self, words: &str) -> String {
        self.account_flags.command(words)
    }

    /// The folder that commands on this machine share, when files can be written there; otherwise the reason why not.
    pub fn state_folder(&self) -> Result<&Path, String> {
        state::writable(self.state_dir.as_deref())
    }

    /// The folder that keeps the keys of `--once`.
    pub fn once_folder(&self) -> Option<PathBuf> {
        self.once_dir.clone().or_else(|| Some(self.state_dir.as_ref()?.join("once")))
    }

    /// The way to a password that the environment gives without saying whose it is. That is no identity, but RunAJob's options
    /// and its file may say the rest.
    pub fn lone_secret(&self) -> Result<Option<&SecretSource>, Error> {
        self.lone_secret.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }

    /// Takes another identity. The profile stays only if it is the same account.
    pub fn set_identity(&mut self, identity: Identity) {
        if !matches!(&self.identity, Ok(Some(own)) if own.is_same_account(&identity)) {
            self.profile = None;
        }
        self.identity = Ok(Some(identity));
    }

    /// Every setting with its origin.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

/// The places where a config file is looked for: one where it is named outright.
pub fn config_places(flag: Option<&Path>, env: &Env) -> Vec<PathBuf> {
    file::places(flag, env).0
}

/// Of these places, that of the config file that is read; where there is none, that of a new one.
pub fn config_file(places: &[PathBuf]) -> Option<&PathBuf> {
    file::chosen(places)
}

/// The names of the profiles in the text of a config file, which must be sound.
pub fn profiles(text: &str, path: &Path) -> Result<Vec<String>, Error> {
    Ok(file::parse(path, text, &Env::default())?.profiles.into_keys().collect())
}

/// Puts the settings together.
pub fn resolve(cli: &Cli, env: &Env) -> Result<Settings, Error> {
    let mut notes = Vec::new();
    let (account_in_env, variables) = sources::variables(env)?.split();
    let mut of_env = AccountSource {
        name: "the environment",
        values: &account_in_env,
        env,
        allow_readable: variables.built_in("allow_readable_secret"),
    };
    let named = cli.global.profile.as_deref().or(env.get(env::PROFILE));
    let file = match file::read(cli.global.config.as_deref(), env) {
        Ok(file) => file,
        // A file that nobody named is not needed where the environment says all of who we are.
        Err((error @ Error::Unreadable { .. }, false))
            if named.is_none() && account::of_environment(&of_env, &mut Vec::new()).is_ok() =>
        {
            notes.push(format!("{error}; the account comes from the environment, and the file is ignored"));
            None
        }
        Err((error, _)) => return Err(error),
    };
    let env_has_account = !account_in_env.is_empty() || env.has_session();
    let implied = || file.as_ref()?.implied_profile(!env_has_account);
    let profile = named.or_else(implied);
    let (account_in_file, common_in_file) = sources::file(file.as_ref(), profile)?.split();

    let mut values = Values::defaults();
    values.extend(&common_in_file);
    values.extend(&variables);
    values.extend(&sources::flags(cli));

    of_env.allow_readable = values.built_in("allow_readable_secret");
    let of_file = AccountSource { name: "the config file", values: &account_in_file, ..of_env };
    // A profile named by a flag makes the file the source of the account.
    let from_env = env_has_account && cli.global.profile.is_none();
    let identity = if from_env {
        values.extend(&account_in_env);
        account::of_environment(&of_env, &mut notes).map(Some)
    } else {
        if env_has_account {
            notes.push("--profile is given, so the account in the environment is ignored".to_owned());
        }
        values.extend(&account_in_file);
        account::of_file(&of_file, &mut notes).transpose()
    };
    let lone_secret = of_env.lone_secret(&mut notes);
    if let Some(file) = file.as_ref().filter(|file| file.holds_password()) {
        notes.extend(file::check_mode(&file.path, env, of_env.allow_readable)?);
    }
    sources::needs_waiting(cli, values.built_in("wait"))?;
    Ok(Settings {
        profile: profile.filter(|_| !from_env).map(str::to_owned),
        output: values.built_in("output"),
        color: values.built_in("color"),
        progress: values.built_in("progress"),
        wait: values.built_in("wait"),
        timeout: values.get("timeout"),
        poll_interval: values.get("poll_interval"),
        min_poll_interval: values.built_in("min_poll_interval"),
        patience: values.built_in("patience"),
        connect_timeout: values.built_in("connect_timeout"),
        request_timeout: values.built_in("request_timeout"),
        start_timeout: values.built_in("start_timeout"),
        warnings_ok: values.built_in("warnings_ok"),
        if_running: values.built_in("if_running"),
        on_timeout: values.built_in("on_timeout"),
        on_signal: values.built_in("on_signal"),
        reconcile_for: values.built_in("reconcile_for"),
        once_dir: values.get("once_dir"),
        once_keep: values.built_in("once_keep"),
        session_cache: values.built_in("session_cache"),
        ca_file: values.get("ca_file"),
        proxy: values.get("proxy"),
        log_file: values.get("log_file"),
        expect_org: values.get("expect_org"),
        nowait_exit: values.get("nowait_exit"),
        state_dir: env.state_folder(),
        no_input: cli.global.no_input,
        notes,
        account_flags: cli.global.account_flags(),
        sandbox: sandbox(env)?,
        identity,
        lone_secret,
        entries: values.entries(),
    })
}

/// The log file for commands that have no settings because their command line or their settings are wrong. It comes from
/// `flag`, else from the variable, else from the config file as far as that can be read.
pub fn log_file(flag: Option<PathBuf>, config: Option<&Path>, profile: Option<&str>, env: &Env) -> Option<PathBuf> {
    let in_file = || {
        let file = file::read(config, env).ok()??;
        let profile = profile.or(env.get(env::PROFILE)).or(file.implied_profile(true));
        let known = profile.filter(|name| file.profiles.contains_key(*name));
        sources::file(Some(&file), known).ok()?.get("log_file")
    };
    flag.or_else(|| env.get(env::LOG_FILE).map(PathBuf::from)).or_else(in_file)
}

fn sandbox(env: &Env) -> Result<Option<SandboxUrl>, Error> {
    let invalid = |why| Error::Invalid { origin: env::SANDBOX.to_owned(), why };
    env.get(env::SANDBOX).map(identity::sandbox_url).transpose().map_err(invalid)
}

#[cfg(test)]
mod tests;
