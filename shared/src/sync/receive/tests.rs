use super::*;
use crate::directory::description::{KeyDescription, UnitDescription};
use crate::directory::{Mode as SiteMode, SiteDescription, State, key_record, site_record};
use crate::log::{EventKind, Lane, NewEvent, append};
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
