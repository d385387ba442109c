//! What the index holds of an entry: its words without marks, and which of them bear which marks.

use super::words_of;
use crate::entries::record::{self, EntryState};
use crate::entries::{Item, apply};
use crate::error::Result;
use crate::server::Shutdown;
use crate::site::Site;
use crate::vietnamese::marked_words;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, Statement};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Words of a body that are looked for when an index is checked.
const CHECKED_WORDS: usize = 100;
/// Entries that get their marks in one transaction: people who publish meanwhile wait for no more.
const AT_ONCE: usize = 50;

/// Puts the words of an entry into the index, in place of those it had.
pub async fn index(tx: &DatabaseTransaction, row: i64, title: &str, body: &str) -> Result<()> {
    remove(tx, row).await?;
    let marked = joined(&marked(title, body), " ");
    let (title, body) = (words_of(title), words_of(body));
    let backend = tx.get_database_backend();
    let statements = match backend {
        DbBackend::Sqlite => vec![
            Statement::from_sql_and_values(
                backend,
                "INSERT INTO entry_search (rowid, title, body) VALUES ($1, $2, $3)",
                [row.into(), title.into(), body.into()],
            ),
            Statement::from_sql_and_values(
                backend,
                "INSERT INTO entry_search_marked (rowid, words) VALUES ($1, $2)",
                [row.into(), marked.into()],
            ),
        ],
        _ => vec![Statement::from_sql_and_values(
            backend,
            "INSERT INTO entry_search (row_id, title, body, marked) \
             VALUES ($1, $2, $3, array_to_tsvector(string_to_array($4, ' ')))",
            [row.into(), title.into(), body.into(), marked.into()],
        )],
    };
    for statement in statements {
        tx.execute_raw(statement).await?;
    }
    Ok(())
}

/// Takes an entry out of the index.
pub async fn remove(tx: &DatabaseTransaction, row: i64) -> Result<()> {
    let backend = tx.get_database_backend();
    let statements: &[&str] = match backend {
        DbBackend::Sqlite => &[
            "DELETE FROM entry_search WHERE rowid = $1",
            "DELETE FROM entry_search_marked WHERE rowid = $1",
        ],
        _ => &["DELETE FROM entry_search WHERE row_id = $1"],
    };
    for sql in statements {
        let statement = Statement::from_sql_and_values(backend, *sql, [row.into()]);
        tx.execute_raw(statement).await?;
    }
    Ok(())
}

/// Whether the index holds the title and the words of an entry, and their marks. SQLite's index keeps no
/// text, so words are looked for; PostgreSQL's is compared.
pub async fn holds<C: ConnectionTrait>(db: &C, row: i64, title: &str, body: &str) -> Result<bool> {
    let marked = marked(title, body);
    let (title, body) = (words_of(title), words_of(body));
    let backend = db.get_database_backend();
    if backend != DbBackend::Sqlite {
        let statement = Statement::from_sql_and_values(
            backend,
            "SELECT 1 FROM entry_search WHERE row_id = $1 AND title = $2 AND body = $3 \
             AND marked = array_to_tsvector(string_to_array($4, ' '))",
            [
                row.into(),
                title.into(),
                body.into(),
                joined(&marked, " ").into(),
            ],
        );
        return Ok(db.query_one_raw(statement).await?.is_some());
    }
    let mut folded = Vec::new();
    if !title.is_empty() {
        folded.push(format!("title : \"{title}\""));
    }
    let distinct: BTreeSet<&str> = body.split(' ').filter(|word| !word.is_empty()).collect();
    let words = distinct.into_iter().take(CHECKED_WORDS);
    folded.extend(words.map(|word| format!("body : \"{word}\"")));
    let marked = marked.into_iter().take(CHECKED_WORDS);
    let marked = marked.map(|word| format!("\"{word}\"")).collect();
    for (index, words) in [("entry_search", folded), ("entry_search_marked", marked)] {
        let mut values = vec![row.into()];
        let mut sql = format!("SELECT 1 FROM {index} WHERE rowid = $1");
        if !words.is_empty() {
            sql.push_str(&format!(" AND {index} MATCH $2"));
            values.push(words.join(" AND ").into());
        }
        let statement = Statement::from_sql_and_values(backend, sql, values);
        if db.query_one_raw(statement).await?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Enters the marks of what an earlier version published without them, until all have theirs or `shutdown`.
/// Meanwhile it is found as it was before: with marks and without alike.
pub async fn keep_whole(site: Arc<Site>, shutdown: Shutdown) {
    tokio::select! {
        () = shutdown.wait() => {}
        done = enter_missing(&site) => match done {
            Ok(0) => {}
            Ok(entries) => tracing::info!(entries, "marks of words entered into the search index"),
            Err(error) => tracing::warn!(
                error = crate::error::chain(&error),
                "marks of words were not entered into the search index; tried again at the next start"
            ),
        }
    }
}

/// Enters the marks of all entries that have none in the index, and says how many there were.
pub async fn enter_missing(site: &Site) -> Result<u64> {
    let missing = missing(site.db.reader()).await?;
    let mut entered = 0;
    for some in missing.chunks(AT_ONCE) {
        let some = some.to_vec();
        entered += site
            .db
            .write(move |tx| Box::pin(async move { enter(tx, &some).await }))
            .await?;
    }
    Ok(entered)
}

async fn missing<C: ConnectionTrait>(db: &C) -> Result<Vec<i64>> {
    let backend = db.get_database_backend();
    let without = match backend {
        DbBackend::Sqlite => {
            "NOT EXISTS (SELECT 1 FROM entry_search_marked m WHERE m.rowid = e.id)"
        }
        _ => {
            "NOT EXISTS (SELECT 1 FROM entry_search s WHERE s.row_id = e.id AND s.marked IS NOT NULL)"
        }
    };
    // The newest are looked for most.
    let sql =
        format!("SELECT e.id FROM entries e WHERE e.state = $1 AND {without} ORDER BY e.id DESC");
    let live = EntryState::Live.as_str();
    let rows = db
        .query_all_raw(Statement::from_sql_and_values(backend, sql, [live.into()]))
        .await?;
    rows.iter()
        .map(|row| Ok(row.try_get_by_index(0)?))
        .collect()
}

async fn enter(tx: &DatabaseTransaction, rows: &[i64]) -> Result<u64> {
    let mut entered = 0;
    for row in rows {
        let Some(known) = record::Entity::find_by_id(*row).one(tx).await? else {
            continue;
        };
        // It may have been revised or taken back meanwhile.
        let Some(known) = record::find_locked(tx, known.entry_id).await? else {
            continue;
        };
        // A content that is damaged or gone is mended elsewhere, and its words with it.
        let Some(content) = record::content_of(tx, &known).await? else {
            continue;
        };
        if !known.is_live() {
            continue;
        }
        let item = match Item::read(&content, known.entry_id) {
            Ok(item) => item,
            Err(error) => {
                // One that cannot be read any more must not keep the others from being found.
                tracing::warn!(entry.id = %known.entry_id, %error, "an entry got no marks in the search index");
                continue;
            }
        };
        index(tx, *row, &known.title, &apply::words_of(&item)).await?;
        entered += 1;
    }
    Ok(entered)
}

fn marked(title: &str, body: &str) -> BTreeSet<String> {
    let words = marked_words(title).into_iter();
    words.chain(marked_words(body)).collect()
}

fn joined(words: &BTreeSet<String>, between: &str) -> String {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.join(between)
}
