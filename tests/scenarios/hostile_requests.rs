//! Requests that are not what they say: each gets its own status and problem, and changes nothing.

use chrono::TimeDelta;
use shared::log::keys::SigningKey;
use shared::problem::ProblemKind;
use shared::sync::api::{INBOX, LARGEST_PUSH, RECEIPTS};
use shared::sync::batch::MEDIA_TYPE;
use shared::sync::greeting;
use shared::sync::wire::JSON;
use tests::faulty_peer::{ACCEPTED, now, outcomes};
use tests::{Backend, Invitation, NewMember, Province};
use uuid::Uuid;

on_both_databases! {
    a_recorded_request_is_worth_nothing
    a_request_must_be_signed_whole_and_now
    a_batch_must_make_sense
    a_gap_is_named_and_then_closed
    a_code_serves_once
}

async fn a_recorded_request_is_worth_nothing(hub: Backend) {
    let province = Province::found(hub).await;
    let mut peer = province.faulty_peer("xã Kon Braih").await;
    let item = peer.says(peer.article("Tin"));
    let request = peer.request(&peer.batch(vec![item]));
    assert_eq!(peer.send(&request).await.status, 200);

    let before = province.records().await;
    peer.send(&request)
        .await
        .must_be(ProblemKind::NonceReplayed);
    // Nor does the nonce serve a question after it served an answer.
    let question = peer.question(&format!("/v1/logs/{}?after=0", peer.log));
    assert_eq!(peer.send(&question).await.status, 200);
    peer.send(&question)
        .await
        .must_be(ProblemKind::NonceReplayed);
    // A hub that was restarted has not forgotten.
    let mut province = province;
    province.hub.restart().await;
    peer.send(&request)
        .await
        .must_be(ProblemKind::NonceReplayed);
    assert_eq!(province.records().await, before);
}

async fn a_request_must_be_signed_whole_and_now(hub: Backend) {
    let province = Province::found(hub).await;
    let mut peer = province.faulty_peer("xã Kon Braih").await;
    let neighbour = province.faulty_peer("xã Đăk Kôi").await;
    let item = peer.says(peer.article("Tin"));
    let batch = peer.batch(vec![item]);
    let good = peer.request(&batch);
    let before = province.records().await;

    let mut unsigned = good.clone();
    unsigned.headers.remove("signature");
    unsigned.headers.remove("signature-input");
    peer.send(&unsigned)
        .await
        .must_be(ProblemKind::SignatureMissing);

    let mut altered = good.clone();
    altered.body.push(b' ');
    peer.send(&altered)
        .await
        .must_be(ProblemKind::DigestMismatch);

    // Signed for one address, sent to another.
    let mut elsewhere = good.clone();
    elsewhere.target.set_path(RECEIPTS);
    peer.send(&elsewhere)
        .await
        .must_be(ProblemKind::SignatureInvalid);

    // Another's signature over the same request.
    let mut borrowed = good.clone();
    borrowed.headers = neighbour
        .signed(INBOX, MEDIA_TYPE, b"{}".to_vec(), now())
        .headers;
    peer.send(&borrowed)
        .await
        .must_be(ProblemKind::DigestMismatch);

    let bytes = good.body.clone();
    for off in [TimeDelta::minutes(-6), TimeDelta::minutes(2)] {
        let late = peer.signed(INBOX, MEDIA_TYPE, bytes.clone(), now() + off);
        peer.send(&late).await.must_be(ProblemKind::ClockSkew);
    }

    let key = std::mem::replace(&mut peer.key, SigningKey::generate().expect("a key"));
    peer.send(&peer.request(&batch))
        .await
        .must_be(ProblemKind::UnknownSite);
    peer.key = key;

    assert_eq!(province.records().await, before);
    assert_eq!(peer.send(&good).await.status, 200, "the good one still is");
}

async fn a_batch_must_make_sense(hub: Backend) {
    let province = Province::found(hub).await;
    let mut peer = province.faulty_peer("xã Kon Braih").await;
    let neighbour = province.faulty_peer("xã Đăk Kôi").await;
    let before = province.records().await;
    let raw = |body: &[u8]| peer.signed(INBOX, MEDIA_TYPE, body.to_vec(), now());

    let bodies: [(&[u8], ProblemKind); 6] = [
        (b"", ProblemKind::Malformed),
        (b"{", ProblemKind::Malformed),
        (b"[]", ProblemKind::Malformed),
        (br#"{"items": []}"#, ProblemKind::Malformed),
        (
            br#"{"items": [], "_lien_cong": {"v": 2}}"#,
            ProblemKind::VersionUnsupported,
        ),
        (b"\xff\xfe", ProblemKind::Malformed),
    ];
    for (body, kind) in bodies {
        peer.send(&raw(body)).await.must_be(kind);
    }
    // Deep enough to exhaust the stack of a careless reader.
    let deep = [b"[".repeat(200_000), b"]".repeat(200_000)].concat();
    peer.send(&raw(&deep)).await.must_be(ProblemKind::Malformed);
    let large = vec![b' '; LARGEST_PUSH + 1];
    peer.send(&raw(&large)).await.must_be(ProblemKind::TooLarge);

    let mut for_another = peer.batch(Vec::new());
    for_another.to = neighbour.site;
    let mut from_another = peer.batch(Vec::new());
    from_another.from = neighbour.site;
    let mut backwards = peer.batch(Vec::new());
    (backwards.after, backwards.through) = (5, 4);
    let mut negative = peer.batch(Vec::new());
    negative.after = -1;
    let mut many = peer.batch(vec![serde_json::json!({}); 201]);
    many.through = 201;
    for batch in [for_another, from_another, backwards, negative, many] {
        let answer = peer.send(&peer.request(&batch)).await;
        answer.must_be(ProblemKind::Malformed);
    }

    // A receipt for what was never sent.
    let receipt = serde_json::json!({
        "v": 1, "stream": Uuid::now_v7(), "lane": "regular", "cursor": 1, "outcomes": [],
    });
    let bytes = serde_json::to_vec(&receipt).expect("JSON");
    let answer = peer.send(&peer.signed(RECEIPTS, JSON, bytes, now())).await;
    answer.must_be(ProblemKind::StreamUnknown);
    let hello = peer.signed(greeting::PATH, JSON, b"{\"v\":1}".to_vec(), now());
    peer.send(&hello).await.must_be(ProblemKind::Malformed);
    // Another's log and no log look the same.
    for log in [neighbour.log, Uuid::now_v7()] {
        let question = peer.question(&format!("/v1/logs/{log}?after=0"));
        peer.send(&question).await.must_be(ProblemKind::NotFound);
    }

    assert_eq!(province.records().await, before);
    let item = peer.says(peer.article("Tin"));
    assert_eq!(outcomes(&peer.push(vec![item]).await), [ACCEPTED]);
}

async fn a_gap_is_named_and_then_closed(hub: Backend) {
    let province = Province::found(hub).await;
    let mut peer = province.faulty_peer("xã Kon Braih").await;
    let first = peer.says(peer.article("Tin thứ nhất"));
    let second = peer.says(peer.article("Tin thứ hai"));
    let before = province.records().await;

    let mut ahead = peer.batch(vec![second.clone()]);
    (ahead.after, ahead.through, ahead.head) = (1, 2, 2);
    let answer = peer.send(&peer.request(&ahead)).await;
    answer.must_be(ProblemKind::CursorGap);
    let expected = answer
        .problem()
        .and_then(|p| p.extra.get("expected").cloned());
    assert_eq!(expected, Some(0.into()));
    assert_eq!(province.records().await, before);

    let receipt = peer.push(vec![first, second]).await;
    assert_eq!(outcomes(&receipt), [ACCEPTED; 2]);
    assert_eq!(peer.greet().await.cursors.regular, 2);

    // A stream that begins again is counted again, and what it repeats is known.
    peer.stream = Uuid::now_v7();
    assert_eq!(peer.greet().await.cursors.regular, 0);
}

async fn a_code_serves_once(hub: Backend) {
    let province = Province::found(hub).await;
    let kon_braih = NewMember::commune("xã Kon Braih");
    let invitation = province.invite(&kon_braih).await;
    let before = province.records().await;

    // Mistyped in its first part, the code is nobody's; in its last, it is not of this hub.
    let mistyped = |place: usize| {
        let mut signs: Vec<char> = invitation.code.chars().collect();
        signs[place] = if signs[place] == '0' { '1' } else { '0' };
        let mut mistyped: Invitation = invitation.clone();
        mistyped.code = signs.into_iter().collect();
        mistyped
    };
    let said = province.answer(&mistyped(0), kon_braih).await;
    let said = said.expect_err("refused");
    assert!(said.contains(ProblemKind::CodeInvalid.title()), "{said}");
    assert_eq!(province.records().await, before);

    // Nothing is left behind by an attempt that failed, and the code still counts.
    province
        .answer(&invitation, kon_braih)
        .await
        .expect("joins");
    let dak_koi = NewMember::commune("xã Đăk Kôi");
    let said = province.answer(&invitation, dak_koi).await;
    let said = said.expect_err("refused");
    assert!(said.contains(ProblemKind::CodeInvalid.title()), "{said}");
}
