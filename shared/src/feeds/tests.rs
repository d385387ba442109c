//! What we write, read back by a reader that is not ours.

#![allow(clippy::unwrap_used)]

use chrono::{DateTime, Utc};
use feed_rs::model::{Feed, FeedType};
use proptest::prelude::*;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use serde_json::{Value, json};

use super::model::*;
use super::{atom, json_feed, rss};
use crate::log::canonical::Digest;

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn article() -> FeedEntry {
    FeedEntry {
        id: "urn:uuid:0197c1d2-0000-7000-8000-000000000001".into(),
        url: "https://konray.example/bai-viet/hop-0197c1d2".into(),
        title: "Họp xã <Kon Rẫy> & \"hai\" thôn".into(),
        summary: Some("Chiều nay, A Mẫu & Y Thử dự họp.".into()),
        content_html: r#"<p>Toàn văn &amp; ảnh: <img src="/media/sha256/ab" alt=""></p>"#.into(),
        published: time("2026-11-20T01:02:03.250Z"),
        updated: time("2026-11-21T00:00:00Z"),
        authors: vec!["A Mẫu".into(), "Y Thử".into()],
        language: "vi".into(),
        section: Some(Section {
            code: "news".into(),
            label: "Tin tức – Sự kiện".into(),
        }),
        source: Some(Source {
            id: "urn:uuid:0197c1d2-0000-7000-8000-0000000000ff".into(),
            title: "Xã Đăk Ruồng".into(),
            url: "https://dakruong.example/".into(),
            self_url: Some("https://dakruong.example/atom".into()),
        }),
        enclosures: vec![Enclosure {
            url: "https://konray.example/media/sha256/cd".into(),
            mime: "application/pdf".into(),
            length: 12_345,
            title: Some("Giấy mời".into()),
            sha256: Some(Digest::of("giấy mời")),
        }],
    }
}

fn feed() -> FeedDocument {
    FeedDocument {
        id: "urn:uuid:0197c1d2-0000-7000-8000-0000000000aa".into(),
        title: "Trang thông tin xã Kon Rẫy".into(),
        subtitle: Some("Tin mới".into()),
        self_url: "https://konray.example/feed".into(),
        site_url: "https://konray.example/".into(),
        hub_url: Some("https://hub.example/websub".into()),
        language: "vi".into(),
        updated: time("2026-11-21T00:00:00Z"),
        author: "UBND xã Kon Rẫy".into(),
        entries: vec![article()],
        tombstones: vec![Tombstone {
            entry: "urn:uuid:0197c1d2-0000-7000-8000-000000000002".into(),
            when: time("2026-11-21T05:00:00Z"),
            by: Some("Sở Ví Dụ".into()),
            comment: Some("Đăng nhầm".into()),
            kind: TombstoneKind::Recall,
        }],
        archive: Some(ArchiveLinks {
            is_archive: true,
            current: Some("https://konray.example/atom".into()),
            prev: Some("https://konray.example/atom/luu-tru/1".into()),
            next: Some("https://konray.example/atom/luu-tru/3".into()),
        }),
    }
}

fn read(bytes: &[u8]) -> Feed {
    feed_rs::parser::Builder::new()
        .sanitize_content(false)
        .build()
        .parse(bytes)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes)))
}

/// Elements of a namespace with a local name, read by a parser that checks well-formedness.
fn elements(bytes: &[u8], namespace: &str, name: &str) -> Vec<BytesStart<'static>> {
    let mut reader = NsReader::from_reader(bytes);
    let mut found = Vec::new();
    loop {
        match reader.read_resolved_event().unwrap() {
            (ResolveResult::Bound(ns), Event::Start(element) | Event::Empty(element))
                if ns.as_ref() == namespace && element.local_name().as_ref() == name =>
            {
                found.push(element.into_owned());
            }
            (_, Event::Eof) => return found,
            _ => {}
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).unwrap()?;
    Some(
        quick_xml::escape::unescape(&attribute.value)
            .unwrap()
            .into_owned(),
    )
}

const ATOM: &str = "http://www.w3.org/2005/Atom";
const FULL_TEXT: &str =
    r#"<p>Toàn văn &amp; ảnh: <img src="https://konray.example/media/sha256/ab" alt=""></p>"#;

#[test]
fn atom_is_read_back_whole() {
    let read = read(&atom::write(&feed()));
    assert_eq!(read.feed_type, FeedType::Atom);
    assert_eq!(read.id, feed().id);
    assert_eq!(read.title.unwrap().content, feed().title);
    assert_eq!(read.description.unwrap().content, "Tin mới");
    assert_eq!(read.language.as_deref(), Some("vi"));
    assert_eq!(read.updated, Some(feed().updated));
    let relation = |rel: &str| {
        let link = read
            .links
            .iter()
            .find(|link| link.rel.as_deref() == Some(rel));
        link.map(|link| link.href.as_str())
    };
    assert_eq!(relation("self"), Some("https://konray.example/feed"));
    assert_eq!(relation("hub"), Some("https://hub.example/websub"));
    assert_eq!(relation("alternate"), Some("https://konray.example/"));

    let entry = &read.entries[0];
    assert_eq!(entry.id, article().id);
    assert_eq!(entry.title.as_ref().unwrap().content, article().title);
    assert_eq!(
        Some(&entry.summary.as_ref().unwrap().content),
        article().summary.as_ref()
    );
    assert_eq!(
        entry.content.as_ref().unwrap().body.as_deref(),
        Some(FULL_TEXT)
    );
    assert_eq!(entry.published, Some(article().published));
    assert_eq!(entry.updated, Some(article().updated));
    let authors: Vec<_> = entry
        .authors
        .iter()
        .filter_map(|a| a.name.as_deref())
        .collect();
    assert_eq!(authors, ["A Mẫu", "Y Thử"]);
    assert_eq!(entry.categories[0].term, "news");
    assert_eq!(
        entry.categories[0].label.as_deref(),
        Some("Tin tức – Sự kiện")
    );
    assert_eq!(entry.links[0].href, article().url);
    let enclosure = entry.links.last().unwrap();
    assert_eq!(enclosure.rel.as_deref(), Some("enclosure"));
    assert_eq!(enclosure.media_type.as_deref(), Some("application/pdf"));
    assert_eq!(enclosure.length, Some(12_345));
}

#[test]
fn rss_is_read_back_whole() {
    let read = read(&rss::write(&feed()));
    assert_eq!(read.feed_type, FeedType::RSS2);
    assert_eq!(read.title.unwrap().content, feed().title);
    assert_eq!(read.language.as_deref(), Some("vi"));
    assert_eq!(read.updated, Some(feed().updated));
    let entry = &read.entries[0];
    assert_eq!(entry.id, article().id);
    assert_eq!(entry.title.as_ref().unwrap().content, article().title);
    assert_eq!(entry.links[0].href, article().url);
    assert_eq!(
        entry.content.as_ref().unwrap().body.as_deref(),
        Some(FULL_TEXT)
    );
    assert_eq!(entry.published, Some(time("2026-11-20T01:02:03Z")));
    let authors: Vec<_> = entry
        .authors
        .iter()
        .filter_map(|a| a.name.as_deref())
        .collect();
    assert_eq!(authors, ["A Mẫu", "Y Thử"]);
    let file = &entry.media[0].content[0];
    assert_eq!(file.size, Some(12_345));
    assert_eq!(
        file.url.as_ref().unwrap().as_str(),
        "https://konray.example/media/sha256/cd"
    );
}

#[test]
fn a_guid_is_never_a_permalink() {
    let bytes = rss::write(&feed());
    let text = String::from_utf8(bytes).unwrap();
    assert!(
        text.contains(r#"<guid isPermaLink="false">urn:uuid:"#),
        "{text}"
    );
}

#[test]
fn json_keeps_native_items_as_they_are() {
    let item = json!({
        "id": article().id, "title": article().title, "content_html": "<p>x</p>",
        "_entry": {"kind": "article"}, "_lien_cong": {"header": {"v": 1}, "signature": "AAAA"},
    });
    let bytes = json_feed::write(&feed(), vec![item.clone()]);
    let document: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(document["items"], json!([item]));
    assert_eq!(
        document["_lien_cong"]["tombstones"],
        json!([{
            "ref": "urn:uuid:0197c1d2-0000-7000-8000-000000000002",
            "when": "2026-11-21T05:00:00Z",
            "by": "Sở Ví Dụ",
            "comment": "Đăng nhầm",
            "kind": "recall",
        }])
    );
    assert_eq!(document["hubs"][0]["type"], "WebSub");
    assert_eq!(
        document["next_url"],
        "https://konray.example/atom/luu-tru/1"
    );

    let read = read(&bytes);
    assert_eq!(read.feed_type, FeedType::JSON);
    assert_eq!(read.title.unwrap().content, feed().title);
    assert_eq!(read.entries[0].id, article().id);
    assert_eq!(
        read.entries[0].title.as_ref().unwrap().content,
        article().title
    );
    let author = read.authors[0].name.as_deref();
    assert_eq!(author, Some("UBND xã Kon Rẫy"));
}

#[test]
fn tombstones_stand_beside_the_entries() {
    let bytes = atom::write(&feed());
    let stones = elements(&bytes, atom::TOMBSTONE_NAMESPACE, "deleted-entry");
    assert_eq!(stones.len(), 1);
    assert_eq!(
        attribute(&stones[0], "ref"),
        Some(feed().tombstones[0].entry.clone())
    );
    assert_eq!(
        attribute(&stones[0], "when").as_deref(),
        Some("2026-11-21T05:00:00Z")
    );
    for name in ["by", "comment"] {
        assert_eq!(elements(&bytes, atom::TOMBSTONE_NAMESPACE, name).len(), 1);
    }
}

#[test]
fn the_archive_chain_is_linked() {
    for bytes in [atom::write(&feed()), rss::write(&feed())] {
        assert_eq!(
            elements(&bytes, atom::HISTORY_NAMESPACE, "archive").len(),
            1
        );
        let links: Vec<_> = elements(&bytes, ATOM, "link")
            .iter()
            .filter_map(|link| Some((attribute(link, "rel")?, attribute(link, "href")?)))
            .collect();
        for (relation, url) in feed().archive.unwrap().relations() {
            assert!(
                links.contains(&(relation.to_owned(), url.to_owned())),
                "{relation} in {links:?}"
            );
        }
    }
    // The subscription document is no archive.
    let mut newest = feed();
    newest.archive = Some(ArchiveLinks {
        prev: Some("https://konray.example/atom/luu-tru/2".into()),
        ..ArchiveLinks::default()
    });
    let bytes = atom::write(&newest);
    assert!(elements(&bytes, atom::HISTORY_NAMESPACE, "archive").is_empty());
    assert!(String::from_utf8(bytes).unwrap().contains("prev-archive"));
}

#[test]
fn a_copy_names_the_feed_it_comes_from() {
    let bytes = atom::write(&feed());
    assert_eq!(elements(&bytes, ATOM, "source").len(), 1);
    let text = String::from_utf8(bytes).unwrap();
    assert!(
        text.contains(concat!(
            "<source><id>urn:uuid:0197c1d2-0000-7000-8000-0000000000ff</id>",
            "<title>Xã Đăk Ruồng</title>",
        )),
        "{text}"
    );
    assert!(!text.contains("xml:base"));
}

#[test]
fn characters_that_xml_forbids_are_left_out() {
    let forbidden: String = ('\0'..='\x1f').chain(['\u{fffe}', '\u{ffff}']).collect();
    let mut hostile = feed();
    hostile.title = format!("a{forbidden}b");
    hostile.site_url = format!("https://konray.example/{forbidden}");
    hostile.entries[0].content_html = format!("<p>a{forbidden}b ]]&gt; ]]></p>");
    for bytes in [atom::write(&hostile), rss::write(&hostile)] {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let left = text.matches(|c| forbidden.contains(c) && !"\t\n\r".contains(c));
        assert_eq!(left.count(), 0);
        let read = read(&bytes);
        assert!(read.title.unwrap().content.starts_with('a'));
        assert!(
            read.entries[0]
                .content
                .as_ref()
                .unwrap()
                .body
                .as_ref()
                .unwrap()
                .contains("]]>")
        );
    }
}

#[test]
fn a_feed_of_a_site_that_has_published_nothing_is_valid() {
    let mut empty = feed();
    empty.entries.clear();
    empty.tombstones.clear();
    empty.archive = None;
    empty.subtitle = None;
    for bytes in [
        atom::write(&empty),
        rss::write(&empty),
        json_feed::write(&empty, Vec::new()),
    ] {
        assert!(read(&bytes).entries.is_empty());
    }
}

#[test]
fn dates_beyond_four_digits_do_not_panic() {
    let mut far = feed();
    far.updated = DateTime::<Utc>::MAX_UTC;
    far.entries[0].published = DateTime::<Utc>::MIN_UTC;
    let _ = (atom::write(&far), rss::write(&far));
}

proptest! {
    #[test]
    fn whatever_people_write_is_read_back(title: String, body: String, name: String) {
        let mut document = feed();
        document.title = title.clone();
        document.entries[0].title = title;
        document.entries[0].content_html = body;
        document.entries[0].authors = vec![name];
        for bytes in [atom::write(&document), rss::write(&document)] {
            prop_assert_eq!(elements(&bytes, "", "").len(), 0, "well-formed");
        }
    }
}
