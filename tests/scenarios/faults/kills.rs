//! Killed, killed together, killed while starting, held still: nothing acknowledged is lost.

use futures_util::future::join_all;
use rand::RngExt;
use std::time::Duration;
use tests::ledger::{Ledger, Load, a_moment};
use tests::{Backend, Chance, Province, Server, Text, measured, rounds, within};

on_both_databases! {
    whatever_is_killed_nothing_acknowledged_is_lost
}

/// What is done to whom.
#[derive(Clone, Copy, Debug)]
enum Blow {
    Kill,
    /// Again before it is ready, and again.
    KillWhileStarting,
    Freeze,
}

async fn whatever_is_killed_nothing_acknowledged_is_lost(hub: Backend) {
    let mut chance = Chance::begin();
    let mut province = Province::found(hub).await;
    let mut peers = Vec::new();
    for name in ["xã Đăk Kôi", "xã Đăk Rve"] {
        peers.push(province.faulty_peer(name).await);
    }
    let mut member = province.commune("xã Kon Braih").await;
    let desk = member.staff().await;
    let (some, rounds) = (rounds(10, 40), rounds(10, 300));

    let load = Load::default();
    let senders = join_all(peers.into_iter().map(|peer| Ledger::keep(peer, &load)));
    let writer = async {
        let (mut published, mut number) = (Vec::new(), 0);
        while !load.has_enough() {
            number += 1;
            let title = format!("Tin viết giữa lúc mất điện, số {number}.");
            // What was not acknowledged may be there or not; nobody was told.
            if desk.try_publish(&Text::article(&title)).await.is_ok() {
                published.push(title);
                load.count(1);
            }
        }
        published
    };
    let blows = async {
        for _ in 0..rounds {
            load.is_on(some, &mut chance).await;
            let blow = match chance.random_range(0..6) {
                0 => Blow::Freeze,
                1 | 2 => Blow::KillWhileStarting,
                _ => Blow::Kill,
            };
            match chance.random_range(0..3) {
                0 => strike(&mut province.hub, blow, &mut chance).await,
                1 => strike(&mut member.server, blow, &mut chance).await,
                _ => {
                    // Both at once, as when a whole district goes dark.
                    province.hub.kill_9();
                    member.kill_9();
                    member.launch();
                    province.hub.start().await;
                    member.is_ready().await;
                }
            }
        }
        load.is_enough();
    };
    let (ledgers, published, ()) = tokio::join!(senders, writer, blows);

    let mut acknowledged = published.len();
    for ledger in &ledgers {
        acknowledged += ledger.compare().await;
    }
    within(
        Duration::from_secs(180),
        "the province has all that was published, once",
        async || {
            let there = province.records().await;
            let not_once = |title: &&String| there.rows_saying("entries", title) != 1;
            match published.iter().find(not_once) {
                None => Ok(()),
                Some(title) => Err(format!("not once: {title}")),
            }
        },
    )
    .await;
    let log = province.hub.log();
    assert!(!log.contains("item refused"), "the hub refused something");
    measured(
        "G1",
        &format!(
            "{hub:?}: {rounds} kills and pauses, {acknowledged} acknowledged, 0 lost, 0 doubled"
        ),
    );
}

async fn strike(victim: &mut Server, blow: Blow, chance: &mut Chance) {
    match blow {
        Blow::Kill => victim.kill_9(),
        Blow::KillWhileStarting => {
            victim.kill_9();
            for _ in 0..chance.random_range(1..4) {
                victim.launch();
                a_moment(900, chance).await;
                victim.kill_9();
            }
        }
        Blow::Freeze => {
            victim.freeze();
            a_moment(3_000, chance).await;
            victim.thaw();
            return;
        }
    }
    victim.start().await;
}
