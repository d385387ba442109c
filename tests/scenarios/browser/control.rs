//! A provincial administrator at the machine of an office directs the members. Actions are counted.

use super::super::ranking::{last_month, was_last_month};
use std::net::SocketAddr;
use tests::browser::{Browser, OFFICE_WIDTH};
use tests::hand::{Hand, Way};
use tests::signing_in::comes_in_by;
use tests::{Backend, Fault, Province, Proxy, Text, bounded, eventually};

/// Most actions from the list of routes to a route in force, with two members chosen by name.
const MOST_FOR_A_ROUTE: u32 = 8;

/// Most actions from the table of members to a code for a new one.
const MOST_FOR_A_MEMBER: u32 = 8;
/// Most actions from the page of recalls to an order that is on its way.
const MOST_FOR_A_RECALL: u32 = 5;
/// Most actions from the list of reorganisations to a merger that is entered.
const MOST_FOR_A_MERGER: u32 = 8;
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
            eventually(&format!("the row shows {words:?}"), async || {
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

#[tokio::test]
async fn two_communes_merge_and_old_links_lead_on() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut old = province.commune("xã Tân Lập").await;
        let heir = province.commune("xã Kon Braih").await;
        let title = "Xã Tân Lập vào vụ cà phê mới";
        let written = old.staff().await.publish(&Text::article(title)).await;
        province.hub.staff().await.finds_in_inbox(title).await;

        let browser = Browser::open_wide(OFFICE_WIDTH).await;
        let admin = province.hub.account("hub_admin").await;
        comes_in_by(&browser, &province.hub, &admin).await;
        browser
            .goes_to(&province.hub.address("/quan-tri/sap-nhap"))
            .await;
        let hand = Hand::new(&browser, Way::Pointer);
        hand.follows("a[href='/quan-tri/sap-nhap/moi?loai=merge']")
            .await;
        hand.types("#basis", "Nghị quyết 1677/NQ-UBTVQH15").await;
        // How a day is typed there depends on the language of the machine.
        let day = "document.querySelector('#effective_on').value = arguments[0]";
        browser.asks_of(day, "2025-07-01").await;
        for (list, name) in [("to-unit-1", "xã Kon Braih"), ("end-unit-1", "xã Tân Lập")] {
            hand.presses(&choice_of(&browser, list, name).await).await;
        }
        hand.presses("label[for=into-1-1]").await;
        hand.follows("button[value=preview]").await;
        let seen = browser.text().await;
        assert!(seen.contains("Trang thành lưu trữ, chỉ để đọc"), "{seen}");
        hand.follows("button[value=enter]").await;
        let seen = browser.text().await;
        assert!(seen.contains("Đã có hiệu lực"), "{seen}");
        // The day is one more.
        let actions = hand.actions() + 1;
        assert!(actions <= MOST_FOR_A_MERGER, "{actions} actions");

        // What stood there can be read there, and says who is asked now.
        let page = old.address(&written.page);
        browser.sees(&page, "Trang lưu trữ, chỉ để đọc.").await;
        let seen = browser.text().await;
        assert!(seen.contains("nay thuộc") && seen.contains(title), "{seen}");
        for path in ["/", "/hoi-dap/gui"] {
            leads_to(&browser, &old.address(path), &heir.address(path)).await;
        }

        // Its machine is gone, and its name leads to the province: the same addresses go on.
        let at: SocketAddr = old.listens_at().parse().expect("an address");
        let province_at = province.hub.listens_at().parse().expect("an address");
        old.kill_9();
        let _road = Proxy::open(at, province_at).await;
        browser.sees(&page, "Trang lưu trữ, chỉ để đọc.").await;
        assert!(browser.text().await.contains(title));
        for path in ["/", "/hoi-dap/gui"] {
            leads_to(&browser, &old.address(path), &heir.address(path)).await;
        }
        browser.closes().await;
    })
    .await;
}

#[tokio::test]
async fn a_period_is_scored_objected_to_frozen_and_exported() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let commune = province.commune("xã Kon Braih").await;
        province.commune("xã Đăk Kôi").await;
        let title = "Kon Braih vào mùa hái cà phê";
        commune.staff().await.publish(&Text::article(title)).await;
        province.hub.staff().await.finds_in_inbox(title).await;
        was_last_month(&province).await;

        let browser = Browser::open_wide(OFFICE_WIDTH).await;
        let admin = province.hub.account("hub_admin").await;
        comes_in_by(&browser, &province.hub, &admin).await;
        let approver = commune.account("approver").await;
        comes_in_by(&browser, &commune, &approver).await;

        // Opened and counted at once.
        browser
            .goes_to(&province.hub.address("/quan-tri/xep-hang"))
            .await;
        let (year, month) = last_month();
        browser.chooses("kind", "thang").await;
        browser.types("number", &month).await;
        browser.types("year", &year).await;
        browser
            .presses("[data-element=open-period] button[type=submit]")
            .await;
        let seen = browser.text().await;
        assert!(seen.contains("Xã Kon Braih") && seen.contains("1/2"), "{seen}");
        let period = browser.ask("return location.pathname").await;
        let period = province.hub.address(period.as_str().expect("a path"));
        let hand = Hand::new(&browser, Way::Pointer);
        takes_step(&browser, &hand, &period, "window").await;

        // The commune sees its own numbers at its own portal, and objects there.
        let own = commune.address("/quan-tri/diem-so");
        browser
            .sees(&own, "Tự đánh giá, giải trình đến hết ngày")
            .await;
        browser.presses("[data-element=own-rankings] h2 a").await;
        let own = browser.ask("return location.href").await;
        let own = own.as_str().expect("an address").to_owned();
        let seen = browser.text().await;
        assert!(seen.contains("Tin, bài tự viết so với chỉ tiêu"), "{seen}");
        hand.presses("details:has([data-element=object]) summary")
            .await;
        hand.presses("#object-indicator option[value=E1]").await;
        hand.types("#words", "Còn một bài đăng lúc 23 giờ ngày cuối tháng.")
            .await;
        hand.follows("[data-element=object] button[type=submit]").await;
        assert!(browser.text().await.contains("Đã gửi"));

        // The province reads it, looks at the rows behind the number, and answers.
        browser.sees(&period, "Xã Kon Braih: 1").await;
        assert!(browser.text().await.contains("Còn giải trình chưa trả lời"));
        browser.presses("a[href*='/quan-tri/xep-hang/diem/']").await;
        let sheet = browser.ask("return location.href").await;
        let sheet = sheet.as_str().expect("an address").to_owned();
        browser.presses("[data-element=score-inputs] a, [data-element=score-lines] a").await;
        browser.goes_to(&sheet).await;
        browser.chooses("outcome", "partly").await;
        browser.types("answer", "Bài đăng sau 0 giờ.").await;
        browser
            .presses("[data-element=answer] button[type=submit]")
            .await;
        browser.sees(&own, "Bài đăng sau 0 giờ.").await;
        browser.goes_to(&period).await;
        let seen = browser.text().await;
        assert!(seen.contains("Đơn vị vẫn còn thời gian giải trình"), "{seen}");

        // The days pass, it is written down for good, published, and taken home.
        province
            .behind_plainly("UPDATE ranking_periods SET window_until = '2026-01-01'")
            .await;
        takes_step(&browser, &hand, &period, "freeze").await;
        assert!(browser.text().await.contains("Đã chốt"));
        takes_step(&browser, &hand, &period, "publish").await;
        browser.sees(&own, "Đã công bố").await;
        let file = "const link = [...document.querySelectorAll('a')].find((one) => one.textContent === arguments[0]);
            return fetch(link.href).then((answer) => answer.text())";
        browser.goes_to(&period).await;
        let exported = browser.asks_of(file, "JSON để tính lại").await;
        let exported = exported.as_str().expect("a file");
        assert!(exported.contains("Bài đăng sau 0 giờ."), "{exported}");
        let table = browser.asks_of(file, "CSV").await;
        assert!(table.as_str().expect("a file").contains("Xã Kon Braih"));
        browser
            .sees(&province.hub.address("/xep-hang"), "Xã Kon Braih")
            .await;
        browser.closes().await;
    })
    .await;
}

async fn leads_to(browser: &Browser, from: &str, to: &str) {
    browser.goes_to(from).await;
    let here = browser.ask("return location.href").await;
    assert_eq!(here.as_str(), Some(to));
}

/// Ticks that it is meant, and takes the next step of the period at `address`.
async fn takes_step(browser: &Browser, hand: &Hand<'_>, address: &str, step: &str) {
    browser.goes_to(address).await;
    hand.presses(&format!("[data-element=step-{step}] input[name=confirm]"))
        .await;
    hand.follows(&format!("[data-element=step-{step}] button"))
        .await;
    assert!(browser.text().await.contains("Đã ghi vào kỳ chấm điểm."));
}

/// The choice of the list `id` that begins with `words`.
async fn choice_of(browser: &Browser, id: &str, words: &str) -> String {
    let script = format!(
        "return [...document.querySelectorAll('#{id} option')]
            .find((one) => one.textContent.startsWith(arguments[0])).value"
    );
    let value = browser.asks_of(&script, words).await;
    format!("#{id} option[value='{}']", value.as_str().expect("a value"))
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
