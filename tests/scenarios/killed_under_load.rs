//! Killed without warning, again and again, while others are at work: what was acknowledged is there.
//!
//! Each side that sends keeps a ledger of what it was told is safe. The ledger is kept here, in a
//! process nobody kills, and compared afterwards with what the other side can show.

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use shared::log::Digest;
use std::cell::Cell;
use std::time::Duration;
use tests::faulty_peer::header_of;
use tests::{Backend, FaultyPeer, Province, Text, eventually};
use tokio::time::sleep;

on_both_databases! {
    a_killed_hub_keeps_what_it_acknowledged
    killed_members_and_hubs_lose_nothing_that_was_published
}

const KILLS: usize = 6;

async fn a_killed_hub_keeps_what_it_acknowledged(hub: Backend) {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let mut province = Province::found(hub).await;
    let mut peers = Vec::new();
    for name in ["xã Kon Braih", "xã Đăk Kôi", "xã Đăk Rve"] {
        peers.push(province.faulty_peer(name).await);
    }

    let load = Load::default();
    let senders = join_all(peers.into_iter().map(|peer| keep_saying(peer, &load)));
    let kills = async {
        for _ in 0..KILLS {
            load.is_on(10, &mut dice).await;
            province.hub.kill_9();
            province.hub.start().await;
        }
        load.enough.set(true);
    };
    let (ledgers, ()) = tokio::join!(senders, kills);

    let mut acknowledged = 0;
    for Ledger { peer, said, safe } in ledgers {
        let held = peer.held().await;
        for event in &said[..safe] {
            assert!(held.contains(event), "acknowledged and lost: {event:?}");
        }
        assert_eq!(
            held, said,
            "no hole, nothing twice, everything in its place"
        );
        acknowledged += safe;
    }
    println!("{acknowledged} events acknowledged across {KILLS} kills");
}

/// What is going on while something is killed.
#[derive(Default)]
struct Load {
    acknowledged: Cell<usize>,
    enough: Cell<bool>,
}

impl Load {
    /// Waits until `some` more were acknowledged, and then a moment that is chance: whatever is killed
    /// now is at work, and nobody chose at what.
    async fn is_on(&self, some: usize, dice: &mut StdRng) {
        let before = self.acknowledged.get();
        eventually("there is load", async || {
            let now = self.acknowledged.get();
            if now >= before + some {
                Ok(())
            } else {
                Err(now)
            }
        })
        .await;
        sleep(Duration::from_millis(dice.random_range(0..400))).await;
    }
}

/// What a peer has said, and how much of it the hub has given its word for.
struct Ledger {
    peer: FaultyPeer,
    said: Vec<(i64, Digest)>,
    safe: usize,
}

/// Says one thing after another and repeats what was not acknowledged, until it is `enough` and
/// everything is.
async fn keep_saying(mut peer: FaultyPeer, load: &Load) -> Ledger {
    let mut ledger = Vec::new();
    let mut safe = 0;
    while !load.enough.get() {
        let mut batch = Vec::new();
        for _ in 0..5 {
            let item = peer.says(peer.article(&format!("Tin số {}", ledger.len() + 1)));
            let signed = header_of(item.clone());
            ledger.push((signed.header.seq, signed.digest()));
            batch.push(item);
        }
        eventually("the hub has all of the batch", async || {
            // As a real link does after any trouble: ask where the other stands, then go on there.
            peer.cursor = peer.try_greet().await?.cursors.regular;
            let held = usize::try_from(peer.cursor)?;
            anyhow::ensure!(held >= safe, "the hub stood at {safe} and stands at {held}");
            safe = held;
            let missing = batch.len().min(ledger.len() - held);
            if missing > 0 {
                peer.try_push(batch[batch.len() - missing..].to_vec())
                    .await?;
                safe = ledger.len();
                load.acknowledged.update(|count| count + missing);
            }
            anyhow::Ok(())
        })
        .await;
    }
    Ledger {
        peer,
        said: ledger,
        safe,
    }
}

/// The newsroom said "Đã đăng": then it is on the site and comes to the province, whatever happens to
/// either of them the next moment.
async fn killed_members_and_hubs_lose_nothing_that_was_published(hub: Backend) {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let mut province = Province::found(hub).await;
    let mut member = province.commune("xã Kon Braih").await;
    let desk = member.staff().await;

    let load = Load::default();
    let writer = async {
        let mut published = Vec::new();
        let mut number = 0;
        while !load.enough.get() {
            number += 1;
            // Whether what was not acknowledged is there may not be known; it is not asked.
            let title = format!("Tin viết giữa hai lần mất điện, số {number}.");
            if desk.try_publish(&Text::article(&title)).await.is_ok() {
                published.push(title);
                load.acknowledged.set(published.len());
            }
        }
        published
    };
    let kills = async {
        for round in 0..KILLS {
            load.is_on(2, &mut dice).await;
            let victim = if round % 2 == 0 {
                &mut member.server
            } else {
                &mut province.hub
            };
            victim.kill_9();
            victim.start().await;
        }
        load.enough.set(true);
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
