//! What costs no request: the help texts, and the file itself.

use anyhow::Result;

use crate::measure::{copies, mebibytes, once, say};
use crate::world::program;

const ROUNDS: usize = 100;

pub(crate) fn idle() -> Result<()> {
    for word in ["--version", "--help"] {
        let mut command = program();
        command.arg(word);
        let taken = (0..ROUNDS).map(|_| once(&command)).collect::<Result<Vec<_>>>()?;
        say(word, &taken)?;
    }
    let floor = copies(1, &std::process::Command::new("/bin/true"))?;
    println!("  {:<24} {:.1} MiB is the least peak that can be seen", "floor", mebibytes(floor.peak_kib));
    Ok(())
}

pub(crate) fn size() -> Result<()> {
    let bytes = std::fs::metadata(env!("CARGO_BIN_EXE_runajob"))?.len();
    println!("  {:<24} {bytes} bytes, {:.2} MiB", "runajob", mebibytes(bytes / 1024));
    Ok(())
}
