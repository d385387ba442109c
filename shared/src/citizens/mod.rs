//! The citizen desk: what people ask, report and tell in confidence, and what they are answered.
//!
//! Somebody asks at any site, without an account, and is given a receipt. What they ask is a **case**: a thread of
//! messages ([`thread`]) that is one at every site that has to do with it. Where another unit is to answer,
//! messages travel as letters ([`letter`]) by way of the hub, in no feed and to nobody else. A **tip** is sealed
//! ([`sealed`]) to the key of the office that may read it as soon as it is sent: no site, log or backup on its way
//! holds a word of it.

pub mod case;
pub mod code;
pub mod deadline;
pub mod guard;
pub mod handover;
pub mod letter;
pub mod message_record;
pub mod picture_record;
pub mod sealed;
pub mod thread;
pub mod tip_office;
pub mod told;

pub use case::Kind;
pub use code::{OfficeCode, Receipt};
pub use thread::{Act, Message, Rating, State};

#[cfg(test)]
mod tests;
