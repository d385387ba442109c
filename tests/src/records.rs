//! What a site has stored, row by row: to see that something changed nothing.

use sea_orm::{ConnectionTrait, Database, DbBackend, FromQueryResult, JsonValue, Statement};
use std::collections::BTreeMap;
use std::path::Path;

/// What every site says, knows and shows. Left out is what only says who called and when: nonces,
/// refusals, cursors, peers, sessions.
const TABLES: [&str; 14] = [
    "audiences",
    "contents",
    "entries",
    "entry_media",
    "events",
    "logs",
    "media",
    "placements",
    "reviews",
    "sections",
    "site_keys",
    "sites",
    "stream",
    "unit_attributes",
];

/// All rows of all tables that matter.
#[derive(Clone, Debug, PartialEq)]
pub struct Records(BTreeMap<&'static str, Vec<String>>);

impl Records {
    /// Reads them from the database at `address`.
    pub(crate) async fn read(address: &str) -> Self {
        let connection = Database::connect(address)
            .await
            .unwrap_or_else(|error| panic!("{address}: {error}"));
        let backend = connection.get_database_backend();
        let mut tables = BTreeMap::new();
        for table in TABLES {
            let query = Statement::from_string(backend, format!("SELECT * FROM {table}"));
            let rows = JsonValue::find_by_statement(query)
                .all(&connection)
                .await
                .unwrap_or_else(|error| panic!("{table}: {error}"));
            let mut rows: Vec<String> = rows.iter().map(JsonValue::to_string).collect();
            rows.sort();
            tables.insert(table, rows);
        }
        connection.close().await.expect("closes");
        Self(tables)
    }

    /// What was added to or taken from what was there `before`, in words.
    pub fn changes_since(&self, before: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        for (table, rows) in &self.0 {
            let earlier = &before.0[table];
            let new = rows.iter().filter(|row| !earlier.contains(row));
            changes.extend(new.map(|row| format!("+ {table} {row}")));
            let gone = earlier.iter().filter(|row| !rows.contains(row));
            changes.extend(gone.map(|row| format!("- {table} {row}")));
        }
        changes
    }

    /// How many rows of a table say `text`.
    pub fn rows_saying(&self, table: &str, text: &str) -> usize {
        let rows = self.0.get(table).into_iter().flatten();
        rows.filter(|row| row.contains(text)).count()
    }

    /// How many rows a table has.
    pub fn count(&self, table: &str) -> usize {
        self.0.get(table).map_or(0, Vec::len)
    }
}

/// The address of a SQLite file for reading only.
pub(crate) fn sqlite(file: &Path) -> String {
    format!("sqlite://{}?mode=ro", file.display())
}

/// The address of a SQLite file for changing it behind its site.
pub(crate) fn sqlite_for_writing(file: &Path) -> String {
    format!("sqlite://{}?mode=rw", file.display())
}

/// Does something to the database at `address` behind the site it belongs to; how many rows it changed.
pub(crate) async fn behind(address: &str, what: &str, about: &str) -> u64 {
    let connection = Database::connect(address)
        .await
        .unwrap_or_else(|error| panic!("{address}: {error}"));
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, what, [about.into()]);
    let done = connection
        .execute_raw(statement)
        .await
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    connection.close().await.expect("closes");
    done.rows_affected()
}

/// Does statements of the database's own to it, such as taking a trigger away.
pub(crate) async fn behind_plainly(address: &str, statements: &str) {
    let connection = Database::connect(address)
        .await
        .unwrap_or_else(|error| panic!("{address}: {error}"));
    let done = connection.execute_unprepared(statements).await;
    done.unwrap_or_else(|error| panic!("{statements}: {error}"));
    connection.close().await.expect("closes");
}

/// What the database says to a statement it refuses.
pub(crate) async fn behind_refused(address: &str, statement: &str) -> String {
    let connection = Database::connect(address)
        .await
        .unwrap_or_else(|error| panic!("{address}: {error}"));
    let done = connection.execute_unprepared(statement).await;
    connection.close().await.expect("closes");
    match done {
        Ok(_) => panic!("the database did it: {statement}"),
        Err(error) => error.to_string(),
    }
}

/// What a query about one text counts.
pub(crate) async fn counted(address: &str, query: &str, about: &str) -> i64 {
    let connection = Database::connect(address)
        .await
        .unwrap_or_else(|error| panic!("{address}: {error}"));
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, query, [about.into()]);
    let row = connection
        .query_one_raw(statement)
        .await
        .unwrap_or_else(|error| panic!("{query}: {error}"))
        .expect("a row");
    let count = row.try_get_by_index(0).expect("a number");
    connection.close().await.expect("closes");
    count
}

/// The rows of a query, as JSON.
pub(crate) async fn rows(address: &str, query: &str) -> Vec<JsonValue> {
    let connection = Database::connect(address)
        .await
        .unwrap_or_else(|error| panic!("{address}: {error}"));
    let backend = connection.get_database_backend();
    let rows = JsonValue::find_by_statement(Statement::from_string(backend, query))
        .all(&connection)
        .await
        .unwrap_or_else(|error| panic!("{query}: {error}"));
    connection.close().await.expect("closes");
    rows
}

/// Copies a SQLite database as it is at one instant, while its site may be running.
///
/// # Panics
/// When it cannot be copied.
pub async fn copy_sqlite(from: &Path, to: &Path) {
    let connection = Database::connect(sqlite(from)).await.expect("opens");
    let copy = Statement::from_sql_and_values(
        DbBackend::Sqlite,
        "VACUUM INTO $1",
        [to.display().to_string().into()],
    );
    connection.execute_raw(copy).await.expect("copies");
    connection.close().await.expect("closes");
}

/// Folds what stands in the log beside the SQLite database of a stopped site into the database itself.
///
/// # Panics
/// When it cannot be.
pub async fn fold_in(file: &Path) {
    let address = format!("sqlite://{}?mode=rw", file.display());
    let connection = Database::connect(address).await.expect("opens");
    let fold = "PRAGMA wal_checkpoint(TRUNCATE)";
    connection.execute_unprepared(fold).await.expect("folds in");
    connection.close().await.expect("closes");
}
