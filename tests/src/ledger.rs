//! Peers that say one thing after another and write down what they were told is safe.
//!
//! The ledger is kept in the process of the test, which nobody kills, and compared afterwards with
//! what the other side can show.

use crate::depth::{Chance, rounds};
use crate::faulty_peer::{FaultyPeer, header_of};
use crate::waiting::eventually;
use rand::RngExt;
use shared::log::Digest;
use std::cell::Cell;
use std::time::Duration;

/// How many events a batch of a ledger has, in a quick run and in a deep one.
const BATCH: (usize, usize) = (5, 25);

/// What is going on while something is done to a server.
#[derive(Debug, Default)]
pub struct Load {
    acknowledged: Cell<usize>,
    enough: Cell<bool>,
}

impl Load {
    /// Waits until `some` more were acknowledged, and then a moment that is chance: whatever is done
    /// next is done to somebody at work, and nobody chose at what.
    pub async fn is_on(&self, some: usize, chance: &mut Chance) {
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
        a_moment(400, chance).await;
    }

    /// Counts one that was acknowledged.
    pub fn count(&self, acknowledged: usize) {
        self.acknowledged.update(|count| count + acknowledged);
    }

    /// How many were acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.get()
    }

    /// Lets the senders come to an end.
    pub fn is_enough(&self) {
        self.enough.set(true);
    }

    /// Whether the senders are to come to an end.
    pub fn has_enough(&self) -> bool {
        self.enough.get()
    }
}

/// Lets a while pass that is chance, up to `most` milliseconds: how long a fault lasts, never what a
/// story waits for.
pub async fn a_moment(most: u64, chance: &mut Chance) {
    let moment = chance.random_range(0..most.max(1));
    tokio::time::sleep(Duration::from_millis(moment)).await;
}

/// What a peer has said, and how much of it the hub has given its word for.
#[derive(Debug)]
pub struct Ledger {
    /// The peer.
    pub peer: FaultyPeer,
    /// Places and digests of all it said.
    pub said: Vec<(i64, Digest)>,
    /// How many of them are safe.
    pub safe: usize,
}

impl Ledger {
    /// Says one thing after another and repeats what was not acknowledged, until there is enough and
    /// everything is.
    pub async fn keep(mut peer: FaultyPeer, load: &Load) -> Self {
        let mut said = Vec::new();
        let mut safe = 0;
        while !load.has_enough() {
            let mut batch = Vec::new();
            for _ in 0..rounds(BATCH.0, BATCH.1) {
                let item = peer.says(peer.article(&format!("Tin số {}", said.len() + 1)));
                let signed = header_of(item.clone());
                said.push((signed.header.seq, signed.digest()));
                batch.push(item);
            }
            // A hub may be away for most of this.
            eventually("the hub has all of the batch", async || {
                // As a real link does after any trouble: ask where the other stands, go on there.
                peer.cursor = peer.try_greet().await?.cursors.regular;
                let held = usize::try_from(peer.cursor)?;
                assert!(
                    held >= safe,
                    "acknowledged and lost: the hub stood at {safe} and stands at {held}"
                );
                safe = held;
                let missing = batch.len().min(said.len() - held);
                if missing > 0 {
                    peer.try_push(batch[batch.len() - missing..].to_vec())
                        .await?;
                    safe = said.len();
                    load.count(missing);
                }
                anyhow::Ok(())
            })
            .await;
        }
        Self { peer, said, safe }
    }

    /// Compares it with what the hub holds now; how many were acknowledged.
    ///
    /// # Panics
    /// When the hub holds anything else.
    pub async fn compare(&self) -> usize {
        let held = self.peer.held().await;
        for event in &self.said[..self.safe] {
            assert!(held.contains(event), "acknowledged and lost: {event:?}");
        }
        assert_eq!(
            held, self.said,
            "no hole, nothing twice, everything in its place"
        );
        self.safe
    }
}
