//! A page of our own that counts how often it is drawn.

use super::*;
use crate::face::{Face, Palette};
use crate::storage::{Counter, last_number};
use crate::testing::press::article;
use crate::testing::{self, Answer, TestSite, ask};
use axum::Router;
use axum::http::HeaderName;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

struct Reader {
    site: TestSite,
    routes: Router,
    drawn: Arc<AtomicUsize>,
}

#[derive(askama::Template)]
#[template(source = "<p>{{ size }} {{ notice }}</p>", ext = "html")]
struct Small {
    size: u8,
    notice: String,
}

async fn reader() -> Reader {
    let site = testing::site().await;
    let drawn = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&drawn);
    let page = async move |visit: Visit| {
        count.fetch_add(1, Ordering::SeqCst);
        // Others come meanwhile.
        tokio::task::yield_now().await;
        visit.answer(&Small {
            size: visit.display.size,
            notice: visit.closed_notices.join(" "),
        })
    };
    let count = Arc::clone(&drawn);
    let missing = async move || {
        count.fetch_add(1, Ordering::SeqCst);
        Err::<(), _>(Error::NotFound)
    };
    let count = Arc::clone(&drawn);
    let each_time = async move |visit: Visit| {
        count.fetch_add(1, Ordering::SeqCst);
        let mut response = visit.answer_bytes("text/html", Vec::new())?;
        response.extensions_mut().insert(PublicPage::default());
        response.extensions_mut().insert(EachTime);
        Ok::<_, Error>(response)
    };
    let routes = Router::new()
        .route("/moi-luc", get(each_time))
        .route("/trang", get(page))
        .route("/khong-co", get(missing))
        .layer(from_fn_with_state(Arc::clone(&site), drawn_once));
    Reader {
        site,
        routes,
        drawn,
    }
}

impl Reader {
    async fn open(&self, path: &str, headers: &[(HeaderName, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        ask(
            &self.routes,
            request.body(Body::empty()).expect("a request"),
        )
        .await
    }

    /// How often a page was drawn since the last time this was asked.
    fn drawn(&self) -> usize {
        self.drawn.swap(0, Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_page_is_drawn_once_until_what_it_shows_changes() {
    let reader = reader().await;
    for _ in 0..3 {
        assert_eq!(reader.open("/trang", &[]).await.body, "<p>2 </p>");
    }
    assert_eq!(reader.drawn(), 1);

    article("Làm đường thôn 9").publish(&reader.site).await;
    reader.open("/trang", &[]).await;
    assert_eq!(reader.drawn(), 1, "something was published");

    let face = Face {
        palette: Palette::La,
        ..Face::default()
    };
    let saved = reader
        .site
        .db
        .write(move |tx| Box::pin(async move { crate::face::stored::save(tx, face, 0).await }));
    saved.await.expect("saved");
    reader.open("/trang", &[]).await;
    assert_eq!(reader.drawn(), 1, "another face was chosen");
    crate::face::shown::renew(&reader.site).await.expect("read");
    reader.open("/trang", &[]).await;
    assert_eq!(reader.drawn(), 1, "it was taken up");

    reader.site.clock.advance(Duration::from_secs(10));
    reader.open("/trang", &[]).await;
    assert_eq!(reader.drawn(), 1, "time has passed");
    reader.open("/trang", &[]).await;
    assert_eq!(reader.drawn(), 0);
}

#[tokio::test]
async fn who_asks_at_the_same_time_waits_for_one_drawing() {
    let reader = reader().await;
    let all = (0..20).map(|_| reader.open("/trang", &[]));
    for answer in futures_util::future::join_all(all).await {
        assert_eq!(answer.body, "<p>2 </p>");
    }
    assert_eq!(reader.drawn(), 1);
}

#[tokio::test]
async fn everybody_sees_pages_as_they_asked_for_them() {
    let reader = reader().await;
    let cookies = |text| [(header::COOKIE, text)];
    for (cookie, body) in [
        ("co=4", "<p>4 </p>"),
        ("co=2; khan-da-dong=abc-1", "<p>2 abc-1</p>"),
        ("phien=secret", "<p>2 </p>"),
    ] {
        assert_eq!(reader.open("/trang", &cookies(cookie)).await.body, body);
        assert_eq!(reader.open("/trang", &cookies(cookie)).await.body, body);
    }
    assert_eq!(reader.drawn(), 3);
    reader.open("/trang", &cookies("khac=1")).await;
    assert_eq!(reader.drawn(), 0, "a cookie that changes no page");
    reader.open("/trang?trang=2", &[]).await;
    assert_eq!(reader.drawn(), 1);
}

#[tokio::test]
async fn who_has_the_page_is_told_so_whoever_had_it_drawn() {
    let reader = reader().await;
    let tag = reader.open("/trang", &[]).await.headers[header::ETAG].clone();
    let tag = tag.to_str().expect("a tag");
    reader.site.clock.advance(Duration::from_secs(60));
    for drawn in [1, 0] {
        reader.drawn();
        let answer = reader.open("/trang", &[(header::IF_NONE_MATCH, tag)]).await;
        assert_eq!(answer.status, StatusCode::NOT_MODIFIED);
        assert_eq!(answer.headers[header::ETAG], tag);
        assert!(answer.body.is_empty());
        assert_eq!(reader.drawn(), drawn);
    }
    assert_eq!(reader.open("/trang", &[]).await.body, "<p>2 </p>");
    assert_eq!(reader.drawn(), 0);
}

#[tokio::test]
async fn what_is_no_page_is_answered_each_time() {
    let reader = reader().await;
    for (path, status) in [
        ("/khong-co", StatusCode::NOT_FOUND),
        ("/moi-luc", StatusCode::OK),
    ] {
        for _ in 0..3 {
            assert_eq!(reader.open(path, &[]).await.status, status);
        }
        assert_eq!(reader.drawn(), 3, "{path}");
    }
}

#[tokio::test]
async fn the_revision_moves_with_what_is_shown_and_with_nothing_else() {
    let site = testing::site().await;
    let revision = async || {
        last_number(site.db.reader(), Counter::Page)
            .await
            .expect("reads")
    };
    let before = revision().await;
    article("Làm đường thôn 9").publish(&site).await;
    let published = revision().await;
    assert!(published > before);

    let rolled_back: Result<(), Error> = site
        .db
        .write(|tx| {
            Box::pin(async move {
                crate::settings::set(tx, "anything", &1).await?;
                Err(Error::NotFound)
            })
        })
        .await;
    assert!(rolled_back.is_err());
    crate::readership::round(&site).await.expect("counts");
    assert_eq!(revision().await, published);
}
