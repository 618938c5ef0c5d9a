//! RunAJob's command line as a front end: it translates a call into a native start, runs that, and renders the result
//! in RunAJob's lines and numbers.

mod account;
pub mod arguments;
mod call;
pub mod import;
pub mod install;
pub mod numbers;
pub mod password;
pub mod properties;
mod report;
pub mod restenv;

use std::ffi::OsString;

use jiff::Timestamp;

use crate::cli::{self, Global, Output, Start};
use crate::compat::arguments::WaitOption;
use crate::compat::call::TranslatedCall;
pub use crate::compat::call::Words;
use crate::compat::report::PlainReport;
pub use crate::compat::report::show_failure;
use crate::output::conclusion::{self, finish};
use crate::output::journal::{Beginning, Journal};
use crate::output::{Console, Header, Report, SafeLine, StartReport, Streams, Style};
use crate::settings::{self, Identity, Settings};
use crate::support::clock::Clock;
use crate::support::duration;
use crate::support::env::Env;
use crate::support::exit::{Code, Exit};
use crate::support::failure::Failure;

/// The number for a command line of this mode that ends before it is understood; none for other command lines.
pub fn early_number(args: &[OsString], exit: Exit) -> Option<u8> {
    password::first(args)?;
    Some(numbers::number(exit, WaitOption::ToTheEnd, None))
}

/// Runs the call. `start` carries a native start out, and notes in the header who answered.
pub async fn run(
    words: Words<'_>,
    global: &Global,
    env: &Env,
    clock: &dyn Clock,
    streams: &Streams<'_>,
    start: impl AsyncFnOnce(&Start, &Settings, &Console<'_>, &mut Header) -> Result<StartReport, Failure>,
) -> Code {
    let began = Beginning::now(clock);
    // Old scripts expect lines, whatever RUNAJOB_OUTPUT says.
    let early = conclusion::early_console(global.output.unwrap_or_default(), global, env, clock, streams);
    let early_journal = || conclusion::early_journal(global, env, began);
    let call = match TranslatedCall::read(words, global, env) {
        Ok(Some(call)) => call,
        Ok(None) => {
            early.print(&SafeLine::each(&help()));
            return Exit::Good.into();
        }
        Err(failure) => return refuse(&early, early_journal().as_ref(), None, &failure),
    };
    let cli = call.cli();
    let settings = settings::resolve(&cli, env).map_err(Failure::from).and_then(|settings| call.adapt(settings));
    let settings = match settings {
        Ok(settings) => settings,
        Err(failure) => {
            call.warn(&early);
            return refuse(&early, early_journal().as_ref(), Some(call.task()), &failure);
        }
    };
    let errors_on_stdout = settings.output == Output::Text;
    let style = Style { errors_on_stdout, ..conclusion::style(&settings, &cli.global, env) };
    let console = conclusion::console(&settings, style, clock, streams);
    call.warn(&console);
    console.note(&format!("the same as: {}", call.native_command(&settings)));
    let mut header = Header { profile: settings.profile.clone(), ..Header::of(password::VERB) };
    let (journal, sent_at) = (conclusion::journal(&settings, env, began), clock.utc());
    let result = match start(&call.start(), &settings, &console, &mut header).await {
        Ok(report) => Ok(plain(report, &call, &settings, sent_at, &console)),
        Err(failure) => Err(call.explain(failure)),
    };
    let exit = result.as_ref().map_or_else(|failure| failure.exit, Report::exit);
    header.code = Some(call.number(exit, &settings));
    if let Err(failure) = &result {
        console.clear();
        show_failure(&console, Some(call.task()), failure);
    }
    let result = result.as_ref().map(|report| report as &dyn Report);
    finish(&console, journal.as_ref(), &header, result, settings.wait)
}

/// Ends a call before anything was sent.
fn refuse(console: &Console<'_>, journal: Option<&Journal<'_>>, task: Option<&str>, failure: &Failure) -> Code {
    let number = numbers::number(failure.exit, WaitOption::ToTheEnd, None);
    show_failure(console, task, failure);
    finish(console, journal, &Header { code: Some(number), ..Header::of(password::VERB) }, Err(failure), false)
}

fn help() -> String {
    let help = cli::parse(&["runajob", password::VERB, "--help"].map(OsString::from));
    help.err().map(|help| help.to_string().trim_end().to_owned()).unwrap_or_default()
}

/// The native result in the lines of this mode. These have no handle, which the native command would have written to stdout.
fn plain(
    report: StartReport,
    call: &TranslatedCall,
    settings: &Settings,
    sent_at: Timestamp,
    console: &Console<'_>,
) -> PlainReport {
    let runs = report.runs;
    for run in runs.runs.iter().filter_map(|report| report.run.as_ref()).filter(|_| !runs.outcomes) {
        console.note(&format!("started {run}; wait for it: {}", settings.command(&format!("wait {run}"))));
    }
    if runs.exit() == Exit::TimedOut {
        let budget = duration::show(call.budget());
        console.note(&format!("{budget} is RETRYCOUNT x (TOTALWAIT + 10s) of {}", restenv::NAME));
    }
    let user = match settings.identity() {
        Ok(Identity::Password { username, .. }) => username.clone(),
        Ok(Identity::Session { .. }) | Err(_) => "a session made elsewhere".to_owned(),
    };
    PlainReport { runs, user, sent_at }
}
