//! How logs travel between sites: batches, cursors, receipts, push and pull.
//!
//! Out: [`log::append`](crate::log::append::append) puts an event into the [`outgoing`] stream; a
//! [`link`] per peer moves a [`cursor`] along it. In: [`receive`] takes what was pushed to us or what
//! we asked for. What to do when is decided in [`core`], which knows no sockets and no clock.

pub mod api;
pub mod audience;
pub mod batch;
pub mod core;
pub mod cursor;
pub mod enrol;
pub mod greeting;
pub mod link;
pub mod message_signature;
pub mod nonce;
pub mod outgoing;
pub mod peer;
pub mod receipt;
pub mod receive;
pub mod recover;
pub mod refusal;
pub mod review;
pub mod verify;
pub mod wire;

pub use audience::{Audience, Selector};
pub use receipt::{Outcome, Reason, Receipt};
