//! Messages on their way: written once, tried until somebody took them.

use chrono::TimeDelta;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, QuerySelect, Set};
use shared::error::Result;
use std::collections::HashMap;

/// How long after each vain try the next one comes (Standard Webhooks). After the last one nobody tries any more.
const TRIES: [TimeDelta; 9] = [
    TimeDelta::seconds(5),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
    TimeDelta::hours(14),
    TimeDelta::hours(20),
    TimeDelta::hours(24),
];
/// Days a message is remembered.
const KEPT_DAYS: i64 = 90;

/// A stored message.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alert_messages")]
pub struct Model {
    /// Its id, the same at every try: who gets it twice knows by it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// To whom.
    pub recipient_id: Uuid,
    /// Whether it tells of nothing and only tries the way.
    pub is_trial: bool,
    /// When it was written; milliseconds, as all times here.
    pub made_at: i64,
    /// What it is about.
    pub subject: String,
    /// What it says, for people.
    pub words: String,
    /// What it says, for programs: JSON.
    pub facts: String,
    /// How often it was tried in vain.
    pub tries: i64,
    /// When it is tried next.
    pub next_at: i64,
    /// When it was taken.
    pub sent_at: Option<i64>,
    /// When trying ended.
    pub given_up_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Whether it tells of nothing and only tries the way.
    pub is_trial: bool,
    /// What it is about.
    pub subject: String,
    /// For people.
    pub text: String,
    /// For programs: JSON.
    pub facts: String,
}

/// Writes a message to `recipient`.
pub async fn write<C: ConnectionTrait>(
    db: &C,
    recipient: Uuid,
    words: Words,
    now: i64,
) -> Result<()> {
    let message = ActiveModel {
        id: Set(Uuid::now_v7()),
        recipient_id: Set(recipient),
        is_trial: Set(words.is_trial),
        made_at: Set(now),
        subject: Set(words.subject),
        words: Set(words.text),
        facts: Set(words.facts),
        tries: Set(0),
        next_at: Set(now),
        sent_at: Set(None),
        given_up_at: Set(None),
    };
    Entity::insert(message).exec_without_returning(db).await?;
    Ok(())
}

/// The messages to be tried now, the oldest first.
pub async fn due<C: ConnectionTrait>(db: &C, now: i64, most: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::SentAt.is_null())
        .filter(Column::GivenUpAt.is_null())
        .filter(Column::NextAt.lte(now))
        .order_by_asc(Column::MadeAt)
        .limit(most)
        .all(db)
        .await?)
}

/// When each recipient was told something last; milliseconds. Who only tried the way was told nothing.
pub async fn last_by_recipient<C: ConnectionTrait>(db: &C) -> Result<HashMap<Uuid, i64>> {
    let rows: Vec<(Uuid, i64)> = Entity::find()
        .select_only()
        .column(Column::RecipientId)
        .column_as(Column::MadeAt.max(), "last")
        .filter(Column::IsTrial.eq(false))
        .group_by(Column::RecipientId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The newest messages.
pub async fn newest<C: ConnectionTrait>(db: &C, most: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_desc(Column::MadeAt)
        .limit(most)
        .all(db)
        .await?)
}

/// `id` was taken.
pub async fn sent(tx: &DatabaseTransaction, id: Uuid, now: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::SentAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// `message` was tried in vain: it is tried again later, at `not_before` at the earliest, or never.
pub async fn failed(
    tx: &DatabaseTransaction,
    message: &Model,
    not_before: Option<i64>,
    now: i64,
) -> Result<()> {
    let next = next_try(message.tries, now);
    let mut query = Entity::update_many()
        .col_expr(Column::Tries, Expr::value(message.tries + 1))
        .filter(Column::Id.eq(message.id));
    query = match next {
        Some(next) => query.col_expr(
            Column::NextAt,
            Expr::value(next.max(not_before.unwrap_or(0))),
        ),
        None => query.col_expr(Column::GivenUpAt, Expr::value(now)),
    };
    query.exec(tx).await?;
    Ok(())
}

/// When to try again after so many vain tries before this one.
fn next_try(tries: i64, now: i64) -> Option<i64> {
    let wait = TRIES.get(usize::try_from(tries).ok()?)?;
    Some(now + wait.num_milliseconds())
}

/// What `recipient` has not taken is not sent any more.
pub(super) async fn drop_unsent<C: ConnectionTrait>(db: &C, recipient: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::RecipientId.eq(recipient))
        .filter(Column::SentAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Nothing that was written to `recipient` is remembered.
pub(super) async fn forget<C: ConnectionTrait>(db: &C, recipient: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::RecipientId.eq(recipient))
        .exec(db)
        .await?;
    Ok(())
}

/// Forgets what was written long ago.
pub async fn forget_old(tx: &DatabaseTransaction, now: i64) -> Result<u64> {
    let forgotten = Entity::delete_many()
        .filter(Column::MadeAt.lt(now - KEPT_DAYS * 86_400_000))
        .exec(tx)
        .await?;
    Ok(forgotten.rows_affected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_tried_ten_times_in_three_days_and_then_no_more() {
        let mut now = 0;
        let mut tries = 0;
        while let Some(next) = next_try(tries, now) {
            assert!(next > now);
            (now, tries) = (next, tries + 1);
        }
        assert_eq!(tries, 9);
        assert_eq!(TimeDelta::milliseconds(now).num_hours(), 75);
    }
}
