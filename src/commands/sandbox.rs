//! `sandbox`: serve the simulated service, or run one command against a private one. The only command that names it.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::rc::Rc;

pub use iics_sandbox::DEFAULT_SCENARIO;
use iics_sandbox::{Exchange, Fault, Sandbox, Scenario, serve};
use tokio::net::TcpListener;

use crate::cli::Sandbox as Options;
use crate::output::Console;
use crate::support::clock::{Clock, SystemClock};
use crate::support::env::{self, Env};
use crate::support::exit::{Code, Exit};
use crate::support::failure::Failure;
use crate::support::reading;
use crate::support::signals::Signals;

/// A longer scenario is a mistake, in MiB.
const SCENARIO_LIMIT: u64 = 16;
/// Where the sandbox listens unless it is told otherwise.
const ADDRESS: ([u8; 4], u16) = ([127, 0, 0, 1], 8085);

/// Serves until a signal comes, or runs the inner command and gives its code.
pub async fn run(
    options: &Options,
    env: &Env,
    console: &Console,
    signals: &Signals,
    inner: impl AsyncFnOnce(Vec<OsString>, Env) -> Code,
) -> Result<Code, Failure> {
    let sandbox = Rc::new(RefCell::new(Sandbox::new(scenario(options)?, SystemClock.utc())));
    let mut log = open_log(options)?;
    let alone = options.command.is_empty();
    let address = match options.addr {
        Some(address) => address,
        None if alone => ADDRESS.into(),
        None => (ADDRESS.0, 0).into(),
    };
    if !address.ip().is_loopback() {
        return Err(Failure::of(Exit::Usage, format!("{address} is not a loopback address"))
            .hint("the sandbox is for this machine only: --addr 127.0.0.1:8085"));
    }
    let unusable = |error| {
        Failure::new(Exit::Config, error).context(format!("cannot listen on {address}")).hint("choose another --addr")
    };
    let listener = TcpListener::bind(address).await.map_err(unusable)?;
    let url = format!("http://{}", listener.local_addr().map_err(unusable)?);
    let told = |exchange: &Exchange| {
        if alone {
            console.note(&exchange.to_string());
        }
        if let Some(log) = &mut log {
            // A full disk must not end the service; the file is for reading afterwards.
            let _ = writeln!(log, "{}", exchange.json());
        }
    };
    let now = || SystemClock.utc();
    if alone {
        for (name, value) in account(&url) {
            console.line(&format!("export {name}={value}"));
        }
        serve(listener, sandbox, now, told, async {
            signals.next().await;
        })
        .await;
        return Ok(Exit::Good.into());
    }
    let words = std::iter::once("runajob".to_owned()).chain(options.command.clone()).map(OsString::from).collect();
    let mut code = Exit::Good.into();
    let command = async { code = inner(words, env.with_only(account(&url))).await };
    serve(listener, sandbox, now, told, command).await;
    Ok(code)
}

/// The account of the sandbox, and the word that keeps whatever has it from asking any other service.
fn account(url: &str) -> [(&'static str, &str); 4] {
    [("RUNAJOB_LOGIN_URL", url), ("RUNAJOB_USERNAME", "sandbox"), ("RUNAJOB_PASSWORD", "sandbox"), (env::SANDBOX, url)]
}

fn scenario(options: &Options) -> Result<Scenario, Failure> {
    let mut scenario = match &options.scenario {
        None => Scenario::built_in(),
        Some(path) => {
            let name = path.display().to_string();
            let text = reading::file(path, SCENARIO_LIMIT).map_err(|why| {
                Failure::of(Exit::Config, why).context(format!("cannot read {name}")).hint("check the path")
            })?;
            Scenario::parse(&text).map_err(|error| {
                Failure::new(Exit::Config, error)
                    .context(format!("{name} is not a scenario"))
                    .hint("`runajob sandbox --print-scenario` shows one")
            })?
        }
    };
    for spec in &options.fault {
        let fault: Fault = spec.parse().map_err(|error| {
            Failure::new(Exit::Usage, error).hint("`runajob sandbox --print-scenario` explains the faults at its end")
        })?;
        scenario.faults.push(fault);
    }
    Ok(scenario)
}

fn open_log(options: &Options) -> Result<Option<File>, Failure> {
    let open = |path| File::options().create(true).append(true).open(path);
    options.request_log.as_ref().map(open).transpose().map_err(|error| {
        Failure::new(Exit::Config, error).context("cannot write the request log").hint("choose another --request-log")
    })
}
