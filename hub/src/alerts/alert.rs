//! Alerts: since when something is wrong at a member, and who knows.

use super::trouble::Kind;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, QuerySelect, QueryTrait, Set};
use shared::error::Result;
use std::collections::HashMap;

/// Days an alert that is over is remembered.
const KEPT_DAYS: i64 = 400;

/// A stored alert.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alerts")]
pub struct Model {
    /// Row number; later ones are larger.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The member.
    pub site_id: Uuid,
    /// [`Kind`] by name.
    pub kind: String,
    /// How it is, in words.
    pub detail: String,
    /// Since when it was seen; milliseconds, as all times here.
    pub seen_at: i64,
    /// From when on it lasts long enough to be told.
    pub due_at: i64,
    /// When it was over.
    pub closed_at: Option<i64>,
    /// Who knows of it.
    pub acknowledged_by: Option<String>,
    /// Since when.
    pub acknowledged_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What it is about; none if a later version said so.
    pub fn kind(&self) -> Option<Kind> {
        Kind::parse(&self.kind)
    }

    /// Whether it lasts, and has lasted long enough.
    pub fn is_open(&self, now: i64) -> bool {
        self.closed_at.is_none() && self.due_at <= now
    }
}

/// What is seen to be wrong now: how, by member and kind.
pub type Seen = HashMap<(Uuid, Kind), String>;

/// What one look changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// How much is newly wrong.
    pub began: usize,
    /// How much is over.
    pub ended: usize,
}

/// Remembers what is seen to be wrong now, and that the rest is over. What was over before it was worth telling is
/// forgotten.
pub async fn take(tx: &DatabaseTransaction, seen: &Seen, now: i64) -> Result<Changes> {
    let mut changes = Changes::default();
    let mut new = seen.clone();
    for known in lasting(tx).await? {
        let Some(kind) = known.kind() else { continue };
        match new.remove(&(known.site_id, kind)) {
            Some(detail) if detail == known.detail => {}
            Some(detail) => {
                let mut change: ActiveModel = known.into();
                change.detail = Set(detail);
                change.update(tx).await?;
            }
            None => {
                changes.ended += 1;
                if known.due_at > now {
                    known.delete(tx).await?;
                } else {
                    let mut change: ActiveModel = known.into();
                    change.closed_at = Set(Some(now));
                    change.update(tx).await?;
                }
            }
        }
    }
    let mut new: Vec<((Uuid, Kind), String)> = new.into_iter().collect();
    new.sort_unstable();
    changes.began = new.len();
    // A statement holds so many values and no more.
    for some in new.chunks(500) {
        let rows = some.iter().map(|((site, kind), detail)| ActiveModel {
            site_id: Set(*site),
            kind: Set(kind.as_str().to_owned()),
            detail: Set(detail.clone()),
            seen_at: Set(now),
            due_at: Set(now + kind.patience().num_milliseconds()),
            ..Default::default()
        });
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(changes)
}

/// What is not over, whether it is worth telling already or not.
async fn lasting<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    let lasting = Entity::find().filter(Column::ClosedAt.is_null());
    Ok(lasting.all(db).await?)
}

/// What is wrong, the newest first.
pub async fn open<C: ConnectionTrait>(db: &C, now: i64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::ClosedAt.is_null())
        .filter(Column::DueAt.lte(now))
        .order_by_desc(Column::DueAt)
        .order_by_desc(Column::Id)
        .all(db)
        .await?)
}

/// How much is wrong that nobody said they know of.
pub async fn count_unknown<C: ConnectionTrait>(db: &C, now: i64) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::ClosedAt.is_null())
        .filter(Column::DueAt.lte(now))
        .filter(Column::AcknowledgedAt.is_null())
        .count(db)
        .await?)
}

/// What was over last, the newest first.
pub async fn over<C: ConnectionTrait>(db: &C, most: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::ClosedAt.is_not_null())
        .order_by_desc(Column::ClosedAt)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await?)
}

/// What was over since a moment.
pub async fn over_since<C: ConnectionTrait>(db: &C, since: i64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::ClosedAt.gte(since))
        .all(db)
        .await?)
}

/// Notes that `who` knows of alert `id`, or of all there are; how many that is news about.
pub async fn acknowledge(
    tx: &DatabaseTransaction,
    id: Option<i64>,
    who: &str,
    now: i64,
) -> Result<u64> {
    let known = Entity::update_many()
        .col_expr(Column::AcknowledgedBy, Expr::value(who))
        .col_expr(Column::AcknowledgedAt, Expr::value(now))
        .filter(Column::ClosedAt.is_null())
        .filter(Column::DueAt.lte(now))
        .filter(Column::AcknowledgedAt.is_null())
        .apply_if(id, |query, id| query.filter(Column::Id.eq(id)));
    Ok(known.exec(tx).await?.rows_affected)
}

/// Forgets what was over long ago.
pub async fn forget_old(tx: &DatabaseTransaction, now: i64) -> Result<u64> {
    let forgotten = Entity::delete_many()
        .filter(Column::ClosedAt.lt(now - KEPT_DAYS * 86_400_000))
        .exec(tx)
        .await?;
    Ok(forgotten.rows_affected)
}
