//! Words of ours that left their places in a log, or found them taken, and were said again in another: what
//! a peer that still holds them is not asked for once more, and what is not said a third time.

use crate::error::Result;
use crate::log::Digest;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Set};

/// A place of a log of ours and what stood there.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "said_again")]
pub struct Model {
    /// The log.
    #[sea_orm(primary_key, auto_increment = false)]
    pub log_id: Uuid,
    /// The place.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// Digest of the header.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: Vec<u8>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Notes that what stood at a place was said again.
pub(super) async fn note(
    tx: &DatabaseTransaction,
    log: Uuid,
    seq: i64,
    digest: Digest,
) -> Result<()> {
    Entity::insert(ActiveModel {
        log_id: Set(log),
        seq: Set(seq),
        hash: Set(digest.as_bytes().to_vec()),
    })
    .on_conflict(
        OnConflict::columns([Column::LogId, Column::Seq, Column::Hash])
            .do_nothing()
            .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Whether what stood at a place was said again.
pub(super) async fn contains<C: ConnectionTrait>(
    db: &C,
    log: Uuid,
    seq: i64,
    digest: Digest,
) -> Result<bool> {
    let noted = Entity::find_by_id((log, seq, digest.as_bytes().to_vec()));
    Ok(noted.one(db).await?.is_some())
}
