//! Killed without warning, again and again, while others are at work: what was acknowledged is there.

use futures_util::future::join_all;
use tests::ledger::{Ledger, Load};
use tests::{Backend, Chance, Province, Text, eventually};

on_both_databases! {
    a_killed_hub_keeps_what_it_acknowledged
    killed_members_and_hubs_lose_nothing_that_was_published
}

const KILLS: usize = 6;

async fn a_killed_hub_keeps_what_it_acknowledged(hub: Backend) {
    let mut chance = Chance::begin();
    let mut province = Province::found(hub).await;
    let mut peers = Vec::new();
    for name in ["xã Kon Braih", "xã Đăk Kôi", "xã Đăk Rve"] {
        peers.push(province.faulty_peer(name).await);
    }

    let load = Load::default();
    let senders = join_all(peers.into_iter().map(|peer| Ledger::keep(peer, &load)));
    let kills = async {
        for _ in 0..KILLS {
            load.is_on(10, &mut chance).await;
            province.hub.kill_9();
            province.hub.start().await;
        }
        load.is_enough();
    };
    let (ledgers, ()) = tokio::join!(senders, kills);

    let mut acknowledged = 0;
    for ledger in &ledgers {
        acknowledged += ledger.compare().await;
    }
    println!("{acknowledged} events acknowledged across {KILLS} kills");
}

/// The newsroom said "Đã đăng": then it is on the site and comes to the province, whatever happens to
/// either of them the next moment.
async fn killed_members_and_hubs_lose_nothing_that_was_published(hub: Backend) {
    let mut chance = Chance::begin();
    let mut province = Province::found(hub).await;
    let mut member = province.commune("xã Kon Braih").await;
    let desk = member.staff().await;

    let load = Load::default();
    let writer = async {
        let mut published = Vec::new();
        let mut number = 0;
        while !load.has_enough() {
            number += 1;
            // Whether what was not acknowledged is there may not be known; it is not asked.
            let title = format!("Tin viết giữa hai lần mất điện, số {number}.");
            if desk.try_publish(&Text::article(&title)).await.is_ok() {
                published.push(title);
                load.count(1);
            }
        }
        published
    };
    let kills = async {
        for round in 0..KILLS {
            load.is_on(2, &mut chance).await;
            let victim = if round % 2 == 0 {
                &mut member.server
            } else {
                &mut province.hub
            };
            victim.kill_9();
            victim.start().await;
        }
        load.is_enough();
    };
    let (published, ()) = tokio::join!(writer, kills);

    println!(
        "{} articles published across {KILLS} kills",
        published.len()
    );
    let here = member.records().await;
    for title in &published {
        assert_eq!(
            here.rows_saying("entries", title),
            1,
            "published and lost: {title}"
        );
    }
    eventually("the province has all of them, once", async || {
        let there = province.records().await;
        let times = |title: &&String| there.rows_saying("entries", title) != 1;
        match published.iter().find(times) {
            None => Ok(()),
            Some(title) => Err(format!("not once: {title}")),
        }
    })
    .await;
    let log = province.hub.log();
    assert!(!log.contains("item refused"), "the hub refused something");
}
