//! Taking back what any unit of the province published, and seeing to it that it is gone everywhere.
//!
//! [`order`](mod@order) says it: one event in the urgent lane for all who ever were to receive anything of the
//! entry. [`progress`] is how far each site has come; [`watch`] looks for itself. [`search`] finds what says something.

pub mod order;
pub mod progress;
pub mod search;
pub mod watch;

pub use order::{Order, find_entry, order};
