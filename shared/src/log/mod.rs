//! The signed log of a site: append-only, chained by hash, erasable in content but not in history.
//!
//! Everything a site makes public is an event in its own log: a small header, signed with the
//! site's key and naming the header before it and the content it is about by SHA-256. A letter log
//! is the same for what concerns two units only. [`append`](append::append) is the one way in for
//! our own events; what others send comes in through [`sync::receive`](crate::sync::receive).

pub mod append;
pub mod canonical;
pub mod content;
pub mod event;
pub mod header;
pub mod keyring;
pub mod keys;
pub mod ledger;

pub use append::{NewEvent, append};
pub use canonical::Digest;
pub use header::{EventKind, Header, Lane, SignedHeader};
