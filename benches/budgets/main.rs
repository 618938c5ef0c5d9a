//! Measures the program's speed and size as whole processes, against a served sandbox on loopback and, where a budget
//! names it, against `curl` in the same run. It asserts nothing: figures are for people. See `README.md` beside it.
//!
//! `cargo bench` runs every row; `cargo bench --bench budgets -- warm tls` runs those whose names contain a word.
#![expect(clippy::print_stdout, reason = "its output is what a benchmark is for")]
#![expect(clippy::disallowed_methods, reason = "it measures real time, from outside the program")]

mod crowd;
mod measure;
mod small;
mod start;
mod tls;
mod world;

use std::process::ExitCode;

use anyhow::Result;

/// A row: the word to choose it by, what it measures, its budget, and how.
type Row = (&'static str, &'static str, &'static str, fn() -> Result<()>);

const ROWS: [Row; 9] = [
    ("warm", "warm start: one request with a kept session", "no slower than one curl POST", start::warm),
    ("cold", "cold start: login and start", "no slower than the two curl calls", start::cold),
    ("tls-file", "warm start over TLS, `ca_file` set", "no slower than curl --cacert", tls::ca_file),
    (
        "tls-store",
        "warm start over TLS, all of a system's trust store",
        "no slower than curl --cacert",
        tls::whole_store,
    ),
    ("idle", "--version and --help", "under 2 ms of CPU", small::idle),
    ("size", "the binary", "under 8 MiB", small::size),
    ("monitor", "waiting on two runs beside foreign rows in the monitor", "memory does not grow", crowd::foreign_rows),
    ("runs", "waiting on 1,000 runs", "one request a round, under 32 MiB, under 1 % CPU", crowd::thousand_runs),
    ("crowd", "300 processes `start --wait` at once on two cores", "one login, no step-lock", crowd::three_hundred),
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("not measured: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let Some(("--measure", command)) = words.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        println!("{}", measure::inside(command)?);
        return Ok(());
    }
    for (name, what, budget, row) in ROWS {
        if words.is_empty() || words.iter().any(|word| name.contains(word.as_str())) {
            println!("{name}: {what} (budget: {budget})");
            row()?;
        }
    }
    Ok(())
}
