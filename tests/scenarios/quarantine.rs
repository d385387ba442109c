//! What one side would not take: both see it and why, and either can have it tried again.

use sea_orm::{ConnectionTrait, Database};
use serde_json::json;
use shared::problem::ProblemKind;
use shared::sync::Reason;
use shared::sync::key_change;
use shared::sync::wire::JSON;
use tests::faulty_peer::{ACCEPTED, now, outcomes, refused};
use tests::{Backend, Member, Page, Province, Staff, Text, eventually};

on_both_databases! {
    a_refused_item_is_fetched_again_and_both_sides_close_it
    a_refused_item_is_sent_again_and_both_sides_close_it
    what_an_older_version_refused_is_tried_again_by_itself
    a_bad_item_is_set_aside_and_stays_so
    a_document_of_a_later_version_is_turned_away_by_name
}

const PATH: &str = "/quan-tri/tu-choi";
const TITLE: &str = "Lịch gieo sạ vụ đông xuân";

/// A neighbour whose directory is damaged refuses what the hub relays, and then is told again whose
/// key it is.
async fn refused_by_a_neighbour(province: &Province) -> (Member, Member, Staff, Staff) {
    let kon_braih = province.commune("xã Kon Braih").await;
    let mut dak_koi = province.commune("xã Đăk Kôi").await;
    eventually("the neighbour is known", async || {
        let records = dak_koi.records().await;
        match records.count("site_keys") {
            4 => Ok(()),
            keys => Err(format!("{keys} keys")),
        }
    })
    .await;
    let neighbour = dak_koi.staff().await;
    dak_koi.stop().await;
    let id = kon_braih.id.replace('-', "");
    change(
        &dak_koi,
        &format!("DELETE FROM site_keys WHERE hex(site_id) = upper('{id}')"),
    )
    .await;
    dak_koi.start().await;
    kon_braih.staff().await.publish(&Text::article(TITLE)).await;
    let editor = province.hub.staff().await;
    editor.accept(TITLE).await;
    for (staff, says) in [(&editor, TITLE), (&neighbour, "unknown-site")] {
        eventually("it is on the list", async || {
            staff.visitor.get(PATH).await.showing(says)
        })
        .await;
    }
    // A bad item never stops the stream.
    editor.publish(&Text::notice("Thông báo sau đó")).await;
    eventually("what comes after it arrives", async || {
        let front = dak_koi.visitor().get("/").await;
        front.showing("Thông báo sau đó")
    })
    .await;
    (kon_braih, dak_koi, editor, neighbour)
}

/// Changes something in the database of a site that does not run, as damage would.
async fn change(member: &Member, statement: &str) {
    let file = member.folder().join("site.db");
    let address = format!("sqlite://{}", file.display());
    let connection = Database::connect(address).await.expect("opens");
    let done = connection
        .execute_unprepared(statement)
        .await
        .expect("changes");
    assert!(done.rows_affected() > 0, "{statement}");
    connection.close().await.expect("closes");
}

/// A change of key makes the hub describe the site again, with all its keys.
async fn heal(kon_braih: &Member, dak_koi: &Member) {
    kon_braih.command_says(&["rotate-key"]).await;
    eventually("the neighbour knows the keys again", async || match dak_koi
        .records()
        .await
        .count("site_keys")
    {
        5 => Ok(()),
        keys => Err(format!("{keys} keys")),
    })
    .await;
}

async fn both_lists_are_empty(staff: [&Staff; 2]) {
    for staff in staff {
        eventually("the list is empty", async || {
            let page: Page = staff.visitor.get(PATH).await;
            page.showing("Không có mục nào bị từ chối")
        })
        .await;
    }
}

async fn a_refused_item_is_fetched_again_and_both_sides_close_it(hub: Backend) {
    let province = Province::found(hub).await;
    let (kon_braih, dak_koi, editor, neighbour) = refused_by_a_neighbour(&province).await;

    // Tried again too early it is refused still, and says so.
    let page = neighbour.visitor.get(PATH).await;
    let again = neighbour.visitor.submit(page.form_to(PATH), "retry").await;
    again.must_say("Vẫn bị từ chối");
    again.must_say("Đã thử lại 1 lần");
    heal(&kon_braih, &dak_koi).await;
    let page = neighbour.visitor.get(PATH).await;
    let again = neighbour.visitor.submit(page.form_to(PATH), "retry").await;
    again.must_say("Đã nhận được mục này");
    neighbour.finds_in_inbox(TITLE).await;
    both_lists_are_empty([&editor, &neighbour]).await;
}

async fn a_refused_item_is_sent_again_and_both_sides_close_it(hub: Backend) {
    let province = Province::found(hub).await;
    let (kon_braih, dak_koi, editor, neighbour) = refused_by_a_neighbour(&province).await;
    heal(&kon_braih, &dak_koi).await;
    let page = editor.visitor.get(PATH).await;
    let again = editor.visitor.submit(page.form_to(PATH), "resend").await;
    again.must_say("Đã xếp gửi lại");
    neighbour.finds_in_inbox(TITLE).await;
    both_lists_are_empty([&editor, &neighbour]).await;
}

async fn what_an_older_version_refused_is_tried_again_by_itself(hub: Backend) {
    let province = Province::found(hub).await;
    let (kon_braih, mut dak_koi, editor, neighbour) = refused_by_a_neighbour(&province).await;
    heal(&kon_braih, &dak_koi).await;
    dak_koi.stop().await;
    change(
        &dak_koi,
        "UPDATE refusals SET reason = 'kind-unknown', software = 'lien-cong/0.0.1'",
    )
    .await;
    dak_koi.start().await;
    neighbour.finds_in_inbox(TITLE).await;
    both_lists_are_empty([&editor, &neighbour]).await;
}

async fn a_bad_item_is_set_aside_and_stays_so(hub: Backend) {
    let province = Province::found(hub).await;
    let mut peer = province.faulty_peer("xã Kon Braih").await;
    let editor = province.hub.staff().await;
    let (mut bad, _) = peer.article("Tin").signed_by(&peer.key);
    bad["title"] = json!("Tin đã bị sửa");
    let receipt = peer.push(vec![bad.clone()]).await;
    assert_eq!(outcomes(&receipt), [refused(Reason::ContentMismatch)]);
    let page = editor.visitor.get(PATH).await;
    page.must_say("content-mismatch");
    let page = editor.visitor.submit(page.form_to(PATH), "dismiss").await;
    page.must_say("Đã gác lại");
    page.must_say("Không có mục nào bị từ chối");
    peer.push(vec![bad]).await;
    let page = editor.visitor.get(PATH).await;
    page.must_say("Không có mục nào bị từ chối");
    let good = peer.says(peer.article("Tin"));
    assert_eq!(outcomes(&peer.push(vec![good]).await), [ACCEPTED]);
}

async fn a_document_of_a_later_version_is_turned_away_by_name(hub: Backend) {
    let province = Province::found(hub).await;
    let peer = province.faulty_peer("xã Kon Braih").await;
    let later = br#"{"v":2,"what":"is in it is not ours to judge"}"#.to_vec();
    for path in ["/v1/hello", "/v1/receipts", key_change::PATH] {
        let request = peer.signed(path, JSON, later.clone(), now());
        let answer = peer.send(&request).await;
        answer.must_be(ProblemKind::VersionUnsupported);
    }
}
