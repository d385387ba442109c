//! The interface in English, as a reader meets it: chosen, remembered, and left again.

use super::tests::{Reader, reader};
use crate::testing::press::{article, document, question};
use axum::http::{StatusCode, header};

const ENGLISH: [(header::HeaderName, &str); 1] = [(header::COOKIE, "co=2; ngon-ngu=en")];

async fn in_english(reader: &Reader, path: &str) -> String {
    reader.open_with(path, &ENGLISH).await.body
}

fn says(page: &str, all: &[&str]) {
    for words in all {
        assert!(page.contains(words), "{words} is missing in {page}");
    }
}

#[tokio::test]
async fn a_reader_switches_to_english_and_back() {
    let reader = reader().await;
    let page = reader.open("/tin-tuc?trang=1").await.body;
    says(
        &page,
        &[
            "<html lang=\"vi\" data-co=\"2\">",
            "lang=\"en\" hreflang=\"en\" title=\"English\" href=\"/hien-thi?ngon-ngu=en&amp;ve=%2Ftin-tuc%3Ftrang%3D1\">EN</a>",
            "<h1 data-element=\"page-title\">Tin tức</h1>",
        ],
    );
    let answer = reader
        .open("/hien-thi?ngon-ngu=en&ve=%2Ftin-tuc%3Ftrang%3D1")
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/tin-tuc?trang=1");
    let cookie = answer.headers[header::SET_COOKIE].to_str().expect("ASCII");
    assert!(cookie.starts_with("ngon-ngu=en; Path=/; Max-Age=31536000"));

    let page = in_english(&reader, "/tin-tuc").await;
    says(
        &page,
        &[
            "<html lang=\"en\" data-co=\"2\">",
            "<h1 data-element=\"page-title\">News</h1>",
            "lang=\"vi\" hreflang=\"vi\" title=\"Tiếng Việt\" href=\"/hien-thi?ngon-ngu=vi&amp;ve=%2Ftin-tuc\">VI</a>",
        ],
    );
    let answer = reader.open("/hien-thi?ngon-ngu=vi&ve=/").await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().expect("ASCII");
    assert!(cookie.starts_with("ngon-ngu=vi; "));
    let back = [(header::COOKIE, "ngon-ngu=vi")];
    let page = reader.open_with("/", &back).await.body;
    says(&page, &["<html lang=\"vi\"", "Chuyển đến nội dung chính"]);
    for unknown in ["ngon-ngu=fr", "ngon-ngu=", "ngon-ngu=EN"] {
        let cookies = [(header::COOKIE, unknown)];
        let page = reader.open_with("/", &cookies).await.body;
        says(&page, &["<html lang=\"vi\""]);
        let address = format!("/hien-thi?{unknown}");
        assert_eq!(reader.open(&address).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn what_a_unit_wrote_stays_as_it_is_and_is_marked() {
    let reader = reader().await;
    let id = article("Làm đường thôn 9").publish(&reader.site).await;
    document("184/QĐ-UBND", "Phê duyệt quy hoạch")
        .publish(&reader.site)
        .await;
    question("Cấp sổ đỏ", "Bao lâu thì có?", "Mười lăm ngày.")
        .publish(&reader.site)
        .await;

    let page = in_english(&reader, "/").await;
    says(
        &page,
        &[
            "Skip to main content",
            "Latest news",
            "<h2 lang=\"vi\"><a href=\"/bai-viet/",
            "<span class=\"brand-owner\" lang=\"vi\">Ủy ban nhân dân xã Kon Braih</span>",
        ],
    );
    let path = reader.path_of(id).await;
    let page = in_english(&reader, &path).await;
    says(
        &page,
        &[
            "<html lang=\"en\"",
            "<h1 data-element=\"article-title\" lang=\"vi\">Làm đường thôn 9</h1>",
            "<div class=\"prose\" data-element=\"article-body\" lang=\"vi\">",
            "<span>Published <time datetime=\"",
            "Was this page useful?",
            // Search engines and feeds know one language.
            "\"inLanguage\":\"vi\"",
        ],
    );
    let page = in_english(&reader, "/van-ban").await;
    says(
        &page,
        &[
            "Documents: <strong>1</strong>.",
            "1 January 1970",
            "Issued by",
        ],
    );
    let page = in_english(&reader, "/hoi-dap").await;
    says(
        &page,
        &[
            "Questions and answers",
            "Answered by <span lang=\"vi\">Phòng Kinh tế",
        ],
    );
    let page = in_english(&reader, "/tim-kiem?q=lam+duong").await;
    says(
        &page,
        &["<strong>1</strong> for <strong>lam duong</strong>"],
    );
}

#[tokio::test]
async fn forms_and_errors_speak_english_too_and_the_back_office_does_not() {
    let reader = reader().await;
    let page = in_english(&reader, "/hoi-dap/gui").await;
    says(
        &page,
        &[
            "<h1 class=\"page-title\" data-element=\"page-title\">Ask a question</h1>",
            "<label for=\"contact\">Telephone or email</label>",
        ],
    );
    let missing = reader.open_with("/khong-co", &ENGLISH).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    says(
        &missing.body,
        &["<html lang=\"en\"", "<h1>Page not found</h1>"],
    );
    let desk = in_english(&reader, "/quan-tri/dang-nhap").await;
    says(&desk, &["<html lang=\"vi\""]);
    let missing = in_english(&reader, "/quan-tri/khong-co").await;
    says(&missing, &["<html lang=\"vi\""]);
}

#[tokio::test]
async fn caches_tell_the_languages_apart() {
    let reader = reader().await;
    let vietnamese = reader.open("/").await;
    let tag = vietnamese.headers[header::ETAG].to_str().expect("ASCII");
    assert_eq!(vietnamese.headers[header::VARY], "Cookie");
    let known = [
        (header::IF_NONE_MATCH, tag),
        (header::COOKIE, "ngon-ngu=en"),
    ];
    let english = reader.open_with("/", &known).await;
    assert_eq!(english.status, StatusCode::OK);
    assert_ne!(
        english.headers[header::ETAG],
        vietnamese.headers[header::ETAG]
    );
}
