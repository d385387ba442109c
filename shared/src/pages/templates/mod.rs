//! One struct a page, with the template it fills.
//!
//! Handlers load and decide, fill one of these, and answer with its `render()`. The fields are
//! the whole contract: a template reads nothing else.

mod hub;
mod newsroom;
mod public;
#[cfg(test)]
mod samples;

pub use hub::*;
pub use newsroom::*;
pub use public::*;
