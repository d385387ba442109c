//! What the parser passes over: tombstones (RFC 6721), archive links (RFC 5005), and the feed an
//! entry was copied from. Read in a second pass, which never fails: what it cannot read is not there.

use chrono::{DateTime, Utc};
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use url::Url;

use super::ForeignTombstone;
use super::outline::{attribute, attributes};
use super::text::clean;
use crate::feeds::atom::{HISTORY_NAMESPACE, TOMBSTONE_NAMESPACE};
use crate::feeds::model::ArchiveLinks;

/// Tombstones we take from one document.
const MAX_TOMBSTONES: usize = 1_000;

const ATOM_NAMESPACE: &str = "http://www.w3.org/2005/Atom";

/// The extensions in the head of a feed.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    pub(super) tombstones: Vec<ForeignTombstone>,
    pub(super) archive: ArchiveLinks,
}

/// Reads the extensions in `head`; relative links are relative to `base`.
pub(super) fn read(head: &str, base: &Url) -> Extensions {
    let mut found = Extensions::default();
    let mut text = String::new();
    walk(head, |event| match event {
        Step::Start(TOMBSTONE_NAMESPACE, "deleted-entry", tag) => {
            if let Some(stone) = tombstone(tag)
                && found.tombstones.len() < MAX_TOMBSTONES
            {
                found.tombstones.push(stone);
            }
        }
        Step::Start(HISTORY_NAMESPACE, "archive", _) => found.archive.is_archive = true,
        Step::Start(ATOM_NAMESPACE, "link", tag) => archive_link(tag, base, &mut found.archive),
        Step::Start(..) => text.clear(),
        Step::Text(piece) => text.push_str(piece),
        Step::End(namespace, name) => {
            if let Some(stone) = found.tombstones.last_mut() {
                match (namespace, name) {
                    // RFC 6721 makes `by` a person, whose name is an element of Atom.
                    (ATOM_NAMESPACE, "name") | (TOMBSTONE_NAMESPACE, "by")
                        if stone.by.is_none() =>
                    {
                        stone.by = clean(&text);
                    }
                    (TOMBSTONE_NAMESPACE, "comment") => stone.comment = clean(&text),
                    _ => {}
                }
            }
        }
    });
    found
}

/// The feed that `document`, a feed with one entry, has copied that entry from: its `atom:id`, or
/// for RSS its address.
pub(super) fn source(document: &str) -> Option<String> {
    let mut source = None;
    let mut inside = false;
    let mut text = String::new();
    walk(document, |event| match event {
        Step::Start(ATOM_NAMESPACE, "source", _) => inside = true,
        Step::Start("", "source", tag) => {
            source = attribute(&attributes(tag), "url").and_then(clean);
        }
        Step::Start(..) => text.clear(),
        Step::Text(piece) => text.push_str(piece),
        Step::End(ATOM_NAMESPACE, "source") => inside = false,
        Step::End(ATOM_NAMESPACE, "id") if inside => source = clean(&text),
        Step::End(..) => {}
    });
    source
}

fn tombstone(tag: &str) -> Option<ForeignTombstone> {
    let attributes = attributes(tag);
    let when = attribute(&attributes, "when").and_then(|when| when.trim().parse().ok());
    Some(ForeignTombstone {
        entry: clean(attribute(&attributes, "ref")?)?,
        when: when.map(|when: DateTime<Utc>| when),
        by: None,
        comment: None,
    })
}

fn archive_link(tag: &str, base: &Url, archive: &mut ArchiveLinks) {
    let attributes = attributes(tag);
    let place = match attribute(&attributes, "rel") {
        Some("prev-archive") => &mut archive.prev,
        Some("next-archive") => &mut archive.next,
        Some("current") => &mut archive.current,
        _ => return,
    };
    let url = attribute(&attributes, "href").and_then(|href| base.join(href.trim()).ok());
    *place = url.map(String::from);
}

/// A step through a document.
enum Step<'a> {
    /// An element begins: its namespace (empty if it has none), its local name and its tag.
    Start(&'a str, &'a str, &'a str),
    /// Text, with its entities resolved.
    Text(&'a str),
    /// An element ends.
    End(&'a str, &'a str),
}

fn walk(xml: &str, mut step: impl FnMut(Step<'_>)) {
    let mut reader = NsReader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().allow_dangling_amp = true;
    while let Ok((namespace, event)) = reader.read_resolved_event() {
        let namespace = match &namespace {
            ResolveResult::Bound(namespace) => namespace.as_ref(),
            _ => "",
        };
        match event {
            Event::Start(tag) => {
                step(Step::Start(
                    namespace,
                    tag.local_name().as_ref(),
                    whole(&tag),
                ));
            }
            Event::End(tag) => step(Step::End(namespace, tag.local_name().as_ref())),
            Event::Text(text) => step(Step::Text(&text)),
            Event::CData(text) => step(Step::Text(&text)),
            Event::GeneralRef(name) => {
                let resolved = match name.resolve_char_ref() {
                    Ok(Some(character)) => character.to_string(),
                    _ => quick_xml::escape::resolve_predefined_entity(&name)
                        .unwrap_or_default()
                        .to_owned(),
                };
                step(Step::Text(&resolved));
            }
            Event::Eof => return,
            _ => {}
        }
    }
}

fn whole<'a>(tag: &'a BytesStart<'_>) -> &'a str {
    tag
}
