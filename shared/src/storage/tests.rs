use super::*;
use sea_orm::{EntityTrait, FromQueryResult};
use tempfile::TempDir;

async fn site_database() -> (TempDir, Db) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let db = Db::open::<migrations::SiteSchema>(
        folder.path().join("site.db").to_str().expect("UTF-8 path"),
    )
    .await
    .expect("opens");
    (folder, db)
}

#[derive(FromQueryResult)]
struct Value {
    value: i64,
}

#[tokio::test]
async fn a_failed_unit_of_work_leaves_nothing_behind() {
    let (_folder, db) = site_database().await;
    let failed: crate::error::Result<()> = db
        .write(|tx| {
            Box::pin(async move {
                take_number(tx, Counter::Stream, 5).await?;
                Err(anyhow::anyhow!("changed my mind").into())
            })
        })
        .await;
    assert!(failed.is_err());
    let first = db
        .write(|tx| Box::pin(async move { Ok(take_number(tx, Counter::Stream, 3).await?) }))
        .await
        .expect("takes");
    assert_eq!(first, 1, "the numbers of the failed work were given back");
}

/// On a full disk SQLite rolls back by itself, and the driver does not notice.
#[tokio::test]
async fn what_follows_a_transaction_that_sqlite_gave_up_is_committed() {
    let (_folder, db) = site_database().await;
    for round in 1..=3 {
        let given_up = db
            .write(|tx| {
                Box::pin(async move {
                    take_number(tx, Counter::Stream, 5).await?;
                    tx.execute_unprepared("ROLLBACK").await?;
                    Err::<(), _>(anyhow::anyhow!("the disk is full").into())
                })
            })
            .await;
        assert!(given_up.is_err());
        // A failure of the ordinary kind, which is rolled back.
        let failed = db
            .write(|_| Box::pin(async { Err::<(), _>(anyhow::anyhow!("no").into()) }))
            .await;
        assert!(failed.is_err());
        let taken = db
            .write(|tx| Box::pin(async move { Ok(take_number(tx, Counter::Stream, 1).await?) }))
            .await
            .expect("takes");
        let committed = last_number(db.reader(), Counter::Stream).await;
        assert_eq!((taken, committed.expect("reads")), (round, round));
    }
}

#[tokio::test]
async fn many_writers_take_distinct_numbers_without_a_busy_error() {
    let (_folder, db) = site_database().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let db = db.clone();
        tasks.spawn(async move {
            db.write(|tx| Box::pin(async move { Ok(take_number(tx, Counter::Stream, 1).await?) }))
                .await
        });
    }
    let mut numbers: Vec<i64> = Vec::new();
    while let Some(taken) = tasks.join_next().await {
        numbers.push(taken.expect("joins").expect("takes"));
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
}

#[tokio::test]
async fn work_goes_on_to_its_end_when_the_caller_is_gone() {
    let (_folder, db) = site_database().await;
    let steps: Arc<[Notify; 3]> = Arc::default();
    let caller = tokio::spawn({
        let (db, steps) = (db.clone(), Arc::clone(&steps));
        async move {
            db.write(move |tx| {
                Box::pin(async move {
                    let [begun, go_on, done] = &*steps;
                    begun.notify_one();
                    go_on.notified().await;
                    take_number(tx, Counter::Stream, 1).await?;
                    done.notify_one();
                    Ok(())
                })
            })
            .await
        }
    });
    let [begun, go_on, done] = &*steps;
    begun.notified().await;
    caller.abort();
    go_on.notify_one();
    done.notified().await;
    // The writer is one connection: this waits for the commit.
    db.write(|_| Box::pin(async { Ok(()) }))
        .await
        .expect("writes");
    let row = Value::find_by_statement(Statement::from_string(
        db.backend(),
        "SELECT value FROM counters",
    ))
    .one(db.reader())
    .await
    .expect("reads")
    .expect("is there");
    assert_eq!(row.value, 1);
}

#[tokio::test]
async fn readers_cannot_write() {
    let (_folder, db) = site_database().await;
    let attempt = db
        .reader()
        .execute_raw(Statement::from_string(
            db.backend(),
            "INSERT INTO settings VALUES ('x', 'y')",
        ))
        .await;
    assert!(attempt.is_err());
}

#[tokio::test]
async fn the_schema_stands_and_a_second_start_changes_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("hub.db");
    let name = file.to_str().expect("UTF-8 path");
    for _ in 0..2 {
        let db = Db::open::<migrations::HubSchema>(name)
            .await
            .expect("opens");
        let events = crate::log::event::Entity::find()
            .all(db.reader())
            .await
            .expect("reads");
        assert!(events.is_empty());
        db.close().await.expect("closes");
    }
}
