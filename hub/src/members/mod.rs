//! The member registry: who is invited, who takes part, who is suspended.

pub mod invitation;
pub mod keys;
pub mod registry;
