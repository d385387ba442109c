//! Two communes merge, and nothing of the one that is no more is lost: not an address, not a question, not a
//! signature.

use super::citizens::{answer, case_at, code_of, follow, knowing, send};
use super::kinds::{decision, publishes, question};
use reqwest::header::LOCATION;
use tests::{Backend, Member, Page, Province, Staff, Text, Visitor, eventually};

on_both_databases! {
    two_communes_merge_and_every_old_link_still_answers
}

/// What every page of an archive says.
const ARCHIVE: &str = "Trang lưu trữ, chỉ để đọc.";
/// What somebody asked before the merger.
const ASKED: &str = "Cấp lại trích lục khai sinh";

async fn two_communes_merge_and_every_old_link_still_answers(hub: Backend) {
    let province = Province::found(hub).await;
    let mut old = province.commune("xã Tân Lập").await;
    let heir = province.commune("xã Kon Braih").await;
    let desk = old.staff().await;
    let article = Text {
        picture: Some("Bà con ra đồng"),
        ..Text::article("Xã Tân Lập vào vụ cà phê mới")
    };
    let article = desk.publish(&article).await;
    let document = publishes(&desk, decision("12/QĐ-UBND", "Quy chế trực ban", "")).await;
    let question = publishes(&desk, question()).await;
    let editor = province.hub.staff().await;
    for written in [&article, &document, &question] {
        editor.finds_in_inbox(&written.title).await;
    }

    // Somebody asks, and is given a receipt.
    let citizen = old.visitor();
    let form = knowing(&citizen, "/hoi-dap/gui", "Xã Tân Lập").await;
    let form = form
        .with("subject", ASKED)
        .with("words", "Tôi mất bản chính, xin cấp lại ở đâu?")
        .with("asker", "Y Thử")
        .with("contact", "0900 000 002");
    let code = code_of(&send(&citizen, form).await);

    merge(&province, "xã Tân Lập", "xã Kon Braih").await;

    // The archive says what it is, on every page, and leads on to the unit that took over.
    eventually("the archive says what it is", async || {
        citizen.get(&article.page).await.showing(ARCHIVE)
    })
    .await;
    let archive = [&article.page, &document.page, &question.page];
    for page in archive
        .map(String::as_str)
        .into_iter()
        .chain(["/tin-tuc", "/hoi-dap"])
    {
        let page = citizen.get(page).await;
        page.must_say(ARCHIVE);
        page.must_say("nay thuộc");
        page.must_say(heir.base_url().as_str());
        page.must_say("Nghị quyết 1677/NQ-UBTVQH15");
        assert!(!page.says("Gửi phản ánh, kiến nghị"), "{}", page.path);
    }
    for asked in ["/", "/hoi-dap/gui", "/phan-anh/gui", "/to-giac"] {
        leads_to(&citizen.get(asked).await, &heir.address(asked));
    }
    let written = desk
        .try_publish(&Text::article("Tin viết sau ngày sáp nhập"))
        .await;
    assert!(written.is_err(), "nothing new is written there");
    let refused = desk.visitor.get("/quan-tri").await;
    assert_eq!(refused.status, 200, "who worked there can still read");

    // What was asked is the new unit's to answer; the receipt finds it at both.
    let office = heir.staff().await;
    let case = eventually("the new unit has it", async || {
        case_at(&office, ASKED).await
    })
    .await;
    let page = office.visitor.get(&case).await;
    page.must_say("Tôi mất bản chính");
    page.must_say("xã Tân Lập nay thuộc xã Kon Braih");
    answer(
        &office,
        &case,
        "answered",
        "Nộp tại bộ phận một cửa xã Kon Braih.",
    )
    .await;
    for reader in [&heir.visitor(), &citizen] {
        eventually("who asked reads the answer", async || {
            follow(reader, &code)
                .await
                .showing("Nộp tại bộ phận một cửa xã Kon Braih.")
        })
        .await;
    }
    let found = heir.visitor().get("/tim-kiem?q=truc+ban").await;
    found.must_say("Tìm tiếp ở trang lưu trữ của đơn vị trước sáp nhập");
    let list = province.hub.visitor().get("/don-vi").await;
    list.must_say("Đơn vị trước sắp xếp");
    list.must_say("Xã Tân Lập");

    // Its machine is switched off for good.
    let reader = province.hub.visitor_for(&old.base_url());
    eventually("the province has its picture", async || {
        reader.get(&article.page).await.showing("/media/sha256/")
    })
    .await;
    old.kill_9();
    still_answers(&reader, &old, &archive, &heir).await;
    leads_to(&reader.get("/tra-cuu").await, &heir.address("/tra-cuu"));

    // What it signed is what it signed.
    let id = article.page.rsplit('-').next().expect("an id");
    let proof = reader.get(&format!("/xac-minh/{id}")).await;
    proof.must_say("Đúng từng chữ");
    let keys = reader.get("/.well-known/lien-cong/keys").await;
    leads_to(&keys, &province.hub.address("/.well-known/lien-cong/keys"));
}

/// Every kind of address the archive had answers at the province, in the archive's name.
async fn still_answers(reader: &Visitor, old: &Member, pages: &[&String], heir: &Member) {
    let article = reader.get(pages[0]).await;
    let picture = between(&article.body, "src=\"/media/", "\"").expect("a picture");
    assert_eq!(reader.get(&format!("/media/{picture}")).await.status, 200);
    for page in pages
        .iter()
        .map(|page| page.as_str())
        .chain(["/tin-tuc", "/van-ban"])
    {
        let page = reader.get(page).await;
        assert_eq!(page.status, 200, "{}", page.path);
        page.must_say(ARCHIVE);
        assert!(!page.says("đang tạm gián đoạn"), "{}", page.path);
    }
    for feed in ["/rss", "/atom", "/feed.json"] {
        reader
            .get(feed)
            .await
            .must_say("Xã Tân Lập vào vụ cà phê mới");
    }
    leads_to(&reader.get("/").await, &heir.address("/"));
    leads_to(
        &reader.get("/hoi-dap/gui").await,
        &heir.address("/hoi-dap/gui"),
    );
    assert_eq!(reader.get("/quan-tri").await.status, 404);
    article.must_say(&format!(
        "<link rel=\"canonical\" href=\"{}\"",
        old.address(pages[0])
    ));
}

/// The administrator enters the merger as of last year, and looks at it first.
async fn merge(province: &Province, from: &str, into: &str) {
    let login = province.hub.account("hub_admin").await;
    let admin: Staff = province.hub.sign_in(login).await;
    let page = admin.visitor.get("/quan-tri/sap-nhap/moi?loai=merge").await;
    let unit = |name: &str| choice(&page, name);
    let form = page
        .form("reorganisation-form")
        .with("basis", "Nghị quyết 1677/NQ-UBTVQH15")
        .with("effective_on", "2025-07-01")
        .with("to_unit", &unit(into))
        .with("end_unit", &unit(from))
        .ticked("into", "1:1");
    let looked = admin.visitor.submit(form, "preview").await;
    looked.must_say("Trang thành lưu trữ, chỉ để đọc");
    let done = admin
        .visitor
        .submit(looked.form("reorganisation-form"), "enter")
        .await;
    done.must_say("Đã ghi đúng như đã xem.");
    done.must_say("Đã có hiệu lực");
}

/// The value of the choice whose label begins with the name of a unit.
fn choice(page: &Page, name: &str) -> String {
    let (before, _) = page
        .body
        .split_once(&format!(">{name} ("))
        .unwrap_or_else(|| panic!("no {name} in {}", page.body));
    let (_, value) = before.rsplit_once("<option value=\"").expect("an option");
    value.split('"').next().expect("its value").to_owned()
}

#[track_caller]
fn leads_to(page: &Page, address: &str) {
    assert_eq!(page.status, 301, "{}: {}", page.path, page.body);
    let location = page.headers[LOCATION].to_str().expect("an address");
    assert_eq!(location, address, "{}", page.path);
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}
