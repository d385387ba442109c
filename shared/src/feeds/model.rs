//! What a feed says, whatever it is written in.
//!
//! Every URL here is absolute: a feed is read far from the page it came from. Only the HTML of
//! an entry may hold paths of its own site (`/media/…`), which the writers make absolute.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::log::canonical::Digest;

/// A feed: the newest entries of a site or of one section, or one page of its archive.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedDocument {
    /// Never changes while the feed lives (`urn:uuid:…`).
    pub id: String,
    /// What the feed is called.
    pub title: String,
    /// What it is about.
    pub subtitle: Option<String>,
    /// Where this very document is.
    pub self_url: String,
    /// The pages it is the feed of.
    pub site_url: String,
    /// The WebSub hub that announces changes.
    pub hub_url: Option<String>,
    /// Language of titles and texts, such as `vi`.
    pub language: String,
    /// When anything in it last changed.
    pub updated: DateTime<Utc>,
    /// Who publishes it: stands for every entry that names no author.
    pub author: String,
    /// The entries, newest first.
    pub entries: Vec<FeedEntry>,
    /// Entries that readers shall drop.
    pub tombstones: Vec<Tombstone>,
    /// How to reach older entries.
    pub archive: Option<ArchiveLinks>,
}

/// One published entry.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedEntry {
    /// `urn:uuid:…`, minted at birth; never a URL.
    pub id: String,
    /// Its page.
    pub url: String,
    /// Its title, as plain text.
    pub title: String,
    /// Its lead, as plain text.
    pub summary: Option<String>,
    /// Its whole body, as sanitised HTML.
    pub content_html: String,
    /// When it was first published.
    pub published: DateTime<Utc>,
    /// When it was last revised.
    pub updated: DateTime<Utc>,
    /// Who wrote it, as printed.
    pub authors: Vec<String>,
    /// Its language.
    pub language: String,
    /// Where it is filed.
    pub section: Option<Section>,
    /// For a copy: the feed it comes from.
    pub source: Option<Source>,
    /// Its pictures and files.
    pub enclosures: Vec<Enclosure>,
}

/// A section of a portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its code, the same on every portal.
    pub code: String,
    /// Its name, as shown.
    pub label: String,
}

/// The feed an entry was copied from. Kept when republishing, so that a copy is not taken for
/// news and no entry travels in circles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Id of the origin's feed.
    pub id: String,
    /// Name of the origin.
    pub title: String,
    /// The origin's pages.
    pub url: String,
    /// The origin's feed.
    pub self_url: Option<String>,
}

/// A file that belongs to an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosure {
    /// Where it is.
    pub url: String,
    /// Its media type.
    pub mime: String,
    /// Its size in bytes.
    pub length: u64,
    /// What it is called.
    pub title: Option<String>,
    /// The hash of its bytes.
    pub sha256: Option<Digest>,
}

/// The notice that an entry is no longer to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// Id of the entry.
    #[serde(rename = "ref")]
    pub entry: String,
    /// When it ended.
    #[serde(with = "wire_time")]
    pub when: DateTime<Utc>,
    /// Who ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why, for readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// What ended it.
    pub kind: TombstoneKind,
}

/// What ended an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TombstoneKind {
    /// Its own site took it back.
    Withdraw,
    /// The hub took it back everywhere.
    Recall,
    /// Its time was over.
    Expire,
    /// It held personal data that had to go.
    #[serde(rename = "gdpr")]
    PersonalData,
}

/// Where a document stands in the chain of an archived feed (RFC 5005, section 4).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArchiveLinks {
    /// Whether this document is a page of the archive, whose contents stay as they are.
    pub is_archive: bool,
    /// The subscription document; for archive pages.
    pub current: Option<String>,
    /// The next older page.
    pub prev: Option<String>,
    /// The next newer page.
    pub next: Option<String>,
}

impl ArchiveLinks {
    /// The links there are, by their registered relation.
    pub fn relations(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("current", self.current.as_deref()),
            ("prev-archive", self.prev.as_deref()),
            ("next-archive", self.next.as_deref()),
        ]
        .into_iter()
        .filter_map(|(relation, url)| Some((relation, url?)))
    }

    /// The value of a `Link` header: JSON Feed has no element for these relations.
    pub fn link_header(&self) -> String {
        self.relations()
            .map(|(relation, url)| format!("<{url}>; rel=\"{relation}\""))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// A time on the wire: RFC 3339 in UTC, with milliseconds only where there are any.
pub fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// `html`, with the site's own paths (`src="/…"`, `href="/…"`) made absolute.
///
/// For HTML as our sanitiser writes it: attributes in double quotes, no bare `<` in texts.
pub fn absolute_links(html: &str, site_url: &str) -> String {
    let Ok(site) = Url::parse(site_url) else {
        return html.to_owned();
    };
    let origin = site.origin().ascii_serialization();
    let mut absolute = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let (text, from_tag) = rest.split_at(open);
        absolute.push_str(text);
        let (tag, after) = from_tag.split_at(tag_length(from_tag));
        push_absolute_tag(&mut absolute, tag, &origin);
        rest = after;
    }
    absolute.push_str(rest);
    absolute
}

/// Length of the tag at the start of `html`: to the first `>` outside quotes.
fn tag_length(html: &str) -> usize {
    let mut quoted = false;
    for (position, byte) in html.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return position + 1,
            _ => {}
        }
    }
    html.len()
}

fn push_absolute_tag(absolute: &mut String, tag: &str, origin: &str) {
    let mut rest = tag;
    while let Some(equals) = rest.find("=\"") {
        let (before, value) = rest.split_at(equals + 2);
        absolute.push_str(before);
        let names_a_path = before.ends_with(" src=\"") || before.ends_with(" href=\"");
        if names_a_path && value.starts_with('/') && !value.starts_with("//") {
            absolute.push_str(origin);
        }
        // Over the value, so that nothing inside it is taken for an attribute.
        let end = value.find('"').map_or(value.len(), |quote| quote + 1);
        absolute.push_str(&value[..end]);
        rest = &value[end..];
    }
    absolute.push_str(rest);
}

mod wire_time {
    use chrono::{DateTime, Utc};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        time: &DateTime<Utc>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::timestamp(*time))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<DateTime<Utc>, D::Error> {
        DateTime::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn paths_become_absolute_in_attributes_only() {
        assert_eq!(
            absolute_links(
                concat!(
                    r#"<p>src="/a" <img alt="5 > 4 src=" src="/media/sha256/ab" title="=&quot;/x">"#,
                    r#"<a href="/tin-tuc" rel="noopener">x</a><a href="//other.example/">y</a>"#,
                    r#"<a href="https://other.example/z">z</a></p>"#,
                ),
                "https://konray.example/some/page",
            ),
            concat!(
                r#"<p>src="/a" <img alt="5 > 4 src=" src="https://konray.example/media/sha256/ab" title="=&quot;/x">"#,
                r#"<a href="https://konray.example/tin-tuc" rel="noopener">x</a><a href="//other.example/">y</a>"#,
                r#"<a href="https://other.example/z">z</a></p>"#,
            )
        );
    }

    #[test]
    fn broken_html_passes_unharmed() {
        for html in [
            "",
            "<",
            "<a",
            "<a href=\"/",
            "a > b",
            "\"<\">",
            "<đ href=\"é",
        ] {
            let absolute = absolute_links(html, "https://konray.example/");
            assert_eq!(absolute.replace("https://konray.example", ""), html);
        }
        assert_eq!(
            absolute_links("<a href=\"/x\">", "nowhere"),
            "<a href=\"/x\">"
        );
    }

    #[test]
    fn a_tombstone_travels_as_json() {
        let json = serde_json::json!({
            "ref": "urn:uuid:0197c1d2-0000-7000-8000-000000000001",
            "when": "2026-11-22T01:02:03.500Z",
            "by": "Sở Ví Dụ",
            "kind": "gdpr",
        });
        let tombstone: Tombstone = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(tombstone.kind, TombstoneKind::PersonalData);
        assert_eq!(serde_json::to_value(&tombstone).unwrap(), json);
    }

    #[test]
    fn the_link_header_names_the_chain() {
        let links = ArchiveLinks {
            is_archive: true,
            current: Some("https://a.example/feed.json".into()),
            prev: None,
            next: Some("https://a.example/luu-tru/2".into()),
        };
        assert_eq!(
            links.link_header(),
            r#"<https://a.example/feed.json>; rel="current", <https://a.example/luu-tru/2>; rel="next-archive""#
        );
    }
}
