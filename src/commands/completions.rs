//! `completions`: the completion script for a shell, of what the help shows.

use clap_complete::{Shell, generate};

use crate::cli;

pub fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    generate(shell, &mut cli::visible(), "runajob", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
