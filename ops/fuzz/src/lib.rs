//! The fuzz targets of the house: each is a function that takes any bytes and panics when something does not hold.
//!
//! A reader begins with [`targets`]; how they are run, and how one is added, stands in `README.md`.

// The binary keeps its configuration to itself.
#[allow(dead_code, reason = "a target reads it and asks for nothing of it")]
#[path = "../../../apps/hub/src/config.rs"]
mod config;
// So do the doctor and its way to a web server.
#[allow(dead_code, reason = "a target reads answers and asks nobody")]
#[path = "../../../apps/hub/src/doctor/dns.rs"]
mod dns;
pub mod mutate;
#[allow(dead_code, reason = "the configuration names it")]
#[path = "../../../apps/hub/src/network.rs"]
mod network;
#[allow(dead_code, reason = "a target reads answers and asks nobody")]
#[path = "../../../apps/hub/src/probe.rs"]
mod probe;
pub mod targets;

/// One target by its name.
pub fn target(name: &str) -> Option<fn(&[u8])> {
    targets::ALL.iter().find(|(known, _)| *known == name).map(|(_, run)| *run)
}
