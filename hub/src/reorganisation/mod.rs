//! Units over time: mergers, splits, new names and new hosts, as operations that hold from a day on.
//!
//! What is entered is an [`Operation`]. What it would change is a [`Plan`], made by a pure function and shown before
//! anything is done; what is carried out is what was shown. It takes effect on its day, also where it was entered
//! before or after that, and until then it can be withdrawn.

pub mod carry_out;
pub mod operation;
pub mod plan;
#[cfg(test)]
mod plan_tests;
pub mod stored;
#[cfg(test)]
mod tests;

pub use operation::{Beginning, Ending, Kind, Operation};
pub use plan::{Plan, Refusal, plan};
