//! What the province says above every page of its members: bulletins in an emergency, and notices that a portal will be
//! out of service.
//!
//! A bulletin is an event of the hub, whole in each version ([`bulletin`]); of what came, the highest version counts
//! ([`record`]). It ends by itself, by the clock of the site that shows it. Staff who have seen to it say so by a letter
//! ([`acknowledgement`]). That a portal will be out of service is said working days before ([`outage`]).

pub mod above;
pub mod acknowledgement;
pub mod bulletin;
pub mod outage;
pub mod record;

pub use acknowledgement::Acknowledged;
pub use bulletin::{Bulletin, Level, More};
pub use outage::Outage;
pub use record::Told;

#[cfg(test)]
mod tests;
