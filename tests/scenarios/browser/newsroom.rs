//! An article and a document from the first word to the public page, as those who write, look through and
//! approve them see it: at the machine of an office with a mouse, and on a telephone's width with the keys
//! alone. Actions are counted.

use std::path::PathBuf;
use tempfile::TempDir;
use tests::browser::{Browser, OFFICE_WIDTH, WIDTH};
use tests::hand::{Hand, Way};
use tests::newsroom::shaded;
use tests::papers;
use tests::signing_in::comes_in_by;
use tests::{Backend, Province, Server, bounded, eventually};
use thirtyfour::Cookie;

const NEW: &str = "/quan-tri/bai-viet/moi";
const LIST: &str = "/quan-tri/bai-viet";
/// Most actions from the empty form to "Gửi duyệt", with three pictures described.
const MOST_FOR_AN_ARTICLE: u32 = 12;
const ABSTRACT: &str = "Về việc phân công trực phòng chống thiên tai mùa mưa năm 2026";
/// Most actions from the desk to the public page, for a document with two files.
const MOST_FOR_A_DOCUMENT: u32 = 10;

#[tokio::test]
async fn an_article_goes_from_hand_to_hand_in_an_office() {
    bounded(article(OFFICE_WIDTH, Way::Pointer)).await;
}

#[tokio::test]
async fn an_article_goes_from_hand_to_hand_by_keys_on_a_narrow_screen() {
    bounded(article(WIDTH, Way::Keys)).await;
}

#[tokio::test]
async fn a_document_is_published_in_an_office() {
    bounded(document(OFFICE_WIDTH, Way::Pointer)).await;
}

#[tokio::test]
async fn a_document_is_published_by_keys_on_a_narrow_screen() {
    bounded(document(WIDTH, Way::Keys)).await;
}

/// Somebody who has signed in, and will again sit down at the same browser.
struct Person(Vec<Cookie>);

impl Person {
    async fn of(browser: &Browser, site: &Server, role: &str) -> Self {
        let login = site.account(role).await;
        browser.opens(&site.address("/")).await;
        browser.swaps_cookies(Vec::new()).await;
        comes_in_by(browser, site, &login).await;
        Self(browser.cookies().await)
    }

    /// Sits down and opens `path`.
    async fn sits_down(&self, browser: &Browser, site: &Server, path: &str) {
        browser.opens(&site.address("/")).await;
        browser.swaps_cookies(self.0.clone()).await;
        browser.goes_to(&site.address(path)).await;
    }
}

async fn article(width: u32, way: Way) {
    let province = Province::found(Backend::Sqlite).await;
    let commune = province.commune("xã Kon Braih").await;
    let browser = Browser::open_wide(width).await;
    let folder = tempfile::tempdir().expect("a folder");

    let title = "Ba làng góp công mở rộng đường liên thôn";
    let page = passes_through_the_newsroom(&browser, way, &commune, title, &folder).await;
    // It travels up: the province finds it with its pictures, takes it in, and shows it.
    let editor = province.hub.staff().await;
    editor.accept(title).await;
    eventually("the province shows all three pictures", async || {
        let shown = province.hub.visitor().get(&page).await.showing(title)?;
        match shown.body.matches("<img").count() {
            0..3 => Err(format!("{page} shows too few pictures")),
            _ => Ok(()),
        }
    })
    .await;

    let title = "Tỉnh rà soát hồ đập trước mùa mưa bão";
    passes_through_the_newsroom(&browser, way, &province.hub, title, &folder).await;
    commune.staff().await.finds_in_inbox(title).await;
    browser.closes().await;
}

/// Written by a contributor, sent back by an editor, mended, looked through, approved; the path of its page.
async fn passes_through_the_newsroom(
    browser: &Browser,
    way: Way,
    site: &Server,
    title: &str,
    folder: &TempDir,
) -> String {
    let role_of_editor = if site.is_hub() {
        "editor,hub_editor"
    } else {
        "editor"
    };
    let contributor = Person::of(browser, site, "contributor").await;
    let editor = Person::of(browser, site, role_of_editor).await;
    let approver = Person::of(browser, site, "approver").await;
    let draft = "[data-element=entries] h3 a";

    contributor.sits_down(browser, site, NEW).await;
    let hand = Hand::new(browser, way);
    hand.types("#title", title).await;
    hand.types(
        "#lead",
        "Hơn một trăm năm mươi công, mặt đường rộng thêm hai mét.",
    )
    .await;
    hand.types(".ProseMirror", "Sáng nay bà con ra đường từ sớm.")
        .await;
    let field = ".editor-bar input[type=file]";
    let opener = ".editor-bar [aria-label='Thêm ảnh']";
    hand.chooses_files(opener, field, &photographs(folder))
        .await;
    for (number, shown) in (1..).zip([
        "Bà con đào đất mở lề đường.",
        "Xe công nông chở cát lên dốc.",
        "Đoạn đường rộng sau buổi sáng.",
    ]) {
        hand.types(&format!("#anh-trong-bai-{number}"), shown).await;
    }
    hand.chooses("section", "kinh-te").await;
    pictures_are_sent(browser).await;
    hand.follows("button[value=submit]").await;
    reads(browser, "Đã gửi duyệt").await;
    let actions = hand.actions();
    assert!(actions <= MOST_FOR_AN_ARTICLE, "it took {actions} actions");
    println!("{way:?}: an article with three pictures in {actions} actions");

    let reason = "Ghi rõ mỗi làng góp bao nhiêu công.";
    editor.sits_down(browser, site, LIST).await;
    let hand = Hand::new(browser, way);
    hand.follows(draft).await;
    hand.follows("button[value=send_back]").await;
    hand.types("#reason", reason).await;
    hand.follows("[data-element=confirm] button[type=submit]")
        .await;

    contributor.sits_down(browser, site, "/quan-tri").await;
    let hand = Hand::new(browser, way);
    hand.follows("[data-element=recent] h3 a").await;
    reads(browser, reason).await;
    hand.types(".ProseMirror", " Mỗi làng góp năm mươi công.")
        .await;
    hand.follows("button[value=submit]").await;
    reads(browser, "Đã gửi duyệt").await;

    editor.sits_down(browser, site, LIST).await;
    let hand = Hand::new(browser, way);
    hand.follows(draft).await;
    hand.follows("button[value=propose]").await;
    reads(browser, "Đã trình duyệt").await;

    approver.sits_down(browser, site, LIST).await;
    let hand = Hand::new(browser, way);
    hand.follows(draft).await;
    hand.follows("button[value=publish]").await;
    hand.follows("[data-element=confirm] button[type=submit]")
        .await;
    reads(browser, "Đã đăng").await;

    let seen = site.visitor();
    let home = eventually("the first page shows it", async || {
        let home = seen.get("/").await.showing(title)?;
        home.link(title).ok_or_else(|| "no link".to_owned())
    })
    .await;
    browser.swaps_cookies(Vec::new()).await;
    browser.goes_to(&site.address(&home)).await;
    reads(browser, "Mỗi làng góp năm mươi công.").await;
    let described = "return [...document.querySelectorAll('article img')].filter((img) => img.alt && img.naturalWidth).length";
    eventually("its pictures are seen and described", async || {
        browser.ask("document.querySelectorAll('img').forEach((img) => { img.loading = 'eager'; }); return 1").await;
        match browser.ask(described).await.as_u64() {
            Some(3..) => Ok(()),
            seen => Err(format!("{seen:?}")),
        }
    })
    .await;
    home
}

async fn document(width: u32, way: Way) {
    let province = Province::found(Backend::Sqlite).await;
    let commune = province.commune("xã Kon Braih").await;
    let browser = Browser::open_wide(width).await;
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        (
            "184-QD-UBND.pdf",
            papers::pdf("Quyết định về phân công trực mùa mưa", ""),
        ),
        (
            "phu-luc.pdf",
            papers::pdf("Phụ lục: lịch trực của các thôn", ""),
        ),
    ]
    .map(|(name, bytes)| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("writes");
        path
    });
    for (site, number) in [
        (&commune.server, "184/QĐ-UBND"),
        (&province.hub, "2610/QĐ-UBND"),
    ] {
        // Somebody else approves where two people work; who may approve here writes for another.
        let person = Person::of(&browser, site, "approver").await;
        person.sits_down(&browser, site, "/quan-tri").await;
        let hand = Hand::new(&browser, way);
        hand.follows("a[href='/quan-tri/bai-viet/moi?loai=document']")
            .await;
        hand.types("#title", ABSTRACT).await;
        hand.types("#document_number", number).await;
        hand.chooses("document_type", "quyet-dinh").await;
        hand.types("#issued_on", "20/11/2026").await;
        hand.chooses_files("#file", "#file", &files).await;
        files_are_sent(&browser, 2).await;
        hand.chooses("section", "kinh-te").await;
        hand.follows("button[value=publish]").await;
        hand.follows("[data-element=confirm] button[type=submit]")
            .await;
        reads(&browser, "Đã đăng").await;
        let actions = hand.actions();
        assert!(actions <= MOST_FOR_A_DOCUMENT, "it took {actions} actions");
        println!("{way:?}: a document with two files in {actions} actions");
        let page = eventually("the list of documents shows it", async || {
            let list = site.visitor().get("/van-ban").await.showing(number)?;
            list.link(&format!("Quyết định: {ABSTRACT}"))
                .ok_or_else(|| "no link".to_owned())
        })
        .await;
        let page = site.visitor().get(&page).await;
        for name in ["184-QD-UBND.pdf", "phu-luc.pdf"] {
            page.must_say(name);
        }
    }
    browser.closes().await;
}

async fn reads(browser: &Browser, words: &str) {
    let text = browser.text().await;
    assert!(text.contains(words), "{words:?} is not in: {text}");
}

async fn pictures_are_sent(browser: &Browser) {
    let sent = "return document.querySelectorAll('.ProseMirror img[src^=\"/media/\"]').length";
    eventually("three pictures have arrived", async || {
        let sent = browser.ask(sent).await;
        if sent == 3 { Ok(()) } else { Err(sent) }
    })
    .await;
}

async fn files_are_sent(browser: &Browser, number: u64) {
    let sent = "return document.querySelectorAll('[data-element=file-fields] input[name=file_kept]').length";
    eventually("the files have arrived", async || {
        let sent = browser.ask(sent).await;
        if sent == number { Ok(()) } else { Err(sent) }
    })
    .await;
}

/// Three pictures, no two the same.
fn photographs(folder: &TempDir) -> Vec<PathBuf> {
    [40, 120, 210]
        .map(|shade| {
            let path = folder.path().join(format!("anh-{shade}.png"));
            std::fs::write(&path, shaded(shade)).expect("writes");
            path
        })
        .into()
}
