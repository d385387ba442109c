//! Pages as a reader meets them: a real site, asked over its routes.

use crate::entries::{Mode, Placing, placement, record};
use crate::portal;
use crate::testing::press::{self, article, document, notice};
use crate::testing::{self, Answer, Setup, TestSite, ask, noon};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

pub(super) const HOST: &str = "konbraih.quangngai.example";
const PICTURE: &[u8] = b"the bytes of a picture";

pub(super) struct Reader {
    pub(super) site: TestSite,
    routes: Router,
}

/// A site with an empty front page, and somebody looking at it.
pub(super) async fn reader() -> Reader {
    let site = testing::site().await;
    let options = crate::server::HardenOptions {
        renderer: portal::renderer(&site),
        ..crate::server::HardenOptions::new([HOST])
    };
    let routes = portal::routes(&site, OpenApiRouter::new(), portal::Own::default());
    let routes = crate::server::harden(routes, options);
    Reader { site, routes }
}

/// A neighbouring commune.
pub(super) async fn neighbour() -> TestSite {
    Setup::default()
        .base_url("https://mangden.quangngai.example")
        .site()
        .await
}

impl Reader {
    pub(super) async fn open(&self, path: &str) -> Answer {
        self.open_with(path, &[]).await
    }

    pub(super) async fn open_with(
        &self,
        path: &str,
        headers: &[(header::HeaderName, &str)],
    ) -> Answer {
        let mut request = Request::get(path)
            .header(header::HOST, HOST)
            .header(header::ACCEPT, "text/html");
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        ask(
            &self.routes,
            request.body(Body::empty()).expect("a request"),
        )
        .await
    }

    /// Time passes, so that what is published next is newer.
    pub(super) fn later(&self) {
        self.site.clock.advance(Duration::from_secs(90));
    }

    pub(super) async fn path_of(&self, id: Uuid) -> String {
        let entry = record::find(self.site.db.reader(), id)
            .await
            .expect("reads");
        entry.expect("held").path()
    }
}

fn before(page: &str, first: &str, second: &str) -> bool {
    let place = |words: &str| {
        page.find(words)
            .unwrap_or_else(|| panic!("{words} is missing"))
    };
    place(first) < place(second)
}

#[tokio::test]
async fn the_front_page_shows_the_newest_first() {
    let reader = reader().await;
    let empty = reader.open("/").await;
    assert_eq!(empty.status, StatusCode::OK);
    assert!(empty.body.contains("Chưa có tin, bài nào được đăng."));

    for title in [
        "Làm đường thôn 9",
        "Trạm y tế tiêm vắc xin",
        "Chợ phiên cuối tuần",
    ] {
        article(title).publish(&reader.site).await;
        reader.later();
    }
    notice("Lịch cắt nước")
        .until(noon() + TimeDelta::days(2))
        .publish(&reader.site)
        .await;
    notice("Lịch đã qua")
        .until(noon() - TimeDelta::days(2))
        .publish(&reader.site)
        .await;
    document("184/QĐ-UBND", "Phê duyệt quy hoạch")
        .publish(&reader.site)
        .await;

    let page = reader.open("/").await.body;
    assert!(before(
        &page,
        "Chợ phiên cuối tuần</a></h2>",
        "Trạm y tế tiêm vắc xin</a>"
    ));
    assert!(before(
        &page,
        "Trạm y tế tiêm vắc xin</a>",
        "Làm đường thôn 9</a>"
    ));
    assert!(page.contains("Lịch cắt nước</a>"));
    assert!(
        !page.contains("Lịch đã qua"),
        "what has ended is no longer announced"
    );
    assert!(page.contains("Quyết định 184/QĐ-UBND"));
    assert!(page.contains("Ủy ban nhân dân xã Kon Braih"));
    assert!(
        !page.contains("data-element=\"shared-news\""),
        "nothing came from elsewhere"
    );
}

#[tokio::test]
async fn an_urgent_notice_stands_above_every_page_until_it_is_over() {
    let reader = reader().await;
    notice("Lũ quét trên sông Đăk Bla")
        .urgent()
        .publish(&reader.site)
        .await;
    for path in ["/", "/tin-tuc", "/khong-co"] {
        let page = reader.open(path).await.body;
        assert!(page.contains("data-element=\"urgent-notice\""), "{path}");
        assert!(page.contains("Lũ quét trên sông Đăk Bla"), "{path}");
    }
    reader.site.clock.set(noon() + TimeDelta::days(4));
    let page = reader.open("/").await.body;
    assert!(!page.contains("data-element=\"urgent-notice\""));
}

#[tokio::test]
async fn an_urgent_notice_that_was_closed_stays_so_until_it_says_something_new() {
    let reader = reader().await;
    let flood = || notice("Lũ quét trên sông Đăk Bla").urgent();
    let id = flood().publish(&reader.site).await;
    let page = reader.open("/tin-tuc").await.body;
    let close = format!("/hien-thi?dong-khan={}-1&amp;ve=", id.simple());
    assert!(page.contains(&close), "{page}");

    let address = format!("/hien-thi?dong-khan={}-1&ve=%2Ftin-tuc", id.simple());
    let closed = reader.open(&address).await;
    assert_eq!(closed.location(), "/tin-tuc");
    let cookie = closed.headers[header::SET_COOKIE].to_str().expect("ASCII");
    let cookie = cookie.split(';').next().expect("a cookie").to_owned();
    let shows = async || {
        let page = reader.open_with("/", &[(header::COOKIE, &cookie)]).await;
        page.body.contains("data-element=\"urgent-notice\"")
    };
    assert!(!shows().await);
    let own = reader.open(&reader.path_of(id).await).await;
    assert_eq!(own.status, StatusCode::OK, "it can still be read");

    flood().revise(&reader.site, id, 2).await;
    assert!(shows().await, "there is something new to know");
    for wrong in ["", "%0d%0aSet-Cookie:x", &"a".repeat(200)] {
        let answer = reader.open(&format!("/hien-thi?dong-khan={wrong}")).await;
        assert!(
            !answer.headers.contains_key(header::SET_COOKIE),
            "{wrong:?}"
        );
    }
}

#[tokio::test]
async fn a_section_lists_what_lies_in_it_and_below() {
    use crate::entries::section::{Section, put_all};
    let reader = reader().await;
    let section = |code: &str, parent: Option<&str>, name: &str| Section {
        code: code.to_owned(),
        parent: parent.map(str::to_owned),
        name: name.to_owned(),
        mandatory: false,
        in_menu: parent.is_none(),
        basis: None,
    };
    let sections = [
        section("tin-tuc", None, "Tin tức"),
        section("kinh-te", Some("tin-tuc"), "Kinh tế"),
        section("du-lich", Some("tin-tuc"), "Du lịch"),
        section("van-ban", None, "Văn bản"),
    ];
    reader
        .site
        .db
        .write(move |tx| Box::pin(async move { put_all(tx, &sections).await }))
        .await
        .expect("sections");
    article("Vào mùa cà phê")
        .section("kinh-te")
        .publish(&reader.site)
        .await;
    for number in 0..21 {
        reader.later();
        article(&format!("Tin số {number}"))
            .publish(&reader.site)
            .await;
    }

    let page = reader.open("/chuyen-muc/tin-tuc").await.body;
    assert!(page.contains("Tin số 20") && !page.contains("Vào mùa cà phê"));
    assert!(page.contains("Trang 1 / 2"));
    assert!(page.contains("Kinh tế <span class=\"num\">(1)</span>"));
    assert!(!page.contains("Du lịch"), "an empty section is not offered");
    let page = reader.open("/chuyen-muc/tin-tuc?trang=2").await.body;
    assert!(page.contains("Vào mùa cà phê") && page.contains("Trang 2 / 2"));
    let page = reader.open("/chuyen-muc/kinh-te").await.body;
    assert!(page.contains("Vào mùa cà phê") && !page.contains("Tin số"));
    assert!(before(
        &page,
        "<a href=\"/chuyen-muc/tin-tuc\">Tin tức</a>",
        "aria-current=\"page\">Kinh tế"
    ));

    for path in [
        "/chuyen-muc/khong-co",
        "/chuyen-muc/tin-tuc?trang=3",
        "/tin-tuc?trang=0",
    ] {
        assert_eq!(
            reader.open(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_article_is_read_at_its_address() {
    use crate::entries::MediaRole;
    let reader = reader().await;
    press::deliver(&reader.site, PICTURE, "image/jpeg", Some((960, 640))).await;
    article("Tin trước").publish(&reader.site).await;
    reader.later();
    let hex = crate::log::Digest::of(PICTURE).hex();
    let missing = "cd".repeat(32);
    let id = article("Khánh thành cầu treo Đăk Ruồng")
        .lead("Cầu dài 120 m nối hai thôn.")
        .body(&format!("<p>Sáng nay.</p><img src=\"/media/sha256/{hex}\" alt=\"Cầu mới\"><img src=\"/media/sha256/{missing}\" alt=\"Bà con\"><script>alert(1)</script>"))
        .with(MediaRole::Lead, PICTURE, "image/jpeg", &reader.site)
        .with(MediaRole::File, b"pdf", "application/pdf", &reader.site)
        .publish(&reader.site)
        .await;
    reader.later();
    article("Tin sau").publish(&reader.site).await;

    let path = reader.path_of(id).await;
    assert_eq!(
        path,
        format!("/bai-viet/khanh-thanh-cau-treo-dak-ruong-{}", id.simple())
    );
    let answer = reader.open(&path).await;
    assert_eq!(answer.status, StatusCode::OK);
    let page = answer.body;
    for part in [
        "<h1 data-element=\"article-title\">Khánh thành cầu treo Đăk Ruồng</h1>",
        "<title>Khánh thành cầu treo Đăk Ruồng – Tin tức – Trang thông tin điện tử xã Kon Braih</title>",
        "<meta name=\"description\" content=\"Cầu dài 120 m nối hai thôn.\">",
        &format!("<link rel=\"canonical\" href=\"https://{HOST}{path}\">"),
        &format!("<meta property=\"og:image\" content=\"https://{HOST}/media/sha256/{hex}\">"),
        "width=\"960\" height=\"640\" alt=\"Cầu treo\" fetchpriority=\"high\"",
        "alt=\"Cầu mới\" width=\"960\" height=\"640\" loading=\"lazy\"",
        "(Ảnh đang được tải về: Bà con)",
        "download=\"Kế hoạch.pdf\"",
        "<span>Bài trước</span>Tin trước",
        "<span>Bài sau</span>Tin sau",
        "\"@type\":\"NewsArticle\"",
        "\"datePublished\":\"2026-11-23T12:01:30+07:00\"",
    ] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
    assert!(!page.contains("alert(1)"));
    assert!(!page.contains("Cập nhật lúc"));
}

#[tokio::test]
async fn other_words_in_the_address_lead_to_the_right_ones() {
    let reader = reader().await;
    let id = article("Làm đường").publish(&reader.site).await;
    let old = reader.path_of(id).await;
    reader.later();
    article("Làm đường bê tông")
        .correcting("Dài 900 m, không phải 90 m.")
        .revise(&reader.site, id, 2)
        .await;

    let right = reader.path_of(id).await;
    assert_ne!(right, old);
    let bare = format!("/bai-viet/{}", id.simple());
    let other_kind = format!("/van-ban/x-{}", id.simple());
    for wrong in [&old, &bare, &other_kind] {
        let answer = reader.open(wrong).await;
        assert_eq!(answer.status, StatusCode::MOVED_PERMANENTLY, "{wrong}");
        assert_eq!(answer.location(), right);
    }
    let page = reader.open(&right).await.body;
    assert!(page.contains("Dài 900 m, không phải 90 m.") && page.contains("Cập nhật lúc"));

    for unknown in [
        "/bai-viet/lam-duong".to_owned(),
        format!("/bai-viet/x-{}", Uuid::now_v7().simple()),
    ] {
        assert_eq!(
            reader.open(&unknown).await.status,
            StatusCode::NOT_FOUND,
            "{unknown}"
        );
    }
}

#[tokio::test]
async fn what_was_withdrawn_says_so_and_nothing_of_what_it_said() {
    let reader = reader().await;
    let id = article("Danh sách có số điện thoại")
        .publish(&reader.site)
        .await;
    let path = reader.path_of(id).await;
    press::withdraw(&reader.site, id, 2).await;

    let answer = reader.open(&path).await;
    assert_eq!(answer.status, StatusCode::GONE);
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    assert!(answer.body.contains("Nội dung này đã được gỡ"));
    assert!(answer.body.contains("Xã Kon Braih đã gỡ nội dung này"));
    assert!(!answer.body.contains("Danh sách có số điện thoại"));
    for path in ["/", "/tin-tuc", "/tim-kiem?q=danh+sach", "/sitemap/1.xml"] {
        let page = reader.open(path).await.body;
        assert!(!page.contains(&id.simple().to_string()), "{path}");
    }
}

#[tokio::test]
async fn a_copy_names_its_origin_and_is_shown_only_where_it_was_accepted() {
    let reader = reader().await;
    let origin = neighbour().await;
    let id = article("Lễ hội hoa anh đào").publish(&origin).await;
    press::carry(&origin, &reader.site, id, Mode::Suggested).await;
    let path = reader.path_of(id).await;
    assert_eq!(
        reader.open(&path).await.status,
        StatusCode::NOT_FOUND,
        "it waits in the inbox"
    );

    let by = Uuid::now_v7();
    reader
        .site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let decision = placement::Decision {
                    placing: Placing::Shown,
                    by,
                    section: None,
                    title: None,
                    lead: Some("Xã bạn mời bà con đến chơi.".to_owned()),
                    featured: false,
                    reason: None,
                };
                placement::decide(tx, id, decision, 0).await
            })
        })
        .await
        .expect("decided");
    let page = reader.open(&path).await.body;
    let original = format!("https://mangden.quangngai.example{path}");
    assert!(page.contains(&format!("<link rel=\"canonical\" href=\"{original}\">")));
    assert!(page.contains(&format!("href=\"{original}\">xem bản gốc</a>")));
    assert!(page.contains("Xã bạn mời bà con đến chơi."));
    assert!(page.contains(&format!("\"isBasedOn\":\"{original}\"")));
    assert!(page.contains(&format!("<meta name=\"DC.source\" content=\"{original}\">")));
    let sitemap = reader.open("/sitemap/1.xml").await.body;
    assert!(!sitemap.contains(&path), "its origin lists it");
    assert!(
        reader
            .open("/")
            .await
            .body
            .contains("data-element=\"source-unit\"")
    );
}

#[tokio::test]
async fn searching_forgives_marks_and_narrows_by_kind() {
    let reader = reader().await;
    article("Chợ phiên Kon Rẫy mở lại")
        .lead("Hoà giải ở cơ sở")
        .publish(&reader.site)
        .await;
    article("Tin khác")
        .body("<p>Bà con Kon Rẫy vào vụ.</p>")
        .publish(&reader.site)
        .await;
    document("12/KH-UBND", "Kế hoạch chợ Kon Rẫy")
        .publish(&reader.site)
        .await;

    let page = reader.open("/tim-kiem?q=kon+ray").await.body;
    assert!(page.contains("Có <strong>3</strong> kết quả"));
    assert!(page.contains("Chợ phiên <mark>Kon Rẫy</mark> mở lại"));
    assert!(page.contains("Bà con <mark>Kon Rẫy</mark> vào vụ."));
    assert!(page.contains("Văn bản <span class=\"num\">(1)</span>"));
    assert!(page.contains("<meta name=\"robots\" content=\"noindex\">"));

    let page = reader
        .open("/tim-kiem?q=KON+R%E1%BA%AAY&loai=van-ban")
        .await
        .body;
    assert!(page.contains("Kế hoạch chợ <mark>Kon Rẫy</mark>") && !page.contains("Chợ phiên"));
    assert!(
        reader
            .open("/tim-kiem?q=12/KH-UBND")
            .await
            .body
            .contains("Kế hoạch chợ")
    );
    assert!(
        reader
            .open("/tim-kiem?q=h%C3%B2a")
            .await
            .body
            .contains("<mark>Hoà</mark> giải")
    );

    reader.later();
    article("Ngôi nhà có sân rộng").publish(&reader.site).await;
    reader.site.clock.set(noon() - TimeDelta::days(1));
    article("Phục dựng nhà sàn").publish(&reader.site).await;
    let page = reader.open("/tim-kiem?q=nha+san").await.body;
    assert!(
        before(&page, "Phục dựng", "Ngôi"),
        "words together count for more than news"
    );

    let page = reader.open("/tim-kiem?q=kon+ray+xyz").await.body;
    assert!(page.contains("Không có kết quả nào"));
    assert!(page.contains("<a class=\"text-link\" href=\"/tim-kiem?q=kon+ray\">kon ray</a>"));
    let page = reader.open("/tim-kiem?q=%3Cscript%3E%22+OR+1").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("<script>\""));
    assert_eq!(reader.open("/tim-kiem").await.status, StatusCode::OK);
}

#[tokio::test]
async fn results_are_narrowed_by_a_form_that_needs_no_script() {
    let reader = reader().await;
    reader.site.clock.set(noon() - TimeDelta::days(40));
    article("Chợ phiên tháng trước").publish(&reader.site).await;
    reader.site.clock.set(noon());
    article("Chợ phiên tuần này").publish(&reader.site).await;
    document("12/KH-UBND", "Kế hoạch chợ phiên")
        .publish(&reader.site)
        .await;

    let page = reader.open("/tim-kiem?q=cho+phien").await.body;
    assert!(page.contains("<details class=\"narrow\">"));
    assert!(page.contains("<option value=\"van-ban\">Văn bản</option>"));
    assert!(!page.contains("name=\"don-vi\""), "one unit is no choice");

    let page = reader
        .open("/tim-kiem?q=cho+phien&muc=van-ban&don-vi=&tu=&den=")
        .await
        .body;
    assert!(page.contains("<details class=\"narrow\" open>"));
    assert!(page.contains("Có <strong>1</strong> kết quả"));
    assert!(page.contains("href=\"/tim-kiem?q=cho+phien\">Bỏ lọc</a>"));

    let page = reader
        .open("/tim-kiem?q=cho+phien&tu=2026-11-23&den=2026-11-23")
        .await
        .body;
    assert!(page.contains("Có <strong>2</strong> kết quả"));
    assert!(page.contains("value=\"2026-11-23\""));
    // What was chosen stays when a kind is chosen beside it.
    assert!(
        page.contains(
            "/tim-kiem?q=cho+phien&#38;loai=van-ban&#38;tu=2026-11-23&#38;den=2026-11-23"
        )
    );

    let page = reader
        .open("/tim-kiem?q=cho+phien&den=01/01/2026")
        .await
        .body;
    assert!(page.contains("Không có kết quả nào"));
    assert!(page.contains("bỏ các điều kiện lọc"));
}

#[tokio::test]
async fn results_are_narrowed_to_the_unit_that_wrote_them() {
    let reader = reader().await;
    let origin = neighbour().await;
    press::introduce(&origin, &reader.site).await;
    article("Chợ phiên xã nhà").publish(&reader.site).await;
    let copy = article("Chợ phiên xã bạn").publish(&origin).await;
    let waits = article("Chợ phiên chờ duyệt").publish(&origin).await;
    press::carry(&origin, &reader.site, copy, Mode::Mandatory).await;
    press::carry(&origin, &reader.site, waits, Mode::Suggested).await;

    let page = reader.open("/tim-kiem?q=cho+phien").await.body;
    assert!(page.contains("Có <strong>2</strong> kết quả"));
    let unit = origin.unit_id;
    assert!(page.contains(&format!("<option value=\"{unit}\">")));
    let page = reader
        .open(&format!("/tim-kiem?q=cho+phien&don-vi={unit}"))
        .await
        .body;
    assert!(page.contains("Có <strong>1</strong> kết quả"));
    assert!(page.contains("xã bạn") && !page.contains("chờ duyệt"));
    assert!(page.contains(&format!("<option value=\"{unit}\" selected>")));
}

#[tokio::test]
async fn a_slip_is_undone_and_the_whole_province_is_a_click_away() {
    let reader = reader().await;
    article("Thông báo lịch tiêm").publish(&reader.site).await;
    let page = reader.open("/tim-kiem?q=thogn+bao").await.body;
    assert!(page.contains("Không có kết quả nào cho <strong>thogn bao</strong>"));
    assert!(page.contains("Ý bạn là <a class=\"text-link\" href=\"/tim-kiem?q=thong+bao\">"));
    assert!(page.contains("<mark>Thông báo</mark> lịch tiêm"));
    assert!(page.contains("<a href=\"/tim-kiem?q=thogn+bao\" aria-current=\"true\">Trang này</a>"));
    assert!(
        page.contains("<a href=\"https://quangngai.example/tim-kiem?q=thogn+bao\">Toàn tỉnh</a>")
    );
    let page = reader.open("/tim-kiem?q=khong+co+gi").await.body;
    assert!(page.contains("tìm trong toàn tỉnh</a>"));
}

#[tokio::test]
async fn a_page_that_has_not_changed_is_not_sent_again() {
    let reader = reader().await;
    let first = reader.open("/").await;
    let tag = first.headers[header::ETAG]
        .to_str()
        .expect("ASCII")
        .to_owned();
    assert!(tag.starts_with('"'));
    assert_eq!(
        first.headers[header::CACHE_CONTROL],
        "public, max-age=0, must-revalidate"
    );

    let again = reader
        .open_with("/", &[(header::IF_NONE_MATCH, &tag)])
        .await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert!(again.body.is_empty());
    let other_size = [
        (header::IF_NONE_MATCH, tag.as_str()),
        (header::COOKIE, "co=5"),
    ];
    assert_eq!(
        reader.open_with("/", &other_size).await.status,
        StatusCode::OK
    );

    article("Tin mới").publish(&reader.site).await;
    let changed = reader
        .open_with("/", &[(header::IF_NONE_MATCH, &tag)])
        .await;
    assert_eq!(changed.status, StatusCode::OK);
    assert!(changed.body.contains("Tin mới"));
}

#[tokio::test]
async fn size_and_contrast_are_remembered_without_script() {
    let reader = reader().await;
    let answer = reader
        .open("/hien-thi?co=4&ve=%2Ftin-tuc%3Ftrang%3D2")
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/tin-tuc?trang=2");
    let cookie = answer.headers[header::SET_COOKIE].to_str().expect("ASCII");
    assert!(
        cookie.starts_with("co=4; Path=/; Max-Age=31536000; SameSite=Lax"),
        "{cookie}"
    );
    let answer = reader
        .open("/hien-thi?tuong-phan=cao&ve=//evil.example")
        .await;
    assert_eq!(answer.location(), "/");

    let cookies = [(header::COOKIE, "co=4; tuong-phan=cao")];
    for path in ["/", "/khong-co", "/hien-thi"] {
        let page = reader.open_with(path, &cookies).await.body;
        assert!(
            page.contains("<html lang=\"vi\" data-co=\"4\" data-tuong-phan=\"cao\">"),
            "{path}"
        );
    }
    let page = reader
        .open_with("/", &[(header::COOKIE, "co=9; tuong-phan=x")])
        .await
        .body;
    assert!(page.contains("<html lang=\"vi\" data-co=\"2\">"));
    assert_eq!(reader.open("/hien-thi?co=9").await.status, StatusCode::OK);
}

#[tokio::test]
async fn search_engines_find_what_was_born_here() {
    let reader = reader().await;
    let id = article("Làm đường").publish(&reader.site).await;
    let robots = reader.open("/robots.txt").await.body;
    assert!(robots.contains(&format!("Sitemap: https://{HOST}/sitemap.xml")));
    assert!(robots.contains("Disallow: /quan-tri"));
    let index = reader.open("/sitemap.xml").await;
    assert_eq!(
        index.headers[header::CONTENT_TYPE],
        "application/xml; charset=utf-8"
    );
    assert!(
        index
            .body
            .contains(&format!("<loc>https://{HOST}/sitemap/1.xml</loc>"))
    );
    let entries = reader.open("/sitemap/1.xml").await.body;
    let path = reader.path_of(id).await;
    assert!(entries.contains(&format!(
        "<url><loc>https://{HOST}{path}</loc><lastmod>2026-11-23T12:00:00+07:00</lastmod></url>"
    )));
    let lists = reader.open("/sitemap/0.xml").await.body;
    assert!(lists.contains("/chuyen-muc/tin-tuc<") && !lists.contains("/chuyen-muc/van-ban<"));
    assert_eq!(
        reader.open("/sitemap/-1.xml").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_the_address_of_their_version() {
    use super::assets;
    let reader = reader().await;
    let style = reader.open(&assets::asset("site.css")).await;
    assert_eq!(style.status, StatusCode::OK);
    assert!(
        style.headers[header::CONTENT_TYPE]
            .to_str()
            .expect("ASCII")
            .starts_with("text/css")
    );
    assert_eq!(
        style.headers[header::CACHE_CONTROL],
        "public, max-age=31536000, immutable"
    );
    let old = reader.open("/tai-nguyen/cu/site.css").await;
    assert_eq!(old.headers[header::CACHE_CONTROL], "no-cache");
    assert_eq!(
        reader.open("/tai-nguyen/cu/khong-co.css").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        reader.open("/favicon.ico").await.headers[header::CONTENT_TYPE],
        "image/svg+xml; charset=utf-8"
    );
}

#[tokio::test]
async fn errors_have_the_look_of_the_site() {
    let reader = reader().await;
    let answer = reader.open("/khong-co").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    for part in [
        "<p class=\"code\">Mã 404</p>",
        "Không tìm thấy trang",
        "data-element=\"main-menu\"",
        "<a href=\"/chuyen-muc/tin-tuc\">Tin tức</a>",
        "Ủy ban nhân dân xã Kon Braih",
    ] {
        assert!(answer.body.contains(part), "{part}");
    }
    let post = Request::post("/tin-tuc")
        .header(header::HOST, HOST)
        .header("sec-fetch-site", "same-origin")
        .body(Body::empty());
    let answer = ask(&reader.routes, post.expect("a request")).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.body.contains("Không mở được trang theo cách này"));
}

#[tokio::test]
async fn when_the_database_is_gone_the_page_says_so_without_it() {
    let reader = reader().await;
    reader.site.db.clone().close().await.expect("closes");
    let answer = reader.open("/").await;
    assert!(answer.status.is_server_error());
    assert!(answer.body.contains("data-element=\"error\""));
    assert!(answer.body.contains("Trang thông tin điện tử xã Kon Braih"));
}

#[tokio::test]
async fn no_page_has_script_or_style_of_its_own() {
    let reader = reader().await;
    let article = article("Làm đường").publish(&reader.site).await;
    let document = document("1/QĐ-UBND", "Quy hoạch")
        .publish(&reader.site)
        .await;
    let withdrawn = notice("Nhầm").publish(&reader.site).await;
    press::withdraw(&reader.site, withdrawn, 2).await;
    let paths = [
        "/".to_owned(),
        "/tin-tuc".to_owned(),
        "/van-ban".to_owned(),
        "/thong-bao".to_owned(),
        "/chuyen-muc/van-ban".to_owned(),
        "/tim-kiem?q=lam".to_owned(),
        "/hien-thi".to_owned(),
        "/khong-co".to_owned(),
        reader.path_of(article).await,
        reader.path_of(document).await,
        format!("/thong-bao/nham-{}", withdrawn.simple()),
    ];
    for path in paths {
        let page = reader.open(&path).await.body;
        assert!(page.contains("</html>"), "{path}");
        for script in page.split("<script").skip(1) {
            assert!(
                script.starts_with(" src=\"/tai-nguyen/")
                    || script.starts_with(" type=\"application/ld+json\""),
                "{path}: {script}"
            );
        }
        for trace in [
            "<style",
            " style=\"",
            " onclick=",
            " onload=",
            "javascript:",
        ] {
            assert!(!page.contains(trace), "{path} has {trace}");
        }
    }
}

#[tokio::test]
async fn a_document_that_was_replaced_says_so_and_leaves_what_holds() {
    let reader = reader().await;
    let old = document("12/QĐ-UBND", "Quy chế trực ban")
        .holding_from("2026-01-02")
        .publish(&reader.site)
        .await;
    reader.later();
    let new = document("184/QĐ-UBND", "Quy chế trực ban sửa đổi")
        .holding_from("2026-02-02")
        .replacing("12/qđ-ubnd")
        .publish(&reader.site)
        .await;
    let page = reader.open(&reader.path_of(old).await).await;
    assert!(page.body.contains("Bị thay thế bởi"), "{}", page.body);
    assert!(page.body.contains("Hết hiệu lực từ 02/02/2026"));
    assert!(page.body.contains(&reader.path_of(new).await));
    let page = reader.open(&reader.path_of(new).await).await;
    assert!(page.body.contains("Thay thế") && page.body.contains("Còn hiệu lực"));
    assert!(page.body.contains(&reader.path_of(old).await));

    for (question, old_is_there, new_is_there) in [
        ("", true, true),
        ("?hieu-luc=con", false, true),
        ("?hieu-luc=het", true, false),
        ("?q=184%2Fqd-ubnd", false, true),
        ("?q=truc+ban", true, true),
        ("?nam=1970", true, true),
        ("?nam=2020", false, false),
        ("?loai=Quy%E1%BA%BFt+%C4%91%E1%BB%8Bnh", true, true),
        ("?loai=C%C3%B4ng+v%C4%83n", false, false),
    ] {
        let list = reader.open(&format!("/van-ban{question}")).await;
        assert_eq!(list.status, StatusCode::OK, "{question}");
        let shows = |number: &str| list.body.contains(&format!("doc-number\">{number}"));
        assert_eq!(shows("12/QĐ-UBND"), old_is_there, "{question}");
        assert_eq!(shows("184/QĐ-UBND"), new_is_there, "{question}");
    }
    let beyond = reader.open("/van-ban?trang=2").await;
    assert_eq!(beyond.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nobody_ends_anothers_document_by_saying_so() {
    let reader = reader().await;
    let neighbour = neighbour().await;
    let ours = document("12/QĐ-UBND", "Quy chế trực ban")
        .holding_from("2026-01-02")
        .publish(&reader.site)
        .await;
    let theirs = document("99/QĐ-UBND", "Bãi bỏ của nơi khác")
        .holding_from("2026-02-02")
        .replacing("12/QĐ-UBND")
        .publish(&neighbour)
        .await;
    press::carry(&neighbour, &reader.site, theirs, Mode::Mandatory).await;
    let page = reader.open(&reader.path_of(ours).await).await;
    assert!(page.body.contains("Còn hiệu lực"), "{}", page.body);
    assert!(!page.body.contains("Bị thay thế"));
}

#[tokio::test]
async fn a_week_is_shown_by_its_days_and_other_weeks_are_a_link_away() {
    let reader = reader().await;
    let id = press::week("2026-11-23", "Giao ban đầu tuần")
        .publish(&reader.site)
        .await;
    let page = reader.open("/lich-cong-tac?tuan=2026-11-25").await;
    assert!(
        page.body
            .contains("Lịch công tác tuần 48 (từ 23/11 đến 29/11)")
    );
    assert!(page.body.contains("Thứ Hai, 23/11/2026"), "{}", page.body);
    assert!(page.body.contains("Giao ban đầu tuần"));
    let other = reader.open("/lich-cong-tac?tuan=2026-12-02").await;
    assert!(!other.body.contains("Giao ban đầu tuần"));
    assert!(
        other.body.contains("Tuần 48 (từ 23/11 đến 29/11)"),
        "among the other weeks"
    );
    let own = reader.open(&reader.path_of(id).await).await;
    assert!(own.body.contains("Giao ban đầu tuần"));
    // One is led through the weeks as far as there is anything, and to the next one.
    press::week("2026-11-01", "Tiếp công dân")
        .publish(&reader.site)
        .await;
    for (shown, previous, next) in [
        ("2026-10-26", None, Some("2026-11-02")),
        ("2026-11-16", Some("2026-11-09"), Some("2026-11-23")),
        ("2026-11-30", Some("2026-11-23"), None),
        ("2031-01-06", Some("2026-11-30"), None),
        ("1999-01-04", None, Some("2026-10-26")),
    ] {
        let page = reader.open(&format!("/lich-cong-tac?tuan={shown}")).await;
        for (rel, monday) in [("prev", previous), ("next", next)] {
            let (_, to) = page.body.split_once(&format!("rel=\"{rel}\"")).unzip();
            let to = to.and_then(|to| to.split_once("?tuan=")?.1.get(..10));
            assert_eq!(to, monday, "{rel} of {shown}");
        }
    }
    for wrong in ["?tuan=mai", "?tuan=2026-13-01", "?tuan=99999-01-01"] {
        let page = reader.open(&format!("/lich-cong-tac{wrong}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{wrong}");
    }
}

#[tokio::test]
async fn telephones_follow_the_appointments_and_what_is_taken_back_is_gone() {
    let reader = reader().await;
    let neighbour = neighbour().await;
    let old = press::week("2026-09-07", "Đã lâu rồi");
    old.publish(&reader.site).await;
    let id = press::week("2026-11-23", "Giao ban đầu tuần")
        .publish(&reader.site)
        .await;
    let theirs = press::week("2026-11-30", "Hội nghị toàn tỉnh")
        .publish(&neighbour)
        .await;
    press::carry(&neighbour, &reader.site, theirs, Mode::Mandatory).await;

    let answer = reader.open("/lich-cong-tac.ics").await;
    assert_eq!(
        answer.headers[header::CONTENT_TYPE],
        "text/calendar; charset=utf-8"
    );
    let text = answer.body.replace("\r\n ", "");
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
    assert!(text.contains("SUMMARY:Giao ban đầu tuần\r\n"), "{text}");
    assert!(text.contains("DTSTART:20261123T003000Z\r\n"), "{text}");
    assert!(text.contains("SUMMARY:Hội nghị toàn tỉnh"), "{text}");
    assert!(!text.contains("Đã lâu rồi"));
    let ids = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("UID:"));
        lines.map(str::to_owned).collect()
    };
    let before = ids(&text);
    assert_eq!(before.len(), 2);

    press::week("2026-11-23", "Giao ban đầu tuần")
        .revise(&reader.site, id, 2)
        .await;
    let text = reader
        .open("/lich-cong-tac.ics")
        .await
        .body
        .replace("\r\n ", "");
    assert_eq!(ids(&text), before, "a telephone knows it again");
    press::withdraw(&reader.site, id, 3).await;
    let text = reader.open("/lich-cong-tac.ics").await.body;
    assert!(!text.contains("Giao ban đầu tuần"));
}

#[tokio::test]
async fn what_is_open_to_comment_stands_above_what_is_over() {
    let reader = reader().await;
    let today = crate::vietnamese::local(reader.site.clock.now()).date_naive();
    let day = |days| (today + TimeDelta::days(days)).to_string();
    press::consultation("Dự thảo đã xong", &day(-1))
        .publish(&reader.site)
        .await;
    press::consultation("Dự thảo còn lâu", &day(30))
        .publish(&reader.site)
        .await;
    let soon = press::consultation("Dự thảo sắp hết", &day(2))
        .publish(&reader.site)
        .await;
    let list = reader.open("/du-thao").await;
    assert!(before(&list.body, "Dự thảo sắp hết", "Dự thảo còn lâu"));
    assert!(before(&list.body, "Dự thảo còn lâu", "Đã đóng"));
    assert!(before(&list.body, "Đã đóng", "Dự thảo đã xong"));
    let path = reader.path_of(soon).await;
    assert!(path.starts_with("/du-thao/"));
    let page = reader.open(&path).await;
    assert!(page.body.contains("Đang mở, còn 2 ngày"), "{}", page.body);
}

#[tokio::test]
async fn questions_are_listed_found_by_their_own_words_and_told_apart_from_their_answers() {
    let reader = reader().await;
    let empty = reader.open("/hoi-dap").await;
    assert_eq!(empty.status, StatusCode::OK);
    assert!(
        empty.body.contains("data-element=\"empty\""),
        "{}",
        empty.body
    );
    assert!(empty.body.contains("Tìm trong các câu đã trả lời</label>"));

    let land = press::question(
        "Đất khai hoang có được cấp sổ đỏ không?",
        "Gia đình tôi khai hoang rẫy <ở> thôn 5 từ năm 1992.\n\nNộp hồ sơ ở đâu?",
        "Nộp tại Trung tâm Phục vụ hành chính công xã.",
    )
    .publish(&reader.site)
    .await;
    reader.later();
    press::question(
        "Sinh con muộn khai sinh có bị phạt không?",
        "Cháu tôi đã hai tháng tuổi.",
        "Không bị phạt.",
    )
    .publish(&reader.site)
    .await;

    let list = reader.open("/hoi-dap").await.body;
    assert!(before(&list, "Sinh con muộn", "Đất khai hoang"));
    assert!(
        list.contains("Phòng Kinh tế xã Kon Braih trả lời"),
        "{list}"
    );

    // By words of the question, and by words of the answer.
    for words in ["ray+thon+5", "phuc+vu+hanh+chinh+cong"] {
        let found = reader.open(&format!("/hoi-dap?q={words}")).await.body;
        assert!(found.contains("Có <strong>1</strong> câu khớp"), "{found}");
        assert!(found.contains("Đất khai hoang có được cấp"), "{found}");
        let found = reader.open(&format!("/tim-kiem?q={words}")).await.body;
        assert!(found.contains("Đất khai hoang có được cấp"), "{found}");
    }
    let none = reader.open("/hoi-dap?q=may+bay").await.body;
    assert!(none.contains("Không có câu nào khớp"), "{none}");
    assert!(none.contains("/tim-kiem?q=may%20bay"), "{none}");
    assert_eq!(
        reader.open("/hoi-dap?trang=2").await.status,
        StatusCode::NOT_FOUND
    );

    let path = reader.path_of(land).await;
    assert!(path.starts_with("/hoi-dap/"), "{path}");
    let page = reader.open(&path).await.body;
    assert!(page.contains("data-element=\"question\""), "{page}");
    assert!(page.contains("rẫy &#60;ở&#62; thôn 5"), "{page}");
    assert!(before(&page, "Nộp hồ sơ ở đâu?</p>", "id=\"tra-loi\""));
    assert!(before(&page, "id=\"tra-loi\"", "<p>Nộp tại Trung tâm"));
    assert!(page.contains("Trả lời ngày <time datetime=\"2026-11-20\">20/11/2026</time>"));
    assert!(
        page.contains("\"QAPage\"") && page.contains("\"acceptedAnswer\""),
        "{page}"
    );
    assert!(page.contains("<meta name=\"description\" content=\"Gia đình tôi khai hoang rẫy"));

    // Readers of feeds are shown what was asked, too.
    let feed = reader.open("/rss").await.body;
    assert!(feed.contains("Nộp hồ sơ ở đâu?"), "{feed}");
}

#[tokio::test]
async fn albums_and_videos_stand_in_the_library_and_nothing_is_asked_of_others() {
    let reader = reader().await;
    let album = press::album("Ảnh cầu treo", PICTURE, &reader.site)
        .publish(&reader.site)
        .await;
    let video = press::video("Video cầu treo", "LienCongDem")
        .publish(&reader.site)
        .await;
    press::deliver(&reader.site, PICTURE, "image/jpeg", Some((960, 640))).await;
    let path = reader.path_of(album).await;
    assert!(path.starts_with("/thu-vien/anh/"), "{path}");
    let page = reader.open(&path).await;
    assert!(
        page.body.contains("data-element=\"album\""),
        "{}",
        page.body
    );
    let page = reader.open(&reader.path_of(video).await).await;
    assert!(
        page.body
            .contains("https://www.youtube.com/watch?v=LienCongDem")
    );
    assert!(!page.body.contains("<iframe"));
    for (list, title) in [
        ("/thu-vien", "Ảnh cầu treo"),
        ("/thu-vien/anh", "Ảnh cầu treo"),
        ("/thu-vien/video", "Video cầu treo"),
    ] {
        let page = reader.open(list).await;
        assert!(page.body.contains(title), "{list}");
    }
}

#[tokio::test]
async fn a_notice_that_is_over_leaves_the_lists_and_is_found_among_those_that_are() {
    let reader = reader().await;
    let end = reader.site.clock.now() + TimeDelta::hours(1);
    notice("Cắt điện sáng mai")
        .until(end)
        .publish(&reader.site)
        .await;
    let lists = async |path: &str| reader.open(path).await.body.contains("Cắt điện sáng mai");
    assert!(lists("/thong-bao").await && lists("/chuyen-muc/tin-tuc").await);
    reader.site.clock.advance(Duration::from_secs(7_200));
    assert!(!lists("/thong-bao").await && !lists("/chuyen-muc/tin-tuc").await);
    assert!(lists("/thong-bao?het-han=1").await);
}

#[tokio::test]
async fn a_telephone_is_told_what_it_may_go_on_keeping() {
    let reader = reader().await;
    let shown = article("Lịch tiêm chủng").publish(&reader.site).await;
    let taken_back = article("Danh sách đăng nhầm").publish(&reader.site).await;
    let unknown = Uuid::from_u128(7);
    let asked = |ids: &[Uuid]| {
        let ids: Vec<_> = ids.iter().map(|id| id.simple().to_string()).collect();
        format!("/ban-luu?bai={}", ids.join("."))
    };
    let all = asked(&[shown, taken_back, unknown]);
    let answer = reader.open(&all).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    for (id, is_told) in [(shown, true), (taken_back, true), (unknown, false)] {
        assert_eq!(answer.body.contains(&id.simple().to_string()), is_told);
    }
    press::withdraw(&reader.site, taken_back, 2).await;
    let answer = reader.open(&all).await;
    assert_eq!(
        answer.body,
        format!("{{\"shown\":[\"{}\"]}}", shown.simple())
    );

    let many = asked(&[shown; 101]);
    for malformed in ["/ban-luu", "/ban-luu?bai=", "/ban-luu?bai=x.y", &many] {
        let answer = reader.open(malformed).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{malformed:.40}"
        );
    }
}

#[tokio::test]
async fn a_site_can_be_put_on_the_screen_of_a_telephone() {
    let reader = reader().await;
    let front = reader.open("/").await;
    assert!(
        front
            .body
            .contains("<link rel=\"manifest\" href=\"/manifest.webmanifest\">")
    );
    assert!(
        front.headers["content-security-policy"]
            .to_str()
            .is_ok_and(|it| it.contains("manifest-src 'self'"))
    );
    let manifest = reader.open("/manifest.webmanifest").await;
    assert_eq!(
        manifest.headers["content-type"],
        "application/manifest+json"
    );
    let manifest: serde_json::Value = serde_json::from_str(&manifest.body).expect("JSON");
    assert_eq!(manifest["short_name"], reader.site.profile.unit_name);
    for icon in manifest["icons"].as_array().expect("icons") {
        let icon = reader.open(icon["src"].as_str().expect("an address")).await;
        assert_eq!(icon.headers["content-type"], "image/svg+xml; charset=utf-8");
    }
    let worker = reader.open("/ngoai-tuyen.js").await;
    assert_eq!(
        worker.headers["content-type"],
        "text/javascript; charset=utf-8"
    );
    assert_eq!(worker.headers["cache-control"], "no-cache");
    let page = reader.open("/ngoai-tuyen").await;
    assert!(page.body.contains("data-element=\"kept-pages\""));
}

#[tokio::test]
async fn an_entry_bears_dublin_core_and_the_language_of_its_text() {
    let reader = reader().await;
    let id = article("Chợ phiên & lễ hội").publish(&reader.site).await;
    let page = reader.open(&reader.path_of(id).await).await.body;
    for said in [
        "<link rel=\"schema.DC\" href=\"http://purl.org/dc/elements/1.1/\">",
        "<meta name=\"DC.title\" content=\"Chợ phiên &#38; lễ hội\">",
        "<meta name=\"DC.publisher\" content=\"Ủy ban nhân dân xã Kon Braih\">",
        "<meta name=\"DC.language\" content=\"vi\">",
        "<meta name=\"DCTERMS.issued\" content=\"",
        "<meta name=\"DC.identifier\" content=\"https://konbraih.quangngai.example/bai-viet/cho-phien-le-hoi-",
    ] {
        assert!(page.contains(said), "{said}");
    }
    assert!(!page.contains("DC.source"), "it was born here");
    assert!(!reader.open("/").await.body.contains("DC.title"));
}

#[tokio::test]
async fn a_page_without_a_picture_is_shared_with_its_title_drawn() {
    let reader = reader().await;
    let id = article("Lịch tiêm chủng tháng 12")
        .publish(&reader.site)
        .await;
    let drawn = format!("/anh-chia-se/{}.jpg", id.simple());
    let page = reader.open(&reader.path_of(id).await).await.body;
    assert!(page.contains(&format!(
        "<meta property=\"og:image\" content=\"https://{HOST}{drawn}\">"
    )));
    let front = reader.open("/").await.body;
    assert!(front.contains(&format!("https://{HOST}/anh-chia-se/trang.jpg")));
    for path in [drawn.as_str(), "/anh-chia-se/trang.jpg"] {
        let picture = reader.open(path).await;
        assert_eq!(picture.status, StatusCode::OK, "{path}");
        assert_eq!(picture.headers[header::CONTENT_TYPE], "image/jpeg");
    }
    press::withdraw(&reader.site, id, 2).await;
    assert_eq!(reader.open(&drawn).await.status, StatusCode::NOT_FOUND);
    for path in ["/anh-chia-se/trang", "/anh-chia-se/x.jpg"] {
        assert_eq!(reader.open(path).await.status, StatusCode::NOT_FOUND);
    }
}
