//! What the province says above every page, as it is written, looked at, said, changed and lifted at its desk.

use super::bulletin_form;
use super::bulletins::{self, path_of};
use super::desk_testing::Province;
use super::members;
use crate::alerts::trouble;
use crate::bulletins::progress::{self, order};
use crate::bulletins::watch;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::EntityTrait;
use shared::accounts::Role;
use shared::bulletins::record::{self, Told};
use shared::bulletins::{Acknowledged, Bulletin, Level, Outage};
use shared::log::{EventKind, Lane, NewEvent, append, event};
use shared::site::Site;
use shared::sync::Selector;
use shared::testing::{self, Answer, press};
use shared::vietnamese;
use std::sync::Arc;
use uuid::Uuid;

/// A bulletin for everybody, for a day.
pub(super) fn flood(site: &Site) -> Bulletin {
    let now = site.clock.now().timestamp_millis();
    Bulletin {
        level: Level::Emergency,
        text: "Nước sông Đăk Bla lên nhanh.".to_owned(),
        issuer: "Ban Chỉ huy Phòng thủ dân sự tỉnh".to_owned(),
        from: now,
        until: now + 86_400_000,
        receivers: vec![Selector::Everyone],
        more: None,
        outage: None,
        lifted: None,
    }
}

async fn post(province: &Province, path: &str, fields: &[(&str, &str)]) -> Answer {
    testing::post(&province.routes, path, Some(&province.admin), fields).await
}

/// What the page asks back, to say what was looked at.
fn mark(page: &Answer) -> String {
    let (_, rest) = page
        .body
        .split_once("name=\"seen\" value=\"")
        .unwrap_or_else(|| panic!("no mark: {}", page.body));
    rest.split_once('"').expect("its end").0.to_owned()
}

fn says(page: &str, words: &[&str]) {
    for word in words {
        assert!(page.contains(word), "{word}: {page}");
    }
}

fn typed(at: DateTime<Utc>) -> String {
    vietnamese::local(at).format("%Y-%m-%dT%H:%M").to_string()
}

async fn only(province: &Province) -> Told {
    let all = record::newest(province.site.db.reader(), 0, 10).await;
    let mut all = all.expect("reads");
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// Looks at what `fields` would say, and says it.
async fn look_and_say(province: &Province, path: &str, fields: &[(&str, &str)]) -> String {
    let mut looking = fields.to_vec();
    looking.push(("action", "preview"));
    let looked = post(province, path, &looking).await;
    assert_eq!(looked.status, StatusCode::OK, "{}", looked.body);
    let seen = mark(&looked);
    let mut saying = fields.to_vec();
    saying.extend([("action", "send"), ("seen", seen.as_str())]);
    let said = post(province, path, &saying).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.body);
    let path = said.location().split('?').next().expect("a path");
    path.to_owned()
}

#[tokio::test]
async fn a_bulletin_is_looked_at_said_followed_changed_and_lifted() {
    let province = Province::found().await;
    let kon_braih = province.member("xã Kon Braih", "konbraih", 5).await;
    province.member("xã Đăk Kôi", "dakkoi", 5).await;
    let ward = province.member("phường Kon Tum", "kontum", 5).await;
    let guide = press::notice("Ứng phó lũ trên sông Đăk Bla")
        .publish(&province.site)
        .await
        .to_string();
    says(
        &province.page(bulletins::PATH).await,
        &["Chưa phát thông báo nào"],
    );
    let until = typed(province.site.clock.now() + TimeDelta::hours(6));
    let fields = [
        ("level", "emergency"),
        ("text", "Nước sông Đăk Bla lên nhanh; không qua ngầm tràn."),
        ("issuer", "Ban Chỉ huy Phòng thủ dân sự tỉnh"),
        ("entry", guide.as_str()),
        ("until", until.as_str()),
        ("to", "levels"),
        ("kinds", "xa"),
    ];
    let mut looking = fields.to_vec();
    looking.push(("action", "preview"));
    let looked = post(&province, bulletin_form::NEW, &looking).await;
    says(
        &looked.body,
        &[
            "Sẽ hiện trên trang của 2 đơn vị",
            "xã Kon Braih",
            "xã Đăk Kôi",
            "Khẩn cấp:",
            "máy đọc màn hình",
        ],
    );
    // Saying something that was not looked at shows it, and says nothing.
    let mut other = fields.to_vec();
    other.extend([("action", "send"), ("seen", "sha-256:00")]);
    let again = post(&province, bulletin_form::NEW, &other).await;
    says(&again.body, &["đã khác lần xem trước"]);
    let db = province.site.db.reader();
    assert_eq!(record::count(db).await.expect("reads"), 0);

    let path = look_and_say(&province, bulletin_form::NEW, &fields).await;
    let told = only(&province).await;
    assert_eq!(path, path_of(told.row.id));
    assert_eq!(told.bulletin.receivers, [Selector::Level("xa".to_owned())]);
    let more = told.bulletin.more.clone().expect("leads on");
    assert!(more.url.contains("/thong-bao/"), "{}", more.url);
    let page = province.page(&path).await;
    says(&page, &["Xã Kon Braih", "Xã Đăk Kôi", "chưa", "bản 1"]);
    assert!(!page.contains("Phường Kon Tum"), "it is not for wards");
    let front = province.page("/").await;
    assert!(!front.contains("data-bulletin"), "nor for the province");

    // A receipt says that a member has it; its people say that they saw to it.
    province.acknowledges(kon_braih).await;
    progress::note_received(&province.site)
        .await
        .expect("noted");
    acknowledge(&province, kon_braih, &told).await;
    acknowledge(&province, ward, &told).await;
    let page = province.page(&path).await;
    says(&page, &["A Mẫu (biên tập viên)"]);
    let list = province.page(bulletins::PATH).await;
    says(&list, &["1/2 đơn vị đã nhận, 1 đã xác nhận", "đang hiện"]);
    let csv = province.page(&format!("{path}/bang.csv")).await;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 3, "heads and two members: {csv}");
    assert!(lines[1].starts_with("Xã Đăk Kôi"), "open first: {csv}");
    // What was received is looked for on the pages.
    let rows = progress::of_version(db, told.row.event_id).await;
    for row in rows.expect("reads") {
        let is_received = row.site_id == kon_braih;
        assert_eq!(row.next_look_at.is_some(), is_received, "{row:?}");
    }

    // Said otherwise, it is followed anew; whom it is for stays.
    let longer = typed(province.site.clock.now() + TimeDelta::hours(12));
    let change = format!("{path}/sua");
    says(
        &province.page(&change).await,
        &["Nơi nhận giữ như bản trước"],
    );
    let mut fields = fields.to_vec();
    fields.retain(|(name, _)| !["until", "to", "kinds"].contains(name));
    fields.push(("until", longer.as_str()));
    look_and_say(&province, &change, &fields).await;
    let told = only(&province).await;
    assert_eq!(told.row.rev, 2);
    let list = province.page(bulletins::PATH).await;
    says(&list, &["0/2 đơn vị đã nhận, 0 đã xác nhận"]);
    let first = province.page(&format!("{path}?ban=1")).await;
    says(&first, &["A Mẫu (biên tập viên)"]);

    // Lifting asks why, once.
    let lift = format!("{path}/go");
    says(
        &province.page(&lift).await,
        &["Gỡ thông báo này khỏi mọi trang?"],
    );
    let answer = post(&province, &lift, &[("reason", " ")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = post(&province, &lift, &[("reason", "Nước đã rút.")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let told = only(&province).await;
    assert_eq!(told.bulletin.lifted.as_deref(), Some("Nước đã rút."));
    let answer = post(&province, &lift, &[("reason", "Lần nữa")]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let page = province.page(&path).await;
    says(&page, &["lệnh gỡ", "đã gỡ"]);
    assert!(
        !page.contains("Gỡ khỏi mọi trang"),
        "nothing is left to lift"
    );
}

/// People at `member` acknowledge what was `told`: the letter as the hub takes it in.
async fn acknowledge(province: &Province, member: Uuid, told: &Told) {
    let said = Acknowledged {
        bulletin: told.row.id,
        rev: told.row.rev,
        by: "A Mẫu (biên tập viên)".to_owned(),
        at: 0,
    };
    let site = Arc::clone(&province.site);
    let done = province.site.db.write(move |tx| {
        Box::pin(async move {
            let new = NewEvent {
                kind: EventKind::LetterBulletin,
                lane: Lane::Urgent,
                unit: site.unit_id,
                entry: Some(said.bulletin),
                rev: said.rev,
                content: Some(said.to_content()?),
                to: Some(site.unit_id),
            };
            let letter = append(tx, &site, new).await?;
            let letter = event::Model {
                site_id: member,
                ..letter
            };
            progress::note_acknowledged(tx, &site, &letter).await
        })
    });
    done.await.expect("noted");
}

#[tokio::test]
async fn an_outage_is_announced_in_time_or_says_why_not_and_alarms_nobody() {
    let mut province = Province::found().await;
    let member = province.member("xã Kon Braih", "konbraih", 1_000_000).await;
    province.member("xã Đăk Kôi", "dakkoi", 5).await;
    let site = shared::directory::site_record::find(province.site.db.reader(), member).await;
    let unit = site.expect("reads").expect("a member").unit_id.to_string();
    let now = province.site.clock.now();
    let fields = |from: DateTime<Utc>, until: DateTime<Utc>| {
        [
            ("unit", unit.clone()),
            ("level", "information".to_owned()),
            ("text", "Trang ngừng để chuyển máy chủ.".to_owned()),
            ("issuer", "Tỉnh Quảng Ngãi".to_owned()),
            ("from", typed(from)),
            ("until", typed(until)),
            ("reason", "Chuyển máy chủ.".to_owned()),
            ("instead", "Bộ phận một cửa.".to_owned()),
        ]
    };
    let soon = fields(now + TimeDelta::hours(1), now + TimeDelta::hours(3));
    let mut soon: Vec<(&str, &str)> = soon
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    soon.push(("action", "preview"));
    let answer = post(&province, bulletin_form::OUTAGE, &soon).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    // From a Monday on, seven working days are the Wednesday after the next.
    says(&answer.body, &["chưa đủ 7 ngày làm việc", "02/12/2026"]);

    soon.pop();
    soon.push(("urgency", "Ổ đĩa sắp hỏng."));
    let path = look_and_say(&province, bulletin_form::OUTAGE, &soon).await;
    let told = only(&province).await;
    let outage: Outage = told.bulletin.outage.clone().expect("an outage");
    assert_eq!(outage.urgency.as_deref(), Some("Ổ đĩa sắp hỏng."));
    let page = province.page(&path).await;
    says(
        &page,
        &["Xã Kon Braih", "Ổ đĩa sắp hỏng.", "Vì sao báo gấp"],
    );
    assert!(!page.contains("Xã Đăk Kôi"), "it is theirs alone");
    says(
        &province.page("/tam-ngung").await,
        &["Xã Kon Braih", "Sắp tạm ngừng"],
    );

    // Before it begins the member is missed; while it lasts nobody is alarmed.
    let (back, troubles) = troubles_of(&province, member).await;
    assert_eq!(back, None);
    assert!(troubles > 0);
    province
        .site
        .clock
        .advance(std::time::Duration::from_secs(2 * 3_600));
    let seen = troubles_of(&province, member).await;
    assert_eq!(seen, (Some(outage.until), 0));
    // Whoever was at the desk has been away for too long.
    let grants = vec![shared::accounts::Grant::from(Role::HubAdmin)];
    province.admin = testing::sign_in_as(&province.site, "later", grants).await;
    let table = province.page(members::PATH).await;
    says(&table, &["bảo trì có báo trước đến"]);
    // It takes longer: the same notice, said otherwise.
    let later = province.site.clock.now() + TimeDelta::hours(5);
    let longer = fields(shared::clock::from_millis(outage.from), later);
    let mut longer: Vec<(&str, &str)> = longer
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    longer.push(("urgency", "Ổ đĩa sắp hỏng."));
    look_and_say(&province, &format!("{path}/sua"), &longer).await;
    let told = only(&province).await;
    let extended = told.bulletin.outage.expect("an outage");
    assert_eq!(extended.announced, outage.announced);
    assert!(extended.until > outage.until);
}

/// When the member is expected back, and how much is wrong with it.
async fn troubles_of(province: &Province, member: Uuid) -> (Option<i64>, usize) {
    province.looks().await;
    let seen = province.watch.seen(&province.site).await.expect("a look");
    let found = seen.members.iter().find(|one| one.site == member);
    let found = found.expect("the member");
    (
        found.back_at,
        trouble::of(found, trouble::FromOutside::default()).len(),
    )
}

#[test]
fn a_front_page_says_a_version_or_nothing_once_it_is_lifted() {
    let id = Uuid::from_u128(7);
    let version = |rev: i64, lifts: bool| order::Model {
        event_id: 1,
        bulletin_id: id,
        rev,
        lifts,
        outage_unit: None,
        from_at: 0,
        until_at: 1,
        position: 1,
        ordered_by: String::new(),
        ordered_at: 0,
    };
    let page = |rev: i64| format!("<div data-bulletin=\"{}\">", record::token(id, rev));
    for (page, rev, lifts, is_right) in [
        (page(1), 1, false, true),
        (page(11), 1, false, false),
        (page(1), 2, false, false),
        (String::new(), 1, false, false),
        (String::new(), 2, true, true),
        (page(1), 2, true, false),
        (page(3), 2, true, false),
    ] {
        let wrong = watch::judge(&page, &version(rev, lifts));
        assert_eq!(wrong.is_none(), is_right, "{page} {rev} {lifts}");
    }
}

#[tokio::test]
async fn what_was_over_long_ago_is_forgotten() {
    let province = Province::found().await;
    province.member("xã Kon Braih", "konbraih", 5).await;
    let said = crate::bulletins::Order {
        of: None,
        bulletin: flood(&province.site),
        by: "A Mẫu".to_owned(),
        actor: shared::audit::Actor::CommandLine,
    };
    crate::bulletins::order(&province.site, said)
        .await
        .expect("said");
    let forget = |now: i64| {
        province
            .site
            .db
            .write(move |tx| Box::pin(async move { progress::forget_old(tx, now).await }))
    };
    let now = province.site.clock.now().timestamp_millis();
    assert_eq!(forget(now).await.expect("looked"), 0);
    let later = now + 402 * 86_400_000;
    assert_eq!(forget(later).await.expect("forgotten"), 2);
    let left = order::Entity::find().all(province.site.db.reader()).await;
    assert!(left.expect("reads").is_empty());
}
