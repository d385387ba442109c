//! The database of a site: one writer, several readers, settings asserted at start.
//!
//! SQLite in the site's folder by default; PostgreSQL when a province outgrows one machine.
//! The rest of the code says `db.reader()` to read and [`Db::write`] to write and cannot tell
//! them apart. Three hazards are closed here and nowhere else:
//! a write transaction begins `IMMEDIATE` (a deferred one that reads first fails at once under
//! load), it begins and ends in a task of its own (a visitor who hangs up cannot leave a pooled
//! connection inside a transaction), and SQLite syncs at every commit, so that what was answered
//! for is on the disk.

mod counter;
mod lens;
mod place;
mod postgres;
mod schema;
mod sqlite;

pub use counter::{Counter, last_number, take_number};
pub use lens::Lens;

use crate::problem::ProblemKind;
use anyhow::Context;
use place::Place;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr,
    SqlxPostgresConnector, Statement, TransactionOptions, TransactionTrait,
};
use std::borrow::Cow;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// How often a unit of work is begun that the database ends so that others can go on.
const MOST_ATTEMPTS: u32 = 5;
/// How many connections a reader through a lens has.
const READ_THROUGH: u32 = 2;

/// The future of a unit of work inside a transaction.
pub type Work<'a, T> = Pin<Box<dyn Future<Output = crate::error::Result<T>> + Send + 'a>>;

/// Opens a copy of a SQLite database that nobody else works on, without bringing its schema up to date.
pub async fn open_copy(file: &Path) -> anyhow::Result<DatabaseConnection> {
    sqlite::copy(file)
        .await
        .with_context(|| format!("không mở được bản sao {}", file.display()))
}

/// What SQLite finds wrong with a database, if anything.
pub async fn damage(connection: &DatabaseConnection) -> anyhow::Result<Option<String>> {
    sqlite::damage(connection).await
}

/// A site's database, cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    full: Arc<Notify>,
    /// Where its file is, if it is one.
    place: Option<Arc<Place>>,
}

impl Db {
    /// Opens the database at `address`, a `postgres://` URL or the path of a SQLite file, brings its
    /// schema up to date with `Schema`, and checks that it keeps the promises made above.
    pub async fn open<Schema: migrations::MigratorTrait>(address: &str) -> anyhow::Result<Self> {
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            Self::open_postgres::<Schema>(address).await
        } else {
            Self::open_sqlite::<Schema>(Path::new(address)).await
        }
    }

    async fn open_sqlite<Schema: migrations::MigratorTrait>(file: &Path) -> anyhow::Result<Self> {
        let writer = sqlite::writer(file)
            .await
            .with_context(|| format!("không mở được cơ sở dữ liệu {}", file.display()))?;
        schema::bring_up_to_date::<Schema>(&writer).await?;
        let reader = sqlite::readers(file).await?;
        sqlite::assert_settings(&writer).await?;
        let place = Some(Arc::new(Place::of(file)?));
        Ok(Self {
            writer,
            reader,
            full: Arc::default(),
            place,
        })
    }

    async fn open_postgres<Schema: migrations::MigratorTrait>(
        address: &str,
    ) -> anyhow::Result<Self> {
        let options =
            PgConnectOptions::from_str(address).context("địa chỉ PostgreSQL không đọc được")?;
        let pool = PgPoolOptions::new()
            .max_connections(16)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options)
            .await
            .context("không kết nối được PostgreSQL")?;
        let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
        postgres::assert_settings(&connection).await?;
        migrate_postgres::<Schema>(&connection).await?;
        Ok(Self {
            reader: connection.clone(),
            writer: connection,
            full: Arc::default(),
            place: None,
        })
    }

    /// For reading what is committed.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Which database this is.
    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// Runs `work` in one transaction and commits it when it succeeds; nothing of it stays when it
    /// fails. The work goes on to its end even if the caller is dropped meanwhile.
    ///
    /// Everything inside must use the transaction it is given: the writer is one connection, and
    /// asking for it twice would wait for itself. What PostgreSQL ended so that others could go on is
    /// run again from its beginning, as its manual asks (13.3.4): nothing outside the database may
    /// change inside.
    pub async fn write<T, W>(&self, work: W) -> crate::error::Result<T>
    where
        T: Send + 'static,
        W: for<'a> FnOnce(&'a DatabaseTransaction) -> Work<'a, T> + Clone + Send + 'static,
    {
        let db = self.clone();
        let task = tokio::spawn(async move {
            for _ in 1..MOST_ATTEMPTS {
                // SQLite has one writer, and nobody it could wait for.
                if db.backend() == DbBackend::Sqlite {
                    break;
                }
                match db.attempt(work.clone()).await {
                    Err(error) if is_victim(&error) => {
                        tracing::info!(error = %crate::error::chain(&error), "a unit of work begins anew");
                    }
                    outcome => return outcome,
                }
            }
            db.attempt(work).await
        });
        match task.await {
            Ok(Err(error)) if error.problem().kind == ProblemKind::StorageFull => {
                self.full.notify_one();
                Err(error)
            }
            Ok(result) => result,
            Err(stopped) => Err(anyhow::Error::new(stopped)
                .context("a unit of work stopped before its end")
                .into()),
        }
    }

    /// One attempt at a unit of work.
    async fn attempt<T, W>(&self, work: W) -> crate::error::Result<T>
    where
        W: for<'a> FnOnce(&'a DatabaseTransaction) -> Work<'a, T>,
    {
        let transaction = begin(&self.writer).await?;
        match work(&transaction).await {
            Ok(value) => {
                transaction.commit().await?;
                match &self.place {
                    Some(place) => place.check().map(|()| value),
                    None => Ok(value),
                }
            }
            Err(error) => {
                // The first error is the one to tell; a failed rollback ends with the connection.
                if let Err(rollback) = transaction.rollback().await {
                    tracing::warn!(error = %rollback, "rollback failed");
                }
                Err(error)
            }
        }
    }

    /// Comes back when a unit of work has found the disk full.
    pub async fn found_full(&self) {
        self.full.notified().await;
    }

    /// Writes a copy of the whole database to `file`, taken at one instant while work goes on.
    /// SQLite only: copying the file itself would tear it.
    pub async fn copy_to(&self, file: &Path) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.backend() == DbBackend::Sqlite,
            "chỉ sao chép được cơ sở dữ liệu SQLite; với PostgreSQL hãy dùng pg_dump"
        );
        let name = file.to_str().context("đường dẫn không phải UTF-8")?;
        self.reader
            .execute_raw(Statement::from_sql_and_values(
                DbBackend::Sqlite,
                "VACUUM INTO ?",
                [name.into()],
            ))
            .await?;
        Ok(())
    }

    /// Refuses, as [`Db::write`] does, once the database's file was deleted or replaced under it. The
    /// first time, what was in it is put beside it, for whoever puts it back.
    pub async fn check_place(&self) -> crate::error::Result<()> {
        let Some(place) = &self.place else {
            return Ok(());
        };
        if let Some(rescued) = place.rescue() {
            if let Err(error) = self.copy_to(&rescued).await {
                // Half a copy must not stand in the way of the next attempt.
                std::fs::remove_file(&rescued).ok();
                return Err(error.into());
            }
            tracing::error!(
                rescued = %rescued.display(),
                "the database file was deleted or replaced; its content was saved beside it: stop, \
                 move the saved file into its place, start"
            );
        }
        place.check()
    }

    /// Ends all connections once their work is done.
    pub async fn close(self) -> Result<(), DbErr> {
        let Self { writer, reader, .. } = self;
        reader.close().await?;
        writer.close().await
    }
}

/// Whether the database ended a transaction so that another could go on: a deadlock, a serialization failure.
fn is_victim(error: &crate::error::Error) -> bool {
    let crate::error::Error::Storage(error) = error else {
        return false;
    };
    matches!(code(error).as_deref(), Some("40001" | "40P01"))
}

/// What the database itself calls `error`, if it said it: PostgreSQL's SQLSTATE, SQLite's result code.
pub(crate) fn code(error: &DbErr) -> Option<Cow<'_, str>> {
    match driver_error(error)? {
        sea_orm::sqlx::Error::Database(database) => database.code(),
        _ => None,
    }
}

/// Whether a row could not be read because a text in it is no text any more: a flipped bit.
pub fn is_unreadable(error: &crate::error::Error) -> bool {
    let crate::error::Error::Storage(error) = error else {
        return false;
    };
    matches!(
        driver_error(error),
        Some(sea_orm::sqlx::Error::ColumnDecode { .. })
    )
}

fn driver_error(error: &DbErr) -> Option<&sea_orm::sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where transactions begin"
)]
async fn begin(writer: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(sea_orm::SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    writer.begin_with_options(options).await
}

/// Two hubs may start at once; the second waits for the first to finish its migrations.
async fn migrate_postgres<Schema: migrations::MigratorTrait>(
    connection: &DatabaseConnection,
) -> anyhow::Result<()> {
    const LOCK: i64 = 0x4c69_656e_436f_6e67; // "LienCong"
    let pool = connection.get_postgres_connection_pool();
    let mut holder = pool.acquire().await?;
    sea_orm::sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(LOCK)
        .execute(&mut *holder)
        .await?;
    let outcome = schema::bring_up_to_date::<Schema>(connection).await;
    sea_orm::sqlx::query("SELECT pg_advisory_unlock($1)")
        .bind(LOCK)
        .execute(&mut *holder)
        .await?;
    outcome
}

#[cfg(test)]
mod tests;
