//! Sorts commands into four plans: a command works offline, talks to the service, serves the sandbox, or is RunAJob's.

use std::path::Path;

use clap_complete::Shell;

use crate::cli::{
    Command, Compat, Config, Find, History, Logs, OnceCommand, ReportTarget, Sandbox, Start, Status, Stop, Wait,
};
use crate::compat::Words;

pub(crate) const SANDBOX: &str = "sandbox";

pub(crate) enum Plan<'c> {
    Offline(OfflineVerb<'c>),
    Service(ServiceVerb<'c>),
    Sandbox(&'c Sandbox),
    Compat(Words<'c>),
}

/// These verbs only read and write files.
#[derive(Clone, Copy)]
pub(crate) enum OfflineVerb<'c> {
    Completions(Shell),
    Help(&'c [String]),
    PrintScenario,
    ConfigPath,
    ConfigShow,
    ConfigImport { file: &'c Path, password_command: Option<&'c str> },
    CompatInstall { dir: &'c Path, force: bool },
    Once(&'c OnceCommand),
}

/// These verbs need an account.
#[derive(Clone, Copy)]
pub(crate) enum ServiceVerb<'c> {
    Start(&'c Start),
    Stop(&'c Stop),
    Wait(&'c Wait),
    Status(&'c Status),
    History(&'c History),
    Logs(&'c Logs),
    Find(&'c Find),
    Login,
    Logout,
    ConfigCheck,
}

impl<'c> Plan<'c> {
    pub(crate) fn of(command: &'c Command) -> Self {
        match command {
            Command::Start(start) => Self::Service(ServiceVerb::Start(start)),
            Command::Stop(stop) => Self::Service(ServiceVerb::Stop(stop)),
            Command::Wait(wait) => Self::Service(ServiceVerb::Wait(wait)),
            Command::Status(status) => Self::Service(ServiceVerb::Status(status)),
            Command::History(history) => Self::Service(ServiceVerb::History(history)),
            Command::Logs(logs) => Self::Service(ServiceVerb::Logs(logs)),
            Command::Find(find) => Self::Service(ServiceVerb::Find(find)),
            Command::Login => Self::Service(ServiceVerb::Login),
            Command::Logout => Self::Service(ServiceVerb::Logout),
            Command::Config(Config::Check) | Command::Doctor => Self::Service(ServiceVerb::ConfigCheck),
            Command::Config(Config::Path) => Self::Offline(OfflineVerb::ConfigPath),
            Command::Config(Config::Show) => Self::Offline(OfflineVerb::ConfigShow),
            Command::Config(Config::Import { file, password_command }) => {
                Self::Offline(OfflineVerb::ConfigImport { file, password_command: password_command.as_deref() })
            }
            Command::Once(once) => Self::Offline(OfflineVerb::Once(once)),
            Command::Help { words } => Self::Offline(OfflineVerb::Help(words)),
            Command::Completions { shell } => Self::Offline(OfflineVerb::Completions(*shell)),
            Command::Compat(Compat::Install { dir, force }) => {
                Self::Offline(OfflineVerb::CompatInstall { dir, force: *force })
            }
            Command::Sandbox(options) if options.print_scenario => Self::Offline(OfflineVerb::PrintScenario),
            Command::Sandbox(options) => Self::Sandbox(options),
            Command::RunAJobCli(options) => Self::Compat(Words { words: &options.words, script: None }),
            Command::Compat(Compat::Run { script, words }) => Self::Compat(Words { words, script: Some(script) }),
        }
    }
}

impl OfflineVerb<'_> {
    /// The name in the JSON document and the journal, which scripts compare.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Completions(_) => "completions",
            Self::Help(_) => "help",
            Self::PrintScenario => SANDBOX,
            Self::ConfigPath => "config path",
            Self::ConfigShow => "config show",
            Self::ConfigImport { .. } => "config import",
            Self::CompatInstall { .. } => "compat install",
            Self::Once(OnceCommand::List { .. }) => "once list",
            Self::Once(OnceCommand::Forget { .. }) => "once forget",
        }
    }
}

impl<'c> ServiceVerb<'c> {
    /// The reports that it writes at its end.
    pub(crate) fn reports(self) -> &'c [ReportTarget] {
        match self {
            Self::Start(start) => &start.reports.report,
            Self::Wait(wait) => &wait.reports.report,
            Self::Status(status) => &status.reports.report,
            Self::History(history) => &history.reports.report,
            Self::Stop(_) | Self::Logs(_) | Self::Find(_) | Self::Login | Self::Logout | Self::ConfigCheck => &[],
        }
    }

    /// The name in the JSON document and the journal, which scripts compare.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Start(_) => "start",
            Self::Stop(_) => "stop",
            Self::Wait(_) => "wait",
            Self::Status(_) => "status",
            Self::History(_) => "history",
            Self::Logs(_) => "logs",
            Self::Find(_) => "find",
            Self::Login => "login",
            Self::Logout => "logout",
            Self::ConfigCheck => "config check",
        }
    }
}
