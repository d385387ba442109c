//! A member the province has suspended is neither heard nor served, and loses nothing.

use shared::problem::ProblemKind;
use tests::faulty_peer::{ACCEPTED, outcomes};
use tests::{Backend, NewMember, Province, Text, eventually};

on_both_databases! {
    a_suspended_member_is_held_and_then_goes_on
    what_a_suspended_member_said_before_still_reaches_others
    a_suspended_peer_is_told_so
}

async fn a_suspended_member_is_held_and_then_goes_on(hub: Backend) {
    let province = Province::found(hub).await;
    let called = province.commune("xã Kon Braih").await;
    let asking = province.join(NewMember::behind_nat("xã Đăk Kôi")).await;
    let editor = province.hub.staff().await;
    for member in [&called, &asking] {
        province.set_suspended(&member.id, true).await;
    }
    let members = province.hub.command_says(&["members"]).await;
    assert_eq!(members.matches("suspended").count(), 2, "{members}");

    // Held on both sides, and both sides say so.
    for (member, title) in [(&called, "Tin của Kon Braih"), (&asking, "Tin của Đăk Kôi")] {
        let desk = member.staff().await;
        desk.publish(&Text::article(title)).await;
        eventually("the member knows why it is not heard", async || {
            let status = member.command_says(&["status"]).await;
            if status.contains("site-suspended") {
                Ok(())
            } else {
                Err(status)
            }
        })
        .await;
    }
    let notice = "Thông báo trong lúc tạm dừng";
    editor.publish(&Text::notice(notice)).await;
    let inbox = editor.visitor.get("/quan-tri/hop-den").await;
    inbox
        .without("Tin của")
        .expect("nothing of theirs is heard");
    for member in [&called, &asking] {
        let front = member.visitor().get("/").await;
        front.without(notice).expect("nothing is sent to them");
    }

    for member in [&called, &asking] {
        province.set_suspended(&member.id, false).await;
    }
    // Whoever can be called is called at once. Who cannot has to ask, and was told when.
    for title in ["Tin của Kon Braih", "Tin của Đăk Kôi"] {
        editor.accept(title).await;
    }
    for member in [&called, &asking] {
        eventually("the notice is there", async || {
            member.visitor().get("/").await.showing(notice)
        })
        .await;
    }
}

async fn what_a_suspended_member_said_before_still_reaches_others(hub: Backend) {
    let province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    let mut dak_koi = province.commune("xã Đăk Kôi").await;
    let title = "Tin đã được tỉnh tiếp nhận";
    kon_braih.staff().await.publish(&Text::article(title)).await;
    let neighbour = dak_koi.staff().await;
    dak_koi.stop().await;
    province.hub.staff().await.accept(title).await;
    province.set_suspended(&kon_braih.id, true).await;

    // The province has accepted it and has not taken it back: it goes where it was to go.
    dak_koi.start().await;
    neighbour.accept(title).await;
}

async fn a_suspended_peer_is_told_so(hub: Backend) {
    let province = Province::found(hub).await;
    let mut peer = province.faulty_peer("xã Kon Braih").await;
    let id = peer.site.to_string();
    let item = peer.says(peer.article("Tin"));
    let before = province.records().await;

    province.set_suspended(&id, true).await;
    let pushed = peer
        .send(&peer.request(&peer.batch(vec![item.clone()])))
        .await;
    pushed.must_be(ProblemKind::SiteSuspended);
    let path = format!("/v1/logs/{}?after=0", peer.log);
    for path in [
        path.as_str(),
        "/v1/outbox?stream=00000000-0000-0000-0000-000000000000&urgent=0&regular=0",
    ] {
        let asked = peer.send(&peer.question(path)).await;
        asked.must_be(ProblemKind::SiteSuspended);
    }
    let changes = province.records().await.changes_since(&before);
    assert!(
        changes.iter().all(|change| !change.contains("Tin")),
        "{changes:?}"
    );

    province.set_suspended(&id, false).await;
    assert_eq!(outcomes(&peer.push(vec![item]).await), [ACCEPTED]);
}
