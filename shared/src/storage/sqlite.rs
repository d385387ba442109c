use anyhow::{Context, ensure};
use sea_orm::sqlx::Connection;
use sea_orm::sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sea_orm::sqlx::{self, AssertSqlSafe, Executor};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, SqlxSqliteConnector, Statement};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Versions before this one can lose commits when a write-ahead log is reset under two connections.
const OLDEST_SAFE_VERSION: [u32; 3] = [3, 51, 3];

const READERS: u32 = 4;

/// The one connection that writes; creates the file.
pub(super) async fn writer(file: &Path) -> anyhow::Result<DatabaseConnection> {
    let options = options(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        // What is erased is not to be found in pages that are merely free.
        .pragma("secure_delete", "on");
    connect(options, 1).await
}

/// Connections that cannot write.
pub(super) async fn readers(file: &Path) -> anyhow::Result<DatabaseConnection> {
    connect(options(file).read_only(true), READERS).await
}

/// Connections that cannot write and begin with `statements`, which make temporary things only.
pub(super) async fn through(
    file: &Path,
    statements: Vec<String>,
) -> anyhow::Result<DatabaseConnection> {
    let options = options(file).read_only(true).pragma("cache_size", "-2000");
    let statements: Arc<[String]> = statements.into();
    let pool = SqlitePoolOptions::new()
        .max_connections(super::READ_THROUGH)
        .idle_timeout(Duration::from_secs(60))
        .acquire_timeout(Duration::from_secs(30))
        .after_connect(move |connection, _| {
            let statements = Arc::clone(&statements);
            Box::pin(async move {
                for statement in statements.iter() {
                    let statement = sqlx::raw_sql(AssertSqlSafe(statement.clone()));
                    connection.execute(statement).await?;
                }
                Ok(())
            })
        })
        .connect_with(options)
        .await?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}

/// A copy that nobody else works on: one file, without a log beside it, where what is deleted is
/// overwritten.
pub(super) async fn copy(file: &Path) -> anyhow::Result<DatabaseConnection> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Delete)
        .synchronous(SqliteSynchronous::Full)
        .pragma("secure_delete", "on")
        .pragma("temp_store", "memory");
    connect(options, 1).await
}

/// What SQLite finds wrong with the database, if anything.
pub(super) async fn damage(connection: &DatabaseConnection) -> anyhow::Result<Option<String>> {
    let found = text(
        connection,
        "SELECT integrity_check FROM pragma_integrity_check LIMIT 1",
    )
    .await?;
    Ok((found != "ok").then_some(found))
}

fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // A command beside a server that writes without a pause gets its turn by chance alone: SQLite has
        // no queue for it.
        .busy_timeout(Duration::from_secs(30))
        .pragma("cache_size", "-16000")
        .pragma("mmap_size", "268435456")
        .pragma("temp_store", "memory")
        .pragma("journal_size_limit", "67108864")
}

async fn connect(
    options: SqliteConnectOptions,
    connections: u32,
) -> anyhow::Result<DatabaseConnection> {
    let pool = SqlitePoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(30))
        // When SQLite gives up a transaction by itself, as on a full disk, there is nothing left to roll
        // back, and the connection goes on believing that it is inside one. Whoever used it next might
        // commit a part of a transaction that nobody ever ends, and acknowledge it. Such a connection is
        // closed and another opened.
        .before_acquire(|connection, _| {
            let is_between_transactions = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_between_transactions) })
        })
        .connect_with(options)
        .await?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}

/// Refuses to run on a database that would not keep what it acknowledges.
pub(super) async fn assert_settings(connection: &DatabaseConnection) -> anyhow::Result<()> {
    let version = text(connection, "SELECT sqlite_version()").await?;
    let numbers: Vec<u32> = version
        .split('.')
        .filter_map(|part| part.parse().ok())
        .collect();
    ensure!(
        numbers.as_slice() >= OLDEST_SAFE_VERSION.as_slice(),
        "SQLite {version} cũ hơn 3.51.3 và có thể làm mất giao dịch đã ghi; hãy dùng bản mới hơn"
    );
    let journal = text(connection, "SELECT journal_mode FROM pragma_journal_mode").await?;
    ensure!(
        journal == "wal",
        "journal_mode là {journal}, cần wal (ổ đĩa mạng không hỗ trợ?)"
    );
    let synchronous = number(connection, "SELECT synchronous FROM pragma_synchronous").await?;
    ensure!(
        synchronous == 2,
        "synchronous là {synchronous}, cần 2 (FULL)"
    );
    let foreign_keys = number(connection, "SELECT foreign_keys FROM pragma_foreign_keys").await?;
    ensure!(foreign_keys == 1, "foreign_keys phải bật");
    Ok(())
}

async fn text(connection: &DatabaseConnection, question: &'static str) -> anyhow::Result<String> {
    let row = ask(connection, question).await?;
    row.try_get_by_index(0).context(question)
}

async fn number(connection: &DatabaseConnection, question: &'static str) -> anyhow::Result<i64> {
    let row = ask(connection, question).await?;
    row.try_get_by_index(0).context(question)
}

async fn ask(
    connection: &DatabaseConnection,
    question: &'static str,
) -> anyhow::Result<sea_orm::QueryResult> {
    connection
        .query_one_raw(Statement::from_string(DbBackend::Sqlite, question))
        .await?
        .context(question)
}
