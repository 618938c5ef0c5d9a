//! `sandbox`: serves the simulated service, or runs any command against a private one.

use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitStatus;
use std::rc::Rc;

pub use iics_sandbox::DEFAULT_SCENARIO;
use iics_sandbox::{Exchange, Fault, Scenario, serve};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::cli::{self, Sandbox};
use crate::output::Console;
use crate::support::clock::{Clock, SystemClock};
use crate::support::env::{self, Env};
use crate::support::exit::{Code, Exit};
use crate::support::failure::Failure;
use crate::support::reading;
use crate::support::signals::{Signal, Signals};

/// A longer scenario is a mistake, in MiB.
const SCENARIO_LIMIT: u64 = 16;
/// Where the sandbox listens without `--addr`.
const ADDRESS: ([u8; 4], u16) = ([127, 0, 0, 1], 8085);

/// Serves until a signal comes, or runs a command and gives its code. `verb` runs a command line of runajob in an environment.
pub async fn run(
    options: &Sandbox,
    env: &Env,
    console: &Console<'_>,
    signals: &Signals,
    verb: impl AsyncFnOnce(Vec<OsString>, Env) -> Code,
) -> Result<Code, Failure> {
    let sandbox = Rc::new(RefCell::new(iics_sandbox::Sandbox::new(scenario(options)?, SystemClock.utc())));
    let mut log = open_log(options)?;
    let listener = listen(options).await?;
    let url = format!("http://{}", listener.local_addr().map_err(|error| Failure::new(Exit::Config, error))?);
    let is_served = options.command.is_empty();
    let note = |exchange: &Exchange| {
        if is_served {
            console.note(&exchange.to_string());
        }
        if let Some(log) = &mut log {
            // A full disk must not end the service; the file is for reading afterwards.
            let _ = writeln!(log, "{}", exchange.json());
        }
    };
    let now = || SystemClock.utc();
    let Some((first, rest)) = options.command.split_first() else {
        signals.listen();
        for (name, value) in account(&url) {
            console.print(&[format!("export {name}={value}").into()]);
        }
        console.note(&format!("serving a simulated service at {url}; Ctrl-C ends it"));
        serve(listener, sandbox, now, note, async { _ = signals.next().await }).await;
        return Ok(Exit::Good.into());
    };
    // Anything else is a program.
    let is_verb = first.as_encoded_bytes().starts_with(b"-") || cli::is_verb(first);
    // A verb works without a state folder, as in a container that has nothing but this program.
    let home = match Home::new() {
        Err(_) if is_verb => None,
        home => Some(home?),
    };
    let mut result = Ok(Exit::Good.into());
    let command = async {
        let variables = variables(home.as_ref(), &url);
        result = if is_verb {
            let words = [OsString::from("runajob")].into_iter().chain(options.command.iter().cloned()).collect();
            let text = |(name, value): (&'static str, OsString)| (name, value.to_string_lossy().into_owned());
            Ok(verb(words, env.private(variables.into_iter().map(text))).await)
        } else {
            program(first, rest, env, &variables, signals).await
        };
    };
    serve(listener, sandbox, now, note, command).await;
    result
}

async fn listen(options: &Sandbox) -> Result<TcpListener, Failure> {
    let address: SocketAddr = match options.addr {
        Some(address) => address,
        None if options.command.is_empty() => ADDRESS.into(),
        None => (ADDRESS.0, 0).into(),
    };
    if !address.ip().is_loopback() {
        return Err(Failure::of(Exit::Usage, format!("{address} is not a loopback address"))
            .hint("the sandbox is for this machine only: runajob sandbox --addr 127.0.0.1:8085"));
    }
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(Exit::Config, error)
            .context(format!("cannot listen on {address}"))
            .hint("choose another address, or any free port: runajob sandbox --addr 127.0.0.1:0")
    })
}

/// The account of the sandbox, and the variable that keeps whatever has it from asking any other service.
fn account(url: &str) -> [(&'static str, &str); 4] {
    [("RUNAJOB_LOGIN_URL", url), ("RUNAJOB_USERNAME", "sandbox"), ("RUNAJOB_PASSWORD", "sandbox"), (env::SANDBOX, url)]
}

/// A folder for the configuration and the state of one command, which goes with it.
struct Home(TempDir);

impl Home {
    const CONFIG: &str = "config.toml";
    const STATE: &str = "state";

    fn new() -> Result<Self, Failure> {
        let make = || {
            let folder = TempDir::with_prefix("runajob-sandbox-")?;
            File::create(folder.path().join(Self::CONFIG))?;
            std::fs::create_dir(folder.path().join(Self::STATE))?;
            Ok(Self(folder))
        };
        make().map_err(|error: std::io::Error| {
            Failure::new(Exit::Config, error)
                .context("cannot make a temporary folder for the command's state")
                .hint("name a writable folder with the variable TMPDIR")
        })
    }
}

/// The variables of a command against the sandbox at this URL.
fn variables(home: Option<&Home>, url: &str) -> Vec<(&'static str, OsString)> {
    let mut variables: Vec<_> = account(url).into_iter().map(|(name, value)| (name, value.into())).collect();
    match home {
        Some(Home(folder)) => {
            variables.push((env::CONFIG, folder.path().join(Home::CONFIG).into()));
            variables.push((env::STATE_DIR, folder.path().join(Home::STATE).into()));
        }
        // Set to nothing, so that the user's own files are not read either.
        None => variables.extend(
            [env::CONFIG, env::STATE_DIR, "HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"]
                .map(|name| (name, OsString::new())),
        ),
    }
    variables
}

/// Runs a program with these variables in place of all of ours, and ends as it does.
async fn program(
    name: &OsStr,
    arguments: &[OsString],
    env: &Env,
    variables: &[(&'static str, OsString)],
    signals: &Signals,
) -> Result<Code, Failure> {
    let mut command = Command::new(name);
    let (readable, unreadable) = env.ours();
    for name in readable.chain(unreadable) {
        command.env_remove(name);
    }
    command.args(arguments).envs(variables.iter().map(|(name, value)| (*name, value)));
    // A signal that comes as soon as the program is there is meant for it.
    signals.listen();
    let mut child = command.spawn().map_err(|error| not_run(name, arguments, error))?;
    let id = child.id();
    loop {
        tokio::select! {
            ended = child.wait() => {
                return ended.map(code).map_err(|error| Failure::new(Exit::Bug, error).context("cannot wait for the command"));
            }
            signal = signals.next() => hand_on(signal, id, env),
        }
    }
}

/// A signal to this process is meant for the program. Ctrl-C at a terminal reaches it without us, and twice would be once too
/// often: many programs take the second one for impatience.
#[cfg(unix)]
fn hand_on(signal: Signal, id: Option<u32>, env: &Env) {
    let terminals = env.terminals;
    let signal = match signal {
        Signal::Interrupt if terminals.stdin || terminals.stdout || terminals.stderr => return,
        Signal::Interrupt => rustix::process::Signal::INT,
        Signal::Terminate => rustix::process::Signal::TERM,
    };
    if let Some(id) = id.and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
        // It may have ended a moment ago.
        let _ = rustix::process::kill_process(id, signal);
    }
}

/// Elsewhere the console itself sends the signal to every program in it.
#[cfg(not(unix))]
fn hand_on(_signal: Signal, _id: Option<u32>, _env: &Env) {}

/// The code that shells give for the end of a program.
fn code(status: ExitStatus) -> Code {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX).into();
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX).into()
}

fn not_run(name: &OsStr, arguments: &[OsString], error: std::io::Error) -> Failure {
    let shown = name.to_string_lossy();
    let instead = |words: &[&str]| {
        let words = words.iter().map(|word| (*word).to_owned());
        let arguments = arguments.iter().map(|word| word.to_string_lossy().into_owned());
        format!("runajob sandbox -- {}", shell_words::join(words.chain(arguments)))
    };
    if error.kind() != ErrorKind::NotFound {
        let failure = Failure::new(Exit::Config, error).context(format!("cannot run {shown}"));
        return failure.hint(format!("chmod +x {}", shell_words::quote(&shown)));
    }
    let is_here = Path::new(name).is_file();
    if is_here && shown.contains('/') {
        return Failure::of(Exit::Usage, "the program that its first line names does not exist")
            .context(format!("cannot run {shown}"))
            .hint(format!("name another one: {}", instead(&["sh", &shown])));
    }
    let failure = Failure::of(Exit::Usage, format!("{shown} is neither a command of runajob nor a program"));
    if is_here {
        return failure.hint(format!("did you mean: {}", instead(&[&format!("./{shown}")])));
    }
    let command = cli::command();
    let verbs = command.get_subcommands().filter(|verb| !verb.is_hide_set()).map(clap::Command::get_name);
    let score = |verb: &str| strsim::jaro_winkler(&shown, verb);
    let nearest = verbs.max_by(|one, other| score(one).total_cmp(&score(other))).unwrap_or_default();
    failure.hint(format!("did you mean: {}", instead(&[nearest])))
}

fn scenario(options: &Sandbox) -> Result<Scenario, Failure> {
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
                    .hint("see one that explains the format: runajob sandbox --print-scenario")
            })?
        }
    };
    for spec in &options.fault {
        let fault: Fault = spec.parse().map_err(|error| {
            Failure::new(Exit::Usage, error)
                .hint("see all faults at the end of the scenario: runajob sandbox --print-scenario")
        })?;
        scenario.faults.push(fault);
    }
    Ok(scenario)
}

fn open_log(options: &Sandbox) -> Result<Option<File>, Failure> {
    let open = |path| File::options().create(true).append(true).open(path);
    options.request_log.as_ref().map(open).transpose().map_err(|error| {
        Failure::new(Exit::Config, error).context("cannot write the request log").hint("choose another --request-log")
    })
}
