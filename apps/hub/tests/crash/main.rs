//! Kills: a hub that is killed at any moment loses nothing that it acknowledged, and does nothing twice.
//!
//! `ops/soak` runs as many kills as one likes. The luck of a run comes from its seed, which is printed; the moments at which
//! the machine does things do not, so that a seed brings the same kills at nearly the same moments.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod archive;
mod backups;
mod faults;
#[path = "../steps/fill.rs"]
mod fill;
mod full_disk;
#[path = "../flows/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "shared with the flows, which use more of it")]
mod harness;
mod judge;
mod load;
mod look;
#[path = "../../src/demo/luck.rs"]
#[allow(dead_code, reason = "shared with the demo, which uses more of it")]
mod luck;
mod migrating;
mod post_office;
mod repository;
mod rig;
mod stopping;

#[test]
fn a_hub_that_is_killed_again_and_again_loses_nothing() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let kills = number("GUILDHALL_KILLS").unwrap_or(100);
    let seed = number("GUILDHALL_SEED").unwrap_or(2611);
    eprintln!("seed {seed}");
    rig::run_rig(kills, seed);
}
