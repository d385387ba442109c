//! Makes the pictures of the manual for the province anew, from the pages as they are: `cargo build --workspace`, and
//! then `cargo run -p tests --example province_pictures`. They land in `docs/manuals/anh`.

mod pictures;

use pictures::keep;
use tests::browser::Browser;
use tests::hand::{Hand, Way};
use tests::signing_in::comes_in_by;
use tests::{Backend, Member, Province, Text, eventually};

/// Width of the window: tables of the province have many columns.
const WIDTH: u32 = 1200;

const COMMUNES: [&str; 4] = ["xã Kon Braih", "xã Đăk Kôi", "xã Măng Đen", "xã Đăk Rve"];
/// The commune that is no more after the merger.
const ENDS: &str = "xã Tân Lập";
const ARTICLES: [(&str, usize); 5] = [
    ("Kon Braih vào mùa hái cà phê", 0),
    ("Ba làng cùng nấu, cùng ăn trong ngày hội đại đoàn kết", 0),
    ("Đăk Kôi cấp giống lúa vụ đông xuân", 1),
    ("Măng Đen đón đoàn khách đầu mùa hoa anh đào", 2),
    ("Đăk Rve sửa xong cầu treo làng 7", 3),
];

#[tokio::main]
async fn main() {
    let province = Province::found(Backend::Sqlite).await;
    let mut communes = Vec::new();
    for name in COMMUNES {
        communes.push(province.commune(name).await);
    }
    let _ending = province.commune(ENDS).await;
    let editor = province.hub.staff().await;
    for (title, whose) in ARTICLES {
        communes[whose]
            .staff()
            .await
            .publish(&Text::article(title))
            .await;
        editor.finds_in_inbox(title).await;
    }
    let leaked = editor
        .publish(&Text::notice("Lịch cắt điện đăng nhầm ngày"))
        .await;
    for commune in &communes {
        eventually("everybody has it", async || {
            let page = commune.visitor().get("/thong-bao").await;
            page.showing("Lịch cắt điện đăng nhầm ngày")
        })
        .await;
    }
    communes[3].stop().await;

    let browser = Browser::open_wide(WIDTH).await;
    let admin = province.hub.account("hub_admin,hub_editor").await;
    comes_in_by(&browser, &province.hub, &admin).await;
    routes(&province, &browser).await;
    bulletin(&province, &browser).await;
    recall(&province, &browser, &leaked.page).await;
    merger(&province, &browser).await;
    ranking(&province, &browser).await;
    members(&province, &browser, &communes[0]).await;
    own_numbers(&province, &browser, &communes[0]).await;
    browser.closes().await;
    println!("Xong.");
}

/// The table of members, the page of one, and how another is invited.
async fn members(province: &Province, browser: &Browser, commune: &Member) {
    let at = |path: &str| province.hub.address(path);
    // Entries are counted once a minute.
    eventually("all entries are counted", async || {
        browser.goes_to(&at("/quan-tri/don-vi")).await;
        let counted = "return document.querySelector('[data-element=figures] li:nth-child(4) strong').textContent";
        let counted = browser.ask(counted).await;
        if counted == "5" { Ok(()) } else { Err(counted) }
    })
    .await;
    shows("bang-don-vi", browser, "[data-element=figures]").await;
    browser
        .goes_to(&at(&format!("/quan-tri/don-vi/{}", commune.id)))
        .await;
    shows("trang-don-vi", browser, "main").await;
    browser.goes_to(&at("/quan-tri/don-vi/moi")).await;
    browser.types("name", "xã Kon Đào").await;
    browser.types("host", "kondao.quangngai.example").await;
    shows("them-don-vi", browser, "main").await;
}

/// A route, looked at before it is saved.
async fn routes(province: &Province, browser: &Browser) {
    browser
        .goes_to(&province.hub.address("/quan-tri/tuyen-tin/moi"))
        .await;
    browser.chooses("mode", "mandatory").await;
    browser.presses("button[value=preview]").await;
    shows("tuyen-tin", browser, "main").await;
}

/// A bulletin, looked at before it is said.
async fn bulletin(province: &Province, browser: &Browser) {
    browser
        .goes_to(&province.hub.address("/quan-tri/thong-bao-khan/moi"))
        .await;
    let words =
        "Nước sông Đăk Bla lên nhanh; không qua ngầm tràn Kon Braih cho tới khi có thông báo mới.";
    browser.types("text", words).await;
    browser
        .types("issuer", "Ban Chỉ huy Phòng thủ dân sự tỉnh")
        .await;
    browser.presses("button[value=preview]").await;
    shows("thong-bao-khan", browser, "main").await;
}

/// An entry that is everywhere is taken back, from a member that is away as well.
async fn recall(province: &Province, browser: &Browser, page: &str) {
    let entry = province.hub.address(page);
    let form = format!("/quan-tri/thu-hoi/moi?bai={entry}");
    browser.goes_to(&province.hub.address(&form)).await;
    browser.types("reason", "Ghi sai ngày cắt điện.").await;
    browser.types("word", "lịch").await;
    shows("thu-hoi", browser, "main").await;
    browser
        .presses("[data-element=recall-form] button[type=submit]")
        .await;
    let case = browser.ask("return location.href").await;
    browser
        .sees(case.as_str().expect("an address"), "Sạch ở 5/6 trang")
        .await;
    shows("thu-hoi-tien-do", browser, "main").await;
}

/// Two communes are to merge.
async fn merger(province: &Province, browser: &Browser) {
    browser
        .goes_to(&province.hub.address("/quan-tri/sap-nhap/moi?loai=merge"))
        .await;
    let hand = Hand::new(browser, Way::Pointer);
    hand.types("#basis", "Nghị quyết 1677/NQ-UBTVQH15").await;
    let day = "document.querySelector('#effective_on').value = arguments[0]";
    browser.asks_of(day, "2025-07-01").await;
    for (list, name) in [("to-unit-1", COMMUNES[0]), ("end-unit-1", ENDS)] {
        let script = format!(
            "return [...document.querySelectorAll('#{list} option')]
                .find((one) => one.textContent.startsWith(arguments[0])).value"
        );
        let value = browser.asks_of(&script, name).await;
        let value = value.as_str().expect("a choice");
        hand.presses(&format!("#{list} option[value='{value}']"))
            .await;
    }
    hand.presses("label[for=into-1-1]").await;
    hand.follows("button[value=preview]").await;
    shows("sap-nhap", browser, "[data-element=reorganisation-preview]").await;
}

/// A period with its table, the numbers of one member, and the report.
async fn ranking(province: &Province, browser: &Browser) {
    browser
        .goes_to(&province.hub.address("/quan-tri/xep-hang"))
        .await;
    browser.chooses("kind", "thang").await;
    browser
        .presses("[data-element=open-period] button[type=submit]")
        .await;
    shows("xep-hang", browser, "main").await;
    browser
        .presses("[data-element=ranking] tbody th a, main tbody th a")
        .await;
    shows("diem-don-vi", browser, "[data-element=figures]").await;
    browser
        .goes_to(&province.hub.address("/quan-tri/bao-cao?kind=thang"))
        .await;
    shows("bao-cao", browser, "main").await;
}

/// The numbers of the month before, as a commune is told them.
async fn own_numbers(province: &Province, browser: &Browser, commune: &Member) {
    let now = shared::vietnamese::local(shared::clock::Clock::system().now());
    let before = now - chrono::Months::new(1);
    let then = before.timestamp_millis();
    province
        .behind_plainly(&format!("UPDATE entries SET published_at = {then}"))
        .await;
    browser
        .goes_to(&province.hub.address("/quan-tri/xep-hang"))
        .await;
    browser.chooses("kind", "thang").await;
    browser
        .types("number", &before.format("%m").to_string())
        .await;
    browser
        .types("year", &before.format("%Y").to_string())
        .await;
    browser
        .presses("[data-element=open-period] button[type=submit]")
        .await;
    let hand = Hand::new(browser, Way::Pointer);
    hand.presses("[data-element=step-window] input[name=confirm]")
        .await;
    hand.follows("[data-element=step-window] button").await;
    let approver = commune.account("approver").await;
    comes_in_by(browser, commune, &approver).await;
    browser
        .sees(
            &commune.address("/quan-tri/diem-so"),
            "Tự đánh giá, giải trình đến hết ngày",
        )
        .await;
    browser.presses("[data-element=own-rankings] h2 a").await;
    shows("diem-tinh-cham", browser, "main").await;
}

/// Keeps what is in the window, from what `selector` finds on, as the picture `name`.
async fn shows(name: &str, browser: &Browser, selector: &str) {
    let script = "const place = document.querySelector(arguments[0]).getBoundingClientRect().top;
        document.activeElement.blur();
        window.scrollTo({ top: window.scrollY + place - 12, behavior: 'instant' }); return 1";
    browser.asks_of(script, selector).await;
    keep(name, browser, None).await;
}
