//! Search over what is shown here: forgiving about accents, exact about words.
//!
//! Text and query are folded alike before they meet either database, so SQLite and PostgreSQL find
//! the same.

use super::record;
use crate::error::Result;
use crate::vietnamese::fold;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait, QueryResult,
    Statement, Value,
};
use std::collections::HashMap;

/// More words than anyone asks for.
const MOST_WORDS: usize = 12;

/// One page of results.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The entries: those that hold the words together first, the newest first among either.
    pub entries: Vec<record::Model>,
    /// How many there are in all.
    pub total: u64,
}

/// What to look for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The words, as typed.
    pub words: String,
    /// Only this kind.
    pub kind: Option<String>,
    /// How many to skip.
    pub offset: u64,
    /// How many to return.
    pub limit: u64,
}

/// Puts the words of an entry into the index, in place of those it had.
pub async fn index(tx: &DatabaseTransaction, row: i64, title: &str, body: &str) -> Result<()> {
    remove(tx, row).await?;
    let sql = match tx.get_database_backend() {
        DbBackend::Sqlite => "INSERT INTO entry_search (rowid, title, body) VALUES ($1, $2, $3)",
        _ => "INSERT INTO entry_search (row_id, title, body) VALUES ($1, $2, $3)",
    };
    let values = [row.into(), words_of(title).into(), words_of(body).into()];
    tx.execute_raw(Statement::from_sql_and_values(
        tx.get_database_backend(),
        sql,
        values,
    ))
    .await?;
    Ok(())
}

/// Words of a body that are looked for when an index is checked.
const CHECKED_WORDS: usize = 100;

/// Whether the index holds the title and the words of an entry. SQLite's index keeps no text, so words
/// are looked for; PostgreSQL's is compared.
pub async fn holds<C: ConnectionTrait>(db: &C, row: i64, title: &str, body: &str) -> Result<bool> {
    let (title, body) = (words_of(title), words_of(body));
    let backend = db.get_database_backend();
    let statement = match backend {
        DbBackend::Sqlite => {
            let mut expression = String::new();
            if !title.is_empty() {
                expression.push_str(&format!("title : \"{title}\""));
            }
            let distinct: std::collections::BTreeSet<&str> =
                body.split(' ').filter(|word| !word.is_empty()).collect();
            for word in distinct.into_iter().take(CHECKED_WORDS) {
                let and = if expression.is_empty() { "" } else { " AND " };
                expression.push_str(&format!("{and}body : \"{word}\""));
            }
            if expression.is_empty() {
                return Ok(true);
            }
            Statement::from_sql_and_values(
                backend,
                "SELECT 1 FROM entry_search WHERE rowid = $1 AND entry_search MATCH $2",
                [row.into(), expression.into()],
            )
        }
        _ => Statement::from_sql_and_values(
            backend,
            "SELECT 1 FROM entry_search WHERE row_id = $1 AND title = $2 AND body = $3",
            [row.into(), title.into(), body.into()],
        ),
    };
    Ok(db.query_one_raw(statement).await?.is_some())
}

/// Takes an entry out of the index.
pub async fn remove(tx: &DatabaseTransaction, row: i64) -> Result<()> {
    let sql = match tx.get_database_backend() {
        DbBackend::Sqlite => "DELETE FROM entry_search WHERE rowid = $1",
        _ => "DELETE FROM entry_search WHERE row_id = $1",
    };
    tx.execute_raw(Statement::from_sql_and_values(
        tx.get_database_backend(),
        sql,
        [row.into()],
    ))
    .await?;
    Ok(())
}

/// Finds what is shown here and holds all the words; the last may be the beginning of one. What holds
/// them together, as they were typed, comes first: without their marks, single words mean too much.
pub async fn find(db: &DatabaseConnection, query: &Query) -> Result<Found> {
    let Some(search) = Search::new(db, &query.words) else {
        return Ok(Found::default());
    };
    let kind: Value = query.kind.clone().unwrap_or_default().into();
    let (shown, condition) = (&search.shown, "($2 = '' OR e.kind = $2)");
    let total = db
        .query_one_raw(search.statement(
            &format!("SELECT COUNT(*) {shown} AND {condition}"),
            [kind.clone()],
        ))
        .await?
        .map(|row: QueryResult| row.try_get_by_index::<i64>(0))
        .transpose()?
        .unwrap_or(0);
    let page = search.statement(
        &format!(
            "SELECT e.* {shown} AND {condition} \
             ORDER BY CASE WHEN {} THEN 0 ELSE 1 END, e.published_at DESC, e.id DESC LIMIT $3 OFFSET $4",
            search.together
        ),
        [
            kind,
            i64::try_from(query.limit).unwrap_or(i64::MAX).into(),
            i64::try_from(query.offset).unwrap_or(i64::MAX).into(),
            search.phrase.clone().into(),
        ],
    );
    let entries = record::Entity::find().from_raw_sql(page).all(db).await?;
    Ok(Found {
        entries,
        total: u64::try_from(total).unwrap_or(0),
    })
}

/// How many of each kind hold all the words.
pub async fn count_by_kind(db: &DatabaseConnection, words: &str) -> Result<HashMap<String, i64>> {
    let Some(search) = Search::new(db, words) else {
        return Ok(HashMap::new());
    };
    let sql = format!("SELECT e.kind, COUNT(*) {} GROUP BY e.kind", search.shown);
    let rows = db.query_all_raw(search.statement(&sql, [])).await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
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

/// What one of the databases is asked for some words.
struct Search {
    backend: DbBackend,
    /// `FROM … WHERE …`; `$1` is the expression.
    shown: String,
    expression: String,
    /// Whether an entry holds the words as a phrase; `$5` is the phrase.
    together: &'static str,
    phrase: String,
}

impl Search {
    fn new(db: &DatabaseConnection, typed: &str) -> Option<Self> {
        let words = words(typed);
        if words.is_empty() {
            return None;
        }
        let backend = db.get_database_backend();
        let (index, condition, expression, together, phrase) = match backend {
            DbBackend::Sqlite => (
                "entry_search s JOIN entries e ON e.id = s.rowid",
                "entry_search MATCH $1",
                fts5_expression(&words),
                "e.id IN (SELECT rowid FROM entry_search WHERE entry_search MATCH $5)",
                format!("\"{}\"", words.join(" ")),
            ),
            _ => (
                "entry_search s JOIN entries e ON e.id = s.row_id",
                "s.words @@ to_tsquery('simple', $1)",
                tsquery(&words),
                "s.words @@ phraseto_tsquery('simple', $5)",
                words.join(" "),
            ),
        };
        let shown = format!(
            "FROM {index} JOIN placements p ON p.entry_id = e.entry_id \
             WHERE {condition} AND e.state = 'live' AND p.state = 'shown'"
        );
        Some(Self {
            backend,
            shown,
            expression,
            together,
            phrase,
        })
    }

    fn statement(&self, sql: &str, more: impl IntoIterator<Item = Value>) -> Statement {
        let expression = Value::from(self.expression.clone());
        let values = std::iter::once(expression).chain(more);
        Statement::from_sql_and_values(self.backend, sql, values)
    }
}

/// Folded words with single blanks between them; nothing else, so nothing in them is syntax.
fn words_of(text: &str) -> String {
    let folded: String = fold(text)
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn fts5_expression(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    format!("{}*", quoted.join(" "))
}

fn tsquery(words: &[String]) -> String {
    format!("{}:*", words.join(" & "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_visitor_types_is_syntax() {
        for typed in [
            "\"a\" OR b*",
            "a AND (b",
            "NEAR(a b)",
            "a:b -c ^d",
            "'; DROP TABLE entries; --",
            "a\u{0}b",
        ] {
            let words = words_of(typed);
            assert!(
                words.chars().all(|c| c.is_alphanumeric() || c == ' '),
                "{words}"
            );
        }
        assert_eq!(
            fts5_expression(&["kon".into(), "ra".into()]),
            "\"kon\" \"ra\"*"
        );
        assert_eq!(tsquery(&["kon".into(), "ra".into()]), "kon & ra:*");
    }
}
