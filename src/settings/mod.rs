//! From flags, environment, file and defaults to plain values, each with its origin. Pure but for reading the one file;
//! leaves fetching the secret to `identity`.

mod account;
mod error;
mod file;
mod flags;
mod identity;
mod keys;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::{AtEnd, Cli, IfRunning, Output, When};
use crate::support::duration::exact;
use crate::support::env::{self, Env};
use crate::support::site::Site;

pub use crate::settings::error::Error;
pub use crate::settings::error::OUTSIDE_SANDBOX;
pub use crate::settings::identity::Identity;
pub use crate::settings::identity::LoginUrl;
pub use crate::settings::identity::SecretSource;
use crate::settings::keys::{KEYS, Key, Kind, Value};

/// Where a value comes from, weakest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Built in.
    Default,
    /// The config file: its table and line.
    File(String, usize),
    /// An environment variable.
    Env(String),
    /// A flag of the command line.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("built in"),
            Self::File(table, line) => write!(formatter, "[{table}], line {line}"),
            Self::Env(name) | Self::Flag(name) => formatter.write_str(name),
        }
    }
}

/// A setting as `config show` prints it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name.
    pub key: &'static str,
    /// Its value, secrets masked; empty when it is not set.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// What the program goes by.
#[expect(clippy::struct_excessive_bools, reason = "these are switches")]
pub struct Settings {
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
    pub state_dir: Option<PathBuf>,
    /// Nothing may be asked, whatever the terminals are.
    pub no_input: bool,
    pub nowait_exit: Option<u8>,
    /// What a person should know about how the settings were put together.
    pub notes: Vec<String>,
    /// The flags that chose the account, each with a space in front.
    account_flags: String,
    /// What a person has to type first for the account, with a space behind it.
    account_setup: String,
    /// The only place that requests may go to.
    pub sandbox: Option<Site>,
    identity: Result<Option<Identity>, Error>,
    lone_secret: Result<Option<SecretSource>, Error>,
    entries: Vec<Entry>,
}

impl Settings {
    /// Who we are. While a sandbox is set, that is someone whom it knows.
    pub fn identity(&self) -> Result<&Identity, Error> {
        let identity = self.identity.as_ref().map_err(Clone::clone)?.as_ref().ok_or(Error::NoIdentity)?;
        match &self.sandbox {
            Some(sandbox) if !sandbox.covers(&identity.host()) => {
                Err(Error::OutsideSandbox { host: identity.host(), sandbox: sandbox.as_str().to_owned() })
            }
            _ => Ok(identity),
        }
    }

    /// A command line that a person can type later: with the flags that lead to the same account.
    pub fn command(&self, words: &str) -> String {
        format!("{}runajob{} {words}", self.account_setup, self.account_flags)
    }

    /// Changes how such a command line leads to the account: with `setup` in front of it, and more flags.
    pub fn reach_account_by(&mut self, setup: &str, more_flags: &str) {
        self.account_setup = setup.to_owned();
        self.account_flags.push_str(more_flags);
    }

    /// The way to a password that the environment gives without saying whose it is. That is no identity, but RunAJob's options
    /// and its file may say the rest.
    pub fn lone_secret(&self) -> Result<Option<&SecretSource>, Error> {
        self.lone_secret.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }

    /// Takes another identity than the one that was found.
    pub fn set_identity(&mut self, identity: Identity) {
        self.identity = Ok(Some(identity));
    }

    /// Every setting with its origin.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

/// The config file that is read, or the places where one is looked for.
pub fn config_places(flag: Option<&Path>, env: &Env) -> Vec<PathBuf> {
    file::places(flag, env).0
}

/// The names of the profiles in the text of a config file, which must be sound.
pub fn profiles(text: &str, path: &Path) -> Result<Vec<String>, Error> {
    Ok(file::parse(path, text, &Env::default())?.profiles.into_keys().collect())
}

type Values = BTreeMap<&'static str, (Value, Origin)>;

/// Puts the settings together.
pub fn resolve(cli: &Cli, env: &Env) -> Result<Settings, Error> {
    let file = file::read(cli.global.config.as_deref(), env)?;
    let flags = flags::flags(cli);
    let variables = variables(env)?;
    let profile = match (&cli.global.profile, env.get(env::PROFILE), &file) {
        (Some(name), _, _) => Some(name.clone()),
        (None, Some(name), _) => Some(name.to_owned()),
        (None, None, Some(file)) => file.default_profile.clone(),
        (None, None, None) => None,
    };
    let from_file = from_file(file.as_ref(), profile.as_deref())?;
    let mut values = defaults();
    values.extend(from_file.clone());
    values.extend(variables.clone().into_iter().filter(|(name, _)| !is_identity(name)));
    values.extend(flags);

    let mut notes = Vec::new();
    let (identity, source) = account::choose(cli, env, &variables, &from_file, &values, &mut notes);
    let lone_secret = account::lone_secret(&variables, env, &values, &mut notes);
    values.retain(|name, _| !is_identity(name));
    values.extend(source);
    if let Some(file) = file.as_ref().filter(|file| file.holds_password()) {
        notes.extend(file::check_mode(&file.path, env, switch(&values, "allow_readable_secret"))?);
    }
    flags::needs_waiting(cli, switch(&values, "wait"))?;
    let state_dir = env
        .get(env::STATE_DIR)
        .or_else(|| {
            env.get(env::STATE_DIRECTORY).and_then(|folders| folders.split(':').find(|folder| !folder.is_empty()))
        })
        .map(PathBuf::from)
        .or_else(|| env.state_home().map(|home| home.join("runajob")));
    Ok(Settings {
        profile,
        output: match values.get("output") {
            Some((Value::Output(output), _)) => *output,
            _ => Output::default(),
        },
        color: when(&values, "color"),
        progress: when(&values, "progress"),
        wait: switch(&values, "wait"),
        timeout: duration(&values, "timeout"),
        poll_interval: duration(&values, "poll_interval"),
        min_poll_interval: duration(&values, "min_poll_interval").unwrap_or_default(),
        patience: duration(&values, "patience").unwrap_or_default(),
        connect_timeout: duration(&values, "connect_timeout").unwrap_or_default(),
        request_timeout: duration(&values, "request_timeout").unwrap_or_default(),
        start_timeout: duration(&values, "start_timeout").unwrap_or_default(),
        warnings_ok: switch(&values, "warnings_ok"),
        if_running: match values.get("if_running") {
            Some((Value::IfRunning(action), _)) => *action,
            _ => IfRunning::default(),
        },
        on_timeout: at_end(&values, "on_timeout"),
        on_signal: at_end(&values, "on_signal"),
        reconcile_for: duration(&values, "reconcile_for").unwrap_or_default(),
        once_dir: path_of(&values, "once_dir"),
        once_keep: duration(&values, "once_keep").unwrap_or_default(),
        session_cache: switch(&values, "session_cache"),
        ca_file: path_of(&values, "ca_file"),
        proxy: text(&values, "proxy"),
        log_file: path_of(&values, "log_file"),
        expect_org: text(&values, "expect_org"),
        state_dir,
        no_input: cli.global.no_input,
        nowait_exit: match values.get("nowait_exit") {
            Some((Value::ExitCode(number), _)) => Some(*number),
            _ => None,
        },
        notes,
        account_flags: flags::account_flags(cli),
        account_setup: String::new(),
        sandbox: sandbox(env)?,
        identity,
        lone_secret,
        entries: KEYS.iter().map(|key| entry(key, values.get(key.name))).collect(),
    })
}

fn is_identity(name: &str) -> bool {
    KEYS.iter().any(|key| key.identity && key.name == name)
}

fn defaults() -> Values {
    let set = KEYS.iter().filter(|key| !key.default.is_empty());
    set.filter_map(|key| Some((key.name, (key.kind.read(key.default).ok()?, Origin::Default)))).collect()
}

fn from_file(file: Option<&file::File>, profile: Option<&str>) -> Result<Values, Error> {
    let mut values = Values::new();
    let mut take = |table: &file::Table, name: &str| {
        values.extend(
            table.iter().map(|(key, (value, line))| (*key, (value.clone(), Origin::File(name.to_owned(), *line)))),
        );
    };
    if let Some(file) = file {
        take(&file.defaults, "defaults");
        take(&file.compat, "compat");
    }
    if let Some(name) = profile {
        let profiles = file.map(|file| &file.profiles);
        let Some(table) = profiles.and_then(|profiles| profiles.get(name)) else {
            let known: Vec<&str> = profiles.iter().flat_map(|all| all.keys()).map(String::as_str).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Error::NoProfile { name: name.to_owned(), known });
        };
        take(table, &format!("profiles.{name}"));
    }
    Ok(values)
}

fn sandbox(env: &Env) -> Result<Option<Site>, Error> {
    let invalid = |why| Error::Invalid { origin: env::SANDBOX.to_owned(), why };
    env.get(env::SANDBOX).map(identity::sandbox_url).transpose().map_err(invalid)
}

fn variables(env: &Env) -> Result<Values, Error> {
    const OTHERS: [&str; 6] =
        [env::SESSION_ID, env::SERVER_URL, env::PROFILE, env::CONFIG, env::STATE_DIR, env::SANDBOX];
    let (set, mut unreadable) = env.ours();
    if let Some(name) = unreadable.next() {
        return Err(Error::Invalid { origin: name.to_owned(), why: "it is not UTF-8".to_owned() });
    }
    let mut values = Values::new();
    for name in set.filter(|name| !OTHERS.contains(name)) {
        let invalid = |why: String| Error::Invalid { origin: name.to_owned(), why };
        let key = keys::find(&name[env::PREFIX.len()..].to_lowercase()).map_err(|near| {
            let hint = near.map(|near| format!("; did you mean {}{}?", env::PREFIX, near.to_uppercase()));
            invalid(format!("there is no such setting{}", hint.unwrap_or_default()))
        })?;
        let value = key.kind.read(env.get(name).unwrap_or_default()).map_err(invalid)?;
        values.insert(key.name, (value, Origin::Env(name.to_owned())));
    }
    Ok(values)
}

fn entry(key: &Key, found: Option<&(Value, Origin)>) -> Entry {
    let value = found.map(|(value, _)| match value {
        Value::Text(_) if key.kind == Kind::Secret => "********".to_owned(),
        Value::Text(text) if key.name == "username" => text.clone(),
        Value::Text(text) => keys::masked(text),
        Value::Words(words) => shell_words::join(words),
        Value::Path(path) => path.display().to_string(),
        Value::Switch(switch) => switch.to_string(),
        Value::Duration(duration) => exact(*duration),
        Value::Output(value) => keys::name(value),
        Value::When(value) => keys::name(value),
        Value::IfRunning(value) => keys::name(value),
        Value::AtEnd(value) => keys::name(value),
        Value::ExitCode(number) => number.to_string(),
    });
    let origin = found.map_or(Origin::Default, |(_, origin)| origin.clone());
    Entry { key: key.name, value: value.unwrap_or_default(), origin }
}

fn text(values: &Values, name: &str) -> Option<String> {
    if let Some((Value::Text(text), _)) = values.get(name) { Some(text.clone()) } else { None }
}

fn path_of(values: &Values, name: &str) -> Option<PathBuf> {
    if let Some((Value::Path(path), _)) = values.get(name) { Some(path.clone()) } else { None }
}

fn switch(values: &Values, name: &str) -> bool {
    matches!(values.get(name), Some((Value::Switch(true), _)))
}

fn duration(values: &Values, name: &str) -> Option<Duration> {
    if let Some((Value::Duration(duration), _)) = values.get(name) { Some(*duration) } else { None }
}

fn at_end(values: &Values, name: &str) -> AtEnd {
    if let Some((Value::AtEnd(action), _)) = values.get(name) { *action } else { AtEnd::default() }
}

fn when(values: &Values, name: &str) -> When {
    if let Some((Value::When(when), _)) = values.get(name) { *when } else { When::Auto }
}

#[cfg(test)]
mod tests;
