//! Events that are not what they say: each is refused for its own reason, changes nothing, and does
//! not keep the good ones beside it from arriving.

use serde_json::{Value, json};
use shared::log::keys::SigningKey;
use shared::log::{EventKind, Lane};
use shared::sync::{Reason, batch::EXTENSION};
use tests::faulty_peer::{ACCEPTED, DUPLICATE, Draft, outcomes, refused};
use tests::{Backend, FaultyPeer, Province};
use uuid::Uuid;

on_both_databases! {
    a_batch_sent_twice_is_stored_once
    what_is_not_an_event_is_refused_by_name
    altered_and_forged_events_are_refused
    nobody_speaks_for_another_unit
    only_its_origin_touches_an_entry
    a_log_cannot_be_rewritten
}

async fn a_batch_sent_twice_is_stored_once(hub: Backend) {
    let province = Province::found(hub).await;
    let mut peer = province.faulty_peer("xã Kon Braih").await;
    let items = vec![
        peer.says(peer.article("Tin thứ nhất")),
        peer.says(peer.article("Tin thứ hai")),
    ];

    let batch = peer.batch(items.clone());
    let first = peer.push(items).await;
    assert_eq!(outcomes(&first), [ACCEPTED, ACCEPTED]);
    let stored = province.records().await;

    // The receipt was lost on the way: the sender cannot know, and says it all again.
    let again = peer.send(&peer.request(&batch)).await;
    let second = again.read().expect("a receipt");
    assert_eq!(outcomes(&second), [DUPLICATE, DUPLICATE]);
    assert_eq!(second.cursor, first.cursor);
    let digests = |receipt: &shared::sync::Receipt| {
        let outcomes = receipt.outcomes.iter();
        outcomes.map(|item| item.digest).collect::<Vec<_>>()
    };
    assert_eq!(digests(&second), digests(&first));
    assert_eq!(province.records().await, stored, "nothing was stored twice");
}

async fn what_is_not_an_event_is_refused_by_name(hub: Backend) {
    let province = Province::found(hub).await;
    let mut peer = province.faulty_peer("xã Kon Braih").await;
    let (good, _) = peer.article("Tin").signed_by(&peer.key);
    let with = |member: &str, value: Value| {
        let mut item = good.clone();
        item[EXTENSION]["header"][member] = value;
        item
    };
    let no_signature = {
        let mut item = good.clone();
        item[EXTENSION]["signature"] = json!("AAAA");
        item
    };
    let cases = [
        (json!("not an object"), Reason::Malformed),
        (json!({"id": "x"}), Reason::Malformed),
        (no_signature, Reason::Malformed),
        (with("seq", json!(0)), Reason::Malformed),
        (with("seq", json!(1_u64 << 63)), Reason::Malformed),
        (with("rev", json!(-1)), Reason::Malformed),
        (with("time", json!("yesterday")), Reason::Malformed),
        (with("v", json!(2)), Reason::VersionUnsupported),
        (with("kind", json!("entry.exploded")), Reason::KindUnknown),
    ];
    let before = province.records().await;
    let (items, expected): (Vec<_>, Vec<_>) = cases
        .into_iter()
        .map(|(item, reason)| (item, refused(reason)))
        .unzip();
    assert_eq!(outcomes(&peer.push(items).await), expected);
    assert_nothing_changed(&province, &before).await;
}

async fn altered_and_forged_events_are_refused(hub: Backend) {
    let province = Province::found(hub).await;
    let mut peer = province.faulty_peer("xã Kon Braih").await;
    let stranger = SigningKey::generate().expect("a key");

    // One word of the text, after it was signed.
    let (mut altered_content, _) = peer.article("Tin").signed_by(&peer.key);
    altered_content["title"] = json!("Tin đã bị sửa");
    // One member of the header, after it was signed.
    let (mut altered_header, _) = peer.article("Tin").signed_by(&peer.key);
    altered_header[EXTENSION]["header"]["rev"] = json!(7);
    // A member this version does not know is signed like any other.
    let (mut added_member, _) = peer.article("Tin").signed_by(&peer.key);
    added_member[EXTENSION]["header"]["mood"] = json!("vui");
    // Signed by somebody else in our peer's name.
    let (forged, _) = peer.article("Tin").signed_by(&stranger);
    // Signed by a key nobody has heard of, and saying so.
    let mut unknown = peer.article("Tin");
    unknown.header.key = stranger.id();
    let (unknown, _) = unknown.signed_by(&stranger);
    // Signed well, about another content.
    let mut other_content = peer.article("Tin");
    other_content.content = Some(peer.content(Uuid::now_v7(), "Một bài khác"));
    let (other_content, _) = other_content.signed_by(&peer.key);
    // Signed well, about something that is no entry.
    let nonsense = peer
        .article("Tin")
        .about(json!({"id": "x", "content_text": ""}));
    let (nonsense, _) = nonsense.signed_by(&peer.key);

    // Signed well, an entry of a kind of a later version.
    let mut song = peer.article("Bài ca");
    let mut content = song.content.clone().expect("a content");
    content["_entry"]["kind"] = json!("song");
    song.content = None;
    let (song, _) = song.about(content).signed_by(&peer.key);

    let before = province.records().await;
    let receipt = peer
        .push(vec![
            altered_content,
            altered_header,
            added_member,
            forged,
            unknown,
            other_content,
            nonsense,
            song,
        ])
        .await;
    let expected = [
        Reason::ContentMismatch,
        Reason::SignatureInvalid,
        Reason::SignatureInvalid,
        Reason::SignatureInvalid,
        Reason::UnknownSite,
        Reason::ContentMismatch,
        Reason::Malformed,
        Reason::KindUnknown,
    ];
    assert_eq!(outcomes(&receipt), expected.map(refused));
    assert_nothing_changed(&province, &before).await;

    // A good one goes through among bad ones.
    let (mut bad, _) = peer.article("Tin").signed_by(&peer.key);
    bad["title"] = json!("Tin đã bị sửa");
    let good = peer.says(peer.article("Tin thật"));
    let receipt = peer.push(vec![bad, good]).await;
    assert_eq!(
        outcomes(&receipt),
        [refused(Reason::ContentMismatch), ACCEPTED]
    );
    assert_eq!(peer.held().await.len(), 1);
}

async fn nobody_speaks_for_another_unit(hub: Backend) {
    let province = Province::found(hub).await;
    let mut peer = province.faulty_peer("xã Kon Braih").await;
    let mut neighbour = province.faulty_peer("xã Đăk Kôi").await;
    let theirs = neighbour.says(neighbour.article("Tin của xã bên"));

    let unit = |unit: Uuid, peer: &FaultyPeer| {
        let mut draft = peer.article("Thay mặt đơn vị khác");
        draft.header.unit = unit;
        draft.signed_by(&peer.key).0
    };
    // In the name of the neighbour's site, with a key that is not its own.
    let mut as_neighbour = peer.article("Giả danh xã bên");
    as_neighbour.header.site = neighbour.site;
    as_neighbour.header.unit = neighbour.unit;
    let (as_neighbour, _) = as_neighbour.signed_by(&peer.key);
    // Only the hub says who takes part.
    let description = json!({
        "id": format!("urn:uuid:{}", peer.site),
        "content_text": "",
        "_site": {
            "site": neighbour.site, "mode": "native", "state": "suspended",
            "base_url": "http://127.0.0.1:1", "title": "Chiếm trang",
            "unit": {"id": neighbour.unit, "attributes": []}, "keys": [],
        },
    });
    let mut as_hub = peer.event(
        EventKind::SiteDescribed,
        Uuid::now_v7(),
        0,
        Some(description),
    );
    as_hub.header.entry = None;
    let (as_hub, _) = as_hub.signed_by(&peer.key);
    // A letter for somebody else.
    let letter = |to: Option<Uuid>, peer: &FaultyPeer| {
        let entry = Uuid::now_v7();
        let content = json!({
            "id": format!("urn:uuid:{entry}"), "content_text": "",
            "_letter": {"entry": entry, "rev": 1, "decision": "accepted"},
        });
        let mut draft = peer.event(EventKind::LetterReview, entry, 1, Some(content));
        draft.header.to = to;
        draft.signed_by(&peer.key).0
    };

    let before = province.records().await;
    let items = vec![
        unit(neighbour.unit, &peer),
        unit(peer.hub_unit, &peer),
        unit(Uuid::now_v7(), &peer),
        as_neighbour,
        // A true event of the neighbour, brought by the wrong hands.
        theirs.clone(),
        as_hub,
        letter(Some(neighbour.unit), &peer),
        letter(None, &peer),
    ];
    let receipt = peer.push(items).await;
    let expected = [
        Reason::ForeignUnit,
        Reason::ForeignUnit,
        Reason::ForeignUnit,
        Reason::UnknownSite,
        Reason::NotRelayed,
        Reason::HubOnly,
        Reason::NotAddressee,
        // A letter to nobody is none.
        Reason::Malformed,
    ];
    assert_eq!(outcomes(&receipt), expected.map(refused));
    assert_nothing_changed(&province, &before).await;

    // The same true event, brought by its own site.
    assert_eq!(outcomes(&neighbour.push(vec![theirs]).await), [ACCEPTED]);
}

async fn only_its_origin_touches_an_entry(hub: Backend) {
    let province = Province::found(hub).await;
    let mut origin = province.faulty_peer("xã Kon Braih").await;
    let mut other = province.faulty_peer("xã Đăk Kôi").await;
    let article = origin.article("Tin của Kon Braih");
    let entry = article.header.entry.expect("an entry");
    let item = origin.says(article);
    assert_eq!(outcomes(&origin.push(vec![item]).await), [ACCEPTED]);

    let revised = other.event(
        EventKind::EntryRevised,
        entry,
        2,
        Some(other.content(entry, "Tin đã bị người khác sửa")),
    );
    let withdrawn = other.event(EventKind::EntryWithdrawn, entry, 2, None);
    let before = province.records().await;
    let items = [revised, withdrawn]
        .map(|draft: Draft| draft.signed_by(&other.key).0)
        .to_vec();
    let receipt = other.push(items).await;
    assert_eq!(outcomes(&receipt), [refused(Reason::NotOrigin); 2]);
    assert_nothing_changed(&province, &before).await;

    // Two of one batch about one new entry: the second is judged by what the first did.
    let entry = Uuid::now_v7();
    let mine = origin.event(
        EventKind::EntryPublished,
        entry,
        1,
        Some(origin.content(entry, "Tin mới")),
    );
    let mine = origin.says(mine);
    let stolen = other.event(
        EventKind::EntryPublished,
        entry,
        1,
        Some(other.content(entry, "Tin nhận vơ")),
    );
    let (stolen, _) = stolen.signed_by(&other.key);
    assert_eq!(outcomes(&origin.push(vec![mine]).await), [ACCEPTED]);
    let receipt = other.push(vec![stolen]).await;
    assert_eq!(outcomes(&receipt), [refused(Reason::NotOrigin)]);
}

async fn a_log_cannot_be_rewritten(hub: Backend) {
    let province = Province::found(hub).await;
    let mut peer = province.faulty_peer("xã Kon Braih").await;
    let mut other = province.faulty_peer("xã Đăk Kôi").await;
    let first = peer.article("Tin thứ nhất");
    let instead = peer.article("Một tin khác ở cùng vị trí");
    let item = peer.says(first);
    assert_eq!(outcomes(&peer.push(vec![item]).await), [ACCEPTED]);

    // Another event at a place that is taken.
    let (forked, _) = instead.signed_by(&peer.key);
    // The next event, following something that never was.
    let mut unchained = peer.article("Không nối tiếp");
    unchained.header.prev = Some(shared::log::Digest::of("không có"));
    let (unchained, _) = unchained.signed_by(&peer.key);
    let before = province.records().await;
    let receipt = peer.push(vec![forked, unchained]).await;
    assert_eq!(
        outcomes(&receipt),
        [refused(Reason::LogForked), refused(Reason::ChainBroken)]
    );

    // Somebody else's log.
    let mut in_foreign_log = other.article("Chen vào nhật ký xã bên");
    in_foreign_log.header.log = peer.log;
    let (in_foreign_log, _) = in_foreign_log.signed_by(&other.key);
    let receipt = other.push(vec![in_foreign_log]).await;
    assert_eq!(outcomes(&receipt), [refused(Reason::LogForked)]);
    assert_nothing_changed(&province, &before).await;

    // The log goes on from where it was.
    let item = peer.says(peer.article("Tin thứ hai"));
    assert_eq!(outcomes(&peer.push(vec![item]).await), [ACCEPTED]);
    assert_eq!(peer.held().await.len(), 2);

    // Urgent or regular, a batch travels in a lane of its own with a cursor of its own.
    let mut urgent = peer.batch(Vec::new());
    urgent.lane = Lane::Urgent;
    (urgent.after, urgent.through, urgent.head) = (0, 0, 0);
    let answer = peer.send(&peer.request(&urgent)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// What the hub has stored is what it had stored before.
async fn assert_nothing_changed(province: &Province, before: &tests::Records) {
    let changes = province.records().await.changes_since(before);
    assert_eq!(changes, Vec::<String>::new());
}
