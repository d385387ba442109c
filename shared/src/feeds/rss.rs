//! RSS 2.0, for the readers and old portals that know nothing else. What RSS lacks is borrowed:
//! full text from `content`, names from Dublin Core, links from Atom.

use chrono::{DateTime, Utc};

use super::atom::HISTORY_NAMESPACE;
use super::model::{ArchiveLinks, FeedDocument, FeedEntry, absolute_links};
use super::xml::Xml;

/// The media type of what [`write()`] returns.
pub const CONTENT_TYPE: &str = "application/rss+xml; charset=utf-8";

/// The feed as an RSS document.
pub fn write(feed: &FeedDocument) -> Vec<u8> {
    let mut xml = Xml::new();
    let attributes = [
        ("version", Some("2.0")),
        ("xmlns:atom", Some("http://www.w3.org/2005/Atom")),
        (
            "xmlns:content",
            Some("http://purl.org/rss/1.0/modules/content/"),
        ),
        ("xmlns:dc", Some("http://purl.org/dc/elements/1.1/")),
        ("xmlns:fh", Some(HISTORY_NAMESPACE)),
    ];
    xml.element("rss", &attributes, |xml| {
        xml.element("channel", &[], |xml| channel(xml, feed));
    });
    xml.finish()
}

fn channel(xml: &mut Xml, feed: &FeedDocument) {
    xml.text("title", &[], &feed.title);
    xml.text("link", &[], &feed.site_url);
    // RSS insists on a description.
    xml.text(
        "description",
        &[],
        feed.subtitle.as_deref().unwrap_or(&feed.title),
    );
    xml.text("language", &[], &feed.language);
    xml.text("lastBuildDate", &[], &date(feed.updated));
    link(xml, "self", &feed.self_url, Some("application/rss+xml"));
    if let Some(hub) = &feed.hub_url {
        link(xml, "hub", hub, None);
    }
    if let Some(links) = &feed.archive {
        archive(xml, links);
    }
    for entry in &feed.entries {
        xml.element("item", &[], |xml| item(xml, entry, feed));
    }
}

fn archive(xml: &mut Xml, links: &ArchiveLinks) {
    if links.is_archive {
        xml.empty("fh:archive", &[]);
    }
    for (relation, url) in links.relations() {
        link(xml, relation, url, None);
    }
}

fn item(xml: &mut Xml, entry: &FeedEntry, feed: &FeedDocument) {
    xml.text("title", &[], &entry.title);
    xml.text("link", &[], &entry.url);
    // Never a permalink: readers would take a changed address for a new entry.
    xml.text("guid", &[("isPermaLink", Some("false"))], &entry.id);
    xml.text("pubDate", &[], &date(entry.published));
    if entry.authors.is_empty() {
        xml.text("dc:creator", &[], &feed.author);
    }
    for name in &entry.authors {
        xml.text("dc:creator", &[], name);
    }
    if let Some(section) = &entry.section {
        xml.text("category", &[], &section.label);
    }
    if let Some(source) = &entry.source
        && let Some(url) = &source.self_url
    {
        xml.text("source", &[("url", Some(url))], &source.title);
    }
    for file in &entry.enclosures {
        let length = file.length.to_string();
        let attributes = [
            ("url", Some(file.url.as_str())),
            ("length", Some(&length)),
            ("type", Some(&file.mime)),
        ];
        xml.empty("enclosure", &attributes);
    }
    xml.optional_text("description", entry.summary.as_deref());
    xml.text(
        "content:encoded",
        &[],
        &absolute_links(&entry.content_html, &feed.site_url),
    );
}

fn link(xml: &mut Xml, relation: &str, href: &str, mime: Option<&str>) {
    let attributes = [
        ("rel", Some(relation)),
        ("type", mime),
        ("href", Some(href)),
    ];
    xml.empty("atom:link", &attributes);
}

/// An RFC 822 date. Not chrono's own: that panics on a year of five digits.
fn date(time: DateTime<Utc>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}
