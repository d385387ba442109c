//! What becomes of messages: they arrive late, twice, after later ones, or not at all.

use super::world::Place;
use rand::RngExt;
use rand::rngs::StdRng;
use std::collections::BTreeSet;

/// How messages fare just now. Chances are in a thousand.
#[derive(Clone, Debug, Default)]
pub(super) struct Network {
    /// Requests that never arrive.
    pub lost: u32,
    /// Answers that never arrive: the request was heard.
    pub answers_lost: u32,
    /// Requests that arrive twice.
    pub doubled: u32,
    /// Requests that somebody records and sends again, up to ten minutes later.
    pub recorded: u32,
    /// Answers of somebody who is not the peer: a proxy, a portal that wants a password first.
    pub strangers: u32,
    /// The longest a message takes, in milliseconds.
    pub slowest: i64,
    /// Roads that are cut, by direction.
    pub cut: BTreeSet<(Place, Place)>,
}

impl Network {
    /// A good day.
    pub(super) fn healthy() -> Self {
        Self {
            slowest: 40,
            ..Self::default()
        }
    }

    /// A bad one.
    pub(super) fn bad(rng: &mut StdRng) -> Self {
        let mut chance = |most: u32| {
            if rng.random_bool(0.5) {
                rng.random_range(0..=most)
            } else {
                0
            }
        };
        Self {
            lost: chance(300),
            answers_lost: chance(300),
            doubled: chance(200),
            recorded: chance(60),
            strangers: chance(80),
            slowest: [40, 500, 5_000, 30_000][chance(3) as usize],
            cut: BTreeSet::new(),
        }
    }

    /// When a request sent now arrives; more than once, or never.
    pub(super) fn request(&self, from: Place, to: Place, rng: &mut StdRng) -> Vec<i64> {
        let mut arrivals = Vec::with_capacity(1);
        if !self.is_cut(from, to) && !happens(self.lost, rng) {
            arrivals.push(self.takes(rng));
            if happens(self.doubled, rng) {
                arrivals.push(self.takes(rng));
            }
        }
        if happens(self.recorded, rng) {
            arrivals.push(rng.random_range(1_000..600_000));
        }
        arrivals
    }

    /// When an answer sent now arrives, if it does.
    pub(super) fn answer(&self, from: Place, to: Place, rng: &mut StdRng) -> Option<i64> {
        let arrives = !self.is_cut(from, to) && !happens(self.answers_lost, rng);
        arrives.then(|| self.takes(rng))
    }

    /// Whether a stranger answers instead.
    pub(super) fn is_stranger(&self, rng: &mut StdRng) -> bool {
        happens(self.strangers, rng)
    }

    fn takes(&self, rng: &mut StdRng) -> i64 {
        // Mostly fast, sometimes as slow as it gets: that is what puts messages out of order.
        if rng.random_bool(0.8) {
            rng.random_range(1..=self.slowest.clamp(1, 60))
        } else {
            rng.random_range(1..=self.slowest.max(1))
        }
    }

    fn is_cut(&self, from: Place, to: Place) -> bool {
        !self.cut.is_empty() && self.cut.contains(&(from, to))
    }
}

fn happens(chance: u32, rng: &mut StdRng) -> bool {
    chance > 0 && rng.random_range(0..1_000) < chance
}
