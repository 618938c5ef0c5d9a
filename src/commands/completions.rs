//! `completions`: prints the completion script for a shell.

use clap_complete::{Shell, generate};

use crate::cli;

pub fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    generate(shell, &mut cli::visible(), "runajob", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
