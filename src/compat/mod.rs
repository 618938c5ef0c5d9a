//! RunAJob's command line, translated: its options and its file become a `start` of this program, the end of that becomes
//! RunAJob's number. Leaves starting and watching to `commands::start`.

mod account;
pub mod arguments;
pub mod import;
pub mod install;
pub mod numbers;
pub mod password;
pub mod properties;
mod report;
pub mod restenv;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::cli::{self, AtEnd, Cli, Command, Global, Start, Tasks};
use crate::compat::arguments::{Arguments, Password, Task, Wait};
pub use crate::compat::report::PlainReport;
pub use crate::compat::report::failed;
use crate::compat::restenv::Restenv;
use crate::job::TaskType;
use crate::ops::resolve::TaskNotFound;
use crate::output::{Console, Report, StartReport};
use crate::settings::{Identity, Settings};
use crate::support::env::Env;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::Hint;
use crate::support::secret::Secret;

/// What a command line of RunAJob asks for.
pub enum Asked {
    /// The help text.
    Help,
    /// To start a task.
    Call(Box<Call>),
}

/// A call of RunAJob, in the terms of this program.
pub struct Call {
    /// The native command line that does the same.
    pub cli: Cli,
    arguments: Arguments,
    password: Option<Secret>,
    restenv: Restenv,
}

/// Whether the arguments of the process may be for this mode: a quick look.
pub fn may_be_asked(args: &[OsString]) -> bool {
    args.iter().skip(1).any(|arg| arg == password::VERB || arg == "compat")
}

/// The number for a failure that comes before there is a call.
pub fn early_number(exit: Exit) -> u8 {
    numbers::number(exit, Wait::ToTheEnd, None)
}

impl Call {
    /// Reads RunAJob's words. A script passes all its arguments on, of which the first is `runAJobCli`; beside it lies the
    /// file with the account, which is looked for nowhere else.
    pub fn read(words: &[OsString], script: Option<&Path>, global: &Global, env: &Env) -> Result<Asked, Failure> {
        let words = match (script, words.split_first()) {
            (None, _) => words,
            (Some(_), Some((verb, words))) if verb.eq_ignore_ascii_case(password::VERB) => words,
            (Some(_), Some((word, _))) if ["-h", "--help"].iter().any(|help| word == help) => return Ok(Asked::Help),
            (Some(script), _) => {
                let what = format!("{} does one thing only: {} OPTIONS", script.display(), password::VERB);
                return Err(Failure::of(Exit::Usage, what).hint("see `runajob runAJobCli --help`"));
            }
        };
        let mut arguments = match arguments::parse(words)? {
            arguments::Asked::Help => return Ok(Asked::Help),
            arguments::Asked::Job(arguments) => *arguments,
        };
        let mut restenv = match script {
            Some(script) => Restenv::in_folder(&folder_of(script, env)?)?,
            None => Restenv::default(),
        };
        if global.profile.is_some() {
            restenv.profile.clone_from(&global.profile);
        }
        let password = match arguments.password.take() {
            None => None,
            Some(Password::Here(secret)) => {
                arguments.warnings.push(format!("-p shows the password to everyone who lists processes; {ADVICE}"));
                Some(secret)
            }
            Some(Password::OnStdin) => {
                arguments
                    .warnings
                    .push(format!("-p showed the password in the list of processes for a moment; {ADVICE}"));
                Some(password::from_stdin()?)
            }
        };
        let cli = native(&arguments, &restenv, global)?;
        Ok(Asked::Call(Box::new(Self { cli, arguments, password, restenv })))
    }

    /// Puts what RunAJob's side says over the settings: the account, the proxy, and all that the number depends on.
    pub fn adapt(&self, mut settings: Settings) -> Result<Settings, Failure> {
        let identity = account::identity(&self.arguments, self.password.clone(), &self.restenv, &settings)?;
        settings.set_identity(identity);
        settings.wait = self.arguments.wait == Wait::ToTheEnd;
        settings.timeout = Some(self.restenv.budget);
        settings.warnings_ok = false;
        // The budget is RunAJob's patience, not a wish that the job end.
        settings.on_timeout = AtEnd::Leave;
        if let Some(proxy) = &self.restenv.proxy {
            settings.proxy = Some(proxy.clone());
        }
        Ok(settings)
    }

    /// Says what there is to say before anything is sent.
    pub fn announce(&self, console: &Console) {
        for warning in self.arguments.warnings.iter().chain(&self.restenv.warnings) {
            console.warn(warning);
        }
        let native = shell_words::join(self.native_words());
        let tail = match &self.restenv {
            Restenv { profile: None, path: Some(path), .. } => {
                let path = path.display().to_string();
                format!(", when runajob config import {} has made a profile", shell_words::quote(&path))
            }
            _ => String::new(),
        };
        console.note(&format!("the same as {native}{tail}"));
    }

    /// The result in the lines of this mode, which have no handle: that is said, where the native command would have written
    /// it to stdout.
    pub fn report(&self, runs: StartReport, settings: &Settings, sent_at: Timestamp, console: &Console) -> PlainReport {
        let runs = runs.runs;
        for run in runs.runs.iter().filter_map(|report| report.run.as_ref()).filter(|_| !runs.outcomes) {
            console.note(&format!("started {run}; wait for it: {}", settings.command(&format!("wait {run}"))));
        }
        if runs.exit() == Exit::TimedOut {
            let budget = crate::support::duration::show(self.restenv.budget);
            console.note(&format!("{budget} are RETRYCOUNT x (TOTALWAIT + 10s) of {}", restenv::NAME));
        }
        let user = match settings.identity() {
            Ok(Identity::Password { username, .. }) => username.clone(),
            _ => "a session made elsewhere".to_owned(),
        };
        PlainReport { runs, user, sent_at }
    }

    /// The number that stands for the exit.
    pub fn number(&self, exit: Exit, settings: &Settings) -> u8 {
        numbers::number(exit, self.arguments.wait, settings.nowait_exit)
    }

    /// What the task is called.
    pub fn task(&self) -> &str {
        match &self.arguments.task {
            Task::Name(name) | Task::Id(name) | Task::UniqueName(name) => name,
        }
    }

    /// Says the way out in RunAJob's options too.
    pub fn explain(&self, failure: Failure) -> Failure {
        // The native commands know nothing of a password that stands in an option or in RunAJob's file.
        if failure.exit == Exit::Credentials && (self.password.is_some() || self.restenv.password.is_some()) {
            let file = self.restenv.path.as_ref().map(|path| format!(" or in {}", path.display())).unwrap_or_default();
            let here = Hint::from(format!("the account is given by -u and -p{file}, correct it there"));
            let hint = match failure.hint.clone() {
                Some(of_profile) => here.then("; of a profile: ").then(of_profile),
                None => here,
            };
            return failure.hint(hint);
        }
        let Some(TaskNotFound { candidates, .. }) = failure.cause.downcast_ref() else { return failure };
        let quoted = |text| shell_words::quote(text).into_owned();
        let options = candidates.iter().filter_map(|task| {
            let (folder, name) = task.path.as_deref()?.rsplit_once('/')?;
            Some(format!("-fp {} -n {}", quoted(folder), quoted(name)))
        });
        let options: Vec<String> = options.collect();
        match failure.hint.clone() {
            Some(hint) if !options.is_empty() => {
                failure.hint(hint.then(format!("; here that is {}", options.join(" or "))))
            }
            _ => failure,
        }
    }

    fn native_words(&self) -> Vec<String> {
        let mut words = vec!["runajob".to_owned(), "start".to_owned()];
        let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
        if let Some(profile) = &self.restenv.profile {
            option("--profile", profile.clone());
        }
        if let Command::Start(start) = &self.cli.command {
            let Start { tasks, run_name, .. } = &**start;
            for (name, values) in [("--id", &tasks.id), ("--name", &tasks.name), ("--path", &tasks.path)] {
                for value in values {
                    option(name, value.clone());
                }
            }
            if let Some(name) = run_name {
                option("--run-name", name.clone());
            }
        }
        option("-t", self.arguments.kind.to_uppercase());
        if self.arguments.wait == Wait::ToTheEnd {
            option("--timeout", import::exact(self.restenv.budget));
            words.push("--wait".to_owned());
        }
        words
    }
}

const ADVICE: &str = "leave it out: restenv.properties or a profile can hold it";

/// The task as `start` takes it. A name without a folder is one in the Default folder: by its bare name the service might
/// find a task elsewhere, which nobody named.
fn native(arguments: &Arguments, restenv: &Restenv, global: &Global) -> Result<Cli, Failure> {
    let kind: TaskType = arguments.kind.parse().map_err(|error| {
        Failure::new(Exit::Usage, error).context("-t (--taskType) is wrong").hint("see `runajob runAJobCli --help`")
    })?;
    let mut tasks = Tasks { kind: Some(kind), ..Tasks::default() };
    match &arguments.task {
        Task::Name(name) => {
            let folder = arguments.folder.as_deref().map(|folder| folder.trim_matches('/'));
            let folder = folder.filter(|folder| !folder.eq_ignore_ascii_case("default")).unwrap_or("Default");
            tasks.path.push(format!("{folder}/{name}"));
        }
        Task::Id(id) => tasks.id.push(id.clone()),
        Task::UniqueName(name) => tasks.name.push(name.clone()),
    }
    let global = Global {
        profile: restenv.profile.clone(),
        output: Some(global.output.unwrap_or_default()),
        verbose: if global.quiet { 0 } else { global.verbose.max(arguments.debug.into()) },
        ..global.clone()
    };
    if let Some(name) = &arguments.instance_name {
        cli::run_name(name).map_err(|why| Failure::of(Exit::Usage, why).context("-in (--instanceName) is wrong"))?;
    }
    let start = Start { tasks, run_name: arguments.instance_name.clone(), ..Start::default() };
    Ok(Cli { global, command: Command::Start(Box::new(start)) })
}

/// The folder that a script really lies in. A bare name was found in the working folder, or, by some shells, on the PATH.
fn folder_of(script: &Path, env: &Env) -> Result<PathBuf, Failure> {
    let bare = script.components().count() == 1;
    let on_path = || {
        let folders = std::env::split_paths(env.get("PATH").filter(|_| bare)?).collect::<Vec<_>>();
        folders.iter().find_map(|folder| folder.join(script).canonicalize().ok())
    };
    let real = script.canonicalize().or_else(|error| on_path().ok_or(error));
    let real = real.map_err(|error| {
        Failure::new(Exit::Config, error).context(format!("cannot find the folder of {}", script.display()))
    })?;
    Ok(real.parent().map(Path::to_owned).unwrap_or(real))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job;
    use crate::support::hint::AccountFlags;

    fn call(line: &str, global: &str) -> Call {
        let words: Vec<OsString> = shell_words::split(line).unwrap().into_iter().map(OsString::from).collect();
        let native = shell_words::split(&format!("runajob {global} status")).unwrap().into_iter().map(OsString::from);
        let global = crate::app::parse(&native.collect::<Vec<_>>()).unwrap().global;
        match Call::read(&words, None, &global, &Env::default()) {
            Ok(Asked::Call(call)) => *call,
            Ok(Asked::Help) => panic!("help"),
            Err(failure) => panic!("{}", failure.what()),
        }
    }

    #[test]
    fn a_call_has_a_native_equal() {
        for (line, native) in [
            ("-t MTT -n load", "--path Default/load -t MTT --timeout 90s --wait"),
            ("-t mtt -n load -fp default -w false", "--path Default/load -t MTT"),
            ("-t MTT -n load -fp /Finance/ETL/ -w nowait", "--path Finance/ETL/load -t MTT"),
            ("-t DSS -n 'a b' -fp Finance -w nowait", "--path 'Finance/a b' -t DSS"),
            ("-t taskflow -un wf_load -fp Finance", "--name wf_load -t TASKFLOW --timeout 90s --wait"),
            ("-t TASKFLOW -un wf -in 'Run 1' -w nowait", "--name wf --run-name 'Run 1' -t TASKFLOW"),
            ("-t MTT -i 01ABCD0Z00000000001S -w nowait", "--id 01ABCD0Z00000000001S -t MTT"),
        ] {
            assert_eq!(shell_words::join(call(line, "").native_words()), format!("runajob start {native}"), "{line}");
        }
        let profile = call("-t MTT -n load -w nowait", "--profile prod");
        assert_eq!(profile.native_words()[2..4], ["--profile", "prod"]);
    }

    #[test]
    fn what_the_number_depends_on_is_not_for_the_settings() {
        let env = Env::of([
            ("RUNAJOB_LOGIN_URL", "https://dm-us.informaticacloud.com"),
            ("RUNAJOB_USERNAME", "ops"),
            ("RUNAJOB_PASSWORD", "secret"),
            ("RUNAJOB_WAIT", "false"),
            ("RUNAJOB_TIMEOUT", "5s"),
            ("RUNAJOB_WARNINGS_OK", "true"),
            ("RUNAJOB_ON_TIMEOUT", "stop"),
            ("RUNAJOB_OUTPUT", "json"),
            ("RUNAJOB_PATIENCE", "3m"),
        ]);
        let mut call = call("-t MTT -n load -d", "");
        call.restenv.proxy = Some("http://proxy:3128".to_owned());
        let settings = call.adapt(crate::settings::resolve(&call.cli, &env).unwrap()).unwrap();
        assert!(settings.wait && !settings.warnings_ok && settings.on_timeout == AtEnd::Leave);
        assert_eq!(settings.timeout, Some(std::time::Duration::from_secs(90)));
        assert_eq!(settings.output, crate::cli::Output::Text);
        assert_eq!(settings.proxy.as_deref(), Some("http://proxy:3128"));
        assert_eq!(settings.patience, std::time::Duration::from_secs(3 * 60));
        assert_eq!(call.cli.global.verbose, 1);
    }

    #[test]
    fn the_way_out_is_said_in_the_options_of_this_mode_too() {
        let at = |path: &str| job::Task { path: Some(path.to_owned()), ..job::Task::default() };
        let candidates = vec![at("Sales/Nightly/a b"), at("Finance/ab")];
        let failure = Failure::of(Exit::NotFound, "why").context(TaskNotFound { what: "what".into(), candidates });
        let failure = failure.context("more").hint("did you mean: ...");
        let hint = call("-t MTT -n 'a b'", "").explain(failure).hint.unwrap().render(&AccountFlags::default());
        assert!(hint.ends_with("; here that is -fp Sales/Nightly -n 'a b' or -fp Finance -n ab"), "{hint}");
    }
}
