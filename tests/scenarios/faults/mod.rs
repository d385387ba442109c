//! Faults on purpose, done to real processes: what was promised holds, whatever happens to the machine,
//! the disk, the clock, the network, the database, and whoever is at the other end.
//!
//! Few rounds in continuous integration, many with `tests/deep`. Each story judges by what its own
//! ledger says and what anybody can ask; what it measures is told at the end of a run and stands in
//! docs/reliability.md.

mod away;
mod canaries;
mod clocks;
mod disks;
mod doubles;
mod feeds;
mod files;
mod herds;
mod holes;
mod kills;
mod many;
mod migrations;
mod poison;
mod postgres;
mod requests;
mod roads;
mod rotation;
mod rows;
mod signatures;
mod syncs;
mod uploads;
