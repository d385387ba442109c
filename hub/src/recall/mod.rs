//! Taking back what any unit of the province published, and seeing to it that it is gone everywhere.
//!
//! [`order`](mod@order) says it: one event in the urgent lane for all who ever were to receive anything of the
//! entry. [`whereabouts`] tells beforehand where it is; [`policy`] whether one person is enough, and [`proposal`] waits for
//! the second. [`progress`] is how far each site has come; [`watch`] looks for itself; [`report`] is what is left on paper.
//! [`lift`] takes a recall back. [`search`] finds what says something.

pub mod lift;
pub mod order;
pub mod policy;
pub mod progress;
pub mod proposal;
pub mod report;
pub mod search;
pub mod watch;
pub mod whereabouts;

pub use order::{Order, find_entry, order};
