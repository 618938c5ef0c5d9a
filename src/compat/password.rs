//! Getting the password of `-p` out of the process list: the program executes itself once more without it, and has it from
//! a pipe on stdin. Until then, some milliseconds, other users can see it; that cannot be helped from here.

use std::ffi::OsString;
use std::io::{self, Read};

use zeroize::Zeroizing;

use crate::cli;
#[cfg(unix)]
use crate::compat::arguments::{PASSWORD_ON_STDIN, gives_password, is_value};
use crate::support::env::Env;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::secret::Secret;

/// A longer text is no password; the service takes 255 characters. Every pipe holds as much without a reader.
const LIMIT: usize = 4096;

/// The verb that takes RunAJob's options.
pub const VERB: &str = "runAJobCli";

/// The index of the first word that is RunAJob's, if the arguments of the process are for its mode, be it behind
/// `sandbox --`.
pub(crate) fn first(args: &[OsString]) -> Option<usize> {
    // Most command lines are not RunAJob's; this check needs no table of commands.
    if !args.iter().skip(1).any(|arg| arg == VERB || arg == "compat") {
        return None;
    }
    let is = |index: usize, word: &str| args.get(index).is_some_and(|arg| arg == word);
    let mut verb = cli::verb_place(args, 1)?;
    if is(verb, "sandbox") {
        verb = cli::verb_place(args, verb + args[verb..].iter().position(|arg| arg == "--")?)?;
    }
    // In the latter the script comes between.
    let script = is(verb, "compat") && is(verb + 1, "run");
    if is(verb, VERB) { Some(verb + 1) } else { script.then_some(verb + 3) }
}

/// The index of the option that the password follows.
fn place(args: &[OsString]) -> Option<usize> {
    let first = first(args)?;
    let option = first + args.get(first..)?.iter().position(|arg| gives_password(arg))?;
    args.get(option + 1).filter(|value| is_value(value)).map(|_| option)
}

/// Takes the password out of the list of processes. If that fails it stays where it is, which its owner is warned of anyway.
pub fn hide_from_other_users(args: &[OsString], env: &Env) {
    if env.is_of_process() {
        let _ = hide(args);
    }
}

/// Executes the program anew without the password among its arguments, and returns only if that is not needed or fails.
/// What is wrong with the arguments otherwise is for the new process to say.
#[cfg(unix)]
fn hide(args: &[OsString]) -> io::Result<()> {
    use std::io::Write;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::process::CommandExt;
    let Some(option) = place(args) else { return Ok(()) };
    let password = args[option + 1].as_bytes();
    if password.len() > LIMIT {
        return Ok(());
    }
    let (reader, mut writer) = io::pipe()?;
    writer.write_all(password)?;
    drop(writer);
    let error = std::process::Command::new(std::env::current_exe()?)
        .arg0(&args[0])
        .args(&args[1..option])
        .arg(PASSWORD_ON_STDIN)
        .args(&args[option + 2..])
        .stdin(reader)
        .exec();
    Err(error)
}

/// Elsewhere a process cannot take another's place, so the password stays.
#[cfg(not(unix))]
fn hide(args: &[OsString]) -> io::Result<()> {
    place(args).map_or(Ok(()), |_| Err(io::ErrorKind::Unsupported.into()))
}

/// The password that was put on stdin.
pub(crate) fn from_stdin() -> Result<Secret, Failure> {
    let unusable = |why: String| Failure::of(Exit::Usage, why).context("there is no password on stdin");
    // As long as it can become, so that growing leaves no copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LIMIT + 1));
    stdin()
        .and_then(|stdin| stdin.take(LIMIT as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| unusable(error.to_string()))?;
    if bytes.is_empty() || bytes.len() > LIMIT {
        return Err(unusable(format!("it has {} bytes", bytes.len())));
    }
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Ok(Secret::new(text)),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            Err(Failure::of(Exit::Usage, "the value of -p is not UTF-8"))
        }
    }
}

/// Stdin without the buffer of the standard library, which would keep a copy.
#[cfg(unix)]
fn stdin() -> io::Result<std::fs::File> {
    use std::os::fd::AsFd;
    io::stdin().as_fd().try_clone_to_owned().map(std::fs::File::from)
}

#[cfg(not(unix))]
fn stdin() -> io::Result<io::Stdin> {
    Ok(io::stdin())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place_in(line: &str) -> Option<usize> {
        let args: Vec<OsString> = shell_words::split(line).unwrap().into_iter().map(OsString::from).collect();
        place(&args)
    }

    #[test]
    fn the_password_is_found_in_this_mode_only() {
        assert_eq!(place_in("runajob runAJobCli -u x -p y"), Some(4));
        assert_eq!(place_in("runajob --config f runAJobCli --PASSWORD y"), Some(4));
        assert_eq!(place_in("runajob --profile sandbox runAJobCli -p y"), Some(4));
        assert_eq!(place_in("runajob --profile=start --config compat runAJobCli -p y"), Some(5));
        assert_eq!(place_in("runajob sandbox -- --profile find runAJobCli -p y"), Some(6));
        assert_eq!(place_in("runajob compat run 'a b/cli.sh' runAJobCli -p y -t MTT"), Some(5));
        assert_eq!(place_in("runajob sandbox --addr x -- runAJobCli -p y"), Some(6));
        for line in [
            "runajob runAJobCli -t MTT",
            "runajob sandbox -- start runAJobCli -p y",
            "runajob runAJobCli -p",
            "runajob runAJobCli -p -t MTT",
            "runajob start -p y",
            "runajob compat install -p",
            "runajob start runAJobCli -p y",
            "runajob",
        ] {
            assert_eq!(place_in(line), None, "{line}");
        }
    }
}
