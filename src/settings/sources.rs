//! The values that the command line, the environment and the config file give, read by the table of settings.

use crate::cli::{Cli, Command};
use crate::settings::error::Error;
use crate::settings::file::{File, Table};
use crate::settings::table::{self, SETTINGS};
use crate::settings::value::Value;
use crate::settings::values::{Origin, Values};
use crate::support::env::{self, Env};

pub(crate) fn flags(cli: &Cli) -> Values {
    let mut values = Values::default();
    for setting in SETTINGS {
        for flag in setting.flags {
            if let Some(value) = (flag.value)(cli) {
                values.insert(setting.name, value, Origin::Flag(flag.name.to_owned()));
            }
        }
    }
    values
}

/// Refuses options that have no effect without waiting.
pub(crate) fn needs_waiting(cli: &Cli, wait: bool) -> Result<(), Error> {
    if wait || !matches!(cli.command, Command::Start(_) | Command::Stop(_)) {
        return Ok(());
    }
    let settings = SETTINGS.iter().flat_map(|setting| setting.flags).filter(|flag| flag.needs_waiting);
    let mut given = settings.filter(|flag| (flag.value)(cli).is_some()).map(|flag| flag.name);
    // These are of one command line only, and no settings.
    let other = match &cli.command {
        Command::Start(start) => start.on_suspended.map(|_| "--on-suspended"),
        Command::Stop(stop) => stop.escalate_after.map(|_| "--escalate-after"),
        _ => None,
    };
    given.next().or(other).map_or(Ok(()), |flag| Err(Error::NeedsWaiting(flag)))
}

pub(crate) fn variables(env: &Env) -> Result<Values, Error> {
    const OTHERS: [&str; 6] =
        [env::SESSION_ID, env::SERVER_URL, env::PROFILE, env::CONFIG, env::STATE_DIR, env::SANDBOX];
    let (set, mut unreadable) = env.ours();
    if let Some(name) = unreadable.next() {
        return Err(Error::Invalid { origin: name.to_owned(), why: "it is not UTF-8".to_owned() });
    }
    let mut values = Values::default();
    for name in set.filter(|name| !OTHERS.contains(name)) {
        let invalid = |why: String| Error::Invalid { origin: name.to_owned(), why };
        let setting = table::find(&name[env::PREFIX.len()..].to_lowercase()).map_err(|near| {
            let hint = near.map(|near| format!("; did you mean {}{}?", env::PREFIX, near.to_uppercase()));
            invalid(format!("there is no such setting{}", hint.unwrap_or_default()))
        })?;
        let value = setting.kind.read(env.get(name).unwrap_or_default()).map_err(invalid)?;
        values.insert(setting.name, value, Origin::Env(name.to_owned()));
    }
    Ok(values)
}

/// The values of the file's own tables and, above them, of a profile.
pub(crate) fn file(file: Option<&File>, profile: Option<&str>) -> Result<Values, Error> {
    let mut values = Values::default();
    let mut take = |table: &Table, name: &str| {
        for (key, (value, line)) in table {
            values.insert(key, value.clone(), Origin::File(name.to_owned(), *line));
        }
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

/// Takes the proxy of the environment where the settings name none. Whether it can be used shows when it is needed.
pub(crate) fn proxy_of_environment(values: &mut Values, env: &Env) {
    let of = |name: &'static str| Some((name, env.get(name)?.to_owned()));
    if values.get::<String>("proxy").is_none()
        && let Some((name, url)) = env::PROXIES.into_iter().find_map(of)
    {
        values.insert("proxy", Value::Text(url), Origin::Env(name.to_owned()));
    }
}
