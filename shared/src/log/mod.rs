//! The signed log of a site: append-only, chained by hash, erasable in content but not in history.

pub mod canonical;
pub mod keys;
