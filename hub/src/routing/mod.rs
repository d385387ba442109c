//! Routes: who receives what, decided by a pure function over rules the province edits.

pub mod preview;
pub mod route;
mod targets;

pub use route::{Moment, Route, Source};
pub use targets::{Routed, Subject, targets};
