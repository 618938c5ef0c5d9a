//! The config file: where it is, and its tables with the line of each setting.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::settings::error::Error;
use crate::settings::table::{self, Section};
use crate::settings::value::{Kind, Value};
use crate::support::env::{self, Env};
use crate::support::host_url::HostPattern;
use crate::support::reading;

/// A longer one is a mistake, in MiB.
const SIZE_LIMIT: u64 = 1;

#[derive(Debug, Default)]
pub(crate) struct File {
    pub path: PathBuf,
    pub default_profile: Option<String>,
    pub defaults: Table,
    pub profiles: BTreeMap<String, Table>,
    pub compat: Table,
}

impl File {
    /// Whether any of its tables has a password, used or not. The URL of a proxy may have one too.
    pub(crate) fn holds_password(&self) -> bool {
        let of_proxy = |(value, _): &(Value, usize)| matches!(value, Value::Text(url) if url.contains('@'));
        let has = |table: &Table| table.contains_key("password") || table.get("proxy").is_some_and(of_proxy);
        std::iter::once(&self.defaults).chain(self.profiles.values()).any(has)
    }

    /// The profile that the file means where nobody names one: its `default_profile`, or the only one there is when
    /// `[defaults]` has no complete account and `alone` allows it.
    pub(crate) fn implied_profile(&self, alone: bool) -> Option<&str> {
        let has = |names: &[&str]| names.iter().any(|name| self.defaults.contains_key(name));
        let by_password = || has(&["username"]) && has(&["password_command", "password_file", "password"]);
        let by_token = || has(&["org_id"]) && has(&["token_command", "token_file"]);
        let whole = has(&["login_url", "pod"]) && (by_password() || by_token());
        let only = || self.profiles.keys().next().filter(|_| alone && !whole && self.profiles.len() == 1);
        self.default_profile.as_ref().or_else(only).map(String::as_str)
    }
}

/// The settings of one table, with the line of each.
pub(crate) type Table = BTreeMap<&'static str, (Value, usize)>;

/// Where the file is, or would be, and whether it was named outright.
pub(crate) fn places(flag: Option<&Path>, env: &Env) -> (Vec<PathBuf>, bool) {
    if let Some(named) = flag.map(Path::to_owned).or_else(|| env.get(env::CONFIG).map(PathBuf::from)) {
        return (vec![named], true);
    }
    let user = env.config_home().map(|home| home.join("runajob/config.toml"));
    // An environment made for the sandbox's inner command must not find the machine's file.
    let system = (cfg!(unix) && env.is_of_process()).then(|| PathBuf::from("/etc/runajob/config.toml"));
    (user.into_iter().chain(system).collect(), false)
}

/// Reads the first file that is there. An error says whether the file was named outright.
pub(crate) fn read(flag: Option<&Path>, env: &Env) -> Result<Option<File>, (Error, bool)> {
    let (places, named) = places(flag, env);
    let Some(path) = chosen(&places).filter(|path| named || !is_absent(path)) else { return Ok(None) };
    text(path).and_then(|text| parse(path, &text, env)).map(Some).map_err(|error| (error, named))
}

/// The place of the file that is read or, where there is none, that of a new one.
pub(crate) fn chosen(places: &[PathBuf]) -> Option<&PathBuf> {
    places.iter().find(|path| !is_absent(path)).or(places.first())
}

/// A file that cannot be looked at is not absent: the next one may belong to another account.
fn is_absent(path: &Path) -> bool {
    std::fs::metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

pub(crate) fn text(path: &Path) -> Result<String, Error> {
    reading::file(path, SIZE_LIMIT).map_err(|why| Error::Unreadable { path: path.to_owned(), why })
}

/// Refuses a file with a secret in it that others than its owner may read.
pub(crate) fn check_mode(path: &Path, env: &Env, allowed: bool) -> Result<Option<String>, Error> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_or(0, |facts| facts.permissions().mode() & 0o777);
        let of_others = mode & 0o077;
        if of_others == 0 {
            return Ok(None);
        }
        let real = |path: &Path| path.canonicalize().unwrap_or_default();
        let lies_in = |folder: &str| real(path).starts_with(real(Path::new(folder)));
        let given = env.get(env::CREDENTIALS_DIRECTORY).is_some_and(lies_in);
        let secrets = Path::new("/run/secrets").exists() && lies_in("/run/secrets");
        if !(given || secrets || allowed) {
            return Err(Error::Readable { path: path.to_owned(), mode });
        }
        Ok(Some(format!("{} holds a secret and has mode {mode:03o}", path.display())))
    }
    #[cfg(not(unix))]
    Ok(None)
}

pub(crate) fn parse(path: &Path, text: &str, env: &Env) -> Result<File, Error> {
    let text = text.trim_start_matches('\u{feff}');
    let line = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
    let at =
        |offset: usize, why: String| Error::Invalid { origin: format!("{}:{}", path.display(), line(offset)), why };
    let table = DeTable::parse(text)
        .map_err(|error| at(error.span().map_or(0, |span| span.start), error.message().to_owned()))?;
    let mut file = File { path: path.to_owned(), ..File::default() };
    let read = |table: &DeTable<'_>, compat: bool| -> Result<Table, Error> {
        let mut found = Table::new();
        for (name, value) in table {
            let start = name.span().start;
            let key = table::find(name.get_ref()).map_err(|near| {
                let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                at(start, format!("there is no setting '{}'{hint}", name.get_ref()))
            })?;
            let belongs = key.section == Section::Compat;
            if belongs != compat {
                let place = if belongs { "[compat]" } else { "[defaults] or in [profiles.NAME]" };
                return Err(at(start, format!("{} belongs in {place}", key.name)));
            }
            let value = value_of(key.kind, value).map_err(|why| at(start, format!("{}: {why}", key.name)))?;
            found.insert(key.name, (located(value, path, env), line(start)));
        }
        Ok(found)
    };
    for (name, value) in table.get_ref() {
        let start = name.span().start;
        match (name.get_ref().as_ref(), value.get_ref()) {
            ("default_profile", DeValue::String(profile)) => file.default_profile = Some(profile.to_string()),
            ("defaults", DeValue::Table(table)) => file.defaults = read(table, false)?,
            ("compat", DeValue::Table(table)) => file.compat = read(table, true)?,
            ("profiles", DeValue::Table(profiles)) => {
                for (profile, table) in profiles {
                    let DeValue::Table(table) = table.get_ref() else {
                        return Err(at(profile.span().start, "a profile is a table".to_owned()));
                    };
                    file.profiles.insert(profile.get_ref().to_string(), read(table, false)?);
                }
            }
            ("default_profile" | "defaults" | "profiles" | "compat", _) => {
                return Err(at(start, format!("{} has the wrong type", name.get_ref())));
            }
            (other, _) => {
                let known = ["default_profile", "defaults", "profiles", "compat"].into_iter();
                let near = table::near(other, known).map(|near| format!("; did you mean {near}?"));
                let hint = near.unwrap_or_else(|| "; settings belong in [defaults] or in [profiles.NAME]".to_owned());
                return Err(at(start, format!("there is no '{other}' here{hint}")));
            }
        }
    }
    Ok(file)
}

fn value_of(kind: Kind, value: &Spanned<DeValue<'_>>) -> Result<Value, String> {
    match (kind, value.get_ref()) {
        (Kind::Switch, DeValue::Boolean(switch)) => Ok(Value::Switch(*switch)),
        (Kind::Switch, _) => Err("it is true or false".to_owned()),
        (Kind::Command, DeValue::Array(words)) => {
            let words = strings(words)?;
            if words.is_empty() { Err("it is empty".to_owned()) } else { Ok(Value::Words(words)) }
        }
        (Kind::Hosts, DeValue::Array(hosts)) => {
            let hosts = strings(hosts)?;
            Ok(Value::Hosts(hosts.iter().map(|host| HostPattern::parse(host)).collect::<Result<_, _>>()?))
        }
        (Kind::Hosts, _) => Err("it is an array of strings, such as [\"pod.example.com\"]".to_owned()),
        (Kind::ExitCode, DeValue::Integer(number)) => kind.read(&number.to_string()),
        (Kind::ExitCode, _) => Err("it is a number".to_owned()),
        (_, DeValue::String(text)) => kind.read(text),
        (Kind::Duration | Kind::Limit | Kind::PollInterval | Kind::ShortestInterval, _) => {
            Err("it is a string with a unit, such as \"90s\"".to_owned())
        }
        _ => Err("it is a string".to_owned()),
    }
}

fn strings(array: &DeArray<'_>) -> Result<Vec<String>, String> {
    let string = |value: &Spanned<DeValue<'_>>| match value.get_ref() {
        DeValue::String(text) => Ok(text.to_string()),
        _ => Err("its words are strings".to_owned()),
    };
    array.iter().map(string).collect()
}

/// Paths in a file are relative to its folder, and `~` is home.
fn located(value: Value, file: &Path, env: &Env) -> Value {
    let Value::Path(path) = value else { return value };
    let path = match (path.strip_prefix("~"), env.home()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => file.parent().unwrap_or(Path::new("")).join(path),
    };
    Value::Path(path)
}
