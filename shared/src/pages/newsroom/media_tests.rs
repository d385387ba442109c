//! Uploads in pieces and the library, through their routes.

use super::routes;
use crate::accounts::Role;
use crate::media::incoming;
use crate::media::library::{self, Filter};
use crate::testing::{self, Answer, SignedIn, TestSite, ask, get, post};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;
use std::time::Duration;

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj";

async fn newsroom(site: &TestSite) -> (Router, SignedIn) {
    let routes = routes()
        .into_router()
        .merge(crate::media::serve::routes())
        .with_state(Arc::clone(site))
        .layer(axum::middleware::from_fn_with_state(
            crate::error::plain_renderer(),
            crate::error::present,
        ));
    let editor = testing::sign_in(site, Role::Editor).await;
    (routes, editor)
}

/// A request of the protocol.
async fn say(
    routes: &Router,
    who: &SignedIn,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::COOKIE, &who.cookie)
        .header("tus-resumable", "1.0.0")
        .header("x-csrf-token", &who.csrf);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = Body::from(body.to_vec());
    ask(routes, request.body(body).expect("a request")).await
}

async fn begin(routes: &Router, who: &SignedIn, name: &str, size: usize) -> Answer {
    let name = format!("filename {},kept MQ==", STANDARD.encode(name));
    let size = size.to_string();
    let headers = [("upload-length", size.as_str()), ("upload-metadata", &name)];
    say(
        routes,
        who,
        Method::POST,
        super::UPLOADS_PATH,
        &headers,
        b"",
    )
    .await
}

async fn piece(routes: &Router, who: &SignedIn, path: &str, from: usize, bytes: &[u8]) -> Answer {
    let from = from.to_string();
    let headers = [
        ("upload-offset", from.as_str()),
        ("content-type", "application/offset+octet-stream"),
    ];
    say(routes, who, Method::PATCH, path, &headers, bytes).await
}

fn offset(answer: &Answer) -> &str {
    answer.headers["upload-offset"].to_str().expect("text")
}

fn incoming_files(site: &TestSite) -> usize {
    std::fs::read_dir(site.media.incoming())
        .expect("a folder")
        .count()
}

#[tokio::test]
async fn a_file_sent_in_pieces_goes_on_where_it_broke_and_is_kept_once_it_is_whole() {
    let site = testing::site().await;
    let (routes, editor) = newsroom(&site).await;
    let begun = begin(&routes, &editor, "../Kế hoạch.pdf", PDF.len()).await;
    assert_eq!(begun.status, StatusCode::CREATED);
    let path = begun.location().to_owned();
    assert!(begun.headers.contains_key("upload-expires"));

    let first = piece(&routes, &editor, &path, 0, &PDF[..10]).await;
    assert_eq!(
        (first.status, offset(&first)),
        (StatusCode::NO_CONTENT, "10")
    );
    assert_eq!(
        get(&routes, &path, Some(&editor)).await.status,
        StatusCode::NOT_FOUND,
        "nothing came of it yet"
    );
    // The answer was lost: the browser sends the same again, asks, and goes on.
    let again = piece(&routes, &editor, &path, 0, &PDF[..10]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let asked = say(&routes, &editor, Method::HEAD, &path, &[], b"").await;
    assert_eq!((asked.status, offset(&asked)), (StatusCode::OK, "10"));
    let last = piece(&routes, &editor, &path, 10, &PDF[10..]).await;
    assert_eq!(last.status, StatusCode::NO_CONTENT);

    let done = get(&routes, &path, Some(&editor)).await;
    let done: serde_json::Value = serde_json::from_str(&done.body).expect("JSON");
    assert_eq!(done["name"], "Kế hoạch.pdf");
    let url = done["url"].as_str().expect("an address");
    let stranger = get(&routes, url, None).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND, "no entry shows it");
    let served = get(&routes, url, Some(&editor)).await;
    assert_eq!(served.headers["cache-control"], "no-store");
    assert_eq!(served.headers["content-type"], "application/pdf");
    assert_eq!(served.headers["content-disposition"], "attachment");
    let policy = served.headers["content-security-policy"].to_str();
    assert_eq!(policy.expect("text"), "default-src 'none'; sandbox");
    let kept = library::list(site.db.reader(), &Filter::default(), 0, 9).await;
    assert!(kept.expect("lists")[0].is_kept);

    let ended = say(&routes, &editor, Method::DELETE, &path, &[], b"").await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert_eq!(incoming_files(&site), 0);
}

#[tokio::test]
async fn what_is_refused_in_the_end_is_wiped() {
    let site = testing::site().await;
    let (routes, editor) = newsroom(&site).await;
    let page = b"<!doctype html><script>alert(1)</script>";
    let begun = begin(&routes, &editor, "anh.png", page.len()).await;
    let path = begun.location().to_owned();
    let refused = piece(&routes, &editor, &path, 0, page).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("HTML"), "{}", refused.body);
    let asked = say(&routes, &editor, Method::HEAD, &path, &[], b"").await;
    assert_eq!(asked.status, StatusCode::NOT_FOUND);
    assert_eq!(incoming_files(&site), 0);
    // More than was promised is not taken either.
    let begun = begin(&routes, &editor, "a.pdf", 3).await;
    let path = begun.location().to_owned();
    let more = piece(&routes, &editor, &path, 0, PDF).await;
    assert_eq!(more.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(incoming_files(&site), 0);
}

#[tokio::test]
async fn an_upload_belongs_to_one_person_and_one_session_and_ends_one_day() {
    let site = testing::site().await;
    let (routes, editor) = newsroom(&site).await;
    let other = testing::sign_in(&site, Role::Contributor).await;
    let begun = begin(&routes, &editor, "a.pdf", PDF.len()).await;
    let path = begun.location().to_owned();
    let foreign = piece(&routes, &other, &path, 0, PDF).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    let forged = SignedIn {
        csrf: "khac".to_owned(),
        ..editor.clone()
    };
    let forged = piece(&routes, &forged, &path, 0, PDF).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    for size in [0, 1 << 40] {
        let refused = begin(&routes, &editor, "a.pdf", size).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{size}");
    }
    assert_eq!(incoming::sweep(&site).await.expect("sweeps"), 0);
    site.clock.advance(Duration::from_secs(25 * 3600));
    assert!(incoming::sweep(&site).await.expect("sweeps") >= 2);
    assert_eq!(incoming_files(&site), 0);
}

#[tokio::test]
async fn an_upload_is_described_in_the_library_and_removed_when_nothing_shows_it() {
    let site = testing::site().await;
    let (routes, editor) = newsroom(&site).await;
    let begun = begin(&routes, &editor, "Lịch.pdf", PDF.len()).await;
    piece(&routes, &editor, begun.location(), 0, PDF).await;
    let list = get(&routes, "/quan-tri/thu-vien?q=lich", Some(&editor)).await;
    assert!(list.body.contains("Lịch.pdf"), "{}", list.body);
    let kept = library::list(site.db.reader(), &Filter::default(), 0, 9).await;
    let digest = kept.expect("lists")[0].digest().expect("a digest");
    let path = format!("/quan-tri/thu-vien/{}", digest.hex());
    let named = post(
        &routes,
        &path,
        Some(&editor),
        &[("name", "Lịch tuần 47"), ("is_kept", "1")],
    )
    .await;
    assert_eq!(named.status, StatusCode::SEE_OTHER);
    let page = get(&routes, &path, Some(&editor)).await;
    assert!(page.body.contains("Lịch tuần 47.pdf"), "{}", page.body);
    assert!(page.body.contains("Chưa bài nào dùng"));

    let other = testing::sign_in(&site, Role::Contributor).await;
    let foreign = post(&routes, &format!("{path}/xoa"), Some(&other), &[]).await;
    assert_eq!(foreign.status, StatusCode::CONFLICT);
    let asked = get(&routes, &format!("{path}/xoa"), Some(&editor)).await;
    assert!(asked.body.contains("khỏi thư viện?"));
    let removed = post(&routes, &format!("{path}/xoa"), Some(&editor), &[]).await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    assert!(!site.media.path(digest).exists());
    assert_eq!(
        get(&routes, &path, Some(&editor)).await.status,
        StatusCode::NOT_FOUND
    );
    for nobody in ["/quan-tri/thu-vien/xyz", "/quan-tri/thu-vien/00"] {
        assert_eq!(
            get(&routes, nobody, Some(&editor)).await.status,
            StatusCode::NOT_FOUND
        );
    }
}

#[tokio::test]
async fn a_picture_is_offered_in_sizes_and_none_that_nobody_made() {
    let site = testing::site().await;
    let (routes, editor) = newsroom(&site).await;
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(1_000, 500)
        .write_to(&mut png, image::ImageFormat::Png)
        .expect("encodes");
    let png = png.into_inner();
    let begun = begin(&routes, &editor, "cau.png", png.len()).await;
    let path = begun.location().to_owned();
    piece(&routes, &editor, &path, 0, &png).await;
    let done = get(&routes, &path, Some(&editor)).await;
    let done: serde_json::Value = serde_json::from_str(&done.body).expect("JSON");
    assert_eq!(
        (&done["width"], &done["name"]),
        (&1_000.into(), &"cau.jpg".into())
    );
    let url = done["url"].as_str().expect("an address");
    for (name, kind) in [("320.webp", "image/webp"), ("960.jpg", "image/jpeg")] {
        let size = format!("{url}/{name}");
        let stranger = get(&routes, &size, None).await;
        assert_eq!(stranger.status, StatusCode::NOT_FOUND, "no entry shows it");
        let served = get(&routes, &size, Some(&editor)).await;
        assert_eq!(served.status, StatusCode::OK);
        assert_eq!(served.headers["content-type"], kind);
    }
    let other = get(&routes, &format!("{url}/321.webp"), Some(&editor)).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let chosen = get(&routes, "/quan-tri/thu-vien/chon?q=cau", Some(&editor)).await;
    assert!(chosen.body.contains("/320.jpg"), "{}", chosen.body);
    let none = get(&routes, "/quan-tri/thu-vien/chon", None).await;
    assert_ne!(none.status, StatusCode::OK);
}
