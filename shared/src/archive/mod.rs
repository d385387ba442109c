//! Leaving, and arriving with all one has: a whole site as one open file, and back.
//!
//! An archive is a plain ZIP. Whoever has none of our software opens `index.html` in it and reads; a
//! program finds every entry with all its revisions as JSON Feed, media by hash, and the signed log, by
//! which it can be checked years later. The layout is in docs/archive.md and in the archive itself.

pub mod cli;
pub mod export;
pub mod import;
pub mod layout;
mod pages;
#[cfg(test)]
mod tests;
pub mod zip;
