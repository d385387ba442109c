//! Entries that could not be taken in, kept for whoever has to find out why.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::NotSet;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, Set};
use shared::error::Result;
use shared::feeds::read::Quarantined;
use shared::log::Digest;

/// A stored entry that could not be taken in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "feed_quarantine")]
pub struct Model {
    /// Row number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Where it was read.
    pub source_id: Uuid,
    /// Of its beginning and what is wrong with it: the same at every poll.
    pub digest: Vec<u8>,
    /// What is wrong with it.
    pub reason: String,
    /// How it begins.
    pub head: String,
    /// When it was first met; milliseconds.
    pub first_seen_at: i64,
    /// When it was last met; milliseconds.
    pub last_seen_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Keeps `entry` of the source `source_id`, or notes that it was met again. Says whether it is new.
pub async fn keep<C: ConnectionTrait>(
    db: &C,
    source_id: Uuid,
    entry: &Quarantined,
    now: DateTime<Utc>,
) -> Result<bool> {
    let digest = Digest::of(format!("{}\n{}", entry.reason, entry.head));
    let digest = digest.as_bytes().to_vec();
    let now = now.timestamp_millis();
    let met = Entity::update_many()
        .col_expr(Column::LastSeenAt, Expr::value(now))
        .filter(Column::SourceId.eq(source_id))
        .filter(Column::Digest.eq(digest.clone()))
        .exec(db)
        .await?;
    if met.rows_affected > 0 {
        return Ok(false);
    }
    ActiveModel {
        id: NotSet,
        source_id: Set(source_id),
        digest: Set(digest),
        reason: Set(entry.reason.clone()),
        head: Set(entry.head.clone()),
        first_seen_at: Set(now),
        last_seen_at: Set(now),
    }
    .insert(db)
    .await?;
    Ok(true)
}

/// How long an item that is not met again stays set aside.
const KEPT: chrono::TimeDelta = chrono::TimeDelta::days(90);

/// Forgets items that were not met again for long; how many.
pub async fn forget_old<C: ConnectionTrait>(db: &C, now: i64) -> Result<u64> {
    let forgotten = Entity::delete_many()
        .filter(Column::LastSeenAt.lt(now - KEPT.num_milliseconds()))
        .exec(db)
        .await?;
    Ok(forgotten.rows_affected)
}

/// What is kept of the source `source_id`, the latest met first.
pub async fn of_source<C: ConnectionTrait>(db: &C, source_id: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::SourceId.eq(source_id))
        .order_by_desc(Column::LastSeenAt)
        .order_by_desc(Column::Id)
        .all(db)
        .await?)
}
