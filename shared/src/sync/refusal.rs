//! Items one side would not take. They never stop the stream; both sides see them and why.

use super::receipt::Reason;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::NotSet, ConnectionTrait, QueryOrder, QuerySelect, Set};

/// A stored refusal.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refusals")]
pub struct Model {
    /// Row number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The peer.
    pub site_id: Uuid,
    /// `in`: we refused theirs. `out`: they refused ours.
    pub direction: String,
    /// The log, where it could be read.
    pub log_id: Option<Uuid>,
    /// The place in it; 0 where it could not be read.
    pub seq: i64,
    /// The entry, where it could be read.
    pub entry_id: Option<Uuid>,
    /// [`Reason`] by slug.
    pub reason: String,
    /// In words.
    pub detail: String,
    /// How the item began, for those who look into it.
    pub head: String,
    /// When; milliseconds.
    pub at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A refusal about to be noted.
#[derive(Clone, Debug)]
pub struct NewRefusal {
    /// The peer.
    pub site_id: Uuid,
    /// Who refused.
    pub direction: super::cursor::Direction,
    /// The log.
    pub log_id: Option<Uuid>,
    /// The place in it.
    pub seq: i64,
    /// The entry.
    pub entry_id: Option<Uuid>,
    /// Why.
    pub reason: Reason,
    /// In words.
    pub detail: String,
    /// How the item began.
    pub head: String,
}

/// Refusals kept for each peer; the oldest go first.
const KEPT_PER_PEER: u64 = 1_000;

/// Notes a refusal; the same one sent again is noted once.
pub async fn note<C: ConnectionTrait>(db: &C, new: NewRefusal, now: i64) -> Result<()> {
    let known = Entity::find()
        .filter(Column::SiteId.eq(new.site_id))
        .filter(Column::Direction.eq(new.direction.as_str()))
        .filter(Column::Head.eq(&new.head))
        .filter(Column::Seq.eq(new.seq))
        .count(db)
        .await?;
    if known > 0 {
        return Ok(());
    }
    let excess = Entity::find()
        .filter(Column::SiteId.eq(new.site_id))
        .order_by_desc(Column::Id)
        .offset(KEPT_PER_PEER - 1)
        .limit(1)
        .one(db)
        .await?;
    if let Some(oldest_kept) = excess {
        Entity::delete_many()
            .filter(Column::SiteId.eq(new.site_id))
            .filter(Column::Id.lte(oldest_kept.id))
            .exec(db)
            .await?;
    }
    ActiveModel {
        id: NotSet,
        site_id: Set(new.site_id),
        direction: Set(new.direction.as_str().to_owned()),
        log_id: Set(new.log_id),
        seq: Set(new.seq),
        entry_id: Set(new.entry_id),
        reason: Set(new.reason.slug().to_owned()),
        detail: Set(new.detail),
        head: Set(new.head),
        at: Set(now),
    }
    .insert(db)
    .await?;
    Ok(())
}

/// How many there are.
pub async fn count<C: ConnectionTrait>(db: &C) -> Result<u64> {
    Ok(Entity::find().count(db).await?)
}

/// Some of them, newest first.
pub async fn page<C: ConnectionTrait>(db: &C, offset: u64, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_desc(Column::Id)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?)
}

/// Takes one off the list, once somebody has looked into it.
pub async fn dismiss<C: ConnectionTrait>(db: &C, id: i64) -> Result<()> {
    Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}
