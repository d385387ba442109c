//! Who is editing a draft now. A lock ends by itself when nothing is heard of its holder, and whoever
//! needs the text takes it over with a click; the other is told when they save.

use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Set};

/// A lock.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "draft_locks")]
pub struct Model {
    /// The draft.
    #[sea_orm(primary_key, auto_increment = false)]
    pub draft_id: Uuid,
    /// Who holds it.
    pub account_id: Uuid,
    /// Since when; milliseconds.
    pub since: i64,
    /// When they were last heard of; milliseconds.
    pub seen_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How long a lock lasts after its holder was last heard of.
pub const LASTS_MS: i64 = 3 * 60 * 1000;

impl Model {
    /// Whether it keeps `account` from writing at `now`. A clock that was set back ends it as well.
    pub fn bars(&self, account: Uuid, now: i64) -> bool {
        self.account_id != account && (now - self.seen_at).abs() < LASTS_MS
    }
}

/// Takes the lock of a draft for `account`, or keeps it; who holds it instead.
pub async fn take(
    tx: &DatabaseTransaction,
    draft_id: Uuid,
    account: Uuid,
    now: i64,
) -> Result<Option<Model>> {
    let held = find(tx, draft_id).await?;
    if let Some(other) = held.as_ref().filter(|held| held.bars(account, now)) {
        return Ok(Some(other.clone()));
    }
    let since = held
        .filter(|held| held.account_id == account)
        .map_or(now, |held| held.since);
    put(tx, draft_id, account, since, now).await?;
    Ok(None)
}

/// Takes the lock of a draft from whoever holds it.
pub async fn take_over(
    tx: &DatabaseTransaction,
    draft_id: Uuid,
    account: Uuid,
    now: i64,
) -> Result<()> {
    put(tx, draft_id, account, now, now).await
}

async fn put(
    tx: &DatabaseTransaction,
    draft_id: Uuid,
    account: Uuid,
    since: i64,
    now: i64,
) -> Result<()> {
    let row = ActiveModel {
        draft_id: Set(draft_id),
        account_id: Set(account),
        since: Set(since),
        seen_at: Set(now),
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::DraftId)
                .update_columns([Column::AccountId, Column::Since, Column::SeenAt])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Ends the lock of a draft, whoever holds it: it was moved on, and its text with it.
pub async fn release_all(tx: &DatabaseTransaction, draft_id: Uuid) -> Result<()> {
    Entity::delete_by_id(draft_id).exec(tx).await?;
    Ok(())
}

/// The lock of a draft, whether it still holds or not.
pub async fn find<C: ConnectionTrait>(db: &C, draft_id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(draft_id).one(db).await?)
}

/// Forgets locks whose holders were not heard of for a day.
pub async fn forget_old(tx: &DatabaseTransaction, now: i64) -> Result<u64> {
    const DAY_MS: i64 = 24 * 3600 * 1000;
    let forgotten = Entity::delete_many()
        .filter(Column::SeenAt.lt(now - DAY_MS))
        .exec(tx)
        .await?;
    Ok(forgotten.rows_affected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_bars_others_and_ends_by_itself() {
        let (holder, other) = (Uuid::now_v7(), Uuid::now_v7());
        let lock = Model {
            draft_id: Uuid::now_v7(),
            account_id: holder,
            since: 0,
            seen_at: 1_000_000,
        };
        for (who, at, bars) in [
            (holder, 1_000_000, false),
            (other, 1_000_000, true),
            (other, 1_000_000 + LASTS_MS - 1, true),
            (other, 1_000_000 + LASTS_MS, false),
            (other, 1_000_000 - LASTS_MS, false),
        ] {
            assert_eq!(lock.bars(who, at), bars, "{at}");
        }
    }
}
