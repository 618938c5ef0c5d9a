//! Every environment variable that is read, in a snapshot that is taken once.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use crate::support::file_system;

/// What all our variables begin with; the rest is the name of a setting in capitals.
pub const PREFIX: &str = "RUNAJOB_";
/// A session made elsewhere.
pub const SESSION_ID: &str = "RUNAJOB_SESSION_ID";
/// The server that the session belongs to.
pub const SERVER_URL: &str = "RUNAJOB_SERVER_URL";
/// The profile to use.
pub const PROFILE: &str = "RUNAJOB_PROFILE";
/// The config file to read.
pub const CONFIG: &str = "RUNAJOB_CONFIG";
/// Where sessions and locks are kept.
pub const STATE_DIR: &str = "RUNAJOB_STATE_DIR";
/// The only service that may be asked: a sandbox gives its own URL to what runs against it.
pub const SANDBOX: &str = "RUNAJOB_SANDBOX";
/// The output format, which decides the form of errors before settings are read.
pub const OUTPUT: &str = "RUNAJOB_OUTPUT";
/// The log file, which usage errors are written to before settings are read.
pub const LOG_FILE: &str = "RUNAJOB_LOG_FILE";
/// Where other programs look for a proxy, the first one first.
pub const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
/// The hosts that are reached without a proxy.
pub const NO_PROXY: &str = "NO_PROXY";
/// Where systemd wants a service to keep its state; may list several folders.
pub const STATE_DIRECTORY: &str = "STATE_DIRECTORY";
/// Where systemd puts credentials that only the service can read.
pub const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

/// The process's surroundings, as they were when it began.
#[derive(Debug, Clone, Default)]
pub struct Env {
    vars: BTreeMap<String, String>,
    unreadable: Vec<String>,
    /// Which streams are terminals.
    pub terminals: Terminals,
    /// Whether the platform's own folders may be asked for.
    platform: bool,
    /// Tells the file systems that do not keep files for good; a made environment has none of them.
    file_systems: Option<FileSystems>,
    /// Whether it was made for one command in front of a private sandbox.
    private: bool,
}

/// Gives the name of a path's file system where that goes with its container or with the machine's memory.
pub type FileSystems = fn(&Path) -> Option<&'static str>;

/// Which of the standard streams are terminals.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminals {
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
}

impl Env {
    /// Reads the process's environment.
    pub fn snapshot() -> Self {
        let mut env = Self {
            terminals: Terminals {
                stdin: std::io::stdin().is_terminal(),
                stdout: std::io::stdout().is_terminal(),
                stderr: std::io::stderr().is_terminal(),
            },
            platform: true,
            file_systems: Some(file_system::fleeting),
            ..Self::default()
        };
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => drop(env.vars.insert(name, value)),
                Err(_) => env.unreadable.push(name),
            }
        }
        env
    }

    /// An environment of these variables and nothing else.
    pub fn of<const N: usize>(vars: [(&str, &str); N]) -> Self {
        let vars = vars.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { vars, ..Self::default() }
    }

    /// The variables of one environment, and above them those of another.
    #[cfg(test)]
    pub(crate) fn merge(one: &Self, above: &Self) -> Self {
        let mut env = one.clone();
        env.vars.extend(above.vars.clone());
        env
    }

    /// This environment for one command in front of a private sandbox: with these variables in place of all of ours, and
    /// without the folders of a service manager, which may hold an account.
    #[must_use]
    pub fn private(&self, variables: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let is_foreign =
            |name: &str| !name.starts_with(PREFIX) && ![STATE_DIRECTORY, CREDENTIALS_DIRECTORY].contains(&name);
        let mut env = Self { terminals: self.terminals, private: true, ..Self::default() };
        env.vars.extend(self.vars.clone().into_iter().filter(|(name, _)| is_foreign(name)));
        env.vars.extend(variables.into_iter().map(|(name, value)| (name.to_owned(), value)));
        env
    }

    /// This environment on a machine with such file systems.
    #[must_use]
    pub fn with_file_systems(self, file_systems: FileSystems) -> Self {
        Self { file_systems: Some(file_systems), ..self }
    }

    /// The name of a folder's file system, where files there are gone with their container or with the machine's memory.
    pub fn fleeting(&self, folder: &Path) -> Option<&'static str> {
        self.file_systems.and_then(|file_systems| file_systems(folder))
    }

    /// Whether this is the process's own environment, so that the machine's files belong to it.
    pub fn is_of_process(&self) -> bool {
        self.platform
    }

    /// Whether the service that it leads to ends with the command, so that no later command can ask it.
    pub fn is_private(&self) -> bool {
        self.private
    }

    /// A variable; an empty one counts as not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Our variables that are set, by name; and those whose value is not UTF-8.
    pub fn ours(&self) -> (impl Iterator<Item = &str>, impl Iterator<Item = &str>) {
        let ours = |name: &&str| name.starts_with(PREFIX);
        let set = self.vars.iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name.as_str());
        (set.filter(ours), self.unreadable.iter().map(String::as_str).filter(ours))
    }

    pub fn config_home(&self) -> Option<PathBuf> {
        self.folder("XDG_CONFIG_HOME", ".config", |dirs| dirs.config_dir().to_owned())
    }

    fn state_home(&self) -> Option<PathBuf> {
        let local = |dirs: &directories::BaseDirs| dirs.state_dir().unwrap_or(dirs.data_local_dir()).to_owned();
        self.folder("XDG_STATE_HOME", ".local/state", local)
    }

    /// Whether it gives a session that was made elsewhere, or a part of one.
    pub fn has_session(&self) -> bool {
        self.get(SESSION_ID).or(self.get(SERVER_URL)).is_some()
    }

    /// The folder that commands on this machine share: the one that was named, else that of a systemd service, else the
    /// user's.
    pub fn state_folder(&self) -> Option<PathBuf> {
        let of_service = || self.get(STATE_DIRECTORY)?.split(':').find(|folder| !folder.is_empty());
        let named = self.get(STATE_DIR).or_else(of_service).map(PathBuf::from);
        named.or_else(|| Some(self.state_home()?.join("runajob")))
    }

    pub fn home(&self) -> Option<PathBuf> {
        self.get("HOME").map(PathBuf::from).filter(|home| home.is_absolute())
    }

    /// On Linux the folders follow from variables, which the snapshot has; elsewhere the platform is asked, unless the
    /// environment is a made one, which has no platform.
    fn folder(
        &self,
        xdg: &str,
        below_home: &str,
        native: impl Fn(&directories::BaseDirs) -> PathBuf,
    ) -> Option<PathBuf> {
        if cfg!(target_os = "linux") {
            let said = self.get(xdg).map(PathBuf::from).filter(|folder| folder.is_absolute());
            return said.or_else(|| Some(self.home()?.join(below_home)));
        }
        self.platform.then(directories::BaseDirs::new).flatten().map(|dirs| native(&dirs))
    }
}
