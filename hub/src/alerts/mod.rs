//! Alerts: what is wrong at members is noticed, told to those who asked to be told, and known to be known.
//!
//! One way through: [`trouble`] says what is wrong by one look at the members; [`alert`] remembers since when;
//! [`rounds`] decides whom to tell by the rules of [`recipient`] and has it written by `wording`; [`delivery`] hands
//! the messages over by [`mail`] or [`webhook`] until they are taken.

pub mod alert;
pub mod delivery;
pub mod mail;
pub mod message;
pub mod recipient;
pub mod rounds;
#[cfg(test)]
mod tests;
pub mod trouble;
pub mod webhook;
mod wording;

/// Where the desk shows them.
pub const PATH: &str = "/quan-tri/canh-bao";
