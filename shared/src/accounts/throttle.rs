//! How often signing in may be tried.
//!
//! Guesses are counted for the account and for the peer's address; each makes the next wait longer,
//! up to a minute, and nobody is ever locked out. An attempt counts before the password is looked
//! at, so that a thousand at once are not a thousand free guesses; being right gives it back.

use crate::server::one_client;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Longest wait.
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(60);
/// Attempts older than this are forgotten.
const MEMORY: TimeDelta = TimeDelta::hours(1);
/// Most accounts and addresses kept in mind.
const MOST_KEPT: usize = 10_000;
/// Free attempts at one account: people mistype.
const FREE_FOR_ACCOUNT: u32 = 5;
/// Free attempts from one address: a whole town hall may share it.
const FREE_FOR_PEER: u32 = 30;

/// Counts attempts to sign in to one site.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<Key, Attempts>>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Account(String),
    Peer(IpAddr),
}

#[derive(Clone, Copy, Debug)]
struct Attempts {
    count: u32,
    last: DateTime<Utc>,
}

/// Too soon: how long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooSoon {
    /// Until the next attempt is looked at.
    pub wait: TimeDelta,
}

impl TooSoon {
    /// The wait in whole seconds, at least one.
    pub fn seconds(self) -> i64 {
        (self.wait.num_milliseconds() + 999) / 1000
    }
}

impl Throttle {
    /// Counts an attempt at the account `login` from `peer`, unless it comes too soon. What comes too
    /// soon makes the wait no longer.
    pub fn admit(
        &self,
        login: &str,
        peer: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<(), TooSoon> {
        let keys = keys(login, peer);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = keys
            .iter()
            .filter_map(|key| kept.get(key).map(|attempts| attempts.wait(key, now)))
            .max()
            .unwrap_or_default();
        if wait > TimeDelta::zero() {
            return Err(TooSoon { wait });
        }
        make_room(&mut kept, now);
        for key in keys {
            let attempts = kept.entry(key).or_insert(Attempts {
                count: 0,
                last: now,
            });
            if now - attempts.last > MEMORY {
                attempts.count = 0;
            }
            attempts.count = attempts.count.saturating_add(1);
            attempts.last = now;
        }
        Ok(())
    }

    /// The password was right: the account starts afresh, and the attempt is taken back from the peer.
    /// Not the others: who has one account of his own gets no free guesses at the rest.
    pub fn succeeded(&self, login: &str, peer: Option<IpAddr>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys(login, peer) {
            match (&key, kept.get_mut(&key)) {
                (Key::Peer(_), Some(attempts)) => {
                    attempts.count = attempts.count.saturating_sub(1);
                }
                _ => {
                    kept.remove(&key);
                }
            }
        }
    }
}

impl Attempts {
    fn wait(&self, key: &Key, now: DateTime<Utc>) -> TimeDelta {
        let free = match key {
            Key::Account(_) => FREE_FOR_ACCOUNT,
            Key::Peer(_) => FREE_FOR_PEER,
        };
        // After a clock was set back, no time has passed; the attempt does not lie ahead.
        let passed = (now - self.last).max(TimeDelta::zero());
        if passed > MEMORY {
            return TimeDelta::zero();
        }
        delay(self.count, free) - passed
    }
}

/// The wait after `count` attempts of which `free` cost nothing: 1, 2, 4 … seconds.
fn delay(count: u32, free: u32) -> TimeDelta {
    match count.checked_sub(free) {
        None => TimeDelta::zero(),
        Some(over) => TimeDelta::seconds(1 << over.min(6)).min(LONGEST_WAIT),
    }
}

fn keys(login: &str, peer: Option<IpAddr>) -> Vec<Key> {
    let peer = peer.map(|peer| Key::Peer(one_client(peer)));
    std::iter::once(Key::Account(login.chars().take(64).collect()))
        .chain(peer)
        .collect()
}

/// The oldest go first: what is being attacked now is not forgotten.
fn make_room(kept: &mut HashMap<Key, Attempts>, now: DateTime<Utc>) {
    if kept.len() < MOST_KEPT {
        return;
    }
    kept.retain(|_, attempts| now - attempts.last <= MEMORY);
    if kept.len() < MOST_KEPT {
        return;
    }
    let mut times: Vec<_> = kept.values().map(|attempts| attempts.last).collect();
    times.sort_unstable();
    let middle = times[times.len() / 2];
    kept.retain(|_, attempts| attempts.last > middle);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    fn peer(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([203, 0, 113, last]))
    }

    #[test]
    fn waits_grow_to_a_minute_and_no_further() {
        let waits: Vec<i64> = (0..=15)
            .map(|count| delay(count, 5).num_seconds())
            .collect();
        assert_eq!(
            waits,
            [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]
        );
        assert_eq!(delay(u32::MAX, 5), LONGEST_WAIT);
    }

    #[test]
    fn an_account_under_attack_answers_more_slowly_from_wherever_it_is_tried() {
        let throttle = Throttle::default();
        for attempt in 0..5 {
            assert_eq!(throttle.admit("y.thu", peer(attempt), at(0)), Ok(()));
        }
        let told = throttle
            .admit("y.thu", peer(99), at(0))
            .expect_err("too soon");
        assert_eq!(told.seconds(), 1);
        assert_eq!(
            throttle.admit("a.mau", peer(99), at(0)),
            Ok(()),
            "others go on"
        );
        assert_eq!(throttle.admit("y.thu", peer(99), at(1)), Ok(()));
        assert!(
            throttle.admit("y.thu", peer(99), at(2)).is_err(),
            "two seconds now"
        );
        throttle.succeeded("y.thu", peer(99));
        assert_eq!(throttle.admit("y.thu", peer(99), at(2)), Ok(()));
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out() {
        let day = 86_400;
        let throttle = Throttle::default();
        assert_eq!(throttle.admit("y.thu", peer(7), at(day)), Ok(()));
        assert_eq!(throttle.admit("y.thu", peer(7), at(0)), Ok(()));
    }

    #[test]
    fn an_address_that_tries_many_accounts_is_slowed_as_one() {
        let throttle = Throttle::default();
        for attempt in 0..30 {
            let login = format!("user{attempt}");
            assert_eq!(throttle.admit(&login, peer(7), at(0)), Ok(()));
        }
        assert!(throttle.admit("one.more", peer(7), at(0)).is_err());
        assert_eq!(throttle.admit("one.more", peer(8), at(0)), Ok(()));
        assert_eq!(
            throttle.admit("one.more", peer(7), at(3_601)),
            Ok(()),
            "an hour later"
        );
    }

    #[test]
    fn a_flood_of_names_takes_no_more_than_its_room() {
        let throttle = Throttle::default();
        for attempt in 0..3 * i64::try_from(MOST_KEPT).expect("fits") {
            let login = format!("user{attempt}");
            assert_eq!(throttle.admit(&login, None, at(attempt / 100)), Ok(()));
        }
        assert!(throttle.0.lock().expect("not poisoned").len() <= MOST_KEPT);
    }
}
