//! What the public sees of each member, looked at from outside as any reader would.
//!
//! One way through: [`schedule`] says whose turn it is; [`look`](mod@look) goes there; [`shown`] holds what stands on a
//! page against what was signed; [`verdict`] says what that comes to; [`record`] keeps it.

pub mod look;
pub mod record;
pub mod schedule;
pub mod shown;
#[cfg(test)]
mod tests;
pub mod verdict;

pub use schedule::Prober;
