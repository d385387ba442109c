use super::*;
use crate::directory::description::{KeyDescription, UnitDescription};
use crate::directory::{Mode as SiteMode, SiteDescription, State, key_record, site_record};
use crate::entries::MediaRole;
use crate::entries::order::LAST_REVISION;
use crate::entries::recall::Recall;
use crate::log::{EventKind, Lane, NewEvent, append};
use crate::media;
use crate::sync::outgoing;
use crate::sync::peer::{LinkMode, Role};
use crate::sync::receipt::Reason;
use crate::testing::{self, TestSite, press};

/// Makes `hub` the upstream peer of `member`.
async fn put_above(member: &Arc<Site>, hub: &Arc<Site>) -> peer::Model {
    let key = hub.key.public_key();
    let record = site_record::Model {
        id: hub.id,
        unit_id: hub.unit_id,
        mode: SiteMode::Native.as_str().to_owned(),
        state: State::Active.as_str().to_owned(),
        base_url: "https://tinh.example".to_owned(),
        title: "Cổng của tỉnh".to_owned(),
        described_at: 0,
    };
    member
        .db
        .write(move |tx| {
            Box::pin(async move {
                let id = record.id;
                site_record::put(tx, record).await?;
                key_record::put(tx, id, &key, 0, None, None).await?;
                peer::put(tx, id, Role::Upstream, LinkMode::Push, 0).await
            })
        })
        .await
        .expect("put above");
    peer::find(member.db.reader(), hub.id)
        .await
        .expect("reads")
        .expect("a peer")
}

/// The hub's word about `neighbour`, as an event of the hub.
async fn describe(hub: &Arc<Site>, neighbour: &Arc<Site>) -> event::Model {
    let description = SiteDescription {
        site: neighbour.id,
        mode: SiteMode::Native,
        state: State::Active,
        base_url: "https://dakkoi.quangngai.example".to_owned(),
        title: "xã Đăk Kôi".to_owned(),
        unit: UnitDescription {
            id: neighbour.unit_id,
            attributes: Vec::new(),
        },
        keys: vec![KeyDescription::in_use(neighbour.key.public_key(), 0)],
        heirs: Vec::new(),
        lists: None,
    };
    let inner = Arc::clone(hub);
    hub.db
        .write(move |tx| {
            Box::pin(async move {
                let new = NewEvent {
                    kind: EventKind::SiteDescribed,
                    lane: Lane::Urgent,
                    unit: inner.unit_id,
                    entry: None,
                    rev: 0,
                    content: Some(description.to_content()?),
                    to: None,
                };
                append(tx, &inner, new).await
            })
        })
        .await
        .expect("described")
}

async fn batch_of(hub: &Site, member: &Site, events: &[(&Arc<Site>, event::Model)]) -> Vec<u8> {
    let mut items = Vec::new();
    for (site, event) in events {
        let item = outgoing::item_of(site.db.reader(), event, None)
            .await
            .expect("an item");
        items.push(item.0);
    }
    let batch = Batch {
        stream: hub.stream_id(),
        lane: Lane::Urgent,
        from: hub.id,
        to: member.id,
        after: 0,
        through: 2,
        given_at: None,
        head: 2,
        items,
    };
    batch
        .to_bytes("Cổng của tỉnh", "https://tinh.example")
        .expect("JSON")
}

async fn published(site: &Arc<Site>) -> event::Model {
    let entry = press::notice("Cảnh báo lũ trên sông Đăk Bla")
        .publish(site)
        .await;
    event::Entity::find()
        .filter(event::Column::EntryId.eq(entry))
        .one(site.db.reader())
        .await
        .expect("reads")
        .expect("an event")
}

async fn three_sites() -> (TestSite, TestSite, TestSite) {
    (
        testing::site().await,
        testing::site().await,
        testing::site().await,
    )
}

#[tokio::test]
async fn a_site_may_speak_in_the_batch_that_introduces_it() {
    let (hub, member, neighbour) = three_sites().await;
    let from = put_above(&member, &hub).await;
    let described = describe(&hub, &neighbour).await;
    let spoken = published(&neighbour).await;
    let bytes = batch_of(&hub, &member, &[(&hub, described), (&neighbour, spoken)]).await;
    let receipt = receive(&member, &from, &bytes, None)
        .await
        .expect("a receipt");
    let outcomes: Vec<Outcome> = receipt.outcomes.iter().map(|item| item.outcome).collect();
    assert_eq!(outcomes, [Outcome::Accepted, Outcome::Accepted]);
    let again = receive(&member, &from, &bytes, None)
        .await
        .expect("a receipt");
    assert!(
        again
            .outcomes
            .iter()
            .all(|item| item.outcome == Outcome::Duplicate)
    );
}

#[tokio::test]
async fn a_site_nobody_introduced_is_refused_and_the_rest_goes_in() {
    let (hub, member, stranger) = three_sites().await;
    let from = put_above(&member, &hub).await;
    let spoken = published(&stranger).await;
    let described = describe(&hub, &stranger).await;
    let bytes = batch_of(&hub, &member, &[(&stranger, spoken), (&hub, described)]).await;
    let receipt = receive(&member, &from, &bytes, None)
        .await
        .expect("a receipt");
    assert_eq!(receipt.outcomes[0].reason, Some(Reason::UnknownSite));
    assert_eq!(receipt.outcomes[1].outcome, Outcome::Accepted);
    assert_eq!(receipt.cursor, 2, "one bad item never stops the stream");
}

// ---- what the province takes back -----------------------------------------------------------------

/// The event of kind `kind` about `entry` on `site`.
async fn event_about(site: &Arc<Site>, entry: Uuid, kind: EventKind) -> event::Model {
    event::Entity::find()
        .filter(event::Column::EntryId.eq(entry))
        .filter(event::Column::Kind.eq(kind.as_str()))
        .one(site.db.reader())
        .await
        .expect("reads")
        .expect("an event")
}

/// Has `hub` recall revisions up to `through` of the entry `entry` of `origin`.
async fn recall(
    hub: &Arc<Site>,
    origin: &Arc<Site>,
    entry: Uuid,
    through: i64,
    erase: bool,
) -> event::Model {
    let said = Recall {
        site: origin.id,
        unit: origin.unit_id,
        reason: "Lộ thông tin cá nhân".to_owned(),
        erase,
        basis: None,
        replacement: None,
    };
    let inner = Arc::clone(hub);
    hub.db
        .write(move |tx| {
            Box::pin(async move {
                let new = NewEvent {
                    kind: EventKind::EntryRecalled,
                    lane: Lane::Urgent,
                    unit: inner.unit_id,
                    entry: Some(entry),
                    rev: through,
                    content: Some(said.to_content(entry)?),
                    to: None,
                };
                append(tx, &inner, new).await
            })
        })
        .await
        .expect("recalled")
}

async fn outcomes(
    member: &Arc<Site>,
    from: &peer::Model,
    bytes: &[u8],
) -> Vec<(Outcome, Option<Reason>)> {
    let receipt = receive(member, from, bytes, None).await.expect("a receipt");
    let told = receipt.outcomes.into_iter();
    told.map(|item| (item.outcome, item.reason)).collect()
}

/// Everything a site holds, as text: whatever is found in it, it holds.
async fn everything_held(site: &Site) -> String {
    use sea_orm::{FromQueryResult, JsonValue, Statement};
    let db = site.db.reader();
    let mut held = String::new();
    for table in [
        "contents",
        "entries",
        "placements",
        "refusals",
        "drafts",
        "draft_versions",
        "draft_history",
        "draft_notes",
        "post_checks",
        "recalls",
    ] {
        let query =
            Statement::from_string(db.get_database_backend(), format!("SELECT * FROM {table}"));
        for row in JsonValue::find_by_statement(query)
            .all(db)
            .await
            .expect("rows")
        {
            held.push_str(&row.to_string());
        }
    }
    for content in content::Entity::find().all(db).await.expect("contents") {
        held.push_str(&String::from_utf8_lossy(&content.bytes.unwrap_or_default()));
    }
    held
}

const CANARY: &str = "chim-hoang-yen-7719";

#[tokio::test]
async fn nothing_of_a_recalled_entry_is_left_whatever_comes_first() {
    for order in [["said", "recalled"], ["recalled", "said"]] {
        let (hub, member, neighbour) = three_sites().await;
        let from = put_above(&member, &hub).await;
        let entry = press::article(CANARY)
            .with(MediaRole::Lead, b"anh mat", "image/jpeg", &neighbour)
            .publish(&neighbour)
            .await;
        press::deliver(&member, b"anh mat", "image/jpeg", None).await;
        let described = describe(&hub, &neighbour).await;
        let said = event_about(&neighbour, entry, EventKind::EntryPublished).await;
        let recalled = recall(&hub, &neighbour, entry, 1, false).await;
        let mut events = vec![(&*hub, described)];
        for one in order {
            events.push(match one {
                "said" => (&*neighbour, said.clone()),
                _ => (&*hub, recalled.clone()),
            });
        }
        let bytes = batch_of(&hub, &member, &events).await;
        let told = outcomes(&member, &from, &bytes).await;
        assert_eq!(told, [(Outcome::Accepted, None); 3], "{order:?}");

        let held = record::find(member.db.reader(), entry).await;
        let held = held.expect("reads").expect("its row stays");
        assert_eq!(held.state(), record::EntryState::Recalled, "{order:?}");
        assert_eq!(held.site_id, neighbour.id, "its origin is known");
        assert_eq!(held.reason.as_deref(), Some("Lộ thông tin cá nhân"));
        assert!(
            !everything_held(&member).await.contains(CANARY),
            "{order:?}"
        );

        while purge::round(&member).await.expect("a round") > 0 {}
        let medium = media::record::find(member.db.reader(), Digest::of(b"anh mat")).await;
        if order[0] == "said" {
            let medium = medium.expect("reads").expect("its row stays");
            assert_eq!(medium.state, media::record::MediaState::Gone.as_str());
            assert!(!member.media.path(Digest::of(b"anh mat")).exists());
        }
        // The header travels on alone, and what arrives is still one whole log.
        let stored = event_about(&member, entry, EventKind::EntryPublished).await;
        let (item, _) = outgoing::item_of(member.db.reader(), &stored, None)
            .await
            .expect("an item");
        assert_eq!(item["_lien_cong"]["erased"], true);
        assert!(!item.to_string().contains(CANARY));
        let letter = event_about(&member, entry, EventKind::LetterRecall).await;
        assert_eq!((letter.lane.as_str(), letter.rev), ("urgent", 1));
    }
}

#[tokio::test]
async fn a_copy_that_comes_after_its_recall_is_never_shown_and_a_mended_one_is() {
    let (hub, member, neighbour) = three_sites().await;
    let from = put_above(&member, &hub).await;
    let entry = press::article(CANARY).publish(&neighbour).await;
    let described = describe(&hub, &neighbour).await;
    let recalled = recall(&hub, &neighbour, entry, 2, false).await;
    let bytes = batch_of(&hub, &member, &[(&hub, described), (&hub, recalled)]).await;
    receive(&member, &from, &bytes, None).await.expect("taken");

    for (rev, title) in [(2, "bản hai chim-hoang-yen-7719"), (3, "Bản đã sửa")] {
        press::article(title).revise(&neighbour, entry, rev).await;
        let revised = record::find(neighbour.db.reader(), entry).await;
        let event = revised.expect("reads").expect("is there").event_id;
        let event = event::find_many(neighbour.db.reader(), vec![event]).await;
        let event = event.expect("reads").pop().expect("an event");
        let bytes = batch_of(&hub, &member, &[(&neighbour, event)]).await;
        let told = outcomes(&member, &from, &bytes).await;
        assert_eq!(told, [(Outcome::Accepted, None)], "{rev}");
        let held = record::find(member.db.reader(), entry).await;
        let held = held.expect("reads").expect("a row");
        assert_eq!(held.is_live(), rev == 3, "{rev}");
        assert!(!everything_held(&member).await.contains(CANARY));
    }
}

#[tokio::test]
async fn only_the_hub_recalls() {
    let (hub, member, neighbour) = three_sites().await;
    let from = put_above(&member, &hub).await;
    let entry = press::article("Tin của xã bạn").publish(&hub).await;
    let described = describe(&hub, &neighbour).await;
    let said = event_about(&hub, entry, EventKind::EntryPublished).await;
    let by_a_neighbour = recall(&neighbour, &hub, entry, 1, false).await;
    let events = [
        (&*hub, described),
        (&*hub, said),
        (&*neighbour, by_a_neighbour),
    ];
    let bytes = batch_of(&hub, &member, &events).await;
    let told = outcomes(&member, &from, &bytes).await;
    assert_eq!(told[2], (Outcome::Refused, Some(Reason::HubOnly)));
    let held = record::find(member.db.reader(), entry).await;
    assert!(held.expect("reads").expect("a row").is_live());
}

#[tokio::test]
async fn a_picture_that_something_else_shows_stays() {
    let (hub, member, neighbour) = three_sites().await;
    let from = put_above(&member, &hub).await;
    let picture = b"anh chung";
    let with = |title: &str, site: &Site| {
        press::article(title).with(MediaRole::Lead, picture, "image/jpeg", site)
    };
    let entry = with("Tin bị thu hồi", &neighbour).publish(&neighbour).await;
    with("Tin khác", &member).publish(&member).await;
    press::deliver(&member, picture, "image/jpeg", None).await;
    let described = describe(&hub, &neighbour).await;
    let said = event_about(&neighbour, entry, EventKind::EntryPublished).await;
    let recalled = recall(&hub, &neighbour, entry, 1, false).await;
    let events = [(&*hub, described), (&*neighbour, said), (&*hub, recalled)];
    let bytes = batch_of(&hub, &member, &events).await;
    receive(&member, &from, &bytes, None).await.expect("taken");
    while purge::round(&member).await.expect("a round") > 0 {}
    let medium = media::record::find(member.db.reader(), Digest::of(picture)).await;
    assert!(medium.expect("reads").expect("a row").is_here());
    let letter = event_about(&member, entry, EventKind::LetterRecall).await;
    let hash = letter.content_hash.expect("a content");
    let letter = content::read(member.db.reader(), &hash)
        .await
        .expect("reads");
    let letter = String::from_utf8(letter.expect("kept")).expect("UTF-8");
    assert!(
        letter.contains(&Digest::of(picture).hex()),
        "the hub is told"
    );
}

#[tokio::test]
async fn the_origin_keeps_its_text_for_its_authors_unless_it_is_to_be_erased() {
    for erase in [false, true] {
        let (hub, member, _) = three_sites().await;
        let from = put_above(&member, &hub).await;
        let entry = press::article(CANARY).publish(&member).await;
        let through = if erase { LAST_REVISION } else { 1 };
        let recalled = recall(&hub, &member, entry, through, erase).await;
        let bytes = batch_of(&hub, &member, &[(&hub, recalled)]).await;
        let told = outcomes(&member, &from, &bytes).await;
        assert_eq!(told, [(Outcome::Accepted, None)]);
        let held = record::find(member.db.reader(), entry).await;
        let held = held.expect("reads").expect("a row");
        assert_eq!(held.state(), record::EntryState::Recalled);
        assert_eq!(everything_held(&member).await.contains(CANARY), !erase);
        // Kept or not, it leaves this site no more.
        let said = event_about(&member, entry, EventKind::EntryPublished).await;
        let (item, _) = outgoing::item_of(member.db.reader(), &said, None)
            .await
            .expect("an item");
        assert!(!item.to_string().contains(CANARY));
    }
}
