//! What a commune publishes is graded by the province, counted, and opened again row by row; all of it without anybody
//! reporting anything.

use tests::signing_in::comes_in;
use tests::{Backend, Page, Province, Text, eventually};

on_both_databases! {
    a_graded_article_is_counted_and_leads_back_to_itself
}

const RANKINGS: &str = "/quan-tri/xep-hang";

async fn a_graded_article_is_counted_and_leads_back_to_itself(hub: Backend) {
    let province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    province.commune("xã Đăk Kôi").await;
    let title = "Kon Braih vào mùa hái cà phê";
    let authors = kon_braih.staff().await;
    authors.publish(&Text::article(title)).await;

    // The province accepts it and says how good it is; its authors are told.
    let editor = province.hub.staff().await;
    let page = editor
        .visitor
        .get(&editor.finds_in_inbox(title).await)
        .await;
    let form = page.form("inbox-decision").with("grade", "a");
    let form = match form.value("section") {
        Some("") | None => form.with("section", "kinh-te"),
        Some(_) => form,
    };
    editor
        .visitor
        .submit(form, "take")
        .await
        .must_say("Đã nhận");
    eventually("the authors see the grade", async || {
        authors
            .sent()
            .await
            .showing("Đã đăng trên cổng tỉnh, loại A")
    })
    .await;

    // The month is opened and counted at once.
    let login = province.hub.account("hub_admin").await;
    let admin = province.hub.visitor();
    comes_in(&admin, &login).await;
    let today = admin.get("/quan-tri/bao-cao?kind=nam").await;
    today.must_say("Báo cáo năm");
    let form = admin.get(RANKINGS).await.form("open-period");
    let (year, month) = this_month();
    let form = form
        .with("kind", "thang")
        .with("year", &year)
        .with("number", &month);
    let page = admin.submit(form, "").await;
    page.must_say("Xã Kon Braih");
    page.must_say("Chưa đo, điểm chia cho các chỉ số khác");
    let sheet = link(&page, "Xã Kon Braih");
    let sheet = admin.get(&sheet).await;
    sheet.must_say("Tin, bài tự viết so với chỉ tiêu");
    for number in ["Tin, bài tự viết", "Bài tỉnh nhận, loại A"] {
        let rows = admin.get(&link(&sheet, number)).await;
        rows.must_say(title);
        assert!(!rows.says("cộng lại là"), "{number}: {}", rows.body);
    }

    // Nobody who only writes sees any of it.
    let writer = province.hub.account("contributor").await;
    let other = province.hub.visitor();
    comes_in(&other, &writer).await;
    assert_eq!(other.get(RANKINGS).await.status, 403);
    province
        .hub
        .visitor()
        .get("/xep-hang")
        .await
        .must_say("chưa công bố");
}

/// The year and the month it is in Vietnam.
fn this_month() -> (String, String) {
    let now = shared::vietnamese::local(shared::clock::Clock::system().now());
    (now.format("%Y").to_string(), now.format("%-m").to_string())
}

/// Where `text` leads.
fn link(page: &Page, text: &str) -> String {
    let found = page.link(text);
    found.unwrap_or_else(|| panic!("no link says {text}: {}", page.body))
}
