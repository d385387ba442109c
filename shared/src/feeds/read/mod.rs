//! Reading the feeds of portals that are not ours, whatever state they are in.
//!
//! [`guard::read`] is the way in. Nothing a foreign document holds may cost more than its own
//! source: sizes, depth and time are bounded, and one bad entry is set aside with its reason while
//! the rest goes in. The HTML that comes out is *not* sanitised; that happens where it is stored.

pub mod conditional;
pub mod decode;
pub mod guard;
pub mod identity;
pub mod parse;

mod atom_03;
mod extensions;
mod json;
mod markup;
mod outline;
mod text;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde_json::Value;

use self::identity::Identity;
use super::model::ArchiveLinks;

/// What a foreign document says.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadFeed {
    /// What it is written in.
    pub format: Format,
    /// What the feed calls itself, as plain text.
    pub title: Option<String>,
    /// The entries that could be read, in the document's order, no two with one identity.
    pub entries: Vec<ForeignEntry>,
    /// The entries that could not.
    pub quarantined: Vec<Quarantined>,
    /// Entries the feed wants to be forgotten.
    pub tombstones: Vec<ForeignTombstone>,
    /// The way to older entries; `prev` is the `prev-archive` of RFC 5005.
    pub archive: ArchiveLinks,
    /// What is odd about the document; for the log and for the operator.
    pub warnings: Vec<Warning>,
}

/// What a feed is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Atom 1.0, or 0.3 in modern dress.
    Atom,
    /// RSS 0.91 to 2.0.
    Rss,
    /// RSS 0.90 and 1.0, which are RDF.
    Rdf,
    /// JSON Feed 1.
    Json,
}

/// An entry of a foreign feed.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignEntry {
    /// What this entry is recognised by at the next poll.
    pub identity: Identity,
    /// The feed's own id of it.
    pub guid: Option<String>,
    /// Its page; absolute.
    pub link: Option<String>,
    /// Its title, as plain text.
    pub title: Option<String>,
    /// Its lead, as plain text.
    pub summary: Option<String>,
    /// Its body, or the best the feed has, as HTML that nobody has sanitised.
    pub content_html: Option<String>,
    /// What relative links in `content_html` are relative to.
    pub base: String,
    /// When it says it was published.
    pub published: Option<DateTime<Utc>>,
    /// When it says it was revised.
    pub updated: Option<DateTime<Utc>>,
    /// Its authors, by name.
    pub authors: Vec<String>,
    /// What it is filed under.
    pub tags: Vec<String>,
    /// Its files.
    pub enclosures: Vec<ForeignEnclosure>,
    /// Its language.
    pub language: Option<String>,
    /// Id or address of the feed it was copied from (`atom:source`, RSS `source`).
    pub source: Option<String>,
    /// The whole item, if it is one of ours: it holds a signed header.
    pub native: Option<Value>,
}

/// A file of a foreign entry. Everything about it is a claim until it was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignEnclosure {
    /// Where it is; absolute.
    pub url: String,
    /// Its media type.
    pub mime: Option<String>,
    /// Its size in bytes.
    pub length: Option<u64>,
    /// What it is called.
    pub title: Option<String>,
}

/// A foreign feed's notice that an entry is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignTombstone {
    /// The feed's id of the entry.
    pub entry: String,
    /// When it ended.
    pub when: Option<DateTime<Utc>>,
    /// Who ended it.
    pub by: Option<String>,
    /// Why.
    pub comment: Option<String>,
}

/// An entry set aside, so that it does not hold up the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Where in the document it is, from 0.
    pub position: usize,
    /// What is wrong with it.
    pub reason: String,
    /// How it begins, for whoever has to find it.
    pub head: String,
}

/// Something odd that did not keep a document from being read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// The document names a charset we do not know.
    #[error("unknown charset {0}")]
    UnknownCharset(String),
    /// Some bytes are not of the document's charset.
    #[error("some bytes do not fit the charset")]
    UndecodableBytes,
    /// The document does not say which version of its format it is.
    #[error("the version is missing or unusual: {0}")]
    UnusualVersion(String),
    /// What stands before the entries could not be read; the entries were.
    #[error("the head of the feed could not be read: {0}")]
    UnreadableHead(String),
    /// The entry at this position could be read only after its markup was repaired.
    #[error("entry {0} had to be repaired")]
    Repaired(usize),
    /// There are more entries than we take from one document.
    #[error("only the first {0} entries were read")]
    TooManyEntries(usize),
    /// Several entries have this guid; they go by their links instead.
    #[error("several entries share the guid {0}")]
    SharedGuid(String),
    /// Several entries without guid have this link; they go by their content instead.
    #[error("several entries share the link {0}")]
    SharedLink(String),
    /// An entry occurs more than once; the newest was taken.
    #[error("the entry {0} occurs more than once")]
    Repeated(String),
}

/// Why a whole document could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is larger than we read.
    #[error("the document is larger than {0} bytes")]
    TooLarge(usize),
    /// Its head nests deeper, or has larger tags, than any feed needs.
    #[error("the document is not a plausible feed: {0}")]
    Implausible(&'static str),
    /// It is something else, such as an HTML page.
    #[error("not a feed: {0}")]
    NotAFeed(String),
    /// It is meant as a feed, but cannot be read at all.
    #[error("unreadable: {0}")]
    Unreadable(String),
    /// Reading took too long.
    #[error("reading took too long")]
    TimedOut,
    /// The reader failed in a way it should not.
    #[error("the reader failed")]
    ReaderFailed,
}
