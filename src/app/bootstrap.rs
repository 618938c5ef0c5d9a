//! What happens before a command has its settings: help, usage errors, and the panic that is a bug.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use clap::ValueEnum;
use clap::error::ErrorKind;
use futures_util::future::LocalBoxFuture;

use crate::cli::{self, Global, Output};
use crate::compat;
use crate::output::conclusion::{early_console, early_journal, finish};
use crate::output::journal::Beginning;
use crate::output::{Console, Header, SafeLine, Streams};
use crate::support::clock::Clock;
use crate::support::env::{self, Env};
use crate::support::exit::{Code, Exit};
use crate::support::failure::Failure;
use crate::support::hint::Hint;

/// Ends a command line that is not understood, or that asks for help. `outer` is the output format of a command line around
/// it, which holds where it says nothing itself.
pub(crate) fn refuse(
    error: &clap::Error,
    args: &[OsString],
    outer: Option<Output>,
    env: &Env,
    began: Beginning<'_>,
    streams: &Streams<'_>,
) -> Code {
    let global = requested_global(args, env);
    let console = early_console(global.output.or(outer).unwrap_or_default(), &global, env, began.clock, streams);
    let again = error_without_what_acts(args);
    let text = again.as_ref().unwrap_or(error).to_string();
    let what = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            console.print(&SafeLine::each(text.trim_end()));
            return Exit::Good.into();
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "no command is given",
        _ => text.lines().next().unwrap_or_default().trim_start_matches("error: "),
    };
    text.trim_end().lines().for_each(|line| console.alarm(line));
    let header = header(args, Exit::Usage);
    let verb = if header.command.is_empty() { String::new() } else { format!(" {}", header.command) };
    let failure = Failure::of(Exit::Usage, what).hint(format!("see `runajob{verb} --help`"));
    finish(&console, early_journal(&global, env, began).as_ref(), &header, Err(&failure), false)
}

/// The error of the same words as they are shown, because an error repeats them in lines of its own.
fn error_without_what_acts(args: &[OsString]) -> Option<clap::Error> {
    let shown = |word: &OsString| SafeLine::of(&word.to_string_lossy()).to_string();
    let words: Vec<OsString> = args.iter().map(|word| shown(word).into()).collect();
    if words == args { None } else { cli::parse(&words).err() }
}

/// The value of an option on a command line that clap could not read, which has a long name and perhaps a short one.
fn requested<'a>(args: &'a [OsString], long: &str, short: Option<char>) -> Option<&'a str> {
    let words: Vec<&str> =
        args.iter().skip(1).map_while(|word| word.to_str()).take_while(|word| *word != "--").collect();
    words.iter().enumerate().find_map(|(index, word)| {
        let behind_long = word.strip_prefix(long).filter(|rest| rest.is_empty() || rest.starts_with('='));
        let behind_short = || word.strip_prefix('-')?.trim_start_matches(['q', 'v']).strip_prefix(short?);
        match behind_long.or_else(behind_short)? {
            "" => words.get(index + 1).copied(),
            rest => Some(rest.strip_prefix('=').unwrap_or(rest)),
        }
    })
}

/// The global options that decide who is told of the end, and in which form.
fn requested_global(args: &[OsString], env: &Env) -> Global {
    Global {
        profile: requested(args, "--profile", None).map(str::to_owned),
        config: requested(args, "--config", None).map(PathBuf::from),
        log_file: requested(args, "--log-file", None).map(PathBuf::from),
        output: requested_output(args, env),
        ..Global::default()
    }
}

/// The output format that words or the environment ask for, as far as it can be read without clap.
fn requested_output(args: &[OsString], env: &Env) -> Option<Output> {
    Output::from_str(requested(args, "--output", Some('o')).or(env.get(env::OUTPUT))?, false).ok()
}

/// The header of a command line that ends before it is understood, with this exit.
fn header(args: &[OsString], exit: Exit) -> Header {
    let verb = cli::verb_place(args, 1).and_then(|place| args[place].to_str());
    Header { code: compat::early_number(args, exit), ..Header::of(verb.unwrap_or_default()) }
}

/// A console for what is said before the settings are known.
pub(crate) fn console<'w>(global: &Global, env: &Env, clock: &'w dyn Clock, streams: &Streams<'_>) -> Console<'w> {
    let output = global.output.or_else(|| requested_output(&[], env)).unwrap_or_default();
    early_console(output, global, env, clock, streams)
}

/// Ends a command line that failed before its command was known.
pub(crate) fn fail(
    args: &[OsString],
    failure: &Failure,
    env: &Env,
    began: Beginning<'_>,
    streams: &Streams<'_>,
) -> Code {
    let global = requested_global(args, env);
    let console = early_console(global.output.unwrap_or_default(), &global, env, began.clock, streams);
    let header = header(args, failure.exit);
    match header.code {
        Some(_) => compat::show_failure(&console, None, failure),
        None => console.failure(failure),
    }
    finish(&console, early_journal(&global, env, began).as_ref(), &header, Err(failure), false)
}

/// Runs the work of a command that talks. A name that is still being resolved must not hold the program up at its end.
pub(crate) fn block_on(work: LocalBoxFuture<'_, Code>) -> std::io::Result<Code> {
    require_descriptors()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let code = runtime.block_on(work);
    runtime.shutdown_background();
    Ok(code)
}

/// The runtime opens some descriptors, for signals too, and panics where it cannot.
fn require_descriptors() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        const NEEDED: usize = 12;
        let stderr = std::io::stderr();
        let copies: std::io::Result<Vec<_>> = (0..NEEDED).map(|_| stderr.as_fd().try_clone_to_owned()).collect();
        copies?;
    }
    Ok(())
}

/// A panic is a bug. Its place is shown, but not its words, because they may hold a secret.
pub(crate) fn unless_it_panics(
    args: &[OsString],
    env: &Env,
    began: Beginning<'_>,
    streams: &Streams<'_>,
    work: impl FnOnce() -> Code,
) -> Code {
    let place = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&place);
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if let (Some(location), Ok(mut place)) = (panic.location(), seen.lock()) {
            *place = location.to_string();
        }
    }));
    let result = catch_unwind(AssertUnwindSafe(work));
    std::panic::set_hook(usual);
    result.unwrap_or_else(|_| {
        let place = place.lock().map(|place| place.clone()).unwrap_or_default();
        let failure = Failure::of(Exit::Bug, format!("a bug in runajob, at {place}"))
            .hint(Hint::from("report this place; to see whether a job was started: ").then(Hint::command("status")));
        fail(args, &failure, env, began, streams)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::support::clock::ManualClock;

    /// There is one hook for the panics of a process, and it is for one test at a time.
    static HOOK: Mutex<()> = Mutex::new(());

    #[test]
    fn a_panic_ends_with_the_number_of_its_mode_and_never_shows_its_words() {
        let _hook = HOOK.lock();
        let clock = clock();
        let began = Beginning::now(&clock);
        for (line, number) in [
            ("runajob start x", 70),
            ("runajob", 70),
            ("runajob -v runAJobCli -t MTT", 255),
            ("runajob --profile sandbox runAJobCli -t MTT", 255),
            ("runajob -qo text runAJobCli -t MTT", 255),
            ("runajob compat run ./cli.sh runAJobCli", 255),
            ("runajob sandbox --fault x -- runAJobCli -t MTT", 255),
            ("runajob sandbox -- start runAJobCli", 70),
        ] {
            let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let (stdout, stderr) = (Buffer::default(), Buffer::default());
            let (out, err) = (stdout.clone(), stderr.clone());
            let streams = Streams { stdout: &move || Box::new(out.clone()), stderr: &move || Box::new(err.clone()) };
            let code = unless_it_panics(&args, &Env::default(), began, &streams, || panic!("hunter2"));
            let said = format!("{}{}", stdout.text(), stderr.text());
            assert_eq!(code.code(), number, "{line}: {said}");
            assert_eq!(said.matches("a bug in runajob, at src/app/bootstrap.rs:").count(), 1, "{line}: {said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }

    #[test]
    fn the_journal_of_a_panic_says_when_the_command_began_and_how_long_it_took() {
        let _hook = HOOK.lock();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("jobs.log");
        let env = Env::of([("RUNAJOB_LOG_FILE", file.to_str().unwrap())]);
        let stream = || Box::new(Buffer::default()) as Box<dyn std::io::Write>;
        let clock = clock();
        let work = || {
            assert!(!file.exists());
            clock.advance(Duration::from_secs(17));
            panic!("hunter2")
        };
        let streams = Streams { stdout: &stream, stderr: &stream };
        let args = ["runajob", "wait", "x"].map(OsString::from);
        unless_it_panics(&args, &env, Beginning::now(&clock), &streams, work);
        let line: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert_eq!((&line["started_at"], &line["duration_s"]), (&"2026-03-01T00:00:00Z".into(), &17.into()));
    }

    fn clock() -> ManualClock {
        ManualClock::new("2026-03-01T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn the_value_of_a_global_option_is_not_the_verb() {
        for (line, verb) in [
            ("runajob --profile find start x --bad", "start"),
            ("runajob --profile=find -qo start wait x", "wait"),
            ("runajob -ojson find --bad", "find"),
            ("runajob --quiet stop x --bad", "stop"),
            ("runajob --bad status", "status"),
            ("runajob --profile start", ""),
        ] {
            let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(header(&args, Exit::Usage).command, verb, "{line}");
        }
    }

    #[test]
    fn the_output_format_is_read_from_words_that_clap_refuses() {
        let output = |line: &str, env: &Env| {
            let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            requested_output(&args, env)
        };
        let none = Env::default();
        for line in ["r x -o json", "r -ojson x", "r --output=json", "r --output json --nonsense", "r -qojson"] {
            assert_eq!(output(line, &none), Some(Output::Json), "{line}");
        }
        for line in ["r x", "r sandbox -- x -o json", "r -o", "r -o yaml"] {
            assert_eq!(output(line, &none), None, "{line}");
        }
        let json = Env::of([("RUNAJOB_OUTPUT", "json")]);
        assert_eq!((output("r", &json), output("r -o text", &json)), (Some(Output::Json), Some(Output::Text)));
    }

    /// A stream that keeps what is written to it.
    #[derive(Clone, Default)]
    struct Buffer(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);

    impl Buffer {
        fn text(&self) -> String {
            String::from_utf8(self.0.borrow().clone()).unwrap()
        }
    }

    impl std::io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
}
