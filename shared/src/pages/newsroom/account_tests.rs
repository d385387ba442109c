use super::routes;
use crate::accounts::{Grant, Role, account, grant, second_factor, session};
use crate::error::{SECOND_FACTOR_PATH, SIGN_IN_PATH, plain_renderer, present};
use crate::testing::{self, Answer, SignedIn, TestSite, get, post};
use axum::Router;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use std::sync::Arc;
use std::time::Duration;

const CODE: &str = "/quan-tri/dang-nhap/ma";
const PEOPLE: &str = "/quan-tri/nguoi-dung";
const NEW: &str = "/quan-tri/nguoi-dung/moi";
const MINE: &str = "/quan-tri/tai-khoan";
const INVITATION: &str = "/quan-tri/loi-moi";

async fn serve(site: &TestSite) -> Router {
    routes()
        .into_router()
        .with_state(Arc::clone(site))
        .layer(from_fn_with_state(plain_renderer(), present))
}

/// The browser after `answer`, as far as a test needs it.
fn browser(answer: &Answer, account: &account::Model) -> SignedIn {
    let cookie = answer.headers.get(header::SET_COOKIE).expect("a cookie");
    let cookie = cookie.to_str().expect("text").split(';').next();
    SignedIn {
        account: account.clone(),
        cookie: cookie.expect("a pair").to_owned(),
        csrf: String::new(),
    }
}

async fn password(routes: &Router, login: &str) -> Answer {
    let fields = [("username", login), ("password", testing::PASSWORD)];
    post(routes, SIGN_IN_PATH, None, &fields).await
}

#[tokio::test]
async fn the_password_alone_opens_nothing_where_there_is_a_second_factor() {
    let site = testing::Setup::default().in_earnest().site().await;
    let routes = serve(&site).await;
    let who = testing::account(&site, Role::Approver).await;
    let secret = testing::second_factor(&site, who.id).await;
    site.clock.advance(Duration::from_secs(60));

    let answer = password(&routes, "approver").await;
    assert!(answer.location().starts_with(CODE), "{}", answer.location());
    let halfway = browser(&answer, &who);
    let desk = get(&routes, "/quan-tri", Some(&halfway)).await;
    assert!(desk.location().starts_with(SIGN_IN_PATH));
    let wrong = post(&routes, CODE, Some(&halfway), &[("code", "12345")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);

    let now = site.clock.now().timestamp_millis();
    let code = second_factor::code_at(&secret, now);
    let fields = [("code", code.as_str()), ("return_to", "/quan-tri/bai-viet")];
    let right = post(&routes, CODE, Some(&halfway), &fields).await;
    assert_eq!(right.location(), "/quan-tri/bai-viet");
    let whole = browser(&right, &who);
    assert_ne!(whole.cookie, halfway.cookie, "another session");
    assert_eq!(get(&routes, "/quan-tri", Some(&whole)).await.status, 200);
    let before = get(&routes, "/quan-tri", Some(&halfway)).await;
    assert!(before.location().starts_with(SIGN_IN_PATH));

    let again = browser(&password(&routes, "approver").await, &who);
    let used = post(&routes, CODE, Some(&again), &fields).await;
    assert_eq!(used.status, StatusCode::UNPROCESSABLE_ENTITY, "used before");
}

#[tokio::test]
async fn codes_are_guessed_no_faster_than_passwords() {
    let site = testing::site().await;
    let routes = serve(&site).await;
    let who = testing::account(&site, Role::Editor).await;
    testing::second_factor(&site, who.id).await;
    let halfway = browser(&password(&routes, "editor").await, &who);
    let mut last = StatusCode::OK;
    for _ in 0..7 {
        let answer = post(&routes, CODE, Some(&halfway), &[("code", "x")]).await;
        last = answer.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    site.clock.advance(Duration::from_secs(601));
    let late = post(&routes, CODE, Some(&halfway), &[("code", "x")]).await;
    assert_eq!(
        late.location(),
        SIGN_IN_PATH,
        "too late: from the beginning"
    );
}

#[tokio::test]
async fn who_publishes_in_earnest_sets_up_a_second_factor_first() {
    let site = testing::Setup::default().in_earnest().site().await;
    let routes = serve(&site).await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    assert_eq!(get(&routes, "/quan-tri", Some(&writer)).await.status, 200);
    let who = testing::sign_in(&site, Role::Approver).await;
    for path in ["/quan-tri", "/quan-tri/bai-viet/moi", MINE] {
        let led = get(&routes, path, Some(&who)).await;
        assert!(led.location().starts_with(SECOND_FACTOR_PATH), "{path}");
    }
    let page = get(&routes, SECOND_FACTOR_PATH, Some(&who)).await;
    assert!(page.body.contains("data:image/svg+xml;base64,"));
    assert!(!page.body.contains("desk-menu"), "nothing else is offered");
    let again = get(&routes, SECOND_FACTOR_PATH, Some(&who)).await;
    let secret = |body: &str| {
        let rest = body.split("data-element=\"secret\">").nth(1);
        rest.and_then(|rest| rest.split('<').next())
            .map(str::to_owned)
    };
    assert_eq!(secret(&page.body), secret(&again.body), "one picture");
    let id = who.account.id;
    let begun = site
        .db
        .write(move |tx| Box::pin(async move { second_factor::begin(tx, id).await }))
        .await
        .expect("begun already");
    let code = second_factor::code_at(&begun.secret, site.clock.now().timestamp_millis());
    let fields = [("action", "on"), ("code", code.as_str())];
    let on = post(&routes, SECOND_FACTOR_PATH, Some(&who), &fields).await;
    assert_eq!(on.status, 200);
    assert!(on.body.contains("data-element=\"once\""));
    let whole = browser(&on, &who.account);
    assert_eq!(get(&routes, "/quan-tri", Some(&whole)).await.status, 200);
    let before = get(&routes, "/quan-tri", Some(&who)).await;
    assert!(
        before.location().starts_with(SIGN_IN_PATH),
        "sessions before are over"
    );
}

#[tokio::test]
async fn an_invitation_opens_one_account_with_a_password_nobody_else_knew() {
    let site = testing::site().await;
    let routes = serve(&site).await;
    let admin = testing::sign_in(&site, Role::Admin).await;
    let wrong = [("login", "Ấ"), ("name", "")];
    let answer = post(&routes, NEW, Some(&admin), &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let guest = [
        ("login", "y.thu"),
        ("name", "Y Thử"),
        ("grant", ""),
        ("grant", "editor:tin-tuc"),
        ("grant", "contributor"),
    ];
    let shown = post(&routes, NEW, Some(&admin), &guest).await;
    assert_eq!(shown.status, 200);
    let (_, rest) = shown.body.split_once("loi-moi?ma=").expect("a link");
    let token: String = rest
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    let list = get(&routes, PEOPLE, Some(&admin)).await;
    assert!(list.body.contains("y.thu") && !list.body.contains(&token));

    let path = format!("{INVITATION}?ma={token}");
    let page = get(&routes, &path, None).await;
    assert!(page.body.contains("Y Thử"), "{}", page.body);
    let weak = [("token", token.as_str()), ("password", "123456789012")];
    let answer = post(&routes, INVITATION, None, &weak).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let good = [("token", token.as_str()), ("password", testing::PASSWORD)];
    let opened = post(&routes, INVITATION, None, &good).await;
    assert_eq!(opened.status, 303);
    let account = account::find_by_login(site.db.reader(), "y.thu").await;
    let account = account.expect("reads").expect("is there");
    let grants = grant::of(site.db.reader(), account.id)
        .await
        .expect("reads");
    let texts: Vec<String> = grants.iter().map(Grant::to_string).collect();
    assert_eq!(texts, ["contributor", "editor:tin-tuc"]);
    let desk = get(&routes, "/quan-tri", Some(&browser(&opened, &account))).await;
    assert_eq!(desk.status, 200);
    for again in [
        get(&routes, &path, None).await,
        post(&routes, INVITATION, None, &good).await,
    ] {
        assert!(again.status.is_client_error(), "{}", again.status);
    }
}

#[tokio::test]
async fn an_invitation_counts_for_a_week_and_can_be_taken_back() {
    let site = testing::site().await;
    let routes = serve(&site).await;
    let admin = testing::sign_in(&site, Role::Admin).await;
    let now = site.clock.now().timestamp_millis();
    let mut tokens = Vec::new();
    for login in ["mot.nguoi", "hai.nguoi"] {
        let guest = crate::accounts::invitation::Guest {
            login: login.to_owned(),
            name: "Y Thử".to_owned(),
            grants: vec![Role::Editor.into()],
        };
        let token = site.db.write(move |tx| {
            Box::pin(async move { crate::accounts::invitation::invite(tx, guest, None, now).await })
        });
        tokens.push(token.await.expect("invited"));
    }
    let open = crate::accounts::invitation::open(site.db.reader(), now).await;
    let open = open.expect("reads");
    assert_eq!(open.len(), 2);
    let id = open[0].id.to_string();
    let back = post(&routes, PEOPLE, Some(&admin), &[("invitation", &id)]).await;
    assert_eq!(back.status, 303);
    let path = |token: &str| format!("{INVITATION}?ma={token}");
    assert_eq!(get(&routes, &path(&tokens[1]), None).await.status, 409);
    assert_eq!(get(&routes, &path(&tokens[0]), None).await.status, 200);
    site.clock.advance(Duration::from_secs(7 * 24 * 3600));
    assert_eq!(get(&routes, &path(&tokens[0]), None).await.status, 409);
}

#[tokio::test]
async fn a_person_ends_other_browsers_and_changes_the_password() {
    let site = testing::site().await;
    let routes = serve(&site).await;
    let here = testing::sign_in(&site, Role::Editor).await;
    let there = testing::sign_in(&site, Role::Editor).await;
    let page = get(&routes, MINE, Some(&here)).await;
    assert_eq!(page.body.matches("data-element=\"session\"").count(), 2);
    let done = post(&routes, MINE, Some(&here), &[("action", "end_others")]).await;
    assert_eq!(done.status, 303);
    let ended = get(&routes, MINE, Some(&there)).await;
    assert!(ended.location().starts_with(SIGN_IN_PATH));

    let new = "nương ngô xanh bên suối";
    let fields = |current| {
        [
            ("action", "password"),
            ("current", current),
            ("password", new),
        ]
    };
    let wrong = post(&routes, MINE, Some(&here), &fields("không phải")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let right = post(&routes, MINE, Some(&here), &fields(testing::PASSWORD)).await;
    assert_eq!(right.status, 303);
    let before = get(&routes, MINE, Some(&here)).await;
    assert!(before.location().starts_with(SIGN_IN_PATH), "a new session");
    let after = browser(&right, &here.account);
    assert_eq!(get(&routes, MINE, Some(&after)).await.status, 200);
}

#[tokio::test]
async fn nobody_ends_the_session_of_somebody_else() {
    let site = testing::site().await;
    let routes = serve(&site).await;
    let who = testing::sign_in(&site, Role::Contributor).await;
    let other = testing::sign_in(&site, Role::Editor).await;
    let now = site.clock.now().timestamp_millis();
    let sessions = session::list(site.db.reader(), other.account.id, now).await;
    let hash = &sessions.expect("reads")[0].token_hash;
    let hash = crate::log::Digest::from_slice(hash)
        .expect("a digest")
        .hex();
    let fields = [("action", "end"), ("session", hash.as_str())];
    assert_eq!(post(&routes, MINE, Some(&who), &fields).await.status, 303);
    assert_eq!(get(&routes, MINE, Some(&other)).await.status, 200);
}

#[tokio::test]
async fn an_administrator_grants_by_section_switches_off_and_helps_who_lost_the_telephone() {
    let site = testing::site().await;
    let routes = serve(&site).await;
    let admin = testing::sign_in(&site, Role::Admin).await;
    let who = testing::sign_in(&site, Role::Editor).await;
    testing::second_factor(&site, who.account.id).await;
    let path = format!("{PEOPLE}/{}", who.account.id);
    let act = async |action: &str, grants: &[&str]| {
        let mut fields = vec![("action", action)];
        fields.extend(grants.iter().map(|grant| ("grant", *grant)));
        post(&routes, &path, Some(&admin), &fields).await.status
    };
    assert_eq!(act("grants", &[]).await, 422, "some role");
    assert_eq!(act("grants", &["hub_admin"]).await, 422, "not offered here");
    assert_eq!(
        act("grants", &["editor:khong-co"]).await,
        422,
        "no such section"
    );
    assert_eq!(
        act("grants", &["approver:van-ban", "editor", "editor:van-ban"]).await,
        303
    );
    let grants = grant::of(site.db.reader(), who.account.id)
        .await
        .expect("reads");
    let texts: Vec<String> = grants.iter().map(Grant::to_string).collect();
    assert_eq!(texts, ["editor", "approver:van-ban"]);
    assert_eq!(act("reset_factor", &[]).await, 303);
    let factor = second_factor::find(site.db.reader(), who.account.id).await;
    assert!(factor.expect("reads").is_none());
    assert_eq!(act("off", &[]).await, 303);
    assert_eq!(password(&routes, "editor").await.status, 422);
    assert_eq!(act("on", &[]).await, 303);
    assert_eq!(password(&routes, "editor").await.status, 303);
    assert_eq!(act("", &[]).await, 404);
    let own = format!("{PEOPLE}/{}", admin.account.id);
    let off = post(&routes, &own, Some(&admin), &[("action", "off")]).await;
    assert_eq!(off.status, StatusCode::CONFLICT, "the last administrator");
}

#[tokio::test]
async fn whoever_was_switched_off_for_being_idle_is_told_so_with_the_right_password_only() {
    let site = testing::site().await;
    let routes = serve(&site).await;
    testing::account(&site, Role::Admin).await;
    testing::account(&site, Role::Editor).await;
    for _ in 0..46 {
        crate::accounts::idle::look(&site).await.expect("looks");
        site.clock.advance(Duration::from_secs(24 * 3600));
    }
    const TOLD: &str = "không đăng nhập. Hãy gọi quản trị viên";
    let answer = password(&routes, "editor").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains(TOLD), "{}", answer.body);
    let fields = [("username", "editor"), ("password", "không phải mật khẩu")];
    let wrong = post(&routes, SIGN_IN_PATH, None, &fields).await;
    assert!(!wrong.body.contains(TOLD));
    let admin = testing::sign_in(&site, Role::Admin).await;
    let list = get(&routes, PEOPLE, Some(&admin)).await;
    assert!(list.body.contains("Tự tắt vì 45 ngày"));
}

#[tokio::test]
async fn a_draft_in_a_section_that_was_not_granted_is_not_there() {
    let site = testing::site().await;
    let routes = serve(&site).await;
    let grants = |text: &str| vec![Grant::parse(text).expect("a grant")];
    let here = testing::sign_in_as(&site, "here", grants("editor:tin-tuc")).await;
    let elsewhere = testing::sign_in_as(&site, "elsewhere", grants("editor:van-ban")).await;
    let form = crate::newsroom::form::DraftForm {
        kind: "article".to_owned(),
        title: "Vào mùa cà phê".to_owned(),
        section: "tin-tuc".to_owned(),
        language: "vi".to_owned(),
        ..Default::default()
    };
    let contents = crate::newsroom::draft::Contents::of(&form).expect("in order");
    let by = testing::account(&site, Role::Contributor).await.id;
    let draft = site
        .db
        .write(move |tx| {
            Box::pin(async move { crate::newsroom::moves::begin(tx, contents, by, 1).await })
        })
        .await
        .expect("a draft");
    let path = format!("/quan-tri/bai-viet/{}", draft.id);
    for (who, status, listed) in [(&here, 200, true), (&elsewhere, 404, false)] {
        assert_eq!(get(&routes, &path, Some(who)).await.status.as_u16(), status);
        let list = get(&routes, "/quan-tri/bai-viet", Some(who)).await;
        assert_eq!(list.body.contains("Vào mùa cà phê"), listed);
    }
}
