//! Runs the verbs that talk to the service: resolves the settings, builds the transport and the client, runs the verb and
//! prints its result.

use std::cell::Cell;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::api::client::{Client, Timeouts};
use crate::api::error::SecretError;
use crate::api::fence::Fenced;
use crate::api::http::{self, Http};
use crate::api::logging::{LoggedRequest, LoggingTransport};
use crate::api::observing::{Observer, ObservingTransport};
use crate::app::access;
use crate::app::plan::ServiceVerb;
use crate::app::prepare::Prepared;
use crate::app::world::World;
use crate::cli::Cli;
use crate::commands;
use crate::ops::ctx::Ctx;
use crate::output::{Console, Header, Report, reports};
use crate::settings::Settings;
use crate::support::env;
use crate::support::exit::{Code, Exit};
use crate::support::failure::Failure;
use crate::support::masked::without_user_info;
use crate::support::secret::Secret;

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
        ServiceVerb::Probe { task, options } => commands::config::validate(task, options),
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
        ServiceVerb::Probe { task, options } => Box::new(Box::pin(commands::config::probe(ctx, task, options)).await?),
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
        client_certificate: settings.client_certificate.clone(),
        proxy: settings.proxy.clone(),
        no_proxy: env.get(env::NO_PROXY).map(str::to_owned),
    };
    let http = Http::new(&options).map_err(|error| Failure::new(Exit::Config, error).hint("correct the setting"))?;
    let announced = Cell::new(false);
    let log = |request: &LoggedRequest| show(console, request, &announced);
    let fenced = Fenced { inner: transport.unwrap_or(&http), only: settings.sandbox.as_ref() };
    let logging = LoggingTransport { inner: &fenced, clock, log: &log };
    let observer = Observer::default();
    let observing = ObservingTransport { inner: &logging, clock, observer: &observer };
    let secret = || -> LocalBoxFuture<'_, Result<Secret, SecretError>> {
        async { Ok(identity.secret(clock).await?) }.boxed_local()
    };
    let warn = |text: &str| console.warn(text);
    let access = access::of(identity, settings, env, console, access::Hooks { secret: &secret, warn: &warn });
    let timeouts =
        Timeouts { connect: settings.connect_timeout, read: settings.request_timeout, start: settings.start_timeout };
    let client = Client::new(&observing, clock, access, timeouts, settings.expect_org.clone());
    client.set_deadline(deadline);
    let ctx = Ctx { client: &client, clock, console, settings, env, signals, observer: &observer, deadline, verb };
    let result = work(&ctx).await;
    client.leave().await;
    header.org = client.org();
    header.sandbox = client.is_sandbox();
    result
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
