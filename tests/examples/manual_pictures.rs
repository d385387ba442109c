//! Makes the pictures of the manual anew, from the pages as they are: `cargo build --workspace`, and then
//! `cargo run -p tests --example manual_pictures`. They land in `docs/manuals/anh`.

mod pictures;

use pictures::{WIDTH, keep};
use std::path::PathBuf;
use tests::browser::Browser;
use tests::hand::{Hand, Way};
use tests::signing_in::comes_in_by;
use tests::{Backend, Member, Province, Server, Text, eventually};

const NEW: &str = "/quan-tri/bai-viet/moi";
const TITLE: &str = "Xã Kon Braih mở rộng đường liên làng trước mùa mưa";

#[tokio::main]
async fn main() {
    let province = Province::found(Backend::Sqlite).await;
    let commune = province.commune("xã Kon Braih").await;
    let files = pictures();
    first_day(&commune).await;
    a_contributor_writes(&commune, &files).await;
    an_article_goes_its_way(&commune).await;
    what_comes_and_goes(&province, &commune).await;
    println!("Xong.");
}

/// The sign-in, the second factor and the desk.
async fn first_day(site: &Server) {
    // Not an approver: where there is another one, nobody publishes a text of their own.
    let login = site.account("admin").await;
    let browser = Browser::open_wide(WIDTH).await;
    browser.goes_to(&site.address("/quan-tri")).await;
    keep("dang-nhap", &browser, None).await;
    browser.types("username", &login).await;
    browser.types("password", tests::newsroom::PASSWORD).await;
    browser.presses("[data-element=sign-in] button").await;
    keep("hai-lop", &browser, Some("main")).await;
    browser.closes().await;
}

/// The form of each kind, and what the page says when the line is lost or something is held.
async fn a_contributor_writes(site: &Server, files: &[PathBuf]) {
    let login = site.account("contributor").await;
    let telephone = Browser::open().await;
    comes_in_by(&telephone, site, &login).await;
    telephone.goes_to(&site.address(NEW)).await;
    telephone.types("title", TITLE).await;
    keep("dien-thoai", &telephone, None).await;
    telephone.closes().await;

    let browser = Browser::open_wide(WIDTH).await;
    comes_in_by(&browser, site, &login).await;
    let hand = Hand::new(&browser, Way::Pointer);
    browser.goes_to(&site.address(NEW)).await;
    browser.types("title", TITLE).await;
    browser
        .types(
            "lead",
            "Ba làng góp hơn một trăm năm mươi công, đường rộng thêm hai mét.",
        )
        .await;
    browser
        .writes(
            "Sáng 20/11, bà con ba làng ra đường từ sớm. Ai có cuốc mang cuốc, ai có xe mang xe.",
        )
        .await;
    browser.ask("window.scrollTo(0, 0); return 1").await;
    keep("viet-bai", &browser, None).await;
    let field = ".editor-bar input[type=file]";
    hand.chooses_files(".editor-bar [aria-label='Thêm ảnh']", field, files)
        .await;
    eventually("the pictures are there", async || {
        let sent = "return document.querySelectorAll('.ProseMirror img[src^=\"/media/\"]').length";
        let sent = browser.ask(sent).await;
        if sent == 3 { Ok(()) } else { Err(sent) }
    })
    .await;
    hand.types("#anh-trong-bai-1", "Bà con đào đất mở lề đường.")
        .await;
    keep("anh-trong-bai", &browser, Some(".editor-pictures")).await;
    browser.is_offline(true).await;
    browser
        .writes(" Chiều cùng ngày, đoạn đường dài tám trăm mét đã xong.")
        .await;
    says(&browser, "đang giữ trên máy này").await;
    keep("mat-mang", &browser, Some(".actions-bar")).await;
    browser.is_offline(false).await;
    browser.forgets_complaints().await;
    browser.chooses("section", "kinh-te").await;
    browser.presses("button[value=save]").await;

    browser
        .goes_to(&site.address("/quan-tri/bai-viet/moi?loai=document"))
        .await;
    keep("van-ban", &browser, Some("[data-element=document-fields]")).await;

    browser
        .goes_to(&site.address("/quan-tri/bai-viet/moi?loai=album"))
        .await;
    browser.types("title", "Ba làng cùng mở đường").await;
    hand.chooses_files("#album", "#album", &files[..2]).await;
    browser.finds("[data-picture-row]:nth-child(2)").await;
    keep("album", &browser, Some("[data-element=album-fields]")).await;

    browser.goes_to(&site.address(NEW)).await;
    browser.types("title", "Danh sách hộ nhận quà").await;
    browser
        .writes("Ông A, số căn cước 001203004567, điện thoại 0912345678.")
        .await;
    browser.chooses("section", "kinh-te").await;
    browser.presses("button[value=save]").await;
    keep("sang-loc", &browser, Some("[data-element=screening]")).await;
    browser.closes().await;
}

/// Handed in, sent back, approved, corrected.
async fn an_article_goes_its_way(commune: &Member) {
    let desk = commune.staff().await;
    let published = desk
        .publish(&Text::article("Ngày hội đại đoàn kết ở làng Kon Skôi"))
        .await;
    let waiting = desk.submit(&Text::article(TITLE)).await;

    let browser = Browser::open_wide(WIDTH).await;
    comes_in_by(&browser, commune, &desk.login).await;
    keep("ban-lam-viec", &browser, None).await;
    browser
        .goes_to(&commune.address(&format!("{waiting}/dang")))
        .await;
    keep("duyet-dang", &browser, Some("[data-element=confirm]")).await;
    browser
        .goes_to(&commune.address(&format!("{waiting}/tra-lai")))
        .await;
    browser
        .types("reason", "Ghi rõ mỗi làng góp bao nhiêu công.")
        .await;
    keep("tra-lai", &browser, Some("[data-element=confirm]")).await;
    browser
        .presses("[data-element=confirm] button[type=submit]")
        .await;
    browser.goes_to(&commune.address(&waiting)).await;
    keep("bi-tra-lai", &browser, Some("main")).await;
    let editor = commune.account("editor").await;
    let editor = commune.sign_in(editor).await.visitor;
    let form = editor.get(&published.form).await.form("entry-form");
    let form = form.with("title", "Ngày hội đại đoàn kết ở ba làng");
    let mut kept = editor.submit(form, "save").await;
    if kept.status == 409 {
        kept = editor.submit(kept.form("entry-form"), "take_over").await;
    }
    let handed_in = editor.submit(kept.form("entry-form"), "submit").await;
    handed_in.must_say("Đã gửi duyệt");
    browser
        .goes_to(&commune.address(&format!("{}/dang", published.form)))
        .await;
    keep("sua-bai", &browser, Some("[data-element=confirm]")).await;
    browser.closes().await;
}

/// What the province and a neighbour sent, and where what was sent up has come to.
async fn what_comes_and_goes(province: &Province, commune: &Member) {
    let desk = commune.staff().await;
    let editor = province.hub.staff().await;
    let up = "Kon Skôi có thêm hai giếng nước sạch";
    desk.publish(&Text::article(up)).await;
    editor.accept(up).await;
    let down = [
        "Toàn tỉnh rà soát hồ đập trước mùa mưa bão",
        "Lịch tiêm phòng cho đàn trâu bò vụ đông",
    ];
    for title in down {
        editor.publish(&Text::article(title)).await;
        desk.finds_in_inbox(title).await;
    }
    eventually("its authors see that it was taken", async || {
        desk.sent().await.showing("Tỉnh đã nhận")
    })
    .await;
    let browser = Browser::open_wide(WIDTH).await;
    comes_in_by(&browser, commune, &desk.login).await;
    browser.goes_to(&commune.address("/quan-tri/hop-den")).await;
    keep("hop-den", &browser, Some("main")).await;
    browser.goes_to(&commune.address("/quan-tri/da-gui")).await;
    keep("da-gui", &browser, Some("main")).await;
    browser.closes().await;
}

async fn says(browser: &Browser, words: &str) {
    eventually(&format!("the page says {words:?}"), async || {
        let text = browser.text().await;
        if text.contains(words) {
            Ok(())
        } else {
            Err(text)
        }
    })
    .await;
}

/// Three pictures in a folder of their own.
fn pictures() -> Vec<PathBuf> {
    let folder = std::env::temp_dir().join("lien-cong-manual");
    std::fs::create_dir_all(&folder).expect("a folder");
    [40, 120, 210]
        .map(|shade| {
            let path = folder.join(format!("anh-{shade}.png"));
            // Flat colours make small files.
            let sky = image::RgbImage::from_fn(640, 480, |_, y| match y < 260 {
                true => image::Rgb([170, 205, shade]),
                false => image::Rgb([shade, 140, 80]),
            });
            sky.save(&path).expect("it can be written");
            path
        })
        .into()
}
