//! Atom 1.0 (RFC 4287): the reference form of our feeds, with archive links (RFC 5005) and
//! tombstones (RFC 6721).

use super::model::{
    ArchiveLinks, Enclosure, FeedDocument, FeedEntry, Source, Tombstone, absolute_links, timestamp,
};
use super::xml::Xml;

/// The media type of what [`write()`] returns.
pub const CONTENT_TYPE: &str = "application/atom+xml; charset=utf-8";

/// Namespace of feed history (RFC 5005).
pub const HISTORY_NAMESPACE: &str = "http://purl.org/syndication/history/1.0";
/// Namespace of tombstones (RFC 6721).
pub const TOMBSTONE_NAMESPACE: &str = "http://purl.org/atompub/tombstones/1.0";

const ATOM_NAMESPACE: &str = "http://www.w3.org/2005/Atom";
const OWN_NAMESPACE: &str = "https://lien-cong.example/ns/feed";

/// The feed as an Atom document.
pub fn write(feed: &FeedDocument) -> Vec<u8> {
    let mut xml = Xml::new();
    let attributes = [
        ("xmlns", Some(ATOM_NAMESPACE)),
        ("xmlns:fh", Some(HISTORY_NAMESPACE)),
        ("xmlns:at", Some(TOMBSTONE_NAMESPACE)),
        ("xmlns:lc", Some(OWN_NAMESPACE)),
        ("xml:lang", Some(feed.language.as_str())),
    ];
    xml.element("feed", &attributes, |xml| {
        xml.text("id", &[], &feed.id);
        xml.text("title", &[], &feed.title);
        xml.optional_text("subtitle", feed.subtitle.as_deref());
        xml.text("updated", &[], &timestamp(feed.updated));
        author(xml, &feed.author);
        link(xml, "self", &feed.self_url, Some("application/atom+xml"));
        link(xml, "alternate", &feed.site_url, Some("text/html"));
        if let Some(hub) = &feed.hub_url {
            link(xml, "hub", hub, None);
        }
        if let Some(links) = &feed.archive {
            archive(xml, links);
        }
        for tombstone in &feed.tombstones {
            deleted_entry(xml, tombstone);
        }
        for item in &feed.entries {
            entry(xml, item, &feed.site_url);
        }
    });
    xml.finish()
}

fn archive(xml: &mut Xml, links: &ArchiveLinks) {
    if links.is_archive {
        xml.empty("fh:archive", &[]);
    }
    for (relation, url) in links.relations() {
        link(xml, relation, url, None);
    }
}

fn deleted_entry(xml: &mut Xml, tombstone: &Tombstone) {
    let when = timestamp(tombstone.when);
    let attributes = [
        ("ref", Some(tombstone.entry.as_str())),
        ("when", Some(&when)),
    ];
    xml.element("at:deleted-entry", &attributes, |xml| {
        if let Some(by) = &tombstone.by {
            xml.element("at:by", &[], |xml| xml.text("name", &[], by));
        }
        xml.optional_text("at:comment", tombstone.comment.as_deref());
    });
}

fn entry(xml: &mut Xml, entry: &FeedEntry, site_url: &str) {
    xml.element("entry", &[("xml:lang", Some(&entry.language))], |xml| {
        xml.text("id", &[], &entry.id);
        xml.text("title", &[], &entry.title);
        link(xml, "alternate", &entry.url, Some("text/html"));
        xml.text("published", &[], &timestamp(entry.published));
        xml.text("updated", &[], &timestamp(entry.updated));
        for name in &entry.authors {
            author(xml, name);
        }
        if let Some(section) = &entry.section {
            let attributes = [
                ("term", Some(section.code.as_str())),
                ("label", Some(section.label.as_str())),
            ];
            xml.empty("category", &attributes);
        }
        for file in &entry.enclosures {
            enclosure(xml, file);
        }
        if let Some(origin) = &entry.source {
            source(xml, origin);
        }
        xml.optional_text("summary", entry.summary.as_deref());
        xml.text(
            "content",
            &[("type", Some("html"))],
            &absolute_links(&entry.content_html, site_url),
        );
    });
}

fn author(xml: &mut Xml, name: &str) {
    xml.element("author", &[], |xml| xml.text("name", &[], name));
}

fn link(xml: &mut Xml, relation: &str, href: &str, mime: Option<&str>) {
    let attributes = [
        ("rel", Some(relation)),
        ("type", mime),
        ("href", Some(href)),
    ];
    xml.empty("link", &attributes);
}

fn enclosure(xml: &mut Xml, file: &Enclosure) {
    let length = file.length.to_string();
    let sha256 = file.sha256.map(|digest| digest.hex());
    let attributes = [
        ("rel", Some("enclosure")),
        ("type", Some(file.mime.as_str())),
        ("length", Some(&length)),
        ("title", file.title.as_deref()),
        ("href", Some(&file.url)),
        ("lc:sha-256", sha256.as_deref()),
    ];
    xml.empty("link", &attributes);
}

fn source(xml: &mut Xml, origin: &Source) {
    xml.element("source", &[], |xml| {
        xml.text("id", &[], &origin.id);
        xml.text("title", &[], &origin.title);
        link(xml, "alternate", &origin.url, Some("text/html"));
        if let Some(url) = &origin.self_url {
            link(xml, "self", url, None);
        }
    });
}
