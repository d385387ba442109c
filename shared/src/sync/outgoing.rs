//! The outgoing stream: what others are to receive, in the order of commits.
//!
//! One stream serves every peer. A peer's share of it is what its audiences select, so a thousand
//! members cost a thousand cursors and not a thousand queues.

use super::audience::{self, Audience, Membership, Selector};
use super::batch::{self, Batch};
use super::core::is_of_our_stream;
use super::greeting::Cursors;
use crate::directory::site_record;
use crate::entries::{Mode, record};
use crate::error::Result;
use crate::log::{EventKind, Lane, content, event};
use crate::site::Site;
use crate::storage::{Counter, last_number, take_number};
use crate::units;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, QueryOrder, QuerySelect, QueryTrait, Set, Statement,
};
use std::collections::HashMap;

/// A stored place in the stream.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stream")]
pub struct Model {
    /// The place; grows by one, visible in that order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// [`Lane`] by name.
    pub lane: String,
    /// What.
    pub event_id: i64,
    /// For whom.
    pub audience_id: i64,
    /// Whose words: never sent back to it.
    pub origin: Uuid,
    /// Since when; milliseconds. With the position it tells this place from that of a database that grew
    /// out of the same copy: [`given_at`](super::core::StreamPlace::given_at).
    pub added_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Most events in a batch.
pub const LARGEST_BATCH: u64 = 200;
/// A batch is closed once its contents are this large.
pub const BATCH_BYTES: usize = 1024 * 1024;

/// Puts `event` into `lane` of the stream for `audience`.
pub async fn enqueue(
    tx: &DatabaseTransaction,
    site: &Site,
    event: &event::Model,
    lane: Lane,
    audience: &Audience,
) -> Result<()> {
    if audience.is_empty() {
        return Ok(());
    }
    let audience_id = audience_id(tx, audience).await?;
    Entity::insert(ActiveModel {
        position: Set(take_number(tx, Counter::Stream, 1).await?),
        lane: Set(lane.to_string()),
        event_id: Set(event.id),
        audience_id: Set(audience_id),
        origin: Set(event.site_id),
        added_at: Set(site.clock.now().timestamp_millis()),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Whether a peer that says to stand at `cursors` of our stream stands where we sent it.
pub async fn has_given<C: ConnectionTrait>(db: &C, cursors: &Cursors) -> Result<bool> {
    let last = last_number(db, Counter::Stream)
        .await
        .map_err(anyhow::Error::new)?;
    for told in Lane::ALL.map(|lane| cursors.of(lane)) {
        let given_at = match told.given_at {
            Some(_) => Entity::find_by_id(told.position).one(db).await?,
            None => None,
        };
        if !is_of_our_stream(told, last, given_at.map(|place| place.added_at)) {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn audience_id(tx: &DatabaseTransaction, audience: &Audience) -> Result<i64> {
    let (digest, rule) = audience.to_rule()?;
    audience::Entity::insert(audience::ActiveModel {
        digest: Set(digest.as_bytes().to_vec()),
        rule: Set(rule),
        ..Default::default()
    })
    .on_conflict(
        OnConflict::column(audience::Column::Digest)
            .do_nothing()
            .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    let found = audience::Entity::find()
        .filter(audience::Column::Digest.eq(digest.as_bytes().to_vec()))
        .one(tx)
        .await?;
    let found = found.ok_or_else(|| anyhow::anyhow!("an audience vanished"))?;
    Ok(found.id)
}

/// All who were ever to receive what the entry `entry_id` says: a later revision or a withdrawal follows
/// the earlier ones even where the routes have changed meanwhile. Who was only told that it is taken back
/// is not among them, and has no part in what it says next.
pub async fn audience_so_far(tx: &DatabaseTransaction, entry_id: Uuid) -> Result<Audience> {
    let backend = tx.get_database_backend();
    let rows = tx
        .query_all_raw(Statement::from_sql_and_values(
            backend,
            "SELECT DISTINCT a.rule FROM events e JOIN stream s ON s.event_id = e.id \
             JOIN audiences a ON a.id = s.audience_id WHERE e.entry_id = $1 AND e.kind IN ($2, $3)",
            [
                entry_id.into(),
                EventKind::EntryPublished.as_str().into(),
                EventKind::EntryRevised.as_str().into(),
            ],
        ))
        .await?;
    let mut all = Audience::nobody();
    for row in rows {
        let rule: String = row.try_get_by_index(0)?;
        let audience: Audience = serde_json::from_str(&rule).map_err(anyhow::Error::new)?;
        all = all.union(&audience);
    }
    Ok(all)
}

/// A revision of an entry as it stands in the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentAs {
    /// Which.
    pub rev: i64,
    /// Its place.
    pub position: i64,
    /// The lane it is in.
    pub lane: Lane,
    /// For whom.
    pub audience: Audience,
}

/// Every place in the stream at which the entry `entry_id` says something.
pub async fn sent_of<C: ConnectionTrait>(db: &C, entry_id: Uuid) -> Result<Vec<SentAs>> {
    let rows = db
        .query_all_raw(Statement::from_sql_and_values(
            db.get_database_backend(),
            "SELECT e.rev, s.position, s.lane, a.rule FROM events e \
             JOIN stream s ON s.event_id = e.id JOIN audiences a ON a.id = s.audience_id \
             WHERE e.entry_id = $1 AND e.kind IN ($2, $3) ORDER BY s.position",
            [
                entry_id.into(),
                EventKind::EntryPublished.as_str().into(),
                EventKind::EntryRevised.as_str().into(),
            ],
        ))
        .await?;
    let mut sent = Vec::with_capacity(rows.len());
    for row in rows {
        let (lane, rule): (String, String) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        let Some(lane) = Lane::parse(&lane) else {
            continue;
        };
        sent.push(SentAs {
            rev: row.try_get_by_index(0)?,
            position: row.try_get_by_index(1)?,
            lane,
            audience: serde_json::from_str(&rule).map_err(anyhow::Error::new)?,
        });
    }
    Ok(sent)
}

/// All who were to receive the event `event_id` itself.
pub async fn audience_of(tx: &DatabaseTransaction, event_id: i64) -> Result<Audience> {
    let rules = Entity::find()
        .filter(Column::EventId.eq(event_id))
        .all(tx)
        .await?;
    let mut all = Audience::nobody();
    for place in rules {
        let stored = audience::Entity::find_by_id(place.audience_id)
            .one(tx)
            .await?;
        let stored = stored.ok_or_else(|| anyhow::anyhow!("an audience vanished"))?;
        let audience: Audience = serde_json::from_str(&stored.rule).map_err(anyhow::Error::new)?;
        all = all.union(&audience);
    }
    Ok(all)
}

/// The events of some kinds that are in nobody's or only in some members' audience.
pub async fn not_for_everyone(
    tx: &DatabaseTransaction,
    kinds: &[EventKind],
) -> Result<Vec<event::Model>> {
    let mut for_everyone = Vec::new();
    for stored in audience::Entity::find().all(tx).await? {
        let audience: Audience = serde_json::from_str(&stored.rule).map_err(anyhow::Error::new)?;
        if audience.names(&Selector::Everyone) {
            for_everyone.push(stored.id);
        }
    }
    let sent_to_everyone = Entity::find()
        .select_only()
        .column(Column::EventId)
        .filter(Column::AudienceId.is_in(for_everyone))
        .into_query();
    Ok(event::Entity::find()
        .filter(event::Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())))
        .filter(event::Column::Id.not_in_subquery(sent_to_everyone))
        .order_by_asc(event::Column::Id)
        .all(tx)
        .await?)
}

/// A peer's share of the stream: the audiences it is in and how it receives each.
#[derive(Clone, Debug)]
pub struct Share {
    site_id: Uuid,
    unit: Uuid,
    modes: HashMap<i64, Mode>,
}

impl Share {
    /// The share of the peer `site_id` as of now.
    pub async fn of(site: &Site, site_id: Uuid, is_upstream: bool) -> Result<Self> {
        let db = site.db.reader();
        let unit = site_record::find(db, site_id)
            .await?
            .ok_or_else(|| anyhow::anyhow!("no site {site_id}"))?
            .unit_id;
        let today = crate::vietnamese::local(site.clock.now()).date_naive();
        // At every greeting and every batch of every peer: all units would be members times members.
        let tree = units::chain_on(db, today, unit).await?;
        Self::within(db, &tree, site_id, Membership { unit, is_upstream }).await
    }

    /// The share of a site in a tree already at hand.
    pub async fn within<C: ConnectionTrait>(
        db: &C,
        tree: &units::Tree,
        site_id: Uuid,
        membership: Membership,
    ) -> Result<Self> {
        let mut modes = HashMap::new();
        for stored in audience::Entity::find().all(db).await? {
            let audience: Audience =
                serde_json::from_str(&stored.rule).map_err(anyhow::Error::new)?;
            if let Some(mode) = audience.mode_for(&membership, tree)
                && mode.first_placing().is_some()
            {
                modes.insert(stored.id, mode);
            }
        }
        Ok(Self {
            site_id,
            unit: membership.unit,
            modes,
        })
    }

    fn select(&self, lane: Lane, after: i64) -> Select<Entity> {
        Entity::find()
            .filter(Column::Lane.eq(lane.as_str()))
            .filter(Column::Position.gt(after))
            .filter(Column::AudienceId.is_in(self.modes.keys().copied()))
            .filter(Column::Origin.ne(self.site_id))
    }

    /// How the peer receives those of `events` that are in its share.
    pub async fn modes_of<C: ConnectionTrait>(
        &self,
        db: &C,
        events: &[i64],
    ) -> Result<HashMap<i64, Mode>> {
        let places = Entity::find()
            .filter(Column::EventId.is_in(events.iter().copied()))
            .filter(Column::AudienceId.is_in(self.modes.keys().copied()))
            .all(db)
            .await?;
        let mut modes: HashMap<i64, Mode> = HashMap::new();
        for place in places {
            if let Some(mode) = self.modes.get(&place.audience_id) {
                let strongest = modes.entry(place.event_id).or_insert(*mode);
                *strongest = (*strongest).max(*mode);
            }
        }
        Ok(modes)
    }

    /// The unit of the peer.
    pub fn unit(&self) -> Uuid {
        self.unit
    }

    /// Whether it has what is for this audience.
    pub fn has(&self, audience_id: i64) -> bool {
        self.modes.contains_key(&audience_id)
    }

    /// How it receives what is for this audience, if it does.
    pub fn mode(&self, audience_id: i64) -> Option<Mode> {
        self.modes.get(&audience_id).copied()
    }

    /// The events after a place in `lane`, up to `most` places.
    pub async fn events_after<C: ConnectionTrait>(
        &self,
        db: &C,
        lane: Lane,
        after: i64,
        most: usize,
    ) -> Result<Vec<i64>> {
        Ok(self
            .select(lane, after)
            .select_only()
            .column(Column::EventId)
            .limit(most as u64)
            .into_tuple()
            .all(db)
            .await?)
    }

    /// Those of `events` that stand in `lane` at a place up to `position`.
    pub async fn events_up_to<C: ConnectionTrait>(
        &self,
        db: &C,
        lane: Lane,
        position: i64,
        events: &[i64],
    ) -> Result<Vec<i64>> {
        Ok(self
            .select(lane, 0)
            .filter(Column::Position.lte(position))
            .filter(Column::EventId.is_in(events.iter().copied()))
            .select_only()
            .column(Column::EventId)
            .into_tuple()
            .all(db)
            .await?)
    }

    /// Where this share of `lane` ends.
    pub async fn head<C: ConnectionTrait>(&self, db: &C, lane: Lane) -> Result<i64> {
        let last = self
            .select(lane, 0)
            .order_by_desc(Column::Position)
            .one(db)
            .await?;
        Ok(last.map_or(0, |last| last.position))
    }

    /// How many events wait after `after`, and since when the oldest does.
    pub async fn lag<C: ConnectionTrait>(&self, db: &C, lane: Lane, after: i64) -> Result<Lag> {
        let waiting = self.select(lane, after).count(db).await?;
        let oldest = match waiting {
            0 => None,
            _ => self
                .select(lane, after)
                .order_by_asc(Column::Position)
                .one(db)
                .await?
                .map(|first| first.added_at),
        };
        Ok(Lag { waiting, oldest })
    }
}

/// What waits for a peer in one lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// How many events.
    pub waiting: u64,
    /// Since when the oldest waits; milliseconds.
    pub oldest: Option<i64>,
}

/// The next batch of `lane` for a peer whose cursor is at `after`; `None` when it has everything.
pub async fn next_batch(
    site: &Site,
    share: &Share,
    lane: Lane,
    after: i64,
) -> Result<Option<Batch>> {
    let db = site.db.reader();
    let mut through = after;
    let mut given_at = None;
    let mut items = Vec::new();
    while items.is_empty() {
        let places = share
            .select(lane, through)
            .order_by_asc(Column::Position)
            .limit(LARGEST_BATCH)
            .all(db)
            .await?;
        if places.is_empty() {
            return Ok(None);
        }
        (through, items) = items_of(db, share, &places).await?;
        given_at = places
            .iter()
            .find(|place| place.position == through)
            .map(|place| place.added_at);
    }
    Ok(Some(Batch {
        stream: site.stream_id(),
        lane,
        from: site.id,
        to: share.site_id,
        after,
        through,
        given_at,
        head: share.head(db, lane).await?,
        items,
    }))
}

/// The next batch for a peer of either lane, the urgent one first. Who signed a regular event may have
/// become known by an urgent one that was committed before it, and that came in while the regular batch
/// was made: so the urgent lane is looked at once more, and goes first.
pub async fn next_of_both(
    site: &Site,
    share: &Share,
    urgent: i64,
    regular: i64,
) -> Result<Option<Batch>> {
    if let Some(batch) = next_batch(site, share, Lane::Urgent, urgent).await? {
        return Ok(Some(batch));
    }
    let Some(batch) = next_batch(site, share, Lane::Regular, regular).await? else {
        return Ok(None);
    };
    let came_meanwhile = next_batch(site, share, Lane::Urgent, urgent).await?;
    Ok(Some(came_meanwhile.unwrap_or(batch)))
}

/// The items at the first of `places`, as many as a batch takes, and the last place of them.
async fn items_of<C: ConnectionTrait>(
    db: &C,
    share: &Share,
    places: &[Model],
) -> Result<(i64, Vec<serde_json::Value>)> {
    let ids = places.iter().map(|place| place.event_id).collect();
    let (events, unreadable) = event::find_readable(db, ids).await?;
    for id in unreadable {
        if let Some((log, seq)) = event::place_of(db, id).await? {
            crate::scrub::notice::event(log, seq);
        }
    }
    let events: HashMap<i64, event::Model> =
        events.into_iter().map(|event| (event.id, event)).collect();
    let mut items = Vec::with_capacity(places.len());
    let mut through = 0;
    let mut size = 0;
    for place in places {
        // What was lost or damaged on our disk is not sent, and holds up nothing else. Once it is whole
        // again, comparing finds that the peer lacks it.
        let item = match events.get(&place.event_id) {
            Some(event) => {
                let mode = share.modes.get(&place.audience_id).copied();
                sound_item_of(db, event, mode).await?
            }
            None => {
                tracing::error!(event = place.event_id, "an event of the stream is gone");
                None
            }
        };
        if let Some((item, bytes)) = item {
            size += bytes;
            if size > BATCH_BYTES && !items.is_empty() {
                break;
            }
            items.push(item);
        }
        through = place.position;
    }
    Ok((through, items))
}

/// [`item_of`], or none if header or content are no longer what they were: a flipped bit does not
/// travel.
pub async fn sound_item_of<C: ConnectionTrait>(
    db: &C,
    event: &event::Model,
    mode: Option<Mode>,
) -> Result<Option<(serde_json::Value, usize)>> {
    if !event.is_sound() {
        tracing::error!(log.id = %event.log_id, log.seq = event.seq, "a stored event is damaged");
        crate::scrub::notice::event(event.log_id, event.seq);
        return Ok(None);
    }
    match item_of(db, event, mode).await {
        Ok(item) => Ok(Some(item)),
        Err(error) if content::Damaged::is_cause_of(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// An event as it travels, and roughly how large it is. What was taken back travels as its header
/// alone, even where its text is still kept for those who wrote it.
pub async fn item_of<C: ConnectionTrait>(
    db: &C,
    event: &event::Model,
    mode: Option<Mode>,
) -> Result<(serde_json::Value, usize)> {
    let content = match &event.content_hash {
        Some(hash) if !is_over(db, event).await? => content::read(db, hash).await?,
        _ => None,
    };
    let size = event.header.len() + content.as_ref().map_or(0, Vec::len);
    let header = serde_json::from_str(&event.header).map_err(anyhow::Error::new)?;
    let content = content
        .map(|bytes| serde_json::from_slice(&bytes))
        .transpose()
        .map_err(anyhow::Error::new)?;
    let is_erased = event.content_hash.is_some() && content.is_none();
    let item = batch::to_item(
        header,
        &event.signature,
        event.entry_id,
        content,
        mode,
        is_erased,
    );
    Ok((item, size))
}

async fn is_over<C: ConnectionTrait>(db: &C, event: &event::Model) -> Result<bool> {
    let says = [EventKind::EntryPublished, EventKind::EntryRevised];
    let (Some(entry), true) = (event.entry_id, says.contains(&event.kind()?)) else {
        return Ok(false);
    };
    let Some(entry) = record::find(db, entry).await? else {
        return Ok(false);
    };
    Ok(event.rev <= entry.standing()?.over_through())
}

#[cfg(test)]
mod tests;
