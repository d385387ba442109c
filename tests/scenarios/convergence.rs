//! What push and pull have missed, and what a disk has lost, comes back without anybody acting.

use tests::{Backend, Member, NewMember, Province, Server, Text, eventually};

const LOSE_EVENT: &str =
    "DELETE FROM events WHERE entry_id IN (SELECT entry_id FROM entries WHERE title = $1)";
const EVENTS: &str =
    "SELECT COUNT(*) FROM events v JOIN entries e ON e.entry_id = v.entry_id WHERE e.title = $1";

on_both_databases! {
    an_event_lost_behind_a_member_is_found_and_comes_back
    an_event_lost_behind_the_hub_is_found_and_comes_back
}

async fn an_event_lost_behind_a_member_is_found_and_comes_back(backend: Backend) {
    let province = Province::found(backend).await;
    let mut member = province.join(NewMember::behind_nat("xã Kon Braih")).await;
    compares_every_second(&mut member.server).await;
    let editor = province.hub.staff().await;
    let notice = editor.publish(&Text::notice("Thông báo của tỉnh")).await;
    shown(&member, &notice.title).await;

    assert_eq!(member.behind(LOSE_EVENT, &notice.title).await, 1);
    eventually("the event is back", async || {
        match member.counts(EVENTS, &notice.title).await {
            1 => Ok(()),
            count => Err(count),
        }
    })
    .await;
    shown(&member, &notice.title).await;
    told(&province, "đã bổ sung 1 mục bị sót").await;
    eventually("the member says so", async || {
        let said = member.command_says(&["status"]).await;
        if said.contains("1 mục nhận về") {
            Ok(())
        } else {
            Err(said)
        }
    })
    .await;
}

async fn an_event_lost_behind_the_hub_is_found_and_comes_back(backend: Backend) {
    let province = Province::found(backend).await;
    let mut member = province.commune("xã Kon Braih").await;
    compares_every_second(&mut member.server).await;
    let editor = province.hub.staff().await;
    let desk = member.staff().await;
    let article = desk.publish(&Text::article("Tin của xã")).await;
    editor.finds_in_inbox(&article.title).await;

    assert_eq!(province.behind(LOSE_EVENT, &article.title).await, 1);
    eventually("the event is back", async || {
        match province.counts(EVENTS, &article.title).await {
            1 => Ok(()),
            count => Err(count),
        }
    })
    .await;
    told(&province, "đã bổ sung 1 mục bị sót").await;
    editor.accept(&article.title).await;
}

/// Has a member compare every second rather than every ten minutes.
async fn compares_every_second(server: &mut Server) {
    server.set("compare_seconds", "1").await;
}

/// Waits until the member table of the hub says `what`.
async fn told(province: &Province, what: &str) {
    let operator = province.hub.staff().await;
    eventually(&format!("the member table says {what:?}"), async || {
        let page = "/quan-tri/don-vi?cot=doi-chieu";
        operator.visitor.get(page).await.showing(what)
    })
    .await;
}

async fn shown(member: &Member, title: &str) {
    eventually(&format!("the member shows {title:?}"), async || {
        member.visitor().get("/").await.showing(title)
    })
    .await;
}
