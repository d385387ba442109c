//! What becomes of the words of a stolen key: they stay in the log as history and lose every effect.

use super::cover::{self, Cover, Cut, Place, Through};
use super::key_record;
use crate::bulletins;
use crate::citizens::case;
use crate::entries::second_look;
use crate::error::{Error, Result};
use crate::log::{EventKind, Header, content, event, ledger};
use crate::ranking;
use crate::sync::{outgoing, review};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{OnConflict, SelectStatement};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, FromQueryResult, QueryOrder, QuerySelect, QueryTrait, Set,
};
use std::collections::{BTreeSet, HashMap};

/// An event without effect.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "distrusted")]
pub struct Model {
    /// The event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: i64,
    /// The key that signed it.
    pub key_id: String,
    /// Who speaks.
    pub site_id: Uuid,
    /// The entry concerned.
    pub entry_id: Option<Uuid>,
    /// [`State`] by name.
    pub state: String,
    /// Since when it has no effect here; milliseconds.
    pub since: i64,
    /// When people decided about it; milliseconds.
    pub decided_at: Option<i64>,
    /// Who did.
    pub decided_by: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What people decided about an event without effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing yet.
    Held,
    /// That it stays without effect.
    Left,
    /// That it is trusted after all.
    Released,
}

impl State {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Left => "left",
            Self::Released => "released",
        }
    }
}

/// What a revocation changed here.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    /// Events that lost their effect.
    pub distrusted: usize,
    /// Events that have it again.
    pub trusted: Vec<i64>,
    /// Entries that are something else now.
    pub entries: usize,
}

#[derive(FromQueryResult)]
struct Signed {
    id: i64,
    log_id: Uuid,
    seq: i64,
    site_id: Uuid,
    kind: String,
    entry_id: Option<Uuid>,
}

/// Makes everything here agree with how far the revoked key `key_id` is believed: events beyond that
/// lose their effect, events within it get theirs back. Doing it again changes nothing.
pub async fn take_effect(tx: &DatabaseTransaction, key_id: &str, now: i64) -> Result<Changed> {
    let cover = Cover::from(&cover::find(tx, key_id, 0, 0).await?);
    let known: HashMap<i64, Model> = Entity::find()
        .filter(Column::KeyId.eq(key_id))
        .all(tx)
        .await?
        .into_iter()
        .map(|known| (known.event_id, known))
        .collect();
    let signed: Vec<Signed> = event::Entity::find()
        .select_only()
        .columns([
            event::Column::Id,
            event::Column::LogId,
            event::Column::Seq,
            event::Column::SiteId,
            event::Column::Kind,
            event::Column::EntryId,
        ])
        .filter(event::Column::KeyId.eq(key_id))
        .order_by_asc(event::Column::Id)
        .into_model()
        .all(tx)
        .await?;
    let is_without_effect = |id: i64| {
        known
            .get(&id)
            .is_some_and(|known| known.state != State::Released.as_str())
    };
    let mut changed = Changed::default();
    let mut entries = BTreeSet::new();
    let mut letters = BTreeSet::new();
    let mut above_pages = BTreeSet::new();
    for event in &signed {
        let counts = cover.covers(event.log_id, event.seq);
        if counts != is_without_effect(event.id) {
            continue;
        }
        if counts {
            set_state(tx, event.id, State::Released).await?;
            changed.trusted.push(event.id);
        } else {
            distrust(tx, key_id, event, now).await?;
            changed.distrusted += 1;
        }
        match (EventKind::parse(&event.kind), event.entry_id) {
            (Some(kind), Some(entry)) if kind.is_letter() => {
                letters.insert((entry, event.site_id));
            }
            (Some(EventKind::BulletinSaid), Some(id)) => {
                above_pages.insert(id);
            }
            (_, Some(entry)) => {
                entries.insert(entry);
            }
            (_, None) => {}
        }
    }
    changed.entries = entries.len();
    for entry in entries {
        second_look::judge_again(tx, entry, now).await?;
    }
    for id in above_pages {
        bulletins::record::judge_again(tx, id).await?;
    }
    for (about, site) in letters {
        review::judge_again(tx, about, site).await?;
        case::stand_again(tx, about).await?;
        ranking::told::judge_again(tx, about).await?;
    }
    if changed.distrusted + changed.trusted.len() > 0 {
        tracing::warn!(
            key = key_id,
            distrusted = changed.distrusted,
            trusted = changed.trusted.len(),
            entries = changed.entries,
            "a revocation took effect"
        );
    }
    Ok(changed)
}

async fn distrust(tx: &DatabaseTransaction, key_id: &str, event: &Signed, now: i64) -> Result<()> {
    Entity::insert(ActiveModel {
        event_id: Set(event.id),
        key_id: Set(key_id.to_owned()),
        site_id: Set(event.site_id),
        entry_id: Set(event.entry_id),
        state: Set(State::Held.as_str().to_owned()),
        since: Set(now),
        decided_at: Set(None),
        decided_by: Set(None),
    })
    .on_conflict(
        OnConflict::column(Column::EventId)
            .update_columns([Column::State, Column::Since])
            .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    // Whoever has not received it never will.
    outgoing::Entity::delete_many()
        .filter(outgoing::Column::EventId.eq(event.id))
        .exec(tx)
        .await?;
    Ok(())
}

async fn set_state(tx: &DatabaseTransaction, event_id: i64, state: State) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_str()))
        .filter(Column::EventId.eq(event_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes what people decided about an event without effect.
pub async fn decide(
    tx: &DatabaseTransaction,
    event_id: i64,
    state: State,
    by: &str,
    now: i64,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_str()))
        .col_expr(Column::DecidedAt, Expr::value(now))
        .col_expr(Column::DecidedBy, Expr::value(by))
        .filter(Column::EventId.eq(event_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The events about `entry_id` that have no effect, as a query.
pub fn without_effect(entry_id: Uuid) -> SelectStatement {
    Entity::find()
        .select_only()
        .column(Column::EventId)
        .filter(Column::EntryId.eq(entry_id))
        .filter(Column::State.ne(State::Released.as_str()))
        .into_query()
}

/// Whether the key that signed `header` counts for it as of this transaction: a revocation may have
/// been stored since the signature was verified.
pub async fn still_proves(tx: &DatabaseTransaction, header: &Header) -> Result<bool> {
    let id = header.key.to_string();
    let Some(known) = key_record::Entity::find_by_id(&id).one(tx).await? else {
        // Introduced by an item of the same batch that is stored before this one, or nobody's.
        return Ok(false);
    };
    if known.revoked_at.is_none() {
        return Ok(true);
    }
    let cover = Cover::from(&cover::find(tx, &id, 0, 0).await?);
    Ok(cover.covers(header.log, header.seq))
}

/// The cut of the key `key_id` at `since`: the last place of each log that this site had received
/// before that moment, by its own clock.
pub async fn cut_at<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    key_id: &str,
    since: i64,
    now: i64,
) -> Result<Cut> {
    let known = key_record::Entity::find_by_id(key_id).one(db).await?;
    // What was released stays so: people looked at it.
    let judged_before = known.as_ref().map_or(0, |known| known.judged_at);
    let released = cover::find(db, key_id, 0, 0).await?.released;
    let mut logs = Vec::new();
    for log in ledger::logs_of(db, site_id).await? {
        let last: Option<i64> = event::Entity::find()
            .select_only()
            .column_as(event::Column::Seq.max(), "last")
            .filter(event::Column::LogId.eq(log.id))
            .filter(event::Column::KeyId.eq(key_id))
            .filter(event::Column::ReceivedAt.lt(since))
            .into_tuple()
            .one(db)
            .await?
            .flatten();
        if let Some(seq) = last {
            logs.push(Through { log: log.id, seq });
        }
    }
    Ok(Cut {
        since,
        judged_at: now.max(judged_before + 1),
        logs,
        released,
    })
}

/// The cut of a revoked key with one place more that is trusted, and the key's id.
pub async fn cut_with<C: ConnectionTrait>(
    db: &C,
    event_id: i64,
    now: i64,
) -> Result<(String, Cut)> {
    let held = Entity::find_by_id(event_id).one(db).await?;
    let held = held.ok_or(Error::NotFound)?;
    let event = event::Entity::find_by_id(event_id).one(db).await?;
    let event = event.ok_or(Error::NotFound)?;
    let known = key_record::Entity::find_by_id(&held.key_id).one(db).await?;
    let known = known.ok_or(Error::NotFound)?;
    let since = known.revoked_since.unwrap_or(now);
    let mut cut = cover::find(db, &held.key_id, since, known.judged_at).await?;
    cut.released.push(Place {
        log: event.log_id,
        seq: event.seq,
    });
    cut.judged_at = now.max(known.judged_at + 1);
    Ok((held.key_id, cut))
}

/// What the event is about, where its content says so.
pub async fn title_of<C: ConnectionTrait>(db: &C, event: &event::Model) -> Result<Option<String>> {
    let Some(hash) = &event.content_hash else {
        return Ok(None);
    };
    let Some(bytes) = content::read(db, hash).await? else {
        return Ok(None);
    };
    let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(anyhow::Error::new)?;
    let title = value.get("title").and_then(serde_json::Value::as_str);
    Ok(title.map(ToOwned::to_owned))
}

/// How many events wait for a decision.
pub async fn count_held<C: ConnectionTrait>(db: &C) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::State.eq(State::Held.as_str()))
        .count(db)
        .await?)
}

/// Some of the events that wait for a decision, newest first.
pub async fn held<C: ConnectionTrait>(db: &C, offset: u64, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::State.eq(State::Held.as_str()))
        .order_by_desc(Column::EventId)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?)
}
