//! What the hub and the member sites are both made of.
//!
//! A server is a [`site::Site`] plus its own few files. Code belongs here when both
//! servers mean the same thing by it, or when it crosses the wire or guards access.
//! Nothing here asks which server it is in: differences arrive as values.

pub mod accounts;
pub mod archive;
pub mod audit;
pub mod background;
pub mod backup;
pub mod bulletins;
pub mod citizens;
pub mod cli;
pub mod clock;
pub mod config;
pub mod directory;
pub mod entries;
pub mod error;
pub mod face;
pub mod feeds;
pub mod folder;
pub mod housekeeping;
pub mod http_client;
pub mod log;
pub mod media;
pub mod newsroom;
pub mod office;
pub mod pages;
pub mod portal;
pub mod problem;
pub mod proof;
pub mod ranking;
pub mod readership;
pub mod room;
pub mod royalties;
pub mod screening;
pub mod scrub;
pub mod server;
pub mod settings;
pub mod site;
pub mod storage;
pub mod sync;
pub mod table;
pub mod telemetry;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod units;
pub mod vietnamese;
pub mod written_code;
