//! One `start` that is not waited for, with a kept session and without one.

use anyhow::Result;

use crate::measure::{Usage, compare, in_turn, once};
use crate::world::{World, post_start};

const ROUNDS: usize = 40;
const QUICK: &str = "[[task]]\nname = 'quick'\ntakes = '1ms'\n";
const START: &str = "start --name quick -t MTT";

pub(crate) fn warm() -> Result<()> {
    let world = World::serving(QUICK)?;
    once(&world.program("state", "login"))?;
    let curl = post_start(&format!("{}/saas", world.url), &world.session()?);
    let taken = in_turn(ROUNDS, || once(&world.program("state", START)), || once(&curl))?;
    compare("runajob start", "curl", &taken)
}

pub(crate) fn cold() -> Result<()> {
    let world = World::serving(QUICK)?;
    let (login, start) = (world.post_login(), post_start(&format!("{}/saas", world.url), &world.session()?));
    let mut states = 0;
    let ours = || {
        states += 1;
        once(&world.program(&format!("state{states}"), START))
    };
    let theirs = || Ok(together(once(&login)?, once(&start)?));
    compare("runajob start", "curl and curl", &in_turn(ROUNDS, ours, theirs)?)
}

/// Two commands, one after the other.
fn together(one: Usage, other: Usage) -> Usage {
    Usage {
        wall: one.wall + other.wall,
        cpu: one.cpu + other.cpu,
        peak_kib: one.peak_kib.max(other.peak_kib),
        failed: one.failed + other.failed,
    }
}
