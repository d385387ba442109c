//! Feeds the hub reads: the way in of portals that are not ours, and a second look at those that are.

pub mod source;
