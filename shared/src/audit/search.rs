//! Looking something up in the record.

use super::action::{Action, Group};
use super::chain::{Column, Entity, Model, Outcome};
use crate::error::Result;
use crate::vietnamese::fold;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, PaginatorTrait, QueryOrder, QuerySelect, Select};

/// What to narrow the record to; everything left out does not narrow it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words of a login, a title, an id or an address, with or without accents.
    pub words: String,
    /// One account.
    pub account: Option<Uuid>,
    /// One group of actions.
    pub group: Option<Group>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Not before; milliseconds.
    pub from: Option<i64>,
    /// Before; milliseconds.
    pub until: Option<i64>,
}

impl Filter {
    fn select(&self) -> Select<Entity> {
        let mut query = Entity::find();
        for word in fold(&self.words).split_whitespace().take(MOST_WORDS) {
            query = query.filter(Column::Words.contains(word));
        }
        if let Some(account) = self.account {
            query = query.filter(Column::AccountId.eq(account));
        }
        if let Some(group) = self.group {
            let actions = Action::ALL.iter().filter(|action| action.group() == group);
            query = query.filter(Column::Action.is_in(actions.map(|action| action.as_str())));
        }
        if let Some(outcome) = self.outcome {
            query = query.filter(Column::Outcome.eq(outcome.as_str()));
        }
        if let Some(from) = self.from {
            query = query.filter(Column::At.gte(from));
        }
        if let Some(until) = self.until {
            query = query.filter(Column::At.lt(until));
        }
        query
    }
}

/// More words narrow nothing any more.
const MOST_WORDS: usize = 8;

/// How many records match `filter`.
pub async fn count<C: ConnectionTrait>(db: &C, filter: &Filter) -> Result<u64> {
    Ok(filter.select().count(db).await?)
}

/// Some of the records that match `filter`, the newest first.
pub async fn page<C: ConnectionTrait>(
    db: &C,
    filter: &Filter,
    offset: u64,
    limit: u64,
) -> Result<Vec<Model>> {
    Ok(filter
        .select()
        .order_by_desc(Column::Seq)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?)
}

/// Up to `limit` records behind `seq` and not behind `last`, in order.
pub async fn following<C: ConnectionTrait>(
    db: &C,
    seq: i64,
    last: i64,
    limit: u64,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::Seq.gt(seq))
        .filter(Column::Seq.lte(last))
        .order_by_asc(Column::Seq)
        .limit(limit)
        .all(db)
        .await?)
}

/// The first and the last place of the records between two moments; none if there are none.
pub async fn places<C: ConnectionTrait>(
    db: &C,
    from: Option<i64>,
    until: Option<i64>,
) -> Result<Option<(i64, i64)>> {
    let filter = Filter {
        from,
        until,
        ..Filter::default()
    };
    let first = filter.select().order_by_asc(Column::Seq).one(db).await?;
    let last = filter.select().order_by_desc(Column::Seq).one(db).await?;
    Ok(first.zip(last).map(|(first, last)| (first.seq, last.seq)))
}
