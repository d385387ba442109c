use super::routes;
use crate::accounts::{Role, account, first_code, session};
use crate::entries::{placement, record};
use crate::log::event;
use crate::newsroom::draft;
use crate::newsroom::workflow::State;
use crate::server::ClientIp;
use crate::sync::outgoing;
use crate::testing::{self, Answer, PASSWORD, SignedIn, TestSite, ask, get, post};
use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use axum::http::{Request, StatusCode, header};
use sea_orm::{EntityTrait, QueryOrder};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

const SIGN_IN: &str = "/quan-tri/dang-nhap";
pub(super) const NEW: &str = "/quan-tri/bai-viet/moi";

pub(super) async fn newsroom() -> (TestSite, Router) {
    let site = testing::site().await;
    let renderer = crate::error::plain_renderer();
    let routes = routes().into_router().with_state(Arc::clone(&site)).layer(
        axum::middleware::from_fn_with_state(renderer, crate::error::present),
    );
    (site, routes)
}

pub(super) const ARTICLE: [(&str, &str); 6] = [
    ("kind", "article"),
    ("title", "Vào mùa cà phê"),
    ("lead", "Bà con bắt đầu hái."),
    ("body", "Năm nay **được mùa**."),
    ("section", "tin-tuc"),
    ("author", "A Mẫu"),
];

/// Sends the form of an entry, in parts.
pub(super) async fn send(
    routes: &Router,
    path: &str,
    who: &SignedIn,
    fields: &[(&str, &str)],
    picture: Option<&[u8]>,
) -> Answer {
    const BORDER: &str = "----ranh-gioi";
    let mut body = Vec::new();
    let has_token = fields.iter().any(|(name, _)| *name == "csrf");
    let token = [("csrf", who.csrf.as_str())];
    let token = if has_token { &[][..] } else { &token[..] };
    for (name, value) in fields.iter().chain(token) {
        let part = format!(
            "--{BORDER}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend(part.into_bytes());
    }
    if let Some(picture) = picture {
        let part = format!(
            "--{BORDER}\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a.png\"\r\n\
             Content-Type: image/png\r\n\r\n"
        );
        body.extend(part.into_bytes());
        body.extend(picture);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BORDER}--\r\n").into_bytes());
    let request = Request::post(path)
        .header(header::COOKIE, &who.cookie)
        .header(
            header::CONTENT_TYPE,
            format!("multipart/form-data; boundary={BORDER}"),
        )
        .body(Body::from(body))
        .expect("a request");
    ask(routes, request).await
}

pub(super) fn with<'a>(
    fields: &[(&'a str, &'a str)],
    more: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let kept = fields
        .iter()
        .filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
    kept.chain(more).copied().collect()
}

pub(super) async fn only_draft(site: &TestSite) -> draft::Model {
    let filter = draft::Filter::default();
    let (mut drafts, total) = draft::list(site.db.reader(), &filter, 0, 10)
        .await
        .expect("lists");
    assert_eq!(total, 1);
    drafts.remove(0)
}

async fn sign_in(routes: &Router, login: &str, password: &str, next: &str) -> Answer {
    let fields = [
        ("username", login),
        ("password", password),
        ("return_to", next),
    ];
    post(routes, SIGN_IN, None, &fields).await
}

#[tokio::test]
async fn who_is_not_signed_in_is_asked_to_and_comes_back_to_where_they_were_going() {
    let (site, routes) = newsroom().await;
    let who = testing::account(&site, Role::Editor).await;
    let answer = get(&routes, "/quan-tri/bai-viet?q=a", None).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let asked = answer.location().to_owned();
    assert_eq!(
        asked,
        "/quan-tri/dang-nhap?tiep=%2Fquan-tri%2Fbai-viet%3Fq%3Da"
    );

    let page = get(&routes, &asked, None).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    assert!(page.body.contains("value=\"/quan-tri/bai-viet?q=a\""));

    let answer = sign_in(&routes, " Editor ", PASSWORD, "/quan-tri/bai-viet?q=a").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/quan-tri/bai-viet?q=a");
    let cookie = answer.headers[header::SET_COOKIE].to_str().expect("text");
    assert!(cookie.starts_with("__Host-sid=") && cookie.contains("HttpOnly"));
    assert!(cookie.contains("Secure") && cookie.contains("SameSite=Lax"));

    let signed_in = SignedIn {
        account: who,
        cookie: cookie.split(';').next().unwrap_or_default().to_owned(),
        csrf: String::new(),
    };
    let page = get(&routes, "/quan-tri", Some(&signed_in)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Nguyễn Văn Ví"));
    let elsewhere = sign_in(&routes, "editor", PASSWORD, "//evil.example").await;
    assert_eq!(elsewhere.location(), "/quan-tri");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_told_the_same() {
    let (site, routes) = newsroom().await;
    testing::account(&site, Role::Editor).await;
    let closed = testing::account(&site, Role::Contributor).await;
    site.db
        .write(move |tx| Box::pin(async move { account::set_active(tx, closed.id, false).await }))
        .await
        .expect("closed");
    for (login, password) in [
        ("editor", "sai mật khẩu rồi"),
        ("khong.co", PASSWORD),
        ("contributor", PASSWORD),
    ] {
        let answer = sign_in(&routes, login, password, "").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{login}");
        assert!(
            answer
                .body
                .contains("Tên đăng nhập hoặc mật khẩu chưa đúng.")
        );
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
        assert!(
            !answer.body.contains(password),
            "the password is not sent back"
        );
    }
}

#[tokio::test]
async fn guessing_is_slowed_and_nobody_is_locked_out() {
    let (site, routes) = newsroom().await;
    testing::account(&site, Role::Editor).await;
    let address: IpAddr = [203, 0, 113, 7].into();
    let routes = routes.layer(Extension(ClientIp(address)));
    for _ in 0..5 {
        let answer = sign_in(&routes, "editor", "đoán mò", "").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = sign_in(&routes, "editor", PASSWORD, "").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers[header::RETRY_AFTER], "1");
    assert!(answer.body.contains("đợi 1 giây"));
    site.clock.advance(Duration::from_secs(1));
    let answer = sign_in(&routes, "editor", PASSWORD, "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_ends_by_itself_and_by_signing_out() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Editor).await;
    for _ in 0..3 {
        site.clock.advance(Duration::from_secs(29 * 60));
        let page = get(&routes, "/quan-tri", Some(&who)).await;
        assert_eq!(page.status, StatusCode::OK, "used within half an hour");
    }
    site.clock.advance(Duration::from_secs(30 * 60));
    let page = get(&routes, "/quan-tri", Some(&who)).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);

    let who = testing::sign_in(&site, Role::Editor).await;
    let other = testing::sign_in(&site, Role::Editor).await;
    let refused = post(&routes, "/quan-tri/dang-xuat", Some(&who), &[("csrf", "x")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let answer = post(&routes, "/quan-tri/dang-xuat", Some(&who), &[]).await;
    assert_eq!(answer.location(), SIGN_IN);
    let cookie = answer.headers[header::SET_COOKIE].to_str().expect("text");
    assert!(cookie.contains("Max-Age=0"), "{cookie}");
    let page = get(&routes, "/quan-tri", Some(&who)).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let page = get(&routes, "/quan-tri", Some(&other)).await;
    assert_eq!(
        page.status,
        StatusCode::OK,
        "another browser's session goes on"
    );
}

#[tokio::test]
async fn signing_in_begins_a_new_session_and_ends_the_one_before() {
    let (site, routes) = newsroom().await;
    let before = testing::sign_in(&site, Role::Editor).await;
    let fields = [("username", "editor"), ("password", PASSWORD)];
    let answer = post(&routes, SIGN_IN, Some(&before), &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let now = site.clock.now().timestamp_millis();
    let on = session::list(site.db.reader(), before.account.id, now).await;
    assert_eq!(on.expect("reads").len(), 1);
    let page = get(&routes, "/quan-tri", Some(&before)).await;
    assert_eq!(
        page.status,
        StatusCode::SEE_OTHER,
        "the id of before is worth nothing"
    );
}

#[tokio::test]
async fn the_first_administrator_comes_in_with_the_code() {
    let (site, routes) = newsroom().await;
    let code = first_code::offer(&site)
        .await
        .expect("offers")
        .expect("a code");
    let page = get(&routes, first_code::SET_UP_PATH, None).await;
    assert_eq!(page.status, StatusCode::OK);
    let fields = [
        ("code", "AAAAA"),
        ("login", "quantri"),
        ("name", "A Mẫu"),
        ("password", PASSWORD),
    ];
    let wrong = post(&routes, first_code::SET_UP_PATH, None, &fields).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = with(&fields, &[("code", &code)]);
    let answer = post(&routes, first_code::SET_UP_PATH, None, &fields).await;
    assert_eq!(answer.location(), "/quan-tri");
    assert!(answer.headers.contains_key(header::SET_COOKIE));
    let page = get(&routes, first_code::SET_UP_PATH, None).await;
    assert_eq!(
        page.status,
        StatusCode::NOT_FOUND,
        "there is an account now"
    );
}

#[tokio::test]
async fn a_form_of_another_session_changes_nothing() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Approver).await;
    let other = testing::sign_in(&site, Role::Editor).await;
    for token in ["", "x", other.csrf.as_str()] {
        let fields = with(&ARTICLE, &[("csrf", token)]);
        let answer = send(&routes, NEW, &who, &fields, None).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    let all = draft::list(site.db.reader(), &draft::Filter::default(), 0, 10).await;
    assert_eq!(all.expect("lists").1, 0);
}

#[tokio::test]
async fn what_has_to_be_mended_is_shown_again_with_what_was_typed() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Contributor).await;
    let mut picture = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(8, 4)
        .write_to(&mut picture, image::ImageFormat::Png)
        .expect("a picture");
    let fields = with(&ARTICLE, &[("title", " ")]);
    let answer = send(&routes, NEW, &who, &fields, Some(&picture.into_inner())).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Hãy nhập tiêu đề."));
    assert!(answer.body.contains("Năm nay **được mùa**."));
    let kept = answer.body.split("name=\"picture_kept\" value=\"").nth(1);
    let kept = kept.and_then(|rest| rest.get(..64)).expect("a digest");
    assert!(
        kept.bytes().all(|b| b.is_ascii_hexdigit()),
        "the picture is not lost"
    );

    let fields = with(&ARTICLE, &[("picture_kept", kept)]);
    let answer = send(&routes, NEW, &who, &fields, None).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let draft = only_draft(&site).await;
    assert_eq!(
        draft.picture_digest().map(|digest| digest.hex()).as_deref(),
        Some(kept)
    );
    let page = get(&routes, answer.location(), Some(&who)).await;
    assert!(page.body.contains("Đã lưu.") && page.body.contains(kept));
    let bad = send(&routes, NEW, &who, &ARTICLE, Some(b"<svg>")).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.body.contains("là ảnh SVG"));
}

#[tokio::test]
async fn an_article_goes_from_its_writer_past_the_approver_to_the_public() {
    let (site, routes) = newsroom().await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    let approver = testing::sign_in(&site, Role::Approver).await;
    let fields = with(&ARTICLE, &[("action", "submit")]);
    let answer = send(&routes, NEW, &writer, &fields, None).await;
    assert_eq!(answer.location(), "/quan-tri/bai-viet?xong=gui-duyet");
    let draft = only_draft(&site).await;
    assert_eq!(draft.state(), State::Submitted);
    let path = format!("/quan-tri/bai-viet/{}", draft.id);

    // The writer may not publish, whatever is sent.
    let publish = format!("{path}/dang");
    let version = draft.version().to_string();
    let fields = [("revision", version.as_str())];
    let answer = post(&routes, &publish, Some(&writer), &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);

    let list = get(
        &routes,
        "/quan-tri/bai-viet?trang-thai=cho-duyet",
        Some(&approver),
    )
    .await;
    assert!(list.body.contains("Vào mùa cà phê") && list.body.contains("Chờ duyệt"));
    let question = get(&routes, &publish, Some(&approver)).await;
    assert_eq!(question.status, StatusCode::OK);
    assert!(question.body.contains("Đăng bài này?"));
    assert!(
        question.body.contains("chưa có ảnh đại diện"),
        "worth a second look"
    );
    let answer = post(&routes, &publish, Some(&approver), &fields).await;
    assert_eq!(answer.location(), "/quan-tri/bai-viet?xong=dang");

    let entry = record::find(site.db.reader(), draft.entry_id).await;
    assert!(entry.expect("reads").expect("is there").is_live());
    let stream = outgoing::Entity::find().all(site.db.reader()).await;
    assert_eq!(stream.expect("reads").len(), 1);
    let sent = get(&routes, "/quan-tri/da-gui", Some(&approver)).await;
    assert!(sent.body.contains("Đang chờ gửi"));
    let again = post(&routes, &publish, Some(&approver), &fields).await;
    assert_eq!(
        again.status,
        StatusCode::CONFLICT,
        "the button pressed twice publishes once"
    );
}

#[tokio::test]
async fn what_is_sent_back_comes_with_a_note() {
    let (site, routes) = newsroom().await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    let approver = testing::sign_in(&site, Role::Approver).await;
    let fields = with(&ARTICLE, &[("action", "submit")]);
    send(&routes, NEW, &writer, &fields, None).await;
    let draft = only_draft(&site).await;
    let path = format!("/quan-tri/bai-viet/{}/tra-lai", draft.id);
    let version = draft.version().to_string();
    let silent = [("revision", version.as_str()), ("reason", " ")];
    let answer = post(&routes, &path, Some(&approver), &silent).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = with(&silent, &[("reason", "Ghi rõ tên thôn")]);
    let answer = post(&routes, &path, Some(&approver), &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = get(&routes, "/quan-tri", Some(&writer)).await;
    assert!(page.body.contains("Ghi rõ tên thôn"));
}

#[tokio::test]
async fn an_incomplete_draft_is_kept_but_goes_no_further() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Approver).await;
    let fields = with(&ARTICLE, &[("body", ""), ("action", "publish")]);
    let answer = send(&routes, NEW, &who, &fields, None).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Hãy viết nội dung trước khi đăng."));
    let draft = only_draft(&site).await;
    let action = format!("action=\"/quan-tri/bai-viet/{}\"", draft.id);
    assert!(
        answer.body.contains(&action),
        "sent again, it is the same draft"
    );
    let path = format!("/quan-tri/bai-viet/{}/dang", draft.id);
    let version = draft.version().to_string();
    let answer = post(&routes, &path, Some(&who), &[("revision", &version)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let events = event::Entity::find().all(site.db.reader()).await;
    assert!(events.expect("reads").is_empty());
}

#[tokio::test]
async fn two_people_at_one_draft_are_told_and_lose_nothing() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Editor).await;
    send(&routes, NEW, &who, &ARTICLE, None).await;
    let draft = only_draft(&site).await;
    let path = format!("/quan-tri/bai-viet/{}", draft.id);
    let version = draft.version().to_string();
    let mine = with(&ARTICLE, &[("revision", &version), ("lead", "Bà con hái.")]);
    let answer = send(&routes, &path, &who, &mine, None).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let late = with(&mine, &[("body", "Chữ của người đến sau.")]);
    let answer = send(&routes, &path, &who, &late, None).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("Chữ của người đến sau."));
    assert!(answer.body.contains("vừa được người khác sửa"));
}

#[tokio::test]
async fn a_contributor_sees_only_drafts_of_their_own() {
    let (site, routes) = newsroom().await;
    let editor = testing::sign_in(&site, Role::Editor).await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    send(&routes, NEW, &editor, &ARTICLE, None).await;
    let draft = only_draft(&site).await;
    let path = format!("/quan-tri/bai-viet/{}", draft.id);
    let list = get(&routes, "/quan-tri/bai-viet", Some(&writer)).await;
    assert!(!list.body.contains("Vào mùa cà phê"));
    let page = get(&routes, &path, Some(&writer)).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    let version = draft.version().to_string();
    let fields = with(&ARTICLE, &[("revision", &version)]);
    let answer = send(&routes, &path, &writer, &fields, None).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    for closed in ["/quan-tri/hop-den", "/quan-tri/da-gui"] {
        let page = get(&routes, closed, Some(&writer)).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{closed}");
    }
}

#[tokio::test]
async fn withdrawing_is_asked_twice_and_needs_a_reason() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Approver).await;
    send(&routes, NEW, &who, &ARTICLE, None).await;
    let draft = only_draft(&site).await;
    let path = format!("/quan-tri/bai-viet/{}", draft.id);
    let version = draft.version().to_string();
    let publish = format!("{path}/dang");
    let answer = post(&routes, &publish, Some(&who), &[("revision", &version)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let form = get(&routes, &path, Some(&who)).await;
    assert!(form.body.contains("Gỡ bài") && form.body.contains("Đăng bản sửa"));

    let withdraw = format!("{path}/go");
    let answer = post(&routes, &withdraw, Some(&who), &[("reason", "")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = post(&routes, &withdraw, Some(&who), &[("reason", "Sai số liệu")]).await;
    assert_eq!(answer.location(), "/quan-tri/bai-viet?xong=go");
    let last = event::Entity::find().order_by_desc(event::Column::Id);
    let last = last
        .one(site.db.reader())
        .await
        .expect("reads")
        .expect("an event");
    assert_eq!((last.kind.as_str(), last.rev), ("entry.withdrawn", 2));
    let list = get(&routes, "/quan-tri/bai-viet?trang-thai=da-go", Some(&who)).await;
    assert!(list.body.contains("Đã gỡ") && list.body.contains("Vào mùa cà phê"));
}

/// A neighbour's article in the inbox.
async fn arrival(site: &TestSite) -> uuid::Uuid {
    let (neighbour, routes) = newsroom().await;
    testing::pair::know(site, &neighbour, Some(crate::sync::peer::Role::Member)).await;
    let who = testing::sign_in(&neighbour, Role::Approver).await;
    send(&routes, NEW, &who, &ARTICLE, None).await;
    let draft = only_draft(&neighbour).await;
    let path = format!("/quan-tri/bai-viet/{}/dang", draft.id);
    let version = draft.version().to_string();
    let answer = post(&routes, &path, Some(&who), &[("revision", &version)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    testing::deliver(&neighbour, site, draft.entry_id).await;
    draft.entry_id
}

async fn letters(site: &TestSite) -> usize {
    let all = event::Entity::find().all(site.db.reader()).await;
    let all = all.expect("reads").into_iter();
    all.filter(|event| event.kind == "letter.review").count()
}

#[tokio::test]
async fn an_arrival_is_read_and_taken_with_an_introduction_of_our_own() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Editor).await;
    let entry_id = arrival(&site).await;
    let list = get(&routes, "/quan-tri/hop-den", Some(&who)).await;
    assert!(list.body.contains("Vào mùa cà phê"));
    let path = format!("/quan-tri/hop-den/{entry_id}");
    let page = get(&routes, &path, Some(&who)).await;
    assert!(page.body.contains("<strong>được mùa</strong>"));

    let fields = [
        ("revision", "1"),
        ("section", "tin-tuc"),
        ("action", "take_edited"),
        ("headline", " "),
    ];
    let answer = post(&routes, &path, Some(&who), &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = with(&fields, &[("lead", "Tin từ xã bạn."), ("featured", "1")]);
    let answer = post(&routes, &path, Some(&who), &fields).await;
    assert_eq!(answer.location(), "/quan-tri/hop-den?xong=nhan");
    let place = placement::find(site.db.reader(), entry_id).await;
    let place = place.expect("reads").expect("placed");
    assert_eq!((place.state.as_str(), place.featured), ("shown", true));
    assert_eq!(place.lead.as_deref(), Some("Tin từ xã bạn."));
    assert_eq!(letters(&site).await, 1);
    let page = get(&routes, &path, Some(&who)).await;
    assert!(page.body.contains("Đã nhận bởi Nguyễn Văn Ví"));
    let again = post(&routes, &path, Some(&who), &fields).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_arrival_is_returned_only_with_a_reason() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Editor).await;
    let entry_id = arrival(&site).await;
    let path = format!("/quan-tri/hop-den/{entry_id}");
    let silent = [("revision", "1"), ("action", "return"), ("reason", "  ")];
    let answer = post(&routes, &path, Some(&who), &silent).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Hãy ghi lý do"));
    assert_eq!(letters(&site).await, 0);
    let fields = with(&silent, &[("reason", "Thiếu ảnh")]);
    let answer = post(&routes, &path, Some(&who), &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(letters(&site).await, 1);
    let list = get(&routes, "/quan-tri/hop-den?trang-thai=tra-lai", Some(&who)).await;
    assert!(list.body.contains("Vào mùa cà phê"));
}

#[tokio::test]
async fn a_change_of_rights_acts_on_the_next_request() {
    let (site, routes) = newsroom().await;
    testing::account(&site, Role::Admin).await;
    let who = testing::sign_in(&site, Role::Editor).await;
    let page = get(&routes, "/quan-tri/hop-den", Some(&who)).await;
    assert_eq!(page.status, StatusCode::OK);
    let id = who.account.id;
    site.db
        .write(move |tx| {
            Box::pin(async move { account::set_grants(tx, id, &[Role::Contributor.into()]).await })
        })
        .await
        .expect("demoted");
    let page = get(&routes, "/quan-tri/hop-den", Some(&who)).await;
    assert_eq!(
        page.status,
        StatusCode::SEE_OTHER,
        "with other rights goes another session"
    );
    let answer = sign_in(&routes, "editor", PASSWORD, "/quan-tri/hop-den").await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().expect("text");
    let who = SignedIn {
        cookie: cookie.split(';').next().unwrap_or_default().to_owned(),
        ..who
    };
    let page = get(&routes, "/quan-tri/hop-den", Some(&who)).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_desk_tells_what_there_is_to_do_and_how_the_link_is() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Approver).await;
    arrival(&site).await;
    let page = get(&routes, "/quan-tri", Some(&who)).await;
    assert!(page.body.contains("Bài trong hộp đến"));
    assert!(page.body.contains("Cổng thông tin điện tử tỉnh Quảng Ngãi"));
    assert!(page.body.contains("Mới"), "never heard from yet");
    let writer = testing::sign_in(&site, Role::Contributor).await;
    let page = get(&routes, "/quan-tri", Some(&writer)).await;
    assert!(!page.body.contains("Bài trong hộp đến"));
    assert!(!page.body.contains("Kết nối với tỉnh"));
}

#[tokio::test]
async fn what_bears_a_mark_comes_back_to_whoever_typed_it_and_is_not_kept() {
    let (site, routes) = newsroom().await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    let typed = with(
        &ARTICLE,
        &[("body", "Phần không mật.\n\nTỐI MẬT\n\nKANARI")],
    );
    let page = send(&routes, NEW, &writer, &typed, None).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("data-screening=\"secret\""));
    assert!(
        page.body.contains("Phần không mật."),
        "the rest is not lost"
    );
    assert!(page.body.contains("Có dấu “TỐI MẬT” ở nội dung, dòng 3."));
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    let filter = draft::Filter::default();
    let kept = draft::count(site.db.reader(), &filter).await;
    assert_eq!(kept.expect("counts"), 0);

    let approver = testing::sign_in(&site, Role::Approver).await;
    let list = get(&routes, "/quan-tri/sang-loc?muc=khong-luu", Some(&approver)).await;
    assert!(list.body.contains("Gõ vào bài") && !list.body.contains("KANARI"));
    let list = get(&routes, "/quan-tri/sang-loc", Some(&writer)).await;
    assert_eq!(list.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_held_draft_is_masked_with_one_button_or_let_pass_by_an_approver() {
    let (site, routes) = newsroom().await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    let typed = with(
        &ARTICLE,
        &[("body", "Gọi 0912 345 678."), ("action", "submit")],
    );
    let page = send(&routes, NEW, &writer, &typed, None).await;
    assert_eq!(
        page.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "kept, and goes no further"
    );
    assert!(page.body.contains("Che thông tin riêng") && page.body.contains("0xxxxxx678"));
    let draft = only_draft(&site).await;

    let approver = testing::sign_in(&site, Role::Approver).await;
    let list = get(&routes, "/quan-tri/sang-loc", Some(&approver)).await;
    assert!(list.body.contains("Vào mùa cà phê") && list.body.contains("G5 Số điện thoại"));
    assert!(!list.body.contains("345 678"));
    let id = list
        .body
        .split("name=\"id\" value=\"")
        .nth(1)
        .expect("a row");
    let id = id.split('"').next().unwrap_or_default();
    let again = post(
        &routes,
        "/quan-tri/sang-loc",
        Some(&approver),
        &[("id", id), ("why", "x")],
    )
    .await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let why = [("id", id), ("why", "Số trực công khai của thôn")];
    let done = post(&routes, "/quan-tri/sang-loc", Some(&approver), &why).await;
    assert_eq!(done.location(), "/quan-tri/sang-loc?xong=cho-qua");
    let list = get(
        &routes,
        "/quan-tri/sang-loc?muc=da-cho-qua",
        Some(&approver),
    )
    .await;
    assert!(list.body.contains("Số trực công khai của thôn"));

    let revision = draft.version().to_string();
    let masked = with(
        &ARTICLE,
        &[
            ("body", "Gọi 0987654321, 0912 345 678."),
            ("action", "mask"),
            ("revision", &revision),
        ],
    );
    let path = format!("/quan-tri/bai-viet/{}", draft.id);
    let answer = send(&routes, &path, &writer, &masked, None).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(only_draft(&site).await.body, "Gọi 0xxxxxx321, 0xxxxxx678.");
}
