//! A call of RunAJob, translated: its options and its file become a `start` of this program, with an account, a budget and a
//! number.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::cli::{self, AtEnd, Cli, Command, Global, Start, Tasks};
use crate::compat::arguments::{self, Arguments, Password, TaskOption, WaitOption};
use crate::compat::restenv::Restenv;
use crate::compat::{account, import, numbers, password};
use crate::job::TaskType;
use crate::ops::resolve::TaskNotFound;
use crate::output::Console;
use crate::settings::{Identity, Settings};
use crate::support::env::Env;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::hint::AccountFlags;
use crate::support::secret::Secret;

/// The words of a call. A script passes all its arguments on, the first of which is `runAJobCli`.
#[derive(Debug, Clone, Copy)]
pub struct Words<'w> {
    pub words: &'w [OsString],
    /// The script as it was called; the file with the account is read from its folder, and from nowhere else.
    pub script: Option<&'w Path>,
}

/// A call of RunAJob, in the terms of this program.
pub(crate) struct TranslatedCall {
    pub global: Global,
    tasks: Tasks,
    arguments: Arguments,
    password: Option<Secret>,
    restenv: Restenv,
    /// What a person types in front of RunAJob's options.
    program: String,
}

impl TranslatedCall {
    /// Reads RunAJob's words; none where they ask for the help text.
    pub(crate) fn read(words: Words<'_>, global: &Global, env: &Env) -> Result<Option<Self>, Failure> {
        let Words { words, script } = words;
        let options = match (script, words.split_first()) {
            (None, _) => words,
            (Some(_), Some((verb, options))) if verb.eq_ignore_ascii_case(password::VERB) => options,
            (Some(_), Some((word, _))) if ["-h", "--help"].iter().any(|help| word == help) => return Ok(None),
            (Some(script), _) => {
                let what = format!("{} does one thing only: {} OPTIONS", script.display(), password::VERB);
                return Err(Failure::of(Exit::Usage, what).hint("see `runajob runAJobCli --help`"));
            }
        };
        let Some(mut arguments) = arguments::parse(options)? else { return Ok(None) };
        let program =
            script.map_or("runajob".into(), |script| shell_words::quote(&script.to_string_lossy()).into_owned());
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
        let tasks = tasks(&arguments)?;
        if let Some(name) = &arguments.instance_name {
            cli::run_name(name)
                .map_err(|why| Failure::of(Exit::Usage, why).context("-in (--instanceName) is wrong"))?;
        }
        let global = Global {
            profile: restenv.profile.clone(),
            // The settings' output format is for native commands; old scripts expect lines.
            output: Some(global.output.unwrap_or_default()),
            verbose: if global.quiet { 0 } else { global.verbose.max(arguments.debug.into()) },
            ..global.clone()
        };
        Ok(Some(Self { global, tasks, arguments, password, restenv, program }))
    }

    /// The start that does the same.
    pub(crate) fn start(&self) -> Start {
        Start { tasks: self.tasks.clone(), run_name: self.arguments.instance_name.clone(), ..Start::default() }
    }

    /// The native command line that does the same.
    pub(crate) fn cli(&self) -> Cli {
        Cli { global: self.global.clone(), command: Command::Start(Box::new(self.start())) }
    }

    /// Puts what RunAJob's side says over the settings: the account, the proxy, and all that the number depends on.
    pub(crate) fn adapt(&self, mut settings: Settings) -> Result<Settings, Failure> {
        let identity = account::identity(&self.arguments, self.password.clone(), &self.restenv, &settings)?;
        settings.account_flags = self.account_flags(&identity, &settings);
        settings.set_identity(identity);
        settings.wait = self.arguments.wait == WaitOption::ToTheEnd;
        settings.timeout = Some(self.restenv.budget);
        settings.warnings_ok = false;
        // The budget is RunAJob's patience, not a wish that the job end.
        settings.on_timeout = AtEnd::Leave;
        if let Some(proxy) = &self.restenv.proxy {
            settings.proxy = Some(proxy.clone());
        }
        Ok(settings)
    }

    /// What leads a native command to the same account.
    fn account_flags(&self, identity: &Identity, settings: &Settings) -> AccountFlags {
        let given = settings.account_flags.clone();
        let Identity::Password { login_url, username, .. } = identity else { return given };
        if let Ok(Identity::Password { login_url: url, username: user, .. }) = settings.identity()
            && (url, user) == (login_url, username)
        {
            return given;
        }
        let Arguments { username: user_option, base_url, .. } = &self.arguments;
        let all_in_file = user_option.is_none() && base_url.is_none() && self.password.is_none();
        match &self.restenv {
            Restenv { path: Some(path), password: Some(_), .. } if all_in_file => {
                let file = path.to_string_lossy();
                let words = format!("config import {}", shell_words::quote(&file));
                let import = format!("{}; ", settings.command(&words));
                given.with_profile(import::PROFILE).after(import)
            }
            _ => {
                // A password belongs into no command line; this asks for it.
                let ask = match settings.lone_secret() {
                    Ok(Some(_)) => "",
                    Ok(None) | Err(_) => "read -rs RUNAJOB_PASSWORD; export RUNAJOB_PASSWORD; ",
                };
                let url = login_url.to_string();
                let (url, user) = (shell_words::quote(&url), shell_words::quote(username));
                given.after(format!("{ask}RUNAJOB_LOGIN_URL={url} RUNAJOB_USERNAME={user} "))
            }
        }
    }

    /// Says what the owner of the script and of the file should know.
    pub(crate) fn warn(&self, console: &Console<'_>) {
        for warning in self.arguments.warnings.iter().chain(&self.restenv.warnings) {
            console.warn(warning);
        }
    }

    /// The complete native command that does the same.
    pub(crate) fn native_command(&self, settings: &Settings) -> String {
        settings.command(&shell_words::join(self.native_words()))
    }

    pub(crate) fn budget(&self) -> std::time::Duration {
        self.restenv.budget
    }

    /// The number that stands for the exit.
    pub(crate) fn number(&self, exit: Exit, settings: &Settings) -> u8 {
        numbers::number(exit, self.arguments.wait, settings.nowait_exit)
    }

    /// What the task is called.
    pub(crate) fn task(&self) -> &str {
        match &self.arguments.task {
            TaskOption::Name(name) | TaskOption::Id(name) | TaskOption::UniqueName(name) => name,
        }
    }

    /// The hint of a failure in RunAJob's options, where the native one would not help.
    pub(crate) fn explain(&self, failure: Failure) -> Failure {
        // The native commands do not know a password from an option or from RunAJob's file.
        if failure.exit == Exit::Credentials && (self.password.is_some() || self.restenv.password.is_some()) {
            let file = self.restenv.path.as_ref().map(|path| format!(" or in {}", path.display())).unwrap_or_default();
            return failure.hint(format!("correct the account, which -u and -p{file} give"));
        }
        let candidates = failure.cause.downcast_ref().map(|TaskNotFound { candidates, .. }| &candidates[..]);
        let places = candidates.unwrap_or_default().iter().filter_map(|task| task.path.as_ref()?.rsplit_once('/'));
        let calls: Vec<String> = places.map(|(folder, name)| self.call_of(folder, name)).collect();
        if calls.is_empty() { failure } else { failure.hint(format!("did you mean: {}", calls.join(", or: "))) }
    }

    /// This call for another task.
    fn call_of(&self, folder: &str, name: &str) -> String {
        let quoted = |text: &str| shell_words::quote(text).into_owned();
        let wait = match self.arguments.wait {
            WaitOption::ToTheEnd => "",
            WaitOption::No => " -w false",
            WaitOption::NoWait => " -w nowait",
        };
        let (program, kind) = (&self.program, quoted(&self.arguments.kind));
        format!("{program} {} -t {kind} -fp {} -n {}{wait}", password::VERB, quoted(folder), quoted(name))
    }

    /// The words of the native command behind the program's name and the flags of the account.
    fn native_words(&self) -> Vec<String> {
        let mut words = vec!["start".to_owned()];
        let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
        let tasks = &self.tasks;
        for (name, values) in [("--id", &tasks.id), ("--name", &tasks.name), ("--path", &tasks.path)] {
            for value in values {
                option(name, value.clone());
            }
        }
        if let Some(name) = &self.arguments.instance_name {
            option("--run-name", name.clone());
        }
        option("-t", self.arguments.kind.to_uppercase());
        if self.arguments.wait == WaitOption::ToTheEnd {
            option("--timeout", import::exact(self.restenv.budget));
            words.push("--wait".to_owned());
        }
        words
    }
}

const ADVICE: &str = "leave it out: restenv.properties or a profile can hold it";

/// The task as `start` takes it. A name without a folder is one in the Default folder: by its bare name the service might
/// find a task elsewhere, which nobody named.
fn tasks(arguments: &Arguments) -> Result<Tasks, Failure> {
    let kind: TaskType = arguments.kind.parse().map_err(|error| {
        Failure::new(Exit::Usage, error).context("-t (--taskType) is wrong").hint("see `runajob runAJobCli --help`")
    })?;
    let mut tasks = Tasks { kind: Some(kind), ..Tasks::default() };
    match &arguments.task {
        TaskOption::Name(name) => {
            let folder = arguments.folder.as_deref().map(|folder| folder.trim_matches('/'));
            let folder = folder.filter(|folder| !folder.eq_ignore_ascii_case("default")).unwrap_or("Default");
            tasks.path.push(format!("{folder}/{name}"));
        }
        TaskOption::Id(id) => tasks.id.push(id.clone()),
        TaskOption::UniqueName(name) => tasks.name.push(name.clone()),
    }
    Ok(tasks)
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

    fn call(line: &str, global: &str) -> TranslatedCall {
        let words: Vec<OsString> = shell_words::split(line).unwrap().into_iter().map(OsString::from).collect();
        let native = shell_words::split(&format!("runajob {global} status")).unwrap().into_iter().map(OsString::from);
        let global = cli::parse(&native.collect::<Vec<_>>()).unwrap().global;
        TranslatedCall::read(Words { words: &words, script: None }, &global, &Env::default()).unwrap().unwrap()
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
            assert_eq!(shell_words::join(call(line, "").native_words()), format!("start {native}"), "{line}");
        }
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
        let settings = call.adapt(crate::settings::resolve(&call.cli(), &env).unwrap()).unwrap();
        assert!(settings.wait && !settings.warnings_ok && settings.on_timeout == AtEnd::Leave);
        assert_eq!(settings.timeout, Some(std::time::Duration::from_secs(90)));
        assert_eq!(settings.output, crate::cli::Output::Text);
        assert_eq!(settings.proxy.as_deref(), Some("http://proxy:3128"));
        assert_eq!(settings.patience, std::time::Duration::from_secs(3 * 60));
        assert_eq!(call.global.verbose, 1);
    }

    const FILE: &str = "baseUrl=https://file.example.com/ma\nusername=filer\npassword=from-file\n";

    fn native_command<const N: usize>(line: &str, global: &str, vars: [(&str, &str); N]) -> String {
        let mut call = call(line, global);
        let properties = crate::compat::properties::Properties::parse(FILE.as_bytes()).unwrap();
        call.restenv = Restenv { profile: call.restenv.profile.take(), ..Restenv::of(&properties).unwrap() };
        call.restenv.path = Some(PathBuf::from("/opt/run a job/restenv.properties"));
        let settings = call.adapt(crate::settings::resolve(&call.cli(), &Env::of(vars)).unwrap()).unwrap();
        settings.command("status")
    }

    #[test]
    fn a_native_hint_leads_to_the_same_account() {
        let import = "config import '/opt/run a job/restenv.properties'";
        assert_eq!(
            native_command("-t MTT -n load", "", []),
            format!("runajob {import}; runajob --profile restenv status")
        );
        let same = [
            ("RUNAJOB_LOGIN_URL", "https://file.example.com"),
            ("RUNAJOB_USERNAME", "filer"),
            ("RUNAJOB_PASSWORD", "x"),
        ];
        assert_eq!(native_command("-t MTT -n load", "", same), "runajob status");
        let ask = "read -rs RUNAJOB_PASSWORD; export RUNAJOB_PASSWORD; ";
        assert_eq!(
            native_command("-t MTT -n load -u 'o p' -p secret", "", []),
            format!("{ask}RUNAJOB_LOGIN_URL=https://file.example.com RUNAJOB_USERNAME='o p' runajob status")
        );
        assert_eq!(
            native_command("-t MTT -n load -u ops", "", [("RUNAJOB_PASSWORD", "lone")]),
            "RUNAJOB_LOGIN_URL=https://file.example.com RUNAJOB_USERNAME=ops runajob status"
        );
    }

    #[test]
    fn candidates_become_calls_of_this_mode() {
        let task = |path: &str| crate::job::Task { path: Some(path.to_owned()), ..crate::job::Task::default() };
        let candidates = vec![task("Sales/Nightly/a b"), task("Finance/ab")];
        let missing =
            Failure::of(Exit::NotFound, "why").context(TaskNotFound { what: "no such task".to_owned(), candidates });
        let failure = call("-t MTT -n 'a b' -w false", "").explain(missing.context("a wider statement").hint("other"));
        assert_eq!(
            failure.hint.unwrap().render(&AccountFlags::default()),
            "did you mean: runajob runAJobCli -t MTT -fp Sales/Nightly -n 'a b' -w false, \
             or: runajob runAJobCli -t MTT -fp Finance -n ab -w false"
        );
        let other =
            call("-t MTT -n x", "").explain(Failure::of(Exit::NotFound, "x").hint("there is --path a/b -t MTT"));
        assert_eq!(other.hint.unwrap(), "there is --path a/b -t MTT".into());
    }
}
