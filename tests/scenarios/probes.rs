//! What readers of a commune are shown is changed on the way to them: the province sees it, tells it apart from an
//! older page that somebody kept, and finds out where a road is broken.

use tests::signing_in::comes_in;
use tests::{Backend, Fault, Member, NewMember, Province, Text, eventually};

on_both_databases! {
    a_page_changed_on_the_way_is_told_apart_from_one_that_is_old
    an_examination_says_where_the_road_is_broken
}

const ALERTS: &str = "/quan-tri/canh-bao";
const FORGED: &str = "Trang hiện nội dung không được ký";

async fn a_page_changed_on_the_way_is_told_apart_from_one_that_is_old(hub: Backend) {
    let province = Province::found(hub).await;
    let commune = province.join(NewMember::behind_proxy("xã Kon Braih")).await;
    let road = commune.road.as_ref().expect("a road");
    let desk = commune.staff().await;
    let article = Text::article("Xã Kon Braih trồng 300 cây");
    let article = desk.publish(&article).await;
    let editor = province.hub.staff().await;
    editor.finds_in_inbox(&article.title).await;
    let said = looks(&province, &commune).await;
    assert!(said.contains("hiện đúng bản đã ký"), "{said}");
    // Loopback, and no certificate.
    assert!(said.contains("chưa có HTTPS"), "{said}");

    let login = province.hub.account("hub_admin").await;
    let admin = province.hub.visitor();
    comes_in(&admin, &login).await;
    road.set(Fault::Swaps("300 cây", "900 cây"));
    let path = format!("/quan-tri/don-vi/{}", commune.id);
    let page = admin.get(&path).await;
    let page = admin.submit(page.form("look"), "look").await;
    page.must_say("Đã xem lại");
    page.must_say("Bị sửa");
    page.must_say("chưa bao giờ ký");
    eventually("there is an alert", async || {
        admin.get(ALERTS).await.showing(FORGED)
    })
    .await;

    // An older page is no forgery.
    road.set(Fault::None);
    let title = "Xã Kon Braih trồng 400 cây";
    desk.revise(&article, title, "Sửa số cây.").await;
    editor.finds_in_inbox(title).await;
    let said = looks(&province, &commune).await;
    assert!(said.contains("hiện đúng bản đã ký"), "{said}");
    road.set(Fault::Swaps("400 cây", "300 cây"));
    let said = looks(&province, &commune).await;
    assert!(said.contains("còn hiện bản cũ (bản 1)"), "{said}");
    assert!(!said.contains("Bị sửa"), "{said}");
    eventually("the alert is over", async || {
        admin
            .get(ALERTS)
            .await
            .showing("Không có gì cần báo")
            .map(drop)
    })
    .await;
}

async fn an_examination_says_where_the_road_is_broken(hub: Backend) {
    let province = Province::found(hub).await;
    let commune = province.join(NewMember::behind_proxy("xã Kon Braih")).await;
    let behind = province.join(NewMember::behind_nat("xã Đăk Kôi")).await;
    let road = commune.road.as_ref().expect("a road");

    // Both ways, by the same code; and neither takes the command for a second machine.
    let there = province.hub.command_says(&["doctor", &commune.id]).await;
    let back = behind.command_says(&["doctor"]).await;
    for said in [there, back] {
        for step in ["Chữ ký gửi đi", "Chữ ký trả về", "Đồng hồ", "Gói tin lớn"]
        {
            assert!(said.contains(&format!("[Tốt] {step}")), "{said}");
        }
    }
    for member in [&commune, &behind] {
        let status = member.command_says(&["status"]).await;
        assert!(!status.contains("CHÚ Ý"), "{status}");
    }
    let closed = province.hub.command_says(&["doctor", &behind.id]).await;
    assert!(closed.contains("không khám được từ đây"), "{closed}");

    let login = province.hub.account("hub_admin").await;
    let admin = province.hub.visitor();
    comes_in(&admin, &login).await;
    let path = format!("/quan-tri/don-vi/{}", commune.id);
    for (fault, says) in [
        (Fault::Says(502), "không phải phần mềm Liên Cổng"),
        (
            Fault::Swaps("signature-input:", "x-gnature-input:"),
            "không còn chữ ký",
        ),
    ] {
        road.set(fault);
        let page = admin.get(&path).await;
        let page = admin.submit(page.form("examine"), "examine").await;
        page.must_say("Đã khám");
        page.must_say(says);
        page.must_say("Nên làm:");
    }
    road.set(Fault::None);
    let page = admin.get(&path).await;
    let page = admin.submit(page.form("examine"), "examine").await;
    page.must_say("bên này xác minh được chữ ký của bên kia");
}

async fn looks(province: &Province, commune: &Member) -> String {
    province.hub.command_says(&["probe", &commune.id]).await
}
