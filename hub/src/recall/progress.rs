//! How far each site has come with a recall: handed over, acknowledged, carried out, gone.

use super::order;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, QueryOrder, QuerySelect, QueryTrait, Set, Statement,
};
use shared::entries::recall::{self, Applied};
use shared::error::Result;
use shared::log::{Lane, content, event, ledger};
use shared::site::Site;
use shared::sync::batch::Batch;
use shared::sync::cursor::Direction;
use shared::sync::outgoing;
use std::collections::HashMap;

/// Most members noted in one round: as many as a statement may name.
const ROUND: i64 = 2_000;

/// A stored case: what was recalled.
pub mod case {
    use sea_orm::entity::prelude::*;

    /// A case.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "recall_cases")]
    pub struct Model {
        /// The event that says so.
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: i64,
        /// Of which entry.
        pub entry_id: Uuid,
        /// The site of the unit that spoke.
        pub site_id: Uuid,
        /// The unit that spoke.
        pub unit_id: Uuid,
        /// Its title; none where everything is to be erased.
        pub title: Option<String>,
        /// Its page on any site of ours.
        pub path: String,
        /// Its page on a portal that is not ours.
        pub foreign_url: Option<String>,
        /// Digests of its media in hexadecimal, as a JSON list.
        pub media: String,
        /// Its place in the stream; 0 if it goes to nobody.
        pub position: i64,
        /// Who ordered it.
        pub ordered_by: String,
        /// When; milliseconds.
        pub ordered_at: i64,
        /// When it was taken back itself; milliseconds.
        pub lifted_at: Option<i64>,
        /// By whom.
        pub lifted_by: Option<String>,
        /// Why.
        pub lifted_why: Option<String>,
    }

    /// None: joins are written where they are needed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Model {
        /// The digests of its media.
        pub fn media(&self) -> Vec<String> {
            serde_json::from_str(&self.media).unwrap_or_default()
        }
    }
}

/// How far one site has come with one recall.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recall_progress")]
pub struct Model {
    /// The recall.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: i64,
    /// The site.
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: Uuid,
    /// When it was first handed over; milliseconds.
    pub sent_at: Option<i64>,
    /// When it was acknowledged; milliseconds.
    pub received_at: Option<i64>,
    /// When the site said that nothing of it was left with it; milliseconds.
    pub applied_at: Option<i64>,
    /// When we saw that it was gone from its public pages; milliseconds.
    pub gone_at: Option<i64>,
    /// Digests in hexadecimal of media that something else there shows, as a JSON list.
    pub kept: Option<String>,
    /// What was seen when we last looked.
    pub seen: Option<String>,
    /// When that was; milliseconds.
    pub looked_at: Option<i64>,
    /// How often we looked in vain.
    pub looks: i64,
    /// When to look next; milliseconds.
    pub next_look_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The digests of media that something else there shows.
    pub fn kept(&self) -> Vec<String> {
        self.kept
            .as_deref()
            .and_then(|kept| serde_json::from_str(kept).ok())
            .unwrap_or_default()
    }
}

/// A case about to be opened.
#[derive(Clone, Debug)]
pub struct NewCase {
    /// Of which entry.
    pub entry_id: Uuid,
    /// The site of the unit that spoke.
    pub site_id: Uuid,
    /// The unit that spoke.
    pub unit_id: Uuid,
    /// Its title, unless everything is to be erased.
    pub title: Option<String>,
    /// Its page on any site of ours.
    pub path: String,
    /// Its page on a portal that is not ours.
    pub foreign_url: Option<String>,
    /// Digests of its media.
    pub media: Vec<String>,
    /// Who ordered it.
    pub ordered_by: String,
    /// When; milliseconds.
    pub ordered_at: i64,
}

/// Opens the case of the recall `event`: the members among `followers`, this site, and the portal it
/// came from if that is not ours.
pub async fn begin(
    tx: &DatabaseTransaction,
    site: &Site,
    new: NewCase,
    event: &event::Model,
    followers: Vec<Uuid>,
) -> Result<()> {
    let place = outgoing::Entity::find()
        .filter(outgoing::Column::EventId.eq(event.id))
        .one(tx)
        .await?;
    let media = serde_json::to_string(&new.media).map_err(anyhow::Error::new)?;
    let mut sites: Vec<(Uuid, bool)> = followers.into_iter().map(|id| (id, false)).collect();
    sites.push((site.id, true));
    if new.foreign_url.is_some() {
        sites.push((new.site_id, false));
    }
    case::Entity::insert(case::ActiveModel {
        event_id: Set(event.id),
        entry_id: Set(new.entry_id),
        site_id: Set(new.site_id),
        unit_id: Set(new.unit_id),
        title: Set(new.title),
        path: Set(new.path),
        foreign_url: Set(new.foreign_url),
        media: Set(media),
        position: Set(place.map_or(0, |place| place.position)),
        ordered_by: Set(new.ordered_by),
        ordered_at: Set(new.ordered_at),
        lifted_at: Set(None),
        lifted_by: Set(None),
        lifted_why: Set(None),
    })
    .exec_without_returning(tx)
    .await?;
    for (site_id, is_here) in sites {
        let at_once = is_here.then_some(new.ordered_at);
        Entity::insert(ActiveModel {
            event_id: Set(event.id),
            site_id: Set(site_id),
            sent_at: Set(at_once),
            received_at: Set(at_once),
            looks: Set(0),
            next_look_at: Set(new.ordered_at),
            ..Default::default()
        })
        .on_conflict(
            OnConflict::columns([Column::EventId, Column::SiteId])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    }
    if order::erases(event, tx).await? {
        forget_titles(tx, new.entry_id).await?;
    }
    Ok(())
}

/// An erasure after a recall: the cases before it forget the title as well.
async fn forget_titles(tx: &DatabaseTransaction, entry_id: Uuid) -> Result<()> {
    case::Entity::update_many()
        .col_expr(case::Column::Title, Expr::value(None::<String>))
        .filter(case::Column::EntryId.eq(entry_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that `batch` is being handed to `to`, if a recall is in it that was not before.
pub async fn handed_over(site: &Site, to: Uuid, batch: &Batch) -> Result<()> {
    if batch.lane != Lane::Urgent || batch.items.is_empty() {
        return Ok(());
    }
    let within: Vec<i64> = case::Entity::find()
        .select_only()
        .column(case::Column::EventId)
        .filter(case::Column::Position.gt(batch.after))
        .filter(case::Column::Position.lte(batch.through))
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

/// Notes whose cursors have passed which recall. A receipt is an acknowledgement of everything before
/// it, so the cursor says it all.
pub async fn note_received(site: &Site) -> Result<()> {
    let db = site.db.reader();
    let rows = db
        .query_all_raw(Statement::from_sql_and_values(
            db.get_database_backend(),
            "SELECT p.event_id, p.site_id FROM recall_progress p \
             JOIN recall_cases r ON r.event_id = p.event_id \
             JOIN cursors c ON c.site_id = p.site_id AND c.direction = $1 AND c.lane = $2 \
             WHERE p.received_at IS NULL AND r.position > 0 AND c.stream_id = $3 \
             AND c.position >= r.position LIMIT $4",
            [
                Direction::Out.as_str().into(),
                Lane::Urgent.as_str().into(),
                site.stream_id().into(),
                ROUND.into(),
            ],
        ))
        .await?;
    let mut received: HashMap<i64, Vec<Uuid>> = HashMap::new();
    for row in rows {
        let event = row.try_get_by_index(0)?;
        received
            .entry(event)
            .or_default()
            .push(row.try_get_by_index(1)?);
    }
    if received.is_empty() {
        return Ok(());
    }
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for (event, members) in received {
                    let of_these = || {
                        Entity::update_many()
                            .filter(Column::EventId.eq(event))
                            .filter(Column::SiteId.is_in(members.iter().copied()))
                    };
                    of_these()
                        .col_expr(Column::SentAt, Expr::value(now))
                        .filter(Column::SentAt.is_null())
                        .exec(tx)
                        .await?;
                    of_these()
                        .col_expr(Column::ReceivedAt, Expr::value(now))
                        .filter(Column::ReceivedAt.is_null())
                        .exec(tx)
                        .await?;
                }
                Ok(())
            })
        })
        .await
}

/// Notes what the letter `event` says: nothing is left with its sender.
pub async fn note_applied(
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
    let applied = Applied::from_content(&value).map_err(anyhow::Error::new)?;
    let Some(recall) = ledger::event_at(tx, applied.log, applied.seq).await? else {
        return Ok(());
    };
    let key = (recall.id, event.site_id);
    let Some(known) = Entity::find_by_id(key).one(tx).await? else {
        return Ok(());
    };
    let now = site.clock.now().timestamp_millis();
    let kept: Vec<String> = applied.kept.iter().map(|digest| digest.hex()).collect();
    let (sent_at, received_at) = (known.sent_at, known.received_at);
    let applied_at = known.applied_at;
    let mut change: ActiveModel = known.into();
    change.sent_at = Set(Some(sent_at.unwrap_or(now)));
    change.received_at = Set(Some(received_at.unwrap_or(now)));
    change.applied_at = Set(Some(applied_at.unwrap_or(now)));
    change.kept = Set(Some(
        serde_json::to_string(&kept).map_err(anyhow::Error::new)?,
    ));
    change.looks = Set(0);
    change.next_look_at = Set(now);
    change.update(tx).await?;
    Ok(())
}

/// Notes that this site itself has nothing left of what it recalled.
pub async fn note_applied_here(site: &Site) -> Result<()> {
    let db = site.db.reader();
    let waiting = Entity::find()
        .filter(Column::SiteId.eq(site.id))
        .filter(Column::AppliedAt.is_null())
        .all(db)
        .await?;
    for one in waiting {
        let recall = recall::Entity::find_by_id(one.event_id).one(db).await?;
        let Some(purged_at) = recall.and_then(|recall| recall.purged_at) else {
            continue;
        };
        site.db
            .write(move |tx| {
                Box::pin(async move {
                    let mut change: ActiveModel = one.into();
                    change.applied_at = Set(Some(purged_at));
                    change.update(tx).await?;
                    Ok(())
                })
            })
            .await?;
    }
    Ok(())
}

/// The newest cases, `limit` of them after `offset`.
pub async fn cases<C: ConnectionTrait>(
    db: &C,
    offset: u64,
    limit: u64,
) -> Result<Vec<case::Model>> {
    Ok(case::Entity::find()
        .order_by_desc(case::Column::EventId)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?)
}

/// How many cases there are.
pub async fn count_cases<C: ConnectionTrait>(db: &C) -> Result<u64> {
    Ok(case::Entity::find().count(db).await?)
}

/// What is not known to be gone, of recalls that still stand: what was recalled by mistake may be there again.
pub(super) fn is_open() -> sea_orm::Condition {
    let lifted = case::Entity::find()
        .select_only()
        .column(case::Column::EventId)
        .filter(case::Column::LiftedAt.is_not_null())
        .into_query();
    sea_orm::Condition::all()
        .add(Column::GoneAt.is_null())
        .add(Column::EventId.not_in_subquery(lifted))
}

/// How much of what was recalled is not known to be gone, by site.
pub async fn open_by_site<C: ConnectionTrait>(db: &C) -> Result<HashMap<Uuid, u64>> {
    let rows: Vec<(Uuid, i64)> = Entity::find()
        .select_only()
        .column(Column::SiteId)
        .column_as(Column::EventId.count(), "open")
        .filter(is_open())
        .group_by(Column::SiteId)
        .into_tuple()
        .all(db)
        .await?;
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    Ok(rows
        .into_iter()
        .map(|(site, open)| (site, count(open)))
        .collect())
}

/// Waits no longer for `site_id`, which has left, to come to the end of anything.
pub async fn let_go(tx: &DatabaseTransaction, site_id: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::GoneAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// How many cases some site has not come to the end of.
pub async fn count_open<C: ConnectionTrait>(db: &C) -> Result<u64> {
    let open: Vec<i64> = Entity::find()
        .select_only()
        .column(Column::EventId)
        .filter(is_open())
        .distinct()
        .into_tuple()
        .all(db)
        .await?;
    Ok(open.len() as u64)
}

/// At how many sites each of the recalls `events` is known to be gone, and how many have to do with it.
pub async fn tally<C: ConnectionTrait>(
    db: &C,
    events: &[i64],
) -> Result<HashMap<i64, (usize, usize)>> {
    if events.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, i64, i64)> = Entity::find()
        .select_only()
        .column(Column::EventId)
        .column_as(Column::GoneAt.count(), "gone")
        .column_as(Column::SiteId.count(), "sites")
        .filter(Column::EventId.is_in(events.iter().copied()))
        .group_by(Column::EventId)
        .into_tuple()
        .all(db)
        .await?;
    let count = |count: i64| usize::try_from(count).unwrap_or_default();
    Ok(rows
        .into_iter()
        .map(|(event, gone, sites)| (event, (count(gone), count(sites))))
        .collect())
}

/// How far the sites have come with the recall `event_id`.
pub async fn of_case<C: ConnectionTrait>(db: &C, event_id: i64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::EventId.eq(event_id))
        .all(db)
        .await?)
}
