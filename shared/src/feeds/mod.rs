//! Atom, RSS and JSON Feed: written for everybody, read from portals that are not ours.

pub mod archive;
pub mod atom;
pub mod http;
pub mod json_feed;
pub mod model;
pub mod read;
pub mod rss;
pub mod serve;
mod xml;

#[cfg(test)]
mod serve_tests;
#[cfg(test)]
mod tests;
