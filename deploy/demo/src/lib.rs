//! A demo province: a hub and its members as real processes, filled with a year of sample content.

pub mod cli;
pub mod content;
pub mod foreign;
pub mod pictures;
pub mod processes;
pub mod province;
pub mod seed;
pub mod slow;
pub mod summary;
