//! The desk of a site: what people write, publish and decide upon.
//!
//! A [`draft`] is what was typed. The [`workflow`] says what may be done with it in which state and by
//! whom; [`moves`] does it and keeps who did it ([`history`]) and what it said then ([`versions`]).
//! What was approved, and nothing else, [`publish`](publish::publish) makes an entry of, signs into
//! the log and shows, in one transaction. The [`inbox`] is what others sent and somebody here has
//! to decide upon; [`sent`] is the way of our own entries to the hub. Forms come in as text and leave
//! [`form`] either whole or as a list of what to mend, never half written.

pub mod answered;
pub mod auto_take;
pub mod difference;
pub mod draft;
pub mod form;
pub mod history;
pub mod inbox;
pub mod lock;
pub mod moves;
pub mod notes;
pub mod pictures;
pub mod post_check;
pub mod publish;
pub mod quota;
pub mod reinstate;
pub mod schedule;
mod second_look;
pub mod sent;
pub mod technical;
#[cfg(test)]
mod tests;
pub mod text;
pub mod upload;
pub mod verdict;
pub mod versions;
pub mod workflow;

pub use second_look::second_look;
