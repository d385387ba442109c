//! Proof for everybody: that an entry was said by the unit it names, and that no letter of it was changed.
//!
//! The rule is [`judge`], which is pure. What is judged comes from this site's own tables ([`stored`]) or
//! out of a file somebody kept ([`original`]); pages and the command `verify` only put it into words.

pub mod cli;
pub mod in_words;
pub mod judge;
pub mod original;
pub mod stored;
#[cfg(test)]
mod tests;

pub use judge::{Findings, KeyFound, SignatureFound, Verdict, Words, WordsFound};
pub use stored::Checked;
