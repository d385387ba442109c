//! What is not an article travels like one: documents that end each other, albums, weeks.

use tests::newsroom::png;
use tests::{Backend, Page, Province, Server, Staff, Text, Written, eventually, visitor};

on_both_databases! {
    documents_and_weeks_reach_the_province_and_a_neighbour_and_are_mended_there
    an_album_reaches_the_province_and_a_neighbour_and_is_taken_back_there
    an_answered_question_is_found_everywhere_by_what_was_asked_and_is_taken_back
    what_arrives_in_a_chosen_section_is_taken_and_the_provinces_lists_travel_down
}

const ISSUER: &str = "Ủy ban nhân dân xã Kon Braih";

async fn documents_and_weeks_reach_the_province_and_a_neighbour_and_are_mended_there(hub: Backend) {
    let province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    let dak_koi = province.commune("xã Đăk Kôi").await;
    let desk = kon_braih.staff().await;
    let everywhere = [&kon_braih.server, &province.hub, &dak_koi.server];

    let old = decision("12/QĐ-UBND", "Quy chế trực ban", "");
    let old = publishes(&desk, old).await;
    let new = decision("184/QĐ-UBND", "Quy chế trực ban sửa đổi", "12/QĐ-UBND");
    let new = publishes(&desk, new).await;
    let week = publishes(&desk, week("Giao ban đầu tuần")).await;
    for written in [&old, &new, &week] {
        province.hub.staff().await.accept(&written.title).await;
        dak_koi.staff().await.accept(&written.title).await;
    }

    for site in everywhere {
        // Both documents know of each other, and the old one no longer holds.
        let page = shows(site, &new.page, "12/QĐ-UBND").await;
        page.must_say("Thay thế");
        page.must_say("Còn hiệu lực");
        let page = shows(site, &old.page, "Bị thay thế bởi").await;
        page.must_say("184/QĐ-UBND");
        page.must_say("Hết hiệu lực");
        let list = site.visitor().get("/van-ban?hieu-luc=con").await;
        list.must_say("184/QĐ-UBND");
        assert!(!list.body.contains(&old.page), "it holds no longer");
        let found = site.visitor().get("/van-ban?q=184%2Fqd-ubnd").await;
        found.must_say("Quy chế trực ban sửa đổi");

        let page = shows(site, &week.page, "Giao ban đầu tuần").await;
        page.must_say("Hội trường");
        let listed = site.visitor().get("/lich-cong-tac?tuan=2026-11-25").await;
        listed.must_say("Giao ban đầu tuần");
        let other = site.visitor().get("/lich-cong-tac?tuan=2026-11-30").await;
        assert!(!other.body.contains("Giao ban đầu tuần"));
    }
    let copy = dak_koi.visitor().get(&old.page).await;
    copy.must_say("xã Kon Braih");

    // The week is mended, and the new decision taken back: the old one holds again.
    let form = desk
        .opens(&week.form)
        .await
        .with("calendar_paste", "Thứ Tư\t14h00\tĐón đoàn kiểm tra");
    let mended = desk.publish_form(form, "Thêm việc chiều thứ Tư.").await;
    desk.withdraw(&new, "Ban hành nhầm.").await;
    for site in everywhere {
        let page = shows(site, &mended.page, "Đón đoàn kiểm tra").await;
        page.must_say("Thêm việc chiều thứ Tư.");
        let page = shows(site, &old.page, "Còn hiệu lực").await;
        assert!(!page.body.contains("Bị thay thế bởi"));
        assert_eq!(site.visitor().get(&new.page).await.status, 410);
    }
}

async fn an_album_reaches_the_province_and_a_neighbour_and_is_taken_back_there(hub: Backend) {
    let province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    let dak_koi = province.commune("xã Đăk Kôi").await;
    let desk = kon_braih.staff().await;
    let everywhere = [&kon_braih.server, &province.hub, &dak_koi.server];
    let album = publishes_album(&desk).await;
    province.hub.staff().await.accept(&album.title).await;
    dak_koi.staff().await.accept(&album.title).await;
    for site in everywhere {
        let page = shows(site, &album.page, "Cầu treo mới").await;
        assert!(
            page.body.contains("data-element=\"album\""),
            "{}",
            page.body
        );
        let shelf = site.visitor().get("/thu-vien/anh").await;
        shelf.must_say(&album.title);
    }
    desk.withdraw(&album, "Có ảnh chưa được đồng ý.").await;
    for site in everywhere {
        eventually("the album is gone", async || {
            let page = site.visitor().get(&album.page).await;
            match page.status {
                410 => Ok(()),
                status => Err(format!("answers {status}")),
            }
        })
        .await;
        let shelf = site.visitor().get("/thu-vien/anh").await;
        assert!(!shelf.body.contains(&album.title));
    }
}

async fn an_answered_question_is_found_everywhere_by_what_was_asked_and_is_taken_back(
    hub: Backend,
) {
    let province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    let dak_koi = province.commune("xã Đăk Kôi").await;
    let desk = kon_braih.staff().await;
    let everywhere = [&kon_braih.server, &province.hub, &dak_koi.server];
    let question = publishes(&desk, question()).await;
    province.hub.staff().await.accept(&question.title).await;
    dak_koi.staff().await.accept(&question.title).await;
    for site in everywhere {
        let page = shows(site, &question.page, "từ năm 1992").await;
        page.must_say("Phòng Kinh tế xã Kon Braih");
        page.must_say("Nộp tại Trung tâm Phục vụ hành chính công xã.");
        let found = site.visitor().get("/hoi-dap?q=khai+hoang+thon+5").await;
        found.must_say(&question.title);
    }
    desk.withdraw(&question, "Câu trả lời chưa đúng.").await;
    for site in everywhere {
        eventually("the question is gone", async || {
            let page = site.visitor().get(&question.page).await;
            match page.status {
                410 => Ok(()),
                status => Err(format!("answers {status}")),
            }
        })
        .await;
        let list = site.visitor().get("/hoi-dap").await;
        assert!(!list.body.contains(&question.title));
    }
}

async fn what_arrives_in_a_chosen_section_is_taken_and_the_provinces_lists_travel_down(
    hub: Backend,
) {
    let province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;

    // The province names a field anew, and adds one: the commune's form offers both.
    let admin = province.hub.account("admin").await;
    let admin = province.hub.sign_in(admin).await;
    let lists = admin.visitor.get("/quan-tri/danh-muc?ds=linh-vuc").await;
    let added = lists.form("list-add").with("name", "Bảo tồn voi rừng");
    admin
        .visitor
        .submit(added, "")
        .await
        .must_say("Đã sửa danh mục");
    let desk = kon_braih.staff().await;
    eventually(
        "the commune's form offers what the province added",
        async || {
            let form = desk.visitor.get("/quan-tri/bai-viet/moi").await;
            form.showing("Bảo tồn voi rừng")
        },
    )
    .await;

    // The province takes what comes in about the economy without being asked.
    let editor = province.hub.staff().await;
    let page = editor.visitor.get("/quan-tri/hop-den/tu-nhan").await;
    let form = page
        .form("auto-take")
        .with("section", "kinh-te")
        .with("placed_in", "tin-tu-xa");
    editor
        .visitor
        .submit(form, "begin")
        .await
        .must_say("Đã ghi");
    let written = desk
        .publish(&Text::article("Cà phê được mùa, được giá"))
        .await;
    shows(&province.hub, &written.page, &written.title).await;
    eventually("the authors read that it is on the portal", async || {
        desk.sent().await.showing("Đã đăng")
    })
    .await;
}

/// The fields of a form, besides the token.
pub(super) type Fields = Vec<(&'static str, String)>;

pub(super) fn decision(number: &str, title: &str, replaces: &str) -> Fields {
    vec![
        ("kind", "document".to_owned()),
        ("title", title.to_owned()),
        (
            "body",
            "**Điều 1.** Ban hành kèm theo Quyết định này.".to_owned(),
        ),
        ("section", "van-ban-hanh-chinh".to_owned()),
        ("document_number", number.to_owned()),
        ("document_type", "quyet-dinh".to_owned()),
        ("issuer", ISSUER.to_owned()),
        ("signer", "A Viết".to_owned()),
        ("signer_position", "Chủ tịch".to_owned()),
        ("issued_on", "2/1/2026".to_owned()),
        ("effective_on", "3/1/2026".to_owned()),
        ("replaces", replaces.to_owned()),
    ]
}

/// Fills in a form and publishes it.
pub(super) async fn publishes(desk: &Staff, fields: Fields) -> Written {
    let mut form = desk.blank().await;
    for (name, value) in fields {
        form = form.with(name, &value);
    }
    desk.publish_form(form, "").await
}

/// Puts an album together: its pictures first, then what they show.
async fn publishes_album(desk: &Staff) -> Written {
    let picture = visitor::file("cau.png", "image/png", png());
    let form = desk
        .blank()
        .await
        .with("kind", "album")
        .with("title", "Ảnh: khánh thành cầu treo")
        .with("section", "thu-vien-anh")
        .with_part("album", picture);
    let form = desk
        .keep(form)
        .await
        .with("pic_alt", "Cầu treo mới nối hai bờ suối")
        .with("pic_caption", "Cầu treo mới");
    desk.publish_form(form, "").await
}

/// Waits until the page says `words`.
async fn shows(site: &Server, path: &str, words: &str) -> Page {
    eventually(&format!("{path} says {words:?}"), async || {
        site.visitor().get(path).await.showing(words)
    })
    .await
}

pub(super) fn question() -> Fields {
    vec![
        ("kind", "question".to_owned()),
        (
            "title",
            "Đất khai hoang có được cấp sổ đỏ không?".to_owned(),
        ),
        ("section", "hoi-dap".to_owned()),
        (
            "body",
            "Nộp tại Trung tâm Phục vụ hành chính công xã.".to_owned(),
        ),
        (
            "asked",
            "Gia đình tôi khai hoang rẫy ở thôn 5 từ năm 1992.".to_owned(),
        ),
        ("asked_by", "Ông A.T., xã Kon Braih".to_owned()),
        ("answered_by", "Phòng Kinh tế xã Kon Braih".to_owned()),
        ("answered_on", "20/11/2026".to_owned()),
    ]
}

fn week(content: &str) -> Fields {
    vec![
        ("kind", "calendar".to_owned()),
        ("title", "Lịch công tác tuần 48".to_owned()),
        ("section", "lich-cong-tac".to_owned()),
        ("week_from", "23/11/2026".to_owned()),
        ("week_to", "29/11/2026".to_owned()),
        (
            "calendar_paste",
            format!("Thứ Hai 23/11\t7h30\t{content}\tToàn cơ quan\tHội trường"),
        ),
    ]
}
