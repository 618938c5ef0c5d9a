//! Values by the names of their settings, each with where it comes from.

use std::collections::BTreeMap;
use std::fmt;

use crate::settings::table::{self, SETTINGS};
use crate::settings::value::{FromValue, Value};

/// Where a value comes from, weakest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    Default,
    /// The config file: a table of it, and the line.
    File(String, usize),
    Env(String),
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
    pub key: &'static str,
    /// Secrets are masked; empty when it is not set.
    pub value: String,
    pub origin: Origin,
}

/// The values of one source, or of all of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values(BTreeMap<&'static str, (Value, Origin)>);

impl Values {
    /// What is built in.
    pub(crate) fn defaults() -> Self {
        let set = SETTINGS.iter().filter(|setting| !setting.default.is_empty());
        let read = set.filter_map(|setting| Some((setting.name, setting.kind.read(setting.default).ok()?)));
        Self(read.map(|(name, value)| (name, (value, Origin::Default))).collect())
    }

    pub(crate) fn insert(&mut self, name: &'static str, value: Value, origin: Origin) {
        self.0.insert(name, (value, origin));
    }

    /// Puts the values of a stronger source over these.
    pub(crate) fn extend(&mut self, stronger: &Self) {
        self.0.extend(stronger.0.clone());
    }

    pub(crate) fn get<T: FromValue>(&self, name: &str) -> Option<T> {
        debug_assert!(table::find(name).is_ok(), "there is no setting {name}");
        T::from_value(&self.0.get(name)?.0)
    }

    /// The value of a setting that has a default of the same type.
    pub(crate) fn built_in<T: FromValue + Default>(&self, name: &str) -> T {
        self.get(name).unwrap_or_default()
    }

    pub(crate) fn origin(&self, name: &str) -> Origin {
        self.0.get(name).map_or(Origin::Default, |(_, origin)| origin.clone())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that say who we are, and the rest.
    pub(crate) fn split(&self) -> (Self, Self) {
        let (account, rest) = self.0.clone().into_iter().partition(|(name, _)| table::is_account(name));
        (Self(account), Self(rest))
    }

    /// Every setting, in the order of the table.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let entry = |setting: &table::Setting| {
            let value = self.0.get(setting.name).map(|(value, _)| setting.kind.show(value));
            Entry { key: setting.name, value: value.unwrap_or_default(), origin: self.origin(setting.name) }
        };
        SETTINGS.iter().map(entry).collect()
    }
}
