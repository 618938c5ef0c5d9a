//! From flags, environment, file and defaults to plain values, each with its origin. Pure but for reading the one file;
//! leaves fetching the secret to `identity`.

mod file;
mod identity;
mod keys;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use crate::cli::{AtEnd, Cli, Command, IfRunning, Output, Waiting, When};
use crate::duration::exact;
use crate::env::{self, Env};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::secret::Secret;

pub use identity::{Identity, LoginUrl, SecretSource};
use keys::{KEYS, Key, Kind, Value};

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
        let (exit, fix) = match &error {
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
        failure.fix(fix)
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
#[allow(missing_docs, reason = "the fields are the settings of these names")]
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
    identity: Result<Option<Identity>, Error>,
    lone_secret: Result<Option<SecretSource>, Error>,
    entries: Vec<Entry>,
}

impl Settings {
    /// Who we are.
    pub fn identity(&self) -> Result<&Identity, Error> {
        self.identity.as_ref().map_err(Clone::clone)?.as_ref().ok_or(Error::NoIdentity)
    }

    /// A command line that a person can type later: with the flags that lead to the same account.
    pub fn command(&self, words: &str) -> String {
        format!("runajob{} {words}", self.account_flags)
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
    let flags = flags(cli);
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
    let (identity, source) = choose(cli, env, &variables, &from_file, &values, &mut notes);
    let lone_secret = lone_secret(&variables, env, &values, &mut notes);
    values.retain(|name, _| !is_identity(name));
    values.extend(source);
    if let Some(file) = file.as_ref().filter(|file| file.holds_password()) {
        notes.extend(file::check_mode(&file.path, env, switch(&values, "allow_readable_secret"))?);
    }
    needs_waiting(cli, switch(&values, "wait"))?;
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
        account_flags: account_flags(cli),
        identity,
        lone_secret,
        entries: KEYS.iter().map(|key| entry(key, values.get(key.name))).collect(),
    })
}

fn account_flags(cli: &Cli) -> String {
    let config = cli.global.config.as_ref().map(|path| path.display().to_string());
    let given = [("--profile", &cli.global.profile), ("--config", &config)].into_iter();
    let given = given.filter_map(|(flag, value)| Some(format!(" {flag} {}", shell_words::quote(value.as_ref()?))));
    given.collect()
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

fn variables(env: &Env) -> Result<Values, Error> {
    const OTHERS: [&str; 5] = [env::SESSION_ID, env::SERVER_URL, env::PROFILE, env::CONFIG, env::STATE_DIR];
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

fn flags(cli: &Cli) -> Values {
    let mut values = Values::new();
    let mut put = |name: &'static str, value: Option<Value>, flag: &str| {
        if let Some(value) = value {
            values.insert(name, (value, Origin::Flag(flag.to_owned())));
        }
    };
    let global = &cli.global;
    put("output", global.output.map(Value::Output), "--output");
    put("color", global.color.map(Value::When), "--color");
    put("progress", global.progress.map(Value::When), "--progress");
    put("connect_timeout", global.connect_timeout.map(Value::Duration), "--connect-timeout");
    put("request_timeout", global.request_timeout.map(Value::Duration), "--request-timeout");
    put("start_timeout", global.start_timeout.map(Value::Duration), "--start-timeout");
    put("session_cache", global.no_session_cache.then_some(Value::Switch(false)), "--no-session-cache");
    put("log_file", global.log_file.clone().map(Value::Path), "--log-file");
    if let Some(waiting) = waiting(&cli.command) {
        put("timeout", waiting.timeout.map(Value::Duration), "--timeout");
        put("poll_interval", waiting.poll_interval.map(Value::Duration), "--poll-interval");
        put("patience", waiting.patience.map(Value::Duration), "--patience");
    }
    match &cli.command {
        Command::Start(start) => {
            put("wait", start.wait.then_some(Value::Switch(true)), "--wait");
            put("wait", start.no_wait.then_some(Value::Switch(false)), "--no-wait");
            put("warnings_ok", start.warnings_ok.then_some(Value::Switch(true)), "--warnings-ok");
            put("if_running", start.if_running.map(Value::IfRunning), "--if-running");
            put("on_timeout", start.on_timeout.map(Value::AtEnd), "--on-timeout");
            put("on_signal", start.on_signal.map(Value::AtEnd), "--on-signal");
            put("reconcile_for", start.reconcile_for.map(Value::Duration), "--reconcile-for");
            put("once_dir", start.once_dir.clone().map(Value::Path), "--once-dir");
        }
        Command::Stop(stop) => put("wait", Some(Value::Switch(stop.wait)), "--wait"),
        Command::Wait(wait) => {
            put("wait", Some(Value::Switch(true)), "wait");
            put("warnings_ok", wait.warnings_ok.then_some(Value::Switch(true)), "--warnings-ok");
        }
        _ => {}
    }
    values
}

fn waiting(command: &Command) -> Option<&Waiting> {
    match command {
        Command::Start(start) => Some(&start.waiting),
        Command::Stop(stop) => Some(&stop.waiting),
        Command::Wait(wait) => Some(&wait.waiting),
        _ => None,
    }
}

/// As flags these options are a mistake without waiting; as settings they are silent.
fn needs_waiting(cli: &Cli, wait: bool) -> Result<(), Error> {
    let Some(waiting) = waiting(&cli.command).filter(|_| !wait) else { return Ok(()) };
    let start = if let Command::Start(start) = &cli.command { Some(start) } else { None };
    let given = [
        ("--timeout", waiting.timeout.is_some()),
        ("--poll-interval", waiting.poll_interval.is_some()),
        ("--patience", waiting.patience.is_some()),
        ("--warnings-ok", start.is_some_and(|start| start.warnings_ok)),
        ("--on-timeout", start.is_some_and(|start| start.on_timeout.is_some())),
        ("--on-signal", start.is_some_and(|start| start.on_signal.is_some())),
        ("--on-suspended", start.is_some_and(|start| start.on_suspended.is_some())),
        ("--escalate-after", matches!(&cli.command, Command::Stop(stop) if stop.escalate_after.is_some())),
    ];
    given.into_iter().find(|(_, given)| *given).map_or(Ok(()), |(flag, _)| Err(Error::NeedsWaiting(flag)))
}

/// The identity, from the environment if it says anything of one, else from the file; and the values it was made of.
/// A `--profile` given outright makes the file the source.
fn choose(
    cli: &Cli,
    env: &Env,
    variables: &Values,
    from_file: &Values,
    values: &Values,
    notes: &mut Vec<String>,
) -> (Result<Option<Identity>, Error>, Values) {
    let own = |source: &Values| -> Values {
        source.iter().filter(|(name, _)| is_identity(name)).map(|(name, value)| (*name, value.clone())).collect()
    };
    let session = (env.get(env::SESSION_ID), env.get(env::SERVER_URL));
    let in_env = own(variables);
    let said = !in_env.is_empty() || session != (None, None);
    if said && cli.global.profile.is_none() {
        let made = match session {
            (None, None) => by_password("the environment", &in_env, env, values, notes),
            _ if !in_env.is_empty() => Err(Error::Twice("the environment".to_owned(), "session and login")),
            (Some(_), None) => {
                Err(Error::Partial { source_name: "the environment".to_owned(), missing: env::SERVER_URL })
            }
            (None, Some(_)) => {
                Err(Error::Partial { source_name: "the environment".to_owned(), missing: env::SESSION_ID })
            }
            (Some(id), Some(url)) => identity::server_url(url)
                .map(|server_url| Identity::Session { server_url, session: Secret::new(id.to_owned()) })
                .map_err(|why| Error::Invalid { origin: env::SERVER_URL.to_owned(), why }),
        };
        return (made.map(Some), in_env);
    }
    if said {
        notes.push("--profile is given, so the account in the environment is ignored".to_owned());
    }
    let in_file = own(from_file);
    let made = if in_file.is_empty() {
        Ok(None)
    } else {
        by_password("the config file", &in_file, env, values, notes).map(Some)
    };
    (made, in_file)
}

fn by_password(
    source_name: &str,
    found: &Values,
    env: &Env,
    values: &Values,
    notes: &mut Vec<String>,
) -> Result<Identity, Error> {
    let partial = |missing| Error::Partial { source_name: source_name.to_owned(), missing };
    let invalid = |name: &str, why| Error::Invalid { origin: found[name].1.to_string(), why };
    let login_url = match (text(found, "login_url"), text(found, "pod")) {
        (Some(url), None) => LoginUrl::parse(&url).map_err(|why| invalid("login_url", why))?,
        (None, Some(pod)) => LoginUrl::of_pod(&pod).map_err(|why| invalid("pod", why))?,
        (Some(_), Some(_)) => return Err(Error::Twice(source_name.to_owned(), "login_url and pod")),
        (None, None) => return Err(partial("login_url")),
    };
    let username = text(found, "username").ok_or_else(|| partial("username"))?;
    let source = secret_of(source_name, found, env, values, notes)?;
    let source = source.ok_or_else(|| partial("password_command, password_file or password"))?;
    Ok(Identity::Password { login_url, username, source })
}

/// The one way to the password that the values give, if they give any.
fn secret_of(
    source_name: &str,
    found: &Values,
    env: &Env,
    values: &Values,
    notes: &mut Vec<String>,
) -> Result<Option<SecretSource>, Error> {
    let command = match found.get("password_command") {
        Some((Value::Words(words), _)) => Some(SecretSource::Command(words.clone())),
        _ => None,
    };
    let in_file = path_of(found, "password_file").map(SecretSource::File);
    let value = text(found, "password").map(|password| SecretSource::Value(Secret::new(password)));
    let mut sources = [command, in_file, value].into_iter().flatten();
    let source = sources.next();
    if sources.next().is_some() {
        return Err(Error::Twice(source_name.to_owned(), "password_command, password_file and password"));
    }
    if let Some(SecretSource::File(path)) = &source
        && path.exists()
    {
        notes.extend(file::check_mode(path, env, switch(values, "allow_readable_secret"))?);
    }
    Ok(source)
}

/// The password in the environment, where nothing else of an identity is.
fn lone_secret(
    variables: &Values,
    env: &Env,
    values: &Values,
    notes: &mut Vec<String>,
) -> Result<Option<SecretSource>, Error> {
    if ["login_url", "pod", "username"].iter().any(|name| variables.contains_key(name)) {
        return Ok(None);
    }
    secret_of("the environment", variables, env, values, notes)
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
