//! Every route × every role × own and foreign section, and proof that the walk would notice.

use super::routes::only_declared;
use super::{Declared, DeskRoutes, Need, routes};
use crate::accounts::openid::Provider;
use crate::accounts::{Right, Role, current_user::CurrentUser};
use crate::error::{CONFIRM_PATH, plain_renderer, present};
use crate::log::Digest;
use crate::media::incoming::{self, About};
use crate::media::kind::Class;
use crate::media::library::{self, New};
use crate::newsroom::draft::Contents;
use crate::newsroom::form::DraftForm;
use crate::newsroom::moves;
use crate::ranking;
use crate::testing::matrix::{self, Known, Whose, walk};
use crate::testing::{self, TestSite, citizen, press};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// A site with something of every kind that a route can be about; and what it is called.
async fn site() -> (TestSite, Vec<Known>) {
    let site = testing::site().await;
    let neighbour = testing::site().await;
    let arrival = press::article("Tin của xã bạn").publish(&neighbour).await;
    testing::deliver(&neighbour, &site, arrival).await;
    let by = testing::account(&site, Role::Editor).await.id;
    let theirs = testing::account(&neighbour, Role::Editor).await.id;
    let picture = b"\x89PNG anh";
    press::deliver(&site, picture, "image/png", Some((4, 3))).await;
    let picture = Digest::of(picture);
    let now = site.clock.now().timestamp_millis();
    let new = New {
        digest: picture,
        class: Class::Picture,
        name: "anh.png".to_owned(),
        is_kept: true,
        by: Some(by),
    };
    let noted = site
        .db
        .write(move |tx| Box::pin(async move { library::note(tx, new, now).await }));
    noted.await.expect("noted");
    // What a draft shows nobody removes, so that everybody is asked about the same.
    let shown = format!(
        "<p><img src=\"/media/sha256/{}\" alt=\"Ảnh\"></p>",
        picture.hex()
    );
    let about = About {
        name: "a.pdf".to_owned(),
        size: 100,
        by,
        is_kept: true,
        began_at: now,
        done: None,
    };
    let upload = incoming::begin(&site, about).await.expect("begun");
    let settings = "issuer = \"https://127.0.0.1:9\"\nclient_id = \"kon-braih\"";
    let home = "https://konbraih.quangngai.example/".to_owned();
    let provider = Provider::new(
        toml::from_str(settings).expect("settings"),
        None,
        (home.clone(), home),
        site.http.clone(),
        site.clock.clone(),
    );
    let provider = provider.expect("a provider");
    site.openid.get_or_init(|| provider);
    let (own, foreign) = (matrix::SECTION, matrix::OTHER_SECTION);
    let drafts = "/quan-tri/bai-viet/";
    let asked = citizen::report(&site, site.unit_id, "Bao giờ sửa đường thôn 5?").await;
    let commented = Uuid::now_v7();
    citizen::comment(&site, site.unit_id, commented, "Nên để già làng giữ sổ.").await;
    let theirs_to_answer = citizen::report(&neighbour, neighbour.unit_id, "Của xã bạn").await;
    let picture_of = |case: &citizen::Case| format!("{}.0", case.first_message);
    let told = ranking::tests::held(&site).await;
    let known = vec![
        // Before the cases, whose paths begin alike.
        Known::new(
            "/quan-tri/nguoi-dan/anh/",
            picture_of(&asked),
            Whose::TheSites,
        ),
        Known::new("/quan-tri/nguoi-dan/", asked.id, Whose::TheSites),
        Known::new("/quan-tri/gop-y/", commented, Whose::TheSites),
        Known::new(
            "/quan-tri/nguoi-dan/",
            theirs_to_answer.id,
            Whose::AnotherSites,
        ),
        Known::new(
            "/quan-tri/nhat-ky/xuat",
            "/quan-tri/nhat-ky/xuat?dang=csv",
            Whose::TheSites,
        ),
        Known::new(
            drafts,
            draft(&site, by, own, &shown).await,
            Whose::Section(own),
        ),
        Known::new(
            drafts,
            draft(&site, by, foreign, "").await,
            Whose::Section(foreign),
        ),
        Known::new(
            drafts,
            draft(&neighbour, theirs, own, "").await,
            Whose::AnotherSites,
        ),
        Known::new("/quan-tri/nhuan-but/", "2026-11", Whose::TheSites),
        Known::new("/quan-tri/diem-so/", told, Whose::TheSites),
        Known::new("/quan-tri/hop-den/", arrival, Whose::TheSites),
        Known::new("/quan-tri/nguoi-dung/", by, Whose::TheSites),
        Known::new("/quan-tri/nguoi-dung/", theirs, Whose::AnotherSites),
        Known::new("/quan-tri/thu-vien/", picture.hex(), Whose::TheSites),
        Known::new("/quan-tri/tai-len/", upload, Whose::AnotherPersons),
        Known::new(
            "/quan-tri/huong-dan/anh/",
            "dang-nhap.webp",
            Whose::TheSites,
        ),
    ];
    (site, known)
}

/// A draft of `by` in `section`.
async fn draft(site: &TestSite, by: Uuid, section: &str, body: &str) -> Uuid {
    let form = DraftForm {
        kind: "article".to_owned(),
        title: "Vào mùa cà phê".to_owned(),
        section: section.to_owned(),
        language: "vi".to_owned(),
        body: body.to_owned(),
        ..DraftForm::default()
    };
    let contents = Contents::of(&form).expect("in order");
    let now = site.clock.now().timestamp_millis();
    let begun = site
        .db
        .write(move |tx| Box::pin(async move { moves::begin(tx, contents, by, now).await }));
    begun.await.expect("a draft").id
}

fn served(site: &TestSite, router: Router<Arc<crate::site::Site>>) -> Router {
    router
        .with_state(Arc::clone(site))
        .layer(from_fn_with_state(plain_renderer(), present))
}

#[tokio::test]
async fn every_route_answers_everybody_as_the_table_of_rights_says() {
    let (site, known) = site().await;
    let desk = routes();
    let declared = desk.declared().to_vec();
    assert!(declared.len() > 30, "routes are declared");
    let served = served(&site, desk.into_router());
    let wrong = walk(&site, &served, &declared, &known).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A check that never failed is not trusted.
#[tokio::test]
async fn the_walk_notices_a_route_that_asks_for_too_little_or_nothing() {
    let (site, known) = site().await;
    const PATH: &str = "/quan-tri/nguoi-dung";
    let declared = |need| {
        [Declared {
            method: axum::http::Method::GET,
            path: PATH,
            need,
        }]
    };
    let needed = declared(Need::Right(Right::ManageAccounts));

    let right = DeskRoutes::default().get(PATH, needed[0].need, async || "tài khoản");
    let right = served(&site, right.into_router());
    assert!(walk(&site, &right, &needed, &known).await.is_empty());

    let open = served(&site, Router::new().route(PATH, get(async || "tài khoản")));
    let wrong = walk(&site, &open, &needed, &known).await;
    assert!(
        wrong.iter().any(|told| told.contains("nobody")),
        "{wrong:?}"
    );
    assert!(wrong.iter().any(|told| told.contains("another site's")));

    let lax = DeskRoutes::default().get(PATH, Need::Staff, async || "tài khoản");
    let lax = served(&site, lax.into_router());
    let wrong = walk(&site, &lax, &needed, &known).await;
    assert!(
        wrong.iter().any(|told| told.contains("by editor:")),
        "{wrong:?}"
    );

    let wrong = walk(&site, &right, &declared_of_a_thing(), &known).await;
    assert!(wrong[0].contains("is not walked"), "{wrong:?}");

    let strict = DeskRoutes::default().get(PATH, needed[0].need, async || "tài khoản");
    let strict = served(&site, strict.into_router());
    let wrong = walk(&site, &strict, &declared(Need::Staff), &known).await;
    assert!(
        wrong.iter().any(|told| told.contains("by editor:")),
        "{wrong:?}"
    );
}

/// A route about things of which the walk has none.
fn declared_of_a_thing() -> [Declared; 1] {
    [Declared {
        method: axum::http::Method::GET,
        path: "/quan-tri/viec-moi/{viec}",
        need: Need::Staff,
    }]
}

/// Who forgets to look whose a draft is gives it away to everybody.
#[tokio::test]
async fn the_walk_notices_a_route_that_does_not_look_whose_a_draft_is() {
    let (site, known) = site().await;
    const PATH: &str = "/quan-tri/bai-viet/{id}/lich-su";
    let lax = DeskRoutes::default().get(PATH, Need::Staff, async || "lịch sử");
    let declared = lax.declared().to_vec();
    let lax = served(&site, lax.into_router());
    let wrong = walk(&site, &lax, &declared, &known).await;
    for whose in ["AnotherSites", "Section(\"tin-tuc\")", "None"] {
        assert!(
            wrong.iter().any(|told| told.contains(whose)),
            "{whose}: {wrong:#?}"
        );
    }
}

#[tokio::test]
async fn what_is_not_declared_is_not_answered() {
    let site = testing::site().await;
    let forgotten = async |_: Option<CurrentUser>| "lộ";
    let desk = DeskRoutes::default().get("/quan-tri/co", Need::Nobody, async || "có");
    let declared: Arc<[Declared]> = desk.declared().into();
    let router = Router::new()
        .merge(desk.into_router())
        .route("/quan-tri/quen", get(forgotten))
        .route("/quan-triet", get(async || "trang khác"))
        .with_state(Arc::clone(&site))
        .layer(from_fn(move |request, next| {
            only_declared(Arc::clone(&declared), request, next)
        }));
    for (path, status) in [
        ("/quan-tri/co", 200),
        ("/quan-tri/quen", 404),
        ("/quan-triet", 200),
    ] {
        let answer = testing::get(&router, path, None).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn accounts_are_touched_only_by_whoever_confirmed_not_long_ago() {
    let (site, _) = site().await;
    let served = served(&site, routes().into_router());
    let admin = testing::sign_in(&site, Role::Admin).await;
    let path = "/quan-tri/nguoi-dung/moi";
    let status = async || testing::get(&served, path, Some(&admin)).await;
    assert_eq!(status().await.status, 200);
    site.clock.advance(Duration::from_secs(601));
    let led = status().await;
    assert_eq!(led.status, 303);
    assert!(
        led.location().starts_with(CONFIRM_PATH),
        "{}",
        led.location()
    );
    let to = [("return_to", path), ("proof", "sai mật khẩu rồi")];
    let answer = testing::post(&served, CONFIRM_PATH, Some(&admin), &to).await;
    assert_eq!(answer.status, 422);
    assert_eq!(status().await.status, 303);
    let to = [("return_to", path), ("proof", testing::PASSWORD)];
    let answer = testing::post(&served, CONFIRM_PATH, Some(&admin), &to).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, path));
    assert_eq!(status().await.status, 200);
}
