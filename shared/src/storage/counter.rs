use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement};

/// What is numbered inside transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Positions in the outgoing stream.
    Stream,
    /// What this site published and took off, for the archives of its feeds.
    Publication,
    /// Changes of what public pages are made of: the database counts them itself (migration `s0039_page_revision`).
    Page,
}

impl Counter {
    fn name(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Publication => "publication",
            Self::Page => "page",
        }
    }
}

/// Takes the next `count` numbers and returns the first of them, starting from 1.
///
/// The counter's row stays locked until the transaction ends, so numbers become visible in their
/// own order: a reader with a cursor never passes a slower writer.
pub async fn take_number(
    tx: &DatabaseTransaction,
    counter: Counter,
    count: i64,
) -> Result<i64, DbErr> {
    let backend = tx.get_database_backend();
    let row = tx
        .query_one_raw(Statement::from_sql_and_values(
            backend,
            "INSERT INTO counters (name, value) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value RETURNING value",
            [counter.name().into(), count.into()],
        ))
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("counter".to_owned()))?;
    let last: i64 = row.try_get_by_index(0)?;
    Ok(last - count + 1)
}

/// The last number taken; 0 before the first.
pub async fn last_number<C: ConnectionTrait>(db: &C, counter: Counter) -> Result<i64, DbErr> {
    let row = db
        .query_one_raw(Statement::from_sql_and_values(
            db.get_database_backend(),
            "SELECT value FROM counters WHERE name = $1",
            [counter.name().into()],
        ))
        .await?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0))
}
