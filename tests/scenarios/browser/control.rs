//! A provincial administrator at the machine of an office directs the members. Actions are counted.

use std::time::Duration;
use tests::browser::{Browser, OFFICE_WIDTH};
use tests::hand::{Hand, Way};
use tests::signing_in::comes_in_by;
use tests::{Backend, Fault, Province, Text, bounded, eventually, within};

/// Most actions from the list of routes to a route in force, with two members chosen by name.
const MOST_FOR_A_ROUTE: u32 = 8;

/// Most actions from the table of members to a code for a new one.
const MOST_FOR_A_MEMBER: u32 = 8;
/// Most actions from the page of recalls to an order that is on its way.
const MOST_FOR_A_RECALL: u32 = 5;
/// A minute until a member counts as lost, and a busy machine.
const PATIENCE: Duration = Duration::from_secs(200);
const TABLE: &str = "/quan-tri/don-vi";

#[tokio::test]
async fn a_member_is_invited_is_lost_and_comes_back_while_somebody_watches_the_table() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut commune = province.commune("xã Kon Braih").await;
        let browser = Browser::open_wide(OFFICE_WIDTH).await;
        let admin = province.hub.account("hub_admin").await;
        comes_in_by(&browser, &province.hub, &admin).await;
        browser.goes_to(&province.hub.address(TABLE)).await;

        let hand = Hand::new(&browser, Way::Pointer);
        hand.follows("a[href='/quan-tri/don-vi/moi']").await;
        hand.types("#name", "xã Đăk Kôi").await;
        hand.types("#host", "dakkoi.quangngai.example").await;
        hand.follows("[data-element=enrol-form] button[type=submit]")
            .await;
        let seen = browser.text().await;
        assert!(seen.contains("member-site join"), "{seen}");
        let actions = hand.actions();
        assert!(actions <= MOST_FOR_A_MEMBER, "{actions} actions");

        // What is allowed to this one is little, so that it is soon missed.
        let page = format!("{TABLE}/{}", commune.id);
        browser.goes_to(&province.hub.address(&page)).await;
        browser.types("grace", "1").await;
        browser
            .presses("[data-element=note] button[type=submit]")
            .await;
        browser.goes_to(&province.hub.address(TABLE)).await;
        browser.ask("window.isTheSamePage = true").await;
        let row = format!(
            "return window.isTheSamePage
                && document.querySelector(\"a[href='{page}']\").closest('tr').innerText"
        );
        let shows = async |words: &str| {
            within(PATIENCE, &format!("the row shows {words:?}"), async || {
                let row = browser.ask(&row).await;
                let row = row.as_str().ok_or("another page")?;
                match row.contains(words) {
                    true => Ok(()),
                    false => Err(row.to_owned()),
                }
            })
            .await;
        };
        shows("Trực tuyến").await;
        commune.stop().await;
        province
            .behind_plainly("UPDATE peers SET last_contact_at = last_contact_at - 3600000")
            .await;
        shows("Mất kết nối").await;
        commune.start().await;
        shows("Trực tuyến").await;
        assert_eq!(browser.flaws().await, [""; 0]);
        browser.closes().await;
    })
    .await;
}

#[tokio::test]
async fn what_leaked_is_found_and_taken_back_from_everybody() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let communes = [
            province.commune("xã Kon Braih").await,
            province.commune("xã Măng Bút").await,
        ];
        let title = "Niêm yết danh sách hộ nhận hỗ trợ sửa nhà";
        let text = Text {
            // What no screening knows to be private.
            body: "Hoàn cảnh gia đình: hộ **thứ ba** ở đầu cầu treo.".to_owned(),
            ..Text::article(title)
        };
        communes[0].staff().await.publish(&text).await;
        province.hub.staff().await.accept(title).await;
        communes[1].staff().await.accept(title).await;

        let browser = Browser::open_wide(OFFICE_WIDTH).await;
        for site in [&province.hub, &communes[0].server, &communes[1].server] {
            browser.sees(&site.address("/"), title).await;
        }
        let editor = province.hub.account("hub_editor").await;
        comes_in_by(&browser, &province.hub, &editor).await;
        browser
            .goes_to(&province.hub.address("/quan-tri/thu-hoi/tim"))
            .await;
        let hand = Hand::new(&browser, Way::Pointer);
        hand.types("#q", "hộ thứ ba ở đầu cầu treo").await;
        hand.follows("button[value=find]").await;
        let seen = browser.text().await;
        assert!(
            seen.contains("Tìm thấy 1 bài") && seen.contains(title),
            "{seen}"
        );
        hand.types("#reason", "Lộ thông tin cá nhân của người dân.")
            .await;
        hand.types("#count", "1").await;
        hand.follows("button[value=recall]").await;
        let actions = hand.actions();
        assert!(actions <= MOST_FOR_A_RECALL, "{actions} actions");
        browser
            .sees(
                &province.hub.address("/quan-tri/thu-hoi"),
                "Sạch ở 3/3 trang",
            )
            .await;
        for site in [&province.hub, &communes[0].server, &communes[1].server] {
            browser.goes_to(&site.address("/")).await;
            assert!(!browser.text().await.contains(title));
        }
        let log = province.hub.log();
        let told = log.lines().find(|line| line.contains("cầu treo"));
        assert_eq!(told, None, "what leaked is not logged");
        browser.closes().await;
    })
    .await;
}

#[tokio::test]
async fn a_notice_is_taken_back_from_twelve_members_of_which_two_are_away() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let crowd = province.crowd(12).await;
        let desk = province.hub.staff().await;
        let title = "Lịch cắt điện đăng nhầm ngày";
        let written = desk.publish(&Text::notice(title)).await;
        let right = "Lịch cắt điện đã sửa ngày";
        let instead = desk.publish(&Text::notice(right)).await;
        for seat in &crowd.seats {
            eventually("everybody shows it", async || {
                let page = seat.visitor().get("/thong-bao").await;
                page.showing(title)?.showing(right)
            })
            .await;
        }
        let (away, near) = crowd.seats.split_at(2);
        for seat in away {
            seat.road.set(Fault::Silent);
        }

        let browser = Browser::open_wide(OFFICE_WIDTH).await;
        let editor = province.hub.account("hub_editor").await;
        comes_in_by(&browser, &province.hub, &editor).await;
        let entry = province.hub.address(&written.page);
        let form = format!("/quan-tri/thu-hoi/moi?bai={entry}");
        browser.goes_to(&province.hub.address(&form)).await;
        let seen = browser.text().await;
        assert!(seen.contains("Đã tới 12 trong 12 trang thành viên."), "{seen}");
        let hand = Hand::new(&browser, Way::Pointer);
        hand.types("#reason", "Ghi sai ngày.").await;
        hand.types("#replacement", &province.hub.address(&instead.page))
            .await;
        hand.types("#word", "lịch").await;
        hand.follows("[data-element=recall-form] button[type=submit]")
            .await;
        let actions = hand.actions();
        assert!(actions <= MOST_FOR_A_RECALL, "{actions} actions");

        let case = browser.ask("return location.pathname").await;
        let case = province.hub.address(case.as_str().expect("a path"));
        browser.sees(&case, "Sạch ở 11/13 trang").await;
        let open = "return [...document.querySelectorAll('tr.is-bad th .name')].map((one) => one.textContent).sort().join()";
        let open = browser.ask(open).await;
        assert_eq!(open.as_str(), Some("Xã thứ 1,Xã thứ 2"), "who is to be called");
        for seat in near {
            let page = seat.visitor().get(&written.page).await;
            assert_eq!(page.status, 410);
            assert!(page.says(right), "{}", page.body);
        }
        for seat in away {
            seat.road.set(Fault::None);
        }
        browser.sees(&case, "Sạch ở 13/13 trang").await;
        let open = browser.ask("return document.querySelectorAll('tr.is-bad').length").await;
        assert_eq!(open.as_u64(), Some(0), "the list is closed");
        assert_eq!(browser.flaws().await, [""; 0]);

        // It was right after all.
        hand.presses("[data-element=recall-lift] summary").await;
        browser.types("why", "Ngày trong lịch đúng.").await;
        browser
            .presses("[data-element=recall-lift] button[type=submit]")
            .await;
        browser.sees(&case, "Đơn vị viết bài đã đăng lại").await;
        browser.sees(&province.hub.address("/thong-bao"), title).await;
        browser.closes().await;
    })
    .await;
}

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
