//! Scoring and ranking members: by data alone, by a scheme that is data itself, and so that everybody can do it
//! again from what is published.
//!
//! A [`period`] is opened with a version of the [`scheme`]. What the hub holds is counted ([`collect`]) into raw
//! numbers ([`input`]); people may object, and what follows is an adjustment beside the raw number, never instead of
//! it ([`objection`]). [`score`] makes points, classes and places of that, purely; [`snapshot`] writes all of it
//! down, signed, once and for all. Each member is told its own numbers, and answers, by [`letters`].

pub mod cli;
pub mod collect;
pub mod disclosure;
pub mod evidence;
pub mod group;
pub mod input;
pub mod letters;
pub mod objection;
pub mod people;
pub mod period;
pub mod scheme;
pub mod score;
pub mod snapshot;
pub mod span;
#[cfg(test)]
pub(crate) mod tests;
pub mod told;
pub mod version;

/// Where everybody sees what was published.
pub const PUBLIC_PAGE: &str = "/xep-hang";
