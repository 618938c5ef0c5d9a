//! Many at once: foreign rows in the monitor, runs of one command, processes of one account.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use jiff::Timestamp;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use serde_json::Value;

use crate::measure::{Usage, copies, mebibytes, once, say};
use crate::world::World;

pub(crate) fn foreign_rows() -> Result<()> {
    for rows in [100, 10_000, 50_000] {
        let tasks = "[[task]]\nname = 'many'\ncount = 2\ntakes = '2s'\n[[task]]\nname = 'other'\n";
        let world = World::serving(&format!("foreign_rows = {rows}\n{tasks}"))?;
        let command = "start --name many_1 --name many_2 -t MTT --allow-concurrent --wait --poll-interval 1s";
        once(&world.program("state", "login"))?;
        let asked = count(&world.exchanges()?, "activityMonitor");
        let usage = once(&world.program("state", command))?;
        let looks = count(&world.exchanges()?, "activityMonitor") - asked;
        say(&format!("{rows} rows, {looks} looks"), &[usage])?;
    }
    Ok(())
}

pub(crate) fn thousand_runs() -> Result<()> {
    let world = World::serving("[[task]]\nname = 'many'\ntakes = '75s'\ncount = 1000\n")?;
    let names: String = (1..=1000).map(|number| format!("name:many_{number}\n")).collect();
    let (names_file, handles) = (world.home.path().join("names"), world.home.path().join("handles"));
    std::fs::write(&names_file, names)?;
    let start = format!("start -t MTT --from-file {} --handle-file {}", names_file.display(), handles.display());
    once(&world.program("state", &start))?;
    let before = world.exchanges()?.len();
    // The end of the wait, when every run has its one log request, is measured too.
    let usage = once(&world.program("state", &format!("wait --from-file {}", handles.display())))?;
    let exchanges = &world.exchanges()?[before..];
    let (looks, logs) = (count(exchanges, "activityMonitor"), count(exchanges, "activityLog"));
    say("wait for 1000", &[usage])?;
    println!("  {:<24} {looks} looks at the monitor, {logs} at the log, {:.2} % of a core", "", share(&usage));
    Ok(())
}

pub(crate) fn three_hundred() -> Result<()> {
    on_two_cores()?;
    let world = World::serving("[[task]]\nname = 'many'\ntakes = '40s'\ncount = 300\n")?;
    let usage = copies(300, &world.program("state", "start --name many_{} -t MTT --wait"))?;
    let exchanges = world.exchanges()?;
    let logins = count(&exchanges, "user/login");
    println!(
        "  {:<24} {logins} login, {:.1} requests a run, {} not ended with 0",
        "300 processes",
        f64::from(u32::try_from(exchanges.len())?) / 300.0,
        usage.failed
    );
    println!(
        "  {:<24} {:.2} s CPU in all, {:.1} ms each, largest peak {:.1} MiB, over after {:.1} s",
        "",
        usage.cpu.as_secs_f64(),
        usage.cpu.as_secs_f64() * 1e3 / 300.0,
        mebibytes(usage.peak_kib),
        usage.wall.as_secs_f64()
    );
    let tenths = tenths(&exchanges)?;
    let first = *tenths.keys().next().context("no looks")?;
    // While all are at work: the starts, which are a burst, are over, and no run has ended.
    for (from, to) in [(50, 150), (250, 350)] {
        let counts: Vec<u32> = (from..to).map(|tenth| tenths.get(&(first + tenth)).copied().unwrap_or(0)).collect();
        let (all, busiest) = (counts.iter().sum::<u32>(), counts.iter().max().copied().unwrap_or(0));
        let mean = f64::from(all) / f64::from(u32::try_from(counts.len())?);
        let time = format!("second {} to {}", from / 10, to / 10);
        println!("  {time:<24} {mean:.1} looks in a tenth of a second, {busiest} in the busiest");
    }
    Ok(())
}

/// How many looks fell into each tenth of a second.
fn tenths(exchanges: &[Value]) -> Result<BTreeMap<i64, u32>> {
    let mut found = BTreeMap::new();
    for exchange in exchanges.iter().filter(|exchange| is_for(exchange, "activityLog")) {
        let at: Timestamp = exchange["at"].as_str().context("no time")?.parse()?;
        *found.entry(at.as_millisecond() / 100).or_insert(0) += 1;
    }
    Ok(found)
}

fn count(exchanges: &[Value], what: &str) -> usize {
    exchanges.iter().filter(|exchange| is_for(exchange, what)).count()
}

fn is_for(exchange: &Value, what: &str) -> bool {
    exchange["target"].as_str().is_some_and(|target| target.contains(what))
}

fn share(usage: &Usage) -> f64 {
    100.0 * usage.cpu.as_secs_f64() / usage.wall.as_secs_f64()
}

/// Keeps this process and its children to two of the machine's cores.
fn on_two_cores() -> Result<()> {
    let allowed = sched_getaffinity(Pid::from_raw(0))?;
    let mut two = CpuSet::new();
    for cpu in (0..CpuSet::count()).filter(|&cpu| allowed.is_set(cpu).unwrap_or(false)).take(2) {
        two.set(cpu)?;
    }
    sched_setaffinity(Pid::from_raw(0), &two)?;
    Ok(())
}
