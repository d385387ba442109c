//! Feeds as readers meet them: a real site, read by a reader that is not ours.

use crate::entries::{MediaRole, Mode, record};
use crate::portal;
use crate::sync::batch;
use crate::testing::press::{self, article};
use crate::testing::{self, Answer, Setup, TestSite, ask};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

const ORIGIN: &str = "https://konbraih.quangngai.example";

struct Reader {
    site: TestSite,
    routes: Router,
}

async fn reader() -> Reader {
    let site = testing::site().await;
    let routes = portal::routes(&site, OpenApiRouter::new(), portal::Own::default());
    Reader { site, routes }
}

impl Reader {
    async fn open(&self, path: &str) -> Answer {
        let request = Request::get(path).body(Body::empty());
        ask(&self.routes, request.expect("a request")).await
    }

    async fn feed(&self, path: &str) -> feed_rs::model::Feed {
        let answer = self.open(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        feed_rs::parser::Builder::new()
            .sanitize_content(false)
            .build()
            .parse(answer.body.as_bytes())
            .expect("a feed")
    }

    async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.open(path).await.body).expect("JSON")
    }

    async fn publish(&self, count: usize) -> Vec<Uuid> {
        let mut ids = Vec::new();
        for number in 0..count {
            self.site.clock.advance(Duration::from_secs(60));
            ids.push(
                article(&format!("Tin số {number}"))
                    .publish(&self.site)
                    .await,
            );
        }
        ids
    }

    /// Everything a walk from `from` along `prev-archive` meets, and the paths it takes.
    async fn walk(&self, from: &str) -> (BTreeSet<Uuid>, Vec<String>) {
        let (mut met, mut paths) = (BTreeSet::new(), vec![from.to_owned()]);
        let mut next = Some(from.to_owned());
        while let Some(path) = next {
            let feed = self.feed(&path).await;
            met.extend(feed.entries.iter().map(|entry| id_of(&entry.id)));
            next = link(&feed, "prev-archive");
            paths.extend(next.clone());
        }
        (met, paths)
    }
}

fn id_of(urn: &str) -> Uuid {
    urn.strip_prefix("urn:uuid:")
        .and_then(|id| id.parse().ok())
        .expect("an entry's id")
}

/// Where a relation leads, as a path of the site.
fn link(feed: &feed_rs::model::Feed, relation: &str) -> Option<String> {
    let link = feed
        .links
        .iter()
        .find(|link| link.rel.as_deref() == Some(relation))?;
    Some(
        link.href
            .strip_prefix(ORIGIN)
            .expect("an address of this site")
            .to_owned(),
    )
}

#[tokio::test]
async fn the_same_is_told_in_three_formats() {
    let reader = reader().await;
    let empty = reader.feed("/atom").await;
    assert!(empty.entries.is_empty());

    press::deliver(&reader.site, b"jpeg", "image/jpeg", None).await;
    let hex = crate::log::Digest::of(b"jpeg").hex();
    article("Khánh thành cầu treo")
        .lead("Cầu dài 120 m.")
        .body(&format!(
            "<p>Sáng nay.</p><img src=\"/media/sha256/{hex}\">"
        ))
        .with(MediaRole::Lead, b"jpeg", "image/jpeg", &reader.site)
        .publish(&reader.site)
        .await;
    for (path, mime) in [
        ("/atom", "application/atom+xml"),
        ("/rss", "application/rss+xml"),
        ("/feed.json", "application/feed+json"),
        ("/chuyen-muc/tin-tuc/atom", "application/atom+xml"),
        ("/chuyen-muc/tin-tuc/rss", "application/rss+xml"),
        ("/chuyen-muc/tin-tuc/feed.json", "application/feed+json"),
    ] {
        let answer = reader.open(path).await;
        let kind = answer.headers[header::CONTENT_TYPE]
            .to_str()
            .expect("ASCII");
        assert!(kind.starts_with(mime), "{path}: {kind}");
        assert!(answer.body.contains("Cầu dài 120 m."), "{path}");
        let feed = reader.feed(path).await;
        assert_eq!(feed.entries.len(), 1, "{path}");
        let title = feed.entries[0]
            .title
            .as_ref()
            .map(|title| title.content.as_str());
        assert_eq!(title, Some("Khánh thành cầu treo"));
    }
    let atom = reader.open("/atom").await.body;
    let own_copy = format!("{ORIGIN}/media/sha256/{hex}");
    assert!(
        atom.contains(&format!("src=&quot;{own_copy}&quot;")),
        "{atom}"
    );
    assert_eq!(
        reader.open("/chuyen-muc/van-ban/atom").await.status,
        StatusCode::OK
    );
    assert!(
        reader
            .feed("/chuyen-muc/van-ban/atom")
            .await
            .entries
            .is_empty()
    );
    assert_eq!(
        reader.open("/chuyen-muc/khong-co/atom").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn an_item_of_the_json_feed_is_what_its_origin_signed() {
    let reader = reader().await;
    let origin = Setup::default()
        .base_url("https://mangden.quangngai.example")
        .site()
        .await;
    let own = article("Tin của xã").publish(&reader.site).await;
    let copy = article("Tin xã bạn").publish(&origin).await;
    press::carry(&origin, &reader.site, copy, Mode::Mandatory).await;

    let feed = reader.json("/feed.json").await;
    let items = feed["items"].as_array().expect("items");
    assert_eq!(items.len(), 2);
    for (item, id, key) in [
        (&items[0], copy, &origin.key),
        (&items[1], own, &reader.site.key),
    ] {
        let parts = batch::from_item(item.clone()).expect("an item as in a batch");
        assert!(parts.signed.is_signed_by(&key.public_key()));
        assert_eq!(parts.signed.header.entry, Some(id));
        let content = parts.content.expect("its content");
        let digest = crate::log::Digest::of_canonical(&content).expect("canonical");
        assert_eq!(parts.signed.header.content, Some(digest), "verbatim");
    }

    let atom = reader.open("/atom").await.body;
    let source = format!("<source><id>urn:uuid:{}</id>", origin.id);
    assert_eq!(atom.matches("<source>").count(), 1);
    assert!(atom.contains(&source), "{atom}");
    assert!(atom.contains("<link rel=\"alternate\" type=\"text/html\" href=\"https://mangden.quangngai.example/bai-viet/"));
}

#[tokio::test]
async fn whoever_was_away_walks_back_and_misses_nothing() {
    let reader = reader().await;
    let ids = reader.publish(120).await;
    // A revision is a new publication: it leaves its old page and is met in its new place.
    article("Tin số 3, đã sửa")
        .revise(&reader.site, ids[3], 2)
        .await;

    let (met, paths) = reader.walk("/atom").await;
    assert_eq!(met, ids.iter().copied().collect());
    assert_eq!(paths, ["/atom", "/atom/luu-tru/2", "/atom/luu-tru/1"]);
    for format in ["/atom", "/rss", "/feed.json"] {
        let path = format!("{format}/luu-tru/2");
        assert_eq!(reader.open(&path).await.status, StatusCode::OK, "{path}");
        for unknown in ["0", "3", "01", "x", "1.1"] {
            let path = format!("{format}/luu-tru/{unknown}");
            assert_eq!(
                reader.open(&path).await.status,
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
    }
    let first = reader.feed("/atom/luu-tru/1").await;
    assert_eq!(link(&first, "current").as_deref(), Some("/atom"));
    assert_eq!(
        link(&first, "next-archive").as_deref(),
        Some("/atom/luu-tru/2")
    );
    assert_eq!(first.entries.len(), 49);
    let newest = reader.feed("/atom").await;
    assert_eq!(
        newest.entries[0].title.as_ref().map(|t| t.content.as_str()),
        Some("Tin số 3, đã sửa")
    );

    let json = reader.open("/feed.json").await;
    assert_eq!(
        json.headers[header::LINK],
        format!("<{ORIGIN}/feed.json/luu-tru/2>; rel=\"prev-archive\"")
    );
}

#[tokio::test]
async fn what_is_withdrawn_leaves_the_archive_and_a_tombstone() {
    let reader = reader().await;
    let ids = reader.publish(101).await;
    press::withdraw(&reader.site, ids[60], 2).await;
    press::withdraw(&reader.site, ids[60], 3).await;

    let atom = reader.open("/atom").await.body;
    assert_eq!(atom.matches("<at:deleted-entry").count(), 1);
    assert!(
        atom.contains(&format!("<at:deleted-entry ref=\"urn:uuid:{}\"", ids[60])),
        "{atom}"
    );
    let tombstones = &reader.json("/feed.json").await["_lien_cong"]["tombstones"];
    assert_eq!(tombstones[0]["ref"], format!("urn:uuid:{}", ids[60]));
    assert_eq!(tombstones[0]["kind"], "withdraw");
    assert_eq!(tombstones[0]["by"], "xã Kon Braih");

    let (met, paths) = reader.walk("/atom").await;
    assert!(!met.contains(&ids[60]));
    assert_eq!(met.len(), 100);
    assert_eq!(paths, ["/atom", "/atom/luu-tru/2.1", "/atom/luu-tru/1"]);
    assert_eq!(
        reader.open("/atom/luu-tru/2").await.status,
        StatusCode::GONE
    );
    assert_eq!(reader.open("/atom/luu-tru/1").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_waits_in_the_inbox_is_in_no_feed() {
    let reader = reader().await;
    let origin = Setup::default()
        .base_url("https://mangden.quangngai.example")
        .site()
        .await;
    let id = article("Chờ duyệt").publish(&origin).await;
    press::carry(&origin, &reader.site, id, Mode::Suggested).await;
    press::withdraw(&origin, id, 2).await;
    for path in ["/atom", "/rss", "/feed.json"] {
        assert!(
            !reader.open(path).await.body.contains("Chờ duyệt"),
            "{path}"
        );
    }
    press::carry(&origin, &reader.site, id, Mode::Suggested).await;
    let entry = record::find(reader.site.db.reader(), id)
        .await
        .expect("reads");
    assert!(!entry.expect("held").is_live());
    let atom = reader.open("/atom").await.body;
    assert!(
        !atom.contains("deleted-entry"),
        "nobody was told of it in the first place"
    );
}

#[tokio::test]
async fn those_who_poll_are_told_that_nothing_is_new() {
    let reader = reader().await;
    reader.publish(1).await;
    for path in ["/atom", "/rss", "/feed.json"] {
        let first = reader.open(path).await;
        let request = Request::get(path)
            .header(header::IF_NONE_MATCH, &first.headers[header::ETAG])
            .body(Body::empty());
        let again = ask(&reader.routes, request.expect("a request")).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path}");
        assert_eq!(
            first.headers[header::LAST_MODIFIED],
            "Mon, 23 Nov 2026 05:01:00 GMT"
        );
    }
}
