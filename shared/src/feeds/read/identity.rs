//! What a foreign item is recognised by at the next poll.
//!
//! Its guid; without one, its link; without that, the hash of its title, date and body. A guid
//! that several items of a document share says nothing about any of them, nor does a link; then
//! the next in order counts, and the operator is told. Items of our own kind go by their id and
//! by nothing else: a title or an address may change, the entry stays.

use std::collections::{HashMap, HashSet};
use std::fmt;

use chrono::{DateTime, Utc};

use super::{ForeignEntry, Warning};
use crate::log::canonical::Digest;

/// What an item is recognised by. Two polls that meet the same item give it the same identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// The id of an item with a signed header.
    Native(String),
    /// The feed's own id of it.
    Guid(String),
    /// The address of its page.
    Link(String),
    /// The hash of its title, date and body. A revision is then a new item: there is nothing
    /// left to tell them together by.
    Content(Digest),
}

impl fmt::Display for Identity {
    /// The form in which it is stored and compared.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Native(id) => write!(f, "native:{id}"),
            Self::Guid(guid) => write!(f, "guid:{guid}"),
            Self::Link(link) => write!(f, "link:{link}"),
            Self::Content(digest) => write!(f, "content:{digest}"),
        }
    }
}

/// Gives the entries of one document their identities, and drops those that occur twice.
pub(super) fn identify(entries: &mut Vec<ForeignEntry>, warnings: &mut Vec<Warning>) {
    let shared_guids = shared(entries.iter(), guid, |entry| entry.link.clone());
    let goes_by_link = |entry: &&ForeignEntry| {
        entry.native.is_none() && guid(entry).is_none_or(|guid| shared_guids.contains(&guid))
    };
    let linked: Vec<&ForeignEntry> = entries.iter().filter(goes_by_link).collect();
    let shared_links = shared(
        linked,
        |entry| entry.link.clone(),
        |entry| Some(content(entry)),
    );

    for entry in entries.iter_mut() {
        entry.identity = identity(entry, &shared_guids, &shared_links);
    }
    warnings.extend(sorted(shared_guids).map(Warning::SharedGuid));
    warnings.extend(sorted(shared_links).map(Warning::SharedLink));
    drop_repeated(entries, warnings);
}

fn identity(
    entry: &ForeignEntry,
    shared_guids: &HashSet<String>,
    shared_links: &HashSet<String>,
) -> Identity {
    if entry.native.is_some() {
        return Identity::Native(entry.guid.clone().unwrap_or_default());
    }
    match (guid(entry), &entry.link) {
        (Some(guid), _) if !shared_guids.contains(&guid) => Identity::Guid(guid),
        (_, Some(link)) if !shared_links.contains(link) => Identity::Link(link.clone()),
        _ => Identity::Content(content(entry)),
    }
}

fn guid(entry: &ForeignEntry) -> Option<String> {
    entry.guid.clone().filter(|_| entry.native.is_none())
}

/// The names that stand for several things: entries with such a name that differ in `distinction`,
/// or have none.
fn shared<'a, T: PartialEq>(
    entries: impl IntoIterator<Item = &'a ForeignEntry>,
    name: impl Fn(&ForeignEntry) -> Option<String>,
    distinction: impl Fn(&ForeignEntry) -> Option<T>,
) -> HashSet<String> {
    let mut first: HashMap<String, Option<T>> = HashMap::new();
    let mut shared = HashSet::new();
    for entry in entries {
        let Some(name) = name(entry) else { continue };
        let own = distinction(entry);
        match first.get(&name) {
            Some(other) if own.is_none() || *other != own => {
                shared.insert(name);
            }
            Some(_) => {}
            None => {
                first.insert(name, own);
            }
        }
    }
    shared
}

fn sorted(names: HashSet<String>) -> impl Iterator<Item = String> {
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort();
    names.into_iter()
}

fn content(entry: &ForeignEntry) -> Digest {
    // Each part with its length, so that nothing moves from one into the next.
    let date = entry.published.or(entry.updated);
    let parts = [
        entry.title.clone(),
        date.map(|date| date.to_rfc3339()),
        entry.content_html.clone().or_else(|| entry.summary.clone()),
    ];
    let mut bytes = Vec::new();
    for part in parts {
        let part = part.unwrap_or_default();
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    Digest::of(bytes)
}

/// Keeps, of entries with one identity, the newest; of equally new ones the first.
fn drop_repeated(entries: &mut Vec<ForeignEntry>, warnings: &mut Vec<Warning>) {
    let time =
        |entry: &ForeignEntry| -> Option<DateTime<Utc>> { entry.updated.or(entry.published) };
    let mut newest: HashMap<Identity, usize> = HashMap::new();
    let mut repeated = HashSet::new();
    for (position, entry) in entries.iter().enumerate() {
        if let Some(other) = newest.get_mut(&entry.identity) {
            repeated.insert(entry.identity.to_string());
            if time(entry) > time(&entries[*other]) {
                *other = position;
            }
        } else {
            newest.insert(entry.identity.clone(), position);
        }
    }
    let keep: HashSet<usize> = newest.into_values().collect();
    let mut position = 0..;
    entries.retain(|_| {
        position
            .next()
            .is_some_and(|position| keep.contains(&position))
    });
    warnings.extend(sorted(repeated).map(Warning::Repeated));
}
