//! A command as whole processes: wall time, CPU time and peak memory, by the operating system's own account of children.
//!
//! That account covers all children of a process that have ended, so each command gets a small parent of its own: this
//! program again, with `--measure`. A peak below that parent's own, which `floor` gives, cannot be seen.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// What one or more processes took together; the peak is that of the largest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    pub(crate) peak_kib: u64,
    /// How many of them ended with another code than 0.
    pub(crate) failed: u64,
}

/// Runs so many copies of a command at once, `{}` in its words being each copy's number. Gives `Usage` as four numbers.
pub(crate) fn inside(words: &[String]) -> Result<String> {
    let (copies, program, words) = match words {
        [copies, program, words @ ..] => (copies.parse::<u64>()?, program, words),
        _ => anyhow::bail!("--measure COPIES PROGRAM [WORD]..."),
    };
    let began = Instant::now();
    let mut children = Vec::new();
    for copy in 1..=copies {
        let words = words.iter().map(|word| word.replace("{}", &copy.to_string()));
        let mut command = Command::new(program);
        command.args(words).stdin(Stdio::null()).stdout(Stdio::null());
        // What one command says is of use when it fails; what many say is too much.
        command.stderr(if copies == 1 { Stdio::inherit() } else { Stdio::null() });
        children.push(command.spawn()?);
    }
    let mut failed = 0;
    for mut child in children {
        failed += u64::from(!child.wait()?.success());
    }
    let wall = began.elapsed().as_micros();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = (usage.user_time() + usage.system_time()).num_microseconds();
    Ok(format!("{wall} {cpu} {} {failed}", usage.max_rss()))
}

/// Measures so many copies of a command at once.
pub(crate) fn copies(copies: u64, command: &Command) -> Result<Usage> {
    let mut parent = Command::new(std::env::current_exe()?);
    parent.arg("--measure").arg(copies.to_string()).arg(command.get_program()).args(command.get_args());
    parent.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = parent.output()?;
    ensure!(output.status.success(), "{command:?} could not be measured");
    let text = String::from_utf8(output.stdout)?;
    let figures: Vec<u64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let [wall, cpu, peak_kib, failed] = figures[..] else { anyhow::bail!("not four figures: {text}") };
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(copies > 1 || failed == 0, "{command:?} did not end with 0: {said}");
    Ok(Usage { wall: Duration::from_micros(wall), cpu: Duration::from_micros(cpu), peak_kib, failed })
}

/// Measures one run of a command, which must end with 0.
pub(crate) fn once(command: &Command) -> Result<Usage> {
    copies(1, command)
}

/// Measures two commands in turn, so that both meet the same moods of the machine, after one round that does not count.
pub(crate) fn in_turn(
    rounds: usize,
    mut ours: impl FnMut() -> Result<Usage>,
    mut theirs: impl FnMut() -> Result<Usage>,
) -> Result<(Vec<Usage>, Vec<Usage>)> {
    ours()?;
    theirs()?;
    let mut taken = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        taken.0.push(ours()?);
        taken.1.push(theirs()?);
    }
    Ok(taken)
}

/// The figure in the middle.
pub(crate) fn median(mut figures: Vec<f64>) -> Result<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().context("nothing was measured")
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "a size of some mebibytes")]
pub(crate) fn mebibytes(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

/// Says the medians of one command.
pub(crate) fn say(label: &str, taken: &[Usage]) -> Result<()> {
    let wall = median(taken.iter().map(|usage| milliseconds(usage.wall)).collect())?;
    let cpu = median(taken.iter().map(|usage| milliseconds(usage.cpu)).collect())?;
    let peak = median(taken.iter().map(|usage| mebibytes(usage.peak_kib)).collect())?;
    let runs = if taken.len() > 1 { format!("   (medians of {})", taken.len()) } else { String::new() };
    println!("  {label:<24} wall {wall:8.2} ms   cpu {cpu:7.2} ms   peak {peak:5.1} MiB{runs}");
    Ok(())
}

/// Says the medians of two commands, and their ratios pair by pair.
pub(crate) fn compare(ours: &str, theirs: &str, taken: &(Vec<Usage>, Vec<Usage>)) -> Result<()> {
    say(ours, &taken.0)?;
    say(theirs, &taken.1)?;
    let ratio = |of: fn(&Usage) -> Duration| {
        let pairs = taken.0.iter().zip(&taken.1);
        median(pairs.map(|(ours, theirs)| of(ours).as_secs_f64() / of(theirs).as_secs_f64()).collect())
    };
    println!("  {:<24} wall {:8.2}      cpu {:7.2}", "ratio", ratio(|usage| usage.wall)?, ratio(|usage| usage.cpu)?);
    Ok(())
}
