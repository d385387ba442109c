//! Numbers used once: what makes a recorded request worthless.

use super::message_signature::Verified;
use crate::error::Result;
use crate::problem::ProblemKind;
use chrono::TimeDelta;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Set};

/// A stored nonce.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "nonces")]
pub struct Model {
    /// The key it was used with.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key_id: String,
    /// The nonce.
    #[sea_orm(primary_key, auto_increment = false)]
    pub nonce: String,
    /// When the request it was in stops being valid by itself; milliseconds.
    pub expires_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How long after its end a request may still be taken for valid by a clock that is behind.
const CLOCK_LEAD: TimeDelta = TimeDelta::seconds(60);

/// Uses the nonce of a verified request up, in the transaction of what the request does; refuses a
/// request that was seen before.
pub async fn use_up(tx: &DatabaseTransaction, verified: &Verified) -> Result<()> {
    let inserted = Entity::insert(ActiveModel {
        key_id: Set(verified.key_id.to_string()),
        nonce: Set(verified.nonce.as_str().to_owned()),
        expires_at: Set((verified.expires + CLOCK_LEAD).timestamp_millis()),
    })
    .on_conflict(
        OnConflict::columns([Column::KeyId, Column::Nonce])
            .do_nothing()
            .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    if inserted == 0 {
        return Err(ProblemKind::NonceReplayed.into());
    }
    Ok(())
}

/// Forgets the nonces of requests that are too old to be accepted anyway.
pub async fn forget_expired<C: ConnectionTrait>(db: &C, now: i64) -> Result<u64> {
    let deleted = Entity::delete_many()
        .filter(Column::ExpiresAt.lt(now))
        .exec(db)
        .await?;
    Ok(deleted.rows_affected)
}
