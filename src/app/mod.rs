//! From the command line to the exit code. [`run`] and [`perform`] are the full chain: they parse the arguments, sort the
//! command into one of the four plans of [`plan`], and call the one function that carries that plan out.

mod access;
pub mod bootstrap;
pub mod offline;
pub mod plan;
mod prepare;
pub mod service;
pub mod world;

use std::ffi::OsString;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::app::plan::Plan;
pub use crate::app::world::World;
pub use crate::cli::parse;
use crate::cli::{Cli, Sandbox, Start};
use crate::ops::ctx::Ctx;
use crate::output::journal::Beginning;
use crate::output::{Console, Header, Streams};
use crate::settings::Settings;
use crate::support::clock::SystemClock;
use crate::support::env::Env;
use crate::support::exit::{Code, Exit};
use crate::support::failure::Failure;
use crate::support::signals::Signals;
use crate::{commands, compat};

/// Runs the program with these arguments, the first being its name, in this environment.
pub fn run(args: impl IntoIterator<Item = OsString>, env: &Env) -> Code {
    let args: Vec<OsString> = args.into_iter().collect();
    let streams = &Streams::PROCESS;
    let began = Beginning::now(&SystemClock);
    bootstrap::unless_it_panics(&args, env, began, streams, || {
        compat::password::hide_from_other_users(&args, env);
        let cli = match parse(&args) {
            Ok(cli) => cli,
            Err(error) => return bootstrap::refuse(&error, &args, None, env, began, streams),
        };
        let signals = Signals::of_process();
        match dispatch(&cli, World { env, clock: &SystemClock, signals: &signals, transport: None, streams }) {
            Dispatched::Done(code) => code,
            Dispatched::Async(work) => bootstrap::block_on(work).unwrap_or_else(|error| {
                let failure =
                    Failure::new(Exit::Config, error).context("cannot wait for the network; nothing was started");
                let failure = failure.hint("allow more open files, as with: ulimit -n 64");
                bootstrap::fail(&args, &failure, env, began, streams)
            }),
        }
    })
}

/// Runs one parsed command. `sandbox -- COMMAND` comes here again with the inner command, and tests bring their own world.
pub async fn perform(cli: &Cli, world: World<'_>) -> Code {
    match dispatch(cli, world) {
        Dispatched::Done(code) => code,
        Dispatched::Async(work) => work.await,
    }
}

/// Offline commands are done at once, because they start faster without a runtime. The others are futures that need one.
enum Dispatched<'w> {
    Done(Code),
    Async(LocalBoxFuture<'w, Code>),
}

/// Every command passes through this `match`, and only through this one.
fn dispatch<'w>(cli: &'w Cli, world: World<'w>) -> Dispatched<'w> {
    let work = match Plan::of(&cli.command) {
        Plan::Offline(verb) => return Dispatched::Done(offline::run(verb, cli, world)),
        Plan::Service(verb) => service::run(verb, cli, world).boxed_local(),
        Plan::Sandbox(options) => sandbox(options, cli, world).boxed_local(),
        Plan::Compat(words) => runajob_mode(words, cli, world).boxed_local(),
    };
    Dispatched::Async(work)
}

/// Serves the sandbox. A verb after `--` goes through the same dispatch, with the global options that are given before `--`.
async fn sandbox(options: &Sandbox, cli: &Cli, world: World<'_>) -> Code {
    let World { env, clock, signals, streams, .. } = world;
    let began = Beginning::now(clock);
    let verb = async |words: Vec<OsString>, env: Env| match parse(&words) {
        Ok(inner) => {
            let inner = Cli { global: inner.global.or(&cli.global), ..inner };
            perform(&inner, World { env: &env, ..world }).await
        }
        Err(error) => bootstrap::refuse(&error, &words, cli.global.output, &env, Beginning::now(clock), streams),
    };
    let console = bootstrap::console(&cli.global, env, clock, streams);
    let result = if env.is_private() {
        Err(Failure::of(Exit::Usage, "a sandbox cannot run inside a sandbox")
            .hint("omit the inner `sandbox --`: the command after it runs against the outer sandbox"))
    } else {
        commands::sandbox::run(options, env, &console, signals, verb).await
    };
    result.unwrap_or_else(|failure| {
        prepare::finish_without_settings(plan::SANDBOX, began, Err(&failure), &console, cli, world)
    })
}

/// Runs RunAJob's mode, and hands it the native `start`, which is all that it needs of the program.
async fn runajob_mode(words: compat::Words<'_>, cli: &Cli, world: World<'_>) -> Code {
    let start = async |start: &Start, settings: &Settings, console: &Console<'_>, header: &mut Header| {
        let work = async |ctx: &Ctx<'_>| Box::pin(commands::start::run(ctx, start)).await;
        service::with_client("start", settings, console, world, header, work).await
    };
    compat::run(words, &cli.global, world.env, world.clock, world.streams, start).await
}
