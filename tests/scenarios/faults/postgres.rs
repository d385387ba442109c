//! What happens to PostgreSQL under a hub at work: killed, restarted, its connections cut, its patience
//! taken away. And what it does by itself: ends one of two that wait for each other.

use futures_util::future::join_all;
use rand::RngExt;
use sea_orm::{ConnectionTrait, Database, DatabaseTransaction, Statement};
use shared::storage::Db;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tests::ledger::{Ledger, Load, a_moment};
use tests::postgres::Cluster;
use tests::{Chance, Province, bounded, measured, postgres, rounds};
use tokio::sync::Barrier;

/// The story has its database server to itself: it is killed.
mod a_hub_outlives_what_happens_to_its_database {
    #[tokio::test]
    async fn on_postgresql() {
        super::bounded(super::story()).await;
    }
}

async fn story() {
    let mut chance = Chance::begin();
    let cluster = Cluster::start();
    let address = cluster.database();
    let mut province = Province::found_at(address.clone()).await;
    let mut peers = Vec::new();
    for name in ["xã Kon Braih", "xã Đăk Kôi", "xã Đăk Rve"] {
        peers.push(province.faulty_peer(name).await);
    }
    let rounds = rounds(8, 200);

    let load = Load::default();
    let senders = join_all(peers.into_iter().map(|peer| Ledger::keep(peer, &load)));
    let blows = async {
        for _ in 0..rounds {
            load.is_on(10, &mut chance).await;
            match chance.random_range(0..5) {
                0 => {
                    cluster.kill_9();
                    a_moment(1_000, &mut chance).await;
                    cluster.serve();
                }
                1 => {
                    cluster.stop();
                    a_moment(1_000, &mut chance).await;
                    cluster.serve();
                }
                2 => {
                    // Every connection but our own, in the middle of whatever it does.
                    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                               WHERE pid <> pg_backend_pid() AND usename IS NOT NULL";
                    cluster.run_statement(&address, cut).await;
                }
                3 => storm(&address).await,
                _ => {
                    // No statement may take longer than a commit takes, for a while.
                    let hurry = "ALTER ROLE lien_cong SET statement_timeout = '2ms'";
                    cluster.run_statement(&address, hurry).await;
                    province.hub.kill_9();
                    province.hub.launch();
                    a_moment(1_500, &mut chance).await;
                    province.hub.kill_9();
                    let calm =
                        "SET statement_timeout = 0; ALTER ROLE lien_cong RESET statement_timeout";
                    cluster.run_statement(&address, calm).await;
                    province.hub.start().await;
                }
            }
            if chance.random_bool(0.2) {
                province.hub.kill_9();
                province.hub.start().await;
            }
        }
        load.is_enough();
    };
    let (ledgers, ()) = tokio::join!(senders, blows);
    let mut acknowledged = 0;
    for ledger in &ledgers {
        acknowledged += ledger.compare().await;
    }
    assert!(province.hub.is_running(), "the hub did not end by itself");
    measured(
        "G1",
        &format!(
            "PostgreSQL killed, stopped, cut off and hurried {rounds} times under load: \
             {acknowledged} acknowledged, 0 lost, 0 doubled"
        ),
    );
}

/// As many connections as the server takes, all at once, held for a moment.
async fn storm(address: &str) {
    let all = (0..300).map(async |_| {
        let connection = Database::connect(address).await.ok()?;
        connection
            .execute_unprepared("SELECT pg_sleep(0.5)")
            .await
            .ok();
        connection.close().await.ok()
    });
    let held = join_all(all).await;
    println!("{} connections at once", held.iter().flatten().count());
}

mod of_two_that_wait_for_each_other_both_are_done_once {
    #[tokio::test]
    async fn on_postgresql() {
        super::bounded(super::two_that_wait_for_each_other()).await;
    }
}

async fn two_that_wait_for_each_other() {
    let db = Db::open::<migrations::SiteSchema>(&postgres::database())
        .await
        .expect("opens");
    db.write(|tx| {
        Box::pin(async move {
            tx.execute_unprepared("CREATE TABLE sides (name TEXT PRIMARY KEY, times BIGINT)")
                .await?;
            tx.execute_unprepared("INSERT INTO sides VALUES ('left', 0), ('right', 0)")
                .await?;
            Ok(())
        })
    })
    .await
    .expect("a table of two rows");

    // Each has one row and asks for the other's: without being ended, neither could go on.
    let both_hold = Arc::new(Barrier::new(2));
    let begun = Arc::new(AtomicUsize::new(0));
    let one_after_the_other = async |first: &'static str, then: &'static str| {
        let (both_hold, begun) = (Arc::clone(&both_hold), Arc::clone(&begun));
        db.write(move |tx| {
            Box::pin(async move {
                let nth = begun.fetch_add(1, Ordering::SeqCst);
                count_up(tx, first).await?;
                if nth < 2 {
                    both_hold.wait().await;
                }
                count_up(tx, then).await
            })
        })
        .await
    };
    let (here, there) = tokio::join!(
        one_after_the_other("left", "right"),
        one_after_the_other("right", "left")
    );
    here.expect("done");
    there.expect("done");
    assert_eq!(begun.load(Ordering::SeqCst), 3, "one of them began anew");
    let twice = Statement::from_string(
        db.backend(),
        "SELECT name FROM sides WHERE times = 2 ORDER BY name",
    );
    let rows = db.reader().query_all_raw(twice).await.expect("reads");
    assert_eq!(rows.len(), 2, "each row was counted up once by each");
}

async fn count_up(tx: &DatabaseTransaction, side: &str) -> shared::error::Result<()> {
    let up = "UPDATE sides SET times = times + 1 WHERE name = $1";
    let up = Statement::from_sql_and_values(tx.get_database_backend(), up, [side.into()]);
    tx.execute_raw(up).await?;
    Ok(())
}
