//! A reader that sees other things under the names of some tables.
//!
//! A temporary relation comes before any other of its name, in SQLite and in PostgreSQL alike. So
//! code that reads `entries` reads what the lens shows under that name, whether it thinks of it or
//! not: a page that must show one site's entries alone cannot forget to ask for them alone.

use super::{Db, READ_THROUGH, sqlite};
use anyhow::Context;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sea_orm::sqlx::{self, AssertSqlSafe, Executor};
use sea_orm::{DbBackend, SqlxPostgresConnector};
use std::fmt::Write;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// What stands under which names, in the order in which it is made.
#[derive(Clone, Debug)]
pub struct Lens {
    backend: DbBackend,
    /// Each with whether it names real tables.
    statements: Vec<(String, bool)>,
}

/// How a statement names the schema of the real tables.
const REAL: &str = "real.";

impl Lens {
    /// A clear one, for a database of this kind.
    pub fn clear(backend: DbBackend) -> Self {
        Self {
            backend,
            statements: Vec::new(),
        }
    }

    /// Under `name` stands what `select` says. In it `real.x` is the table `x` itself, and a bare `x`
    /// what the lens shows under that name so far.
    #[must_use]
    pub fn view(mut self, name: &str, select: &str) -> Self {
        let statement = format!("CREATE TEMP VIEW {name} AS {select}");
        self.statements.push((statement, true));
        self
    }

    /// Under `name` stands a table with the columns of the real one and these rows of literals.
    #[must_use]
    pub fn table(mut self, name: &str, columns: &str, rows: &[Vec<String>]) -> Self {
        let create = match self.backend {
            DbBackend::Sqlite => {
                format!("CREATE TEMP TABLE {name} AS SELECT * FROM {REAL}{name} WHERE 0")
            }
            _ => format!("CREATE TEMP TABLE {name} (LIKE {REAL}{name})"),
        };
        self.statements.push((create, true));
        for row in rows {
            let insert = format!("INSERT INTO {name} ({columns}) VALUES ({})", row.join(", "));
            self.statements.push((insert, false));
        }
        self
    }

    /// A text as a literal.
    pub fn text(value: &str) -> String {
        format!("'{}'", value.replace('\'', "''").replace('\0', ""))
    }

    /// An id as a literal.
    pub fn id(&self, id: Uuid) -> String {
        match self.backend {
            DbBackend::Sqlite => {
                let mut literal = String::from("x'");
                for byte in id.as_bytes() {
                    let _ = write!(literal, "{byte:02x}");
                }
                literal + "'"
            }
            _ => format!("'{id}'::uuid"),
        }
    }

    /// The statements, with the real tables in `schema`.
    fn on(&self, schema: &str) -> Vec<String> {
        self.statements
            .iter()
            .map(|(statement, names_real)| match names_real {
                true => statement.replace(REAL, &format!("{schema}.")),
                false => statement.clone(),
            })
            .collect()
    }
}

impl Db {
    /// Opens the database at `address` to be read through `lens`. Nothing can be written through it,
    /// and its schema is left as it is.
    pub async fn open_through(address: &str, lens: &Lens) -> anyhow::Result<Self> {
        let reader = match lens.backend {
            DbBackend::Sqlite => sqlite::through(Path::new(address), lens.on("main")).await?,
            _ => {
                let lens = lens.clone();
                let options = PgConnectOptions::from_str(address)
                    .context("địa chỉ PostgreSQL không đọc được")?;
                let pool = PgPoolOptions::new()
                    .max_connections(READ_THROUGH)
                    .idle_timeout(Duration::from_secs(60))
                    .acquire_timeout(Duration::from_secs(10))
                    .after_connect(move |connection, _| {
                        let lens = lens.clone();
                        Box::pin(async move { lay(connection, &lens).await })
                    })
                    .connect_with(options)
                    .await
                    .context("không kết nối được PostgreSQL")?;
                SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
            }
        };
        Ok(Self {
            writer: reader.clone(),
            reader,
            full: Arc::default(),
            place: None,
        })
    }
}

async fn lay(connection: &mut PgConnection, lens: &Lens) -> sqlx::Result<()> {
    let schema: String = sqlx::query_scalar("SELECT quote_ident(current_schema())")
        .fetch_one(&mut *connection)
        .await?;
    for statement in lens.on(&schema) {
        connection
            .execute(sqlx::raw_sql(AssertSqlSafe(statement)))
            .await?;
    }
    connection
        .execute("SET default_transaction_read_only = on")
        .await?;
    Ok(())
}
