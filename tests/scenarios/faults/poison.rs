//! Items that are signed well and mean ill: each is taken or refused by itself, none stops the stream,
//! and no page breaks on what was taken.

use rand::RngExt;
use serde_json::{Value, json};
use shared::problem::ProblemKind;
use shared::sync::Outcome;
use shared::sync::batch::MEDIA_TYPE;
use tests::faulty_peer::{Draft, now};
use tests::{Backend, Chance, FaultyPeer, Province, measured, rounds};
use uuid::Uuid;

on_both_databases! {
    poison_is_refused_or_harmless
    whatever_a_member_sends_the_next_thing_arrives
}

/// Members of a content that a person or a machine could have filled with anything.
const PLACES: [&str; 9] = [
    "/title",
    "/summary",
    "/content_html",
    "/authors/0/name",
    "/tags/0",
    "/_entry/section",
    "/_entry/source/name",
    "/attachments/0/title",
    "/unknown_member",
];

/// What breaks careless code: databases, XML, terminals, eyes.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "\u{0}",
        "a\u{0}b",
        "\u{202E}txt.exe",
        "\u{200B}\u{200B}\u{FEFF}",
        "\u{1F}\u{7F}\u{85}",
        "\u{FFFE}\u{FFFF}",
        "]]><script>alert(1)</script>",
        "</title><script>alert(1)</script>",
        "' OR 1=1; DROP TABLE entries; --",
        "\" OR \"\"=\"",
        "%_*?^~",
        "NEAR(\"a\" \"b\") AND -\"*\"",
        "{{7*7}} ${7*7} <%= 7*7 %>",
        "../../../../etc/passwd",
        "\r\nSet-Cookie: a=b\r\n\r\n<html>",
        "",
        " ",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("ặ".repeat(1_000_000));
    texts.push("e\u{301}\u{323}".repeat(100));
    texts.push("<div>".repeat(40_000));
    texts
}

async fn poison_is_refused_or_harmless(hub: Backend) {
    let province = Province::found(hub).await;
    let mut peer = province.faulty_peer("xã Kon Braih").await;
    let mut drafts = Vec::new();
    for text in texts() {
        for place in PLACES {
            let draft = full(&peer, "Tin");
            let mut content = draft.content.clone().expect("a content");
            if let Some(member) = content.pointer_mut(place) {
                *member = json!(text);
            } else {
                content[place.trim_start_matches('/')] = json!(text);
            }
            drafts.push(about(draft, content));
        }
    }
    let numbers = [
        json!(i64::MAX),
        json!(u64::MAX),
        json!(-1),
        json!(0.5),
        json!(1e300),
    ];
    for number in numbers {
        let draft = full(&peer, "Tin");
        let mut content = draft.content.clone().expect("a content");
        content["attachments"][0]["size_in_bytes"] = number.clone();
        content["attachments"][0]["_width"] = number;
        drafts.push(about(draft, content));
    }
    let mut deep = json!("đáy");
    for _ in 0..60 {
        deep = json!([deep]);
    }
    let many =
        |count: usize| -> Value { (0..count).map(|n| json!(format!("nhãn {n}"))).collect() };
    let others: [(&str, Value); 8] = [
        ("deep", deep),
        ("tags", many(20_000)),
        ("authors", json!("không phải danh sách")),
        ("url", json!("javascript:alert(1)")),
        ("language", json!("vi\u{0}")),
        ("date_published", json!("9999-12-31T23:59:59.999999999Z")),
        ("date_published", json!("-0001-01-01T00:00:00Z")),
        ("id", json!("urn:uuid:00000000-0000-0000-0000-000000000000")),
    ];
    for (member, value) in others {
        let draft = full(&peer, "Tin");
        let mut content = draft.content.clone().expect("a content");
        content[member] = value;
        drafts.push(about(draft, content));
    }
    let sent = drafts.len();
    let (mut taken, mut refused) = (0, 0);
    for draft in drafts {
        // Between a good one before and a good one after, in one batch.
        let before = peer.says(peer.article("Tin lành đi trước"));
        let poison = peer.says(next(&peer, draft));
        let after = peer.says(peer.article("Tin lành đi sau"));
        let receipt = peer.push(vec![before, poison.clone(), after]).await;
        let outcomes: Vec<Outcome> = receipt.outcomes.iter().map(|item| item.outcome).collect();
        assert_eq!(outcomes.len(), 3, "{poison:.300}");
        for good in [outcomes[0], outcomes[2]] {
            assert_eq!(good, Outcome::Accepted, "held up by {poison:.300}");
        }
        match outcomes[1] {
            Outcome::Accepted => taken += 1,
            Outcome::Refused => refused += 1,
            Outcome::Duplicate => panic!("it was never sent before: {poison:.300}"),
        }
    }
    surfaces_stand(&province).await;
    measured(
        "G8",
        &format!(
            "{hub:?}: {sent} poisonous items: {refused} refused, {taken} taken as harmless, 0 held up another"
        ),
    );
}

/// A draft whose header follows what was said last.
fn next(peer: &FaultyPeer, mut draft: Draft) -> Draft {
    let here = peer.article("").header;
    (draft.header.seq, draft.header.prev) = (here.seq, here.prev);
    draft
}

/// An article with every member there is.
fn full(peer: &FaultyPeer, title: &str) -> Draft {
    let draft = peer.article(title);
    let mut content = draft.content.clone().expect("a content");
    content["authors"] = json!([{"name": "A Mẫu"}]);
    content["tags"] = json!(["cà phê"]);
    content["_entry"]["source"] = json!({"name": "Báo tỉnh", "url": "https://bao.example/1"});
    content["attachments"] = json!([{
        "url": "https://konbraih.quangngai.example/media/sha256/00",
        "mime_type": "application/pdf", "size_in_bytes": 10, "title": "Tệp",
        "_sha256": format!("sha-256:{}", "0".repeat(64)), "_role": "file",
    }]);
    about(draft, content)
}

/// The draft with another content. What has no canonical form is named by a digest of nothing.
fn about(mut draft: Draft, content: Value) -> Draft {
    draft.header.content = match shared::log::Digest::of_canonical(&content) {
        Ok(digest) => Some(digest),
        Err(_) => Some(shared::log::Digest::of("không có dạng chuẩn")),
    };
    draft.content = Some(content);
    draft
}

/// Every list, feed and page of the hub can be read, and its feeds are XML.
async fn surfaces_stand(province: &Province) {
    let visitor = province.hub.visitor();
    let staff = province.hub.staff().await;
    let public = [
        "/",
        "/tin-tuc",
        "/atom",
        "/rss",
        "/feed.json",
        "/sitemap.xml",
        "/don-vi",
    ];
    for path in public {
        let page = visitor.get(path).await;
        assert_eq!(page.status, 200, "{path}: {:.500}", page.body);
    }
    for query in ["%00", "%22", "NEAR%28", "a%27b", "%F0%9F%98%80", "%FF"] {
        let page = visitor.get(&format!("/tim-kiem?q={query}")).await;
        assert!(page.status < 500, "{query}: {}", page.status);
    }
    for path in [
        "/quan-tri",
        "/quan-tri/hop-den",
        "/quan-tri/don-vi",
        "/quan-tri/bai-viet",
    ] {
        let page = staff.visitor.get(path).await;
        assert_eq!(page.status, 200, "{path}: {:.500}", page.body);
        assert!(!page.says("<script>alert(1)"), "{path}");
    }
    // What was taken stands in the inbox: each of it can be looked at.
    let inbox = staff.visitor.get("/quan-tri/hop-den").await;
    for link in tests::forms::links(&inbox.body) {
        if link.href.starts_with("/quan-tri/hop-den/") {
            let page = staff.visitor.get(&link.href).await;
            assert_eq!(page.status, 200, "{}: {:.500}", link.href, page.body);
            assert!(!page.says("<script>alert(1)"), "{}", link.href);
        }
    }
}

/// A valid batch with some of its bytes or members changed by chance, signed well.
async fn whatever_a_member_sends_the_next_thing_arrives(hub: Backend) {
    let mut chance = Chance::begin();
    let province = Province::found(hub).await;
    let mut peer = province.faulty_peer("xã Kon Braih").await;
    let rounds = rounds(150, 20_000);
    for round in 0..rounds {
        let draft = full(&peer, "Tin");
        let (item, _) = draft.signed_by(&peer.key);
        let batch = peer.batch(vec![item]);
        let mut document: Value =
            serde_json::from_slice(&batch.to_bytes("Trang", "http://x.example").expect("JSON"))
                .expect("JSON");
        for _ in 0..chance.random_range(1..4) {
            change_one(&mut document, &mut chance);
        }
        let mut body = serde_json::to_vec(&document).expect("JSON");
        if chance.random_bool(0.3) {
            let at = chance.random_range(0..body.len());
            body[at] ^= 1 << chance.random_range(0..8);
        }
        let answer = peer
            .send(&peer.signed("/v1/inbox", MEDIA_TYPE, body.clone(), now()))
            .await;
        let is_told = answer.status == 200
            || answer
                .problem()
                .is_some_and(|problem| problem.kind != ProblemKind::Internal);
        assert!(
            is_told,
            "{}: {}\n{}",
            answer.status,
            answer.text(),
            String::from_utf8_lossy(&body)
        );
        // Its stream may have moved, or its log; a member goes on in new ones.
        if round % 25 == 24 {
            peer.stream = Uuid::now_v7();
            peer.begins_a_log();
            let good = peer.says(peer.article("Tin lành"));
            let receipt = peer.push(vec![good]).await;
            assert_eq!(receipt.outcomes[0].outcome, Outcome::Accepted);
        }
    }
    surfaces_stand(&province).await;
    measured(
        "G12",
        &format!(
            "{hub:?}: {rounds} batches altered and signed well: 0 errors of ours, 0 held up another"
        ),
    );
}

/// Changes, removes or doubles one member or element somewhere in a document.
fn change_one(value: &mut Value, chance: &mut Chance) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let at = chance.random_range(0..members.len());
            let name = members.keys().nth(at).cloned().expect("a name");
            match chance.random_range(0..8) {
                0 => {
                    members.remove(&name);
                }
                1 => {
                    members.insert(name, odd(chance));
                }
                _ => change_one(&mut members[&name], chance),
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            let at = chance.random_range(0..elements.len());
            match chance.random_range(0..6) {
                0 => {
                    elements.remove(at);
                }
                1 => elements.push(elements[at].clone()),
                _ => change_one(&mut elements[at], chance),
            }
        }
        other => *other = odd(chance),
    }
}

fn odd(chance: &mut Chance) -> Value {
    let odd = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("\u{0}"),
        json!("x".repeat(100_000)),
        json!([]),
        json!({}),
        json!("00000000-0000-0000-0000-000000000000"),
        json!("9999-12-31T23:59:59.999Z"),
        json!("urgent"),
        json!("letter.review"),
    ];
    odd[chance.random_range(0..odd.len())].clone()
}
