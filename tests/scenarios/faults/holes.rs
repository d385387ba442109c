//! A stream has no holes: who reads it with a cursor while many write passes nobody by.

use rand::RngExt;
use sea_orm::{ConnectionTrait, Statement};
use shared::storage::{Counter, Db, take_number};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tests::{Backend, measured, postgres, rounds};
use tokio::task::JoinSet;

on_both_databases! {
    a_reader_with_a_cursor_passes_no_slower_writer
}

const WRITERS: usize = 8;
/// How many rows each reader takes at a time.
const PAGES: [u64; 3] = [1, 7, 100];

async fn a_reader_with_a_cursor_passes_no_slower_writer(backend: Backend) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let address = match backend {
        Backend::Sqlite => folder.path().join("site.db").display().to_string(),
        Backend::Postgres => postgres::database(),
    };
    let db = Db::open::<migrations::SiteSchema>(&address)
        .await
        .expect("opens");
    let rows = rounds(60, 1_000);
    let at_work = Arc::new(AtomicUsize::new(WRITERS));
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (db, at_work) = (db.clone(), Arc::clone(&at_work));
        writers.spawn(async move {
            for _ in 0..rows {
                write_one(&db).await;
            }
            at_work.fetch_sub(1, Ordering::SeqCst);
        });
    }
    let mut readers = JoinSet::new();
    for page in PAGES {
        let (db, at_work) = (db.clone(), Arc::clone(&at_work));
        readers.spawn(async move {
            let mut seen: Vec<i64> = Vec::new();
            loop {
                let is_over = at_work.load(Ordering::SeqCst) == 0;
                let next = read_page(&db, seen.last().copied().unwrap_or(0), page).await;
                if next.is_empty() && is_over {
                    return seen;
                }
                seen.extend(next);
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.expect("writes");
    }
    let written = i64::try_from(WRITERS * rows).expect("a count");
    while let Some(seen) = readers.join_next().await {
        let expected: Vec<i64> = (1..=written).collect();
        assert_eq!(seen.expect("reads"), expected, "every place once, in order");
    }
    measured(
        "G6",
        &format!(
            "{backend:?}: {WRITERS} writers, readers with pages of 1, 7 and 100: {written} rows, 0 skipped"
        ),
    );
}

/// A place in the stream, and a while between taking it and committing it.
async fn write_one(db: &Db) {
    let pause = Duration::from_micros(rand::rng().random_range(0..4_000));
    db.write(move |tx| {
        Box::pin(async move {
            let position = take_number(tx, Counter::Stream, 1).await?;
            tokio::time::sleep(pause).await;
            let row = Statement::from_sql_and_values(
                tx.get_database_backend(),
                "INSERT INTO settings (name, value) VALUES ($1, $2)",
                [
                    format!("place {position:09}").into(),
                    position.to_string().into(),
                ],
            );
            tx.execute_raw(row).await?;
            Ok(())
        })
    })
    .await
    .expect("writes");
}

async fn read_page(db: &Db, after: i64, page: u64) -> Vec<i64> {
    let query = Statement::from_sql_and_values(
        db.reader().get_database_backend(),
        "SELECT value FROM settings WHERE name > $1 AND name LIKE 'place %' ORDER BY name LIMIT $2",
        [
            format!("place {after:09}").into(),
            i64::try_from(page).expect("a page").into(),
        ],
    );
    let rows = db.reader().query_all_raw(query).await.expect("reads");
    rows.iter()
        .map(|row| {
            let value: String = row.try_get_by_index(0).expect("a text");
            value.parse().expect("a number")
        })
        .collect()
}
