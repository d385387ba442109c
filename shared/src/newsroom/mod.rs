//! The desk of a site: what people write, publish and decide upon.
//!
//! A [`draft`] is what was typed; [`publish`](publish::publish) makes an entry of it, signs it into
//! the log and shows it, in one transaction. The [`inbox`] is what others sent and somebody here has
//! to decide upon; [`sent`] is the way of our own entries to the hub. Forms come in as text and leave
//! [`form`] either whole or as a list of what to mend, never half written.

pub mod draft;
pub mod form;
pub mod inbox;
pub mod publish;
mod second_look;
pub mod sent;
#[cfg(test)]
mod tests;
pub mod upload;

pub use second_look::second_look;
