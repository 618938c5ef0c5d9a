//! The program: hands the process's arguments and environment to the library, and its exit code back.

use std::process::ExitCode;

fn main() -> ExitCode {
    runajob::support::core_dump::forbid();
    runajob::run(std::env::args_os(), &runajob::support::env::Env::snapshot()).into()
}
