//! The databases benchmarks run on.

use sea_orm::{ConnectionTrait, Database};
use shared::testing::Setup;
use std::fmt;
use uuid::Uuid;

/// The variable with the address of a PostgreSQL server where databases may be made.
const SERVER: &str = "LIEN_CONG_BENCH_POSTGRES";

/// What a site keeps its rows in.
#[derive(Clone, Debug)]
pub(crate) enum Backend {
    Sqlite,
    Postgres(String),
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        })
    }
}

/// SQLite, and PostgreSQL where a server is named.
pub(crate) fn backends() -> Vec<Backend> {
    let server = std::env::var(SERVER).ok().map(Backend::Postgres);
    std::iter::once(Backend::Sqlite).chain(server).collect()
}

/// Says so where only one of them is measured.
pub(crate) fn say_what_is_left_out() {
    if std::env::var_os(SERVER).is_none() {
        println!("without PostgreSQL: {SERVER} does not say where a server is");
    }
}

impl Backend {
    /// What a new site on it is made of.
    pub(crate) async fn setup(&self) -> Setup {
        match self {
            Self::Sqlite => Setup::default(),
            Self::Postgres(server) => Setup::default().database(&new_database(server).await),
        }
    }
}

/// The address of a new database on `server`.
async fn new_database(server: &str) -> String {
    let name = format!("do_{}", Uuid::now_v7().simple());
    let mut address: url::Url = server.parse().expect("a URL");
    address.set_path("/postgres");
    let connection = Database::connect(address.as_str()).await.expect("connects");
    let order = format!("CREATE DATABASE {name}");
    let made = connection.execute_unprepared(&order).await;
    made.expect("a database");
    address.set_path(&name);
    address.into()
}
