//! Search over what is shown here: forgiving about accents, exact about words.
//!
//! Text and query are folded alike before they meet either database, so SQLite and PostgreSQL find
//! the same, in the same order.

mod index;
mod nearest;
mod question;
#[cfg(test)]
mod tests;

use super::record;
use crate::error::Result;
use crate::vietnamese::fold;
use question::{Question, Tier};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, QueryResult, Statement};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

pub use index::{enter_missing, holds, index, keep_whole, remove};
pub use nearest::{FEW, nearest};

/// More words than anyone asks for.
const MOST_WORDS: usize = 12;

/// How many results there are at most: who has not found it among so many adds a word.
pub const MOST: usize = 1_000;

/// One page of results.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The entries: those first that bear the marks as they were typed, then those that hold the words
    /// together, and the newest first among each.
    pub entries: Vec<record::Model>,
    /// How many there are in all, up to [`MOST`].
    pub total: u64,
    /// Whether there are more than that.
    pub is_more: bool,
}

/// What to look for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The words, as typed.
    pub words: String,
    /// Only this kind.
    pub kind: Option<String>,
    /// Only in one of these sections; empty: in any.
    pub sections: Vec<String>,
    /// Only what this unit wrote.
    pub unit: Option<Uuid>,
    /// Only what was published then or later; milliseconds.
    pub from: Option<i64>,
    /// Only what was published before; milliseconds.
    pub until: Option<i64>,
    /// How many to skip.
    pub offset: u64,
    /// How many to return.
    pub limit: u64,
}

/// Finds what is shown here and holds all the words; the last may be the beginning of one.
pub async fn find(db: &DatabaseConnection, query: &Query) -> Result<Found> {
    let (hits, is_more) = hits(db, query).await?;
    let skipped = usize::try_from(query.offset).unwrap_or(usize::MAX);
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let rows: Vec<i64> = hits
        .iter()
        .skip(skipped)
        .take(limit)
        .map(|hit| hit.row)
        .collect();
    Ok(Found {
        entries: in_order(db, &rows).await?,
        total: hits.len() as u64,
        is_more,
    })
}

/// How many of each kind hold all the words, whatever kind was asked for; `None` where there are more than
/// anyone counts.
pub async fn count_by_kind(
    db: &DatabaseConnection,
    query: &Query,
) -> Result<Option<HashMap<String, i64>>> {
    let query = Query {
        kind: None,
        ..query.clone()
    };
    let hits = unordered(db, &query, MOST + 1).await?;
    if hits.len() > MOST {
        return Ok(None);
    }
    let mut counts = HashMap::new();
    for hit in hits {
        *counts.entry(hit.kind).or_default() += 1;
    }
    Ok(Some(counts))
}

/// How many hold all the words, counted up to `most`.
pub async fn count_up_to(db: &DatabaseConnection, query: &Query, most: usize) -> Result<u64> {
    Ok(unordered(db, query, most).await?.len() as u64)
}

/// That an entry holds words, as a condition of any list; it does not count or order them.
#[derive(Clone, Debug)]
pub struct Holds {
    backend: DbBackend,
    words: Vec<String>,
}

impl Holds {
    /// All the words of what was typed; the last may be the beginning of one.
    pub fn new(backend: DbBackend, typed: &str) -> Self {
        let words = words(typed);
        Self { backend, words }
    }

    /// The condition on `entries`; nothing holds no words.
    pub fn condition(&self) -> Expr {
        if self.words.is_empty() {
            return Expr::value(false);
        }
        let (found, words) = match self.backend {
            DbBackend::Sqlite => (
                "SELECT rowid FROM entry_search WHERE entry_search MATCH ?",
                question::fts5(&self.words),
            ),
            _ => (
                "SELECT row_id FROM entry_search WHERE words @@ to_tsquery('simple', $1)",
                question::tsquery(&self.words),
            ),
        };
        Expr::cust_with_values(format!("entries.id IN ({found})"), [words])
    }
}

/// The words of a query as they are compared: folded, the last of them perhaps unfinished.
pub fn words(text: &str) -> Vec<String> {
    words_of(text)
        .split(' ')
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
        .map(str::to_owned)
        .collect()
}

/// An entry that was found, before it is read.
struct Hit {
    row: i64,
    kind: String,
    published_at: i64,
}

/// The first [`MOST`] in their order, and whether there are more. Of each tier the last to come are taken
/// and then put in order of time: to sort all that hold a word costs more the more there are.
async fn hits(db: &DatabaseConnection, query: &Query) -> Result<(Vec<Hit>, bool)> {
    let Some(question) = Question::new(db.get_database_backend(), query) else {
        return Ok((Vec::new(), false));
    };
    let floor = db
        .query_one_raw(question.floor())
        .await?
        .map(|row| row.try_get_by_index::<i64>(0))
        .transpose()?
        .unwrap_or(0);
    let mut all: Vec<Hit> = Vec::new();
    let mut known = HashSet::new();
    for tier in question.tiers() {
        let mut some = ask(db, question.hits(tier, floor, MOST + 1)).await?;
        some.sort_by_key(|hit| Reverse((hit.published_at, hit.row)));
        all.extend(some.into_iter().filter(|hit| known.insert(hit.row)));
        if all.len() > MOST {
            all.truncate(MOST);
            return Ok((all, true));
        }
    }
    Ok((all, false))
}

async fn unordered(db: &DatabaseConnection, query: &Query, most: usize) -> Result<Vec<Hit>> {
    let Some(question) = Question::new(db.get_database_backend(), query) else {
        return Ok(Vec::new());
    };
    let anyhow = Tier {
        marked: false,
        together: false,
    };
    ask(db, question.hits(anyhow, 0, most)).await
}

async fn ask(db: &DatabaseConnection, statement: Statement) -> Result<Vec<Hit>> {
    let hit = |row: &QueryResult| {
        Ok(Hit {
            row: row.try_get_by_index(0)?,
            kind: row.try_get_by_index(1)?,
            published_at: row.try_get_by_index(2)?,
        })
    };
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(hit).collect()
}

async fn in_order(db: &DatabaseConnection, rows: &[i64]) -> Result<Vec<record::Model>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let read = record::Entity::find()
        .filter(record::Column::Id.is_in(rows.iter().copied()))
        .all(db)
        .await?;
    let mut read: HashMap<i64, record::Model> =
        read.into_iter().map(|entry| (entry.id, entry)).collect();
    Ok(rows.iter().filter_map(|row| read.remove(row)).collect())
}

/// Folded words with single blanks between them; nothing else, so nothing in them is syntax.
fn words_of(text: &str) -> String {
    let folded: String = fold(text)
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}
