//! A provincial administrator at the machine of an office directs the members. Actions are counted.

use tests::browser::{Browser, OFFICE_WIDTH};
use tests::hand::{Hand, Way};
use tests::signing_in::comes_in_by;
use tests::{Backend, Province, Text, bounded};

/// Most actions from the list of routes to a route in force, with two members chosen by name.
const MOST_FOR_A_ROUTE: u32 = 8;

#[tokio::test]
async fn a_route_is_put_in_force_after_a_look_at_whom_it_reaches() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let kon_braih = province.commune("xã Kon Braih").await;
        let dak_koi = province.commune("xã Đăk Kôi").await;
        let mang_but = province.commune("xã Măng Bút").await;
        let browser = Browser::open_wide(OFFICE_WIDTH).await;
        let admin = province.hub.account("hub_admin").await;
        comes_in_by(&browser, &province.hub, &admin).await;
        browser
            .goes_to(&province.hub.address("/quan-tri/tuyen-tin"))
            .await;

        let hand = Hand::new(&browser, Way::Pointer);
        hand.follows("a[href='/quan-tri/tuyen-tin/moi']").await;
        hand.presses("label[for=to-units]").await;
        hand.presses("details.under summary").await;
        for name in ["xã Kon Braih", "xã Đăk Kôi"] {
            hand.presses(&label_of(&browser, "units", name).await).await;
        }
        hand.chooses("mode", "mandatory").await;
        // What is not filled in is all there is: every section and every kind of the province.
        hand.follows("button[value=preview]").await;
        let seen = browser.text().await;
        for expected in [
            "2 đơn vị nhận",
            "xã Kon Braih",
            "1 đơn vị không nhận",
            "không qua người duyệt",
        ] {
            assert!(seen.contains(expected), "{expected}: {seen}");
        }
        hand.follows("button[value=save]").await;
        assert!(browser.text().await.contains("Đã lưu tuyến"));
        let actions = hand.actions();
        assert!(actions <= MOST_FOR_A_ROUTE, "{actions} actions");

        let title = "Lịch tiêm vắc xin cho đàn gia súc vùng cao";
        province
            .hub
            .staff()
            .await
            .publish(&Text::article(title))
            .await;
        for chosen in [&kon_braih, &dak_koi] {
            browser.sees(&chosen.address("/"), title).await;
        }
        // By another route it is suggested to everybody: there is where the third has it, and there alone.
        mang_but.staff().await.finds_in_inbox(title).await;
        browser.goes_to(&mang_but.address("/")).await;
        assert!(!browser.text().await.contains(title));

        // A route is not saved for others than those that were looked at.
        browser
            .goes_to(&province.hub.address("/quan-tri/tuyen-tin"))
            .await;
        browser
            .presses("[data-element=route]:last-child th a")
            .await;
        browser.presses("button[value=preview]").await;
        hand.presses(&label_of(&browser, "units", "xã Măng Bút").await)
            .await;
        browser.presses("button[value=save]").await;
        let seen = browser.text().await;
        assert!(
            seen.contains("3 đơn vị nhận") && seen.contains("đã khác lần xem trước"),
            "{seen}"
        );
        browser.presses("button[value=save]").await;
        assert!(browser.text().await.contains("Đã lưu tuyến"));

        // Removing asks first.
        browser
            .presses("[data-element=route]:last-child a.btn-outline-danger")
            .await;
        assert!(browser.text().await.contains("Xóa tuyến này?"));
        browser
            .presses("[data-element=confirm] button[type=submit]")
            .await;
        let seen = browser.text().await;
        assert!(
            seen.contains("Đã xóa tuyến") && !seen.contains("3 nơi"),
            "{seen}"
        );
        browser.closes().await;
    })
    .await;
}

/// The label of the box called `name` that says `words`.
async fn label_of(browser: &Browser, name: &str, words: &str) -> String {
    let script = format!(
        "return [...document.querySelectorAll('input[name={name}]')]
            .find((one) => one.labels[0].textContent.trim() === arguments[0]).id"
    );
    let id = browser.asks_of(&script, words).await;
    format!("label[for='{}']", id.as_str().expect("an id"))
}
