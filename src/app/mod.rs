//! `runajob` starts, stops and watches jobs of Informatica Intelligent Cloud Services (IICS, IDMC) over its REST API, and
//! ends with an exit code that a script can trust.
//!
//! The modules, in the order in which a reader may want them. [`run`] is the only place that wires them together.

pub mod bootstrap;

use crate::support::secret;
use crate::{cli, commands, compat, settings};
use std::cell::Cell;
use std::ffi::OsString;
use std::path::Path;

use clap::FromArgMatches;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::api::Transport;
use crate::api::client::{Client, Timeouts};
use crate::api::fence::Fenced;
use crate::api::http::{self, Http};
use crate::api::logging::{Exchange, LoggingTransport};
use crate::api::refusals::Refusals;
use crate::api::session::{Access, Session, Store};
use crate::app::bootstrap::{
    asked_console, asked_header, asked_journal, early_console, early_journal, early_style, fail, finish, refuse,
    unless_it_panics, verbs,
};
use crate::cli::{Cli, Command, Compat, Config};
use crate::ops::Ctx;
use crate::output::journal::Journal;
use crate::output::{Console, Header, Report, Streams, Style};
use crate::settings::{Identity, Settings};
use crate::support::clock::{Clock, SystemClock};
use crate::support::env::Env;
use crate::support::exit::{Code, Exit};
use crate::support::failure::Failure;
use crate::support::signals::Signals;

/// What a command runs in. A test puts a manual clock, a service in its own process and buffers in these places.
#[derive(Clone, Copy)]
pub struct World<'w> {
    /// The environment.
    pub env: &'w Env,
    /// Time.
    pub clock: &'w dyn Clock,
    /// Signals to the program.
    pub signals: &'w Signals,
    /// The way to the service; without one, sockets as the settings say.
    pub transport: Option<&'w dyn Transport>,
    /// The standard streams.
    pub streams: &'w Streams<'w>,
}

/// Runs the program with these arguments, the first being its name, in this environment.
pub fn run(args: impl IntoIterator<Item = OsString>, env: &Env) -> Code {
    let args: Vec<OsString> = args.into_iter().collect();
    unless_it_panics(&args, env, || {
        if env.is_of_process() && compat::may_be_asked(&args) {
            // If it fails, the password stays where it is, which its owner is warned of anyway.
            let _ = compat::password::hide(&args, &verbs(&cli::command()));
        }
        begin(&args, env)
    })
}

/// Reads a command line, the first word being the program's name.
pub fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    let matches = cli::command().try_get_matches_from(args)?;
    Cli::from_arg_matches(&matches)
}

/// Commands that talk get a runtime; the others start faster without.
fn begin(args: &[OsString], env: &Env) -> Code {
    let streams = &Streams::PROCESS;
    let cli = match parse(args) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error, args, env, &SystemClock, streams),
    };
    let console = early_console(&cli, env, streams);
    match &cli.command {
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut cli::command(), "runajob", &mut script);
            console.line(String::from_utf8_lossy(&script).trim_end());
            return Exit::Good.into();
        }
        Command::Sandbox(sandbox) if sandbox.print_scenario => {
            console.line(commands::sandbox::DEFAULT_SCENARIO.trim_end());
            return Exit::Good.into();
        }
        _ => {}
    }
    if let Some(code) = at_home(&cli, env, &SystemClock, &console) {
        return code;
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&console, None, &header(&cli), &Failure::new(Exit::Bug, error)),
    };
    let signals = Signals::of_process();
    let world = World { env, clock: &SystemClock, signals: &signals, transport: None, streams };
    let code = runtime.block_on(perform(&cli, world));
    // A name that is still being resolved must not hold the program up.
    runtime.shutdown_background();
    code
}

/// What only reads and writes files.
fn at_home(cli: &Cli, env: &Env, clock: &dyn Clock, console: &Console) -> Option<Code> {
    let journal = || early_journal(cli, env, clock);
    let places = || settings::config_places(cli.global.config.as_deref(), env);
    let result: Result<Box<dyn Report>, Failure> = match &cli.command {
        Command::Config(Config::Path) => Ok(Box::new(commands::config::path(places()))),
        Command::Config(Config::Import { file, password_command }) => {
            let (profile, command) = (cli.global.profile.as_deref(), password_command.as_deref());
            compat::import::import(file, profile, command, &places()).map(|done| Box::new(done) as _)
        }
        Command::Compat(Compat::Install { dir, force }) => {
            compat::install::install(dir, *force).map(|done| Box::new(done) as _)
        }
        _ => return None,
    };
    Some(match result {
        Ok(report) => finish(console, journal().as_ref(), &header(cli), Ok(&*report), false),
        Err(failure) => fail(console, journal().as_ref(), &header(cli), &failure),
    })
}

fn header(cli: &Cli) -> Header {
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
        Command::Config(Config::Import { .. }) => "config import",
        Command::RunAJobCli(_) | Command::Compat(Compat::Run { .. }) => compat::password::VERB,
        Command::Compat(Compat::Install { .. }) => "compat install",
        Command::Sandbox(_) => "sandbox",
        Command::Completions { .. } => "completions",
    };
    Header { command: command.to_owned(), ..Header::default() }
}

/// Runs one command in a world. Boxed, because the sandbox runs another one inside itself.
pub fn perform<'w>(cli: &'w Cli, world: World<'w>) -> LocalBoxFuture<'w, Code> {
    async move {
        let World { env, clock, signals, streams, .. } = world;
        let early = early_console(cli, env, streams);
        if let Some(code) = at_home(cli, env, clock, &early) {
            return code;
        }
        match &cli.command {
            Command::Sandbox(options) => {
                let inner = async |words: Vec<OsString>, env: Env| match parse(&words) {
                    Ok(Cli { command: Command::Sandbox(_), .. }) => {
                        let failure = Failure::of(Exit::Usage, "a sandbox does not run inside a sandbox")
                            .hint("leave the inner `sandbox` out");
                        let journal = asked_journal(&words, &env, clock);
                        let console = asked_console(&words, &env, streams);
                        fail(&console, journal.as_ref(), &asked_header(&words, Exit::Usage), &failure)
                    }
                    Ok(cli) => perform(&cli, World { env: &env, ..world }).await,
                    Err(error) => refuse(&error, &words, &env, clock, streams),
                };
                match commands::sandbox::run(options, env, &early, signals, inner).await {
                    Ok(code) => code,
                    Err(failure) => fail(&early, early_journal(cli, env, clock).as_ref(), &header(cli), &failure),
                }
            }
            Command::RunAJobCli(options) => imitate(cli, &options.words, None, world).await,
            Command::Compat(Compat::Run { script, words }) => imitate(cli, words, Some(script), world).await,
            _ => match settings::resolve(cli, env) {
                Ok(settings) => carry_out(cli, world, &settings, header(cli), None).await,
                Err(error) => fail(&early, early_journal(cli, env, clock).as_ref(), &header(cli), &error.into()),
            },
        }
    }
    .boxed_local()
}

/// RunAJob's mode: its call, translated, is carried out as a start.
async fn imitate(cli: &Cli, words: &[OsString], script: Option<&Path>, world: World<'_>) -> Code {
    let World { env, clock, streams, .. } = world;
    let mut header = header(cli);
    // The settings' output format is for native commands; old scripts expect lines.
    let (output, color) = (cli.global.output.unwrap_or_default(), cli.global.color.unwrap_or_default());
    let style = early_style(output, cli.global.quiet, cli.global.verbose, color, env);
    let account_flags = settings::account_flags(cli);
    let early = streams.console(style, account_flags.clone());
    let call = match compat::Call::read(words, script, &cli.global, env) {
        Ok(compat::Asked::Call(call)) => call,
        Ok(compat::Asked::Help) => {
            return match parse(&["runajob", compat::password::VERB, "--help"].map(OsString::from)) {
                Ok(_) => Exit::Good.into(),
                Err(help) => refuse(&help, &[], env, clock, streams),
            };
        }
        Err(failure) => {
            header.code = Some(compat::early_number(failure.exit));
            early.lines(&compat::failed(None, &failure, &account_flags));
            return fail(&early, early_journal(cli, env, clock).as_ref(), &header, &failure);
        }
    };
    let settings = settings::resolve(&call.cli, env).map_err(Failure::from);
    match settings.and_then(|settings| call.adapt(settings)) {
        Ok(settings) => carry_out(&call.cli, world, &settings, header, Some(&call)).await,
        Err(failure) => {
            header.code = Some(compat::early_number(failure.exit));
            call.announce(&early);
            early.lines(&compat::failed(Some(call.task()), &failure, &account_flags));
            fail(&early, early_journal(cli, env, clock).as_ref(), &header, &failure)
        }
    }
}

/// Carries out a command that has its settings, and says what came of it.
async fn carry_out(
    cli: &Cli,
    world: World<'_>,
    settings: &Settings,
    mut header: Header,
    call: Option<&compat::Call>,
) -> Code {
    let World { env, clock, streams, .. } = world;
    let journal = settings.log_file.clone().map(|file| Journal::new(file, env, clock));
    header.profile.clone_from(&settings.profile);
    let &Settings { output, color, progress, .. } = settings;
    let style = Style::new(output, cli.global.quiet, cli.global.verbose, color, progress, env);
    let console = streams.console(style, settings.account_flags.clone());
    for note in &settings.notes {
        console.note(note);
    }
    if let Some(call) = call {
        call.announce(&console);
    }
    let result = match &cli.command {
        Command::Config(Config::Show) => Ok(Box::new(commands::config::show(settings)) as Box<dyn Report>),
        command => match commands::validate(command) {
            Ok(()) => talk(cli, world, settings, &console, &mut header, call).await,
            Err(failure) => Err(failure),
        },
    };
    let result = result.as_ref().map(Box::as_ref);
    let exit = result.map_or_else(|failure| failure.exit, Report::exit);
    header.code = call.map(|call| call.number(exit, settings));
    if let Err(failure) = &result {
        console.clear();
        console.failure(failure);
        if let Some(call) = call {
            console.lines(&compat::failed(Some(call.task()), failure, &settings.account_flags));
        }
    }
    finish(&console, journal.as_ref(), &header, result, settings.wait)
}

/// Builds the service and hands it to the command.
async fn talk(
    cli: &Cli,
    world: World<'_>,
    settings: &Settings,
    console: &Console,
    header: &mut Header,
    call: Option<&compat::Call>,
) -> Result<Box<dyn Report>, Failure> {
    let World { env, clock, signals, transport, .. } = world;
    let deadline = settings.timeout.filter(|_| settings.wait).map(|timeout| clock.now() + timeout);
    let identity = settings.identity()?;
    let options = http::Options {
        connect_timeout: settings.connect_timeout,
        ca_file: settings.ca_file.clone(),
        proxy: settings.proxy.clone(),
    };
    let http = Http::new(&options).map_err(|error| Failure::new(Exit::Config, error).hint("correct the setting"))?;
    let known = Cell::new(false);
    let tell = |exchange: &Exchange| tell(console, exchange, &known);
    let fenced = Fenced { inner: transport.unwrap_or(&http), only: settings.sandbox.as_ref() };
    let logging = LoggingTransport { inner: &fenced, clock, tell: &tell };
    let fetch = || -> LocalBoxFuture<'_, Result<secret::Secret, Failure>> {
        async {
            match identity {
                Identity::Password { source, .. } => Ok(source.fetch(clock).await?),
                Identity::Session { session, .. } => Ok(session.clone()),
            }
        }
        .boxed_local()
    };
    let access = match identity {
        Identity::Password { login_url, username, .. } => {
            let login_url = login_url.to_string();
            let folder = state_folder(settings, env, console);
            let kept = folder.filter(|_| settings.session_cache);
            let store = kept.map(|folder| Store::new(folder, &login_url, username));
            let refusals = folder.map(|folder| Refusals::new(folder, &login_url, username));
            Access::Password { login_url, username: username.clone(), password: &fetch, store, refusals }
        }
        Identity::Session { server_url, session } => {
            Access::Ready(Session { server_url: server_url.clone(), id: session.clone(), org: None, user: None })
        }
    };
    let timeouts = Timeouts { read: settings.request_timeout, start: settings.start_timeout };
    let client = Client::new(&logging, clock, access, timeouts, settings.expect_org.clone());
    client.set_deadline(deadline);
    let verb = self::header(cli).command;
    let ctx = Ctx { client: &client, clock, console, settings, env, signals, deadline, verb: &verb };
    let result = command(&ctx, &cli.command, call).await;
    client.leave().await;
    header.org = client.org();
    header.sandbox = client.is_sandbox();
    result
}

/// The state folder. Without one, warns once of all that is lost.
fn state_folder<'s>(settings: &'s Settings, env: &Env, console: &Console) -> Option<&'s Path> {
    let why = match settings.state_folder() {
        Ok(folder) => return Some(folder),
        // No later command can ask a sandbox that ends with this one.
        Err(_) if env.is_private() => return None,
        Err(why) => why,
    };
    let session = if settings.session_cache { "the session is not kept and " } else { "" };
    let lost = format!("{session}a refused password is not remembered");
    console.warn(&format!("{lost}, because {why}; set RUNAJOB_STATE_DIR to a folder that can be written"));
    None
}

async fn command(ctx: &Ctx<'_>, command: &Command, call: Option<&compat::Call>) -> Result<Box<dyn Report>, Failure> {
    Ok(match command {
        Command::Start(start) => {
            let sent_at = ctx.clock.utc();
            match (commands::start::run(ctx, start).await, call) {
                (result, None) => Box::new(result?),
                (Ok(runs), Some(call)) => Box::new(call.report(runs, ctx.settings, sent_at, ctx.console)),
                (Err(failure), Some(call)) => return Err(call.explain(failure)),
            }
        }
        Command::Stop(stop) => Box::new(commands::stop::run(ctx, stop).await?),
        Command::Wait(wait) => Box::new(commands::wait::run(ctx, wait).await?),
        Command::Status(status) => commands::status::run(ctx, status).await?,
        Command::Find(find) => Box::new(commands::find::run(ctx, find).await?),
        Command::Login => Box::new(commands::login::login(ctx).await?),
        Command::Logout => Box::new(commands::login::logout(ctx).await?),
        Command::Config(Config::Show) => Box::new(commands::config::show(ctx.settings)),
        Command::Config(Config::Path | Config::Check | Config::Import { .. })
        | Command::Doctor
        | Command::Sandbox(_)
        | Command::RunAJobCli(_)
        | Command::Compat(_)
        | Command::Completions { .. } => Box::new(commands::login::check(ctx).await?),
    })
}

/// Says that the sandbox answers, once, and with `--verbose` what every request came to.
fn tell(console: &Console, exchange: &Exchange, known: &Cell<bool>) {
    if exchange.sandbox && !known.replace(true) {
        console.note("SANDBOX: a simulated service answers; no real job runs");
    }
    if console.style().verbose > 0 {
        let Exchange { method, url, outcome, took, .. } = exchange;
        // Behind scheme and host, the path begins with the third slash.
        let path = url.match_indices('/').nth(2).map_or(0, |(place, _)| place);
        let shown = if console.style().verbose > 1 { url.as_str() } else { &url[path..] };
        console.note(&format!("{method} {shown} {outcome} {}ms", took.as_millis()));
    }
}
