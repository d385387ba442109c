//! Saying something above every page of the province, and seeing how far it has come.
//!
//! [`order`](mod@order) says it: one event in the urgent lane for each version. [`progress`] is how far each member has
//! come with it, by receipts and by the word of its people; [`watch`] looks at its pages. [`outages`] are the portals
//! out of service, for whoever would miss them.

pub mod order;
pub mod outages;
pub mod progress;
pub mod watch;

pub use order::{Order, order};
