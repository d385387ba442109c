//! The logs this site holds: its own and those of others, and how far each is whole.

use super::canonical::Digest;
use super::event;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{
    ActiveValue::NotSet, ConnectionTrait, DatabaseTransaction, QueryOrder, QuerySelect, Set,
};

/// A log as held here.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "logs")]
pub struct Model {
    /// Log id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub site_id: Uuid,
    /// The one unit that may read it, for letters.
    pub addressee: Option<Uuid>,
    /// The highest event held.
    pub head_seq: i64,
    /// Its digest.
    pub head_hash: Option<Vec<u8>>,
    /// Up to here no event is missing and every link was checked.
    pub verified_seq: i64,
    /// When we first knew of it; milliseconds.
    pub opened_at: i64,
    /// When its site went on in another log; milliseconds.
    pub closed_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Our own open log for `addressee` (none: the public one), opened when there is none; its row is
/// locked until the transaction ends, so that two writers cannot take one place.
pub async fn open_own(
    tx: &DatabaseTransaction,
    site_id: Uuid,
    addressee: Option<Uuid>,
    now: i64,
) -> Result<Model> {
    let mut query = Entity::find()
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::ClosedAt.is_null())
        .order_by_asc(Column::OpenedAt)
        .lock_exclusive();
    query = match addressee {
        Some(unit) => query.filter(Column::Addressee.eq(unit)),
        None => query.filter(Column::Addressee.is_null()),
    };
    if let Some(log) = query.one(tx).await? {
        return Ok(log);
    }
    Ok(ActiveModel {
        id: Set(Uuid::now_v7()),
        site_id: Set(site_id),
        addressee: Set(addressee),
        head_seq: Set(0),
        head_hash: Set(None),
        verified_seq: Set(0),
        opened_at: Set(now),
        closed_at: Set(None),
    }
    .insert(tx)
    .await?)
}

/// Ends every open log of `site_id`: what it says next goes into new ones.
pub async fn close_own(tx: &DatabaseTransaction, site_id: Uuid, now: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::ClosedAt, Expr::value(now))
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::ClosedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Whether the database of `site_id` was ever found to be an older copy: its logs were closed then.
pub async fn went_back(tx: &DatabaseTransaction, site_id: Uuid) -> Result<bool> {
    let closed = Entity::find()
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::ClosedAt.is_not_null())
        .one(tx)
        .await?;
    Ok(closed.is_some())
}

/// The log `id`, if held; locked until the transaction ends.
pub async fn find_locked(tx: &DatabaseTransaction, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).lock_exclusive().one(tx).await?)
}

/// Begins to hold another site's log.
pub async fn begin_holding(
    tx: &DatabaseTransaction,
    id: Uuid,
    site_id: Uuid,
    addressee: Option<Uuid>,
    now: i64,
) -> Result<Model> {
    Ok(ActiveModel {
        id: Set(id),
        site_id: Set(site_id),
        addressee: Set(addressee),
        head_seq: Set(0),
        head_hash: Set(None),
        verified_seq: Set(0),
        opened_at: Set(now),
        closed_at: Set(None),
    }
    .insert(tx)
    .await?)
}

/// Notes that the event (`seq`, `digest`) is now held, and moves the end of the whole part on as
/// far as it goes. Each neighbour's link was checked when it was stored, so presence is enough.
pub async fn note_held(
    tx: &DatabaseTransaction,
    log: &Model,
    seq: i64,
    digest: Digest,
) -> Result<Model> {
    let mut verified = log.verified_seq;
    if seq == verified + 1 {
        verified = seq;
        if log.head_seq > seq {
            verified = whole_until(tx, log.id, seq).await?;
        }
    }
    let (head_seq, head_hash) = if seq > log.head_seq {
        (Set(seq), Set(Some(digest.as_bytes().to_vec())))
    } else {
        (NotSet, NotSet)
    };
    Ok(ActiveModel {
        id: Set(log.id),
        head_seq,
        head_hash,
        verified_seq: Set(verified),
        ..Default::default()
    }
    .update(tx)
    .await?)
}

async fn whole_until(tx: &DatabaseTransaction, log_id: Uuid, from: i64) -> Result<i64> {
    let mut end = from;
    loop {
        let following: Vec<i64> = event::Entity::find()
            .select_only()
            .column(event::Column::Seq)
            .filter(event::Column::LogId.eq(log_id))
            .filter(event::Column::Seq.gt(end))
            .order_by_asc(event::Column::Seq)
            .limit(500)
            .into_tuple()
            .all(tx)
            .await?;
        let full = following.len() == 500;
        for seq in following {
            if seq != end + 1 {
                return Ok(end);
            }
            end = seq;
        }
        if !full {
            return Ok(end);
        }
    }
}

/// The event at (`log_id`, `seq`), if held.
pub async fn event_at<C: ConnectionTrait>(
    db: &C,
    log_id: Uuid,
    seq: i64,
) -> Result<Option<event::Model>> {
    Ok(event::Entity::find()
        .filter(event::Column::LogId.eq(log_id))
        .filter(event::Column::Seq.eq(seq))
        .one(db)
        .await?)
}

/// The logs of `site_id` that are held, oldest first.
pub async fn logs_of<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::SiteId.eq(site_id))
        .order_by_asc(Column::OpenedAt)
        .all(db)
        .await?)
}
