//! The order in which this site showed entries and took them off again.
//!
//! Feeds and their archives count by it: an entry that came in long ago and is shown today is
//! today's news here, so neither its own date nor the place of its event in a log will do. Numbers
//! only grow and are taken in the transaction that makes them true.

use super::record;
use super::{Placing, placement};
use crate::error::Result;
use crate::storage::{Counter, last_number, take_number};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, QueryOrder, Set, Statement};
use std::ops::RangeInclusive;

/// A stored publication.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "publications")]
pub struct Model {
    /// Its place in this site's order, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// Of which entry.
    pub entry_id: Uuid,
    /// The event that made the entry what was published.
    pub event_id: i64,
    /// [`State`] by name.
    pub state: String,
    /// When; milliseconds.
    pub at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What was made known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The entry, or a new revision of it.
    Shown,
    /// That it is no longer to be shown.
    Ended,
}

impl State {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Ended => "ended",
        }
    }
}

impl Model {
    /// Whether it says that the entry is no longer to be shown.
    pub fn is_end(&self) -> bool {
        self.state == State::Ended.as_str()
    }
}

/// Publishes what has changed about `entry_id`, if anything a reader sees has. Called by whatever
/// changes an entry or its placement; calling it once more changes nothing.
pub async fn keep_up(tx: &DatabaseTransaction, entry_id: Uuid, now: i64) -> Result<()> {
    let Some(entry) = record::find(tx, entry_id).await? else {
        return Ok(());
    };
    let placement = placement::find(tx, entry_id).await?;
    let is_shown = entry.is_live()
        && placement.is_some_and(|placement| placement.state == Placing::Shown.as_str());
    let last = Entity::find()
        .filter(Column::EntryId.eq(entry_id))
        .order_by_desc(Column::Number)
        .one(tx)
        .await?;
    let state = match (is_shown, &last) {
        (true, Some(last)) if !last.is_end() && last.event_id == entry.event_id => return Ok(()),
        (true, _) => State::Shown,
        (false, Some(last)) if !last.is_end() => State::Ended,
        (false, _) => return Ok(()),
    };
    let number = take_number(tx, Counter::Publication, 1).await?;
    ActiveModel {
        number: Set(number),
        entry_id: Set(entry_id),
        event_id: Set(entry.event_id),
        state: Set(state.as_str().to_owned()),
        at: Set(now),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// The number of the newest publication; 0 before the first.
pub async fn last<C: ConnectionTrait>(db: &C) -> Result<u64> {
    let last = last_number(db, Counter::Publication).await?;
    Ok(u64::try_from(last).unwrap_or(0))
}

/// The numbers under which entries were published that were taken off later, even if they were
/// shown again after that.
pub async fn recalled<C: ConnectionTrait>(db: &C) -> Result<Vec<u64>> {
    let rows = db
        .query_all_raw(Statement::from_string(
            db.get_database_backend(),
            "SELECT p.number FROM publications p WHERE p.state = 'shown' AND EXISTS \
             (SELECT 1 FROM publications q WHERE q.entry_id = p.entry_id AND q.state = 'ended' AND q.number > p.number)",
        ))
        .await?;
    rows.iter()
        .map(|row| {
            let number: i64 = row.try_get_by_index(0)?;
            Ok(u64::try_from(number).unwrap_or(0))
        })
        .collect()
}

/// The publications in `range` that nothing later about the same entry has replaced, newest first.
///
/// An entry that was revised is not left behind in the range of its earlier revision: whoever walks
/// the archive meets it in its new place, and what was mended does not stay public in its old one.
pub async fn standing_in<C: ConnectionTrait>(
    db: &C,
    range: RangeInclusive<u64>,
) -> Result<Vec<Model>> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        format!("{STANDING} AND p.number BETWEEN $1 AND $2 ORDER BY p.number DESC"),
        [number(*range.start()).into(), number(*range.end()).into()],
    );
    Ok(Model::find_by_statement(statement).all(db).await?)
}

/// The newest publications that nothing later about the same entry has replaced, newest first.
pub async fn newest<C: ConnectionTrait>(db: &C, limit: u64) -> Result<Vec<Model>> {
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        format!("{STANDING} ORDER BY p.number DESC LIMIT $1"),
        [i64::try_from(limit).unwrap_or(i64::MAX).into()],
    );
    Ok(Model::find_by_statement(statement).all(db).await?)
}

/// The newest publications about entries that stand in one of `sections` here, newest first.
pub async fn newest_in_sections<C: ConnectionTrait>(
    db: &C,
    sections: &[String],
    limit: u64,
) -> Result<Vec<Model>> {
    let mut values: Vec<Value> = vec![i64::try_from(limit).unwrap_or(i64::MAX).into()];
    values.extend(sections.iter().map(|code| Value::from(code.as_str())));
    let places: Vec<_> = (2..values.len() + 1)
        .map(|place| format!("${place}"))
        .collect();
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        format!(
            "{STANDING} AND p.entry_id IN (SELECT entry_id FROM placements WHERE section IN ({})) \
             ORDER BY p.number DESC LIMIT $1",
            places.join(", ")
        ),
        values,
    );
    Ok(Model::find_by_statement(statement).all(db).await?)
}

const STANDING: &str = "SELECT p.* FROM publications p WHERE NOT EXISTS \
    (SELECT 1 FROM publications q WHERE q.entry_id = p.entry_id AND q.number > p.number)";
