use super::above::{self, Pages, next_turn, standing};
use super::outage::announced;
use super::record::{self, supersedes};
use super::*;
use crate::citizens::deadline::{DaysOff, KNOWN};
use crate::entries::Mode;
use crate::log::{EventKind, Lane, NewEvent, append, event};
use crate::pages;
use crate::site::Site;
use crate::sync::batch::Batch;
use crate::sync::peer::{self, Role as PeerRole};
use crate::sync::receipt::Reason;
use crate::sync::{Outcome, Selector, outgoing, receive};
use crate::testing::pair::{know, pair, peer_of, push};
use crate::testing::{self, TestSite, get, noon};
use crate::units::Tree;
use crate::units::attribute::{Model as Attribute, Name};
use chrono::NaiveDate;
use sea_orm::EntityTrait;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A bulletin that stands from noon on for a day.
fn flood() -> Bulletin {
    let now = noon().timestamp_millis();
    Bulletin {
        level: Level::Warning,
        text: "Nước sông Đăk Bla lên nhanh; không qua ngầm tràn.".to_owned(),
        issuer: "Ban Chỉ huy Phòng thủ dân sự tỉnh".to_owned(),
        from: now,
        until: now + DAY,
        receivers: vec![Selector::Everyone],
        more: None,
        outage: None,
        lifted: None,
    }
}

fn outage(unit: Uuid, begins: i64) -> Bulletin {
    let now = noon().timestamp_millis();
    Bulletin {
        until: begins + HOUR,
        receivers: vec![Selector::Unit(unit)],
        outage: Some(Outage {
            unit,
            from: begins,
            until: begins + HOUR,
            announced: now,
            reason: "Nâng cấp máy chủ.".to_owned(),
            instead: "Bộ phận một cửa.".to_owned(),
            urgency: None,
        }),
        ..flood()
    }
}

fn told(number: u128, bulletin: Bulletin) -> Told {
    Told {
        row: record::Model {
            id: Uuid::from_u128(number),
            rev: 1,
            event_id: 1,
            site_id: Uuid::from_u128(9),
            words: String::new(),
            from_at: bulletin.from,
            until_at: bulletin.until,
            lifted: bulletin.lifted.is_some(),
            said_at: bulletin.from,
            received_at: bulletin.from,
            longest_at: bulletin.until,
            acknowledged_rev: 0,
            acknowledged_by: None,
            acknowledged_at: None,
        },
        bulletin,
    }
}

#[test]
fn what_stands_above_a_page_begins_ends_and_comes_in_order() {
    let now = noon().timestamp_millis();
    let here = Uuid::from_u128(100);
    let elsewhere = Uuid::from_u128(200);
    let later = Bulletin {
        from: now + HOUR,
        ..flood()
    };
    let lifted = Bulletin {
        lifted: Some("Nước đã rút.".to_owned()),
        ..flood()
    };
    let emergency = Bulletin {
        level: Level::Emergency,
        from: now - HOUR,
        ..flood()
    };
    let short = Bulletin {
        until: now + 1,
        ..flood()
    };
    let all = [
        told(1, flood()),
        told(2, later),
        told(3, lifted),
        told(4, emergency),
        told(5, short),
        told(6, outage(here, now + 2 * HOUR)),
        told(7, outage(elsewhere, now + 3 * HOUR)),
    ];
    let pages = Pages {
        unit: here,
        tree: None,
    };
    let at = |moment: i64| -> Vec<u128> {
        let standing = standing(&all, &pages, moment).into_iter();
        standing.map(|one| one.row.id.as_u128()).collect()
    };
    for (moment, expected) in [
        (now - 2 * HOUR, vec![]),
        (now - 1, vec![4]),
        (now, vec![4, 1, 5, 6]),
        (now + 1, vec![4, 1, 6]),
        (now + HOUR, vec![4, 2, 1, 6]),
        (now + 3 * HOUR, vec![4, 2, 1]),
        (now + DAY, vec![]),
    ] {
        assert_eq!(at(moment), expected, "{}", moment - now);
    }
    for (moment, expected) in [
        (now - 2 * HOUR, Some(now - HOUR)),
        (now, Some(now + 1)),
        (now + 1, Some(now + HOUR)),
        // What is out of service elsewhere turns here as well: the page of outages says it.
        (now + 2 * HOUR, Some(now + 3 * HOUR)),
        (now + DAY, None),
    ] {
        assert_eq!(next_turn(&all, moment), expected, "{}", moment - now);
    }
    let back = |moment| above::outage_of(&all, here, moment).map(|outage| outage.until);
    assert_eq!(back(now), None);
    assert_eq!(back(now + 2 * HOUR), Some(now + 3 * HOUR));
    assert_eq!(back(now + 3 * HOUR), None);
}

#[test]
fn a_province_looks_whom_a_bulletin_is_for() {
    let [province, commune, department] = [1, 2, 3].map(Uuid::from_u128);
    let attribute = |unit: Uuid, name: Name, value: String| Attribute {
        id: 0,
        unit_id: unit,
        name: name.as_str().to_owned(),
        value,
        valid_from: None,
        valid_to: None,
        basis: None,
    };
    let tree = Tree::on(
        "2026-11-23".parse().expect("a day"),
        &[
            attribute(province, Name::Kind, "tinh".to_owned()),
            attribute(commune, Name::Kind, "xa".to_owned()),
            attribute(commune, Name::Parent, province.to_string()),
            attribute(department, Name::Kind, "so".to_owned()),
            attribute(department, Name::Parent, province.to_string()),
        ],
    );
    for (set, expected) in [
        (Selector::Everyone, [true, true, true]),
        (Selector::Unit(commune), [false, true, false]),
        (Selector::Level("so".to_owned()), [false, false, true]),
        (Selector::Subtree(province), [true, true, true]),
    ] {
        let bulletin = Bulletin {
            receivers: vec![set.clone()],
            ..flood()
        };
        let bears = [province, commune, department].map(|unit| {
            let tree = Some(tree.clone());
            Pages { unit, tree }.bear(&bulletin)
        });
        assert_eq!(bears, expected, "{set:?}");
    }
}

#[test]
fn a_bulletin_has_bounds() {
    assert_eq!(flood().check(), Ok(()));
    let content = flood().to_content(Uuid::from_u128(7)).expect("JSON");
    assert_eq!(content["content_text"], flood().text);
    assert_eq!(Bulletin::from_content(&content), Ok(flood()));
    let unit = Uuid::from_u128(1);
    let good = outage(unit, noon().timestamp_millis() + DAY);
    assert_eq!(good.check(), Ok(()));
    let of_outage = |change: fn(&mut Outage)| {
        let mut bulletin = good.clone();
        change(bulletin.outage.as_mut().expect("an outage"));
        bulletin
    };
    let with = |change: fn(&mut Bulletin)| {
        let mut bulletin = flood();
        change(&mut bulletin);
        bulletin
    };
    for (number, bad) in [
        with(|one| one.text.clear()),
        with(|one| one.text = "ồ".repeat(301)),
        with(|one| one.text = "hai\ndòng".to_owned()),
        with(|one| one.issuer.clear()),
        with(|one| one.until = one.from),
        with(|one| one.until = one.from + 31 * DAY),
        with(|one| {
            one.from = i64::MIN;
            one.until = i64::MAX;
        }),
        with(|one| one.receivers.clear()),
        with(|one| one.receivers = vec![Selector::Upstream]),
        with(|one| one.lifted = Some(String::new())),
        with(|one| {
            one.more = Some(More {
                entry: Uuid::nil(),
                url: "javascript:alert(1)".to_owned(),
            });
        }),
        of_outage(|outage| outage.reason.clear()),
        of_outage(|outage| outage.instead.clear()),
        of_outage(|outage| outage.until += 1),
        of_outage(|outage| outage.from = outage.until),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(bad.check().is_err(), "{number}");
    }
    for other in ["null", "{}", "{\"_bulletin\": {\"level\": \"huge\"}}"] {
        let content = serde_json::from_str(other).expect("JSON");
        assert!(Bulletin::from_content(&content).is_err(), "{other}");
    }
}

#[test]
fn an_outage_is_announced_seven_working_days_before() {
    let at = |day: &str| {
        let moment = format!("{day}T03:00:00Z");
        let moment: chrono::DateTime<chrono::Utc> = moment.parse().expect("a moment");
        moment.timestamp_millis()
    };
    let is_in_time = |said: &str, begins: &str, days_off: &DaysOff| {
        let outage = Outage {
            announced: at(said),
            from: at(begins),
            ..outage(Uuid::nil(), 0).outage.expect("an outage")
        };
        outage.is_in_time(days_off)
    };
    for (said, begins, expected) in [
        ("2026-11-30", "2026-12-09", true),
        ("2026-11-30", "2026-12-08", false),
        // Saturday counts from Saturday.
        ("2026-11-28", "2026-12-08", true),
        // New Year's Day does not count.
        ("2026-12-24", "2027-01-05", true),
        ("2026-12-24", "2027-01-04", false),
        // Neither does Tết.
        ("2026-02-09", "2026-02-18", false),
        ("2026-11-30", "2026-11-30", false),
    ] {
        assert_eq!(
            is_in_time(said, begins, &KNOWN),
            expected,
            "{said} {begins}"
        );
    }
    let earliest = outage::earliest("2026-11-30".parse::<NaiveDate>().expect("a day"), &KNOWN);
    assert_eq!(earliest.to_string(), "2026-12-09");
    // Put off or made longer, it was announced when it was; put forward, it is announced anew.
    let before = outage(Uuid::nil(), 1_000).outage.expect("an outage");
    for (from, expected) in [
        (1_000, before.announced),
        (2_000, before.announced),
        (999, 7),
    ] {
        assert_eq!(announced(Some(&before), from, 7), expected, "{from}");
    }
    assert_eq!(announced(None, 1_000, 7), 7);
}

#[test]
fn the_highest_version_counts_and_all_agree_about_two_of_one_number() {
    for (new, known, expected) in [
        ((2, &b"a"[..]), (1, &b"b"[..]), true),
        ((1, b"b"), (2, b"a"), false),
        ((1, b"b"), (1, b"a"), true),
        ((1, b"a"), (1, b"b"), false),
        ((1, b"a"), (1, b"a"), false),
    ] {
        assert_eq!(supersedes(new, known), expected, "{new:?} {known:?}");
    }
}

/// Has `site` say version `rev` of the bulletin `id`.
async fn say(site: &Arc<Site>, id: Uuid, rev: i64, bulletin: Bulletin) -> event::Model {
    let inner = Arc::clone(site);
    let said = site.db.write(move |tx| {
        Box::pin(async move {
            let new = NewEvent {
                kind: EventKind::BulletinSaid,
                lane: Lane::Urgent,
                unit: inner.unit_id,
                entry: Some(id),
                rev,
                content: Some(bulletin.to_content(id)?),
                to: None,
            };
            let event = append(tx, &inner, new).await?;
            record::store(tx, &event, &bulletin).await?;
            Ok(event)
        })
    });
    said.await.expect("said")
}

/// Takes `events` of `from` in at `to`, in this order, as `peer` would bring them; what became of each.
async fn bring(
    from: &Site,
    to: &Arc<Site>,
    peer: &peer::Model,
    events: &[&event::Model],
) -> Vec<(Outcome, Option<Reason>)> {
    let mut items = Vec::new();
    for event in events {
        let item = outgoing::item_of(from.db.reader(), event, Some(Mode::Mandatory));
        items.push(item.await.expect("an item").0);
    }
    let batch = Batch {
        stream: from.stream_id(),
        lane: Lane::Urgent,
        from: peer.site_id,
        to: to.id,
        after: 0,
        through: items.len() as i64,
        given_at: None,
        head: items.len() as i64,
        items,
    };
    let bytes = batch.to_bytes("", "https://tinh.example").expect("JSON");
    let receipt = receive::receive(to, peer, &bytes, None).await;
    let told = receipt.expect("a receipt").outcomes.into_iter();
    told.map(|item| (item.outcome, item.reason)).collect()
}

#[tokio::test]
async fn whatever_order_versions_come_in_all_sites_show_the_last() {
    let hub = testing::site().await;
    let id = Uuid::now_v7();
    let worse = Bulletin {
        level: Level::Emergency,
        until: flood().until + DAY,
        ..flood()
    };
    let over = Bulletin {
        lifted: Some("Nước đã rút.".to_owned()),
        ..flood()
    };
    let first = say(&hub, id, 1, flood()).await;
    let second = say(&hub, id, 2, worse).await;
    let third = say(&hub, id, 3, over).await;
    for order in [
        [&first, &second, &third],
        [&first, &third, &second],
        [&second, &first, &third],
        [&second, &third, &first],
        [&third, &first, &second],
        [&third, &second, &first],
    ] {
        let member = testing::site().await;
        know(&member, &hub, Some(PeerRole::Upstream)).await;
        let peer = peer_of(&member, &hub).await;
        let outcomes = bring(&hub, &member, &peer, &order).await;
        assert!(outcomes.iter().all(|one| one.0 == Outcome::Accepted));
        let held = record::find(member.db.reader(), id).await.expect("reads");
        let held = held.expect("it is held");
        let revs: Vec<i64> = order.iter().map(|event| event.rev).collect();
        assert_eq!(held.row.rev, 3, "{revs:?}");
        assert!(held.row.lifted, "{revs:?}");
        // An older version may still come as long as it would stand.
        assert_eq!(held.row.longest_at, flood().until + DAY, "{revs:?}");
        assert!(above::of_site(&member).await.expect("reads").is_empty());
    }
}

#[tokio::test]
async fn only_the_hub_itself_says_a_bulletin() {
    let (hub, member, neighbour) = (
        testing::site().await,
        testing::site().await,
        testing::site().await,
    );
    know(&member, &hub, Some(PeerRole::Upstream)).await;
    know(&member, &neighbour, None).await;
    know(&hub, &neighbour, Some(PeerRole::Member)).await;
    let forged = say(&neighbour, Uuid::now_v7(), 1, flood()).await;
    let refused = [(Outcome::Refused, Some(Reason::HubOnly))];
    // A member tells its hub, and a hub carries the word of another site.
    let peer = peer_of(&hub, &neighbour).await;
    assert_eq!(bring(&neighbour, &hub, &peer, &[&forged]).await, refused);
    let peer = peer_of(&member, &hub).await;
    let carried = bring(&neighbour, &member, &peer, &[&forged]).await;
    assert_eq!(carried, refused);
    for site in [&hub, &member] {
        assert_eq!(record::count(site.db.reader()).await.expect("reads"), 0);
    }
}

#[tokio::test]
async fn a_bulletin_whose_signature_lost_its_effect_is_what_the_others_say() {
    let hub = testing::site().await;
    let id = Uuid::now_v7();
    say(&hub, id, 1, flood()).await;
    let forged = Bulletin {
        text: "Chuyển tiền vào tài khoản sau.".to_owned(),
        ..flood()
    };
    let second = say(&hub, id, 2, forged).await;
    let distrust = |event: i64| {
        let site = hub.id;
        hub.db.write(move |tx| {
            Box::pin(async move {
                use crate::directory::revocation::{ActiveModel, Entity, State};
                use sea_orm::Set;
                let row = ActiveModel {
                    event_id: Set(event),
                    key_id: Set("k".to_owned()),
                    site_id: Set(site),
                    entry_id: Set(Some(id)),
                    state: Set(State::Held.as_str().to_owned()),
                    since: Set(0),
                    decided_at: Set(None),
                    decided_by: Set(None),
                };
                Entity::insert(row).exec_without_returning(tx).await?;
                record::judge_again(tx, id).await
            })
        })
    };
    distrust(second.id).await.expect("judged");
    let held = record::find(hub.db.reader(), id).await.expect("reads");
    let held = held.expect("the first stands");
    assert_eq!((held.row.rev, held.bulletin), (1, flood()));
    distrust(held.row.event_id).await.expect("judged");
    assert_eq!(record::count(hub.db.reader()).await.expect("reads"), 0);
}

#[tokio::test]
async fn staff_acknowledge_once_and_the_hub_is_told() {
    let pair = pair().await;
    let id = Uuid::now_v7();
    say(&pair.hub, id, 1, flood()).await;
    push(&pair.hub, &pair.member).await;
    let here = pair.member.id;
    let now = noon().timestamp_millis();
    let waiting = async || {
        let db = pair.member.db.reader();
        let count = record::count_unacknowledged(db, here, now).await;
        count.expect("reads")
    };
    assert_eq!(waiting().await, 1);
    let acknowledge = async || {
        let site = Arc::clone(&pair.member);
        let done = pair.member.db.write(move |tx| {
            Box::pin(async move {
                acknowledgement::acknowledge(tx, &site, id, "A Mẫu (biên tập viên)").await
            })
        });
        done.await
    };
    assert!(acknowledge().await.expect("acknowledged"));
    assert!(!acknowledge().await.expect("once is enough"));
    assert_eq!(waiting().await, 0);
    assert_eq!(push(&pair.member, &pair.hub).await, 1);
    let letters = event::Entity::find().all(pair.hub.db.reader()).await;
    let letters = letters.expect("reads").into_iter();
    let letter = letters.filter(|event| event.kind == EventKind::LetterBulletin.as_str());
    let letter: Vec<event::Model> = letter.collect();
    assert_eq!(letter.len(), 1);
    assert_eq!((letter[0].entry_id, letter[0].rev), (Some(id), 1));

    // What is said otherwise is to be seen to again; what is over is not.
    say(&pair.hub, id, 2, flood()).await;
    push(&pair.hub, &pair.member).await;
    assert_eq!(waiting().await, 1);
    let over = Bulletin {
        lifted: Some("Nước đã rút.".to_owned()),
        ..flood()
    };
    say(&pair.hub, id, 3, over).await;
    push(&pair.hub, &pair.member).await;
    assert_eq!(waiting().await, 0);
    assert!(acknowledge().await.is_err());
}

/// Pages as they are served, through what keeps them.
fn served(site: &TestSite) -> axum::Router {
    pages::drawn()
        .layer(axum::middleware::from_fn_with_state(
            Arc::clone(site),
            pages::page_cache::drawn_once,
        ))
        .with_state(Arc::clone(site))
}

#[tokio::test]
async fn a_page_that_was_kept_does_not_show_what_has_ended_since() {
    let site = testing::site().await;
    let routes = served(&site);
    let id = Uuid::now_v7();
    let short = Bulletin {
        from: flood().from + 3_000,
        until: flood().from + 6_000,
        ..flood()
    };
    let rev = say(&site, id, 1, short).await.rev;
    let token = record::token(id, rev);
    let mark = format!("data-bulletin=\"{token}\"");
    let says = async || {
        let page = get(&routes, "/", None).await;
        page.body.contains(&mark)
    };
    // Each look is within the time for which a page is kept.
    assert!(!says().await, "not yet");
    site.clock.advance(Duration::from_secs(3));
    assert!(says().await, "it began");
    site.clock.advance(Duration::from_secs(2));
    assert!(says().await, "it stands");
    site.clock.advance(Duration::from_secs(1));
    assert!(!says().await, "it ended, and nothing came");
}

#[tokio::test]
async fn a_reader_closes_each_bulletin_and_reads_a_later_version_again() {
    let site = testing::site().await;
    let routes = served(&site);
    let (flood_id, storm_id) = (Uuid::now_v7(), Uuid::now_v7());
    say(&site, flood_id, 1, flood()).await;
    let storm = Bulletin {
        level: Level::Emergency,
        text: "Bão số 12 đổ bộ <đêm nay>.".to_owned(),
        ..flood()
    };
    say(&site, storm_id, 1, storm.clone()).await;
    let page = get(&routes, "/thong-bao", None).await.body;
    assert!(
        page.contains("Bão số 12 đổ bộ &#60;đêm nay&#62;."),
        "{page}"
    );
    assert!(page.contains("aria-live=\"assertive\""));
    let open = async |cookies: &str| {
        let request = axum::http::Request::get("/thong-bao")
            .header("cookie", cookies)
            .body(axum::body::Body::empty());
        testing::ask(&routes, request.expect("a request"))
            .await
            .body
    };
    let close = async |id: Uuid, rev: i64, cookies: &str| {
        let token = record::token(id, rev);
        let request = axum::http::Request::get(format!("/hien-thi?dong-khan={token}&ve=/"))
            .header("cookie", cookies)
            .body(axum::body::Body::empty());
        let answer = testing::ask(&routes, request.expect("a request")).await;
        let cookie = answer.headers["set-cookie"].to_str().expect("ASCII");
        let (cookie, _) = cookie.split_once(';').expect("attributes");
        cookie.to_owned()
    };
    let cookies = close(flood_id, 1, "").await;
    let page = open(&cookies).await;
    assert!(page.contains("Bão số 12") && !page.contains("Đăk Bla"));
    let cookies = close(storm_id, 1, &cookies).await;
    let page = open(&cookies).await;
    assert!(!page.contains("data-bulletin"), "both are closed");
    say(&site, storm_id, 2, storm).await;
    assert!(open(&cookies).await.contains("Bão số 12"), "said again");
}

#[tokio::test]
async fn an_outage_is_announced_on_its_own_pages_alone() {
    let site = testing::site().await;
    let routes = served(&site);
    let now = noon().timestamp_millis();
    let page = get(&routes, "/tam-ngung", None).await.body;
    assert!(page.contains("Hiện không có thông báo tạm ngừng nào"));
    let other = outage(Uuid::now_v7(), now + HOUR);
    say(&site, Uuid::now_v7(), 1, other).await;
    assert!(!get(&routes, "/", None).await.body.contains("data-bulletin"));
    say(&site, Uuid::now_v7(), 1, outage(site.unit_id, now + HOUR)).await;
    let page = get(&routes, "/", None).await.body;
    assert!(page.contains("Sắp tạm ngừng:"), "{page}");
    let page = get(&routes, "/tam-ngung", None).await.body;
    for words in ["Sắp tạm ngừng", "Bộ phận một cửa.", "23/11/2026 14:00"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    site.clock.advance(Duration::from_secs(3_600));
    let page = get(&routes, "/", None).await.body;
    assert!(page.contains("Đang tạm ngừng, có báo trước:"), "{page}");
    let back = pages::bulletins::back_at(&site).await.expect("reads");
    assert_eq!(
        back.expect("who stands in says it").text,
        "23/11/2026 14:00"
    );
    site.clock.advance(Duration::from_secs(3_600));
    let page = get(&routes, "/tam-ngung", None).await.body;
    assert!(page.contains("Hiện không có thông báo tạm ngừng nào"));
}
