//! Runs the verbs that talk to the service: resolves the settings, builds the transport and the client, runs the verb and
//! prints its result.

use std::cell::Cell;
use std::path::Path;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::api::client::{Client, Timeouts};
use crate::api::error::SecretError;
use crate::api::fence::Fenced;
use crate::api::http::{self, Http};
use crate::api::logging::{LoggedRequest, LoggingTransport};
use crate::api::sessions::Access;
use crate::api::sessions::refusals::Refusals;
use crate::api::sessions::session::Session;
use crate::api::sessions::store::Store;
use crate::app::plan::ServiceVerb;
use crate::app::prepare::Prepared;
use crate::app::world::World;
use crate::cli::Cli;
use crate::commands;
use crate::ops::ctx::Ctx;
use crate::output::{Console, Header, Report, reports};
use crate::settings::{Identity, Settings};
use crate::support::env::Env;
use crate::support::exit::{Code, Exit};
use crate::support::failure::Failure;
use crate::support::masked::without_user_info;
use crate::support::secret::Secret;
use crate::support::state;

pub(crate) async fn run(verb: ServiceVerb<'_>, cli: &Cli, world: World<'_>) -> Code {
    let mut prepared = match Prepared::new(verb.name(), cli, world) {
        Ok(prepared) => prepared,
        Err(code) => return code,
    };
    let Prepared { settings, console, header, .. } = &mut prepared;
    // A command line that makes no sense is refused even if no account is set up.
    let result = match validate(verb).and_then(|()| reports::check(verb.reports(), world.env)) {
        Ok(()) => {
            let work = async |ctx: &Ctx<'_>| carry_out(verb, ctx).await;
            with_client(verb.name(), settings, console, world, header, work).await
        }
        Err(failure) => Err(failure),
    };
    prepared.write_reports(verb.reports(), &result);
    let waited = prepared.settings.wait;
    prepared.finish(&result, waited)
}

fn validate(verb: ServiceVerb<'_>) -> Result<(), Failure> {
    match verb {
        ServiceVerb::Start(start) => commands::start::validate(start),
        ServiceVerb::Stop(stop) => commands::stop::validate(stop),
        ServiceVerb::Wait(wait) => commands::wait::validate(wait),
        ServiceVerb::Status(status) => commands::status::validate(status),
        ServiceVerb::History(history) => commands::history::validate(history),
        ServiceVerb::Logs(logs) => commands::logs::validate(logs),
        ServiceVerb::Find(_) | ServiceVerb::Login | ServiceVerb::Logout | ServiceVerb::ConfigCheck => Ok(()),
    }
}

async fn carry_out(verb: ServiceVerb<'_>, ctx: &Ctx<'_>) -> Result<Box<dyn Report>, Failure> {
    Ok(match verb {
        ServiceVerb::Start(start) => Box::new(Box::pin(commands::start::run(ctx, start)).await?),
        ServiceVerb::Stop(stop) => Box::new(commands::stop::run(ctx, stop).await?),
        ServiceVerb::Wait(wait) => Box::new(commands::wait::run(ctx, wait).await?),
        ServiceVerb::Status(status) => commands::status::run(ctx, status).await?,
        ServiceVerb::History(history) => Box::new(commands::history::run(ctx, history).await?),
        ServiceVerb::Logs(logs) => Box::new(commands::logs::run(ctx, logs).await?),
        ServiceVerb::Find(find) => Box::new(commands::find::run(ctx, find).await?),
        ServiceVerb::Login => Box::new(commands::login::run(ctx).await?),
        ServiceVerb::Logout => Box::new(commands::logout::run(ctx).await?),
        ServiceVerb::ConfigCheck => Box::new(commands::config::check(ctx).await?),
    })
}

/// Builds the client, does the work of a verb with it, and notes in the header which organisation answered.
pub(crate) async fn with_client<T>(
    verb: &str,
    settings: &Settings,
    console: &Console<'_>,
    world: World<'_>,
    header: &mut Header,
    work: impl AsyncFnOnce(&Ctx<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let World { env, clock, signals, transport, .. } = world;
    let deadline = settings.timeout.filter(|_| settings.wait).map(|timeout| clock.now() + timeout);
    let identity = settings.identity()?;
    let options = http::Options {
        connect_timeout: settings.connect_timeout,
        ca_file: settings.ca_file.clone(),
        proxy: settings.proxy.clone(),
    };
    let http = Http::new(&options).map_err(|error| Failure::new(Exit::Config, error).hint("correct the setting"))?;
    let announced = Cell::new(false);
    let log = |request: &LoggedRequest| show(console, request, &announced);
    let fenced = Fenced { inner: transport.unwrap_or(&http), only: settings.sandbox.as_ref() };
    let logging = LoggingTransport { inner: &fenced, clock, log: &log };
    let fetch = || -> LocalBoxFuture<'_, Result<Secret, SecretError>> {
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
            warn_of_open_folder(settings, console);
            // A kept session shows that the folder can be written, at less cost than trying it.
            let is_kept = |folder: &&Path| settings.session_cache && Store::new(folder, &login_url, username).is_kept();
            let folder = settings.state_dir.as_deref().filter(is_kept).or_else(|| state_folder(settings, env, console));
            let store =
                folder.filter(|_| settings.session_cache).map(|folder| Store::new(folder, &login_url, username));
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
    let ctx = Ctx { client: &client, clock, console, settings, env, signals, deadline, verb };
    let result = work(&ctx).await;
    client.leave().await;
    header.org = client.org();
    header.sandbox = client.is_sandbox();
    result
}

/// The state folder. Without one, a single warning names everything that does not work.
fn state_folder<'s>(settings: &'s Settings, env: &Env, console: &Console<'_>) -> Option<&'s Path> {
    let why = match settings.state_folder() {
        Ok(folder) => return Some(folder),
        // The sandbox ends with this command, so no later command could use what is stored.
        Err(_) if env.is_private() => return None,
        Err(why) => why,
    };
    let session = if settings.session_cache { "the session is not kept and " } else { "" };
    let lost = format!("{session}a refused password is not remembered");
    console.warn(&format!("{lost}, because {why}; set RUNAJOB_STATE_DIR to a folder that can be written"));
    None
}

fn warn_of_open_folder(settings: &Settings, console: &Console<'_>) {
    if let Some(folder) = &settings.state_dir
        && let Some(mode) = state::mode_open_to_others(folder)
    {
        let shown = folder.display().to_string();
        console.warn(&format!(
            "others can write into the state folder {shown}, which has mode {mode:03o}: chmod 700 {}",
            shell_words::quote(&shown)
        ));
    }
}

/// Prints once that the sandbox answers, and with `--verbose` the outcome of every request.
fn show(console: &Console<'_>, request: &LoggedRequest, announced: &Cell<bool>) {
    if request.sandbox && !announced.replace(true) {
        console.note("SANDBOX: a simulated service answers; no real job runs");
    }
    if console.style().verbose > 0 {
        let LoggedRequest { method, url, outcome, took, .. } = request;
        // The third slash ends scheme and host and begins the path.
        let path = url.match_indices('/').nth(2).map_or(0, |(place, _)| place);
        let shown = if console.style().verbose > 1 { without_user_info(url) } else { url[path..].to_owned() };
        console.note(&format!("{method} {shown} {outcome} {}ms", took.as_millis()));
    }
}
