//! Feeds the hub reads: the way in of portals that are not ours, and a second look at those that are.
//!
//! [`schedule`] decides when a [`source`] is asked, [`poll`] asks and understands the answer, [`items`]
//! makes entries of what a foreign portal shows, and [`check`] compares what a native one shows with
//! what push brought.

pub mod check;
pub mod items;
pub mod poll;
pub mod quarantine;
pub mod schedule;
pub mod sections;
pub mod source;

mod entry;

#[cfg(test)]
mod tests;

pub use poll::Reader;
