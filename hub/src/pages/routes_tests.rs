//! Routes as a provincial administrator writes them: looked at, saved as they were looked at, changed, removed.

use super::desk_testing::Province;
use super::{route_form, routes};
use crate::members::registry;
use crate::routing::{Moment, Route, route};
use axum::http::StatusCode;
use chrono::NaiveDate;
use shared::directory::site_record;
use shared::entries::Mode;
use shared::log::Lane;
use shared::sync::Selector;
use shared::testing::{self, Answer, press};
use shared::units::attribute::{self, Attribute, Name};
use uuid::Uuid;

impl Province {
    async fn sends(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        testing::post(&self.routes, path, Some(&self.admin), fields).await
    }

    async fn unit_of(&self, member: Uuid) -> Uuid {
        let site = site_record::find(self.site.db.reader(), member).await;
        site.expect("a site").expect("a member").unit_id
    }

    async fn routes(&self) -> Vec<Route> {
        route::all(self.site.db.reader()).await.expect("routes")
    }
}

/// What the page asks back, to save what was looked at.
fn mark(page: &Answer) -> &str {
    let (_, rest) = page
        .body
        .split_once("name=\"seen\" value=\"")
        .expect("a mark");
    rest.split_once('"').expect("its end").0
}

fn said(page: &Answer, words: &[&str]) {
    for word in words {
        assert!(page.body.contains(word), "{word}: {}", page.body);
    }
}

#[tokio::test]
async fn a_route_is_saved_as_it_was_looked_at() {
    let province = Province::found().await;
    let kon_braih = province.member("xã Kon Braih", "konbraih", 5).await;
    let dak_koi = province.member("xã Đăk Kôi", "dakkoi", 5).await;
    let ward = province.member("phường Kon Tum", "kontum", 5).await;
    let by = shared::audit::Actor::CommandLine;
    registry::set_suspended(&province.site, dak_koi, true, &by)
        .await
        .expect("it is suspended");
    press::notice("Cảnh báo lũ trên sông Đăk Bla")
        .publish(&province.site)
        .await;
    let before = province.routes().await.len();

    let levels = [
        ("name", ""),
        ("from", "own"),
        ("kinds", "notice"),
        ("to", "levels"),
        ("levels", "xa"),
        ("mode", "mandatory"),
        ("moment", "arrival"),
        ("lane", "urgent"),
    ];
    let with = |more: &[(&'static str, String)]| -> Vec<(String, String)> {
        let fields = levels
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let more = more
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        fields.chain(more).collect()
    };
    let send = async |path: &str, fields: Vec<(String, String)>| -> Answer {
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        province.sends(path, &fields).await
    };
    let looked = send(route_form::NEW, with(&[("action", "preview".into())])).await;
    assert_eq!(looked.status, StatusCode::OK);
    said(
        &looked,
        &[
            "2 đơn vị nhận",
            "đang tạm dừng",
            "đơn vị không nhận",
            "phường Kon Tum",
            "1 tin thuộc tuyến này",
            "Cảnh báo lũ trên sông Đăk Bla",
        ],
    );
    assert_eq!(
        province.routes().await.len(),
        before,
        "looking saves nothing"
    );

    // Without a look, and after a look at something else, it is shown and not saved.
    for seen in ["", "sha-256:00"] {
        let fields = with(&[("action", "save".into()), ("seen", seen.into())]);
        said(
            &send(route_form::NEW, fields).await,
            &["đã khác lần xem trước"],
        );
    }
    assert_eq!(province.routes().await.len(), before);
    let fields = with(&[("action", "save".into()), ("seen", mark(&looked).into())]);
    let saved = send(route_form::NEW, fields.clone()).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let kept = province.routes().await.pop().expect("a route");
    assert_eq!(kept.targets, [Selector::Level("xa".to_owned())]);
    assert_eq!(
        (kept.mode, kept.lane),
        (Mode::Mandatory, Some(Lane::Urgent))
    );
    assert_eq!(kept.name, "Tin của tỉnh đến các xã");
    assert_eq!(kept.source.kinds, ["notice"]);

    // Somebody joined since that look: it is shown again.
    let path = route_form::path_of(kept.id);
    province.member("xã Măng Bút", "mangbut", 5).await;
    let again = send(&path, fields).await;
    said(&again, &["3 đơn vị nhận", "đã khác lần xem trước"]);

    // The same route leads to members by name.
    let units = [kon_braih, ward];
    let mut named: Vec<(String, String)> = with(&[("action", "preview".into())]);
    named.retain(|(name, _)| !matches!(name.as_str(), "to" | "levels"));
    named.push(("to".into(), "units".into()));
    for member in units {
        named.push(("units".into(), province.unit_of(member).await.to_string()));
    }
    let looked = send(&path, named.clone()).await;
    said(&looked, &["2 đơn vị nhận", "đơn vị không nhận"]);
    named.retain(|(name, _)| name != "action");
    named.push(("action".into(), "save".into()));
    named.push(("seen".into(), mark(&looked).into()));
    assert_eq!(send(&path, named).await.status, StatusCode::SEE_OTHER);
    let changed = route::find(province.site.db.reader(), kept.id)
        .await
        .expect("a route");
    assert_eq!(changed.targets.len(), 2);
    let opened = province.page(&path).await;
    assert_eq!(opened.matches(" checked").count(), 4, "{opened}");
    let list = province.page(routes::PATH).await;
    assert!(
        list.contains("xã Kon Braih, phường Kon Tum") && list.contains("gửi khẩn"),
        "{list}"
    );
}

#[tokio::test]
async fn what_is_missing_is_named_and_removing_asks_first() {
    let province = Province::found().await;
    province.member("xã Kon Braih", "konbraih", 5).await;
    for (fields, expected) in [
        (&[("to", "levels")][..], "ít nhất một loại đơn vị"),
        (&[("to", "units")], "ít nhất một đơn vị nhận"),
        (
            &[("to", "units"), ("units", "không-phải-mã")],
            "ít nhất một đơn vị nhận",
        ),
        (
            &[("to", "below"), ("below", "")],
            "Hãy chọn đơn vị cấp trên",
        ),
        (&[("to", "khac")], "Hãy chọn nơi nhận"),
        (
            &[("to", "everyone"), ("from", "level:khac")],
            "Hãy chọn tin của ai",
        ),
        (
            &[("to", "everyone"), ("sections", "khong-co")],
            "Có chuyên mục không còn nữa",
        ),
        (
            &[
                ("to", "everyone"),
                ("from", "own"),
                ("moment", "acceptance"),
            ],
            "không qua bước tiếp nhận",
        ),
    ] {
        let mut all: Vec<(&str, &str)> = fields.to_vec();
        for usual in [
            ("from", "members"),
            ("mode", "suggested"),
            ("moment", "arrival"),
            ("action", "save"),
        ] {
            if !all.iter().any(|(name, _)| *name == usual.0) {
                all.push(usual);
            }
        }
        let answer = province.sends(route_form::NEW, &all).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{fields:?}"
        );
        said(&answer, &[expected]);
    }

    let route = Route::new(
        "Thử",
        Default::default(),
        Selector::Everyone,
        Mode::Suggested,
        Moment::Arrival,
    );
    let id = route.id;
    let add = province
        .site
        .db
        .write(move |tx| Box::pin(async move { route::add(tx, &route).await }));
    add.await.expect("added");
    let id = id.to_string();
    let switch = province.sends(routes::PATH, &[("id", &id)]).await;
    assert_eq!(switch.status, StatusCode::SEE_OTHER);
    assert!(!province.routes().await.pop().expect("it is there").active);
    let removal = routes::REMOVAL.replace("{route}", &id);
    assert!(province.page(&removal).await.contains("Xóa tuyến này?"));
    assert!(
        province
            .routes()
            .await
            .iter()
            .any(|known| known.id.to_string() == id)
    );
    assert_eq!(
        province.sends(&removal, &[]).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(
        !province
            .routes()
            .await
            .iter()
            .any(|known| known.id.to_string() == id)
    );
}

#[tokio::test]
async fn a_route_to_a_unit_that_is_no_more_says_what_that_went_into() {
    let province = Province::found().await;
    let old = province.member("xã Tân Lập", "tanlap", 5).await;
    let heir = province.member("xã Kon Braih", "konbraih", 5).await;
    let (old, heir) = (province.unit_of(old).await, province.unit_of(heir).await);
    let unit = old.to_string();
    let fields = [
        ("name", "Tin cho Tân Lập"),
        ("from", "own"),
        ("to", "units"),
        ("units", unit.as_str()),
        ("mode", "suggested"),
        ("moment", "arrival"),
        ("action", "preview"),
    ];
    let looked = province.sends(route_form::NEW, &fields).await;
    let seen = mark(&looked).to_owned();
    let mut fields = fields.to_vec();
    fields.pop();
    fields.extend([("action", "save"), ("seen", seen.as_str())]);
    let saved = province.sends(route_form::NEW, &fields).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let page = province.page(routes::PATH).await;
    assert!(!page.contains("không còn từ"), "{page}");

    let ended = |name: Name, value: String, from: Option<u32>, to: Option<u32>| {
        let day = |day: u32| NaiveDate::from_ymd_opt(2026, 7, day).expect("a day");
        Attribute {
            name,
            value,
            valid_from: from.map(day),
            valid_to: to.map(day),
            basis: None,
        }
    };
    let attributes = [
        ended(Name::Name, "xã Tân Lập".to_owned(), None, Some(14)),
        ended(Name::MergedInto, heir.to_string(), Some(15), None),
    ];
    let done = province
        .site
        .db
        .write(move |tx| Box::pin(async move { attribute::replace(tx, old, &attributes).await }));
    done.await.expect("it ended");
    let page = province.page(routes::PATH).await;
    let warning = "Xã Tân Lập không còn từ 15/07/2026, nay thuộc xã Kon Braih. Hãy sửa tuyến.";
    assert!(page.contains(warning), "{page}");
}
