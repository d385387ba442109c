//! Counting through the routes of a real site, and what becomes of what was counted.

use super::*;
use crate::entries::record as entries;
use crate::portal;
use crate::sync::greeting::{self, Greeted, Greeting};
use crate::sync::message_signature::Content;
use crate::sync::wire::{Answer as Told, Correspondent, Exchange, JSON};
use crate::testing::pair::{pair, peer_of};
use crate::testing::press::{self, article, document, notice, week};
use crate::testing::{self, Answer, TestSite, ask, noon};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, header};
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const ROBOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const DAY: Duration = Duration::from_secs(24 * 3600);
const HOUR: Duration = Duration::from_secs(3600);

/// A site and somebody who reads it.
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
        self.open_with(Method::GET, path, &[]).await
    }

    async fn open_with(&self, method: Method, path: &str, more: &[(&str, &str)]) -> Answer {
        open(&self.routes, method, path, more).await
    }

    async fn path_of(&self, id: Uuid) -> String {
        let entry = entries::find(self.site.db.reader(), id).await;
        entry.expect("reads").expect("held").path()
    }

    async fn opens_often(&self, id: Uuid, times: usize) {
        let path = self.path_of(id).await;
        for _ in 0..times {
            assert_eq!(self.open(&path).await.status, StatusCode::OK);
        }
    }

    async fn days(&self) -> Vec<(i64, i64)> {
        write(&self.site).await.expect("writes");
        let days = record::days_of(self.site.db.reader(), self.site.id, NaiveDate::MIN).await;
        days.expect("reads")
    }

    async fn total_of(&self, id: Uuid) -> i64 {
        write(&self.site).await.expect("writes");
        let totals = record::totals_of(self.site.db.reader(), [id]).await;
        totals.expect("reads").get(&id).copied().unwrap_or(0)
    }

    /// The next hour comes, and what was counted is shown.
    async fn next_hour(&self) {
        self.site.clock.advance(HOUR);
        round(&self.site).await.expect("a round");
    }
}

async fn open(routes: &Router, method: Method, path: &str, more: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "konbraih.quangngai.example");
    if !more.iter().any(|(name, _)| *name == "user-agent") {
        request = request.header(header::USER_AGENT, BROWSER);
    }
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    ask(routes, request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn a_page_that_a_person_opens_counts_and_nothing_else_does() {
    let reader = reader().await;
    let id = article("Làm đường thôn 9").publish(&reader.site).await;
    let gone = article("Đăng nhầm").publish(&reader.site).await;
    let path = reader.path_of(id).await;
    let gone_path = reader.path_of(gone).await;
    press::withdraw(&reader.site, gone, 2).await;

    let first = reader.open("/").await;
    assert_eq!(first.status, StatusCode::OK);
    let tag = first.headers[header::ETAG].to_str().expect("ASCII");
    let again = [("if-none-match", tag)];
    let again = reader.open_with(Method::GET, "/", &again).await;
    assert_eq!(
        again.status,
        StatusCode::NOT_MODIFIED,
        "and still looked at"
    );
    assert_eq!(reader.open(&path).await.status, StatusCode::OK);
    assert_eq!(
        reader.open("/tim-kiem?q=duong").await.status,
        StatusCode::OK
    );
    assert_eq!(reader.days().await, [(20_261_123, 4)]);
    assert_eq!(reader.total_of(id).await, 1);

    let moved = path.replace("lam-duong", "sua-duong");
    for (method, path, more) in [
        (Method::GET, "/", &[("user-agent", ROBOT)][..]),
        (Method::GET, "/", &[("user-agent", "")]),
        (Method::GET, path.as_str(), &[("user-agent", "curl/8.14.1")]),
        (Method::GET, path.as_str(), &[("sec-purpose", "prefetch")]),
        (Method::HEAD, path.as_str(), &[]),
        (Method::GET, moved.as_str(), &[]),
        (Method::GET, gone_path.as_str(), &[]),
        (Method::GET, "/bai-viet/khong-co", &[]),
        (Method::GET, "/khong-co", &[]),
        (Method::GET, "/rss", &[]),
        (Method::GET, "/feed.json", &[]),
        (Method::GET, "/sitemap.xml", &[]),
        (Method::GET, "/robots.txt", &[]),
        (Method::GET, "/quan-tri", &[]),
        (Method::GET, "/quan-tri/dang-nhap", &[]),
        (Method::GET, "/v1/openapi.json", &[]),
    ] {
        reader.open_with(method, path, more).await;
    }
    assert_eq!(reader.days().await, [(20_261_123, 4)]);
    assert_eq!(reader.total_of(gone).await, 0);
}

#[tokio::test]
async fn pages_show_what_stood_at_the_hour_and_change_no_more_often() {
    let reader = reader().await;
    round(&reader.site).await.expect("a round");
    let before = reader.open("/").await;
    assert!(!before.body.contains("data-element=\"views\""), "none yet");

    for _ in 0..1_250 {
        reader.site.readership.note(today(&reader.site), None);
    }
    round(&reader.site).await.expect("a round");
    let same = reader.open("/").await;
    assert_eq!(same.headers[header::ETAG], before.headers[header::ETAG]);

    reader.next_hour().await;
    let page = reader.open("/tin-tuc").await.body;
    assert!(
        page.contains("hôm nay 1.252</span>"),
        "with both of this test"
    );
    assert!(page.contains("tháng này 1.252</span>"));
    assert!(page.contains("Số liệu đến <time datetime=\"2026-11-23T13:00:00+07:00\">"));

    // From midnight on nobody has come today, though nothing was added up since.
    reader.site.clock.set(noon() + TimeDelta::hours(12));
    let page = reader.open("/").await.body;
    assert!(page.contains("hôm nay 0</span>") && page.contains("tháng này 1.252</span>"));
    reader.site.clock.set(noon() + TimeDelta::days(8));
    round(&reader.site).await.expect("a round");
    let page = reader.open("/").await.body;
    assert!(page.contains("tháng này 0</span>") && page.contains("năm nay 1.254</span>"));
    reader.site.clock.set(noon() + TimeDelta::days(60));
    round(&reader.site).await.expect("a round");
    let page = reader.open("/").await.body;
    assert!(page.contains("năm nay 0</span>") && page.contains("tổng 1.255</span>"));
}

#[tokio::test]
async fn a_day_ends_at_midnight_in_vietnam() {
    let reader = reader().await;
    let site = &reader.site;
    site.clock
        .set(noon() + TimeDelta::hours(12) - TimeDelta::seconds(1));
    reader.open("/").await;
    site.clock.advance(Duration::from_secs(1));
    reader.open("/").await;
    site.clock.advance(7 * HOUR);
    reader.open("/").await;
    assert_eq!(reader.days().await, [(20_261_123, 1), (20_261_124, 2)]);
}

#[tokio::test]
async fn what_is_read_most_is_named_while_it_is_there_to_be_read() {
    let reader = reader().await;
    let site = &reader.site;
    let mut ids = Vec::new();
    for title in ["Một", "Hai", "Ba", "Bốn", "Năm", "Sáu"] {
        ids.push(article(&format!("Bài {title}")).publish(site).await);
        site.clock.advance(Duration::from_secs(90));
    }
    let ends = notice("Cắt nước chiều nay").until(noon() + TimeDelta::hours(3));
    let ends = ends.publish(site).await;
    let paper = document("184/QĐ-UBND", "Phê duyệt quy hoạch")
        .publish(site)
        .await;
    let standing = week("2026-11-23", "Giao ban").publish(site).await;
    for (times, id) in (1..).zip(&ids) {
        reader.opens_often(*id, times).await;
    }
    reader.opens_often(ends, 12).await;
    reader.opens_often(paper, 9).await;
    reader.opens_often(standing, 20).await;
    reader.next_hour().await;
    assert_eq!(
        most_read_of(&reader.open("/").await.body),
        [
            "Cắt nước chiều nay",
            "Phê duyệt quy hoạch",
            "Bài Sáu",
            "Bài Năm",
            "Bài Bốn"
        ]
    );

    // Taken back, ended, or no longer placed here: gone at the next look, and others follow.
    press::withdraw(site, ids[5], 2).await;
    let hidden = ids[4];
    site.db
        .write(move |tx| {
            Box::pin(async move {
                tx.execute_unprepared(&format!(
                    "UPDATE placements SET state = 'returned' WHERE entry_id = x'{}'",
                    hidden.simple()
                ))
                .await?;
                Ok(())
            })
        })
        .await
        .expect("no longer placed");
    site.clock.set(noon() + TimeDelta::hours(4));
    assert_eq!(
        most_read_of(&reader.open("/").await.body),
        [
            "Phê duyệt quy hoạch",
            "Bài Bốn",
            "Bài Ba",
            "Bài Hai",
            "Bài Một"
        ]
    );
    round(site).await.expect("a round");
    assert_eq!(most_read_of(&reader.open("/").await.body).len(), 5);

    // A week later something else is read.
    site.clock.set(noon() + TimeDelta::days(6));
    reader.opens_often(ids[0], 1).await;
    round(site).await.expect("a round");
    assert_eq!(most_read_of(&reader.open("/").await.body).len(), 5);
    site.clock.set(noon() + TimeDelta::days(7));
    round(site).await.expect("a round");
    assert_eq!(most_read_of(&reader.open("/").await.body), ["Bài Một"]);
}

/// The titles in the block of what was read most.
fn most_read_of(page: &str) -> Vec<String> {
    let Some((_, block)) = page.split_once("data-element=\"most-read\"") else {
        return Vec::new();
    };
    let (block, _) = block.split_once("</section>").expect("an end");
    block
        .split("<a href=")
        .skip(1)
        .filter_map(|link| link.split_once('>')?.1.split_once("</a>"))
        .map(|(title, _)| title.to_owned())
        .collect()
}

impl Reader {
    /// Somebody at a browser presses a button at the end of the page of `id`.
    async fn says(&self, id: Uuid, verdict: &str, more: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(format!("/huu-ich/{id}"))
            .header(header::HOST, "konbraih.quangngai.example")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if !more.iter().any(|(name, _)| *name == "user-agent") {
            request = request.header(header::USER_AGENT, BROWSER);
        }
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        let body = Body::from(format!("y-kien={verdict}"));
        ask(&self.routes, request.body(body).expect("a request")).await
    }

    async fn verdicts_of(&self, id: Uuid) -> (i64, i64) {
        write(&self.site).await.expect("writes");
        let all = usefulness::since(self.site.db.reader(), NaiveDate::MIN).await;
        let said = all.expect("reads").get(&id).copied().unwrap_or_default();
        (said.useful, said.useless)
    }
}

#[tokio::test]
async fn a_reader_says_once_a_day_whether_a_page_was_useful_and_is_thanked() {
    let reader = reader().await;
    let id = article("Làm đường thôn 9").publish(&reader.site).await;
    let path = reader.path_of(id).await;
    let page = reader.open(&path).await.body;
    assert!(
        page.contains(&format!("action=\"/huu-ich/{id}\"")),
        "{page}"
    );

    let answer = reader.says(id, "khong", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let back = answer.headers[header::LOCATION].to_str().expect("ASCII");
    assert!(back.starts_with(&path), "{back}");
    assert!(answer.headers.get(header::SET_COOKIE).is_none());
    let (back, _) = back.split_once('#').expect("a place on the page");
    let thanks = reader.open(back).await.body;
    assert!(thanks.contains("<p role=\"status\">Cảm ơn bạn"), "{thanks}");
    assert_eq!(reader.verdicts_of(id).await, (0, 1));
    assert_eq!(reader.total_of(id).await, 1, "thanks are no second view");

    // Thanked all the same, and not counted: the same again, programs, other sites.
    for (verdict, more) in [
        ("khong", &[][..]),
        ("co", &[]),
        ("co", &[("user-agent", ROBOT)]),
        ("co", &[("user-agent", "curl/8.14.1")]),
        (
            "co",
            &[
                ("user-agent", "Mozilla/5.0 A"),
                ("sec-fetch-site", "cross-site"),
            ],
        ),
    ] {
        let answer = reader.says(id, verdict, more).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{more:?}");
    }
    assert_eq!(reader.verdicts_of(id).await, (0, 1));
    reader
        .says(id, "co", &[("user-agent", "Mozilla/5.0 A")])
        .await;
    assert_eq!(reader.verdicts_of(id).await, (1, 1), "somebody else");
    reader.site.clock.advance(DAY);
    reader.says(id, "co", &[]).await;
    assert_eq!(reader.verdicts_of(id).await, (2, 1), "a day later");

    // Nothing is public of it, and nothing is heard of what is not there to be read.
    let page = reader.open(&path).await.body;
    assert!(!page.contains("usefulness"), "{page}");
    let wrong = reader.says(id, "co-le", &[]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for nobody in [
        Uuid::from_u128(9),
        week("2026-11-23", "Họp").publish(&reader.site).await,
    ] {
        let answer = reader.says(nobody, "co", &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    press::withdraw(&reader.site, id, 2).await;
    let answer = reader.says(id, "co", &[]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(reader.verdicts_of(id).await, (0, 0), "no longer shown");

    reader.site.clock.advance(DAY * 401);
    crate::housekeeping::round(&reader.site, 0)
        .await
        .expect("a round");
    let left = usefulness::Entity::find()
        .all(reader.site.db.reader())
        .await;
    assert!(left.expect("reads").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_and_writings_at_once_lose_nothing_and_count_nothing_twice() {
    let reader = Arc::new(reader().await);
    let id = article("Chợ phiên").publish(&reader.site).await;
    let path = reader.path_of(id).await;
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let (reader, path) = (Arc::clone(&reader), path.clone());
            tokio::spawn(async move {
                for _ in 0..25 {
                    reader.open(&path).await;
                }
            })
        })
        .collect();
    let writers: Vec<_> = (0..2)
        .map(|_| {
            let reader = Arc::clone(&reader);
            tokio::spawn(async move {
                for _ in 0..20 {
                    write(&reader.site).await.expect("writes");
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for task in readers.into_iter().chain(writers) {
        task.await.expect("comes to its end");
    }
    assert_eq!(reader.days().await, [(20_261_123, 200)]);
    assert_eq!(reader.days().await, [(20_261_123, 200)], "written once");
    assert_eq!(reader.total_of(id).await, 200);
}

#[tokio::test]
async fn what_cannot_be_written_waits_for_the_next_time() {
    let reader = reader().await;
    let rename = async |from: &'static str, to: &'static str| {
        let statement = format!("ALTER TABLE {from} RENAME TO {to}");
        reader
            .site
            .db
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute_unprepared(&statement).await?;
                    Ok(())
                })
            })
            .await
            .expect("renamed");
    };
    let id = article("Tin").publish(&reader.site).await;
    reader.opens_often(id, 3).await;
    rename("entry_views", "aside").await;
    assert!(write(&reader.site).await.is_err());
    reader.opens_often(id, 2).await;
    rename("aside", "entry_views").await;
    assert_eq!(reader.days().await, [(20_261_123, 5)]);
    assert_eq!(reader.total_of(id).await, 5);
}

#[tokio::test]
async fn tables_stay_within_their_bounds_and_totals_stay() {
    let reader = reader().await;
    let site = &reader.site;
    let id = article("Tin").publish(site).await;
    let other = Uuid::from_u128(7);
    for _ in 0..50 {
        reader.opens_often(id, 1).await;
        let days = [(crate::entries::kinds::day_number(today(site)), 4)];
        site.db
            .write(move |tx| Box::pin(async move { record::raise(tx, other, &days).await }))
            .await
            .expect("told");
        write(site).await.expect("writes");
        site.clock.advance(10 * DAY);
    }
    let done = crate::housekeeping::round(site, 0).await.expect("a round");
    assert!(done.views > 0);
    let left = record::entry_day::Entity::find()
        .all(site.db.reader())
        .await;
    assert_eq!(left.expect("reads").len(), 3, "of the last 30 days");
    assert_eq!(reader.total_of(id).await, 50);
    assert_eq!(reader.days().await.len(), 50, "one row a day, for ever");
    let told = record::days_of(site.db.reader(), other, NaiveDate::MIN).await;
    assert_eq!(told.expect("reads").len(), 40);
    let again = crate::housekeeping::round(site, 0).await.expect("a round");
    assert_eq!(again.views, 0);
}

#[tokio::test]
async fn a_hub_hears_how_often_its_members_are_read_and_no_figure_becomes_less() {
    let pair = pair().await;
    let (hub, member) = (&pair.hub, &pair.member);
    let known = async || {
        let known = record::days_of(hub.db.reader(), member.id, NaiveDate::MIN).await;
        known.expect("reads")
    };
    let greets = async || {
        let to = peer_of(member, hub).await;
        let greeted = greeting::greet(member, &to).await.expect("greets");
        assert!(matches!(greeted, Greeted::Welcome { .. }), "{greeted:?}");
    };
    greets().await;
    assert!(known().await.is_empty(), "nothing to say");

    let add = async |day: NaiveDate, views: i64| {
        let mut counts = Counts::default();
        counts
            .days
            .insert(crate::entries::kinds::day_number(day), views);
        let here = member.id;
        member
            .db
            .write(move |tx| Box::pin(async move { record::add(tx, here, &counts).await }))
            .await
            .expect("counted");
    };
    let now = today(member);
    add(now - TimeDelta::days(7), 9).await;
    add(now - TimeDelta::days(6), 70).await;
    add(now, 1_000).await;
    for _ in 0..2 {
        greets().await;
        assert_eq!(known().await, [(20_261_117, 70), (20_261_123, 1_000)]);
    }
    add(now, 250).await;
    greets().await;
    assert_eq!(known().await, [(20_261_117, 70), (20_261_123, 1_250)]);
    let by_site = record::month_by_site(hub.db.reader(), now).await;
    let figures = by_site.expect("reads")[&member.id];
    assert_eq!((figures.today, figures.month), (1_250, 1_320));

    // A member that lost its last minutes says less than it said.
    add(now, -700).await;
    greets().await;
    assert_eq!(known().await, [(20_261_117, 70), (20_261_123, 1_250)]);

    // What its hub is read is none of a member's business.
    let of_hub = record::days_of(member.db.reader(), hub.id, NaiveDate::MIN).await;
    assert!(of_hub.expect("reads").is_empty());
    for (said, is_known) in [
        (json!([{"day": "2026-11-23", "count": 2_000}]), 2_000),
        (json!("nhiều"), 2_000),
        (
            json!([{"day": "2026-11-23", "count": -1}, 5, {"day": "2030-01-01", "count": 7}]),
            2_000,
        ),
        (
            json!([{"day": "2026-11-23", "count": 1e30}, {"day": "2026-11-23", "count": 2_001}]),
            2_001,
        ),
        (
            json!(vec![json!({"day": "2026-11-23", "count": 3_000}); 9_000]),
            3_000,
        ),
    ] {
        says(member, hub, said).await;
        assert_eq!(known().await.last(), Some(&(20_261_123, is_known)));
        assert_eq!(known().await.len(), 2);
    }
}

/// Has `member` greet its hub with these words about its views; the hub must answer as to any greeting.
async fn says(member: &Site, hub: &Site, views: serde_json::Value) {
    let greeting = Greeting {
        v: 1,
        stream: member.stream_id(),
        software: greeting::SOFTWARE.to_owned(),
        time: member.clock.now(),
        run: None,
        ticket: None,
        logs: Vec::new(),
        holds: None,
        contact: None,
        views: Vec::new(),
        cases: None,
        accounts: None,
    };
    let mut said = serde_json::to_value(&greeting).expect("JSON");
    said["views"] = views;
    let body = serde_json::to_vec(&said).expect("JSON");
    let exchange = Exchange {
        method: Method::POST,
        path: greeting::PATH,
        content: Some(Content {
            content_type: JSON,
            body: &body,
        }),
        deadline: Duration::from_secs(20),
    };
    let correspondent = Correspondent::load(member, hub.id).await.expect("known");
    let answer = correspondent.exchange(member, exchange).await;
    assert!(matches!(answer, Ok(Told::Told(_))), "{answer:?}");
}
