//! The options of RunAJob, read as its users write them.

use std::ffi::{OsStr, OsString};

use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::secret::Secret;

/// Stands in the process list for the password, which is then to be read from stdin.
pub const PASSWORD_ON_STDIN: &str = "--passwordOnStdin";

/// A command line that makes sense.
#[derive(Debug)]
pub struct Arguments {
    /// `-u`.
    pub username: Option<String>,
    /// `-p`.
    pub password: Option<Password>,
    /// `-bu`.
    pub base_url: Option<String>,
    /// `-t`, as it was written.
    pub kind: String,
    /// `-n`, `-i` or `-un`.
    pub task: TaskOption,
    /// `-fp`.
    pub folder: Option<String>,
    /// `-w`.
    pub wait: WaitOption,
    /// `-in`.
    pub instance_name: Option<String>,
    /// `-d`.
    pub debug: bool,
    /// Warnings for the author of the script.
    pub warnings: Vec<String>,
}

/// How a command line gives the password.
#[derive(Debug)]
pub enum Password {
    /// Outright.
    Here(Secret),
    /// By way of stdin, where this program itself has put it.
    OnStdin,
}

/// How a command line names the task.
#[derive(Debug, PartialEq, Eq)]
pub enum TaskOption {
    /// By its name, in a folder.
    Name(String),
    /// By its ID.
    Id(String),
    /// By the API name of a taskflow.
    UniqueName(String),
}

/// Whether to wait for the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WaitOption {
    /// `-w true`, or no `-w`.
    #[default]
    ToTheEnd,
    /// `-w false`: success is 2.
    No,
    /// `-w nowait`: success is 0.
    NoWait,
}

impl WaitOption {
    fn of(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "true" => Some(Self::ToTheEnd),
            "false" => Some(Self::No),
            "nowait" => Some(Self::NoWait),
            _ => None,
        }
    }
}

/// The options that take a value, short and long.
const WITH_VALUE: [(&str, &str); 10] = [
    ("-u", "--username"),
    ("-p", "--password"),
    ("-bu", "--baseUrl"),
    ("-t", "--taskType"),
    ("-n", "--taskName"),
    ("-i", "--taskId"),
    ("-un", "--uniqueName"),
    ("-fp", "--folderPath"),
    ("-w", "--waitForCompletion"),
    ("-in", "--instanceName"),
];

/// The type whose tasks have API names, and instances with names.
const TASKFLOW: &str = "TASKFLOW";

/// The short form of an option that takes a value.
fn with_value(word: &OsStr) -> Option<&'static str> {
    let is = |name: &str| word.eq_ignore_ascii_case(name);
    WITH_VALUE.iter().find(|(short, long)| is(short) || is(long)).map(|(short, _)| *short)
}

fn is_flag(word: &OsStr, names: &[&str]) -> bool {
    names.iter().any(|name| word.eq_ignore_ascii_case(name))
}

fn is_option(word: &OsStr) -> bool {
    with_value(word).is_some() || is_flag(word, &["-d", "--debug", PASSWORD_ON_STDIN])
}

/// Whether the word is the option that the password follows.
pub(crate) fn gives_password(word: &OsStr) -> bool {
    with_value(word) == Some("-p")
}

/// Whether a word can be the value of an option. Another option cannot: the value is then missing, as where a variable is
/// empty and stands without quotes.
pub(crate) fn is_value(word: &OsStr) -> bool {
    !word.is_empty() && !is_option(word)
}

/// Reads the words that follow `runAJobCli`; none where they ask for the help text. Each error names the option it is about, and none shows a password.
pub fn parse(words: &[OsString]) -> Result<Option<Arguments>, Failure> {
    if words.iter().any(|word| is_flag(word, &["-h", "--help"])) {
        return Ok(None);
    }
    let mut given: Vec<(&'static str, String)> = Vec::new();
    let (mut password, mut debug, mut trailing) = (None, false, None);
    let mut index = 0;
    while let Some(word) = words.get(index) {
        index += 1;
        if let Some(option) = with_value(word) {
            let value = words.get(index).filter(|value| is_value(value));
            let value = value.ok_or_else(|| refused(format!("{} has no value", named(option))))?;
            let value = value.to_str().ok_or_else(|| refused(format!("the value of {option} is not UTF-8")))?;
            index += 1;
            if option == "-p" {
                once(password.replace(Password::Here(Secret::new(value.to_owned()))).is_none(), option)?;
            } else {
                once(given.iter().all(|(other, _)| *other != option), option)?;
                given.push((option, value.to_owned()));
            }
        } else if is_flag(word, &[PASSWORD_ON_STDIN]) {
            once(password.replace(Password::OnStdin).is_none(), "-p")?;
        } else if is_flag(word, &["-d", "--debug"]) {
            debug = true;
        } else {
            let waits = given.iter().any(|(option, _)| *option == "-w");
            match word.to_str().and_then(WaitOption::of) {
                Some(wait) if index == words.len() && wait != WaitOption::NoWait && !waits => trailing = Some(wait),
                _ => return Err(stray(words, index - 1)),
            }
        }
    }
    let mut value = |option: &str| {
        let index = given.iter().position(|(other, _)| *other == option)?;
        Some(given.swap_remove(index).1)
    };
    let mut warnings = Vec::new();
    let wait = match (value("-w"), trailing) {
        (Some(word), _) => WaitOption::of(&word)
            .ok_or_else(|| refused(format!("{} is true, false or nowait, not '{word}'", named("-w"))))?,
        (None, Some(wait)) => {
            let word = if wait == WaitOption::ToTheEnd { "true" } else { "false" };
            warnings.push(format!("'{word}' at the end is taken as -w {word}; write it so"));
            wait
        }
        (None, None) => WaitOption::default(),
    };
    let kind = value("-t").ok_or_else(|| refused(format!("{} is missing", named("-t"))))?;
    let task = task(&kind, [value("-n"), value("-i"), value("-un")])?;
    let (folder, instance_name) = (value("-fp"), value("-in"));
    if instance_name.is_some() && !kind.eq_ignore_ascii_case(TASKFLOW) {
        return Err(refused(format!("{} is for -t {TASKFLOW}, and -t is {kind}", named("-in"))));
    }
    // Many scripts give it in every call, so it is said only to someone who looks for trouble.
    if debug && folder.is_some() && !matches!(task, TaskOption::Name(_)) {
        warnings.push("-fp is ignored: an ID or an API name names the task whatever its folder".to_owned());
    }
    Ok(Some(Arguments {
        username: value("-u"),
        password,
        base_url: value("-bu"),
        kind,
        task,
        folder,
        wait,
        instance_name,
        debug,
        warnings,
    }))
}

/// The one way in which the task is named, and whether it is a way for its type.
fn task(kind: &str, [name, id, unique_name]: [Option<String>; 3]) -> Result<TaskOption, Failure> {
    let is_taskflow = kind.eq_ignore_ascii_case(TASKFLOW);
    match (name, id, unique_name) {
        (None, None, Some(name)) if is_taskflow => Ok(TaskOption::UniqueName(name)),
        (Some(name), None, None) if !is_taskflow => Ok(TaskOption::Name(name)),
        (None, Some(id), None) if !is_taskflow => Ok(TaskOption::Id(id)),
        (None, None, None) if is_taskflow => Err(refused(format!("{} is missing", named("-un")))),
        (None, None, None) => Err(refused(format!("{} or {} is missing", named("-n"), named("-i")))),
        (None, None, Some(_)) => Err(refused(format!("{} is for -t {TASKFLOW}, and -t is {kind}", named("-un")))
            .hint("name the task with -n and its folder with -fp")),
        (name, id, None) if name.is_some() != id.is_some() => {
            let option = if name.is_some() { "-n" } else { "-i" };
            Err(refused(format!("-t {TASKFLOW} goes with -un, not with {option}"))
                .hint("give the taskflow's API name with -un; it is shown where the taskflow was published"))
        }
        (name, id, unique_name) => {
            let ways = [("-n", name.is_some()), ("-i", id.is_some()), ("-un", unique_name.is_some())];
            let ways: Vec<&str> = ways.iter().filter(|(_, given)| *given).map(|(way, _)| *way).collect();
            Err(refused(format!("{} name one task in more than one way", ways.join(" and "))).hint("keep one of them"))
        }
    }
}

fn once(first: bool, option: &str) -> Result<(), Failure> {
    if first { Ok(()) } else { Err(refused(format!("{} is given twice", named(option)))) }
}

/// A word that belongs to no option. It may be a part of the password, or hold it, and is then not repeated.
fn stray(words: &[OsString], index: usize) -> Failure {
    let text = words[index].to_string_lossy();
    let lower = text.to_ascii_lowercase();
    let after_password = index >= 2 && gives_password(&words[index - 2]);
    if after_password && !text.starts_with('-') {
        return refused("a word after the password belongs to no option").hint(
            "put quotes around the password, or better leave -p out: restenv.properties or a profile can hold it",
        );
    }
    if let Some((option, _)) = text.split_once('=').filter(|(option, _)| is_option(OsStr::new(option))) {
        return refused(format!("{option} has an equals sign after it"))
            .hint("an option and its value are two words, such as -w true; see `runajob runAJobCli --help`");
    }
    if text.starts_with('-') {
        let shown = text.split('=').next().unwrap_or_default();
        let shown = if lower.starts_with("-p") { "-p..." } else { shown };
        let shown = if lower.starts_with("--password") { "--password..." } else { shown };
        return refused(format!("there is no option {shown}"))
            .hint("an option and its value are two words, such as -w true; see `runajob runAJobCli --help`");
    }
    let failure = refused(format!("the word '{text}' belongs to no option"));
    match WaitOption::of(&text) {
        Some(_) => failure.hint(format!("write -w {lower}, once")),
        None => {
            failure.hint("put quotes around a value with spaces; whether to wait is said with -w true|false|nowait")
        }
    }
}

/// Both forms of an option.
fn named(option: &str) -> String {
    let long = WITH_VALUE.iter().find(|(short, _)| *short == option).map(|(_, long)| *long);
    format!("{option} ({})", long.unwrap_or_default())
}

fn refused(what: impl std::fmt::Display) -> Failure {
    Failure::of(Exit::Usage, what).hint("see `runajob runAJobCli --help`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::hint::AccountFlags;

    fn read(line: &str) -> Result<Arguments, Failure> {
        let words: Vec<OsString> = shell_words::split(line).unwrap().into_iter().map(OsString::from).collect();
        Ok(parse(&words)?.expect("no help is asked for"))
    }

    fn error(line: &str) -> String {
        let failure = read(line).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        format!("{}; {}", failure.what(), failure.hint.unwrap().render(&AccountFlags::default()))
    }

    #[test]
    fn short_and_long_forms_in_any_case() {
        let short = read("-u ops -p secret -bu https://host/ma -t MTT -n load -fp Finance/ETL -w false -d").unwrap();
        let long = read(
            "--USERNAME ops --password secret --baseurl https://host/ma --taskType MTT --TASKNAME load \
             --folderpath Finance/ETL --waitForCompletion FALSE --Debug",
        );
        for read in [short, long.unwrap()] {
            assert_eq!((read.username.as_deref(), read.base_url.as_deref()), (Some("ops"), Some("https://host/ma")));
            assert!(matches!(&read.password, Some(Password::Here(secret)) if secret.reveal() == "secret"));
            assert_eq!((read.kind.as_str(), &read.task), ("MTT", &TaskOption::Name("load".into())));
            assert_eq!((read.folder.as_deref(), read.wait, read.debug), (Some("Finance/ETL"), WaitOption::No, true));
            assert_eq!(read.warnings, [""; 0]);
        }
        let taskflow = read("-T taskflow -UN wf_load -IN nightly -w NoWait").unwrap();
        assert_eq!(taskflow.task, TaskOption::UniqueName("wf_load".into()));
        assert_eq!((taskflow.instance_name.as_deref(), taskflow.wait), (Some("nightly"), WaitOption::NoWait));
        assert_eq!(read("-t MTT -i 01ABCD0Z00000000001S").unwrap().task, TaskOption::Id("01ABCD0Z00000000001S".into()));
    }

    #[test]
    fn without_w_it_waits() {
        assert_eq!(read("-t MTT -n x").unwrap().wait, WaitOption::ToTheEnd);
        assert_eq!(read("-t MTT -n x -w true").unwrap().wait, WaitOption::ToTheEnd);
    }

    #[test]
    fn a_bare_true_or_false_at_the_end_is_w() {
        for (word, wait) in [("true", WaitOption::ToTheEnd), ("FALSE", WaitOption::No)] {
            let read = read(&format!("-n load -t MTT {word}")).unwrap();
            assert_eq!(read.wait, wait);
            assert_eq!(read.warnings.len(), 1);
            assert!(read.warnings[0].contains(&format!("-w {}", word.to_lowercase())), "{:?}", read.warnings);
        }
    }

    #[test]
    fn a_stray_word_is_named_and_w_suggested() {
        for (line, word) in [
            ("-t MTT -n load customers", "customers"),
            ("-t MTT true -n load", "true"),
            ("-t MTT -n load -w true false", "false"),
            ("-t MTT -n load nowait", "nowait"),
        ] {
            let error = error(line);
            assert!(error.contains(&format!("'{word}'")) && error.contains("-w "), "{error}");
        }
    }

    #[test]
    fn what_is_missing_or_contradicts_is_named() {
        for (line, names) in [
            ("", &["-t"][..]),
            ("-n load", &["-t"]),
            ("-t MTT", &["-n", "-i"]),
            ("-t TASKFLOW", &["-un"]),
            ("-t", &["-t", "no value"]),
            ("-t MTT -n", &["-n", "no value"]),
            ("-n -t MTT", &["-n", "no value"]),
            ("-t MTT -n ''", &["-n", "no value"]),
            ("-p -t MTT -n x", &["-p", "no value"]),
            ("-t MTT -n x -i y", &["-n and -i"]),
            ("-t TASKFLOW -n x -un y", &["-n and -un"]),
            ("-t MTT -un y", &["-un", "MTT"]),
            ("-t TASKFLOW -n y", &["-n", "TASKFLOW"]),
            ("-t TASKFLOW -i y", &["-i", "TASKFLOW"]),
            ("-t MTT -n x -in run", &["-in", "MTT"]),
            ("-t MTT -n x -n y", &["-n", "twice"]),
            ("-t MTT -n x -p a -p b", &["-p", "twice"]),
            ("-t MTT -n x -w maybe", &["-w", "'maybe'"]),
            ("-t MTT -n x --wait", &["--wait"]),
            ("-t MTT -n x -w=true", &["-w has an equals sign", "two words"]),
        ] {
            let error = error(line);
            assert!(names.iter().all(|name| error.contains(name)), "{line}: {error}");
        }
    }

    #[test]
    fn no_error_shows_the_password() {
        for line in ["-p=hunter2", "-phunter2", "--Password=hunter2", "-p my hunter2 -t MTT -n x", "-p hunter2 -t"] {
            assert!(!error(line).contains("hunter2"), "{line}: {}", error(line));
        }
        assert!(!format!("{:?}", read("-p hunter2 -t MTT -n x").unwrap()).contains("hunter2"));
    }

    #[test]
    fn a_value_may_begin_with_a_dash() {
        let read = read("-p -secret -t MTT -n -odd").unwrap();
        assert!(matches!(&read.password, Some(Password::Here(secret)) if secret.reveal() == "-secret"));
        assert_eq!(read.task, TaskOption::Name("-odd".into()));
    }

    #[test]
    fn help_is_asked_for() {
        assert!(matches!(parse(&["-t".into(), "--HELP".into()]), Ok(None)));
    }
}
