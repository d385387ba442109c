//! Readers are counted where they read, and the province sees the figures of its members.

use reqwest::header::USER_AGENT;
use tests::{Backend, Page, Province, Server, Text, eventually};

on_both_databases! {
    readers_are_counted_where_they_read_and_the_province_sees_the_figures
}

/// How a reader's browser calls itself; the usual visitor says nothing and is nobody.
const BROWSER: &str = "Mozilla/5.0 (Linux; Android 14; SM-A156E) AppleWebKit/537.36 (KHTML, like Gecko) \
                       Chrome/142.0.0.0 Mobile Safari/537.36";

async fn readers_are_counted_where_they_read_and_the_province_sees_the_figures(hub: Backend) {
    let mut province = Province::found(hub).await;
    let mut kon_braih = province.commune("xã Kon Braih").await;
    let article = Text::article("Làng Kon Braih mở hội mừng lúa mới");
    let article = kon_braih.staff().await.publish(&article).await;
    province.hub.staff().await.accept(&article.title).await;

    for _ in 0..4 {
        opens(&kon_braih.server, &article.page).await;
    }
    kon_braih.visitor().get(&article.page).await;
    opens(&province.hub, &article.page).await;
    opens(&province.hub, "/").await;

    // A server that is told to stop writes what it has; one that starts shows what was written.
    kon_braih.server.restart().await;
    province.hub.restart().await;
    eventually("the commune shows its four", async || {
        let front = kon_braih.visitor().get("/").await;
        front.showing("hôm nay 4</span>")?.showing("Đọc nhiều nhất")
    })
    .await;
    eventually("the province shows its two", async || {
        let front = province.hub.visitor().get("/").await;
        front.showing("hôm nay 2</span>")?.showing("Đọc nhiều nhất")
    })
    .await;
    let desk = province.hub.staff().await;
    eventually("the member table shows the commune's", async || {
        let members = desk.visitor.get("/quan-tri/don-vi?cot=xem").await;
        members.showing("hôm nay 4<small>tháng này 4</small>")
    })
    .await;
    let list = kon_braih.staff().await;
    let list = list.visitor.get("/quan-tri/bai-viet").await;
    list.must_say("4 lượt xem");

    // Who is shown that member by the province while it is down is neither counted nor shown the province's.
    let shown = province.hub.visitor_for(&kon_braih.base_url());
    let front = shown.get_with("/", USER_AGENT, BROWSER).await;
    front.must_say(&article.title);
    assert!(!front.says("Lượt xem") && !front.says("Đọc nhiều nhất"));

    // What is taken back is named no more, whatever was read.
    let desk = kon_braih.staff().await;
    desk.withdraw(&article, "Đăng nhầm.").await;
    let front = kon_braih.visitor().get("/").await;
    assert!(!front.says(&article.title) && !front.says("Đọc nhiều nhất"));
    eventually("nor at the province", async || {
        let front = province.hub.visitor().get("/").await;
        front.without(&article.title)?.without("Đọc nhiều nhất")
    })
    .await;
}

async fn opens(site: &Server, path: &str) -> Page {
    let page = site.visitor().get_with(path, USER_AGENT, BROWSER).await;
    assert_eq!(page.status, 200, "{path}");
    page
}
