//! Keys change, keys are stolen, and what was said with them is worth what it should be.

use chrono::SecondsFormat;
use serde_json::Value;
use shared::folder::Folder;
use shared::log::EventKind;
use shared::log::keys::SigningKey;
use shared::problem::ProblemKind;
use shared::sync::key_change::{self, KeyChange, KeyChanged};
use shared::sync::wire::JSON;
use shared::sync::{Reason, api};
use std::time::{Duration, Instant};
use tests::faulty_peer::{ACCEPTED, now, outcomes, refused};
use tests::{Backend, FaultyPeer, NewMember, Province, Text, eventually};
use uuid::Uuid;

on_both_databases! {
    a_member_changes_its_key_and_nothing_is_lost
    a_change_of_key_that_was_interrupted_is_finished
    what_a_stolen_key_said_loses_its_effect_everywhere
    a_member_goes_on_with_another_key_after_its_own_was_revoked
    no_key_does_what_is_not_its_own
    the_hub_changes_its_own_key
    the_hub_survives_the_loss_of_its_key
}

async fn a_member_changes_its_key_and_nothing_is_lost(hub: Backend) {
    let province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    let dak_koi = province.join(NewMember::behind_nat("xã Đăk Kôi")).await;
    let desk = kon_braih.staff().await;
    let titles: Vec<String> = (1..=4).map(|n| format!("Tin số {n} của xã")).collect();
    for title in &titles {
        desk.publish(&Text::article(title)).await;
        let said = kon_braih.command_says(&["rotate-key"]).await;
        assert!(said.contains("Đã thay khóa"), "{said}");
    }
    let editor = province.hub.staff().await;
    for title in &titles {
        editor.accept(title).await;
    }
    let neighbour = dak_koi.staff().await;
    for title in &titles {
        neighbour.finds_in_inbox(title).await;
    }
    let refused = editor.visitor.get("/quan-tri/tu-choi").await;
    refused.must_say("Không có mục nào bị từ chối");

    // Anybody can see which key counted when, at the hub and at a neighbour.
    for server in [&province.hub, &dak_koi.server] {
        eventually("the history of keys is public", async || {
            let page = server.visitor().get("/.well-known/lien-cong/keys").await;
            let history: Value = serde_json::from_str(&page.body).map_err(|e| e.to_string())?;
            let keys = keys_of(&history, &kon_braih.id);
            let ended = keys.iter().filter(|key| key["valid_to"].is_i64()).count();
            match (keys.len(), ended) {
                (5, 4) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
    }
}

fn keys_of(history: &Value, site: &str) -> Vec<Value> {
    let sites = history["sites"].as_array().cloned().unwrap_or_default();
    let found = sites.into_iter().find(|known| known["site"] == site);
    found
        .and_then(|site| site["keys"].as_array().cloned())
        .unwrap_or_default()
}

async fn a_change_of_key_that_was_interrupted_is_finished(hub: Backend) {
    let province = Province::found(hub).await;
    let mut kon_braih = province.commune("xã Kon Braih").await;
    let desk = kon_braih.staff().await;
    let folder = Folder::at(kon_braih.folder());

    // Killed after the new key was written and before the hub was told.
    kon_braih.kill_9();
    let next = folder.begin_next_key().expect("begins").id();
    kon_braih.start().await;
    signs_with(&folder, &next.to_string()).await;
    desk.publish(&Text::article("Tin sau lần thứ nhất")).await;

    // Killed after the hub had stored it and before it took the place of the old one.
    kon_braih.kill_9();
    let old = std::fs::read(folder.key_file()).expect("a key");
    let said = kon_braih.command_says(&["rotate-key"]).await;
    assert!(said.contains("Đã thay khóa"), "{said}");
    let next = folder.key().expect("a key").id();
    let waiting = folder.root().join("key.next.pem");
    std::fs::rename(folder.key_file(), &waiting).expect("moved");
    std::fs::copy(&waiting, folder.key_file()).expect("copied");
    std::fs::write(folder.key_file(), old).expect("written");
    kon_braih.start().await;
    signs_with(&folder, &next.to_string()).await;
    desk.publish(&Text::article("Tin sau lần thứ hai")).await;

    let editor = province.hub.staff().await;
    for title in ["Tin sau lần thứ nhất", "Tin sau lần thứ hai"] {
        editor.finds_in_inbox(title).await;
    }
}

async fn signs_with(folder: &Folder, key: &str) {
    eventually("the new key is in use", async || {
        let used = folder.key().map_err(|error| error.to_string())?.id();
        let is_begun = folder.next_key().map_err(|error| error.to_string())?;
        match is_begun.is_none() && used.to_string() == key {
            true => Ok(()),
            false => Err(used.to_string()),
        }
    })
    .await;
}

async fn what_a_stolen_key_said_loses_its_effect_everywhere(hub: Backend) {
    let province = Province::found(hub).await;
    let mut kon_braih = province.faulty_peer("xã Kon Braih").await;
    let dak_koi = province.commune("xã Đăk Kôi").await;
    let dak_rve = province.join(NewMember::behind_nat("xã Đăk Rve")).await;
    let editor = province.hub.staff().await;

    let original = kon_braih.article("Bản thật của xã");
    let entry = original.header.entry.expect("an entry");
    let item = kon_braih.says(original);
    kon_braih.push(vec![item]).await;
    editor.accept("Bản thật của xã").await;
    for member in [&dak_koi, &dak_rve] {
        member.staff().await.accept("Bản thật của xã").await;
    }

    // From here on somebody else has the key.
    let stolen = now().to_rfc3339_opts(SecondsFormat::Millis, true);
    let forged = kon_braih.content(entry, "Bản giả của kẻ trộm");
    let forged = kon_braih.event(EventKind::EntryRevised, entry, 2, Some(forged));
    let forged = kon_braih.says(forged);
    let made_up = kon_braih.says(kon_braih.article("Tin bịa của kẻ trộm"));
    let receipt = kon_braih.push(vec![forged, made_up]).await;
    assert_eq!(outcomes(&receipt), [ACCEPTED, ACCEPTED]);
    for member in [&dak_koi, &dak_rve] {
        shows(member, "Bản giả của kẻ trộm", "Bản thật của xã").await;
    }
    editor.finds_in_inbox("Tin bịa của kẻ trộm").await;

    let site = kon_braih.site.to_string();
    let began = Instant::now();
    let said = province
        .hub
        .command_says(&["revoke-key", "--site", &site, "--since", &stolen])
        .await;
    assert!(said.contains("2 sự kiện"), "{said}");
    let pushed = kon_braih.says(kon_braih.article("Thêm một tin"));
    let request = kon_braih.request(&kon_braih.batch(vec![pushed]));
    kon_braih
        .send(&request)
        .await
        .must_be(ProblemKind::KeyRevoked);
    for member in [&dak_koi, &dak_rve] {
        shows(member, "Bản thật của xã", "Bản giả của kẻ trộm").await;
    }
    let took = began.elapsed();
    println!("a stolen key was cut off everywhere after {took:?}");
    assert!(took < Duration::from_secs(60));
    let inbox = editor.visitor.get("/quan-tri/hop-den").await;
    inbox.without("Tin bịa").expect("the inbox forgets it");
    let found = dak_koi.visitor().get("/tim-kiem?q=trộm").await;
    found.without("Bản giả").expect("the search forgets it");
    let feed = dak_koi.visitor().get("/atom").await;
    feed.without("Bản giả").expect("the feed forgets it");

    // The events are history, and one of them can be trusted after all.
    let held = province.hub.command_says(&["quarantine"]).await;
    let line = held.lines().find(|line| line.contains("Bản giả"));
    let number = line.and_then(|line| line.split_whitespace().next());
    let number = number.expect("it is in the quarantine").to_owned();
    assert!(held.contains("Tin bịa"), "{held}");
    province.hub.command_says(&["release", &number]).await;
    for member in [&dak_koi, &dak_rve] {
        shows(member, "Bản giả của kẻ trộm", "Bản thật của xã").await;
    }
    let held = province.hub.command_says(&["quarantine"]).await;
    assert!(!held.contains("Bản giả"), "{held}");
}

async fn shows(member: &tests::Member, title: &str, not: &str) {
    eventually("the front page follows", async || {
        let front = member.visitor().get("/").await;
        front.showing(title)?.without(not)
    })
    .await;
}

async fn a_member_goes_on_with_another_key_after_its_own_was_revoked(hub: Backend) {
    let province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    let desk = kon_braih.staff().await;
    let editor = province.hub.staff().await;
    desk.publish(&Text::article("Tin trước khi mất khóa")).await;
    editor.accept("Tin trước khi mất khóa").await;
    let lost = Folder::at(kon_braih.folder()).key().expect("a key");

    province
        .hub
        .command_says(&["revoke-key", "--site", &kon_braih.id])
        .await;
    // The revocation may arrive first, and then the site shows nothing of its own until it has another key.
    desk.publish_unseen(&Text::article("Tin viết trong lúc chờ mã"))
        .await;
    eventually("the member knows what to do", async || {
        let status = kon_braih.command_says(&["status"]).await;
        match status.contains("member-site rekey") {
            true => Ok(()),
            false => Err(status),
        }
    })
    .await;

    let hub_url = province.hub.base_url().to_string();
    let wrong = [
        "rekey",
        "--hub",
        &hub_url,
        "--code",
        "SAIM-AAAA-BBBB-CCCC-0000",
    ];
    kon_braih.run(&wrong).await.expect_err("a wrong code");
    let said = province
        .hub
        .command_says(&["invite", "--again", &kon_braih.id])
        .await;
    let code = said.split("--code ").nth(1).expect("a code").trim();
    kon_braih
        .command_says(&["rekey", "--hub", &hub_url, "--code", code])
        .await;
    let new = Folder::at(kon_braih.folder()).key().expect("a key");
    assert_ne!(new.id(), lost.id());
    desk.publish(&Text::article("Tin ký bằng khóa mới")).await;
    editor.accept("Tin ký bằng khóa mới").await;
    let front = province.hub.visitor().get("/").await;
    front.must_say("Tin trước khi mất khóa");
    let own = kon_braih.visitor().get("/").await;
    own.must_say("Tin trước khi mất khóa");
}

async fn no_key_does_what_is_not_its_own(hub: Backend) {
    let province = Province::found(hub).await;
    let mut thief = province.faulty_peer("xã Kon Braih").await;
    let mut neighbour = province.faulty_peer("xã Đăk Kôi").await;
    let elsewhere = Province::found(Backend::Sqlite).await;
    let stranger = elsewhere.faulty_peer("xã Đăk Rve").await;
    let own = thief.says(thief.article("Tin của chính xã"));
    let theirs_draft = neighbour.article("Tin của xã bên");
    let theirs = theirs_draft.header.entry.expect("an entry");
    let theirs_item = neighbour.says(theirs_draft);
    thief.push(vec![own]).await;
    neighbour.push(vec![theirs_item]).await;
    let good = thief.key.clone();
    let replaced = good.clone();

    // What a key may not say, whoever signs: each as an event of the next place in the thief's log.
    let foreign = |peer: &FaultyPeer, key: &SigningKey| -> Vec<Value> {
        let mut drafts = Vec::new();
        for (site, unit) in [
            (peer.site, neighbour.unit),
            (peer.site, peer.hub_unit),
            (neighbour.site, neighbour.unit),
            (peer.hub, peer.hub_unit),
        ] {
            let mut draft = peer.article("Nói thay người khác");
            (draft.header.site, draft.header.unit) = (site, unit);
            drafts.push(draft);
        }
        for (kind, content) in [
            (
                EventKind::EntryRevised,
                Some(peer.content(theirs, "Sửa hộ")),
            ),
            (EventKind::EntryWithdrawn, None),
        ] {
            drafts.push(peer.event(kind, theirs, 2, content));
        }
        drafts
            .into_iter()
            .map(|mut draft| {
                draft.header.key = key.id();
                draft.signed_by(key).0
            })
            .collect()
    };

    let next = SigningKey::generate().expect("a key");
    let emergency = Folder::at(province.hub.folder()).emergency_key_file();
    let emergency = shared::folder::read_key_file(&emergency).expect("an emergency key");
    let before = province.records().await;
    let mut accepted = 0;
    let mut tried = 0;
    for key in [&good, &next, &stranger.key, &emergency] {
        for item in foreign(&thief, key) {
            let receipt = thief.push(vec![item]).await;
            let taken = outcomes(&receipt).into_iter().filter(|it| *it == ACCEPTED);
            accepted += taken.count();
            tried += 1;
        }
    }
    let logs = [neighbour.log, Uuid::now_v7()].map(|log| format!("/v1/logs/{log}?after=0"));
    for path in &logs {
        let asked = thief.send(&thief.question(path)).await;
        asked.must_be(ProblemKind::NotFound);
        tried += 1;
    }
    assert_eq!(accepted, 0);
    assert_eq!(
        province.records().await.changes_since(&before),
        Vec::<String>::new()
    );

    // A new key for somebody else, or without having it: refused.
    let change = |site: Uuid, hub: Uuid, key: &SigningKey| {
        serde_json::to_vec(&KeyChange::new(site, hub, key).expect("a change")).expect("JSON")
    };
    let mut borrowed = KeyChange::new(thief.site, thief.hub, &next).expect("a change");
    borrowed.key = neighbour.key.public_key();
    let bodies = [
        change(neighbour.site, thief.hub, &next),
        change(thief.site, neighbour.site, &next),
        serde_json::to_vec(&borrowed).expect("JSON"),
    ];
    for body in bodies {
        let request = thief.signed(key_change::PATH, JSON, body, now());
        thief
            .send(&request)
            .await
            .must_be(ProblemKind::SignatureInvalid);
        tried += 1;
    }
    // The neighbour's own key, introduced as ours.
    let body = change(thief.site, thief.hub, &neighbour.key);
    let request = thief.signed(key_change::PATH, JSON, body, now());
    thief.send(&request).await.must_be(ProblemKind::Conflict);

    // Replaced: in the overlap it is heard, and names no third key.
    let body = change(thief.site, thief.hub, &next);
    let request = thief.signed(key_change::PATH, JSON, body.clone(), now());
    let changed = thief.send(&request).await;
    let changed: KeyChanged = changed.read().expect("the change is taken");
    assert!(changed.site.key(&next.id()).is_some());
    let request = thief.signed(key_change::PATH, JSON, body, now());
    let again = thief.send(&request).await;
    again.read::<KeyChanged>().expect("asked twice, done once");
    let third = SigningKey::generate().expect("a key");
    let body = change(thief.site, thief.hub, &third);
    let request = thief.signed(key_change::PATH, JSON, body, now());
    thief.send(&request).await.must_be(ProblemKind::Conflict);
    let under_way = thief.says(thief.article("Ký bằng khóa cũ, đang gửi"));
    assert_eq!(outcomes(&thief.push(vec![under_way]).await), [ACCEPTED]);
    thief.key = next.clone();
    let fresh = thief.says(thief.article("Ký bằng khóa mới"));
    assert_eq!(outcomes(&thief.push(vec![fresh]).await), [ACCEPTED]);

    // Revoked, of another hub, for emergencies: not heard at any address.
    let site = thief.site.to_string();
    let id = replaced.id().to_string();
    province
        .hub
        .command_says(&["revoke-key", "--site", &site, "--key", &id])
        .await;
    let before = province.records().await;
    let cases = [
        (&replaced, ProblemKind::KeyRevoked),
        (&stranger.key, ProblemKind::UnknownSite),
        (&emergency, ProblemKind::KeyRevoked),
    ];
    for (key, expected) in cases {
        thief.key = key.clone();
        let mut draft = thief.article("Không ai nghe");
        draft.header.key = key.id();
        let item = draft.signed_by(key).0;
        let nil = Uuid::nil();
        let requests = [
            thief.request(&thief.batch(vec![item])),
            thief.signed(api::RECEIPTS, JSON, b"{}".to_vec(), now()),
            thief.signed("/v1/hello", JSON, b"{}".to_vec(), now()),
            thief.signed(
                key_change::PATH,
                JSON,
                change(thief.site, thief.hub, &third),
                now(),
            ),
            thief.question(&format!("{}?stream={nil}&urgent=0&regular=0", api::OUTBOX)),
            thief.question(&format!("/v1/logs/{}?after=0", thief.log)),
        ];
        for request in requests {
            thief.send(&request).await.must_be(expected);
            tried += 1;
        }
    }
    // Signed by the revoked key, brought by the good one.
    thief.key = next;
    let mut draft = thief.article("Ký bằng khóa bị thu hồi");
    draft.header.key = replaced.id();
    let item = draft.signed_by(&replaced).0;
    assert_eq!(
        outcomes(&thief.push(vec![item]).await),
        [refused(Reason::KeyRevoked)]
    );
    let changes = province.records().await.changes_since(&before);
    assert!(changes.is_empty(), "{changes:?}");
    println!("{tried} attempts, {accepted} accepted");
}

async fn the_hub_changes_its_own_key(hub: Backend) {
    let mut province = Province::found(hub).await;
    let called = province.commune("xã Kon Braih").await;
    let asking = province.join(NewMember::behind_nat("xã Đăk Kôi")).await;
    let before = Folder::at(province.hub.folder()).key().expect("a key").id();
    province.hub.command_says(&["rotate-key"]).await;
    let folder = Folder::at(province.hub.folder());
    eventually("the hub signs with its new key", async || {
        let used = folder.key().map_err(|error| error.to_string())?.id();
        match used != before {
            true => Ok(()),
            false => Err(used.to_string()),
        }
    })
    .await;
    province.hub.restart().await;
    let editor = province.hub.staff().await;
    editor
        .publish(&Text::notice("Thông báo ký bằng khóa mới"))
        .await;
    for member in [&called, &asking] {
        eventually("it arrives", async || {
            let front = member.visitor().get("/").await;
            front.showing("Thông báo ký bằng khóa mới")
        })
        .await;
    }
    // A code minted now names the new key.
    province.commune("xã Đăk Rve").await;
}

async fn the_hub_survives_the_loss_of_its_key(hub: Backend) {
    let province = Province::found(hub).await;
    let called = province.commune("xã Kon Braih").await;
    let mut asking = province.join(NewMember::behind_nat("xã Đăk Kôi")).await;
    let folder = Folder::at(province.hub.folder());
    let emergency = folder.emergency_key_file();
    let emergency = emergency.to_str().expect("UTF-8");
    let before = folder.key().expect("a key").id();
    asking.stop().await;
    province
        .hub
        .command_says(&["revoke-key", "--own", "--with", emergency])
        .await;
    assert_ne!(folder.key().expect("a key").id(), before);
    let editor = province.hub.staff().await;
    editor
        .publish(&Text::notice("Thông báo sau khi đổi khóa"))
        .await;
    asking.start().await;
    for member in [&called, &asking] {
        eventually("it arrives", async || {
            let front = member.visitor().get("/").await;
            front.showing("Thông báo sau khi đổi khóa")
        })
        .await;
    }
}
