//! While a member is down, the province shows its pages in its name.

use reqwest::header::{ETAG, RETRY_AFTER, SET_COOKIE};
use tests::{Backend, Page, Province, Text, Visitor, eventually};

on_both_databases! {
    a_member_that_is_down_is_shown_by_the_province
    a_reader_notices_neither_the_fall_nor_the_return
}

/// What every answer of a stand-in says in its head.
const STAND_IN: &str = "lien-cong-stand-in";
/// What every page of a stand-in says at its top.
const NOTICE: &str = "đang tạm gián đoạn và được";

async fn a_member_that_is_down_is_shown_by_the_province(hub: Backend) {
    let province = Province::found(hub).await;
    let mut kon_braih = province.commune("xã Kon Braih").await;
    let dak_koi = province.commune("xã Đăk Kôi").await;
    let desk = kon_braih.staff().await;
    let article = Text {
        picture: Some("Bà con ra đồng"),
        ..Text::article("Xã Kon Braih vào vụ cà phê mới")
    };
    let article = desk.publish(&article).await;
    let notice = desk.publish(&Text::notice("Lịch tiếp dân tháng 12")).await;
    let mistake = desk.publish(&Text::article("Tin đăng nhầm của xã")).await;
    let other = Text::article("Đăk Kôi mở lớp xóa mù chữ");
    let other = dak_koi.staff().await.publish(&other).await;
    desk.withdraw(&mistake, "Đăng nhầm.").await;

    let editor = province.hub.staff().await;
    for title in [&article.title, &notice.title, &other.title] {
        editor.finds_in_inbox(title).await;
    }
    let base = kon_braih.base_url();
    let reader = province.hub.visitor_for(&base);
    eventually(
        "the province has its picture, and knows what was withdrawn",
        async || {
            let page = reader.get(&article.page).await.showing("/media/sha256/")?;
            match reader.get(&mistake.page).await.status {
                410 => Ok(()),
                other => Err(format!("{} and {other}", page.status)),
            }
        },
    )
    .await;
    let itself = kon_braih.visitor().get(&article.page).await;
    kon_braih.kill_9();

    // The same address, the same words, and who says them.
    let page = reader.get(&article.page).await;
    page.must_say(NOTICE);
    page.must_say(&article.title);
    page.must_say("Ủy ban nhân dân xã Kon Braih");
    page.must_say(&format!(
        "<link rel=\"canonical\" href=\"{}\"",
        kon_braih.address(&article.page)
    ));
    assert!(!page.says("Dành cho cán bộ"), "there is no desk to go to");
    assert!(page.headers.contains_key(STAND_IN));
    assert!(!itself.headers.contains_key(STAND_IN) && !itself.says(NOTICE));
    assert_ne!(
        page.headers[ETAG], itself.headers[ETAG],
        "caches tell them apart"
    );
    let picture = between(&page.body, "src=\"/media/", "\"").expect("a picture");
    assert_eq!(reader.get(&format!("/media/{picture}")).await.status, 200);

    for (path, says) in [
        ("/", &article.title),
        ("/tin-tuc", &article.title),
        ("/chuyen-muc/kinh-te", &article.title),
        ("/thong-bao", &notice.title),
        ("/tim-kiem?q=ca+phe", &article.page),
        ("/rss", &article.title),
        ("/atom", &article.title),
        ("/feed.json", &article.title),
        ("/chuyen-muc/kinh-te/atom", &article.title),
        ("/sitemap/1.xml", &article.page),
    ] {
        let page = reader.get(path).await;
        page.must_say(says);
        assert!(!page.says(&other.title), "{path} shows another unit's");
        assert!(
            !page.says(&mistake.title),
            "{path} shows what was withdrawn"
        );
    }
    let gone = reader.get(&mistake.page).await;
    assert!(
        gone.status == 410 && !gone.says(&mistake.title),
        "{}",
        gone.status
    );
    assert_eq!(reader.get(&other.page).await.status, 404);

    // Nobody gets in, and nothing is taken.
    for path in [
        "/quan-tri",
        "/quan-tri/dang-nhap",
        "/v1/openapi.json",
        "/atom/luu-tru/1",
    ] {
        held(&reader.get(path).await);
    }
    let form = province.hub.visitor().get("/quan-tri/dang-nhap").await;
    let form = form
        .form("sign-in")
        .with("username", "a")
        .with("password", "b");
    held(&reader.submit(form, "").await);

    // The province itself is what it was; a name that is nobody's is nobody's.
    let front = province.hub.visitor().get("/").await;
    assert!(front.status == 200 && !front.says(NOTICE));
    let nobody = "http://khong-co.example:8080".parse().expect("a URL");
    assert_eq!(province.hub.visitor_for(&nobody).get("/").await.status, 421);
    province.set_suspended(&kon_braih.id, true).await;
    assert_eq!(
        reader.get("/").await.status,
        421,
        "nobody speaks for it now"
    );
}

async fn a_reader_notices_neither_the_fall_nor_the_return(hub: Backend) {
    let province = Province::found(hub).await;
    let mut kon_braih = province.commune("xã Kon Braih").await;
    let article = Text::article("Xã Kon Braih trồng thêm năm trăm cây");
    let article = kon_braih.staff().await.publish(&article).await;
    province
        .hub
        .staff()
        .await
        .finds_in_inbox(&article.title)
        .await;
    let base = kon_braih.base_url();
    let led = Led {
        first: kon_braih.visitor(),
        otherwise: province.hub.visitor_for(&base),
    };

    assert!(!led.reads(&article.page, &article.title).await);
    kon_braih.kill_9();
    assert!(led.reads(&article.page, &article.title).await);
    // It comes back while somebody reads on and on.
    let returned = kon_braih.start();
    let reading = async {
        let mut times_stood_in = 0;
        while led.reads(&article.page, &article.title).await {
            times_stood_in += 1;
        }
        times_stood_in
    };
    let ((), times_stood_in) = tokio::join!(returned, reading);
    println!("the province answered {times_stood_in} times before the member did again");
    assert!(!led.reads(&article.page, &article.title).await);
    assert!(!led.reads("/", &article.title).await);
}

/// A reader behind a proxy that asks the member first, and the province if nobody answers.
struct Led {
    first: Visitor,
    otherwise: Visitor,
}

impl Led {
    /// Reads a page, which must say `text`, and tells whether the province answered.
    async fn reads(&self, path: &str, text: &str) -> bool {
        let page = match self.first.try_get(path).await {
            Ok(page) => page,
            Err(_) => self.otherwise.get(path).await,
        };
        page.must_say(text);
        let stands_in = page.headers.contains_key(STAND_IN);
        assert_eq!(page.says(NOTICE), stands_in);
        stands_in
    }
}

/// Asserts that a page says to come back, and remembers nobody.
#[track_caller]
fn held(page: &Page) {
    assert_eq!(page.status, 503, "{}", page.path);
    assert!(page.headers.contains_key(RETRY_AFTER), "{}", page.path);
    assert!(!page.headers.contains_key(SET_COOKIE), "{}", page.path);
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}
