//! A newcomer with a telephone, from the sign-in of a commune to the portal of a neighbour.

mod control;
mod editor;
mod keyboard;
mod newsroom;
mod offline;
mod public;
mod tasks;

use axum::routing::get;
use tests::browser::Browser;
use tests::signing_in::comes_in_by;
use tests::{Backend, Province, Server, bounded, eventually};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_newcomer_publishes_and_watches_the_article_arrive() {
    bounded(story()).await;
}

#[tokio::test]
async fn the_manual_opens_from_the_menu_and_shows_every_picture() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let browser = Browser::open().await;
        signs_in(&browser, &province.hub).await;
        browser
            .presses("[data-element=desk-menu] a[href='/quan-tri/huong-dan']")
            .await;
        assert!(browser.text().await.contains("Bấm Viết bài mới."));
        let shown = "const all = [...document.querySelectorAll('[data-element=manual] img')];
            all.forEach((img) => { img.loading = 'eager'; });
            return all.length > 9 ? all.filter((img) => !img.naturalWidth).map((img) => img.src).join() : 'too few'";
        eventually("every picture is there", async || {
            match browser.ask(shown).await.as_str() {
                Some("") => Ok(()),
                missing => Err(format!("{missing:?}")),
            }
        })
        .await;
        assert_eq!(browser.flaws().await, [""; 0]);
        // Nobody reads it who has not signed in.
        browser.swaps_cookies(Vec::new()).await;
        browser
            .goes_to(&province.hub.address("/quan-tri/huong-dan"))
            .await;
        assert!(!browser.text().await.contains("Bấm Viết bài mới."));
        browser.closes().await;
    })
    .await;
}

/// A check that never failed is not trusted.
#[tokio::test]
async fn a_page_that_complains_or_is_too_wide_is_noticed() {
    bounded(async {
        let page = |body: &str| {
            let head = "<!doctype html><meta name=viewport content='width=device-width'>";
            let icon = "<link rel=icon href='data:,'>";
            axum::response::Html(format!("{head}{icon}{body}"))
        };
        let (good, wide) = (page("<p>Chào"), page("<p style='width:500px'>Rộng"));
        let noisy = page("<script>throw new Error('hỏng')</script><img src=/no-such>");
        let routes = axum::Router::new()
            .route("/good", get(async || good))
            .route("/wide", get(async || wide))
            .route("/noisy", get(async || noisy));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address");
        let server = tokio::spawn(async { axum::serve(listener, routes).await });

        let browser = Browser::open().await;
        for (path, expected) in [("good", 0), ("wide", 1), ("noisy", 2), ("good", 0)] {
            browser.opens(&format!("http://{at}/{path}")).await;
            let flaws = browser.flaws().await;
            assert_eq!(flaws.len(), expected, "{path}: {flaws:#?}");
        }
        browser.closes().await;
        server.abort();
    })
    .await;
}

async fn story() {
    let province = Province::found(Backend::Sqlite).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    let dak_koi = province.commune("xã Đăk Kôi").await;
    let browser = Browser::open().await;
    let title = "Ngày hội đại đoàn kết: ba làng chung một bếp";

    browser.goes_to(&kon_braih.address("/")).await;
    signs_in(&browser, &kon_braih).await;
    browser
        .goes_to(&kon_braih.address("/quan-tri/bai-viet/moi"))
        .await;
    browser.types("title", title).await;
    browser
        .types("lead", "Ba làng cùng nấu, cùng ăn, cùng vui.")
        .await;
    browser
        .writes("Khói bếp đã lên.\nLàng Kon Skôi\nLàng Kon Rơ Nu")
        .await;
    browser.chooses("section", "van-hoa-xa-hoi").await;
    browser.presses("button[value=publish]").await;
    browser
        .presses("[data-element=confirm] button[type=submit]")
        .await;
    assert!(browser.text().await.contains("Đã đăng"));
    browser.sees(&kon_braih.address("/"), title).await;
    browser
        .presses("[data-element=entry] h3 a, [data-element=lead] a, main h2 a")
        .await;
    assert!(browser.text().await.contains("Khói bếp đã lên."));
    browser
        .goes_to(&kon_braih.address("/quan-tri/da-gui"))
        .await;

    for site in [&province.hub, &dak_koi.server] {
        signs_in(&browser, site).await;
        browser
            .sees(&site.address("/quan-tri/hop-den"), title)
            .await;
        browser.presses("[data-element=inbox] h3 a").await;
        browser.presses("button[value=take]").await;
        browser.sees(&site.address("/"), title).await;
        assert!(
            browser.text().await.contains("ã Kon Braih"),
            "it says from whom"
        );
    }

    // What a reader comes to on the way.
    for path in [
        "/tin-tuc",
        "/van-ban",
        "/thong-bao",
        "/chuyen-muc/van-hoa-xa-hoi",
        "/tim-kiem?q=dai+doan+ket",
        "/quan-tri",
        "/quan-tri/bai-viet",
    ] {
        browser.goes_to(&dak_koi.address(path)).await;
    }
    browser.closes().await;
}

/// Opens an account that may do everything in the newsroom, and signs in with it in the browser.
pub(crate) async fn signs_in(browser: &Browser, site: &Server) {
    let login = site.account("approver").await;
    comes_in_by(browser, site, &login).await;
}
