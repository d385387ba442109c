//! What is published: entries, their kinds, revisions and bodies, and the search over them.
//!
//! An entry has one writer, the site where it was born. Others hold verified copies, plus their
//! own [`placement`] of it, which is never part of the copy.

pub mod apply;
pub mod body;
pub mod catalogue;
pub mod item;
pub mod kinds;
pub mod listing;
pub mod order;
pub mod placement;
pub mod publication;
pub mod purge;
pub mod recall;
pub mod record;
pub mod search;
pub mod second_look;
pub mod section;

pub use item::{Attachment, Fields, Item, Kind, MediaRole};
pub use placement::{Mode, Placing};
