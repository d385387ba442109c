//! A province's hub on SQLite reads feeds of a real HTTP server.

use super::source::{self, Model, Outcome};
use super::{Reader, check, items, quarantine, schedule};
use crate::founding::{self, Province};
use crate::members::registry::{self, Introduction, NewMember};
use crate::relay::Relay;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, Uri, header};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ActiveValue::NotSet;
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use serde_json::json;
use shared::clock::Clock;
use shared::directory::Mode;
use shared::entries::{Item, placement, record};
use shared::folder::{Folder, NewSettings};
use shared::http_client::Allow;
use shared::log::keys::SigningKey;
use shared::log::{Digest, EventKind, Header, Lane, SignedHeader, event};
use shared::newsroom::moves::Person;
use shared::newsroom::publish;
use shared::portal;
use shared::server::Shutdown;
use shared::site::Site;
use shared::sync::peer::LinkMode;
use shared::units::attribute::{Attribute, Name};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use url::Url;
use uuid::Uuid;

fn noon() -> DateTime<Utc> {
    "2026-11-23T05:00:00Z".parse().expect("a time")
}

/// A portal that is not ours, as far as its feed goes.
#[derive(Clone)]
struct Portal {
    address: String,
    state: Arc<Mutex<Says>>,
}

/// What it answers, and what it was asked with.
struct Says {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    asked: Vec<(Uri, HeaderMap)>,
}

impl Portal {
    async fn open(body: impl Into<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let portal = Self {
            address: listener.local_addr().expect("an address").to_string(),
            state: Arc::new(Mutex::new(Says {
                status: 200,
                headers: Vec::new(),
                body: body.into(),
                asked: Vec::new(),
            })),
        };
        let routes = Router::new()
            .fallback(Self::answer)
            .with_state(portal.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        portal
    }

    async fn answer(State(portal): State<Self>, uri: Uri, headers: HeaderMap) -> Response<Body> {
        let mut says = portal.state.lock().expect("no panic");
        let tag = headers.get(header::IF_NONE_MATCH).cloned();
        says.asked.push((uri, headers));
        let is_known = tag.is_some_and(|tag| {
            let tag = tag.to_str().unwrap_or_default().to_owned();
            says.headers.contains(&("etag", tag))
        });
        let status = if is_known { 304 } else { says.status };
        let mut answer = Response::builder().status(status);
        for (name, value) in &says.headers {
            answer = answer.header(*name, value);
        }
        let body = if is_known { "" } else { &says.body };
        answer.body(Body::from(body.to_owned())).expect("an answer")
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).expect("an address")
    }

    fn says(&self, body: impl Into<String>) {
        self.state.lock().expect("no panic").body = body.into();
    }

    fn answers(&self, status: u16, headers: &[(&'static str, &str)]) {
        let mut says = self.state.lock().expect("no panic");
        says.status = status;
        says.headers = headers
            .iter()
            .map(|&(name, value)| (name, value.to_owned()))
            .collect();
    }

    fn asked(&self) -> Vec<(Uri, HeaderMap)> {
        self.state.lock().expect("no panic").asked.clone()
    }
}

/// A hub on its first day.
struct Hub {
    site: Arc<Site>,
    clock: Clock,
    _folder: TempDir,
}

impl Hub {
    async fn found() -> Self {
        let place = TempDir::new().expect("a folder");
        let folder = Folder::at(place.path().join("hub"));
        let settings = NewSettings {
            base_url: Url::parse("https://quangngai.example").expect("an address"),
            title: "Cổng thông tin điện tử tỉnh Quảng Ngãi".to_owned(),
            unit_name: "tỉnh Quảng Ngãi".to_owned(),
            tagline: None,
            listen: "127.0.0.1:0".parse().expect("an address"),
            private_listen: None,
            link: LinkMode::Push,
            database_url: None,
            allow: Vec::new(),
            demo: false,
        };
        let province = Province {
            unit: None,
            attributes: vec![
                Attribute::always(Name::Name, "tỉnh Quảng Ngãi"),
                Attribute::always(Name::Kind, "tinh"),
            ],
            kind: "tinh".to_owned(),
        };
        founding::found(&folder, &settings, province)
            .await
            .expect("a hub");
        let clock = Clock::fixed(noon());
        let (site, _) =
            portal::open_at::<migrations::HubSchema>(&folder, Arc::new(Relay), clock.clone())
                .await
                .expect("a hub");
        Self {
            site,
            clock,
            _folder: place,
        }
    }

    fn reader(&self, portals: &[&Portal]) -> Reader {
        let allow = Allow::hosts(portals.iter().map(|portal| &portal.address));
        Reader {
            site: Arc::clone(&self.site),
            allow: allow.expect("hosts and ports"),
        }
    }

    /// Takes in a department whose portal is read by feed.
    async fn reads(&self, feed: &Url) -> Uuid {
        let base_url = Url::parse("https://sodulich.quangngai.example").expect("an address");
        let mut new = NewMember::named(
            "Sở Du lịch",
            "so",
            self.site.unit_id,
            base_url,
            "Sở Du lịch",
        );
        new.mode = Mode::Feed;
        let (member, _) = registry::add(&self.site, new, &shared::audit::Actor::CommandLine)
            .await
            .expect("a member");
        source::add_import(&self.site, member, feed, "0 */10 * * * *")
            .await
            .expect("a source")
    }

    async fn source(&self, id: Uuid) -> Model {
        let found = source::find(self.site.db.reader(), id).await;
        found.expect("a query").expect("a source")
    }

    async fn entries(&self) -> Vec<record::Model> {
        let all = record::Entity::find().all(self.site.db.reader()).await;
        all.expect("a query")
    }

    async fn poll(&self, reader: &Reader, source: Uuid) -> Outcome {
        reader
            .poll(&self.source(source).await)
            .await
            .expect("a poll")
    }
}

/// A hub that reads one feed.
async fn reading(body: impl Into<String>) -> (Hub, Portal, Reader, Uuid) {
    let portal = Portal::open(body).await;
    let hub = Hub::found().await;
    let reader = hub.reader(&[&portal]);
    let source = hub.reads(&portal.url("/rss")).await;
    (hub, portal, reader, source)
}

fn rss(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">\
         <channel><title>Sở Du lịch</title><link>https://sodulich.example</link>\
         <description>Tin</description>{items}</channel></rss>"
    )
}

fn item(guid: &str, title: &str, body: &str) -> String {
    format!(
        "<item><guid isPermaLink=\"false\">{guid}</guid><title>{title}</title>\
         <link>https://sodulich.example/tin/{guid}.html</link>\
         <pubDate>Fri, 20 Nov 2026 08:00:00 +0700</pubDate>\
         <description>Tóm tắt</description>\
         <content:encoded><![CDATA[{body}]]></content:encoded></item>"
    )
}

#[tokio::test]
async fn an_rss_feed_becomes_entries_of_its_unit_and_is_not_read_twice() {
    let body = "<p>Sáng nay <a href=\"/le-hoi\">khai mạc</a>.</p><script>alert(1)</script>\
                <img src=\"https://dem.example/x.gif\" onerror=\"alert(2)\">";
    let (hub, portal, reader, source) =
        reading(rss(&item("1", "Khai mạc lễ hội cồng chiêng", body))).await;
    let last_modified = "Fri, 20 Nov 2026 08:00:00 +0700";
    portal.answers(
        200,
        &[("etag", "W/\"a-gzip\""), ("last-modified", last_modified)],
    );

    assert_eq!(hub.poll(&reader, source).await, Outcome::Read);

    let entries = hub.entries().await;
    let [entry] = entries.as_slice() else {
        panic!("one entry: {entries:?}");
    };
    assert_eq!(entry.title, "Khai mạc lễ hội cồng chiêng");
    assert_eq!(entry.lead.as_deref(), Some("Tóm tắt"));
    assert_eq!(entry.url, "https://sodulich.example/tin/1.html");
    assert_eq!(entry.section, "tin-tu-xa");
    assert_eq!(entry.rev, 1);
    assert_ne!(entry.unit_id, hub.site.unit_id, "its own unit speaks");
    assert_eq!(entry.source().expect("a source").name, "Sở Du lịch");
    assert_eq!(entry.entry_id.get_version_num(), 7);
    let db = hub.site.db.reader();
    let content = record::content_of(db, entry).await.expect("a query");
    let item = Item::read(&content.expect("a content"), entry.entry_id).expect("an item");
    assert_eq!(
        item.date_published.to_rfc3339(),
        "2026-11-20T01:00:00+00:00"
    );
    let html = item.content_html;
    assert!(
        html.contains("href=\"https://sodulich.example/le-hoi\""),
        "{html}"
    );
    for trace in ["script", "alert", "dem.example"] {
        assert!(!html.contains(trace), "{html}");
    }

    let event = event::Entity::find_by_id(entry.event_id).one(db).await;
    let event = event.expect("a query").expect("an event");
    let signed = event.signed_header().expect("a header");
    assert!(signed.is_signed_by(&hub.site.key.public_key()));
    assert_eq!(
        (signed.header.site, signed.header.unit),
        (hub.site.id, entry.unit_id)
    );
    let placed = placement::find(db, entry.entry_id).await.expect("a query");
    assert_eq!(placed.expect("a place").state, "inbox");

    assert_eq!(hub.poll(&reader, source).await, Outcome::Unchanged);
    let (_, headers) = portal.asked().pop().expect("a request");
    assert_eq!(headers[header::IF_NONE_MATCH], "W/\"a-gzip\"");
    assert_eq!(headers[header::IF_MODIFIED_SINCE], last_modified);
    assert_eq!(hub.entries().await, entries);
}

#[tokio::test]
async fn a_changed_item_becomes_a_revision_and_an_unchanged_one_nothing() {
    let (hub, portal, reader, source) = reading(rss(&item("1", "Tin", "Cũ"))).await;
    hub.poll(&reader, source).await;
    hub.clock.advance(Duration::from_secs(600));
    hub.poll(&reader, source).await;
    let before = hub.entries().await.remove(0);
    assert_eq!(before.rev, 1);

    portal.says(rss(&item("1", "Tin đã sửa", "Mới")));
    hub.poll(&reader, source).await;

    let entries = hub.entries().await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].entry_id, before.entry_id);
    assert_eq!(
        (entries[0].rev, entries[0].title.as_str()),
        (2, "Tin đã sửa")
    );
    assert_eq!(entries[0].published_at, before.published_at);
    assert_eq!(entries[0].revised_at, hub.clock.now().timestamp_millis());
}

#[tokio::test]
async fn an_item_that_changes_at_every_poll_is_revised_at_most_once_an_hour_in_the_end() {
    let (hub, portal, reader, source) = reading(rss(&item("1", "Tin", "0"))).await;
    for count in 0..40 {
        portal.says(rss(&item("1", "Tin", &format!("Quảng cáo số {count}"))));
        hub.poll(&reader, source).await;
    }
    assert_eq!(hub.entries().await[0].rev, 25);
    hub.clock.advance(Duration::from_secs(3600));
    hub.poll(&reader, source).await;
    assert_eq!(hub.entries().await[0].rev, 26);
}

#[tokio::test]
async fn what_the_province_took_back_does_not_return() {
    let (hub, portal, reader, source) = reading(rss(&item("1", "Tin", "Cũ"))).await;
    hub.poll(&reader, source).await;
    let entry = hub.entries().await.remove(0);
    let site = Arc::clone(&hub.site);
    let withdrawn = hub.site.db.write(move |tx| {
        Box::pin(async move {
            publish::withdraw(tx, &site, &entry, "Sai sự thật", &Person::site()).await
        })
    });
    withdrawn.await.expect("a withdrawal");

    portal.says(rss(&item("1", "Tin", "Đã sửa")));
    hub.poll(&reader, source).await;

    let entries = hub.entries().await;
    assert_eq!(entries.len(), 1);
    assert!(!entries[0].is_live());
}

#[tokio::test]
async fn items_that_share_a_guid_are_told_apart_by_their_pages() {
    let shared = |page: &str| {
        format!(
            "<item><guid isPermaLink=\"false\">x</guid><title>Tin {page}</title>\
             <link>https://sodulich.example/{page}</link></item>"
        )
    };
    let (hub, _portal, reader, source) = reading(rss(&(shared("a") + &shared("b")))).await;
    hub.poll(&reader, source).await;
    hub.poll(&reader, source).await;
    let mut titles: Vec<_> = hub.entries().await.into_iter().map(|e| e.title).collect();
    titles.sort();
    assert_eq!(titles, ["Tin a", "Tin b"]);
}

#[tokio::test]
async fn one_broken_entry_is_set_aside_and_the_rest_goes_in() {
    let broken = item("2", "Hỏng", &"<div>".repeat(1_000));
    let items = item("1", "Một", "a") + &broken + &item("3", "Ba", "c");
    let (hub, _portal, reader, source) = reading(rss(&items)).await;

    for _ in 0..2 {
        assert_eq!(hub.poll(&reader, source).await, Outcome::Read);
        hub.clock.advance(Duration::from_secs(600));
    }

    assert_eq!(hub.entries().await.len(), 2);
    let aside = quarantine::of_source(hub.site.db.reader(), source).await;
    let aside = aside.expect("a query");
    assert_eq!(aside.len(), 1);
    assert_eq!(aside[0].reason, "its HTML nests too deeply");
    assert_eq!(aside[0].last_seen_at - aside[0].first_seen_at, 600_000);
    let detail = hub.source(source).await.detail;
    assert_eq!(detail.as_deref(), Some("1 mục không đọc được"));
}

#[tokio::test]
async fn a_feed_that_turns_empty_raises_the_alarm_and_deletes_nothing() {
    let (hub, portal, reader, source) =
        reading(rss(&(item("1", "Một", "a") + &item("2", "Hai", "b")))).await;
    portal.answers(200, &[("etag", "\"full\"")]);
    hub.poll(&reader, source).await;
    portal.says(rss(""));
    portal.answers(200, &[("etag", "\"empty\"")]);
    hub.clock.advance(Duration::from_secs(600));

    for failures in 1..=2 {
        assert_eq!(hub.poll(&reader, source).await, Outcome::Emptied);
        let source = hub.source(source).await;
        assert_eq!(source.failures, failures);
        assert_eq!(source.entries_seen, 2);
        assert_eq!(source.succeeded_at, Some(noon().timestamp_millis()));
    }
    assert!(hub.entries().await.iter().all(record::Model::is_live));
    assert_eq!(hub.entries().await.len(), 2);
}

#[tokio::test]
async fn an_item_that_left_the_feed_stays_and_is_known_when_it_returns() {
    let (hub, portal, reader, source) = reading(rss(&item("1", "Một", "a"))).await;
    hub.poll(&reader, source).await;
    portal.says(rss(&item("2", "Hai", "b")));
    hub.poll(&reader, source).await;
    portal.says(rss(&item("1", "Một", "a")));
    hub.poll(&reader, source).await;
    let entries = hub.entries().await;
    assert_eq!(entries.len(), 2);
    assert!(
        entries
            .iter()
            .all(|entry| entry.rev == 1 && entry.is_live())
    );
}

#[tokio::test]
async fn a_redirect_to_the_inside_is_refused() {
    let (hub, portal, reader, source) = reading("").await;
    portal.answers(
        302,
        &[("location", "http://169.254.169.254/latest/meta-data")],
    );
    assert_eq!(hub.poll(&reader, source).await, Outcome::Refused);
    assert_eq!(portal.asked().len(), 1);
    assert!(hub.source(source).await.polled_at.is_some());
}

#[tokio::test]
async fn a_feed_that_has_moved_is_followed_and_noted() {
    let (hub, portal, reader, source) = reading("").await;
    let new_home = Portal::open(rss(&item("1", "Một", "a"))).await;
    let target = new_home.url("/moi");
    portal.answers(301, &[("location", target.as_str())]);
    let reader = Reader {
        allow: hub.reader(&[&portal, &new_home]).allow,
        ..reader
    };
    assert_eq!(hub.poll(&reader, source).await, Outcome::Read);
    let source = hub.source(source).await;
    assert_eq!(source.moved_to.as_deref(), Some(target.as_str()));
    assert_eq!(source.url, portal.url("/rss").as_str());
}

#[tokio::test]
async fn a_feed_that_is_gone_is_not_asked_again_and_a_busy_one_later() {
    let (hub, portal, reader, source) = reading("").await;
    portal.answers(429, &[("retry-after", "3600")]);
    assert_eq!(hub.poll(&reader, source).await, Outcome::Deferred);
    let deferred = hub.source(source).await;
    assert_eq!(
        schedule::due_at(&deferred),
        Some(noon() + TimeDelta::hours(1))
    );

    portal.answers(410, &[]);
    assert_eq!(hub.poll(&reader, source).await, Outcome::Gone);
    let active = source::active(hub.site.db.reader()).await.expect("a query");
    assert_eq!(active, []);
}

#[tokio::test]
async fn a_title_of_a_megabyte_does_no_harm() {
    let items = item("1", &"Đường ".repeat(150_000), "a") + &item("2", "Hai", "b");
    let (hub, _portal, reader, source) = reading(rss(&items)).await;
    assert_eq!(hub.poll(&reader, source).await, Outcome::Read);
    let entries = hub.entries().await;
    assert_eq!(entries.len(), 2);
    assert!(
        entries
            .iter()
            .all(|entry| entry.title.chars().count() <= 300)
    );
}

#[tokio::test]
async fn a_source_that_does_not_answer_is_asked_less_and_less_often() {
    let hub = Hub::found().await;
    // Nobody listens on a port that was just given back.
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = free.local_addr().expect("an address").to_string();
    drop(free);
    let url = Url::parse(&format!("http://{address}/rss")).expect("an address");
    let source = hub.reads(&url).await;
    let reader = Reader {
        site: Arc::clone(&hub.site),
        allow: Allow::hosts([&address]).expect("a host and port"),
    };
    let mut waits = Vec::new();
    for _ in 0..3 {
        assert_eq!(hub.poll(&reader, source).await, Outcome::Unreachable);
        let due = schedule::due_at(&hub.source(source).await).expect("a time");
        waits.push((due - hub.clock.now()).num_minutes());
    }
    assert_eq!(waits, [1, 2, 4]);
    assert!(hub.source(source).await.detail.is_some());
}

#[tokio::test]
async fn what_is_no_feed_changes_nothing() {
    let (hub, portal, reader, source) = reading(rss(&item("1", "Một", "a"))).await;
    hub.poll(&reader, source).await;
    portal.says("<!doctype html><title>Bảo trì</title><p>Hệ thống đang bảo trì.");
    assert_eq!(hub.poll(&reader, source).await, Outcome::Unreadable);
    assert_eq!(hub.source(source).await.entries_seen, 1);
    assert_eq!(hub.entries().await.len(), 1);
}

#[tokio::test]
async fn what_went_out_from_here_does_not_come_back_as_news() {
    let copied = "<item><guid>c</guid><title>Tin của tỉnh</title>\
                  <link>https://quangngai.example/bai-viet/tin-1</link></item>";
    let (hub, _portal, reader, source) =
        reading(rss(&(copied.to_owned() + &item("1", "Một", "a")))).await;
    hub.poll(&reader, source).await;
    let entries = hub.entries().await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].title, "Một");
}

/// A commune's site that has joined, with the header of an article it published.
async fn joined(hub: &Hub, portal: &Portal) -> SignedHeader {
    let key = SigningKey::generate().expect("a key");
    let base_url = portal.url("");
    let new = NewMember::named(
        "xã Kon Braih",
        "xa",
        hub.site.unit_id,
        base_url.clone(),
        "Trang xã Kon Braih",
    );
    let (site_id, code) = registry::add(&hub.site, new, &shared::audit::Actor::CommandLine)
        .await
        .expect("a member");
    let introduction = Introduction {
        code: code.expect("a code").as_str().to_owned(),
        key: key.public_key(),
        base_url: Some(base_url),
        link: LinkMode::Push,
    };
    let inner = Arc::clone(&hub.site);
    let member = hub
        .site
        .db
        .write(move |tx| {
            Box::pin(async move { registry::take_in(tx, &inner, &introduction).await })
        })
        .await
        .expect("a member");
    assert_eq!(member.id, site_id);
    let header = Header {
        v: 1,
        log: Uuid::now_v7(),
        seq: 1,
        prev: None,
        site: site_id,
        unit: member.unit_id,
        key: key.id(),
        lane: Lane::Regular,
        kind: EventKind::EntryPublished,
        entry: Some(Uuid::now_v7()),
        rev: 1,
        content: Some(Digest::of("nội dung")),
        time: noon(),
        to: None,
    };
    header.sign(&key).expect("a signature")
}

#[tokio::test]
async fn a_native_member_that_shows_what_push_has_not_brought_is_noticed() {
    let portal = Portal::open("").await;
    let hub = Hub::found().await;
    let signed = joined(&hub, &portal).await;
    let header = &signed.header;
    let entry = header.entry.expect("an entry");
    portal.answers(200, &[("etag", "\"1\"")]);
    portal.says(
        json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Trang xã Kon Braih",
            "items": [{
                "id": Item::id_of(entry),
                "url": portal.url("/bai-viet/mua-ca-phe"),
                "title": "Vào mùa cà phê",
                "content_html": "<p>Bà con vào vụ.</p>",
                "_lien_cong": {"header": header, "signature": "x"},
            }],
        })
        .to_string(),
    );
    // No host is allowed by the settings: that it is a member's is enough.
    let reader = hub.reader(&[]);
    for _ in 0..2 {
        check::cover_members(&hub.site).await.expect("a check");
    }
    let sources = source::active(hub.site.db.reader()).await.expect("a query");
    let [check] = sources.as_slice() else {
        panic!("one source: {sources:?}");
    };
    assert_eq!(check.url, portal.url("/feed.json").as_str());
    let id = check.id;

    assert_eq!(hub.poll(&reader, id).await, Outcome::Read, "on its way");
    hub.clock.advance(Duration::from_secs(900));
    assert_eq!(hub.poll(&reader, id).await, Outcome::Missing);
    let missing = hub.source(id).await;
    assert_eq!((missing.missed, missing.failures), (1, 0));
    assert_eq!(hub.entries().await, [], "a check takes nothing in");

    // Push brings it.
    let pushed = event::ActiveModel {
        id: NotSet,
        log_id: Set(header.log),
        seq: Set(header.seq),
        hash: Set(signed.digest().as_bytes().to_vec()),
        site_id: Set(header.site),
        unit_id: Set(header.unit),
        key_id: Set(header.key.to_string()),
        lane: Set(header.lane.to_string()),
        kind: Set(header.kind.as_str().to_owned()),
        entry_id: Set(header.entry),
        rev: Set(header.rev),
        content_hash: Set(None),
        time: Set(header.time.timestamp_millis()),
        header: Set(signed.bytes.clone()),
        signature: Set(signed.signature.clone()),
        received_at: Set(hub.clock.now().timestamp_millis()),
        received_from: Set(Some(header.site)),
    };
    let stored = hub
        .site
        .db
        .write(move |tx| Box::pin(async move { Ok(pushed.insert(tx).await?) }));
    stored.await.expect("an event");
    assert_eq!(hub.poll(&reader, id).await, Outcome::Read);
    assert_eq!(hub.source(id).await.missed, 0);
    let noted = items::of_source(hub.site.db.reader(), id).await;
    assert_eq!(noted.expect("a query"), []);
    assert_eq!(hub.poll(&reader, id).await, Outcome::Unchanged);
}

#[tokio::test]
async fn sources_are_read_once_they_are_added_and_none_waits_for_another() {
    let hub = Hub::found().await;
    // It takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let silence = silent.local_addr().expect("an address").to_string();
    let portal = Portal::open(rss(&item("1", "Một", "a"))).await;
    let waiting = hub
        .reads(&Url::parse(&format!("http://{silence}/rss")).expect("an address"))
        .await;
    let read = hub.reads(&portal.url("/rss")).await;
    let reader = Reader {
        site: Arc::clone(&hub.site),
        allow: Allow::hosts([&silence, &portal.address]).expect("hosts and ports"),
    };
    let shutdown = Shutdown::new();
    let work = tokio::spawn(schedule::keep_reading(reader, shutdown.clone()));
    tokio::time::timeout(Duration::from_secs(10), async {
        while hub.source(read).await.succeeded_at.is_none() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("it is read");
    assert_eq!(hub.source(waiting).await.polled_at, None);
    assert_eq!(hub.entries().await.len(), 1);
    shutdown.trigger();
    work.await.expect("it ends");
}
