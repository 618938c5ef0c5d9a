//! Every setting, with its name, kind, built-in value, flags and meaning. The config file, the variables, the flags, `config show` and
//! docs/settings.md follow from this table.

use std::path::PathBuf;

use crate::cli::{Cli, Command, OnceCommand, Start, Waiting};
use crate::settings::value::{Kind, Value};
use crate::support::env;

#[derive(Debug)]
pub(crate) struct Setting {
    /// As it is written in the config file; the variable is the same in capitals behind `RUNAJOB_`.
    pub name: &'static str,
    pub kind: Kind,
    pub section: Section,
    /// As it would be written in the config file; empty when nothing is built in.
    pub default: &'static str,
    pub flags: &'static [Flag],
    /// In one line of Markdown.
    pub meaning: &'static str,
}

/// Which table of the config file a setting is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// `[defaults]` or a profile.
    Common,
    /// The same, as a part of the account, which comes from one source as a unit.
    Account,
    /// `[compat]`.
    Compat,
}

/// A word of the command line that gives a setting its value.
#[derive(Debug)]
pub(crate) struct Flag {
    pub name: &'static str,
    pub value: fn(&Cli) -> Option<Value>,
    /// Whether it is a mistake without waiting. As settings the same values are silent then.
    pub needs_waiting: bool,
}

const fn setting(name: &'static str, kind: Kind, default: &'static str, meaning: &'static str) -> Setting {
    Setting { name, kind, section: Section::Common, default, flags: &[], meaning }
}

const fn account(name: &'static str, kind: Kind, meaning: &'static str) -> Setting {
    Setting { section: Section::Account, ..setting(name, kind, "", meaning) }
}

impl Setting {
    const fn flags(mut self, flags: &'static [Flag]) -> Self {
        self.flags = flags;
        self
    }

    /// The row of it in docs/settings.md.
    fn row(&self) -> String {
        let default = self.kind.read(self.default).ok().filter(|_| !self.default.is_empty());
        let default = default.map(|value| format!("`{}` ", self.kind.show(&value))).unwrap_or_default();
        let (name, meaning) = (self.name, self.meaning);
        format!("| `{name}` | `{}` | {default}| {meaning} |\n", self.variable())
    }

    fn variable(&self) -> String {
        format!("{}{}", env::PREFIX, self.name.to_uppercase())
    }
}

const fn flag(name: &'static str, value: fn(&Cli) -> Option<Value>) -> Flag {
    Flag { name, value, needs_waiting: false }
}

const fn waiting_flag(name: &'static str, value: fn(&Cli) -> Option<Value>) -> Flag {
    Flag { name, value, needs_waiting: true }
}

/// Every setting, in the order in which they are shown.
pub(crate) const SETTINGS: &[Setting] = &[
    account("login_url", Kind::Url, "login host: scheme and host; a trailing `/ma` or `/saas` is removed"),
    account("pod", Kind::Text, "instead of `login_url`: the pod, such as `usw3`"),
    account("username", Kind::Text, "who logs in"),
    account("password_command", Kind::Command, "command whose first line is the password; an array in the file, 30 s"),
    account("password_file", Kind::Path, "file whose first line is the password"),
    account("password", Kind::Secret, "the password"),
    account("org_id", Kind::Text, "ID of the organisation that the tokens below are for"),
    account(
        "token_command",
        Kind::Command,
        "command whose first line is a new JSON Web Token; an array in the file, 30 s",
    ),
    account("token_file", Kind::Path, "file whose first line is one"),
    setting("expect_org", Kind::Text, "", "organisation ID; a login that lands elsewhere ends with 78"),
    setting(
        "allowed_hosts",
        Kind::Hosts,
        "",
        "hosts outside the login host's domain that a login may lead to; an array in the file",
    ),
    setting("wait", Kind::Switch, "false", "whether `start` waits").flags(&[
        flag("--wait", |cli| match &cli.command {
            Command::Start(start) => start.wait.then_some(Value::Switch(true)),
            // Whether a stop waits is said with it alone.
            Command::Stop(stop) => Some(Value::Switch(stop.wait)),
            _ => None,
        }),
        flag("--no-wait", |cli| start(cli)?.no_wait.then_some(Value::Switch(false))),
        flag("wait", |cli| matches!(cli.command, Command::Wait(_)).then_some(Value::Switch(true))),
    ]),
    setting("timeout", Kind::Duration, "", "how long to wait at most")
        .flags(&[waiting_flag("--timeout", |cli| waiting(cli)?.timeout.map(Value::Duration))]),
    setting("poll_interval", Kind::PollInterval, "", "fixed pause between polls, `100ms` to `1h`")
        .flags(&[waiting_flag("--poll-interval", |cli| waiting(cli)?.poll_interval.map(Value::Duration))]),
    setting("min_poll_interval", Kind::ShortestInterval, "2s", "shortest adaptive pause, `100ms` to `30s`"),
    setting("patience", Kind::Duration, "15m", "how long waiting goes on without a good answer from the service")
        .flags(&[waiting_flag("--patience", |cli| waiting(cli)?.patience.map(Value::Duration))]),
    setting("connect_timeout", Kind::Limit, "10s", "limit for making a connection")
        .flags(&[flag("--connect-timeout", |cli| cli.global.connect_timeout.map(Value::Duration))]),
    setting("request_timeout", Kind::Limit, "30s", "limit for a request that reads")
        .flags(&[flag("--request-timeout", |cli| cli.global.request_timeout.map(Value::Duration))]),
    setting("start_timeout", Kind::Limit, "120s", "limit for a start or stop request")
        .flags(&[flag("--start-timeout", |cli| cli.global.start_timeout.map(Value::Duration))]),
    setting("output", Kind::Output, "text", "`text`, `json` or `jsonl`: see [Output](output.md)")
        .flags(&[flag("--output", |cli| cli.global.output.map(Value::Output))]),
    setting("color", Kind::When, "auto", "`auto`, `always` or `never`")
        .flags(&[flag("--color", |cli| cli.global.color.map(Value::When))]),
    setting("progress", Kind::When, "auto", "`auto`, `always` or `never`: see [Output](output.md)")
        .flags(&[flag("--progress", |cli| cli.global.progress.map(Value::When))]),
    setting("warnings_ok", Kind::Switch, "false", "whether a run with warnings ends with 0").flags(&[waiting_flag(
        "--warnings-ok",
        |cli| match &cli.command {
            Command::Start(start) => start.warnings_ok.then_some(Value::Switch(true)),
            Command::Wait(wait) => wait.warnings_ok.then_some(Value::Switch(true)),
            _ => None,
        },
    )]),
    setting(
        "if_running",
        Kind::IfRunning,
        "start",
        "`start` (the service ends a second instance), `fail` (exit code 8) or `join`",
    )
    .flags(&[flag("--if-running", |cli| start(cli)?.if_running.map(Value::IfRunning))]),
    setting(
        "on_timeout",
        Kind::AtEnd,
        "leave",
        "what happens to the job at `--timeout`: `leave`, `stop` or `clean-stop`",
    )
    .flags(&[waiting_flag("--on-timeout", |cli| start(cli)?.on_timeout.map(Value::AtEnd))]),
    setting("on_signal", Kind::AtEnd, "leave", "the same on Ctrl-C, SIGTERM and SIGHUP")
        .flags(&[waiting_flag("--on-signal", |cli| start(cli)?.on_signal.map(Value::AtEnd))]),
    setting("reconcile_for", Kind::Duration, "90s", "how long the run of a start without an answer is searched for")
        .flags(&[flag("--reconcile-for", |cli| start(cli)?.reconcile_for.map(Value::Duration))]),
    setting("once_dir", Kind::Path, "", "folder for the keys of `--once`; built in is the state folder")
        .flags(&[flag("--once-dir", |cli| once_dir(cli)?.clone().map(Value::Path))]),
    setting("once_keep", Kind::Limit, "400d", "keys that no command has used for this long are removed"),
    setting("session_cache", Kind::Switch, "true", "whether the session is kept for later commands")
        .flags(&[flag("--no-session-cache", |cli| cli.global.no_session_cache.then_some(Value::Switch(false)))]),
    setting("allow_readable_secret", Kind::Switch, "false", "whether a secret may be in a file that others can read"),
    setting("ca_file", Kind::Path, "", "certificates (PEM) to trust besides the platform's"),
    setting("client_cert", Kind::Path, "", "certificate (PEM) that shows the server who calls; needs `client_key`"),
    setting("client_key", Kind::Path, "", "its key (PEM, without a passphrase)"),
    setting("proxy", Kind::Proxy, "", "URL of a proxy in place of `HTTPS_PROXY`, or `none`; see [Networks](#networks)"),
    setting("log_file", Kind::Path, "", "file that gets one JSON line per command")
        .flags(&[flag("--log-file", |cli| cli.global.log_file.clone().map(Value::Path))]),
    Setting {
        section: Section::Compat,
        ..setting(
            "nowait_exit",
            Kind::ExitCode,
            "",
            "in RunAJob's mode, the number for \"accepted\"; is in the table `[compat]`",
        )
    },
];

fn start(cli: &Cli) -> Option<&Start> {
    if let Command::Start(start) = &cli.command { Some(start) } else { None }
}

fn once_dir(cli: &Cli) -> Option<&Option<PathBuf>> {
    match &cli.command {
        Command::Start(start) => Some(&start.once_dir),
        Command::Once(OnceCommand::List { once_dir, .. } | OnceCommand::Forget { once_dir, .. }) => Some(once_dir),
        _ => None,
    }
}

fn waiting(cli: &Cli) -> Option<&Waiting> {
    match &cli.command {
        Command::Start(start) => Some(&start.waiting),
        Command::Stop(stop) => Some(&stop.waiting),
        Command::Wait(wait) => Some(&wait.waiting),
        _ => None,
    }
}

/// The rows of the table in docs/settings.md.
pub fn documentation() -> String {
    SETTINGS.iter().map(Setting::row).collect()
}

/// The setting of a name, or the name nearest to it.
pub(crate) fn find(name: &str) -> Result<&'static Setting, Option<&'static str>> {
    let setting = SETTINGS.iter().find(|setting| setting.name == name);
    setting.ok_or_else(|| near(name, SETTINGS.iter().map(|setting| setting.name)))
}

pub(crate) fn is_account(name: &str) -> bool {
    find(name).is_ok_and(|setting| setting.section == Section::Account)
}

/// The candidate most like a word, if one is.
pub(crate) fn near<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = candidates.map(|candidate| (strsim::jaro_winkler(word, candidate), candidate));
    scored.filter(|(score, _)| *score > 0.8).max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, name)| name)
}
