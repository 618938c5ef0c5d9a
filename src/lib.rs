//! `runajob` starts, stops and watches jobs of Informatica Intelligent Cloud Services (IICS, IDMC) over its REST API, and
//! ends with an exit code that a script can trust.
//!
//! The modules, in the order in which a reader may want them. [`run`] is the only place that wires them together.

pub mod cli;
pub mod commands;
pub mod wait;

pub mod api;
pub mod output;
pub mod settings;

pub mod duration;
pub mod env;
pub mod exit;
pub mod failure;
pub mod job;
pub mod secret;

pub mod clock;
pub mod signals;

pub mod sandbox;

use std::cell::Cell;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::FromArgMatches;
use clap::error::ErrorKind;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use api::http::{self, Http};
use api::service::{Limits, Service};
use api::session::{Access, Session, Store};
use api::traced::{Exchange, Traced};
use cli::{Cli, Command, Config, Output};
use clock::{Clock, SystemClock};
use commands::Ctx;
use env::Env;
use exit::Exit;
use failure::Failure;
use output::{Console, Facts, Report, Style};
use settings::{Identity, Settings};
use signals::Signals;

/// Runs the program with these arguments, the first being its name, in this environment.
pub fn run(args: impl IntoIterator<Item = OsString>, env: &Env) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    match parse(&args) {
        Ok(cli) => unless_it_panics(&args, env, || begin(&cli, env)),
        Err(error) => refuse(&error, &args, env),
    }
}

fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    let matches = cli::command().try_get_matches_from(args)?;
    Cli::from_arg_matches(&matches)
}

/// A help text that was asked for, or a usage error: clap's text on stderr and, where JSON is wanted, a document.
fn refuse(error: &clap::Error, args: &[OsString], env: &Env) -> Exit {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // A reader that has gone away is no failure.
        let _ = error.print();
        return Exit::Good;
    }
    let text = error.to_string();
    let console = early_console(args, env);
    console.alarm(text.trim_end());
    let what = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let failure = Failure::of(Exit::Usage, what).fix("see `runajob --help`");
    console.result(&early_facts(args), Err(&failure), false);
    Exit::Usage
}

/// A console for what goes wrong before the settings are known.
fn early_console(args: &[OsString], env: &Env) -> Console {
    let words: Vec<&str> = args.iter().take_while(|word| *word != "--").filter_map(|word| word.to_str()).collect();
    let flag = words.iter().any(|word| matches!(*word, "-ojson" | "-o=json" | "--output=json"));
    let pair = words.windows(2).any(|pair| matches!(pair, ["-o" | "--output", "json"]));
    let json = flag || pair || env.get(env::OUTPUT) == Some("json");
    let output = if json { Output::Json } else { Output::Text };
    let style = Style::new(output, false, 0, cli::When::Auto, cli::When::Never, env);
    Console::new(style, Box::new(std::io::stdout()), Box::new(std::io::stderr()))
}

fn early_facts(args: &[OsString]) -> Facts {
    let known = cli::command();
    let names: Vec<&str> = known.get_subcommands().map(clap::Command::get_name).collect();
    let verb = args.iter().skip(1).filter_map(|word| word.to_str()).find(|word| names.contains(word));
    Facts { command: verb.unwrap_or_default().to_owned(), ..Facts::default() }
}

/// A panic is a bug: it is said where, but not with what words, because they may hold a secret.
fn unless_it_panics(args: &[OsString], env: &Env, work: impl FnOnce() -> Exit) -> Exit {
    let place = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let heard = std::sync::Arc::clone(&place);
    std::panic::set_hook(Box::new(move |panic| {
        if let (Some(location), Ok(mut place)) = (panic.location(), heard.lock()) {
            *place = location.to_string();
        }
    }));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let place = place.lock().map(|place| place.clone()).unwrap_or_default();
        let failure = Failure::of(Exit::Bug, format!("a bug in runajob, at {place}"))
            .fix("whether a job was started is not known: look with `runajob status`, and report the place");
        let console = early_console(args, env);
        console.failure(&failure);
        console.result(&early_facts(args), Err(&failure), false);
        Exit::Bug
    })
}

/// Commands that talk get a runtime; the others start faster without.
fn begin(cli: &Cli, env: &Env) -> Exit {
    match &cli.command {
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut cli::command(), "runajob", &mut std::io::stdout());
            return Exit::Good;
        }
        Command::Sandbox(sandbox) if sandbox.print_scenario => {
            finish_early(cli, env).line(sandbox::DEFAULT_SCENARIO.trim_end());
            return Exit::Good;
        }
        Command::Config(Config::Path) => {
            let places = settings::config_places(cli.global.config.as_deref(), env);
            let report = commands::config::path(places);
            finish_early(cli, env).result(&facts(cli), Ok(&report), false);
            return report.exit();
        }
        _ => {}
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&finish_early(cli, env), &facts(cli), &Failure::new(Exit::Bug, error)),
    };
    let exit = runtime.block_on(converse(cli, env));
    // A name that is still being resolved must not hold the program up.
    runtime.shutdown_background();
    exit
}

fn finish_early(cli: &Cli, env: &Env) -> Console {
    let global = &cli.global;
    let style = Style::new(
        global.output.unwrap_or_default(),
        global.quiet,
        global.verbose,
        global.color.unwrap_or_default(),
        cli::When::Never,
        env,
    );
    Console::new(style, Box::new(std::io::stdout()), Box::new(std::io::stderr()))
}

fn fail(console: &Console, facts: &Facts, failure: &Failure) -> Exit {
    console.failure(failure);
    console.result(facts, Err(failure), false);
    failure.exit
}

fn facts(cli: &Cli) -> Facts {
    let command = match &cli.command {
        Command::Start(_) => "start",
        Command::Stop(_) => "stop",
        Command::Wait(_) => "wait",
        Command::Status(_) => "status",
        Command::Find(_) => "find",
        Command::Login => "login",
        Command::Logout => "logout",
        Command::Config(Config::Path) => "config path",
        Command::Config(Config::Show) => "config show",
        Command::Config(Config::Check) | Command::Doctor => "config check",
        Command::Sandbox(_) => "sandbox",
        Command::Completions { .. } => "completions",
    };
    Facts { command: command.to_owned(), ..Facts::default() }
}

/// Runs one command inside the runtime. Boxed, because the sandbox runs another one inside itself.
fn converse<'a>(cli: &'a Cli, env: &'a Env) -> LocalBoxFuture<'a, Exit> {
    async move {
        let signals = match Signals::new() {
            Ok(signals) => signals,
            Err(error) => return fail(&finish_early(cli, env), &facts(cli), &Failure::new(Exit::Bug, error)),
        };
        if let Command::Sandbox(options) = &cli.command {
            let inner = async |words: Vec<OsString>, env: Env| match parse(&words) {
                Ok(Cli { command: Command::Sandbox(_), .. }) => {
                    let failure = Failure::of(Exit::Usage, "a sandbox does not run inside a sandbox");
                    fail(&early_console(&words, &env), &early_facts(&words), &failure)
                }
                Ok(cli) => converse(&cli, &env).await,
                Err(error) => refuse(&error, &words, &env),
            };
            let console = finish_early(cli, env);
            return match commands::sandbox::run(options, env, &console, &signals, inner).await {
                Ok(exit) => exit,
                Err(failure) => fail(&console, &facts(cli), &failure),
            };
        }
        let mut facts = facts(cli);
        let settings = match settings::resolve(cli, env) {
            Ok(settings) => settings,
            Err(error) => {
                let words: Vec<OsString> =
                    cli.global.output.map(|output| format!("-o{output:?}").to_lowercase().into()).into_iter().collect();
                return fail(&early_console(&words, env), &facts, &error.into());
            }
        };
        facts.profile.clone_from(&settings.profile);
        let style =
            Style::new(settings.output, cli.global.quiet, cli.global.verbose, settings.color, settings.progress, env);
        let console = Console::new(style, Box::new(std::io::stdout()), Box::new(std::io::stderr()));
        for note in &settings.notes {
            console.note(note);
        }
        let waited = settings.wait;
        let result = match &cli.command {
            Command::Config(Config::Show) => Ok(Box::new(commands::config::show(&settings)) as Box<dyn Report>),
            _ => talk(cli, env, &settings, &console, &signals, &mut facts).await,
        };
        facts.warnings = console.warnings();
        let result = result.as_ref().map(Box::as_ref);
        if let Err(failure) = &result {
            console.clear();
            console.failure(failure);
        }
        if let Some(file) = &settings.log_file
            && let Err(error) = log(file, &output::document(&facts, result), env)
        {
            console.warn(&format!("cannot write to {}: {error}", file.display()));
        }
        console.result(&facts, result, waited);
        match result {
            Ok(report) => report.exit(),
            Err(failure) => failure.exit,
        }
    }
    .boxed_local()
}

/// Builds the service and hands it to the command.
async fn talk(
    cli: &Cli,
    env: &Env,
    settings: &Settings,
    console: &Console,
    signals: &Signals,
    facts: &mut Facts,
) -> Result<Box<dyn Report>, Failure> {
    let clock = SystemClock;
    let deadline = settings.timeout.filter(|_| settings.wait).map(|timeout| clock.now() + timeout);
    let identity = settings.identity()?;
    let options = http::Options {
        connect_timeout: settings.connect_timeout,
        ca_file: settings.ca_file.clone(),
        proxy: settings.proxy.clone(),
    };
    let http = Http::new(&options).map_err(|error| Failure::new(Exit::Config, error).fix("correct the setting"))?;
    let known = Cell::new(false);
    let tell = |exchange: &Exchange| tell(console, exchange, &known);
    let traced = Traced { inner: &http, clock: &clock, tell: &tell };
    let fetch = || -> LocalBoxFuture<'_, Result<secret::Secret, Failure>> {
        async {
            match identity {
                Identity::Password { source, .. } => Ok(source.fetch(&SystemClock).await?),
                Identity::Session { session, .. } => Ok(session.clone()),
            }
        }
        .boxed_local()
    };
    let access = match identity {
        Identity::Password { login_url, username, .. } => {
            let login_url = login_url.to_string();
            let folder = settings.state_dir.as_deref().filter(|_| settings.session_cache);
            let store = folder.map(|folder| Store::new(folder, &login_url, username));
            Access::Password { login_url, username: username.clone(), password: &fetch, store }
        }
        Identity::Session { server_url, session } => {
            Access::Ready(Session { server_url: server_url.clone(), id: session.clone(), org: None })
        }
    };
    let limits = Limits { read: settings.request_timeout, start: settings.start_timeout, deadline };
    let service = Service::new(&traced, &clock, access, limits, settings.expect_org.clone());
    let ctx = Ctx { service: &service, clock: &clock, console, settings, env, signals, deadline };
    let result = command(&ctx, &cli.command).await;
    service.leave().await;
    facts.org = service.org();
    facts.sandbox = service.is_sandbox();
    result
}

async fn command(ctx: &Ctx<'_>, command: &Command) -> Result<Box<dyn Report>, Failure> {
    Ok(match command {
        Command::Start(start) => Box::new(commands::start::run(ctx, start).await?),
        Command::Stop(stop) => Box::new(commands::stop::run(ctx, stop).await?),
        Command::Wait(wait) => Box::new(commands::wait::run(ctx, wait).await?),
        Command::Status(status) => commands::status::run(ctx, status).await?,
        Command::Find(find) => Box::new(commands::find::run(ctx, find).await?),
        Command::Login => Box::new(commands::session::login(ctx).await?),
        Command::Logout => Box::new(commands::session::logout(ctx).await?),
        Command::Config(Config::Show) => Box::new(commands::config::show(ctx.settings)),
        Command::Config(Config::Path | Config::Check)
        | Command::Doctor
        | Command::Sandbox(_)
        | Command::Completions { .. } => Box::new(commands::session::check(ctx).await?),
    })
}

/// Says that the sandbox answers, once, and with `--verbose` what every request came to.
fn tell(console: &Console, exchange: &Exchange, known: &Cell<bool>) {
    if exchange.sandbox && !known.replace(true) {
        console.note("SANDBOX: a simulated service answers; no real job runs");
    }
    if console.style().verbose > 0 {
        let Exchange { method, url, outcome, took, .. } = exchange;
        let shown = if console.style().verbose > 1 {
            url.as_str()
        } else {
            url.splitn(4, '/').nth(3).map_or(url.as_str(), |path| path)
        };
        console.note(&format!("{method} {shown} {outcome} {}ms", took.as_millis()));
    }
}

/// Appends one line about the command to the log file.
fn log(file: &std::path::Path, document: &serde_json::Value, env: &Env) -> std::io::Result<()> {
    use std::io::Write;
    let runs = document["runs"].as_array().cloned().unwrap_or_default().into_iter();
    let runs: Vec<serde_json::Value> = runs
        .map(|run| serde_json::json!({"task": run["task"], "handle": run["handle"], "outcome": run["outcome"]}))
        .collect();
    let line = serde_json::json!({
        "time": SystemClock.utc().to_string(),
        "user": env.get("USER").or(env.get("LOGNAME")).or(env.get("USERNAME")),
        "host": host(),
        "command": document["command"],
        "profile": document["profile"],
        "org": document["org"],
        "exit_code": document["exit_code"],
        "runs": runs,
        "error": document["error"]["what"],
    });
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file)?;
    file.write_all(format!("{line}\n").as_bytes())
}

#[cfg(unix)]
fn host() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().map(str::to_owned)
}

#[cfg(not(unix))]
fn host() -> Option<String> {
    None
}
