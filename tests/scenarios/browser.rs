//! A newcomer with a telephone, from the sign-in of a commune to the portal of a neighbour.

use axum::routing::get;
use tests::browser::Browser;
use tests::newsroom::PASSWORD;
use tests::{Backend, Province, Server, bounded};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_newcomer_publishes_and_watches_the_article_arrive() {
    bounded(story()).await;
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
        .types(
            "body",
            "## Từ sáng sớm\n\nKhói bếp đã lên.\n\n- Làng Kon Skôi\n- Làng Kon Rơ Nu",
        )
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

async fn signs_in(browser: &Browser, site: &Server) {
    let login = site.account("approver").await;
    browser.goes_to(&site.address("/quan-tri")).await;
    browser.types("username", &login).await;
    browser.types("password", PASSWORD).await;
    browser.presses("[data-element=sign-in] button").await;
}
