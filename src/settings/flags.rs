//! The settings that flags give, and those that make no sense as flags. Leaves every other source to `mod`.

use crate::cli::{Cli, Command, Waiting};
use crate::settings::keys::Value;
use crate::settings::{Error, Origin, Values};

pub(crate) fn flags(cli: &Cli) -> Values {
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
pub(crate) fn needs_waiting(cli: &Cli, wait: bool) -> Result<(), Error> {
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

pub(crate) fn account_flags(cli: &Cli) -> String {
    let config = cli.global.config.as_ref().map(|path| path.display().to_string());
    let given = [("--profile", &cli.global.profile), ("--config", &config)].into_iter();
    let given = given.filter_map(|(flag, value)| Some(format!(" {flag} {}", shell_words::quote(value.as_ref()?))));
    given.collect()
}
