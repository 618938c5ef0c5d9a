//! Command lines that are understood, and those that are refused.

use clap::FromArgMatches;

use crate::cli::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    let words = shell_words::split(line).unwrap();
    let matches = command().try_get_matches_from(std::iter::once("runajob".to_owned()).chain(words))?;
    Cli::from_arg_matches(&matches)
}

#[test]
fn the_definition_is_sound() {
    command().debug_assert();
}

#[test]
fn these_lines_are_understood() {
    for line in [
        "start 'Sales/Nightly/Load customers' --wait",
        "start --name nightly_load -t mtt --wait --timeout 2h -q",
        "start --id 01ABCD0Z00000000001S --id 01ABCD0Z00000000001T",
        "start --folder Finance/ETL --name load --no-wait --wait",
        "start -o json --poll-interval 100ms name:x id:y",
        "start tf -t taskflow --input a=1 --input 'b=x = y' --input c= --run-name 'Nightly 1' --on-suspended skip",
        "start tf -t TASKFLOW --instance-name x --inputs-file in.json",
        "start x -t file_ingestion",
        "wait TASKFLOW/778812345678901234 --on-suspended resume",
        "stop MTT/01ABCD0Z00000000001S/18 --clean --wait",
        "wait MTT/01ABCD0Z00000000001S/18 --patience 1h30m",
        "status",
        "find 'Sales/*' -q",
        "config show -o json",
        "sandbox --fault start:503 -- start m_succeeds --wait -o json",
        "doctor",
        "config import restenv.properties --profile prod --password-command 'pass show x'",
        "runAJobCli -p x -in y -un z -d --unknown -o -q -- x",
        "runAJobCli",
        "-v runAJobCli -i x",
        "compat install 'a folder' --force",
        "compat run ./cli.sh runAJobCli -t MTT -h",
        "compat run ./cli.sh --help",
    ] {
        assert!(parse(line).is_ok(), "{line}: {}", parse(line).unwrap_err());
    }
}

#[test]
fn these_lines_are_refused() {
    for line in [
        "",
        "begin x",
        "start x --timeout 90",
        "start x --timeout -3s",
        "start x --poll-interval 50ms",
        "start x --poll-interval 2h",
        "start x -t TASKWHAT",
        "start x --folder Default",
        "start x -q -v",
        "start x --password secret",
        "start x --if-running explode",
        "start tf --input a",
        "start tf --input =a",
        "start tf --run-name ' '",
        "start tf --run-name 'a\nb'",
        "start tf --on-suspended explode",
        "status x --on-suspended wait",
        "status --request-timeout 0s",
        "sandbox --addr elsewhere",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}
