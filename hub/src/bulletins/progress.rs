//! How far each member has come with a version of a bulletin: handed over, received, on its pages, acknowledged.

use sea_orm::entity::prelude::*;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, FromQueryResult, QueryOrder, QuerySelect, Set, Statement,
};
use shared::bulletins::{Acknowledged, Bulletin, record};
use shared::error::Result;
use shared::log::{Lane, content, event};
use shared::site::Site;
use shared::sync::batch::Batch;
use shared::sync::cursor::Direction;
use shared::sync::outgoing;
use std::collections::HashMap;

/// A stored order: one version of a bulletin.
pub mod order {
    use sea_orm::entity::prelude::*;

    /// A version of a bulletin.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bulletin_orders")]
    pub struct Model {
        /// The event that says so.
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: i64,
        /// The bulletin.
        pub bulletin_id: Uuid,
        /// The version.
        pub rev: i64,
        /// Whether it lifts the bulletin.
        pub lifts: bool,
        /// The unit whose portal is out of service, where that is what it announces.
        pub outage_unit: Option<Uuid>,
        /// From when on it stands; milliseconds, as all times here.
        pub from_at: i64,
        /// When it ends.
        pub until_at: i64,
        /// Its place in the stream; 0 if it goes to nobody.
        pub position: i64,
        /// Who ordered it.
        pub ordered_by: String,
        /// When.
        pub ordered_at: i64,
    }

    /// None: joins are written where they are needed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How far one member has come with one version.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bulletin_progress")]
pub struct Model {
    /// The version.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: i64,
    /// The member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: Uuid,
    /// Whether its pages are to say it; otherwise it is for its people alone.
    pub shows: bool,
    /// When it was first handed over; milliseconds.
    pub sent_at: Option<i64>,
    /// When the member acknowledged having it.
    pub received_at: Option<i64>,
    /// When we saw its pages say so.
    pub seen_at: Option<i64>,
    /// When its people acknowledged it, by our clock.
    pub acknowledged_at: Option<i64>,
    /// Who did.
    pub acknowledged_by: Option<String>,
    /// What was wrong when we last looked.
    pub trouble: Option<String>,
    /// When that was.
    pub looked_at: Option<i64>,
    /// How often we looked in vain.
    pub looks: i64,
    /// When to look next; none before it has it, and where there is nothing to look for any more.
    pub next_look_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Days progress with a bulletin that is over is remembered.
const KEPT_DAYS: i64 = 400;
/// Rows written at once: a statement holds so many values and no more.
const AT_ONCE: usize = 500;
/// Receipts noted in one round.
const ROUND: u64 = 2_000;

/// Begins to follow the version that `event` says: `followers` are members with their units. What an earlier version
/// said is no longer looked for.
pub async fn begin(
    tx: &DatabaseTransaction,
    event: &event::Model,
    bulletin: &Bulletin,
    by: &str,
    followers: Vec<(Uuid, Uuid)>,
) -> Result<()> {
    let id = event.entry_id.unwrap_or_default();
    let place = outgoing::Entity::find()
        .filter(outgoing::Column::EventId.eq(event.id))
        .one(tx)
        .await?;
    let outage_unit = bulletin.outage.as_ref().map(|outage| outage.unit);
    let earlier = versions(tx, id).await?;
    if !earlier.is_empty() {
        Entity::update_many()
            .col_expr(Column::NextLookAt, Expr::value(None::<i64>))
            .filter(Column::EventId.is_in(earlier.iter().map(|order| order.event_id)))
            .exec(tx)
            .await?;
    }
    order::Entity::insert(order::ActiveModel {
        event_id: Set(event.id),
        bulletin_id: Set(id),
        rev: Set(event.rev),
        lifts: Set(bulletin.lifted.is_some()),
        outage_unit: Set(outage_unit),
        from_at: Set(bulletin.from),
        until_at: Set(bulletin.until),
        position: Set(place.map_or(0, |place| place.position)),
        ordered_by: Set(by.to_owned()),
        ordered_at: Set(event.time),
    })
    .exec_without_returning(tx)
    .await?;
    let shows = |unit: Uuid| outage_unit.is_none_or(|outage| outage == unit);
    for some in followers.chunks(AT_ONCE) {
        let rows = some.iter().map(|(site, unit)| ActiveModel {
            event_id: Set(event.id),
            site_id: Set(*site),
            shows: Set(shows(*unit)),
            looks: Set(0),
            ..Default::default()
        });
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The versions of the bulletin `id`, the newest first.
pub async fn versions<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Vec<order::Model>> {
    Ok(order::Entity::find()
        .filter(order::Column::BulletinId.eq(id))
        .order_by_desc(order::Column::Rev)
        .all(db)
        .await?)
}

/// The versions that the events `events` say, each by its event.
pub async fn of_events<C: ConnectionTrait>(
    db: &C,
    events: &[i64],
) -> Result<HashMap<i64, order::Model>> {
    let found = order::Entity::find()
        .filter(order::Column::EventId.is_in(events.iter().copied()))
        .all(db)
        .await?;
    Ok(found
        .into_iter()
        .map(|order| (order.event_id, order))
        .collect())
}

/// How far the members have come with the version `event_id`.
pub async fn of_version<C: ConnectionTrait>(db: &C, event_id: i64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::EventId.eq(event_id))
        .all(db)
        .await?)
}

/// What the members come to with one version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Sum {
    /// The version.
    pub event_id: i64,
    /// How many it is for.
    pub members: i64,
    /// How many have it.
    pub received: i64,
    /// At how many its people acknowledged it.
    pub acknowledged: i64,
}

/// What the members come to with each of some versions.
pub async fn sums<C: ConnectionTrait>(db: &C, events: &[i64]) -> Result<HashMap<i64, Sum>> {
    if events.is_empty() {
        return Ok(HashMap::new());
    }
    let sums: Vec<Sum> = Entity::find()
        .select_only()
        .column(Column::EventId)
        .column_as(Column::SiteId.count(), "members")
        .column_as(Column::ReceivedAt.count(), "received")
        .column_as(Column::AcknowledgedAt.count(), "acknowledged")
        .filter(Column::EventId.is_in(events.iter().copied()))
        .group_by(Column::EventId)
        .into_model()
        .all(db)
        .await?;
    Ok(sums.into_iter().map(|sum| (sum.event_id, sum)).collect())
}

/// Notes that `batch` is being handed to `to`, if a bulletin is in it that was not before.
pub async fn handed_over(site: &Site, to: Uuid, batch: &Batch) -> Result<()> {
    if batch.lane != Lane::Urgent || batch.items.is_empty() {
        return Ok(());
    }
    let within: Vec<i64> = order::Entity::find()
        .select_only()
        .column(order::Column::EventId)
        .filter(order::Column::Position.gt(batch.after))
        .filter(order::Column::Position.lte(batch.through))
        .into_tuple()
        .all(site.db.reader())
        .await?;
    if within.is_empty() {
        return Ok(());
    }
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                Entity::update_many()
                    .col_expr(Column::SentAt, Expr::value(now))
                    .filter(Column::EventId.is_in(within))
                    .filter(Column::SiteId.eq(to))
                    .filter(Column::SentAt.is_null())
                    .exec(tx)
                    .await?;
                Ok(())
            })
        })
        .await
}

/// Notes whose cursors have passed which version. A receipt acknowledges everything before it, so the cursor says it
/// all.
pub async fn note_received(site: &Site) -> Result<()> {
    let db = site.db.reader();
    let rows = db
        .query_all_raw(Statement::from_sql_and_values(
            db.get_database_backend(),
            "SELECT p.event_id, p.site_id, o.from_at FROM bulletin_progress p \
             JOIN bulletin_orders o ON o.event_id = p.event_id \
             JOIN cursors c ON c.site_id = p.site_id AND c.direction = $1 AND c.lane = $2 \
             WHERE p.received_at IS NULL AND o.position > 0 AND c.stream_id = $3 \
             AND c.position >= o.position LIMIT $4",
            [
                Direction::Out.as_str().into(),
                Lane::Urgent.as_str().into(),
                site.stream_id().into(),
                i64::try_from(ROUND).unwrap_or(i64::MAX).into(),
            ],
        ))
        .await?;
    let mut received: HashMap<(i64, i64), Vec<Uuid>> = HashMap::new();
    for row in rows {
        let (event, from): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(2)?);
        let member = row.try_get_by_index(1)?;
        received.entry((event, from)).or_default().push(member);
    }
    if received.is_empty() {
        return Ok(());
    }
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for ((event, from), members) in received {
                    let is_current = stands(tx, event).await?;
                    for some in members.chunks(AT_ONCE) {
                        let of_these = || {
                            Entity::update_many()
                                .filter(Column::EventId.eq(event))
                                .filter(Column::SiteId.is_in(some.iter().copied()))
                        };
                        of_these()
                            .col_expr(Column::SentAt, Expr::value(now))
                            .filter(Column::SentAt.is_null())
                            .exec(tx)
                            .await?;
                        if is_current {
                            of_these()
                                .col_expr(Column::NextLookAt, Expr::value(from.max(now)))
                                .filter(Column::Shows.eq(true))
                                .filter(Column::SeenAt.is_null())
                                .exec(tx)
                                .await?;
                        }
                        of_these()
                            .col_expr(Column::ReceivedAt, Expr::value(now))
                            .filter(Column::ReceivedAt.is_null())
                            .exec(tx)
                            .await?;
                    }
                }
                Ok(())
            })
        })
        .await
}

/// Whether the version `event_id` is what its bulletin says now.
async fn stands<C: ConnectionTrait>(db: &C, event_id: i64) -> Result<bool> {
    let found = record::Entity::find()
        .filter(record::Column::EventId.eq(event_id))
        .count(db)
        .await?;
    Ok(found > 0)
}

/// Notes what the letter `event` says: people at its sender acknowledged a version.
pub async fn note_acknowledged(
    tx: &DatabaseTransaction,
    site: &Site,
    event: &event::Model,
) -> Result<()> {
    let Some(hash) = &event.content_hash else {
        return Ok(());
    };
    let Some(bytes) = content::read(tx, hash).await? else {
        return Ok(());
    };
    let value = serde_json::from_slice(&bytes).map_err(anyhow::Error::new)?;
    let said = Acknowledged::from_content(&value).map_err(anyhow::Error::msg)?;
    let version = order::Entity::find()
        .filter(order::Column::BulletinId.eq(said.bulletin))
        .filter(order::Column::Rev.eq(said.rev))
        .one(tx)
        .await?;
    let Some(version) = version else {
        return Ok(());
    };
    let key = (version.event_id, event.site_id);
    let Some(known) = Entity::find_by_id(key).one(tx).await? else {
        return Ok(());
    };
    if known.acknowledged_at.is_some() {
        return Ok(());
    }
    let now = site.clock.now().timestamp_millis();
    let (sent_at, received_at) = (known.sent_at, known.received_at);
    let is_to_be_seen = known.shows && received_at.is_none() && stands(tx, known.event_id).await?;
    let mut change: ActiveModel = known.into();
    if is_to_be_seen {
        change.next_look_at = Set(Some(version.from_at.max(now)));
    }
    // Who acknowledges it has it.
    change.sent_at = Set(Some(sent_at.unwrap_or(now)));
    change.received_at = Set(Some(received_at.unwrap_or(now)));
    change.acknowledged_at = Set(Some(now));
    change.acknowledged_by = Set(Some(said.by));
    change.update(tx).await?;
    Ok(())
}

/// Forgets how far members came with what was over long ago.
pub async fn forget_old(tx: &DatabaseTransaction, now: i64) -> Result<u64> {
    let before = now - KEPT_DAYS * 86_400_000;
    let old: Vec<i64> = order::Entity::find()
        .select_only()
        .column(order::Column::EventId)
        .filter(order::Column::UntilAt.lt(before))
        .limit(100)
        .into_tuple()
        .all(tx)
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    let progress = Entity::delete_many().filter(Column::EventId.is_in(old.iter().copied()));
    let forgotten = progress.exec(tx).await?.rows_affected;
    let orders = order::Entity::delete_many().filter(order::Column::EventId.is_in(old));
    Ok(forgotten + orders.exec(tx).await?.rows_affected)
}
