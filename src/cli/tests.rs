//! Command lines with what they are read as, and those that are refused with why.

use std::ffi::OsString;

use clap::error::ErrorKind;

use crate::cli::*;

fn read(line: &str) -> Result<Cli, clap::Error> {
    let words = shell_words::split(line).unwrap();
    parse(&std::iter::once("runajob".to_owned()).chain(words).map(OsString::from).collect::<Vec<_>>())
}

/// What a line sets: the fields that are absent, empty, false or zero are left out.
fn reading(line: &str) -> String {
    let cli = read(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    let text = format!("{:#?}\n{:#?}", cli.global, cli.command);
    let is_set = |line: &&str| ![": None,", ": [],", ": false,", ": 0,"].iter().any(|nothing| line.ends_with(nothing));
    let text = text.lines().map(str::trim).filter(is_set).collect::<Vec<_>>().join(" ");
    ["Global { } ", "tasks: Tasks { }, ", "list: TaskList { }, ", "waiting: Waiting { }, "]
        .iter()
        .fold(text, |text, empty| text.replace(empty, ""))
}

#[test]
fn the_definition_is_sound() {
    command().debug_assert();
    visible().debug_assert();
}

#[test]
fn these_lines_are_read_as_this() {
    let lines = [
        "start 'Sales/Nightly/Load customers' --wait",
        "start --name nightly_load -t mtt --wait --timeout 2h -q",
        "start --id 01ABCD0Z00000000001S --id 01ABCD0Z00000000001T",
        "start --folder Finance/ETL --name load --no-wait --wait",
        "start -o json --poll-interval 100ms name:x id:y",
        "start x --if-running join --on-timeout clean-stop --on-signal stop --once 2026-11-24 --once-dir /keys",
        "start tf -t taskflow --input a=1 --input 'b=x = y' --input c= --run-name 'Nightly 1' --on-suspended skip",
        "start tf -t TASKFLOW --instance-name x --inputs-file in.json",
        "start x -t file_ingestion --dry-run",
        "start --from-file - --allow-empty",
        "wait TASKFLOW/778812345678901234 --on-suspended resume --warnings-ok",
        "wait MTT/01ABCD0Z00000000001S/18 --patience 1h30m",
        "stop MTT/01ABCD0Z00000000001S/18 --clean --wait --escalate-after 5m --all",
        "status",
        "status -vv --profile prod --config c.toml --color never --progress always --no-input --no-session-cache",
        "find 'Sales/*' -q",
        "find -t DSS",
        "login --connect-timeout 1s --request-timeout 2s --start-timeout 3s --log-file log",
        "logout",
        "config show -o json",
        "config path",
        "config check",
        "doctor",
        "config import restenv.properties --profile prod --password-command 'pass show x'",
        "once list",
        "once list 2026-11-24 --once-dir /keys -o json",
        "once forget 2026-11-24 --task MTT/01ABCD0Z00000000001S --once-dir /keys --yes",
        "once forget --yes -- -k",
        "sandbox --fault start:503 --fault log:reset -- start m_succeeds --wait -o json",
        "sandbox -o json --addr 127.0.0.1:0 --scenario s.toml --request-log r",
        "sandbox --print-scenario",
        "runAJobCli -p x -in y -un z -d --unknown -o -q -- x",
        "runAJobCli",
        "-v runAJobCli -i x",
        "compat install 'a folder' --force",
        "compat run ./cli.sh runAJobCli -t MTT -h",
        "compat run ./cli.sh --help",
        "completions zsh",
    ];
    let table: Vec<String> = lines.iter().map(|line| format!("{line}\n    {}", reading(line))).collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn these_lines_are_refused_for_this() {
    use ErrorKind::{
        ArgumentConflict, DisplayHelpOnMissingArgumentOrSubcommand, InvalidSubcommand, InvalidValue,
        MissingRequiredArgument, UnknownArgument, ValueValidation,
    };
    for (line, why, named) in [
        ("", DisplayHelpOnMissingArgumentOrSubcommand, "Usage:"),
        ("config", DisplayHelpOnMissingArgumentOrSubcommand, "Usage:"),
        ("begin x", InvalidSubcommand, "'begin'"),
        ("start x --timeout 90", ValueValidation, "--timeout"),
        ("start x --timeout -3s", UnknownArgument, "-3"),
        ("start x --poll-interval 50ms", ValueValidation, "between 100ms and 1h"),
        ("start x --poll-interval 2h", ValueValidation, "between 100ms and 1h"),
        ("start x -t TASKWHAT", ValueValidation, "TASKWHAT"),
        ("start x --folder Default", MissingRequiredArgument, "--name"),
        ("start x -q -v", ArgumentConflict, "--verbose"),
        ("start x --password secret", UnknownArgument, "--password"),
        ("start x --if-running explode", InvalidValue, "explode"),
        ("start x --once ' '", ValueValidation, "a key cannot be empty"),
        ("start x --once-dir /keys", MissingRequiredArgument, "--once"),
        ("start tf --input a", ValueValidation, "KEY=VALUE"),
        ("start tf --input =a", ValueValidation, "name of the field"),
        ("start tf --run-name ' '", ValueValidation, "empty"),
        ("start tf --run-name 'a\nb'", ValueValidation, "control characters"),
        ("start tf --on-suspended explode", InvalidValue, "explode"),
        ("start x --allow-empty", MissingRequiredArgument, "--from-file"),
        ("stop x --escalate-after 5m", MissingRequiredArgument, "--clean"),
        ("status x --on-suspended wait", UnknownArgument, "--on-suspended"),
        ("status --request-timeout 0s", ValueValidation, "longer than zero"),
        ("history x --limit 0", ValueValidation, "it must be a number from 1"),
        ("history x --since 5x", ValueValidation, "'5x' is not a duration"),
        ("find x --from-file -", UnknownArgument, "--from-file"),
        ("once", DisplayHelpOnMissingArgumentOrSubcommand, "Usage:"),
        ("once forget", MissingRequiredArgument, "<KEY>"),
        ("once forget ' '", ValueValidation, "a key cannot be empty"),
        ("once list k --yes", UnknownArgument, "--yes"),
        ("sandbox --addr elsewhere", ValueValidation, "elsewhere"),
        ("sandbox --print-scenario --fault log:503", ArgumentConflict, "--print-scenario"),
        ("sandbox start m_succeeds", UnknownArgument, "start"),
        ("completions ksh", InvalidValue, "ksh"),
        ("compat install", MissingRequiredArgument, "<DIR>"),
    ] {
        let error = read(line).expect_err(line);
        assert_eq!(error.kind(), why, "{line}: {error}");
        assert!(error.to_string().contains(named), "{line}: {error}");
    }
}

/// Every verb that the help shows, with the words that lead to it.
fn shown(command: &clap::Command, path: &str, found: &mut Vec<(String, clap::Command)>) {
    found.push((path.to_owned(), command.clone()));
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        shown(verb, format!("{path} {}", verb.get_name()).trim(), found);
    }
}

#[test]
fn each_help_begins_with_examples_that_can_be_typed() {
    let mut program = command();
    program.build();
    let mut verbs = Vec::new();
    shown(&program, "", &mut verbs);
    for (path, mut verb) in verbs {
        let (short, long) = (verb.render_help().to_string(), verb.render_long_help().to_string());
        assert!(short.len() <= long.len(), "{path}: -h is longer than --help");
        for help in [short, long] {
            let mut lines = help.lines();
            assert_eq!(lines.next(), Some("Examples:"), "{path}");
            let examples: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
            assert!(!examples.is_empty(), "{path}");
            for example in examples {
                let command = example.split(['>', '(']).next().unwrap();
                for part in command.split(" | ") {
                    let line = part.trim().strip_prefix("runajob ").unwrap_or_else(|| panic!("{example}"));
                    assert!(read(line).is_ok(), "{example}");
                }
                assert!(example.contains(&path), "{path}: {example}");
            }
        }
    }
}

#[test]
fn no_first_line_of_help_ends_with_a_full_stop() {
    let mut program = command();
    program.build();
    let mut verbs = Vec::new();
    shown(&program, "", &mut verbs);
    for (path, verb) in verbs {
        let options = verb.get_arguments().filter_map(clap::Arg::get_help).map(ToString::to_string);
        for line in options.chain(verb.get_about().map(ToString::to_string)) {
            assert!(!line.ends_with('.') && line.starts_with(char::is_uppercase), "{path}: {line}");
        }
    }
}

#[test]
fn global_options_stand_under_one_heading_and_only_where_they_mean_something() {
    let help = |path: &str| {
        let mut program = command();
        program.build();
        let mut verb = &program;
        for word in path.split(' ').filter(|word| !word.is_empty()) {
            verb = verb.find_subcommand(word).unwrap();
        }
        verb.clone().render_long_help().to_string()
    };
    for (path, present, absent) in [
        ("", &["--profile", "--log-file"][..], &[][..]),
        ("start", &["--profile", "--output", "--start-timeout", "--progress"], &[]),
        ("status", &["--profile", "--request-timeout"], &["--start-timeout", "--progress"]),
        ("config path", &["--config", "--output"], &["--connect-timeout", "--no-session-cache"]),
        ("sandbox", &["--output", "--quiet"], &["--profile", "--config"]),
        ("completions", &[], &["--profile", "--output", "--quiet", "Global options"]),
        ("compat install", &["--output"], &["--profile", "--connect-timeout"]),
        ("runAJobCli", &[], &["Global options", "--profile <NAME>"]),
    ] {
        let help = help(path);
        assert!(help.matches("Global options:").count() <= 1, "{help}");
        for option in present {
            assert!(help.contains(&format!("{option} ")) || help.contains(&format!("{option}\n")), "{path}: {option}");
        }
        for option in absent {
            assert!(!help.contains(option), "{path}: {option}");
        }
    }
    // Scripts may pass the same options to every command.
    for line in ["completions bash -q -o json", "config path --connect-timeout 1s", "sandbox --profile x -- status"] {
        assert!(read(line).is_ok(), "{line}");
    }
}

#[test]
fn what_stands_inside_wins_over_what_stands_around_it() {
    let global = |line: &str| read(&format!("{line} status")).unwrap().global;
    let both = global("-o text --profile a -v").or(&global("-o json --profile b --config c -q --log-file l"));
    assert_eq!((both.output, both.profile.as_deref()), (Some(Output::Text), Some("a")));
    assert_eq!((both.verbose, both.quiet), (1, false));
    assert!(both.config.is_some() && both.log_file.is_some());
    let outer = global("").or(&global("-q --no-input --no-session-cache --color never --progress never"));
    assert!(outer.quiet && outer.no_input && outer.no_session_cache);
    assert_eq!((outer.color, outer.progress), (Some(When::Never), Some(When::Never)));
}
