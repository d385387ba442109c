//! How a site looks, set up over its routes and seen by a reader.

use super::face::PATH;
use crate::accounts::Role;
use crate::audit;
use crate::face::stored;
use crate::housekeeping;
use crate::log::Digest;
use crate::media::record;
use crate::pages;
use crate::testing::{self, Answer, SignedIn, TestSite, ask, get, send_in_parts};
use axum::Router;
use axum::http::StatusCode;
use sea_orm::EntityTrait;
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

struct Office {
    site: TestSite,
    routes: Router,
    chief: SignedIn,
}

async fn office() -> Office {
    let site = testing::site().await;
    let routes = super::routes()
        .into_router()
        .merge(pages::routes())
        .merge(crate::media::serve::routes())
        .with_state(Arc::clone(&site))
        .layer(axum::middleware::from_fn_with_state(
            crate::error::plain_renderer(),
            crate::error::present,
        ));
    let chief = testing::sign_in(&site, Role::ChiefEditor).await;
    Office {
        site,
        routes,
        chief,
    }
}

impl Office {
    async fn send(&self, fields: &[(&str, &str)]) -> Answer {
        let request = send_in_parts(PATH, Some(&self.chief), fields);
        ask(&self.routes, request).await
    }

    /// The usual fields, `fields`, and the button `action`.
    async fn press(&self, action: &str, revision: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![
            ("revision", revision),
            ("palette", "la"),
            ("block", "newest"),
            ("block_on", "1"),
            ("do", action),
        ];
        all.extend(fields);
        self.send(&all).await
    }

    async fn seen(&self, path: &str) -> Answer {
        get(&self.routes, path, None).await
    }

    /// A picture that lies in the store, by its name.
    async fn picture(&self) -> String {
        let pixels = image::RgbImage::from_pixel(800, 200, image::Rgb([30, 90, 50]));
        let mut png = Cursor::new(Vec::new());
        image::DynamicImage::from(pixels)
            .write_to(&mut png, image::ImageFormat::Png)
            .expect("encodes");
        let png = png.into_inner().into();
        let kept = crate::newsroom::upload::keep_picture(&self.site, "bang.png", png, None).await;
        kept.expect("kept").digest.hex()
    }
}

#[tokio::test]
async fn what_a_unit_sets_up_is_seen_at_once_and_recorded() {
    let office = office().await;
    let before = office.seen("/").await.body;
    assert!(before.contains("data-element=\"newest\""), "{before}");
    assert!(!before.contains("mau-"), "the usual colours need no sheet");
    let picture = office.picture().await;
    let fields = [
        ("emblem", picture.as_str()),
        ("menu_label", "Trang nhất"),
        ("menu_target", "/"),
        ("menu_address", ""),
        ("menu_label", ""),
        ("menu_target", "muc:tin-tuc"),
        ("menu_address", ""),
        ("menu_label", "Dịch vụ công"),
        ("menu_target", ""),
        ("menu_address", "https://dichvucong.example/"),
        ("block", "banners"),
        ("block_on", "1"),
        ("block", "links"),
        ("block_on", "1"),
        ("block", "notices"),
        ("banner", &picture),
        ("banner_alt", "Lễ hội cồng chiêng"),
        ("banner_link", "/thong-bao"),
        ("banner_until", "2026-11-23"),
        ("link_label", "Cổng Chính phủ"),
        ("link_address", "https://chinhphu.example/"),
        ("link_group", "Trung ương"),
        ("hotline_label", "Công an xã"),
        ("hotline_phone", "0260 3824 113"),
    ];
    let done = office.press("save", "0", &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);

    let page = office.seen("/").await.body;
    for part in [
        "mau-la.css",
        "content=\"#1b5e33\"",
        "Trang nhất",
        ">Tin tức</a>",
        "href=\"https://dichvucong.example/\"",
        "alt=\"Lễ hội cồng chiêng\"",
        "banners.css",
        "<h3 class=\"mt-3\">Trung ương</h3>",
        "href=\"tel:+842603824113\"",
        &format!("/media/sha256/{picture}/320.jpg"),
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains(">Văn bản</a>"), "it is not in the menu");
    let served = office.seen(&format!("/media/sha256/{picture}")).await;
    assert_eq!(served.status, StatusCode::OK, "readers may have it");
    let manifest = office.seen("/manifest.webmanifest").await.body;
    assert!(manifest.contains("#1b5e33") && manifest.contains(&picture));
    let form = get(&office.routes, PATH, Some(&office.chief)).await.body;
    assert!(form.contains("value=\"Cổng Chính phủ\""), "{form}");

    office.site.clock.advance(Duration::from_secs(24 * 3600));
    let later = office.seen("/").await.body;
    assert!(
        !later.contains("Lễ hội cồng chiêng"),
        "its last day is over"
    );
    let records = audit::chain::Entity::find()
        .all(office.site.db.reader())
        .await
        .expect("reads");
    let changes = records.iter().filter(|one| one.action == "face_change");
    assert_eq!(changes.count(), 1);
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_its_field_and_nothing_is_kept() {
    let office = office().await;
    for (fields, told) in [
        (
            &[("link_label", "Cổng"), ("link_address", "http://a.example")][..],
            "link_address-1",
        ),
        (
            &[("hotline_label", "Công an"), ("hotline_phone", "gọi tôi")],
            "hotline_phone-1",
        ),
        (
            &[
                ("menu_label", "Quản trị"),
                ("menu_target", ""),
                ("menu_address", "/quan-tri"),
            ],
            "menu_address-1",
        ),
        (
            &[
                ("menu_label", "Mục"),
                ("menu_target", "muc:khong-co"),
                ("menu_address", ""),
            ],
            "menu",
        ),
        (&[("emblem", &"ab".repeat(32))], "emblem_file"),
        (&[("palette", "hong")], "palette"),
    ] {
        let answer = office.press("save", "0", fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
        let link = format!("href=\"#{told}\"");
        assert!(answer.body.contains(&link), "{told}: {}", answer.body);
    }
    let stored = stored::load(office.site.db.reader()).await.expect("reads");
    assert_eq!(stored.revision, 0);
}

#[tokio::test]
async fn rows_come_go_and_move_before_anything_counts() {
    let office = office().await;
    let rows = [
        ("hotline_label", "Một"),
        ("hotline_phone", "111"),
        ("hotline_label", "Hai"),
        ("hotline_phone", "222"),
    ];
    let moved = office.press("down:hotlines:1", "0", &rows).await;
    assert_eq!(moved.status, StatusCode::OK);
    let places = ["Hai", "Một"].map(|one| moved.body.find(&format!("value=\"{one}\"")));
    assert!(places[0].is_some() && places[0] < places[1], "{places:?}");
    let more = office.press("add:hotlines", "0", &rows).await;
    assert!(more.body.contains("hotline_label-3"), "{}", more.body);
    let filled = office.press("fill:menu", "0", &[]).await;
    assert!(filled.body.contains("value=\"Tin tức\""), "{}", filled.body);
    let stored = stored::load(office.site.db.reader()).await.expect("reads");
    assert_eq!(stored.revision, 0);
}

#[tokio::test]
async fn nobody_overwrites_what_they_did_not_see_and_one_press_goes_back() {
    let office = office().await;
    let first = office.press("save", "0", &[]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    let late = office.press("save", "0", &[("palette", "sim")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("người khác đổi"), "{}", late.body);
    assert!(office.seen("/").await.body.contains("mau-la.css"));
    let stale = office.send(&[("revision", "0"), ("do", "undo")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let back = office.send(&[("revision", "1"), ("do", "undo")]).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
    assert!(!office.seen("/").await.body.contains("mau-la.css"));
}

#[tokio::test]
async fn a_form_without_its_token_and_a_person_without_the_right_change_nothing() {
    let office = office().await;
    let editor = testing::sign_in(&office.site, Role::Editor).await;
    let request = send_in_parts(PATH, Some(&editor), &[("do", "save"), ("revision", "0")]);
    let answer = ask(&office.routes, request).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let stranger = SignedIn {
        csrf: "sai".to_owned(),
        ..testing::sign_in(&office.site, Role::Admin).await
    };
    let request = send_in_parts(PATH, Some(&stranger), &[("do", "save"), ("revision", "0")]);
    let answer = ask(&office.routes, request).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    let stored = stored::load(office.site.db.reader()).await.expect("reads");
    assert_eq!(stored.revision, 0);
}

#[tokio::test]
async fn a_picture_of_the_face_or_of_the_one_before_stays() {
    let office = office().await;
    let picture = office.picture().await;
    let saved = office.press("save", "0", &[("emblem", &picture)]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let digest = Digest::from_hex(&picture).expect("a digest");
    let is_there = async || {
        office
            .site
            .clock
            .advance(Duration::from_secs(60 * 24 * 3600));
        housekeeping::round(&office.site, 0).await.expect("a round");
        let found = record::find(office.site.db.reader(), digest).await;
        found.expect("reads").is_some()
    };
    assert!(is_there().await);
    // The session is over by now.
    let chief = testing::sign_in(&office.site, Role::ChiefEditor).await;
    let library = format!("/quan-tri/thu-vien/{picture}");
    let page = get(&office.routes, &library, Some(&chief)).await.body;
    assert!(page.contains("Giao diện trang"), "{page}");
    let office = Office { chief, ..office };
    let saved = office.press("save", "1", &[]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let stays = stored::pictures(office.site.db.reader()).await;
    assert!(stays.expect("reads").contains(&digest));
    let gone = office.press("save", "2", &[]).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.body);
    office
        .site
        .clock
        .advance(Duration::from_secs(60 * 24 * 3600));
    housekeeping::round(&office.site, 0).await.expect("a round");
    let found = record::find(office.site.db.reader(), digest).await;
    assert!(found.expect("reads").is_none(), "nothing shows it any more");
    assert_eq!(
        office
            .seen(&format!("/media/sha256/{picture}"))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
}
